//! The end of a run: everybody closes, settles, converts, withdraws and leaves, the stakers last.

use crate::chores::kind_of;
use crate::run::Run;
use crate::stakers::unstaked;
use crate::tally::Kind;
use crate::weather::SLOTS_OF_A_NOTICE;
use breakwater::BreakwaterError;
use breakwater_risk::{refresh, statistics};
use breakwater_sdk::actions::{self, Action};
use breakwater_tests::acts::BACKSTOP;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::{CONFIDENCE_PPM, USD};
use breakwater_tests::Pool;

/// Rounds after which a world that is not at rest never will be.
const ROUNDS: u32 = 60;
/// Slots in which a quarter of the flow meter recovers, and some.
const SLOTS_OF_A_QUARTER_FLOW: u64 = 200;
/// An hour in slots.
const SLOTS_OF_AN_OUTFLOW_WINDOW: u64 = 9_000;

impl Run {
    /// Brings the world to rest and checks that it is: no lots, claims or debts, all capital withdrawn, every account and
    /// stake closed, and in the vault nothing but what belongs to pools, insurance, fees, and nobody's shares.
    pub fn come_to_rest(&mut self) {
        self.clear_up();
        let everybody = self.names.len() + self.stakers.len();
        for _ in 0..ROUNDS {
            self.wait_for_calm(3);
            self.finish_failures();
            for market in self.markets() {
                self.close_out(market);
            }
            self.repay_unfunded();
            self.settle_and_convert();
            self.leave();
            if self.names.is_empty() && !self.world.account(BACKSTOP).state.legs.iter().any(|leg| leg.is_used()) {
                break;
            }
        }
        let left = self.remains();
        assert!(left.is_empty(), "not at rest:\n{left}");
        self.leave_pools();
        self.assert_at_rest(everybody);
    }

    /// What is still open: every account with its legs, and the markets' sums.
    fn remains(&self) -> String {
        let mut text = String::new();
        let is_used = |leg: &&breakwater_risk::Leg| leg.is_used();
        for name in self.holders() {
            let state = self.world.account(&name).state;
            if name == BACKSTOP && state.legs.iter().find(is_used).is_none() {
                continue;
            }
            text += &format!("{name}: capital {}, flagged {}\n", state.capital_atoms, state.flagged_slot);
            for leg in state.legs.iter().filter(is_used) {
                let claims = [leg.claim_fresh_atoms, leg.claim_maturing_atoms, leg.claim_matured_atoms];
                text += &format!("  {}: {} lots, claims {claims:?}, ", leg.market_index, leg.lots);
                text += &format!("debt {}\n", leg.debt_atoms);
            }
        }
        for market in self.markets().filter(|_| !text.is_empty()).collect::<Vec<_>>() {
            let state = self.world.market(market).state;
            let sums = (state.pool_atoms, state.claims_total_atoms, state.debts_total_atoms, state.unfunded_atoms);
            text += &format!("market {market}: pool, claims, debts, unfunded {sums:?}\n");
        }
        text
    }

    /// Everybody and the backstop.
    fn holders(&self) -> Vec<String> {
        self.names.iter().cloned().chain([BACKSTOP.to_owned()]).collect()
    }

    /// Resolves, deleverages or lets the backstop take over until nothing of it is due.
    fn finish_failures(&mut self) {
        let Some(taker) = self.names.first().cloned() else { return };
        for name in self.holders() {
            loop {
                let (sight, account) = (self.world.sight(), self.world.account(&name));
                let now = self.world.stage.bank.now();
                let standing = actions::standing(&sight.around(None), &account, &now).expect("a standing");
                let due = standing.actions.into_iter().rev().find(|action| !matches!(action, Action::Flag(_)));
                let Some(action) = due else { break };
                let sent = self.world.act(action, &name, &taker);
                assert!(self.count(kind_of(action, &name, &account), sent), "{action:?} on {name} is refused");
            }
        }
    }

    /// Longs and shorts of a market close against each other; the rest buys from the backstop, or is deleveraged where the
    /// other side has no leg left.
    fn close_out(&mut self, market: usize) {
        for name in self.holders() {
            let sent = self.world.settle(&name);
            self.count(Kind::Settle, sent);
        }
        loop {
            let lots = |name: &String| self.world.lots(name, market);
            let positions: Vec<_> = self.names.iter().map(|name| (lots(name), name.clone())).collect();
            let longest = positions.iter().filter(|(lots, _)| *lots > 0).max().cloned();
            let shortest = positions.iter().filter(|(lots, _)| *lots < 0).min().cloned();
            let is_going_on = match (longest, shortest) {
                (Some((long, seller)), Some((short, buyer))) => {
                    let sent = self.world.trade(market, &buyer, &seller, long.unsigned_abs().min(short.unsigned_abs()));
                    self.count(Kind::Trade, sent) // if refused somebody fails first: the next round finishes it
                }
                (Some((lots, name)), None) | (None, Some((lots, name))) => self.close_alone(market, &name, lots),
                (None, None) => self.world.inventory(market) != 0 && self.close_remnant(market, BACKSTOP),
            };
            if !is_going_on {
                return;
            }
        }
    }

    /// Closes a position that no other trader stands against. Returns whether it got smaller.
    fn close_alone(&mut self, market: usize, name: &str, lots: i64) -> bool {
        let held = self.world.inventory(market);
        if held == 0 {
            return self.close_remnant(market, name);
        }
        assert_eq!(held.signum(), -lots.signum(), "the backstop stands against the last trader");
        self.unwind(name, market, lots.unsigned_abs()) || self.buy_all(market) || self.wait_for_flow(market)
    }

    /// Somebody buys all that the backstop holds: it sells no dust, and those who stand against it may hold nothing else. They
    /// close against the buyer next. Returns whether somebody could.
    fn buy_all(&mut self, market: usize) -> bool {
        let keepers = self.names.clone();
        keepers.iter().any(|keeper| self.unwind(keeper, market, u64::MAX))
    }

    /// The auction sells a quarter of what the book absorbs at a time: lets some of it recover. Returns whether more can be
    /// sold; if not, the next round is calmer.
    fn wait_for_flow(&mut self, market: usize) -> bool {
        self.world.pass(SLOTS_OF_A_QUARTER_FLOW);
        let sent = self.world.quote(market, self.world.price(market), CONFIDENCE_PPM);
        assert!(self.count(Kind::Refresh, sent), "a new price is refused");
        let state = self.world.market(market).state;
        statistics::is_calm(&state) && !refresh::is_reduce_only(&state, &self.world.stage.bank.now())
    }

    fn close_remnant(&mut self, market: usize, name: &str) -> bool {
        let sent = self.world.deleverage(name, market);
        assert!(self.count(Kind::Deleverage, sent), "a remnant cannot be closed");
        true
    }

    /// Gives insurance so much that its caps allow the whole repayment, or the market's own reserve what is missing: insurance
    /// does not pay for what was left while the market was young, and not for all markets at once.
    fn repay_unfunded(&mut self) {
        for market in self.markets() {
            let unfunded = self.world.market(market).state.unfunded_atoms;
            if unfunded > 0 {
                let name = self.stakers[0].0.clone();
                let sent = self.world.donate(&name, unfunded * 110 + USD);
                self.count(Kind::Donate, sent);
                let sent = self.world.sweep(market);
                self.count(Kind::Sweep, sent);
            }
            let unfunded = self.world.market(market).state.unfunded_atoms;
            if unfunded > 0 {
                let name = self.stakers[0].0.clone();
                let sent = self.world.donate_reserve(&name, market, unfunded);
                assert!(self.count(Kind::DonateReserve, sent), "a gift is refused");
            }
            let sent = self.world.sweep(market);
            self.count(Kind::Sweep, sent);
        }
    }

    fn settle_and_convert(&mut self) {
        self.wait_for_calm(1);
        let sent = self.world.settle(BACKSTOP);
        self.count(Kind::Settle, sent);
        for name in self.names.clone() {
            self.convert_all(&name);
        }
        if self.names.is_empty() {
            return self.convert_backstop_by_staker();
        }
        loop {
            let (_, accounts) = self.survey();
            if !self.net_ring(&accounts) {
                break;
            }
        }
        for _ in self.markets() {
            self.convert_for_backstop();
        }
    }

    fn convert_backstop_by_staker(&mut self) {
        let caller = self.stakers[0].0.clone();
        for market in self.markets() {
            let sent = self.world.convert_for_backstop(&caller, market);
            self.count(Kind::ConvertForBackstop, sent);
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
            self.close_account(&name);
            self.names.retain(|other| *other != name);
        }
    }

    fn close_account(&mut self, name: &str) {
        let sent = self.world.close(name);
        assert!(self.count(Kind::CloseAccount, sent), "an empty account cannot be closed");
    }

    /// Every staker asks for all, waits, takes the cash, and closes stake and account.
    fn leave_pools(&mut self) {
        let stakers = self.stakers.clone();
        let asked: Vec<bool> = stakers.iter().map(|(name, pool)| self.request(name, *pool, 1)).collect();
        self.world.pass(SLOTS_OF_A_NOTICE);
        self.refresh_all();
        for ((name, pool), _) in stakers.iter().zip(&asked).filter(|(_, asked)| **asked) {
            assert!(self.call(name, *pool), "{name} cannot call");
        }
        self.wait_for_second_call();
        for ((name, pool), asked) in stakers.iter().zip(asked) {
            if asked {
                let sent = self.world.unstake(name, *pool);
                let refusal = sent.as_ref().err().map(ToString::to_string);
                assert!(self.count(unstaked(*pool), sent), "{name} cannot leave: {refusal:?}");
            }
            let sent = self.world.close_stake(name, *pool);
            assert!(self.count(Kind::CloseStake, sent), "{name} has shares left");
            self.close_account(name);
        }
    }

    fn assert_at_rest(&self, accounts: usize) {
        let (fund, backstop) = (self.world.fund().state, self.world.backstop());
        let mut held = fund.balance_atoms + backstop.account.state.capital_atoms;
        for market in self.markets() {
            let state = self.world.market(market).state;
            assert_eq!((state.leg_count, state.long.open_lots, state.short.open_lots), (0, 0, 0));
            assert_eq!((state.claims_total_atoms, state.debts_total_atoms, state.unfunded_atoms), (0, 0, 0));
            held += state.pool_atoms + state.reserve_atoms + state.fees_accrued_atoms + state.insurance_accrued_atoms;
            println!("market {market}: {} atoms of seed and residue in the pool", state.pool_atoms);
        }
        let exchange = self.world.stage.exchange_account();
        held += exchange.fees_atoms;
        let vault = self.world.stage.bank.token_balance(&exchange.vault);
        assert_eq!((exchange.booked_atoms, vault), (held, held), "the vault holds what pools, insurance and fees hold");
        // Every stake is closed, so the shares left are nobody's, and so is what the pools hold for them.
        for pool in [Pool::Insurance, Pool::Backstop] {
            assert!(self
                .stakers
                .iter()
                .filter(|(_, of)| *of == pool)
                .all(|(name, _)| !self.world.has_stake(name, pool)));
        }
        println!(
            "{accounts} accounts closed, {held} atoms left: insurance {} ({} of nobody's shares), backstop {} ({})",
            fund.balance_atoms,
            fund.shares.total,
            backstop.account.state.capital_atoms,
            backstop.backstop.state.shares.total
        );
    }
}
