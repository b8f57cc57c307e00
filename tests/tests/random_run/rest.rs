//! The end of a run: everybody closes, settles, converts, withdraws and leaves.

use crate::run::Run;
use crate::tally::Kind;
use breakwater::BreakwaterError;
use breakwater_risk::tier::Tier;
use breakwater_sdk::preview;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::USD;

/// Rounds after which a world that is not at rest never will be.
const ROUNDS: u32 = 40;
/// An hour in slots.
const SLOTS_OF_AN_OUTFLOW_WINDOW: u64 = 9_000;

impl Run {
    /// Brings the world to rest and checks that it is: no lots, claims or debts, all capital withdrawn, every
    /// account closed, and in the vault nothing but what belongs to pools, insurance and fees.
    pub fn come_to_rest(&mut self) {
        let everybody = self.names.clone();
        for _ in 0..ROUNDS {
            self.world.calm(10);
            self.finish_failures();
            for market in self.markets() {
                self.close_out(market);
            }
            self.repay_unfunded();
            self.settle_and_convert();
            self.leave();
            if self.names.is_empty() {
                break;
            }
        }
        let left: Vec<_> = self.names.iter().map(|name| (name, self.world.account(name).state)).collect();
        let markets: Vec<_> = self.markets().map(|market| self.world.market(market).state).collect();
        assert!(left.is_empty(), "not at rest: {left:#?} {markets:#?}");
        self.assert_at_rest(everybody.len());
    }

    /// Resolves the bankrupt and deleverages the critical, until nobody is.
    fn finish_failures(&mut self) {
        for name in self.names.clone() {
            for market in self.markets() {
                self.finish_failure(&name, market);
            }
            self.resolve_if_bankrupt(&name);
        }
    }

    fn finish_failure(&mut self, name: &str, market: usize) {
        if self.world.lots(name, market) == 0 {
            return;
        }
        let (snapshot, account) = (self.world.stage.snapshot(), self.world.account(name));
        let (now, index) = (self.world.stage.bank.now(), self.world.stage.markets[market].index);
        match preview::tier(&snapshot, &account, index, &now).expect("a tier") {
            Tier::Bankrupt => {
                let sent = self.world.resolve(name, market);
                assert!(self.count(Kind::Resolve, sent), "a bankrupt account cannot be resolved");
            }
            Tier::Critical => {
                let settled = self.world.settle(name);
                self.count(Kind::Settle, settled);
                let sent = self.world.deleverage(name, market);
                assert!(self.count(Kind::Deleverage, sent), "a critical account cannot be deleveraged");
            }
            _ => {}
        }
    }

    /// Longs and shorts of a market close against each other; what rounding left alone is deleveraged.
    fn close_out(&mut self, market: usize) {
        for name in self.names.clone() {
            let sent = self.world.settle(&name);
            self.count(Kind::Settle, sent);
        }
        loop {
            let positions: Vec<_> =
                self.names.iter().map(|name| (self.world.lots(name, market), name.clone())).collect();
            let longest = positions.iter().filter(|(lots, _)| *lots > 0).max();
            let shortest = positions.iter().filter(|(lots, _)| *lots < 0).min();
            match (longest, shortest) {
                (Some((long, seller)), Some((short, buyer))) => {
                    let lots = long.unsigned_abs().min(short.unsigned_abs());
                    let sent = self.world.trade(market, buyer, seller, lots);
                    if !self.count(Kind::Trade, sent) {
                        return; // somebody fails first: the next round finishes it
                    }
                }
                (Some((_, name)), None) | (None, Some((_, name))) => {
                    let sent = self.world.deleverage(name, market);
                    assert!(self.count(Kind::Deleverage, sent), "a remnant cannot be closed");
                }
                (None, None) => return,
            }
        }
    }

    /// Gives insurance so much that its caps allow the whole repayment.
    fn repay_unfunded(&mut self) {
        for market in self.markets() {
            let unfunded = self.world.market(market).state.unfunded_atoms;
            if unfunded > 0 {
                let name = self.any_name();
                let sent = self.world.donate(&name, unfunded * 110 + USD);
                self.count(Kind::Donate, sent);
            }
            let sent = self.world.sweep(market);
            self.count(Kind::Sweep, sent);
        }
    }

    fn settle_and_convert(&mut self) {
        self.world.calm(110);
        for name in self.names.clone() {
            let sent = self.world.settle(&name);
            self.count(Kind::Settle, sent);
        }
        for name in self.names.clone() {
            self.convert_all(&name);
        }
    }

    fn leave(&mut self) {
        for name in self.names.clone() {
            let state = self.world.account(&name).state;
            if state.legs.iter().any(|leg| leg.is_used()) {
                continue;
            }
            if state.capital_atoms > 0 {
                let sent = self.world.withdraw(&name, state.capital_atoms);
                if sent.as_ref().is_err_and(|refused| code_of(refused) == Some(code(BreakwaterError::OutflowLimit))) {
                    self.world.pass(SLOTS_OF_AN_OUTFLOW_WINDOW);
                    self.count(Kind::Withdraw, sent);
                    return;
                }
                assert!(self.count(Kind::Withdraw, sent), "free capital cannot be withdrawn");
            }
            let sent = self.world.close(&name);
            assert!(self.count(Kind::CloseAccount, sent), "an empty account cannot be closed");
            self.names.retain(|other| *other != name);
        }
    }

    fn assert_at_rest(&self, accounts: usize) {
        let mut held = self.world.stage.insurance_account().state.balance_atoms;
        for market in self.markets() {
            let state = self.world.market(market).state;
            assert_eq!((state.leg_count, state.long.open_lots, state.short.open_lots), (0, 0, 0));
            assert_eq!((state.claims_total_atoms, state.debts_total_atoms, state.unfunded_atoms), (0, 0, 0));
            held += state.pool_atoms + state.fees_accrued_atoms + state.insurance_accrued_atoms;
            println!("market {market}: {} atoms of seed and residue in the pool", state.pool_atoms);
        }
        let exchange = self.world.stage.exchange_account();
        held += exchange.fees_atoms;
        let vault = self.world.stage.bank.token_balance(&exchange.vault);
        assert_eq!((exchange.booked_atoms, vault), (held, held), "the vault holds what pools, insurance and fees hold");
        println!("{accounts} accounts closed, {held} atoms left");
    }
}
