//! Units and the one table of legal conversions between them.
//!
//! | from | to | function |
//! |---|---|---|
//! | Pyth (price, exponent) | price | [`crate::price::price_from_pyth`] |
//! | lots × price | notional atoms | [`notional_floor`], [`notional_ceil`] |
//! | notional atoms ÷ price | lots | [`lots_floor`], [`lots_ceil`] |
//! | signed lots × price difference | PnL atoms | [`pnl_floor`] |
//! | slots | milliseconds | × the market's `slot_ms` |
//!
//! A *price* is quote atoms per lot × 10^6. An *atom* is the smallest unit of the quote mint.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{div_floor_signed, mul_div_ceil, mul_div_floor, mul_signed, signed, PPM};

/// Highest price, 2^45 (atoms per lot × 10^6).
pub const MAX_PRICE: u64 = 1 << 45;
/// Highest number of lots of one leg, 2^37: at the highest price its notional fits 63 bits.
pub const MAX_LEG_LOTS: u64 = 1 << 37;
/// Highest number of lots of all legs of one account, 2^38: at the highest prices their notional fits 64 bits.
pub const MAX_ACCOUNT_LOTS: u64 = 1 << 38;
/// Highest number of open lots of one side of a market, 2^38: at the highest price their notional fits 64 bits.
pub const MAX_OPEN_LOTS: u64 = 1 << 38;
/// Lowest first price of a market, 2^24: it may fall to a 16th before rounding reaches half a ppm of it.
pub const MIN_FIRST_PRICE: u64 = 1 << 24;
/// Highest first price of a market, 2^40: it may rise to 32 times as much.
pub const MAX_FIRST_PRICE: u64 = 1 << 40;
/// Lowest price at which a market takes new risk, 2^20: below, rounding moves it by more than half a ppm.
pub const MIN_RISK_PRICE: u64 = 1 << 20;
/// Highest claims or debts of a market that takes new risk, 2^62 atoms: what its open lots can gain or lose fits beside them.
pub const MAX_RISK_CLAIMS_ATOMS: u64 = 1 << 62;
/// Highest capital of one account, 2^56 atoms.
pub const MAX_CAPITAL_ATOMS: u64 = 1 << 56;
/// Highest notional of one account, 2^60 atoms.
pub const MAX_NOTIONAL_ATOMS: u64 = 1 << 60;
/// Start value of a size index, 2^60: one unit of it is less than one lot.
pub const SIZE_INDEX_ONE: u64 = 1 << 60;
/// A size index below this, 2^44, ends its generation.
pub const SIZE_INDEX_MIN: u64 = 1 << 44;
/// Start value of a claim index, 2^48.
pub const CLAIM_INDEX_ONE: u64 = 1 << 48;
/// A claim index below this, 2^24, wipes the claims of its generation.
pub const CLAIM_INDEX_MIN: u64 = 1 << 24;
/// Buckets of one side of a market's liquidation ladder.
pub const LADDER_BUCKETS: usize = 128;
/// Legs of one account.
pub const MAX_LEGS: usize = 16;

// Whatever the price does, figures of positions that were opened within the bounds fit their types.
#[allow(clippy::as_conversions)] // widening, and no other conversion is constant
const _: () = {
    let of_leg = (MAX_LEG_LOTS as u128) * (MAX_PRICE as u128) / (PPM as u128);
    let of_side = (MAX_OPEN_LOTS as u128) * (MAX_PRICE as u128) / (PPM as u128);
    assert!(of_leg < 1 << 63);
    assert!(of_side + (MAX_RISK_CLAIMS_ATOMS as u128) < 1 << 64);
    assert!(MAX_ACCOUNT_LOTS == MAX_OPEN_LOTS);
};

/// Notional of `lots` at `price`, rounded down. Unit: atoms. Errors: `Overflow`.
pub fn notional_floor(lots: u64, price: u64) -> RiskResult<u64> {
    mul_div_floor(lots, price, PPM)
}

/// Notional of `lots` at `price`, rounded up. Unit: atoms. Errors: `Overflow`.
pub fn notional_ceil(lots: u64, price: u64) -> RiskResult<u64> {
    mul_div_ceil(lots, price, PPM)
}

/// Most lots whose notional at `price` is at most `atoms`, saturating. Errors: `DivisionByZero`.
pub fn lots_floor(atoms: u64, price: u64) -> RiskResult<u64> {
    saturating(mul_div_floor(atoms, PPM, price))
}

/// Fewest lots whose notional at `price` is at least `atoms`, saturating. Errors: `DivisionByZero`.
pub fn lots_ceil(atoms: u64, price: u64) -> RiskResult<u64> {
    saturating(mul_div_ceil(atoms, PPM, price))
}

/// The largest figure for one that does not fit.
fn saturating(figure: RiskResult<u64>) -> RiskResult<u64> {
    match figure {
        Err(RiskError::Overflow) => Ok(u64::MAX),
        other => other,
    }
}

/// PnL of signed lots over a price difference, rounded down. Unit: atoms. Errors: `Overflow`.
pub fn pnl_floor(signed_lots: i64, price_difference: i128) -> RiskResult<i128> {
    // Where the quotient fits 64 bits, as it does in the declared range, no 128-bit product is needed.
    if let Ok(difference) = u64::try_from(price_difference.unsigned_abs()) {
        let is_loss = (signed_lots < 0) != (price_difference < 0);
        let magnitude = match is_loss {
            true => mul_div_ceil(signed_lots.unsigned_abs(), difference, PPM),
            false => mul_div_floor(signed_lots.unsigned_abs(), difference, PPM),
        };
        if let Ok(atoms) = magnitude {
            return Ok(if is_loss { crate::fixed::negative(atoms) } else { signed(atoms) });
        }
    }
    div_floor_signed(mul_signed(i128::from(signed_lots), price_difference)?, PPM)
}

/// A side of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideName {
    /// Gains when the price rises.
    Long,
    /// Gains when the price falls.
    Short,
}

impl SideName {
    /// The side of signed lots; zero counts as long.
    pub fn of(signed_lots: i64) -> Self {
        if signed_lots < 0 {
            SideName::Short
        } else {
            SideName::Long
        }
    }

    /// The other side.
    pub fn opposite(self) -> Self {
        match self {
            SideName::Long => SideName::Short,
            SideName::Short => SideName::Long,
        }
    }

    /// `lots` with the sign of this side. Errors: `LegTooLarge`.
    pub fn signed(self, lots: u64) -> RiskResult<i64> {
        let magnitude = i64::try_from(lots).map_err(|_| RiskError::LegTooLarge)?;
        Ok(match self {
            SideName::Long => magnitude,
            SideName::Short => magnitude.saturating_neg(),
        })
    }
}
