//! Owns the sums of a run: what each layer took, who was touched, how often keepers had to wait, and for what.

use std::collections::{BTreeMap, BTreeSet};

use breakwater_risk::{bankruptcy::BankruptcyReport, liquidation::SliceReport};

use crate::outcome::Layers;

/// Sums since the beginning. Money in atoms, which are micro-dollars.
#[derive(Default)]
pub struct Tally {
    /// Traders of whom at least one lot was closed because their own account failed.
    pub touched: BTreeSet<usize>,
    /// Notional closed into the market.
    pub liquidated_atoms: u64,
    /// Notional closed against the other side.
    pub deleveraged_atoms: u64,
    /// Deficits that insurance did not cover, shared by rule.
    pub shared_atoms: u64,
    /// Slices taken.
    pub slices: u64,
    /// Accounts deleveraged.
    pub deleveragings: u64,
    /// Accounts resolved.
    pub bankruptcies: u64,
    /// Transactions sent, refreshes not counted.
    pub transactions: u64,
    /// Transactions that did not do what their preview said.
    pub mismatches: u64,
    /// Account-samples in which a failing account could not be acted on, by the reason.
    pub waits: BTreeMap<String, u64>,
    /// Longest time in which nothing could be done for a failing account, seconds.
    pub longest_wait_s: u64,
    waiting: BTreeMap<usize, (u64, u64)>,
    keeper_atoms: u64,
    insurance_atoms: u64,
    bankruptcy: BankruptcyReport,
}

impl Tally {
    /// Counts a slice.
    pub fn slice(&mut self, trader: usize, report: &SliceReport) {
        self.touched.insert(trader);
        self.slices += 1;
        self.liquidated_atoms += report.notional_atoms;
        self.keeper_atoms += report.keeper_atoms;
        self.insurance_atoms += report.insurance_atoms;
    }

    /// Counts a deleveraging.
    pub fn deleveraging(&mut self, trader: usize, notional_atoms: u64) {
        self.touched.insert(trader);
        self.deleveragings += 1;
        self.deleveraged_atoms += notional_atoms;
    }

    /// Counts a resolution, which closes `notional_atoms` against the other side.
    pub fn resolution(&mut self, trader: usize, report: &BankruptcyReport, notional_atoms: u64) {
        if notional_atoms > 0 {
            self.touched.insert(trader);
        }
        self.bankruptcies += 1;
        self.deleveraged_atoms += notional_atoms;
        self.shared_atoms += report.claims_atoms + report.lots_atoms + report.unfunded_atoms;
        let sum = &mut self.bankruptcy;
        sum.deficit_atoms += report.deficit_atoms;
        sum.insurance_atoms += report.insurance_atoms;
        sum.claims_atoms += report.claims_atoms;
        sum.lots_atoms += report.lots_atoms;
        sum.unfunded_atoms += report.unfunded_atoms;
    }

    /// Counts a failing account that nothing could be done for at this moment.
    pub fn wait(&mut self, trader: usize, reason: String, time_s: u64) {
        *self.waits.entry(reason).or_default() += 1;
        let (since_s, until_s) = self.waiting.entry(trader).or_insert((time_s, time_s));
        *until_s = time_s;
        self.longest_wait_s = self.longest_wait_s.max(time_s - *since_s);
    }

    /// Forgets the waiting of those who did not wait at this moment.
    pub fn end_waits(&mut self, time_s: u64) {
        self.waiting.retain(|_, (_, until_s)| *until_s == time_s);
    }

    /// What each layer took and gave.
    pub fn layers(&self) -> Layers {
        Layers {
            to_keepers: usd(self.keeper_atoms),
            to_insurance: usd(self.insurance_atoms),
            deficits: usd(self.bankruptcy.deficit_atoms),
            insurance_paid: usd(self.bankruptcy.insurance_atoms),
            claims_cut: usd(self.bankruptcy.claims_atoms),
            lots_charged: usd(self.bankruptcy.lots_atoms),
            unfunded: usd(self.bankruptcy.unfunded_atoms),
        }
    }
}

/// Atoms as USD.
pub fn usd(atoms: u64) -> f64 {
    atoms as f64 / 1e6
}
