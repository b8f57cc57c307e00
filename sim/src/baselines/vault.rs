//! Owns what a backstop may take and when it sells, the same for every rule whose backstop takes positions over.
//!
//! No peer publishes how its vault sells. Assumed, in the peer's favour: it waits until nothing was handed to it for five
//! minutes, by when half of the impact of forced closes has gone (PEERS, market facts), and then sells one depth of the
//! moment in 240 s, the time in which a market digests it, which holds the price about 10 bp away and no more.

use super::position::Position;
use crate::population::Side;

/// Seconds without a takeover before the vault sells.
const QUIET_S: u64 = 300;
/// Seconds in which the vault sells one depth of the moment.
const DEPTH_EVERY_S: f64 = 240.0;
/// The rest of a position below this is sold at once, USD.
const DUST_USD: f64 = 10.0;

/// Capital that takes positions over.
#[derive(Debug)]
pub struct Vault {
    /// What it holds.
    pub position: Position,
    /// Capital at the beginning, micro-dollars.
    pub capital: i128,
    most_leverage: i128,
    last_took_s: Option<u64>,
    last_look_s: u64,
}

impl Vault {
    /// A vault that holds nothing. `most_leverage`: most notional over its equity.
    pub fn new(capital: i128, most_leverage: i128) -> Self {
        Self { position: Position::flat(capital), capital, most_leverage, last_took_s: None, last_look_s: 0 }
    }

    /// Whether it can carry the lots of a failing account together with what is left of that account's equity.
    /// `worth_of` gives the worth of lots at the mark.
    pub fn has_room(&self, failing: &Position, worth_of: impl Fn(u64) -> i128) -> bool {
        let lots = (self.position.signed_lots() + failing.signed_lots()).unsigned_abs();
        let held = worth_of(u64::try_from(lots).unwrap_or(u64::MAX));
        let equity = self.position.equity(worth_of(self.position.lots)) + failing.equity(worth_of(failing.lots));
        equity > 0 && held <= self.most_leverage * equity
    }

    /// Takes the lots of a failing account at their worth at the mark.
    pub fn take(&mut self, side: Side, lots: u64, worth: i128, time_s: u64) {
        self.position.take(side, lots, worth);
        self.last_took_s = Some(time_s);
    }

    /// Lots to sell now, once for every sample. `depth_usd`: depth at 10 bp of the moment.
    pub fn lots_to_sell(&mut self, time_s: u64, held_usd: f64, depth_usd: f64) -> u64 {
        let passed_s = time_s - std::mem::replace(&mut self.last_look_s, time_s);
        let is_quiet = self.last_took_s.is_some_and(|took_s| time_s >= took_s + QUIET_S);
        if !is_quiet || self.position.lots == 0 {
            return 0;
        }
        let pace_usd = depth_usd * passed_s as f64 / DEPTH_EVERY_S;
        if held_usd <= pace_usd.max(DUST_USD) {
            return self.position.lots;
        }
        (self.position.lots as f64 * pace_usd / held_usd) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn per_lot(price: i128) -> impl Fn(u64) -> i128 {
        move |lots| i128::from(lots) * price
    }

    #[test]
    fn a_vault_takes_up_to_its_leverage_and_nothing_once_its_capital_is_lost() {
        let failing = |lots| Position { side: Side::Long, lots, entry_worth: 100 * i128::from(lots), cash: 0 };
        let mut vault = Vault::new(1_000, 5);
        assert!(vault.has_room(&failing(50), per_lot(100)));
        assert!(!vault.has_room(&failing(51), per_lot(100)));
        vault.take(Side::Long, 50, 5_000, 0);
        assert!(!vault.has_room(&failing(1), per_lot(100)));
        let short = Position { side: Side::Short, ..failing(30) };
        assert!(vault.has_room(&short, per_lot(100)), "netting makes it smaller");
        let flat_short = Position { entry_worth: 30 * 80, ..short };
        assert!(!vault.has_room(&flat_short, per_lot(80)), "its capital is lost");
    }

    #[test]
    fn a_vault_sells_a_depth_in_four_minutes_once_it_was_quiet_for_five() {
        let mut vault = Vault::new(1_000, 5);
        vault.take(Side::Long, 1_000, 5_000, 100);
        assert_eq!(vault.lots_to_sell(399, 500_000.0, 120_000.0), 0);
        assert_eq!(vault.lots_to_sell(403, 500_000.0, 120_000.0), 4);
        assert_eq!(vault.lots_to_sell(407, 9.0, 1.0), 1_000, "dust goes at once");
        vault.take(Side::Long, 1, 5, 410);
        assert_eq!(vault.lots_to_sell(411, 500_000.0, 120_000.0), 0);
    }
}
