//! Owns the baselines: liquidation rules of peers (PEERS) on one shared exchange, so that only the rules differ.
//!
//! A rule says when an account is due, how much of it is closed now, for which fee, and who absorbs the rest. Everything
//! else is the same for all: accounts, price path, impact, insurance, maintenance rate, books. Hyperliquid (its vault) and
//! Synthetix (its pool) use the capital of the backstop; the rules of generation 1, dYdX and Drift have no use for it.
//! Entrants (`entering`) come after a price and before the engine acts on it.
//! Assumed: the price of a sample, with the impact of all forced flow before it, decides who is due; an engine acts once
//! after every sample, account by account; a vault sells only after the rule has acted.

mod books;
mod deleverage;
pub mod drift;
pub mod dydx;
mod entering;
mod exchange;
pub mod generation1;
pub mod hyperliquid;
mod position;
mod settling;
mod showing;
pub mod synthetix_window;
mod terms;
#[cfg(test)]
mod tests;
mod vault;

use anyhow::Result;

use self::entering::Entering;
pub use self::{exchange::Exchange, terms::Terms};
use crate::{
    inputs::Inputs,
    outcome::{ControlFigures, Outcome, Series, Summary},
    progress::Progress,
};

/// Maintenance margin of every baseline, ppm of notional: 6.25 %, which is what Breakwater applies in calm to small
/// positions. What it adds for size is ignored: baselines ask the same rate of every position.
pub const MAINTENANCE_PPM: i128 = 62_500;

/// A liquidation rule.
pub trait Rule {
    /// What reports call it.
    const NAME: &'static str;

    /// The rule at the beginning of a run.
    fn new(inputs: &Inputs) -> Self;

    /// What the exchange must know of the rule.
    fn terms(&self) -> Terms;

    /// Acts after a sample. `due`: places of the accounts below maintenance margin at its price, ascending.
    fn act(&mut self, exchange: &mut Exchange, due: &[usize]);
}

/// Runs a rule from the first sample to the last.
pub fn run<R: Rule>(inputs: &Inputs, progress: &mut Progress) -> Result<Outcome> {
    let mut rule = R::new(inputs);
    let mut exchange = Exchange::new(rule.terms(), inputs);
    let mut series = Series::default();
    let mut entering = Entering::new(&inputs.entrants);
    let mut identities_exact = true;
    for sample in &inputs.samples {
        let (due, accounts_per_tier) = exchange.begin(sample);
        entering.let_in(&mut exchange);
        rule.act(&mut exchange, &due);
        exchange.end();
        // What did not move is as exact as it was.
        identities_exact &= !exchange.take_moved() || exchange.is_exact();
        let row = exchange.row(accounts_per_tier);
        progress.observe(&row);
        series.rows.push(row);
    }
    let mut outcome = outcome(R::NAME, exchange, series, identities_exact, &entering);
    outcome.notes.extend(entering.note());
    Ok(outcome)
}

fn outcome(name: &str, exchange: Exchange, series: Series, identities_exact: bool, entering: &Entering) -> Outcome {
    let (took, layers, backstop) = (exchange.took(), exchange.layers(), exchange.backstop_row());
    let summary = Summary {
        engine: name.to_owned(),
        extra_fall_bp: series.extra_fall_bp(),
        liquidated: took.liquidated_usd,
        derisked: took.derisked_usd,
        netted: took.netted_usd,
        absorbed: took.absorbed_usd,
        unwound: took.unwound_usd,
        deleveraged: took.deleveraged_usd,
        accounts_touched: exchange.touched.len() as u64,
        accounts_cascaded: 0,
        bad_debt: took.shared_usd + usd(exchange.open_deficits()),
        backstop_result: backstop.map_or(0.0, |row| row.worth_usd - usd(exchange.backstop_capital())),
        backstop_holds: backstop.map_or(0.0, |row| row.holds_usd),
        insurance_change: layers.to_insurance - layers.insurance_paid,
        identities_exact,
        entrants_came: entering.came(),
        entrants_opened: entering.opened,
        entrants_notional: usd(entering.notional),
        layers,
        controls: ControlFigures::default(),
    };
    let notes = exchange.notes();
    Outcome { summary, series, touched: exchange.touched, notes }
}

/// `ppm` parts per million of an amount, rounded up.
fn part_ceil(amount: i128, ppm: i128) -> i128 {
    (amount * ppm + 999_999) / 1_000_000
}

fn usd(micro_usd: i128) -> f64 {
    micro_usd as f64 / 1e6
}
