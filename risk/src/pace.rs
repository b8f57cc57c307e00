//! The pause between two slices of one account (RISK section 4, 'Adaptive delay').
//!
//! Assumes that the health passed in is that after the slice, and that no market more than doubles within a pause.

use crate::error::RiskResult;
use crate::fixed::{
    add, add_wide, div_ceil, mul, mul_div_ceil, mul_narrow, mul_ppm_ceil, ratio_floor, saturate, saturating_mul,
    signed, sub_signed, PPM,
};
use crate::health::{Health, LegHealth};
use crate::params::MarketParams;
use crate::units::SideName;

/// Largest √T that is distinguished, 2^-16: 256, far above that of any T_cap.
const ROOT_MAX_Q16: u64 = 1 << 24;
/// What the rounding of a rate adds to it at most while its market doubles, ppm of notional (M-1, M-3).
const RATE_ROUNDING_PPM: u64 = 4;

/// Slots until the next slice: `T = ((E − h·MM) / (z·Σ σ_i·w_i))²`, the first passage of the backstop line h by a random
/// walk at z standard deviations of each leg's market, clamped to `[0, T_cap]`, rounded down: rounding never eats the
/// envelope. On the line and below it nothing waits.
///
/// A price that moves by m against a leg costs `m·N`. Against a short it also raises the requirement, by the notional and
/// by the root of it in the size add-on: `(1 + m)^1.5 ≤ 1 + 2m` while m ≤ 1, hence `w = N + 2·h·MM` for a short and
/// `w = N` for a long. Strict: after the slots, `E ≥ h·MM` still holds for every move of at most z·σ·√T. Rule R-2.
pub fn delay_slots(params: &MarketParams, health: &Health) -> RiskResult<u64> {
    let line_ppm = u64::from(params.backstop_line_ppm);
    let mut per_root_slot = 0; // Σ σ_i·w_i, ppm of an atom
    let mut rounding_atoms = 0;
    for leg in health.legs() {
        let exposed = exposed_atoms(leg, line_ppm)?;
        per_root_slot = add_wide(per_root_slot, mul(exposed, leg.sigma_slot_ppm))?;
        rounding_atoms = add(rounding_atoms, mul_ppm_ceil(leg.notional_atoms, RATE_ROUNDING_PPM)?)?;
    }
    let required = mul_div_ceil(add(health.maintenance(), rounding_atoms)?, line_ppm, PPM)?;
    let Ok(room) = u64::try_from(sub_signed(health.equity(), signed(required))?.max(0)) else {
        return Ok(u64::from(params.pace_cap_slots));
    };
    let step = mul_narrow(saturate(div_ceil(per_root_slot, PPM)?), u64::from(params.pace_z)).unwrap_or(u64::MAX);
    Ok(first_passage_slots(room, step).min(u64::from(params.pace_cap_slots)))
}

/// What a unit of relative move against a leg takes from the distance to `line_ppm` of maintenance. Unit: atoms. Rule R-2.
fn exposed_atoms(leg: &LegHealth, line_ppm: u64) -> RiskResult<u64> {
    match SideName::of(leg.lots) {
        SideName::Long => Ok(leg.notional_atoms),
        SideName::Short => add(leg.notional_atoms, mul_ppm_ceil(leg.maintenance_atoms, line_ppm.saturating_mul(2))?),
    }
}

/// `⌊(room / step)²⌋`: the time in which a walk that costs `step` per √slot uses up `room`. Unit: slots.
fn first_passage_slots(room_atoms: u64, step_atoms: u64) -> u64 {
    if room_atoms == 0 {
        return 0;
    }
    let root_q16 = ratio_floor(room_atoms, step_atoms, 16).map_or(ROOT_MAX_Q16, saturate).min(ROOT_MAX_Q16);
    saturating_mul(root_q16, root_q16) >> 32
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::health::{NoMarkets, Stance};
    use crate::state::{AccountState, Leg, MarketState, Now};
    use bytemuck::Zeroable;

    const PARAMS: MarketParams = MarketParams::SOL; // h_bs ½, z 3, T_cap 25
    const LOTS: i64 = 1_000_000;

    /// T of an account with one position of $1 000 at a rate of 5 % and that health.
    fn delay(health_ppm: i64, sigma_slot_ppm: u32, lots: i64) -> u64 {
        let mut market = MarketState::new(PARAMS);
        market.mark = 1_000_000_000;
        market.maintenance_q32 = 50_000 << 32;
        market.depth.inverse_root_slow = 1; // an endless depth: no size add-on
        market.statistics.sigma_slot_ppm = sigma_slot_ppm;
        let mut account = AccountState { capital_atoms: (50 * health_ppm.max(0)) as u64, ..AccountState::zeroed() };
        account.legs[0] = Leg { in_use: 1, ..Leg::zeroed() };
        crate::leg::set_lots(&mut account.legs[0], &mut market, lots).unwrap();
        let now = Now { slot: 0, unix_timestamp: 0, last_restart_slot: 0 };
        let health = Health::assess(&account, Stance::Favour, Some((0, &market)), &NoMarkets, &now).unwrap();
        delay_slots(&PARAMS, &health).unwrap()
    }

    #[test]
    fn delay_of_a_long_is_the_first_passage_time_of_the_backstop_line() {
        // (H − ½) · 5 % / (3 σ), squared.
        let expected = |health: f64, sigma: f64| ((health - 0.5) * 0.05 / (3.0 * sigma * 1e-6)).powi(2) as u64;
        assert_eq!(delay(990_000, 1_800, LOTS), expected(0.99, 1_800.0));
        assert_eq!(delay(700_000, 900, LOTS), expected(0.7, 900.0));
        assert_eq!(delay(990_000, 113, LOTS), 25); // calm: T_cap
    }

    #[test]
    fn delay_of_a_short_counts_that_its_requirement_grows_with_the_price() {
        // The line of 2.5 % moves by up to twice the price: w = 1.05 N.
        let expected = ((0.99 - 0.5) * 0.05 / (3.0 * 0.001_800 * 1.05_f64)).powi(2) as u64;
        assert_eq!(delay(990_000, 1_800, -LOTS), expected);
        assert!(expected < delay(990_000, 1_800, LOTS));
    }

    #[test]
    fn delay_is_nothing_at_and_below_the_line_and_the_cap_without_volatility() {
        assert_eq!(delay(500_000, 100, LOTS), 0);
        assert_eq!(delay(0, 100, LOTS), 0);
        assert_eq!(delay(990_000, 0, LOTS), 25);
        assert_eq!(delay(990_000, u32::MAX, LOTS), 0);
    }
}
