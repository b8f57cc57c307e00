//! What is read of a ladder around the mark, the cascade ratio, and who sees it (spec U-14, U-16, U-17).
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod ladder_support;
mod money_support;

use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::ladder::{self, CascadeReport, PASSED_MAX, STEPS_MAX};
use breakwater_risk::state::MarketState;
use breakwater_risk::units::{SideName, LADDER_BUCKETS};
use breakwater_risk::{margin, tier, RiskError};
use ladder_support::{exchange, pair, NOTIONAL};
use money_support::{Exchange, DOLLAR};

/// Side, buckets from the mark in its losing direction, forced notional in atoms.
type Standing = (SideName, i16, u64);

/// A market at the first mark with nothing but a ladder.
fn market_with(rungs: &[Standing]) -> MarketState {
    let mut market = *exchange(1, 0).market(0);
    for (side, steps, atoms) in rungs {
        let away = if *side == SideName::Long { -*steps } else { *steps };
        let place = usize::from(market.ladder.mark_bucket.wrapping_add_signed(away)) % LADDER_BUCKETS;
        let stored =
            if *side == SideName::Long { &mut market.ladder.long_atoms } else { &mut market.ladder.short_atoms };
        stored[place] += atoms;
    }
    market
}

fn measured(market: &mut MarketState) -> CascadeReport {
    let now = exchange(1, 0).now;
    ladder::measure(market, &now).unwrap()
}

#[test]
fn the_mark_may_move_over_the_slack_of_the_ring_before_a_leg_is_misread() {
    let mark = market_with(&[]).ladder.mark_bucket;
    for (side, away) in [(SideName::Long, -1), (SideName::Short, 1_i16)] {
        for registered in [0, 17, STEPS_MAX] {
            let mut market = market_with(&[(side, registered, 7)]);
            // The mark moves by buckets toward the trigger (negative: away from it).
            for moved in -32..=(registered + PASSED_MAX) {
                market.ladder.mark_bucket = mark.wrapping_add_signed(away * moved);
                let read: Vec<_> = market.ladder.rungs(side).filter(|rung| rung.atoms > 0).collect();
                let expected = registered - moved;
                let found: Vec<_> = read.iter().map(|rung| (rung.steps, rung.atoms)).collect();
                let beyond = expected > STEPS_MAX; // in the slack: not read, not misread
                assert_eq!(found, if beyond { vec![] } else { vec![(expected, 7)] }, "{side:?} {registered} {moved}");
            }
        }
        // One further, and a leg of the last bucket is read as one that the mark passed long ago.
        let mut market = market_with(&[(side, STEPS_MAX, 7)]);
        market.ladder.mark_bucket = mark.wrapping_add_signed(away * -33);
        assert_eq!(market.ladder.rungs(side).find(|rung| rung.atoms > 0).map(|rung| rung.steps), Some(-PASSED_MAX));
    }
}

#[test]
fn cascade_ratio_is_the_steepest_of_forced_notional_over_what_the_book_takes() {
    use SideName::{Long, Short};
    let per_unit = market_with(&[]).depth.depth_slow_atoms as f64 * 6.25 / 0.002_5;
    let ratio = |atoms: u64, edge: f64| (atoms as f64 / (edge * per_unit) * 1e6).ceil() as u32;
    let (first, second, tenth) = (1.0 - 1.0 / 1.005, 1.0 - 1.005_f64.powi(-2), 1.0 - 1.005_f64.powi(-10));
    let close = |found: u32, expected: u32| found.abs_diff(expected) <= 1 + expected / 5_000; // ppm of the edges
    let (some, much) = (1_000_000 * DOLLAR, 9_000_000 * DOLLAR);
    let cases: [(&[Standing], u32, u32); 6] = [
        (&[], 0, 0),
        (&[(Long, 0, some)], ratio(some, first), 0),
        (&[(Short, 0, some)], 0, ratio(some, 0.005)),
        (&[(Long, 0, some), (Long, 1, much)], ratio(some + much, second), 0),
        (&[(Long, 0, some), (Long, 9, 1)], ratio(some, first), 0),
        (&[(Long, -20, some), (Long, 9, 1 << 50)], ratio(some + (1 << 50), tenth), 0),
    ];
    for (rungs, long, short) in cases {
        let report = measured(&mut market_with(rungs));
        assert!(close(report.long_ratio_ppm, long) && close(report.short_ratio_ppm, short), "{rungs:?}: {report:?}");
    }
}

#[test]
fn cascade_ratio_is_the_largest_where_there_is_no_depth_and_something_to_close() {
    let mut market = market_with(&[(SideName::Long, 5, 1)]);
    market.depth.depth_slow_atoms = 0;
    assert_eq!(measured(&mut market), CascadeReport { long_ratio_ppm: u32::MAX, short_ratio_ppm: 0 });
    let mut full = market_with(&[(SideName::Long, 0, u64::MAX), (SideName::Long, 1, u64::MAX)]);
    full.depth.depth_slow_atoms = 1;
    assert_eq!(measured(&mut full).long_ratio_ppm, u32::MAX);
}

#[test]
fn a_measurement_needs_a_fresh_price_of_any_confidence() {
    let mut market = market_with(&[(SideName::Long, 0, 1)]);
    let now = exchange(1, 0).now;
    let late = breakwater_risk::Now { unix_timestamp: now.unix_timestamp + 9, ..now };
    let before = market;
    assert_eq!(ladder::measure(&mut market, &late), Err(RiskError::PriceStale));
    assert_eq!(market, before);
    market.confidence = market.mark;
    ladder::measure(&mut market, &now).unwrap();
    assert_eq!(market.ladder.measured_slot, now.slot);
}

#[test]
fn a_side_is_supercritical_from_a_ratio_of_one_and_only_initial_margin_sees_it() {
    let mut exchange = pair();
    let capital = exchange.health(0, Stance::Favour, 0).maintenance() - 10 * DOLLAR;
    exchange.accounts[0].capital_atoms = capital; // failing, so that the tier tells something
    let read = |exchange: &Exchange| {
        let health = exchange.health(0, Stance::Favour, 0);
        let market = &exchange.markets.0[0];
        let tier = tier::tier(&health, false, &market.params).unwrap();
        let plan = exchange.clone().on(0, |acted, accounts| {
            let health = acted.assess(&accounts[0], Stance::Favour)?;
            breakwater_risk::liquidation::plan_slice(acted, &accounts[0], &health, 0)
        });
        let maintenance = margin::maintenance_rate_ppm(market, NOTIONAL).unwrap();
        (tier, plan, maintenance, health.maintenance(), health.target(), health.shortfall())
    };
    let calm = read(&exchange);
    assert!(calm.1.is_ok(), "{:?}", calm.1);
    let initial = |exchange: &Exchange, side| margin::initial_rate_ppm(&exchange.markets.0[0], side, NOTIONAL).unwrap();
    let (long, short) = (initial(&exchange, SideName::Long), initial(&exchange, SideName::Short));
    exchange.market(0).ladder.long_ratio_ppm = PPM as u32 - 1;
    assert!(!ladder::is_supercritical(&exchange.markets.0[0], SideName::Long));
    assert_eq!(initial(&exchange, SideName::Long), long);
    for ratio_ppm in [PPM as u32, 1_500_000, u32::MAX] {
        exchange.market(0).ladder.long_ratio_ppm = ratio_ppm;
        assert!(ladder::is_supercritical(&exchange.markets.0[0], SideName::Long));
        assert!(!ladder::is_supercritical(&exchange.markets.0[0], SideName::Short));
        assert_eq!(read(&exchange), calm, "neither maintenance nor tiers nor slices read it");
        let raised = initial(&exchange, SideName::Long);
        assert!((raised > long) == (ratio_ppm > PPM as u32) && raised <= 2 * long + 1, "{raised} against {long}");
        assert_eq!(initial(&exchange, SideName::Short), short);
    }
}

/// Depth and move anywhere within their bounds: C_slow over the least move does not fit 64 bits.
#[test]
fn the_deepest_book_at_the_least_move_is_measured_too() {
    use SideName::Long;
    for (depth_atoms, move_ppm) in [(1 << 56, 100), (1 << 56, 20_000), (u64::MAX, 100), (u64::MAX, 20_000), (0, 100)] {
        let mut market = market_with(&[(Long, 0, u64::MAX)]);
        (market.depth.depth_slow_atoms, market.params.move_min_ppm) = (depth_atoms, move_ppm);
        let report = measured(&mut market);
        assert_eq!(report.short_ratio_ppm, 0);
        assert!(report.long_ratio_ppm > 0, "{depth_atoms} {move_ppm}");
    }
}
