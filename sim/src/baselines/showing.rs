//! Owns what an exchange shows of itself: rows, sums, whether its books are exact.

use super::{exchange::Exchange, position::Position, usd};
use crate::outcome::{BackstopRow, Layers, Row, Took};

impl Exchange {
    /// The state after a sample whose price found this many accounts in each tier.
    pub fn row(&self, accounts_per_tier: [u32; 5]) -> Row {
        Row {
            time_s: self.now.time_s,
            recorded_usd: self.now.price as f64 / 1e6,
            simulated_usd: self.price as f64 / 1e6,
            depth_usd: None,
            flow_used_usd: self.impact.recent_flow_usd(self.now.time_s).abs(),
            flow_allowed_usd: None,
            accounts_per_tier,
            insurance_usd: usd(self.books.insurance),
            backstop: self.backstop_row(),
            took: self.took(),
        }
    }

    /// The vault or pool at the mark, if there is one.
    pub fn backstop_row(&self) -> Option<BackstopRow> {
        let position = &self.vault.as_ref()?.position;
        let held = self.worth(position.lots);
        Some(BackstopRow { worth_usd: usd(position.equity(held)), holds_usd: usd(held) })
    }

    /// Capital of the vault or pool at the beginning, micro-dollars.
    pub fn backstop_capital(&self) -> i128 {
        self.vault.as_ref().map_or(0, |vault| vault.capital)
    }

    /// What each layer took since the beginning.
    pub fn took(&self) -> Took {
        self.books.took()
    }

    /// What each layer received and gave since the beginning.
    pub fn layers(&self) -> Layers {
        self.books.layers()
    }

    /// Deficits of accounts and vault that are still open, at the mark, micro-dollars.
    pub fn open_deficits(&self) -> i128 {
        self.holders().map(|position| (-position.equity(self.worth(position.lots))).max(0)).sum()
    }

    /// Whether every identity of the books holds to the micro-dollar.
    pub fn is_exact(&self) -> bool {
        self.books.is_exact(self.holders())
    }

    /// What else is worth knowing.
    pub fn notes(&self) -> Vec<String> {
        let others = self.deleveraged.difference(&self.touched).count();
        let note = || format!("accounts that did not fail and were reduced by deleveraging: {others}");
        (others > 0).then(note).into_iter().collect()
    }

    /// The positions of all accounts and of the vault.
    fn holders(&self) -> impl Iterator<Item = &Position> {
        self.positions.iter().chain(self.vault.iter().map(|vault| &vault.position))
    }
}
