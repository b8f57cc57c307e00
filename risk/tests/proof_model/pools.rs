//! Calls by which strangers fund the insurance and the backstop: cash in and out against shares, which the model does not
//! know. Any account may serve as the backstop's; its stakes go into [`BACKSTOP`].

use crate::world::{outside, Outcome, State, ACCOUNTS, MARKETS};
use breakwater_risk::backstop::{self, BackstopState};
use breakwater_risk::insurance::{self, FundState};
use breakwater_risk::shares::{Holding, ShareLedger, COOLDOWN_SECONDS};
use bytemuck::Zeroable;

/// The account that the backstop's stakes go into.
pub const BACKSTOP: usize = ACCOUNTS - 1;

/// Shares of both pools, all held by one owner.
#[derive(Clone)]
pub struct Pools {
    fund: ShareLedger,
    fund_holding: Holding,
    pub backstop: BackstopState,
    backstop_holding: Holding,
}

impl Pools {
    pub fn new() -> Self {
        Self {
            fund: Zeroable::zeroed(),
            fund_holding: Zeroable::zeroed(),
            backstop: BackstopState { loss_line_ppm: 900_000, ..Zeroable::zeroed() },
            backstop_holding: Zeroable::zeroed(),
        }
    }
}

impl State {
    fn fund(&self) -> FundState {
        FundState { shares: self.pools.fund, ..self.exchange.insurance }
    }

    fn store_fund(&mut self, fund: FundState) {
        (self.exchange.insurance, self.pools.fund) = (fund, fund.shares);
    }

    /// Time enough for a request to be paid.
    fn wait_for_cooldown(&mut self) {
        self.exchange.wait(COOLDOWN_SECONDS.unsigned_abs() * 5 / 2);
    }

    pub fn stake_insurance(&mut self, atoms: u64) -> Outcome<()> {
        let (mut fund, holding) = (self.fund(), &mut self.pools.fund_holding);
        insurance::stake(&mut fund, holding, (atoms, 0), MARKETS as u16, &self.exchange.markets).map_err(outside)?;
        self.store_fund(fund);
        self.says(format!("FundIn {atoms}"));
        self.book_in(atoms)
    }

    pub fn unstake_insurance(&mut self) -> Outcome<()> {
        let (mut fund, count) = (self.fund(), MARKETS as u16);
        let asked = self.pools.fund_holding.shares / 2;
        let (holding, now) = (&mut self.pools.fund_holding, self.exchange.now);
        insurance::request_unstake(&fund, holding, asked, count, &self.exchange.markets, &now).map_err(outside)?;
        self.wait_for_cooldown();
        let (holding, exchange) = (&mut self.pools.fund_holding, &self.exchange);
        let paid =
            insurance::unstake(&mut fund, holding, 0, count, &exchange.markets, &exchange.now).map_err(outside)?;
        self.store_fund(fund);
        self.says(format!("FundOut {}", paid.paid_atoms));
        self.book_out(paid.paid_atoms)
    }

    pub fn stake_backstop(&mut self, atoms: u64) -> Outcome<()> {
        let (exchange, pools) = (&mut self.exchange, &mut self.pools);
        let (account, holding) = (&mut exchange.accounts[BACKSTOP], &mut pools.backstop_holding);
        backstop::stake(&mut pools.backstop, account, holding, (atoms, 0), &exchange.markets, &exchange.now)
            .map_err(outside)?;
        self.says(format!("Deposit {BACKSTOP} {atoms}"));
        self.book_in(atoms)
    }

    pub fn unstake_backstop(&mut self) -> Outcome<()> {
        let asked = self.pools.backstop_holding.shares / 2;
        let (exchange, pools) = (&self.exchange, &mut self.pools);
        let (account, holding) = (&exchange.accounts[BACKSTOP], &mut pools.backstop_holding);
        backstop::request_unstake(&pools.backstop, account, holding, asked, &exchange.markets, &exchange.now)
            .map_err(outside)?;
        self.wait_for_cooldown();
        let (exchange, pools) = (&mut self.exchange, &mut self.pools);
        let (account, holding) = (&mut exchange.accounts[BACKSTOP], &mut pools.backstop_holding);
        let paid = backstop::unstake(&mut pools.backstop, account, holding, 0, &exchange.markets, &exchange.now)
            .map_err(outside)?;
        // Shares that are worth nothing are given up for nothing: no cash moves.
        if paid.paid_atoms > 0 {
            self.says(format!("Withdraw {BACKSTOP} {}", paid.paid_atoms));
        }
        self.book_out(paid.paid_atoms)
    }
}
