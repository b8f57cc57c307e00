//! The macro index of an exchange, and its reading by markets.

use crate::errors::BreakwaterError;
use crate::oracle::PriceSource;
use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use breakwater_risk::macro_index::{MacroIndexState, MACRO_FEEDS};
use breakwater_risk::state::MacroView;

/// Feeds that an exchange watches beside its markets' own, and the stress that follows from them (spec M-5 … M-11).
#[account(zero_copy)]
#[derive(Debug)]
pub struct MacroIndex {
    /// Exchange it serves.
    pub exchange: Pubkey,
    /// Where the feeds' prices come from, in the order of the state's feeds.
    pub sources: [MacroSource; MACRO_FEEDS],
    /// Number of events emitted for this index.
    pub sequence: u64,
    /// Bump of this account.
    pub bump: u8,
    /// Version of the layout.
    pub version: u8,
    /// Zero.
    pub padding: [u8; 6],
    /// Terms, prices and statistics of the feeds, and the stress.
    pub state: MacroIndexState,
}

/// Where a feed's prices come from.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MacroSource {
    /// Pyth feed id; zero = unused place.
    pub feed_id: [u8; 32],
    /// Legacy push account that is accepted too; default = none.
    pub legacy_price_account: Pubkey,
}

impl MacroIndex {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + std::mem::size_of::<Self>();
    /// Newest version of the layout.
    pub const VERSION: u8 = 1;

    /// Place of the feed that a price came from.
    pub fn find(&self, source: &PriceSource) -> Option<usize> {
        self.sources.iter().position(|feed| source.is_of(&feed.feed_id, &feed.legacy_price_account))
    }

    /// Sources of the feeds that it has, in their order.
    pub fn used_sources(&self) -> impl Iterator<Item = &MacroSource> {
        self.sources.iter().filter(|source| source.feed_id != [0; 32])
    }

    /// Number of the next event of this index.
    pub fn next_sequence(&mut self) -> u64 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }
}

/// What the index says now, if the exchange has one. The caller has checked the address, which is program-derived: what the
/// program owns there is what it says.
pub fn read_macro_view(info: &AccountInfo<'_>) -> Result<Option<MacroView>> {
    let data = info.try_borrow_data().map_err(|_| BreakwaterError::DuplicateAccount)?;
    if *info.owner != crate::ID || !data.starts_with(MacroIndex::DISCRIMINATOR) {
        return Ok(None);
    }
    require_gte!(data.len(), MacroIndex::SPACE, BreakwaterError::AccountOutdated);
    Ok(Some(bytemuck::from_bytes::<MacroIndex>(&data[8..MacroIndex::SPACE]).state.view()))
}
