//! Margin rates of a leg (RISK section 2): a maintenance rate that may not jump, an initial rate that may.
//!
//! Owns `maintenance_q32` and `maintenance_time` of a market. Rates are ppm of notional, rounded up. Everything that
//! does not depend on the leg is cached at refresh, because [`rates`] runs once per leg.

use crate::error::RiskResult;
use crate::fixed::{
    add_wide, div_floor, elapsed_s, mul, mul_narrow, saturate, saturating_mul, sqrt_ceil, ONE_Q32, PPM,
};
use crate::params::MarketParams;
use crate::state::MarketState;
use crate::units::SideName;

/// Most time that one step of the maintenance rate counts, seconds.
pub const STEP_TIME_MAX_S: u64 = 3_600;
/// The calm drift to the upper edge of the band is slower than a step by this factor.
pub const CALM_DRIFT_DIVISOR: u64 = 24;
/// Largest √(N/D) that is distinguished, 2^-32: 128. The smallest add-on parameter reaches its cap at 100.
const SIZE_RATIO_MAX_Q32: u64 = 1 << 39;

/// Stress of the whole market as factors on initial margin, each counted within [1, 2]. Maintenance margin never sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stress {
    /// Crowding factor of the leg's side: its cascade ratio at the last measurement (RISK section 4), ppm.
    pub crowding_ppm: u64,
    /// Macro factor: what the market last read of the macro index (RISK section 2), ppm.
    pub macro_ppm: u64,
}

impl Stress {
    /// The stress of a side of a market.
    pub fn of(market: &MarketState, side: SideName) -> Self {
        Self { crowding_ppm: u64::from(market.ladder.ratio_ppm(side)), macro_ppm: market.macro_view.factor_ppm() }
    }
}

/// Margin rates of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Maintenance rate, ppm of notional, at most 100 %.
    pub maintenance_ppm: u64,
    /// Initial rate, ppm of notional, at least `1.1 · (1 + buffer)` maintenance.
    pub initial_ppm: u64,
}

/// `M_raw = base · σ_blend/σ_blend(σ_ref)`, the factor in [1, 2], with `σ_blend² = 0.75·slow + 0.25·stress²`
/// (RISK section 2). Unit: 2^-32 ppm. Rule M-4.
pub fn raw_maintenance_q32(params: &MarketParams, variance_slow: u64) -> RiskResult<u64> {
    let (reference, stress) = (u64::from(params.sigma_ref_ppm), u64::from(params.sigma_stress_ppm));
    let stress_squared = mul_narrow(stress, stress)?;
    let calm = mul_narrow(reference, reference)?.saturating_mul(3).saturating_add(stress_squared); // below 2^32
    let blend = add_wide(mul(variance_slow, 3), u128::from(stress_squared) << 32)?;
    let ratio_q32 = saturate(div_floor(blend, calm)?).clamp(ONE_Q32, ONE_Q32.saturating_mul(4));
    let factor_q30 = sqrt_ceil(ratio_q32 << 28); // ≤ 2^62 under the root
    mul_narrow(u64::from(params.maintenance_base_ppm), factor_q30 << 2)
}

/// Upper edge of the band, `1.25 · M_raw`. Unit: 2^-32 ppm.
fn upper_edge(raw: u64) -> u64 {
    raw.saturating_add(raw / 4)
}

/// Steps the applied maintenance rate to `unix` (RISK section 2; EMIR RTS 153/2013, article 28: a 25 % buffer built in
/// calm and used up in stress). While `M_raw ≤ M ≤ 1.25·M_raw` it does not move; under the band it rises, above it
/// falls, by at most `maintenance_step_ppm` per hour; in calm it drifts up to the edge at 1/24 of that. Rule M-4.
pub fn step_maintenance(market: &mut MarketState, unix: i64) -> RiskResult<()> {
    let raw = raw_maintenance_q32(&market.params, market.statistics.variance_slow)?;
    let edge = upper_edge(raw);
    if market.maintenance_q32 == 0 {
        (market.maintenance_q32, market.maintenance_time) = (edge, unix);
        return Ok(());
    }
    let seconds = elapsed_s(market.maintenance_time, unix).min(STEP_TIME_MAX_S);
    let hourly_q32 = u64::from(market.params.maintenance_step_ppm) << 32;
    let step = mul_narrow(hourly_q32, seconds)? / STEP_TIME_MAX_S; // at least 10^8 a second: nothing rounds to zero
    let applied = market.maintenance_q32;
    let calm = market.statistics.variance_fast <= market.statistics.variance_slow;
    market.maintenance_q32 = if applied < raw {
        applied.saturating_add(step).min(raw)
    } else if applied > edge {
        applied.saturating_sub(step).max(edge)
    } else if calm {
        applied.saturating_add(step / CALM_DRIFT_DIVISOR).min(edge)
    } else {
        applied
    };
    market.maintenance_time = market.maintenance_time.max(unix);
    Ok(())
}

/// Maintenance rate of a leg of `notional_atoms`: applied M × size factor by the slow depth. Unit: ppm, ≤ 100 %. Rule M-1.
pub fn maintenance_rate_ppm(market: &MarketState, notional_atoms: u64) -> RiskResult<u64> {
    let extra = size_extra_ppm(market, sqrt_ceil(notional_atoms), market.depth.inverse_root_slow);
    Ok(maintenance_of(market, extra))
}

/// Initial rate of a leg of `notional_atoms` on a side. Unit: ppm.
pub fn initial_rate_ppm(market: &MarketState, side: SideName, notional_atoms: u64) -> RiskResult<u64> {
    Ok(rates(market, side, notional_atoms)?.initial_ppm)
}

/// Both rates of a leg of `notional_atoms` on a side; they share the square root of its notional.
pub fn rates(market: &MarketState, side: SideName, notional_atoms: u64) -> RiskResult<Rates> {
    let root = sqrt_ceil(notional_atoms);
    let slow = market.depth.inverse_root_slow;
    let live = market.depth.inverse_root_live;
    let slow_extra = size_extra_ppm(market, root, slow);
    // The smaller depth has the larger inverse root; a missing one (0) counts as no depth at all.
    let least_extra = if live > slow || live == 0 { size_extra_ppm(market, root, live) } else { slow_extra };
    let maintenance_ppm = maintenance_of(market, slow_extra);
    let initial_ppm =
        initial_of(&market.params, market.statistics.sigma_fast_ppm, least_extra, Stress::of(market, side))
            .max(least_initial(&market.params, maintenance_ppm));
    Ok(Rates { maintenance_ppm, initial_ppm })
}

/// Size add-on `size_addon · √(N/D)`, at most 1, rounded up: the dynamic liquidation threshold by depth
/// (RISK section 2). Unit: ppm. A market without depth has the full add-on. Rule M-3.
fn size_extra_ppm(market: &MarketState, notional_root: u64, inverse_root: u64) -> u64 {
    if inverse_root == 0 {
        return PPM;
    }
    let ratio_q32 = saturating_mul(notional_root, inverse_root).min(SIZE_RATIO_MAX_Q32);
    let extra = saturating_mul(ratio_q32, u64::from(market.params.size_addon_ppm)).div_ceil(ONE_Q32);
    extra.min(PPM)
}

/// `M · (1 + extra)`, at most 100 %; 100 % for a market that has no rate yet. M keeps 16 fractional bits here. Rule M-1.
fn maintenance_of(market: &MarketState, extra_ppm: u64) -> u64 {
    if market.maintenance_q32 == 0 {
        return PPM;
    }
    let applied_q16 = market.maintenance_q32.div_ceil(1 << 16); // at most 2^20 ppm · 2^16
    let factor = PPM.saturating_add(extra_ppm);
    saturating_mul(applied_q16, factor).div_ceil(PPM << 16).min(PPM)
}

/// `base · volatility · size · crowding · macro`, the product at most 100 % (RISK section 2). Unit: ppm. Rule M-2.
fn initial_of(params: &MarketParams, sigma_fast_ppm: u32, extra_ppm: u64, stress: Stress) -> u64 {
    let reference = u64::from(params.sigma_ref_ppm).max(1);
    let volatility = saturating_mul(u64::from(sigma_fast_ppm), PPM).div_ceil(reference);
    let mut rate = u64::from(params.initial_base_ppm);
    for factor in [volatility, PPM.saturating_add(extra_ppm), stress.crowding_ppm, stress.macro_ppm] {
        rate = saturating_mul(rate, factor.clamp(PPM, PPM.saturating_mul(2))).div_ceil(PPM);
    }
    rate.min(PPM)
}

/// `1.1 · (1 + buffer) · MM`, which initial margin never falls below. Unit: ppm, may exceed 100 %. Rule M-2.
fn least_initial(params: &MarketParams, maintenance_ppm: u64) -> u64 {
    let buffered = PPM.saturating_add(u64::from(params.buffer_ppm)).saturating_mul(11);
    saturating_mul(maintenance_ppm, buffered).div_ceil(PPM.saturating_mul(10))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::depth::inverse_root_ceil;
    use crate::statistics::reference_variance;

    const PARAMS: MarketParams = MarketParams::SOL;
    const HOUR: i64 = 3_600;

    /// A market with the given applied rate and depth at reference volatility.
    fn market(applied_ppm: u64, depth_atoms: u64) -> MarketState {
        let mut market = MarketState::new(PARAMS);
        let variance = reference_variance(&PARAMS);
        (market.statistics.variance_fast, market.statistics.variance_slow) = (variance, variance);
        market.statistics.sigma_fast_ppm = PARAMS.sigma_ref_ppm;
        (market.maintenance_q32, market.maintenance_time) = (applied_ppm << 32, HOUR);
        market.depth.inverse_root_slow = inverse_root_ceil(depth_atoms);
        market.depth.inverse_root_live = market.depth.inverse_root_slow;
        market
    }

    fn step(market: &mut MarketState, unix: i64) -> u64 {
        step_maintenance(market, unix).unwrap();
        market.maintenance_q32 >> 32
    }

    #[test]
    fn applied_rate_starts_at_the_upper_edge_of_the_band() {
        assert_eq!(step(&mut market(0, 1), HOUR), 62_500); // 1.25 · 5 %
    }

    /// PEERS, 'Anti-procyclicality': applied 125, raw 100 → 125 ⇒ applied stays 125.
    #[test]
    fn raw_rate_may_rise_by_the_buffer_without_moving_the_applied_one() {
        let mut market = market(62_500, 1);
        // σ_blend² = 0.75·slow + 0.25·stress² at (1.25 σ_blend(σ_ref))², less a trace
        let (reference, stress) = (f64::from(PARAMS.sigma_ref_ppm).powi(2), f64::from(PARAMS.sigma_stress_ppm).powi(2));
        let slow = (1.5624 * (0.75 * reference + 0.25 * stress) - 0.25 * stress) / 0.75;
        market.statistics.variance_slow = (slow * ONE_Q32 as f64) as u64;
        market.statistics.variance_fast = u64::MAX;
        let raw = raw_maintenance_q32(&PARAMS, market.statistics.variance_slow).unwrap() >> 32;
        assert!((62_490..62_500).contains(&raw), "{raw}");
        assert_eq!(step(&mut market, 2 * HOUR), 62_500);
        market.statistics.variance_slow += market.statistics.variance_slow / 10;
        assert!(step(&mut market, 3 * HOUR) > 62_500);
    }

    #[test]
    fn applied_rate_moves_by_at_most_a_step_per_hour_and_a_24th_of_it_in_calm() {
        let hourly = u64::from(PARAMS.maintenance_step_ppm);
        let mut low = market(40_000, 1);
        assert_eq!(step(&mut low, 2 * HOUR), 40_000 + hourly);
        assert_eq!(step(&mut low, 9 * HOUR), 40_000 + 2 * hourly); // a pause counts as one hour
        let mut high = market(80_000, 1);
        assert_eq!(step(&mut high, HOUR + HOUR / 2), 80_000 - hourly / 2);
        let mut inside = market(55_000, 1);
        assert_eq!(step(&mut inside, 2 * HOUR), 55_000 + hourly / 24);
        inside.statistics.variance_fast += 1;
        assert_eq!(step(&mut inside, 3 * HOUR), 55_000 + hourly / 24);
    }

    #[test]
    fn raw_rate_factor_stays_between_one_and_two() {
        let base = u64::from(PARAMS.maintenance_base_ppm) << 32;
        assert_eq!(raw_maintenance_q32(&PARAMS, 0), Ok(base));
        assert_eq!(raw_maintenance_q32(&PARAMS, reference_variance(&PARAMS)), Ok(base));
        assert_eq!(raw_maintenance_q32(&PARAMS, u64::MAX), Ok(2 * base));
    }

    #[test]
    fn size_add_on_grows_with_the_root_of_notional_over_depth() {
        let market = market(62_500, 1 << 40);
        let rate = |notional| maintenance_rate_ppm(&market, notional).unwrap();
        assert_eq!(rate(0), 62_500);
        assert_eq!(rate(1 << 40), 68_750); // factor 1 + 0.1 · √1
        assert_eq!(rate(4 << 40), 75_000);
        assert_eq!(rate(100 << 40), 125_000); // factor 2
        assert_eq!(rate(1 << 60), 125_000);
    }

    #[test]
    fn initial_rate_follows_fast_volatility_and_live_depth_at_once() {
        let mut market = market(62_500, 1 << 40);
        let rate = |market: &MarketState| initial_rate_ppm(market, SideName::Long, 1 << 40).unwrap();
        assert_eq!(rate(&market), 110_000); // 10 % · 1.1
        market.depth.inverse_root_live = inverse_root_ceil(1 << 38);
        assert_eq!(rate(&market), 120_000);
        market.statistics.sigma_fast_ppm = PARAMS.sigma_ref_ppm * 3;
        assert_eq!(rate(&market), 240_000);
        (market.ladder.long_ratio_ppm, market.macro_view.stress_ppm) = (2_000_000, 5_000_000);
        let stressed = rates(&market, SideName::Long, 1 << 40).unwrap();
        assert_eq!(stressed.initial_ppm, 960_000); // each factor at most 2
        assert_eq!(stressed.maintenance_ppm, 68_750);
        assert_eq!(rates(&market, SideName::Short, 1 << 40).unwrap().initial_ppm, 480_000);
        // only longs are crowded
    }

    #[test]
    fn initial_rate_never_falls_below_maintenance_with_its_buffer() {
        let market = market(120_000, 1 << 40);
        let rates = rates(&market, SideName::Long, 1 << 40).unwrap();
        assert_eq!(rates.maintenance_ppm, 132_000);
        assert_eq!(rates.initial_ppm, 132_000 * 121 / 100); // 1.1 · (1 + 10 %)
    }

    #[test]
    fn market_without_a_rate_or_a_depth_asks_for_the_most() {
        assert_eq!(maintenance_rate_ppm(&market(0, 1 << 40), 1), Ok(PPM));
        assert_eq!(maintenance_rate_ppm(&market(62_500, 0), 1), Ok(125_000));
    }
}
