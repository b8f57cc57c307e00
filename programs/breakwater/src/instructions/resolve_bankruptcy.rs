//! `resolve_bankruptcy`: an account that owes more than it has is resolved by rule (spec B-1 … B-8).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{BankruptcyResolved, DebtWrittenOff, EventHeader, MarketSwept};
use crate::markets::MarketsWrite;
use crate::oracle;
use crate::state::{Exchange, InsuranceFund, MarginAccount};
use anchor_lang::prelude::*;
use breakwater_risk::bankruptcy::{self, BankruptcyReport, Funds, MarketWriteOff};
use breakwater_risk::insurance::SweepReport;
use breakwater_risk::units::MAX_LEGS;
use breakwater_risk::Now;

/// Accounts of `resolve_bankruptcy`. Remaining: the markets of all legs, writable; the first is the one whose fresh
/// price proves the bankruptcy. Anyone may call it.
#[derive(Accounts)]
pub struct ResolveBankruptcy<'info> {
    /// Exchange: the account's markets are swept first.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Insurance fund of the exchange.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub insurance: AccountLoader<'info, InsuranceFund>,
    /// The bankrupt account.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Sweeps the markets, settles, closes, lets own claims pay, then writes off what is left.
pub fn handle_resolve_bankruptcy<'info>(ctx: Context<'info, ResolveBankruptcy<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let mut account = ctx.accounts.account.load_mut()?;
    let mut markets = MarketsWrite::load(ctx.remaining_accounts, &account.exchange)?;
    let acted_index = markets.first_index()?;
    let market_indices: [u16; MAX_LEGS] = std::array::from_fn(|slot| account.state.legs[slot].market_index);
    let mut report = empty_report();
    {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut insurance = ctx.accounts.insurance.load_mut()?;
        let mut funds = Funds { insurance: &mut insurance.state, exchange_fees_atoms: &mut exchange.fees_atoms };
        bankruptcy::resolve_into(&mut account.state, &mut markets, acted_index, &mut funds, &now, &mut report)
            .or_refuse()?;
    }
    let key = ctx.accounts.account.key();
    emit_market_events(&report, &market_indices, (&mut markets, ctx.remaining_accounts), key, &now)?;
    emit!(BankruptcyResolved {
        header: EventHeader::of_account(&mut account, &now),
        account: key,
        deficit_atoms: report.deficit_atoms,
        reserve_atoms: report.reserve_atoms,
        insurance_atoms: report.insurance_atoms,
        unfunded_atoms: report.unfunded_atoms,
        claims_atoms: report.claims_atoms,
        own_claims_atoms: report.own_claims_atoms,
    });
    Ok(())
}

/// A report on the heap, made in a frame of its own.
#[inline(never)]
fn empty_report() -> Box<BankruptcyReport> {
    Box::default()
}

/// What was swept and written off in each market of the account.
fn emit_market_events(
    report: &BankruptcyReport,
    market_indices: &[u16; MAX_LEGS],
    (markets, infos): (&mut MarketsWrite<'_>, &[AccountInfo<'_>]),
    account: Pubkey,
    now: &Now,
) -> Result<()> {
    let done = report.by_leg.iter().zip(market_indices).filter(|(done, _)| **done != MarketWriteOff::default());
    for (done, index) in done {
        let (market, key) = markets.named(*index, infos)?;
        if done.swept != SweepReport::default() {
            emit!(MarketSwept::of(EventHeader::of_market(market, key, now), &done.swept));
        }
        if done.debt_atoms > 0 {
            emit!(DebtWrittenOff {
                header: EventHeader::of_market(market, key, now),
                account,
                debt_atoms: done.debt_atoms,
                reserve_atoms: done.reserve_atoms,
                insurance_atoms: done.insurance_atoms,
                claims_atoms: done.claims_atoms,
                unfunded_atoms: market.state.unfunded_atoms,
            });
        }
    }
    Ok(())
}
