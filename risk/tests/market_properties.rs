//! Statistics, depth, rates and funding of a market along arbitrary paths of prices (RISK sections 1 and 2), with
//! parameters anywhere inside their hard bounds. Nothing on these paths may fail: a market that cannot refresh is stuck.

mod market_support;

use breakwater_risk::depth::{effective_base, lower_clamp, permitted_move, RECOVERY_TAU_S, SILENCE_MAX_S};
use breakwater_risk::refresh::{require_fresh_price, PriceUse};
use breakwater_risk::slice::{close_notional, market_slice_input, relief_atoms};
use breakwater_risk::statistics::{self, age_move_ppm, reference_variance};
use breakwater_risk::units::SideName;
use breakwater_risk::{flow, margin, MarketParams, MarketState, RiskError};
use market_support::path::{steps, walk};
use market_support::{at, params};
use proptest::prelude::*;

proptest! {
    #[test]
    fn depth_stays_inside_its_clamp_and_falls_at_most_by_four(params in params(), path in steps()) {
        walk(params, &path, |before, after, step, now| {
            let base = effective_base(&params, after.depth.open_interest_mean_atoms).unwrap();
            let depth = after.depth.depth_atoms;
            prop_assert!(base <= params.depth_base_atoms && base >= params.depth_base_atoms / 42);
            prop_assert!((lower_clamp(base)..=base).contains(&depth), "{depth} of {base}");
            let age = now.unix_timestamp - after.publish_time;
            let is_silent = before.mark == 0 || step.gap_s > SILENCE_MAX_S || age > SILENCE_MAX_S as i64;
            if is_silent {
                prop_assert_eq!(depth, lower_clamp(base));
            } else {
                let held = before.depth.depth_atoms;
                prop_assert!(depth >= held.div_ceil(4).min(base), "fell from {held} to {depth}");
                let room = u128::from(base.saturating_sub(held));
                let recovered = room * u128::from(step.gap_s) / u128::from(RECOVERY_TAU_S + step.gap_s);
                let most = (u128::from(held) + recovered + 1).max(u128::from(lower_clamp(base)));
                prop_assert!(u128::from(depth) <= most, "rose from {held} to {depth}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn capacity_never_exceeds_its_value_at_calm_volatility(params in params(), path in steps()) {
        walk(params, &path, |_, after, _, now| {
            let base = effective_base(&params, after.depth.open_interest_mean_atoms).unwrap();
            let calm = u128::from(permitted_move(&params, reference_variance(&params)).unwrap());
            prop_assert!(u128::from(after.depth.capacity_atoms) <= u128::from(base) * calm * calm / 1_000_000);
            let available = [flow::FlowDirection::Sell, flow::FlowDirection::Buy]
                .map(|direction| flow::available(after, direction, now).unwrap());
            prop_assert!(available.iter().all(|atoms| *atoms == after.depth.capacity_atoms));
            Ok(())
        })?;
    }

    #[test]
    fn variance_never_exceeds_the_largest_return_that_entered(params in params(), path in steps()) {
        walk(params, &path, |before, after, step, _| {
            let (old, new) = (before.statistics, after.statistics);
            prop_assert!(after.publish_time - new.reference_time < 10, "a return was starved");
            if before.mark == 0 || new.reference_time == old.reference_time {
                prop_assert!(before.mark == 0 || old == new);
                return Ok(());
            }
            let dt = (after.publish_time - old.reference_time) as u128;
            let size = u128::from(step.price.abs_diff(old.reference_price)) * 1_000_000;
            let size = size.div_ceil(u128::from(old.reference_price)).min(1_000_000_000);
            let sample = ((size * size) << 32).div_ceil(dt).min(u128::from(u64::MAX)) as u64;
            for (old, new) in [(old.variance_fast, new.variance_fast), (old.variance_slow, new.variance_slow)] {
                prop_assert!((old.min(sample)..=old.max(sample)).contains(&new), "{old} + {sample} -> {new}");
            }
            prop_assert!(dt >= 10 || (size * size) << 32 > 16 * dt * u128::from(old.variance_fast));
            prop_assert!(new.sigma_now_ppm >= new.sigma_fast_ppm.max(params.sigma_stress_ppm / 2));
            Ok(())
        })?;
    }

    #[test]
    fn nothing_that_reads_a_market_fails_inside_the_declared_ranges(params in params(), path in steps(), notional in 0u64..=1 << 60) {
        walk(params, &path, |_, market, _, now| {
            for notional in [0, 1, 1_000_000, notional, 1 << 60] {
                let rates = margin::rates(market, SideName::Long, notional).unwrap();
                prop_assert_eq!(rates.maintenance_ppm, margin::maintenance_rate_ppm(market, notional).unwrap());
                prop_assert!(rates.maintenance_ppm <= 1_000_000);
                let least = u128::from(rates.maintenance_ppm) * u128::from(1_000_000 + params.buffer_ppm) * 11;
                prop_assert!(u128::from(rates.initial_ppm) * 10_000_000 >= least);
                let later = at(now.slot + 1_000, now.unix_timestamp);
                prop_assert!(age_move_ppm(market, &later, rates.maintenance_ppm).unwrap() <= rates.maintenance_ppm / 8);
                for dir in [SideName::Long, SideName::Short] {
                    let input =
                        market_slice_input(market, now, dir, notional, rates.maintenance_ppm, 3_000, notional / 20).unwrap();
                    close_notional(&input).unwrap();
                    relief_atoms(&input, market.depth.capacity_atoms).unwrap();
                }
            }
            let fresh = require_fresh_price(market, now, PriceUse::Risk);
            prop_assert!(matches!(fresh, Ok(()) | Err(RiskError::ConfidenceTooWide)));
            Ok(())
        })?;
    }

    #[test]
    fn calling_often_does_not_pump_the_variance(
        band_ppm in 10u64..5_000,
        prices in prop::collection::vec(0u64..=1_000, 100..1_000),
    ) {
        // A price that jumps about inside a band of W: returns above 4 σ enter at once, others every 10 s. Called every
        // second the variance stays below what a return of W every 10 s would give.
        let params = MarketParams::SOL;
        let price_of = |part: u64| 1_000_000_000_000 + part * band_ppm * 1_000;
        let mut market = MarketState::new(params);
        statistics::start(&mut market.statistics, &params, price_of(0), 0).unwrap();
        let start = market.statistics.variance_fast;
        for (second, part) in (1i64..).zip(prices) {
            statistics::observe(&mut market.statistics, &params, price_of(part), second).unwrap();
            let most = ((band_ppm * band_ppm) << 32) / 10;
            prop_assert!(market.statistics.variance_fast <= start.max(most) + (1 << 32));
        }
    }
}
