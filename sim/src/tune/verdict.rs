//! Owns what a search found: the best set against the starting set, the sets that nothing beats in everything, and what each
//! scenario would get from a set that was chosen without it.
//!
//! The last is the cheap variant of leaving one out: the best of the starting set and the random ones, by the scenarios of other
//! times alone. The steps around the best are left out of it, since the scenario that is left out had a say in them; scenarios
//! that overlap in time with it are as well, since they are the same crash.

use serde_json::{json, Value};

use super::{
    objective::{scenarios, Case, FORMULA},
    Effort, Search, Trial,
};

/// Means over all cases of what the frontier shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// Extra fall, basis points, positive for a deeper fall.
    pub extra_fall_bp: f64,
    /// Deleveraged over open interest.
    pub deleveraged: f64,
    /// Bad debt over open interest.
    pub bad_debt: f64,
    /// Cascaded accounts over all.
    pub cascaded: f64,
}

impl Means {
    /// Of a trial.
    pub fn of(trial: &Trial) -> Self {
        let count = trial.scores.len().max(1) as f64;
        let mean = |figure: fn(&super::objective::Score) -> f64| trial.scores.iter().map(figure).sum::<f64>() / count;
        Self {
            extra_fall_bp: mean(|score| score.extra_fall_bp),
            deleveraged: mean(|score| score.deleveraged),
            bad_debt: mean(|score| score.bad_debt),
            cascaded: mean(|score| score.cascaded),
        }
    }

    /// Whether it is at least as good in fall, deleveraging and bad debt, and better in one of them.
    fn beats(&self, other: &Self) -> bool {
        let figures = |means: &Self| [means.extra_fall_bp, means.deleveraged, means.bad_debt];
        let pairs = || figures(self).into_iter().zip(figures(other));
        pairs().all(|(ours, theirs)| ours <= theirs) && pairs().any(|(ours, theirs)| ours < theirs)
    }
}

/// What a scenario gets from a set that was chosen without it.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut<'a> {
    /// The scenario.
    pub scenario: &'a str,
    /// Its cost with the starting set.
    pub start: f64,
    /// Its cost with the set that is best in all scenarios.
    pub best: f64,
    /// Its cost with the set, of the starting one and the random ones, that is best in all scenarios of other times; none if there
    /// are none.
    pub chosen_without: Option<f64>,
}

/// The trials that no other beats in extra fall, deleveraging and bad debt at once, by extra fall; of equals the earliest.
pub fn pareto(search: &Search) -> Vec<&Trial> {
    let means: Vec<Means> = search.trials.iter().map(Means::of).collect();
    let is_kept = |place: &usize| {
        let ours = &means[*place];
        let is_equal_before = means[..*place].iter().any(|other| {
            (other.extra_fall_bp, other.deleveraged, other.bad_debt)
                == (ours.extra_fall_bp, ours.deleveraged, ours.bad_debt)
        });
        !is_equal_before && !means.iter().any(|other| other.beats(ours))
    };
    let mut kept: Vec<usize> = (0..means.len()).filter(is_kept).collect();
    kept.sort_by(|one, other| means[*one].extra_fall_bp.total_cmp(&means[*other].extra_fall_bp));
    kept.into_iter().map(|place| &search.trials[place]).collect()
}

/// Leaves out one scenario after the other.
pub fn left_out<'a>(search: &Search, cases: &'a [Case]) -> Vec<LeftOut<'a>> {
    let (start, best) = (&search.trials[0], search.best(cases, |_| true));
    let names = scenarios(cases);
    let of = |scenario: &'a str| {
        let is_it = |case: &Case| case.scenario() == scenario;
        let is_apart = |case: &Case| {
            let mut its = cases.iter().filter(|other| is_it(other));
            its.all(|other| !other.inputs.scenario.overlaps(&case.inputs.scenario))
        };
        let chosen = cases.iter().any(is_apart).then(|| search.best_blind(cases, is_apart));
        LeftOut {
            scenario,
            start: start.objective(cases, is_it),
            best: best.objective(cases, is_it),
            chosen_without: chosen.map(|trial| trial.objective(cases, is_it)),
        }
    };
    names.iter().map(|scenario| of(scenario)).collect()
}

/// All of it, for `--json`.
pub fn json(search: &Search, cases: &[Case], effort: &Effort) -> Value {
    let trial = |trial: &Trial| {
        let means = Means::of(trial);
        json!({
            "params": trial.setting.json(),
            "objective": trial.objective(cases, |_| true),
            "extra_fall_bp": means.extra_fall_bp,
            "deleveraged_share": means.deleveraged,
            "bad_debt_share": means.bad_debt,
            "cascaded_share": means.cascaded,
        })
    };
    let left_out = left_out(search, cases).into_iter().map(|left| {
        json!({
            "scenario": left.scenario, "start": left.start, "best": left.best, "chosen_without": left.chosen_without
        })
    });
    json!({
        "objective": FORMULA,
        "seed": effort.seed,
        "trials": search.trials.len(),
        "start": trial(&search.trials[0]),
        "best": trial(search.best(cases, |_| true)),
        "pareto": pareto(search).into_iter().map(trial).collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}
