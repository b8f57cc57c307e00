//! Loading the markets of an account's legs from the remaining accounts.
//!
//! A handler that changes one market reads the others; one that settles changes all. Both find a market by its
//! index and refuse accounts of another program, another type or another exchange. Extra markets are harmless.

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::AccountSettled;
use crate::state::{MarginAccount, Market};
use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use breakwater_risk::health::{MarketLookup, MarketLookupMut};
use breakwater_risk::{settle, MarketState, Now, RiskError, RiskResult};
use std::cell::{Ref, RefMut};

/// Two markets that an instruction names itself.
pub struct MarketPair<'a>([&'a mut Market; 2]);

impl<'a> MarketPair<'a> {
    /// The pair; both are of one exchange and distinct.
    pub fn new(first: &'a mut Market, second: &'a mut Market) -> Self {
        Self([first, second])
    }
}

/// Markets that are only read.
pub struct MarketsRead<'a>(Vec<Ref<'a, Market>>);

/// Markets that are read and changed.
pub struct MarketsWrite<'a>(Vec<RefMut<'a, Market>>);

impl<'a> MarketsRead<'a> {
    /// Loads markets of `exchange`. Errors: `WrongMarketAccount`, `AccountOutdated`, `WrongExchange`.
    pub fn load(infos: &'a [AccountInfo<'_>], exchange: &Pubkey) -> Result<Self> {
        let mut markets = Vec::with_capacity(infos.len());
        for info in infos {
            check_account(info)?;
            let data = info.try_borrow_data().map_err(|_| BreakwaterError::DuplicateAccount)?;
            let market = Ref::map(data, |data| bytemuck::from_bytes::<Market>(&data[8..Market::SPACE]));
            require_keys_eq!(market.exchange, *exchange, BreakwaterError::WrongExchange);
            markets.push(market);
        }
        Ok(Self(markets))
    }
}

impl<'a> MarketsWrite<'a> {
    /// Loads writable, distinct markets of `exchange`.
    /// Errors: `WrongMarketAccount`, `AccountOutdated`, `WrongExchange`, `MarketNotWritable`, `DuplicateAccount`.
    pub fn load(infos: &'a [AccountInfo<'_>], exchange: &Pubkey) -> Result<Self> {
        let mut markets = Vec::with_capacity(infos.len());
        for info in infos {
            check_account(info)?;
            require!(info.is_writable, BreakwaterError::MarketNotWritable);
            markets.push(borrow_mut(info, exchange)?);
        }
        Ok(Self(markets))
    }

    /// Loads those of the markets that are writable; they are distinct and of `exchange`.
    /// Errors: `WrongMarketAccount`, `WrongExchange`, `DuplicateAccount`.
    fn load_writable(infos: &'a [AccountInfo<'_>], exchange: &Pubkey) -> Result<Self> {
        let mut markets = Vec::with_capacity(infos.len());
        for info in infos.iter().filter(|info| info.is_writable) {
            check_account(info)?;
            markets.push(borrow_mut(info, exchange)?);
        }
        Ok(Self(markets))
    }

    /// Indices of the markets, in the order passed.
    pub fn indices(&self) -> Vec<u16> {
        self.0.iter().map(|market| market.index).collect()
    }

    /// The market of an index with its address, to number its events; `infos` are the accounts that were loaded. Errors: `NoSuchMarket`.
    pub fn named(&mut self, index: u16, infos: &[AccountInfo<'_>]) -> Result<(&mut Market, Pubkey)> {
        let found = self.0.iter_mut().zip(infos).find(|(market, _)| market.index == index);
        let (market, info) = found.ok_or(BreakwaterError::NoSuchMarket)?;
        Ok((market, *info.key))
    }

    /// Index of the market that was passed first: the acted-on one. Errors: `MarketMissing`.
    pub fn first_index(&self) -> Result<u16> {
        Ok(self.0.first().ok_or(BreakwaterError::MarketMissing)?.index)
    }
}

/// The acted-on market and those of the others that were passed writable: what settling an account before an act on it writes.
struct ActedAndOthers<'a> {
    acted: &'a mut Market,
    others: MarketsWrite<'a>,
}

/// Settles an account before an act on its leg in `acted`, where its losses exceed its capital and all its other markets were passed
/// writable (spec T-9). Emits what it did. Errors: those of [`MarketsWrite::load`].
pub fn settle_before_act(
    (key, account): (Pubkey, &mut MarginAccount),
    acted: &mut Market,
    remaining: &[AccountInfo<'_>],
    now: &Now,
) -> Result<()> {
    if !remaining.iter().any(|info| info.is_writable) {
        return Ok(());
    }
    let others = MarketsWrite::load_writable(remaining, &account.exchange)?;
    let mut markets = ActedAndOthers { acted, others };
    let settled = settle::settle_before_act(&mut account.state, &mut markets, now).or_refuse()?;
    if let Some(report) = settled {
        emit!(AccountSettled::of(key, account, &report, now)?);
    }
    Ok(())
}

fn borrow_mut<'a>(info: &'a AccountInfo<'_>, exchange: &Pubkey) -> Result<RefMut<'a, Market>> {
    let data = info.try_borrow_mut_data().map_err(|_| BreakwaterError::DuplicateAccount)?;
    let market = RefMut::map(data, |data| bytemuck::from_bytes_mut::<Market>(&mut data[8..Market::SPACE]));
    require_keys_eq!(market.exchange, *exchange, BreakwaterError::WrongExchange);
    Ok(market)
}

fn check_account(info: &AccountInfo<'_>) -> Result<()> {
    require_keys_eq!(*info.owner, crate::ID, BreakwaterError::WrongMarketAccount);
    let data = info.try_borrow_data().map_err(|_| BreakwaterError::DuplicateAccount)?;
    require!(data.starts_with(Market::DISCRIMINATOR), BreakwaterError::WrongMarketAccount);
    require_gte!(data.len(), Market::SPACE, BreakwaterError::AccountOutdated);
    Ok(())
}

/// Loads a writable margin account of `exchange` from a remaining account.
/// Errors: `WrongMarginAccount`, `AccountOutdated`, `WrongExchange`, `AccountNotWritable`, `DuplicateAccount`.
pub fn load_margin_account<'a>(info: &'a AccountInfo<'_>, exchange: &Pubkey) -> Result<RefMut<'a, MarginAccount>> {
    require_keys_eq!(*info.owner, crate::ID, BreakwaterError::WrongMarginAccount);
    require!(info.is_writable, BreakwaterError::AccountNotWritable);
    let data = info.try_borrow_mut_data().map_err(|_| BreakwaterError::DuplicateAccount)?;
    require!(data.starts_with(MarginAccount::DISCRIMINATOR), BreakwaterError::WrongMarginAccount);
    require_gte!(data.len(), MarginAccount::SPACE, BreakwaterError::AccountOutdated);
    let account =
        RefMut::map(data, |data| bytemuck::from_bytes_mut::<MarginAccount>(&mut data[8..MarginAccount::SPACE]));
    require_keys_eq!(account.exchange, *exchange, BreakwaterError::WrongExchange);
    Ok(account)
}

fn find<'a>(mut markets: impl Iterator<Item = &'a Market>, index: u16) -> RiskResult<&'a MarketState> {
    markets.find(|market| market.index == index).map(|market| &market.state).ok_or(RiskError::NoSuchMarket)
}

fn find_mut<'a>(mut markets: impl Iterator<Item = &'a mut Market>, index: u16) -> RiskResult<&'a mut MarketState> {
    markets.find(|market| market.index == index).map(|market| &mut market.state).ok_or(RiskError::NoSuchMarket)
}

impl MarketLookup for MarketsRead<'_> {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        find(self.0.iter().map(|market| &**market), market_index)
    }
}

impl MarketLookup for MarketsWrite<'_> {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        find(self.0.iter().map(|market| &**market), market_index)
    }
}

impl MarketLookupMut for MarketsWrite<'_> {
    fn market_mut(&mut self, market_index: u16) -> RiskResult<&mut MarketState> {
        find_mut(self.0.iter_mut().map(|market| &mut **market), market_index)
    }
}

impl MarketLookup for ActedAndOthers<'_> {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        match self.acted.index == market_index {
            true => Ok(&self.acted.state),
            false => self.others.market(market_index),
        }
    }
}

impl MarketLookupMut for ActedAndOthers<'_> {
    fn market_mut(&mut self, market_index: u16) -> RiskResult<&mut MarketState> {
        match self.acted.index == market_index {
            true => Ok(&mut self.acted.state),
            false => self.others.market_mut(market_index),
        }
    }
}

impl MarketLookup for MarketPair<'_> {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        find(self.0.iter().map(|market| &**market), market_index)
    }
}

impl MarketLookupMut for MarketPair<'_> {
    fn market_mut(&mut self, market_index: u16) -> RiskResult<&mut MarketState> {
        find_mut(self.0.iter_mut().map(|market| &mut **market), market_index)
    }
}
