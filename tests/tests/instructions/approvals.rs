//! `register_venue`, `approve_venue`, `revoke_venue`, and the limits that a fill keeps.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::AccountDeserialize;
use breakwater::{ApproveVenueArgs, BreakwaterError, Venue};
use breakwater_risk::units::notional_ceil;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::venue_signer;
use breakwater_tests::assert_refused;
use breakwater_tests::world::World;
use solana_signer::Signer;

const WIDE: ApproveVenueArgs =
    ApproveVenueArgs { max_notional_atoms: u64::MAX, max_cost_atoms: u64::MAX, expires_at: i64::MAX };

fn home_venue(world: &World) -> Pubkey {
    address::venue(&world.stage.exchange, &venue_signer())
}

fn approve(world: &World, name: &str, args: ApproveVenueArgs) -> Instruction {
    build::approve_venue(owner(world, name), world.who(name).account, home_venue(world), args)
}

fn revoke(world: &World, name: &str) -> Instruction {
    build::revoke_venue(owner(world, name), world.who(name).account, home_venue(world))
}

/// Notional of a fill of [`LOTS_10K`] at the mark, and its fee: the cost of a fill at the mark.
fn fill_figures(world: &World) -> (u64, u64) {
    let notional = notional_ceil(LOTS_10K, world.mark(0)).unwrap();
    (notional, (notional * u64::from(world.market(0).state.params.trade_fee_ppm)).div_ceil(1_000_000))
}

#[test]
fn register_venue_stores_exchange_and_signer() {
    let mut world = quick();
    let (exchange, authority, signer) = (world.stage.exchange, world.stage.authority.pubkey(), Pubkey::new_unique());
    world.send_as_authority(&[build::register_venue(exchange, authority, signer)]).unwrap();
    let data = world.stage.bank.data(&address::venue(&exchange, &signer)).unwrap();
    let venue = Venue::try_deserialize(&mut &data[..]).unwrap();
    assert_eq!((venue.exchange, venue.signer), (exchange, signer));
}

#[test]
fn register_venue_refuses_anyone_but_the_authority_and_a_second_time() {
    let mut world = quick();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let thief = stranger(&mut world);
    let instruction = build::register_venue(exchange, thief.pubkey(), thief.pubkey());
    assert_refused(world.send(&[instruction], &[&thief]), BreakwaterError::NotAuthority);
    let unsigned = build::register_venue(exchange, authority, thief.pubkey()).unsigned(authority);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let again = world.send_as_authority(&[build::register_venue(exchange, authority, venue_signer())]);
    assert_refused(again, BreakwaterError::VenueAlreadyRegistered);
    let elsewhere = build::register_venue(exchange, authority, thief.pubkey())
        .swapped(address::venue(&exchange, &thief.pubkey()), Pubkey::new_unique());
    assert_refused(world.send_as_authority(&[elsewhere]), BreakwaterError::WrongAddress);
}

#[test]
fn approve_venue_replaces_the_limits_and_keeps_what_the_day_has_used() {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    let (notional, cost) = fill_figures(&world);
    let sequence = world.account("alice").sequence;
    let args = ApproveVenueArgs { max_notional_atoms: notional * 2, max_cost_atoms: cost * 2, expires_at: i64::MAX };
    let instruction = approve(&world, "alice", args);
    world.send_as("alice", &[instruction]).unwrap();
    let account = world.account("alice");
    let approval = account.approvals[0];
    assert_eq!((approval.venue, account.sequence), (home_venue(&world), sequence + 1));
    assert_eq!((approval.max_notional_atoms, approval.max_cost_atoms), (notional * 2, cost * 2));
    assert_eq!((approval.used_notional_atoms, approval.used_cost_atoms), (notional, cost));
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    assert_refused(world.trade(0, "alice", "bob", 5_000), BreakwaterError::VenueLimit);
}

#[test]
fn a_fill_needs_the_approval_of_both_sides_and_a_revocation_holds_at_once() {
    let mut world = pair();
    for name in ["alice", "bob"] {
        let instruction = revoke(&world, name);
        world.send_as(name, &[instruction]).unwrap();
        assert_refused(world.trade(0, "alice", "bob", LOTS_10K), BreakwaterError::VenueNotApproved);
        assert_refused(world.trade(0, "bob", "alice", LOTS_10K), BreakwaterError::VenueNotApproved);
        let instruction = approve(&world, name, WIDE);
        world.send_as(name, &[instruction]).unwrap();
    }
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
}

#[test]
fn a_fill_is_refused_from_the_second_in_which_the_approval_expires() {
    let mut world = pair();
    let expires_at = world.stage.time().1 + 2;
    let instruction = approve(&world, "bob", ApproveVenueArgs { expires_at, ..WIDE });
    world.send_as("bob", &[instruction]).unwrap();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.pass(5); // 2 s
    assert_refused(world.trade(0, "alice", "bob", LOTS_10K), BreakwaterError::VenueApprovalExpired);
}

#[test]
fn a_fill_is_refused_beyond_the_notional_or_the_cost_of_a_day_and_the_next_day_starts_anew() {
    let mut world = pair();
    let (notional, cost) = fill_figures(&world);
    for args in [
        ApproveVenueArgs { max_notional_atoms: notional - 1, ..WIDE },
        ApproveVenueArgs { max_cost_atoms: cost - 1, ..WIDE },
        ApproveVenueArgs { max_notional_atoms: 0, ..WIDE },
        ApproveVenueArgs { max_cost_atoms: 0, ..WIDE },
    ] {
        let instruction = approve(&world, "bob", args);
        world.send_as("bob", &[instruction]).unwrap();
        assert_refused(world.trade(0, "alice", "bob", LOTS_10K), BreakwaterError::VenueLimit);
    }
    let exact = ApproveVenueArgs { max_notional_atoms: notional, max_cost_atoms: cost, expires_at: i64::MAX };
    let instruction = approve(&world, "bob", exact);
    world.send_as("bob", &[instruction]).unwrap();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    assert_refused(world.trade(0, "alice", "bob", 5_000), BreakwaterError::VenueLimit);
    world.pass(86_400 * 5 / 2);
    world.publish(0, world.price(0));
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
}

#[test]
fn the_off_mark_loss_of_a_fill_counts_as_cost_of_the_side_that_bears_it() {
    let mut world = pair();
    let (_, fee) = fill_figures(&world);
    let above = world.mark(0) + world.mark(0) / 100;
    let instruction = approve(&world, "alice", ApproveVenueArgs { max_cost_atoms: fee, ..WIDE });
    world.send_as("alice", &[instruction]).unwrap();
    assert_refused(world.trade_at(0, "alice", "bob", LOTS_10K, above), BreakwaterError::VenueLimit);
    world.trade_at(0, "bob", "alice", LOTS_10K, above).unwrap(); // alice sells above the mark
}

#[test]
fn approve_venue_refuses_a_fifth_venue_and_an_expiry_in_the_past() {
    let mut world = pair();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let (alice, account) = (owner(&world, "alice"), world.who("alice").account);
    for count in 1..=4 {
        let signer = Pubkey::new_unique();
        world.send_as_authority(&[build::register_venue(exchange, authority, signer)]).unwrap();
        let instruction = build::approve_venue(alice, account, address::venue(&exchange, &signer), WIDE);
        let sent = world.send_as("alice", &[instruction]);
        match count {
            4 => assert_refused(sent, BreakwaterError::TooManyApprovals),
            _ => drop(sent.unwrap()),
        }
    }
    for expires_at in [world.stage.time().1, 0, i64::MIN] {
        let instruction = approve(&world, "bob", ApproveVenueArgs { expires_at, ..WIDE });
        assert_refused(world.send_as("bob", &[instruction]), BreakwaterError::ApprovalInPast);
    }
}

#[test]
fn approve_venue_refuses_a_venue_of_another_exchange_and_what_is_no_venue() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    let foreign = approve(&world, "alice", WIDE).swapped(home_venue(&world), other.venue());
    assert_refused(world.send_as("alice", &[foreign]), BreakwaterError::WrongExchange);
    let market = world.stage.markets[0].key;
    let no_venue = approve(&world, "alice", WIDE).swapped(home_venue(&world), market);
    assert_refused(world.send_as("alice", &[no_venue]), BreakwaterError::WrongVenue);
}

#[test]
fn approve_and_revoke_refuse_anyone_but_the_owner() {
    let mut world = pair();
    let (alice, bob) = (owner(&world, "alice"), owner(&world, "bob"));
    for instruction in [approve(&world, "alice", WIDE), revoke(&world, "alice")] {
        let stolen = instruction.clone().swapped(alice, bob);
        assert_refused(world.send_as("bob", &[stolen]), BreakwaterError::NotOwner);
        assert_anchor(world.send(&[instruction.unsigned(alice)], &[]), ErrorCode::AccountNotSigner);
    }
}

#[test]
fn revoke_venue_refuses_a_venue_that_is_not_approved() {
    let mut world = pair();
    let instruction = revoke(&world, "alice");
    world.send_as("alice", std::slice::from_ref(&instruction)).unwrap();
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::VenueNotApproved);
    let (alice, account) = (owner(&world, "alice"), world.who("alice").account);
    let default = build::revoke_venue(alice, account, Pubkey::default());
    assert_refused(world.send_as("alice", &[default]), BreakwaterError::VenueNotApproved);
}
