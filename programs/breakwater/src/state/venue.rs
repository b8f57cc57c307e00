//! A venue: a matching program's signer that may submit fills.

use anchor_lang::prelude::*;

/// Registration of a matching program's signer at one exchange.
#[account]
#[derive(Debug, InitSpace)]
pub struct Venue {
    /// Exchange it is registered at.
    pub exchange: Pubkey,
    /// PDA of the matching program that signs fills.
    pub signer: Pubkey,
    /// Bump of this account.
    pub bump: u8,
}
