//! What the tests of the liquidation ladder share.
#![allow(dead_code)] // each test file uses its part

use crate::money_support::{Exchange, DOLLAR, MARK};
use breakwater_risk::MarketParams;

/// Lots of $10 000 at the first mark.
pub const LOTS: u64 = 5_000_000;
/// Their notional, atoms.
pub const NOTIONAL: u64 = 10_000 * DOLLAR;

/// Markets of ample capacity, with accounts of $5 000 each; nothing stands in a ladder yet.
pub fn exchange(markets: usize, accounts: usize) -> Exchange {
    let mut exchange = Exchange::new(MarketParams::SOL, markets, &vec![5_000 * DOLLAR; accounts]);
    for market in &mut exchange.markets.0 {
        (market.depth.capacity_atoms, market.depth.move_ppm) = (1_000_000 * DOLLAR, 2_500);
    }
    exchange
}

/// Account 0 long, account 1 short in market 0, nobody registered.
pub fn pair() -> Exchange {
    let mut exchange = exchange(1, 2);
    exchange.trade(0, 0, 1, LOTS, MARK).unwrap();
    exchange
}
