//! Everything that is done in a life, as one call into the engine each: all or nothing.

use crate::money_support::{pair, Markets};
use breakwater_risk::acted::Acted;
use breakwater_risk::backstop::{self, BackstopState};
use breakwater_risk::insurance::FundState;
use breakwater_risk::refresh::{self, PriceObservation};
use breakwater_risk::shares::Holding;
use breakwater_risk::state::{AccountState, Now};
use breakwater_risk::trade::{self, Fill};
use breakwater_risk::{
    absorb, bankruptcy, cash, claims, deleveraging, derisk, insurance, ladder, liquidation, settle, unwind, RiskResult,
};

/// An act; accounts and markets by their place. The last account is the backstop's.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Refresh { market: usize, price: u64, confidence: u64, age_s: i64 },
    Trade { market: usize, buyer: usize, seller: usize, lots: u64, price: u64 },
    Flag { market: usize, account: usize },
    Liquidate { market: usize, account: usize, keeper: usize },
    Derisk { market: usize, account: usize, keeper: usize },
    OptIn { account: usize, is_in: bool },
    Absorb { market: usize, account: usize },
    Deleverage { market: usize, account: usize },
    Resolve { market: usize, account: usize },
    Convert { market: usize, account: usize },
    PayDebt { account: usize, claim: usize, debt: usize },
    NetRing { first: usize, second: usize, claim: usize, debt: usize },
    Settle { account: usize },
    Touch { market: usize, account: usize },
    Measure { market: usize },
    Sweep { market: usize },
    Unwind { market: usize, keeper: usize, lots: u64 },
    Deposit { account: usize, atoms: u64 },
    Withdraw { account: usize, atoms: u64 },
    Donate { atoms: u64 },
    Cover { market: usize },
    Stake { atoms: u64 },
    Request { part: u64 },
    Unstake,
}

impl Act {
    /// Its name, for counts.
    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split([' ', '{']).next().unwrap_or_default().to_owned()
    }
}

/// What acts change.
#[derive(Clone)]
pub struct State {
    pub markets: Markets,
    /// The last one is the backstop's.
    pub accounts: Vec<AccountState>,
    pub backstop: BackstopState,
    /// All shares of the backstop that belong to somebody.
    pub holding: Holding,
    pub insurance: FundState,
    pub fees: u64,
}

impl State {
    /// Place of the backstop's account.
    pub fn backstop_place(&self) -> usize {
        self.accounts.len() - 1
    }

    /// All cash booked.
    pub fn cash(&self) -> i128 {
        let pools = self.markets.0.iter().flat_map(|market| {
            [market.pool_atoms, market.fees_accrued_atoms, market.insurance_accrued_atoms].map(i128::from)
        });
        let capital = self.accounts.iter().map(|account| i128::from(account.capital_atoms));
        pools.chain(capital).sum::<i128>() + i128::from(self.insurance.balance_atoms) + i128::from(self.fees)
    }

    /// Does it. Returns the cash that came from outside. The state may be left half changed by a refusal.
    pub fn apply(&mut self, act: Act, now: &Now) -> RiskResult<i128> {
        let backstop = self.backstop_place();
        match act {
            Act::Deposit { account, atoms } => {
                breakwater_risk::acted::credit(&mut self.accounts[account], atoms)?;
                return Ok(i128::from(atoms));
            }
            Act::Withdraw { account, atoms } => {
                cash::withdraw(&mut self.accounts[account], atoms, &self.markets, now)?;
                return Ok(-i128::from(atoms));
            }
            Act::Donate { atoms } => {
                self.insurance.balance_atoms = breakwater_risk::fixed::add(self.insurance.balance_atoms, atoms)?;
                return Ok(i128::from(atoms));
            }
            Act::Cover { market } => {
                let unfunded = self.markets.0[market].unfunded_atoms;
                return insurance::cover_unfunded(&mut self.markets.0[market], unfunded).map(i128::from);
            }
            Act::Stake { atoms } => {
                let (account, holding) = (&mut self.accounts[backstop], &mut self.holding);
                backstop::stake(&mut self.backstop, account, holding, (atoms, 0), &self.markets, now)?;
                return Ok(i128::from(atoms));
            }
            Act::Request { part } => {
                let (account, holding) = (&self.accounts[backstop], &mut self.holding);
                let shares = holding.live_shares(&self.backstop.shares) / part;
                backstop::request_unstake(&self.backstop, account, holding, shares, &self.markets, now)?;
            }
            Act::Unstake => {
                let (account, holding) = (&mut self.accounts[backstop], &mut self.holding);
                let paid = backstop::unstake(&mut self.backstop, account, holding, 0, &self.markets, now)?;
                return Ok(-i128::from(paid.paid_atoms()));
            }
            Act::OptIn { account, is_in } => derisk::set_opted_in(&mut self.accounts[account], is_in, now)?,
            Act::Refresh { .. } | Act::Measure { .. } | Act::Sweep { .. } => self.apply_to_market(act, now)?,
            Act::Settle { .. } | Act::PayDebt { .. } | Act::NetRing { .. } | Act::Resolve { .. } => {
                self.apply_to_markets(act, now)?;
            }
            _ => self.apply_acted(act, now)?,
        }
        Ok(0)
    }

    fn apply_to_market(&mut self, act: Act, now: &Now) -> RiskResult<()> {
        match act {
            Act::Refresh { market, price, confidence, age_s } => {
                let publish_time = now.unix_timestamp - age_s;
                let observation = PriceObservation { price, confidence, ema_confidence: confidence, publish_time };
                refresh::refresh(&mut self.markets.0[market], &observation, now).map(|_| ())
            }
            Act::Measure { market } => ladder::measure(&mut self.markets.0[market], now).map(|_| ()),
            Act::Sweep { market } => {
                insurance::sweep(&mut self.markets.0[market], &mut self.insurance, &mut self.fees, now).map(|_| ())
            }
            other => unreachable!("{other:?}"),
        }
    }

    fn apply_to_markets(&mut self, act: Act, now: &Now) -> RiskResult<()> {
        let Self { markets, accounts, insurance, fees, .. } = self;
        match act {
            Act::Settle { account } => settle::settle_account(&mut accounts[account], markets, now).map(|_| ()),
            Act::PayDebt { account, claim, debt } => {
                settle::pay_debt(&mut accounts[account], claim as u16, debt as u16, markets, now).map(|_| ())
            }
            Act::NetRing { first, second, claim, debt } => {
                let (first, second) = pair(accounts, first, second);
                settle::net_ring(&mut [first, second], &[claim as u16, debt as u16], markets, now).map(|_| ())
            }
            Act::Resolve { market, account } => {
                let mut funds = bankruptcy::Funds { insurance, exchange_fees_atoms: fees };
                bankruptcy::resolve_bankruptcy(&mut accounts[account], markets, market as u16, &mut funds, now)
                    .map(|_| ())
            }
            other => unreachable!("{other:?}"),
        }
    }

    /// What acts on one market and reads the others.
    fn apply_acted(&mut self, act: Act, now: &Now) -> RiskResult<()> {
        let place = self.backstop_place();
        let Self { markets, accounts, backstop, .. } = self;
        let index = act.market();
        let mut market = markets.0[index];
        let mut acted = Acted { market: &mut market, market_index: index as u16, others: &*markets, now: *now };
        match act {
            Act::Trade { buyer, seller, lots, price, .. } => {
                let (buyer, seller) = pair(accounts, buyer, seller);
                trade::settle_trade(&mut acted, buyer, seller, Fill { lots, price }).map(|_| ())
            }
            Act::Flag { account, .. } => {
                let acted_market = (acted.market_index, &*acted.market);
                liquidation::flag(acted_market, acted.others, &mut accounts[account], now).map(|_| ())
            }
            Act::Liquidate { account, keeper, .. } => {
                let (account, keeper) = pair(accounts, account, keeper);
                liquidation::liquidate(&mut acted, account, keeper, u64::MAX).map(|_| ())
            }
            Act::Derisk { account, keeper, .. } => {
                let (account, keeper) = pair(accounts, account, keeper);
                derisk::derisk(&mut acted, account, keeper, u64::MAX).map(|_| ())
            }
            Act::Absorb { account, .. } => {
                let (account, taker) = pair(accounts, account, place);
                absorb::absorb(&mut acted, account, backstop, taker).map(|_| ())
            }
            Act::Deleverage { account, .. } if account == place => {
                deleveraging::deleverage(&mut acted, &mut accounts[account], None).map(|_| ())
            }
            Act::Deleverage { account, .. } => {
                let (account, taker) = pair(accounts, account, place);
                deleveraging::deleverage(&mut acted, account, Some((&*backstop, &*taker))).map(|_| ())
            }
            Act::Convert { account, .. } => claims::convert_profit(&mut acted, &mut accounts[account], 0).map(|_| ()),
            Act::Touch { account, .. } => ladder::touch(&mut acted, &mut accounts[account]).map(|_| ()),
            Act::Unwind { keeper, lots, .. } => {
                let (backstop, keeper) = pair(accounts, place, keeper);
                unwind::unwind(&mut acted, backstop, keeper, lots, u64::MAX).map(|_| ())
            }
            other => unreachable!("{other:?}"),
        }?;
        markets.0[index] = market;
        Ok(())
    }
}

impl Act {
    /// The acted-on market.
    fn market(&self) -> usize {
        match self {
            Self::Trade { market, .. }
            | Self::Flag { market, .. }
            | Self::Liquidate { market, .. }
            | Self::Derisk { market, .. }
            | Self::Absorb { market, .. }
            | Self::Deleverage { market, .. }
            | Self::Convert { market, .. }
            | Self::Touch { market, .. }
            | Self::Unwind { market, .. } => *market,
            other => unreachable!("{other:?}"),
        }
    }
}
