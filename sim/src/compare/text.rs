//! Owns the tables of a comparison as rows of cells, and as text for the terminal.

use super::{
    figures::{percent, BAD_DEBT, DELEVERAGED, EXTRA_FALL},
    Comparison, Variant,
};
use crate::controls::Control;

/// A table: its title, its head, and its rows; the first cell of a row names it.
pub struct Table {
    /// What it shows.
    pub title: String,
    /// Heads of the columns.
    pub head: Vec<String>,
    /// Rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Columns that line up, names to the left and figures to the right.
    pub fn text(&self) -> String {
        let lines = || std::iter::once(&self.head).chain(&self.rows);
        let width = |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut text = self.title.clone();
        for line in lines() {
            text.push('\n');
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                text += &match column {
                    0 => format!("{cell:<width$}"),
                    _ => format!("  {cell:>width$}"),
                };
            }
        }
        text
    }
}

/// Every figure of every variant, its mean over all runs and below it the worst run's.
pub fn overview(comparison: &Comparison) -> Table {
    let head = ["variant", ""].into_iter().chain(comparison.figures().map(|figure| figure.label)).chain(["books"]);
    let mut rows = Vec::new();
    for (place, name) in comparison.variants.iter().enumerate() {
        let runs = comparison.of_variant(place);
        let exact = if comparison.is_exact(place) { "exact" } else { "NOT EXACT" };
        let means = comparison.figures().map(|figure| figure.mean_text(runs.clone()));
        let worst = comparison.figures().map(|figure| figure.worst_text(runs.clone()));
        rows.push([name.clone(), "mean".to_owned()].into_iter().chain(means).chain([exact.to_owned()]).collect());
        rows.push([String::new(), "worst".to_owned()].into_iter().chain(worst).chain([String::new()]).collect());
    }
    let title =
        format!("All scenarios and seeds, {} runs a variant; shares of the open interest", runs_each(comparison));
    Table { title, head: head.map(str::to_owned).collect(), rows }
}

fn runs_each(comparison: &Comparison) -> usize {
    comparison.runs.len() / comparison.variants.len().max(1)
}

/// For every scenario the figures of the frontier, each a mean over its seeds.
pub fn by_scenario(comparison: &Comparison) -> Vec<Table> {
    let shown = [EXTRA_FALL, DELEVERAGED, BAD_DEBT];
    let table = |(scenario, title): (usize, &String)| {
        let variants = comparison.variants.iter().enumerate();
        let rows = variants.map(|(variant, name)| {
            let means = shown.iter().map(|figure| figure.mean_text(comparison.of_scenario(scenario, variant)));
            std::iter::once(name.clone()).chain(means).collect()
        });
        let head = std::iter::once("variant").chain(shown.iter().map(|figure| figure.label)).map(str::to_owned);
        Table { title: title.clone(), head: head.collect(), rows: rows.collect() }
    };
    comparison.scenarios.iter().enumerate().map(table).collect()
}

/// What the maintenance rate alone would have done, scenario by scenario; none without Breakwater.
pub fn by_rate(comparison: &Comparison) -> Option<Table> {
    if comparison.by_rate.is_empty() {
        return None;
    }
    let head = ["scenario", "accounts", "touched", "touched undamped", "by the rate alone", "of all accounts"];
    let rows = comparison.scenarios.iter().enumerate().map(|(scenario, name)| {
        let cases = || comparison.by_rate.iter().filter(|case| case.scenario == scenario);
        let sum = |figure: fn(&super::ByRate) -> u64| cases().map(figure).sum::<u64>();
        let of_case = |seed| comparison.runs.iter().find(|run| run.scenario == scenario && run.seed == seed);
        let accounts: usize = cases().filter_map(|case| of_case(case.seed)).map(|run| run.accounts).sum();
        let by_rate_alone = sum(|case| case.by_rate_alone);
        vec![
            name.clone(),
            accounts.to_string(),
            sum(|case| case.touched).to_string(),
            sum(|case| case.touched_undamped).to_string(),
            by_rate_alone.to_string(),
            percent(by_rate_alone as f64 / accounts.max(1) as f64),
        ]
    });
    Some(Table {
        title: "Accounts that an undamped maintenance rate would have liquidated by itself (recorded path alone, all seeds)"
            .to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    })
}

/// The controls without which nothing came out differently; none if there is no such control.
fn unchanged(comparison: &Comparison, variants: &[Variant]) -> Option<String> {
    let whole = super::whole_breakwater(variants)?;
    let numbered = variants.iter().enumerate();
    let controls = numbered.filter_map(|(place, variant)| Some((place, variant.without?)));
    let idle: Vec<_> =
        controls.filter(|(place, _)| comparison.is_same(*place, whole)).map(|(_, control)| control).collect();
    let names = |of: &dyn Fn(&Control) -> bool| {
        idle.iter().filter(|control| of(control)).map(|control| control.name).collect::<Vec<_>>().join(", ")
    };
    let on_new_risk = names(&|control| control.acts_on_new_risk && !comparison.has_entrants());
    let hint = match on_new_risk.as_str() {
        "" => String::new(),
        names => format!(" (of new risk alone: {names}; try --entrants)"),
    };
    (!idle.is_empty()).then(|| format!("changed nothing here: {}{hint}", names(&|_| true)))
}

/// Which controls changed nothing, and what the columns and the variants mean, a line each.
pub fn legend(comparison: &Comparison, variants: &[Variant]) -> Vec<String> {
    let figures = comparison.figures().map(|figure| format!("{}: {}", figure.label, figure.meaning));
    let meanings = variants.iter().filter_map(|variant| Some(format!("{}: {}", variant.name, variant.meaning()?)));
    let unchanged = unchanged(comparison, variants);
    unchanged.into_iter().chain(figures).chain(meanings).collect()
}
