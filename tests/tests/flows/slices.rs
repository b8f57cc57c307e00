//! Slices: how much is closed, when the next one may follow, and when it ends.

use crate::scene::{calm_world, slot, thin_params, wait_until, whale_world};
use breakwater::BreakwaterError;
use breakwater_risk::health::Stance;
use breakwater_tests::world::{sol_params, USD};

#[test]
fn a_slice_restores_a_part_of_the_health_and_the_next_one_waits() {
    let mut world = whale_world(&thin_params());
    world.leave_capital("whale", 28_000 * USD, "maker");
    world.edit_market(0, |market| market.state.depth.capacity_atoms = 100_000 * USD);
    let before = world.health("whale", 0, Stance::Favour);
    world.liquidate("keeper", "whale", 0).unwrap();
    let after = world.health("whale", 0, Stance::Favour);
    let products =
        (after.equity() * i128::from(before.maintenance()), before.equity() * i128::from(after.maintenance()));
    assert!(products.0 > products.1, "health rises");
    assert!(!after.meets_target(), "but not up to the target: {after:?}");
    let state = world.account("whale").state;
    assert_eq!(state.flagged_slot, slot(&world));
    let due = state.slice_due_slot;
    assert!(due > slot(&world) && due <= slot(&world) + 25, "paced by at most T_cap");
    let sent = world.liquidate("keeper", "whale", 0);
    world.refused(sent, BreakwaterError::NotDue);
    wait_until(&mut world, due + 25); // and the meter recovers
    world.liquidate("keeper", "whale", 0).unwrap();
}

#[test]
fn several_slices_end_the_liquidation_and_clear_the_flag() {
    let mut world = whale_world(&thin_params());
    world.fall_to(0, 180 * USD);
    let mut slices = 0;
    for _ in 0..200 {
        let price = world.price(0);
        world.publish(0, price);
        slices += u32::from(world.liquidate("keeper", "whale", 0).is_ok());
        if slices > 0 && world.account("whale").state.flagged_slot == 0 {
            break;
        }
    }
    assert!(slices >= 2, "{slices} slices");
    let state = world.account("whale").state;
    assert_eq!((state.flagged_slot, state.slice_due_slot), (0, 0));
    assert!(world.health("whale", 0, Stance::Favour).meets_target());
    assert!(world.lots("whale", 0) > 0, "what need not be closed stays open");
    let sent = world.liquidate("keeper", "whale", 0);
    world.refused(sent, BreakwaterError::Healthy);
}

#[test]
fn a_recovered_account_is_cleared_by_anyone() {
    let mut world = whale_world(&sol_params());
    world.fall_to(0, 178 * USD);
    world.flag("whale", 0).unwrap();
    assert_eq!(world.account("whale").state.flagged_slot, slot(&world));
    let sent = world.flag("whale", 0);
    world.refused(sent, BreakwaterError::NothingToDo);
    world.fall_to(0, 199 * USD);
    world.flag("whale", 0).unwrap();
    assert_eq!(world.account("whale").state.flagged_slot, 0);
}

#[test]
fn a_rest_below_the_minimum_is_closed_too() {
    let mut world = calm_world(&sol_params());
    for (name, deposit) in [("small", 100), ("maker", 100_000), ("keeper", 100_000)] {
        world.trader(name, deposit * USD);
    }
    world.trade(0, "small", "maker", 6_000).unwrap(); // $12
    world.leave_capital("small", 6 * USD / 10, "maker");
    world.liquidate("keeper", "small", 0).unwrap();
    assert_eq!(world.lots("small", 0), 0, "a slice would have left less than $10");
    assert_eq!(world.lots("keeper", 0), 6_000);
    assert_eq!(world.account("small").state.find_leg(0), None, "the leg is free again");
    assert_eq!(world.account("small").state.flagged_slot, 0);
}
