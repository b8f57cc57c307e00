//! Insurance and backstop in a [`World`]: who funds them, what they take over and sell.

use crate::world::{World, USD};
use anchor_lang::prelude::Pubkey;
use breakwater::{InsuranceFund, Stake};
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::shares::SECOND_CALL_MIN_SECONDS;
use breakwater_sdk::{address, instruction as build, view, BackstopView};
use breakwater_sim::stage::Sent;
use solana_signer::Signer;

/// Loss line of the backstops of tests, ppm.
pub const LOSS_LINE_PPM: u32 = 200_000;

/// A pool that strangers fund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// The insurance fund.
    Insurance,
    /// The backstop.
    Backstop,
}

impl World {
    /// Creates the backstop with a loss line in ppm, and funds it through a liquidity provider called `lp`.
    pub fn with_backstop(mut self, loss_line_ppm: u32, atoms: u64) -> Self {
        self.stage.create_backstop(loss_line_ppm).expect("the backstop is created");
        self.trader("lp", 0);
        self.open_stake("lp", Pool::Backstop).expect("the stake is opened");
        self.stake("lp", Pool::Backstop, atoms).expect("the backstop takes the cash");
        self
    }

    /// Address of a pool.
    pub fn pool(&self, pool: Pool) -> Pubkey {
        match pool {
            Pool::Insurance => address::insurance(&self.stage.exchange),
            Pool::Backstop => address::backstop(&self.stage.exchange),
        }
    }

    /// The backstop and its account.
    pub fn backstop(&self) -> BackstopView {
        self.stage.backstop().expect("the exchange has a backstop")
    }

    /// The backstop's signed lots in a market.
    pub fn inventory(&self, market: usize) -> i64 {
        let account = self.backstop().account;
        account.state.find_leg(self.stage.markets[market].index).map_or(0, |slot| account.state.legs[slot].lots)
    }

    /// The backstop takes lots over in a market at the present mark: somebody buys them from `maker` and fails.
    pub fn give_inventory(&mut self, market: usize, maker: &str, lots: u64) {
        let name = format!("failed {}", self.names().len());
        let notional = lots * self.mark(market) / PPM;
        self.trader(&name, notional + USD);
        self.trade(market, &name, maker, lots).expect("the maker sells");
        let required = self.health(&name, market, Stance::Favour).maintenance();
        self.leave_capital(&name, required * 2 / 5, maker);
        self.absorb(&name, market).expect("the backstop takes the leg");
    }

    /// A trader's request is due now, past the cooldown.
    pub fn make_due(&mut self, name: &str, pool: Pool) {
        let now = self.stage.time().1;
        self.edit_stake(name, pool, |stake| stake.state.redeemable_at = now);
    }

    /// The insurance fund.
    pub fn fund(&self) -> InsuranceFund {
        self.stage.insurance_account()
    }

    /// A trader's stake in a pool.
    pub fn stake_of(&self, name: &str, pool: Pool) -> Stake {
        let key = address::stake(&self.pool(pool), &self.who(name).key.pubkey());
        view::stake(&self.stage.bank.data(&key).unwrap_or_default()).expect("a stake")
    }

    /// Whether a trader has a stake in a pool.
    pub fn has_stake(&self, name: &str, pool: Pool) -> bool {
        let key = address::stake(&self.pool(pool), &self.who(name).key.pubkey());
        self.stage.bank.data(&key).is_some_and(|data| !data.is_empty())
    }

    /// Opens a trader's stake in a pool.
    pub fn open_stake(&mut self, name: &str, pool: Pool) -> Sent {
        let (exchange, pool) = (self.stage.exchange, self.pool(pool));
        let (payer, owner) = (self.stage.bank.payer().pubkey(), self.who(name).key.pubkey());
        self.watch(address::stake(&pool, &owner));
        self.send_as(name, &[build::open_stake(exchange, payer, owner, pool)])
    }

    /// Closes a trader's stake in a pool.
    pub fn close_stake(&mut self, name: &str, pool: Pool) -> Sent {
        let instruction = build::close_stake(self.stage.exchange, self.who(name).key.pubkey(), self.pool(pool));
        self.send_as(name, &[instruction])
    }

    /// Puts cash from a trader's wallet into a pool.
    pub fn stake(&mut self, name: &str, pool: Pool, atoms: u64) -> Sent {
        let (exchange, owner) = (self.stage.exchange, self.who(name).key.pubkey());
        let tokens = self.stage.tokens(self.who(name).wallet);
        let instruction = match pool {
            Pool::Insurance => build::stake_insurance(exchange, owner, tokens, atoms, 0, &self.stage.all_markets()),
            Pool::Backstop => {
                let markets = self.stage.markets_with_backstop(&[]);
                build::stake_backstop(exchange, owner, tokens, atoms, 0, &markets)
            }
        };
        self.send_as(name, &[instruction])
    }

    /// Asks a trader's shares of a pool back.
    pub fn request_unstake(&mut self, name: &str, pool: Pool, shares: u64) -> Sent {
        let (exchange, owner) = (self.stage.exchange, self.who(name).key.pubkey());
        let instruction = match pool {
            Pool::Insurance => build::request_unstake_insurance(exchange, owner, shares, &self.stage.all_markets()),
            Pool::Backstop => {
                build::request_unstake_backstop(exchange, owner, shares, &self.stage.markets_with_backstop(&[]))
            }
        };
        self.send_as(name, &[instruction])
    }

    /// Leaves with what a trader's request to a pool is worth: the first call, an hour later the last prices again, the second call.
    pub fn leave(&mut self, name: &str, pool: Pool) -> Sent {
        self.unstake(name, pool)?;
        self.pass_to_second_call();
        self.unstake(name, pool)
    }

    /// Lets the hour after a first call pass; every market has its last price again.
    pub fn pass_to_second_call(&mut self) {
        self.pass(SECOND_CALL_MIN_SECONDS.cast_unsigned() * 5 / 2);
        self.publish_again();
    }

    /// A trader's first call was made an hour ago and noted all that was asked: the next call pays.
    pub fn make_noted(&mut self, name: &str, pool: Pool) {
        let now = self.stage.time().1;
        self.edit_stake(name, pool, |stake| {
            (stake.state.noted_at, stake.state.noted_atoms) =
                (now - SECOND_CALL_MIN_SECONDS, stake.state.requested_atoms);
        });
    }

    /// A call of a trader's request to a pool, whatever it notes or pays.
    pub fn unstake(&mut self, name: &str, pool: Pool) -> Sent {
        self.unstake_at_least(name, pool, 0)
    }

    /// A call of a trader's request to a pool that notes or pays at least that much.
    pub fn unstake_at_least(&mut self, name: &str, pool: Pool, least_atoms: u64) -> Sent {
        let (exchange, owner) = (self.stage.exchange, self.who(name).key.pubkey());
        let tokens = self.stage.tokens(self.who(name).wallet);
        let instruction = match pool {
            Pool::Insurance => {
                build::unstake_insurance(exchange, owner, tokens, least_atoms, &self.stage.all_markets())
            }
            Pool::Backstop => {
                build::unstake_backstop(exchange, owner, tokens, least_atoms, &self.stage.markets_with_backstop(&[]))
            }
        };
        self.send_as(name, &[instruction])
    }

    /// Converts the backstop's matured profit in a market; a named trader signs.
    pub fn convert_for_backstop(&mut self, caller: &str, market: usize) -> Sent {
        let (key, account) = (self.who(caller).key.pubkey(), address::backstop_account(&self.stage.exchange));
        let (market, others) = (self.stage.markets[market].key, self.stage.markets_of(&[account]));
        self.send_as(caller, &[build::convert_profit(key, market, account, 0, &others)])
    }

    /// A keeper buys at most `most_lots` from the backstop.
    pub fn unwind(&mut self, keeper: &str, market: usize, most_lots: u64) -> Sent {
        let (key, account) = (self.who(keeper).key.pubkey(), self.who(keeper).account);
        let others = self.stage.markets_with_backstop(&[account]);
        let market = self.stage.markets[market].key;
        self.send_as(keeper, &[build::unwind(self.stage.exchange, key, market, account, most_lots, &others)])
    }
}
