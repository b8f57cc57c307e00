//! Owns the single acts of keepers: each asks the SDK's preview, sends what would succeed, compares, and counts.

use anchor_lang::solana_program::instruction::Instruction;
use anyhow::Result;
use breakwater_risk::{charge, liquidation::SliceReport, units::notional_ceil, RiskError};
use breakwater_sdk::{
    instruction as build,
    preview::{self, PreviewError},
};

use super::super::{
    books::Who,
    checks::{self, Moment},
    tally::usd,
    warmup::refused,
};
use super::{waited_for, Keeping};

/// Least discount for which a keeper buys from the backstop: what selling on costs him, ppm.
const UNWIND_COST_PPM: u64 = 1_000;

impl Keeping {
    /// Settles an account whose losses exceed its capital: its legs may not be touched alone.
    pub(super) fn settle_if_due(&mut self, trader: usize) -> Result<()> {
        if self.preview_slice(trader) != Err(PreviewError(RiskError::SettleFirst)) {
            return Ok(());
        }
        let (books, who) = (&self.books, Who::Trader(trader));
        let report = preview::settle_account(&books.snapshot, books.account(who), &books.now())?;
        let instruction = build::settle_account(books.key(who), &[books.listed().key]);
        self.carry_out(instruction, who, None, |before, after| checks::settlement(before, after, &report))?;
        Ok(())
    }

    /// Resolves an account without equity.
    pub(super) fn resolve_if_bankrupt(&mut self, who: Who) -> Result<()> {
        let books = &self.books;
        let (account, listed) = (books.account(who), books.listed());
        let previewed =
            preview::resolve_bankruptcy(&books.snapshot, account, listed.index, books.insurance_atoms, &books.now());
        let Ok(report) = previewed else {
            return Ok(());
        };
        let notional = notional_ceil(books.lots(who).unsigned_abs(), books.state().mark).map_err(refused)?;
        let instruction = build::resolve_bankruptcy(books.stage.exchange, books.key(who), &[listed.key]);
        if self.carry_out(instruction, who, None, |before, after| checks::resolution(before, after, &report))? {
            self.tally.resolution(who, &report, notional);
        }
        Ok(())
    }

    pub(super) fn preview_slice(&self, trader: usize) -> Result<SliceReport, PreviewError> {
        let books = &self.books;
        let (account, keeper) = (books.account(Who::Trader(trader)), books.account(Who::Keeper(self.next_keeper)));
        preview::liquidate(&books.snapshot, books.listed().index, account, keeper, &books.now())
    }

    /// Takes one slice of an account and sells it in the market; returns why not.
    pub(super) fn slice(&mut self, trader: usize, time_s: u64) -> Result<Option<RiskError>> {
        let report = match self.preview_slice(trader) {
            Ok(report) => report,
            Err(PreviewError(reason)) => return Ok(Some(reason)),
        };
        let (who, keeper) = (Who::Trader(trader), self.take_turns());
        let books = &self.books;
        let (market, owner) = (books.listed().key, books.account(keeper).owner);
        let instruction = build::liquidate(owner, market, books.key(who), books.key(keeper), &[]);
        if self.carry_out(instruction, who, Some(keeper), |a, b| checks::slice(a, b, &report))? {
            self.tally.slice(trader, &report);
            self.sell(report.closed_lots, report.notional_atoms, time_s);
        }
        Ok(None)
    }

    /// Has the backstop take an account's leg; returns why not.
    pub(super) fn absorb_if_possible(&mut self, trader: usize) -> Result<Option<RiskError>> {
        let (books, who) = (&self.books, Who::Trader(trader));
        let Some(backstop) = &books.backstop else {
            return Ok(Some(RiskError::NoBackstop));
        };
        let index = books.listed().index;
        let report = match preview::absorb(&books.snapshot, index, books.account(who), backstop, &books.now()) {
            Ok(report) => report,
            Err(PreviewError(reason)) => return Ok(Some(reason)),
        };
        let instruction = build::absorb(books.stage.exchange, books.listed().key, books.key(who), &[]);
        if self.carry_out(instruction, who, Some(Who::Backstop), |a, b| checks::absorption(a, b, &report))? {
            self.tally.absorption(trader, &report);
        }
        Ok(None)
    }

    /// Deleverages an account if it is low enough and the backstop cannot take it. Returns whether it did.
    pub(super) fn deleverage_if_possible(&mut self, who: Who, reason: String) -> Result<bool> {
        let books = &self.books;
        let (account, listed) = (books.account(who), books.listed());
        let previewed =
            preview::deleverage(&books.snapshot, listed.index, account, books.backstop.as_ref(), &books.now());
        let Ok(report) = previewed else {
            return Ok(false);
        };
        let instruction = build::deleverage(books.stage.exchange, listed.key, books.key(who), &[]);
        let is_done =
            self.carry_out(instruction, who, None, |before, after| checks::deleveraging(before, after, &report))?;
        if is_done {
            self.tally.deleveraging(who, reason, report.notional_atoms);
        }
        Ok(is_done)
    }

    /// Buys what the backstop may sell and sells it in the market, once the auction pays for that.
    pub(super) fn unwind_if_worthwhile(&mut self, time_s: u64) -> Result<()> {
        let (books, keeper) = (&self.books, Who::Keeper(self.next_keeper));
        let (account, listed, now) = (books.account(keeper), books.listed(), books.now());
        let Some(backstop) = &books.backstop else {
            return Ok(());
        };
        let is_cheap = charge::auction_ppm(&books.state().params, now.slot) >= UNWIND_COST_PPM;
        if !is_cheap || books.lots(Who::Backstop) == 0 {
            return Ok(());
        }
        let report = match preview::unwind(&books.snapshot, listed.index, backstop, account, u64::MAX, &now) {
            Ok(report) => report,
            Err(PreviewError(reason)) => {
                *self.tally.unsold.entry(waited_for(reason)).or_default() += 1;
                return Ok(());
            }
        };
        let exchange = books.stage.exchange;
        let instruction = build::unwind(exchange, account.owner, listed.key, books.key(keeper), u64::MAX, &[]);
        self.take_turns();
        if self.carry_out(instruction, Who::Backstop, Some(keeper), |a, b| checks::unwinding(a, b, &report))? {
            self.tally.unwinding(&report);
            self.sell(report.closed_lots, report.notional_atoms, time_s);
        }
        Ok(())
    }

    /// Flags a failing account, so that its Dutch window runs while it waits, or clears the flag of one that recovered.
    pub(super) fn flag_if_due(&mut self, trader: usize) -> Result<()> {
        let (books, who) = (&self.books, Who::Trader(trader));
        let Ok(is_flagged) = preview::flag(&books.snapshot, books.listed().index, books.account(who), &books.now())
        else {
            return Ok(());
        };
        let instruction = build::flag(books.listed().key, books.key(who), &[]);
        self.carry_out(instruction, who, None, |_, after| checks::flag(after, is_flagged))?;
        Ok(())
    }

    /// The keeper whose turn it is.
    fn take_turns(&mut self) -> Who {
        let keeper = self.next_keeper;
        self.next_keeper = (keeper + 1) % self.books.keepers.len();
        Who::Keeper(keeper)
    }

    /// A keeper closes in the market what he took; `closed_lots` are those closed on the other account.
    fn sell(&mut self, closed_lots: i64, notional_atoms: u64, time_s: u64) {
        self.impact.record(time_s, closed_lots.signum() as f64 * usd(notional_atoms));
    }

    /// Sends what a preview promised, and compares. Returns whether it was carried out.
    fn carry_out(
        &mut self,
        instruction: Instruction,
        who: Who,
        taker: Option<Who>,
        is_as_previewed: impl Fn(&Moment, &Moment) -> bool,
    ) -> Result<bool> {
        let before = Moment::of(&self.books, who, taker);
        let parties: Vec<Who> = [who].into_iter().chain(taker).collect();
        let sent = self.books.send(instruction, &parties);
        self.tally.transactions += 1;
        let is_done = sent.is_ok();
        let after = Moment::of(&self.books, who, taker);
        let is_exact = is_done && is_as_previewed(&before, &after);
        debug_assert!(is_exact, "a preview of {who:?} was not kept: {sent:?}");
        if !is_exact {
            self.tally.mismatches += 1;
        }
        Ok(is_done)
    }
}
