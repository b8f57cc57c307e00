//! The insurance fund: its stakers, its caps, and what it pays; the first-loss reserve of a market, which pays before it
//! (spec B-3, B-6, B-7, I-1 … I-7, P-8).
//!
//! Books only cash. Owns [`FundState`]; [`crate::shares`] owns the shares, [`crate::draws`] the windows of the caps.

use crate::claims;
use crate::draws::{self, drawn_in_window};
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul_ppm_floor, sub};
use crate::governance::NOTICE_SECONDS;
use crate::health::MarketLookup;
use crate::margin;
use crate::open_profit::OpenPnl;
use crate::refresh;
use crate::shares::{self, Holding, LeaveStep, ShareLedger};
use crate::state::{InsuranceDraws, MarketState, Now};
use crate::units::{notional_ceil, notional_floor, SideName};
use bytemuck::{Pod, Zeroable};

/// Most that all markets together draw from a fund within a window, of what it had before the draws in it, ppm (B-7).
pub const FUND_WINDOW_PPM: u64 = 500_000;

/// Cash of a fund and the shares of its stakers.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct FundState {
    /// Balance, atoms.
    pub balance_atoms: u64,
    /// Shares.
    pub shares: ShareLedger,
    /// What all markets together drew lately.
    pub draws: InsuranceDraws,
}

/// Puts the cash of a listing into a market: the seed into its pool, the bond into its reserve. It may draw after the notice in
/// which those who fund the pools can leave (P-4, P-8, I-6).
pub fn list(market: &mut MarketState, (seed_atoms, bond_atoms): (u64, u64), now: &Now) {
    market.pool_atoms = seed_atoms;
    (market.reserve_atoms, market.bond_atoms) = (bond_atoms, bond_atoms);
    market.draws_from = now.unix_timestamp.saturating_add(NOTICE_SECONDS);
}

/// What entering shares are valued at: the balance and what the markets have accrued for the fund, so that nobody buys
/// income that others earned (I-3). `markets` holds all of the exchange, of which there are `market_count`. Unit: atoms.
/// Errors: `NoSuchMarket`, `Overflow`.
pub fn entry_value(fund: &FundState, market_count: u16, markets: &impl MarketLookup) -> RiskResult<u64> {
    (0..market_count)
        .try_fold(fund.balance_atoms, |value, index| add(value, markets.market(index)?.insurance_accrued_atoms))
}

/// Puts `atoms` into the fund for shares at its entry value (I-3). Returns the shares.
/// Errors: `StakeTooSmall`, `SharesBelowLeast`, `NoSuchMarket`, `Overflow`.
pub fn stake(
    fund: &mut FundState,
    holding: &mut Holding,
    (atoms, min_shares): (u64, u64),
    market_count: u16,
    markets: &impl MarketLookup,
) -> RiskResult<u64> {
    let value = entry_value(fund, market_count, markets)?;
    let shares = shares::issue(&mut fund.shares, holding, atoms, value, min_shares)?;
    fund.balance_atoms = add(fund.balance_atoms, atoms)?;
    Ok(shares)
}

/// Part of what a market left unfunded that the fund has set aside for and repays once it may: nothing of what was left while the market
/// was young (B-6, I-7). Unit: atoms.
fn insured_unfunded_atoms(market: &MarketState) -> u64 {
    market.unfunded_atoms.min(market.unfunded_allowance_atoms)
}

/// Loss of a market that can be seen in its books and that nobody bore yet: its debts, and what each side has lost since its legs were
/// settled beyond the maintenance margin that is asked of its lots, which is more than losers in good standing owe. Unit: atoms.
/// Errors: `Overflow`. Rule I-5.
pub fn visible_loss_atoms(market: &MarketState) -> RiskResult<u64> {
    let open = OpenPnl::of(market)?;
    let mut loss = market.debts_total_atoms;
    for name in [SideName::Long, SideName::Short] {
        let notional = notional_floor(market.side(name).open_lots, market.mark)?;
        let margin = mul_ppm_floor(notional, margin::maintenance_rate_ppm(market, 0)?)?;
        loss = add(loss, open.loss(name).saturating_sub(margin))?;
    }
    Ok(loss)
}

/// What the fund is worth to its stakers: the balance less what all markets left for it to repay (I-4). Unit: atoms.
/// Errors: `NoSuchMarket`.
pub fn present_value(fund: &FundState, market_count: u16, markets: &impl MarketLookup) -> RiskResult<u64> {
    let missing =
        (0..market_count).try_fold(0, |sum, index| add(sum, insured_unfunded_atoms(markets.market(index)?)))?;
    Ok(fund.balance_atoms.saturating_sub(missing))
}

/// What leaving shares are valued at: the present value less what each market may soon draw, within its cap per window: its visible
/// loss, and the notional of its open lots unless it is quiet. Nobody leaves from a loss that is visible but not booked. A market
/// that was too young to draw at `requested_at`, the unix time of the request, is not deducted: no listing can hold back who asked
/// before (I-5). Unit: atoms. Errors: `NoSuchMarket`.
pub fn exit_value(
    fund: &FundState,
    requested_at: i64,
    market_count: u16,
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<u64> {
    let mut value = present_value(fund, market_count, markets)?;
    for market_index in 0..market_count {
        let market = markets.market(market_index)?;
        if market.is_young(requested_at) {
            continue;
        }
        let lots = if refresh::is_quiet(market, now) { 0 } else { market.long.open_lots };
        let at_risk = notional_ceil(lots, market.mark)?.saturating_add(visible_loss_atoms(market)?);
        value = value.saturating_sub(at_risk.min(window_allowance(market, fund.balance_atoms, now)?));
    }
    Ok(value)
}

/// Asks shares back (I-4, O-3). Returns what they are worth now. Errors: those of [`shares::request`], `NoSuchMarket`.
pub fn request_unstake(
    fund: &FundState,
    holding: &mut Holding,
    shares: u64,
    market_count: u16,
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<u64> {
    let value = present_value(fund, market_count, markets)?;
    shares::request(&fund.shares, holding, shares, value, now.unix_timestamp)
}

/// A call of a request that has waited: the first one notes the exit value, a later one pays, each at least `min_atoms` (I-5, O-4,
/// O-16). `markets` holds all of the exchange, of which there are `market_count`.
/// Errors: those of [`shares::leave`], `ExitValueZero`, `NoSuchMarket`.
pub fn unstake(
    fund: &mut FundState,
    holding: &mut Holding,
    min_atoms: u64,
    market_count: u16,
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<LeaveStep> {
    let value = exit_value(fund, holding.requested_at(), market_count, markets, now)?;
    shares::require_exit_value(value, present_value(fund, market_count, markets)?)?;
    let terms = (fund.balance_atoms, min_atoms);
    let step = shares::leave(&mut fund.shares, holding, value, terms, now.unix_timestamp)?;
    fund.balance_atoms = sub(fund.balance_atoms, step.paid_atoms())?;
    Ok(step)
}

/// Most that insurance may pay for a market now: its cap per event and what is left of its cap per window, both shares of the fund.
/// A cap of zero pays nothing, and so does the fund while the market is young (B-3, P-8). What all markets may draw together is
/// [`fund_allowance`]. Unit: atoms.
pub fn allowance(market: &MarketState, fund: &FundState, now: &Now) -> RiskResult<u64> {
    if market.is_young(now.unix_timestamp) {
        return Ok(0);
    }
    let event = mul_ppm_floor(fund.balance_atoms, u64::from(market.params.insurance_event_ppm))?;
    Ok(event.min(window_allowance(market, fund.balance_atoms, now)?))
}

/// Most that all markets together may draw from the fund now (B-7). Unit: atoms.
pub fn fund_allowance(fund: &FundState, now: &Now) -> RiskResult<u64> {
    left_of_window(fund.balance_atoms, &fund.draws, FUND_WINDOW_PPM, now)
}

/// What is left of a market's cap per window, whatever its cap per event. Unit: atoms.
fn window_allowance(market: &MarketState, balance_atoms: u64, now: &Now) -> RiskResult<u64> {
    left_of_window(balance_atoms, &market.insurance, u64::from(market.params.insurance_window_ppm), now)
}

/// `⌊(balance + drawn)·cap⌋ − drawn`, at least 0. Unit: atoms.
fn left_of_window(balance_atoms: u64, draws: &InsuranceDraws, cap_ppm: u64, now: &Now) -> RiskResult<u64> {
    let drawn = drawn_in_window(draws, now)?;
    Ok(mul_ppm_floor(add(balance_atoms, drawn)?, cap_ppm)?.saturating_sub(drawn))
}

/// Moves insurance cash into a market's pool and counts it toward both windows.
pub fn draw(market: &mut MarketState, fund: &mut FundState, atoms: u64, now: &Now) -> RiskResult<()> {
    fund.balance_atoms = sub(fund.balance_atoms, atoms)?;
    market.pool_atoms = add(market.pool_atoms, atoms)?;
    draws::record(&mut market.insurance, atoms, now)?;
    draws::record(&mut fund.draws, atoms, now)
}

/// The reserve pays of a loss what it can, before insurance is asked: reserve to pool (I-6). Returns the atoms paid.
pub fn pay_from_reserve(market: &mut MarketState, loss_atoms: u64) -> RiskResult<u64> {
    let paid = loss_atoms.min(market.reserve_atoms);
    market.reserve_atoms = sub(market.reserve_atoms, paid)?;
    market.pool_atoms = add(market.pool_atoms, paid)?;
    Ok(paid)
}

/// What the fund pays at most, over all days together, toward a loss that a market leaves unfunded: its cap per event of the fund as it
/// is when the loss appears (B-6); nothing for what a young market leaves (I-7). Unit: atoms.
pub(crate) fn unfunded_budget(market: &MarketState, balance_atoms: u64, now: &Now) -> RiskResult<u64> {
    if market.is_young(now.unix_timestamp) {
        return Ok(0);
    }
    mul_ppm_floor(balance_atoms, u64::from(market.params.insurance_event_ppm))
}

/// Who repaid what a market left unfunded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repayment {
    /// Its accrued fees, atoms.
    pub fees_atoms: u64,
    /// Its reserve, atoms.
    pub reserve_atoms: u64,
    /// The insurance fund, atoms.
    pub insurance_atoms: u64,
}

/// Repays what a market left unfunded: first from its accrued fees, then from its reserve, then from insurance within its caps, those of
/// the fund and what is left of the budget for this loss (B-6, B-7).
pub fn repay_unfunded(market: &mut MarketState, fund: &mut FundState, now: &Now) -> RiskResult<Repayment> {
    let fees_atoms = market.fees_accrued_atoms.min(market.unfunded_atoms);
    market.fees_accrued_atoms = sub(market.fees_accrued_atoms, fees_atoms)?;
    market.pool_atoms = add(market.pool_atoms, fees_atoms)?;
    market.unfunded_atoms = sub(market.unfunded_atoms, fees_atoms)?;
    let reserve_atoms = pay_from_reserve(market, market.unfunded_atoms)?;
    market.unfunded_atoms = sub(market.unfunded_atoms, reserve_atoms)?;
    let allowed = allowance(market, fund, now)?.min(fund_allowance(fund, now)?);
    let insurance_atoms = allowed.min(insured_unfunded_atoms(market));
    draw(market, fund, insurance_atoms, now)?;
    market.unfunded_atoms = sub(market.unfunded_atoms, insurance_atoms)?;
    // A fund that shrank sets less aside: what an empty one will not pay is not waited for.
    let budget = sub(market.unfunded_allowance_atoms, insurance_atoms)?;
    market.unfunded_allowance_atoms = budget.min(unfunded_budget(market, fund.balance_atoms, now)?);
    Ok(Repayment { fees_atoms, reserve_atoms, insurance_atoms })
}

/// Takes a gift toward what a market left unfunded, at most that (B-6). Returns the atoms taken, which the caller books.
/// Errors: `ZeroSize`, `NothingToDo` where nothing is unfunded, `Overflow`.
pub fn cover_unfunded(market: &mut MarketState, atoms: u64) -> RiskResult<u64> {
    if atoms == 0 {
        return Err(RiskError::ZeroSize);
    }
    let taken = atoms.min(market.unfunded_atoms);
    if taken == 0 {
        return Err(RiskError::NothingToDo);
    }
    market.unfunded_atoms = sub(market.unfunded_atoms, taken)?;
    market.pool_atoms = add(market.pool_atoms, taken)?;
    Ok(taken)
}

/// What a sweep moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Insurance's shares to the fund, atoms.
    pub insurance_atoms: u64,
    /// Fees to the exchange, atoms.
    pub fees_atoms: u64,
    /// Fees to the market's reserve, atoms.
    pub reserved_atoms: u64,
    /// Who repaid what was unfunded.
    pub repaid: Repayment,
    /// Unfunded cut from claims, atoms.
    pub claims_cut_atoms: u64,
}

/// Sweeps a market's accrued shares: insurance's to the fund; then what is unfunded is repaid; then fees go to the reserve, all of
/// them while the market is young and up to its bond later; the other fees go to the exchange; what nothing will repay is cut from
/// claims (I-2, I-6, B-6, B-8). Errors: `NothingToDo`, `Overflow`.
pub fn sweep(
    market: &mut MarketState,
    fund: &mut FundState,
    exchange_fees_atoms: &mut u64,
    now: &Now,
) -> RiskResult<SweepReport> {
    let insurance_atoms = core::mem::take(&mut market.insurance_accrued_atoms);
    fund.balance_atoms = add(fund.balance_atoms, insurance_atoms)?;
    let repaid = repay_unfunded(market, fund, now)?;
    let left = core::mem::take(&mut market.fees_accrued_atoms);
    let missing = match market.is_young(now.unix_timestamp) {
        true => left,
        false => market.bond_atoms.saturating_sub(market.reserve_atoms),
    };
    let reserved_atoms = left.min(missing);
    market.reserve_atoms = add(market.reserve_atoms, reserved_atoms)?;
    let fees_atoms = sub(left, reserved_atoms)?;
    *exchange_fees_atoms = add(*exchange_fees_atoms, fees_atoms)?;
    let claims_cut_atoms = claims::write_down(market)?;
    let report = SweepReport { insurance_atoms, fees_atoms, reserved_atoms, repaid, claims_cut_atoms };
    if report == SweepReport::default() {
        return Err(RiskError::NothingToDo);
    }
    Ok(report)
}

const _: () = assert!(core::mem::size_of::<FundState>() == 72);
