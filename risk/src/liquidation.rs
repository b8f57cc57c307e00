//! Liquidation in slices: when, which leg, how much, at what charge, and when again (RISK sections 3 and 4;
//! spec Q-1 … Q-10). The engine decides all of it; a keeper names the account and brings capital.

use crate::acted::{credit, Acted};
use crate::charge;
use crate::derisk;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul_ppm_ceil, mul_ppm_floor, signed, sub};
use crate::flow::{self, FlowDirection};
use crate::health::{Health, LegHealth, MarketLookup, Stance};
use crate::netting::{self, FlowCharge, Sized};
use crate::pace;
use crate::refresh::{self, PriceUse};
use crate::slice::{self, SliceInput};
use crate::state::{AccountState, MarketState, Now};
use crate::takeover::{Close, Takeover};
use crate::units::{notional_floor, SideName};

/// Extra on the target that a keeper's account must hold after taking a slice: 10 %.
const KEEPER_HEADROOM_PPM: u64 = 100_000;

/// A flag lapses no earlier than this, in slots: twice the longest T_cap, so that none lapses in one market while an account
/// waits in another (Q-2, O-6).
pub const FLAG_SLOTS_MIN: u64 = 600;

/// What a slice did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceReport {
    /// Signed lots closed on the account (negative for a long).
    pub closed_lots: i64,
    /// Notional closed at the mark, rounded up, atoms.
    pub notional_atoms: u64,
    /// What it counts for in the flow meter, atoms; less than the notional if the keeper netted it.
    pub flow_atoms: u64,
    /// Charge paid by the account in cash, atoms.
    pub charge_atoms: u64,
    /// Part of the charge that the keeper received, atoms.
    pub keeper_atoms: u64,
    /// Part of the charge that accrues to insurance, atoms.
    pub insurance_atoms: u64,
    /// Slot from which the next slice may be taken.
    pub next_due_slot: u64,
    /// Whether the account left liquidation.
    pub is_restored: bool,
}

/// Flags an account whose health is below 1, which starts its Dutch window, or clears the flag of one that met
/// its target again, or recovered before any slice was taken. `acted` is a market of its legs, which stays as it is. Returns whether it is flagged now.
/// Errors: `BackstopAccount`, `NothingToDo`, those of a stale price.
pub fn flag(
    acted: (u16, &MarketState),
    others: &impl MarketLookup,
    account: &mut AccountState,
    now: &Now,
) -> RiskResult<bool> {
    let (market_index, market) = acted;
    if account.is_backstop() {
        return Err(RiskError::BackstopAccount);
    }
    refresh::require_fresh_price(market, now, PriceUse::Liquidation)?;
    let health = Health::assess(account, Stance::Favour, Some(acted), others, now)?;
    health.leg_in(market_index)?;
    let is_live = is_flag_live(account, market, now);
    if health.is_liquidatable() && !is_live {
        (account.flagged_slot, account.slice_due_slot, account.sliced) = (now.slot, now.slot, 0);
        return Ok(true);
    }
    let recovered_by_itself = account.sliced == 0 && !health.is_liquidatable();
    if account.flagged_slot != 0 && (!is_live || recovered_by_itself || health.meets_target()) {
        clear_flag(account);
        return Ok(false);
    }
    Err(RiskError::NothingToDo)
}

/// Whether an account's flag still counts: it lapses when no slice was taken for T_cap after the Dutch window of
/// the one that was due, and for 600 slots, so that an account that recovered meanwhile starts anew when it fails again.
pub fn is_flag_live(account: &AccountState, market: &MarketState, now: &Now) -> bool {
    dutch_start_slot(account, market, now).is_some()
}

/// Whether a liquidation of the account is under way: its flag is live and a slice was taken under it. It then goes on to the target; an
/// account that recovered before the first slice is left alone.
pub fn is_in_liquidation(account: &AccountState, market: &MarketState, now: &Now) -> bool {
    account.sliced != 0 && is_flag_live(account, market, now)
}

/// Slot from which a live flag's Dutch window counts: the later of flag and due slot.
fn dutch_start_slot(account: &AccountState, market: &MarketState, now: &Now) -> Option<u64> {
    let window = u64::from(market.params.dutch_slots).saturating_add(u64::from(market.params.pace_cap_slots));
    let window = window.max(FLAG_SLOTS_MIN);
    let start = account.flagged_slot.max(account.slice_due_slot);
    (account.flagged_slot != 0 && now.slot <= start.saturating_add(window)).then_some(start)
}

/// Whether an account has been flagged for T_cap slots (O-6). Slices meanwhile do not count: dust would hold it off for ever.
pub(crate) fn has_waited_t_cap(account: &AccountState, market: &MarketState, now: &Now) -> bool {
    let since = account.flagged_slot.saturating_add(u64::from(market.params.pace_cap_slots));
    is_flag_live(account, market, now) && now.slot >= since
}

/// Ends an account's liquidation.
pub(crate) fn clear_flag(account: &mut AccountState) {
    (account.flagged_slot, account.slice_due_slot, account.sliced) = (0, 0, 0);
}

/// What `liquidate` would take from an account now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlicePlan {
    /// Lots to close.
    pub lots: u64,
    /// Charge rate.
    pub charge_ppm: u64,
    /// What the lots count for in the flow meter.
    pub flow_charge: FlowCharge,
}

/// Plans the slice of a touched leg (Q-3 … Q-6): tier, pace, choice of leg, charge, size. `cover_lots` is what the taker
/// can net ([`netting::cover_lots`]).
/// Errors: `Healthy`, `NotDue`, `WrongLeg`, `SliceUseless`, `FlowExhausted`.
pub fn plan_slice<L: MarketLookup>(
    acted: &Acted<'_, L>,
    account: &AccountState,
    health: &Health,
    cover_lots: u64,
) -> RiskResult<SlicePlan> {
    let in_liquidation = is_in_liquidation(account, acted.market, &acted.now);
    if !health.is_liquidatable() && (!in_liquidation || health.meets_target()) {
        return Err(RiskError::Healthy);
    }
    let shortfall = health.shortfall()?;
    if shortfall == 0 {
        return Err(RiskError::Healthy);
    }
    if acted.now.slot < account.slice_due_slot {
        return Err(RiskError::NotDue);
    }
    let leg_health = *health.leg_in(acted.market_index)?;
    require_best_leg(acted, health, &leg_health, shortfall)?;
    let charge_ppm = slice_charge_ppm(acted.market, account, health, &leg_health, &acted.now)?;
    let input = slice_input(acted.market, &leg_health, charge_ppm, shortfall, &acted.now)?;
    let sized = size_slice(acted, &leg_health, &input, cover_lots)?;
    Ok(SlicePlan { lots: sized.lots, charge_ppm, flow_charge: sized.charge })
}

/// the size of a slice by the flow left and by what the taker can net.
fn size_slice<L: MarketLookup>(
    acted: &Acted<'_, L>,
    leg_health: &LegHealth,
    input: &SliceInput,
    cover_lots: u64,
) -> RiskResult<Sized> {
    let (lots, market) = (leg_health.lots.unsigned_abs(), &*acted.market);
    let available = flow::available(market, closing_direction(leg_health.lots), &acted.now)?;
    netting::size_by_cover(market, lots, cover_lots, |charge| {
        let depth_per_unit_atoms = charge.stretch_floor(input.depth_per_unit_atoms)?;
        let stretched = SliceInput { depth_per_unit_atoms, ..*input };
        let least = market.params.min_position_atoms;
        slice::slice_lots(&stretched, lots, market.mark, charge.stretch_floor(available)?, least)
    })
}

/// Takes one slice: the keeper receives it at the mark, the account pays the charge in cash, the flow meter
/// is used, and neither side may end worse than the rules allow.
///
/// Errors: `BackstopAccount`, those of [`plan_slice`], a stale price, `SettleFirst`, `HealthWorsened`,
/// `InitialMargin`, `DelegateLimit` and `NettingLocked` (the keeper). Rule Q-1.
pub fn liquidate<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    account: &mut AccountState,
    keeper: &mut AccountState,
    keeper_notional_max_atoms: u64,
) -> RiskResult<SliceReport> {
    let mut takeover = Takeover::enter(acted, account, keeper, PriceUse::Liquidation, keeper_notional_max_atoms)?;
    let plan = plan_slice(acted, account, &takeover.health, takeover.cover_lots)?;
    let mark = acted.market.mark;
    let close = Close { lots: plan.lots, price: mark, charge: plan.flow_charge };
    let closed = takeover.fill(acted, account, keeper, &close)?;

    let charge_atoms = mul_ppm_floor(notional_floor(plan.lots, mark)?, plan.charge_ppm)?.min(account.capital_atoms);
    let insurance_atoms = charge_cash(acted.market, account, keeper, charge_atoms, &acted.now)?;
    let keeper_atoms = sub(charge_atoms, insurance_atoms)?;

    takeover.check(acted, account, keeper)?;
    schedule_next(acted, account, &takeover.health)?;
    takeover.leave(acted, account, keeper)?;
    Ok(SliceReport {
        closed_lots: closed.signed_lots,
        notional_atoms: closed.notional_atoms,
        flow_atoms: closed.flow_atoms,
        charge_atoms,
        keeper_atoms,
        insurance_atoms,
        next_due_slot: account.slice_due_slot,
        is_restored: account.flagged_slot == 0,
    })
}

/// Moves a charge in cash from the account to who takes its lots; insurance's part accrues in the market. Returns that
/// part. Rule Q-7.
pub(crate) fn charge_cash(
    market: &mut MarketState,
    account: &mut AccountState,
    taker: &mut AccountState,
    charge_atoms: u64,
    now: &Now,
) -> RiskResult<u64> {
    let insurance_share_ppm = derisk::insurance_share_ppm(&market.params, account, now);
    let insurance_atoms = mul_ppm_floor(charge_atoms, insurance_share_ppm)?;
    account.capital_atoms = sub(account.capital_atoms, charge_atoms)?;
    market.insurance_accrued_atoms = add(market.insurance_accrued_atoms, insurance_atoms)?;
    credit(taker, sub(charge_atoms, insurance_atoms)?)?;
    Ok(insurance_atoms)
}

/// Direction of the flow that closing a position makes.
pub fn closing_direction(signed_lots: i64) -> FlowDirection {
    match SideName::of(signed_lots) {
        SideName::Long => FlowDirection::Sell,
        SideName::Short => FlowDirection::Buy,
    }
}

/// Dutch rate since the flag or since the slice became due, φ_min for an account that meets maintenance again, at most the zero
/// price, and of that what the account pays.
fn slice_charge_ppm(
    market: &MarketState,
    account: &AccountState,
    health: &Health,
    leg_health: &LegHealth,
    now: &Now,
) -> RiskResult<u64> {
    let start = dutch_start_slot(account, market, now).unwrap_or(now.slot);
    let waited = if health.is_liquidatable() { now.slot.saturating_sub(start) } else { 0 };
    let dutch = charge::dutch_ppm(&market.params, waited);
    let zero = charge::zero_price_ppm(health.equity(), health.maintenance(), leg_health.maintenance_ppm)?;
    derisk::payable_ppm(&market.params, account, dutch.min(zero), now)
}

/// The slice input of a leg as health sees it.
pub(crate) fn slice_input(
    market: &MarketState,
    leg_health: &LegHealth,
    charge_ppm: u64,
    shortfall_atoms: u64,
    now: &Now,
) -> RiskResult<SliceInput> {
    slice::market_slice_input(
        market,
        now,
        SideName::of(leg_health.lots),
        leg_health.notional_atoms,
        leg_health.maintenance_ppm,
        charge_ppm,
        shortfall_atoms,
    )
}

/// refuses a leg that relieves the account less than another one would, from cached figures.
/// Ties go to the lowest slot. An account whose legs all relieve nothing may be acted on in any of them.
pub(crate) fn require_best_leg<L: MarketLookup>(
    acted: &Acted<'_, L>,
    health: &Health,
    chosen: &LegHealth,
    shortfall: u64,
) -> RiskResult<()> {
    let is_other = |leg: &&LegHealth| leg.lots != 0 && leg.leg_slot != chosen.leg_slot;
    if !health.legs().iter().any(|leg| is_other(&leg)) {
        return Ok(());
    }
    let chosen_relief = relief_of(acted.market, chosen, shortfall, &acted.now)?;
    for other in health.legs().iter().filter(is_other) {
        let relief = relief_of(acted.others.market(other.market_index)?, other, shortfall, &acted.now)?;
        if relief > chosen_relief || (relief == chosen_relief && relief > 0 && other.leg_slot < chosen.leg_slot) {
            return Err(RiskError::WrongLeg);
        }
    }
    Ok(())
}

/// Whether a slice of another leg would relieve the account (O-6).
pub(crate) fn has_relief_elsewhere<L: MarketLookup>(
    acted: &Acted<'_, L>,
    health: &Health,
    chosen: &LegHealth,
    shortfall: u64,
) -> RiskResult<bool> {
    for other in health.legs().iter().filter(|leg| leg.lots != 0 && leg.leg_slot != chosen.leg_slot) {
        if relief_of(acted.others.market(other.market_index)?, other, shortfall, &acted.now)? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Relief that closing what the flow allows of a leg would bring, at the least charge; 0 where no slice can be taken now,
/// so that no leg stands in another one's way without being closable itself.
fn relief_of(market: &MarketState, leg_health: &LegHealth, shortfall: u64, now: &Now) -> RiskResult<u64> {
    let available = flow::available(market, closing_direction(leg_health.lots), now)?;
    let is_dust = available < market.params.min_position_atoms.min(leg_health.notional_atoms);
    if is_dust || refresh::require_fresh_price(market, now, PriceUse::Liquidation).is_err() {
        return Ok(0);
    }
    let input = slice_input(market, leg_health, u64::from(market.params.charge_min_ppm), shortfall, now)?;
    slice::relief_atoms(&input, available)
}

/// RISK section 4: after a slice the keeper holds `1.1·(1 + buffer)·MM`. A leg's profit counts up to that leg's own part of it,
/// not up to its initial margin: stress, which raises that, must not let paper profit carry more. Rule Q-9.
pub(crate) fn require_keeper_margin(health: &Health) -> RiskResult<()> {
    let required = |leg: &LegHealth| {
        let headroom = mul_ppm_ceil(leg.target_atoms, KEEPER_HEADROOM_PPM).unwrap_or(u64::MAX);
        leg.target_atoms.saturating_add(headroom)
    };
    let sum = health.legs().iter().fold(0, |sum: u64, leg| sum.saturating_add(required(leg)));
    if health.equity_within(required) < signed(sum) {
        return Err(RiskError::InitialMargin);
    }
    Ok(())
}

/// Sets when the next slice is due, or ends the liquidation where the target is met (RISK section 4, delay). Rule Q-10.
fn schedule_next<L: MarketLookup>(acted: &Acted<'_, L>, account: &mut AccountState, health: &Health) -> RiskResult<()> {
    if health.meets_target() {
        clear_flag(account);
        return Ok(());
    }
    let delay = pace::delay_slots(&acted.market.params, health)?;
    if !is_flag_live(account, acted.market, &acted.now) {
        account.flagged_slot = acted.now.slot;
    }
    account.sliced = 1;
    account.slice_due_slot = add(acted.now.slot, delay)?;
    Ok(())
}
