//! The backstop sells what it holds to keepers by a Dutch auction, in calm and within the flow meter
//! (DESIGN section 6; spec O-13, O-14).

use crate::acted::Acted;
use crate::breaker;
use crate::charge;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{mul_ppm_floor, sub, ONE_Q32};
use crate::flow;
use crate::health::{Health, MarketLookup, Stance};
use crate::ladder;
use crate::ledger;
use crate::leg;
use crate::liquidation::{self, closing_direction};
use crate::netting::{self, FlowCharge, Sized};
use crate::refresh::{self, PriceUse};
use crate::state::{AccountState, MarketState};
use crate::statistics;
use crate::takeover;
use crate::units::{notional_ceil, notional_floor, SideName};

/// Utilisation that unwinding may reach, in 2^-32: a quarter, the rest is kept for liquidations.
const UTILISATION_MAX_Q32: u64 = ONE_Q32 / 4;

/// What a keeper bought from the backstop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnwindReport {
    /// Signed lots closed on the backstop's account (negative for a long).
    pub closed_lots: i64,
    /// Notional at the mark, rounded up, atoms.
    pub notional_atoms: u64,
    /// What it counts for in the flow meter, atoms; less than the notional if the keeper netted it.
    pub flow_atoms: u64,
    /// Discount that the backstop paid in cash, atoms.
    pub discount_atoms: u64,
}

/// Lots that a keeper may take at a flow charge: what is held, within the flow that unwinding leaves to liquidations and the
/// keeper's `most_lots`; all where what is left would be dust (O-13). Errors: `NothingToDo` without lots, `FlowExhausted`,
/// `PositionTooSmall` where the keeper wants to take or leave dust.
fn sale_lots<L: MarketLookup>(acted: &Acted<'_, L>, held: i64, most_lots: u64, charge: FlowCharge) -> RiskResult<u64> {
    let (all, mark) = (held.unsigned_abs(), acted.market.mark);
    if all == 0 || most_lots == 0 {
        return Err(RiskError::NothingToDo);
    }
    let flow = flow::available_within(acted.market, closing_direction(held), UTILISATION_MAX_Q32, &acted.now)?;
    let (least, whole_atoms) = (acted.market.params.min_position_atoms, notional_floor(all, mark)?);
    let lots = flow::lots_carried(charge.stretch_floor(flow)?, whole_atoms, mark, least)?.min(all).min(most_lots);
    if notional_floor(lots, mark)? < whole_atoms.min(least) {
        return Err(RiskError::PositionTooSmall);
    }
    if notional_floor(sub(all, lots)?, mark)? >= least {
        return Ok(lots);
    }
    if most_lots < all {
        return Err(RiskError::PositionTooSmall);
    }
    Ok(all)
}

/// Slot at which the auction of what is held began: a refresh found the market calm after one that did not, the backstop took its last lots, the meter came
/// within what unwinding may use, the breaker closed, whichever was last. Nobody can set it back but by another recovery time of
/// the meter (P-7), and nobody starts it but by trading. Where the last refresh did not let it begin it has not: no discount (N-3).
fn auction_start(market: &MarketState) -> u64 {
    if market.calm_since_slot == 0 {
        return u64::MAX;
    }
    let possible = market.calm_since_slot.max(market.absorbed_slot).max(market.breaker.open_until_slot);
    possible.max(flow::slot_within(market, UTILISATION_MAX_Q32))
}

/// Discount of a sale in cash: the auction's rate, at most the zero price, so that no sale lowers the backstop's health, and at
/// most what its cash is above all its losses (O-13). Unit: atoms.
fn discount<L: MarketLookup>(acted: &Acted<'_, L>, health: &Health, lots: u64) -> RiskResult<u64> {
    let market = &*acted.market;
    let auction = charge::auction_ppm(&market.params, acted.now.slot.saturating_sub(auction_start(market)));
    let rate_ppm = health.leg_in(acted.market_index)?.maintenance_ppm;
    let zero = charge::zero_price_ppm(health.equity(), health.maintenance(), rate_ppm)?;
    let free = u64::try_from(health.equity_withdraw().max(0)).unwrap_or(u64::MAX);
    Ok(mul_ppm_floor(notional_floor(lots, market.mark)?, auction.min(zero))?.min(free))
}

/// Sells lots of the backstop at the mark less a discount in cash that rises until somebody takes them (N-3). Only in calm, at
/// a price that serves new risk, while |u| ≤ ¼ after it (O-13).
///
/// Errors: `NoSuchLeg`, `NothingToDo`, those of a stale price, `NotCalm`, `ReduceOnly`, `BreakerOpen`, `NegativeEquity`, `FlowExhausted`,
/// `PositionTooSmall`, `SettleFirst`, `InitialMargin`, `DelegateLimit` and `NettingLocked` (the keeper).
pub fn unwind<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    backstop: &mut AccountState,
    keeper: &mut AccountState,
    most_lots: u64,
    keeper_notional_max_atoms: u64,
) -> RiskResult<UnwindReport> {
    refresh::require_fresh_price(acted.market, &acted.now, PriceUse::Risk)?;
    if !statistics::is_calm(acted.market) {
        return Err(RiskError::NotCalm);
    }
    backstop.find_leg(acted.market_index).ok_or(RiskError::NoSuchLeg)?;
    let mut health = acted.assess(backstop, Stance::Against)?;
    if health.equity() < 0 {
        return Err(RiskError::NegativeEquity);
    }
    let leg_slot = acted.touch(backstop, &mut health)?;
    let held = health.leg_in(acted.market_index)?.lots;
    let mut keeper_health = acted.assess(keeper, Stance::Against)?;
    let keeper_slot = acted.touch(keeper, &mut keeper_health)?;
    let cover_lots = netting::cover_lots(keeper.legs.get(keeper_slot).ok_or(RiskError::NoSuchLeg)?, SideName::of(held));
    let size = |charge| sale_lots(acted, held, most_lots, charge);
    let Sized { lots, charge } = netting::size_by_cover(acted.market, held.unsigned_abs(), cover_lots, size)?;
    let discount_atoms = discount(acted, &health, lots)?.min(backstop.capital_atoms);

    let (mark, bought) = (acted.market.mark, SideName::of(held).signed(lots)?);
    acted.fill_leg(backstop, leg_slot, bought.saturating_neg(), mark)?;
    let taken = acted.fill_leg(keeper, keeper_slot, bought, mark)?;
    ledger::check_open_interest(acted.market)?;
    backstop.capital_atoms = sub(backstop.capital_atoms, discount_atoms)?;
    crate::acted::credit(keeper, discount_atoms)?;
    let notional_atoms = notional_ceil(lots, mark)?;
    let flow_atoms = charge.of_ceil(notional_atoms)?;
    flow::record(acted.market, closing_direction(held), flow_atoms, &acted.now)?;
    netting::note_taken(keeper.legs.get_mut(keeper_slot).ok_or(RiskError::NoSuchLeg)?, charge, &acted.now);

    keeper_health.reassess(keeper, keeper_slot, acted.market, &acted.now)?;
    if taken.increases_risk() {
        refresh::require_open_to_risk(acted.market, &acted.now)?;
        breaker::require_closed(acted.market, &acted.now)?;
        liquidation::require_keeper_margin(&keeper_health)?;
        takeover::require_within_limit(&keeper_health, keeper_notional_max_atoms)?;
    }
    ladder::register(keeper, keeper_slot, acted.market, &keeper_health)?;
    leg::finish(backstop, leg_slot, acted.market)?;
    leg::finish(keeper, keeper_slot, acted.market)?;
    Ok(UnwindReport { closed_lots: bought.saturating_neg(), notional_atoms, flow_atoms, discount_atoms })
}
