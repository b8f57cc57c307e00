//! Owns leaving in the pure model: the functions that the program's handlers call, and the cash that goes with them.

use anyhow::Result;
use breakwater_risk::{
    backstop, cash,
    claims::{self, ConversionReport},
    insurance::{self, SweepReport},
    outflow,
    shares::LeaveStep,
    RiskError, RiskResult,
};

use super::Model;
use crate::breakwater_engine::{
    backend::Attempt,
    books::{OneMarket, Who},
    exit::{Exit, Pool},
    warmup::refused,
};

/// Markets of the exchange.
const MARKETS: u16 = 1;

impl Model {
    /// Books cash that leaves.
    fn book_out(&mut self, atoms: u64) {
        self.books.cash.booked_atoms -= atoms;
        self.books.cash.vault_atoms -= atoms;
    }

    fn try_withdraw(&mut self, who: Who, atoms: u64) -> RiskResult<()> {
        let (mut account, mut window) = (*self.books.account(who), self.outflow);
        let (booked, now) = (self.books.cash.booked_atoms, self.books.now);
        cash::withdraw(&mut account, atoms, &OneMarket(self.books.market), &now)?;
        let limits = &self.outflow_limits;
        outflow::record_withdrawal(&mut window, limits, &mut account, atoms, booked, now.unix_timestamp)?;
        self.outflow = window;
        self.books.put(who, account);
        self.book_out(atoms);
        Ok(())
    }

    fn try_request(&mut self, pool: Pool) -> RiskResult<u64> {
        let (markets, now) = (OneMarket(self.books.market), self.books.now);
        match pool {
            Pool::Insurance => {
                let (fund, mut holding) = (&self.books.fund, self.insurance_holding);
                let shares = holding.live_shares(&fund.shares);
                let worth = insurance::request_unstake(fund, &mut holding, shares, MARKETS, &markets, &now)?;
                self.insurance_holding = holding;
                Ok(worth)
            }
            Pool::Backstop => {
                let backstop = self.books.backstop.as_ref().ok_or(RiskError::NoBackstop)?;
                let mut holding = self.backstop_holding;
                let shares = holding.live_shares(&backstop.state.shares);
                let (state, account) = (&backstop.state, &backstop.account);
                let worth = backstop::request_unstake(state, account, &mut holding, shares, &markets, &now)?;
                self.backstop_holding = holding;
                Ok(worth)
            }
        }
    }

    fn try_unstake(&mut self, pool: Pool) -> RiskResult<LeaveStep> {
        let (markets, now) = (OneMarket(self.books.market), self.books.now);
        let step = match pool {
            Pool::Insurance => {
                let (mut fund, mut holding) = (self.books.fund, self.insurance_holding);
                let step = insurance::unstake(&mut fund, &mut holding, 0, MARKETS, &markets, &now)?;
                (self.books.fund, self.insurance_holding) = (fund, holding);
                step
            }
            Pool::Backstop => {
                let (mut backstop, mut holding) =
                    (self.books.backstop.ok_or(RiskError::NoBackstop)?, self.backstop_holding);
                let (state, account) = (&mut backstop.state, &mut backstop.account);
                let step = backstop::unstake(state, account, &mut holding, 0, &markets, &now)?;
                (self.books.backstop, self.backstop_holding) = (Some(backstop), holding);
                step
            }
        };
        self.book_out(step.paid_atoms());
        Ok(step)
    }
}

impl Exit for Model {
    fn stake_insurance(&mut self, atoms: u64) -> Result<()> {
        let markets = OneMarket(self.books.market);
        let (fund, holding) = (&mut self.books.fund, &mut self.insurance_holding);
        insurance::stake(fund, holding, (atoms, 0), MARKETS, &markets).map_err(refused)?;
        self.book_in(atoms);
        Ok(())
    }

    fn convert_profit(&mut self, who: Who) -> Attempt<ConversionReport> {
        let mut account = *self.books.account(who);
        let converted = self.on_market(|acted| claims::convert_profit(acted, &mut account, 0));
        if converted.is_ok() {
            self.books.put(who, account);
        }
        Ok(converted)
    }

    fn withdraw(&mut self, who: Who, atoms: u64) -> Attempt<()> {
        Ok(self.try_withdraw(who, atoms))
    }

    fn sweep(&mut self) -> Attempt<SweepReport> {
        let (mut market, mut fund, mut cash) = (self.books.market, self.books.fund, self.books.cash);
        let swept = insurance::sweep(&mut market, &mut fund, &mut cash.fees_atoms, &self.books.now);
        if swept.is_ok() {
            (self.books.market, self.books.fund, self.books.cash) = (market, fund, cash);
        }
        Ok(swept)
    }

    fn request_unstake(&mut self, pool: Pool) -> Attempt<u64> {
        Ok(self.try_request(pool))
    }

    fn unstake(&mut self, pool: Pool) -> Attempt<LeaveStep> {
        Ok(self.try_unstake(pool))
    }
}
