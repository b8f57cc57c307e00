//! Owns the market's true depth: what the book carries, whatever an engine believes.
//!
//! Assumed (RISK section 6): a calm depth that falls with the square of the recorded volatility,
//! `D(10 bp) = D0 · clamp((σ_ref/σ)², 1/42, 1)`. σ is Parkinson's estimate from the recorded minutes, averaged over a
//! quarter of an hour; the forced flow of a run does not change it.

use crate::minutes::Minute;

/// Calm depth of SOL at 10 bp, USD (RISK section 5).
pub const SOL_CALM_DEPTH_USD: f64 = 840_000.0;

/// Calm depth at 10 bp unless the user chooses, as a share of the open interest of a side: SOL's $0.84 M of $30 M.
pub const CALM_DEPTH_SHARE: f64 = 0.028;

/// Volatility at which the calm depth is defined, per √second: 80 % a year (RISK section 5).
const SIGMA_REF: f64 = 142e-6;

/// Averaging time of the variance, seconds.
const VARIANCE_TAU_S: f64 = 900.0;

/// The depth never falls below this part of the calm depth.
pub const LOWEST_PART: f64 = 1.0 / 42.0;

/// The notional that moves the recorded market by 10 bp, minute by minute.
#[derive(Clone, Debug)]
pub struct TrueDepth {
    usd: Vec<f64>,
    calm_usd: f64,
}

impl TrueDepth {
    /// Derives it from the recorded path. `calm_usd`: depth at reference volatility, USD, positive.
    pub fn of(minutes: &[Minute], calm_usd: f64) -> Self {
        let reference = SIGMA_REF * SIGMA_REF * 60.0;
        let weight = 1.0 - (-60.0 / VARIANCE_TAU_S).exp();
        let mut variance = reference;
        let usd = minutes
            .iter()
            .map(|minute| {
                let range = (minute.high as f64 / minute.low as f64).ln();
                let parkinson = range * range / (4.0 * std::f64::consts::LN_2);
                variance += (parkinson - variance) * weight;
                calm_usd * (reference / variance).clamp(LOWEST_PART, 1.0)
            })
            .collect();
        Self { usd, calm_usd }
    }

    /// Depth at 10 bp, USD, `seconds` after the beginning of the scenario (after its end: that of the last minute).
    pub fn at(&self, seconds: u64) -> f64 {
        let minute = (seconds / 60) as usize;
        let known = self.usd.get(minute).or(self.usd.last());
        known.copied().unwrap_or(self.calm_usd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(count: usize, range: f64) -> Vec<Minute> {
        let minute = Minute {
            open_time_ms: 0,
            open: 1_000_000_000,
            high: (1e9 * range.exp()) as u64,
            low: 1_000_000_000,
            close: 1_000_000_000,
            quote_volume_usd: 0.0,
        };
        vec![minute; count]
    }

    #[test]
    fn calm_markets_carry_the_calm_depth() {
        let depth = TrueDepth::of(&minutes(10, 0.0), 840_000.0);
        assert_eq!(depth.at(0), 840_000.0);
        assert_eq!(depth.at(10_000), 840_000.0);
        assert_eq!(TrueDepth::of(&[], 840_000.0).at(0), 840_000.0);
    }

    #[test]
    fn depth_falls_with_the_square_of_volatility_to_a_floor() {
        let reference_range = (SIGMA_REF * SIGMA_REF * 60.0 * 4.0 * std::f64::consts::LN_2).sqrt();
        let thrice = TrueDepth::of(&minutes(200, 3.0 * reference_range), 900_000.0);
        assert!((thrice.at(199 * 60) / 100_000.0 - 1.0).abs() < 1e-3);
        assert!(thrice.at(0) > thrice.at(60));

        let crash = TrueDepth::of(&minutes(10, 0.1), 840_000.0);
        assert_eq!(crash.at(60), 840_000.0 * LOWEST_PART);
    }
}
