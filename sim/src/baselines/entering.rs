//! Owns what entrants get from a baseline: each opens ten times his collateral at the mark of the moment, the most that initial
//! margin lets him. Nothing in the rules of peers depends on who else is in trouble, so the market never refuses him.

use super::{
    exchange::{Exchange, LEVERAGE_MAX},
    usd,
};
use crate::{entrants::Entrant, format::usd as dollars, population::Account};

/// The entrants of a run who are still to come, and what came of the others.
pub struct Entering<'a> {
    coming: &'a [Entrant],
    /// Those who got a position.
    pub opened: u64,
    refused: u64,
    /// What they opened, micro-dollars, at the marks of those moments.
    pub notional: i128,
}

impl<'a> Entering<'a> {
    /// Nobody has come yet. `entrants`: in order of time.
    pub fn new(entrants: &'a [Entrant]) -> Self {
        Self { coming: entrants, opened: 0, refused: 0, notional: 0 }
    }

    /// Lets everybody in whose time has come.
    pub fn let_in(&mut self, exchange: &mut Exchange) {
        while let Some((entrant, later)) = self.coming.split_first() {
            if entrant.time_s > exchange.time_s() {
                return;
            }
            self.coming = later;
            let collateral_micro_usd = entrant.collateral_micro_usd;
            let lots = exchange.lots_of_worth(collateral_micro_usd.saturating_mul(LEVERAGE_MAX));
            if exchange.admit(&Account { side: entrant.side, lots, collateral_micro_usd }) {
                self.opened += 1;
                self.notional += exchange.worth(lots);
            } else {
                self.refused += 1;
            }
        }
    }

    /// Those who have come.
    pub fn came(&self) -> u64 {
        self.opened + self.refused
    }

    /// What became of them, a sentence; none if nobody came.
    pub fn note(&self) -> Option<String> {
        let (opened, refused) = (self.opened, self.refused);
        (self.came() > 0).then(|| {
            format!("entrants that opened: {opened}, with {}; refused: {refused}", dollars(usd(self.notional)))
        })
    }
}
