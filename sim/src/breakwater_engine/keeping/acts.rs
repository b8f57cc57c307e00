//! Owns the single acts of keepers: each asks the backend for what may be due, and counts what was done.

use anyhow::Result;
use breakwater_risk::{fixed::PPM, units::notional_ceil, unwind::UnwindReport, RiskError};

use super::super::{backend::Backend, books::Who, opening::KEEPERS, tally::usd, warmup::refused};
use super::{netting::may_net, waited_for, Keeping};

/// Least discount for which a keeper buys from the backstop: what selling on costs him, ppm.
const UNWIND_COST_PPM: u64 = 1_000;

impl<B: Backend> Keeping<B> {
    /// Settles an account whose losses exceed its capital: its legs may not be touched alone.
    pub(super) fn settle_if_due(&mut self, trader: usize) -> Result<()> {
        let who = Who::Trader(trader);
        if self.backend.books().preview_slice(who, self.keeper()) == Err(RiskError::SettleFirst)
            && self.backend.settle_account(who)?.is_ok()
        {
            self.tally.acts += 1;
        }
        Ok(())
    }

    /// Resolves an account without equity.
    pub(super) fn resolve_if_bankrupt(&mut self, who: Who) -> Result<()> {
        let books = self.backend.books();
        let notional = notional_ceil(books.lots(who).unsigned_abs(), books.market.mark).map_err(refused)?;
        if let Ok(report) = self.backend.resolve_bankruptcy(who)? {
            self.tally.resolution(who, &report, notional);
        }
        Ok(())
    }

    /// What a slice of an account would pay the keeper now, atoms; 0 if none can be taken.
    pub(super) fn slice_reward(&self, trader: usize) -> u64 {
        let previewed = self.backend.books().preview_slice(Who::Trader(trader), self.keeper());
        previewed.map_or(0, |report| report.keeper_atoms)
    }

    /// Takes one slice of an account: a willing account does if it nets it, else a keeper, who sells it in the market. Returns
    /// why not.
    pub(super) fn slice(&mut self, trader: usize, time_s: u64) -> Result<Option<RiskError>> {
        let who = Who::Trader(trader);
        let previewed = self.backend.books().preview_slice(who, self.keeper());
        if !self.controls.slices {
            return Ok(Some(previewed.err().unwrap_or(RiskError::SliceUseless)));
        }
        let netting = if may_net(&previewed) { self.netting_taker(who, time_s) } else { None };
        let taker = match (netting, previewed) {
            (Some(willing), _) => willing,
            (None, Ok(_)) => self.keeper(),
            (None, Err(reason)) => return Ok(Some(reason)),
        };
        match self.backend.liquidate(who, taker)? {
            Ok(report) => {
                self.tally.slice(trader, taker, &report);
                self.hedge(taker, report.closed_lots, report.notional_atoms, time_s);
                Ok(None)
            }
            Err(reason) => Ok(Some(reason)),
        }
    }

    /// Has the backstop take an account's leg; returns why not.
    pub(super) fn absorb_if_possible(&mut self, trader: usize) -> Result<Option<RiskError>> {
        match self.backend.absorb(Who::Trader(trader))? {
            Ok(report) => {
                self.tally.absorption(trader, &report);
                Ok(None)
            }
            Err(reason) => Ok(Some(reason)),
        }
    }

    /// Deleverages an account if it is low enough and the backstop cannot take it. Returns whether it did.
    pub(super) fn deleverage_if_possible(&mut self, who: Who, reason: impl FnOnce() -> String) -> Result<bool> {
        let Ok(report) = self.backend.deleverage(who)? else {
            return Ok(false);
        };
        self.tally.deleveraging(who, reason(), report.notional_atoms);
        Ok(true)
    }

    /// Buys what the backstop may sell and sells it in the market, once the auction's discount pays for that.
    pub(super) fn unwind_if_worthwhile(&mut self, time_s: u64) -> Result<()> {
        let books = self.backend.books();
        if books.lots(Who::Backstop) == 0 {
            return Ok(());
        }
        let bought = match books.preview_unwind(self.keeper()) {
            Ok(report) if !pays(&report) => return Ok(()),
            _ => self.backend.unwind(self.keeper(), u64::MAX)?,
        };
        match bought {
            Ok(report) => {
                self.tally.unwinding(&report);
                self.hedge(self.keeper(), report.closed_lots, report.notional_atoms, time_s);
            }
            Err(reason) => *self.tally.unsold.entry(waited_for(reason)).or_default() += 1,
        }
        Ok(())
    }

    /// Flags a failing account, so that its Dutch window runs while it waits, or clears the flag of one that recovered.
    pub(super) fn flag_if_due(&mut self, trader: usize) -> Result<()> {
        if self.backend.flag(Who::Trader(trader))?.is_ok() {
            self.tally.acts += 1;
        }
        Ok(())
    }

    /// The keeper whose turn it is.
    pub(super) fn keeper(&self) -> Who {
        Who::Keeper(self.next_keeper)
    }

    /// A keeper closes in the market what he took, and it is the next one's turn; a willing account that took it has nothing to
    /// hedge. `closed_lots` are those closed on the other account.
    pub(super) fn hedge(&mut self, taker: Who, closed_lots: i64, notional_atoms: u64, time_s: u64) {
        if let Who::Keeper(_) = taker {
            self.next_keeper = (self.next_keeper + 1) % KEEPERS;
            self.impact.record(time_s, closed_lots.signum() as f64 * usd(notional_atoms));
        }
    }
}

/// Whether the discount of a sale covers what selling on costs.
fn pays(report: &UnwindReport) -> bool {
    let cost = u128::from(report.notional_atoms) * u128::from(UNWIND_COST_PPM);
    u128::from(report.discount_atoms) * u128::from(PPM) >= cost
}
