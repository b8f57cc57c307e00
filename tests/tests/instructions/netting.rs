//! Netting takers: slices and sales count for a quarter in the flow meter where they bring the taker closer to flat, and
//! lock its leg (spec U-4 … U-7, Q-6, Q-8, O-13).

use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::units::notional_ceil;
use breakwater_risk::MarketParams;
use breakwater_sdk::netting::{find_netting_taker, NettingTaker};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

const TAU: u64 = MarketParams::SOL.flow_recovery_slots as u64;

/// "weak" long against "maker" for long enough that maker's lots are old, and failing; "keeper" has no position.
fn failing() -> World {
    let mut world = with_weak(World::with_sol());
    world.calm(TAU);
    weaken(&mut world, "weak", FAILING);
    world
}

fn taker_of(world: &World, names: &[&str]) -> Option<NettingTaker> {
    let candidates: Vec<_> = names.iter().map(|name| (world.who(name).account, world.account(name))).collect();
    let index = world.stage.markets[0].index;
    let now = world.stage.bank.now();
    let takers = candidates.iter().map(|(key, account)| (*key, account.into()));
    find_netting_taker(&world.stage.snapshot(), index, &world.account("weak"), takers, &now)
}

fn used(world: &World) -> i64 {
    world.market(0).state.flow.utilisation_q32
}

#[test]
fn slice_taken_by_an_account_that_it_brings_closer_to_flat_counts_for_a_quarter() {
    let mut world = failing();
    let found = taker_of(&world, &["keeper", "maker"]).unwrap();
    assert_eq!(found.account, world.who("maker").account);
    assert!(found.is_netting());
    let (mark, capacity) = (world.mark(0), world.market(0).state.depth.capacity_atoms);
    let before = world.lots("maker", 0);
    world.liquidate("maker", "weak", 0).unwrap();
    let taken = world.lots("maker", 0) - before;
    assert_eq!(taken, -found.slice.closed_lots);
    let charged = notional_ceil(taken.unsigned_abs(), mark).unwrap().div_ceil(4);
    assert_eq!(found.slice.flow_atoms, charged);
    assert!(used(&world).unsigned_abs().abs_diff((charged << 32) / capacity) <= 8, "{}", used(&world));
}

#[test]
fn slice_taken_by_an_account_without_a_position_counts_in_full() {
    let mut world = failing();
    let found = taker_of(&world, &["keeper"]).unwrap();
    assert!(!found.is_netting());
    world.liquidate("keeper", "weak", 0).unwrap();
    assert!(used(&world) < 0);
}

#[test]
fn taker_of_the_failing_owner_and_takers_whom_the_program_refuses_are_not_found() {
    let mut world = failing();
    world.twin("sub", "weak", 1, 100_000 * USD);
    world.trader("poor", USD);
    assert_eq!(taker_of(&world, &["sub"]), None);
    assert_eq!(taker_of(&world, &["poor"]), None);
    assert_eq!(taker_of(&world, &[]), None);
}

#[test]
fn sub_account_of_one_person_that_receives_lots_nets_nothing_with_them() {
    let mut world = with_weak(World::with_sol());
    world.twin("sub", "maker", 1, 100_000 * USD);
    world.calm(TAU);
    // Accounts of one owner cannot trade with each other: the lots go through a friend.
    assert_refused(world.trade(0, "maker", "sub", LOTS_10K), BreakwaterError::SameOwner);
    world.trade(0, "maker", "keeper", LOTS_10K).unwrap();
    world.trade(0, "keeper", "sub", LOTS_10K).unwrap();
    weaken(&mut world, "weak", FAILING);
    assert_eq!(world.lots("sub", 0), -(LOTS_10K as i64));
    assert!(!taker_of(&world, &["sub"]).unwrap().is_netting());
}

#[test]
fn leg_that_netted_cannot_be_increased_and_its_account_not_closed_until_the_flow_recovered() {
    let mut world = failing();
    world.liquidate("maker", "weak", 0).unwrap();
    assert_refused(world.trade(0, "keeper", "maker", 1_000_000), BreakwaterError::NettingLocked);
    let left = world.lots("maker", 0).unsigned_abs();
    world.trade(0, "maker", "keeper", left).unwrap();
    world.settle("maker").unwrap();
    assert_refused(world.trade(0, "maker", "keeper", 1_000_000), BreakwaterError::NettingLocked);
    world.leave_capital("maker", 0, "keeper");
    assert_refused(world.close("maker"), BreakwaterError::AccountNotEmpty);
    world.calm(TAU);
    world.settle("maker").unwrap();
    world.close("maker").unwrap();
}

#[test]
fn sale_of_the_backstop_to_an_account_that_it_brings_closer_to_flat_counts_for_a_quarter() {
    let mut world = with_weak(World::with_sol().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS));
    world.calm(TAU);
    weaken(&mut world, "weak", DISTRESSED);
    world.absorb("weak", 0).unwrap();
    let mut full = used_by_sale(&mut world, "keeper");
    let netted = used_by_sale(&mut world, "maker");
    full -= netted * 4;
    assert!(full.abs() <= 8, "{full}");
    assert_refused(world.trade(0, "keeper", "maker", 1_000_000), BreakwaterError::NettingLocked);
}

/// What the meter is charged for half of what the backstop took, sold to an account.
fn used_by_sale(world: &mut World, name: &str) -> i64 {
    world.edit_market(0, |market| market.state.flow.utilisation_q32 = 0);
    world.unwind(name, 0, LOTS_10K / 2).unwrap();
    used(world)
}
