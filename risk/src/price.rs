//! Conversion of Pyth's figures into this crate's price unit: the one place of decimal exponents.
//!
//! A *price* is quote atoms per lot × 10^6, a lot is `10^lot_exponent` base tokens. Assumes that the quote
//! token is worth what the feed quotes in (USDC for USD).

use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul_div_ceil, PPM};
use crate::units::MAX_PRICE;

/// Decimal digits of the price unit below an atom.
const PRICE_DIGITS: i32 = 6;

/// Price of a lot from a Pyth price: `price · 10^(exponent + lot_exponent + quote_decimals + 6)`, rounded to
/// nearest, at least 1: a token that lost nearly everything keeps a price. Errors: `PriceOutOfRange` when it is not positive or
/// above 2^45. Rule P-12.
pub fn price_from_pyth(price: i64, exponent: i32, lot_exponent: i32, quote_decimals: u8) -> RiskResult<u64> {
    let mantissa = u64::try_from(price).ok().filter(|price| *price > 0).ok_or(RiskError::PriceOutOfRange)?;
    let converted = match decimal_scale(exponent, lot_exponent, quote_decimals) {
        Scale::Times(factor) => mantissa.saturating_mul(factor),
        Scale::Over(divisor) => nearest(mantissa, divisor)?.max(1),
    };
    if converted > MAX_PRICE {
        return Err(RiskError::PriceOutOfRange);
    }
    Ok(converted)
}

/// Confidence of a lot's price from a Pyth confidence, in price units, rounded up: a spread is never understated.
/// Saturates at 2^45. Rule P-13.
pub fn confidence_from_pyth(conf: u64, exponent: i32, lot_exponent: i32, quote_decimals: u8) -> RiskResult<u64> {
    let converted = match decimal_scale(exponent, lot_exponent, quote_decimals) {
        Scale::Times(factor) => conf.saturating_mul(factor),
        Scale::Over(divisor) => conf.div_ceil(divisor),
    };
    Ok(converted.min(MAX_PRICE))
}

/// `⌈conf · 10^6 / price⌉`, saturating at 2^32 − 1 so that it can be stored. Unit: ppm. Errors: `DivisionByZero`.
pub fn relative_ppm_ceil(conf: u64, price: u64) -> RiskResult<u64> {
    let ceiling = u64::from(u32::MAX);
    match mul_div_ceil(conf, PPM, price) {
        Err(RiskError::Overflow) => Ok(ceiling),
        other => other.map(|ratio| ratio.min(ceiling)),
    }
}

/// A power of ten to multiply with or to divide by; 2^64 − 1 stands for anything larger.
enum Scale {
    Times(u64),
    Over(u64),
}

fn decimal_scale(exponent: i32, lot_exponent: i32, quote_decimals: u8) -> Scale {
    let digits =
        exponent.saturating_add(lot_exponent).saturating_add(i32::from(quote_decimals)).saturating_add(PRICE_DIGITS);
    let power = 10u64.checked_pow(digits.unsigned_abs()).unwrap_or(u64::MAX);
    if digits >= 0 {
        Scale::Times(power)
    } else {
        Scale::Over(power)
    }
}

/// `mantissa / divisor` to nearest, half up. Errors: `DivisionByZero`.
fn nearest(mantissa: u64, divisor: u64) -> RiskResult<u64> {
    let quotient = mantissa.checked_div(divisor).ok_or(RiskError::DivisionByZero)?;
    let lost = mantissa.checked_rem(divisor).ok_or(RiskError::DivisionByZero)?;
    let up = lost > divisor.saturating_sub(lost).saturating_sub(1);
    add(quotient, u64::from(up))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;

    /// PEERS, 'Pyth': core sample of BTC at exponent −8.
    const CORE: (i64, u64) = (7_160_106_530_699, 5_129_162_301);
    /// PEERS, 'Pyth': Pro sample.
    const PRO: (u64, u64) = (11_223_872_331_053, 1_373_488_286);

    #[test]
    fn core_sample_has_a_confidence_of_7_16_basis_points() {
        let ratio = relative_ppm_ceil(CORE.1, CORE.0 as u64).unwrap();
        assert_eq!(ratio, (CORE.1 * PPM).div_ceil(CORE.0 as u64));
        assert_eq!(ratio.div_ceil(100), 8); // above 7 bp
        assert!((ratio as f64 / 100.0 - 7.16).abs() < 0.01);
    }

    #[test]
    fn pro_sample_has_a_confidence_of_1_22_basis_points() {
        assert!((PRO.1 as f64 * 1e4 / PRO.0 as f64 - 1.22).abs() < 0.005);
        assert_eq!(relative_ppm_ceil(PRO.1, PRO.0), Ok(123)); // 122.4 rounded up
    }

    #[test]
    fn core_sample_converts_to_the_price_of_a_lot() {
        // A lot of 10^-8 BTC at 71 601.06530699 dollars is 716.0106530699 atoms.
        assert_eq!(price_from_pyth(CORE.0, -8, -8, 6), Ok(716_010_653));
        // The ratio survives the conversion but for rounding up.
        let confidence = confidence_from_pyth(CORE.1, -8, -8, 6).unwrap();
        assert_eq!(confidence, CORE.1.div_ceil(10_000));
        assert_eq!(relative_ppm_ceil(confidence, 716_010_653), Ok(717));
    }

    #[test]
    fn sol_at_200_dollars_in_lots_of_1e_minus_5_is_2e9() {
        assert_eq!(price_from_pyth(200 * 100_000_000, -8, -5, 6), Ok(200 * 10_000_000));
        assert_eq!(price_from_pyth(200, 0, -5, 6), Ok(200 * 10_000_000));
    }

    #[test]
    fn price_is_rounded_to_nearest_half_up() {
        assert_eq!(price_from_pyth(10_000_004, -7, 0, 0), Ok(1_000_000));
        assert_eq!(price_from_pyth(10_000_005, -7, 0, 0), Ok(1_000_001));
    }

    #[test]
    fn price_refuses_zero_negative_and_too_large() {
        let refused = Err(RiskError::PriceOutOfRange);
        assert_eq!(price_from_pyth(0, -8, -5, 6), refused);
        assert_eq!(price_from_pyth(-1, -8, -5, 6), refused);
        assert_eq!(price_from_pyth(1, i32::MAX, i32::MAX, 255), refused);
        assert_eq!(price_from_pyth(MAX_PRICE as i64, -6, 0, 0), Ok(MAX_PRICE));
        assert_eq!(price_from_pyth(MAX_PRICE as i64 + 1, -6, 0, 0), refused);
    }

    #[test]
    fn price_that_fell_to_nearly_nothing_is_rounded_and_at_least_one() {
        assert_eq!(price_from_pyth(4_000_037, -8, -5, 6), Ok(400_004)); // $0.04000037 a token
        assert_eq!(price_from_pyth(999_994, -7, 0, 0), Ok(99_999));
        assert_eq!(price_from_pyth(5, -7, 0, 0), Ok(1));
        for (price, exponent) in [(4, -7), (1, i32::MIN), (i64::MAX, -100)] {
            assert_eq!(price_from_pyth(price, exponent, 0, 0), Ok(1));
        }
    }

    #[test]
    fn confidence_saturates_and_is_rounded_up() {
        assert_eq!(confidence_from_pyth(1, -40, 0, 0), Ok(1));
        assert_eq!(confidence_from_pyth(0, -40, 0, 0), Ok(0));
        assert_eq!(confidence_from_pyth(u64::MAX, 30, 0, 6), Ok(MAX_PRICE));
        assert_eq!(relative_ppm_ceil(MAX_PRICE, 1), Ok(u64::from(u32::MAX)));
        assert_eq!(relative_ppm_ceil(1, 0), Err(RiskError::DivisionByZero));
    }
}
