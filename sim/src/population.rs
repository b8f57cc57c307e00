//! Owns the leveraged accounts that a replay starts with; the same seed gives the same accounts.
//!
//! Assumed: every account opens at the first price, half of them long and half short; sizes follow a Pareto law cut at a
//! hundred times the smallest, scaled so that each side holds the open interest to the lot; leverage is uniform from 3 to
//! 9.5, lowered for large accounts by the engine's size add-on (RISK section 2), so that everyone meets initial margin.

use anyhow::{ensure, Result};
use rand::Rng;
use rand_chacha::{rand_core::SeedableRng, ChaCha8Rng};

use crate::lots::{LotScale, MAX_LEG_LOTS, MAX_OPEN_LOTS};

/// Fewest and most accounts.
pub const ACCOUNTS: std::ops::RangeInclusive<usize> = 2..=10_000;
/// Open interest that there must be for each account, USD; keeps the smallest above the engine's $10.
pub const MIN_OPEN_INTEREST_PER_ACCOUNT_USD: f64 = 500.0;

const LEVERAGE: std::ops::Range<f64> = 3.0..9.5;
const PARETO_EXPONENT: f64 = 1.1;
const LARGEST_TO_SMALLEST: f64 = 100.0;

/// Which way an account is positioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Gains when the price rises.
    Long,
    /// Gains when the price falls.
    Short,
}

impl Side {
    /// +1 long, −1 short.
    pub fn sign(self) -> i128 {
        match self {
            Self::Long => 1,
            Self::Short => -1,
        }
    }

    /// The other side.
    pub fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }
}

/// One account before the replay: a single position, entered at the first price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Direction of its position.
    pub side: Side,
    /// Size of its position, at most [`MAX_LEG_LOTS`].
    pub lots: u64,
    /// What it deposited, micro-dollars; above initial margin of 10 % with the size add-on.
    pub collateral_micro_usd: u64,
}

/// What a population must look like.
#[derive(Clone, Copy, Debug)]
pub struct Census {
    /// Decides every random choice.
    pub seed: u64,
    /// Number of accounts, in [`ACCOUNTS`].
    pub accounts: usize,
    /// Open interest of one side, USD.
    pub open_interest_usd: f64,
    /// Entry price, micro-dollars per base token, positive.
    pub price: u64,
    /// Depth at 10 bp that the engine's size add-on is measured against, USD, positive.
    pub depth_usd: f64,
}

/// Draws the accounts: longs at even places, shorts at odd ones, both sides with equal lots.
pub fn draw(census: &Census) -> Result<Vec<Account>> {
    let Census { accounts: count, open_interest_usd, .. } = *census;
    ensure!(
        ACCOUNTS.contains(&count),
        "the number of accounts must be {} to {}, not {count}",
        ACCOUNTS.start(),
        ACCOUNTS.end()
    );
    let least_usd = MIN_OPEN_INTEREST_PER_ACCOUNT_USD * count as f64;
    ensure!(
        open_interest_usd >= least_usd,
        "an open interest of ${open_interest_usd} is too small for {count} accounts, ${least_usd} is the least"
    );
    let scale = LotScale::at_listing(census.price);
    let million_lots_micro_usd = scale.worth(1_000_000, i128::from(census.price)) as f64;
    let side_lots = open_interest_usd * 1e12 / million_lots_micro_usd;
    ensure!(
        side_lots <= MAX_OPEN_LOTS as f64,
        "an open interest of ${open_interest_usd} is more than a market can hold (2^38 lots)"
    );

    let mut random = ChaCha8Rng::seed_from_u64(census.seed);
    let longs = sizes(&mut random, count.div_ceil(2), side_lots as u64);
    let shorts = sizes(&mut random, count / 2, side_lots as u64);
    let sides = longs.len().max(shorts.len());
    (0..sides)
        .flat_map(|place| {
            let long = longs.get(place).map(|lots| (Side::Long, *lots));
            let short = shorts.get(place).map(|lots| (Side::Short, *lots));
            long.into_iter().chain(short)
        })
        .map(|(side, lots)| account(census, scale, &mut random, side, lots))
        .collect()
}

/// Splits `total` lots over `count` accounts by heavy-tailed weights, without losing one.
fn sizes(random: &mut ChaCha8Rng, count: usize, total: u64) -> Vec<u64> {
    let cut = 1.0 - LARGEST_TO_SMALLEST.powf(-PARETO_EXPONENT);
    let weights: Vec<f64> =
        (0..count).map(|_| (1.0 - random.random::<f64>() * cut).powf(-1.0 / PARETO_EXPONENT)).collect();
    let sum: f64 = weights.iter().sum();
    let mut lots: Vec<u64> = weights.iter().map(|weight| (total as f64 * weight / sum) as u64).collect();
    // Floats may round either way: the largest account carries the difference.
    let placed: u64 = lots.iter().sum();
    if let Some(largest) = lots.iter_mut().max() {
        *largest = *largest + total - placed;
    }
    lots
}

fn account(census: &Census, scale: LotScale, random: &mut ChaCha8Rng, side: Side, lots: u64) -> Result<Account> {
    ensure!(
        lots <= MAX_LEG_LOTS,
        "an account would hold {lots} lots, more than a leg can (2^37): take more accounts or less open interest"
    );
    let notional_micro_usd = scale.worth(lots, i128::from(census.price)) as f64;
    let size_factor = 1.0 + 0.1 * (notional_micro_usd / 1e6 / census.depth_usd).sqrt();
    let highest = LEVERAGE.end / size_factor.min(2.0);
    let leverage = random.random_range(LEVERAGE).min(highest);
    Ok(Account { side, lots, collateral_micro_usd: (notional_micro_usd / leverage).ceil() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENSUS: Census =
        Census { seed: 7, accounts: 200, open_interest_usd: 30e6, price: 203_800_000, depth_usd: 600_000.0 };

    fn side_lots(accounts: &[Account], side: Side) -> u64 {
        let of_side = accounts.iter().filter(|account| account.side == side);
        of_side.map(|account| account.lots).sum()
    }

    #[test]
    fn both_sides_hold_the_open_interest_to_the_lot() {
        let scale = LotScale::at_listing(CENSUS.price);
        for accounts in [2, 3, 200, 201, 10_000] {
            for seed in 0..20 {
                let census = Census { seed, accounts, ..CENSUS };
                let drawn = draw(&census).unwrap();
                assert_eq!(drawn.len(), accounts);
                let long = side_lots(&drawn, Side::Long);
                assert_eq!(long, side_lots(&drawn, Side::Short));
                let usd = scale.worth(long, i128::from(CENSUS.price)) as f64 / 1e6;
                assert!((usd - CENSUS.open_interest_usd).abs() < 0.01, "{usd}");
            }
        }
    }

    #[test]
    fn everyone_meets_initial_margin_with_head_room() {
        let scale = LotScale::at_listing(CENSUS.price);
        for account in draw(&CENSUS).unwrap() {
            let notional = scale.worth(account.lots, i128::from(CENSUS.price)) as f64;
            let factor = 1.0 + 0.1 * (notional / 1e6 / CENSUS.depth_usd).sqrt();
            let margin = account.collateral_micro_usd as f64 / notional;
            assert!(margin >= 0.1 * factor.min(2.0) * 1.05);
            assert!(margin <= 1.0 / 3.0 + 1e-6);
            assert!(notional >= 10e6);
        }
    }

    #[test]
    fn sizes_are_heavy_tailed() {
        let mut lots: Vec<u64> = draw(&CENSUS).unwrap().iter().map(|a| a.lots).collect();
        lots.sort_unstable();
        let top_tenth: u64 = lots[180..].iter().sum();
        let share = top_tenth as f64 / lots.iter().sum::<u64>() as f64;
        assert!((0.3..0.8).contains(&share), "{share}");
    }

    #[test]
    fn a_seed_decides_everything() {
        let other = Census { seed: 8, ..CENSUS };
        assert_eq!(draw(&CENSUS).unwrap(), draw(&CENSUS).unwrap());
        assert_ne!(draw(&CENSUS).unwrap(), draw(&other).unwrap());
    }

    #[test]
    fn impossible_populations_are_refused() {
        let why = |census: Census| draw(&census).unwrap_err().to_string();
        assert_eq!(why(Census { accounts: 1, ..CENSUS }), "the number of accounts must be 2 to 10000, not 1");
        assert_eq!(
            why(Census { open_interest_usd: 1_000.0, ..CENSUS }),
            "an open interest of $1000 is too small for 200 accounts, $100000 is the least"
        );
        assert!(why(Census { open_interest_usd: 1e12, ..CENSUS }).contains("more than a market can hold"));
        assert!(why(Census { open_interest_usd: 400e6, accounts: 2, ..CENSUS }).contains("more than a leg can"));
    }
}
