//! Owns the path of a drought: minutes of a fall, and how wide the published confidence is.

use breakwater_risk::MarketParams;
use rand::Rng;
use rand_chacha::{rand_core::SeedableRng, ChaCha8Rng};

use crate::{
    minutes::{Minute, MINUTE_MS},
    path::Sample,
    scenario::Scenario,
    streams,
};

/// First price, micro-dollars per base token.
const FIRST_PRICE: u64 = 200_000_000;
/// Open time of the first minute: 10 October 2025, 00:00 UTC.
const START_MS: i64 = 1_760_054_400_000;
/// What is left of the price at the end.
const LAST_RATIO: f64 = 0.4;
/// Most that the price moves in a minute without a jump.
const NOISE: f64 = 0.004;
/// One minute in so many brings a jump down.
const MINUTES_PER_JUMP: u32 = 90;
/// Depth of a jump.
const JUMP: std::ops::Range<f64> = 0.02..0.07;
/// Share of a jump that comes back, and minutes that this takes.
const REBOUND: std::ops::Range<f64> = 0.3..0.7;
const REBOUND_MINUTES: std::ops::Range<u32> = 5..30;
/// How far a minute's extremes lie beyond its open and close.
const WICK: f64 = 0.002;
/// One minute in so many begins a stretch without confidence, and how long it lasts, minutes.
const MINUTES_PER_STRETCH: u32 = 360;
const STRETCH_MINUTES: std::ops::Range<u64> = 5..30;

fn random(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    random
}

/// So many minutes of it.
pub fn scenario(seed: u64, minutes: u64) -> Scenario {
    let mut random = random(seed, streams::DROUGHT_PATH);
    let returns = returns(&mut random, minutes);
    let missing = LAST_RATIO.ln() - returns.iter().sum::<f64>();
    let drift = missing / minutes as f64;
    let mut price = FIRST_PRICE as f64;
    let minutes = returns.iter().zip(0..).map(|(step, number)| {
        let (open, close) = (price, price * (step + drift).exp());
        price = close;
        let mut wick = || random.random::<f64>() * WICK;
        let (high, low) = (open.max(close) * (1.0 + wick()), open.min(close) * (1.0 - wick()));
        Minute {
            open_time_ms: START_MS + number * MINUTE_MS,
            open: open.round() as u64,
            high: high.round() as u64,
            low: low.round() as u64,
            close: close.round() as u64,
            quote_volume_usd: 0.0,
        }
    });
    Scenario { name: format!("drought-{seed}"), minutes: minutes.collect() }
}

/// Logarithmic returns by minute, before the drift that brings the price to where it ends.
fn returns(random: &mut ChaCha8Rng, minutes: u64) -> Vec<f64> {
    let (mut rebound, mut rebound_minutes) = (0.0, 0);
    let step = |_| {
        let mut step = random.random_range(-NOISE..NOISE);
        if rebound_minutes > 0 {
            step += rebound;
            rebound_minutes -= 1;
        }
        if random.random_ratio(1, MINUTES_PER_JUMP) {
            let jump = random.random_range(JUMP);
            rebound_minutes = random.random_range(REBOUND_MINUTES);
            rebound = jump * random.random_range(REBOUND) / f64::from(rebound_minutes);
            step -= jump;
        }
        step
    };
    (0..minutes).map(step).collect()
}

/// Widens the confidence: between what opening positions may have and what liquidations may have, beyond that in some stretches.
pub fn widen(samples: &mut [Sample], seed: u64, params: &MarketParams) {
    let mut random = random(seed, streams::DROUGHT_CONFIDENCE);
    let (narrow, wide) = (params.confidence_max_ppm, params.confidence_liquidation_max_ppm);
    let (mut minute, mut confidence_ppm, mut stretch_ends) = (u64::MAX, 0, 0);
    for sample in samples {
        if sample.time_s / 60 != minute {
            minute = sample.time_s / 60;
            if random.random_ratio(1, MINUTES_PER_STRETCH) {
                stretch_ends = minute + random.random_range(STRETCH_MINUTES);
            }
            let range =
                if minute < stretch_ends { wide + wide / 4..wide * 2 } else { narrow + narrow / 4..wide * 3 / 4 };
            confidence_ppm = random.random_range(range);
        }
        sample.conf_ppm = confidence_ppm;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{minutes, path::walk};

    #[test]
    fn the_price_ends_at_two_fifths_with_jumps_and_rebounds_on_the_way() {
        for seed in 0..5 {
            let scenario = scenario(seed, 3 * 1_440);
            let (first, last) = (scenario.minutes[0], scenario.minutes[scenario.minutes.len() - 1]);
            assert_eq!(first.open, FIRST_PRICE);
            assert!((last.close as f64 / FIRST_PRICE as f64 - LAST_RATIO).abs() < 1e-6);
            let moves = scenario.minutes.iter().map(|minute| minute.close as f64 / minute.open as f64 - 1.0);
            assert!(moves.clone().filter(|step| *step < -0.02).count() > 10);
            assert!(moves.filter(|step| *step > 0.0).count() > 1_000);
        }
    }

    #[test]
    fn the_minutes_are_such_as_a_file_may_have() {
        let scenario = scenario(3, 300);
        let lines = scenario.minutes.iter().map(|minute| {
            let [open, high, low, close] =
                [minute.open, minute.high, minute.low, minute.close].map(|price| price as f64 / 1e6);
            format!("{},{open},{high},{low},{close},0\n", minute.open_time_ms)
        });
        assert_eq!(minutes::parse(&lines.collect::<String>()).unwrap(), scenario.minutes);
    }

    #[test]
    fn nobody_may_ever_open_and_sometimes_nothing_may_be_liquidated() {
        let mut samples = walk(&scenario(7, 3 * 1_440).minutes, 4).unwrap();
        let params = MarketParams::SOL;
        widen(&mut samples, 7, &params);
        assert!(samples.iter().all(|sample| sample.conf_ppm > params.confidence_max_ppm));
        let unconfident = |sample: &&Sample| sample.conf_ppm > params.confidence_liquidation_max_ppm;
        let share = samples.iter().filter(unconfident).count() as f64 / samples.len() as f64;
        assert!((0.005..0.2).contains(&share), "{share}");
    }
}
