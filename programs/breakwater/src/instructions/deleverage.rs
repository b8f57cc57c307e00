//! `deleverage`: closes a critical leg against the other side, pro rata, in constant cost (spec D-1 … D-4).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{Deleveraged, EventHeader};
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{MarginAccount, Market};
use anchor_lang::prelude::*;
use breakwater_risk::acted::Acted;
use breakwater_risk::deleveraging;

/// Accounts of `deleverage`. Remaining: the markets of the account's other legs, read-only. Anyone may call it.
#[derive(Accounts)]
pub struct Deleverage<'info> {
    /// Market of the leg.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// The critical account.
    #[account(mut, constraint = account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Closes the whole leg.
pub fn handle_deleverage<'info>(ctx: Context<'info, Deleverage<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let mut market = ctx.accounts.market.load_mut()?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let mut account = ctx.accounts.account.load_mut()?;
    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    let report = deleveraging::deleverage(&mut acted, &mut account.state).or_refuse()?;
    emit!(Deleveraged {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        account: ctx.accounts.account.key(),
        closed_lots: report.closed_lots,
        price: report.price,
        mark: market.state.mark,
    });
    Ok(())
}
