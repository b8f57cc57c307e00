//! Owns the baseline "synthetix" (v3; PEERS): an account below maintenance margin is flagged, which nothing undoes, and
//! closed in the order of flagging. All closes of a market together stay within a cap for 30 s,
//! `cap = (maker + taker)·skewScale·multiplier·seconds`; once it is used up, one close of at most the cap is allowed in each
//! later block while the market's premium is small.
//!
//! Assumed: maker and taker fees of 0.7 % and 0.3 % and multiplier 1 (the figures of PEERS' table), and a skewScale of one
//! calm depth, so that a second may close 1 % of it. This decides the result and is chosen in the peer's favour: with a
//! scale of a thousand calm depths, at which a depth of skew is a premium of 10 bp, and fees of a few basis points, as
//! markets have, the cap would hardly ever bind and the rule act like generation 1. A premium (skew over scale) below
//! 5 bp is small; a sample is a block. Closes reach the market at once through arbitrageurs. The LP pool has the capital of
//! the backstop, owns flagged accounts (gains and losses, as far as its capital reaches; then insurance), and pays a keeper
//! 0.1 % of notional, $1 to $500.

use std::collections::{BTreeSet, VecDeque};

use super::{
    exchange::Exchange,
    part_ceil,
    terms::{LossBearer, Payee, Terms},
    Rule, MAINTENANCE_PPM,
};
use crate::inputs::Inputs;

/// Fee of a maker, ppm.
const MAKER_PPM: u64 = 7_000;
/// Fee of a taker, ppm.
const TAKER_PPM: u64 = 3_000;
/// Seconds that a window looks back.
const WINDOW_S: u64 = 30;
/// Premium below which a full window does not stop closes, ppm.
const SMALL_PREMIUM_PPM: u64 = 500;
/// Reward of the keeper who flags, ppm of notional.
const REWARD_PPM: i128 = 1_000;
/// Least and most reward, micro-dollars.
const REWARD_MICRO_USD: [i128; 2] = [1_000_000, 500_000_000];

/// The rule: who is flagged, in order, and what the window has taken.
pub struct Synthetix {
    window: Window,
    skew_scale_lots: u64,
    flagged: BTreeSet<usize>,
    queue: VecDeque<usize>,
}

impl Rule for Synthetix {
    const NAME: &'static str = "synthetix";

    fn new(inputs: &Inputs) -> Self {
        let million_lots_usd = inputs.scale.worth(1_000_000, i128::from(inputs.entry_price())) as f64 / 1e6;
        let skew_scale_lots = (inputs.settings.calm_depth_usd / million_lots_usd * 1e6) as u64;
        Self {
            window: Window::new(cap_lots(MAKER_PPM + TAKER_PPM, skew_scale_lots, 1, WINDOW_S), WINDOW_S),
            skew_scale_lots,
            flagged: BTreeSet::new(),
            queue: VecDeque::new(),
        }
    }

    fn terms(&self) -> Terms {
        Terms { maintenance_ppm: MAINTENANCE_PPM, vault_leverage: 0, losses: LossBearer::Pool }
    }

    fn act(&mut self, exchange: &mut Exchange, due: &[usize]) {
        for &place in due {
            if self.flagged.insert(place) {
                self.queue.push_back(place);
                let [least, most] = REWARD_MICRO_USD;
                let reward = part_ceil(exchange.standing(place).notional, REWARD_PPM).clamp(least, most);
                exchange.charge(place, reward, Payee::Keepers);
                exchange.settle(place);
            }
        }
        while let Some(&place) = self.queue.front() {
            let wanted = exchange.position(place).lots;
            let lots = self.window.grant(exchange.time_s(), wanted, self.has_small_premium(exchange));
            if lots > 0 {
                exchange.close(place, lots);
                exchange.settle(place);
            }
            if lots < wanted {
                break;
            }
            self.queue.pop_front();
        }
    }
}

impl Synthetix {
    fn has_small_premium(&self, exchange: &Exchange) -> bool {
        let skew = exchange.skew_lots().unsigned_abs();
        skew * 1_000_000 < u128::from(self.skew_scale_lots) * u128::from(SMALL_PREMIUM_PPM)
    }
}

/// Lots that a window of so many seconds may take; the fees of maker and taker in ppm.
pub fn cap_lots(fees_ppm: u64, skew_scale_lots: u64, multiplier: u64, seconds: u64) -> u64 {
    let product = u128::from(fees_ppm) * u128::from(skew_scale_lots) * u128::from(multiplier) * u128::from(seconds);
    u64::try_from(product / 1_000_000).unwrap_or(u64::MAX)
}

/// What closes have taken of the cap in the last seconds.
pub struct Window {
    cap_lots: u64,
    seconds: u64,
    taken: VecDeque<(u64, u64)>,
}

impl Window {
    /// A window that nothing was taken of. `cap_lots`: 0 allows nothing.
    pub fn new(cap_lots: u64, seconds: u64) -> Self {
        Self { cap_lots, seconds, taken: VecDeque::new() }
    }

    /// Lots that may be closed of those that are wanted. `may_exceed`: a window without room grants another cap, unless it
    /// has granted something at this very moment.
    pub fn grant(&mut self, time_s: u64, wanted_lots: u64, may_exceed: bool) -> u64 {
        let latest_s = self.taken.back().map(|(taken_s, _)| *taken_s);
        while self.taken.front().is_some_and(|(taken_s, _)| taken_s + self.seconds < time_s) {
            self.taken.pop_front();
        }
        let taken: u64 = self.taken.iter().map(|(_, lots)| lots).sum();
        let mut room = self.cap_lots.saturating_sub(taken);
        if room == 0 && may_exceed && latest_s != Some(time_s) {
            room = self.cap_lots;
        }
        let granted = wanted_lots.min(room);
        if granted > 0 {
            self.taken.push_back((time_s, granted));
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PEERS, "Synthetix window": two accounts of 150, a cap of 100 in 10 s.
    #[test]
    fn the_window_follows_the_published_table() {
        let cap = cap_lots(7_000 + 3_000, 1_000, 1, 10);
        assert_eq!(cap, 100);
        let mut window = Window::new(cap, 10);
        let (mut a, mut b) = (150, 150);
        for (time_s, left) in [(0, 50), (0, 50), (6, 50), (11, 0)] {
            a -= window.grant(time_s, a, false);
            assert_eq!(a, left, "A after {time_s} s");
        }
        for (time_s, left) in [(11, 100), (23, 0)] {
            b -= window.grant(time_s, b, false);
            assert_eq!(b, left, "B after {time_s} s");
        }
    }

    #[test]
    fn a_full_window_grants_one_more_cap_in_a_later_block_if_it_may() {
        let mut window = Window::new(100, 10);
        assert_eq!(window.grant(0, 150, true), 100);
        assert_eq!(window.grant(0, 50, true), 0);
        assert_eq!(window.grant(4, 150, true), 100);
        assert_eq!(window.grant(4, 50, true), 0);
        assert_eq!(window.grant(8, 50, false), 0);
    }

    #[test]
    fn a_window_without_cap_grants_nothing() {
        assert_eq!(Window::new(0, 10).grant(0, 1, true), 0);
    }
}
