//! Owns a comparison: variants of engines on scenarios and seeds, all of them against all, in parallel.
//!
//! A variant is an engine, or Breakwater with one control off; Breakwater runs as the pure model. Every variant gets the same
//! inputs of a case, and runs twice: with its own closes in the market, and in a market that nothing moves, which tells the
//! cascade. A run depends on its inputs alone, so neither threads nor their order matter. `figures` owns what is shown of a run,
//! `text` and `report::comparison` how.

pub mod figures;
pub mod text;

use std::collections::BTreeSet;

use anyhow::{ensure, Context, Result};
use rayon::prelude::*;
use serde::Serialize;

use crate::{
    breakwater_engine::{self, BackendKind},
    controls::{self, Control},
    engines::{self, Engine},
    inputs::Inputs,
    outcome::Summary,
    progress::Progress,
};

/// An engine as it is compared.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What tables and plots call it.
    pub name: String,
    engine: Engine,
    without: Option<&'static Control>,
}

impl Variant {
    /// An engine with all that it has.
    fn whole(engine: &Engine) -> Self {
        Self { name: engine.name.to_owned(), engine: engine.with(BackendKind::Model), without: None }
    }

    /// Breakwater without one control.
    fn without(control: &'static Control) -> Self {
        let engine = engines::breakwater(BackendKind::Model);
        Self { name: format!("without {}", control.name), engine, without: Some(control) }
    }

    /// What stands in the table's legend: what is missing.
    pub fn meaning(&self) -> Option<&'static str> {
        self.without.map(|control| control.without)
    }

    fn inputs(&self, case: &Inputs) -> Inputs {
        let mut inputs = case.clone();
        if let Some(control) = self.without {
            (control.switch_off)(&mut inputs);
        }
        inputs
    }
}

/// The engines in their order, and after Breakwater its variants without these controls.
pub fn variants(engines: &[Engine], without: &[&'static Control]) -> Result<Vec<Variant>> {
    let is_breakwater = |engine: &Engine| engine.name == breakwater_engine::NAME;
    ensure!(
        without.is_empty() || engines.iter().any(is_breakwater),
        "--without switches controls of breakwater off, which is not among the engines"
    );
    let mut variants = Vec::new();
    for engine in engines {
        variants.push(Variant::whole(engine));
        if is_breakwater(engine) {
            variants.extend(without.iter().map(|control| Variant::without(control)));
        }
    }
    Ok(variants)
}

/// What came of one variant in one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Place of the case's scenario in [`Comparison::scenarios`].
    pub scenario: usize,
    /// Seed of the case.
    pub seed: u64,
    /// Open interest of a side at the first price, USD.
    pub open_interest_usd: f64,
    /// Number of accounts, those of entrants included.
    pub accounts: usize,
    /// Place of the variant in [`Comparison::variants`].
    pub variant: usize,
    /// Its figures.
    pub summary: Summary,
}

/// What the maintenance rate alone would have done in one case, on the recorded path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ByRate {
    /// Place of the case's scenario in [`Comparison::scenarios`].
    pub scenario: usize,
    /// Seed of the case.
    pub seed: u64,
    /// Accounts that Breakwater touches.
    pub touched: u64,
    /// Accounts that it touches with an undamped maintenance rate.
    pub touched_undamped: u64,
    /// Of those: the ones that it does not touch with the damped rate, so that the rate by itself liquidated them.
    pub by_rate_alone: u64,
}

/// All runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Names of the variants, in order.
    pub variants: Vec<String>,
    /// Names of the scenarios, in order.
    pub scenarios: Vec<String>,
    /// Case by case, variant by variant.
    pub runs: Vec<Run>,
    /// One for each case, if Breakwater is compared.
    pub by_rate: Vec<ByRate>,
}

/// What has to be run.
#[derive(Clone, Copy)]
enum Job {
    Variant { case: usize, variant: usize },
    Undamped { case: usize },
}

/// What came of it; the accounts are those that the recorded path alone touches.
enum Done {
    Variant(Box<Run>, BTreeSet<usize>),
    Undamped(BTreeSet<usize>),
}

/// Number of jobs of a comparison, for a bar.
pub fn jobs(cases: &[Inputs], variants: &[Variant]) -> usize {
    all_jobs(cases, variants).len()
}

/// Runs every variant in every case, on the threads of the pool it is called in. `finished` is called after every job. Cases of
/// one scenario have its name in common.
pub fn run(cases: &[Inputs], variants: &[Variant], finished: impl Fn() + Sync) -> Result<Comparison> {
    let mut scenarios: Vec<String> = Vec::new();
    for case in cases {
        if !scenarios.contains(&case.scenario.name) {
            scenarios.push(case.scenario.name.clone());
        }
    }
    let done = all_jobs(cases, variants)
        .into_par_iter()
        .map(|job| {
            let done = carry_out(job, cases, variants, &scenarios);
            finished();
            done
        })
        .collect::<Result<Vec<Done>>>()?;
    Ok(gathered(done, variants, scenarios))
}

fn all_jobs(cases: &[Inputs], variants: &[Variant]) -> Vec<Job> {
    let has_whole = whole_breakwater(variants).is_some();
    let of_case = |case| {
        let runs = (0..variants.len()).map(move |variant| Job::Variant { case, variant });
        runs.chain(has_whole.then_some(Job::Undamped { case }))
    };
    (0..cases.len()).flat_map(of_case).collect()
}

fn whole_breakwater(variants: &[Variant]) -> Option<usize> {
    variants.iter().position(|variant| variant.name == breakwater_engine::NAME)
}

fn carry_out(job: Job, cases: &[Inputs], variants: &[Variant], scenarios: &[String]) -> Result<Done> {
    match job {
        Job::Variant { case, variant: place } => {
            let (case, variant) = (&cases[case], &variants[place]);
            let measured = variant.engine.measure_with_path_alone(&variant.inputs(case), &mut Progress::silent());
            let (outcome, alone) = measured.with_context(|| format!("{} on {}", variant.name, case.scenario.name))?;
            let run = Run {
                scenario: scenarios.iter().position(|name| *name == case.scenario.name).unwrap_or_default(),
                seed: case.settings.seed,
                open_interest_usd: case.settings.open_interest_usd,
                accounts: case.accounts.len() + case.entrants.len(),
                variant: place,
                summary: outcome.summary,
            };
            Ok(Done::Variant(Box::new(run), alone))
        }
        Job::Undamped { case } => {
            let undamped = Variant::without(controls::named("damping")?);
            Ok(Done::Undamped(undamped.engine.touched_by_path_alone(&undamped.inputs(&cases[case]))?))
        }
    }
}

/// Puts the results together; they come in the order of the jobs.
fn gathered(done: Vec<Done>, variants: &[Variant], scenarios: Vec<String>) -> Comparison {
    let names = variants.iter().map(|variant| variant.name.clone()).collect();
    let mut comparison = Comparison { variants: names, scenarios, runs: Vec::new(), by_rate: Vec::new() };
    let whole = whole_breakwater(variants);
    let mut damped = BTreeSet::new();
    for done in done {
        match done {
            Done::Variant(run, alone) => {
                if whole == Some(run.variant) {
                    damped = alone;
                }
                comparison.runs.push(*run);
            }
            Done::Undamped(undamped) => comparison.by_rate.extend(comparison.runs.last().map(|run| ByRate {
                scenario: run.scenario,
                seed: run.seed,
                touched: damped.len() as u64,
                touched_undamped: undamped.len() as u64,
                by_rate_alone: undamped.difference(&damped).count() as u64,
            })),
        }
    }
    comparison
}

#[cfg(test)]
mod tests;
