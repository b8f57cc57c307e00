//! Owns the figures of a comparison: what is taken from a run, and how runs become a mean and a worst.

use serde_json::{json, Map, Value};

use super::{Comparison, Run};
use crate::{
    format::{basis_points, usd},
    outcome::Summary,
};

/// What a figure counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Basis points of the price.
    BasisPoints,
    /// USD, also shown as a share of the open interest.
    Usd,
    /// Accounts.
    Accounts,
}

/// Which end of a figure is the bad one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Worst {
    /// The lowest.
    Lowest,
    /// The highest.
    Highest,
}

/// A figure of a run.
pub struct Figure {
    /// Name in tables.
    pub label: &'static str,
    /// Name in JSON.
    pub key: &'static str,
    /// What it means, in a few words.
    pub meaning: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Its bad end.
    pub worst: Worst,
    value: fn(&Summary) -> f64,
}

impl Figure {
    /// The figure of a run.
    pub fn of(&self, run: &Run) -> f64 {
        (self.value)(&run.summary)
    }

    /// Mean over runs; 0 without any.
    pub fn mean<'a>(&self, runs: impl Iterator<Item = &'a Run>) -> f64 {
        mean(runs.map(|run| self.of(run)))
    }

    /// As a share of the open interest, mean over runs; 0 without any.
    pub fn mean_share<'a>(&self, runs: impl Iterator<Item = &'a Run>) -> f64 {
        mean(runs.map(|run| self.of(run) / run.open_interest_usd))
    }

    /// The worst run's figure and open interest.
    fn worst<'a>(&self, runs: impl Iterator<Item = &'a Run>) -> Option<&'a Run> {
        let order = |one: &&Run, other: &&Run| self.of(one).total_cmp(&self.of(other));
        match self.worst {
            Worst::Lowest => runs.min_by(order),
            Worst::Highest => runs.max_by(order),
        }
    }

    /// The mean as tables show it.
    pub fn mean_text<'a>(&self, runs: impl Iterator<Item = &'a Run> + Clone) -> String {
        self.text(self.mean(runs.clone()), self.mean_share(runs))
    }

    /// The worst as tables show it.
    pub fn worst_text<'a>(&self, runs: impl Iterator<Item = &'a Run>) -> String {
        let worst = self.worst(runs);
        worst.map_or_else(String::new, |run| self.text(self.of(run), self.of(run) / run.open_interest_usd))
    }

    fn text(&self, value: f64, share: f64) -> String {
        match self.unit {
            Unit::BasisPoints => basis_points(value),
            Unit::Usd => format!("{} {}", usd(value), percent(share)),
            Unit::Accounts => format!("{value:.1}").trim_end_matches(".0").to_owned(),
        }
    }
}

const fn figure(
    (label, key, meaning): (&'static str, &'static str, &'static str),
    unit: Unit,
    worst: Worst,
    value: fn(&Summary) -> f64,
) -> Figure {
    Figure { label, key, meaning, unit, worst, value }
}

/// Lowest simulated against lowest recorded price.
pub const EXTRA_FALL: Figure = figure(
    ("extra fall", "extra_fall_bp", "lowest simulated price against lowest recorded"),
    Unit::BasisPoints,
    Worst::Lowest,
    |run| run.extra_fall_bp,
);
/// Closed against the other side.
pub const DELEVERAGED: Figure =
    figure(("deleveraged", "deleveraged", "closed against the other side"), Unit::Usd, Worst::Highest, |run| {
        run.deleveraged
    });
/// Losses that nobody paid.
pub const BAD_DEBT: Figure = figure(
    (
        "bad debt",
        "bad_debt",
        "losses that neither the loser nor insurance paid; without those that a deleveraging price puts on the other side \
         (hyperliquid and dydx deleverage at the bankruptcy price)",
    ),
    Unit::Usd,
    Worst::Highest,
    |run| run.bad_debt,
);
/// Touched only since closes moved the price.
pub const CASCADED: Figure = figure(
    ("cascaded", "accounts_cascaded", "of the touched: would have survived on the recorded path alone"),
    Unit::Accounts,
    Worst::Highest,
    |run| run.accounts_cascaded as f64,
);

/// The figures that are always shown, in order.
const ALL: &[Figure] = &[
    EXTRA_FALL,
    figure(
        (
            "into market",
            "into_market",
            "closed into the market by force, at risk as well as failed, and sold there by a backstop",
        ),
        Unit::Usd,
        Worst::Highest,
        |run| run.liquidated + run.derisked + run.unwound,
    ),
    figure(
        ("netted", "netted", "taken by willing accounts of the other side, moved no price; peers have no such takers"),
        Unit::Usd,
        Worst::Lowest,
        |run| run.netted,
    ),
    figure(("absorbed", "absorbed", "taken over by a backstop"), Unit::Usd, Worst::Highest, |run| run.absorbed),
    DELEVERAGED,
    BAD_DEBT,
    figure(
        ("touched", "accounts_touched", "failed accounts, closed by force, in part or whole"),
        Unit::Accounts,
        Worst::Highest,
        |run| run.accounts_touched as f64,
    ),
    CASCADED,
    figure(
        (
            "backstop",
            "backstop_result",
            "its worth minus its capital, unsold positions at the last price, without the cost of selling",
        ),
        Unit::Usd,
        Worst::Lowest,
        |run| run.backstop_result,
    ),
    figure(
        ("backstop holds", "backstop_holds", "what it has not sold at the last price"),
        Unit::Usd,
        Worst::Highest,
        |run| run.backstop_holds,
    ),
    figure(("insurance", "insurance_change", "change of the fund"), Unit::Usd, Worst::Lowest, |run| {
        run.insurance_change
    }),
];

/// Shown after [`ALL`] where somebody came.
const ENTRANTS: &[Figure] = &[
    figure(
        ("entrants opened", "entrants_opened", "those who came and got a position"),
        Unit::Accounts,
        Worst::Lowest,
        |run| run.entrants_opened as f64,
    ),
    figure(
        ("entrants' notional", "entrants_notional", "what they opened, at the marks of those moments"),
        Unit::Usd,
        Worst::Lowest,
        |run| run.entrants_notional,
    ),
];

/// A share in percent: `4.1 %`.
pub fn percent(share: f64) -> String {
    let text = format!("{:.2} %", share.abs() * 100.0);
    if share < 0.0 && text != "0.00 %" {
        format!("−{text}")
    } else {
        text
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / f64::from(count.max(1))
}

impl Comparison {
    /// Whether anybody came in the course of a run.
    pub fn has_entrants(&self) -> bool {
        self.runs.iter().any(|run| run.summary.entrants_came > 0)
    }

    /// The figures that are shown, in order.
    pub fn figures(&self) -> impl Iterator<Item = &'static Figure> + Clone {
        ALL.iter().chain(if self.has_entrants() { ENTRANTS } else { &[] })
    }

    /// Whether a variant has all figures in common with another in every case.
    pub fn is_same(&self, variant: usize, other: usize) -> bool {
        let pairs = || self.of_variant(variant).zip(self.of_variant(other));
        pairs().all(|(run, other)| self.figures().all(|figure| figure.of(run) == figure.of(other)))
    }

    /// Runs of a variant.
    pub fn of_variant(&self, variant: usize) -> impl Iterator<Item = &Run> + Clone {
        self.runs.iter().filter(move |run| run.variant == variant)
    }

    /// Runs of a variant on a scenario.
    pub fn of_scenario(&self, scenario: usize, variant: usize) -> impl Iterator<Item = &Run> + Clone {
        self.of_variant(variant).filter(move |run| run.scenario == scenario)
    }

    /// Whether the books of a variant were exact in every run.
    pub fn is_exact(&self, variant: usize) -> bool {
        self.of_variant(variant).all(|run| run.summary.identities_exact)
    }

    /// Means and worst figures of every variant, and those of every scenario, for `--json`. Money in USD.
    pub fn json(&self) -> Value {
        let variants = self.variants.iter().enumerate().map(|(place, name)| {
            let worst = self.figures().filter_map(|figure| {
                Some((figure.key.to_owned(), json!(figure.of(figure.worst(self.of_variant(place))?))))
            });
            json!({
                "variant": name,
                "identities_exact": self.is_exact(place),
                "mean": self.means(self.of_variant(place)),
                "worst": worst.collect::<Map<_, _>>(),
            })
        });
        let scenarios = self.scenarios.iter().enumerate().map(|(scenario, name)| {
            let variants = self.variants.iter().enumerate();
            let variants = variants.map(
                |(variant, name)| json!({ "variant": name, "mean": self.means(self.of_scenario(scenario, variant)) }),
            );
            json!({ "scenario": name, "variants": variants.collect::<Vec<_>>() })
        });
        json!({
            "variants": variants.collect::<Vec<_>>(),
            "scenarios": scenarios.collect::<Vec<_>>(),
            "by_rate_alone": self.by_rate,
        })
    }

    fn means<'a>(&self, runs: impl Iterator<Item = &'a Run> + Clone) -> Map<String, Value> {
        self.figures().map(|figure| (figure.key.to_owned(), json!(figure.mean(runs.clone())))).collect()
    }
}
