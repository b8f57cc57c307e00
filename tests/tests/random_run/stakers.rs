//! What the stakers of the two pools do, and who buys from the backstop.

use crate::run::Run;
use crate::tally::Kind;
use crate::weather::SLOTS_OF_A_NOTICE;
use breakwater::BreakwaterError;
use breakwater_risk::shares::SECOND_CALL_MIN_SECONDS;
use breakwater_sdk::preview;
use breakwater_tests::acts::BACKSTOP;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::USD;
use breakwater_tests::Pool;
use rand::Rng;

impl Run {
    /// Some staker does something.
    pub fn pool_business(&mut self) {
        let place = self.rng.random_range(0..self.stakers.len());
        let (name, pool) = self.stakers[place].clone();
        match self.rng.random_range(0..10) {
            0..4 => self.stake(&name, pool),
            4..6 => {
                self.call(&name, pool);
            }
            6 => {
                let _ = self.request(&name, pool, 4);
            }
            _ => self.convert_for_backstop(),
        }
    }

    /// A call of a staker's request. Returns whether it noted or paid something.
    pub fn call(&mut self, name: &str, pool: Pool) -> bool {
        let now = self.world.stage.time().1;
        let sent = self.world.unstake(name, pool);
        let refusal = sent.as_ref().err().and_then(|refused| code_of(refused));
        let is = |error| refusal == Some(code(error));
        let kind = match () {
            () if is(BreakwaterError::CooldownRunning) => Kind::UnstakeEarly,
            () if is(BreakwaterError::SecondCallTooEarly) => Kind::SecondCallEarly,
            () if sent.is_ok() && self.world.stake_of(name, pool).state.noted_at == now => Kind::NoteUnstake,
            () => unstaked(pool),
        };
        self.count(kind, sent)
    }

    /// Stakes a little, in the backstop more while it holds little.
    pub fn stake(&mut self, name: &str, pool: Pool) {
        let most = match pool {
            Pool::Backstop if self.world.account(BACKSTOP).state.capital_atoms < 50_000 * USD => 400_000,
            _ => 20_000,
        };
        let atoms = self.rng.random_range(1..most) * USD;
        let sent = self.world.stake(name, pool, atoms);
        self.count(staked(pool), sent);
    }

    /// Asks back a share of 1/`parts` of what a staker has. Returns whether anything was asked.
    pub fn request(&mut self, name: &str, pool: Pool, parts: u64) -> bool {
        let ledger = match pool {
            Pool::Insurance => self.world.fund().state.shares,
            Pool::Backstop => self.world.backstop().backstop.state.shares,
        };
        let shares = self.world.stake_of(name, pool).state.live_shares(&ledger).div_ceil(parts);
        let sent = self.world.request_unstake(name, pool, shares);
        self.count(requested(pool), sent)
    }

    /// Some ask back, governance gives notice, its time passes, everybody wakes up, and who asked leaves.
    pub fn wait_for_cooldown(&mut self) {
        let stakers = self.stakers.clone();
        for (name, pool) in &stakers {
            self.request(name, *pool, 3);
        }
        let pending = self.propose_receivers();
        self.world.pass(SLOTS_OF_A_NOTICE);
        self.apply_receivers(pending);
        self.apply_all_params();
        self.apply_macro();
        self.refresh_all();
        for (name, pool) in &stakers {
            self.call(name, *pool);
        }
        self.wait_for_second_call();
        for (name, pool) in &stakers {
            self.call(name, *pool);
        }
    }

    /// The hour between the two calls of a request; some call too early.
    pub fn wait_for_second_call(&mut self) {
        if self.chance(30) {
            let (name, pool) = self.stakers[0].clone();
            self.call(&name, pool);
        }
        self.world.pass(SECOND_CALL_MIN_SECONDS.cast_unsigned() * 5 / 2);
        self.refresh_all();
    }

    /// Converts the backstop's profit where something has matured. Anyone may.
    pub fn convert_for_backstop(&mut self) {
        let now = self.world.stage.bank.now();
        let (sight, account) = (self.world.sight(), self.world.account(BACKSTOP));
        for market in self.markets() {
            let index = self.world.stage.markets[market].index;
            if let Ok(report) = preview::convert_profit(&sight.snapshot, index, &account, 0, &now) {
                let caller = self.any_name();
                let sent = self.world.convert_for_backstop(&caller, market);
                assert!(self.count(Kind::ConvertForBackstop, sent), "{report:?} was refused");
                return;
            }
        }
    }

    /// Somebody buys from the backstop what they may. Returns whether anything was sold.
    pub fn unwind(&mut self, keeper: &str, market: usize, most_lots: u64) -> bool {
        if self.world.inventory(market) == 0 {
            return false;
        }
        let (sight, now) = (self.world.sight(), self.world.stage.bank.now());
        let (account, index) = (self.world.account(keeper), self.world.stage.markets[market].index);
        let backstop = sight.backstop.as_ref().expect("a backstop");
        let expected = preview::unwind(&sight.snapshot, index, backstop, &account, most_lots, &now);
        let sent = self.world.unwind(keeper, market, most_lots);
        let is_sold = self.count(Kind::Unwind, sent);
        assert_eq!(is_sold, expected.is_ok(), "{expected:?}");
        is_sold
    }
}

fn staked(pool: Pool) -> Kind {
    match pool {
        Pool::Insurance => Kind::StakeInsurance,
        Pool::Backstop => Kind::StakeBackstop,
    }
}

fn requested(pool: Pool) -> Kind {
    match pool {
        Pool::Insurance => Kind::RequestInsurance,
        Pool::Backstop => Kind::RequestBackstop,
    }
}

/// Kind of taking the cash of a request to a pool.
pub fn unstaked(pool: Pool) -> Kind {
    match pool {
        Pool::Insurance => Kind::UnstakeInsurance,
        Pool::Backstop => Kind::UnstakeBackstop,
    }
}
