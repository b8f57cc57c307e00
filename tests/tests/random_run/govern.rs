//! The authority changes the terms of markets: lowers caps at once, announces the rest, takes some of it back.

use crate::cranks::MACRO_FEEDS;
use crate::run::{markets, Run, PRICES};
use crate::tally::Kind;
use breakwater::{BreakwaterError, MacroFeedArgs};
use breakwater_risk::governance::{change, notice, Notice, Timelock};
use breakwater_risk::MarketParams;
use breakwater_tests::macros::macro_feed;
use breakwater_tests::refusal::{code, code_of};
use rand::Rng;

impl Run {
    /// Proposes other terms for a market and does with the proposal what may be done now.
    pub fn govern(&mut self) {
        let market = self.any_market();
        let (present, wanted) = (self.world.market(market).state.params, self.other_params(market));
        let Ok(notice) = notice(&present, &wanted) else { return };
        if self.world.proposal(market).is_some() {
            let sent = self.world.cancel_params(market);
            assert!(self.count(Kind::CancelParams, sent), "a proposal cannot be taken back");
        }
        let sent = self.world.propose_params(market, wanted);
        assert!(self.count(Kind::ProposeParams, sent), "parameters within bounds cannot be proposed: {wanted:?}");
        match notice {
            Notice::None => {
                let sent = self.world.apply_params(market);
                assert!(self.count(Kind::ApplyParams, sent), "a lower cap cannot be applied at once");
            }
            Notice::Due if self.chance(30) => {
                let sent = self.world.cancel_params(market);
                assert!(self.count(Kind::CancelParams, sent), "a proposal cannot be taken back");
            }
            Notice::Due => {
                let sent = self.world.apply_params(market);
                self.count(Kind::ApplyParamsEarly, sent);
            }
        }
    }

    /// Lists the late market, once.
    pub fn list_late(&mut self) {
        let place = self.markets().len();
        if place < PRICES.len() {
            self.world.list_young(&markets()[place], PRICES[place]);
            self.tally.happened(Kind::ListMarket);
        }
    }

    /// Proposes other feeds for the macro index, and now and then takes that back.
    pub fn propose_macro(&mut self) {
        let feeds: Vec<_> = (0..MACRO_FEEDS).filter(|_| self.rng.random_range(0..3) > 0).collect();
        let terms = |feed: &u8| MacroFeedArgs { weight: 2, ..macro_feed(*feed) };
        if feeds.is_empty() {
            return;
        }
        let sent = self.world.propose_macro_index(feeds.iter().map(terms).collect());
        assert!(self.count(Kind::ProposeMacro, sent), "feeds within bounds cannot be proposed");
        let sent = self.world.apply_macro_index();
        self.count(Kind::ApplyMacroEarly, sent);
        if self.chance(30) {
            let sent = self.world.cancel_macro_index();
            assert!(self.count(Kind::CancelMacro, sent), "a proposal of feeds cannot be taken back");
        }
    }

    /// Gives the index what is proposed, if its time has come and the authority is still the same.
    pub fn apply_macro(&mut self) {
        let (index, now) = (self.world.macro_index(), self.world.stage.time().1);
        if index.apply_at == 0 || index.apply_at > now {
            return;
        }
        let is_outdated = index.pending_term != self.world.stage.exchange_account().term;
        let is_open = Timelock::at(index.apply_at, now).require_open().is_ok();
        let sent = self.world.apply_macro_index();
        assert_eq!(self.count(Kind::ApplyMacro, sent), is_open && !is_outdated);
    }

    /// Applies every proposal whose time has come; the program says of it what the SDK's own formula says.
    pub fn apply_all_params(&mut self) {
        let now = self.world.stage.bank.now();
        for market in self.markets() {
            let Some(proposal) = self.world.proposal(market) else { continue };
            if proposal.apply_at > now.unix_timestamp {
                continue;
            }
            let mut state = self.world.market(market).state;
            let expected = match Timelock::at(proposal.apply_at, now.unix_timestamp).require_open() {
                Ok(()) if proposal.term != self.world.stage.exchange_account().term => {
                    Err(BreakwaterError::ProposalOutdated)
                }
                Ok(()) => change(&mut state, &bytemuck::cast(proposal.to), &now).map_err(BreakwaterError::from),
                Err(error) => Err(error.into()),
            };
            let sent = self.world.apply_params(market);
            let refusal = sent.as_ref().err().and_then(|refused| code_of(refused));
            assert_eq!(refusal, expected.err().map(code), "a proposal for market {market} that has waited");
            self.count(Kind::ApplyParams, sent);
        }
    }

    /// Terms within bounds and around those that the market was listed with; now and then only a lower cap of the open
    /// interest than now.
    fn other_params(&mut self, market: usize) -> MarketParams {
        if self.chance(30) {
            let present = self.world.market(market).state.params;
            return MarketParams { open_interest_max_lots: present.open_interest_max_lots - 1, ..present };
        }
        loop {
            let mut params = markets()[market];
            for rate in [
                &mut params.maintenance_base_ppm,
                &mut params.initial_base_ppm,
                &mut params.buffer_ppm,
                &mut params.backstop_line_ppm,
                &mut params.deleverage_line_ppm,
                &mut params.size_addon_ppm,
                &mut params.sigma_ref_ppm,
                &mut params.confidence_ref_ppm,
                &mut params.flow_recovery_slots,
                &mut params.impact_stay_ppm,
                &mut params.pace_cap_slots,
                &mut params.charge_min_ppm,
                &mut params.charge_max_ppm,
                &mut params.dutch_slots,
                &mut params.insurance_event_ppm,
                &mut params.trade_fee_ppm,
                &mut params.funding_max_ppm,
                &mut params.breaker_band_ppm,
                &mut params.backstop_gap_ppm,
                &mut params.netting_ppm,
                &mut params.derisk_horizon_slots,
            ] {
                if self.rng.random_range(0..3) == 0 {
                    *rate = *rate / 100 * self.rng.random_range(90..=112);
                }
            }
            params.depth_base_atoms = params.depth_base_atoms / 100 * self.rng.random_range(70..=140);
            params.backstop_max_atoms = params.backstop_max_atoms / 100 * self.rng.random_range(50..=150);
            if params.validate().is_ok() {
                return params;
            }
        }
    }
}
