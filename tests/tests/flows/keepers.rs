//! What a keeper must have, and which leg it must take.

use crate::scene::{slice, two_markets, whale_world, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_tests::world::{sol_params, USD};

#[test]
fn a_keeper_without_margin_cannot_take_a_slice() {
    let mut world = whale_world(&sol_params());
    world.trader("poor", 1_000 * USD);
    world.fall_to(0, 180 * USD);
    let sent = world.liquidate("poor", "whale", 0);
    world.refused(sent, BreakwaterError::InitialMargin);
    world.liquidate("keeper", "whale", 0).unwrap();
}

#[test]
fn a_keeper_that_nets_its_own_position_needs_no_margin_for_it() {
    let mut world = two_markets();
    for (name, deposit) in [("whale", 80_000), ("maker", 2_000_000), ("netting", 200_000), ("adding", 200_000)] {
        world.trader(name, deposit * USD);
    }
    world.trade(0, "whale", "maker", HALF_A_MILLION).unwrap();
    world.trade(0, "maker", "netting", HALF_A_MILLION).unwrap();
    for keeper in ["netting", "adding"] {
        world.trade(1, keeper, "maker", HALF_A_MILLION).unwrap(); // $125 000
        world.leave_capital(keeper, 14_000 * USD, "maker");
    }
    world.leave_capital("whale", 20_000 * USD, "maker");
    let sent = world.liquidate("adding", "whale", 0);
    world.refused(sent, BreakwaterError::InitialMargin);
    let taken = slice(&world, "netting", "whale", 0).unwrap().closed_lots;
    world.liquidate("netting", "whale", 0).unwrap();
    assert_eq!(world.lots("netting", 0), -(HALF_A_MILLION as i64) - taken, "the keeper's short shrinks by the slice");
    assert!(taken < 0);
}

#[test]
fn the_leg_that_relieves_most_goes_first() {
    let mut world = two_markets();
    for (name, deposit) in [("whale", 100_000), ("maker", 2_000_000), ("keeper", 2_000_000)] {
        world.trader(name, deposit * USD);
    }
    world.trade(0, "whale", "maker", HALF_A_MILLION / 10).unwrap();
    world.trade(1, "maker", "whale", HALF_A_MILLION).unwrap(); // $125 000
    world.leave_capital("whale", 10_000 * USD, "maker");
    let sent = world.liquidate("keeper", "whale", 0);
    world.refused(sent, BreakwaterError::WrongLeg);
    world.liquidate("keeper", "whale", 1).unwrap();
}

#[test]
fn another_accounts_flag_starts_no_slice() {
    let mut world = whale_world(&sol_params());
    world.fall_to(0, 180 * USD);
    world.flag("whale", 0).unwrap();
    let sent = world.liquidate("keeper", "maker", 0);
    world.refused(sent, BreakwaterError::Healthy);
    let sent = world.liquidate("whale", "whale", 0);
    assert!(sent.is_err(), "nobody takes a slice of the own account");
}
