//! The circuit breaker: a price far from its mean stops new risk, and nothing else, for a while (spec P-23).

use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::MarketParams;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

const PAUSE: u64 = MarketParams::SOL.breaker_pause_slots as u64;

/// A jump of 11.5 % and back: the breaker is open and nobody has gained or lost.
fn open(world: &mut World) {
    world.publish(0, 223 * USD);
    world.fall_to(0, 200 * USD);
    assert!(is_open(world));
}

fn is_open(world: &World) -> bool {
    let snapshot = world.stage.snapshot();
    snapshot.get(world.stage.markets[0].index).unwrap().is_breaker_open(&world.stage.bank.now())
}

#[test]
fn price_outside_the_band_stops_new_risk_up_and_down_and_on_its_edge_it_does_not() {
    for (price, opens) in [(220, false), (180, false), (221, true), (179, true)] {
        let mut world = pair();
        world.publish(0, price * USD);
        let sent = world.trade(0, "alice", "bob", LOTS_10K);
        if opens {
            assert_refused(sent, BreakwaterError::BreakerOpen);
            let state = world.market(0).state;
            assert_eq!(state.breaker.open_until_slot, state.mark_slot + PAUSE);
        } else {
            sent.unwrap();
        }
        assert_eq!(is_open(&world), opens);
    }
}

#[test]
fn the_pause_ends_by_itself_in_the_slot_it_said() {
    let mut world = World::with_sol();
    world.trader("alice", 100_000 * USD);
    world.trader("bob", 100_000 * USD);
    world.publish(0, 221 * USD);
    world.calm(150); // the mean follows for a minute: the price is within the band
    let end = world.market(0).state.breaker.open_until_slot;
    let (opened, _) = world.stage.time();
    world.calm(end - opened - 1);
    assert_eq!(world.market(0).state.breaker.open_until_slot, end, "a price within the band does not prolong it");
    assert_refused(world.trade(0, "alice", "bob", LOTS_10K), BreakwaterError::BreakerOpen);
    world.pass(1);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
}

#[test]
fn risk_is_reduced_and_cash_moves_while_it_is_open() {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    open(&mut world);
    assert_refused(world.trade(0, "alice", "bob", 1_000_000), BreakwaterError::BreakerOpen);
    assert_refused(world.trade(0, "bob", "alice", 2 * LOTS_10K), BreakwaterError::BreakerOpen); // across
    world.trade(0, "bob", "alice", LOTS_10K / 2).unwrap();
    world.deposit("alice", USD).unwrap();
    world.withdraw("alice", 50_000 * USD).unwrap();
    world.settle("bob").unwrap();
    world.sweep(0).unwrap();
    world.trade(0, "bob", "alice", LOTS_10K / 2).unwrap();
    world.withdraw("bob", 90_000 * USD).unwrap();
}

#[test]
fn profit_is_converted_while_it_is_open() {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.publish(0, 210 * USD);
    world.settle("alice").unwrap();
    world.settle("bob").unwrap();
    world.calm(2 * u64::from(MarketParams::SOL.profit_window_slots));
    world.publish(0, 250 * USD);
    assert!(is_open(&world));
    let before = world.account("alice").state.capital_atoms;
    world.convert("alice", 0, 0).unwrap();
    assert!(world.account("alice").state.capital_atoms > before);
}

#[test]
fn accounts_are_flagged_and_liquidated_while_it_is_open_by_a_keeper_who_takes_on_the_risk() {
    let mut world = backed();
    open(&mut world);
    weaken(&mut world, "weak", FAILING);
    world.flag("weak", 0).unwrap();
    world.liquidate("keeper", "weak", 0).unwrap();
    assert!(world.lots("keeper", 0) > 0);
}

#[test]
fn the_backstop_takes_legs_while_it_is_open_and_sells_to_who_adds_no_risk() {
    let mut world = with_weak(World::with_sol().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS));
    world.trader("short", 100_000 * USD);
    world.trade(0, "keeper", "short", LOTS_10K).unwrap();
    open(&mut world);
    weaken(&mut world, "weak", DISTRESSED);
    world.absorb("weak", 0).unwrap();
    // The jump lies behind: only the breaker is still open.
    world.edit_market(0, |market| market.state.statistics.variance_fast = market.state.statistics.variance_slow);
    let price = world.price(0);
    world.publish(0, price);
    assert_refused(world.unwind("keeper", 0, u64::MAX), BreakwaterError::BreakerOpen);
    let before = world.account("short").state.capital_atoms;
    world.unwind("short", 0, u64::MAX).unwrap();
    assert_eq!(world.lots("short", 0), 0);
    assert_eq!(world.account("short").state.capital_atoms, before, "the auction has not begun: no discount");
}

#[test]
fn accounts_are_deleveraged_and_resolved_while_it_is_open() {
    let mut world = with_weak(quick());
    open(&mut world);
    weaken(&mut world, "weak", CRITICAL_PART);
    world.deleverage("weak", 0).unwrap();

    let mut world = with_weak(quick());
    world.leave_capital("weak", 1_000 * USD, "maker");
    world.fall_to(0, 150 * USD);
    assert!(is_open(&world));
    world.resolve("weak", 0).unwrap();
}
