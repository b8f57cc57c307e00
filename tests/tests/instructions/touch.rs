//! `touch`, and which other instructions register the legs that they act on.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use breakwater::BreakwaterError;
use breakwater_risk::units::LADDER_BUCKETS;
use breakwater_sdk::ladder;
use breakwater_tests::acts::BACKSTOP;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

/// Buckets between the mark and where a leg stands.
fn steps(world: &World, name: &str) -> u16 {
    world.leg(name, 0).ladder_bucket.abs_diff(world.market(0).state.ladder.mark_bucket)
}

fn is_off(world: &World, name: &str) -> bool {
    ladder::is_off(&world.stage.snapshot(), 0, &world.account(name), &world.stage.bank.now()).unwrap()
}

/// Atoms that stand in the ladder, longs and shorts.
fn sums(world: &World) -> [u64; 2] {
    world.ladder(0).map(|side| side.iter().sum())
}

/// [`pair`] with alice long $10 000 against bob on $2 000 each.
fn geared() -> World {
    let mut world = quick();
    for name in ["alice", "bob"] {
        world.trader(name, 2_000 * USD);
    }
    world.trader("carol", 100_000 * USD);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world
}

#[test]
fn touch_registers_a_leg_by_the_present_trigger_without_a_fresh_price_by_anyone() {
    let mut world = geared();
    assert!(!is_off(&world, "alice"), "the trade has registered it");
    // Slack of $1 375 less fees: 13.7 % of the notional.
    assert_eq!(world.leg("alice", 0).ladder_atoms, 10_000 * USD);
    assert_eq!((steps(&world, "alice"), steps(&world, "bob")), (29, 25));
    world.deposit("alice", 500 * USD).unwrap();
    assert_eq!(steps(&world, "alice"), 29, "deposits do not register");
    assert!(is_off(&world, "alice"));

    world.pass(1_000);
    let (sequence, capital) = (world.market(0).sequence, world.account("alice").state.capital_atoms);
    world.touch("alice", 0).unwrap();
    assert_eq!((steps(&world, "alice"), world.market(0).sequence), (41, sequence + 1));
    assert!(!is_off(&world, "alice"));
    assert_eq!((sums(&world), world.account("alice").state.capital_atoms), ([10_000 * USD; 2], capital));
}

#[test]
fn touch_again_and_again_changes_nothing() {
    let mut world = geared();
    world.publish(0, 196 * USD);
    world.touch("alice", 0).unwrap();
    let (account, market) = (world.account("alice").state, world.market(0).state);
    for _ in 0..5 {
        world.touch("alice", 0).unwrap();
    }
    assert_eq!((world.account("alice").state, world.market(0).state), (account, market));
}

#[test]
fn touch_realises_the_leg_and_frees_an_empty_one() {
    let mut world = geared();
    world.publish(0, 199 * USD);
    let capital = world.account("alice").state.capital_atoms;
    world.touch("alice", 0).unwrap();
    assert_eq!(world.account("alice").state.capital_atoms, capital - 50 * USD);
    // The other side is closed by a deleveraging; alice's lots are gone once she is touched.
    world.leave_capital("bob", 0, "carol");
    world.publish(0, 208 * USD);
    world.deleverage("bob", 0).unwrap();
    assert_eq!(sums(&world), [world.leg("alice", 0).ladder_atoms, 0]);
    world.touch("alice", 0).unwrap();
    assert_eq!(world.leg("alice", 0).lots, 0);
    assert_eq!(world.ladder(0), [[0; LADDER_BUCKETS]; 2]);
}

#[test]
fn touch_refuses_the_backstop_and_strangers_and_settles_who_owes() {
    let mut world = holding();
    assert_refused(world.touch(BACKSTOP, 0), BreakwaterError::BackstopAccount);
    assert_refused(world.touch("keeper", 0), BreakwaterError::NoSuchLeg);
    let other = Other::beside(&mut world);
    let account = world.who("maker").account;
    let foreign = world.touch_instruction("maker", 0).swapped(account, other.trader.account);
    assert_refused(world.send(&[foreign], &[]), BreakwaterError::WrongExchange);
    for key in [account, world.stage.markets[0].key] {
        let readonly = world.touch_instruction("maker", 0).readonly(key);
        assert_anchor(world.send(&[readonly], &[]), ErrorCode::ConstraintMut);
    }
    world.list(&sol_params(), 200 * USD);
    world.trade(1, "maker", "keeper", LOTS_10K).unwrap();
    let mut alone = world.touch_instruction("maker", 0);
    alone.accounts.truncate(2);
    assert_refused(world.send(&[alone], &[]), BreakwaterError::NoSuchMarket);
    world.leave_capital("keeper", 100 * USD, "weak");
    world.publish(1, 208 * USD); // the keeper loses $400
    world.touch("keeper", 1).unwrap();
    assert_eq!(world.leg("keeper", 1).debt_atoms, 300 * USD, "its only leg is settled with it");
}

#[test]
fn slices_absorptions_and_unwindings_register_the_acted_on_legs_but_not_the_backstops() {
    let mut world = backed();
    weaken(&mut world, "weak", FAILING);
    world.flag("weak", 0).unwrap();
    world.liquidate("keeper", "weak", 0).unwrap();
    let (weak, keeper) = (world.leg("weak", 0), world.leg("keeper", 0));
    assert!(weak.ladder_atoms < 10_000 * USD && keeper.ladder_atoms > 0);
    assert_eq!(weak.ladder_atoms + keeper.ladder_atoms, sums(&world)[0]);
    assert!(!is_off(&world, "weak") && !is_off(&world, "keeper"));

    let mut world = holding();
    assert_eq!(sums(&world), [0, 10_000 * USD], "what the backstop holds stands nowhere");
    world.pass(3);
    world.unwind("keeper", 0, LOTS_10K / 2).unwrap();
    assert_eq!(sums(&world)[0], world.leg("keeper", 0).ladder_atoms);
    assert_eq!(world.leg("keeper", 0).ladder_atoms, 5_000 * USD);
}

#[test]
fn a_side_that_flips_stands_on_the_other_side_of_the_ladder() {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    assert_eq!(sums(&world), [10_000 * USD; 2]);
    world.trade(0, "bob", "alice", LOTS_10K * 3).unwrap();
    assert_eq!(sums(&world), [20_000 * USD; 2]);
    assert!(world.leg("alice", 0).lots < 0 && steps(&world, "alice") == steps(&world, "bob"));
    world.trade(0, "alice", "bob", LOTS_10K * 2).unwrap();
    assert_eq!(world.ladder(0), [[0; LADDER_BUCKETS]; 2]);
}

#[test]
fn forced_notional_is_at_most_what_the_slow_depth_carries() {
    let mut world = geared();
    let capacity = 3_000 * USD;
    world.edit_market(0, |market| market.state.depth.depth_slow_atoms = capacity * 4 / 25);
    assert!(is_off(&world, "alice"));
    world.touch("alice", 0).unwrap();
    assert_eq!(sums(&world), [capacity, 10_000 * USD]);
    // A tenth more is not worth a touch, more than that is.
    for (now, expected) in [(capacity * 110 / 100, false), (capacity * 112 / 100, true), (capacity * 89 / 100, true)] {
        world.edit_market(0, |market| market.state.depth.depth_slow_atoms = now * 4 / 25);
        assert_eq!(is_off(&world, "alice"), expected, "{now}");
    }
}
