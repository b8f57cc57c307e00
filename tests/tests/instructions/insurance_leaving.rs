//! `unstake_insurance`: when it pays, how much, and what it deducts for markets that are not quiet.

use crate::insurance_stakes::*;
use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::shares::{COOLDOWN_SECONDS, REDEEM_WINDOW_SECONDS};
use breakwater_risk::MarketParams;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

/// What the window of the market still lets it draw, the fund being worth [`PUT_IN`] and nothing drawn.
const ALLOWANCE: u64 = PUT_IN / 1_000_000 * MarketParams::SOL.insurance_window_ppm as u64;

/// Fast volatility at, or just above, one and a half times the slow one.
fn set_restless(world: &mut World, is_restless: bool) {
    world.edit_market(0, |market| {
        let slow = market.state.statistics.variance_slow;
        let limit = slow / 4 * 9 + slow % 4 * 9 / 4;
        market.state.statistics.variance_fast = limit + u64::from(is_restless);
    });
}

#[test]
fn unstake_insurance_pays_after_the_cooldown_and_burns_the_shares() {
    let mut world = staked();
    assert_refused(world.unstake("alice", FUND), BreakwaterError::NothingToDo);
    world.request_unstake("alice", FUND, SHARES).unwrap();
    assert_refused(world.unstake("alice", FUND), BreakwaterError::CooldownRunning);
    pass_seconds(&mut world, COOLDOWN_SECONDS - 4);
    world.publish(0, 200 * USD);
    assert_refused(world.unstake("alice", FUND), BreakwaterError::CooldownRunning);
    world.publish(0, 200 * USD);
    let (exchange, vault) = (world.stage.exchange_account(), vault_balance(&world));
    assert_eq!(paid(&mut world), SHARES);
    let (fund, after) = (world.fund().state, world.stage.exchange_account());
    assert_eq!((fund.balance_atoms, fund.shares.total), (PUT_IN - SHARES, PUT_IN - SHARES));
    assert_eq!((after.booked_atoms, after.sequence), (exchange.booked_atoms - SHARES, exchange.sequence + 1));
    assert_eq!(vault_balance(&world), vault - SHARES);
    assert_refused(world.unstake("alice", FUND), BreakwaterError::NothingToDo);
    world.close_stake("alice", FUND).unwrap();
}

#[test]
fn unstake_insurance_refuses_a_request_that_lapsed() {
    let mut world = waited();
    pass_seconds(&mut world, REDEEM_WINDOW_SECONDS - 4);
    world.publish(0, 200 * USD);
    world.publish(0, 200 * USD);
    world.publish(0, 200 * USD);
    assert_refused(world.unstake("alice", FUND), BreakwaterError::RequestLapsed);
    world.request_unstake("alice", FUND, SHARES).unwrap();
    assert_refused(world.unstake("alice", FUND), BreakwaterError::CooldownRunning);
}

#[test]
fn unstake_insurance_pays_the_lower_of_two_values() {
    let mut world = staked();
    world.request_unstake("alice", FUND, SHARES).unwrap();
    world.donate("bob", PUT_IN).unwrap();
    cool_down(&mut world);
    assert_eq!(paid(&mut world), SHARES, "what the fund gained meanwhile stays with those who stay");

    let mut world = staked();
    world.request_unstake("alice", FUND, SHARES).unwrap();
    world.lose_insurance(PUT_IN / 4, "bob");
    cool_down(&mut world);
    assert_eq!(paid(&mut world), SHARES * 3 / 4);
}

#[test]
fn unstake_insurance_deducts_what_the_markets_miss_at_both_times() {
    let missing = PUT_IN / 4;
    for then in [missing, 0] {
        let mut world = staked();
        world.edit_market(0, |market| market.state.unfunded_atoms = then);
        world.request_unstake("alice", FUND, SHARES).unwrap();
        assert_eq!(world.stake_of("alice", FUND).state.requested_atoms, SHARES - SHARES * then / PUT_IN);
        world.edit_market(0, |market| market.state.unfunded_atoms = missing - then);
        cool_down(&mut world);
        assert_eq!(paid(&mut world), SHARES - SHARES * missing / PUT_IN);
    }
}

#[test]
fn unstake_insurance_deducts_what_the_windows_of_restless_markets_still_let_them_draw() {
    let calm = |world: &mut World| set_restless(world, false);
    let restless = |world: &mut World| set_restless(world, true);
    let stale = |world: &mut World| pass_seconds(world, 63);
    let wide = |world: &mut World| {
        world.pass(5);
        world.quote(0, 200 * USD, 20_001).map(|_| ()).unwrap();
    };
    let flat = |world: &mut World| {
        world.publish(0, 200 * USD);
        world.trade(0, "bob", "alice", LOTS_10K).unwrap();
        set_restless(world, true);
        pass_seconds(world, 63);
        world.settle("alice").unwrap();
        world.settle("bob").unwrap();
    };
    let cases: [(Prepare, u64); 5] = [(calm, 0), (restless, ALLOWANCE), (stale, ALLOWANCE), (wide, 0), (flat, 0)];
    for (prepare, deducted) in cases {
        let mut world = waited();
        prepare(&mut world);
        let due = part(SHARES, PUT_IN - deducted, PUT_IN);
        world.make_noted("alice", FUND);
        assert_refused(world.unstake_at_least("alice", FUND, due + 1), BreakwaterError::PaidBelowLeast);
        let before = wallet(&world, "alice");
        world.unstake_at_least("alice", FUND, due).unwrap();
        assert_eq!(wallet(&world, "alice") - before, due);
        assert_eq!(world.stake_of("alice", FUND).state.shares, 0, "given up for it");
        assert_eq!(world.fund().state.balance_atoms, PUT_IN - due);
    }
}

#[test]
fn what_the_window_has_drawn_already_is_not_deducted_again() {
    let mut world = waited();
    let drawn = PUT_IN / 5;
    world.lose_insurance(drawn, "bob");
    let now = world.stage.time().1;
    world.edit_market(0, |market| {
        market.state.insurance.quarter = u64::try_from(now / 21_600).unwrap();
        market.state.insurance.drawn_atoms[0] = drawn;
    });
    set_restless(&mut world, true);
    assert_eq!(paid(&mut world), part(SHARES, PUT_IN - drawn - (ALLOWANCE - drawn), PUT_IN));
}

#[test]
fn shares_are_not_given_up_for_nothing_while_the_fund_is_worth_something() {
    let mut world = waited();
    world.edit_market(0, |market| market.state.params.insurance_window_ppm = 1_000_000);
    set_restless(&mut world, true);
    // The open lots are worth more than the fund: all of it may be drawn.
    world.edit_market(0, |market| {
        let state = &mut market.state;
        (state.long.open_lots, state.short.open_lots) = (1 << 44, 1 << 44);
    });
    assert_refused(world.unstake_at_least("alice", FUND, 0), BreakwaterError::ExitValueZero);
    assert_eq!(world.stake_of("alice", FUND).state.requested_shares, SHARES);
}

#[test]
fn who_leaves_bears_the_debts_of_a_market_without_lots() {
    let mut world = waited();
    let (had, lost) = (100 * USD, LOTS_10K * 10 * 10);
    world.leave_capital("bob", had, "alice");
    world.fall_to(0, 210 * USD); // bob owes $500
    world.settle("bob").unwrap();
    world.deleverage("bob", 0).unwrap();
    let market = world.market(0).state;
    assert_eq!((market.long.open_lots, market.debts_total_atoms), (0, lost - had));
    let due = part(SHARES, PUT_IN - (lost - had).min(ALLOWANCE), PUT_IN);
    world.make_noted("alice", FUND);
    assert_refused(world.unstake_at_least("alice", FUND, due + 1), BreakwaterError::PaidBelowLeast);
    // Once the debt is paid there is nothing to wait for.
    world.deposit("bob", lost).unwrap();
    world.settle("bob").unwrap();
    assert_eq!(world.market(0).state.debts_total_atoms, 0);
    assert_eq!(paid(&mut world), SHARES);
}

#[test]
fn unstake_insurance_deducts_nothing_for_a_dead_feed() {
    for (seconds, deducted) in [(599, ALLOWANCE), (603, 0)] {
        let mut world = waited();
        set_restless(&mut world, true);
        pass_seconds(&mut world, seconds);
        assert_eq!(paid(&mut world), part(SHARES, PUT_IN - deducted, PUT_IN));
    }
}
