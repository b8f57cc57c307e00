//! The insurance fund of an exchange.

use anchor_lang::prelude::*;
use breakwater_risk::insurance::FundState;

/// Cash that pays deficits before anybody else does. It is booked in the exchange's vault; no instruction lets a
/// key take from it but its stakers, their shares (spec I-3 … I-5).
#[account(zero_copy)]
#[derive(Debug)]
pub struct InsuranceFund {
    /// Exchange it insures.
    pub exchange: Pubkey,
    /// Balance and shares.
    pub state: FundState,
    /// Bump of this account.
    pub bump: u8,
    /// Version of the layout.
    pub version: u8,
    /// Zero.
    pub padding: [u8; 6],
}

impl InsuranceFund {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + std::mem::size_of::<Self>();
    /// Newest version of the layout.
    pub const VERSION: u8 = 1;
}
