//! Leaving the insurance fund takes two calls an hour or more apart and pays the lowest value seen (O-16): nobody leaves with a
//! value that they saw before others could act on it.

use crate::pools::{enter, shares, wallet};
use crate::scene::{free_params, quick_world, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::refresh::is_quiet;
use breakwater_risk::shares::{
    FIRST_CALL_PAUSE_SECONDS, REDEEM_WINDOW_SECONDS, SECOND_CALL_MAX_SECONDS, SECOND_CALL_MIN_SECONDS,
};
use breakwater_tests::world::{World, USD};
use breakwater_tests::{assert_refused, Pool};

const PUT_IN: u64 = 1_000_000 * USD;
const FUND: Pool = Pool::Insurance;

/// A fund of two equal stakers, of whom alice may leave now; "ruined 0" and on are long $500 000 each on $60 000.
fn leaving(ruined: usize) -> World {
    let mut world = quick_world(&free_params());
    for name in ["first", "alice", "bob"] {
        enter(&mut world, name, FUND, PUT_IN); // the first one pays for the shares that belong to nobody
    }
    world.trader("maker", 100_000_000 * USD);
    let all = shares(&world, "alice", FUND);
    world.request_unstake("alice", FUND, all).unwrap();
    for number in 0..ruined {
        let name = ruined_name(number);
        world.trader(&name, 60_000 * USD);
        world.trade(0, &name, "maker", HALF_A_MILLION).unwrap();
    }
    world.make_due("alice", FUND);
    world.publish_again();
    world
}

fn ruined_name(number: usize) -> String {
    format!("ruined {number}")
}

fn pass_seconds(world: &mut World, seconds: i64) {
    world.pass(seconds.cast_unsigned() * 5 / 2);
}

fn fund(world: &World) -> u64 {
    world.fund().state.balance_atoms
}

/// What the next call paid alice.
fn paid(world: &mut World) -> u64 {
    let had = wallet(world, "alice");
    world.unstake("alice", FUND).unwrap();
    wallet(world, "alice") - had
}

#[test]
fn six_calm_markets_refreshed_at_their_normal_pace_still_pay_in_full() {
    const MARKETS: usize = 6;
    let mut world = quick_world(&free_params());
    for _ in 1..MARKETS {
        world.list(&free_params(), 200 * USD);
    }
    for name in ["first", "alice"] {
        enter(&mut world, name, FUND, PUT_IN);
    }
    for name in ["long", "short"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.calm(300);
    for market in 0..MARKETS {
        world.calm(5);
        world.trade(market, "long", "short", HALF_A_MILLION / 50).unwrap();
    }
    let all = shares(&world, "alice", FUND);
    world.request_unstake("alice", FUND, all).unwrap();
    world.make_due("alice", FUND);
    // One market after the other, 4.8 s apart: when the last one is fresh the first ones are older than their 8 s.
    let refresh_in_turn = |world: &mut World| {
        world.calm(300);
        for market in 0..MARKETS {
            world.pass(12);
            world.stage.publish(market, 200 * USD, 300).unwrap();
        }
        let now = world.stage.bank.now();
        let age = now.unix_timestamp - world.market(0).state.publish_time;
        assert!(age > i64::from(free_params().price_age_max_s));
    };
    refresh_in_turn(&mut world);
    assert_eq!(paid(&mut world), 0, "the first call notes");
    pass_seconds(&mut world, SECOND_CALL_MIN_SECONDS);
    refresh_in_turn(&mut world);
    assert!(paid(&mut world) >= PUT_IN - 1);
}

#[test]
fn who_calls_seconds_before_a_fall_is_refreshed_is_paid_after_it() {
    let mut world = leaving(40);
    // Seven seconds after the last refresh: alice has seen the fall, the program has not.
    world.pass(18);
    assert_eq!(paid(&mut world), 0);
    assert_eq!(world.stake_of("alice", FUND).state.noted_atoms, PUT_IN);
    world.fall_to(0, 150 * USD);
    let before = fund(&world);
    for number in 0..40 {
        world.publish(0, 150 * USD);
        world.resolve(&ruined_name(number), 0).unwrap();
    }
    let (drawn, unfunded) = (before - fund(&world), world.market(0).state.unfunded_atoms);
    assert!(drawn > 0);
    pass_seconds(&mut world, SECOND_CALL_MIN_SECONDS);
    world.publish(0, 150 * USD);
    world.edit_market(0, |market| market.state.statistics.variance_fast = market.state.statistics.variance_slow);
    let got = paid(&mut world);
    assert!(got <= PUT_IN - (drawn + unfunded).min(before) / 3 + 1, "alice bears her third: {got}");
}

/// Calm comes back by itself while insolvent accounts stand there. Alice cannot leave with what calm shows at one moment: in the hour
/// to her second call anybody settles them, and their debts are visible.
#[test]
fn who_calls_while_calm_hides_an_insolvency_is_paid_after_it_was_settled() {
    let mut world = leaving(10);
    world.fall_to(0, 150 * USD);
    let mut slots = 0;
    while !is_quiet(&world.market(0).state, &world.stage.bank.now()) && slots < 20_000 {
        world.pass(18);
        world.stage.publish(0, 150 * USD, 300).unwrap();
        slots += 18;
    }
    assert!(is_quiet(&world.market(0).state, &world.stage.bank.now()));
    assert_eq!(paid(&mut world), 0);
    for number in 0..10 {
        world.settle(&ruined_name(number)).unwrap();
    }
    let debts = world.market(0).state.debts_total_atoms;
    assert!(debts > 100_000 * USD);
    pass_seconds(&mut world, SECOND_CALL_MIN_SECONDS);
    for _ in 0..3 {
        world.publish(0, 150 * USD);
    }
    let cap = fund(&world) / 2;
    let got = paid(&mut world);
    assert!(got <= PUT_IN - debts.min(cap) / 3 + 1, "alice bears her third: {got} with debts of {debts}");
}

#[test]
fn the_lowest_value_seen_is_paid() {
    let mut world = leaving(0);
    assert_eq!(paid(&mut world), 0);
    // The fund is worth a third less for a moment, and somebody calls again then.
    let missing = PUT_IN;
    pass_seconds(&mut world, 600);
    world.edit_market(0, |market| market.state.unfunded_atoms = missing);
    assert_eq!(paid(&mut world), 0);
    let low = world.stake_of("alice", FUND).state.noted_atoms;
    assert!(low < PUT_IN * 7 / 10);
    world.edit_market(0, |market| market.state.unfunded_atoms = 0);
    assert_refused(world.unstake("alice", FUND), BreakwaterError::SecondCallTooEarly);
    pass_seconds(&mut world, SECOND_CALL_MIN_SECONDS - 600);
    assert_eq!(paid(&mut world), low);
}

#[test]
fn a_second_call_pays_from_one_to_three_hours_after_the_first_and_a_first_call_waits_a_day() {
    let calls_after = |seconds: i64| {
        let mut world = leaving(0);
        assert_eq!(paid(&mut world), 0);
        pass_seconds(&mut world, seconds);
        world
    };
    for early in [0, SECOND_CALL_MIN_SECONDS - 2, SECOND_CALL_MAX_SECONDS + 2, FIRST_CALL_PAUSE_SECONDS - 2] {
        let mut world = calls_after(early);
        assert_refused(world.unstake("alice", FUND), BreakwaterError::SecondCallTooEarly);
    }
    for due in [SECOND_CALL_MIN_SECONDS, SECOND_CALL_MAX_SECONDS] {
        assert_eq!(paid(&mut calls_after(due)), PUT_IN);
    }
    // A day later a first call notes again; one in the last hour of the request could not be followed by a second one.
    let mut world = calls_after(FIRST_CALL_PAUSE_SECONDS);
    assert_eq!(paid(&mut world), 0);
    pass_seconds(&mut world, SECOND_CALL_MIN_SECONDS);
    assert_eq!(paid(&mut world), PUT_IN);
    let mut world = leaving(0);
    pass_seconds(&mut world, REDEEM_WINDOW_SECONDS - SECOND_CALL_MIN_SECONDS + 2);
    assert_refused(world.unstake("alice", FUND), BreakwaterError::RequestLapsed);
}
