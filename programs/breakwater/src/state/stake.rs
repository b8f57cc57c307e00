//! A stake: one owner's shares of the insurance fund or of the backstop.

use anchor_lang::prelude::*;
use breakwater_risk::shares::Holding;

/// Shares of one owner in one pool.
#[account(zero_copy)]
#[derive(Debug)]
pub struct Stake {
    /// The insurance fund or the backstop.
    pub pool: Pubkey,
    /// Owner.
    pub owner: Pubkey,
    /// Shares and request to leave.
    pub state: Holding,
    /// Bump of this account.
    pub bump: u8,
    /// Version of the layout.
    pub version: u8,
    /// Zero.
    pub padding: [u8; 6],
}

impl Stake {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + std::mem::size_of::<Self>();
    /// Newest version of the layout.
    pub const VERSION: u8 = 1;
}
