//! Owns where prices come from, and what must stand in a transaction before a market can be refreshed with one.

use crate::config::{self, Source};
use crate::hermes::{Hermes, Update};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anyhow::{Context, Result};
use breakwater_risk::macro_index::FeedObservation;
use breakwater_risk::refresh::PriceObservation;
use breakwater_sdk::price::PriceAccount;
use breakwater_sdk::rpc::read::ExchangeView;
use breakwater_sdk::{address, instruction};
use solana_keypair::Keypair;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use std::collections::BTreeMap;

/// A market's newest price.
#[derive(Clone, Debug)]
pub struct Quote {
    /// In the market's units.
    pub observation: PriceObservation,
    /// What carries it.
    pub carrier: Carrier,
}

/// What carries a price to the program.
#[derive(Clone, Debug)]
pub enum Carrier {
    /// An account that is there.
    Account(Pubkey),
    /// An update to be posted.
    Update(Box<Update>),
}

/// Newest price of a feed of the macro index, in an account that is there.
#[derive(Clone, Copy, Debug)]
pub struct MacroQuote {
    /// The price.
    pub observation: FeedObservation,
    /// Its account.
    pub account: Pubkey,
}

/// What a transaction needs around an act so that a market is refreshed before it.
#[derive(Default)]
pub struct Refresh {
    /// Must be confirmed before, in a transaction of its own; may be empty.
    pub before: Vec<Instruction>,
    /// Stands in front of the act, the refresh last.
    pub with: Vec<Instruction>,
    /// Stands after the act.
    pub after: Vec<Instruction>,
    /// Sign `before`, besides the payer.
    pub before_signers: Vec<Keypair>,
    /// Sign the act's transaction, besides the payer.
    pub signers: Vec<Keypair>,
}

/// Where prices come from.
pub struct Prices {
    shard: u16,
    hermes: Option<Hermes>,
}

/// The newest prices as of one reading.
#[derive(Default)]
pub struct Reading {
    /// Of markets, by index.
    pub quotes: BTreeMap<u16, Quote>,
    /// Of the macro index' feeds.
    pub macro_quotes: Vec<MacroQuote>,
}

impl Prices {
    /// By the configuration. Errors: those of [`Hermes::new`].
    pub async fn new(config: &config::Price, client: &RpcClient) -> Result<Self> {
        let hermes = match config.source {
            Source::Accounts => None,
            Source::Hermes => Some(Hermes::new(&config.hermes_url, &config.hermes_key_variable, client).await?),
        };
        Ok(Self { shard: config.shard, hermes })
    }

    /// The accounts on chain that may carry the price of a market.
    pub fn accounts_of(&self, market: &breakwater::Market) -> Vec<Pubkey> {
        let legacy = Some(market.legacy_price_account).filter(|key| *key != Pubkey::default());
        std::iter::once(address::pyth_feed(self.shard, &market.feed_id)).chain(legacy).collect()
    }

    /// The newest price of every market and feed. What cannot be read is left out: a market without a price is one whose
    /// price stays as it is. Errors: the node or Hermes does not answer.
    pub async fn read(&self, client: &RpcClient, view: &ExchangeView) -> Result<Reading> {
        let mut reading = Reading::default();
        let index = view.snapshot.macro_index();
        let feeds = index.iter().flat_map(|index| index.used_sources());
        let feeds: Vec<_> = feeds.map(|source| address::pyth_feed(self.shard, &source.feed_id)).collect();
        let on_chain = self.hermes.is_none();
        let markets = view.snapshot.iter().filter(|_| on_chain);
        let of_markets: Vec<_> = markets
            .flat_map(|market| self.accounts_of(&market.market).into_iter().map(|key| (market.market.index, key)))
            .collect();
        let keys: Vec<_> = of_markets.iter().map(|(_, key)| *key).chain(feeds).collect();
        let found = accounts(client, &keys).await?;
        for ((market_index, key), account) in of_markets.iter().zip(&found) {
            let (Some(account), Some(market)) = (account, view.snapshot.get(*market_index)) else { continue };
            let Ok(observation) = account.for_market(&view.exchange, &market.market) else { continue };
            let quote = Quote { observation, carrier: Carrier::Account(*key) };
            keep_newest(&mut reading.quotes, *market_index, quote);
        }
        for account in found.iter().skip(of_markets.len()).flatten() {
            let Some(observation) = index.and_then(|index| account.for_macro(&view.exchange, index).ok()) else {
                continue;
            };
            reading.macro_quotes.push(MacroQuote { observation, account: account.key });
        }
        if let Some(hermes) = &self.hermes {
            self.read_hermes(hermes, view, &mut reading).await?;
        }
        Ok(reading)
    }

    async fn read_hermes(&self, hermes: &Hermes, view: &ExchangeView, reading: &mut Reading) -> Result<()> {
        let feeds: Vec<_> = view.snapshot.iter().map(|market| market.market.feed_id).collect();
        for update in hermes.latest(&feeds).await? {
            let account = update.as_account();
            for market in view.snapshot.iter() {
                let Ok(observation) = account.for_market(&view.exchange, &market.market) else { continue };
                let quote = Quote { observation, carrier: Carrier::Update(Box::new(update.clone())) };
                keep_newest(&mut reading.quotes, market.market.index, quote);
            }
        }
        Ok(())
    }
}

fn keep_newest(quotes: &mut BTreeMap<u16, Quote>, market_index: u16, quote: Quote) {
    let known = quotes.get(&market_index).map(|known| known.observation.publish_time);
    if known.is_none_or(|known| quote.observation.publish_time > known) {
        quotes.insert(market_index, quote);
    }
}

impl Quote {
    /// What refreshes a market with this price. Errors: the update cannot be encoded.
    pub fn refresh(&self, exchange: Pubkey, market: Pubkey, payer: Pubkey) -> Result<Refresh> {
        match &self.carrier {
            Carrier::Account(account) => Ok(Refresh {
                with: vec![instruction::refresh_market(exchange, market, *account)],
                ..Refresh::default()
            }),
            Carrier::Update(update) => {
                let (price_account, mut refresh) = update.posting(payer)?;
                refresh.with.push(instruction::refresh_market(exchange, market, price_account));
                Ok(refresh)
            }
        }
    }
}

/// Accounts over JSON-RPC, in the order asked for.
async fn accounts(client: &RpcClient, keys: &[Pubkey]) -> Result<Vec<Option<PriceAccount>>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let found = client.get_multiple_accounts(keys).await.context("price accounts")?;
    let account = |(key, found): (&Pubkey, Option<solana_account::Account>)| {
        found.map(|account| PriceAccount { key: *key, owner: account.owner, data: account.data })
    };
    Ok(keys.iter().zip(found).map(account).collect())
}
