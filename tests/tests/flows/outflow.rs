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
fn a_deposit_opens_no_door_for_somebody_else() {
    let mut world = limited();
    world.withdraw("a", 100_000 * USD).unwrap();
    world.deposit("b", 500_000 * USD).unwrap();
    let sent = world.withdraw("c", 30_000 * USD);
    world.refused(sent, BreakwaterError::OutflowLimit);
}
