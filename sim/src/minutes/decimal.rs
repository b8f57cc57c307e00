//! Owns the exact reading of a decimal price into micro-dollars. Assumes plain notation; no float is involved.

/// Highest price that is accepted, micro-dollars: a thousand million dollars.
const MAX_MICROS: u64 = 1_000_000_000_000_000;

/// `203.80` → 203 800 000. Digits beyond the sixth decimal must be zero. The error continues the phrase "the price X …".
pub fn positive_micros(field: &str) -> Result<u64, &'static str> {
    if let Some(positive) = field.strip_prefix('-') {
        return micros(positive).and(Err("is not positive"));
    }
    match micros(field)? {
        0 => Err("is not positive"),
        MAX_MICROS.. => Err("is above a thousand million dollars"),
        price => Ok(price),
    }
}

fn micros(field: &str) -> Result<u64, &'static str> {
    const NOT_A_NUMBER: &str = "is not a decimal number";
    let (whole, fraction) = field.split_once('.').unwrap_or((field, ""));
    let digits = whole.bytes().chain(fraction.bytes());
    if whole.is_empty() || !digits.clone().all(|digit| digit.is_ascii_digit()) {
        return Err(NOT_A_NUMBER);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 6 {
        return Err("has more than six decimals");
    }
    format!("{whole}{fraction:0<6}").parse().map_err(|_| "is above a thousand million dollars")
}
