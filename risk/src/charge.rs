//! The charge of a slice and its limit (RISK section 4, 'Price and incentive').
//!
//! A charge is the total of keeper and insurance, ppm of the notional closed, rounded down: it is taken from the
//! account.

use crate::error::RiskResult;
use crate::fixed::{mul_div_floor, unsigned, PPM};
use crate::params::MarketParams;

/// Dutch charge: from φ_min at the start to φ_max after `dutch_slots`, linear, rounded down. Unit: ppm. Rule N-1.
pub fn dutch_ppm(params: &MarketParams, slots_since_start: u64) -> u64 {
    let (least, most) = (u64::from(params.charge_min_ppm), u64::from(params.charge_max_ppm));
    let window = u64::from(params.dutch_slots);
    let rise = most.saturating_sub(least).saturating_mul(slots_since_start.min(window));
    least.saturating_add(rise.checked_div(window).unwrap_or(0))
}

/// Discount of the backstop's auction: from nothing at its start to φ_max after `dutch_slots`, linear, rounded down. Unit: ppm.
/// Rule N-3.
pub fn auction_ppm(params: &MarketParams, slots_since_start: u64) -> u64 {
    let window = u64::from(params.dutch_slots);
    let rise = u64::from(params.charge_max_ppm).saturating_mul(slots_since_start.min(window));
    rise.checked_div(window).unwrap_or(0)
}

/// The *zero price* `⌊H·mm⌋` with `H = E/MM`: the charge at which a partial close keeps E/MM constant, so that no
/// close can hurt the account (RISK section 4). 0 when E ≤ 0; 100 % when MM = 0, where nothing can be closed.
/// Unit: ppm, at most 100 %. Errors: `Overflow` when E exceeds 2^64. Rule N-2.
pub fn zero_price_ppm(equity: i128, maintenance_atoms: u64, rate_ppm: u64) -> RiskResult<u64> {
    if equity <= 0 {
        return Ok(0);
    }
    if maintenance_atoms == 0 {
        return Ok(PPM);
    }
    Ok(mul_div_floor(unsigned(equity)?, rate_ppm, maintenance_atoms).map_or(PPM, |charge| charge.min(PPM)))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn dutch_charge_rises_linearly_from_least_to_most() {
        let params = MarketParams::SOL; // 0.3 % to 2.5 % over 20 slots
        assert_eq!(dutch_ppm(&params, 0), 3_000);
        assert_eq!(dutch_ppm(&params, 10), (3_000 + 25_000) / 2);
        assert_eq!(dutch_ppm(&params, 20), 25_000);
        assert_eq!(dutch_ppm(&params, u64::MAX), 25_000);
        assert_eq!(dutch_ppm(&MarketParams { dutch_slots: 0, ..params }, 9), 3_000);
    }

    #[test]
    fn auction_rises_from_nothing_to_the_most() {
        let params = MarketParams::SOL; // 2.5 % over 20 slots
        assert_eq!([0, 10, 20, u64::MAX].map(|slots| auction_ppm(&params, slots)), [0, 12_500, 25_000, 25_000]);
        assert_eq!(auction_ppm(&MarketParams { dutch_slots: 0, ..params }, 9), 0);
    }

    #[test]
    fn zero_price_keeps_health() {
        // H = ½, mm = 5 %: closing 400 of 1 000 at 2.5 % leaves E/MM where it was.
        let (equity, maintenance, rate) = (25_000_000, 50_000_000, 50_000);
        let charge = zero_price_ppm(equity, maintenance, rate).unwrap();
        assert_eq!(charge, rate / 2);
        let (closed, left) = (400_000_000, 600_000_000);
        let equity_after = equity - signed_ppm(closed, charge);
        assert_eq!(equity_after * i128::from(maintenance), equity * signed_ppm(left, rate));
    }

    fn signed_ppm(atoms: i128, ppm: u64) -> i128 {
        atoms * i128::from(ppm) / i128::from(PPM)
    }

    #[test]
    fn zero_price_at_its_edges() {
        assert_eq!(zero_price_ppm(0, 10, 50_000), Ok(0));
        assert_eq!(zero_price_ppm(-1, 10, 50_000), Ok(0));
        assert_eq!(zero_price_ppm(i128::MIN, 0, 50_000), Ok(0));
        assert_eq!(zero_price_ppm(1, 0, 50_000), Ok(PPM));
        assert_eq!(zero_price_ppm(i128::from(u64::MAX), 1, 50_000), Ok(PPM));
        assert_eq!(zero_price_ppm(2, 3, 50_000), Ok(33_333)); // rounded down
    }
}
