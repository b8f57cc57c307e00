//! Cluster restarts: prices from before one are not used, and markets come back in reduce-only mode (PEERS 14).

use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::MarketParams;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

/// Two traders with a position; then the cluster restarts in the slot after the last price.
fn restarted() -> World {
    let mut world = World::with_sol();
    world.trader("alice", 1_200 * USD);
    world.trader("bob", 100_000 * USD);
    world.trader("keeper", 100_000 * USD);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.pass(1);
    let slot = world.stage.time().0;
    world.stage.bank.set_last_restart_slot(slot);
    world
}

#[test]
fn no_price_from_before_a_restart_is_used() {
    let mut world = restarted();
    assert_refused(world.trade(0, "bob", "keeper", LOTS_10K / 2), BreakwaterError::PriceBeforeRestart);
    assert_refused(world.convert("alice", 0, 0), BreakwaterError::PriceBeforeRestart);
    assert_refused(world.flag("alice", 0), BreakwaterError::PriceBeforeRestart);
    assert_refused(world.liquidate("keeper", "alice", 0), BreakwaterError::PriceBeforeRestart);
}

#[test]
fn risk_may_be_reduced_and_accounts_settled_right_after_a_restart() {
    let mut world = restarted();
    world.settle("alice").unwrap();
    world.trade(0, "bob", "alice", LOTS_10K / 2).unwrap();
}

#[test]
fn an_account_with_legs_withdraws_against_its_margin_twice_until_a_price_came_in() {
    let mut world = restarted();
    let before = world.account("bob").state.capital_atoms;
    let initial = world.health("bob", 0, breakwater_risk::health::Stance::Against).initial();
    assert_refused(world.withdraw("bob", before - initial), BreakwaterError::InitialMargin);
    world.withdraw("bob", before - 3 * initial).unwrap();
    world.withdraw("keeper", 100_000 * USD).unwrap(); // no legs: in full
}

#[test]
fn a_market_is_reduce_only_for_the_grace_period_after_a_restart_but_liquidates() {
    let mut world = restarted();
    world.fall_to(0, 180 * USD);
    assert_eq!(
        world.market(0).state.reduce_only_until_slot,
        world.market(0).state.previous_slot + u64::from(MarketParams::SOL.restart_grace_slots)
    );
    assert_refused(world.trade(0, "keeper", "bob", LOTS_10K), BreakwaterError::ReduceOnly);
    world.liquidate("keeper", "alice", 0).unwrap();

    let grace = u64::from(MarketParams::SOL.restart_grace_slots);
    world.calm(grace - 10);
    assert_refused(world.trade(0, "keeper", "bob", LOTS_10K), BreakwaterError::ReduceOnly);
    world.calm(10);
    world.trade(0, "keeper", "bob", LOTS_10K).unwrap();
}

#[test]
fn a_pause_of_the_feed_within_the_grace_period_starts_it_again() {
    let mut world = restarted();
    world.publish(0, 200 * USD);
    let first = world.market(0).state.reduce_only_until_slot;
    world.pass(30); // 12 s
    world.publish(0, 200 * USD);
    assert!(world.market(0).state.reduce_only_until_slot > first);
}

#[test]
fn a_restart_before_the_first_price_holds_nothing_up() {
    let mut world = World::new();
    let slot = world.stage.time().0;
    world.stage.bank.set_last_restart_slot(slot);
    world.list(&breakwater_tests::world::sol_params(), 200 * USD);
    world.trader("alice", 10_000 * USD);
    world.trader("bob", 10_000 * USD);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
}
