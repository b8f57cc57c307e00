//! `sweep_market`: a market's accrued shares go where they belong, after repaying what is unfunded (spec I-2, I-6, B-6).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, MarketSwept};
use crate::oracle;
use crate::state::{Exchange, InsuranceFund, Market};
use anchor_lang::prelude::*;
use breakwater_risk::insurance;

/// Accounts of `sweep_market`. Anyone may call it.
#[derive(Accounts)]
pub struct SweepMarket<'info> {
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Insurance fund.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub insurance: AccountLoader<'info, InsuranceFund>,
    /// Market.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub market: AccountLoader<'info, Market>,
}

/// Insurance's share to the fund; fees, reserve and fund repay what is unfunded; the other fees to reserve and exchange.
pub fn handle_sweep_market(ctx: Context<SweepMarket>) -> Result<()> {
    let now = oracle::now()?;
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    let mut market = ctx.accounts.market.load_mut()?;
    let fund = &mut ctx.accounts.insurance.load_mut()?.state;
    let report = insurance::sweep(&mut market.state, fund, &mut exchange.fees_atoms, &now).or_refuse()?;
    emit!(MarketSwept::of(EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now), &report));
    Ok(())
}
