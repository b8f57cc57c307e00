//! `deleverage`: closes a critical leg against the other side, pro rata, in constant cost (spec D-1 … D-4).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{Deleveraged, EventHeader};
use crate::markets::{settle_before_act, MarketsRead};
use crate::oracle;
use crate::state::{read_backstop, MarginAccount, Market};
use anchor_lang::prelude::*;
use breakwater_risk::acted::Acted;
use breakwater_risk::deleveraging;

/// Accounts of `deleverage`. Remaining: the markets of the account's and the backstop's other legs; those of the failing account writable
/// where it has to be settled first (T-9), all else read-only. Anyone may call
/// it.
#[derive(Accounts)]
pub struct Deleverage<'info> {
    /// Market of the leg.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// The critical account.
    #[account(mut, constraint = account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub account: AccountLoader<'info, MarginAccount>,
    /// CHECK: the backstop of the market's exchange, by its address; it need not exist.
    #[account(address = market.load()?.backstop @ BreakwaterError::WrongBackstop)]
    pub backstop: UncheckedAccount<'info>,
    /// CHECK: its margin account, by its address.
    #[account(address = market.load()?.backstop_account @ BreakwaterError::WrongBackstop)]
    pub backstop_account: UncheckedAccount<'info>,
}

/// Closes the whole leg, unless the backstop can take it.
pub fn handle_deleverage<'info>(ctx: Context<'info, Deleverage<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let mut market = ctx.accounts.market.load_mut()?;
    let mut account = ctx.accounts.account.load_mut()?;
    settle_before_act((ctx.accounts.account.key(), &mut account), &mut market, ctx.remaining_accounts, &now)?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    // The backstop's own legs are deleveraged like anybody's.
    let backstop = match account.state.is_backstop() {
        true => None,
        false => read_backstop(&ctx.accounts.backstop, &ctx.accounts.backstop_account)?,
    };
    let taker = backstop.as_ref().map(|(backstop, account)| (&backstop.state, &account.state));
    let report = deleveraging::deleverage(&mut acted, &mut account.state, taker).or_refuse()?;
    emit!(Deleveraged {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        account: ctx.accounts.account.key(),
        closed_lots: report.closed_lots,
        price: report.price,
        mark: market.state.mark,
    });
    Ok(())
}
