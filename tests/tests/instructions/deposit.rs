//! `deposit`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

fn deposit(world: &World, atoms: u64) -> Instruction {
    let (alice, account) = (owner(world, "alice"), world.who("alice").account);
    build::deposit(world.stage.exchange, alice, account, tokens(world, "alice"), atoms)
}

#[test]
fn deposit_credits_what_it_takes_and_books_it() {
    let mut world = pair();
    let (before, wallet_before, vault_before) =
        (world.account("alice"), wallet(&world, "alice"), vault_balance(&world));
    let booked = world.stage.exchange_account().booked_atoms;
    world.deposit("alice", 123_456_789).unwrap();
    let after = world.account("alice");
    assert_eq!(after.state.capital_atoms, before.state.capital_atoms + 123_456_789);
    assert_eq!(after.sequence, before.sequence + 1);
    assert_eq!(wallet(&world, "alice"), wallet_before - 123_456_789);
    assert_eq!(vault_balance(&world), vault_before + 123_456_789);
    assert_eq!(world.stage.exchange_account().booked_atoms, booked + 123_456_789);
}

#[test]
fn anyone_may_deposit_into_any_account() {
    let mut world = pair();
    let (bob, account) = (owner(&world, "bob"), world.who("alice").account);
    let instruction = build::deposit(world.stage.exchange, bob, account, tokens(&world, "bob"), USD);
    world.send_as("bob", &[instruction]).unwrap();
    assert_eq!(world.account("alice").state.capital_atoms, 100_001 * USD);
}

#[test]
fn deposit_refuses_zero() {
    let mut world = pair();
    assert_refused(world.deposit("alice", 0), BreakwaterError::AmountZero);
}

#[test]
fn deposit_refuses_more_than_an_account_may_hold() {
    let mut world = quick();
    world.trader("alice", 0);
    let (key, mint, alice) = (world.who("alice").wallet, world.stage.mint, owner(&world, "alice"));
    world.stage.bank.make_token_account(&key, &mint, &alice, u64::MAX);
    for atoms in [u64::MAX, (1 << 56) + 1] {
        assert_refused(world.deposit("alice", atoms), BreakwaterError::Overflow);
    }
    world.deposit("alice", 1 << 56).unwrap();
    assert_refused(world.deposit("alice", 1), BreakwaterError::Overflow);
    assert_refused(world.deposit("alice", u64::MAX), BreakwaterError::Overflow);
}

#[test]
fn deposit_refuses_more_than_the_wallet_holds_and_a_wallet_of_somebody_else() {
    let mut world = pair();
    let all = wallet(&world, "alice");
    assert_refused(world.deposit("alice", all + 1), BreakwaterError::InsufficientTokens);
    let (alices, bobs) = (world.who("alice").wallet, world.who("bob").wallet);
    let stolen = deposit(&world, USD).swapped(alices, bobs);
    assert_refused(world.send_as("alice", &[stolen]), BreakwaterError::NotTokenOwner);
    let vault = address::vault(&world.stage.exchange);
    let circular = deposit(&world, USD).swapped(alices, vault);
    assert_refused(world.send_as("alice", &[circular]), BreakwaterError::NotTokenOwner);
}

#[test]
fn deposit_refuses_a_depositor_that_does_not_sign() {
    let mut world = pair();
    let instruction = deposit(&world, USD).unsigned(owner(&world, "alice"));
    assert_anchor(world.send(&[instruction], &[]), ErrorCode::AccountNotSigner);
}

#[test]
fn deposit_refuses_another_mint() {
    let mut world = pair();
    let alice = owner(&world, "alice");
    let (mint, foreign) = foreign_mint(&mut world, alice);
    let instruction = deposit(&world, USD);
    let (quote, own) = (world.stage.mint, world.who("alice").wallet);
    let tokens_only = instruction.clone().swapped(own, foreign);
    assert_refused(world.send_as("alice", &[tokens_only]), BreakwaterError::WrongMint);
    let mint_only = instruction.clone().swapped(quote, mint);
    assert_refused(world.send_as("alice", &[mint_only]), BreakwaterError::WrongMint);
    let both = instruction.swapped(quote, mint).swapped(own, foreign);
    assert_refused(world.send_as("alice", &[both]), BreakwaterError::WrongMint);
}

#[test]
fn deposit_refuses_another_vault() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let vault = address::vault(&world.stage.exchange);
    for wrong in [other.vault(), world.who("bob").wallet, Pubkey::new_unique()] {
        let instruction = deposit(&world, USD).swapped(vault, wrong);
        assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongVault);
    }
}

#[test]
fn deposit_refuses_an_account_of_another_exchange() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let account = world.who("alice").account;
    let instruction = deposit(&world, USD).swapped(account, other.trader.account);
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongExchange);
    let home = world.stage.exchange;
    let instruction = deposit(&world, USD).swapped(home, other.exchange).swapped(address::vault(&home), other.vault());
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongExchange);
}

#[test]
fn deposit_refuses_the_wrong_token_program() {
    let mut world = pair();
    let instruction = deposit(&world, USD).swapped(anchor_spl::token::ID, anchor_spl::token_2022::ID);
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongTokenProgram);
    let instruction = deposit(&world, USD).swapped(anchor_spl::token::ID, breakwater_test_venue::ID);
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongTokenProgram);
}

#[test]
fn deposit_refuses_accounts_that_are_not_writable() {
    let mut world = pair();
    for key in [world.stage.exchange, world.who("alice").account, address::vault(&world.stage.exchange)] {
        let instruction = deposit(&world, USD).readonly(key);
        assert_anchor(world.send_as("alice", &[instruction]), ErrorCode::ConstraintMut);
    }
}

#[test]
fn deposit_refuses_a_margin_account_of_another_program() {
    let mut world = pair();
    let (account, fake) = (world.who("alice").account, Pubkey::new_unique());
    let data = world.stage.bank.data(&account).unwrap();
    world.stage.bank.set_account(&fake, Pubkey::new_unique(), data);
    let instruction = deposit(&world, USD).swapped(account, fake);
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongMarginAccount);
}
