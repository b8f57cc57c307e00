//! Owns the books as the SDK reads an exchange, so that keepers can ask it whatever the backend is.
//!
//! Addresses and owners stand for places in the books; no two accounts have the same owner.

use anchor_lang::prelude::Pubkey;
use breakwater::{MarginAccount, Market};
use breakwater_sdk::Snapshot;
use bytemuck::Zeroable;

use super::books::{Books, Who, MARKET};

impl Books {
    /// The market as the SDK reads it now.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new();
        snapshot.insert(Pubkey::default(), Market { index: MARKET, state: self.market, ..Market::zeroed() });
        snapshot
    }

    /// An account as the SDK reads it now.
    pub fn margin_account(&self, who: Who) -> MarginAccount {
        MarginAccount { owner: owner(who), state: *self.account(who), ..MarginAccount::zeroed() }
    }
}

/// The key that stands for whom an account belongs to.
pub fn owner(who: Who) -> Pubkey {
    let (role, place) = match who {
        Who::Trader(place) => (1, place),
        Who::Keeper(place) => (2, place),
        Who::Maker(place) => (3, place),
        Who::Backstop => (4, 0),
    };
    let mut bytes = [role; 32];
    bytes[..8].copy_from_slice(&(place as u64).to_le_bytes());
    Pubkey::new_from_array(bytes)
}
