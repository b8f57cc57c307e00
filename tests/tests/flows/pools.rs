//! Who funds the loss-absorbing layers: nobody leaves at the expense of those who stay, nobody enters to take what others
//! earned. Losses that are visible: `pools_losses`.

use crate::scene::{calm_world, free_params, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::shares::{COOLDOWN_SECONDS, UNOWNED_SHARES_MIN};
use breakwater_risk::{backstop, insurance};
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::world::{World, USD};
use breakwater_tests::{assert_refused, Pool};
use solana_signer::Signer;

/// What each of two liquidity providers puts in.
pub const PUT_IN: u64 = 100_000 * USD;
/// Lots of a position of $100 000 at $200.
pub const LOTS: u64 = HALF_A_MILLION / 5;
/// Loss line of the backstop.
const LINE_PPM: u32 = 500_000;

/// A calm SOL market; "lp" and "other lp" are the backstop; it has taken a long of $100 000 from "weak" at $200.
pub fn holding() -> World {
    let mut world = calm_world(&free_params()).with_backstop(LINE_PPM, PUT_IN);
    for name in ["weak", "maker", "keeper"] {
        world.trader(name, 1_000_000 * USD);
    }
    enter(&mut world, "other lp", Pool::Backstop, PUT_IN);
    world.trade(0, "weak", "maker", LOTS).unwrap();
    weaken(&mut world, "weak");
    world.absorb("weak", 0).unwrap();
    assert_eq!(world.inventory(0), LOTS as i64);
    world
}

fn weaken(world: &mut World, name: &str) {
    let required = world.health(name, 0, Stance::Favour).maintenance();
    world.leave_capital(name, required * 2 / 5, "maker");
}

pub fn enter(world: &mut World, name: &str, pool: Pool, atoms: u64) {
    if !world.names().iter().any(|known| known == name) {
        world.trader(name, 0);
    }
    if world.stage.bank.data(&address::stake(&world.pool(pool), &world.who(name).key.pubkey())).is_none() {
        world.open_stake(name, pool).unwrap();
    }
    world.stake(name, pool, atoms).unwrap();
}

pub fn wallet(world: &World, name: &str) -> u64 {
    world.stage.bank.token_balance(&world.who(name).wallet)
}

pub fn shares(world: &World, name: &str, pool: Pool) -> u64 {
    world.stake_of(name, pool).state.shares
}

pub fn now(world: &World) -> breakwater_risk::Now {
    world.stage.bank.now()
}

/// What some shares of the backstop are worth to who leaves.
pub fn exit_worth(world: &World, shares: u64) -> u64 {
    let (view, snapshot) = (world.backstop(), world.stage.snapshot());
    let value = backstop::exit_value(&view.account.state, now(world).unix_timestamp, &snapshot, &now(world)).unwrap();
    view.backstop.state.shares.value_floor(shares, value).unwrap()
}

/// What some shares of the backstop are worth at par.
fn par_worth(world: &World, shares: u64) -> u64 {
    let (view, snapshot) = (world.backstop(), world.stage.snapshot());
    let value = backstop::entry_value(&view.account.state, &snapshot, &now(world)).unwrap();
    view.backstop.state.shares.value_floor(shares, value).unwrap()
}

#[test]
fn liquidity_providers_cannot_leave_at_the_expense_of_those_who_stay() {
    for (at_request, at_exit) in [(200, 190), (190, 200), (200, 230), (230, 200), (190, 185), (200, 200)] {
        let mut world = holding();
        world.fall_to(0, at_request * USD);
        let all = shares(&world, "lp", Pool::Backstop);
        world.request_unstake("lp", Pool::Backstop, all).unwrap();
        world.pass(u64::try_from(COOLDOWN_SECONDS).unwrap() * 5 / 2);
        world.fall_to(0, at_exit * USD);
        let staying = shares(&world, "other lp", Pool::Backstop);
        let (exit, par, had) = (exit_worth(&world, staying), par_worth(&world, staying), wallet(&world, "lp"));
        world.make_noted("lp", Pool::Backstop);
        world.unstake("lp", Pool::Backstop).unwrap();
        let (exit_after, par_after) = (exit_worth(&world, staying), par_worth(&world, staying));
        assert!(exit_after >= exit && par_after >= par, "{exit} {exit_after}, {par} {par_after}");
        // Whoever leaves bears the losses in full and is paid no profit: at most half of what was put in and earned.
        let lost = LOTS * (200_u64.saturating_sub(at_request.min(at_exit))) * 10;
        let paid = wallet(&world, "lp") - had;
        let charge = 10_000 * USD; // more than the backstop can have earned on $100 000 at 5 % twice
        assert!(paid <= (2 * PUT_IN + charge - lost) / 2, "{paid}");
    }
}

#[test]
fn the_last_to_leave_are_paid_like_the_first() {
    let mut world = holding();
    world.fall_to(0, 180 * USD); // a loss of $10 000
    for name in ["lp", "other lp"] {
        let all = shares(&world, name, Pool::Backstop);
        world.request_unstake(name, Pool::Backstop, all).unwrap();
    }
    world.pass(u64::try_from(COOLDOWN_SECONDS).unwrap() * 5 / 2);
    world.fall_to(0, 180 * USD);
    let before = ["lp", "other lp"].map(|name| wallet(&world, name));
    let bought = world.account("keeper").state.capital_atoms;
    world.make_noted("lp", Pool::Backstop);
    world.unstake("lp", Pool::Backstop).unwrap();
    // The first got all that was free; the other one waits for the sale of what the backstop holds, and loses nothing by it.
    while world.inventory(0) != 0 {
        let price = world.price(0);
        world.publish(0, price);
        world.unwind("keeper", 0, u64::MAX).unwrap();
    }
    for name in ["lp", "other lp"] {
        if world.stake_of(name, Pool::Backstop).state.requested_shares > 0 {
            world.make_noted(name, Pool::Backstop);
            world.unstake(name, Pool::Backstop).unwrap();
        }
    }
    let paid: Vec<u64> =
        ["lp", "other lp"].iter().zip(before).map(|(name, before)| wallet(&world, name) - before).collect();
    // The first to leave paid for what its market may have moved unseen, the other one for the discount of the sale.
    let discount = world.account("keeper").state.capital_atoms - bought;
    assert!(paid[1] + discount + UNOWNED_SHARES_MIN >= paid[0], "{paid:?} and {discount}");
    assert!(paid[0].abs_diff(paid[1]) < PUT_IN / 100, "{paid:?}");
}

#[test]
fn nobody_enters_the_backstop_to_take_what_others_earned() {
    for price in [200, 210, 230, 190] {
        let mut world = holding();
        world.fall_to(0, price * USD);
        let (staying, put_in) = (shares(&world, "lp", Pool::Backstop), 1_000_000 * USD);
        let before = par_worth(&world, staying);
        enter(&mut world, "late", Pool::Backstop, put_in);
        let late = shares(&world, "late", Pool::Backstop);
        assert!(par_worth(&world, late) <= put_in && par_worth(&world, staying) >= before);
        // The profit is settled, matures and becomes cash: still nothing for who came after it was made.
        let (market, key) = (world.stage.markets[0].key, address::backstop_account(&world.stage.exchange));
        world.send(&[build::settle_account(key, &[market])], &[]).unwrap();
        world.settle("maker").unwrap();
        world.calm(1_510);
        let nobody = world.who("late").key.insecure_clone();
        let convert = build::convert_profit(nobody.pubkey(), market, key, 0, &[]);
        let _ = world.send(&[convert], &[&nobody]);
        assert!(exit_worth(&world, late) <= put_in, "at {price}: {}", exit_worth(&world, late));
        assert!(par_worth(&world, staying) >= before);
    }
}

#[test]
fn entering_around_an_absorption_cannot_be_left_at_once() {
    let mut world = calm_world(&free_params()).with_backstop(LINE_PPM, PUT_IN);
    for name in ["weak", "maker"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "weak", "maker", LOTS).unwrap();
    weaken(&mut world, "weak");
    let before = world.backstop().account.state.capital_atoms;
    enter(&mut world, "late", Pool::Backstop, 9 * PUT_IN);
    world.absorb("weak", 0).unwrap();
    assert!(world.backstop().account.state.capital_atoms > before + 9 * PUT_IN, "the charge");
    let all = shares(&world, "late", Pool::Backstop);
    assert_refused(world.unstake("late", Pool::Backstop), BreakwaterError::NothingToDo);
    world.request_unstake("late", Pool::Backstop, all).unwrap();
    assert_refused(world.unstake("late", Pool::Backstop), BreakwaterError::CooldownRunning);
    // Through the cooldown it bears what the backstop took like everybody.
    world.pass(u64::try_from(COOLDOWN_SECONDS).unwrap() * 5 / 2);
    world.fall_to(0, 180 * USD); // a loss of $10 000
    let had = wallet(&world, "late");
    world.make_noted("late", Pool::Backstop);
    world.unstake("late", Pool::Backstop).unwrap();
    assert!(wallet(&world, "late") - had < 9 * PUT_IN);
}

#[test]
fn entering_around_a_sweep_cannot_be_left_at_once() {
    let mut world = calm_world(&free_params());
    for name in ["alice", "maker"] {
        world.trader(name, 1_000_000 * USD);
    }
    enter(&mut world, "alice", Pool::Insurance, PUT_IN);
    let income = 1_000 * USD;
    world.edit_market(0, |market| market.state.insurance_accrued_atoms += income);
    world.edit_account("maker", |account| account.state.capital_atoms -= income);
    enter(&mut world, "late", Pool::Insurance, PUT_IN);
    world.sweep(0).unwrap();
    let all = shares(&world, "late", Pool::Insurance);
    assert_refused(world.unstake("late", Pool::Insurance), BreakwaterError::NothingToDo);
    world.request_unstake("late", Pool::Insurance, all).unwrap();
    assert_refused(world.unstake("late", Pool::Insurance), BreakwaterError::CooldownRunning);
}

#[test]
fn whoever_enters_first_cannot_inflate_the_price_of_a_share() {
    for pool in [Pool::Insurance, Pool::Backstop] {
        let mut world = calm_world(&free_params());
        world.stage.create_backstop(LINE_PPM).unwrap();
        world.trader("attacker", 0);
        enter(&mut world, "attacker", pool, UNOWNED_SHARES_MIN + 1);
        assert_eq!(shares(&world, "attacker", pool), 1);
        let gift = 10_000 * USD;
        give(&mut world, "attacker", pool, gift);
        // A victim that puts in less than two shares' worth loses at most a share's rounding, all others next to nothing.
        let put_in = 19 * USD;
        enter(&mut world, "victim", pool, put_in);
        let worth = worth_of(&world, "attacker", pool);
        assert!(worth < gift / 900, "the gift is gone: {worth}");
        assert!(worth_of(&world, "victim", pool) > put_in / 2);
    }
}

/// Gives cash to a pool: a donation to the insurance fund, a deposit into the backstop's account.
fn give(world: &mut World, name: &str, pool: Pool, atoms: u64) {
    if pool == Pool::Insurance {
        world.donate(name, atoms).unwrap();
        return;
    }
    let (exchange, owner) = (world.stage.exchange, world.who(name).key.pubkey());
    let (key, tokens) = (address::backstop_account(&exchange), world.stage.tokens(world.who(name).wallet));
    world.send_as(name, &[build::deposit(exchange, owner, key, tokens, atoms)]).unwrap();
}

/// What a holder's shares are worth to who leaves.
fn worth_of(world: &World, name: &str, pool: Pool) -> u64 {
    let held = shares(world, name, pool);
    match pool {
        Pool::Backstop => exit_worth(world, held),
        Pool::Insurance => {
            let (fund, count) = (world.fund().state, world.stage.exchange_account().market_count);
            let value = insurance::present_value(&fund, count, &world.stage.snapshot()).unwrap();
            fund.shares.value_floor(held, value).unwrap()
        }
    }
}

#[test]
fn a_gift_to_a_pool_gives_the_giver_back_no_more_than_their_part() {
    for pool in [Pool::Insurance, Pool::Backstop] {
        let mut world = calm_world(&free_params());
        world.stage.create_backstop(LINE_PPM).unwrap();
        for name in ["attacker", "lp"] {
            enter(&mut world, name, pool, PUT_IN);
        }
        let gift = 50_000 * USD;
        let before = worth_of(&world, "attacker", pool);
        give(&mut world, "attacker", pool, gift);
        assert!(worth_of(&world, "attacker", pool) <= before + gift / 2);
        // Nor does a request from before the gift take it along.
        let mut world = calm_world(&free_params());
        world.stage.create_backstop(LINE_PPM).unwrap();
        for name in ["attacker", "lp"] {
            enter(&mut world, name, pool, PUT_IN);
        }
        let before = worth_of(&world, "attacker", pool);
        let all = shares(&world, "attacker", pool);
        world.request_unstake("attacker", pool, all).unwrap();
        give(&mut world, "lp", pool, gift);
        world.pass(u64::try_from(COOLDOWN_SECONDS).unwrap() * 5 / 2);
        let had = wallet(&world, "attacker");
        world.make_noted("attacker", pool);
        world.unstake("attacker", pool).unwrap();
        assert_eq!(wallet(&world, "attacker") - had, before);
    }
}

#[test]
fn a_gift_does_not_make_the_backstop_take_more_than_its_rule_allows() {
    let mut world = holding();
    world.leave_backstop_capital(0, "maker");
    world.edit_backstop(|backstop| backstop.state.day = 0);
    give(&mut world, "keeper", Pool::Backstop, 40_000 * USD);
    world.trader("second", 1_000_000 * USD);
    world.trade(0, "second", "maker", LOTS).unwrap();
    weaken(&mut world, "second");
    world.absorb("second", 0).unwrap();
    let rate = backstop::capital_rate_ppm(&world.market(0).state);
    let notional = world.inventory(0).unsigned_abs() * world.mark(0) / PPM;
    assert!(notional * rate / PPM <= world.backstop().account.state.capital_atoms);
}
