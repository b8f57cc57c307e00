//! Owns which willing account takes what keepers close: one that it brings closer to flat.
//!
//! Of the willing traders the keepers keep a list of each side, the largest first, drawn up anew when it is a minute old. For
//! one close they look at the first [`LOOKS`] that still have a position on the other side, so a close costs the same however
//! many are willing. What such an account takes is hedged by nobody.

use breakwater_risk::{derisk::DeriskReport, RiskError, RiskResult};
use breakwater_sdk::netting::find_netting_taker;

use super::super::{
    backend::Backend,
    books::{Books, Who, MARKET},
    snapshot,
};
use super::Keeping;

/// Willing accounts looked at for one close.
const LOOKS: usize = 2;
/// Seconds after which the lists are drawn up anew.
const LISTS_AGE_S: u64 = 60;

/// The traders that are willing to take what brings them closer to flat.
#[derive(Debug, Default)]
pub struct Willing {
    traders: Vec<usize>,
    longs: Vec<usize>,
    shorts: Vec<usize>,
    listed_s: Option<u64>,
}

impl Willing {
    /// These traders, by place.
    pub fn new(traders: Vec<usize>) -> Self {
        Self { traders, ..Self::default() }
    }

    /// The largest few with a position on the other side than `lots`.
    fn opposing(&mut self, books: &Books, lots: i64, time_s: u64) -> Vec<Who> {
        if self.listed_s.is_none_or(|listed_s| time_s >= listed_s + LISTS_AGE_S) {
            self.list(books, time_s);
        }
        let side = if lots > 0 { &self.shorts } else { &self.longs };
        let accounts = side.iter().map(|trader| Who::Trader(*trader));
        accounts.filter(|who| books.lots(*who).signum() == -lots.signum()).take(LOOKS).collect()
    }

    fn list(&mut self, books: &Books, time_s: u64) {
        let mut held: Vec<(i64, usize)> =
            self.traders.iter().map(|trader| (books.lots(Who::Trader(*trader)), *trader)).collect();
        held.sort_by_key(|(lots, trader)| (std::cmp::Reverse(lots.unsigned_abs()), *trader));
        let side =
            |sign: i64| held.iter().filter(|(lots, _)| lots.signum() == sign).map(|(_, trader)| *trader).collect();
        (self.longs, self.shorts, self.listed_s) = (side(1), side(-1), Some(time_s));
    }
}

impl<B: Backend> Keeping<B> {
    /// The willing account that should take a slice of a failing one, if there is one that nets it.
    pub(super) fn netting_taker(&mut self, failing: Who, time_s: u64) -> Option<Who> {
        let candidates = self.candidates(failing, time_s);
        let books = self.backend.books();
        let accounts = candidates.iter().map(|who| (snapshot::owner(*who), books.margin_account(*who)));
        let accounts: Vec<_> = accounts.collect();
        let (snapshot, account) = (books.snapshot(), books.margin_account(failing));
        let takers = accounts.iter().map(|(key, account)| (*key, account.into()));
        let taker = find_netting_taker(&snapshot, MARKET, &account, takers, &books.now)?;
        if !taker.is_netting() {
            return None;
        }
        candidates.into_iter().find(|who| snapshot::owner(*who) == taker.account)
    }

    /// The willing account that should take a part of one at risk, if there is one that nets it.
    pub(super) fn derisk_taker(&mut self, at_risk: Who, time_s: u64) -> Option<Who> {
        let is_netting = |report: &DeriskReport| report.flow_atoms < report.notional_atoms;
        let candidates = self.candidates(at_risk, time_s);
        let books = self.backend.books();
        candidates.into_iter().find(|who| books.preview_derisk(at_risk, *who).is_ok_and(|report| is_netting(&report)))
    }

    /// The willing accounts that are looked at for a close of this one; it is not among them, being on the other side.
    fn candidates(&mut self, closed: Who, time_s: u64) -> Vec<Who> {
        let books = self.backend.books();
        match books.lots(closed) {
            0 => Vec::new(),
            lots => self.willing.opposing(books, lots, time_s),
        }
    }
}

/// Whether a close that a keeper cannot take, for this reason, may be taken by an account that nets it.
pub(super) fn may_net<T>(previewed: &RiskResult<T>) -> bool {
    matches!(previewed, Ok(_) | Err(RiskError::FlowExhausted | RiskError::SliceUseless))
}
