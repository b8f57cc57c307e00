//! Shares of a pool of cash that strangers fund together: the insurance fund and the backstop (spec O-1 … O-5).
//!
//! Owns [`ShareLedger`] and [`Holding`]. What a pool is worth is the caller's: [`crate::insurance`] and
//! [`crate::backstop`] say at which value one enters and leaves. Rounding favours those who stay.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul_div_ceil, mul_div_floor, sub};
use bytemuck::{Pod, Zeroable};

/// Shares that belong to nobody, at least: whoever inflates the price of a share by a gift gives almost all of it to them.
pub const UNOWNED_SHARES_MIN: u64 = 100_000;
/// A pool worth less than its shares divided by 2^this has so many to a unit that they are divided by it (O-2).
const CONSOLIDATION_BITS: u32 = 10;
/// Generations after which nothing is left of a share: 7 divisions by 2^10.
const VOID_GENERATIONS: u64 = 7;
/// From a request to the first moment at which it is paid, seconds: 7 days.
pub const COOLDOWN_SECONDS: i64 = 604_800;
/// From then to the moment at which the request lapses, seconds: 2 days.
pub const REDEEM_WINDOW_SECONDS: i64 = 172_800;

/// Shares issued by a pool.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct ShareLedger {
    /// Shares of this generation, those that belong to nobody included.
    pub total: u64,
    /// How often shares were divided by 2^10; 7 at once where the pool lost everything.
    pub generation: u64,
}

/// One owner's shares of a pool, and the request to leave.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Holding {
    /// Shares, those requested included.
    pub shares: u64,
    /// Generation in which the shares are counted.
    pub generation: u64,
    /// Shares that were asked back; 0 = no request.
    pub requested_shares: u64,
    /// What they were worth at the request, atoms: they are never paid more.
    pub requested_atoms: u64,
    /// Unix time from which the request is paid.
    pub redeemable_at: i64,
}

/// What a redemption paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// Paid, atoms.
    pub paid_atoms: u64,
    /// Shares given up for it.
    pub burned_shares: u64,
}

impl ShareLedger {
    /// What some shares of this generation are worth, rounded down. Unit: atoms. Errors: `DivisionByZero` without shares.
    pub fn value_floor(&self, shares: u64, value_atoms: u64) -> RiskResult<u64> {
        mul_div_floor(shares, value_atoms, self.total)
    }

    /// Whether a pool has no shares, or is worth less than those that belong to nobody: who enters starts anew (O-2).
    pub fn is_void(&self, value_atoms: u64) -> bool {
        self.total == 0 || value_atoms < UNOWNED_SHARES_MIN
    }

    /// Divides the shares of a pool that lost almost all until they are within 2^10 of its worth, or voids them (O-2).
    fn consolidate(&mut self, value_atoms: u64) -> RiskResult<()> {
        if self.total > 0 && self.is_void(value_atoms) {
            self.total = 0;
            self.generation = add(self.generation, VOID_GENERATIONS)?;
        }
        while value_atoms < self.total >> CONSOLIDATION_BITS {
            self.total = add(self.total >> CONSOLIDATION_BITS, UNOWNED_SHARES_MIN)?;
            self.generation = add(self.generation, 1)?;
        }
        Ok(())
    }
}

impl Holding {
    /// The holding counted in the present generation: shares divided as often as the pool's were, rounded down.
    pub fn present(&self, ledger: &ShareLedger) -> Self {
        let divisions = ledger.generation.saturating_sub(self.generation).min(VOID_GENERATIONS);
        let bits = u32::try_from(divisions).unwrap_or(0).saturating_mul(CONSOLIDATION_BITS);
        let divided = |shares: u64| shares.checked_shr(bits).unwrap_or(0);
        Self {
            shares: divided(self.shares),
            requested_shares: divided(self.requested_shares),
            generation: ledger.generation,
            ..*self
        }
    }

    /// Shares that count now.
    pub fn live_shares(&self, ledger: &ShareLedger) -> u64 {
        self.present(ledger).shares
    }
}

/// Issues shares for `atoms` put into a pool that is worth `value_atoms` without them: `⌊atoms·total/value⌋` (O-1). Of a pool
/// without shares or worth, what it holds belongs to nobody, as many shares as atoms, and the first to enter completes them to
/// [`UNOWNED_SHARES_MIN`] (O-2). Returns the shares issued to the holder.
/// Errors: `StakeTooSmall` for no share, `SharesBelowLeast`, `Overflow`.
pub fn issue(
    ledger: &mut ShareLedger,
    holding: &mut Holding,
    atoms: u64,
    value_atoms: u64,
    least_shares: u64,
) -> RiskResult<u64> {
    let (mut value, mut paying) = (value_atoms, atoms);
    ledger.consolidate(value)?;
    if ledger.total == 0 {
        let for_nobody = UNOWNED_SHARES_MIN.saturating_sub(value);
        paying = paying.checked_sub(for_nobody).ok_or(RiskError::StakeTooSmall)?;
        value = add(value, for_nobody)?;
        ledger.total = value;
    }
    let shares = mul_div_floor(paying, ledger.total, value)?;
    if shares == 0 {
        return Err(RiskError::StakeTooSmall);
    }
    if shares < least_shares {
        return Err(RiskError::SharesBelowLeast);
    }
    *holding = holding.present(ledger);
    ledger.total = add(ledger.total, shares)?;
    holding.shares = add(holding.shares, shares)?;
    Ok(shares)
}

/// Asks `shares` back at the present `value_atoms` of the pool; they go on bearing losses. Replaces an earlier request and
/// starts the cooldown; no shares withdraw the request (O-3). Returns what they are worth now.
/// Errors: `InsufficientShares`, `NothingToDo` for no shares without a request.
pub fn request(
    ledger: &ShareLedger,
    holding: &mut Holding,
    shares: u64,
    value_atoms: u64,
    unix_timestamp: i64,
) -> RiskResult<u64> {
    *holding = holding.present(ledger);
    if shares > holding.shares {
        return Err(RiskError::InsufficientShares);
    }
    if shares == 0 {
        if holding.requested_shares == 0 {
            return Err(RiskError::NothingToDo);
        }
        (holding.requested_shares, holding.requested_atoms, holding.redeemable_at) = (0, 0, 0);
        return Ok(0);
    }
    holding.requested_shares = shares;
    holding.requested_atoms = ledger.value_floor(shares, value_atoms)?;
    holding.redeemable_at = unix_timestamp.saturating_add(COOLDOWN_SECONDS);
    Ok(holding.requested_atoms)
}

/// Refuses to burn shares for nothing only because a pool of some worth is valued with caution just now (O-4).
/// Errors: `InsufficientCapital`.
pub fn require_worth(exit_value_atoms: u64, present_value_atoms: u64) -> RiskResult<()> {
    if exit_value_atoms == 0 && present_value_atoms > 0 {
        return Err(RiskError::InsufficientCapital);
    }
    Ok(())
}

/// Pays a request that has waited: the lower of what the shares were worth then and are worth now, as far as
/// `available_atoms` go, and at least `least_atoms`; shares in proportion, rounded up, are given up, the rest of the request
/// stays (O-4). Shares that are worth nothing are given up for nothing, if the holder accepts that.
/// Errors: `NothingToDo` without a request, `CooldownRunning`, `RequestLapsed`, `InsufficientCapital` when nothing is
/// available, `PaidBelowLeast`.
pub fn redeem(
    ledger: &mut ShareLedger,
    holding: &mut Holding,
    value_atoms: u64,
    (available_atoms, least_atoms): (u64, u64),
    unix_timestamp: i64,
) -> RiskResult<Redemption> {
    *holding = holding.present(ledger);
    let requested = holding.requested_shares;
    if requested == 0 {
        return Err(RiskError::NothingToDo);
    }
    if unix_timestamp < holding.redeemable_at {
        return Err(RiskError::CooldownRunning);
    }
    if unix_timestamp > holding.redeemable_at.saturating_add(REDEEM_WINDOW_SECONDS) {
        return Err(RiskError::RequestLapsed);
    }
    let due = ledger.value_floor(requested, value_atoms)?.min(holding.requested_atoms);
    let paid_atoms = due.min(available_atoms);
    if paid_atoms == 0 && due > 0 {
        return Err(RiskError::InsufficientCapital);
    }
    if paid_atoms < least_atoms {
        return Err(RiskError::PaidBelowLeast);
    }
    let burned_shares = if paid_atoms == due { requested } else { mul_div_ceil(requested, paid_atoms, due)? };
    let left = sub(requested, burned_shares)?;
    holding.requested_atoms = mul_div_floor(holding.requested_atoms, left, requested)?;
    holding.requested_shares = left;
    holding.shares = sub(holding.shares, burned_shares)?;
    ledger.total = sub(ledger.total, burned_shares)?;
    Ok(Redemption { paid_atoms, burned_shares })
}

const _: () = {
    assert!(core::mem::size_of::<ShareLedger>() == 16);
    assert!(core::mem::size_of::<Holding>() == 40);
};

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;

    const USD: u64 = 1_000_000;
    const START: i64 = 1_000;
    const DUE: i64 = START + COOLDOWN_SECONDS;

    fn empty() -> (ShareLedger, Holding) {
        (Zeroable::zeroed(), Zeroable::zeroed())
    }

    /// A pool of $100 with one holder.
    fn pool() -> (ShareLedger, Holding) {
        let (mut ledger, mut holding) = empty();
        issue(&mut ledger, &mut holding, 100 * USD, 0, 0).unwrap();
        (ledger, holding)
    }

    #[test]
    fn the_first_to_enter_pays_for_nobodys_shares() {
        let (ledger, holding) = pool();
        assert_eq!((holding.shares, ledger.total), (100 * USD - UNOWNED_SHARES_MIN, 100 * USD));
        let (mut ledger, mut holding) = empty();
        assert_eq!(issue(&mut ledger, &mut holding, UNOWNED_SHARES_MIN, 0, 0), Err(RiskError::StakeTooSmall));
        // What a pool holds already is nobody's and counts.
        let (mut ledger, mut holding) = empty();
        assert_eq!(issue(&mut ledger, &mut holding, 5 * USD, 7 * USD, 0), Ok(5 * USD));
        assert_eq!(ledger.total, 12 * USD);
    }

    #[test]
    fn shares_are_issued_at_the_value_and_never_dilute() {
        let (mut ledger, mut holding) = pool();
        let mut second = Holding::zeroed();
        // The pool has doubled: half as many shares.
        assert_eq!(issue(&mut ledger, &mut second, 100 * USD, 200 * USD, 0), Ok(50 * USD));
        assert_eq!(ledger.value_floor(second.shares, 300 * USD), Ok(100 * USD));
        assert_eq!(
            issue(&mut ledger, &mut holding, 10 * USD, 300 * USD, 5 * USD + 1),
            Err(RiskError::SharesBelowLeast)
        );
    }

    #[test]
    fn inflating_the_price_of_a_share_costs_more_than_it_takes() {
        let (mut ledger, mut attacker) = empty();
        issue(&mut ledger, &mut attacker, UNOWNED_SHARES_MIN + 1, 0, 0).unwrap();
        assert_eq!(attacker.shares, 1);
        let gift = 10_000 * USD;
        let mut value = UNOWNED_SHARES_MIN + 1 + gift;
        let mut victim = Holding::zeroed();
        issue(&mut ledger, &mut victim, 19 * USD, value, 0).unwrap();
        value += 19 * USD;
        let taken = ledger.value_floor(attacker.shares, value).unwrap();
        assert!(taken < gift / 900, "{taken}");
        // A share costs a part of the gift; who brings less than one is told so.
        let price = value / ledger.total;
        assert_eq!(issue(&mut ledger, &mut Holding::zeroed(), price / 2, value, 0), Err(RiskError::StakeTooSmall));
    }

    #[test]
    fn a_request_is_paid_the_lower_of_two_values_after_the_cooldown() {
        for (then, now, paid) in [(100, 100, 40), (100, 50, 20), (50, 100, 20)] {
            let (mut ledger, mut holding) = pool();
            assert_eq!(request(&ledger, &mut holding, 40 * USD, then * USD, START), Ok(40 * then * USD / 100));
            let early = redeem(&mut ledger.clone(), &mut holding.clone(), now * USD, (u64::MAX, 0), DUE - 1);
            assert_eq!(early, Err(RiskError::CooldownRunning));
            let late = DUE + REDEEM_WINDOW_SECONDS + 1;
            let lapsed = redeem(&mut ledger.clone(), &mut holding.clone(), now * USD, (u64::MAX, 0), late);
            assert_eq!(lapsed, Err(RiskError::RequestLapsed));
            let redemption = redeem(&mut ledger, &mut holding, now * USD, (u64::MAX, 0), DUE).unwrap();
            assert_eq!(redemption, Redemption { paid_atoms: paid * USD, burned_shares: 40 * USD });
            assert_eq!((ledger.total, holding.requested_shares), (60 * USD, 0));
            let again = redeem(&mut ledger, &mut holding, now * USD, (u64::MAX, 0), DUE);
            assert_eq!(again, Err(RiskError::NothingToDo));
        }
    }

    #[test]
    fn what_is_not_available_stays_requested() {
        let (mut ledger, mut holding) = pool();
        request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
        let nothing = redeem(&mut ledger.clone(), &mut holding.clone(), 100 * USD, (0, 0), DUE);
        assert_eq!(nothing, Err(RiskError::InsufficientCapital));
        let part = redeem(&mut ledger, &mut holding, 100 * USD, (10 * USD, 0), DUE).unwrap();
        assert_eq!(part, Redemption { paid_atoms: 10 * USD, burned_shares: 10 * USD });
        assert_eq!((holding.requested_shares, holding.requested_atoms), (30 * USD, 30 * USD));
        let rest = redeem(&mut ledger, &mut holding, 90 * USD, (u64::MAX, 0), DUE).unwrap();
        assert_eq!(rest.paid_atoms, 30 * USD);
    }

    #[test]
    fn requests_can_be_replaced_and_taken_back() {
        let (ledger, mut holding) = pool();
        let all = holding.shares;
        assert_eq!(request(&ledger, &mut holding, all + 1, 100 * USD, START), Err(RiskError::InsufficientShares));
        assert_eq!(request(&ledger, &mut holding, 0, 100 * USD, START), Err(RiskError::NothingToDo));
        request(&ledger, &mut holding, all, 100 * USD, START).unwrap();
        request(&ledger, &mut holding, USD, 100 * USD, START + 5).unwrap();
        assert_eq!((holding.requested_shares, holding.redeemable_at), (USD, DUE + 5));
        request(&ledger, &mut holding, 0, 100 * USD, START).unwrap();
        assert_eq!((holding.requested_shares, holding.shares), (0, all));
    }

    #[test]
    fn less_than_the_holder_accepts_is_not_paid() {
        let (mut ledger, mut holding) = pool();
        request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
        let pay = |holding: &mut Holding, ledger: &mut ShareLedger, least| {
            redeem(ledger, holding, 50 * USD, (u64::MAX, least), DUE)
        };
        assert_eq!(pay(&mut holding.clone(), &mut ledger.clone(), 20 * USD + 1), Err(RiskError::PaidBelowLeast));
        assert_eq!(pay(&mut holding, &mut ledger, 20 * USD).unwrap().paid_atoms, 20 * USD);
    }

    #[test]
    fn a_pool_that_lost_everything_starts_anew() {
        let (mut ledger, mut lost) = pool();
        request(&ledger, &mut lost, USD, 100 * USD, START).unwrap();
        let nothing = |least| redeem(&mut ledger.clone(), &mut lost.clone(), 0, (0, least), DUE);
        assert_eq!(nothing(1), Err(RiskError::PaidBelowLeast));
        assert_eq!(nothing(0), Ok(Redemption { paid_atoms: 0, burned_shares: USD }));
        let mut fresh = Holding::zeroed();
        let shares = issue(&mut ledger, &mut fresh, 10 * USD, 0, 0).unwrap();
        assert_eq!((shares, lost.live_shares(&ledger)), (10 * USD - UNOWNED_SHARES_MIN, 0));
        assert_eq!(request(&ledger, &mut lost, 1, 10 * USD, START), Err(RiskError::InsufficientShares));
        assert_eq!(redeem(&mut ledger, &mut lost, 10 * USD, (u64::MAX, 0), DUE), Err(RiskError::NothingToDo));
        issue(&mut ledger, &mut lost, USD, 10 * USD, 0).unwrap();
        assert_eq!((lost.shares, lost.requested_shares), (USD, 0));
    }

    #[test]
    fn a_pool_that_lost_almost_everything_keeps_its_holders() {
        let (mut ledger, mut old) = pool();
        let worth = 1_000 * USD / 2_000; // half a dollar is left of $1 000
        issue(&mut ledger, &mut old, 900 * USD, 100 * USD, 0).unwrap();
        let mut late = Holding::zeroed();
        issue(&mut ledger, &mut late, USD, worth, 0).unwrap();
        assert_eq!((ledger.generation, late.generation), (1, 1));
        let all = worth + USD;
        let of = |holding: &Holding| ledger.value_floor(holding.live_shares(&ledger), all).unwrap();
        // Diluted by the shares that are added for nobody: a tenth of those that are left.
        assert!(of(&old) <= worth && of(&old) >= worth / 10 * 8, "{}", of(&old));
        assert!(of(&late) <= USD && of(&late) >= USD - USD / 1_000, "{}", of(&late));
        request(&ledger, &mut old, 10, all, START).unwrap();
        assert_eq!(old.generation, 1);
    }
}
