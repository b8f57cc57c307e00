//! `pay_debt`: an account's claim in one market pays its debt in another, pool to pool, by anyone (spec S-3).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{DebtPaid, EventHeader};
use crate::markets::MarketPair;
use crate::oracle;
use crate::state::{MarginAccount, Market};
use anchor_lang::prelude::*;
use breakwater_risk::settle;

/// Accounts of `pay_debt`.
#[derive(Accounts)]
pub struct PayDebt<'info> {
    /// Account.
    #[account(mut)]
    pub account: AccountLoader<'info, MarginAccount>,
    /// Market of the claim.
    #[account(mut, constraint = claim_market.load()?.exchange == account.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub claim_market: AccountLoader<'info, Market>,
    /// Market of the debt.
    #[account(mut, constraint = debt_market.load()?.exchange == account.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub debt_market: AccountLoader<'info, Market>,
}

/// Touches both legs, then pays as much as the claim's pool can spare.
pub fn handle_pay_debt(ctx: Context<PayDebt>) -> Result<()> {
    require_keys_neq!(ctx.accounts.claim_market.key(), ctx.accounts.debt_market.key(), BreakwaterError::SameMarket);
    let now = oracle::now()?;
    let mut account = ctx.accounts.account.load_mut()?;
    let mut claim_market = ctx.accounts.claim_market.load_mut()?;
    let mut debt_market = ctx.accounts.debt_market.load_mut()?;
    let (claim_index, debt_index) = (claim_market.index, debt_market.index);
    let mut markets = MarketPair::new(&mut claim_market, &mut debt_market);
    let paid_atoms = settle::pay_debt(&mut account.state, claim_index, debt_index, &mut markets, &now).or_refuse()?;
    emit!(DebtPaid {
        header: EventHeader::of_market(&mut debt_market, ctx.accounts.debt_market.key(), &now),
        account: ctx.accounts.account.key(),
        claim_market: ctx.accounts.claim_market.key(),
        paid_atoms,
    });
    Ok(())
}
