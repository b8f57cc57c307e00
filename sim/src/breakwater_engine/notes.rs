//! Owns what a run says about itself in words.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    books::{Books, Who},
    tally::{usd, Tally},
};
use crate::format::usd as dollars;

/// The notes of a run, a sentence each; `initial_lots` are those of the traders at the beginning.
pub fn notes(tally: &Tally, books: &Books, initial_lots: &[i64]) -> Vec<String> {
    let mut notes = vec![format!(
        "{} slices, {} predictive closes, {} of both netted, {} absorptions, {} sales of the backstop, {} deleveragings, {} \
         bankruptcies resolved in {} transactions",
        tally.slices,
        tally.derisk_closes,
        tally.nettings,
        tally.absorptions,
        tally.unwindings,
        tally.deleveragings,
        tally.bankruptcies,
        tally.acts
    )];
    notes.push(reduced(tally, books, initial_lots));
    let closed = tally.deleveraged_for.iter();
    let closed = closed.map(|(why, (count, atoms))| format!("{count} with {} {why}", dollars(usd(*atoms))));
    let closed: Vec<String> = closed.collect();
    if !closed.is_empty() {
        notes.push(format!("of those closed against the other side: {}", closed.join(", ")));
    }
    if !tally.waits.is_empty() {
        notes.push(format!(
            "times that a failing account was due and nothing could be done: {}; at longest for {} s",
            counted(&tally.waits),
            tally.longest_wait_s
        ));
    }
    if !tally.unsold.is_empty() {
        notes.push(format!("times that the backstop held something and could not sell: {}", counted(&tally.unsold)));
    }
    notes
}

/// Accounts that did not fail and have less than at the beginning, by what reduced them.
fn reduced(tally: &Tally, books: &Books, initial_lots: &[i64]) -> String {
    let unfailed = |traders: &BTreeSet<usize>| traders.difference(&tally.touched).count();
    let is_acted_on = |trader: &usize| {
        [&tally.touched, &tally.netting, &tally.derisked].iter().any(|traders| traders.contains(trader))
    };
    let is_less =
        |trader: &usize| books.lots(Who::Trader(*trader)).unsigned_abs() < initial_lots[*trader].unsigned_abs();
    let by_deleveraging = (0..initial_lots.len()).filter(|trader| !is_acted_on(trader) && is_less(trader)).count();
    format!(
        "accounts that did not fail and were reduced by netting: {}, by predictive closes: {}, by deleveraging alone: \
         {by_deleveraging}",
        unfailed(&tally.netting),
        unfailed(&tally.derisked)
    )
}

/// Reasons with their counts, as a phrase.
fn counted(reasons: &BTreeMap<String, u64>) -> String {
    let phrases: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} for {reason}")).collect();
    phrases.join(", ")
}
