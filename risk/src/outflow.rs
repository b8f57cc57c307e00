//! Exchange-wide limit of net outflow per window, with a guaranteed minimum per account.
//!
//! A deposit first undoes what the account withdrew in this window; the rest the account may take back freely. So round trips
//! do not count, whichever way they begin. Only its own: a deposit of one account never opens the door for another. The limit is
//! a part of what has stayed in the vault for a while, so that money which comes for a moment raises it for nobody. Windows are
//! fixed parts of unix time, so at a boundary two windows' limits may follow each other.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul_ppm_floor, sub};
use crate::state::AccountState;
use bytemuck::{Pod, Zeroable};

/// Window length that stands for a missing one, seconds.
const DEFAULT_WINDOW_S: u64 = 3_600;
/// Time for which money must have stayed booked before a window starts, seconds.
pub const STAY_S: u64 = 600;

/// Outflow of an exchange in the current window.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct OutflowWindow {
    /// Number of the window: unix seconds / window length.
    pub window: u64,
    /// Atoms that had stayed booked in the vault when the window started.
    pub base_atoms: u64,
    /// Withdrawn under the shared limit in this window and not deposited again, atoms.
    pub out_atoms: u64,
    /// Number of the last period (unix seconds / 600) in which anybody deposited or withdrew.
    pub stay_period: u64,
    /// Least that was booked in that period, atoms.
    pub stayed_atoms: u64,
    /// Least that was booked in the period before it, atoms.
    pub stayed_before_atoms: u64,
}

impl OutflowWindow {
    /// Records what is booked before a deposit or withdrawal: since the last one, no money came that could go again soon. Returns
    /// the least that was booked in the present period of 600 s and the whole one before it. Unit: atoms.
    fn stay(&mut self, booked_atoms: u64, unix: i64) -> u64 {
        let period = u64::try_from(unix).unwrap_or(0) / STAY_S;
        match period.saturating_sub(self.stay_period) {
            0 => self.stayed_atoms = self.stayed_atoms.min(booked_atoms),
            1 => (self.stayed_before_atoms, self.stayed_atoms) = (self.stayed_atoms.min(booked_atoms), booked_atoms),
            _ => (self.stayed_before_atoms, self.stayed_atoms) = (booked_atoms, booked_atoms),
        }
        self.stay_period = self.stay_period.max(period);
        self.stayed_atoms.min(self.stayed_before_atoms)
    }
}

/// Limits of an exchange's outflow. Zero means none, never unlimited.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct OutflowLimits {
    /// Length of a window, seconds; 0 stands for an hour.
    pub window_seconds: u32,
    /// Shared limit as a part of the vault at the window's start, ppm.
    pub limit_ppm: u32,
    /// What every account may withdraw per window whatever others do, atoms.
    pub guaranteed_atoms: u64,
    /// Reserved, zero.
    pub reserved: [u64; 2],
}

impl OutflowLimits {
    fn window_at(&self, unix: i64) -> u64 {
        let length = match u64::from(self.window_seconds) {
            0 => DEFAULT_WINDOW_S,
            seconds => seconds,
        };
        u64::try_from(unix).unwrap_or(0).checked_div(length).unwrap_or(0)
    }
}

/// Records a deposit. It first undoes what the account took of the shared limit in this window, then what it took of its guarantee;
/// the rest the account may take back within the window. `booked_atoms` is the vault's booked total before it. Errors: `Overflow`.
/// Rule W-4.
pub fn record_deposit(
    window: &mut OutflowWindow,
    limits: &OutflowLimits,
    account: &mut AccountState,
    amount_atoms: u64,
    booked_atoms: u64,
    unix: i64,
) -> RiskResult<()> {
    roll(window, limits, account, booked_atoms, unix);
    let shared = amount_atoms.min(account.window_shared_atoms);
    let guaranteed = sub(amount_atoms, shared)?.min(account.window_guaranteed_atoms);
    let rest = sub(sub(amount_atoms, shared)?, guaranteed)?;
    window.out_atoms = window.out_atoms.saturating_sub(shared); // at least that: it is the sum over the accounts
    account.window_shared_atoms = sub(account.window_shared_atoms, shared)?;
    account.window_guaranteed_atoms = sub(account.window_guaranteed_atoms, guaranteed)?;
    account.window_deposits_atoms = add(account.window_deposits_atoms, rest)?;
    Ok(())
}

/// Records a withdrawal: first what the account deposited in this window, then its guaranteed minimum, then the shared
/// limit `limit_ppm` of what had stayed booked when the window started, rounded down. `booked_atoms` is the vault's booked
/// total before it. Errors: `OutflowLimit`. Rule W-4.
pub fn record_withdrawal(
    window: &mut OutflowWindow,
    limits: &OutflowLimits,
    account: &mut AccountState,
    amount_atoms: u64,
    booked_atoms: u64,
    unix: i64,
) -> RiskResult<()> {
    roll(window, limits, account, booked_atoms, unix);
    let returned = amount_atoms.min(account.window_deposits_atoms);
    let rest = sub(amount_atoms, returned)?;
    let guaranteed = rest.min(limits.guaranteed_atoms.saturating_sub(account.window_guaranteed_atoms));
    let shared = sub(rest, guaranteed)?;
    let out = window.out_atoms.saturating_add(shared);
    if shared > 0 && out > mul_ppm_floor(window.base_atoms, u64::from(limits.limit_ppm))? {
        return Err(RiskError::OutflowLimit);
    }
    window.out_atoms = out;
    account.window_deposits_atoms = sub(account.window_deposits_atoms, returned)?;
    account.window_guaranteed_atoms = add(account.window_guaranteed_atoms, guaranteed)?;
    account.window_shared_atoms = add(account.window_shared_atoms, shared)?;
    Ok(())
}

/// Starts a new window of the exchange and of the account where time has passed into it.
fn roll(window: &mut OutflowWindow, limits: &OutflowLimits, account: &mut AccountState, booked_atoms: u64, unix: i64) {
    let stayed_atoms = window.stay(booked_atoms, unix);
    let current = limits.window_at(unix);
    if current != window.window {
        (window.window, window.base_atoms, window.out_atoms) = (current, stayed_atoms, 0);
    }
    if window.window != account.outflow_window {
        account.outflow_window = window.window;
        account.window_deposits_atoms = 0;
        account.window_guaranteed_atoms = 0;
        account.window_shared_atoms = 0;
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;

    const VAULT: u64 = 1_000_000_000_000;
    const HOUR: i64 = 3_600;
    const LIMITS: OutflowLimits =
        OutflowLimits { window_seconds: 3_600, limit_ppm: 250_000, guaranteed_atoms: 10_000_000_000, reserved: [0; 2] };

    fn fresh() -> (OutflowWindow, AccountState) {
        (Zeroable::zeroed(), Zeroable::zeroed())
    }

    #[test]
    fn account_may_withdraw_its_guarantee_and_then_the_shared_limit() {
        let (mut window, mut account) = fresh();
        let most = LIMITS.guaranteed_atoms + VAULT / 4;
        let mut over = (window, account);
        let refused = record_withdrawal(&mut over.0, &LIMITS, &mut over.1, most + 1, VAULT, HOUR);
        assert_eq!(refused, Err(RiskError::OutflowLimit));
        record_withdrawal(&mut window, &LIMITS, &mut account, most, VAULT, HOUR).unwrap();
        assert_eq!(record_withdrawal(&mut window, &LIMITS, &mut account, 1, VAULT, HOUR), Err(RiskError::OutflowLimit));
    }

    #[test]
    fn every_account_keeps_its_guarantee_when_others_used_up_the_limit() {
        let (mut window, mut first) = fresh();
        record_withdrawal(&mut window, &LIMITS, &mut first, LIMITS.guaranteed_atoms + VAULT / 4, VAULT, HOUR).unwrap();
        let (_, mut second) = fresh();
        record_withdrawal(&mut window, &LIMITS, &mut second, LIMITS.guaranteed_atoms, VAULT, HOUR).unwrap();
    }

    #[test]
    fn round_trips_do_not_count_but_only_for_the_account_that_made_them() {
        let (mut window, mut trader) = fresh();
        for _ in 0..100 {
            record_deposit(&mut window, &LIMITS, &mut trader, VAULT, VAULT, HOUR).unwrap();
            record_withdrawal(&mut window, &LIMITS, &mut trader, VAULT, 2 * VAULT, HOUR).unwrap();
        }
        assert_eq!((window.out_atoms, trader.window_guaranteed_atoms, trader.window_shared_atoms), (0, 0, 0));
        let (_, mut other) = fresh();
        record_deposit(&mut window, &LIMITS, &mut trader, VAULT, VAULT, HOUR).unwrap();
        assert_eq!(
            record_withdrawal(&mut window, &LIMITS, &mut other, VAULT, 2 * VAULT, HOUR),
            Err(RiskError::OutflowLimit)
        );
    }

    #[test]
    fn what_comes_back_frees_what_it_took_in_the_reverse_order() {
        let (mut window, mut account) = fresh();
        let guaranteed = LIMITS.guaranteed_atoms;
        let shared = VAULT / 8;
        record_withdrawal(&mut window, &LIMITS, &mut account, guaranteed + shared, VAULT, HOUR).unwrap();
        assert_eq!(window.out_atoms, shared);
        let mut deposit = |amount, left| {
            record_deposit(&mut window, &LIMITS, &mut account, amount, VAULT, HOUR).unwrap();
            let used = (account.window_shared_atoms, account.window_guaranteed_atoms, account.window_deposits_atoms);
            assert_eq!((window.out_atoms, used), (used.0, left));
        };
        deposit(shared - 1, (1, guaranteed, 0));
        deposit(1 + guaranteed - 2, (0, 2, 0));
        deposit(7, (0, 0, 5));
        record_withdrawal(&mut window, &LIMITS, &mut account, 5 + guaranteed + VAULT / 4, VAULT, HOUR).unwrap();
        assert_eq!((window.out_atoms, account.window_deposits_atoms), (VAULT / 4, 0));
    }

    #[test]
    fn what_was_taken_in_an_earlier_window_frees_nothing_in_this_one() {
        let (mut window, mut account) = fresh();
        record_withdrawal(&mut window, &LIMITS, &mut account, VAULT / 8, VAULT, HOUR).unwrap();
        record_deposit(&mut window, &LIMITS, &mut account, VAULT / 8, VAULT, 2 * HOUR).unwrap();
        assert_eq!((window.out_atoms, account.window_deposits_atoms), (0, VAULT / 8));
    }

    #[test]
    fn base_is_what_has_stayed_for_ten_minutes_before_the_window() {
        let (start, limits) = (10 * HOUR, LIMITS);
        // What is booked before each deposit or withdrawal, at so many seconds before the window starts.
        let base = |calls: &[(i64, u64)]| {
            let (mut window, mut account) = fresh();
            for (before_s, booked_atoms) in calls {
                record_deposit(&mut window, &limits, &mut account, 1, *booked_atoms, start - before_s).unwrap();
            }
            assert_eq!(window.window, 10);
            window.base_atoms
        };
        assert_eq!(base(&[(4_000, 0), (0, 100)]), 100, "came an hour ago");
        assert_eq!(base(&[(4_000, 100), (601, 100), (-1, 100)]), 100);
        assert_eq!(base(&[(4_000, 40), (1, 40), (0, 100)]), 40, "came in the last second");
        assert_eq!(base(&[(4_000, 40), (599, 40), (300, 100), (-5, 100)]), 40, "came in the last ten minutes");
        assert_eq!(base(&[(4_000, 40), (1_300, 40), (500, 100), (-5, 100)]), 100, "came twenty minutes ago");
        assert_eq!(base(&[(1_000, 100), (500, 30), (300, 100), (0, 100)]), 30, "was away for a moment");
        assert_eq!(base(&[(4_000, 100), (300, 100), (0, 60)]), 60, "left");
        assert_eq!(base(&[(4_000, 40), (1, 40), (-700, 100)]), 100, "nobody did anything for ten minutes");
    }

    #[test]
    fn next_window_starts_anew_from_what_is_booked_then() {
        let (mut window, mut account) = fresh();
        record_withdrawal(&mut window, &LIMITS, &mut account, VAULT / 4, VAULT, HOUR).unwrap();
        record_withdrawal(&mut window, &LIMITS, &mut account, VAULT / 8, VAULT / 2, 2 * HOUR).unwrap();
        assert_eq!((window.window, window.base_atoms), (2, VAULT / 2));
    }

    #[test]
    fn longer_windows_by_governance_do_not_leave_the_old_window_in_force() {
        let (mut window, mut account) = fresh();
        record_withdrawal(&mut window, &LIMITS, &mut account, VAULT / 4, VAULT, 10 * HOUR).unwrap();
        let longer = OutflowLimits { window_seconds: 7_200, ..LIMITS };
        record_withdrawal(&mut window, &longer, &mut account, VAULT / 8, VAULT / 2, 10 * HOUR).unwrap();
    }

    #[test]
    fn zero_limits_mean_nothing_and_never_unlimited() {
        let (mut window, mut account) = fresh();
        let none: OutflowLimits = Zeroable::zeroed();
        assert_eq!(record_withdrawal(&mut window, &none, &mut account, 1, VAULT, HOUR), Err(RiskError::OutflowLimit));
        let only_guarantee = OutflowLimits { guaranteed_atoms: 5, ..none };
        record_withdrawal(&mut window, &only_guarantee, &mut account, 5, VAULT, HOUR).unwrap();
        assert_eq!(
            record_withdrawal(&mut window, &only_guarantee, &mut account, 1, VAULT, HOUR),
            Err(RiskError::OutflowLimit)
        );
    }
}
