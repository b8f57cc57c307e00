//! The cranks: liquidation ladders, where whom to touch is what the SDK says is off, and the macro index.

use crate::run::Run;
use crate::tally::Kind;
use breakwater_sdk::ladder;
use breakwater_tests::refusal::{code, code_of};
use rand::Rng;

/// Feeds of the macro index, at the prices of as many markets.
pub const MACRO_FEEDS: u8 = 3;

impl Run {
    /// Somebody refreshes the macro index with prices of some of its feeds, or again with those that it has.
    pub fn crank_macro(&mut self) {
        let feeds = 0..MACRO_FEEDS;
        let chosen: Vec<_> = feeds.filter(|_| self.rng.random_range(0..4) > 0).collect();
        let prices: Vec<_> = chosen.iter().map(|feed| (*feed, self.world.price(usize::from(*feed)))).collect();
        let sent = self.world.publish_macro(&prices);
        self.count(Kind::RefreshMacro, sent);
    }

    /// Measures the cascade ratios of a market, or touches a leg that is off, now and then one that is not.
    pub fn crank_ladder(&mut self) {
        let market = self.any_market();
        if self.chance(30) {
            let sent = self.world.measure_cascade(market);
            self.count(Kind::MeasureCascade, sent);
            return;
        }
        let index = self.world.stage.markets[market].index;
        let (sight, accounts) = self.survey();
        let now = self.world.stage.bank.now();
        for (name, account) in &accounts {
            let is_off = ladder::is_off(&sight.snapshot, index, account, &now);
            if is_off == Ok(true) || self.chance(2) {
                let sent = self.world.touch(name, market);
                let refusal = sent.as_ref().err().and_then(|refused| code_of(refused));
                let expected = is_off.err().map(|reason| code(breakwater::BreakwaterError::from(reason.0)));
                assert_eq!(refusal, expected, "touching {name} in market {market}");
                self.count(Kind::Touch, sent);
                return;
            }
        }
    }
}
