//! Owns the closes of parts of accounts at risk, before they fail: whom keepers ask for, and who takes.

use anyhow::Result;

use super::super::{backend::Backend, books::Who};
use super::{netting::may_net, Keeping};

impl<B: Backend> Keeping<B> {
    /// Closes a part of an account if it is at risk and may be acted on. A willing account takes it if it nets it, else a
    /// keeper, who trades in the market at once.
    pub(super) fn derisk_if_at_risk(&mut self, trader: usize, time_s: u64) -> Result<()> {
        let who = Who::Trader(trader);
        let previewed = self.backend.books().preview_derisk(who, self.keeper());
        let netting = if may_net(&previewed) { self.derisk_taker(who, time_s) } else { None };
        let taker = match netting {
            Some(willing) => willing,
            None if previewed.is_ok() => self.keeper(),
            None => return Ok(()),
        };
        if let Ok(report) = self.backend.derisk(who, taker)? {
            self.tally.derisk(trader, taker, &report);
            self.hedge(taker, report.closed_lots, report.notional_atoms, time_s);
        }
        Ok(())
    }
}
