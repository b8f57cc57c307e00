//! Shares of a pool of cash that strangers fund together: the insurance fund and the backstop (spec O-1 … O-4, O-16).
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
/// From the first call of a request to the first moment at which a second call pays, seconds: an hour (O-16).
pub const SECOND_CALL_MIN_SECONDS: i64 = 3_600;
/// From the first call of a request to the last moment at which a second call pays, seconds: 3 hours (O-16).
pub const SECOND_CALL_MAX_SECONDS: i64 = 10_800;
/// From a first call to the next first call of the same request, at least, seconds: a day. Without this pause a holder could keep a
/// noted value in hand at nearly every moment, and leave whenever a loss is about to be booked (O-16).
pub const FIRST_CALL_PAUSE_SECONDS: i64 = 86_400;

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
    /// Unix time of the last first call of the request; 0 = none yet.
    pub noted_at: i64,
    /// What the requested shares were worth then, or at a call since if that was less, atoms: they are never paid more.
    pub noted_atoms: u64,
}

/// What a redemption paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// Paid, atoms.
    pub paid_atoms: u64,
    /// Shares given up for it.
    pub burned_shares: u64,
}

/// What a call of a request that has waited did (O-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaveStep {
    /// It noted what the requested shares are worth.
    Noted {
        /// That, atoms: the most that the second call pays.
        noted_atoms: u64,
        /// Unix time from which a second call pays.
        payable_from: i64,
        /// Unix time up to which it does.
        payable_until: i64,
    },
    /// It paid.
    Paid(Redemption),
}

impl LeaveStep {
    /// Paid, atoms: nothing at a first call.
    pub fn paid_atoms(&self) -> u64 {
        match self {
            Self::Noted { .. } => 0,
            Self::Paid(redemption) => redemption.paid_atoms,
        }
    }

    /// What was paid, unless this was a first call.
    pub fn redemption(&self) -> Option<Redemption> {
        match self {
            Self::Noted { .. } => None,
            Self::Paid(redemption) => Some(*redemption),
        }
    }
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

    /// Unix time of the request.
    pub fn requested_at(&self) -> i64 {
        self.redeemable_at.saturating_sub(COOLDOWN_SECONDS)
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
        (holding.noted_at, holding.noted_atoms) = (0, 0);
        return Ok(0);
    }
    (holding.noted_at, holding.noted_atoms) = (0, 0);
    holding.requested_shares = shares;
    holding.requested_atoms = ledger.value_floor(shares, value_atoms)?;
    holding.redeemable_at = unix_timestamp.saturating_add(COOLDOWN_SECONDS);
    Ok(holding.requested_atoms)
}

/// Refuses to note or pay nothing for shares of a pool that has cash, only because its markets may take all of it just now (O-4).
/// Errors: `ExitValueZero`.
pub fn require_exit_value(exit_value_atoms: u64, present_value_atoms: u64) -> RiskResult<()> {
    if exit_value_atoms == 0 && present_value_atoms > 0 {
        return Err(RiskError::ExitValueZero);
    }
    Ok(())
}

/// A call of a request that has waited (O-4, O-16). The first call notes what the requested shares are worth at `value_atoms`. A
/// second call, one to three hours later, pays. A call before that lowers the noted value if the shares are worth less by now. A new
/// first call is possible a day after the last one.
/// Errors: `NothingToDo` without a request, `CooldownRunning`, `RequestLapsed` (also where no second call could follow),
/// `SecondCallTooEarly`, `PaidBelowLeast`, `InsufficientCapital`.
pub fn leave(
    ledger: &mut ShareLedger,
    holding: &mut Holding,
    value_atoms: u64,
    (available_atoms, min_atoms): (u64, u64),
    unix_timestamp: i64,
) -> RiskResult<LeaveStep> {
    *holding = holding.present(ledger);
    if holding.requested_shares == 0 {
        return Err(RiskError::NothingToDo);
    }
    if unix_timestamp < holding.redeemable_at {
        return Err(RiskError::CooldownRunning);
    }
    let lapses_at = holding.redeemable_at.saturating_add(REDEEM_WINDOW_SECONDS);
    if unix_timestamp > lapses_at {
        return Err(RiskError::RequestLapsed);
    }
    let worth = ledger.value_floor(holding.requested_shares, value_atoms)?.min(holding.requested_atoms);
    let waited_s = unix_timestamp.saturating_sub(holding.noted_at);
    if holding.noted_at == 0 || waited_s >= FIRST_CALL_PAUSE_SECONDS {
        if unix_timestamp.saturating_add(SECOND_CALL_MIN_SECONDS) > lapses_at {
            return Err(RiskError::RequestLapsed);
        }
        (holding.noted_at, holding.noted_atoms) = (unix_timestamp, worth);
        return noted(holding, min_atoms);
    }
    if (SECOND_CALL_MIN_SECONDS..=SECOND_CALL_MAX_SECONDS).contains(&waited_s) {
        return redeem(ledger, holding, worth, (available_atoms, min_atoms)).map(LeaveStep::Paid);
    }
    if waited_s < SECOND_CALL_MIN_SECONDS && worth < holding.noted_atoms {
        holding.noted_atoms = worth;
        return noted(holding, min_atoms);
    }
    Err(RiskError::SecondCallTooEarly)
}

/// What a call that noted a value tells. Errors: `PaidBelowLeast` if the second call could not pay what the holder accepts.
fn noted(holding: &Holding, min_atoms: u64) -> RiskResult<LeaveStep> {
    if holding.noted_atoms < min_atoms {
        return Err(RiskError::PaidBelowLeast);
    }
    Ok(LeaveStep::Noted {
        noted_atoms: holding.noted_atoms,
        payable_from: holding.noted_at.saturating_add(SECOND_CALL_MIN_SECONDS),
        payable_until: holding.noted_at.saturating_add(SECOND_CALL_MAX_SECONDS),
    })
}

/// Pays the lower of `worth_atoms`, what the requested shares are worth now or were at the request, and the noted value, as far as
/// `available_atoms` go, and at least `min_atoms`; shares in proportion, rounded up, are given up, the rest of the request stays
/// (O-4). Shares that are worth nothing are given up for nothing, if the holder accepts that.
/// Errors: `InsufficientCapital` when nothing is available, `PaidBelowLeast`.
fn redeem(
    ledger: &mut ShareLedger,
    holding: &mut Holding,
    worth_atoms: u64,
    (available_atoms, min_atoms): (u64, u64),
) -> RiskResult<Redemption> {
    let requested = holding.requested_shares;
    let due = worth_atoms.min(holding.noted_atoms);
    let paid_atoms = due.min(available_atoms);
    if paid_atoms == 0 && due > 0 {
        return Err(RiskError::InsufficientCapital);
    }
    if paid_atoms < min_atoms {
        return Err(RiskError::PaidBelowLeast);
    }
    let burned_shares = if paid_atoms == due { requested } else { mul_div_ceil(requested, paid_atoms, due)? };
    let left = sub(requested, burned_shares)?;
    holding.requested_atoms = mul_div_floor(holding.requested_atoms, left, requested)?;
    holding.noted_atoms = mul_div_floor(holding.noted_atoms, left, requested)?;
    holding.requested_shares = left;
    holding.shares = sub(holding.shares, burned_shares)?;
    ledger.total = sub(ledger.total, burned_shares)?;
    Ok(Redemption { paid_atoms, burned_shares })
}

const _: () = {
    assert!(core::mem::size_of::<ShareLedger>() == 16);
    assert!(core::mem::size_of::<Holding>() == 56);
};
