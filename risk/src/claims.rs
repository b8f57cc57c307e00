//! Settled profit: a claim on the market's pool that matures, converts and can be cut (DESIGN section 4;
//! spec C-1 … C-5).

use crate::acted::{self, Acted};
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, div_ceil, mul, mul_div_ceil, mul_div_floor, mul_ppm_ceil, sub, to_u64, PPM};
use crate::health::{MarketLookup, Stance};
use crate::leg;
use crate::open_profit;
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

/// What of a profit its market left unfunded: its part of `unfunded` pro rata over all profit of the market, settled and open, rounded up,
/// and never more than all of it. Who is settled does not move anybody's part: a settled profit counts like an open one (H-3). Unit: atoms.
/// Errors: `Overflow`.
pub fn unbacked_atoms(market: &MarketState, profit_atoms: u64) -> RiskResult<u64> {
    let most = profit_atoms.min(market.unfunded_atoms);
    if most == 0 {
        return Ok(0);
    }
    let all = open_profit::profit_total(market)?;
    Ok(mul_div_ceil(profit_atoms, market.unfunded_atoms, all).map_or(most, |part| part.min(most)))
}

/// A market owes more than dust from a thousandth of its smallest position on (F-9).
const DUST_DIVISOR: u64 = 1_000;

/// Whether a market has an uncovered loss of more than dust: it takes no new risk until fees, insurance or gifts have repaid it (F-9).
pub fn has_uncovered_loss(market: &MarketState) -> bool {
    market.unfunded_atoms > market.params.min_position_atoms / DUST_DIVISOR
}

/// Spends a touched leg's own claim: takes `paid + given up` off it, where `paid` cash leaves the pool and `given up` is the part of
/// the claim that its market left unfunded for each atom paid. At most `wanted` is paid, and no more than keeps the backed part of
/// everybody else's claims covered: `pool − (others − others' part of unfunded)`. What the market leaves unfunded per atom of profit
/// stays the same. Returns the atoms paid; the caller puts them where they go. Errors: `Overflow`. Rule C-6.
pub(crate) fn spend(leg: &mut Leg, market: &mut MarketState, wanted_atoms: u64) -> RiskResult<u64> {
    let claim = stored(leg).total()?;
    let unbacked = unbacked_atoms(market, claim)?;
    let others = sub(market.claims_total_atoms, claim)?;
    let others_unbacked = unbacked_of_others_floor(market, others)?;
    let spare = market.pool_atoms.saturating_sub(sub(others, others_unbacked)?);
    let backed = sub(claim, unbacked)?;
    let paid = wanted_atoms.min(backed).min(spare);
    give_up(leg, market, given_up_with(paid, (backed, unbacked))?)?;
    market.pool_atoms = sub(market.pool_atoms, eat(leg, market, paid)?)?;
    Ok(paid)
}

/// What of everybody else's claims their market left unfunded, rounded down: it keeps nothing back from who spends. Unit: atoms.
/// Errors: `Overflow`.
pub fn unbacked_of_others_floor(market: &MarketState, others_atoms: u64) -> RiskResult<u64> {
    match (market.unfunded_atoms, others_atoms) {
        (0, _) | (_, 0) => Ok(0),
        (unfunded, others) => {
            let all = open_profit::profit_total(market)?; // at least the others' claims
            Ok(mul_div_floor(others, unfunded, all).map_or(others, |part| part.min(others)))
        }
    }
}

/// What of the unbacked part of a claim is given up when `paid` of its backed part is: `⌈unbacked·paid/backed⌉`. Without a backed part
/// nothing can be paid, and nothing is given up.
fn given_up_with(paid_atoms: u64, (backed, unbacked): (u64, u64)) -> RiskResult<u64> {
    match backed {
        0 => Ok(0),
        backed => Ok(mul_div_ceil(unbacked, paid_atoms, backed)?.min(unbacked)),
    }
}

/// Gives up `atoms` of a touched leg's claim, what its market left unfunded of it: claim and `unfunded` both fall. Errors: `Overflow`.
pub(crate) fn give_up(leg: &mut Leg, market: &mut MarketState, atoms: u64) -> RiskResult<()> {
    let given = eat(leg, market, atoms)?;
    market.unfunded_atoms = sub(market.unfunded_atoms, given)?;
    Ok(())
}

/// Whether claims can be cut by `atoms ≤ claims_total` without losing more than twice that: the index keeps its least
/// figure, or at least half of all claims goes anyway (C-3). Without it a worn index would let a deficit of one atom
/// wipe every claim of the market. Errors: `DivisionByZero` without claims, `Overflow`.
pub fn can_cut(market: &MarketState, atoms: u64) -> RiskResult<bool> {
    let left = sub(market.claims_total_atoms, atoms)?;
    let index = mul_div_floor(market.claim_index, left, market.claims_total_atoms)?;
    Ok(index >= CLAIM_INDEX_MIN || atoms >= left)
}

/// Cuts the claims of a market by what it left unfunded, once nothing else will repay that: the fund has paid what it set aside, and no leg
/// has lots or unsettled profit any more. Until then a cut would take from whoever is settled what others owe. Returns the atoms cut.
/// Errors: `Overflow`. Rule B-8.
pub fn write_down(market: &mut MarketState) -> RiskResult<u64> {
    let (unfunded, claims) = (market.unfunded_atoms, market.claims_total_atoms);
    if unfunded == 0 || claims == 0 || market.unfunded_allowance_atoms > 0 || !open_profit::is_settled(market) {
        return Ok(0);
    }
    let atoms = unfunded.min(claims);
    if !can_cut(market, atoms)? {
        return Ok(0);
    }
    cut(market, atoms)?;
    market.unfunded_atoms = sub(unfunded, atoms)?;
    Ok(atoms)
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
    if account.is_backstop() && !may_convert_for_another(acted.market)? {
        return Err(RiskError::RatioTooLow);
    }
    let mut health = acted.assess(account, Stance::Against)?;
    let leg_slot = acted.touch(account, &mut health)?;
    let report = convert(account, leg_slot, acted.market, least_ratio_ppm)?;
    leg::finish(account, leg_slot, acted.market)?;
    Ok(report)
}

/// Whether anyone may convert a claim for its owner, who cannot sign: the losers are settled, so no better ratio is to be waited for, and
/// nothing would be given up that fees of open lots could still repay (C-4).
fn may_convert_for_another(market: &MarketState) -> RiskResult<bool> {
    let booked = add(market.pool_atoms, market.debts_total_atoms)?;
    let losers_are_settled = add(booked, market.unfunded_atoms)? >= market.claims_total_atoms;
    let nothing_to_wait_for = market.unfunded_atoms == 0 || market.long.open_lots == 0;
    Ok(losers_are_settled && nothing_to_wait_for)
}

/// What the pool pays now for `claim` atoms of matured claims, of which its market left `unbacked` unfunded: `⌊claim·r⌋` with
/// `r = clamp((pool − debts)/claims, 0, 1)`, and no more than the other part (C-4). Errors: `Overflow`.
fn payout_floor(market: &MarketState, claim: u64, unbacked: u64) -> RiskResult<u64> {
    let in_cash = market.pool_atoms.saturating_sub(market.debts_total_atoms);
    let by_cash = match in_cash >= market.claims_total_atoms {
        true => claim,
        false => mul_div_floor(claim, in_cash, market.claims_total_atoms)?,
    };
    Ok(by_cash.min(sub(claim, unbacked)?))
}

/// The ratio `r` at which matured claims would be paid now, rounded down (C-4). Unit: ppm, 0 … 1 000 000; 1 000 000
/// without claims. Errors: `Overflow`.
pub fn payout_ratio_floor_ppm(market: &MarketState) -> RiskResult<u64> {
    match market.claims_total_atoms {
        0 => Ok(PPM),
        claims => mul_div_floor(payout_floor(market, claims, unbacked_atoms(market, claims)?)?, PPM, claims),
    }
}

/// What a conversion did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversionReport {
    /// Matured claim before, atoms.
    pub matured_atoms: u64,
    /// Paid from the pool into capital, atoms.
    pub paid_atoms: u64,
    /// Given up: the unfunded part of what was paid, atoms. What is neither paid nor given up is a fresh claim.
    pub given_up_atoms: u64,
}

/// Pays a touched leg's matured claim into capital: `⌊matured·r⌋` in cash, with `r = clamp((pool − debts)/claims, 0, 1)`, but no more
/// than its backed part. With each atom paid the part that the market left unfunded is given up, so that who converts later is
/// paid at the same ratio. The rest goes back to fresh (C-4).
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
    let unbacked = unbacked_atoms(market, matured)?;
    let paid = payout_floor(market, matured, unbacked)?;
    if paid < mul_ppm_ceil(matured, u64::from(least_ratio_ppm))? {
        return Err(RiskError::RatioTooLow);
    }
    let given_up = given_up_with(paid, (sub(matured, unbacked)?, unbacked))?;
    leg.claim_matured_atoms = 0;
    let rest = sub(sub(matured, paid)?, given_up)?;
    leg.claim_fresh_atoms = add(leg.claim_fresh_atoms, rest)?;
    market.claims_total_atoms = sub(sub(market.claims_total_atoms, paid)?, given_up)?;
    market.unfunded_atoms = sub(market.unfunded_atoms, given_up)?;
    market.pool_atoms = sub(market.pool_atoms, paid)?;
    acted::credit(account, paid)?;
    Ok(ConversionReport { matured_atoms: matured, paid_atoms: paid, given_up_atoms: given_up })
}
