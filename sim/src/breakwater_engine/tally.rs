//! Owns the sums of a run: what each layer took, who was touched, how often keepers had to wait, and for what.

use std::collections::{BTreeMap, BTreeSet};

use breakwater_risk::{
    absorb::AbsorbReport, bankruptcy::BankruptcyReport, derisk::DeriskReport, liquidation::SliceReport,
    unwind::UnwindReport,
};

use super::{books::Who, peaks::Peaks};
use crate::outcome::{ControlFigures, Layers, Took};

/// Sums since the beginning. Money in atoms, which are micro-dollars.
#[derive(Default)]
pub struct Tally {
    /// Traders of whom at least one lot was closed because their own account failed.
    pub touched: BTreeSet<usize>,
    /// Willing traders that took something.
    pub netting: BTreeSet<usize>,
    /// Traders of whom a part was closed before they failed.
    pub derisked: BTreeSet<usize>,
    /// Slices taken.
    pub slices: u64,
    /// Predictive closes.
    pub derisk_closes: u64,
    /// Slices and predictive closes that willing accounts took.
    pub nettings: u64,
    /// Legs, or parts of them, that the backstop took.
    pub absorptions: u64,
    /// Sales of the backstop.
    pub unwindings: u64,
    /// Accounts deleveraged.
    pub deleveragings: u64,
    /// Accounts resolved.
    pub bankruptcies: u64,
    /// Everything that was done: those above, settlements and flags.
    pub acts: u64,
    /// Account-samples in which a failing account could not be acted on, by the reason.
    pub waits: BTreeMap<String, u64>,
    /// Closes against the other side and their notional, by what stood in the way of milder layers.
    pub deleveraged_for: BTreeMap<String, (u64, u64)>,
    /// Samples in which the backstop held something that a keeper would have bought, and could not sell it, by the reason.
    pub unsold: BTreeMap<String, u64>,
    /// Longest time in which nothing could be done for a failing account, seconds.
    pub longest_wait_s: u64,
    waiting: BTreeMap<usize, (u64, u64)>,
    liquidated_atoms: u64,
    derisked_atoms: u64,
    netted_atoms: u64,
    derisk_cost_atoms: u64,
    absorbed_atoms: u64,
    unwound_atoms: u64,
    deleveraged_atoms: u64,
    keeper_atoms: u64,
    backstop_atoms: u64,
    insurance_atoms: u64,
    discount_atoms: u64,
    bankruptcy: BankruptcyReport,
}

impl Tally {
    /// Counts a slice that `taker` took.
    pub fn slice(&mut self, trader: usize, taker: Who, report: &SliceReport) {
        self.touched.insert(trader);
        self.acts += 1;
        self.slices += 1;
        if !self.is_netted(taker, report.notional_atoms) {
            self.liquidated_atoms += report.notional_atoms;
        }
        self.keeper_atoms += report.keeper_atoms;
        self.insurance_atoms += report.insurance_atoms;
    }

    /// Counts a predictive close that `taker` took.
    pub fn derisk(&mut self, trader: usize, taker: Who, report: &DeriskReport) {
        self.derisked.insert(trader);
        self.acts += 1;
        self.derisk_closes += 1;
        self.derisk_cost_atoms += report.cost_atoms;
        if !self.is_netted(taker, report.notional_atoms) {
            self.derisked_atoms += report.notional_atoms;
        }
    }

    /// Whether it was a willing account that took this; counts it then.
    fn is_netted(&mut self, taker: Who, notional_atoms: u64) -> bool {
        let Who::Trader(willing) = taker else { return false };
        self.netting.insert(willing);
        self.nettings += 1;
        self.netted_atoms += notional_atoms;
        true
    }

    /// Counts what the backstop took.
    pub fn absorption(&mut self, trader: usize, report: &AbsorbReport) {
        self.touched.insert(trader);
        self.acts += 1;
        self.absorptions += 1;
        self.absorbed_atoms += report.notional_atoms;
        self.backstop_atoms += report.charge_atoms - report.insurance_atoms + report.claim_atoms;
        self.insurance_atoms += report.insurance_atoms;
    }

    /// Counts a sale of the backstop.
    pub fn unwinding(&mut self, report: &UnwindReport) {
        self.acts += 1;
        self.unwindings += 1;
        self.unwound_atoms += report.notional_atoms;
        self.discount_atoms += report.discount_atoms;
    }

    /// Counts a deleveraging.
    pub fn deleveraging(&mut self, who: Who, reason: String, notional_atoms: u64) {
        self.acts += 1;
        self.deleveragings += 1;
        self.close_against_other_side(who, reason, notional_atoms);
    }

    /// Counts a resolution, which closes `notional_atoms` against the other side.
    pub fn resolution(&mut self, who: Who, report: &BankruptcyReport, notional_atoms: u64) {
        self.acts += 1;
        self.bankruptcies += 1;
        if notional_atoms > 0 {
            self.close_against_other_side(who, "was bankrupt".to_owned(), notional_atoms);
        }
        let sum = &mut self.bankruptcy;
        sum.deficit_atoms += report.deficit_atoms;
        sum.reserve_atoms += report.reserve_atoms;
        sum.insurance_atoms += report.insurance_atoms;
        sum.claims_atoms += report.claims_atoms;
        sum.unfunded_atoms += report.unfunded_atoms;
    }

    fn close_against_other_side(&mut self, who: Who, reason: String, notional_atoms: u64) {
        if let Who::Trader(trader) = who {
            self.touched.insert(trader);
        }
        self.deleveraged_atoms += notional_atoms;
        let (count, atoms) = self.deleveraged_for.entry(reason).or_default();
        *count += 1;
        *atoms += notional_atoms;
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

    /// Deficits that insurance did not cover, shared by rule.
    pub fn shared_atoms(&self) -> u64 {
        self.bankruptcy.unfunded_atoms
    }

    /// What each layer took.
    pub fn took(&self) -> Took {
        Took {
            liquidated_usd: usd(self.liquidated_atoms),
            derisked_usd: usd(self.derisked_atoms),
            netted_usd: usd(self.netted_atoms),
            absorbed_usd: usd(self.absorbed_atoms),
            unwound_usd: usd(self.unwound_atoms),
            deleveraged_usd: usd(self.deleveraged_atoms),
            insured_usd: usd(self.bankruptcy.insurance_atoms),
            shared_usd: usd(self.shared_atoms()),
        }
    }

    /// What the controls did, and the extremes of what they saw.
    pub fn controls(&self, peaks: &Peaks) -> ControlFigures {
        ControlFigures {
            nettings: self.nettings,
            derisk_closes: self.derisk_closes,
            derisk_cost: usd(self.derisk_cost_atoms),
            cascade_ratio_max: f64::from(peaks.cascade_ratio_ppm) / 1e6,
            macro_stress_max: peaks.macro_stress_ppm as f64 / 1e6,
            breaker_open_s: peaks.breaker_open_s,
        }
    }

    /// Where the money went.
    pub fn layers(&self) -> Layers {
        Layers {
            to_keepers: usd(self.keeper_atoms),
            to_backstop: usd(self.backstop_atoms),
            to_insurance: usd(self.insurance_atoms),
            discounts: usd(self.discount_atoms),
            deficits: usd(self.bankruptcy.deficit_atoms),
            insurance_paid: usd(self.bankruptcy.insurance_atoms),
            reserve_paid: usd(self.bankruptcy.reserve_atoms),
            claims_cut: usd(self.bankruptcy.claims_atoms),
            lots_charged: 0.0,
            unfunded: usd(self.bankruptcy.unfunded_atoms.saturating_sub(self.bankruptcy.claims_atoms)),
        }
    }
}

/// Atoms as USD.
pub fn usd(atoms: u64) -> f64 {
    atoms as f64 / 1e6
}
