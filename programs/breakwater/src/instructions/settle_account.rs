//! `settle_account`: touches all legs of any account, by anyone (spec S-1).

use crate::errors::OrRefuse;
use crate::events::AccountSettled;
use crate::markets::MarketsWrite;
use crate::oracle;
use crate::state::MarginAccount;
use anchor_lang::prelude::*;
use breakwater_risk::settle;

/// Accounts of `settle_account`. Remaining: the markets of all legs, writable.
#[derive(Accounts)]
pub struct SettleAccount<'info> {
    /// Account to settle.
    #[account(mut)]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Realises every leg at the last mark and spreads capital over the debts pro rata.
pub fn handle_settle_account<'info>(ctx: Context<'info, SettleAccount<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let mut account = ctx.accounts.account.load_mut()?;
    let mut markets = MarketsWrite::load(ctx.remaining_accounts, &account.exchange)?;
    let report = settle::settle_account(&mut account.state, &mut markets, &now).or_refuse()?;
    emit!(AccountSettled::of(ctx.accounts.account.key(), &mut account, &report, &now)?);
    Ok(())
}
