//! The flow meter of a market: order-book neutrality in one signed figure (RISK section 1).
//!
//! Utilisation u is in 2^-32: −1 means that forced sells have used all that the book absorbs, +1 forced buys. It
//! decays linearly toward zero, one per τ_flow. A forced sell may use `C · (1 + u)`, a forced buy `C · (1 − u)`, so
//! opposing closes pay for each other. C enters when flow is used, hence a change of C never changes u.

use crate::depth::flow_capacity;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{mul, ratio_ceil, saturate, ONE_Q32};
use crate::state::{FlowMeter, MarketState, Now};
use crate::units::lots_floor;

/// Direction of a forced order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowDirection {
    /// Closes a long.
    Sell,
    /// Closes a short.
    Buy,
}

/// One in utilisation units.
const ONE: i64 = 1 << 32;
/// Farthest utilisation: a last piece at almost no depth cannot block the meter for longer than 2 τ_flow.
const UTILISATION_MAX: i64 = 2 << 32;

/// Utilisation at `slot`, decayed linearly by `2^32 / recovery_slots` a slot. The decay between two slots is the
/// difference of `⌊2^32 · slot / τ⌋`, which adds up exactly over any spacing of calls (PEERS, failure 3). Rule U-1.
pub fn utilisation(meter: &FlowMeter, slot: u64, recovery_slots: u32) -> i64 {
    let tau = u64::from(recovery_slots).max(1);
    let decay = decayed_until(slot.max(meter.slot), tau).saturating_sub(decayed_until(meter.slot, tau));
    let decay = i64::try_from(decay).unwrap_or(i64::MAX);
    match meter.utilisation_q32 {
        used if used > 0 => used.saturating_sub(decay).max(0),
        used => used.saturating_add(decay).min(0),
    }
}

/// `⌊2^32 · slot / τ⌋`.
fn decayed_until(slot: u64, tau: u64) -> u128 {
    let cycles = slot.checked_div(tau).unwrap_or(0);
    let rest = slot.checked_rem(tau).unwrap_or(0); // below τ < 2^32
    let fraction = (rest << 32).checked_div(tau).unwrap_or(0);
    (u128::from(cycles) << 32) | u128::from(fraction)
}

/// Notional that a forced order in `direction` may still use now, rounded down; 0 while C = 0. Unit: atoms. Rule U-2.
pub fn available(market: &MarketState, direction: FlowDirection, now: &Now) -> RiskResult<u64> {
    available_within(market, direction, ONE_Q32, now)
}

/// The same for an order after which |u| may be at most `most_q32`, in 2^-32 (U-2, O-13). Unit: atoms.
pub fn available_within(market: &MarketState, direction: FlowDirection, most_q32: u64, now: &Now) -> RiskResult<u64> {
    let used = utilisation(&market.flow, now.slot, market.params.flow_recovery_slots);
    let most = i64::try_from(most_q32).unwrap_or(ONE);
    let share = match direction {
        FlowDirection::Sell => most.saturating_add(used),
        FlowDirection::Buy => most.saturating_sub(used),
    };
    let share = u64::try_from(share).unwrap_or(0); // a negative share leaves nothing
    Ok(saturate(mul(flow_capacity(market, now), share) >> 32))
}

/// Lots that a flow carries of a close that wants `wanted_atoms`, rounded down. Errors: `FlowExhausted` for less than one lot, or
/// less than both what is wanted and a smallest position: dust is no close. Rules Z-4, O-13, R-6.
pub fn lots_carried(flow_atoms: u64, wanted_atoms: u64, mark: u64, min_position_atoms: u64) -> RiskResult<u64> {
    let lots = lots_floor(flow_atoms, mark)?;
    if lots == 0 || flow_atoms < wanted_atoms.min(min_position_atoms) {
        return Err(RiskError::FlowExhausted);
    }
    Ok(lots)
}

/// Slot at which |u| has come down to `most_q32`, rounded up, if nothing is used until then (U-1): that of the last use
/// where it has already.
pub fn slot_within(market: &MarketState, most_q32: u64) -> u64 {
    let excess = market.flow.utilisation_q32.unsigned_abs().saturating_sub(most_q32);
    let product = mul(excess, u64::from(market.params.flow_recovery_slots));
    let slots = (product >> 32).saturating_add(u128::from(product & u128::from(u32::MAX) != 0));
    market.flow.slot.saturating_add(saturate(slots))
}

/// Charges `notional_atoms` to the meter: `∓x/C`, rounded up. The last piece of a position may pass |u| = 1 by
/// `min_position` (RISK section 4). Errors: `FlowExhausted` when nothing is left, C = 0, or x exceeds that. Rule U-3.
pub fn record(market: &mut MarketState, direction: FlowDirection, notional_atoms: u64, now: &Now) -> RiskResult<()> {
    let left = available(market, direction, now)?;
    if left == 0 || notional_atoms > left.saturating_add(market.params.min_position_atoms) {
        return Err(RiskError::FlowExhausted);
    }
    let step = saturate(ratio_ceil(notional_atoms, flow_capacity(market, now), 32)?);
    let step = i64::try_from(step.min(ONE_Q32.saturating_mul(4))).unwrap_or(UTILISATION_MAX);
    let used = utilisation(&market.flow, now.slot, market.params.flow_recovery_slots);
    let next = match direction {
        FlowDirection::Sell => used.saturating_sub(step),
        FlowDirection::Buy => used.saturating_add(step),
    };
    market.flow =
        FlowMeter { utilisation_q32: next.clamp(UTILISATION_MAX.saturating_neg(), UTILISATION_MAX), slot: now.slot };
    Ok(())
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::params::MarketParams;

    const CAPACITY: u64 = 1_000_000_000;

    fn market() -> MarketState {
        let mut market = MarketState::new(MarketParams::SOL);
        (market.mark, market.depth.capacity_atoms) = (2_000_000_000, CAPACITY);
        market
    }

    fn at(slot: u64) -> Now {
        Now { slot, unix_timestamp: 0, last_restart_slot: 0 }
    }

    #[test]
    fn forced_sells_use_up_the_capacity_and_open_room_for_buys() {
        let mut market = market();
        record(&mut market, FlowDirection::Sell, CAPACITY / 4, &at(7)).unwrap();
        assert_eq!(market.flow.utilisation_q32, -ONE / 4);
        assert_eq!(available(&market, FlowDirection::Sell, &at(7)), Ok(CAPACITY * 3 / 4));
        assert_eq!(available(&market, FlowDirection::Buy, &at(7)), Ok(CAPACITY * 5 / 4));
        record(&mut market, FlowDirection::Buy, CAPACITY / 4, &at(7)).unwrap();
        assert_eq!(market.flow.utilisation_q32, 0);
    }

    #[test]
    fn full_meter_empties_linearly_in_the_recovery_time() {
        let mut market = market();
        record(&mut market, FlowDirection::Sell, CAPACITY, &at(0)).unwrap();
        for slot in [0, 1, 60, 300, 599, 600, 6_000] {
            let left = available(&market, FlowDirection::Sell, &at(slot)).unwrap();
            let expected = CAPACITY * slot.min(600) / 600;
            assert!(left.abs_diff(expected) <= 1, "at slot {slot}: {left}");
        }
    }

    #[test]
    fn change_of_capacity_leaves_the_utilisation() {
        let mut market = market();
        record(&mut market, FlowDirection::Sell, CAPACITY / 2, &at(0)).unwrap();
        market.depth.capacity_atoms = CAPACITY / 10;
        assert_eq!(available(&market, FlowDirection::Sell, &at(0)), Ok(CAPACITY / 20));
    }

    #[test]
    fn record_rejects_more_than_what_is_left_and_the_minimum_position() {
        let mut market = market();
        let minimum = market.params.min_position_atoms;
        let refused = Err(RiskError::FlowExhausted);
        assert_eq!(record(&mut market, FlowDirection::Buy, CAPACITY + minimum + 1, &at(0)), refused);
        assert_eq!(market, self::market());
        record(&mut market, FlowDirection::Buy, CAPACITY + minimum, &at(0)).unwrap();
        assert_eq!(record(&mut market, FlowDirection::Buy, 1, &at(0)), refused);
        assert_eq!(record(&mut market, FlowDirection::Buy, 0, &at(0)), refused);
    }

    #[test]
    fn no_capacity_or_a_stale_price_permits_nothing() {
        let stale = Now { unix_timestamp: 9, ..at(0) };
        assert_eq!(available(&market(), FlowDirection::Sell, &stale), Ok(0));
        let mut market = market();
        market.depth.capacity_atoms = 0;
        assert_eq!(available(&market, FlowDirection::Sell, &at(0)), Ok(0));
        assert_eq!(record(&mut market, FlowDirection::Sell, 1, &at(0)), Err(RiskError::FlowExhausted));
    }

    #[test]
    fn dust_at_almost_no_capacity_blocks_no_longer_than_two_recovery_times() {
        let mut market = market();
        market.depth.capacity_atoms = 1;
        let dust = market.params.min_position_atoms;
        record(&mut market, FlowDirection::Sell, dust, &at(0)).unwrap();
        market.depth.capacity_atoms = CAPACITY;
        assert_eq!(available(&market, FlowDirection::Sell, &at(600)), Ok(0));
        assert_eq!(available(&market, FlowDirection::Sell, &at(1_200)), Ok(CAPACITY));
    }
}
