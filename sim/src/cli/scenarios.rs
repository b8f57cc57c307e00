//! Owns which scenarios a subcommand that takes many of them runs on, and with which seeds.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{ensure, Context, Result};
use clap::Args;

use super::market::Market;
use crate::{companions::COMPANIONS_MAX, inputs::Inputs, scenario::Scenario};

/// Scenarios and seeds.
#[derive(Debug, Args)]
pub struct Scenarios {
    /// CSV or CSV.gz of minutes; may be given several times. Without it and without --windows: SOL on 10 October 2025, which is
    /// built in.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    prices: Vec<PathBuf>,
    /// Folder: every .csv and .csv.gz file in it is a scenario.
    #[arg(long, value_name = "DIR")]
    windows: Option<PathBuf>,
    /// Seeds, by commas; each decides the accounts of a run on every scenario. Without it: 7, 1, 2 to compare; 11, 12 to tune, so
    /// that what was found is compared on other accounts.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    seeds: Vec<u64>,
}

impl Scenarios {
    /// Every scenario with every seed, scenario by scenario. Those that share minutes with one make up its macro index.
    /// `usual_seeds` are the seeds unless the user chose.
    pub fn cases(&self, market: &Market, usual_seeds: &[u64]) -> Result<Vec<Inputs>> {
        let seeds = self.seeds(usual_seeds);
        let distinct: BTreeSet<u64> = seeds.iter().copied().collect();
        ensure!(distinct.len() == seeds.len(), "a seed is named twice");
        let mut cases = Vec::new();
        let scenarios = self.scenarios()?;
        for scenario in &scenarios {
            let is_beside = |other: &&Scenario| other.name != scenario.name && other.overlaps(scenario);
            let beside: Vec<Scenario> = scenarios.iter().filter(is_beside).take(COMPANIONS_MAX).cloned().collect();
            for seed in seeds {
                let inputs = Inputs::new(scenario.clone(), market.settings(*seed)?)?;
                cases.push(inputs.with_companions(&beside)?);
            }
        }
        Ok(cases)
    }

    fn seeds<'a>(&'a self, usual: &'a [u64]) -> &'a [u64] {
        if self.seeds.is_empty() {
            usual
        } else {
            &self.seeds
        }
    }

    /// The seeds, by commas.
    pub fn seeds_text(&self, usual: &[u64]) -> String {
        self.seeds(usual).iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
    }

    fn scenarios(&self) -> Result<Vec<Scenario>> {
        let mut files = self.prices.clone();
        if let Some(folder) = &self.windows {
            files.extend(files_of(folder)?);
        }
        let scenarios = match files.as_slice() {
            [] => vec![Scenario::sol_2025_10_10()?],
            files => files.iter().map(|file| Scenario::from_file(file)).collect::<Result<_>>()?,
        };
        for (place, scenario) in scenarios.iter().enumerate() {
            let is_new = scenarios[..place].iter().all(|other| other.name != scenario.name);
            ensure!(is_new, "two scenarios are called {}", scenario.name);
        }
        Ok(scenarios)
    }
}

/// The files of minutes in a folder, by name.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = || format!("cannot list {}", folder.display());
    let entries = fs::read_dir(folder).with_context(listed)?;
    let paths = entries.map(|entry| Ok(entry.with_context(listed)?.path())).collect::<Result<Vec<_>>>()?;
    let is_minutes = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".csv") || name.ends_with(".csv.gz")
    };
    let mut files: Vec<PathBuf> = paths.into_iter().filter(is_minutes).collect();
    files.sort();
    ensure!(!files.is_empty(), "there is no .csv or .csv.gz file in {}", folder.display());
    Ok(files)
}
