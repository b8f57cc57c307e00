//! Owns the pure model: states in memory, each act the function of `breakwater_risk` that the program's handler calls.
//!
//! It computes nothing of its own. Left out is what the program does around the formulas: keys, signatures, tokens, events,
//! and the validation of parameters. A test shows that it ends where the program ends, to the atom.

mod exit;

use anyhow::{Context, Result};
use breakwater_risk::{
    absorb::{self, AbsorbReport},
    acted::{self, Acted},
    backstop::{self, BackstopState},
    bankruptcy::{self, BankruptcyReport, Funds},
    deleveraging::{self, DeleverageReport},
    derisk::{self, DeriskReport},
    health::NoMarkets,
    insurance::{self, FundState},
    ladder::{self, CascadeReport, Registration},
    liquidation::{self, SliceReport},
    macro_index::{FeedTerms, MacroIndexState},
    outflow::{self, OutflowLimits, OutflowWindow},
    refresh,
    settle::{self, SettlementReport},
    shares::Holding,
    state::AccountState,
    trade::{Fill, FillReport},
    unwind::{self, UnwindReport},
    MarketParams, MarketState, Now, RiskError, RiskResult,
};
use bytemuck::Zeroable;

use super::{
    backend::{Attempt, Backend, Time},
    books::{Backstop, Books, OneMarket, Role, Who, MARKET},
    macro_feeds::FeedPrice,
    warmup::{observation, refused},
};
use crate::stage::{Stage, BOND_ATOMS, SEASON_SECONDS, SEED_ATOMS};

/// The exchange in memory.
pub struct Model {
    books: Books,
    lot_exponent: i8,
    outflow: OutflowWindow,
    outflow_limits: OutflowLimits,
    backstop_holding: Holding,
    insurance_holding: Holding,
}

impl Model {
    /// Runs a formula on copies of the market and of an account, and keeps them if it succeeds.
    fn act_on_one<T>(
        &mut self,
        who: Who,
        formula: impl FnOnce(&mut Acted<'_, NoMarkets>, &mut AccountState) -> RiskResult<T>,
    ) -> RiskResult<T> {
        let mut account = *self.books.account(who);
        let report = self.on_market(|acted| formula(acted, &mut account))?;
        self.books.put(who, account);
        Ok(report)
    }

    /// Runs a formula on copies of the market and of two accounts, and keeps them if it succeeds.
    fn act_on_two<T>(
        &mut self,
        (who, other): (Who, Who),
        formula: impl FnOnce(&mut Acted<'_, NoMarkets>, &mut AccountState, &mut AccountState) -> RiskResult<T>,
    ) -> RiskResult<T> {
        let (mut account, mut taker) = (*self.books.account(who), *self.books.account(other));
        let report = self.on_market(|acted| formula(acted, &mut account, &mut taker))?;
        self.books.put(who, account);
        self.books.put(other, taker);
        Ok(report)
    }

    /// Runs a formula on a copy of the market, and keeps it if it succeeds.
    fn on_market<T>(&mut self, formula: impl FnOnce(&mut Acted<'_, NoMarkets>) -> RiskResult<T>) -> RiskResult<T> {
        let mut market = self.books.market;
        let mut acted = Acted { market: &mut market, market_index: MARKET, others: &NoMarkets, now: self.books.now };
        let report = formula(&mut acted)?;
        self.books.market = market;
        Ok(report)
    }

    /// Books cash that enters.
    fn book_in(&mut self, atoms: u64) {
        self.books.cash.booked_atoms += atoms;
        self.books.cash.vault_atoms += atoms;
    }
}

impl Backend for Model {
    const IDENTITIES_EVERY_S: u64 = 600;

    fn list(params: &MarketParams, lot_exponent: i8, (slot, unix_timestamp): Time) -> Result<Self> {
        let mut market = MarketState::new(*params);
        let now = Now { slot, unix_timestamp, last_restart_slot: 0 };
        let listed = Now { unix_timestamp: unix_timestamp - SEASON_SECONDS, ..now };
        insurance::list(&mut market, (SEED_ATOMS, BOND_ATOMS), &listed);
        let limits = Stage::exchange_args(0);
        let outflow_limits = OutflowLimits {
            window_seconds: limits.outflow_window_seconds,
            limit_ppm: limits.outflow_limit_ppm,
            guaranteed_atoms: limits.outflow_guaranteed_atoms,
            ..Zeroable::zeroed()
        };
        let books = Books::new(market, FundState::zeroed(), now);
        let mut model = Self {
            books,
            lot_exponent,
            outflow: Zeroable::zeroed(),
            outflow_limits,
            backstop_holding: Holding::zeroed(),
            insurance_holding: Holding::zeroed(),
        };
        model.book_in(SEED_ATOMS + BOND_ATOMS);
        Ok(model)
    }

    fn books(&self) -> &Books {
        &self.books
    }

    fn books_mut(&mut self) -> &mut Books {
        &mut self.books
    }

    fn overwrite_market(&mut self, state: &MarketState) -> Result<()> {
        self.books.market = *state;
        Ok(())
    }

    /// The books are the exchange: there is nothing to compare them with.
    fn audit(&self) -> Result<()> {
        Ok(())
    }

    fn open_account(&mut self, role: Role, deposit_atoms: u64) -> Result<Who> {
        let mut account = AccountState::zeroed();
        if deposit_atoms > 0 {
            let (booked, unix) = (self.books.cash.booked_atoms, self.books.now.unix_timestamp);
            let (window, limits) = (&mut self.outflow, &self.outflow_limits);
            acted::credit(&mut account, deposit_atoms).map_err(refused)?;
            outflow::record_deposit(window, limits, &mut account, deposit_atoms, booked, unix).map_err(refused)?;
            self.book_in(deposit_atoms);
        }
        Ok(self.books.open(role, account))
    }

    fn donate_insurance(&mut self, atoms: u64) -> Result<()> {
        self.books.fund.balance_atoms += atoms;
        self.book_in(atoms);
        Ok(())
    }

    fn create_backstop(&mut self, loss_line_ppm: u32, capital_atoms: u64) -> Result<()> {
        let mut state = BackstopState { loss_line_ppm, ..Zeroable::zeroed() };
        let mut account = AccountState { backstop: 1, ..Zeroable::zeroed() };
        let (markets, terms) = (OneMarket(self.books.market), (capital_atoms, 0));
        backstop::stake(&mut state, &mut account, &mut self.backstop_holding, terms, &markets, &self.books.now)
            .map_err(refused)?;
        self.books.backstop = Some(Backstop { state, account });
        self.book_in(capital_atoms);
        Ok(())
    }

    fn create_macro_index(&mut self, feeds: &[FeedTerms]) -> Result<()> {
        let index = self.books.macro_index.insert(MacroIndexState::zeroed());
        index.start(feeds).map_err(refused)
    }

    /// Who may operate an account is no part of its state.
    fn delegate_to_keepers(&mut self, _trader: Who) -> Result<()> {
        Ok(())
    }

    fn opt_in(&mut self, trader: Who) -> Result<()> {
        let mut account = *self.books.account(trader);
        derisk::set_opted_in(&mut account, true, &self.books.now).map_err(refused)?;
        self.books.put(trader, account);
        Ok(())
    }

    fn refresh_macro(&mut self, time: Time, prices: &[FeedPrice]) -> Result<()> {
        self.books.now = Now { slot: time.0, unix_timestamp: time.1, ..self.books.now };
        let observed = prices.iter().map(|price| price.observation(time)).collect::<RiskResult<Vec<_>>>();
        let mut index = self.books.macro_index.context("there is no macro index")?;
        observed
            .and_then(|observed| index.refresh(&observed, &self.books.now))
            .map_err(refused)
            .context("refresh_macro")?;
        self.books.macro_index = Some(index);
        Ok(())
    }

    fn refresh(&mut self, (slot, unix_timestamp): Time, price_micro_usd: u64, confidence_ppm: u64) -> Result<()> {
        self.books.now = Now { slot, unix_timestamp, ..self.books.now };
        let observed = observation(self.lot_exponent, price_micro_usd, confidence_ppm, unix_timestamp);
        let (now, view) = (self.books.now, self.books.macro_index.map(|index| index.view()));
        observed
            .and_then(|observed| {
                self.on_market(|acted| {
                    acted.market.macro_view = view.unwrap_or(acted.market.macro_view);
                    refresh::refresh(acted.market, &observed, &now)
                })
            })
            .map_err(refused)
            .context("refresh_market")?;
        Ok(())
    }

    fn settle_trade(&mut self, buyer: Who, seller: Who, fill: Fill) -> Attempt<FillReport> {
        Ok(self.books.preview_fill(buyer, seller, fill).map(|(report, after)| {
            self.books.market = after.market;
            self.books.put(buyer, after.buyer);
            self.books.put(seller, after.seller);
            report
        }))
    }

    fn settle_account(&mut self, who: Who) -> Attempt<SettlementReport> {
        let (mut account, mut markets) = (*self.books.account(who), OneMarket(self.books.market));
        let settled = settle::settle_account(&mut account, &mut markets, &self.books.now);
        if settled.is_ok() {
            self.books.market = markets.0;
            self.books.put(who, account);
        }
        Ok(settled)
    }

    fn resolve_bankruptcy(&mut self, who: Who) -> Attempt<BankruptcyReport> {
        let (mut account, mut markets) = (*self.books.account(who), OneMarket(self.books.market));
        let (mut fund, mut cash, now) = (self.books.fund, self.books.cash, self.books.now);
        let mut funds = Funds { insurance: &mut fund, exchange_fees_atoms: &mut cash.fees_atoms };
        let resolved = bankruptcy::resolve_bankruptcy(&mut account, &mut markets, MARKET, &mut funds, &now);
        if resolved.is_ok() {
            self.books.market = markets.0;
            (self.books.fund, self.books.cash) = (fund, cash);
            self.books.put(who, account);
        }
        Ok(resolved)
    }

    fn liquidate(&mut self, who: Who, taker: Who) -> Attempt<SliceReport> {
        Ok(self.act_on_two((who, taker), |acted, account, keeper| {
            liquidation::liquidate(acted, account, keeper, u64::MAX)
        }))
    }

    fn derisk(&mut self, who: Who, taker: Who) -> Attempt<DeriskReport> {
        Ok(self.act_on_two((who, taker), |acted, account, keeper| derisk::derisk(acted, account, keeper, u64::MAX)))
    }

    fn absorb(&mut self, who: Who) -> Attempt<AbsorbReport> {
        let Some(Backstop { mut state, .. }) = self.books.backstop else {
            return Ok(Err(RiskError::NoBackstop));
        };
        let absorbed = self.act_on_two((who, Who::Backstop), |acted, account, backstop| {
            absorb::absorb(acted, account, &mut state, backstop)
        });
        if let (Ok(_), Some(backstop)) = (&absorbed, &mut self.books.backstop) {
            backstop.state = state;
        }
        Ok(absorbed)
    }

    fn deleverage(&mut self, who: Who) -> Attempt<DeleverageReport> {
        let backstop = self.books.backstop.filter(|_| !self.books.account(who).is_backstop());
        let taker = backstop.as_ref().map(|backstop| (&backstop.state, &backstop.account));
        Ok(self.act_on_one(who, |acted, account| deleveraging::deleverage(acted, account, taker)))
    }

    fn unwind(&mut self, buyer: Who, most_lots: u64) -> Attempt<UnwindReport> {
        if self.books.backstop.is_none() {
            return Ok(Err(RiskError::NoBackstop));
        }
        Ok(self.act_on_two((Who::Backstop, buyer), |acted, seller, buyer| {
            unwind::unwind(acted, seller, buyer, most_lots, u64::MAX)
        }))
    }

    fn flag(&mut self, who: Who) -> Attempt<bool> {
        Ok(self.act_on_one(who, |acted, account| {
            liquidation::flag((acted.market_index, acted.market), acted.others, account, &acted.now)
        }))
    }

    fn touch(&mut self, who: Who) -> Attempt<Option<Registration>> {
        Ok(self.act_on_one(who, ladder::touch))
    }

    fn measure_cascade(&mut self) -> Attempt<CascadeReport> {
        let now = self.books.now;
        Ok(self.on_market(|acted| ladder::measure(acted.market, &now)))
    }
}
