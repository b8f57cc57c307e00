//! The backstop takes over a leg, or the part that restores the account, at the mark and off the market: no flow is used
//! (RISK sections 3 and 4; spec O-6, O-7).

use crate::acted::Acted;
use crate::backstop::{self, BackstopState};
use crate::charge;
use crate::claims;
use crate::derisk;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{mul_ppm_floor, sub};
use crate::flow;
use crate::health::{Health, LegHealth, MarketLookup, Stance};
use crate::ladder;
use crate::ledger;
use crate::leg;
use crate::liquidation::{self, closing_direction};
use crate::refresh::{self, PriceUse};
use crate::slice::{self, CloseSize, SliceInput};
use crate::state::{AccountState, MarketState};
use crate::units::{lots_ceil, notional_ceil, notional_floor, SideName};

/// What `absorb` would take now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsorbPlan {
    /// Lots that the backstop takes over.
    pub lots: u64,
    /// Charge rate.
    pub charge_ppm: u64,
}

/// What the backstop took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsorbReport {
    /// Signed lots closed on the account (negative for a long).
    pub closed_lots: i64,
    /// Notional at the mark, rounded up, atoms.
    pub notional_atoms: u64,
    /// Charge paid in cash, atoms.
    pub charge_atoms: u64,
    /// Charge paid with the leg's own claim, at par, atoms.
    pub claim_atoms: u64,
    /// Part of the cash that accrues to insurance, atoms.
    pub insurance_atoms: u64,
    /// Whether the account left liquidation.
    pub is_restored: bool,
}

/// Plans what the backstop takes of a leg (O-6, O-7): below h_bs the whole leg; of an account that slices cannot restore the
/// part that does. `health` is in favour of the account, `backstop_health` against the backstop, both at present.
///
/// Errors: `BackstopAccount`, `NegativeEquity`, `NotDistressed`, `PriceUnconfirmed`, `ZeroSize`, those of a stale price and of
/// [`backstop::room_lots`], `BackstopStandsAside`, `BackstopFull`, `SideExhausted`.
pub fn plan<L: MarketLookup>(
    acted: &Acted<'_, L>,
    account: &AccountState,
    health: &Health,
    state: &BackstopState,
    backstop_health: &Health,
) -> RiskResult<AbsorbPlan> {
    if account.is_backstop() {
        return Err(RiskError::BackstopAccount);
    }
    refresh::require_fresh_price(acted.market, &acted.now, PriceUse::Liquidation)?;
    let leg_health = *health.leg_in(acted.market_index)?;
    if leg_health.lots == 0 {
        return Err(RiskError::ZeroSize);
    }
    // The backstop is paid for what it takes: who has nothing left is resolved.
    if health.equity() <= 0 {
        return Err(RiskError::NegativeEquity);
    }
    let wanted = wanted(acted, account, health, &leg_health)?;
    if wanted.lots == leg_health.lots.unsigned_abs() {
        require_confirmed(acted, account, health, &leg_health)?;
    }
    if backstop::stands_aside(state, backstop_health.equity(), &acted.now)? {
        return Err(RiskError::BackstopStandsAside);
    }
    let room = backstop::room_lots(acted, backstop_health, leg_health.lots)?;
    ledger::require_open(acted.market.side(SideName::of(leg_health.lots)))?;
    let lots = wanted.lots.min(room);
    let least = acted.market.params.min_position_atoms;
    // Room for a trifle is none: it would come back with every atom that the backstop earns, and deleveraging waits for it.
    if lots < wanted.lots && (lots < wanted.lots / 8 || notional_floor(lots, acted.market.mark)? < least) {
        return Err(RiskError::BackstopFull);
    }
    Ok(AbsorbPlan { lots, ..wanted })
}

/// A whole leg is gone for good: two accepted prices must ask for all of it (P-24). Errors: `PriceUnconfirmed`, `NotDistressed`.
fn require_confirmed<L: MarketLookup>(
    acted: &Acted<'_, L>,
    account: &AccountState,
    health: &Health,
    leg_health: &LegHealth,
) -> RiskResult<()> {
    let by_both = wanted(acted, account, &acted.confirmed(health)?, leg_health)?;
    match by_both.lots == leg_health.lots.unsigned_abs() {
        true => Ok(()),
        false => Err(RiskError::NotDistressed),
    }
}

/// O-6: how much, and at what charge, before the backstop's own limits. Errors: `NotDistressed`.
fn wanted<L: MarketLookup>(
    acted: &Acted<'_, L>,
    account: &AccountState,
    health: &Health,
    leg_health: &LegHealth,
) -> RiskResult<AbsorbPlan> {
    let params = &acted.market.params;
    let all = leg_health.lots.unsigned_abs();
    let zero = charge::zero_price_ppm(health.equity(), health.maintenance(), leg_health.maintenance_ppm)?;
    if health.is_below_line(u64::from(params.backstop_line_ppm))? {
        let charge_ppm = zero.min(u64::from(params.charge_absorb_ppm));
        return Ok(AbsorbPlan { lots: all, charge_ppm: derisk::payable_ppm(params, account, charge_ppm, &acted.now)? });
    }
    let in_liquidation = liquidation::is_in_liquidation(account, acted.market, &acted.now) && !health.meets_target();
    let shortfall = health.shortfall()?;
    if shortfall == 0 || (!health.is_liquidatable() && !in_liquidation) {
        return Err(RiskError::NotDistressed);
    }
    let charge_ppm = zero.min(u64::from(params.charge_max_ppm));
    let charge_ppm = derisk::payable_ppm(params, account, charge_ppm, &acted.now)?;
    let lots = restoring_lots(acted, leg_health, charge_ppm, shortfall)?;
    if !slices_cannot(acted, account, health, leg_health, lots)? {
        return Err(RiskError::NotDistressed);
    }
    Ok(AbsorbPlan { lots, charge_ppm })
}

/// The least lots whose transfer restores the target: no footprint, since nothing reaches the market; all where not even
/// they do, or what is left would be dust.
fn restoring_lots<L: MarketLookup>(
    acted: &Acted<'_, L>,
    leg_health: &LegHealth,
    charge_ppm: u64,
    shortfall_atoms: u64,
) -> RiskResult<u64> {
    let (all, mark) = (leg_health.lots.unsigned_abs(), acted.market.mark);
    let input = liquidation::slice_input(acted.market, leg_health, charge_ppm, shortfall_atoms, &acted.now)?;
    let off_market = SliceInput { depth_per_unit_atoms: u64::MAX, ..input };
    let lots = match slice::close_notional(&off_market)? {
        CloseSize::Atoms(x) => lots_ceil(x, mark)?.min(all),
        CloseSize::Whole | CloseSize::Useless => all,
    };
    let rest = notional_floor(sub(all, lots)?, mark)?;
    Ok(if rest < acted.market.params.min_position_atoms { all } else { lots })
}

/// Whether slices cannot restore the account (O-6): its cash does not pay a keeper; or no other leg has relief (Z-5), and of
/// this one none helps (Z-2), or the flow left is too little and the account has been flagged for T_cap slots.
fn slices_cannot<L: MarketLookup>(
    acted: &Acted<'_, L>,
    account: &AccountState,
    health: &Health,
    leg_health: &LegHealth,
    lots: u64,
) -> RiskResult<bool> {
    let params = &acted.market.params;
    let charge_min_ppm = derisk::payable_ppm(params, account, u64::from(params.charge_min_ppm), &acted.now)?;
    let notional = notional_floor(lots, acted.market.mark)?;
    if account.capital_atoms < mul_ppm_floor(notional, charge_min_ppm)? {
        return Ok(true);
    }
    let shortfall = health.shortfall()?;
    if liquidation::has_relief_elsewhere(acted, health, leg_health, shortfall)? {
        return Ok(false);
    }
    let input = liquidation::slice_input(acted.market, leg_health, charge_min_ppm, shortfall, &acted.now)?;
    if slice::close_notional(&input)? == CloseSize::Useless {
        return Ok(true);
    }
    let capacity = crate::depth::flow_capacity(acted.market, &acted.now);
    let left = flow::available(acted.market, closing_direction(leg_health.lots), &acted.now)?;
    Ok(left < notional.min(capacity / 8) && liquidation::has_waited_t_cap(account, acted.market, &acted.now))
}

/// The backstop takes over what [`plan`] says, at the mark. The account pays the charge in cash, and where that does not
/// suffice with the leg's own claim, at par (O-7). Insurance has its part of the cash.
///
/// Errors: `BackstopAccount`, those of [`plan`], `NoSuchLeg`, `SettleFirst` (either account), `HealthWorsened`.
pub fn absorb<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    account: &mut AccountState,
    state: &mut BackstopState,
    backstop: &mut AccountState,
) -> RiskResult<AbsorbReport> {
    if account.is_backstop() {
        return Err(RiskError::BackstopAccount);
    }
    account.find_leg(acted.market_index).ok_or(RiskError::NoSuchLeg)?;
    let mut health = acted.assess(account, Stance::Favour)?;
    let leg_slot = acted.touch(account, &mut health)?;
    let mut backstop_health = acted.assess(backstop, Stance::Against)?;
    let plan = plan(acted, account, &health, state, &backstop_health)?;
    backstop::note_day(state, backstop_health.equity(), &acted.now)?;
    let backstop_slot = acted.touch(backstop, &mut backstop_health)?;
    // What the market left unfunded weighs on the account by the claims of all, and the backstop's touch changed those (H-3).
    health.reassess(account, leg_slot, acted.market, &acted.now)?;
    let before = health.ratio();

    let (mark, notional_atoms) = (acted.market.mark, notional_ceil(plan.lots, acted.market.mark)?);
    let taken_lots = SideName::of(health.leg_in(acted.market_index)?.lots).signed(plan.lots)?;
    acted.fill_leg(account, leg_slot, taken_lots.saturating_neg(), mark)?;
    acted.fill_leg(backstop, backstop_slot, taken_lots, mark)?;
    ledger::check_open_interest(acted.market)?;

    acted.market.absorbed_slot = acted.now.slot;
    let charge = mul_ppm_floor(notional_floor(plan.lots, mark)?, plan.charge_ppm)?;
    let cash = charge.min(account.capital_atoms);
    let insurance_atoms = liquidation::charge_cash(acted.market, account, backstop, cash, &acted.now)?;
    let claim = pay_with_claim(acted.market, account, leg_slot, backstop, backstop_slot, sub(charge, cash)?)?;

    health.reassess(account, leg_slot, acted.market, &acted.now)?;
    health.require_not_worse_than(before)?;
    if health.meets_target() {
        liquidation::clear_flag(account);
    }
    ladder::register(account, leg_slot, acted.market, &health)?;
    leg::finish(account, leg_slot, acted.market)?;
    leg::finish(backstop, backstop_slot, acted.market)?;
    Ok(AbsorbReport {
        closed_lots: taken_lots.saturating_neg(),
        notional_atoms,
        charge_atoms: cash,
        claim_atoms: claim,
        insurance_atoms,
        is_restored: account.flagged_slot == 0,
    })
}

/// Hands up to `atoms` of a leg's own claim to another account's leg in the same market; its pool and claims stay as they
/// are in sum. Returns the atoms.
fn pay_with_claim(
    market: &mut MarketState,
    from: &mut AccountState,
    from_slot: usize,
    to: &mut AccountState,
    to_slot: usize,
    atoms: u64,
) -> RiskResult<u64> {
    let from_leg = from.legs.get_mut(from_slot).ok_or(RiskError::NoSuchLeg)?;
    let paid = claims::eat(from_leg, market, atoms)?;
    let to_leg = to.legs.get_mut(to_slot).ok_or(RiskError::NoSuchLeg)?;
    leg::book_pnl(to_leg, market, crate::fixed::signed(paid), SideName::of(to_leg.lots))?;
    Ok(paid)
}
