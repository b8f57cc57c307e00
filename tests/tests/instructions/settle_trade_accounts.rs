//! `settle_trade`: who signs, and which accounts are passed (PEERS 15).

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::{AccountMeta, Pubkey};
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{ApproveVenueArgs, BreakwaterError, SettleTradeArgs};
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::venue_signer;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Alice buys from bob through the test venue.
fn fill(world: &World) -> Instruction {
    let (alice, bob) = (world.who("alice").account, world.who("bob").account);
    world.stage.fill_instruction(0, alice, bob, LOTS_10K, world.mark(0))
}

/// Alice buys from bob, submitted by whoever holds `signer`.
fn direct(world: &World, signer: Pubkey) -> Instruction {
    let parties = (world.who("alice").account, world.who("bob").account);
    let args = SettleTradeArgs { lots: LOTS_10K, price: world.mark(0) };
    build::settle_trade(world.stage.exchange, signer, world.stage.markets[0].key, parties, args, &[])
}

/// A venue whose signer is a plain key, approved by alice and bob.
fn desk(world: &mut World) -> Keypair {
    let key = stranger(world);
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    world.send_as_authority(&[build::register_venue(exchange, authority, key.pubkey())]).unwrap();
    let args = ApproveVenueArgs { max_notional_atoms: u64::MAX, max_cost_atoms: u64::MAX, expires_at: i64::MAX };
    for name in ["alice", "bob"] {
        let venue = address::venue(&exchange, &key.pubkey());
        let approve = build::approve_venue(owner(world, name), world.who(name).account, venue, args.clone());
        world.send_as(name, &[approve]).unwrap();
    }
    key
}

#[test]
fn a_venue_may_sign_with_a_program_address_or_a_plain_key() {
    let mut world = pair();
    let instruction = fill(&world);
    world.send(&[instruction], &[]).unwrap();
    let desk = desk(&mut world);
    let instruction = direct(&world, desk.pubkey());
    world.send(&[instruction], &[&desk]).unwrap();
    assert_eq!(world.lots("alice", 0), 2 * LOTS_10K as i64);
}

#[test]
fn settle_trade_refuses_a_venue_signer_that_does_not_sign() {
    let mut world = pair();
    let instruction = direct(&world, venue_signer()).unsigned(venue_signer());
    assert_anchor(world.send(&[instruction], &[]), ErrorCode::AccountNotSigner);
}

#[test]
fn settle_trade_refuses_a_signer_that_is_not_the_venues() {
    let mut world = pair();
    let thief = stranger(&mut world);
    let instruction = direct(&world, venue_signer()).swapped(venue_signer(), thief.pubkey());
    assert_refused(world.send(&[instruction], &[&thief]), BreakwaterError::WrongVenue);
    let own = direct(&world, thief.pubkey());
    assert_refused(world.send(&[own], &[&thief]), BreakwaterError::VenueNotRegistered);
    let trader = world.who("alice").account;
    let no_venue =
        direct(&world, thief.pubkey()).swapped(address::venue(&world.stage.exchange, &thief.pubkey()), trader);
    assert_refused(world.send(&[no_venue], &[&thief]), BreakwaterError::WrongVenue);
}

#[test]
fn settle_trade_refuses_a_venue_of_another_exchange_with_the_same_signer() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let home = address::venue(&world.stage.exchange, &venue_signer());
    let instruction = fill(&world).swapped(home, other.venue());
    assert_refused(world.send(&[instruction], &[]), BreakwaterError::WrongVenue);
}

#[test]
fn settle_trade_refuses_a_market_or_an_account_of_another_exchange() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let market = world.stage.markets[0].key;
    let foreign_market = fill(&world).swapped(market, other.market.key);
    assert_refused(world.send(&[foreign_market], &[]), BreakwaterError::WrongVenue);
    for name in ["alice", "bob"] {
        let foreign_account = fill(&world).swapped(world.who(name).account, other.trader.account);
        assert_refused(world.send(&[foreign_account], &[]), BreakwaterError::WrongExchange);
    }
}

#[test]
fn settle_trade_refuses_one_account_on_both_sides() {
    let mut world = pair();
    let (alice, bob) = (world.who("alice").account, world.who("bob").account);
    let instruction = fill(&world).swapped(bob, alice);
    assert_refused(world.send(&[instruction], &[]), BreakwaterError::DuplicateAccount);
}

#[test]
fn settle_trade_refuses_two_accounts_of_one_owner() {
    let mut world = pair();
    world.twin("alice 2", "alice", 1, 100_000 * USD);
    assert_refused(world.trade(0, "alice", "alice 2", LOTS_10K), BreakwaterError::SameOwner);
    assert_refused(world.trade(0, "alice 2", "alice", LOTS_10K), BreakwaterError::SameOwner);
    world.trade(0, "alice 2", "bob", LOTS_10K).unwrap();
}

#[test]
fn settle_trade_refuses_when_the_market_of_another_leg_is_missing() {
    let mut world = pair();
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.trade(1, "alice", "bob", LOTS_10K).unwrap();
    let spare = world.stage.markets[1].key;
    let mut instruction = fill(&world);
    instruction.accounts.retain(|meta| meta.pubkey != spare);
    assert_refused(world.send(&[instruction], &[]), BreakwaterError::NoSuchMarket);
    let complete = fill(&world);
    world.send(&[complete], &[]).unwrap();
}

#[test]
fn settle_trade_refuses_other_markets_that_are_none_of_the_exchange() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let (market, insurance) = (world.stage.markets[0].key, address::insurance(&world.stage.exchange));
    let fake = Pubkey::new_unique();
    let data = world.stage.bank.data(&market).unwrap();
    world.stage.bank.set_account(&fake, Pubkey::new_unique(), data);
    for (extra, error) in [
        (other.market.key, BreakwaterError::WrongExchange),
        (insurance, BreakwaterError::WrongMarketAccount),
        (fake, BreakwaterError::WrongMarketAccount),
        (Pubkey::new_unique(), BreakwaterError::WrongMarketAccount),
        (market, BreakwaterError::DuplicateAccount),
    ] {
        let mut instruction = fill(&world);
        instruction.accounts.push(AccountMeta::new_readonly(extra, false));
        assert_refused(world.send(&[instruction], &[]), error);
    }
}

#[test]
fn settle_trade_refuses_accounts_that_are_not_writable() {
    let mut world = pair();
    let desk = desk(&mut world);
    for key in [world.stage.markets[0].key, world.who("alice").account, world.who("bob").account] {
        let instruction = direct(&world, desk.pubkey()).readonly(key);
        assert_anchor(world.send(&[instruction], &[&desk]), ErrorCode::ConstraintMut);
    }
}

#[test]
fn settle_trade_refuses_accounts_of_the_wrong_type_or_program() {
    let mut world = pair();
    let desk = desk(&mut world);
    let (market, alice) = (world.stage.markets[0].key, world.who("alice").account);
    let crossed = direct(&world, desk.pubkey()).swapped(market, alice);
    assert_refused(world.send(&[crossed], &[&desk]), BreakwaterError::WrongMarketAccount);
    for (real, error) in [(market, BreakwaterError::WrongMarketAccount), (alice, BreakwaterError::WrongMarginAccount)] {
        let fake = Pubkey::new_unique();
        let data = world.stage.bank.data(&real).unwrap();
        world.stage.bank.set_account(&fake, Pubkey::new_unique(), data);
        let instruction = direct(&world, desk.pubkey()).swapped(real, fake);
        assert_refused(world.send(&[instruction], &[&desk]), error);
    }
}
