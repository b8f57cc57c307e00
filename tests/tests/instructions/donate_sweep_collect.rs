//! `donate_insurance`, `sweep_market`, `collect_fees`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};
use solana_signer::Signer;

fn donate(world: &World, atoms: u64) -> Instruction {
    build::donate_insurance(world.stage.exchange, owner(world, "alice"), tokens(world, "alice"), atoms)
}

fn sweep(world: &World) -> Instruction {
    build::sweep_market(world.stage.exchange, world.stage.markets[0].key)
}

fn collect(world: &World) -> Instruction {
    let tokens = world.stage.tokens(world.stage.treasury);
    build::collect_fees(world.stage.exchange, world.stage.authority.pubkey(), tokens)
}

/// A fill has accrued fees.
fn traded() -> World {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world
}

#[test]
fn donate_insurance_books_a_gift_of_anyone() {
    let mut world = pair();
    let (before, vault) = (wallet(&world, "alice"), vault_balance(&world));
    let booked = world.stage.exchange_account();
    world.donate("alice", 777 * USD).unwrap();
    let exchange = world.stage.exchange_account();
    assert_eq!(world.stage.insurance_account().state.balance_atoms, 777 * USD);
    assert_eq!((exchange.booked_atoms, exchange.sequence), (booked.booked_atoms + 777 * USD, booked.sequence + 1));
    assert_eq!((wallet(&world, "alice"), vault_balance(&world)), (before - 777 * USD, vault + 777 * USD));
}

#[test]
fn donate_insurance_refuses_zero_overflow_and_what_the_donor_lacks() {
    let mut world = pair();
    assert_refused(world.donate("alice", 0), BreakwaterError::AmountZero);
    assert_refused(world.donate("alice", u64::MAX), BreakwaterError::Overflow); // booked would overflow
    let all = wallet(&world, "alice");
    assert_refused(world.donate("alice", all + 1), BreakwaterError::InsufficientTokens);
    let unsigned = donate(&world, USD).unsigned(owner(&world, "alice"));
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let stolen = donate(&world, USD).swapped(world.who("alice").wallet, world.who("bob").wallet);
    assert_refused(world.send_as("alice", &[stolen]), BreakwaterError::NotTokenOwner);
}

#[test]
fn donate_insurance_refuses_wrong_mint_vault_and_fund() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let alice = owner(&world, "alice");
    let (mint, foreign) = foreign_mint(&mut world, alice);
    let exchange = world.stage.exchange;
    for (from, to, error) in [
        (world.stage.mint, mint, BreakwaterError::WrongMint),
        (world.who("alice").wallet, foreign, BreakwaterError::WrongMint),
        (address::vault(&exchange), other.vault(), BreakwaterError::WrongVault),
        (address::insurance(&exchange), other.insurance(), BreakwaterError::WrongExchange),
    ] {
        let instruction = donate(&world, USD).swapped(from, to);
        assert_refused(world.send_as("alice", &[instruction]), error);
    }
}

#[test]
fn sweep_market_moves_each_accrued_share_where_it_belongs() {
    let mut world = traded();
    let (market, booked) = (world.market(0), world.stage.exchange_account().booked_atoms);
    let (fees, insurance) = (market.state.fees_accrued_atoms, market.state.insurance_accrued_atoms);
    assert!(fees > 0 && insurance > 0);
    world.sweep(0).unwrap();
    let (after, exchange) = (world.market(0), world.stage.exchange_account());
    assert_eq!((after.state.fees_accrued_atoms, after.state.insurance_accrued_atoms), (0, 0));
    assert_eq!((exchange.fees_atoms, world.stage.insurance_account().state.balance_atoms), (fees, insurance));
    assert_eq!((exchange.booked_atoms, after.sequence), (booked, market.sequence + 1));
    assert_refused(world.sweep(0), BreakwaterError::NothingToDo);
}

#[test]
fn sweep_market_repays_what_is_unfunded_before_fees_are_anybodys() {
    let mut world = traded();
    let (fees, pool) = (world.market(0).state.fees_accrued_atoms, world.market(0).state.pool_atoms);
    world.edit_market(0, |market| market.state.unfunded_atoms = 1_000_000);
    world.sweep(0).unwrap();
    let after = world.market(0).state;
    assert_eq!((after.unfunded_atoms, after.pool_atoms), (0, pool + 1_000_000));
    assert_eq!(world.stage.exchange_account().fees_atoms, fees - 1_000_000);
}

#[test]
fn sweep_market_refuses_market_and_fund_of_another_exchange() {
    let mut world = traded();
    let other = Other::beside(&mut world);
    let (exchange, market) = (world.stage.exchange, world.stage.markets[0].key);
    for (from, to) in
        [(market, other.market.key), (address::insurance(&exchange), other.insurance()), (exchange, other.exchange)]
    {
        let instruction = sweep(&world).swapped(from, to);
        assert_refused(world.send(&[instruction], &[]), BreakwaterError::WrongExchange);
    }
    for key in [exchange, address::insurance(&exchange), market] {
        let instruction = sweep(&world).readonly(key);
        assert_anchor(world.send(&[instruction], &[]), ErrorCode::ConstraintMut);
    }
}

#[test]
fn collect_fees_pays_swept_fees_and_nothing_else_to_the_authority() {
    let mut world = traded();
    world.donate("alice", 500 * USD).unwrap();
    let instruction = collect(&world);
    assert_refused(world.send_as_authority(&[instruction]), BreakwaterError::NothingToDo);
    world.sweep(0).unwrap();
    let (before, treasury) = (world.stage.exchange_account(), world.stage.bank.token_balance(&world.stage.treasury));
    let (vault, insurance) = (vault_balance(&world), world.stage.insurance_account().state.balance_atoms);
    world.collect_fees().unwrap();
    let exchange = world.stage.exchange_account();
    assert_eq!((exchange.fees_atoms, exchange.booked_atoms), (0, before.booked_atoms - before.fees_atoms));
    assert_eq!(exchange.sequence, before.sequence + 1);
    assert_eq!(world.stage.bank.token_balance(&world.stage.treasury), treasury + before.fees_atoms);
    assert_eq!(vault_balance(&world), vault - before.fees_atoms);
    assert_eq!(world.stage.insurance_account().state.balance_atoms, insurance);
    assert_refused(world.collect_fees(), BreakwaterError::NothingToDo);
}

#[test]
fn collect_fees_leaves_a_surplus_of_the_vault_alone() {
    let mut world = traded();
    world.sweep(0).unwrap();
    let vault = address::vault(&world.stage.exchange);
    let transfer = anchor_spl::token::spl_token::instruction::transfer(
        &anchor_spl::token::ID,
        &world.who("bob").wallet,
        &vault,
        &owner(&world, "bob"),
        &[],
        12_345,
    )
    .unwrap();
    world.send_as("bob", &[transfer]).unwrap();
    world.collect_fees().unwrap();
    assert_eq!(vault_balance(&world), world.stage.exchange_account().booked_atoms + 12_345);
}

#[test]
fn collect_fees_refuses_anyone_but_the_authority_and_any_other_destination() {
    let mut world = traded();
    world.sweep(0).unwrap();
    let other = Other::beside(&mut world);
    let (authority, treasury) = (world.stage.authority.pubkey(), world.stage.treasury);
    let (mint, foreign) = foreign_mint(&mut world, authority);
    let thief = collect(&world).swapped(authority, owner(&world, "bob")).swapped(treasury, world.who("bob").wallet);
    assert_refused(world.send_as("bob", &[thief]), BreakwaterError::NotAuthority);
    let unsigned = collect(&world).unsigned(authority);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    for (from, to, error) in [
        (treasury, world.who("bob").wallet, BreakwaterError::WrongDestination),
        (treasury, foreign, BreakwaterError::WrongMint),
        (world.stage.mint, mint, BreakwaterError::WrongMint),
        (address::vault(&world.stage.exchange), other.vault(), BreakwaterError::WrongVault),
        (address::vault(&world.stage.exchange), Pubkey::new_unique(), BreakwaterError::WrongVault),
    ] {
        let instruction = collect(&world).swapped(from, to);
        assert_refused(world.send_as_authority(&[instruction]), error);
    }
}

#[test]
fn donate_reserve_books_a_gift_of_anyone_to_a_market() {
    let mut world = pair();
    let (before, vault, booked) =
        (wallet(&world, "alice"), vault_balance(&world), world.stage.exchange_account().booked_atoms);
    let reserve = world.market(0).state.reserve_atoms;
    world.donate_reserve("alice", 0, 777 * USD).unwrap();
    let state = world.market(0).state;
    assert_eq!((state.reserve_atoms, state.bond_atoms), (reserve + 777 * USD, reserve), "a gift is no bond");
    assert_eq!(world.stage.exchange_account().booked_atoms, booked + 777 * USD);
    assert_eq!((wallet(&world, "alice"), vault_balance(&world)), (before - 777 * USD, vault + 777 * USD));
}

#[test]
fn donate_reserve_refuses_zero_overflow_and_foreign_accounts() {
    let mut world = pair();
    assert_refused(world.donate_reserve("alice", 0, 0), BreakwaterError::AmountZero);
    assert_refused(world.donate_reserve("alice", 0, u64::MAX), BreakwaterError::Overflow);
    let market = world.stage.markets[0].key;
    let give =
        build::donate_reserve(world.stage.exchange, owner(&world, "alice"), market, tokens(&world, "alice"), USD);
    let unsigned = give.clone().unsigned(owner(&world, "alice"));
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let stolen = give.clone().swapped(world.who("alice").wallet, world.who("bob").wallet);
    assert_refused_with(world.send_as("alice", &[stolen]), TOKEN_OWNER_MISMATCH, "owner mismatch");
    let other = Other::beside(&mut world);
    let wrong = give.clone().swapped(world.stage.exchange, other.exchange);
    assert_refused(world.send_as("alice", &[wrong]), BreakwaterError::WrongExchange);
    let wrong = give.swapped(address::vault(&world.stage.exchange), address::vault(&other.exchange));
    assert_refused(world.send_as("alice", &[wrong]), BreakwaterError::WrongVault);
}
