//! Owns what is replayed: the scenario built into the binary, or anyone's file of minutes.

use std::path::Path;

use anyhow::{Context, Result};

use crate::minutes::{self, Minute, MINUTE_MS};

/// A named stretch of recorded minutes; never empty.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What reports call it: the built-in name or the name of the file.
    pub name: String,
    /// The candles, without gap.
    pub minutes: Vec<Minute>,
}

impl Scenario {
    /// SOL on 10 October 2025, 20:55 to 22:30 UTC: 203.80 to 141.28 in half an hour, and back to 188 within eleven minutes.
    pub fn sol_2025_10_10() -> Result<Self> {
        let name = "sol-2025-10-10";
        let minutes = minutes::parse(include_str!("../scenarios/sol-2025-10-10.csv"))
            .with_context(|| format!("the built-in scenario {name}"))?;
        Ok(Self { name: name.to_owned(), minutes })
    }

    /// Minutes from a CSV or CSV.gz file; the error says which line and why.
    pub fn from_file(path: &Path) -> Result<Self> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self { name: name.to_string_lossy().into_owned(), minutes: minutes::load(path)? })
    }

    /// Beginning of the first minute, Unix seconds.
    pub fn start_unix_s(&self) -> i64 {
        self.minutes[0].open_time_ms / 1_000
    }

    /// End of the last minute, Unix seconds.
    pub fn end_unix_s(&self) -> i64 {
        self.start_unix_s() + self.minutes.len() as i64 * MINUTE_MS / 1_000
    }

    /// Whether the two have a stretch of time in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start_unix_s() < other.end_unix_s() && other.start_unix_s() < self.end_unix_s()
    }

    /// Price at the very beginning, micro-dollars: the entry price of every account.
    pub fn first_price(&self) -> u64 {
        self.minutes[0].open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_scenario_states_the_known_facts() {
        let scenario = Scenario::sol_2025_10_10().unwrap();
        assert_eq!(scenario.minutes.len(), 96);
        assert_eq!(scenario.first_price(), 203_800_000);
        let lowest = scenario.minutes.iter().min_by_key(|minute| minute.low);
        let lowest = lowest.unwrap();
        assert_eq!(lowest.low, 141_280_000);
        assert_eq!(crate::utc::date_time(lowest.open_time_ms / 1_000), "2025-10-10 21:21 UTC");
    }
}
