//! A market: identity and oracle, around the money state of `breakwater_risk`.

use anchor_lang::prelude::*;
use breakwater_risk::MarketState;

/// One perpetual market of an exchange.
#[account(zero_copy)]
#[derive(Debug)]
pub struct Market {
    /// Exchange that lists it.
    pub exchange: Pubkey,
    /// Pyth feed id.
    pub feed_id: [u8; 32],
    /// Legacy push account that is accepted too; default = none.
    pub legacy_price_account: Pubkey,
    /// Address of the exchange's backstop, whether it exists or not.
    pub backstop: Pubkey,
    /// Address of the backstop's margin account.
    pub backstop_account: Pubkey,
    /// Address of the exchange's macro index, whether it exists or not.
    pub macro_index: Pubkey,
    /// Number of events emitted for this market.
    pub sequence: u64,
    /// Index in the exchange.
    pub index: u16,
    /// A lot is 10^this base tokens.
    pub lot_exponent: i8,
    /// Bump of this account.
    pub bump: u8,
    /// Version of the layout.
    pub version: u8,
    /// Zero.
    pub padding: [u8; 3],
    /// Parameters, price, depth, sides, pool.
    pub state: MarketState,
    /// What the next layout adds: only in the build that tests the way there (tests/next).
    #[cfg(feature = "next-layout")]
    pub next: [u64; 4],
}

/// DESIGN section 3: at most 4 KB.
const _: () = assert!(Market::SPACE <= 4_096);

impl Market {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + std::mem::size_of::<Self>();
    /// Newest version of the layout.
    pub const VERSION: u8 = if cfg!(feature = "next-layout") { 2 } else { 1 };

    /// Number of the next event of this market.
    pub fn next_sequence(&mut self) -> u64 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }
}
