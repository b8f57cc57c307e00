//! `settle_account`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::AccountMeta;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

/// Alice is long $10 000 in each of two markets against bob.
fn two_legs() -> World {
    let mut world = pair();
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.trade(1, "alice", "bob", LOTS_10K).unwrap();
    world
}

#[test]
fn settle_account_turns_a_loss_into_cash_of_the_pool_and_a_gain_into_a_claim() {
    let mut world = two_legs();
    let (mark, capital, pool) =
        (world.mark(0), world.account("alice").state.capital_atoms, world.market(0).state.pool_atoms);
    world.publish(0, 199 * USD);
    let moved = LOTS_10K * (mark - world.mark(0)) / PPM;
    let sequence = world.account("alice").sequence;
    world.settle("alice").unwrap();
    let alice = world.account("alice");
    assert_eq!((alice.state.capital_atoms, alice.sequence), (capital - moved, sequence + 1));
    assert_eq!(world.market(0).state.pool_atoms, pool + moved);
    world.settle("bob").unwrap();
    assert_eq!(world.account("bob").state.legs[0].claim_fresh_atoms, moved);
    assert_eq!(world.market(0).state.claims_total_atoms, moved);
}

#[test]
fn settle_account_spreads_capital_that_does_not_suffice_over_the_debts_pro_rata() {
    let mut world = two_legs();
    world.trader("ruined", 2_500 * USD);
    world.trade(0, "ruined", "bob", LOTS_10K / 2).unwrap();
    world.trade(1, "ruined", "bob", LOTS_10K / 2).unwrap();
    world.publish(0, 100 * USD);
    world.publish(1, 150 * USD);
    world.settle("ruined").unwrap();
    let ruined = world.account("ruined").state;
    let debts = [ruined.legs[0].debt_atoms, ruined.legs[1].debt_atoms];
    assert_eq!(ruined.capital_atoms, 0);
    assert!(
        debts[0] > 0 && debts[0].abs_diff(2 * debts[1]) <= 2,
        "a loss twice as large leaves twice the debt: {debts:?}"
    );
}

#[test]
fn anyone_may_settle_any_account_at_marks_of_any_age() {
    let mut world = two_legs();
    world.pass(100_000);
    world.settle("alice").unwrap();
    world.settle("bob").unwrap();
}

#[test]
fn settle_account_refuses_missing_foreign_readonly_and_repeated_markets() {
    let mut world = two_legs();
    let other = Other::beside(&mut world);
    let account = world.who("alice").account;
    let [first, second] = [world.stage.markets[0].key, world.stage.markets[1].key];
    let missing = build::settle_account(account, &[first]);
    assert_refused(world.send(&[missing], &[]), BreakwaterError::NoSuchMarket);
    let none = build::settle_account(account, &[]);
    assert_refused(world.send(&[none], &[]), BreakwaterError::NoSuchMarket);
    let foreign = build::settle_account(account, &[first, second, other.market.key]);
    assert_refused(world.send(&[foreign], &[]), BreakwaterError::WrongExchange);
    let readonly = build::settle_account(account, &[first, second]).readonly(second);
    assert_refused(world.send(&[readonly], &[]), BreakwaterError::MarketNotWritable);
    let mut twice = build::settle_account(account, &[first, second]);
    twice.accounts.push(AccountMeta::new(first, false));
    assert_refused(world.send(&[twice], &[]), BreakwaterError::DuplicateAccount);
}

#[test]
fn settle_account_refuses_remaining_accounts_that_are_no_markets() {
    let mut world = two_legs();
    let (alice, bob) = (world.who("alice").account, world.who("bob").account);
    let insurance = address::insurance(&world.stage.exchange);
    for (extra, error) in [
        (bob, BreakwaterError::WrongMarketAccount),
        (insurance, BreakwaterError::WrongMarketAccount),
        (world.stage.mint, BreakwaterError::WrongMarketAccount),
        (alice, BreakwaterError::DuplicateAccount),
    ] {
        let mut instruction = build::settle_account(alice, &world.stage.markets_of(&[alice]));
        instruction.accounts.push(AccountMeta::new(extra, false));
        assert_refused(world.send(&[instruction], &[]), error);
    }
}

#[test]
fn settle_account_refuses_an_account_that_is_readonly_or_none() {
    let mut world = two_legs();
    let account = world.who("alice").account;
    let markets = world.stage.markets_of(&[account]);
    let readonly = build::settle_account(account, &markets).readonly(account);
    assert_anchor(world.send(&[readonly], &[]), ErrorCode::ConstraintMut);
    let market = build::settle_account(markets[0], &markets[1..]);
    assert_refused(world.send(&[market], &[]), BreakwaterError::WrongMarginAccount);
}
