//! Decoded accounts, and the snapshot of an exchange's markets that previews read. An account may be longer than its type: a later
//! build of the program extended it.

use anchor_lang::prelude::Pubkey;
use anchor_lang::{AnchorDeserialize, Discriminator};
use breakwater::{Backstop, Exchange, InsuranceFund, MacroIndex, MarginAccount, Market, ParamsProposal, Stake};
use breakwater_risk::breaker;
use breakwater_risk::health::{MarketLookup, MarketLookupMut};
use breakwater_risk::state::Leg;
use breakwater_risk::{MarketState, Now, RiskError, RiskResult};
use std::collections::BTreeMap;

/// Why account data cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// The data is not of the expected account type.
    #[error("the data is not a Breakwater {0} account")]
    WrongType(&'static str),
    /// The account has an earlier layout than this version's.
    #[error("this {name} account has an earlier layout, {found} of {expected} bytes: `breakwater extend` brings it to the newest")]
    Outdated {
        /// Account type.
        name: &'static str,
        /// Length of this version.
        expected: usize,
        /// Length found.
        found: usize,
    },
}

fn zero_copy<T: bytemuck::Pod + Discriminator>(data: &[u8], name: &'static str) -> Result<T, ViewError> {
    if !data.starts_with(T::DISCRIMINATOR) {
        return Err(ViewError::WrongType(name));
    }
    let expected = 8 + std::mem::size_of::<T>();
    if data.len() < expected {
        return Err(ViewError::Outdated { name, expected, found: data.len() });
    }
    Ok(bytemuck::pod_read_unaligned(&data[8..expected]))
}

/// Decodes an exchange.
pub fn exchange(data: &[u8]) -> Result<Exchange, ViewError> {
    zero_copy(data, "Exchange")
}

/// Decodes a market.
pub fn market(data: &[u8]) -> Result<Market, ViewError> {
    zero_copy(data, "Market")
}

/// Decodes a margin account.
pub fn margin_account(data: &[u8]) -> Result<MarginAccount, ViewError> {
    zero_copy(data, "MarginAccount")
}

/// Decodes an insurance fund.
pub fn insurance(data: &[u8]) -> Result<InsuranceFund, ViewError> {
    zero_copy(data, "InsuranceFund")
}

/// Decodes a backstop.
pub fn backstop(data: &[u8]) -> Result<Backstop, ViewError> {
    zero_copy(data, "Backstop")
}

/// Decodes a stake.
pub fn stake(data: &[u8]) -> Result<Stake, ViewError> {
    zero_copy(data, "Stake")
}

/// Decodes a macro index.
pub fn macro_index(data: &[u8]) -> Result<MacroIndex, ViewError> {
    zero_copy(data, "MacroIndex")
}

/// Decodes a proposal of parameters.
pub fn params_proposal(data: &[u8]) -> Result<ParamsProposal, ViewError> {
    let (name, expected, found) = ("ParamsProposal", ParamsProposal::SPACE, data.len());
    let Some(mut fields) = data.strip_prefix(ParamsProposal::DISCRIMINATOR) else {
        return Err(ViewError::WrongType(name));
    };
    if found < expected {
        return Err(ViewError::Outdated { name, expected, found });
    }
    ParamsProposal::deserialize(&mut fields).map_err(|_| ViewError::WrongType(name))
}

/// The legs of an account that refer to a market, by slot.
pub fn used_legs(account: &MarginAccount) -> impl Iterator<Item = &Leg> {
    account.state.legs.iter().filter(|leg| leg.is_used())
}

/// A market with its address.
#[derive(Clone, Debug)]
pub struct MarketView {
    /// Address.
    pub key: Pubkey,
    /// Decoded account.
    pub market: Market,
}

impl MarketView {
    /// Whether the circuit breaker is open now: risk may not be increased until `state.breaker.open_until_slot`.
    pub fn is_breaker_open(&self, now: &Now) -> bool {
        breaker::is_open(&self.market.state, now)
    }
}

/// The backstop with its margin account.
#[derive(Clone, Debug)]
pub struct BackstopView {
    /// The backstop.
    pub backstop: Backstop,
    /// Its margin account.
    pub account: MarginAccount,
}

/// The markets of one exchange as last read, by index, and its macro index.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    markets: BTreeMap<u16, MarketView>,
    macro_index: Option<MacroIndex>,
}

impl Snapshot {
    /// A snapshot of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a market, replacing an older reading of it.
    pub fn insert(&mut self, key: Pubkey, market: Market) {
        self.markets.insert(market.index, MarketView { key, market });
    }

    /// Takes in the exchange's macro index, replacing an older reading of it.
    pub fn insert_macro_index(&mut self, index: MacroIndex) {
        self.macro_index = Some(index);
    }

    /// The macro index, if the exchange has one and it was read.
    pub fn macro_index(&self) -> Option<&MacroIndex> {
        self.macro_index.as_ref()
    }

    /// A market by its index.
    pub fn get(&self, market_index: u16) -> Option<&MarketView> {
        self.markets.get(&market_index)
    }

    /// All markets, by index.
    pub fn iter(&self) -> impl Iterator<Item = &MarketView> {
        self.markets.values()
    }

    /// Addresses of the markets of an account's legs, by slot. Errors: `NoSuchMarket` for one that was not read.
    pub fn markets_of(&self, account: &MarginAccount) -> RiskResult<Vec<Pubkey>> {
        used_legs(account)
            .map(|leg| self.get(leg.market_index).map(|view| view.key).ok_or(RiskError::NoSuchMarket))
            .collect()
    }
}

impl MarketLookup for Snapshot {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        self.get(market_index).map(|view| &view.market.state).ok_or(RiskError::NoSuchMarket)
    }
}

impl MarketLookupMut for Snapshot {
    fn market_mut(&mut self, market_index: u16) -> RiskResult<&mut MarketState> {
        self.markets.get_mut(&market_index).map(|view| &mut view.market.state).ok_or(RiskError::NoSuchMarket)
    }
}
