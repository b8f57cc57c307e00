//! `unstake_backstop`: when it pays, how much, and what it leaves.

use crate::backstop_stakes::*;
use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::backstop::capital_rate_ppm;
use breakwater_risk::fixed::PPM;
use breakwater_risk::shares::{COOLDOWN_SECONDS, REDEEM_WINDOW_SECONDS, UNOWNED_SHARES_MIN};
use breakwater_risk::MarketParams;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

/// The liquidity provider asked for half of its shares, which the free cash covers, and waited.
fn waited_for_half() -> World {
    let mut world = entered();
    world.request_unstake("lp", BACKSTOP, SHARES / 2).unwrap();
    cool_down(&mut world);
    world
}

#[test]
fn unstake_backstop_pays_after_the_cooldown_and_within_its_window() {
    let mut world = backed();
    assert_refused(world.unstake("lp", BACKSTOP), BreakwaterError::NothingToDo);
    world.request_unstake("lp", BACKSTOP, SHARES).unwrap();
    pass_seconds(&mut world, COOLDOWN_SECONDS - 2);
    assert_refused(world.unstake("lp", BACKSTOP), BreakwaterError::CooldownRunning);
    pass_seconds(&mut world, REDEEM_WINDOW_SECONDS + 4);
    assert_refused(world.unstake("lp", BACKSTOP), BreakwaterError::RequestLapsed);
    world.request_unstake("lp", BACKSTOP, SHARES).unwrap();
    pass_seconds(&mut world, COOLDOWN_SECONDS);
    let (exchange, vault) = (world.stage.exchange_account(), vault_balance(&world));
    assert_eq!(paid(&mut world), SHARES);
    let after = world.stage.exchange_account();
    assert_eq!((capital(&world), total(&world)), (UNOWNED_SHARES_MIN, UNOWNED_SHARES_MIN));
    assert_eq!((after.booked_atoms, after.sequence), (exchange.booked_atoms - SHARES, exchange.sequence + 1));
    assert_eq!(vault_balance(&world), vault - SHARES);
    assert_refused(world.unstake("lp", BACKSTOP), BreakwaterError::NothingToDo);
    world.close_stake("lp", BACKSTOP).unwrap();
}

#[test]
fn unstake_backstop_pays_the_lower_of_two_values() {
    for (then, now) in [(BACKSTOP_ATOMS, BACKSTOP_ATOMS / 2), (BACKSTOP_ATOMS / 2, BACKSTOP_ATOMS)] {
        let mut world = backed();
        world.leave_backstop_capital(then, "maker");
        world.request_unstake("lp", BACKSTOP, SHARES).unwrap();
        let lost = BACKSTOP_ATOMS / 2;
        if now < then {
            world.leave_backstop_capital(now, "maker");
        } else {
            world.edit_account("maker", |account| account.state.capital_atoms -= lost);
            world.edit_backstop_account(|account| account.state.capital_atoms += lost);
            world.check();
        }
        pass_seconds(&mut world, COOLDOWN_SECONDS);
        assert_eq!(paid(&mut world), SHARES / 2);
    }
}

#[test]
fn leaving_deducts_the_worst_move_or_the_gap_where_the_price_does_not_serve_new_risk() {
    let sol = MarketParams::SOL;
    let (move_ppm, gap_ppm) = (sol.worst_move_ppm, sol.backstop_gap_ppm);
    let calm = |_: &mut World| ();
    let restless = |world: &mut World| make_restless(world);
    let wide = |world: &mut World| world.stage.publish(0, 200 * USD, 5_100).map(|_| ()).unwrap();
    let stale = |world: &mut World| pass_seconds(world, 63);
    let dead = |world: &mut World| pass_seconds(world, 602);
    let restless_and_dead = |world: &mut World| {
        make_restless(world);
        pass_seconds(world, 602);
    };
    let aged = |world: &mut World| world.pass(23);
    let cases: [(Prepare, u32); 7] = [
        (calm, move_ppm),
        (restless, move_ppm),
        (wide, gap_ppm),
        (stale, gap_ppm),
        (aged, gap_ppm),
        (dead, gap_ppm),
        (restless_and_dead, gap_ppm),
    ];
    for (prepare, unseen_ppm) in cases {
        let mut world = waited_for_half();
        world.pass(5);
        prepare(&mut world);
        let deducted = of_notional(&world, unseen_ppm);
        let due = part(SHARES / 2, capital(&world) - deducted, total(&world));
        world.make_noted("lp", BACKSTOP);
        let fewer = world.unstake_at_least("lp", BACKSTOP, due + 1);
        assert_refused(fewer, BreakwaterError::PaidBelowLeast);
        let before = wallet(&world, "lp");
        world.unstake_at_least("lp", BACKSTOP, due).unwrap();
        assert_eq!(wallet(&world, "lp") - before, due, "{unseen_ppm}");
        assert_eq!(world.stake_of("lp", BACKSTOP).state.requested_shares, 0, "all of it");
    }
}

/// Fast volatility just above one and a half times the slow one.
fn make_restless(world: &mut World) {
    world.edit_market(0, |market| {
        market.state.statistics.variance_fast = market.state.statistics.variance_slow / 4 * 9 + 9;
    });
}

#[test]
fn a_profit_carries_what_is_deducted_for_its_leg_first() {
    let mut world = entered();
    world.request_unstake("lp", BACKSTOP, SHARES / 2).unwrap();
    cool_down(&mut world);
    world.fall_to(0, 210 * USD); // far more than the worst move
    let due = part(SHARES / 2, capital(&world), total(&world));
    assert_eq!(paid(&mut world), due);
}

#[test]
fn unstake_backstop_pays_in_part_while_what_it_holds_binds_its_capital() {
    let mut world = waited();
    let request = world.stake_of("lp", BACKSTOP).state;
    let worth = capital(&world) - of_notional(&world, world.market(0).state.params.worst_move_ppm);
    let due = part(SHARES, worth, total(&world)).min(request.requested_atoms);
    let bound = (notional(&world) * capital_rate_ppm(&world.market(0).state)).div_ceil(PPM);
    let free = capital(&world) - shift(&world) - bound;
    assert!(free < due);
    let shares = total(&world);
    assert_eq!(paid(&mut world), free);
    let burned = (u128::from(SHARES) * u128::from(free)).div_ceil(u128::from(due)) as u64;
    let left = world.stake_of("lp", BACKSTOP).state;
    assert_eq!((left.shares, left.requested_shares), (SHARES - burned, SHARES - burned));
    assert_eq!(left.requested_atoms, part(request.requested_atoms, SHARES - burned, SHARES));
    assert_eq!(total(&world), shares - burned);
    assert_refused(world.unstake("lp", BACKSTOP), BreakwaterError::InsufficientCapital);
    // Once it is sold, the rest is paid within the same window.
    sell_all(&mut world);
    let rest = part(SHARES - burned, capital(&world), total(&world)).min(left.requested_atoms);
    assert_eq!(paid(&mut world), rest);
    assert_eq!(world.stake_of("lp", BACKSTOP).state.shares, 0);
}

/// A keeper buys what the backstop holds, as fast as the flow meter allows.
fn sell_all(world: &mut World) {
    while world.inventory(0) != 0 {
        world.pass(u64::from(world.market(0).state.params.flow_recovery_slots) / 4);
        world.fall_to(0, 200 * USD);
        world.unwind("keeper", 0, u64::MAX).unwrap();
    }
}

#[test]
fn unstake_backstop_leaves_the_capital_of_its_legs_and_the_gap_again_where_the_price_is_stale() {
    let mut world = waited();
    pass_seconds(&mut world, 63);
    let request = world.stake_of("lp", BACKSTOP).state;
    let sol = MarketParams::SOL;
    let gap = of_notional(&world, sol.backstop_gap_ppm);
    let worth = capital(&world) - gap;
    let due = part(SHARES, worth, total(&world)).min(request.requested_atoms);
    let bound = (notional(&world) * capital_rate_ppm(&world.market(0).state)).div_ceil(PPM);
    let free = capital(&world) - shift(&world) - bound - gap;
    assert!(free < due);
    world.make_noted("lp", BACKSTOP);
    assert_refused(world.unstake_at_least("lp", BACKSTOP, free + 1), BreakwaterError::PaidBelowLeast);
    assert_eq!(paid(&mut world), free);
}

/// What `unstake` paid the liquidity provider.
fn paid(world: &mut World) -> u64 {
    world.make_noted("lp", BACKSTOP);
    let before = wallet(world, "lp");
    world.unstake("lp", BACKSTOP).unwrap();
    wallet(world, "lp") - before
}
