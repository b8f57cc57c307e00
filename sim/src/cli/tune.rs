//! Owns `breakwater-sim tune`: a search for parameters on all scenarios at once.

use std::io::{self, Write};

use anyhow::{ensure, Result};
use clap::Args;

use super::{compare::bar, market::Market, scenarios::Scenarios};
use crate::tune::{
    self,
    objective::FORMULA,
    text::{generalisation, sets},
    verdict, Effort,
};

/// Seeds unless the user chooses: others than those of a comparison, which so is on accounts that nothing was fitted to.
const USUAL_SEEDS: &[u64] = &[11, 12];

/// What can be asked of a search.
#[derive(Debug, Args)]
pub struct Tune {
    #[command(flatten)]
    scenarios: Scenarios,
    #[command(flatten)]
    market: Market,
    /// Sets of parameters that are drawn at random.
    #[arg(long, value_name = "N", default_value_t = 64)]
    samples: usize,
    /// Rounds of steps around the best set: in each, every parameter alone is turned up and down.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Decides which sets are drawn; the same seed gives the same answer.
    #[arg(long, value_name = "N", default_value_t = 1)]
    search_seed: u64,
    /// End with one line of JSON: the starting set, the best, the Pareto set, and what leaving a scenario out changes.
    #[arg(long)]
    json: bool,
}

impl Tune {
    /// Searches and prints what was found.
    pub fn run(&self) -> Result<()> {
        ensure!(self.samples <= 100_000, "the number of samples must be at most 100000, not {}", self.samples);
        let effort = Effort { seed: self.search_seed, samples: self.samples, rounds: self.rounds };
        let cases = tune::prepare(self.scenarios.cases(&self.market, USUAL_SEEDS)?)?;
        let mut stdout = io::stdout();
        writeln!(
            stdout,
            "{} cases, seeds {}; {} samples with seed {}, {} rounds around the best\nobjective: {FORMULA}",
            cases.len(),
            self.scenarios.seeds_text(USUAL_SEEDS),
            effort.samples,
            effort.seed,
            effort.rounds
        )?;
        let bar = bar(tune::trials_max(&effort));
        let search = tune::search(&cases, &effort, || bar.inc(1));
        bar.finish_and_clear();
        let search = search?;
        writeln!(stdout, "\n{}\n\n{}", sets(&search, &cases).text(), generalisation(&search, &cases).text())?;
        if self.json {
            writeln!(stdout, "{}", verdict::json(&search, &cases, &effort))?;
        }
        Ok(())
    }
}
