//! `convert_profit`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_sdk::instruction as build;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};
use solana_signer::Signer;

/// Alice's profit on a rise of $10: claim of the leg once it is settled.
const PROFIT: u64 = LOTS_10K * 100_000_000 / PPM;

/// Alice has settled a gain and bob the loss against it; `slots` have passed since, with fresh prices.
fn gained(slots: u64) -> World {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.publish(0, 210 * USD);
    world.settle("bob").unwrap();
    world.settle("alice").unwrap();
    world.calm(slots);
    world
}

fn convert(world: &World, least_ratio_ppm: u32) -> Instruction {
    let (account, market) = (world.who("alice").account, world.stage.markets[0].key);
    let others = world.stage.markets_of(&[account]);
    build::convert_profit(owner(world, "alice"), market, account, least_ratio_ppm, &others)
}

#[test]
fn convert_profit_pays_a_matured_claim_from_the_pool_into_capital() {
    let mut world = gained(1_510); // two windows of 750 slots
    let (before, market) = (world.account("alice").state, world.market(0));
    world.convert("alice", 0, 1_000_000).unwrap();
    let (after, market_after) = (world.account("alice").state, world.market(0));
    assert_eq!(after.capital_atoms, before.capital_atoms + PROFIT);
    assert_eq!(market_after.state.pool_atoms, market.state.pool_atoms - PROFIT);
    assert_eq!(market_after.state.claims_total_atoms, 0);
    assert_eq!(market_after.sequence, market.sequence + 1);
}

#[test]
fn convert_profit_refuses_what_has_not_matured_for_one_to_two_windows() {
    let mut world = gained(0);
    assert_refused(world.convert("alice", 0, 0), BreakwaterError::NothingToDo);
    world.calm(750);
    assert_refused(world.convert("alice", 0, 0), BreakwaterError::NothingToDo);
    world.calm(760);
    world.convert("alice", 0, 0).unwrap();
    assert_refused(world.convert("alice", 0, 0), BreakwaterError::NothingToDo);
}

#[test]
fn convert_profit_refuses_a_ratio_below_what_the_caller_accepts() {
    let mut world = pair();
    world.trader("carol", 1_200 * USD);
    world.trade(0, "alice", "carol", LOTS_10K).unwrap();
    world.publish(0, 260 * USD); // carol owes $3 000 and has $1 200
    world.settle("carol").unwrap();
    world.settle("alice").unwrap();
    world.calm(1_510);
    assert_refused(world.convert("alice", 0, 1_000_000), BreakwaterError::RatioTooLow);
    let before = world.account("alice").state.capital_atoms;
    world.convert("alice", 0, 0).unwrap_or_else(|refused| panic!("{refused}"));
    let (alice, carol) = (world.account("alice").state, world.account("carol").state);
    assert!(alice.capital_atoms <= before + 1_200 * USD, "no more than the pool has");
    assert!(alice.legs[0].claim_fresh_atoms > 0 && carol.legs[0].debt_atoms > 0);
}

#[test]
fn convert_profit_is_for_the_owner_and_the_delegate() {
    let mut world = gained(1_510);
    let (alice, bob) = (owner(&world, "alice"), owner(&world, "bob"));
    let stolen = convert(&world, 0).swapped(alice, bob);
    assert_refused(world.send_as("bob", &[stolen]), BreakwaterError::NotOperator);
    let unsigned = convert(&world, 0).unsigned(alice);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);

    let delegate = stranger(&mut world);
    let set = build::set_delegate(alice, world.who("alice").account, delegate.pubkey(), u64::MAX);
    world.send_as("alice", &[set]).unwrap();
    let by_delegate = convert(&world, 0).swapped(alice, delegate.pubkey());
    world.send(&[by_delegate], &[&delegate]).unwrap();
}

#[test]
fn convert_profit_refuses_a_stale_price() {
    let mut world = gained(1_510);
    world.pass(23);
    assert_refused(world.convert("alice", 0, 0), BreakwaterError::PriceStale);
}

#[test]
fn convert_profit_refuses_an_account_without_a_leg_there() {
    let mut world = pair();
    assert_refused(world.convert("alice", 0, 0), BreakwaterError::NoSuchLeg);
}

#[test]
fn convert_profit_refuses_foreign_missing_and_repeated_markets() {
    let mut world = gained(1_510);
    let other = Other::beside(&mut world);
    let market = world.stage.markets[0].key;
    let foreign = convert(&world, 0).swapped(market, other.market.key);
    assert_refused(world.send_as("alice", &[foreign]), BreakwaterError::WrongExchange);
    let mut repeated = convert(&world, 0);
    repeated.accounts.push(anchor_lang::prelude::AccountMeta::new_readonly(market, false));
    assert_refused(world.send_as("alice", &[repeated]), BreakwaterError::DuplicateAccount);

    world.list(&sol_params(), 200 * USD);
    world.publish(0, 210 * USD);
    world.trade(1, "alice", "bob", LOTS_10K).unwrap();
    let mut missing = convert(&world, 0);
    missing.accounts.truncate(3);
    assert_refused(world.send_as("alice", &[missing]), BreakwaterError::NoSuchMarket);
}

#[test]
fn anyone_converts_the_claims_of_the_backstop() {
    let mut world = holding();
    world.publish(0, 210 * USD);
    let (market, key) = (world.stage.markets[0].key, breakwater_sdk::address::backstop_account(&world.stage.exchange));
    world.send(&[build::settle_account(key, &[market])], &[]).unwrap();
    world.settle("maker").unwrap();
    let nobody = stranger(&mut world);
    let convert = build::convert_profit(nobody.pubkey(), market, key, 0, &[]);
    assert_refused(world.send(std::slice::from_ref(&convert), &[&nobody]), BreakwaterError::NothingToDo);
    world.calm(1_510);
    let before = world.backstop().account.state.capital_atoms;
    world.send(std::slice::from_ref(&convert), &[&nobody]).unwrap();
    assert_eq!(world.backstop().account.state.capital_atoms, before + PROFIT);
    assert_refused(world.send(std::slice::from_ref(&convert), &[&nobody]), BreakwaterError::NothingToDo);
    let unsigned = convert.unsigned(nobody.pubkey());
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
}

/// The backstop has settled a gain that has matured; the maker's loss against it is not settled.
fn backstop_gained() -> World {
    let mut world = holding();
    world.publish(0, 210 * USD);
    let (market, key) = (world.stage.markets[0].key, breakwater_sdk::address::backstop_account(&world.stage.exchange));
    world.send(&[build::settle_account(key, &[market])], &[]).unwrap();
    world.calm(1_510);
    world
}

#[test]
fn profit_of_the_backstop_is_not_converted_before_the_losers_are_settled() {
    let mut world = backstop_gained();
    assert!(world.market(0).state.pool_atoms > 0, "the seed would be paid");
    assert_refused(world.convert_for_backstop("keeper", 0), BreakwaterError::RatioTooLow);
    world.settle("maker").unwrap();
    let before = world.backstop().account.state.capital_atoms;
    world.convert_for_backstop("keeper", 0).unwrap();
    assert_eq!(world.backstop().account.state.capital_atoms, before + PROFIT);
}

#[test]
fn profit_of_the_backstop_is_not_converted_while_the_market_owes_and_lots_are_open() {
    let mut world = backstop_gained();
    world.settle("maker").unwrap();
    let lost = world.market(0).state.pool_atoms - PROFIT / 2;
    world.edit_market(0, |market| {
        market.state.pool_atoms -= lost;
        market.state.unfunded_atoms = PROFIT - PROFIT / 2;
    });
    world.edit_account("maker", |account| account.state.capital_atoms += lost);
    world.check();
    let before = world.backstop().account.state;
    assert_refused(world.convert_for_backstop("keeper", 0), BreakwaterError::RatioTooLow);
    assert_eq!(world.backstop().account.state, before);
    // A gift covers the loss, and its profit is paid in full.
    world.deposit("maker", PROFIT).unwrap();
    world.cover_unfunded("maker", 0, PROFIT - PROFIT / 2).unwrap();
    world.convert_for_backstop("keeper", 0).unwrap();
    assert_eq!(world.backstop().account.state.capital_atoms, before.capital_atoms + PROFIT);
}
