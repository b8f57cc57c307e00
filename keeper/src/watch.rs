//! Which accounts a plan must look at: those that the SDK's scan finds at the present marks, or at those after a refresh, and
//! those that changed since the scan was last prepared. The others are neither under maintenance nor flagged.

use crate::world::World;
use anchor_lang::prelude::Pubkey;
use breakwater_risk::state::StoredI128;
use breakwater_risk::MarketState;
use breakwater_sdk::scan::{scan, Marks, Summary};
use breakwater_sdk::Snapshot;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Part of its maintenance that counts as used up while a summary is kept: a maintenance rate rises slower than that.
const CUSHION_PPM: u32 = 20_000;
/// Longest time for which summaries are kept.
const KEPT: Duration = Duration::from_secs(20);
/// Accounts that changed meanwhile before all are summarised again.
const CHANGED_MAX: usize = 500;

/// Summaries of all accounts but those that changed since.
#[derive(Default)]
pub struct Watch {
    marks: Marks,
    keys: Vec<Pubkey>,
    summaries: Vec<Summary>,
    changed: BTreeSet<Pubkey>,
    made: Option<(Instant, Vec<Ledger>)>,
}

/// What of a market moves the value of legs that nobody touched, beside its mark: indices, and what is unfunded.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ledger([u64; 3], [StoredI128; 2], u64);

fn ledgers(snapshot: &Snapshot) -> Vec<Ledger> {
    let of = |market: &MarketState| {
        let (long, short) = (&market.long, &market.short);
        let indices = [long.size_index, short.size_index, market.claim_index];
        Ledger(indices, [long.cash_index, short.cash_index], market.unfunded_atoms)
    };
    snapshot.iter().map(|view| of(&view.market.state)).collect()
}

impl Watch {
    /// An account changed, or is new.
    pub fn mark_changed(&mut self, key: Pubkey) {
        self.changed.insert(key);
    }

    /// Summarises all accounts anew where it is time.
    pub fn prepare(&mut self, world: &World, at: Instant) {
        let snapshot = &world.view.snapshot;
        let ledgers = ledgers(snapshot);
        let holds = |(made, made_of): &(Instant, Vec<Ledger>)| {
            at.saturating_duration_since(*made) <= KEPT && *made_of == ledgers
        };
        if self.made.as_ref().is_some_and(holds) && self.changed.len() <= CHANGED_MAX {
            return;
        }
        (self.marks, self.made) = (Marks::of(snapshot), Some((at, ledgers)));
        self.changed.clear();
        self.keys.clear();
        self.summaries.clear();
        for (key, account) in world.accounts() {
            self.keys.push(*key);
            self.summaries.push(Summary::of(snapshot, account, CUSHION_PPM, &world.view.now));
        }
    }

    /// The accounts to look at, given the exchange as it is and as it would be after refreshes.
    pub fn candidates<'a>(&self, snapshots: impl Iterator<Item = &'a Snapshot>) -> BTreeSet<Pubkey> {
        let mut candidates = self.changed.clone();
        let mut found = Vec::new();
        for snapshot in snapshots {
            found.clear();
            scan(&self.summaries, &self.marks.moves_to(&Marks::of(snapshot)), &mut found);
            let places = found.iter().filter_map(|place| usize::try_from(*place).ok());
            candidates.extend(places.filter_map(|place| self.keys.get(place)));
        }
        candidates
    }
}
