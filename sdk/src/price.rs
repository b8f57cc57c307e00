//! Owns reading price accounts off chain: by the function that the program reads them with.

use anchor_lang::prelude::{AccountInfo, Pubkey};
use breakwater::{oracle, Exchange, MacroIndex, Market};
use breakwater_risk::macro_index::FeedObservation;
use breakwater_risk::refresh::PriceObservation;

/// A price account as read over JSON-RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceAccount {
    /// Address.
    pub key: Pubkey,
    /// Program that owns it.
    pub owner: Pubkey,
    /// Data.
    pub data: Vec<u8>,
}

/// Why a price account says nothing: the program's own error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the program would not read this price account: {0}")]
pub struct PriceError(String);

impl From<anchor_lang::error::Error> for PriceError {
    fn from(error: anchor_lang::error::Error) -> Self {
        Self(error.to_string())
    }
}

impl PriceAccount {
    /// The price for a market, in its units. Errors: those of the program.
    pub fn for_market(&self, exchange: &Exchange, market: &Market) -> Result<PriceObservation, PriceError> {
        Ok(self.with_info(|info| oracle::read_price(info, exchange, market))?)
    }

    /// The price for the feed of the macro index that it is of. Errors: those of the program.
    pub fn for_macro(&self, exchange: &Exchange, index: &MacroIndex) -> Result<FeedObservation, PriceError> {
        Ok(self.with_info(|info| oracle::read_feed(info, exchange, index))?)
    }

    fn with_info<T>(&self, read: impl FnOnce(&AccountInfo<'_>) -> T) -> T {
        let (mut lamports, mut data) = (0, self.data.clone());
        read(&AccountInfo::new(&self.key, false, false, &mut lamports, &mut data, &self.owner, false))
    }
}
