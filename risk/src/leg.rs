//! A leg: what it is worth now, and the touch that realises it (DESIGN section 4; spec T-1 … T-8).
//!
//! [`evaluate`] is the only valuation, for views and for changes. Lots change only through [`set_lots`], on a
//! leg that was touched in the same instruction.

use crate::claims::{self, Claims};
use crate::error::{RiskError, RiskResult};
use crate::fixed::{
    add, add_signed, div_rem, mul, mul_div_floor, signed, sub, sub_signed, to_u64, unsigned, wide_pnl_floor, ONE_Q32,
};
use crate::ladder;
use crate::ledger;
use crate::netting;
use crate::open_profit;
use crate::state::{AccountState, Leg, MarketState, Now, Side};
use crate::units::{pnl_floor, SideName, CLAIM_INDEX_ONE, MAX_LEG_LOTS, SIZE_INDEX_ONE};
use bytemuck::Zeroable;

/// A leg's worth at the market's mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegValue {
    /// Effective signed lots after deleveragings.
    pub lots: i64,
    /// PnL since the last touch, rounded down, atoms.
    pub pending: i128,
    /// Settled profit.
    pub claims: Claims,
    /// Settled loss that no capital covered, atoms.
    pub debt: u64,
}

impl LegValue {
    /// Net value `v = pending + claims − debt`, atoms. Errors: `Overflow`.
    pub fn net(&self) -> RiskResult<i128> {
        sub_signed(add_signed(self.pending, signed(self.claims.total()?))?, signed(self.debt))
    }
}

/// What a leg is worth at the mark (T-1). Errors: `Overflow`.
pub fn evaluate(leg: &Leg, market: &MarketState, now: &Now) -> RiskResult<LegValue> {
    let claims = claims::current(leg, market, now)?;
    let mut value = LegValue { claims, debt: leg.debt_atoms, ..LegValue::default() };
    if leg.lots == 0 {
        return Ok(value);
    }
    let side = market.side(SideName::of(leg.lots));
    let (mut lots, mut size_index0, mut value_index0) = (leg.lots, leg.size_index0, leg.value_index0.get());
    if is_behind(leg, side)? {
        let moved = sub_signed(ledger::ended_value_index(side)?, value_index0)?;
        value.pending = pnl(lots, moved, size_index0, side.ended_size_index)?;
        lots = scale(lots, side.ended_size_index, size_index0)?;
        size_index0 = SIZE_INDEX_ONE;
        value_index0 = crate::fixed::mul_signed(signed(SIZE_INDEX_ONE), signed(side.ended_mark))?;
    }
    let moved = sub_signed(ledger::value_index(side, market.mark)?, value_index0)?;
    value.pending = add_signed(value.pending, pnl(lots, moved, size_index0, side.size_index)?)?;
    value.lots = scale(lots, side.size_index, size_index0)?;
    Ok(value)
}

/// Whether the leg still stands in the previous generation of its side. Errors: `InvariantBroken` for any other.
fn is_behind(leg: &Leg, side: &Side) -> RiskResult<bool> {
    match side.generation.checked_sub(leg.generation) {
        Some(0) => Ok(false),
        Some(1) => Ok(true),
        _ => Err(RiskError::InvariantBroken),
    }
}

/// `⌊lots·ΔV/(A0·10^6)⌋`. While A = A0, ΔV is a multiple of A: divide first, then 128 bits suffice (T-2).
fn pnl(signed_lots: i64, moved: i128, size_index0: u64, size_index: u64) -> RiskResult<i128> {
    if size_index != size_index0 {
        return wide_pnl_floor(signed_lots, moved, size_index0);
    }
    let per_lot = if size_index == SIZE_INDEX_ONE {
        crate::fixed::shift_right(moved, SIZE_INDEX_ONE.trailing_zeros())
    } else {
        moved.checked_div(signed(size_index)).ok_or(RiskError::DivisionByZero)?
    };
    pnl_floor(signed_lots, per_lot)
}

/// `⌊|lots|·A/A0⌋` with the sign of `lots`.
fn scale(signed_lots: i64, size_index: u64, size_index0: u64) -> RiskResult<i64> {
    if size_index == size_index0 {
        return Ok(signed_lots);
    }
    let lots = mul_div_floor(signed_lots.unsigned_abs(), size_index, size_index0)?;
    SideName::of(signed_lots).signed(lots)
}

/// What a touch realised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TouchReport {
    /// PnL realised, atoms.
    pub realised_atoms: i128,
    /// Capital that went to the pool, atoms.
    pub paid_atoms: u64,
}

/// Realises a leg's PnL and rebases it, without drawing capital: an uncovered loss becomes debt (T-3).
pub fn realise_pending(leg: &mut Leg, market: &mut MarketState, now: &Now) -> RiskResult<i128> {
    let value = evaluate(leg, market, now)?;
    claims::store(leg, value.claims, market, now);
    netting::forget_old(leg, market, now);
    if leg.lots != 0 {
        let name = SideName::of(leg.lots);
        let behind = is_behind(leg, market.side(name))?;
        let lots = with_carried_lot(leg, value.lots, behind, market.side_mut(name))?;
        let side = market.side_mut(name);
        let counter = if behind { &mut side.legs_behind } else { &mut side.legs_current };
        *counter = counter.checked_sub(1).ok_or(RiskError::InvariantBroken)?;
        if lots != 0 {
            side.legs_current = side.legs_current.checked_add(1).ok_or(RiskError::Overflow)?;
        }
        rebase(leg, market, lots)?;
        book_pnl(leg, market, value.pending, name)?;
    }
    Ok(value.pending)
}

/// The effective lots of a leg that is being touched, with one more whenever the fractions that earlier touches of its side
/// rounded away make a lot: less than one lot of a side is ever nobody's because of touches (T-8). Without it their
/// sum, whose result the pool bears, would grow with every leg that a deleveraging reduced.
fn with_carried_lot(leg: &Leg, lots: i64, behind: bool, side: &mut Side) -> RiskResult<i64> {
    let (mut size_index0, mut magnitude, mut lost) = (leg.size_index0, leg.lots.unsigned_abs(), 0);
    if behind {
        let fraction = fraction_q32(magnitude, side.ended_size_index, size_index0)?;
        lost = mul_div_floor(fraction, side.size_index, SIZE_INDEX_ONE)?;
        magnitude = mul_div_floor(magnitude, side.ended_size_index, size_index0)?;
        size_index0 = SIZE_INDEX_ONE;
    }
    lost = add(lost, fraction_q32(magnitude, side.size_index, size_index0)?)?;
    let carried = add(lost, u64::from(side.unowned_q32))?;
    let (whole, rest) = div_rem(u128::from(carried), ONE_Q32)?;
    side.unowned_q32 = u32::try_from(rest).map_err(|_| RiskError::Overflow)?;
    SideName::of(leg.lots).signed(add(lots.unsigned_abs(), to_u64(whole)?)?)
}

/// Fraction of a lot that `⌊lots·A/A0⌋` rounds away, in 2^-32, rounded down.
fn fraction_q32(lots: u64, size_index: u64, size_index0: u64) -> RiskResult<u64> {
    if size_index == size_index0 {
        return Ok(0);
    }
    let (_, remainder) = div_rem(mul(lots, size_index), size_index0)?;
    mul_div_floor(remainder, ONE_Q32, size_index0)
}

/// Touches one leg: realises, then lets capital pay the leg's debt (T-3). The caller has checked that the leg
/// may be touched alone ([`crate::health::Health::require_touch_alone`]).
pub fn touch(
    account: &mut AccountState,
    leg_slot: usize,
    market: &mut MarketState,
    now: &Now,
) -> RiskResult<TouchReport> {
    let leg = account.legs.get_mut(leg_slot).ok_or(RiskError::NoSuchLeg)?;
    let realised_atoms = realise_pending(leg, market, now)?;
    let paid_atoms = leg.debt_atoms.min(account.capital_atoms);
    pay_debt_in_cash(leg, market, &mut account.capital_atoms, paid_atoms)?;
    Ok(TouchReport { realised_atoms, paid_atoms })
}

/// Books a PnL on a touched leg: a gain repays the leg's debt, the rest is a fresh claim; a loss eats the
/// leg's claims, the rest becomes debt (T-4).
pub fn book_pnl(leg: &mut Leg, market: &mut MarketState, atoms: i128, side: SideName) -> RiskResult<()> {
    if atoms >= 0 {
        let gain = unsigned(atoms)?;
        let repaid = gain.min(leg.debt_atoms);
        leg.debt_atoms = sub(leg.debt_atoms, repaid)?;
        market.debts_total_atoms = sub(market.debts_total_atoms, repaid)?;
        let claim = sub(gain, repaid)?;
        leg.claim_fresh_atoms = add(leg.claim_fresh_atoms, claim)?;
        market.claims_total_atoms = add(market.claims_total_atoms, claim)?;
        return Ok(());
    }
    let loss = unsigned(sub_signed(0, atoms)?)?;
    let eaten = claims::eat(leg, market, loss)?;
    let debt = sub(loss, eaten)?;
    if debt > 0 {
        leg.debt_atoms = add(leg.debt_atoms, debt)?;
        leg.debt_side = u8::from(side == SideName::Short);
        market.debts_total_atoms = add(market.debts_total_atoms, debt)?;
    }
    Ok(())
}

/// Moves `atoms` of capital to the pool against a leg's debt (T-5). Errors: `Overflow` beyond debt or capital.
pub fn pay_debt_in_cash(
    leg: &mut Leg,
    market: &mut MarketState,
    capital_atoms: &mut u64,
    atoms: u64,
) -> RiskResult<()> {
    leg.debt_atoms = sub(leg.debt_atoms, atoms)?;
    market.debts_total_atoms = sub(market.debts_total_atoms, atoms)?;
    *capital_atoms = sub(*capital_atoms, atoms)?;
    market.pool_atoms = add(market.pool_atoms, atoms)?;
    Ok(())
}

/// Gives a touched leg new signed lots and keeps the sides' sums and counters (T-6). The caller checks the
/// identity of open interest once both legs of a fill are set.
/// Errors: `SideExhausted`, `LegTooLarge`, `DebtOutstanding` for adding risk on a leg with debt.
pub fn set_lots(leg: &mut Leg, market: &mut MarketState, signed_lots: i64) -> RiskResult<()> {
    if signed_lots.unsigned_abs() > MAX_LEG_LOTS {
        return Err(RiskError::LegTooLarge);
    }
    if leg.lots != 0 {
        let side = market.side_mut(SideName::of(leg.lots));
        side.open_lots = sub(side.open_lots, leg.lots.unsigned_abs())?;
        side.legs_current = side.legs_current.checked_sub(1).ok_or(RiskError::InvariantBroken)?;
    }
    if signed_lots != 0 {
        let side = market.side_mut(SideName::of(signed_lots));
        if increases_risk(leg.lots, signed_lots) {
            ledger::require_open(side)?;
            if leg.debt_atoms > 0 {
                return Err(RiskError::DebtOutstanding);
            }
        }
        side.open_lots = add(side.open_lots, signed_lots.unsigned_abs())?;
        side.legs_current = side.legs_current.checked_add(1).ok_or(RiskError::Overflow)?;
    }
    rebase(leg, market, signed_lots)
}

/// Whether going from `before` to `after` signed lots adds risk: more lots, or the other side.
pub fn increases_risk(before: i64, after: i64) -> bool {
    after != 0 && (before.signum() != after.signum() || after.unsigned_abs() > before.unsigned_abs())
}

/// Sets lots and the leg's reference to its side's present indices. The sums of its side follow (L-8), and lots that end or
/// change sides leave the ladder (U-13).
fn rebase(leg: &mut Leg, market: &mut MarketState, signed_lots: i64) -> RiskResult<()> {
    if leg.ladder_atoms != 0 && signed_lots.signum() != leg.lots.signum() {
        ladder::remove(leg, market);
    }
    if leg.lots != 0 {
        open_profit::take(leg, market)?;
    }
    leg.lots = signed_lots;
    if signed_lots == 0 {
        leg.size_index0 = 0;
        leg.value_index0 = 0.into();
        leg.generation = 0;
        return Ok(());
    }
    let side = market.side(SideName::of(signed_lots));
    leg.size_index0 = side.size_index;
    leg.value_index0 = ledger::value_index(side, market.mark)?.into();
    leg.generation = side.generation;
    open_profit::put(leg, market)
}

/// The account's leg in a market, taken from the free ones if there is none yet. Errors: `NoFreeLeg`.
pub fn find_or_open(
    account: &mut AccountState,
    market: &mut MarketState,
    market_index: u16,
    now: &Now,
) -> RiskResult<usize> {
    if let Some(leg_slot) = account.find_leg(market_index) {
        return Ok(leg_slot);
    }
    let leg_slot = account.legs.iter().position(|leg| !leg.is_used()).ok_or(RiskError::NoFreeLeg)?;
    let leg = account.legs.get_mut(leg_slot).ok_or(RiskError::NoFreeLeg)?;
    *leg = Leg { market_index, in_use: 1, ..Leg::zeroed() };
    claims::store(leg, Claims::default(), market, now);
    market.leg_count = market.leg_count.checked_add(1).ok_or(RiskError::Overflow)?;
    Ok(leg_slot)
}

/// Ends an instruction for a leg and its market: frees the leg if nothing is left of it, and ends a generation whose
/// last leg behind was settled (T-7, L-5).
pub fn finish(account: &mut AccountState, leg_slot: usize, market: &mut MarketState) -> RiskResult<()> {
    release_if_empty(account, leg_slot, market)?;
    ledger::end_generations(market)
}

/// Frees a leg without lots, claims and debt, unless it is locked for having netted a slice. The last leg to go takes the fractions of lots and claims that
/// rounding left in the market's totals with it: they belong to nobody.
fn release_if_empty(account: &mut AccountState, leg_slot: usize, market: &mut MarketState) -> RiskResult<()> {
    let leg = account.legs.get_mut(leg_slot).ok_or(RiskError::NoSuchLeg)?;
    if !leg.is_used() || leg.lots != 0 || leg.debt_atoms != 0 || claims::has_any(leg) || netting::is_locked(leg) {
        return Ok(());
    }
    *leg = Leg::zeroed();
    market.leg_count = market.leg_count.checked_sub(1).ok_or(RiskError::InvariantBroken)?;
    if market.leg_count == 0 {
        // Whoever trades here next starts clean: nobody is left to whom the market owes anything.
        (market.claims_total_atoms, market.unfunded_atoms, market.unfunded_allowance_atoms) = (0, 0, 0);
        market.claim_index = CLAIM_INDEX_ONE;
        for side in [&mut market.long, &mut market.short] {
            side.open_lots = 0;
            side.size_index = SIZE_INDEX_ONE;
            side.cash_index = 0.into();
            side.unowned_q32 = 0;
        }
    }
    Ok(())
}
