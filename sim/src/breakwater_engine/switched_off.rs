//! Owns what a market looks like after a refresh where a control inside of it is switched off.
//!
//! Such controls have no parameter that turns them off and leaves the rest alone, so their figures are put in the market's
//! place once a price is taken in, before anybody acts on it.

use breakwater_risk::{units::MAX_NOTIONAL_ATOMS, MarketParams, MarketState};

use crate::inputs::Controls;

/// Factor on the flow capacity: even at the least depth far more than a market of a replay holds.
const FLOW_FACTOR: u64 = 10_000;

/// The market without the controls that are off; none if all of them are on.
pub fn market(controls: &Controls, refreshed: &MarketState) -> Option<MarketState> {
    if controls.flow_limited && controls.damped {
        return None;
    }
    let mut market = *refreshed;
    if !controls.flow_limited {
        // Both by the same factor: their ratio is the depth by which a slice counts its own footprint.
        market.depth.capacity_atoms = market.depth.capacity_atoms.saturating_mul(FLOW_FACTOR).min(MAX_NOTIONAL_ATOMS);
        market.depth.move_ppm = market.depth.move_ppm.saturating_mul(FLOW_FACTOR);
    }
    if !controls.damped {
        market.maintenance_q32 = undamped_maintenance_q32(&market.params, market.statistics.sigma_fast_ppm);
    }
    Some(market)
}

/// `1.25 · base · clamp(σ_fast/σ_ref, 1, 2)`, rounded down: the upper edge of the damped rate's band (RISK section 2), with the
/// volatility of the moment in place of the blend. Unit: 2^-32 ppm.
fn undamped_maintenance_q32(params: &MarketParams, sigma_fast_ppm: u32) -> u64 {
    let reference = u64::from(params.sigma_ref_ppm).max(1);
    let sigma = u64::from(sigma_fast_ppm).clamp(reference, 2 * reference);
    let edge_q32 = (u128::from(params.maintenance_base_ppm) << 32) * 5 / 4;
    u64::try_from(edge_q32 * u128::from(sigma) / u128::from(reference)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use breakwater_risk::depth;

    const PARAMS: MarketParams = MarketParams::SOL;

    #[test]
    fn nothing_changes_while_all_controls_are_on() {
        assert_eq!(market(&Controls::default(), &MarketState::new(PARAMS)), None);
    }

    #[test]
    fn an_undamped_rate_follows_the_fast_volatility_between_once_and_twice() {
        let calm = 62_500 << 32;
        let at = |percent: u32| undamped_maintenance_q32(&PARAMS, PARAMS.sigma_ref_ppm * percent / 100);
        assert_eq!([at(0), at(100), at(150), at(200), at(900)], [calm, calm, calm * 3 / 2, calm * 2, calm * 2]);
    }

    #[test]
    fn an_unlimited_meter_leaves_the_depth_that_footprints_are_counted_by() {
        let mut refreshed = MarketState::new(PARAMS);
        (refreshed.mark, refreshed.publish_time) = (2_000_000_000, 100);
        (refreshed.depth.capacity_atoms, refreshed.depth.move_ppm) = (125_000_000_000, 2_500);
        let unlimited = market(&Controls { flow_limited: false, ..Controls::default() }, &refreshed).unwrap();
        let now = breakwater_risk::Now { slot: 1, unix_timestamp: 100, last_restart_slot: 0 };
        assert_eq!(unlimited.depth.capacity_atoms, refreshed.depth.capacity_atoms * FLOW_FACTOR);
        assert_eq!(depth::depth_per_unit(&unlimited, &now), depth::depth_per_unit(&refreshed, &now));
        assert_eq!(unlimited.maintenance_q32, refreshed.maintenance_q32);
    }
}
