//! Owns what keepers do with a failing account: they ask the SDK's previews and send what would succeed.
//!
//! In a sample, first the bankrupt are resolved; then slices are taken, the best paid first, until the flow, the pace or the
//! targets end it; then who is critical still, or beyond the help of slices, is deleveraged. Keepers are many and fast:
//! whatever may be done is done in the sample in which it becomes possible. A taken slice is sold or bought in the market
//! at once, so it moves the price; lots that are deleveraged move nothing.

use anyhow::Result;
use breakwater_risk::{
    liquidation::SliceReport, tier::Tier as RiskTier, units::notional_ceil, RiskError,
};
use breakwater_sdk::{
    instruction as build,
    preview::{self, PreviewError},
};

use super::{
    books::{lots_of, Books},
    checks::{self, Moment},
    tally::{usd, Tally},
    warmup::refused,
};
use crate::{impact::Impact, stage::Sent};

/// Slices of one account in one sample, at most; below the backstop line nothing paces them.
const SLICES_PER_SAMPLE: u32 = 16;

/// The keepers at work.
pub struct Keeping {
    /// What they know.
    pub books: Books,
    /// What was done.
    pub tally: Tally,
    /// What it did to the price.
    pub impact: Impact,
    next_keeper: usize,
}

impl Keeping {
    /// Keepers who have done nothing yet.
    pub fn new(books: Books, impact: Impact) -> Self {
        Self { books, tally: Tally::default(), impact, next_keeper: 0 }
    }

    /// The tier of a trader now, and whether any of its lots are open.
    pub fn tier(&self, trader: usize) -> Result<(RiskTier, bool)> {
        let (books, now) = (&self.books, self.books.now());
        let account = &books.traders[trader].account;
        let tier = preview::tier(&books.snapshot, account, books.listed().index, &now)?;
        Ok((tier, lots_of(&account.state, books.state(), &now) != 0))
    }

    /// Does what can be done for the accounts that fail, given the tiers of all.
    pub fn attend(&mut self, tiers: &[RiskTier], time_s: u64) -> Result<()> {
        let is_flagged = |trader: usize| self.books.traders[trader].account.state.flagged_slot != 0;
        let mut due: Vec<usize> =
            (0..tiers.len()).filter(|trader| tiers[*trader] != RiskTier::Healthy || is_flagged(*trader)).collect();
        for trader in due.clone() {
            self.settle_if_due(trader)?;
            self.resolve_if_bankrupt(trader)?;
        }
        due.sort_by_cached_key(|trader| {
            let reward = self.preview_slice(*trader).map_or(0, |report| report.keeper_atoms);
            (std::cmp::Reverse(reward), *trader)
        });
        let mut left = Vec::new();
        for trader in due {
            if let Some(reason) = self.slice_while_possible(trader, time_s)? {
                left.push((trader, reason));
            }
        }
        for (trader, reason) in left {
            self.last_resort(trader, reason)?;
        }
        Ok(())
    }

    /// Settles an account whose losses exceed its capital: its legs may not be touched alone.
    fn settle_if_due(&mut self, trader: usize) -> Result<()> {
        if self.preview_slice(trader) != Err(PreviewError(RiskError::SettleFirst)) {
            return Ok(());
        }
        let books = &self.books;
        let report = preview::settle_account(&books.snapshot, &books.traders[trader].account, &books.now())?;
        let instruction = build::settle_account(books.traders[trader].key, &[books.listed().key]);
        self.carry_out(instruction, trader, None, |before, after| checks::settlement(before, after, &report))?;
        Ok(())
    }

    fn resolve_if_bankrupt(&mut self, trader: usize) -> Result<()> {
        let books = &self.books;
        let (now, index, key) = (books.now(), books.listed().index, books.listed().key);
        let account = &books.traders[trader].account;
        let previewed = preview::resolve_bankruptcy(&books.snapshot, account, index, books.insurance_atoms, &now);
        let Ok(report) = previewed else {
            return Ok(());
        };
        let lots = lots_of(&account.state, books.state(), &now).unsigned_abs();
        let notional = notional_ceil(lots, books.state().mark).map_err(refused)?;
        let instruction = build::resolve_bankruptcy(books.stage.exchange, books.traders[trader].key, &[key]);
        if self.carry_out(instruction, trader, None, |before, after| checks::resolution(before, after, &report))? {
            self.tally.resolution(trader, &report, notional);
        }
        Ok(())
    }

    fn preview_slice(&self, trader: usize) -> Result<SliceReport, PreviewError> {
        let books = &self.books;
        let (account, keeper) = (&books.traders[trader].account, &books.keepers[self.next_keeper].seat.account);
        preview::liquidate(&books.snapshot, books.listed().index, account, keeper, &books.now())
    }

    /// Takes slices of an account; returns why it ended if the account is failing still.
    fn slice_while_possible(&mut self, trader: usize, time_s: u64) -> Result<Option<RiskError>> {
        for _ in 0..SLICES_PER_SAMPLE {
            let report = match self.preview_slice(trader) {
                Ok(report) => report,
                Err(PreviewError(RiskError::Healthy | RiskError::NoSuchLeg)) => {
                    self.flag_if_due(trader)?; // clears the flag of one that has recovered
                    return Ok(None);
                }
                Err(PreviewError(reason)) => return Ok(Some(reason)),
            };
            let keeper = self.next_keeper;
            self.next_keeper = (keeper + 1) % self.books.keepers.len();
            let books = &self.books;
            let (trader_key, keeper_key) = (books.traders[trader].key, books.keepers[keeper].seat.key);
            let owner = books.keepers[keeper].seat.account.owner;
            let instruction = build::liquidate(owner, books.listed().key, trader_key, keeper_key, &[]);
            if !self.carry_out(instruction, trader, Some(keeper), |a, b| checks::slice(a, b, &report))? {
                return Ok(None);
            }
            self.tally.slice(trader, &report);
            let signed = report.closed_lots.signum() as f64;
            self.impact.record(time_s, signed * usd(report.notional_atoms));
        }
        Ok(Some(RiskError::NotDue))
    }

    /// Deleverages an account that slices did not help, or starts its Dutch window while it waits.
    fn last_resort(&mut self, trader: usize, reason: RiskError) -> Result<()> {
        let books = &self.books;
        let account = &books.traders[trader].account;
        let previewed = preview::deleverage(&books.snapshot, books.listed().index, account, &books.now());
        let Ok(report) = previewed else {
            self.tally.wait(format!("{reason:?}"));
            return self.flag_if_due(trader);
        };
        let instruction = build::deleverage(books.listed().key, books.traders[trader].key, &[]);
        if self.carry_out(instruction, trader, None, |before, after| checks::deleveraging(before, after, &report))? {
            self.tally.deleveraging(trader, report.notional_atoms);
        }
        Ok(())
    }

    fn flag_if_due(&mut self, trader: usize) -> Result<()> {
        let books = &self.books;
        let account = &books.traders[trader].account;
        let Ok(is_flagged) = preview::flag(&books.snapshot, books.listed().index, account, &books.now()) else {
            return Ok(());
        };
        let instruction = build::flag(books.listed().key, books.traders[trader].key, &[]);
        self.carry_out(instruction, trader, None, |_, after| checks::flag(after, is_flagged))?;
        Ok(())
    }

    /// Sends what a preview promised, and compares. Returns whether it was carried out.
    fn carry_out(
        &mut self,
        instruction: anchor_lang::solana_program::instruction::Instruction,
        trader: usize,
        keeper: Option<usize>,
        is_as_previewed: impl Fn(&Moment, &Moment) -> bool,
    ) -> Result<bool> {
        let before = Moment::of(&self.books, trader, keeper);
        let sent: Sent = self.books.send(instruction, trader, keeper);
        self.tally.transactions += 1;
        let is_done = sent.is_ok();
        self.books.reread_insurance();
        let after = Moment::of(&self.books, trader, keeper);
        let is_exact = is_done && is_as_previewed(&before, &after);
        debug_assert!(is_exact, "a preview of trader {trader} was not kept: {sent:?}");
        if !is_exact {
            self.tally.mismatches += 1;
        }
        Ok(is_done)
    }
}
