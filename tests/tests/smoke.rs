//! The shortest way through the main job: two traders, a fall, one slice.

use breakwater_tests::world::{World, USD};

#[test]
fn a_failing_position_is_closed_in_a_slice() {
    let mut world = World::with_sol();
    world.trader("whale", 80_000 * USD);
    world.trader("maker", 1_000_000 * USD);
    world.trader("keeper", 1_000_000 * USD);
    world.trade(0, "whale", "maker", 250_000_000).unwrap(); // $500 000
    world.publish(0, 178 * USD);
    world.publish(0, 178 * USD);
    let before = world.lots("whale", 0);
    let sent = world.liquidate("keeper", "whale", 0).unwrap();
    let after = world.lots("whale", 0);
    println!("{before} -> {after}, {} CU", sent.compute_units);
    assert!(after < before && after > 0, "a part is closed: {before} to {after}");
    assert_eq!(world.lots("keeper", 0), before - after, "the keeper holds what was closed");
}
