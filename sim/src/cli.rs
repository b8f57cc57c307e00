//! Owns the command line: what can be asked for, in which order things happen, what goes to stdout.
//!
//! Every error is one sentence on stderr and a non-zero exit. With `--json` the last line of stdout is the JSON object.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{ensure, Result};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::{
    breakwater_engine::BackendKind,
    consents::{OPTED_IN_SHARE, WILLING_SHARE},
    depth::SOL_CALM_DEPTH_USD,
    engines,
    format::{price, usd},
    inputs::{Inputs, Settings, BACKSTOP_SHARE, INSURANCE_SHARE},
    outcome::{Outcome, Summary},
    path::STEP_S,
    progress::Progress,
    report,
    scenario::Scenario,
    table, utc,
};

/// Replays recorded crashes and shows what each liquidation engine does to the market.
#[derive(Debug, Parser)]
#[command(name = "breakwater-sim", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Replay a stretch of recorded minutes with leveraged accounts on both sides, and write an HTML report.
    Replay(Replay),
}

#[derive(Debug, Args)]
struct Replay {
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
    /// Open interest of each side at the first price.
    #[arg(long, value_name = "USD", default_value_t = 30_000_000.0)]
    open_interest: f64,
    /// Number of leveraged accounts, half long and half short.
    #[arg(long, value_name = "N", default_value_t = 200)]
    accounts: usize,
    /// Notional that moves this market by 10 bp in calm.
    #[arg(long, value_name = "USD", default_value_t = SOL_CALM_DEPTH_USD)]
    depth: f64,
    /// Capital of the backstop; 0 replays without one. Without it: 8 % of the open interest.
    #[arg(long, value_name = "USD")]
    backstop: Option<f64>,
    /// Insurance fund at the beginning. Without it: 1 % of the open interest.
    #[arg(long, value_name = "USD")]
    insurance: Option<f64>,
    /// Seconds between two published prices, 1 to 4; the accounts are looked at after each.
    #[arg(long, value_name = "SECONDS", default_value_t = STEP_S)]
    step: u64,
    /// Number of those who come in the course of the replay and open the largest position that the rules let them.
    #[arg(long, value_name = "N", default_value_t = 0)]
    entrants: usize,
    /// Share of the accounts that keepers may let take slices which bring them closer to flat.
    #[arg(long, value_name = "SHARE", default_value_t = WILLING_SHARE)]
    willing: f64,
    /// Share of the accounts that are opted in to predictive closes.
    #[arg(long, value_name = "SHARE", default_value_t = OPTED_IN_SHARE)]
    opted_in: f64,
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

/// Parses the command line and runs it.
pub fn main() -> ExitCode {
    let Command::Replay(replay) = Cli::parse().command;
    match replay.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the reader of stdout had enough, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    scenario: &'a str,
    seed: u64,
    engines: Vec<&'a Summary>,
}

impl Replay {
    fn run(&self) -> Result<()> {
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
        for (option, amount) in [("--open-interest", self.open_interest), ("--depth", self.depth)] {
            ensure!(amount.is_finite() && amount > 0.0, "{option} must be a positive amount of USD, not {amount}");
        }
        for (option, amount) in [("--backstop", self.backstop), ("--insurance", self.insurance)] {
            let amount = amount.unwrap_or_default();
            ensure!(amount.is_finite() && amount >= 0.0, "{option} must be an amount of USD or 0, not {amount}");
        }
        let scenario = match &self.prices {
            Some(file) => Scenario::from_file(file)?,
            None => Scenario::sol_2025_10_10()?,
        };
        let settings = Settings {
            seed: self.seed,
            accounts: self.accounts,
            open_interest_usd: self.open_interest,
            calm_depth_usd: self.depth,
            backstop_usd: self.backstop.unwrap_or(self.open_interest * BACKSTOP_SHARE),
            insurance_usd: self.insurance.unwrap_or(self.open_interest * INSURANCE_SHARE),
            step_s: self.step,
            entrants: self.entrants,
            willing_share: self.willing,
            opted_in_share: self.opted_in,
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
         {} accounts, open interest {} a side, backstop {}, insurance {}, a price every {} s, seed {}",
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
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn why(arguments: &[&str]) -> String {
        let line = ["breakwater-sim", "replay"].iter().chain(arguments);
        let Command::Replay(replay) = Cli::try_parse_from(line).unwrap().command;
        format!("{:#}", replay.inputs().unwrap_err())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_out_of_range_are_refused_in_a_sentence() {
        assert_eq!(why(&["--open-interest", "NaN"]), "--open-interest must be a positive amount of USD, not NaN");
        assert_eq!(why(&["--depth=-1"]), "--depth must be a positive amount of USD, not -1");
        assert_eq!(why(&["--backstop=-1"]), "--backstop must be an amount of USD or 0, not -1");
        assert_eq!(why(&["--insurance", "inf"]), "--insurance must be an amount of USD or 0, not inf");
        assert!(why(&["--backstop", "1e12"]).starts_with("the backstop's capital must be $0 to $"));
        assert_eq!(why(&["--step", "5"]), "the prices must be 1 to 4 seconds apart, not 5");
        assert_eq!(why(&["--accounts", "1"]), "the number of accounts must be 2 to 10000, not 1");
        assert!(why(&["--prices", "no/such.csv"]).starts_with("cannot read no/such.csv: "));
    }
    #[test]
    fn backstop_and_insurance_follow_the_open_interest_unless_given() {
        let micro_usd = |arguments: &[&str]| {
            let line = ["breakwater-sim", "replay", "--open-interest", "1000000"].iter().chain(arguments);
            let Command::Replay(replay) = Cli::try_parse_from(line).unwrap().command;
            let inputs = replay.inputs().unwrap();
            (inputs.backstop_micro_usd, inputs.insurance_micro_usd)
        };
        assert_eq!(micro_usd(&[]), (80_000_000_000, 10_000_000_000));
        assert_eq!(micro_usd(&["--backstop", "0", "--insurance", "0.5"]), (0, 500_000));
    }
}
