//! `measure_cascade`, and what a supercritical side may still do.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::units::SideName;
use breakwater_risk::{ladder, margin};
use breakwater_sdk::instruction as build;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

const CROWD: [&str; 4] = ["first", "second", "third", "fourth"];

/// Four longs of $10 000 on $1 100 each after a fall of 4.7 %, in a market that digests half of one of them: each is due
/// within the first bucket.
fn crowded() -> World {
    let mut world = quick();
    world.trader("maker", 1_000_000 * USD);
    for name in CROWD {
        world.trader(name, 1_100 * USD);
        world.trade(0, name, "maker", LOTS_10K).unwrap();
    }
    world.fall_to(0, 1_906 * USD / 10);
    world.edit_market(0, |market| market.state.depth.depth_slow_atoms = 800 * USD);
    for name in CROWD {
        world.touch(name, 0).unwrap();
    }
    world
}

/// Opens a trader with half as much again as a position of $10 000 asks of a side now.
fn newcomer(world: &mut World, name: &str, side: SideName) {
    let state = world.market(0).state;
    let rate_ppm = margin::initial_rate_ppm(&state, side, 10_000 * USD).unwrap();
    world.trader(name, 10_000 * USD * rate_ppm / PPM * 3 / 2);
}

#[test]
fn measure_cascade_stores_what_the_formula_says_of_both_sides() {
    let mut world = crowded();
    let mut state = world.market(0).state;
    let expected = ladder::measure(&mut state, &world.stage.bank.now()).unwrap();
    assert!(expected.long_ratio_ppm > 1_500_000, "{expected:?}");
    assert_eq!(world.market(0).state.ladder.measured_slot, 0);
    let sequence = world.market(0).sequence;
    world.measure_cascade(0).unwrap();
    let market = world.market(0);
    assert_eq!(market.state, state, "nothing else changes");
    assert_eq!((market.sequence, market.state.ladder.measured_slot), (sequence + 1, world.stage.time().0));
    assert!(expected.short_ratio_ppm < 200_000, "the maker is far from its trigger: {expected:?}");
}

#[test]
fn measure_cascade_refuses_a_stale_price_and_takes_any_confidence() {
    let mut world = crowded();
    world.edit_market(0, |market| market.state.confidence = market.state.mark);
    world.measure_cascade(0).unwrap();
    world.pass(100);
    assert_refused(world.measure_cascade(0), BreakwaterError::PriceStale);
    let key = world.stage.markets[0].key;
    let readonly = build::measure_cascade(key).readonly(key);
    assert_anchor(world.send(&[readonly], &[]), ErrorCode::ConstraintMut);
}

#[test]
fn a_supercritical_side_pays_more_initial_margin_and_may_always_reduce() {
    let mut world = crowded();
    for name in ["early", "late"] {
        newcomer(&mut world, name, SideName::Long);
    }
    newcomer(&mut world, "seller", SideName::Short);
    world.trade(0, "early", "maker", LOTS_10K).unwrap();
    world.measure_cascade(0).unwrap();
    assert!(ladder::is_supercritical(&world.market(0).state, SideName::Long));
    assert!(!ladder::is_supercritical(&world.market(0).state, SideName::Short));
    assert_refused(world.trade(0, "late", "maker", LOTS_10K), BreakwaterError::InitialMargin);
    world.trade(0, "maker", "seller", LOTS_10K).unwrap();
    world.trade(0, "maker", "early", LOTS_10K / 2).unwrap();
}

#[test]
fn a_supercritical_side_fails_no_sooner_and_is_sliced_alike() {
    let figures = |is_measured: bool| {
        let mut world = crowded();
        world.trader("keeper", 100_000 * USD);
        if is_measured {
            world.measure_cascade(0).unwrap();
        }
        weaken(&mut world, "first", FAILING);
        let health = world.health("first", 0, Stance::Favour);
        let refused = world.liquidate("keeper", "second", 0);
        assert_refused(refused, BreakwaterError::Healthy);
        world.flag("first", 0).unwrap();
        world.liquidate("keeper", "first", 0).unwrap();
        let state = world.account("first").state;
        (health.maintenance(), health.target(), world.lots("first", 0), state.capital_atoms, state.slice_due_slot)
    };
    assert_eq!(figures(false), figures(true));
}
