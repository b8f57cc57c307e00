//! `propose_receivers`, `apply_receivers`, `revoke_receiver` (PEERS 11: no instant change of whom the exchange trusts).

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use breakwater::{BreakwaterError, MAX_RECEIVERS, NOTICE_SECONDS, PROPOSAL_LIFE_SECONDS};
use breakwater_sdk::instruction as build;
use breakwater_sim::bank::PYTH_RECEIVER;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};
use pyth_solana_receiver_sdk::price_update::VerificationLevel;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// The present receiver and a second one.
fn two(second: Pubkey) -> [Pubkey; MAX_RECEIVERS] {
    let mut receivers = [Pubkey::default(); MAX_RECEIVERS];
    receivers[..2].copy_from_slice(&[PYTH_RECEIVER, second]);
    receivers
}

fn propose(world: &mut World, receivers: [Pubkey; MAX_RECEIVERS]) -> breakwater_sim::stage::Sent {
    let instruction = build::propose_receivers(world.stage.exchange, world.stage.authority.pubkey(), receivers);
    world.send_as_authority(&[instruction])
}

fn apply(world: &mut World) -> breakwater_sim::stage::Sent {
    let instruction = build::apply_receivers(world.stage.exchange);
    world.send(&[instruction], &[])
}

fn revoke(world: &mut World, receiver: Pubkey) -> breakwater_sim::stage::Sent {
    let instruction = build::revoke_receiver(world.stage.exchange, world.stage.authority.pubkey(), receiver);
    world.send_as_authority(&[instruction])
}

#[test]
fn another_receiver_is_accepted_eight_days_after_its_proposal_by_anyone() {
    let (mut world, second) = (quick(), Pubkey::new_unique());
    propose(&mut world, two(second)).unwrap();
    let (exchange, now) = (world.stage.exchange_account(), world.stage.time().1);
    assert_eq!((exchange.receivers_apply_at, exchange.pending_receivers), (now + NOTICE_SECONDS, two(second)));
    assert!(!exchange.accepts_receiver(&second));
    pass_seconds(&mut world, NOTICE_SECONDS - 2);
    assert_refused(apply(&mut world), BreakwaterError::TimelockRunning);
    pass_seconds(&mut world, 2);
    apply(&mut world).unwrap();
    let exchange = world.stage.exchange_account();
    assert_eq!((exchange.receivers, exchange.receivers_apply_at), (two(second), 0));
    assert_eq!(exchange.pending_receivers, [Pubkey::default(); MAX_RECEIVERS]);
    assert_refused(apply(&mut world), BreakwaterError::NothingToDo);

    let price = observation(&world, 0, 201 * USD, 300);
    let key = world.stage.markets[0].price_account;
    world.stage.bank.post_price_as(&key, &price, second, VerificationLevel::Full);
    world.refresh(0).unwrap();
}

#[test]
fn a_second_proposal_replaces_the_first_and_waits_anew() {
    let mut world = quick();
    let (first, second) = (Pubkey::new_unique(), Pubkey::new_unique());
    propose(&mut world, two(first)).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS - 100);
    propose(&mut world, two(second)).unwrap();
    pass_seconds(&mut world, 200);
    assert_refused(apply(&mut world), BreakwaterError::TimelockRunning);
    pass_seconds(&mut world, NOTICE_SECONDS);
    apply(&mut world).unwrap();
    assert!(!world.stage.exchange_account().accepts_receiver(&first));
}

#[test]
fn a_forgotten_proposal_lapses() {
    let (mut world, second) = (quick(), Pubkey::new_unique());
    propose(&mut world, two(second)).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS + PROPOSAL_LIFE_SECONDS + 2);
    assert_refused(apply(&mut world), BreakwaterError::ProposalLapsed);
    propose(&mut world, two(second)).unwrap();
    assert_refused(apply(&mut world), BreakwaterError::TimelockRunning);
}

/// Who takes over from a stolen key need not find what it left behind.
#[test]
fn what_an_authority_proposed_goes_with_it() {
    let (mut world, second, next) = (quick(), Pubkey::new_unique(), Keypair::new());
    propose(&mut world, two(second)).unwrap();
    let (exchange, old) = (world.stage.exchange, world.stage.authority.pubkey());
    world.send_as_authority(&[build::propose_authority(exchange, old, next.pubkey())]).unwrap();
    assert_ne!(world.stage.exchange_account().receivers_apply_at, 0);
    world.send(&[build::accept_authority(exchange, next.pubkey())], &[&next]).unwrap();
    let state = world.stage.exchange_account();
    assert_eq!((state.receivers_apply_at, state.pending_receivers), (0, [Pubkey::default(); MAX_RECEIVERS]));
    pass_seconds(&mut world, NOTICE_SECONDS);
    assert_refused(apply(&mut world), BreakwaterError::NothingToDo);
}

#[test]
fn a_receiver_is_dropped_at_once_with_any_proposal_that_names_it_but_never_the_last() {
    let (mut world, second) = (quick(), Pubkey::new_unique());
    assert_refused(revoke(&mut world, PYTH_RECEIVER), BreakwaterError::NoReceiver);
    assert_refused(revoke(&mut world, second), BreakwaterError::WrongOracle);
    assert_refused(revoke(&mut world, Pubkey::default()), BreakwaterError::WrongOracle);
    propose(&mut world, two(second)).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS);
    apply(&mut world).unwrap();
    propose(&mut world, two(second)).unwrap();
    revoke(&mut world, second).unwrap();
    assert_eq!(world.stage.exchange_account().receivers_apply_at, 0, "the proposal that names it is gone");
    let price = observation(&world, 0, 201 * USD, 300);
    let key = world.stage.markets[0].price_account;
    world.stage.bank.post_price_as(&key, &price, second, VerificationLevel::Full);
    assert_refused(world.refresh(0), BreakwaterError::WrongOracle);
}

#[test]
fn receivers_are_governed_by_the_authority_only_and_never_none() {
    let mut world = quick();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let none = [Pubkey::default(); MAX_RECEIVERS];
    assert_refused(propose(&mut world, none), BreakwaterError::NoReceiver);
    let thief = stranger(&mut world);
    for instruction in [
        build::propose_receivers(exchange, thief.pubkey(), two(thief.pubkey())),
        build::revoke_receiver(exchange, thief.pubkey(), PYTH_RECEIVER),
    ] {
        assert_refused(world.send(&[instruction], &[&thief]), BreakwaterError::NotAuthority);
    }
    for instruction in [
        build::propose_receivers(exchange, authority, two(thief.pubkey())),
        build::revoke_receiver(exchange, authority, PYTH_RECEIVER),
    ] {
        let unsigned = instruction.clone().unsigned(authority);
        assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
        let readonly = instruction.readonly(exchange);
        assert_anchor(world.send_as_authority(&[readonly]), ErrorCode::ConstraintMut);
    }
}
