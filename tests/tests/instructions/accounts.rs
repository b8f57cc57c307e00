//! `open_account`, `close_account`, `set_delegate`, and what a delegate may do.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use breakwater::{ApproveVenueArgs, BreakwaterError, MarginAccount};
use breakwater_sdk::{address, instruction as build, view};
use breakwater_sim::stage::venue_signer;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Names a delegate for alice.
fn delegate_of_alice(world: &mut World) -> Keypair {
    let delegate = stranger(world);
    let instruction =
        build::set_delegate(owner(world, "alice"), world.who("alice").account, delegate.pubkey(), u64::MAX);
    world.send_as("alice", &[instruction]).unwrap();
    delegate
}

#[test]
fn open_account_opens_an_empty_account_whose_rent_anyone_may_pay() {
    let mut world = quick();
    let (exchange, payer, owner) = (world.stage.exchange, world.stage.bank.payer().pubkey(), Keypair::new());
    let key = address::margin_account(&exchange, &owner.pubkey(), 65_535);
    world.send(&[build::open_account(exchange, payer, owner.pubkey(), 65_535)], &[&owner]).unwrap();
    let account = view::margin_account(&world.stage.bank.data(&key).unwrap()).unwrap();
    assert_eq!((account.exchange, account.owner, account.delegate), (exchange, owner.pubkey(), Pubkey::default()));
    assert_eq!((account.sub_id, account.sequence, account.state.capital_atoms), (65_535, 1, 0));
    assert!(account.state.legs.iter().all(|leg| !leg.is_used()));
    assert!(account.approvals.iter().all(|approval| approval.venue == Pubkey::default()));
    assert_eq!(world.stage.bank.data(&key).unwrap().len(), MarginAccount::SPACE);
}

#[test]
fn open_account_refuses_an_owner_that_does_not_sign() {
    let mut world = quick();
    let (exchange, payer, owner) = (world.stage.exchange, world.stage.bank.payer().pubkey(), Pubkey::new_unique());
    let instruction = build::open_account(exchange, payer, owner, 0).unsigned(owner);
    assert_anchor(world.send(&[instruction], &[]), ErrorCode::AccountNotSigner);
}

#[test]
fn open_account_refuses_a_second_time_and_another_address() {
    let mut world = pair();
    let (exchange, payer, alice) = (world.stage.exchange, world.stage.bank.payer().pubkey(), owner(&world, "alice"));
    let again = world.send_as("alice", &[build::open_account(exchange, payer, alice, 0)]);
    assert_refused(again, BreakwaterError::AccountAlreadyOpen);
    let wrong = address::margin_account(&exchange, &alice, 2);
    let right = address::margin_account(&exchange, &alice, 1);
    let instruction = build::open_account(exchange, payer, alice, 1).swapped(right, wrong);
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongAddress);
}

#[test]
fn open_account_refuses_what_is_not_an_exchange() {
    let mut world = pair();
    let (payer, alice, market) =
        (world.stage.bank.payer().pubkey(), owner(&world, "alice"), world.stage.markets[0].key);
    let instruction = build::open_account(market, payer, alice, 1);
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongAccountType);
    let fake = Pubkey::new_unique();
    let data = world.stage.bank.data(&world.stage.exchange).unwrap();
    world.stage.bank.set_account(&fake, Pubkey::new_unique(), data);
    let instruction = build::open_account(fake, payer, alice, 1);
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongAccountType);
}

#[test]
fn close_account_gives_the_rent_of_an_empty_account_back() {
    let mut world = pair();
    let (alice, account) = (owner(&world, "alice"), world.who("alice").account);
    world.withdraw("alice", 100_000 * USD).unwrap();
    let rent = world.stage.bank.account(&account).unwrap().lamports;
    let before = world.stage.bank.account(&alice).map_or(0, |account| account.lamports);
    world.send_as("alice", &[build::close_account(alice, account)]).unwrap();
    assert!(world.stage.bank.data(&account).is_none_or(|data| data.is_empty()), "the account is gone");
    assert_eq!(world.stage.bank.account(&alice).unwrap().lamports, before + rent);
}

#[test]
fn close_account_refuses_an_account_with_capital_or_legs() {
    let mut world = pair();
    let close = |world: &World| build::close_account(owner(world, "alice"), world.who("alice").account);
    let with_capital = close(&world);
    assert_refused(world.send_as("alice", &[with_capital]), BreakwaterError::AccountNotEmpty);

    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    let with_leg = close(&world);
    assert_refused(world.send_as("alice", &[with_leg]), BreakwaterError::AccountNotEmpty);
    // Ruined: no capital, but a leg that owes.
    world.publish(0, 20 * USD);
    world.trader("whale", 10_000_000 * USD);
    world.publish(0, 20 * USD);
    world.settle("alice").unwrap();
    let leg_only = close(&world);
    assert_refused(world.send_as("alice", &[leg_only]), BreakwaterError::AccountNotEmpty);
}

#[test]
fn close_account_refuses_anyone_but_the_owner() {
    let mut world = quick();
    world.trader("alice", 0);
    world.trader("bob", 0);
    let (alice, bob, account) = (owner(&world, "alice"), owner(&world, "bob"), world.who("alice").account);
    let stolen = world.send_as("bob", &[build::close_account(bob, account)]);
    assert_refused(stolen, BreakwaterError::NotOwner);
    let unsigned = build::close_account(alice, account).unsigned(alice);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let market = build::close_account(alice, world.stage.markets[0].key);
    assert_refused(world.send_as("alice", &[market]), BreakwaterError::WrongMarginAccount);
}

#[test]
fn set_delegate_names_and_removes_a_delegate() {
    let mut world = pair();
    let sequence = world.account("alice").sequence;
    let delegate = delegate_of_alice(&mut world);
    let account = world.account("alice");
    assert_eq!((account.delegate, account.sequence), (delegate.pubkey(), sequence + 1));
    let (alice, key) = (owner(&world, "alice"), world.who("alice").account);
    world.send_as("alice", &[build::set_delegate(alice, key, Pubkey::default(), u64::MAX)]).unwrap();
    assert_eq!(world.account("alice").delegate, Pubkey::default());
}

#[test]
fn set_delegate_refuses_anyone_but_the_owner_even_the_delegate() {
    let mut world = pair();
    let delegate = delegate_of_alice(&mut world);
    let (alice, key) = (owner(&world, "alice"), world.who("alice").account);
    let bob = owner(&world, "bob");
    let sent = world.send_as("bob", &[build::set_delegate(bob, key, bob, u64::MAX)]);
    assert_refused(sent, BreakwaterError::NotOwner);
    let sent = world.send(&[build::set_delegate(delegate.pubkey(), key, bob, u64::MAX)], &[&delegate]);
    assert_refused(sent, BreakwaterError::NotOwner);
    let unsigned = build::set_delegate(alice, key, bob, u64::MAX).unsigned(alice);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
}

#[test]
fn a_delegate_may_not_withdraw_approve_revoke_or_close() {
    let mut world = pair();
    let delegate = delegate_of_alice(&mut world);
    let (exchange, key, signer) = (world.stage.exchange, world.who("alice").account, delegate.pubkey());
    let venue = address::venue(&exchange, &venue_signer());
    let wallet = Pubkey::new_unique();
    let mint = world.stage.mint;
    world.stage.bank.make_token_account(&wallet, &mint, &signer, 0);
    let args = ApproveVenueArgs { max_notional_atoms: 1, max_cost_atoms: 1, expires_at: i64::MAX };
    for instruction in [
        build::withdraw(exchange, signer, key, world.stage.tokens(wallet), 1, &[]),
        build::approve_venue(signer, key, venue, args),
        build::revoke_venue(signer, key, venue),
        build::close_account(signer, key),
    ] {
        assert_refused(world.send(&[instruction], &[&delegate]), BreakwaterError::NotOwner);
    }
}

#[test]
fn the_default_key_is_nobodys_delegate() {
    let world = pair();
    let account = world.account("alice");
    assert!(!account.is_operated_by(&Pubkey::default()));
    assert!(account.is_operated_by(&account.owner));
}
