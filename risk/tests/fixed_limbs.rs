//! Products, quotients and roots by 32-bit limbs are those of the plain 128-bit formulas, at every edge and at random.

use breakwater_risk::fixed::{
    mul, mul_div_ceil, mul_div_floor, mul_narrow, root, saturating_mul, sqrt_ceil, sqrt_floor,
};
use breakwater_risk::units::pnl_floor;
use breakwater_risk::RiskError;

/// Random inputs; a multiple of what the edges are.
const ROUNDS: u64 = 3_000_000;

/// SplitMix64: every seed is fine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Of a random number of bits.
    fn sized(&mut self) -> u64 {
        let shift = self.next() % 64;
        self.next() >> shift
    }
}

fn edges() -> Vec<u64> {
    let powers = (0..64).map(|bits| 1_u64 << bits);
    let around = powers.flat_map(|power| [power.wrapping_sub(1), power, power.saturating_add(1)]);
    around.chain([1_000_000, 999_999, 1_000_001, u64::MAX, u64::MAX - 1]).collect()
}

fn narrow(figure: u128) -> Result<u64, RiskError> {
    u64::try_from(figure).map_err(|_| RiskError::Overflow)
}

fn compare(a: u64, b: u64, d: u64) {
    let product = u128::from(a) * u128::from(b);
    assert_eq!(mul(a, b), product, "{a} · {b}");
    assert_eq!(mul_narrow(a, b), narrow(product), "{a} · {b}");
    assert_eq!(saturating_mul(a, b), a.saturating_mul(b), "{a} · {b}");
    let by = u128::from(d);
    let quotient = |n: u128| n.checked_div(by).ok_or(RiskError::DivisionByZero).and_then(narrow);
    let up = match by {
        0 => Err(RiskError::DivisionByZero),
        _ => narrow(product.div_ceil(by)),
    };
    assert_eq!(mul_div_floor(a, b, d), quotient(product), "⌊{a} · {b} / {d}⌋");
    assert_eq!(mul_div_ceil(a, b, d), up, "⌈{a} · {b} / {d}⌉");
}

fn compare_roots(n: u64) {
    assert_eq!(root(n), n.isqrt(), "√{n}");
    assert_eq!(sqrt_floor(u128::from(n)), n.isqrt(), "√{n}");
    let floor = n.isqrt();
    assert_eq!(sqrt_ceil(n), floor + u64::from(floor * floor < n), "⌈√{n}⌉");
}

fn compare_pnl(lots: i64, difference: i128) {
    let expected = i128::from(lots).checked_mul(difference).map(|product| product.div_euclid(1_000_000));
    assert_eq!(pnl_floor(lots, difference).ok(), expected, "{lots} · {difference}");
}

#[test]
fn limbs_say_what_128_bits_say() {
    let edges = edges();
    for &a in &edges {
        compare_roots(a);
        for &b in &edges {
            for d in [0, 1, 2, 1_000_000, 1 << 32, (1 << 32) - 1, u64::MAX, a, b] {
                compare(a, b, d);
            }
            for sign in [1, -1] {
                compare_pnl(b.cast_signed(), i128::from(a) * sign);
                compare_pnl(b.cast_signed().wrapping_neg(), i128::from(a) * sign);
            }
        }
    }
    let mut random = Random(1);
    for _ in 0..ROUNDS {
        let [a, b, d] = [random.sized(), random.sized(), random.sized()];
        compare(a, b, d);
        compare_roots(a);
        compare_pnl(a.cast_signed(), i128::from(b));
        compare_pnl(a.cast_signed(), -i128::from(b));
    }
}
