//! The exchange's limit of net outflow per hour.

use breakwater::BreakwaterError;
use breakwater_tests::world::{World, USD};

/// Four traders with $100 000 each, a limit of a quarter of the vault, $10 000 guaranteed; in the next hour.
fn limited() -> World {
    let mut world = World::new();
    for name in ["a", "b", "c", "d"] {
        world.trader(name, 100_000 * USD);
    }
    world.edit_exchange(|exchange| exchange.outflow_limits.limit_ppm = 250_000);
    next_hour(&mut world);
    world
}

fn next_hour(world: &mut World) {
    world.pass(9_000);
}

#[test]
fn net_outflow_of_an_hour_is_limited_and_everybody_has_a_guarantee() {
    let mut world = limited();
    world.withdraw("a", 60_000 * USD).unwrap(); // $10 000 guaranteed, $50 000 shared
    let sent = world.withdraw("b", 60_001 * USD);
    world.refused(sent, BreakwaterError::OutflowLimit);
    world.withdraw("b", 60_000 * USD).unwrap(); // the shared limit of $100 000 is used up
    let sent = world.withdraw("c", 10_001 * USD);
    world.refused(sent, BreakwaterError::OutflowLimit);
    world.withdraw("c", 10_000 * USD).unwrap();
    let sent = world.withdraw("c", 1);
    world.refused(sent, BreakwaterError::OutflowLimit);
    next_hour(&mut world);
    world.withdraw("c", 70_000 * USD).unwrap();
}

#[test]
fn what_was_deposited_in_the_hour_may_go_again() {
    let mut world = limited();
    world.deposit("d", 500_000 * USD).unwrap();
    world.withdraw("d", 500_000 * USD).unwrap();
    let sent = world.withdraw("d", 110_000 * USD);
    assert!(sent.is_err());
    world.withdraw("d", 100_000 * USD).unwrap();
}

#[test]
fn what_comes_back_in_the_hour_is_no_outflow() {
    let mut world = limited();
    world.withdraw("a", 90_000 * USD).unwrap(); // $10 000 guaranteed, $80 000 of the shared $100 000
    let sent = world.withdraw("c", 30_001 * USD);
    world.refused(sent, BreakwaterError::OutflowLimit);
    world.deposit("a", 70_000 * USD).unwrap();
    let sent = world.withdraw("c", 100_000 * USD + 1);
    assert!(sent.is_err());
    world.withdraw("c", 100_000 * USD).unwrap(); // 10 000 are still out
    world.deposit("a", 20_000 * USD).unwrap();
    let sent = world.withdraw("b", 20_001 * USD);
    world.refused(sent, BreakwaterError::OutflowLimit);
    world.withdraw("b", 20_000 * USD).unwrap();
    world.withdraw("a", 10_000 * USD).unwrap(); // its guarantee is whole again
}

/// An attacker with a third of the vault takes the whole limit and brings it back at once, every hour.
#[test]
fn a_round_trip_each_hour_keeps_nobody_from_withdrawing() {
    let mut world = limited();
    world.trader("attacker", 120_000 * USD);
    for _ in 0..6 {
        next_hour(&mut world);
        let booked = world.stage.exchange_account().booked_atoms;
        let amount = (booked / 4 + 10_000 * USD).min(world.account("attacker").state.capital_atoms);
        world.withdraw("attacker", amount).unwrap();
        world.deposit("attacker", amount).unwrap();
        world.withdraw("a", 15_000 * USD).unwrap();
    }
}

/// Half a million comes in the last minute of an hour and wants to leave in the next.
#[test]
fn money_that_comes_for_a_moment_raises_the_limit_for_nobody() {
    for (minutes, limit) in [(1, 100_000), (9, 100_000), (25, 225_000)] {
        let mut world = limited();
        let hour_end = (world.stage.time().1 / 3_600 + 2) * 3_600;
        let wait = |world: &mut World, until: i64| {
            let seconds = u64::try_from(until - world.stage.time().1).expect("a later time");
            world.pass((seconds * 5).div_ceil(2));
        };
        wait(&mut world, hour_end - 60 * minutes);
        world.trader("rich", 500_000 * USD);
        wait(&mut world, hour_end);
        let sent = world.withdraw("rich", limit * USD + 10_000 * USD + 1);
        world.refused(sent, BreakwaterError::OutflowLimit);
        world.withdraw("rich", limit * USD + 10_000 * USD).unwrap();
    }
}

#[test]
fn a_deposit_opens_no_door_for_somebody_else() {
    let mut world = limited();
    world.withdraw("a", 100_000 * USD).unwrap();
    world.deposit("b", 500_000 * USD).unwrap();
    let sent = world.withdraw("c", 30_000 * USD);
    world.refused(sent, BreakwaterError::OutflowLimit);
}
