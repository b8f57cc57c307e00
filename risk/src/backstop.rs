//! The backstop: capital of liquidity providers that takes over failing legs (DESIGN section 6; spec O-6 … O-12).
//!
//! Its cash and positions are a margin account of its own. This file owns what it is worth to those who enter and leave, how
//! much it may hold, and when it stands aside; [`crate::absorb`] and [`crate::unwind`] move the positions.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{
    add_signed, mul_div_floor, mul_ppm_ceil, mul_ppm_floor, ratio_floor, saturate, signed, sub, sub_signed, PPM,
};
use crate::health::{Health, LegHealth, MarketLookup, Stance};
use crate::refresh::{self, PriceUse};
use crate::shares::{self, Holding, LeaveStep, ShareLedger};
use crate::state::{AccountState, MarketState, Now};
use crate::units::{lots_floor, MAX_ACCOUNT_LOTS, MAX_LEGS, MAX_LEG_LOTS};
use crate::{acted, acted::Acted, cash, leg};
use bytemuck::{Pod, Zeroable};

/// Seconds of a day of the loss line.
const DAY_SECONDS: i64 = 86_400;
/// Least loss line, ppm.
pub const LOSS_LINE_MIN_PPM: u32 = 10_000;
/// Greatest loss line, ppm.
pub const LOSS_LINE_MAX_PPM: u32 = 900_000;

/// What the backstop keeps besides its margin account.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct BackstopState {
    /// Shares of the liquidity providers.
    pub shares: ShareLedger,
    /// Day (unix seconds / 86 400) of the reference below.
    pub day: u64,
    /// Worth of a share when it first took something that day, 2^-32 atoms.
    pub reference_q32: u64,
    /// It stands aside once a share lost this part of the reference. Zero: at any loss.
    pub loss_line_ppm: u32,
    /// Reserved, zero.
    pub reserved: u32,
}

/// Rate of capital that a notional held in a market needs: its declared gap, the most that selling it to keepers costs, and
/// the most that the market moves while it is sold (O-8). Unit: ppm.
pub fn capital_rate_ppm(market: &MarketState) -> u64 {
    let params = &market.params;
    let parts = [params.backstop_gap_ppm, params.charge_max_ppm, params.move_max_ppm];
    parts.into_iter().map(u64::from).sum()
}

/// Capital K that counts: cash less every loss, profits at nothing (O-8). `health` is assessed against the backstop. Unit: atoms.
pub fn capital(health: &Health) -> i128 {
    health.equity_withdraw()
}

/// What K leaves above `Σ |Q|·(gap + fees + δ_max)` over all legs but the one in `except`: not negative while the capital rule
/// holds (O-8). A leg whose price is not fresh may have moved by its gap already: that is deducted too. Unit: atoms.
/// Errors: `NoSuchMarket`.
pub fn spare(health: &Health, markets: &impl MarketLookup, except: Option<u16>, now: &Now) -> RiskResult<i128> {
    let legs = health.legs().iter().filter(|leg| leg.lots != 0 && Some(leg.market_index) != except);
    legs.into_iter().try_fold(capital(health), |spare, leg| {
        let market = markets.market(leg.market_index)?;
        let required = mul_ppm_ceil(leg.notional_atoms, capital_rate_ppm(market))?;
        sub_signed(sub_signed(spare, signed(required))?, signed(unseen_gap(leg, market, now)?))
    })
}

/// What a leg may have lost since a price that is not fresh any more: its declared gap. Unit: atoms.
fn unseen_gap(leg: &LegHealth, market: &MarketState, now: &Now) -> RiskResult<u64> {
    if leg.lots == 0 || refresh::require_fresh_price(market, now, PriceUse::LastResort).is_ok() {
        return Ok(0);
    }
    mul_ppm_ceil(leg.notional_atoms, u64::from(market.params.backstop_gap_ppm))
}

/// Most lots that the backstop may take in the acted-on market with the sign of `direction`, by its capital rule, its cap in
/// this market and the size of a leg (O-8, O-9). Closing what it holds on the other side is always within them.
/// Errors: `NoBackstop` (also while the market is young, P-8), `BackstopStandsAside`, `BackstopFull`.
pub fn room_lots<L: MarketLookup>(acted: &Acted<'_, L>, health: &Health, direction: i64) -> RiskResult<u64> {
    let (market, market_index) = (&*acted.market, acted.market_index);
    if market.params.backstop_max_atoms == 0 || market.is_young(acted.now.unix_timestamp) {
        return Err(RiskError::NoBackstop);
    }
    if health.require_touch_alone(market_index).is_err() {
        return Err(RiskError::BackstopStandsAside);
    }
    let held = health.leg_in(market_index).map_or(0, |leg| leg.lots);
    if health.leg_in(market_index).is_err() && health.legs().len() >= MAX_LEGS {
        return Err(RiskError::BackstopFull);
    }
    let left = spare(health, acted.others, Some(market_index), &acted.now)?;
    let by_capital = mul_div_floor(u64::try_from(left).unwrap_or(0), PPM, capital_rate_ppm(market))?;
    let others = health.legs().iter().filter(|leg| leg.market_index != market_index);
    let other_lots = others.fold(0_u64, |sum, leg| sum.saturating_add(leg.lots.unsigned_abs()));
    let by_bounds = MAX_ACCOUNT_LOTS.saturating_sub(other_lots).min(MAX_LEG_LOTS);
    let most = lots_floor(by_capital.min(market.params.backstop_max_atoms), market.mark)?.min(by_bounds);
    // One lot of room is left for what a touch may hand on (T-8).
    let room = match held.signum() == direction.signum() || held == 0 {
        true => most.saturating_sub(held.unsigned_abs()).saturating_sub(1),
        false => most.saturating_sub(1).saturating_add(held.unsigned_abs()),
    };
    match room {
        0 => Err(RiskError::BackstopFull),
        room => Ok(room),
    }
}

/// Whether its losses of the day have reached its line, so that it stands aside: at nothing left, always (O-10).
/// `equity_atoms` is E at the marks.
pub fn stands_aside(state: &BackstopState, equity_atoms: i128, now: &Now) -> RiskResult<bool> {
    let Some(worth) = share_worth_q32(state, equity_atoms)? else { return Ok(true) };
    if state.day != day(now) {
        return Ok(false);
    }
    let kept_ppm = PPM.saturating_sub(u64::from(state.loss_line_ppm));
    Ok(worth < mul_ppm_floor(state.reference_q32, kept_ppm)?)
}

/// Sets the reference of the day at the first acquisition of it.
pub fn note_day(state: &mut BackstopState, equity_atoms: i128, now: &Now) -> RiskResult<()> {
    if state.day != day(now) {
        state.day = day(now);
        state.reference_q32 = share_worth_q32(state, equity_atoms)?.unwrap_or(0);
    }
    Ok(())
}

/// Worth of a share, 2^-32 atoms, saturating; none without equity or shares.
fn share_worth_q32(state: &BackstopState, equity_atoms: i128) -> RiskResult<Option<u64>> {
    match u64::try_from(equity_atoms) {
        Ok(equity) if equity > 0 && state.shares.total > 0 => {
            Ok(Some(saturate(ratio_floor(equity, state.shares.total, 32)?)))
        }
        _ => Ok(None),
    }
}

fn day(now: &Now) -> u64 {
    u64::try_from(now.unix_timestamp.max(0).div_euclid(DAY_SECONDS)).unwrap_or(0)
}

/// What the backstop is worth to those who enter: capital and every value at par, unfunded profit included, so that nobody buys
/// what others earned; each leg moved in its favour by all that its market may have moved unseen (O-11). Unit: atoms.
/// Errors: `NoSuchMarket`.
pub fn entry_value(account: &AccountState, markets: &impl MarketLookup, now: &Now) -> RiskResult<u64> {
    let health = Health::assess_as_acted(account, Stance::Favour, markets, now)?;
    let mut value = signed(account.capital_atoms);
    for place in health.legs() {
        let market = markets.market(place.market_index)?;
        let stored = account.legs.get(place.leg_slot).ok_or(RiskError::NoSuchLeg)?;
        let net = leg::evaluate(stored, market, now)?.net()?;
        value = add_signed(value, add_signed(net, signed(unseen_move(place, market, now)?))?)?;
    }
    Ok(u64::try_from(value).unwrap_or(0))
}

/// What the backstop is worth to those who stay: capital less every loss at the marks, profits at nothing. Unit: atoms.
/// Errors: `NoSuchMarket`.
pub fn present_value(account: &AccountState, markets: &impl MarketLookup, now: &Now) -> RiskResult<u64> {
    let health = Health::assess_as_acted(account, Stance::Against, markets, now)?;
    worth_with(&health, |_| Ok(0))
}

/// What leaving shares are valued at: that, with each leg moved against it by all that its market may have moved unseen. A leg in a
/// market that the backstop could not serve at `requested_at`, the unix time of the request, counts at its mark (O-11). Unit: atoms.
/// Errors: `NoSuchMarket`.
pub fn exit_value(
    account: &AccountState,
    requested_at: i64,
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<u64> {
    let health = Health::assess_as_acted(account, Stance::Against, markets, now)?;
    worth_with(&health, |place| {
        let market = markets.market(place.market_index)?;
        match market.is_young(requested_at) {
            true => Ok(0),
            false => unseen_move(place, market, now),
        }
    })
}

/// Capital less every loss, each leg's value lowered by `caution`. Unit: atoms.
fn worth_with(health: &Health, caution: impl Fn(&LegHealth) -> RiskResult<u64>) -> RiskResult<u64> {
    let value = health.legs().iter().try_fold(health.capital(), |value, place| {
        let worth = sub_signed(i128::from(place.value_atoms), signed(caution(place)?))?;
        add_signed(value, worth.min(0))
    })?;
    Ok(u64::try_from(value).unwrap_or(0))
}

/// How far a leg's value may lie from the mark without being seen: the declared worst move over the age of a fresh price, else
/// the declared gap. Unit: atoms.
fn unseen_move(leg: &LegHealth, market: &MarketState, now: &Now) -> RiskResult<u64> {
    if leg.lots == 0 {
        return Ok(0);
    }
    let is_fresh = refresh::require_fresh_price(market, now, PriceUse::Risk).is_ok();
    let move_ppm = if is_fresh { market.params.worst_move_ppm } else { market.params.backstop_gap_ppm };
    mul_ppm_ceil(leg.notional_atoms, u64::from(move_ppm))
}

/// Puts cash into the backstop for shares at its entry value, for at least `least_shares` (O-11). Returns the shares.
/// Errors: those of [`shares::issue`], `BackstopStandsAside` where it has positions and nothing else, `NoSuchMarket`.
pub fn stake(
    state: &mut BackstopState,
    account: &mut AccountState,
    holding: &mut Holding,
    (atoms, least_shares): (u64, u64),
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<u64> {
    let value = entry_value(account, markets, now)?;
    if state.shares.is_void(value) && account.legs.iter().any(|leg| leg.is_used()) {
        return Err(RiskError::BackstopStandsAside);
    }
    let generation = state.shares.generation;
    let shares = shares::issue(&mut state.shares, holding, atoms, value, least_shares)?;
    if state.shares.generation != generation {
        state.day = 0; // the reference was the worth of other shares
    }
    acted::credit(account, atoms)?;
    Ok(shares)
}

/// Asks shares back (O-3, O-11). Returns what they are worth now. Errors: those of [`shares::request`], `NoSuchMarket`.
pub fn request_unstake(
    state: &BackstopState,
    account: &AccountState,
    holding: &mut Holding,
    shares: u64,
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<u64> {
    let value = present_value(account, markets, now)?;
    shares::request(&state.shares, holding, shares, value, now.unix_timestamp)
}

/// Cash that may leave: what the capital rule and initial margin leave free of it (O-12, W-1). Unit: atoms.
/// Errors: `NoSuchMarket`.
pub fn free_atoms(account: &AccountState, markets: &impl MarketLookup, now: &Now) -> RiskResult<u64> {
    let health = Health::assess_as_acted(account, Stance::Against, markets, now)?;
    let by_rule = u64::try_from(spare(&health, markets, None, now)?.max(0)).unwrap_or(u64::MAX);
    Ok(by_rule.min(cash::withdrawable_atoms(account, markets, now)?))
}

/// A call of a request that has waited: the first one notes the exit value, a later one pays out of the free cash, each at least
/// `min_atoms`; what is not free then stays requested (O-4, O-12, O-16).
/// Errors: those of [`shares::leave`], `ExitValueZero`, `NoSuchMarket`.
pub fn unstake(
    state: &mut BackstopState,
    account: &mut AccountState,
    holding: &mut Holding,
    min_atoms: u64,
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<LeaveStep> {
    let value = exit_value(account, holding.requested_at(), markets, now)?;
    shares::require_exit_value(value, present_value(account, markets, now)?)?;
    let terms = (free_atoms(account, markets, now)?, min_atoms);
    let step = shares::leave(&mut state.shares, holding, value, terms, now.unix_timestamp)?;
    account.capital_atoms = sub(account.capital_atoms, step.paid_atoms())?;
    Ok(step)
}

const _: () = assert!(core::mem::size_of::<BackstopState>() == 40);
