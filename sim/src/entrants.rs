//! Owns those who come in the course of a replay and want a position; the same seed gives the same entrants.
//!
//! Assumed: they come at any time, with the collateral of an account drawn from the population; three of four buy the dip.

use rand::Rng;
use rand_chacha::{rand_core::SeedableRng, ChaCha8Rng};

use crate::{
    population::{Account, Side},
    streams,
};

/// Share of those who go long.
const LONG_SHARE: f64 = 0.75;

/// One who comes with collateral and opens the largest position that he is let.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// Seconds since the beginning of the scenario.
    pub time_s: u64,
    /// Direction of the position.
    pub side: Side,
    /// What he deposits, micro-dollars.
    pub collateral_micro_usd: u64,
}

/// Draws `count` entrants over a scenario of `length_s` seconds, in order of time; none if there are no accounts to take
/// after.
pub fn draw(seed: u64, count: usize, length_s: u64, accounts: &[Account]) -> Vec<Entrant> {
    if accounts.is_empty() {
        return Vec::new();
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(streams::ENTRANTS);
    let mut entrants: Vec<Entrant> = (0..count)
        .map(|_| Entrant {
            time_s: random.random_range(0..=length_s),
            side: if random.random_bool(LONG_SHARE) { Side::Long } else { Side::Short },
            collateral_micro_usd: accounts[random.random_range(0..accounts.len())].collateral_micro_usd,
        })
        .collect();
    entrants.sort_by_key(|entrant| entrant.time_s);
    entrants
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: [Account; 2] = [
        Account { side: Side::Long, lots: 10, collateral_micro_usd: 1_000 },
        Account { side: Side::Short, lots: 10, collateral_micro_usd: 2_000 },
    ];

    #[test]
    fn entrants_come_in_order_of_time_within_the_scenario_and_three_of_four_are_long() {
        let entrants = draw(7, 4_000, 3_600, &ACCOUNTS);
        assert_eq!(entrants.len(), 4_000);
        assert!(entrants.is_sorted_by_key(|entrant| entrant.time_s));
        assert!(entrants.iter().all(|entrant| entrant.time_s <= 3_600));
        assert!(entrants.iter().all(|entrant| [1_000, 2_000].contains(&entrant.collateral_micro_usd)));
        let long = entrants.iter().filter(|entrant| entrant.side == Side::Long).count();
        assert!((2_900..3_100).contains(&long), "{long}");
    }

    #[test]
    fn a_seed_decides_who_comes() {
        assert_eq!(draw(7, 50, 3_600, &ACCOUNTS), draw(7, 50, 3_600, &ACCOUNTS));
        assert_ne!(draw(7, 50, 3_600, &ACCOUNTS), draw(8, 50, 3_600, &ACCOUNTS));
        assert_eq!(draw(7, 0, 3_600, &ACCOUNTS), []);
        assert_eq!(draw(7, 5, 3_600, &[]), []);
    }
}
