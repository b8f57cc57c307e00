//! Who of a keeper's accounts should take a slice: takers that it brings closer to flat first (spec U-4 … U-7).

use crate::preview;
use crate::taker::Taker;
use crate::view::Snapshot;
use anchor_lang::prelude::Pubkey;
use breakwater::MarginAccount;
use breakwater_risk::liquidation::SliceReport;
use breakwater_risk::Now;
use std::cmp::Reverse;

/// An account that may take a slice, and what `liquidate` would do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NettingTaker {
    /// Address of the account.
    pub account: Pubkey,
    /// The slice it would take.
    pub slice: SliceReport,
}

impl NettingTaker {
    /// Whether the slice would be netted: it counts for less than its notional in the flow meter.
    pub fn is_netting(&self) -> bool {
        self.slice.flow_atoms < self.slice.notional_atoms
    }
}

/// The best taker for a slice of `account` among `candidates`, the accounts that the keeper may operate: one that restores
/// the account, else the one that closes the most; of those the one that uses the least flow, of those the one that
/// receives the most; the first of equals. Where slices restore the account a netting one closes less, since less of it
/// presses on the price. None if the program would refuse all of them. Candidates on the failing account's own side are passed over, as
/// the program refuses them.
pub fn find_netting_taker<'a>(
    snapshot: &Snapshot,
    market_index: u16,
    account: &MarginAccount,
    candidates: impl IntoIterator<Item = (Pubkey, Taker<'a>)>,
    now: &Now,
) -> Option<NettingTaker> {
    let mut best: Option<NettingTaker> = None;
    for (key, candidate) in candidates.into_iter().filter(|(_, candidate)| candidate.may_take_from(account)) {
        let Ok(slice) = preview::liquidate(snapshot, market_index, account, candidate, now) else { continue };
        let rank = |slice: &SliceReport| {
            let closed_atoms = if slice.is_restored { u64::MAX } else { slice.notional_atoms };
            (closed_atoms, Reverse(slice.flow_atoms), slice.keeper_atoms)
        };
        if best.is_none_or(|best| rank(&slice) > rank(&best.slice)) {
            best = Some(NettingTaker { account: key, slice });
        }
    }
    best
}
