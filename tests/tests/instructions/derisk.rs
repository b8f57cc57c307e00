//! `derisk` and `set_derisk`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::liquidation::FLAG_SLOTS_MIN;
use breakwater_risk::MarketParams;
use breakwater_sdk::instruction as build;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};
use solana_signer::Signer;

const WHALE_LOTS: u64 = 250_000_000; // $500 000

/// A whale that is long $500 000, opted in, at 1.02 of maintenance, which is within 2σ of it; a maker and a keeper.
fn at_risk() -> World {
    let mut world = World::with_sol();
    world.trader("whale", 80_000 * USD);
    world.trader("maker", 1_000_000 * USD);
    world.trader("keeper", 1_000_000 * USD);
    world.trade(0, "whale", "maker", WHALE_LOTS).unwrap();
    world.set_derisk("whale", true).unwrap();
    weaken(&mut world, "whale", 1_020_000);
    world
}

fn derisk(world: &World) -> Instruction {
    let (account, keeper) = (world.who("whale").account, world.who("keeper").account);
    let others = world.stage.markets_of(&[account, keeper]);
    build::derisk(owner(world, "keeper"), world.stage.markets[0].key, account, keeper, &others)
}

#[test]
fn derisk_hands_lots_to_the_keeper_at_the_stated_price_and_stays_below_the_target() {
    let mut world = at_risk();
    let (whale, market) = (world.health("whale", 0, Stance::Favour), world.market(0));
    let keeper = world.health("keeper", 0, Stance::Favour).equity();
    let capital = world.account("whale").state.capital_atoms;
    world.derisk("keeper", "whale", 0).unwrap();
    let closed = WHALE_LOTS - world.lots("whale", 0).unsigned_abs();
    assert!(closed > 0 && world.lots("keeper", 0).unsigned_abs() == closed);
    let (after, mark) = (world.health("whale", 0, Stance::Favour), world.mark(0));
    let distance = (mark * 500).div_ceil(PPM); // confidence 3 bp, impact below 5 bp
    let cost = (u128::from(closed) * u128::from(distance)).div_ceil(u128::from(PPM)) as u64;
    assert_eq!(whale.equity() - after.equity(), i128::from(cost));
    assert_eq!(
        world.health("keeper", 0, Stance::Favour).equity() - keeper,
        i128::from(cost),
        "all of it is the keeper's"
    );
    assert_eq!(world.account("whale").state.capital_atoms, capital - cost);
    assert!(after.equity() <= i128::from(after.target()), "never past the target");
    assert!(after.equity() * i128::from(whale.maintenance()) > whale.equity() * i128::from(after.maintenance()));
    let (account, slot) = (world.account("whale").state, world.stage.time().0);
    assert_eq!((account.derisked_slot, account.flagged_slot, account.slice_due_slot), (slot, 0, 0));
    let state = world.market(0);
    assert_eq!(state.state.insurance_accrued_atoms, market.state.insurance_accrued_atoms);
    assert!(state.state.flow.utilisation_q32 < 0, "it uses flow as a forced sell");
    assert_eq!(state.sequence, market.sequence + 1);
}

#[test]
fn derisk_refuses_a_second_close_before_t_cap() {
    let mut world = at_risk();
    world.derisk("keeper", "whale", 0).unwrap();
    weaken(&mut world, "whale", 1_010_000);
    assert_refused(world.derisk("keeper", "whale", 0), BreakwaterError::NotDue);
    world.calm(u64::from(MarketParams::SOL.pace_cap_slots));
    world.derisk("keeper", "whale", 0).unwrap();
}

#[test]
fn derisk_refuses_accounts_that_are_healthier_or_in_liquidation() {
    // Farther from maintenance than 2σ, above the target, failing already.
    for part_ppm in [1_090_000, 1_200_000, 980_000] {
        let mut world = at_risk();
        set_part(&mut world, part_ppm);
        assert_refused(world.derisk("keeper", "whale", 0), BreakwaterError::NotAtRisk);
    }
    let mut world = at_risk();
    set_part(&mut world, 900_000);
    world.flag("whale", 0).unwrap();
    set_part(&mut world, 1_020_000);
    assert_refused(world.derisk("keeper", "whale", 0), BreakwaterError::NotAtRisk);
    world.calm(FLAG_SLOTS_MIN + 50);
    set_part(&mut world, 1_020_000);
    world.derisk("keeper", "whale", 0).unwrap();
}

/// Gives the whale this part of what maintenance asks, in ppm, from the maker or to it.
fn set_part(world: &mut World, part_ppm: u64) {
    let wanted = world.health("whale", 0, Stance::Favour).maintenance() * part_ppm / PPM;
    match world.account("whale").state.capital_atoms {
        present if present > wanted => world.move_capital("whale", "maker", present - wanted),
        present => world.move_capital("maker", "whale", wanted - present),
    }
}

#[test]
fn derisk_refuses_who_has_not_opted_in_unless_larger_than_what_the_slow_depth_carries() {
    let mut world = at_risk();
    world.set_derisk("whale", false).unwrap();
    assert_refused(world.derisk("keeper", "whale", 0), BreakwaterError::DeriskNotAllowed);
    world.edit_market(0, |market| market.state.depth.depth_slow_atoms = 499_000 * USD * 4 / 25); // at 25 bp 6.25 times as much
    world.derisk("keeper", "whale", 0).unwrap();
}

#[test]
fn derisk_refuses_where_half_of_the_flow_is_used_and_nothing_remains_to_do_at_the_target() {
    let mut world = at_risk();
    let slot = world.stage.time().0;
    world.edit_market(0, |market| {
        (market.state.flow.utilisation_q32, market.state.flow.slot) = (-(1 << 31), slot);
    });
    assert_refused(world.derisk("keeper", "whale", 0), BreakwaterError::FlowExhausted);
    let mut world = at_risk();
    world.edit_market(0, |market| market.state.params.min_position_atoms = 1 << 40); // what is left must be as large
    assert_refused(world.derisk("keeper", "whale", 0), BreakwaterError::NothingToDo);
}

#[test]
fn derisk_needs_a_price_that_serves_new_risk_and_a_leg() {
    let mut world = at_risk();
    world.trader("idle", 1_000 * USD);
    assert_refused(world.derisk("keeper", "idle", 0), BreakwaterError::NoSuchLeg);
    world.pass(5);
    world.quote(0, 200 * USD, 6_000).unwrap(); // liquidations would take it
    assert_refused(world.derisk("keeper", "whale", 0), BreakwaterError::ConfidenceTooWide);
    world.pass(23);
    assert_refused(world.derisk("keeper", "whale", 0), BreakwaterError::PriceStale);
}

#[test]
fn derisk_refuses_a_leg_that_relieves_less_and_needs_the_markets_of_all_legs() {
    let mut world = at_risk();
    world.list(&sol_params(), 200 * USD);
    world.publish_among(0, 200 * USD);
    world.move_capital("maker", "whale", 60_000 * USD);
    world.trade(1, "whale", "maker", LOTS_10K).unwrap();
    weaken(&mut world, "whale", 1_010_000);
    assert_refused(world.derisk("keeper", "whale", 1), BreakwaterError::WrongLeg);
    let mut missing = derisk(&world);
    missing.accounts.truncate(4);
    assert_refused(world.send_as("keeper", &[missing]), BreakwaterError::NoSuchMarket);
    world.derisk("keeper", "whale", 0).unwrap();
}

#[test]
fn derisk_refuses_the_account_itself_others_of_its_owner_and_keepers_without_margin() {
    let mut world = at_risk();
    world.twin("whale 2", "whale", 1, 1_000_000 * USD);
    assert_refused(world.derisk("whale 2", "whale", 0), BreakwaterError::SameOwner);
    assert_refused(world.derisk("whale", "whale", 0), BreakwaterError::DuplicateAccount);
    world.trader("poor", 10 * USD);
    assert_refused(world.derisk("poor", "whale", 0), BreakwaterError::InitialMargin);
}

#[test]
fn derisk_is_for_owner_and_delegate_of_the_keepers_account_in_one_exchange() {
    let mut world = at_risk();
    let (keeper, maker) = (owner(&world, "keeper"), owner(&world, "maker"));
    let stolen = derisk(&world).swapped(keeper, maker);
    assert_refused(world.send_as("maker", &[stolen]), BreakwaterError::NotOperator);
    let unsigned = derisk(&world).unsigned(keeper);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    for key in [world.stage.markets[0].key, world.who("whale").account, world.who("keeper").account] {
        let instruction = derisk(&world).readonly(key);
        assert_anchor(world.send_as("keeper", &[instruction]), ErrorCode::ConstraintMut);
    }
    let delegate = stranger(&mut world);
    world
        .send_as("keeper", &[build::set_delegate(keeper, world.who("keeper").account, delegate.pubkey(), u64::MAX)])
        .unwrap();
    let other = Other::beside(&mut world);
    for named in [world.stage.markets[0].key, world.who("whale").account, world.who("keeper").account] {
        let foreign = if named == world.stage.markets[0].key { other.market.key } else { other.trader.account };
        let instruction = derisk(&world).swapped(named, foreign);
        assert_refused(world.send_as("keeper", &[instruction]), BreakwaterError::WrongExchange);
    }
    let by_delegate = derisk(&world).swapped(keeper, delegate.pubkey());
    world.send(&[by_delegate], &[&delegate]).unwrap();
}

#[test]
fn derisk_refuses_the_backstops_account() {
    let mut world = holding();
    let backstop = breakwater_sdk::address::backstop_account(&world.stage.exchange);
    let (keeper, market) = (world.who("keeper").account, world.stage.markets[0].key);
    let instruction = build::derisk(owner(&world, "keeper"), market, backstop, keeper, &[]);
    assert_refused(world.send_as("keeper", &[instruction]), BreakwaterError::BackstopAccount);
}

#[test]
fn set_derisk_notes_the_slot_and_clears_it_at_once() {
    let mut world = pair();
    let sequence = world.account("alice").sequence;
    world.set_derisk("alice", true).unwrap();
    let account = world.account("alice");
    assert_eq!((account.state.derisk_since_slot, account.sequence), (world.stage.time().0, sequence + 1));
    world.pass(10);
    assert_refused(world.set_derisk("alice", true), BreakwaterError::NothingToDo);
    world.set_derisk("alice", false).unwrap();
    assert_eq!(world.account("alice").state.derisk_since_slot, 0);
    assert_refused(world.set_derisk("alice", false), BreakwaterError::NothingToDo);
}

#[test]
fn set_derisk_refuses_anyone_but_the_owner_even_the_delegate() {
    let mut world = pair();
    let (alice, bob, key) = (owner(&world, "alice"), owner(&world, "bob"), world.who("alice").account);
    let delegate = stranger(&mut world);
    world.send_as("alice", &[build::set_delegate(alice, key, delegate.pubkey(), u64::MAX)]).unwrap();
    assert_refused(world.send_as("bob", &[build::set_derisk(bob, key, true)]), BreakwaterError::NotOwner);
    let sent = world.send(&[build::set_derisk(delegate.pubkey(), key, true)], &[&delegate]);
    assert_refused(sent, BreakwaterError::NotOwner);
    let unsigned = build::set_derisk(alice, key, true).unsigned(alice);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
}
