//! Owns the walk between the four prices of a minute, and the confidence that an oracle would have published with it.
//!
//! A candle does not say when its extremes came. Assumed: the nearer one first (low before high in a rising minute, high
//! before low otherwise), straight lines in between, the extremes at one and at two thirds of the minute. Every open,
//! high, low and last close of the record is met exactly.
//!
//! Confidence: one standard deviation of what the price moves in a second, since publishers' quotes are about that far
//! apart in time. Per minute by Parkinson's range estimator, σ₁ₛ = (high − low)/middle / √(4·ln 2·60), at least 2.5 bp (the fee
//! floor that calm feeds show). It glides from one minute's figure to the next's, so it never announces a fall.

use anyhow::{ensure, Result};

use crate::minutes::Minute;

/// Seconds between samples of a replay, unless the user chooses.
pub const STEP_S: u64 = 4;
/// Seconds between samples that a user may choose; Breakwater calls a feed silent after 5 s.
pub const STEPS_S: std::ops::RangeInclusive<u64> = 1..=4;

/// Lowest confidence, ppm of the price.
pub const CONF_FLOOR_PPM: u64 = 250;

/// √(4·ln 2·60) in thousandths: Parkinson's range of a minute over the volatility of a second.
const RANGE_PER_SIGMA_MILLI: u64 = 12_898;

/// The recorded price at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Seconds since the beginning of the scenario.
    pub time_s: u64,
    /// Micro-dollars per base token, positive.
    pub price: u64,
    /// Confidence that the oracle publishes with it, ppm of the price, at least [`CONF_FLOOR_PPM`].
    pub conf_ppm: u32,
}

/// Walks through all minutes in steps of `step_s` seconds (a divisor of 60, at most 20); ends with the last close.
pub fn walk(minutes: &[Minute], step_s: u64) -> Result<Vec<Sample>> {
    ensure!(
        (1..=20).contains(&step_s) && 60 % step_s == 0,
        "the step must divide a minute and be at most 20 s, {step_s} s does not"
    );
    let steps = 60 / step_s;
    let mut samples = Vec::new();
    let mut conf_before = None;
    for (index, minute) in minutes.iter().enumerate() {
        let conf_after = conf_ppm(minute);
        let conf_before = conf_before.replace(conf_after).unwrap_or(conf_after);
        let start_s = index as u64 * 60;
        samples.extend((0..steps).map(|step| Sample {
            time_s: start_s + step * step_s,
            price: price(minute, step, steps),
            conf_ppm: between(conf_before, conf_after, step, steps) as u32,
        }));
    }
    if let Some(last) = minutes.last() {
        samples.push(Sample { time_s: minutes.len() as u64 * 60, price: last.close, conf_ppm: conf_ppm(last) as u32 });
    }
    Ok(samples)
}

/// The price after `step` of `steps` equal parts of the minute.
fn price(minute: &Minute, step: u64, steps: u64) -> u64 {
    let (first, second) =
        if minute.close > minute.open { (minute.low, minute.high) } else { (minute.high, minute.low) };
    let (one, two) = (steps / 3, 2 * steps / 3);
    if step < one {
        between(minute.open, first, step, one)
    } else if step < two {
        between(first, second, step - one, two - one)
    } else {
        between(second, minute.close, step - two, steps - two)
    }
}

/// The point `part/whole` of the way from `from` to `to`, rounded toward `from`.
fn between(from: u64, to: u64, part: u64, whole: u64) -> u64 {
    let way = |distance: u64| (u128::from(distance) * u128::from(part) / u128::from(whole)) as u64;
    if to >= from {
        from + way(to - from)
    } else {
        from - way(from - to)
    }
}

fn conf_ppm(minute: &Minute) -> u64 {
    let middle = u128::from(minute.low + minute.high) / 2;
    let range_ppm = u128::from(minute.high - minute.low) * 1_000_000 / middle;
    let sigma_ppm = range_ppm * 1_000 / u128::from(RANGE_PER_SIGMA_MILLI);
    (sigma_ppm as u64).max(CONF_FLOOR_PPM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(open: u64, high: u64, low: u64, close: u64) -> Minute {
        Minute { open_time_ms: 0, open, high, low, close, quote_volume_usd: 0.0 }
    }

    fn prices(minute: Minute) -> Vec<u64> {
        let samples = walk(&[minute], STEP_S).unwrap();
        samples.iter().map(|sample| sample.price).collect()
    }

    #[test]
    fn a_rising_minute_meets_its_low_first() {
        let prices = prices(minute(1_000, 1_300, 900, 1_200));
        assert_eq!(prices.len(), 16);
        assert_eq!([prices[0], prices[5], prices[10], prices[15]], [1_000, 900, 1_300, 1_200]);
        assert_eq!(prices[6], 900 + 400 / 5);
    }

    #[test]
    fn a_falling_minute_meets_its_high_first() {
        let prices = prices(minute(1_200, 1_300, 900, 1_000));
        assert_eq!([prices[0], prices[5], prices[10], prices[15]], [1_200, 1_300, 900, 1_000]);
    }

    #[test]
    fn every_step_meets_the_extremes() {
        let minute = minute(1_200, 1_300, 900, 1_000);
        for step_s in [1, 2, 3, 4, 5, 6, 10, 12, 15, 20] {
            let samples = walk(&[minute, minute], step_s).unwrap();
            assert_eq!(samples.len() as u64, 2 * 60 / step_s + 1);
            assert_eq!(samples.iter().map(|sample| sample.price).min(), Some(900));
            assert_eq!(samples.iter().map(|sample| sample.price).max(), Some(1_300));
        }
        for step_s in [0, 7, 30] {
            assert!(walk(&[minute], step_s).is_err());
        }
    }

    #[test]
    fn confidence_has_a_floor_and_follows_the_range_without_foresight() {
        let calm = minute(1_000_000, 1_000_100, 999_900, 1_000_000);
        let wild = minute(1_000_000, 1_050_000, 950_000, 1_000_000);
        let samples = walk(&[calm, wild, calm], STEP_S).unwrap();
        let wild_ppm = 100_000 * 1_000 / RANGE_PER_SIGMA_MILLI;
        let at = |time_s: usize| u64::from(samples[time_s / STEP_S as usize].conf_ppm);
        assert_eq!([at(0), at(60)], [CONF_FLOOR_PPM; 2]);
        assert_eq!(at(120), wild_ppm);
        assert_eq!(at(180), CONF_FLOOR_PPM);
        assert!(at(64) > CONF_FLOOR_PPM && at(64) < wild_ppm);
    }
}
