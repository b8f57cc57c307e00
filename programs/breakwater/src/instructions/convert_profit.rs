//! `convert_profit`: matured claims become capital at the ratio that the pool can pay (spec C-4).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, ProfitConverted};
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{MarginAccount, Market};
use anchor_lang::prelude::*;
use breakwater_risk::acted::Acted;
use breakwater_risk::claims;

/// Accounts of `convert_profit`. Remaining: the markets of the account's other legs, read-only.
#[derive(Accounts)]
pub struct ConvertProfit<'info> {
    /// Owner or delegate: the ratio is theirs to accept. Anyone for the backstop, which gives up nothing by it.
    pub operator: Signer<'info>,
    /// Market of the claim.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Account.
    #[account(
        mut, constraint = account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange,
        constraint = account.load()?.state.is_backstop() || account.load()?.is_operated_by(operator.key)
            @ BreakwaterError::NotOperator
    )]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Touches the leg and converts what has matured. The price must be fresh.
pub fn handle_convert_profit<'info>(ctx: Context<'info, ConvertProfit<'info>>, least_ratio_ppm: u32) -> Result<()> {
    let now = oracle::now()?;
    let mut market = ctx.accounts.market.load_mut()?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let mut account = ctx.accounts.account.load_mut()?;
    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    let report = claims::convert_profit(&mut acted, &mut account.state, least_ratio_ppm).or_refuse()?;
    emit!(ProfitConverted {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        account: ctx.accounts.account.key(),
        matured_atoms: report.matured_atoms,
        paid_atoms: report.paid_atoms,
        given_up_atoms: report.given_up_atoms,
    });
    Ok(())
}
