//! Owns the baseline "hyperliquid" (PEERS): below maintenance margin a market order, of a position above $100 k first 20 %
//! and after 30 s the whole rest; below two thirds of maintenance margin the liquidator vault takes everything that the
//! account has; what the vault cannot carry, and accounts below zero, are deleveraged against the other side, ranked by
//! (mark/entry)·(notional/equity).
//!
//! Assumed: no fee in the market; the vault has the capital of the backstop and carries at most five times its equity;
//! deleveraging is at the bankruptcy price of the account, above and below zero, which leaves no deficit; the 30 s are
//! waited in full, though the exchange's documents may be read as allowing the rest within them; an account that recovers
//! begins anew; what a market order loses beyond collateral is paid by the insurance that every engine is given.

use std::collections::BTreeMap;

use super::{
    deleverage::Order,
    exchange::Exchange,
    terms::{LossBearer, Terms},
    Rule, MAINTENANCE_PPM,
};
use crate::{inputs::Inputs, outcome::Tier};

/// Positions above this are closed in two steps, micro-dollars.
const LARGE_MICRO_USD: i128 = 100_000_000_000;
/// The first step of a large position is one part of so many.
const FIRST_PART: u64 = 5;
/// Seconds between the steps.
const COOLDOWN_S: u64 = 30;
/// Most notional of the vault over its equity.
const VAULT_LEVERAGE: i128 = 5;

/// The rule: when accounts had their first step.
#[derive(Default)]
pub struct Hyperliquid {
    first_step_s: BTreeMap<usize, u64>,
}

impl Rule for Hyperliquid {
    const NAME: &'static str = "hyperliquid";

    fn new(_inputs: &Inputs) -> Self {
        Self::default()
    }

    fn terms(&self) -> Terms {
        Terms { maintenance_ppm: MAINTENANCE_PPM, vault_leverage: VAULT_LEVERAGE, losses: LossBearer::Market }
    }

    fn act(&mut self, exchange: &mut Exchange, due: &[usize]) {
        self.first_step_s.retain(|place, _| due.binary_search(place).is_ok());
        for &place in due {
            let standing = exchange.standing(place);
            if standing.tier() == Tier::Healthy {
                continue;
            }
            let is_market = 3 * standing.equity >= 2 * standing.maintenance;
            if is_market {
                self.send_order(exchange, place, standing.notional);
            } else if standing.equity < 0 || !exchange.hand_to_vault(place) {
                exchange.deleverage(place, Order::ProfitAndLeverage);
            }
        }
    }
}

impl Hyperliquid {
    fn send_order(&mut self, exchange: &mut Exchange, place: usize, notional: i128) {
        let lots = exchange.position(place).lots;
        let now_s = exchange.time_s();
        let first_step_s = self.first_step_s.get(&place).copied();
        let lots = match first_step_s {
            Some(since_s) if now_s < since_s + COOLDOWN_S => return,
            None if notional > LARGE_MICRO_USD => {
                self.first_step_s.insert(place, now_s);
                lots.div_ceil(FIRST_PART)
            }
            _ => lots,
        };
        exchange.close(place, lots);
        exchange.settle(place);
    }
}
