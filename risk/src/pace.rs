//! The pause between two slices of one account (RISK section 4, 'Adaptive delay').

use crate::error::RiskResult;
use crate::fixed::{mul_div_ceil, mul_div_floor, signed, sub_signed, unsigned, PPM};
use crate::params::MarketParams;

/// Largest distance to the backstop line that is distinguished, ppm of notional.
const DISTANCE_MAX_PPM: u64 = 1 << 31;

/// Slots until the next slice: `T = ((H − h_bs)·mm̄ / (z·σ_slot))²`, the first passage of the backstop line by a
/// random walk at z standard deviations, clamped to `[0, T_cap]`, rounded down: rounding never eats the envelope.
///
/// With `H·mm̄ = E/ΣN` the distance is `(E − h_bs·MM)/ΣN`. Below the line T is 0; without notional nothing waits.
///
/// `equity` and `maintenance_atoms` are E and MM after the slice, `notional_atoms` is ΣN, `sigma_slot_ppm` the
/// notional-weighted mean of σ per √slot. Rule R-2.
pub fn delay_slots(
    params: &MarketParams,
    equity: i128,
    maintenance_atoms: u64,
    notional_atoms: u64,
    sigma_slot_ppm: u64,
) -> RiskResult<u64> {
    let line = mul_div_ceil(maintenance_atoms, u64::from(params.backstop_line_ppm), PPM)?;
    let room = sub_signed(equity, signed(line))?;
    if room <= 0 || notional_atoms == 0 {
        return Ok(0);
    }
    let room = unsigned(room).unwrap_or(u64::MAX);
    let distance = mul_div_floor(room, PPM, notional_atoms).map_or(DISTANCE_MAX_PPM, |ppm| ppm.min(DISTANCE_MAX_PPM));
    let step = u64::from(params.pace_z).saturating_mul(sigma_slot_ppm);
    let cap = u64::from(params.pace_cap_slots);
    let slots = distance.saturating_mul(distance).checked_div(step.saturating_mul(step));
    Ok(slots.unwrap_or(cap).min(cap))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;

    const PARAMS: MarketParams = MarketParams::SOL; // h_bs ½, z 3, T_cap 25

    fn delay(health_ppm: i128, sigma_slot_ppm: u64) -> u64 {
        let (notional, maintenance) = (1_000_000_000, 50_000_000); // mm̄ = 5 %
        delay_slots(&PARAMS, 50 * health_ppm, maintenance, notional, sigma_slot_ppm).unwrap()
    }

    #[test]
    fn delay_is_the_first_passage_time_of_the_backstop_line() {
        // (H − ½) · 5 % / (3 σ), squared.
        let expected = |health: f64, sigma: f64| ((health - 0.5) * 0.05 / (3.0 * sigma * 1e-6)).powi(2) as u64;
        assert_eq!(delay(990_000, 1_800), expected(0.99, 1_800.0));
        assert_eq!(delay(700_000, 900), expected(0.7, 900.0));
        assert_eq!(delay(990_000, 113), 25); // calm: T_cap
    }

    #[test]
    fn delay_is_nothing_at_and_below_the_line_and_the_cap_without_volatility() {
        assert_eq!(delay(500_000, 100), 0);
        assert_eq!(delay(-5_000_000, 100), 0);
        assert_eq!(delay(990_000, 0), 25);
        assert_eq!(delay_slots(&PARAMS, 1, 0, 0, 100), Ok(0));
        assert_eq!(delay_slots(&PARAMS, i128::MAX, u64::MAX, 1, u64::MAX), Ok(0));
    }
}
