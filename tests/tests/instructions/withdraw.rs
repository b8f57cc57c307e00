//! `withdraw`: margin, destination and accounts. Its outflow limit is in `outflow.rs`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::cash;
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

fn withdraw(world: &World, atoms: u64) -> Instruction {
    let account = world.who("alice").account;
    let markets = world.stage.markets_of(&[account]);
    build::withdraw(world.stage.exchange, owner(world, "alice"), account, tokens(world, "alice"), atoms, &markets)
}

/// What the formula lets alice withdraw.
fn withdrawable(world: &World) -> u64 {
    let account = world.account("alice").state;
    cash::withdrawable_atoms(&account, &world.stage.snapshot(), &world.stage.bank.now()).unwrap()
}

#[test]
fn withdraw_pays_out_what_it_debits() {
    let mut world = pair();
    let (before, wallet_before, vault_before) =
        (world.account("alice"), wallet(&world, "alice"), vault_balance(&world));
    let booked = world.stage.exchange_account().booked_atoms;
    world.withdraw("alice", 40_000 * USD).unwrap();
    let after = world.account("alice");
    assert_eq!((after.state.capital_atoms, after.sequence), (60_000 * USD, before.sequence + 1));
    assert_eq!(wallet(&world, "alice"), wallet_before + 40_000 * USD);
    assert_eq!(vault_balance(&world), vault_before - 40_000 * USD);
    assert_eq!(world.stage.exchange_account().booked_atoms, booked - 40_000 * USD);
}

#[test]
fn withdraw_pays_to_any_token_account_of_the_owner() {
    let mut world = pair();
    let (mint, alice, second) = (world.stage.mint, owner(&world, "alice"), anchor_lang::prelude::Pubkey::new_unique());
    world.stage.bank.make_token_account(&second, &mint, &alice, 0);
    let instruction = withdraw(&world, USD).swapped(world.who("alice").wallet, second);
    world.send_as("alice", &[instruction]).unwrap();
    assert_eq!(world.stage.bank.token_balance(&second), USD);
}

#[test]
fn withdraw_allows_exactly_what_is_free_above_initial_margin() {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.publish(0, 199 * USD);
    let most = withdrawable(&world);
    assert!(most > 0 && most < world.account("alice").state.capital_atoms);
    assert_refused(world.withdraw("alice", most + 1), BreakwaterError::InitialMargin);
    world.withdraw("alice", most).unwrap();
    assert_refused(world.withdraw("alice", 1), BreakwaterError::InitialMargin);
}

#[test]
fn withdraw_never_pays_out_unrealised_profit() {
    let mut world = pair(); // PEERS 7
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    let before = withdrawable(&world);
    world.publish(0, 260 * USD);
    assert!(withdrawable(&world) <= before, "a gain of 30 % frees nothing");
    let capital = world.account("alice").state.capital_atoms;
    assert_refused(world.withdraw("alice", capital), BreakwaterError::InitialMargin);
}

#[test]
fn withdraw_refuses_zero_more_than_capital_and_overflow() {
    let mut world = pair();
    assert_refused(world.withdraw("alice", 0), BreakwaterError::AmountZero);
    assert_refused(world.withdraw("alice", 100_000 * USD + 1), BreakwaterError::InsufficientCapital);
    assert_refused(world.withdraw("alice", u64::MAX), BreakwaterError::InsufficientCapital);
}

#[test]
fn withdraw_refuses_anyone_but_the_owner() {
    let mut world = pair();
    let alice = owner(&world, "alice");
    let stolen = withdraw(&world, USD).swapped(alice, owner(&world, "bob"));
    assert_refused(world.send_as("bob", &[stolen]), BreakwaterError::NotOwner);
    let unsigned = withdraw(&world, USD).unsigned(alice);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let authority = solana_signer::Signer::pubkey(&world.stage.authority);
    let by_authority = withdraw(&world, USD).swapped(alice, authority);
    assert_refused(world.send_as_authority(&[by_authority]), BreakwaterError::NotOwner);
}

#[test]
fn withdraw_refuses_a_destination_of_somebody_else() {
    let mut world = pair();
    let own = world.who("alice").wallet;
    for wrong in [world.who("bob").wallet, address::vault(&world.stage.exchange)] {
        let instruction = withdraw(&world, USD).swapped(own, wrong);
        assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongDestination);
    }
}

#[test]
fn withdraw_refuses_another_mint_and_another_vault() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let alice = owner(&world, "alice");
    let (mint, foreign) = foreign_mint(&mut world, alice);
    let wrong_destination = withdraw(&world, USD).swapped(world.who("alice").wallet, foreign);
    assert_refused(world.send_as("alice", &[wrong_destination]), BreakwaterError::WrongMint);
    let wrong_mint = withdraw(&world, USD).swapped(world.stage.mint, mint);
    assert_refused(world.send_as("alice", &[wrong_mint]), BreakwaterError::WrongMint);
    let vault = address::vault(&world.stage.exchange);
    for wrong in [other.vault(), world.who("bob").wallet] {
        let wrong_vault = withdraw(&world, USD).swapped(vault, wrong);
        assert_refused(world.send_as("alice", &[wrong_vault]), BreakwaterError::WrongVault);
    }
}

#[test]
fn withdraw_refuses_an_account_of_another_exchange() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let (home, vault) = (world.stage.exchange, address::vault(&world.stage.exchange));
    let foreign_exchange = withdraw(&world, USD).swapped(home, other.exchange).swapped(vault, other.vault());
    assert_refused(world.send_as("alice", &[foreign_exchange]), BreakwaterError::WrongExchange);
    let tokens = world.stage.tokens(other.trader.wallet);
    let owner = solana_signer::Signer::pubkey(&other.trader.key);
    let foreign_account = build::withdraw(home, owner, other.trader.account, tokens, USD, &[]);
    assert_refused(world.send(&[foreign_account], &[&other.trader.key]), BreakwaterError::WrongExchange);
}

#[test]
fn withdraw_refuses_the_wrong_token_program() {
    let mut world = pair();
    let instruction = withdraw(&world, USD).swapped(anchor_spl::token::ID, anchor_spl::token_2022::ID);
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongTokenProgram);
}

#[test]
fn withdraw_refuses_when_a_market_of_a_leg_is_missing_or_not_a_market_of_the_exchange() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    world.list(&sol_params(), 100 * USD);
    world.publish(0, 200 * USD);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    let (account, alice) = (world.who("alice").account, owner(&world, "alice"));
    let exchange = world.stage.exchange;
    let (right, spare) = (world.stage.markets[0].key, world.stage.markets[1].key);
    let bob = world.who("bob").account;
    for (markets, error) in [
        (vec![], BreakwaterError::NoSuchMarket),
        (vec![spare], BreakwaterError::NoSuchMarket),
        (vec![right, other.market.key], BreakwaterError::WrongExchange),
        (vec![right, bob], BreakwaterError::WrongMarketAccount),
        (vec![right, world.stage.treasury], BreakwaterError::WrongMarketAccount),
    ] {
        let instruction = build::withdraw(exchange, alice, account, tokens(&world, "alice"), USD, &markets);
        assert_refused(world.send_as("alice", &[instruction]), error);
    }
    let extra = build::withdraw(exchange, alice, account, tokens(&world, "alice"), USD, &[right, spare]);
    world.send_as("alice", &[extra]).unwrap();
}
