//! Exact numbers of the reference model.
//!
//! Money is counted in millionths of an atom, so that lots × price needs no division. What a division leaves is cut
//! to a grid of 2^-96, far below anything the integers of the engine distinguish, and moved as that same figure
//! on both sides: cash and claims are conserved exactly.

use num_bigint::BigInt;
use num_rational::BigRational;

/// A rational number; money is in millionths of an atom.
pub type Exact = BigRational;

/// Fraction bits of the grid.
const GRID_BITS: u64 = 96;

/// An integer.
pub fn whole(n: impl Into<BigInt>) -> Exact {
    Exact::from_integer(n.into())
}

/// Zero.
pub fn zero() -> Exact {
    whole(0)
}

/// Atoms as money.
pub fn atoms(n: impl Into<BigInt>) -> Exact {
    whole(n.into() * 1_000_000)
}

/// `a · b / d` on the grid; zero when d is zero.
pub fn share(a: &Exact, b: &Exact, d: &Exact) -> Exact {
    if d == &zero() {
        return zero();
    }
    snap(a * b / d)
}

/// `a · ppm / 10^6` on the grid.
pub fn of_ppm(a: &Exact, ppm: u32) -> Exact {
    share(a, &whole(ppm), &whole(1_000_000))
}

/// The smaller.
pub fn least(a: &Exact, b: &Exact) -> Exact {
    if a < b {
        a.clone()
    } else {
        b.clone()
    }
}

/// The figure, or zero if it is negative.
pub fn positive(a: Exact) -> Exact {
    if a < zero() {
        zero()
    } else {
        a
    }
}

/// The magnitude.
pub fn magnitude(a: Exact) -> Exact {
    if a < zero() {
        -a
    } else {
        a
    }
}

/// Cuts to the grid, toward −∞.
fn snap(a: Exact) -> Exact {
    if a.denom().bits() <= GRID_BITS {
        return a;
    }
    let grid: BigInt = BigInt::from(1) << GRID_BITS;
    let scaled = (a * Exact::from_integer(grid.clone())).floor().to_integer();
    Exact::new(scaled, grid)
}

/// The nearest float, for tolerances and messages only.
pub fn float(a: &Exact) -> f64 {
    let shift = a.numer().bits().saturating_sub(100).max(a.denom().bits().saturating_sub(100));
    let narrow = |n: &BigInt| i128::try_from(n >> shift).expect("100 bits") as f64;
    narrow(a.numer()) / narrow(a.denom()).max(1.0)
}

/// Money as atoms, for tolerances and messages only.
pub fn float_atoms(a: &Exact) -> f64 {
    float(a) / 1e6
}
