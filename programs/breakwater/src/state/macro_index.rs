//! The macro index of an exchange, and its reading by markets.

use crate::errors::BreakwaterError;
use crate::instructions::MacroFeedArgs;
use crate::oracle::PriceSource;
use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use breakwater_risk::macro_index::{FeedTerms, MacroIndexState, MACRO_FEEDS};
use breakwater_risk::state::MacroView;
use breakwater_risk::RiskResult;

/// Feeds that an exchange watches beside its markets' own, and the stress that follows from them (spec M-5 … M-11, M-13, M-14).
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
    /// Feeds that are proposed, with the terms below; zero = unused place.
    pub pending_sources: [MacroSource; MACRO_FEEDS],
    /// Terms of the proposed feeds.
    pub pending_terms: [FeedTerms; MACRO_FEEDS],
    /// Unix time from which the proposed feeds may be applied; 0 = no proposal.
    pub apply_at: i64,
    /// `Exchange::term` in which they were proposed: the proposal holds for no other.
    pub pending_term: u64,
    /// Unix time from which markets read the index.
    pub effective_at: i64,
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

    /// What markets read of it at a unix time: nothing while its notice runs (M-13).
    pub fn view_at(&self, unix_timestamp: i64) -> Option<MacroView> {
        (unix_timestamp >= self.effective_at).then(|| self.state.view())
    }

    /// Feeds that are proposed, in their order.
    pub fn pending_feeds(&self) -> Vec<MacroFeedArgs> {
        let used = self.pending_sources.iter().zip(&self.pending_terms).filter(|(source, _)| source.feed_id != [0; 32]);
        used.map(|(source, terms)| MacroFeedArgs::new(source, terms)).collect()
    }

    /// Watches the proposed feeds from now on. Errors: `MacroFeedsInvalid` without a proposal.
    pub fn apply_proposal(&mut self) -> RiskResult<()> {
        let count = self.pending_sources.iter().filter(|source| source.feed_id != [0; 32]).count();
        self.state.start(&self.pending_terms[..count])?;
        self.sources = self.pending_sources;
        self.clear_proposal();
        Ok(())
    }

    /// Drops what is proposed.
    pub fn clear_proposal(&mut self) {
        self.pending_sources = [MacroSource::default(); MACRO_FEEDS];
        self.pending_terms = [bytemuck::Zeroable::zeroed(); MACRO_FEEDS];
        (self.apply_at, self.pending_term) = (0, 0);
    }

    /// Number of the next event of this index.
    pub fn next_sequence(&mut self) -> u64 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }
}

/// What the index says now, if the exchange has one and its notice has passed. The caller has checked the address, which is
/// program-derived: what the program owns there is what it says.
pub fn read_macro_view(info: &AccountInfo<'_>, unix_timestamp: i64) -> Result<Option<MacroView>> {
    let data = info.try_borrow_data().map_err(|_| BreakwaterError::DuplicateAccount)?;
    if *info.owner != crate::ID || !data.starts_with(MacroIndex::DISCRIMINATOR) {
        return Ok(None);
    }
    require_gte!(data.len(), MacroIndex::SPACE, BreakwaterError::AccountOutdated);
    Ok(bytemuck::from_bytes::<MacroIndex>(&data[8..MacroIndex::SPACE]).view_at(unix_timestamp))
}
