//! What a delegate may do with an account: it reduces risk freely, adds risk up to the owner's limit, and is on one side only (spec
//!

use crate::support::*;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::health::Stance;
use breakwater_sdk::instruction as build;
use breakwater_sim::stage::Sent;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// [`backed`] where "weak" fails, and the delegate of "keeper" with its limit.
fn with_delegate(notional_max_atoms: u64) -> (World, Keypair) {
    let mut world = backed();
    let delegate = stranger(&mut world);
    set_delegate(&mut world, "keeper", delegate.pubkey(), notional_max_atoms);
    (world, delegate)
}

fn set_delegate(world: &mut World, of: &str, delegate: Pubkey, notional_max_atoms: u64) {
    let set = build::set_delegate(owner(world, of), world.who(of).account, delegate, notional_max_atoms);
    world.send_as(of, &[set]).unwrap();
}

fn take(world: &World, signer: Pubkey, from: &str, to: &str) -> Instruction {
    let (account, keeper) = (world.who(from).account, world.who(to).account);
    let others = world.stage.markets_of(&[account, keeper]);
    build::liquidate(signer, world.stage.markets[0].key, account, keeper, &others)
}

/// The delegate takes a slice of "weak" for "keeper".
fn slice_by(world: &mut World, delegate: &Keypair) -> Sent {
    weaken(world, "weak", FAILING);
    let instruction = take(world, delegate.pubkey(), "weak", "keeper");
    world.send(&[instruction], &[delegate])
}

#[test]
fn set_delegate_keeps_the_limit_and_a_removed_delegate_takes_nothing() {
    let (mut world, delegate) = with_delegate(123 * USD);
    let account = world.account("keeper");
    assert_eq!((account.delegate, account.delegate_notional_max_atoms), (delegate.pubkey(), 123 * USD));
    set_delegate(&mut world, "keeper", Pubkey::default(), u64::MAX);
    assert_refused(slice_by(&mut world, &delegate), BreakwaterError::NotOperator);
}

#[test]
fn a_delegate_adds_risk_up_to_the_notional_that_the_owner_allows_and_no_atom_more() {
    let (mut world, delegate) = with_delegate(u64::MAX - 1);
    slice_by(&mut world, &delegate).unwrap();
    let notional = world.health("keeper", 0, Stance::Against).notional();
    assert!(notional > 0);

    let (mut world, delegate) = with_delegate(notional - 1);
    assert_refused(slice_by(&mut world, &delegate), BreakwaterError::DelegateLimit);
    let (mut world, delegate) = with_delegate(notional);
    slice_by(&mut world, &delegate).unwrap();
}

#[test]
fn a_delegate_without_a_limit_of_its_own_only_reduces_while_the_owner_is_free() {
    let (mut world, delegate) = with_delegate(0);
    assert_refused(slice_by(&mut world, &delegate), BreakwaterError::DelegateLimit);
    // What the owner does is not counted.
    let (mut by_owner, _) = with_delegate(0);
    weaken(&mut by_owner, "weak", FAILING);
    by_owner.liquidate("keeper", "weak", 0).unwrap();
    // The keeper is short more than a slice brings: taking it reduces.
    world.trade(0, "maker", "keeper", 2 * LOTS_10K).unwrap();
    let before = world.lots("keeper", 0);
    slice_by(&mut world, &delegate).unwrap();
    assert!(before < 0 && world.lots("keeper", 0) > before && world.lots("keeper", 0) < 0);
}

#[test]
fn a_delegate_buys_from_the_backstop_within_its_limit() {
    let mut world = with_weak(World::with_sol().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS));
    weaken(&mut world, "weak", DISTRESSED);
    world.absorb("weak", 0).unwrap();
    let (delegate, account) = (stranger(&mut world), world.who("keeper").account);
    let others = world.stage.markets_with_backstop(&[account]);
    let (exchange, market) = (world.stage.exchange, world.stage.markets[0].key);
    let buy = build::unwind(exchange, delegate.pubkey(), market, account, 5_000, &others); // $10
    set_delegate(&mut world, "keeper", delegate.pubkey(), 9 * USD);
    assert_refused(world.send(std::slice::from_ref(&buy), &[&delegate]), BreakwaterError::DelegateLimit);
    set_delegate(&mut world, "keeper", delegate.pubkey(), 11 * USD);
    world.send(&[buy], &[&delegate]).unwrap();
}

/// A delegate would otherwise hand its own failing position to the account that trusts it.
#[test]
fn a_delegate_is_not_on_both_sides() {
    let mut world = backed();
    let (keeper, weak) = (owner(&world, "keeper"), owner(&world, "weak"));
    weaken(&mut world, "weak", FAILING);
    // Its own account fails, and it signs for the account that trusts it.
    set_delegate(&mut world, "keeper", weak, u64::MAX);
    let own = take(&world, weak, "weak", "keeper");
    assert_refused(world.send_as("weak", std::slice::from_ref(&own)), BreakwaterError::SameOwner);
    let mut predictive = own;
    predictive.data =
        build::derisk(weak, world.stage.markets[0].key, world.who("weak").account, world.who("keeper").account, &[])
            .data;
    assert_refused(world.send_as("weak", &[predictive]), BreakwaterError::SameOwner);
    // The same person as the delegate of both.
    let third = stranger(&mut world);
    for of in ["keeper", "weak"] {
        set_delegate(&mut world, of, third.pubkey(), u64::MAX);
    }
    let both = take(&world, third.pubkey(), "weak", "keeper");
    assert_refused(world.send(&[both], &[&third]), BreakwaterError::SameOwner);
    // The owner of the taking account, as the delegate of the failing one.
    set_delegate(&mut world, "weak", keeper, u64::MAX);
    let other_way = take(&world, keeper, "weak", "keeper");
    assert_refused(world.send_as("keeper", &[other_way]), BreakwaterError::SameOwner);
    set_delegate(&mut world, "weak", Pubkey::default(), 0);
    world.liquidate("keeper", "weak", 0).unwrap();
}
