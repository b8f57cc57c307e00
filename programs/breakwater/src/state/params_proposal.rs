//! A proposal to change a market's parameters.

use anchor_lang::prelude::*;
use breakwater_risk::params::MARKET_PARAMS_BYTES;

/// What shall become a market's parameters; a market has one proposal at most.
#[account]
#[derive(Debug, InitSpace)]
pub struct ParamsProposal {
    /// Market it is for.
    pub market: Pubkey,
    /// Authority that made it: it paid the rent and gets that back.
    pub proposer: Pubkey,
    /// Parameters proposed, as bytes of `breakwater_risk::MarketParams`.
    pub to: [u8; MARKET_PARAMS_BYTES],
    /// `Exchange::term` in which it was made: it holds for no other.
    pub term: u64,
    /// Unix time from which it may be applied.
    pub apply_at: i64,
    /// Bump of this account.
    pub bump: u8,
    /// Version of the layout.
    pub version: u8,
}

impl ParamsProposal {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + Self::INIT_SPACE;
    /// Newest version of the layout.
    pub const VERSION: u8 = 1;
    /// Where the version stands.
    pub const VERSION_OFFSET: usize = 8 + 32 + 32 + MARKET_PARAMS_BYTES + 8 + 8 + 1;
}
