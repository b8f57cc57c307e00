//! Owns `breakwater-sim drought`: days without liquidity, and whether everybody can leave afterwards.

use std::io::{self, Write};

use anyhow::{ensure, Result};
use clap::Args;

use super::market::Venue;
use crate::{
    breakwater_engine::{self, BackendKind},
    drought,
    progress::Progress,
};

/// What can be asked of a drought.
#[derive(Debug, Args)]
pub struct Drought {
    /// Length in hours, 1 to 240.
    #[arg(long, value_name = "N", default_value_t = 72)]
    hours: u64,
    /// Decides path and accounts; the same seed gives the same days.
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    #[command(flatten)]
    venue: Venue,
    /// Number of leveraged accounts, half long and half short; each sends transactions of its own.
    #[arg(long, value_name = "N", default_value_t = 40)]
    accounts: usize,
    /// Run the pure model instead of the real program: for many accounts.
    #[arg(long)]
    model: bool,
    /// End with one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Drought {
    /// Runs it and prints the verdict. Errors: something was not as it should be.
    pub fn run(&self) -> Result<()> {
        let drought = drought::Drought { settings: self.venue.settings(self.seed, self.accounts)?, hours: self.hours };
        let inputs = drought.inputs()?;
        let mut stdout = io::stdout();
        let kind = if self.model { BackendKind::Model } else { BackendKind::Program };
        writeln!(
            stdout,
            "{} hours from {}, {} accounts, seed {}",
            self.hours,
            crate::utc::date_time(inputs.scenario.start_unix_s()),
            inputs.accounts.len(),
            self.seed
        )?;
        let mut progress = Progress::start(breakwater_engine::NAME, &inputs);
        let verdict = drought.run(kind, &mut progress);
        drop(progress);
        let verdict = verdict?;
        writeln!(stdout, "\n{}", verdict.text())?;
        if self.json {
            writeln!(stdout, "{}", serde_json::to_string(&verdict)?)?;
        }
        ensure!(verdict.failures.is_empty(), "the exchange did not come to rest: {}", verdict.failures.join("; "));
        Ok(())
    }
}
