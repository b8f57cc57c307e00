//! Owns the report's tables of what each layer took, minute by minute; minutes in which nothing happened are left out.

use super::escaped;
use crate::{
    format::usd,
    inputs::Inputs,
    minutes::MINUTE_MS,
    outcome::{Outcome, Row, Took},
    utc,
};

const MINUTE_S: u64 = MINUTE_MS as u64 / 1_000;

/// A table for every engine, folded.
pub fn html(inputs: &Inputs, outcomes: &[Outcome]) -> String {
    let start_unix_s = inputs.scenario.start_unix_s();
    outcomes.iter().map(|outcome| details(outcome, start_unix_s)).collect()
}

fn details(outcome: &Outcome, start_unix_s: i64) -> String {
    let names: String = Took::NAMES.iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
    let lines: String = eventful_minutes(&outcome.series.rows)
        .iter()
        .map(|(minute, took)| {
            let time = utc::time_of_day(start_unix_s + (minute * MINUTE_S) as i64);
            let cells: String = took.iter().map(|figure| format!("<td>{}</td>", amount(*figure))).collect();
            format!("<tr><th scope=\"row\">{time}</th>{cells}</tr>\n")
        })
        .collect();
    format!(
        "<details>\n<summary>Minute by minute: what each layer took · {}</summary>\n<table>\n\
         <thead><tr><td>UTC</td>{names}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table>\n</details>\n",
        escaped(&outcome.summary.engine)
    )
}

/// Each minute in which a layer took something, with what they took in it. Rows carry sums since the beginning, so a
/// minute took what its last row has more than the last row of the minute before.
fn eventful_minutes(rows: &[Row]) -> Vec<(u64, [f64; 8])> {
    let mut before = [0.0; 8];
    rows.chunk_by(|one, next| one.time_s / MINUTE_S == next.time_s / MINUTE_S)
        .filter_map(|rows| {
            let last = rows.last()?;
            let sums = last.took.figures();
            let took: [f64; 8] = std::array::from_fn(|place| sums[place] - before[place]);
            before = sums;
            took.iter().any(|figure| *figure != 0.0).then_some((last.time_s / MINUTE_S, took))
        })
        .collect()
}

fn amount(figure: f64) -> String {
    match figure {
        0.0 => "–".to_owned(),
        _ => usd(figure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_told_apart_and_quiet_ones_left_out() {
        let row =
            |time_s, liquidated_usd| Row { time_s, took: Took { liquidated_usd, ..Took::default() }, ..Row::default() };
        let rows = [row(0, 0.0), row(56, 5.0), row(60, 5.0), row(116, 5.0), row(120, 7.0), row(180, 8.0)];
        let minutes: Vec<(u64, f64)> =
            eventful_minutes(&rows).iter().map(|(minute, took)| (*minute, took[0])).collect();
        assert_eq!(minutes, [(0, 5.0), (2, 2.0), (3, 1.0)]);
    }
}
