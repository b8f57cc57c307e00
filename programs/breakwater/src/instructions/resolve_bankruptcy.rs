//! `resolve_bankruptcy`: an account that owes more than it has is resolved by rule (spec B-1 … B-5).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{BankruptcyResolved, EventHeader};
use crate::markets::MarketsWrite;
use crate::oracle;
use crate::state::{InsuranceFund, MarginAccount};
use anchor_lang::prelude::*;
use breakwater_risk::bankruptcy;

/// Accounts of `resolve_bankruptcy`. Remaining: the markets of all legs, writable; the first is the one whose fresh
/// price proves the bankruptcy. Anyone may call it.
#[derive(Accounts)]
pub struct ResolveBankruptcy<'info> {
    /// Insurance fund of the exchange.
    #[account(mut, constraint = insurance.load()?.exchange == account.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub insurance: AccountLoader<'info, InsuranceFund>,
    /// The bankrupt account.
    #[account(mut)]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Settles, closes, lets own claims pay, then shares the deficit.
pub fn handle_resolve_bankruptcy<'info>(ctx: Context<'info, ResolveBankruptcy<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let mut account = ctx.accounts.account.load_mut()?;
    let mut markets = MarketsWrite::load(ctx.remaining_accounts, &account.exchange)?;
    let acted_index = markets.first_index()?;
    let fund = &mut ctx.accounts.insurance.load_mut()?.state;
    let report =
        bankruptcy::resolve_bankruptcy(&mut account.state, &mut markets, acted_index, fund, &now).or_refuse()?;
    emit!(BankruptcyResolved {
        header: EventHeader::of_account(&mut account, &now),
        account: ctx.accounts.account.key(),
        deficit_atoms: report.deficit_atoms,
        reserve_atoms: report.reserve_atoms,
        insurance_atoms: report.insurance_atoms,
        claims_atoms: report.claims_atoms,
        lots_atoms: report.lots_atoms,
        unfunded_atoms: report.unfunded_atoms,
    });
    Ok(())
}
