//! `breakwater verify`: reads everything and checks every identity of money.

use crate::context::Context;
use crate::output::{facts, Output};
use anyhow::{Context as _, Result};
use breakwater::MarginAccount;
use breakwater_sdk::rpc::read::{self, ExchangeView};
use serde_json::json;
use std::time::Duration;

/// Attempts to read a moment in which nobody changed anything.
const ATTEMPTS: usize = 20;
/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(200);

/// Runs it. A broken identity is a failure.
pub async fn run(context: &Context) -> Result<Output> {
    let (view, accounts) = quiet_moment(context).await?;
    let units = context.units(&view);
    let broken = view.broken_identity(&accounts);
    let capital: i128 = accounts.iter().map(|(_, account)| i128::from(account.state.capital_atoms)).sum();
    let sum = |of: fn(&breakwater_risk::MarketState) -> u64| -> i128 {
        view.snapshot.iter().map(|market| i128::from(of(&market.market.state))).sum()
    };
    let accrued = sum(|state| state.fees_accrued_atoms) + sum(|state| state.insurance_accrued_atoms);
    let (pools, unfunded) = (sum(|state| state.pool_atoms), sum(|state| state.unfunded_atoms));
    let reserves = sum(|state| state.reserve_atoms);
    let residues = view.snapshot.iter().map(|market| breakwater_risk::open_profit::residue(&market.market.state));
    let residues: Vec<i128> =
        residues.collect::<Result<_, _>>().map_err(|error| anyhow::anyhow!("a residue has no value: {error:?}"))?;
    let text = facts([
        ("slot", view.now.slot.to_string()),
        ("vault", units.quote(view.vault_atoms)),
        ("booked", units.quote(view.exchange.booked_atoms)),
        ("  capital of accounts", units.quote(capital)),
        ("  pools of markets", units.quote(pools)),
        ("  reserves of markets", units.quote(reserves)),
        ("  accrued in markets", units.quote(accrued)),
        ("  insurance fund", units.quote(view.insurance.state.balance_atoms)),
        ("  fees", units.quote(view.exchange.fees_atoms)),
        ("claims", units.quote(sum(|state| state.claims_total_atoms))),
        ("debts", units.quote(sum(|state| state.debts_total_atoms))),
        ("unfunded", units.quote(unfunded)),
        ("residues of markets", units.quote(residues.iter().sum::<i128>())),
        ("margin accounts", accounts.len().to_string()),
    ]);
    let verdict = broken.clone().map_or("all identities hold".to_owned(), |identity| format!("BROKEN: {identity}"));
    let json = json!({
        "holds": broken.is_none(), "broken": broken, "slot": view.now.slot, "vault_atoms": view.vault_atoms,
        "booked_atoms": view.exchange.booked_atoms, "capital_atoms": capital, "pools_atoms": pools,
        "reserves_atoms": reserves,
        "accrued_atoms": accrued, "insurance_atoms": view.insurance.state.balance_atoms,
        "fees_atoms": view.exchange.fees_atoms, "unfunded_atoms": unfunded, "residues_atoms": residues, "accounts": accounts.len(),
    });
    Ok(Output { is_failure: broken.is_some(), ..Output::new(text.to_string(), json).with(verdict) })
}

/// The exchange with all accounts, as of one moment: read between two readings of the exchange that are alike. Every change
/// of money shows in a market, in the booked cash or in the insurance fund.
async fn quiet_moment(context: &Context) -> Result<(ExchangeView, Vec<(anchor_lang::prelude::Pubkey, MarginAccount)>)> {
    let mut before = context.view().await?;
    for _ in 0..ATTEMPTS {
        let accounts = read::margin_accounts(&context.client, context.exchange).await?;
        let after = context.view().await?;
        if is_alike(&before, &after) {
            return Ok((after, accounts));
        }
        before = after;
        tokio::time::sleep(PAUSE).await;
    }
    None.context("the exchange changed during every attempt to read it; try again in a calmer moment")
}

fn is_alike(before: &ExchangeView, after: &ExchangeView) -> bool {
    let markets = |view: &ExchangeView| -> Vec<_> { view.snapshot.iter().map(|it| it.market.sequence).collect() };
    before.exchange.sequence == after.exchange.sequence
        && before.exchange.booked_atoms == after.exchange.booked_atoms
        && before.insurance.state == after.insurance.state
        && markets(before) == markets(after)
}
