//! Predictive closes: a part of the leg of an account at risk, taken over before it fails (RISK section 3; spec R-3 … R-11).
//!
//! At risk is an account that meets maintenance but not its target, so close to failing that the price may take it there
//! within the horizon. Only who opted in, or is larger than what the market carries in general, is acted on; only as far as
//! the target; at the price that the account would get by trading itself, or the edge of the confidence. No liquidation waits
//! for what this writes; of the flow meter it leaves half.

use crate::acted::Acted;
use crate::charge;
use crate::depth;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{
    add, add_signed, div_ceil, div_floor, mul, mul_div_ceil, mul_ppm_ceil, mul_ppm_floor, mul_signed, saturate, signed,
    sqrt_floor, sub, sub_signed, unsigned, ONE_Q32, PPM,
};
use crate::flow;
use crate::health::{self, Health, LegHealth, MarketLookup, Stance};
use crate::ladder;
use crate::liquidation::{self, closing_direction};
use crate::margin;
use crate::netting::{self, FlowCharge, Sized};
use crate::params::MarketParams;
use crate::price::relative_ppm_ceil;
use crate::refresh::PriceUse;
use crate::state::{AccountState, MarketState, Now};
use crate::takeover::{Close, Takeover};
use crate::units::{lots_ceil, lots_floor, notional_ceil, notional_floor, SideName};

/// Utilisation that predictive closes may reach, in 2^-32: a half, the rest is kept for liquidations.
const UTILISATION_MAX_Q32: u64 = ONE_Q32 / 2;
/// Least distance of the price to the mark: 5 bp.
const DISTANCE_MIN_PPM: u64 = 500;
/// What rounding two rates to whole ppm may add to what a close frees, with the largest buffer: ppm of the notional.
const RATE_ROUNDING_PPM: u64 = 4;
/// Slots that an account must have been opted in for its charges to be lowered: about an hour.
pub const BENEFIT_SLOTS: u64 = 9_000;

/// What `derisk` would take from an account now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeriskPlan {
    /// Lots to close, at least one and never all.
    pub lots: u64,
    /// Price, atoms per lot × 10^6.
    pub price: u64,
    /// What the lots count for in the flow meter.
    pub flow_charge: FlowCharge,
}

/// What a predictive close did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeriskReport {
    /// Signed lots closed on the account (negative for a long).
    pub closed_lots: i64,
    /// Price of the close, atoms per lot × 10^6.
    pub price: u64,
    /// Notional closed at the mark, rounded up, atoms.
    pub notional_atoms: u64,
    /// What it counts for in the flow meter, atoms; less than the notional if the keeper netted it.
    pub flow_atoms: u64,
    /// What the distance to the mark cost the account, rounded up, atoms: the keeper's gain.
    pub cost_atoms: u64,
    /// Slot from which the next predictive close of the account may be made.
    pub next_due_slot: u64,
}

/// Opts an account in to predictive closes from now on, or out at once. Errors: `NothingToDo`. Rule R-10.
pub fn set_opted_in(account: &mut AccountState, opted_in: bool, now: &Now) -> RiskResult<()> {
    if opted_in == (account.derisk_since_slot != 0) {
        return Err(RiskError::NothingToDo);
    }
    account.derisk_since_slot = if opted_in { now.slot.max(1) } else { 0 };
    Ok(())
}

/// Insurance's part of a charge of this account: half of the usual once it has been opted in for [`BENEFIT_SLOTS`]. Unit: ppm.
/// Rule R-11.
pub(crate) fn insurance_share_ppm(params: &MarketParams, account: &AccountState, now: &Now) -> u64 {
    match has_benefit(account, now) {
        true => u64::from(params.insurance_share_ppm / 2),
        false => u64::from(params.insurance_share_ppm),
    }
}

/// What is left to pay of a charge rate: without half of insurance's part once the account has been opted in for
/// [`BENEFIT_SLOTS`]. Unit: ppm. Rule R-11.
pub(crate) fn payable_ppm(
    params: &MarketParams,
    account: &AccountState,
    charge_ppm: u64,
    now: &Now,
) -> RiskResult<u64> {
    match has_benefit(account, now) {
        true => sub(charge_ppm, mul_ppm_floor(charge_ppm, u64::from(params.insurance_share_ppm / 2))?),
        false => Ok(charge_ppm),
    }
}

/// Whether an account has been opted in for [`BENEFIT_SLOTS`]. Rule R-11.
pub fn has_benefit(account: &AccountState, now: &Now) -> bool {
    account.derisk_since_slot != 0 && now.slot >= account.derisk_since_slot.saturating_add(BENEFIT_SLOTS)
}

/// Plans the close of a touched leg (R-4 … R-7). `health` is in favour of the account, at present; `cover_lots` is what the
/// taker can net ([`netting::cover_lots`]).
/// Errors: `ZeroSize`, `NotAtRisk`, `DeriskNotAllowed`, `NotDue`, `WrongLeg`, `NothingToDo`, `FlowExhausted`, `HealthWorsened`.
pub fn plan<L: MarketLookup>(
    acted: &Acted<'_, L>,
    account: &AccountState,
    health: &Health,
    cover_lots: u64,
) -> RiskResult<DeriskPlan> {
    let leg_health = *health.leg_in(acted.market_index)?;
    if leg_health.lots == 0 {
        return Err(RiskError::ZeroSize);
    }
    let equity = lenient_equity(acted, health, &leg_health)?;
    if liquidation::is_flag_live(account, acted.market, &acted.now)
        || !is_at_risk(acted.market, health, &leg_health, equity)?
    {
        return Err(RiskError::NotAtRisk);
    }
    if account.derisk_since_slot == 0 && leg_health.notional_atoms <= depth::slow_capacity(acted.market)? {
        return Err(RiskError::DeriskNotAllowed);
    }
    if acted.now.slot < next_due_slot(account, acted.market) {
        return Err(RiskError::NotDue);
    }
    let shortfall = unsigned(sub_signed(signed(health.target()), equity)?)?;
    liquidation::require_best_leg(acted, health, &leg_health, shortfall)?;
    let all = leg_health.lots.unsigned_abs();
    let Sized { lots, charge: flow_charge } = netting::size_by_cover(acted.market, all, cover_lots, |charge| {
        lots_to_close(acted, &leg_health, shortfall, charge)
    })?;
    let price = close_price(acted, health, &leg_health, lots, flow_charge)?;
    Ok(DeriskPlan { lots, price, flow_charge })
}

/// Slot from which an account may be acted on again: T_cap of the acted-on market after the last time, whichever leg
/// that was. Rule R-5.
pub fn next_due_slot(account: &AccountState, market: &MarketState) -> u64 {
    match account.derisked_slot {
        0 => 0,
        last => last.saturating_add(u64::from(market.params.pace_cap_slots)),
    }
}

/// Equity with the shift of the tier test (H-2), but the whole of the acted-on leg's, without its cap of mm/8: a single
/// price that moved against the account puts nobody at risk who was not before. Unit: atoms. Rule R-4.
fn lenient_equity<L: MarketLookup>(acted: &Acted<'_, L>, health: &Health, leg_health: &LegHealth) -> RiskResult<i128> {
    let gap = health::previous_gap(acted.market, leg_health.lots, Stance::Favour, &acted.now);
    let shift = mul_div_ceil(leg_health.lots.unsigned_abs(), add(gap, acted.market.confidence)?, PPM)?;
    let beyond_cap = shift.saturating_sub(leg_health.shift_atoms);
    add_signed(health.equity_shifted(), signed(beyond_cap))
}

/// `MM ≤ E < Σ target` and `(E − MM)/ΣN < z·σ_slot·√horizon`, one more σ where the side of the leg is supercritical. Rule R-4.
fn is_at_risk(market: &MarketState, health: &Health, leg_health: &LegHealth, equity: i128) -> RiskResult<bool> {
    if health.is_liquidatable() || equity >= signed(health.target()) {
        return Ok(false);
    }
    let params = &market.params;
    let crowded = u64::from(ladder::is_supercritical(market, SideName::of(leg_health.lots)));
    let step_ppm = u64::from(params.derisk_z).saturating_add(crowded).saturating_mul(mean_sigma_slot_ppm(health)?);
    let move_ppm = sqrt_floor(mul(step_ppm.saturating_mul(step_ppm), u64::from(params.derisk_horizon_slots)));
    let slack = sub_signed(equity, signed(health.maintenance()))?;
    Ok(mul_signed(slack, signed(PPM))? < mul_signed(signed(health.notional()), signed(move_ppm))?)
}

/// Mean of σ per √slot over the legs, weighted by notional, rounded down. Unit: ppm. Rule R-4.
fn mean_sigma_slot_ppm(health: &Health) -> RiskResult<u64> {
    let legs = health.legs().iter();
    let weighted = legs.fold(0, |sum: u128, leg| sum.saturating_add(mul(leg.notional_atoms, leg.sigma_slot_ppm)));
    match health.notional() {
        0 => Ok(0),
        notional => Ok(saturate(div_floor(weighted, notional)?)),
    }
}

/// Lots to close: at most what R-6 says, what leaves |u| ≤ ½ and is within C, and what leaves a smallest position.
/// Errors: `NothingToDo` for no lot, `FlowExhausted` when the flow left is below one lot or min(x, `min_position`).
fn lots_to_close<L: MarketLookup>(
    acted: &Acted<'_, L>,
    leg_health: &LegHealth,
    shortfall: u64,
    charge: FlowCharge,
) -> RiskResult<u64> {
    let (market, mark) = (&*acted.market, acted.market.mark);
    let least = market.params.min_position_atoms;
    let most = leg_health.lots.unsigned_abs().saturating_sub(lots_ceil(least, mark)?);
    let wanted = lots_floor(target_notional(market, leg_health, shortfall)?, mark)?.min(most);
    if wanted == 0 {
        return Err(RiskError::NothingToDo);
    }
    // The secant D holds up to C: beyond it, where opposing closes leave more, no price could be stated.
    let direction = closing_direction(leg_health.lots);
    let flow = flow::available_within(market, direction, UTILISATION_MAX_Q32, &acted.now)?
        .min(depth::flow_capacity(market, &acted.now));
    let carried = flow::lots_carried(charge.stretch_floor(flow)?, notional_floor(wanted, mark)?, mark, least)?;
    Ok(wanted.min(carried))
}

/// Notional that may be closed without passing the target, whatever the price: `S/μ'` with μ' the marginal target rate.
/// With the size add-on `mm = M·(1 + c·√N)` the last unit costs `mm + (mm − M)/2`, and each one before it less, so that
/// closing x frees at most `μ'·x`. Unit: atoms, rounded down. Rule R-6.
fn target_notional(market: &MarketState, leg_health: &LegHealth, shortfall: u64) -> RiskResult<u64> {
    let whole = leg_health.maintenance_ppm;
    let without_size = margin::maintenance_rate_ppm(market, 0)?;
    let marginal = add(whole, whole.saturating_sub(without_size).div_ceil(2))?;
    let rate_ppm = mul_ppm_ceil(marginal, PPM.saturating_add(u64::from(market.params.buffer_ppm)))?;
    let rounding = add(mul_ppm_ceil(leg_health.notional_atoms, RATE_ROUNDING_PPM)?, RATE_ROUNDING_PPM)?;
    Ok(saturate(div_floor(mul(shortfall.saturating_sub(rounding), PPM), rate_ppm)?))
}

/// `mark ∓ d`, `d = max(conf, 5 bp, x/D)` of the mark, rounded against the account. Errors: `HealthWorsened` when d is beyond
/// the zero price (N-2), at which a close could lower health. Rule R-7.
fn close_price<L: MarketLookup>(
    acted: &Acted<'_, L>,
    health: &Health,
    leg_health: &LegHealth,
    lots: u64,
    flow_charge: FlowCharge,
) -> RiskResult<u64> {
    let (market, mark) = (&*acted.market, acted.market.mark);
    let footprint = flow_charge.of_ceil(notional_ceil(lots, mark)?)?;
    let impact_ppm = saturate(div_ceil(mul(footprint, PPM), depth::depth_per_unit(market, &acted.now)?)?);
    let distance_ppm = relative_ppm_ceil(market.confidence, mark)?.max(DISTANCE_MIN_PPM).max(impact_ppm);
    let zero_ppm = charge::zero_price_ppm(health.equity(), health.maintenance(), leg_health.maintenance_ppm)?;
    if distance_ppm > zero_ppm {
        return Err(RiskError::HealthWorsened);
    }
    let distance = mul_ppm_ceil(mark, distance_ppm)?;
    match SideName::of(leg_health.lots) {
        SideName::Long => sub(mark, distance),
        SideName::Short => add(mark, distance),
    }
}

/// Takes what [`plan`] says over to the keeper's account, both at its price: no charge, no part for insurance. Goes on while
/// risk may only be reduced. Rules.
///
/// Errors: `BackstopAccount`, a price that does not serve new risk, `NoSuchLeg`, `SettleFirst`, those of [`plan`],
/// `HealthWorsened`, `InitialMargin`, `DelegateLimit` and `NettingLocked` (the keeper).
pub fn derisk<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    account: &mut AccountState,
    keeper: &mut AccountState,
    keeper_notional_max_atoms: u64,
) -> RiskResult<DeriskReport> {
    let mut takeover = Takeover::enter(acted, account, keeper, PriceUse::Risk, keeper_notional_max_atoms)?;
    let DeriskPlan { lots, price, flow_charge } = plan(acted, account, &takeover.health, takeover.cover_lots)?;
    let closed = takeover.fill(acted, account, keeper, &Close { lots, price, charge: flow_charge })?;
    account.derisked_slot = acted.now.slot;

    takeover.check(acted, account, keeper)?;
    if takeover.health.is_liquidatable() {
        return Err(RiskError::HealthWorsened);
    }
    takeover.leave(acted, account, keeper)?;
    Ok(DeriskReport {
        closed_lots: closed.signed_lots,
        price,
        notional_atoms: closed.notional_atoms,
        flow_atoms: closed.flow_atoms,
        cost_atoms: closed.change.cost_atoms()?,
        next_due_slot: next_due_slot(account, acted.market),
    })
}
