//! Owns the prices of other markets that are published beside the replayed one, for the macro index.
//!
//! A companion's price is known at the beginning of each of its recorded minutes and at the end of the last; forced closes
//! of the replay do not move it. It is silent where its record has no minute.

use anyhow::{ensure, Result};
use breakwater_risk::macro_index::MACRO_FEEDS;

use crate::{
    minutes::MINUTE_MS,
    path::{self, Sample},
    scenario::Scenario,
};

/// Most companions: the market's own feed takes the first place of the index.
pub const COMPANIONS_MAX: usize = MACRO_FEEDS - 1;
/// Seconds between samples of the walk through a companion's minutes, of which only the first of a minute is used.
const STEP_S: u64 = 20;

/// Another market's prices, by the minutes of the replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// What reports call it.
    pub name: String,
    /// What it publishes at the beginning of each minute of the replay, and at its end; none where it is silent.
    pub published: Vec<Option<Sample>>,
}

impl Companion {
    /// The prices of `other` in the minutes of `scenario`. Errors: they have none in common.
    pub fn of(other: &Scenario, scenario: &Scenario) -> Result<Self> {
        let walk = path::walk(&other.minutes, STEP_S)?;
        let ahead_ms = scenario.minutes[0].open_time_ms - other.minutes[0].open_time_ms;
        let at = |minute: usize| {
            let since_ms = usize::try_from(ahead_ms + minute as i64 * MINUTE_MS).ok()?;
            let (minute, rest) = (since_ms / MINUTE_MS as usize, since_ms % MINUTE_MS as usize);
            walk.get(minute * (60 / STEP_S as usize)).filter(|_| rest == 0).copied()
        };
        let published: Vec<Option<Sample>> = (0..=scenario.minutes.len()).map(at).collect();
        let (own, its) = (&scenario.name, &other.name);
        ensure!(published.iter().any(Option::is_some), "{its} has no minute in common with {own}");
        Ok(Self { name: other.name.clone(), published })
    }
}

/// Refuses more companions than an index has feeds for.
pub fn check_count(count: usize) -> Result<()> {
    ensure!(count <= COMPANIONS_MAX, "there can be {COMPANIONS_MAX} companions, not {count}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::minutes::Minute;

    fn scenario(name: &str, first_minute: i64, prices: &[u64]) -> Scenario {
        let minutes = prices.iter().enumerate().map(|(place, price)| Minute {
            open_time_ms: (first_minute + place as i64) * MINUTE_MS,
            open: *price,
            high: *price + 10,
            low: *price - 10,
            close: *price + 5,
            quote_volume_usd: 0.0,
        });
        Scenario { name: name.to_owned(), minutes: minutes.collect() }
    }

    #[test]
    fn a_companion_publishes_in_the_minutes_that_it_has() {
        let own = scenario("own", 10, &[1_000; 4]);
        let prices = |other| -> Vec<Option<u64>> {
            let companion = Companion::of(&other, &own).unwrap();
            companion.published.iter().map(|sample| sample.map(|sample| sample.price)).collect()
        };
        let (one, two, last) = (Some(1_000), Some(2_000), Some(2_005));
        assert_eq!(prices(scenario("early", 9, &[1_000, 2_000])), [two, last, None, None, None]);
        assert_eq!(prices(scenario("late", 13, &[1_000, 2_000, 3_000])), [None, None, None, one, two]);
    }

    #[test]
    fn a_companion_of_another_time_is_refused() {
        let own = scenario("own", 10, &[1_000; 4]);
        let refusal = Companion::of(&scenario("other", 20, &[1_000]), &own).unwrap_err().to_string();
        assert_eq!(refusal, "other has no minute in common with own");
        assert_eq!(check_count(8).unwrap_err().to_string(), "there can be 7 companions, not 8");
        check_count(7).unwrap();
    }
}
