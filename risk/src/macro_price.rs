//! Prices of the macro index: kept to ten digits, since only their relative changes count, whatever a feed quotes in.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{div_floor, mul, saturate, saturate_u32, PPM};
use crate::price::relative_ppm_ceil;
use bytemuck::{Pod, Zeroable};

/// Length of a minute of the common grid, seconds.
pub const GRID_SECONDS: i64 = 60;
/// Largest standardised return that is distinguished, 16 fractional bits: 64 standard deviations.
pub const Z_MAX_Q16: i64 = 64 << 16;
/// √60 · 10^6: standard deviations over a minute per √second.
const ROOT_GRID_MICRO: u64 = 7_745_967;
/// Decimal digits of a mantissa after the first.
const DIGITS: i32 = 9;

/// A price `mantissa · 10^exponent` with the minute it belongs to.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct MacroPrice {
    /// Ten digits, 10^9 … 10^10 − 1; 0 = no price.
    pub mantissa: u64,
    /// Pyth publish time, seconds.
    pub publish_time: i64,
    /// Decimal exponent.
    pub exponent: i32,
    /// Relative confidence, ppm, rounded up.
    pub confidence_ppm: u32,
}

impl MacroPrice {
    /// From Pyth's figures; what is beyond ten digits is cut. Errors: `PriceOutOfRange` unless the price is positive.
    pub fn from_pyth(price: i64, exponent: i32, confidence: u64, publish_time: i64) -> RiskResult<Self> {
        let published = u64::try_from(price).map_err(|_| RiskError::PriceOutOfRange)?;
        let digits = published.checked_ilog10().ok_or(RiskError::PriceOutOfRange)?; // 0 … 18
        let lacking = DIGITS.saturating_sub_unsigned(digits);
        let power = 10_u64.saturating_pow(lacking.unsigned_abs()); // at most 10^9
        let mantissa =
            if lacking < 0 { published.checked_div(power).unwrap_or(0) } else { published.saturating_mul(power) };
        let confidence_ppm = saturate_u32(relative_ppm_ceil(confidence, published)?);
        Ok(Self { mantissa, publish_time, exponent: exponent.saturating_sub(lacking), confidence_ppm })
    }

    /// Minute of the grid in which it was published: unix seconds / 60.
    pub fn minute(&self) -> i64 {
        self.publish_time.div_euclid(GRID_SECONDS)
    }

    /// Whether it is a price of that minute.
    pub fn is_of(&self, minute: i64) -> bool {
        self.mantissa != 0 && self.minute() == minute
    }
}

/// `z = r/(σ_ref·√60)` of the relative change r from one price to another, toward zero, within ±64 (RISK section 2).
/// Unit: 2^-16 standard deviations of a calm minute. Errors: `DivisionByZero`. Rule M-7.
pub fn standardised_return_q16(from: &MacroPrice, to: &MacroPrice, sigma_ref_ppm: u32) -> RiskResult<i64> {
    let (old, new) = match to.exponent.saturating_sub(from.exponent) {
        0 => (from.mantissa, to.mantissa),
        1 => (from.mantissa, to.mantissa.saturating_mul(10)),
        -1 => (from.mantissa.saturating_mul(10), to.mantissa),
        up if up > 1 => return Ok(Z_MAX_Q16), // more than tenfold: above 64 for every σ_ref within its bounds
        _ => (from.mantissa, 0),              // less than a tenth counts as nothing
    };
    let return_q16 = saturate(div_floor(mul(old.abs_diff(new), PPM << 16), old)?);
    let deviation = u64::from(sigma_ref_ppm).saturating_mul(ROOT_GRID_MICRO);
    let size = i64::try_from(saturate(div_floor(mul(return_q16, PPM), deviation)?)).unwrap_or(Z_MAX_Q16).min(Z_MAX_Q16);
    Ok(if new < old { size.saturating_neg() } else { size })
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;

    fn price(price: i64, exponent: i32) -> MacroPrice {
        MacroPrice::from_pyth(price, exponent, 0, 60).unwrap()
    }

    #[test]
    fn prices_of_one_worth_are_kept_alike_whatever_their_exponent() {
        let expected = MacroPrice { mantissa: 2_000_000_000, publish_time: 60, exponent: -7, confidence_ppm: 0 };
        for (mantissa, exponent) in [(200, 0), (20_000_000_000, -8), (2_000_000_000, -7), (2 * 10_i64.pow(18), -16)] {
            assert_eq!(price(mantissa, exponent), expected);
        }
        assert_eq!(price(i64::MAX, 0).mantissa, 9_223_372_036);
        assert_eq!(price(1, -12).mantissa, 1_000_000_000);
    }

    #[test]
    fn prices_that_are_not_positive_are_refused() {
        for figure in [0, -1, i64::MIN] {
            assert_eq!(MacroPrice::from_pyth(figure, -8, 1, 0), Err(RiskError::PriceOutOfRange));
        }
    }

    #[test]
    fn confidence_is_relative_to_the_price() {
        let wide = MacroPrice::from_pyth(20_000_000_000, -8, 6_000_001, 0).unwrap();
        assert_eq!(wide.confidence_ppm, 301); // 300.00005 rounded up
        assert_eq!(MacroPrice::from_pyth(1, 0, u64::MAX, 0).unwrap().confidence_ppm, u32::MAX);
    }

    #[test]
    fn return_is_standardised_by_the_calm_minute() {
        // 1 % over 142 ppm · √60 = 1 099.93 ppm is 9.0915 standard deviations.
        let z = standardised_return_q16(&price(20_000, -2), &price(20_200, -2), 142).unwrap();
        assert!((z as f64 / 65_536.0 - 9.0915).abs() < 1e-3, "{z}");
        assert_eq!(standardised_return_q16(&price(20_000, -2), &price(19_800, -2), 142), Ok(-z));
        assert_eq!(standardised_return_q16(&price(200, 0), &price(20_000, -2), 142), Ok(0));
    }

    #[test]
    fn return_across_a_power_of_ten_is_that_of_the_worth() {
        let up = standardised_return_q16(&price(99, 0), &price(101, 0), 142).unwrap() as f64 / 65_536.0;
        assert!((up - 2.0e6 / 99.0 / (142.0 * 60.0_f64.sqrt())).abs() < 1e-3, "{up}");
        let down = standardised_return_q16(&price(101, 0), &price(99, 0), 142).unwrap() as f64 / 65_536.0;
        assert!((down + 2.0e6 / 101.0 / (142.0 * 60.0_f64.sqrt())).abs() < 1e-3, "{down}");
    }

    #[test]
    fn return_is_clamped_at_64_standard_deviations() {
        for (from, to) in [((1, 0), (i64::MAX, 0)), ((1, i32::MIN), (1, i32::MAX)), ((1, 0), (2, 0))] {
            assert_eq!(standardised_return_q16(&price(from.0, from.1), &price(to.0, to.1), 142), Ok(Z_MAX_Q16));
        }
        assert_eq!(standardised_return_q16(&price(1, 3), &price(1, -3), 142), Ok(-Z_MAX_Q16));
        let gone = standardised_return_q16(&price(1, 3), &price(1, -3), 5_000).unwrap() as f64 / 65_536.0;
        assert!((gone + 1.0e6 / (5_000.0 * 60.0_f64.sqrt())).abs() < 1e-3, "a loss of everything: {gone}");
    }
}
