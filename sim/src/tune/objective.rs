//! Owns what a search wants: the cost of a run, lower being better.
//!
//! `extra fall / extra fall of the best baseline + deleveraged/open interest + 20 · bad debt/open interest + cascaded/accounts`.
//! The best baseline of a case is the one that deepens its fall the least; it counts as 20 basis points at least, so that a
//! scenario that some baseline leaves alone cannot outweigh the others. A rise counts as no fall.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Serialize;

use super::knobs::Setting;
use crate::{
    breakwater_engine::BackendKind,
    engines::{self, Engine},
    inputs::Inputs,
    outcome::Summary,
    progress::Progress,
};

/// The formula, for people.
pub const FORMULA: &str =
    "mean over all cases of: extra fall / extra fall of the best baseline + deleveraged / open interest \
                           + 20 x bad debt / open interest + cascaded / accounts; a rise counts as no fall, and the best baseline's \
     fall as 20 bp at least";
/// Weight of bad debt.
const BAD_DEBT_WEIGHT: f64 = 20.0;
/// Least that the best baseline's extra fall counts as, basis points.
const LEAST_FALL_BP: f64 = 20.0;

/// A scenario with one seed's accounts in it.
pub struct Case {
    /// The replay; its parameters are the starting set.
    pub inputs: Inputs,
    /// Extra fall of the baseline that deepens the fall the least, basis points, at least 20.
    pub baseline_fall_bp: f64,
}

/// The parts of a case's cost, and the figures behind them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Extra fall, basis points, positive for a deeper fall.
    pub extra_fall_bp: f64,
    /// Extra fall over that of the best baseline, ≥ 0.
    pub fall: f64,
    /// Deleveraged over open interest.
    pub deleveraged: f64,
    /// Bad debt over open interest.
    pub bad_debt: f64,
    /// Cascaded accounts over all.
    pub cascaded: f64,
}

impl Score {
    fn of(summary: &Summary, case: &Case) -> Self {
        let open_interest_usd = case.inputs.settings.open_interest_usd;
        let accounts = case.inputs.accounts.len() + case.inputs.entrants.len();
        let extra_fall_bp = -summary.extra_fall_bp;
        Self {
            extra_fall_bp,
            fall: extra_fall_bp.max(0.0) / case.baseline_fall_bp,
            deleveraged: summary.deleveraged / open_interest_usd,
            bad_debt: summary.bad_debt / open_interest_usd,
            cascaded: summary.accounts_cascaded as f64 / accounts as f64,
        }
    }

    /// The cost.
    pub fn total(&self) -> f64 {
        self.fall + self.deleveraged + BAD_DEBT_WEIGHT * self.bad_debt + self.cascaded
    }
}

impl Case {
    /// Runs the baselines.
    pub fn new(inputs: Inputs, baselines: &[Engine]) -> Result<Self> {
        let falls = baselines.iter().map(|engine| {
            let outcome = (engine.run)(&inputs, &mut Progress::silent());
            Ok(-outcome.with_context(|| format!("{} on {}", engine.name, inputs.scenario.name))?.summary.extra_fall_bp)
        });
        let falls = falls.collect::<Result<Vec<f64>>>()?;
        let baseline_fall_bp = falls.into_iter().fold(f64::MAX, f64::min).max(LEAST_FALL_BP);
        Ok(Self { inputs, baseline_fall_bp })
    }

    /// Name of its scenario.
    pub fn scenario(&self) -> &str {
        &self.inputs.scenario.name
    }

    /// Runs Breakwater's model with these parameters.
    pub fn score(&self, setting: &Setting) -> Result<Score> {
        let mut inputs = self.inputs.clone();
        inputs.params = setting.applied_to(&self.inputs.params);
        let engine = engines::breakwater(BackendKind::Model);
        let outcome = engine.measure(&inputs, &mut Progress::silent());
        Ok(Score::of(&outcome.with_context(|| format!("on {}", self.scenario()))?.summary, self))
    }
}

/// Names of the scenarios of cases, each once, in order.
pub fn scenarios(cases: &[Case]) -> Vec<&str> {
    let mut known = BTreeSet::new();
    cases.iter().map(Case::scenario).filter(|name| known.insert(*name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_the_stated_sum() {
        let score = Score { extra_fall_bp: 30.0, fall: 0.25, deleveraged: 0.5, bad_debt: 0.01, cascaded: 0.125 };
        assert_eq!(score.total(), 0.25 + 0.5 + 20.0 * 0.01 + 0.125);
    }
}
