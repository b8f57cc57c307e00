//! Owns what keepers do with a failing account: they ask the SDK's previews and send what would succeed.
//!
//! In a sample, first the bankrupt are resolved; then slices are taken, the best paid first, until the flow, the pace or the
//! targets end it; then who is critical still, or beyond the help of slices, is deleveraged. Keepers are many and fast:
//! whatever may be done is done in the sample in which it becomes possible. A taken slice is sold or bought in the market
//! at once, so it moves the price; lots that are deleveraged move nothing.

use anyhow::Result;
use breakwater_risk::{
    health::Stance, liquidation::SliceReport, tier::Tier as RiskTier, units::notional_ceil, RiskError,
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

    /// Equity of a trader at the mark, atoms.
    pub fn equity(&self, trader: usize) -> Result<i128> {
        let (books, account) = (&self.books, &self.books.traders[trader].account);
        let health = preview::health(&books.snapshot, account, books.listed().index, Stance::Favour, &books.now())?;
        Ok(health.equity())
    }

    /// Does what can be done for the accounts that fail, given the tiers of all.
    pub fn attend(&mut self, tiers: &[RiskTier], time_s: u64) -> Result<()> {
        let is_flagged = |trader: usize| self.books.traders[trader].account.state.flagged_slot != 0;
        let mut due: Vec<usize> =
            (0..tiers.len()).filter(|trader| tiers[*trader] != RiskTier::Healthy || is_flagged(*trader)).collect();
        for trader in due.clone() {
            self.resolve_if_bankrupt(trader)?;
            self.settle_if_due(trader)?;
        }
        due.sort_by_cached_key(|trader| {
            let reward = self.preview_slice(*trader).map_or(0, |report| report.keeper_atoms);
            (std::cmp::Reverse(reward), *trader)
        });
        let mut left = Vec::new();
        for trader in due {
            let slices = self.tally.slices;
            if let Some(reason) = self.slice_while_possible(trader, time_s)? {
                left.push((trader, reason, self.tally.slices > slices));
            }
        }
        for (trader, reason, is_sliced) in left {
            if !self.deleverage_if_possible(trader)? {
                let is_due = self.books.traders[trader].account.state.slice_due_slot <= self.books.now().slot;
                if is_due && !is_sliced {
                    self.tally.wait(trader, waited_for(reason), time_s);
                }
                self.flag_if_due(trader)?;
            }
        }
        self.tally.end_waits(time_s);
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
                    self.flag_if_due(trader)?;
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

    /// Deleverages an account that slices did not help, if it is low enough. Returns whether it did.
    fn deleverage_if_possible(&mut self, trader: usize) -> Result<bool> {
        let books = &self.books;
        let account = &books.traders[trader].account;
        let previewed = preview::deleverage(&books.snapshot, books.listed().index, account, None, &books.now());
        let Ok(report) = previewed else {
            return Ok(false);
        };
        let instruction = build::deleverage(books.stage.exchange, books.listed().key, books.traders[trader].key, &[]);
        let is_done =
            self.carry_out(instruction, trader, None, |before, after| checks::deleveraging(before, after, &report))?;
        if is_done {
            self.tally.deleveraging(trader, report.notional_atoms);
        }
        Ok(is_done)
    }

    /// Flags a failing account, so that its Dutch window runs while it waits, or clears the flag of one that recovered.
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

/// What a failing account waits for when the program refuses a slice and deleveraging.
fn waited_for(reason: RiskError) -> String {
    match reason {
        RiskError::FlowExhausted => "the flow meter".to_owned(),
        RiskError::SliceUseless => "a lower line, no slice helping it".to_owned(),
        RiskError::HealthWorsened => "the favour of its last price to end, its equity being negative".to_owned(),
        RiskError::ConfidenceTooWide => "a narrower confidence".to_owned(),
        other => format!("{other:?}"),
    }
}
