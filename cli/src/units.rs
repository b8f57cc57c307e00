//! Owns how figures look and how they are typed: explorers' units on the outside, integers inside. Exact in both directions.

use anyhow::{bail, Context, Result};
use breakwater_sdk::rpc::read::ExchangeView;
use rust_decimal::Decimal;
use std::str::FromStr;

/// Digits after the point of the program's prices: quote atoms per lot × 10^6.
const PRICE_SCALE: i32 = 6;

/// `value / 10^scale` without trailing zeros beyond `least` digits after the point, thousands separated.
pub fn decimal(value: i128, scale: i32, least: u32) -> String {
    let Ok(shown) = Decimal::try_from_i128_with_scale(value, scale.max(0).unsigned_abs()) else {
        return format!("{value}e{}", -scale);
    };
    let shown = if scale < 0 { shown * Decimal::from(10_u64.pow(scale.unsigned_abs().min(18))) } else { shown };
    let mut shown = shown.normalize();
    if shown.scale() < least {
        shown.rescale(least);
    }
    separated(&shown.to_string())
}

fn separated(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

/// Decimals of an exchange's quote and of a market's lots.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    /// Decimals of the quote mint.
    pub quote_decimals: u8,
}

impl Units {
    /// Those of an exchange.
    pub fn of(view: &ExchangeView) -> Self {
        Self { quote_decimals: view.exchange.quote_decimals }
    }

    /// Quote atoms in whole units, cents at least.
    pub fn quote(&self, atoms: impl Into<i128>) -> String {
        decimal(atoms.into(), self.quote_decimals.into(), 2)
    }

    /// A price of the program in quote units per base token.
    pub fn price(&self, price: u64, lot_exponent: i8) -> String {
        decimal(price.into(), i32::from(self.quote_decimals) + PRICE_SCALE + i32::from(lot_exponent), 2)
    }

    /// Parses an amount of quote into atoms. Errors: no number, negative, finer than an atom, too large.
    pub fn parse_quote(&self, text: &str) -> Result<u64> {
        let amount = Decimal::from_str(text).with_context(|| format!("{text:?} is no amount"))?;
        let scale = Decimal::from(10_u64.pow(self.quote_decimals.into()));
        let atoms = amount.checked_mul(scale).context("the amount is too large")?.normalize();
        if atoms.scale() > 0 {
            bail!("{text} is finer than {} decimals", self.quote_decimals);
        }
        u64::try_from(atoms.mantissa()).with_context(|| format!("{text} is not between 0 and 2^64 atoms"))
    }
}

/// Signed lots in base tokens.
pub fn base(lots: i64, lot_exponent: i8) -> String {
    decimal(lots.into(), -i32::from(lot_exponent), 0)
}

/// Parts per million as a percentage.
pub fn percent(ppm: impl Into<i128>) -> String {
    format!("{} %", decimal(ppm.into(), 4, 0))
}

/// Parses a percentage into parts per million.
pub fn parse_percent(text: &str) -> Result<u32, String> {
    let refusal = || format!("{text:?} is no percentage with at most four decimals");
    let parts = Decimal::from_str(text.trim_end_matches('%').trim()).map_err(|_| refusal())?;
    let parts = parts.checked_mul(Decimal::from(10_000)).ok_or_else(refusal)?.normalize();
    if parts.scale() > 0 {
        return Err(refusal());
    }
    u32::try_from(parts.mantissa()).map_err(|_| refusal())
}

#[cfg(test)]
mod tests {
    use super::*;

    const USDC: Units = Units { quote_decimals: 6 };

    #[test]
    fn amounts_are_exact_in_both_directions() {
        assert_eq!(USDC.quote(1_234_567_891_i128), "1 234.567891");
        assert_eq!(USDC.quote(-500_000_i128), "-0.50");
        assert_eq!(USDC.parse_quote("1234.567891").unwrap(), 1_234_567_891);
        assert_eq!(USDC.parse_quote("0.10").unwrap(), 100_000);
        for refused in ["", "x", "-1", "0.0000001", "99999999999999999999"] {
            assert!(USDC.parse_quote(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn prices_and_sizes_are_per_base_token() {
        assert_eq!(USDC.price(2_038_000_000, -5), "203.80");
        assert_eq!(base(-12_345, -5), "-0.12345");
        assert_eq!(base(7, 2), "700");
    }

    #[test]
    fn percentages_are_parts_per_million() {
        assert_eq!(percent(12_500), "1.25 %");
        assert_eq!(parse_percent("1.25%"), Ok(12_500));
        assert!(parse_percent("0.00001").is_err() && parse_percent("-1").is_err());
    }
}
