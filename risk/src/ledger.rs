//! The side ledger: open interest of one side of a market as two indices, so that a deleveraging
//! of any number of legs is O(1) (DESIGN section 4; spec L-1 … L-7). The product-sum of Liquity's stability
//! pool, applied to open interest.
//!
//! Assumes that legs go through [`crate::leg`]; owns nothing of a leg.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{add_signed, mul, mul_div_floor, mul_signed, saturate_u32, signed, sub, sub_signed};
use crate::state::{MarketState, OpenSums, Side};
use crate::units::{MAX_OPEN_LOTS, SIZE_INDEX_MIN, SIZE_INDEX_ONE};
use bytemuck::Zeroable;

/// Value index `V = A·p + K` at price p (L-1). Unit: price × size index. Errors: `Overflow`.
pub fn value_index(side: &Side, price: u64) -> RiskResult<i128> {
    index_value(side.size_index, price, side.cash_index.get())
}

/// Value index at the end of the previous generation (L-5). Errors: `Overflow`.
pub fn ended_value_index(side: &Side) -> RiskResult<i128> {
    index_value(side.ended_size_index, side.ended_mark, side.ended_cash_index.get())
}

fn index_value(size_index: u64, price: u64, cash_index: i128) -> RiskResult<i128> {
    let product = match size_index {
        SIZE_INDEX_ONE => u128::from(price) << SIZE_INDEX_ONE.trailing_zeros(),
        _ => mul(size_index, price),
    };
    let position = i128::try_from(product).map_err(|_| RiskError::Overflow)?;
    add_signed(position, cash_index)
}

/// Closes `lots` of a side at `price`, pro rata by size (L-3): `A' = ⌊A·(OI−q)/OI⌋`, `K += (A−A')·x`.
/// An untouched leg then sells exactly `|lots|·(A−A')/A0` at x. Closing everything leaves A = 0.
/// Errors: `ZeroSize` for no lots, `Overflow` for more than are open.
pub fn deleverage(side: &mut Side, lots: u64, price: u64) -> RiskResult<()> {
    if lots == 0 {
        return Err(RiskError::ZeroSize);
    }
    let left = sub(side.open_lots, lots)?;
    let size_index = mul_div_floor(side.size_index, left, side.open_lots)?;
    // Fractions that touches left without an owner are closed pro rata too: handing on more than is left of them would
    // give legs more lots than are open (T-8).
    side.unowned_q32 = saturate_u32(mul_div_floor(u64::from(side.unowned_q32), left, side.open_lots)?);
    let sold = mul(sub(side.size_index, size_index)?, price);
    let cash = add_signed(side.cash_index.get(), i128::try_from(sold).map_err(|_| RiskError::Overflow)?)?;
    side.cash_index = cash.into();
    side.size_index = size_index;
    side.open_lots = left;
    Ok(())
}

/// Accrues funding of `per_lot` (atoms per lot × 10^6, longs pay when positive) to both sides (L-2):
/// `K −= A·f`. Errors: `Overflow`.
pub fn accrue_funding(market: &mut MarketState, per_lot: i64) -> RiskResult<()> {
    for side in [&mut market.long, &mut market.short] {
        let indexed = mul_signed(signed(side.size_index), i128::from(per_lot))?;
        side.cash_index = sub_signed(side.cash_index.get(), indexed)?.into();
    }
    Ok(())
}

/// Ends the generation of each side whose size index is nearly used up and that has no leg behind (L-5).
/// Called once at the end of every instruction that deleveraged.
pub fn end_generations(market: &mut MarketState) -> RiskResult<()> {
    let mark = market.mark;
    for side in [&mut market.long, &mut market.short] {
        if side.size_index >= SIZE_INDEX_MIN || side.legs_behind > 0 {
            continue;
        }
        side.ended_size_index = side.size_index;
        side.ended_cash_index = side.cash_index;
        side.ended_mark = mark;
        side.size_index = SIZE_INDEX_ONE;
        side.cash_index = 0.into();
        side.generation = side.generation.checked_add(1).ok_or(RiskError::Overflow)?;
        side.legs_behind = side.legs_current;
        side.legs_current = 0;
        side.behind = core::mem::replace(&mut side.open, OpenSums::zeroed());
    }
    Ok(())
}

/// Refuses to open lots on a side whose index is too coarse (L-6). Errors: `SideExhausted`.
pub fn require_open(side: &Side) -> RiskResult<()> {
    if side.size_index < SIZE_INDEX_MIN {
        return Err(RiskError::SideExhausted);
    }
    Ok(())
}

/// Checks the identity of open interest (L-7): both sides equal and within 2^38.
/// Errors: `OpenInterestUnequal`, `OpenInterestCap`.
pub fn check_open_interest(market: &MarketState) -> RiskResult<()> {
    if market.long.open_lots != market.short.open_lots {
        return Err(RiskError::OpenInterestUnequal);
    }
    if market.long.open_lots > MAX_OPEN_LOTS {
        return Err(RiskError::OpenInterestCap);
    }
    Ok(())
}
