//! Liveness of markets and of the two pools of stakers: what anyone can do, or who is told that there is nothing to do.

use crate::scene::{free_params, quick_world, with_whale, HALF_A_MILLION};
use breakwater::BreakwaterError::*;
use breakwater_risk::health::Stance;
use breakwater_risk::shares::{COOLDOWN_SECONDS, REDEEM_WINDOW_SECONDS};
use breakwater_risk::MarketParams;
use breakwater_sdk::actions::Action;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::{World, CONFIDENCE_PPM, USD};
use breakwater_tests::{assert_refused, Pool};

const LOTS: u64 = 1_000_000;

fn pass_seconds(world: &mut World, seconds: i64) {
    world.pass(u64::try_from(seconds).unwrap() * 5 / 2 + 3);
}

/// The same price again, two seconds later.
fn again(world: &mut World) {
    world.pass(5);
    world.quote(0, world.price(0), CONFIDENCE_PPM).unwrap();
}

/// The whale's health is a tenth of what it must be.
fn critical_world() -> World {
    let mut world = with_whale(quick_world(&free_params()));
    let maintenance = world.health("whale", 0, Stance::Favour).maintenance();
    world.leave_capital("whale", maintenance / 10, "maker");
    world
}

#[test]
fn a_stale_market_needs_two_refreshes_and_nothing_else() {
    let mut world = critical_world();
    let before = world.market(0).state;
    world.refresh(0).unwrap();
    assert_eq!(world.market(0).state, before, "the price that is there already changes nothing");
    for seconds in [9, 601] {
        pass_seconds(&mut world, seconds);
        for action in [Action::Flag(0), Action::Liquidate(0), Action::Deleverage(0)] {
            let refused = world.would(action, "whale", "keeper").unwrap_err();
            assert_eq!(code_of(&refused), Some(code(PriceStale)), "{action:?}");
        }
        world.settle("whale").unwrap();
        again(&mut world);
        again(&mut world); // the second price confirms the first
        world.would(Action::Deleverage(0), "whale", "keeper").unwrap();
    }
}

#[test]
fn after_a_restart_risk_is_only_reduced_until_the_grace_period_is_over() {
    let mut world = critical_world();
    let slot = world.stage.time().0;
    world.stage.bank.set_last_restart_slot(slot);
    assert_refused(world.flag("whale", 0), PriceBeforeRestart);
    again(&mut world);
    assert_refused(world.trade(0, "keeper", "maker", LOTS), ReduceOnly);
    for action in [Action::Flag(0), Action::Liquidate(0), Action::Deleverage(0)] {
        world.would(action, "whale", "keeper").unwrap();
    }
    for _ in 0..=free_params().restart_grace_slots / 5 {
        again(&mut world);
    }
    world.trade(0, "keeper", "maker", LOTS).unwrap();
}

#[test]
fn an_exhausted_side_opens_again_once_anyone_settled_who_is_behind() {
    let mut world = critical_world();
    world.deleverage("whale", 0).unwrap(); // the whole other side, and again before the maker is settled
    for name in ["newcomer", "next"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "next", "newcomer", HALF_A_MILLION).unwrap();
    let maintenance = world.health("next", 0, Stance::Favour).maintenance();
    world.leave_capital("next", maintenance / 10, "maker");
    world.deleverage("next", 0).unwrap();
    assert_refused(world.trade(0, "keeper", "newcomer", LOTS), SideExhausted);
    world.settle("maker").unwrap();
    world.trade(0, "keeper", "newcomer", LOTS).unwrap();
}

#[test]
fn what_a_market_owes_is_swept_as_far_as_there_is_cash() {
    let mut world = with_whale(quick_world(&free_params()));
    world.leave_capital("whale", 0, "maker");
    world.fall_to(0, 190 * USD);
    world.resolve("whale", 0).unwrap();
    let unfunded = world.market(0).state.unfunded_atoms;
    assert!(unfunded > 0);
    assert_refused(world.sweep(0), NothingToDo);
    // The fund had nothing to set aside, so what it gets later is not drawn: once the winners are settled, their claims are cut.
    world.donate("maker", unfunded * 5).unwrap();
    assert_refused(world.sweep(0), NothingToDo);
    world.settle("maker").unwrap();
    let claims = world.market(0).state.claims_total_atoms;
    world.sweep(0).unwrap();
    assert_eq!(
        (world.market(0).state.unfunded_atoms, world.market(0).state.claims_total_atoms),
        (0, claims - unfunded)
    );
    assert_refused(world.sweep(0), NothingToDo);
    // Accrued shares.
    let mut world = quick_world(&MarketParams { trade_fee_ppm: 500, ..free_params() });
    for name in ["a", "b"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "a", "b", HALF_A_MILLION).unwrap();
    assert_refused(world.collect_fees(), NothingToDo);
    world.sweep(0).unwrap();
    world.collect_fees().unwrap();
    assert_refused(world.sweep(0), NothingToDo);
}

/// A world with a backstop without shares, and a staker.
fn staker_world() -> World {
    let mut world = quick_world(&free_params());
    world.stage.create_backstop(500_000).unwrap();
    for name in ["first", "second"] {
        world.trader(name, 0);
        for pool in [Pool::Insurance, Pool::Backstop] {
            world.open_stake(name, pool).unwrap();
        }
    }
    world
}

#[test]
fn a_request_waits_is_paid_or_lapses_and_can_be_made_again() {
    for pool in [Pool::Insurance, Pool::Backstop] {
        let mut world = staker_world();
        assert_refused(world.unstake("first", pool), NothingToDo);
        assert_refused(world.request_unstake("first", pool, 0), NothingToDo);
        world.stake("first", pool, 100 * USD).unwrap();
        assert_refused(world.close_stake("first", pool), StakeNotEmpty);
        let shares = world.stake_of("first", pool).state.shares;
        world.request_unstake("first", pool, shares).unwrap();
        assert_refused(world.unstake("first", pool), CooldownRunning);
        pass_seconds(&mut world, COOLDOWN_SECONDS + REDEEM_WINDOW_SECONDS + 1);
        assert_refused(world.unstake("first", pool), RequestLapsed);
        world.request_unstake("first", pool, shares).unwrap();
        pass_seconds(&mut world, COOLDOWN_SECONDS);
        world.leave("first", pool).unwrap();
        world.close_stake("first", pool).unwrap();
    }
}

#[test]
fn a_pool_that_lost_everything_takes_new_stakers_and_lets_the_old_close() {
    let mut world = staker_world();
    world.stake("first", Pool::Backstop, 100_000 * USD).unwrap();
    world.trader("maker", 1_000_000 * USD);
    world.leave_capital(breakwater_tests::acts::BACKSTOP, 0, "maker");
    // The old shares are void once somebody enters anew.
    world.stake("second", Pool::Backstop, 100 * USD).unwrap();
    assert!(world.stake_of("second", Pool::Backstop).state.generation > 0);
    assert_refused(world.request_unstake("first", Pool::Backstop, 1), InsufficientShares);
    world.close_stake("first", Pool::Backstop).unwrap();
}
