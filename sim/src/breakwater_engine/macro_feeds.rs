//! Owns the feeds of the macro index and their prices: the market's own first, then the companions in their order.
//!
//! Assumed: every feed counts alike, and what is calm for the market is calm for its companions, since nothing is known of
//! them from before the scenario. The index starts with the scenario, and counts what it does not know as common.

use breakwater_risk::{
    macro_index::{FeedObservation, FeedTerms},
    macro_price::MacroPrice,
    RiskResult,
};

use super::backend::Time;
use crate::{
    inputs::Inputs,
    minutes::MINUTE_MS,
    stage::{Stage, PYTH_EXPONENT},
};

/// Seconds between two refreshes of the index.
pub const REFRESH_EVERY_S: u64 = MINUTE_MS as u64 / 1_000;

/// What one feed publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPrice {
    /// Place of the feed in the index.
    pub feed: usize,
    /// Micro-dollars per base token.
    pub price_micro_usd: u64,
    /// Confidence, ppm of the price.
    pub confidence_ppm: u64,
}

impl FeedPrice {
    /// What `refresh_macro` reads of it.
    pub fn observation(&self, (_, publish_time): Time) -> RiskResult<FeedObservation> {
        let pyth = Stage::pyth_price([0; 32], self.price_micro_usd, self.confidence_ppm, publish_time);
        let price = MacroPrice::from_pyth(pyth.price, PYTH_EXPONENT, pyth.confidence, publish_time)?;
        Ok(FeedObservation { feed: self.feed, price })
    }
}

/// What the feeds are listed with.
pub fn terms(inputs: &Inputs) -> Vec<FeedTerms> {
    let (sigma_ref_ppm, confidence_ref_ppm) = (inputs.params.sigma_ref_ppm, inputs.params.confidence_ref_ppm);
    let feed = FeedTerms { sigma_ref_ppm, confidence_ref_ppm, weight: 1, reserved: 0 };
    vec![feed; 1 + inputs.companions.len()]
}

/// The prices at the beginning of a minute: the market's own, and those of the companions that publish.
pub fn prices(inputs: &Inputs, time_s: u64, price_micro_usd: u64, confidence_ppm: u64) -> Vec<FeedPrice> {
    let minute = (time_s / REFRESH_EVERY_S) as usize;
    let own = FeedPrice { feed: 0, price_micro_usd, confidence_ppm };
    let others = inputs.companions.iter().enumerate().filter_map(|(place, companion)| {
        let sample = companion.published.get(minute).copied().flatten()?;
        let (price_micro_usd, confidence_ppm) = (sample.price, u64::from(sample.conf_ppm));
        Some(FeedPrice { feed: place + 1, price_micro_usd, confidence_ppm })
    });
    [own].into_iter().chain(others).collect()
}
