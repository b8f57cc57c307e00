//! Owns the baseline "generation 1" (GMX, Jupiter, Adrena; PEERS): an account below maintenance margin is closed in full,
//! at once, at market.
//!
//! Assumed: the sample's price decides who is closed; closes follow one another in the order of the accounts, each filled
//! half-way between the price before and after its own impact; a pool is every trader's counterparty. Insurance receives
//! the fees and pays bad debt as far as it reaches. There is no backstop, whatever the settings give to Breakwater's. The books are integers, and their identities are checked.

mod ledger;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use anyhow::Result;
use ledger::Ledger;

use crate::{
    impact::Impact,
    inputs::Inputs,
    lots::LotScale,
    outcome::{Outcome, Row, Series, Summary, Tier, Took},
    path::Sample,
    population::Account,
    progress::Progress,
};

/// What reports call it.
pub const NAME: &str = "generation 1";

/// The rates of the baseline, parts per million of notional.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// An account whose equity is below this is closed.
    pub maintenance_ppm: i128,
    /// What a closed account pays, as far as it has equity left.
    pub fee_ppm: i128,
}

impl Default for Rates {
    /// 6.25 %, which is what Breakwater applies in calm, and 0.3 %.
    fn default() -> Self {
        Self { maintenance_ppm: 62_500, fee_ppm: 3_000 }
    }
}

/// Runs the baseline at its usual rates.
pub fn run(inputs: &Inputs, progress: &mut Progress) -> Result<Outcome> {
    Ok(run_at(Rates::default(), inputs, progress))
}

/// Runs the baseline.
pub fn run_at(rates: Rates, inputs: &Inputs, progress: &mut Progress) -> Outcome {
    let mut exchange = Exchange::new(rates, inputs);
    let mut series = Series::default();
    let mut identities_exact = true;
    for sample in &inputs.samples {
        let row = exchange.step(sample);
        identities_exact &= exchange.ledger.is_exact();
        progress.observe(&row);
        series.rows.push(row);
    }
    let insurance_before = i128::from(inputs.insurance_micro_usd);
    let summary = Summary {
        engine: NAME.to_owned(),
        extra_fall_bp: series.extra_fall_bp(),
        liquidated: usd(exchange.liquidated_micro_usd),
        absorbed: 0.0,
        unwound: 0.0,
        deleveraged: 0.0,
        accounts_touched: exchange.touched.len() as u64,
        accounts_cascaded: 0,
        bad_debt: usd(exchange.ledger.bad_debt),
        backstop_result: 0.0,
        backstop_holds: 0.0,
        insurance_change: usd(exchange.ledger.insurance - insurance_before),
        identities_exact,
        layers: exchange.ledger.layers(),
    };
    Outcome { summary, series, touched: exchange.touched, notes: Vec::new() }
}

struct Exchange {
    rates: Rates,
    scale: LotScale,
    entry_price: u64,
    open: Vec<(usize, Account)>,
    touched: BTreeSet<usize>,
    impact: Impact,
    ledger: Ledger,
    liquidated_micro_usd: i128,
}

impl Exchange {
    fn new(rates: Rates, inputs: &Inputs) -> Self {
        let collateral = |account: &Account| i128::from(account.collateral_micro_usd);
        Self {
            rates,
            scale: inputs.scale,
            entry_price: inputs.entry_price(),
            open: inputs.accounts.iter().copied().enumerate().collect(),
            touched: BTreeSet::new(),
            impact: Impact::new(inputs.depth.clone()),
            ledger: Ledger::new(inputs.accounts.iter().map(collateral).sum(), i128::from(inputs.insurance_micro_usd)),
            liquidated_micro_usd: 0,
        }
    }

    /// Finds who is below maintenance at the sample's price, and closes them.
    fn step(&mut self, sample: &Sample) -> Row {
        let price = self.impact.price(sample.price, sample.time_s);
        let mut accounts_per_tier = [0; 5];
        let mut due = Vec::new();
        let accounts = std::mem::take(&mut self.open);
        for (place, account) in accounts {
            let tier = self.tier(&account, price);
            accounts_per_tier[tier as usize] += 1;
            match tier {
                Tier::Healthy => self.open.push((place, account)),
                _ => due.push((place, account)),
            }
        }
        for (place, account) in &due {
            self.close(account, sample);
            self.touched.insert(*place);
        }
        Row {
            time_s: sample.time_s,
            recorded_usd: sample.price as f64 / 1e6,
            simulated_usd: self.impact.price(sample.price, sample.time_s) as f64 / 1e6,
            depth_usd: None,
            flow_used_usd: self.impact.recent_flow_usd(sample.time_s).abs(),
            flow_allowed_usd: None,
            accounts_per_tier,
            insurance_usd: usd(self.ledger.insurance),
            backstop: None,
            took: Took {
                liquidated_usd: usd(self.liquidated_micro_usd),
                insured_usd: usd(self.ledger.insured),
                shared_usd: usd(self.ledger.bad_debt),
                ..Took::default()
            },
        }
    }

    fn tier(&self, account: &Account, price: u64) -> Tier {
        let equity = i128::from(account.collateral_micro_usd) + self.profit(account, price);
        let notional = self.scale.worth(account.lots, i128::from(price));
        Tier::of(equity, part_ceil(notional, self.rates.maintenance_ppm))
    }

    fn close(&mut self, account: &Account, sample: &Sample) {
        let before = self.impact.price(sample.price, sample.time_s);
        let notional = usd(self.scale.worth(account.lots, i128::from(before)));
        let sold = -account.side.sign() as f64 * notional;
        self.impact.record(sample.time_s, sold);
        let after = self.impact.price(sample.price, sample.time_s);

        let fill = before.midpoint(after);
        let filled = self.scale.worth(account.lots, i128::from(fill));
        let profit = self.profit(account, fill);
        let fee = part_ceil(filled, self.rates.fee_ppm);
        let collateral = i128::from(account.collateral_micro_usd);
        self.ledger.settle(collateral, profit, fee);
        self.liquidated_micro_usd += filled;
    }

    /// Profit since entry, micro-dollars.
    fn profit(&self, account: &Account, price: u64) -> i128 {
        let rise = i128::from(price) - i128::from(self.entry_price);
        self.scale.worth(account.lots, account.side.sign() * rise)
    }
}

fn part_ceil(amount: i128, ppm: i128) -> i128 {
    (amount * ppm + 999_999) / 1_000_000
}

fn usd(micro_usd: i128) -> f64 {
    micro_usd as f64 / 1e6
}
