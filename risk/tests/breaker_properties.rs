//! The circuit breaker along arbitrary paths of prices (RISK section 1, 'Breaker'; spec P-23).

mod market_support;

use breakwater_risk::{breaker, MarketParams, MarketState};
use market_support::path::{steps, walk};
use market_support::{at, params};
use proptest::prelude::*;

fn banded() -> impl Strategy<Value = MarketParams> {
    let band = prop_oneof![1 => Just(0u32), 4 => 0u32..=500_000];
    (params(), band, 25u32..=10_000).prop_map(|(params, breaker_band_ppm, breaker_pause_slots)| MarketParams {
        breaker_band_ppm,
        breaker_pause_slots,
        ..params
    })
}

/// Whether the confidence of the mark is too wide for new risk: such a price tells the breaker nothing.
fn is_wide(market: &MarketState) -> bool {
    let limit = u128::from(market.mark) * u128::from(market.params.confidence_max_ppm);
    u128::from(market.confidence) * 1_000_000 > limit
}

proptest! {
    #[test]
    fn only_a_price_outside_the_band_opens_or_prolongs_it_whatever_the_spacing_of_calls(params in banded(), path in steps()) {
        walk(params, &path, |before, after, step, now| {
            let (mean, pause) = (before.breaker.mean_price, u64::from(params.breaker_pause_slots));
            let distance = u128::from(step.price.abs_diff(mean)) * 1_000_000;
            let is_outside = !is_wide(after) && mean != 0 && distance > u128::from(mean) * u128::from(params.breaker_band_ppm);
            let expected = if is_outside { now.slot + pause } else { before.breaker.open_until_slot };
            prop_assert_eq!(after.breaker.open_until_slot, expected);
            prop_assert_eq!(breaker::is_open(after, now), now.slot < expected);
            prop_assert!(!breaker::is_open(after, &at(now.slot + pause, now.unix_timestamp)), "a pause does not end");
            Ok(())
        })?;
    }

    #[test]
    fn mean_moves_toward_each_price_and_never_past_it(params in banded(), path in steps()) {
        walk(params, &path, |before, after, step, _| {
            let (mean, price) = (before.breaker.mean_price, step.price);
            if is_wide(after) {
                prop_assert_eq!(after.breaker, before.breaker);
                return Ok(());
            }
            if mean == 0 {
                prop_assert_eq!(after.breaker.mean_price, price);
                return Ok(());
            }
            prop_assert!((mean.min(price)..=mean.max(price)).contains(&after.breaker.mean_price));
            let gap_s = (after.publish_time - before.breaker.mean_time) as f64;
            let part = gap_s / (gap_s + 900.0);
            let expected = mean as f64 + (price as f64 - mean as f64) * part;
            prop_assert!((after.breaker.mean_price as f64 - expected).abs() <= 1.0 + expected * 1e-12);
            Ok(())
        })?;
    }

    #[test]
    fn price_that_stays_is_reached_and_closes_the_tightest_band(price in 1_000_000u64..1 << 40, jump_ppm in 1u64..2_000_000) {
        let params = MarketParams { breaker_band_ppm: 0, ..MarketParams::SOL };
        let mut market = breakwater_risk::MarketState::new(params);
        let jumped = price + (u128::from(price) * u128::from(jump_ppm) / 1_000_000) as u64;
        let mut slot = 10;
        for (second, price) in (0i64..).zip([price].into_iter().chain([jumped; 40_000])) {
            slot += 3;
            (market.mark, market.publish_time) = (price, 1_000 + second);
            breaker::observe(&mut market, &at(slot, 1_000 + second)).unwrap();
        }
        prop_assert_eq!(market.breaker.mean_price, jumped);
        prop_assert!(!breaker::is_open(&market, &at(slot, 0)));
    }
}
