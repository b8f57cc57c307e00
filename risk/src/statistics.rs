//! Price statistics of a market (RISK section 1, 'Statistics'): variances by exponential means without exp or log.
//!
//! Owns [`PriceStatistics`]. A variance is ppm² per second with 32 fractional bits; a σ is ppm per √second,
//! rounded up. Assumes that publish times passed in only ever grow (`refresh` sees to it).

use crate::error::RiskResult;
use crate::fixed::{add, add_wide, div_ceil, elapsed_s, mul, saturate, saturate_u32, saturating_mul, sqrt_ceil, PPM};
use crate::params::MarketParams;
use crate::price::relative_ppm_ceil;
use crate::state::{MarketState, Now, PriceStatistics};

/// τ of the fast variance, seconds.
pub const FAST_TAU_S: u64 = 900;
/// τ of the slow variance, seconds.
pub const SLOW_TAU_S: u64 = 86_400;
/// A return enters when the last one is at least this old, seconds.
pub const RETURN_SPACING_S: u64 = 10;
/// Returns above 4 σ enter at once: 4² in units of variance.
const JUMP_FACTOR_SQUARED: u64 = 16;
/// Largest return that is distinguished, ppm: a thousandfold price.
const RETURN_MAX_PPM: u64 = 1_000_000_000;
/// Longest time between two returns that is distinguished, seconds.
const SPACING_MAX_S: u64 = 1 << 31;
/// Largest σ, ppm per √second: 100 %.
pub const SIGMA_MAX_PPM: u64 = PPM;
/// Oldest price whose age is distinguished, slots: about 39 days.
const AGE_MAX_SLOTS: u64 = 1 << 23;

/// Starts the statistics at the first price: both variances are `σ_ref²`, no return enters. Rule Y-2.
pub fn start(statistics: &mut PriceStatistics, params: &MarketParams, price: u64, publish_time: i64) -> RiskResult<()> {
    let variance = reference_variance(params);
    *statistics = PriceStatistics {
        variance_fast: variance,
        variance_slow: variance,
        reference_price: price,
        reference_time: publish_time,
        last_return_sigma_ppm: 0,
        sigma_now_ppm: 0,
        sigma_fast_ppm: 0,
        sigma_slot_ppm: 0,
    };
    derive_sigmas(statistics, params)
}

/// Takes a price into the statistics. Its return since the last one that entered enters when 10 s passed or when
/// it exceeds `4 · σ_fast · √dt`, so that calling often neither pumps nor starves the variance (RISK section 1). Rule Y-1.
pub fn observe(
    statistics: &mut PriceStatistics,
    params: &MarketParams,
    price: u64,
    publish_time: i64,
) -> RiskResult<()> {
    let dt = elapsed_s(statistics.reference_time, publish_time).min(SPACING_MAX_S);
    let difference = price.abs_diff(statistics.reference_price);
    let return_ppm = relative_ppm_ceil(difference, statistics.reference_price)?.min(RETURN_MAX_PPM);
    if !return_enters(statistics.variance_fast, return_ppm, dt) {
        return Ok(());
    }
    statistics.variance_fast = next_variance(statistics.variance_fast, return_ppm, dt, FAST_TAU_S)?;
    statistics.variance_slow = next_variance(statistics.variance_slow, return_ppm, dt, SLOW_TAU_S)?;
    statistics.reference_price = price;
    statistics.reference_time = publish_time;
    let per_second = div_ceil(mul(return_ppm, return_ppm), dt)?;
    statistics.last_return_sigma_ppm = saturate_u32(sqrt_ceil(saturate(per_second)).min(SIGMA_MAX_PPM));
    derive_sigmas(statistics, params)
}

/// Whether a return over `dt` seconds enters: `dt ≥ 10` or `r² > 16 · v · dt`, and never within the same second. Rule Y-1.
fn return_enters(variance: u64, return_ppm: u64, dt: u64) -> bool {
    if dt >= RETURN_SPACING_S {
        return true;
    }
    let limit = mul(variance, dt.saturating_mul(JUMP_FACTOR_SQUARED));
    dt > 0 && squared_q32(return_ppm) > limit
}

/// `v + (r²/dt − v) · dt/(dt + τ) = (v·τ + r²)/(dt + τ)`, rounded up, saturating (RISK section 1). Rule Y-2.
fn next_variance(variance: u64, return_ppm: u64, dt: u64, tau: u64) -> RiskResult<u64> {
    let sum = add_wide(mul(variance, tau), squared_q32(return_ppm))?;
    Ok(saturate(div_ceil(sum, add(tau, dt)?)?))
}

/// `r²` with 32 fractional bits; r ≤ 10^9, so below 2^92.
fn squared_q32(return_ppm: u64) -> u128 {
    mul(return_ppm, return_ppm) << 32
}

/// `σ_ref²` as a variance.
pub fn reference_variance(params: &MarketParams) -> u64 {
    let sigma = u64::from(params.sigma_ref_ppm);
    saturate(mul(sigma, sigma) << 32)
}

/// `√variance`, rounded up. Unit: ppm per √second, at most 2^16.
pub fn sigma_of_variance(variance: u64) -> u64 {
    sqrt_ceil(variance).div_ceil(1 << 16) // the root of 32 fractional bits has 16
}

/// σ_now = max(fast, stress/2, |last return|/√dt) and the figures that follow from it (RISK section 1). Rule Y-3.
fn derive_sigmas(statistics: &mut PriceStatistics, params: &MarketParams) -> RiskResult<()> {
    let fast = sigma_of_variance(statistics.variance_fast);
    let stress = u64::from(params.sigma_stress_ppm).div_ceil(2);
    let now = fast.max(stress).max(u64::from(statistics.last_return_sigma_ppm)).min(SIGMA_MAX_PPM);
    statistics.sigma_fast_ppm = saturate_u32(fast);
    statistics.sigma_now_ppm = saturate_u32(now);
    statistics.sigma_slot_ppm = saturate_u32(sigma_per_slot(now, u64::from(params.slot_ms)));
    Ok(())
}

/// σ per √slot of a σ per √second, `σ · √(slot_ms / 1000)`, rounded up. Unit: ppm. Rule Y-3.
pub fn sigma_per_slot(sigma_ppm: u64, slot_ms: u64) -> u64 {
    let variance = saturating_mul(saturating_mul(sigma_ppm, sigma_ppm), slot_ms).div_ceil(1_000);
    sqrt_ceil(variance)
}

/// σ of the moment per √slot, cached at the last refresh. Unit: ppm.
pub fn sigma_slot_ppm(market: &MarketState) -> u64 {
    u64::from(market.statistics.sigma_slot_ppm)
}

/// Whether the market is calm: fast volatility at most 1.5 times the slow one (DESIGN section 6). Rule Y-4.
pub fn is_calm(market: &MarketState) -> bool {
    let (fast, slow) = (market.statistics.variance_fast, market.statistics.variance_slow);
    mul(fast, 4) <= mul(slow, 9)
}

/// How far the price may have moved since the mark, `min(σ_slot · √age, mm/8)`, rounded up before the cap
/// (DESIGN section 5): legs whose market is not fresh are valued that far from their mark. Unit: ppm. Rule H-2.
pub fn age_move_ppm(market: &MarketState, now: &Now, maintenance_rate_ppm: u64) -> RiskResult<u64> {
    let age = now.slot.saturating_sub(market.mark_slot).min(AGE_MAX_SLOTS);
    let sigma = sigma_slot_ppm(market);
    let moved = sqrt_ceil(saturating_mul(saturating_mul(sigma, sigma), age));
    Ok(moved.min(maintenance_rate_ppm / 8))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fixed::ONE_Q32;

    const PRICE: u64 = 2_000_000_000;
    const PARAMS: MarketParams = MarketParams::SOL;

    fn started() -> PriceStatistics {
        let mut statistics = bytemuck::Zeroable::zeroed();
        start(&mut statistics, &PARAMS, PRICE, 1_000).unwrap();
        statistics
    }

    fn moved(ppm: i64) -> u64 {
        PRICE.checked_add_signed(PRICE as i64 * ppm / PPM as i64).unwrap()
    }

    #[test]
    fn first_price_starts_at_the_reference_volatility() {
        let statistics = started();
        assert_eq!(statistics.sigma_fast_ppm, PARAMS.sigma_ref_ppm);
        assert_eq!(statistics.sigma_now_ppm, PARAMS.sigma_stress_ppm.div_ceil(2));
        // 178 ppm per √s · √0.4 = 112.58
        assert_eq!(statistics.sigma_slot_ppm, 113);
    }

    #[test]
    fn return_after_ten_seconds_enters_with_the_weight_of_its_time() {
        let mut statistics = started();
        observe(&mut statistics, &PARAMS, moved(2_000), 1_010).unwrap();
        let (reference, r, dt, tau) = (f64::from(PARAMS.sigma_ref_ppm).powi(2), 2_000.0_f64, 10.0, 900.0);
        let expected = reference + (r * r / dt - reference) * dt / (dt + tau);
        let found = statistics.variance_fast as f64 / ONE_Q32 as f64;
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
        assert_eq!(statistics.last_return_sigma_ppm, 633); // 2 000 / √10 = 632.5
        assert_eq!(statistics.sigma_now_ppm, 633);
        assert_eq!((statistics.reference_price, statistics.reference_time), (moved(2_000), 1_010));
    }

    #[test]
    fn small_return_waits_and_large_return_enters_at_once() {
        let mut statistics = started();
        observe(&mut statistics, &PARAMS, moved(4 * 142), 1_001).unwrap();
        assert_eq!(statistics, started()); // exactly 4 σ
        observe(&mut statistics, &PARAMS, moved(4 * 142 + 1), 1_001).unwrap();
        assert_eq!(statistics.reference_time, 1_001);
    }

    #[test]
    fn variance_saturates_instead_of_overflowing() {
        let mut statistics = started();
        for step in 0..100 {
            let price = if step % 2 == 0 { 1 } else { crate::units::MAX_PRICE };
            observe(&mut statistics, &PARAMS, price, 1_001 + step).unwrap();
        }
        assert_eq!(statistics.variance_fast, u64::MAX);
        assert_eq!(u64::from(statistics.sigma_fast_ppm), 1 << 16);
        assert_eq!(u64::from(statistics.sigma_now_ppm), SIGMA_MAX_PPM);
    }

    #[test]
    fn price_moves_with_the_root_of_its_age_up_to_an_eighth_of_the_rate() {
        let mut market = MarketState::new(PARAMS);
        (market.statistics, market.mark_slot) = (started(), 100);
        let at = |slot| Now { slot, unix_timestamp: 0, last_restart_slot: 0 };
        let sigma = sigma_slot_ppm(&market);
        assert_eq!(age_move_ppm(&market, &at(100), 50_000), Ok(0));
        assert_eq!(age_move_ppm(&market, &at(99), 50_000), Ok(0));
        assert_eq!(age_move_ppm(&market, &at(125), 50_000), Ok(sigma * 5));
        assert_eq!(age_move_ppm(&market, &at(u64::MAX), 50_000), Ok(50_000 / 8));
    }
}
