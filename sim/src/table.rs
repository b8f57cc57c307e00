//! Owns the table of sums that ends a run, for the terminal and for the report.

use crate::{
    format::{basis_points, usd},
    outcome::Summary,
};

/// One figure of all engines.
pub struct Line {
    /// Name of the figure.
    pub label: &'static str,
    /// What it means, in a few words.
    pub meaning: &'static str,
    /// One value for each engine, in their order.
    pub values: Vec<String>,
}

/// The figures that are shown, in order.
pub fn lines(summaries: &[&Summary]) -> Vec<Line> {
    let line = |label, meaning, value: fn(&Summary) -> String| Line {
        label,
        meaning,
        values: summaries.iter().map(|summary| value(summary)).collect(),
    };
    let mut lines = vec![
        line("extra fall", "lowest simulated price against lowest recorded", |s| basis_points(s.extra_fall_bp)),
        line("liquidated", "closed into the market", |s| usd(s.liquidated)),
        line("derisked", "closed into the market before an account failed", |s| usd(s.derisked)),
        line("netted", "taken by willing accounts of the other side, moved no price; peers have no such takers", |s| {
            usd(s.netted)
        }),
        line("absorbed", "taken over by the backstop", |s| usd(s.absorbed)),
        line("unwound", "sold into the market by the backstop", |s| usd(s.unwound)),
        line("deleveraged", "closed against the other side", |s| usd(s.deleveraged)),
        line("accounts touched", "failed, closed by force, in part or whole", |s| s.accounts_touched.to_string()),
        line("of them cascade", "not touched if closes left the price alone", |s| s.accounts_cascaded.to_string()),
        line("bad debt", "that nobody paid; what a deleveraging price costs the other side is not in it", |s| {
            usd(s.bad_debt)
        }),
        line(
            "backstop",
            "its worth minus its capital, unsold positions at the last price, without the cost of selling",
            |s| usd(s.backstop_result),
        ),
        line("backstop holds", "notional at the last price", |s| usd(s.backstop_holds)),
        line("insurance", "change of the fund", |s| usd(s.insurance_change)),
        line("to keepers", "charges on closed positions", |s| usd(s.layers.to_keepers)),
        line("to backstop", "charges on positions it took over", |s| usd(s.layers.to_backstop)),
        line("discounts", "from the backstop to keepers who bought", |s| usd(s.layers.discounts)),
        line("to insurance", "charges on closed positions", |s| usd(s.layers.to_insurance)),
        line("deficits", "of bankrupt accounts", |s| usd(s.layers.deficits)),
        line("paid by insurance", "of the deficits", |s| usd(s.layers.insurance_paid)),
        line("cut from claims", "of the deficits: the other side's settled profit", |s| usd(s.layers.claims_cut)),
        line("charged to lots", "of the deficits: the other side's open positions", |s| usd(s.layers.lots_charged)),
        line("unfunded", "of the deficits: borne by nobody yet", |s| usd(s.layers.unfunded)),
        line("nettings", "slices and predictive closes that willing accounts took", |s| {
            s.controls.nettings.to_string()
        }),
        line("derisk closes", "parts of accounts at risk closed", |s| s.controls.derisk_closes.to_string()),
        line("derisk cost", "paid by accounts at risk: distance to the mark", |s| usd(s.controls.derisk_cost)),
        line("cascade ratio", "the highest, 1 = closes feed themselves", |s| {
            format!("{:.2}", s.controls.cascade_ratio_max)
        }),
        line("macro stress", "the highest factor on initial margin, 0 = no index", |s| {
            format!("{:.2}", s.controls.macro_stress_max)
        }),
        line("breaker open", "time without new risk", |s| format!("{} s", s.controls.breaker_open_s)),
        line("books exact", "every identity held, to the atom", |s| {
            if s.identities_exact { "yes" } else { "NO" }.to_owned()
        }),
    ];
    if summaries.iter().any(|summary| summary.entrants_came > 0) {
        lines.extend([
            line("entrants opened", "came and got a position", |s| {
                format!("{} of {}", s.entrants_opened, s.entrants_came)
            }),
            line("their notional", "at the marks of those moments", |s| usd(s.entrants_notional)),
        ]);
    }
    lines
}

/// The table as text, one line for each figure.
pub fn text(summaries: &[&Summary]) -> String {
    let mut text = format!("{:<18}", "");
    for summary in summaries {
        text += &format!("{:>16}", summary.engine);
    }
    for line in lines(summaries) {
        text += &format!("\n{:<18}", line.label);
        for value in &line.values {
            text += &format!("{value:>16}");
        }
        text += &format!("   {}", line.meaning);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{ControlFigures, Layers};

    fn summary() -> Summary {
        Summary {
            engine: "a".to_owned(),
            extra_fall_bp: -12.34,
            liquidated: 5e6,
            derisked: 0.0,
            netted: 0.0,
            absorbed: 0.0,
            unwound: 0.0,
            deleveraged: 0.0,
            accounts_touched: 3,
            accounts_cascaded: 1,
            bad_debt: 0.0,
            backstop_result: 0.0,
            backstop_holds: 0.0,
            insurance_change: -1.0,
            identities_exact: true,
            entrants_came: 0,
            entrants_opened: 0,
            entrants_notional: 0.0,
            layers: Layers::default(),
            controls: ControlFigures::default(),
        }
    }

    #[test]
    fn every_engine_has_its_column() {
        let summary = summary();
        let other = Summary { engine: "b".to_owned(), identities_exact: false, ..summary.clone() };
        let text = text(&[&summary, &other]);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["a", "b"]);
        assert_eq!(lines[1][..6], ["extra", "fall", "−12.3", "bp", "−12.3", "bp"]);
        assert_eq!(lines[lines.len() - 1][..4], ["books", "exact", "yes", "NO"]);
    }

    #[test]
    fn entrants_are_shown_where_somebody_came() {
        let nobody = summary();
        assert!(!text(&[&nobody]).contains("entrants"));
        let some = Summary { entrants_came: 3, entrants_opened: 2, entrants_notional: 5e6, ..summary() };
        assert!(text(&[&nobody, &some]).contains("2 of 3"));
    }
}
