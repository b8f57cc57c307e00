//! Random paths of prices through the refreshes of one market.

use super::at;
use breakwater_risk::funding;
use breakwater_risk::refresh::{refresh, PriceObservation};
use breakwater_risk::units::{MAX_FIRST_PRICE, MAX_NOTIONAL_ATOMS, MAX_OPEN_LOTS, MAX_PRICE, MIN_FIRST_PRICE};
use breakwater_risk::{MarketParams, MarketState, Now};
use proptest::prelude::*;

/// One refresh of a path.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Seconds since the price before was published.
    pub gap_s: u64,
    /// Age of the price by the clock, seconds.
    pub age_s: i64,
    /// Price, price units.
    pub price: u64,
    /// Confidence, ppm of the price.
    pub confidence_ppm: u64,
    /// Open lots of either side at the refresh.
    pub open_lots: u64,
    /// Price of a fill after it, ppm of the price.
    pub fill_ppm: u64,
}

/// A path: mostly calm, with jumps, silences, and prices at both ends of their range.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let gap = prop_oneof![6 => 1u64..=5, 2 => 6u64..100, 1 => 100u64..1_000_000];
    let factor = prop_oneof![6 => 998_000u64..1_002_000, 2 => 800_000u64..1_250_000, 1 => Just(0), 1 => Just(u64::MAX)];
    let confidence = prop_oneof![3 => 1u64..1_000, 2 => 0u64..20_000, 1 => Just(u64::MAX)];
    let lots = prop_oneof![Just(0u64), Just(MAX_OPEN_LOTS), 0..MAX_OPEN_LOTS];
    let step = (gap, 0i64..=8, factor, confidence, lots, 0u64..2_000_000);
    (MIN_FIRST_PRICE..MAX_FIRST_PRICE, prop::collection::vec(step, 1..120)).prop_map(|(first, steps)| {
        let mut price = first;
        let mut path = Vec::new();
        for (place, (gap_s, age_s, factor, confidence_ppm, open_lots, fill_ppm)) in steps.into_iter().enumerate() {
            let next = (u128::from(price) * u128::from(factor) / 1_000_000).clamp(1, u128::from(MAX_PRICE));
            price = if place == 0 { first } else { u64::try_from(next).unwrap() };
            path.push(Step { gap_s, age_s, price, confidence_ppm, open_lots, fill_ppm });
        }
        path
    })
}

/// Refreshes a new market along a path, its first price low enough for a position to fit, and hands each state before and after, with the clock, to `check`.
pub fn walk(
    params: MarketParams,
    path: &[Step],
    mut check: impl FnMut(&MarketState, &MarketState, &Step, &Now) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut market = MarketState::new(params);
    let (mut publish_time, mut slot, mut unix) = (1_000_000i64, 1u64, 0i64);
    let most_first = params.min_position_atoms * 1_000_000;
    for (place, step) in path.iter().enumerate() {
        let price = if place == 0 { step.price.min(most_first) } else { step.price };
        let step = &Step { price, ..*step };
        publish_time += step.gap_s as i64;
        // Never older than the parameters admit, and the clock never runs backward.
        unix = (publish_time + step.age_s.min(i64::from(params.price_age_max_s))).max(unix);
        let age = unix - publish_time;
        prop_assume!(age <= i64::from(params.price_age_max_s));
        slot += 1 + step.gap_s * 1_000 / u64::from(params.slot_ms);
        (market.long.open_lots, market.short.open_lots) = (step.open_lots, step.open_lots);
        let before = market;
        let confidence = (u128::from(step.price) * u128::from(step.confidence_ppm) / 1_000_000).min(1 << 48) as u64;
        let observation =
            PriceObservation { price: step.price, confidence, ema_confidence: confidence / 2, publish_time };
        let now = at(slot, unix);
        if let Err(error) = refresh(&mut market, &observation, &now) {
            return Err(TestCaseError::fail(format!("refresh: {error:?} at {step:?}")));
        }
        check(&before, &market, step, &now)?;
        let fill = (u128::from(step.price) * u128::from(step.fill_ppm) / 1_000_000) as u64;
        let notional = step.open_lots.min(MAX_NOTIONAL_ATOMS);
        funding::record_fill(&mut market, fill, notional, notional / 500).unwrap();
    }
    Ok(())
}
