//! Owns what the user sees while an engine runs: a bar on stderr (only on a terminal) and now and then a line on stdout.

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    format::{basis_points, price, usd},
    inputs::Inputs,
    outcome::Row,
    utc,
};

/// About so many lines are printed in the course of a run.
const LINES: u64 = 12;

/// Shows the progress of one engine.
pub struct Progress {
    bar: ProgressBar,
    start_unix_s: i64,
    line_every_s: Option<u64>,
    next_line_s: u64,
}

impl Progress {
    /// Announces the engine and begins.
    pub fn start(engine: &str, inputs: &Inputs) -> Self {
        print_in_passing(&format!("\n{engine}"));
        let bar = ProgressBar::new(inputs.samples.len() as u64);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {percent} % {eta}") {
            bar.set_style(style);
        }
        bar.set_prefix(engine.to_owned());
        let minutes = inputs.scenario.minutes.len() as u64;
        let line_every_s = minutes.div_ceil(LINES) * 60;
        Self {
            bar,
            start_unix_s: inputs.scenario.start_unix_s(),
            line_every_s: Some(line_every_s),
            next_line_s: line_every_s,
        }
    }

    /// Shows nothing; for tests.
    pub fn silent() -> Self {
        Self { bar: ProgressBar::hidden(), start_unix_s: 0, line_every_s: None, next_line_s: 0 }
    }

    /// Counts one sample, and prints where the run stands if it is time to.
    pub fn observe(&mut self, row: &Row) {
        self.bar.inc(1);
        let Some(every_s) = self.line_every_s else {
            return;
        };
        if row.time_s >= self.next_line_s {
            self.next_line_s += every_s;
            self.say(&self.line(row));
        }
    }

    /// Prints one line on stdout without disturbing the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| print_in_passing(line));
    }

    fn line(&self, row: &Row) -> String {
        format!(
            "  {}  recorded {}  moved {:>9}  open {:>4}  liquidated {:>8}  absorbed {:>8}  deleveraged {:>8}  insurance {:>8}",
            utc::time_of_day(self.start_unix_s + row.time_s as i64),
            price(row.recorded_usd),
            basis_points(row.moved_bp()),
            row.open_accounts(),
            usd(row.took.liquidated_usd),
            usd(row.took.absorbed_usd),
            usd(row.took.deleveraged_usd),
            usd(row.insurance_usd),
        )
    }
}

/// Prints a line that nothing depends on: whoever closed stdout did not want it.
fn print_in_passing(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
