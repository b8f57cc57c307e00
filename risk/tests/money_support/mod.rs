//! A small exchange for tests of single money rules: markets at a round price, accounts by number.
#![allow(dead_code)] // each test file uses its part

use breakwater_risk::acted::Acted;
use breakwater_risk::bankruptcy::{self, BankruptcyReport, Funds};
use breakwater_risk::claims::{self, ConversionReport};
use breakwater_risk::health::{Health, MarketLookup, MarketLookupMut, Stance};
use breakwater_risk::insurance::FundState;
use breakwater_risk::leg::LegValue;
use breakwater_risk::refresh::{self, PriceObservation};
use breakwater_risk::state::{AccountState, Confirmation, Leg, MarketState, Now};
use breakwater_risk::units::SideName;
use breakwater_risk::{ledger, leg, settle, MarketParams, RiskError, RiskResult};
use bytemuck::Zeroable;

/// First mark: 2 000 atoms a lot.
pub const MARK: u64 = 2_000_000_000;
/// Atoms of a lot at the first mark.
pub const LOT: i128 = 2_000;
/// A dollar in atoms.
pub const DOLLAR: u64 = 1_000_000;
/// Cash of a market that nobody owns.
pub const SEED: u64 = DOLLAR;

/// Markets by index.
#[derive(Clone, Debug, PartialEq)]
pub struct Markets(pub Vec<MarketState>);

impl MarketLookup for Markets {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        self.0.get(usize::from(market_index)).ok_or(RiskError::NoSuchMarket)
    }
}

impl MarketLookupMut for Markets {
    fn market_mut(&mut self, market_index: u16) -> RiskResult<&mut MarketState> {
        self.0.get_mut(usize::from(market_index)).ok_or(RiskError::NoSuchMarket)
    }
}

/// Markets, accounts, a fund and a clock.
#[derive(Clone)]
pub struct Exchange {
    pub markets: Markets,
    pub accounts: Vec<AccountState>,
    pub insurance: FundState,
    /// Swept fees.
    pub fees: u64,
    pub now: Now,
}

/// A market whose mark was the same two seconds before: what cannot be undone may be done at once (P-24).
pub fn confirmed_at(mark: u64, publish_time: i64) -> Confirmation {
    let earlier_time = publish_time - refresh::CONFIRMATION_MIN_S as i64;
    Confirmation { earlier_mark: mark, earlier_time, next_mark: mark, next_time: publish_time }
}

/// Two different accounts.
pub fn pair(accounts: &mut [AccountState], a: usize, b: usize) -> (&mut AccountState, &mut AccountState) {
    let [first, second] = accounts.get_disjoint_mut([a, b]).expect("two accounts");
    (first, second)
}

impl Exchange {
    /// `markets` markets at [`MARK`], with a seed each, and accounts with that much capital.
    pub fn new(params: MarketParams, markets: usize, capital: &[u64]) -> Self {
        let now = Now { slot: 1_000, unix_timestamp: 1_000_000, last_restart_slot: 0 };
        let mut market = MarketState::new(params);
        let publish_time = now.unix_timestamp;
        let price = PriceObservation { price: MARK, confidence: 0, ema_confidence: 0, publish_time };
        refresh::refresh(&mut market, &price, &now).unwrap();
        market.pool_atoms = SEED;
        market.confirmation = confirmed_at(MARK, publish_time);
        let account = |capital: &u64| AccountState { capital_atoms: *capital, ..Zeroable::zeroed() };
        let accounts = capital.iter().map(account).collect();
        Self { markets: Markets(vec![market; markets]), accounts, insurance: Zeroable::zeroed(), fees: 0, now }
    }

    pub fn market(&mut self, market: usize) -> &mut MarketState {
        &mut self.markets.0[market]
    }

    /// Sets a mark without history: the previous one is the same.
    pub fn set_mark(&mut self, market: usize, mark: u64) {
        let market = self.market(market);
        (market.mark, market.previous_mark) = (mark, mark);
        market.confirmation = confirmed_at(mark, market.publish_time);
    }

    /// Time passes and every feed stays alive.
    pub fn wait(&mut self, slots: u64) {
        self.now.slot += slots;
        self.now.unix_timestamp += (slots * 2 / 5) as i64;
        for market in &mut self.markets.0 {
            (market.mark_slot, market.publish_time) = (self.now.slot, self.now.unix_timestamp);
            market.confirmation = confirmed_at(market.mark, market.publish_time);
        }
    }

    /// Runs something on one acted-on market; nothing changes if it fails.
    pub fn on<T>(
        &mut self,
        market: usize,
        act: impl FnOnce(&mut Acted<'_, Markets>, &mut [AccountState]) -> RiskResult<T>,
    ) -> RiskResult<T> {
        let (mut changed, mut accounts) = (self.markets.0[market], self.accounts.clone());
        let mut acted =
            Acted { market: &mut changed, market_index: market as u16, others: &self.markets, now: self.now };
        let result = act(&mut acted, &mut accounts)?;
        (self.markets.0[market], self.accounts) = (changed, accounts);
        Ok(result)
    }

    /// A trade at a price without any margin rule.
    pub fn trade(&mut self, market: usize, buyer: usize, seller: usize, lots: u64, price: u64) -> RiskResult<()> {
        self.on(market, |acted, accounts| {
            let (buying, selling) = pair(accounts, buyer, seller);
            let signed = SideName::Long.signed(lots)?;
            let slots = [touch(acted, buying)?, touch(acted, selling)?];
            acted.fill_leg(buying, slots[0], signed, price)?;
            acted.fill_leg(selling, slots[1], -signed, price)?;
            ledger::check_open_interest(acted.market)?;
            leg::finish(buying, slots[0], acted.market)?;
            leg::finish(selling, slots[1], acted.market)
        })
    }

    /// Closes lots of a touched leg against the other side at a price.
    pub fn deleverage(&mut self, market: usize, account: usize, lots: u64, price: u64) -> RiskResult<()> {
        self.on(market, |acted, accounts| {
            let account = &mut accounts[account];
            let slot = touch(acted, account)?;
            let side = SideName::of(account.legs[slot].lots);
            acted.fill_leg(account, slot, -side.signed(lots)?, price)?;
            ledger::deleverage(acted.market.side_mut(side.opposite()), lots, price)?;
            ledger::check_open_interest(acted.market)?;
            leg::finish(account, slot, acted.market)
        })
    }

    pub fn convert(&mut self, account: usize, market: usize, least_ratio_ppm: u32) -> RiskResult<ConversionReport> {
        self.on(market, |acted, accounts| claims::convert_profit(acted, &mut accounts[account], least_ratio_ppm))
    }

    pub fn settle(&mut self, account: usize) {
        settle::settle_account(&mut self.accounts[account], &mut self.markets, &self.now).unwrap();
    }

    /// The stored leg; panics without one.
    pub fn leg(&self, account: usize, market: usize) -> Leg {
        let account = &self.accounts[account];
        account.legs[account.find_leg(market as u16).expect("a leg")]
    }

    /// What a leg is worth; nothing without one.
    pub fn value(&self, account: usize, market: usize) -> LegValue {
        let account = &self.accounts[account];
        match account.find_leg(market as u16) {
            Some(slot) => leg::evaluate(&account.legs[slot], &self.markets.0[market], &self.now).unwrap(),
            None => LegValue::default(),
        }
    }

    /// Settled profit of a leg, whatever its maturity.
    pub fn claim(&self, account: usize, market: usize) -> u64 {
        self.value(account, market).claims.total().unwrap()
    }

    pub fn capital(&self, account: usize) -> u64 {
        self.accounts[account].capital_atoms
    }

    /// Resolves a bankrupt account, by the price of one market.
    pub fn resolve(&mut self, account: usize, acted: u16) -> RiskResult<BankruptcyReport> {
        let mut after = self.clone();
        let Self { markets, accounts, insurance, fees, now } = &mut after;
        let mut funds = Funds { insurance, exchange_fees_atoms: fees };
        let report = bankruptcy::resolve_bankruptcy(&mut accounts[account], markets, acted, &mut funds, now)?;
        *self = after;
        Ok(report)
    }

    /// Health with one market as the acted-on one.
    pub fn health(&self, account: usize, stance: Stance, acted: usize) -> Health {
        let acted = Some((acted as u16, &self.markets.0[acted]));
        Health::assess(&self.accounts[account], stance, acted, &self.markets, &self.now).unwrap()
    }

    /// All cash booked.
    pub fn cash(&self) -> u64 {
        let of = |market: &MarketState| {
            let accrued = market.fees_accrued_atoms + market.insurance_accrued_atoms;
            market.pool_atoms + accrued + market.reserve_atoms
        };
        let capital: u64 = self.accounts.iter().map(|account| account.capital_atoms).sum();
        capital + self.insurance.balance_atoms + self.fees + self.markets.0.iter().map(of).sum::<u64>()
    }

    /// `pool + unfunded − (Σ pending + Σ claims − Σ debts)` by the engine's own values, which floors keep above the
    /// exact figure.
    pub fn residue(&self, market: usize) -> i128 {
        let state = &self.markets.0[market];
        let values = (0..self.accounts.len()).map(|account| self.value(account, market).net().unwrap());
        i128::from(state.pool_atoms) + i128::from(state.unfunded_atoms) - values.sum::<i128>()
    }
}

/// Touches a leg if it may be touched alone.
pub fn touch<L: MarketLookup>(acted: &mut Acted<'_, L>, account: &mut AccountState) -> RiskResult<usize> {
    let mut health = acted.assess(account, Stance::Against)?;
    acted.touch(account, &mut health)
}
