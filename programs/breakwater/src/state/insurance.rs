//! The insurance fund of an exchange.

use anchor_lang::prelude::*;

/// Cash that pays deficits before anybody else does. It is booked in the exchange's vault; no instruction lets a
/// key take from it.
#[account]
#[derive(Debug, InitSpace)]
pub struct InsuranceFund {
    /// Exchange it insures.
    pub exchange: Pubkey,
    /// Balance, atoms.
    pub balance_atoms: u64,
    /// Bump of this account.
    pub bump: u8,
}
