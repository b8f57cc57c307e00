//! Calls by which strangers fund the insurance and the backstop: cash in and out against shares, which the model does not
//! know. Any account may serve as the backstop's; its stakes go into [`BACKSTOP`].

use crate::money_support::Exchange;
use crate::world::{outside, Outcome, State, ACCOUNTS, MARKETS};
use breakwater_risk::backstop::{self, BackstopState};
use breakwater_risk::insurance;
use breakwater_risk::shares::{Holding, COOLDOWN_SECONDS, SECOND_CALL_MIN_SECONDS};
use bytemuck::Zeroable;

/// The account that the backstop's stakes go into.
pub const BACKSTOP: usize = ACCOUNTS - 1;

/// Shares of both pools, all held by one owner.
#[derive(Clone)]
pub struct Pools {
    fund_holding: Holding,
    pub backstop: BackstopState,
    backstop_holding: Holding,
}

impl Pools {
    pub fn new() -> Self {
        Self {
            fund_holding: Zeroable::zeroed(),
            backstop: BackstopState { loss_line_ppm: 900_000, ..Zeroable::zeroed() },
            backstop_holding: Zeroable::zeroed(),
        }
    }
}

impl State {
    /// Time enough for a request to be called.
    fn wait_for_cooldown(&mut self) {
        self.exchange.wait(COOLDOWN_SECONDS.unsigned_abs() * 5 / 2);
    }

    /// Time enough for the second call to pay.
    fn wait_for_second_call(&mut self) {
        self.exchange.wait(SECOND_CALL_MIN_SECONDS.unsigned_abs() * 5 / 2);
    }

    pub fn stake_insurance(&mut self, atoms: u64) -> Outcome<()> {
        let (exchange, holding) = (&mut self.exchange, &mut self.pools.fund_holding);
        insurance::stake(&mut exchange.insurance, holding, (atoms, 0), MARKETS as u16, &exchange.markets)
            .map_err(outside)?;
        self.says(format!("FundIn {atoms}"));
        self.book_in(atoms)
    }

    fn call_insurance(&mut self) -> Outcome<u64> {
        let (Exchange { insurance, markets, now, .. }, holding) = (&mut self.exchange, &mut self.pools.fund_holding);
        let step = insurance::unstake(insurance, holding, 0, MARKETS as u16, markets, now).map_err(outside)?;
        Ok(step.paid_atoms())
    }

    pub fn unstake_insurance(&mut self) -> Outcome<()> {
        let (exchange, holding) = (&self.exchange, &mut self.pools.fund_holding);
        let (asked, count) = (holding.shares / 2, MARKETS as u16);
        insurance::request_unstake(&exchange.insurance, holding, asked, count, &exchange.markets, &exchange.now)
            .map_err(outside)?;
        self.wait_for_cooldown();
        self.call_insurance()?;
        self.wait_for_second_call();
        let paid = self.call_insurance()?;
        self.says(format!("FundOut {paid}"));
        self.book_out(paid)
    }

    pub fn stake_backstop(&mut self, atoms: u64) -> Outcome<()> {
        let (exchange, pools) = (&mut self.exchange, &mut self.pools);
        let (account, holding) = (&mut exchange.accounts[BACKSTOP], &mut pools.backstop_holding);
        backstop::stake(&mut pools.backstop, account, holding, (atoms, 0), &exchange.markets, &exchange.now)
            .map_err(outside)?;
        self.says(format!("Deposit {BACKSTOP} {atoms}"));
        self.book_in(atoms)
    }

    fn call_backstop(&mut self) -> Outcome<u64> {
        let (exchange, pools) = (&mut self.exchange, &mut self.pools);
        let (account, holding) = (&mut exchange.accounts[BACKSTOP], &mut pools.backstop_holding);
        let step = backstop::unstake(&mut pools.backstop, account, holding, 0, &exchange.markets, &exchange.now)
            .map_err(outside)?;
        Ok(step.paid_atoms())
    }

    pub fn unstake_backstop(&mut self) -> Outcome<()> {
        let asked = self.pools.backstop_holding.shares / 2;
        let (exchange, pools) = (&self.exchange, &mut self.pools);
        let (account, holding) = (&exchange.accounts[BACKSTOP], &mut pools.backstop_holding);
        backstop::request_unstake(&pools.backstop, account, holding, asked, &exchange.markets, &exchange.now)
            .map_err(outside)?;
        self.wait_for_cooldown();
        self.call_backstop()?;
        self.wait_for_second_call();
        let paid = self.call_backstop()?;
        // Shares that are worth nothing are given up for nothing: no cash moves.
        if paid > 0 {
            self.says(format!("Withdraw {BACKSTOP} {paid}"));
        }
        self.book_out(paid)
    }
}
