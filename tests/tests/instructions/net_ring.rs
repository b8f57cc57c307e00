//! `net_ring`.

use crate::support::*;
use anchor_lang::prelude::Pubkey;
use breakwater::BreakwaterError;
use breakwater_risk::claims;
use breakwater_sdk::instruction as build;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

/// Alice has a claim in market 0 and a debt in market 1, bob the other way round; neither has cash, so both pools hold
/// no more than their seed and each waits for the other.
fn deadlocked() -> World {
    let mut world = pair();
    world.list(&sol_params(), 200 * USD);
    world.trader("bank", 1_000 * USD);
    for market in [0, 1] {
        world.publish(market, 200 * USD);
        world.trade(market, "alice", "bob", LOTS_10K).unwrap();
    }
    for name in ["alice", "bob"] {
        world.leave_capital(name, 0, "bank");
    }
    world.publish(0, 220 * USD); // alice + $1 000
    world.publish(1, 180 * USD); // alice − $1 000
    world.settle("alice").unwrap();
    world.settle("bob").unwrap();
    world
}

fn members(world: &World) -> [Pubkey; 2] {
    [world.who("alice").account, world.who("bob").account]
}

fn markets(world: &World) -> [Pubkey; 2] {
    [world.stage.markets[0].key, world.stage.markets[1].key]
}

/// Claim and debt of an account in a market, atoms.
fn claim_and_debt(world: &World, name: &str, market: usize) -> (u64, u64) {
    let leg = world.account(name).state.legs[market];
    (claims::stored(&leg).total().unwrap(), leg.debt_atoms)
}

#[test]
fn net_ring_frees_accounts_that_wait_for_each_others_cash() {
    let mut world = deadlocked();
    let (claim, debt) = (claim_and_debt(&world, "alice", 0).0, claim_and_debt(&world, "alice", 1).1);
    assert!(claim >= 1_000 * USD - 2 && debt >= 1_000 * USD - 2, "claim {claim}, debt {debt}");
    // All that the pool can spare is its seed.
    world.pay_debt("alice", 0, 1).unwrap();
    assert_refused(world.pay_debt("alice", 0, 1), BreakwaterError::NothingToDo);
    world.pay_debt("bob", 1, 0).unwrap();

    let ring = build::net_ring(&members(&world), &markets(&world)).unwrap();
    let pools = [0, 1].map(|market| world.market(market).state.pool_atoms);
    world.send(&[ring], &[]).unwrap();
    assert_eq!([0, 1].map(|market| world.market(market).state.pool_atoms), pools, "no cash moves");
    let left: u64 =
        [("alice", 1), ("bob", 0)].map(|(name, market)| claim_and_debt(&world, name, market).1).iter().sum();
    assert!(left <= 2 * USD, "all debts are gone but for the seeds that moved: {left}");
}

#[test]
fn net_ring_refuses_members_in_the_wrong_order_or_without_claim_and_debt() {
    let mut world = deadlocked();
    let (members, [first, second]) = (members(&world), markets(&world));
    let turned = build::net_ring(&members, &[second, first]).unwrap();
    assert_refused(world.send(&[turned], &[]), BreakwaterError::NothingToDo);
    let stranger = build::net_ring(&[members[0], world.who("bank").account], &[first, second]).unwrap();
    assert_refused(world.send(&[stranger], &[]), BreakwaterError::SettleFirst);
}

#[test]
fn net_ring_refuses_cash_repeated_and_foreign_members_and_a_broken_shape() {
    let mut world = deadlocked();
    let other = Other::beside(&mut world);
    let ([alice, bob], markets) = (members(&world), markets(&world));
    let ring = || build::net_ring(&[alice, bob], &markets).unwrap();
    let mut odd = ring();
    odd.accounts.pop();
    assert_refused(world.send(&[odd], &[]), BreakwaterError::RingShape);
    let twice = build::net_ring(&[alice, alice], &markets).unwrap();
    assert_refused(world.send(&[twice], &[]), BreakwaterError::DuplicateAccount);
    let same_market = build::net_ring(&[alice, bob], &[markets[0], markets[0]]).unwrap();
    assert_refused(world.send(&[same_market], &[]), BreakwaterError::DuplicateAccount);
    let foreign = build::net_ring(&[alice, other.trader.account], &markets).unwrap();
    assert_refused(world.send(&[foreign], &[]), BreakwaterError::WrongExchange);
    let no_member = build::net_ring(&[alice, world.stage.exchange], &markets).unwrap();
    assert_refused(world.send(&[no_member], &[]), BreakwaterError::WrongMarginAccount);
    let mut readonly = ring();
    readonly.accounts[1].is_writable = false;
    assert_refused(world.send(&[readonly], &[]), BreakwaterError::AccountNotWritable);
    world.move_capital("bank", "bob", USD);
    assert_refused(world.send(&[ring()], &[]), BreakwaterError::SettleFirst);
}
