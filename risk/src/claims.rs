//! Settled profit: a claim on the market's pool that matures, converts and can be cut (DESIGN section 4;
//! spec C-1 … C-5).

use crate::acted::{self, Acted};
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, div_ceil, mul, mul_div_ceil, mul_div_floor, mul_ppm_ceil, sub, to_u64, PPM};
use crate::health::{MarketLookup, Stance};
use crate::leg;
use crate::refresh::{self, PriceUse};
use crate::state::{AccountState, Leg, MarketState, Now};
use crate::units::{CLAIM_INDEX_MIN, CLAIM_INDEX_ONE};

/// A leg's claim by maturity, in atoms at the market's current claim index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// May be converted.
    pub matured: u64,
    /// Matures at the next window boundary.
    pub maturing: u64,
    /// Matures at the boundary after that.
    pub fresh: u64,
}

impl Claims {
    /// Sum over the three. Errors: `Overflow`.
    pub fn total(&self) -> RiskResult<u64> {
        add(add(self.matured, self.maturing)?, self.fresh)
    }

    /// Takes up to `atoms`, freshest first; returns what it took. Rule C-2.
    pub fn eat(&mut self, atoms: u64) -> RiskResult<u64> {
        let mut left = atoms;
        for bucket in [&mut self.fresh, &mut self.maturing, &mut self.matured] {
            let part = left.min(*bucket);
            *bucket = sub(*bucket, part)?;
            left = sub(left, part)?;
        }
        sub(atoms, left)
    }
}

/// A leg's claims as of its last touch.
pub fn stored(leg: &Leg) -> Claims {
    Claims { matured: leg.claim_matured_atoms, maturing: leg.claim_maturing_atoms, fresh: leg.claim_fresh_atoms }
}

/// Whether a leg had any claim at its last touch.
pub fn has_any(leg: &Leg) -> bool {
    stored(leg) != Claims::default()
}

/// Number of the profit window at `now` (C-1).
pub fn profit_window(market: &MarketState, now: &Now) -> u64 {
    now.slot.checked_div(u64::from(market.params.profit_window_slots)).unwrap_or(0)
}

/// The leg's claims now: cut by the claim index (C-3) and moved on by the windows passed (C-1).
pub fn current(leg: &Leg, market: &MarketState, now: &Now) -> RiskResult<Claims> {
    let mut claims = stored(leg);
    if claims == Claims::default() || leg.claim_generation != market.claim_generation {
        return Ok(Claims::default());
    }
    if leg.claim_index0 != market.claim_index {
        for bucket in [&mut claims.matured, &mut claims.maturing, &mut claims.fresh] {
            *bucket = mul_div_floor(*bucket, market.claim_index, leg.claim_index0)?;
        }
    }
    match profit_window(market, now).saturating_sub(leg.profit_window) {
        0 => {}
        1 => {
            claims.matured = add(claims.matured, claims.maturing)?;
            claims.maturing = claims.fresh;
            claims.fresh = 0;
        }
        _ => claims = Claims { matured: claims.total()?, ..Claims::default() },
    }
    Ok(claims)
}

/// Stores claims at the market's current index and window.
pub fn store(leg: &mut Leg, claims: Claims, market: &MarketState, now: &Now) {
    leg.claim_matured_atoms = claims.matured;
    leg.claim_maturing_atoms = claims.maturing;
    leg.claim_fresh_atoms = claims.fresh;
    leg.claim_index0 = market.claim_index;
    leg.claim_generation = market.claim_generation;
    leg.profit_window = profit_window(market, now);
}

/// Takes up to `atoms` off a touched leg's own claims, freshest first; returns what it took.
pub fn eat(leg: &mut Leg, market: &mut MarketState, atoms: u64) -> RiskResult<u64> {
    let mut claims = stored(leg);
    let eaten = claims.eat(atoms)?;
    leg.claim_matured_atoms = claims.matured;
    leg.claim_maturing_atoms = claims.maturing;
    leg.claim_fresh_atoms = claims.fresh;
    market.claims_total_atoms = sub(market.claims_total_atoms, eaten)?;
    Ok(eaten)
}

/// What of a profit its market left unfunded: its part of `unfunded` pro rata over the settled claims, rounded up, and
/// never more than all of it. Pro rata, or a small deficit would count against every account in full: a hedged one would
/// fail for what others owe, and who is resolved first would bear it alone (H-3). Unit: atoms.
pub fn unbacked_atoms(market: &MarketState, profit_atoms: u64) -> u64 {
    let most = profit_atoms.min(market.unfunded_atoms);
    if most == 0 {
        return 0;
    }
    // Without settled claims, or with a profit far above them, all of `unfunded` counts.
    mul_div_ceil(profit_atoms, market.unfunded_atoms, market.claims_total_atoms).map_or(most, |part| part.min(most))
}

/// Gives up a touched leg's claims as far as its market left them unfunded: both fall by the same. Returns the atoms.
pub fn forfeit_unfunded(leg: &mut Leg, market: &mut MarketState) -> RiskResult<u64> {
    let forfeited = eat(leg, market, unbacked_atoms(market, stored(leg).total()?))?;
    market.unfunded_atoms = sub(market.unfunded_atoms, forfeited)?;
    Ok(forfeited)
}

/// Whether claims can be cut by `atoms ≤ claims_total` without losing more than twice that: the index keeps its least
/// figure, or at least half of all claims goes anyway (C-3). Without it a worn index would let a deficit of one atom
/// wipe every claim of the market. Errors: `DivisionByZero` without claims, `Overflow`.
pub fn can_cut(market: &MarketState, atoms: u64) -> RiskResult<bool> {
    let left = sub(market.claims_total_atoms, atoms)?;
    let index = mul_div_floor(market.claim_index, left, market.claims_total_atoms)?;
    Ok(index >= CLAIM_INDEX_MIN || atoms >= left)
}

/// Cuts all claims of a market by `atoms ≤ claims_total` (C-3): `index ← ⌊index·(T−c)/T⌋`,
/// `T ← ⌈T·new/old⌉`. A cut that would leave less than 2^24 wipes the claims of this generation.
/// Errors: `DivisionByZero` without claims, `Overflow`.
pub fn cut(market: &mut MarketState, atoms: u64) -> RiskResult<()> {
    let total = market.claims_total_atoms;
    let old = market.claim_index;
    let new = mul_div_floor(old, sub(total, atoms)?, total)?;
    if new < CLAIM_INDEX_MIN {
        market.claims_total_atoms = 0;
        market.claim_index = CLAIM_INDEX_ONE;
        market.claim_generation = market.claim_generation.checked_add(1).ok_or(RiskError::Overflow)?;
    } else {
        market.claims_total_atoms = to_u64(div_ceil(mul(total, new), old)?)?;
        market.claim_index = new;
    }
    Ok(())
}

/// Touches the leg in the acted-on market and converts what has matured; the price must be fresh (C-4).
/// Errors: those of [`convert`] and of a stale price, `NoSuchLeg`, `SettleFirst`.
pub fn convert_profit<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    account: &mut AccountState,
    least_ratio_ppm: u32,
) -> RiskResult<ConversionReport> {
    refresh::require_fresh_price(acted.market, &acted.now, PriceUse::Risk)?;
    account.find_leg(acted.market_index).ok_or(RiskError::NoSuchLeg)?;
    if account.is_backstop() && !losers_are_settled(acted.market)? {
        return Err(RiskError::RatioTooLow);
    }
    let mut health = acted.assess(account, Stance::Against)?;
    let leg_slot = acted.touch(account, &mut health)?;
    let report = convert(account, leg_slot, acted.market, least_ratio_ppm)?;
    leg::finish(account, leg_slot, acted.market)?;
    Ok(report)
}

/// Whether a ratio below 1 could only come from what is unfunded or owed. Anyone may convert the backstop's profit, and would else choose a
/// moment at which a winner is settled and the losers are not: what is not paid then waits anew (C-4).
fn losers_are_settled(market: &MarketState) -> RiskResult<bool> {
    let booked = add(add(market.pool_atoms, market.debts_total_atoms)?, market.unfunded_atoms)?;
    Ok(booked >= market.claims_total_atoms)
}

/// What the pool pays now for `claim` atoms of matured claims, or for the same of any unit: `⌊claim·r⌋` with
/// `r = clamp((pool − debts)/claims, 0, 1)` (C-4). Errors: `Overflow`.
fn payout_floor(market: &MarketState, claim: u64) -> RiskResult<u64> {
    let backed = market.pool_atoms.saturating_sub(market.debts_total_atoms);
    if backed >= market.claims_total_atoms {
        return Ok(claim);
    }
    mul_div_floor(claim, backed, market.claims_total_atoms)
}

/// The ratio `r` at which matured claims would be paid now, rounded down (C-4). Unit: ppm, 0 … 1 000 000; 1 000 000
/// without claims. Errors: `Overflow`.
pub fn payout_ratio_floor_ppm(market: &MarketState) -> RiskResult<u64> {
    payout_floor(market, PPM)
}

/// What a conversion did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversionReport {
    /// Matured claim before, atoms.
    pub matured_atoms: u64,
    /// Paid from the pool into capital, atoms.
    pub paid_atoms: u64,
}

/// Pays a touched leg's matured claim into capital at the ratio
/// `r = clamp((pool − debts)/claims, 0, 1)`; the rest goes back to fresh (C-4).
/// Errors: `NothingToDo` without matured claims, `RatioTooLow` below `least_ratio_ppm`.
pub fn convert(
    account: &mut AccountState,
    leg_slot: usize,
    market: &mut MarketState,
    least_ratio_ppm: u32,
) -> RiskResult<ConversionReport> {
    let leg = account.legs.get_mut(leg_slot).ok_or(RiskError::NoSuchLeg)?;
    let matured = leg.claim_matured_atoms;
    if matured == 0 {
        return Err(RiskError::NothingToDo);
    }
    let paid = payout_floor(market, matured)?;
    if paid < mul_ppm_ceil(matured, u64::from(least_ratio_ppm))? {
        return Err(RiskError::RatioTooLow);
    }
    leg.claim_matured_atoms = 0;
    leg.claim_fresh_atoms = add(leg.claim_fresh_atoms, sub(matured, paid)?)?;
    market.claims_total_atoms = sub(market.claims_total_atoms, paid)?;
    market.pool_atoms = sub(market.pool_atoms, paid)?;
    acted::credit(account, paid)?;
    Ok(ConversionReport { matured_atoms: matured, paid_atoms: paid })
}
