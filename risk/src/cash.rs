//! Withdrawals of capital (DESIGN section 4; spec W-1 … W-2).

use crate::error::{RiskError, RiskResult};
use crate::fixed::{signed, sub, sub_signed};
use crate::health::{Health, MarketLookup};
use crate::state::{AccountState, Now};

/// Most that the owner may withdraw: capital, and what `E_withdraw` leaves above initial margin (W-1).
/// Profits never count; losses and debts do; a leg without a fresh price needs its margin twice. Unit: atoms. Errors: `NoSuchMarket`.
pub fn withdrawable_atoms(account: &AccountState, others: &impl MarketLookup, now: &Now) -> RiskResult<u64> {
    let health = Health::assess_for_withdrawal(account, others, now)?;
    let free = sub_signed(health.equity_withdraw(), signed(health.initial()))?.max(0);
    Ok(u64::try_from(free).unwrap_or(u64::MAX).min(account.capital_atoms))
}

/// Takes `atoms` out of capital (W-2). Errors: `ZeroSize`, `InsufficientCapital`, `InitialMargin`.
pub fn withdraw(account: &mut AccountState, atoms: u64, others: &impl MarketLookup, now: &Now) -> RiskResult<()> {
    if atoms == 0 {
        return Err(RiskError::ZeroSize);
    }
    if atoms > account.capital_atoms {
        return Err(RiskError::InsufficientCapital);
    }
    if atoms > withdrawable_atoms(account, others, now)? {
        return Err(RiskError::InitialMargin);
    }
    account.capital_atoms = sub(account.capital_atoms, atoms)?;
    Ok(())
}
