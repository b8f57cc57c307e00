//! What traders and passers-by do at random.

use crate::run::Run;
use crate::tally::Kind;
use breakwater::BreakwaterError;
use breakwater_sdk::preview;
use breakwater_tests::acts::BACKSTOP;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::USD;
use rand::Rng;

impl Run {
    /// One random action, or a chore that earlier ones made due.
    pub fn step(&mut self) {
        self.weather();
        match self.rng.random_range(0..100) {
            0..4 => self.deposit(),
            4..9 => self.withdraw(),
            9..31 => self.trade(),
            31..36 => self.spread(),
            36..46 => self.move_prices(),
            46..52 => self.hunt(),
            52..54 => self.settle(),
            54..55 => self.crank_ladder(),
            55..56 => self.crank_macro(),
            56..58 => self.house_keeping(),
            58..62 => self.fail_on_purpose(),
            62..65 => self.pool_business(),
            65..66 => self.paper_work(),
            _ if self.weather.has_keepers() => self.chore(),
            _ => {}
        }
    }

    fn deposit(&mut self) {
        let name = self.any_name();
        self.deposit_for(&name);
    }

    fn deposit_for(&mut self, name: &str) {
        let atoms = self.rng.random_range(1..50_000 * USD);
        let sent = self.world.deposit(name, atoms);
        self.count(Kind::Deposit, sent);
    }

    /// Withdraws a part of what is free, or one atom more than all of it.
    fn withdraw(&mut self) {
        let name = self.any_name();
        let (snapshot, account) = (self.world.stage.snapshot(), self.world.account(&name));
        let now = self.world.stage.bank.now();
        let free = preview::withdrawable_atoms(&snapshot, &account, &now).expect("withdrawable");
        if free == 0 || self.chance(20) {
            let sent = self.world.withdraw(&name, free + 1);
            self.count(Kind::WithdrawTooMuch, sent);
        } else {
            let atoms = self.rng.random_range(1..=free / 2 + 1);
            let sent = self.world.withdraw(&name, atoms);
            let is_limited =
                sent.as_ref().is_err_and(|refused| code_of(refused) == Some(code(BreakwaterError::OutflowLimit)));
            assert!(self.count(Kind::Withdraw, sent) || is_limited, "{atoms} of {free} free atoms were refused");
        }
    }

    fn trade(&mut self) {
        let (market, buyer, seller) = (self.any_market(), self.any_name(), self.any_name());
        if buyer == seller {
            return;
        }
        let limit = if self.chance(30) { 7.0 } else { 2.0 };
        let most = self.rng.random_range(0.01..limit);
        let Some(lots) = self.lots_for(market, &buyer, &seller, most) else { return };
        let mark = self.world.mark(market);
        if self.chance(40) {
            let distance = self.rng.random_range(0..24_000_u64);
            let price = self.off_mark(mark, distance);
            let sent = self.world.trade_at(market, &buyer, &seller, lots, price);
            self.count(Kind::TradeOffMark, sent);
        } else {
            let sent = self.world.trade(market, &buyer, &seller, lots);
            self.count(Kind::Trade, sent);
        }
    }

    /// Lots of a notional that is a multiple of the smaller capital; the poor deposit first.
    fn lots_for(&mut self, market: usize, buyer: &str, seller: &str, multiple: f64) -> Option<u64> {
        for name in [buyer, seller] {
            if self.world.account(name).state.capital_atoms < 100 * USD {
                self.deposit_for(name);
                return None;
            }
        }
        let capital = [buyer, seller].map(|name| self.world.account(name).state.capital_atoms);
        let notional = capital[0].min(capital[1]) as f64 * multiple;
        Some((notional * 1e6 / self.world.mark(market) as f64) as u64 + 1)
    }

    /// Somebody buys one market and sells another: prices that move together make claims in one and debts in the other.
    fn spread(&mut self) {
        let (name, first, second) = (self.any_name(), self.any_name(), self.any_name());
        if name == first || name == second {
            return;
        }
        let bought = self.any_market();
        let sold = (bought + 1) % self.markets().len();
        if let Some(lots) = self.lots_for(bought, &name, &first, 3.5) {
            let sent = self.world.trade(bought, &name, &first, lots);
            self.count(Kind::Trade, sent);
        }
        if let Some(lots) = self.lots_for(sold, &second, &name, 3.5) {
            let sent = self.world.trade(sold, &second, &name, lots);
            self.count(Kind::Trade, sent);
        }
    }

    fn off_mark(&mut self, mark: u64, distance_ppm: u64) -> u64 {
        let distance = mark / 1_000_000 * distance_ppm;
        if self.rng.random() {
            mark + distance
        } else {
            mark - distance
        }
    }

    /// The price goes to where somebody fails, and somewhat further.
    fn hunt(&mut self) {
        let (sight, mut accounts) = self.survey();
        let is_for_backstop = self.chance(40);
        if is_for_backstop {
            accounts.sort_by_key(|(name, _)| name != BACKSTOP);
        }
        let now = self.world.stage.bank.now();
        let market = self.any_market();
        let index = self.world.stage.markets[market].index;
        let furthest = if is_for_backstop { 250_000 } else { 90_000_u128 };
        let further = self.rng.random_range(1_000..furthest);
        for (_, account) in accounts {
            let Ok(Some(price)) = preview::liquidation_price(&sight.snapshot, &account, index, &now) else { continue };
            let mark = self.world.mark(market);
            let factor = if price < mark { 1_000_000 - further } else { 1_000_000 + further };
            let target = u64::try_from(u128::from(price) * factor / 10_000_000).expect("a price"); // a mark is ten micro-dollars per token
            let published = self.world.price(market);
            if target.abs_diff(published) < published / 5 * 2 {
                self.publish(market, target);
                if self.chance(60) {
                    self.publish(market, target);
                }
                return;
            }
        }
    }

    /// Settles somebody, or everybody.
    fn settle(&mut self) {
        let names = if self.chance(10) { self.names.clone() } else { vec![self.any_name()] };
        for name in names {
            let sent = self.world.settle(&name);
            self.count(Kind::Settle, sent);
        }
    }

    fn house_keeping(&mut self) {
        let market = self.any_market();
        match self.rng.random_range(0..5) {
            4 => {
                let before = self.world.market(market).state;
                let sent = self.world.refresh(market);
                assert!(self.count(Kind::RefreshTwice, sent), "a price that is there already is refused");
                assert!(self.world.market(market).state == before, "a price that is there already changes the market");
            }
            0 => {
                let (name, atoms) = (self.any_name(), self.rng.random_range(1..5_000 * USD));
                let sent = self.world.donate(&name, atoms);
                self.count(Kind::Donate, sent);
            }
            1 => {
                let sent = self.world.collect_fees();
                self.count(Kind::CollectFees, sent);
            }
            _ => {
                let sent = self.world.sweep(market);
                self.count(Kind::Sweep, sent);
            }
        }
    }

    /// Calls that must be refused, whoever makes them and whenever.
    fn fail_on_purpose(&mut self) {
        let (market, first, second) = (self.any_market(), self.any_name(), self.any_name());
        if first == second {
            return;
        }
        match self.rng.random_range(0..2) {
            0 => {
                let mark = self.world.mark(market);
                let sent = self.world.trade_at(market, &first, &second, 1_000_000, mark / 10 * 9);
                self.count(Kind::TradeTooFar, sent);
            }
            _ => {
                self.world.pass(30);
                let sent = self.world.trade(market, &first, &second, 1 << 36);
                self.count(Kind::TradeStale, sent);
                self.refresh_all();
            }
        }
    }
}
