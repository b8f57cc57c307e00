//! Reading Pyth: the only file that knows its account layouts (spec P-10 … P-13).
//!
//! Two layouts are accepted: `PriceUpdateV2`, owned by one of the exchange's receiver programs, and the legacy push
//! account, owned by the exchange's legacy program and named by the market or by the macro index.

use crate::errors::{BreakwaterError, OrRefuse};
use crate::state::{Exchange, MacroIndex, Market};
use anchor_lang::prelude::*;
use breakwater_risk::macro_index::FeedObservation;
use breakwater_risk::macro_price::MacroPrice;
use breakwater_risk::price::{confidence_from_pyth, price_from_pyth};
use breakwater_risk::refresh::PriceObservation;
use breakwater_risk::Now;
use pyth_solana_receiver_sdk::price_update::{PriceUpdateV2, VerificationLevel};
use solana_sysvar::last_restart_slot::LastRestartSlot;
use std::borrow::Cow;

/// Bytes of a legacy push account up to the end of what is read.
const LEGACY_ACCOUNT_BYTES: usize = 3_312;

/// What a price account says that it is the price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceSource {
    /// A `PriceUpdateV2` of this feed.
    Feed([u8; 32]),
    /// The legacy push account of this address.
    LegacyAccount(Pubkey),
}

impl PriceSource {
    /// Whether it is of the feed of this id, for which this legacy push account is accepted too; default = none.
    pub fn is_of(&self, feed_id: &[u8; 32], legacy_price_account: &Pubkey) -> bool {
        match self {
            Self::Feed(id) => id == feed_id && *id != [0; 32],
            Self::LegacyAccount(key) => key == legacy_price_account && *key != Pubkey::default(),
        }
    }
}

/// A price as Pyth publishes it: fully verified, from an accepted program, of whatever feed.
pub struct Published {
    /// What it is the price of.
    pub source: PriceSource,
    /// Price, 10^exponent.
    pub price: i64,
    /// Confidence, same unit.
    pub confidence: u64,
    /// Confidence of the exponential mean, same unit.
    pub ema_confidence: u64,
    /// Decimal exponent.
    pub exponent: i32,
    /// Publish time, unix seconds.
    pub publish_time: i64,
}

/// The clock of this instruction.
pub fn now() -> Result<Now> {
    let clock = Clock::get()?;
    let last_restart_slot = LastRestartSlot::get()?.last_restart_slot;
    Ok(Now { slot: clock.slot, unix_timestamp: clock.unix_timestamp, last_restart_slot })
}

/// Reads a price account of any feed. Errors: `WrongOracle`, `PriceUnverified`, `PriceUnreadable`.
pub fn read_published(info: &AccountInfo<'_>, exchange: &Exchange) -> Result<Published> {
    if exchange.accepts_receiver(info.owner) {
        return read_price_update(info);
    }
    let is_legacy = exchange.legacy_oracle != Pubkey::default() && *info.owner == exchange.legacy_oracle;
    require!(is_legacy, BreakwaterError::WrongOracle);
    read_legacy(info)
}

/// Reads a price account into the market's units. Errors: `WrongFeed`, `PriceOutOfRange` and those of [`read_published`].
pub fn read_price(info: &AccountInfo<'_>, exchange: &Exchange, market: &Market) -> Result<PriceObservation> {
    let published = read_published(info, exchange)?;
    require!(published.source.is_of(&market.feed_id, &market.legacy_price_account), BreakwaterError::WrongFeed);
    let decimals = exchange.quote_decimals;
    let lot = i32::from(market.lot_exponent);
    let confidence = |figure| confidence_from_pyth(figure, published.exponent, lot, decimals);
    Ok(PriceObservation {
        price: price_from_pyth(published.price, published.exponent, lot, decimals).or_refuse()?,
        confidence: confidence(published.confidence).or_refuse()?,
        ema_confidence: confidence(published.ema_confidence).or_refuse()?,
        publish_time: published.publish_time,
    })
}

/// Reads a price account for the macro index. Errors: `MacroFeedUnknown`, `PriceOutOfRange` and those of
/// [`read_published`].
pub fn read_feed(info: &AccountInfo<'_>, exchange: &Exchange, index: &MacroIndex) -> Result<FeedObservation> {
    let Published { source, price, exponent, confidence, publish_time, .. } = read_published(info, exchange)?;
    let feed = index.find(&source).ok_or(BreakwaterError::MacroFeedUnknown)?;
    let price = MacroPrice::from_pyth(price, exponent, confidence, publish_time).or_refuse()?;
    Ok(FeedObservation { feed, price })
}

fn read_price_update(info: &AccountInfo<'_>) -> Result<Published> {
    let data = info.try_borrow_data()?;
    let update =
        PriceUpdateV2::try_deserialize(&mut &data[..]).map_err(|_| error!(BreakwaterError::PriceUnreadable))?;
    require!(update.verification_level == VerificationLevel::Full, BreakwaterError::PriceUnverified);
    let message = update.price_message;
    Ok(Published {
        source: PriceSource::Feed(message.feed_id),
        price: message.price,
        confidence: message.conf,
        ema_confidence: message.ema_conf,
        exponent: message.exponent,
        publish_time: message.publish_time,
    })
}

/// The SDK reads the account through a cast that panics on misaligned or short data: where the data is not aligned, as it is on
/// chain, it gets a copy.
fn read_legacy(info: &AccountInfo<'_>) -> Result<Published> {
    let data = info.try_borrow_data()?;
    require_gte!(data.len(), LEGACY_ACCOUNT_BYTES, BreakwaterError::PriceUnreadable);
    let bytes = &data[..LEGACY_ACCOUNT_BYTES];
    let words: Cow<'_, [u64]> = match bytemuck::try_cast_slice(bytes) {
        Ok(words) => words.into(),
        Err(_) => bytes.chunks_exact(8).map(bytemuck::pod_read_unaligned).collect::<Vec<u64>>().into(),
    };
    let account = pyth_sdk_solana::state::load_price_account::<32, ()>(bytemuck::cast_slice(&words))
        .map_err(|_| error!(BreakwaterError::PriceUnreadable))?;
    let feed = account.to_price_feed(&info.key.to_bytes().into());
    let (price, ema) = (feed.get_price_unchecked(), feed.get_ema_price_unchecked());
    let trading = account.agg.status == pyth_sdk_solana::state::PriceStatus::Trading;
    require!(trading, BreakwaterError::PriceUnverified);
    Ok(Published {
        source: PriceSource::LegacyAccount(*info.key),
        price: price.price,
        confidence: price.conf,
        ema_confidence: ema.conf,
        exponent: price.expo,
        publish_time: price.publish_time,
    })
}
