//! Owns `breakwater-sim replay`: one scenario, the engines one after the other, a report with everything that happened.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::market::Market;
use crate::{
    breakwater_engine::BackendKind,
    consents, engines,
    format::{price, usd},
    inputs::Inputs,
    outcome::{Outcome, Summary},
    progress::Progress,
    report,
    scenario::Scenario,
    table, utc,
};

/// What can be asked of a replay.
#[derive(Debug, Args)]
pub struct Replay {
    /// CSV or CSV.gz of minutes: Binance's columns, or open_time, open, high, low, close, quote_volume.
    /// Without it: SOL on 10 October 2025, which is built in.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Folder for the report; made if it is not there.
    #[arg(long, value_name = "DIR", default_value = "./report")]
    out: PathBuf,
    /// End with one line of JSON: the sums of every engine.
    #[arg(long)]
    json: bool,
    /// Decides the accounts; the same seed gives the same run.
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    #[command(flatten)]
    market: Market,
    /// CSV or CSV.gz of minutes of another market, which make up a macro index with the replayed one; may be repeated.
    #[arg(long, value_name = "FILE")]
    companion: Vec<PathBuf>,
    /// Run Breakwater as a pure model, the same formulas on states in memory, instead of the real program: for many accounts
    /// and long stretches.
    #[arg(long)]
    model: bool,
    /// Engines to compare, by commas; unknown names are answered with the list.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values_t = usual_engines())]
    engines: Vec<String>,
}

fn usual_engines() -> Vec<String> {
    engines::usual().iter().map(engines::Engine::option).collect()
}

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    scenario: &'a str,
    seed: u64,
    engines: Vec<&'a Summary>,
}

impl Replay {
    /// Replays, prints the sums, writes the report.
    pub fn run(&self) -> Result<()> {
        let engines = engines::chosen(&self.engines)?;
        let inputs = self.inputs()?;
        let folder = report::make_folder(&self.out)?;
        let mut stdout = io::stdout();
        writeln!(stdout, "{}", announcement(&inputs))?;
        let kind = if self.model { BackendKind::Model } else { BackendKind::Program };
        let outcomes = engines
            .iter()
            .map(|engine| engine.with(kind).measure(&inputs, &mut Progress::start(engine.name, &inputs)))
            .collect::<Result<Vec<Outcome>>>()?;

        let written = report::write(folder, &inputs, &outcomes)?;
        let summaries: Vec<&Summary> = outcomes.iter().map(|outcome| &outcome.summary).collect();
        writeln!(stdout, "\n{}\n", table::text(&summaries))?;
        for outcome in &outcomes {
            for note in &outcome.notes {
                writeln!(stdout, "{}: {note}", outcome.summary.engine)?;
            }
        }
        writeln!(stdout, "report: {}", written.display())?;
        if self.json {
            let json = Json { scenario: &inputs.scenario.name, seed: self.seed, engines: summaries };
            writeln!(stdout, "{}", serde_json::to_string(&json)?)?;
        }
        Ok(())
    }

    fn inputs(&self) -> Result<Inputs> {
        let settings = self.market.settings(self.seed)?;
        let scenario = match &self.prices {
            Some(file) => Scenario::from_file(file)?,
            None => Scenario::sol_2025_10_10()?,
        };
        let others = self.companion.iter().map(|file| Scenario::from_file(file)).collect::<Result<Vec<_>>>()?;
        Inputs::new(scenario, settings)?.with_companions(&others)
    }
}

/// What is about to be replayed.
fn announcement(inputs: &Inputs) -> String {
    let Inputs { scenario, settings, .. } = inputs;
    let lowest = scenario.minutes.iter().map(|minute| minute.low).min();
    format!(
        "{}: {} minutes from {}, first price {}, lowest {}\n\
         {} accounts, open interest {} a side, backstop {}, insurance {}, a price every {} s, seed {}\n{}",
        scenario.name,
        scenario.minutes.len(),
        utc::date_time(scenario.start_unix_s()),
        price(scenario.first_price() as f64 / 1e6),
        price(lowest.unwrap_or_default() as f64 / 1e6),
        settings.accounts,
        usd(settings.open_interest_usd),
        usd(settings.backstop_usd),
        usd(settings.insurance_usd),
        settings.step_s,
        settings.seed,
        consents::shares_text(settings),
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        replay: Replay,
    }

    fn inputs(arguments: &[&str]) -> Result<Inputs> {
        Line::try_parse_from(["replay"].iter().chain(arguments)).unwrap().replay.inputs()
    }

    #[test]
    fn settings_out_of_range_are_refused_in_a_sentence() {
        let why = |arguments: &[&str]| format!("{:#}", inputs(arguments).unwrap_err());
        assert!(why(&["--backstop", "1e12"]).starts_with("the backstop's capital must be $0 to $"));
        assert_eq!(why(&["--step", "5"]), "the prices must be 1 to 4 seconds apart, not 5");
        assert_eq!(why(&["--accounts", "1"]), "the number of accounts must be 2 to 10000, not 1");
        assert!(why(&["--prices", "no/such.csv"]).starts_with("cannot read no/such.csv: "));
    }

    #[test]
    fn amounts_are_taken_in_dollars_and_kept_in_millionths() {
        let micro_usd = |arguments: &[&str]| {
            let inputs = inputs(&[&["--open-interest", "1000000"], arguments].concat()).unwrap();
            (inputs.backstop_micro_usd, inputs.insurance_micro_usd)
        };
        assert_eq!(micro_usd(&[]), (80_000_000_000, 10_000_000_000));
        assert_eq!(micro_usd(&["--backstop", "0", "--insurance", "0.5"]), (0, 500_000));
    }
}
