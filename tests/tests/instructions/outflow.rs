//! The outflow window of `withdraw` and `deposit` (PEERS 11).

use crate::support::*;
use breakwater::{BreakwaterError, InitializeExchangeArgs};
use breakwater_sim::stage::Stage;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

/// Guaranteed to every account per window.
const GUARANTEED: u64 = 10_000 * USD;
/// Length of a window in slots of 400 ms.
const WINDOW_SLOTS: u64 = 3_600 * 5 / 2;

/// A vault of $1 000 000, a shared limit of 25 % an hour, deposits of an earlier window.
fn limited() -> World {
    let args = InitializeExchangeArgs {
        outflow_limit_ppm: 250_000,
        outflow_guaranteed_atoms: GUARANTEED,
        ..Stage::exchange_args(1)
    };
    let mut world = with_terms(args);
    world.trader("whale", 900_000 * USD);
    world.trader("minnow", 60_000 * USD);
    world.trader("late", 40_000 * USD);
    world.pass(WINDOW_SLOTS);
    world
}

#[test]
fn an_account_may_withdraw_its_guarantee_and_the_shared_limit_and_no_more() {
    let mut world = limited();
    let most = GUARANTEED + 250_000 * USD;
    assert_refused(world.withdraw("whale", most + 1), BreakwaterError::OutflowLimit);
    world.withdraw("whale", most).unwrap();
    assert_refused(world.withdraw("whale", 1), BreakwaterError::OutflowLimit);
    let exchange = world.stage.exchange_account();
    assert_eq!((exchange.outflow.out_atoms, exchange.outflow.base_atoms), (250_000 * USD, 1_000_000 * USD));
}

#[test]
fn everyone_keeps_the_guaranteed_minimum_when_others_used_up_the_limit() {
    let mut world = limited();
    world.withdraw("whale", GUARANTEED + 250_000 * USD).unwrap();
    world.withdraw("minnow", GUARANTEED).unwrap();
    assert_refused(world.withdraw("minnow", 1), BreakwaterError::OutflowLimit);
}

#[test]
fn the_next_window_starts_anew_from_what_is_booked_then() {
    let mut world = limited();
    world.withdraw("whale", GUARANTEED + 250_000 * USD).unwrap();
    world.pass(WINDOW_SLOTS);
    let most = GUARANTEED + (1_000_000 * USD - GUARANTEED - 250_000 * USD) / 4;
    assert_refused(world.withdraw("whale", most + 1), BreakwaterError::OutflowLimit);
    world.withdraw("whale", most).unwrap();
}

#[test]
fn a_round_trip_of_one_account_is_free_and_opens_the_door_for_nobody_else() {
    let mut world = limited();
    world.withdraw("whale", GUARANTEED + 250_000 * USD).unwrap();
    for _ in 0..3 {
        world.deposit("whale", 500_000 * USD).unwrap();
        world.withdraw("whale", 500_000 * USD).unwrap();
    }
    assert_refused(world.withdraw("whale", 1), BreakwaterError::OutflowLimit);
    world.deposit("late", 100_000 * USD).unwrap();
    world.withdraw("minnow", GUARANTEED).unwrap();
    assert_refused(world.withdraw("minnow", 1), BreakwaterError::OutflowLimit);
}

#[test]
fn a_deposit_into_a_strangers_account_frees_nothing_for_the_depositor() {
    let mut world = limited();
    world.withdraw("whale", GUARANTEED + 250_000 * USD).unwrap();
    let (depositor, account) = (owner(&world, "whale"), world.who("late").account);
    let instruction = breakwater_sdk::instruction::deposit(
        world.stage.exchange,
        depositor,
        account,
        tokens(&world, "whale"),
        100_000 * USD,
    );
    world.send_as("whale", &[instruction]).unwrap();
    assert_refused(world.withdraw("whale", 1), BreakwaterError::OutflowLimit);
}

#[test]
fn limits_of_zero_mean_nothing_and_never_unlimited() {
    let args = InitializeExchangeArgs { outflow_limit_ppm: 0, outflow_guaranteed_atoms: 5, ..Stage::exchange_args(1) };
    let mut world = with_terms(args); // PEERS 4
    world.trader("alice", 1_000 * USD);
    world.pass(WINDOW_SLOTS);
    assert_refused(world.withdraw("alice", 6), BreakwaterError::OutflowLimit);
    world.withdraw("alice", 5).unwrap();
    assert_refused(world.withdraw("alice", 1), BreakwaterError::OutflowLimit);
}
