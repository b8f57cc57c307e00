//! Exchange-wide limit of net outflow per window, with a guaranteed minimum per account (DESIGN section 7).
//!
//! What an account deposited in this window it may take back freely, so round trips do not count. Only its own: a
//! deposit of one account never opens the door for another. Windows are fixed parts of unix time, so at
//! a boundary two windows' limits may follow each other.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul_ppm_floor, sub};
use crate::state::AccountState;
use bytemuck::{Pod, Zeroable};

/// Window length that stands for a missing one, seconds.
const DEFAULT_WINDOW_S: u64 = 3_600;

/// Outflow of an exchange in the current window.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct OutflowWindow {
    /// Number of the window: unix seconds / window length.
    pub window: u64,
    /// Atoms booked in the vault when the window started.
    pub base_atoms: u64,
    /// Withdrawn under the shared limit in this window, atoms.
    pub out_atoms: u64,
    /// Reserved, zero.
    pub reserved: [u64; 2],
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

/// Notes a deposit: the account may take it back within this window. `booked_atoms` is the vault's booked total before
/// it. Errors: `Overflow`. Rule W-4.
pub fn record_deposit(
    window: &mut OutflowWindow,
    limits: &OutflowLimits,
    account: &mut AccountState,
    amount_atoms: u64,
    booked_atoms: u64,
    unix: i64,
) -> RiskResult<()> {
    roll(window, limits, account, booked_atoms, unix);
    account.window_deposits_atoms = add(account.window_deposits_atoms, amount_atoms)?;
    Ok(())
}

/// Notes a withdrawal: first what the account deposited in this window, then its guaranteed minimum, then the shared
/// limit `limit_ppm` of the booked total at the window's start, rounded down. `booked_atoms` is the vault's booked
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
    Ok(())
}

/// Starts a new window of the exchange and of the account where time has passed into it.
fn roll(window: &mut OutflowWindow, limits: &OutflowLimits, account: &mut AccountState, booked_atoms: u64, unix: i64) {
    let current = limits.window_at(unix);
    if current != window.window {
        *window = OutflowWindow { window: current, base_atoms: booked_atoms, out_atoms: 0, reserved: window.reserved };
    }
    if window.window != account.outflow_window {
        account.outflow_window = window.window;
        account.window_deposits_atoms = 0;
        account.window_guaranteed_atoms = 0;
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
        assert_eq!((window.out_atoms, trader.window_guaranteed_atoms), (0, 0));
        let (_, mut other) = fresh();
        record_deposit(&mut window, &LIMITS, &mut trader, VAULT, VAULT, HOUR).unwrap();
        assert_eq!(
            record_withdrawal(&mut window, &LIMITS, &mut other, VAULT, 2 * VAULT, HOUR),
            Err(RiskError::OutflowLimit)
        );
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
