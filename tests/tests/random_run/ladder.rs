//! The cranks of the liquidation ladders: whom to touch is what the SDK says is off.

use crate::run::Run;
use crate::tally::Kind;
use breakwater_sdk::ladder;
use breakwater_tests::refusal::{code, code_of};

impl Run {
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
