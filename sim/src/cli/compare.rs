//! Owns `breakwater-sim compare`: variants of engines on many scenarios and seeds, one table, one plot.
//!
//! Assumed for markets other than SOL: the rates of SOL's parameters, lots that follow the price at listing, and the depth asked
//! for; every scenario gets the same open interest, so that shares of it can be compared.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{market::Market, scenarios::Scenarios};
use crate::{
    compare::{self, text, Variant},
    consents, controls, engines,
    format::usd,
    inputs::{Inputs, Settings},
    report,
};

/// Seeds unless the user chooses.
const USUAL_SEEDS: &[u64] = &[7, 1, 2];

/// What can be asked of a comparison.
#[derive(Debug, Args)]
pub struct Compare {
    #[command(flatten)]
    scenarios: Scenarios,
    #[command(flatten)]
    market: Market,
    /// Engines to compare, by commas; without it all of them. Breakwater runs as the pure model.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values_t = all_engines())]
    engines: Vec<String>,
    /// Also run Breakwater with each of these controls switched off, one at a time, by commas; `each` for all of them.
    #[arg(long, value_name = "CONTROLS", value_delimiter = ',')]
    without: Vec<String>,
    /// Folder for the report; made if it is not there.
    #[arg(long, value_name = "DIR", default_value = "./report")]
    out: PathBuf,
    /// End with one line of JSON: means and worst figures of every variant, and means on every scenario.
    #[arg(long)]
    json: bool,
}

fn all_engines() -> Vec<String> {
    engines::ALL.iter().map(engines::Engine::option).collect()
}

impl Compare {
    /// Runs everything, prints the tables, writes the report.
    pub fn run(&self) -> Result<()> {
        let variants = self.variants()?;
        let cases = self.scenarios.cases(&self.market, USUAL_SEEDS)?;
        let folder = report::make_folder(&self.out)?;
        let facts = self.facts(&cases, self.market.settings(0)?);
        let mut stdout = io::stdout();
        writeln!(stdout, "{facts}")?;

        let bar = bar(compare::jobs(&cases, &variants));
        let comparison = compare::run(&cases, &variants, || bar.inc(1));
        bar.finish_and_clear();
        let comparison = comparison?;

        let written = report::comparison::write(folder, &comparison, &variants, &facts)?;
        for table in text::by_scenario(&comparison).iter().chain(&text::by_rate(&comparison)) {
            writeln!(stdout, "\n{}", table.text())?;
        }
        writeln!(stdout, "\n{}\n", text::overview(&comparison).text())?;
        for line in text::legend(&comparison, &variants) {
            writeln!(stdout, "{line}")?;
        }
        writeln!(stdout, "report: {}", written.display())?;
        if self.json {
            let json = json!({ "facts": facts, "comparison": comparison.json() });
            writeln!(stdout, "{json}")?;
        }
        Ok(())
    }

    fn variants(&self) -> Result<Vec<Variant>> {
        compare::variants(&engines::chosen(&self.engines)?, &controls::chosen(&self.without)?)
    }

    /// What all runs have in common.
    fn facts(&self, cases: &[Inputs], settings: Settings) -> String {
        format!(
            "{} cases, seeds {}; {} accounts and {} entrants, open interest {} a side, calm depth {} at 10 bp, backstop {}, \
             insurance {}, a price every {} s; {}; SOL's rates for every market, Breakwater as the pure model",
            cases.len(),
            self.scenarios.seeds_text(USUAL_SEEDS),
            settings.accounts,
            settings.entrants,
            usd(settings.open_interest_usd),
            usd(settings.calm_depth_usd),
            usd(settings.backstop_usd),
            usd(settings.insurance_usd),
            settings.step_s,
            consents::shares_text(&settings),
        )
    }
}

/// A bar of so many jobs on stderr, only on a terminal.
pub fn bar(jobs: usize) -> ProgressBar {
    let bar = ProgressBar::new(jobs as u64);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} runs, {eta} left") {
        bar.set_style(style);
    }
    bar
}
