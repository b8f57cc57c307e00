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
    /// Version of the layout.
    pub version: u8,
}

impl Venue {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + Self::INIT_SPACE;
    /// Newest version of the layout.
    pub const VERSION: u8 = 1;
    /// Where the version stands.
    pub const VERSION_OFFSET: usize = 8 + 32 + 32 + 1;
}
