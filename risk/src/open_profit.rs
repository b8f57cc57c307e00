//! Open PnL of a side in constant time, and what follows from it: the profit of a market, and its rounding residue (spec L-8, J-4).
//!
//! A leg's open PnL is linear in the value index of its side, `lots·(V − V0)/A0`. The sums of `lots/A0` and of `lots·V0/A0` over
//! the legs of a side therefore give the PnL of all of them at once. A leg is taken out of the sums by the very figures with which it
//! was put in, so they are exact whatever the order of touches.
//! Assumes that every change of a leg's lots or reference goes through [`crate::leg`].

use crate::error::RiskResult;
use crate::fixed::{
    add, add_signed, div_floor, div_rem, mul_signed, product_shift_floor, saturate, shift_right, signed, sub_signed,
    PPM,
};
use crate::ledger;
use crate::state::{Leg, MarketState, OpenSums, Side};
use crate::units::{SideName, SIZE_INDEX_ONE};

/// Fractional bits of a weight: 2^40 lots with them still fit 128 bits, and an error of one unit is worth 2^-27 of a lot at most.
const WEIGHT_BITS: u32 = 87;
/// Bits of [`SIZE_INDEX_ONE`].
const INDEX_BITS: u32 = SIZE_INDEX_ONE.trailing_zeros();

/// What a leg with lots adds to the sums of its side, weight and basis: `⌊|lots|·2^87/A0⌋` and `⌊|lots|·V0/A0⌋`.
/// Errors: `DivisionByZero`, `Overflow`. Rule L-8.
pub fn part_of(leg: &Leg) -> RiskResult<(i128, i128)> {
    let (lots, size_index0, value_index0) = (signed(leg.lots.unsigned_abs()), leg.size_index0, leg.value_index0.get());
    if size_index0 == SIZE_INDEX_ONE {
        // Before the first deleveraging of a generation every index is a multiple of 2^60.
        let weight = lots.checked_shl(WEIGHT_BITS.saturating_sub(INDEX_BITS)).unwrap_or(0);
        return Ok((weight, mul_signed(lots, shift_right(value_index0, INDEX_BITS))?));
    }
    let magnitude = u128::from(leg.lots.unsigned_abs()).checked_shl(WEIGHT_BITS).unwrap_or(0);
    let weight = i128::try_from(div_floor(magnitude, size_index0)?).map_err(|_| crate::RiskError::Overflow)?;
    // |V0| = q·A0 + r: its part is lots·q and ⌊lots·r/A0⌋, each within 128 bits.
    let (whole, rest) = div_rem(value_index0.unsigned_abs(), size_index0)?;
    let whole = mul_signed(lots, i128::try_from(whole).map_err(|_| crate::RiskError::Overflow)?)?;
    let rest = crate::fixed::mul_div_floor(leg.lots.unsigned_abs(), rest, size_index0)?;
    let basis = add_signed(whole, signed(rest))?;
    Ok((weight, if value_index0 < 0 { basis.saturating_neg() } else { basis }))
}

/// Sums that a leg stands in: those of the present generation, or of the previous one.
fn sums_of(side: &mut Side, generation: u32) -> &mut OpenSums {
    match side.generation == generation {
        true => &mut side.open,
        false => &mut side.behind,
    }
}

/// Puts a leg with lots into the sums of its side. Errors: `Overflow`. Rule L-8.
pub(crate) fn put(leg: &Leg, market: &mut MarketState) -> RiskResult<()> {
    let (weight, basis) = part_of(leg)?;
    let sums = sums_of(market.side_mut(SideName::of(leg.lots)), leg.generation);
    sums.weight = add_signed(sums.weight.get(), weight)?.into();
    sums.basis = add_signed(sums.basis.get(), basis)?.into();
    Ok(())
}

/// Takes a leg with lots out of the sums of its side, before its lots or its reference change. Errors: `Overflow`. Rule L-8.
pub(crate) fn take(leg: &Leg, market: &mut MarketState) -> RiskResult<()> {
    let (weight, basis) = part_of(leg)?;
    let sums = sums_of(market.side_mut(SideName::of(leg.lots)), leg.generation);
    sums.weight = sub_signed(sums.weight.get(), weight)?.into();
    sums.basis = sub_signed(sums.basis.get(), basis)?.into();
    Ok(())
}

/// Open PnL of all legs of a side together at the mark, winners and losers netted: what touching every one of them now would realise,
/// up to rounding. Unit: atoms, rounded down. Errors: `Overflow`. Rule L-8.
pub fn of_side(market: &MarketState, name: SideName) -> RiskResult<i128> {
    let side = market.side(name);
    let value_index = ledger::value_index(side, market.mark)?;
    let mut worth = moved(&side.open, value_index)?;
    if side.legs_behind > 0 {
        // A leg behind is worth what it was at the end of its generation, and what its lots have moved since (T-1).
        let ended = moved(&side.behind, ledger::ended_value_index(side)?)?;
        let lots = product_shift_floor(side.behind.weight.get(), signed(side.ended_size_index), 0)?;
        let start = mul_signed(signed(SIZE_INDEX_ONE), signed(side.ended_mark))?;
        let since = product_shift_floor(lots, sub_signed(value_index, start)?, WEIGHT_BITS.saturating_add(INDEX_BITS))?;
        worth = add_signed(worth, add_signed(ended, since)?)?;
    }
    let signed_worth = match name {
        SideName::Long => worth,
        SideName::Short => worth.saturating_neg(),
    };
    crate::fixed::div_floor_signed(signed_worth, PPM)
}

/// `Σ lots·(V − V0)/A0` for sums at a value index. Unit: atoms × 10^6.
fn moved(sums: &OpenSums, value_index: i128) -> RiskResult<i128> {
    sub_signed(product_shift_floor(sums.weight.get(), value_index, WEIGHT_BITS)?, sums.basis.get())
}

/// Open PnL of both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenPnl {
    /// Of the longs, atoms.
    pub long_atoms: i128,
    /// Of the shorts, atoms.
    pub short_atoms: i128,
}

impl OpenPnl {
    /// Open PnL of both sides of a market now. Errors: `Overflow`.
    pub fn of(market: &MarketState) -> RiskResult<Self> {
        Ok(Self { long_atoms: of_side(market, SideName::Long)?, short_atoms: of_side(market, SideName::Short)? })
    }

    /// Open profit of a side: its PnL where that is positive, else 0. Unit: atoms, saturating.
    pub fn profit(&self, name: SideName) -> u64 {
        positive(self.side(name))
    }

    /// Open loss of a side: its PnL where that is negative, as a positive figure, else 0. Unit: atoms, saturating.
    pub fn loss(&self, name: SideName) -> u64 {
        positive(self.side(name).saturating_neg())
    }

    /// PnL of a side. Unit: atoms.
    pub fn side(&self, name: SideName) -> i128 {
        match name {
            SideName::Long => self.long_atoms,
            SideName::Short => self.short_atoms,
        }
    }
}

fn positive(atoms: i128) -> u64 {
    saturate(atoms.max(0).unsigned_abs())
}

/// Whether no leg of a market has lots or open PnL that nobody settled: every leg with lots weighs something. Rule B-8.
pub fn is_settled(market: &MarketState) -> bool {
    let is_empty = |side: &Side| side.open.weight.get() == 0 && side.behind.weight.get() == 0;
    is_empty(&market.long) && is_empty(&market.short)
}

/// Profit of a market, settled and open: `claims_total + max(P_long, 0) + max(P_short, 0)`. It stays the same, up to rounding, whoever is
/// settled, while no losses offset profits of the same side or eat claims of the same leg. Unit: atoms. Errors: `Overflow`. Rule H-3.
pub fn profit_total(market: &MarketState) -> RiskResult<u64> {
    let open = OpenPnl::of(market)?;
    let open_profit = open.profit(SideName::Long).saturating_add(open.profit(SideName::Short));
    Ok(market.claims_total_atoms.saturating_add(open_profit))
}

/// Rounding residue of a market as its own figures tell it: `pool + unfunded + debts − claims − P_long − P_short`. It starts as the seed
/// and grows by what floors leave; it falls by what the sums round and by the worth of fractions of lots that a touch leaves to nobody (T-8).
/// Unit: atoms. Errors: `Overflow`. Rule J-4.
pub fn residue(market: &MarketState) -> RiskResult<i128> {
    let open = OpenPnl::of(market)?;
    let backing = add(add(market.pool_atoms, market.unfunded_atoms)?, market.debts_total_atoms)?;
    let owed = add_signed(add_signed(open.long_atoms, open.short_atoms)?, signed(market.claims_total_atoms))?;
    sub_signed(signed(backing), owed)
}
