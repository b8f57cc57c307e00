//! Indices and prices for the tests of macro stress.
#![allow(dead_code)] // each test file uses its own part

use breakwater_risk::macro_index::{FeedObservation, FeedTerms, MacroIndexState};
use breakwater_risk::macro_price::MacroPrice;
use breakwater_risk::Now;
use bytemuck::Zeroable;

/// Unix time at which tests start, the beginning of a minute.
pub const START: i64 = 1_760_000_040;
/// σ_ref of the feeds, ppm per √second.
pub const SIGMA_REF_PPM: u32 = 142;
/// c_ref of the feeds, ppm.
pub const CONFIDENCE_REF_PPM: u32 = 500;

/// Terms of a feed of the given weight.
pub fn terms(weight: u32) -> FeedTerms {
    FeedTerms { sigma_ref_ppm: SIGMA_REF_PPM, confidence_ref_ppm: CONFIDENCE_REF_PPM, weight, reserved: 0 }
}

/// A new index with feeds of weights 1, 2, 3 ….
pub fn index(feeds: u32) -> MacroIndexState {
    let mut state = MacroIndexState::zeroed();
    state.start(&(1..=feeds).map(terms).collect::<Vec<_>>()).expect("valid terms");
    state
}

/// A clock at a unix time.
pub fn at(unix_timestamp: i64) -> Now {
    Now { slot: 1, unix_timestamp, last_restart_slot: 0 }
}

/// A price of a feed, exponent −8, confidence in the same unit.
pub fn observed(feed: usize, price: u64, confidence: u64, publish_time: i64) -> FeedObservation {
    let price = i64::try_from(price).expect("a Pyth price fits 63 bits");
    let price = MacroPrice::from_pyth(price, -8, confidence, publish_time).expect("a price");
    FeedObservation { feed, price }
}
