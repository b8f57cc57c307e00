//! Owns the search for parameters: a seeded random search over the knobs, then steps around the best.
//!
//! Every set that is tried is one that the program accepts in every case, and is tried in all of them, so that fitting to a single
//! crash shows: `verdict` tells what each scenario would get from a set that was chosen without it. `knobs` owns what may be
//! turned, `objective` what is wanted. The same seed gives the same answer on any number of threads.

pub mod knobs;
pub mod objective;
pub mod text;
pub mod verdict;

use anyhow::{ensure, Result};
use rand_chacha::{rand_core::SeedableRng, ChaCha8Rng};
use rayon::prelude::*;

use self::{
    knobs::Setting,
    objective::{Case, Score},
};
use crate::{engines, inputs::Inputs, listing, streams};

/// Draws after which a search that found no acceptable set gives up.
const DRAWS_MAX: u32 = 10_000;
/// First step around the best, as a factor.
const FIRST_STEP: f64 = 1.3;

/// How far to search.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Decides the random search.
    pub seed: u64,
    /// Sets that are drawn.
    pub samples: usize,
    /// Rounds of steps around the best: in each, every knob is turned up and down.
    pub rounds: usize,
}

/// A set of parameters and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What the knobs stood at.
    pub setting: Setting,
    /// Scores, in the order of the cases.
    pub scores: Vec<Score>,
}

impl Trial {
    /// The objective over the cases that are counted: their mean.
    pub fn objective(&self, cases: &[Case], is_counted: impl Fn(&Case) -> bool) -> f64 {
        let counted = cases.iter().zip(&self.scores).filter(|(case, _)| is_counted(case));
        let (count, sum) = counted.fold((0_u32, 0.0), |(count, sum), (_, score)| (count + 1, sum + score.total()));
        sum / f64::from(count.max(1))
    }
}

/// All that was tried; the first trial is the starting set.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Trials in the order in which they were made.
    pub trials: Vec<Trial>,
    /// How many of them, from the first, were chosen without looking at any result: the starting set and the random ones.
    pub blind: usize,
}

impl Search {
    /// The best of all trials in the cases that are counted; the earliest of equals.
    ///
    /// # Panics
    /// Never: a search begins with the starting set.
    pub fn best(&self, cases: &[Case], is_counted: impl Fn(&Case) -> bool + Copy) -> &Trial {
        best_of(&self.trials, cases, is_counted)
    }

    /// The same among the trials that were chosen without looking at any result.
    ///
    /// # Panics
    /// Never: a search begins with the starting set.
    pub fn best_blind(&self, cases: &[Case], is_counted: impl Fn(&Case) -> bool + Copy) -> &Trial {
        best_of(&self.trials[..self.blind], cases, is_counted)
    }
}

fn best_of<'a>(trials: &'a [Trial], cases: &[Case], is_counted: impl Fn(&Case) -> bool + Copy) -> &'a Trial {
    let order =
        |one: &&Trial, other: &&Trial| one.objective(cases, is_counted).total_cmp(&other.objective(cases, is_counted));
    trials.iter().min_by(order).expect("there is a starting set")
}

/// Prepares cases: runs the baselines, whose best extra fall is the measure of ours. Errors: the starting set is refused.
pub fn prepare(inputs: Vec<Inputs>) -> Result<Vec<Case>> {
    ensure!(!inputs.is_empty(), "there is nothing to tune on");
    inputs.iter().try_for_each(|inputs| listing::validate(&inputs.params))?;
    inputs.into_par_iter().map(|inputs| Case::new(inputs, engines::baselines())).collect()
}

/// Searches, on the threads of the pool it is called in. `finished` is called after every trial.
pub fn search(cases: &[Case], effort: &Effort, finished: impl Fn() + Sync) -> Result<Search> {
    let mut random = ChaCha8Rng::seed_from_u64(effort.seed);
    random.set_stream(streams::SEARCH);
    let mut settings = vec![Setting::of(&cases[0].inputs.params)];
    for _ in 0..effort.samples {
        settings.push(acceptable(&mut random, cases)?);
    }
    let blind = settings.len();
    let mut search = Search { trials: tried(settings, cases, &finished)?, blind };
    let mut step = FIRST_STEP;
    for _ in 0..effort.rounds {
        let best = search.best(cases, |_| true).clone();
        let is_new = |setting: &Setting| search.trials.iter().all(|trial| trial.setting != *setting);
        let around = best.setting.around(step).into_iter().filter(|setting| is_new(setting));
        let around = around.filter(|setting| is_accepted(setting, cases)).collect();
        let before = best.objective(cases, |_| true);
        search.trials.extend(tried(around, cases, &finished)?);
        if search.best(cases, |_| true).objective(cases, |_| true) >= before {
            step = step.sqrt();
        }
    }
    Ok(search)
}

/// Most trials that a search makes, for a bar.
pub fn trials_max(effort: &Effort) -> usize {
    1 + effort.samples + effort.rounds * 2 * knobs::ALL.len()
}

fn tried(settings: Vec<Setting>, cases: &[Case], finished: &(impl Fn() + Sync)) -> Result<Vec<Trial>> {
    let one = |setting: Setting| {
        let scores = cases.par_iter().map(|case| case.score(&setting)).collect::<Result<Vec<Score>>>()?;
        finished();
        Ok(Trial { setting, scores })
    };
    settings.into_par_iter().map(one).collect()
}

/// Draws until a set is one that the program accepts in every case.
fn acceptable(random: &mut ChaCha8Rng, cases: &[Case]) -> Result<Setting> {
    let mut drawn = (0..DRAWS_MAX).map(|_| Setting::draw(random));
    let accepted = drawn.find(|setting| is_accepted(setting, cases));
    accepted.ok_or_else(|| anyhow::anyhow!("of {DRAWS_MAX} sets of parameters that were drawn none is acceptable"))
}

fn is_accepted(setting: &Setting, cases: &[Case]) -> bool {
    cases.iter().all(|case| setting.applied_to(&case.inputs.params).validate().is_ok())
}

#[cfg(test)]
mod tests;
