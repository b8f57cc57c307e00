//! Owns the options of a market that several subcommands take, and what they are without being given.

use anyhow::{ensure, Result};
use clap::Args;

use crate::{
    consents::{OPTED_IN_SHARE, WILLING_SHARE},
    depth::CALM_DEPTH_SHARE,
    inputs::{Settings, BACKSTOP_SHARE, INSURANCE_SHARE},
    path::STEP_S,
};

/// A market without its accounts.
#[derive(Debug, Args)]
pub struct Venue {
    /// Open interest of each side at the first price.
    #[arg(long, value_name = "USD", default_value_t = 30_000_000.0)]
    open_interest: f64,
    /// Notional that moves this market by 10 bp in calm. Without it: 2.8 % of the open interest, as much as SOL's $0.84 M
    /// are of $30 M.
    #[arg(long, value_name = "USD")]
    depth: Option<f64>,
    /// Capital of the backstop; 0 replays without one. Without it: 8 % of the open interest.
    #[arg(long, value_name = "USD")]
    backstop: Option<f64>,
    /// Insurance fund at the beginning. Without it: 1 % of the open interest.
    #[arg(long, value_name = "USD")]
    insurance: Option<f64>,
    /// Seconds between two published prices, 1 to 4; the accounts are looked at after each.
    #[arg(long, value_name = "SECONDS", default_value_t = STEP_S)]
    step: u64,
}

/// A market and those who trade in it.
#[derive(Debug, Args)]
pub struct Market {
    #[command(flatten)]
    venue: Venue,
    /// Number of leveraged accounts, half long and half short.
    #[arg(long, value_name = "N", default_value_t = 200)]
    accounts: usize,
    /// Number of those who come in the course of the replay and open the largest position that the rules let them.
    #[arg(long, value_name = "N", default_value_t = 0)]
    entrants: usize,
    /// Share of the accounts that keepers may let take slices which bring them closer to flat.
    #[arg(long, value_name = "SHARE", default_value_t = WILLING_SHARE)]
    willing: f64,
    /// Share of the accounts that are opted in to predictive closes.
    #[arg(long, value_name = "SHARE", default_value_t = OPTED_IN_SHARE)]
    opted_in: f64,
}

impl Market {
    /// The settings of a run with this seed; the error names the option that is out of range.
    pub fn settings(&self, seed: u64) -> Result<Settings> {
        Ok(Settings {
            entrants: self.entrants,
            willing_share: self.willing,
            opted_in_share: self.opted_in,
            ..self.venue.settings(seed, self.accounts)?
        })
    }
}

impl Venue {
    /// The settings of a run with this seed and so many accounts, of whom nobody agrees to anything, and nobody enters; the error
    /// names the option that is out of range.
    pub fn settings(&self, seed: u64, accounts: usize) -> Result<Settings> {
        let depth = self.depth.unwrap_or(self.open_interest * CALM_DEPTH_SHARE);
        for (option, amount) in [("--open-interest", self.open_interest), ("--depth", depth)] {
            ensure!(amount.is_finite() && amount > 0.0, "{option} must be a positive amount of USD, not {amount}");
        }
        for (option, amount) in [("--backstop", self.backstop), ("--insurance", self.insurance)] {
            let amount = amount.unwrap_or_default();
            ensure!(amount.is_finite() && amount >= 0.0, "{option} must be an amount of USD or 0, not {amount}");
        }
        Ok(Settings {
            seed,
            accounts,
            open_interest_usd: self.open_interest,
            calm_depth_usd: depth,
            backstop_usd: self.backstop.unwrap_or(self.open_interest * BACKSTOP_SHARE),
            insurance_usd: self.insurance.unwrap_or(self.open_interest * INSURANCE_SHARE),
            step_s: self.step,
            entrants: 0,
            willing_share: 0.0,
            opted_in_share: 0.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        market: Market,
    }

    fn settings(arguments: &[&str]) -> Result<Settings> {
        Line::try_parse_from(["test"].iter().chain(arguments)).unwrap().market.settings(7)
    }

    #[test]
    fn settings_out_of_range_are_refused_in_a_sentence() {
        let why = |arguments: &[&str]| settings(arguments).unwrap_err().to_string();
        assert_eq!(why(&["--open-interest", "NaN"]), "--open-interest must be a positive amount of USD, not NaN");
        assert_eq!(why(&["--depth=-1"]), "--depth must be a positive amount of USD, not -1");
        assert_eq!(why(&["--backstop=-1"]), "--backstop must be an amount of USD or 0, not -1");
        assert_eq!(why(&["--insurance", "inf"]), "--insurance must be an amount of USD or 0, not inf");
    }

    #[test]
    fn depth_backstop_and_insurance_follow_the_open_interest_unless_given() {
        let amounts = |arguments: &[&str]| {
            let settings = settings(&[&["--open-interest", "1000000"], arguments].concat()).unwrap();
            [settings.calm_depth_usd, settings.backstop_usd, settings.insurance_usd]
        };
        assert_eq!(amounts(&[]), [28_000.0, 80_000.0, 10_000.0]);
        assert_eq!(amounts(&["--depth", "9", "--backstop", "0", "--insurance", "0.5"]), [9.0, 0.0, 0.5]);
    }

    #[test]
    fn the_depth_of_the_usual_market_is_that_of_sol() {
        assert_eq!(settings(&[]).unwrap().calm_depth_usd, crate::depth::SOL_CALM_DEPTH_USD);
    }
}
