//! Owns the tables that a search ends with.

use super::{
    knobs,
    objective::Case,
    verdict::{left_out, pareto, Means},
    Search, Trial,
};
use crate::{
    compare::{figures::percent, text::Table},
    format::basis_points,
};

/// The starting set, the best, and the sets that nothing beats.
pub fn sets(search: &Search, cases: &[Case]) -> Table {
    let row = |name: &str, trial: &Trial| {
        let means = Means::of(trial);
        let figures = trial.setting.figures().iter().map(u32::to_string);
        let results = [
            format!("{:.4}", trial.objective(cases, |_| true)),
            basis_points(-means.extra_fall_bp),
            percent(means.deleveraged),
            percent(means.bad_debt),
            percent(means.cascaded),
        ];
        std::iter::once(name.to_owned()).chain(results).chain(figures).collect()
    };
    let mut rows: Vec<Vec<String>> = vec![row("start", &search.trials[0]), row("best", search.best(cases, |_| true))];
    rows.extend(pareto(search).into_iter().map(|trial| row("pareto", trial)));
    let head = ["set", "objective", "extra fall", "deleveraged", "bad debt", "cascaded"];
    let head = head.into_iter().chain(knobs::ALL.iter().map(|knob| knob.name)).map(str::to_owned);
    Table { title: format!("Sets of parameters, of {} tried", search.trials.len()), head: head.collect(), rows }
}

/// What every scenario costs with sets that were chosen with it and without it.
pub fn generalisation(search: &Search, cases: &[Case]) -> Table {
    let cost = |cost: f64| format!("{cost:.4}");
    let row = |left: super::verdict::LeftOut| {
        let chosen_without = left.chosen_without.map_or_else(|| "no other".to_owned(), cost);
        vec![left.scenario.to_owned(), cost(left.start), cost(left.best), chosen_without]
    };
    Table {
        title: "Cost of each scenario, and with the start or random set that is best in the scenarios of other times"
            .to_owned(),
        head: ["scenario", "start", "best", "chosen without it"].map(str::to_owned).to_vec(),
        rows: left_out(search, cases).into_iter().map(row).collect(),
    }
}
