//! Fixed-point arithmetic: the one place of raw integer operators, each checked or shown safe.
//!
//! Rounding is part of a name: `_floor` toward −∞, `_ceil` toward +∞, `_nearest` half up.
//! Divisions by small numbers run on 64-bit words, because 128-bit division is a slow library call on SBF.
#![allow(clippy::as_conversions, clippy::arithmetic_side_effects)]

use crate::error::{RiskError, RiskResult};
use ethnum::{I256, U256};

/// Parts per million in one: 1_000_000 ppm = 100 %.
pub const PPM: u64 = 1_000_000;
/// One in a 2^-32 fixed-point figure.
pub const ONE_Q32: u64 = 1 << 32;

/// `a + b`. Errors: `Overflow`.
pub fn add(a: u64, b: u64) -> RiskResult<u64> {
    a.checked_add(b).ok_or(RiskError::Overflow)
}

/// `a − b`. Errors: `Overflow` when `b > a`.
pub fn sub(a: u64, b: u64) -> RiskResult<u64> {
    a.checked_sub(b).ok_or(RiskError::Overflow)
}

/// `a + b` for signed atoms. Errors: `Overflow`.
pub fn add_signed(a: i128, b: i128) -> RiskResult<i128> {
    a.checked_add(b).ok_or(RiskError::Overflow)
}

/// `a − b` for signed atoms. Errors: `Overflow`.
pub fn sub_signed(a: i128, b: i128) -> RiskResult<i128> {
    a.checked_sub(b).ok_or(RiskError::Overflow)
}

/// `a · b`, exact: two 64-bit factors always fit 128 bits.
#[inline]
pub fn mul(a: u64, b: u64) -> u128 {
    if (a | b) >> 32 == 0 {
        return a.wrapping_mul(b) as u128;
    }
    let (large, small) = if a < b { (b, a) } else { (a, b) };
    if small >> 32 == 0 {
        let (high, low) = limbs(large, small);
        return ((high as u128) << 32) | ((low & LOW) as u128);
    }
    (a as u128) * (b as u128)
}

/// Low half of a 64-bit word.
const LOW: u64 = 0xffff_ffff;

/// `large · small` as `high · 2^32 + (low mod 2^32)`, for `small < 2^32`: no library call.
#[inline]
fn limbs(large: u64, small: u64) -> (u64, u64) {
    let low = (large & LOW).wrapping_mul(small);
    ((large >> 32).wrapping_mul(small).wrapping_add(low >> 32), low)
}

/// `a · b`, the largest figure standing for all above. On SBF a checked 64-bit product is a library call of 42 instructions.
#[inline]
pub fn saturating_mul(a: u64, b: u64) -> u64 {
    mul_narrow(a, b).unwrap_or(u64::MAX)
}

/// Quotient and remainder of `a · b / d`. Errors: `DivisionByZero`, `Overflow`.
#[inline]
fn mul_div_rem(a: u64, b: u64, d: u64) -> RiskResult<(u64, u64)> {
    if d == 0 {
        return Err(RiskError::DivisionByZero);
    }
    if (a | b) >> 32 == 0 {
        let product = a.wrapping_mul(b);
        return Ok((product / d, product % d));
    }
    let (large, small) = if a < b { (b, a) } else { (a, b) };
    if (small | d) >> 32 == 0 {
        let (high, low) = limbs(large, small);
        let (q1, r) = (high / d, high % d);
        if q1 >> 32 != 0 {
            return Err(RiskError::Overflow);
        }
        let part = (r << 32) | (low & LOW);
        return Ok(((q1 << 32) | (part / d), part % d));
    }
    let (quotient, remainder) = div_rem(mul(a, b), d)?;
    Ok((to_u64(quotient)?, remainder))
}

/// `a · b` for signed atoms. Errors: `Overflow`.
pub fn mul_signed(a: i128, b: i128) -> RiskResult<i128> {
    a.checked_mul(b).ok_or(RiskError::Overflow)
}

/// Narrows to 64 bits. Errors: `Overflow`.
pub fn to_u64(a: u128) -> RiskResult<u64> {
    u64::try_from(a).map_err(|_| RiskError::Overflow)
}

/// Narrows to signed 64 bits. Errors: `Overflow`.
pub fn to_i64(a: i128) -> RiskResult<i64> {
    i64::try_from(a).map_err(|_| RiskError::Overflow)
}

/// Widens with sign. Exact.
pub fn signed(a: u64) -> i128 {
    a as i128
}

/// `−a`, widened. Exact.
pub fn negative(a: u64) -> i128 {
    -(a as i128)
}

/// A non-negative signed figure as unsigned. Errors: `Overflow` when negative or above 2^64.
pub fn unsigned(a: i128) -> RiskResult<u64> {
    u64::try_from(a).map_err(|_| RiskError::Overflow)
}

/// Quotient and remainder of `n / d`, on 64-bit words where `d < 2^32` or `n` is small. Errors: `DivisionByZero`.
pub fn div_rem(n: u128, d: u64) -> RiskResult<(u128, u64)> {
    if d == 0 {
        return Err(RiskError::DivisionByZero);
    }
    let (high, low) = ((n >> 64) as u64, n as u64);
    if high == 0 {
        return Ok(((low / d) as u128, low % d));
    }
    if d >> 32 == 0 {
        // Schoolbook division in base 2^32: each partial dividend is below d · 2^32 < 2^64.
        let (q3, r) = (high / d, high % d);
        let part = (r << 32) | (low >> 32);
        let (q1, r) = (part / d, part % d);
        let part = (r << 32) | (low & 0xffff_ffff);
        let (q0, r) = (part / d, part % d);
        return Ok((((q3 as u128) << 64) | ((q1 as u128) << 32) | (q0 as u128), r));
    }
    let d = d as u128;
    Ok((n / d, (n % d) as u64))
}

/// `⌊n / d⌋`. Errors: `DivisionByZero`.
pub fn div_floor(n: u128, d: u64) -> RiskResult<u128> {
    Ok(div_rem(n, d)?.0)
}

/// `⌈n / d⌉`. Errors: `DivisionByZero`.
pub fn div_ceil(n: u128, d: u64) -> RiskResult<u128> {
    let (quotient, remainder) = div_rem(n, d)?;
    Ok(quotient + u128::from(remainder > 0))
}

/// `⌊n / d⌋` for a signed dividend, toward −∞. Errors: `DivisionByZero`, `Overflow`.
pub fn div_floor_signed(n: i128, d: u64) -> RiskResult<i128> {
    let magnitude = n.unsigned_abs();
    if n >= 0 {
        i128::try_from(div_floor(magnitude, d)?).map_err(|_| RiskError::Overflow)
    } else {
        let quotient = i128::try_from(div_ceil(magnitude, d)?).map_err(|_| RiskError::Overflow)?;
        Ok(-quotient)
    }
}

/// `⌊a · b / d⌋` with a 128-bit product. Errors: `DivisionByZero`, `Overflow`.
pub fn mul_div_floor(a: u64, b: u64, d: u64) -> RiskResult<u64> {
    Ok(mul_div_rem(a, b, d)?.0)
}

/// `⌈a · b / d⌉` with a 128-bit product. Errors: `DivisionByZero`, `Overflow`.
pub fn mul_div_ceil(a: u64, b: u64, d: u64) -> RiskResult<u64> {
    let (quotient, remainder) = mul_div_rem(a, b, d)?;
    add(quotient, (remainder > 0) as u64)
}

/// `⌊a · ppm / 10^6⌋`. Errors: `Overflow`.
pub fn mul_ppm_floor(a: u64, ppm: u64) -> RiskResult<u64> {
    mul_div_floor(a, ppm, PPM)
}

/// `⌈a · ppm / 10^6⌉`. Errors: `Overflow`.
pub fn mul_ppm_ceil(a: u64, ppm: u64) -> RiskResult<u64> {
    mul_div_ceil(a, ppm, PPM)
}

/// `⌊lots · delta / (index · 10^6)⌋` in 256 bits, toward −∞: the PnL of a leg whose size index moved.
/// Errors: `DivisionByZero`, `Overflow`.
pub fn wide_pnl_floor(signed_lots: i64, delta: i128, index: u64) -> RiskResult<i128> {
    let divisor = I256::from(mul(index, PPM) as i128);
    if divisor == I256::ZERO {
        return Err(RiskError::DivisionByZero);
    }
    let product = I256::from(signed_lots).checked_mul(I256::from(delta)).ok_or(RiskError::Overflow)?;
    let quotient = product.div_euclid(divisor); // the divisor is positive: Euclid is floor
    i128::try_from(quotient).map_err(|_| RiskError::Overflow)
}

/// `⌊a · b / d⌋` in 256 bits. Errors: `DivisionByZero`, `Overflow`.
pub fn wide_mul_div_floor(a: u128, b: u128, d: u128) -> RiskResult<u128> {
    if d == 0 {
        return Err(RiskError::DivisionByZero);
    }
    let product = U256::from(a).checked_mul(U256::from(b)).ok_or(RiskError::Overflow)?;
    u128::try_from(product / U256::from(d)).map_err(|_| RiskError::Overflow)
}

/// `⌊a · b / 2^bits⌋` for signed figures in 256 bits, toward −∞. Errors: `Overflow`.
pub fn product_shift_floor(a: i128, b: i128, bits: u32) -> RiskResult<i128> {
    let product = I256::from(a).checked_mul(I256::from(b)).ok_or(RiskError::Overflow)?;
    i128::try_from(product >> bits.min(255)).map_err(|_| RiskError::Overflow)
}

/// `a · b` compared with `c · d`, in 256 bits where 128 do not hold the products.
pub fn compare_products(a: u128, b: u128, c: u128, d: u128) -> core::cmp::Ordering {
    match (a.checked_mul(b), c.checked_mul(d)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => (U256::from(a) * U256::from(b)).cmp(&(U256::from(c) * U256::from(d))),
    }
}

/// `⌊√n⌋`.
pub fn sqrt_floor(n: u128) -> u64 {
    match u64::try_from(n) {
        Ok(small) => root(small),
        Err(_) => n.isqrt() as u64, // the root of a 128-bit figure is below 2^64
    }
}

/// `⌊n / 2^bits⌋` for a signed figure; 0 or −1 for `bits` ≥ 128.
pub fn shift_right(n: i128, bits: u32) -> i128 {
    n >> bits.min(127)
}

/// `⌈√n⌉`.
pub fn sqrt_ceil(n: u64) -> u64 {
    let root = root(n);
    root + u64::from(root.wrapping_mul(root) < n) // root² ≤ n, and root + 1 ≤ 2^32
}

/// `⌊√n⌋` by Newton's steps from above: a division is one instruction on SBF.
pub fn root(n: u64) -> u64 {
    if n == 0 {
        return 0;
    }
    let bits = 64 - n.leading_zeros();
    let mut x = 1_u64 << bits.div_ceil(2); // ≥ √n, ≤ 2^32
    loop {
        let next = x.wrapping_add(n / x) >> 1;
        if next >= x {
            return x;
        }
        x = next;
    }
}

/// `⌊log2(n) · 2^16⌋` up to 2^-15 of a bit, by repeated squaring; 0 for n ≤ 1. Never falls as n rises.
pub fn log2_floor_q16(n: u64) -> u64 {
    let zeros = n.max(1).leading_zeros();
    let mut mantissa = (n.max(1) << zeros) >> 32; // n / 2^⌊log2 n⌋ with 31 fractional bits: 2^31 … 2^32
    let mut log = u64::from(63 - zeros);
    for _ in 0..16 {
        let square = mantissa.wrapping_mul(mantissa); // mantissa < 2^32
        let bit = square >> 63;
        mantissa = square >> (31 + bit);
        log = (log << 1) | bit;
    }
    log
}

/// `a · b` on 64 bits. Errors: `Overflow`.
#[inline]
pub fn mul_narrow(a: u64, b: u64) -> RiskResult<u64> {
    if (a | b) >> 32 == 0 {
        return Ok(a.wrapping_mul(b));
    }
    let (large, small) = if a < b { (b, a) } else { (a, b) };
    if small >> 32 != 0 {
        return Err(RiskError::Overflow);
    }
    let (high, low) = limbs(large, small);
    if high >> 32 != 0 {
        return Err(RiskError::Overflow);
    }
    Ok((high << 32) | (low & LOW))
}

/// `a + b` on 128 bits. Errors: `Overflow`.
pub fn add_wide(a: u128, b: u128) -> RiskResult<u128> {
    a.checked_add(b).ok_or(RiskError::Overflow)
}

/// Narrows to 64 bits, the largest figure standing for all above.
pub fn saturate(a: u128) -> u64 {
    u64::try_from(a).unwrap_or(u64::MAX)
}

/// Narrows to 32 bits, the largest figure standing for all above.
pub fn saturate_u32(a: u64) -> u32 {
    u32::try_from(a).unwrap_or(u32::MAX)
}

/// Narrows to signed 64 bits, the nearest figure standing for what does not fit.
pub fn saturate_i64(a: i128) -> i64 {
    i64::try_from(a).unwrap_or(if a < 0 { i64::MIN } else { i64::MAX })
}

/// `⌈a / 2^bits⌉`, `bits` below 128.
pub fn shift_ceil(a: u128, bits: u32) -> u128 {
    let whole = a >> bits;
    whole + u128::from((whole << bits) < a) // a bit was lost, so bits > 0 and whole < 2^127
}

/// At least `n · 2^bits / d`, `bits ≤ 64`: exact ceiling for `d < 2^32`; larger divisors are cut to their top
/// 32 bits, which raises the result by a share below 2^-30. No 128-bit division. Errors: `DivisionByZero`, `Overflow`.
pub fn ratio_ceil(n: u64, d: u64, bits: u32) -> RiskResult<u128> {
    if bits > 64 {
        return Err(RiskError::Overflow);
    }
    let cut = 32u32.saturating_sub(d.leading_zeros());
    div_ceil(shift_ceil((n as u128) << bits, cut), d >> cut)
}

/// At most `n · 2^bits / d`, `bits ≤ 64`: the counterpart of [`ratio_ceil`]. Errors: `DivisionByZero`, `Overflow`.
pub fn ratio_floor(n: u64, d: u64, bits: u32) -> RiskResult<u128> {
    if bits > 64 {
        return Err(RiskError::Overflow);
    }
    let cut = 32u32.saturating_sub(d.leading_zeros());
    div_floor(((n as u128) << bits) >> cut, shift_ceil(d as u128, cut) as u64) // at most 2^32
}

/// Seconds from one time to a later one, 0 when it is not later.
pub fn elapsed_s(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or(0)
}

/// `⌊(mean · τ + sample · dt) / (τ + dt)⌋`: one step of an exponential mean without exp, for
/// `τ + dt < 2^32` seconds. Lies between mean and sample. Errors: `DivisionByZero`, `Overflow`.
pub fn mean_step_floor(mean: u64, sample: u64, dt: u64, tau: u64) -> RiskResult<u64> {
    let sum = add_wide(mul(mean, tau), mul(sample, dt))?;
    to_u64(div_floor(sum, add(tau, dt)?)?)
}
