//! `flag` and `liquidate`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::AccountMeta;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::MarketParams;
use breakwater_sdk::instruction as build;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};
use solana_signer::Signer;

const WHALE_LOTS: u64 = 250_000_000; // $500 000

/// A whale that is long $500 000 with $80 000, a maker, a keeper; the mark has not fallen yet.
fn calm() -> World {
    let mut world = World::with_sol();
    world.trader("whale", 80_000 * USD);
    world.trader("maker", 1_000_000 * USD);
    world.trader("keeper", 1_000_000 * USD);
    world.trade(0, "whale", "maker", WHALE_LOTS).unwrap();
    world
}

/// The same after a fall to $178: the whale is liquidatable.
fn failing() -> World {
    let mut world = calm();
    world.fall_to(0, 178 * USD);
    world
}

/// The same some calm seconds later, with so little depth that a slice does not restore the whale.
fn failing_in_a_thin_market() -> World {
    let mut world = failing();
    world.calm(60);
    world.edit_market(0, |market| market.state.depth.capacity_atoms = 20_000 * USD);
    world
}

fn liquidate(world: &World) -> Instruction {
    let (account, keeper) = (world.who("whale").account, world.who("keeper").account);
    let others = world.stage.markets_of(&[account, keeper]);
    build::liquidate(owner(world, "keeper"), world.stage.markets[0].key, account, keeper, &others)
}

#[test]
fn flag_starts_a_liquidation_by_anyone() {
    let mut world = failing();
    let sequence = world.account("whale").sequence;
    world.flag("whale", 0).unwrap();
    let (account, slot) = (world.account("whale"), world.stage.time().0);
    assert_eq!((account.state.flagged_slot, account.state.slice_due_slot), (slot, slot));
    assert_eq!(account.sequence, sequence + 1);
    assert_refused(world.flag("whale", 0), BreakwaterError::NothingToDo);
}

#[test]
fn flag_is_cleared_when_the_account_has_recovered() {
    let mut world = failing();
    world.flag("whale", 0).unwrap();
    world.deposit("whale", 100_000 * USD).unwrap();
    world.flag("whale", 0).unwrap();
    assert_eq!((world.account("whale").state.flagged_slot, world.account("whale").state.slice_due_slot), (0, 0));
}

#[test]
fn flag_refuses_healthy_accounts_stale_prices_and_accounts_without_a_leg() {
    let mut world = calm();
    assert_refused(world.flag("whale", 0), BreakwaterError::NothingToDo);
    assert_refused(world.flag("keeper", 0), BreakwaterError::NoSuchLeg);
    world.fall_to(0, 178 * USD);
    world.pass(23);
    assert_refused(world.flag("whale", 0), BreakwaterError::PriceStale);
}

#[test]
fn flag_and_liquidate_refuse_accounts_and_markets_of_another_exchange() {
    let mut world = failing();
    let other = Other::beside(&mut world);
    let (market, whale, keeper) = (world.stage.markets[0].key, world.who("whale").account, world.who("keeper").account);
    let flag = build::flag(market, whale, &[]);
    for (from, to) in [(market, other.market.key), (whale, other.trader.account)] {
        for instruction in [flag.clone(), liquidate(&world)] {
            let is_liquidation = instruction.accounts.len() > 2;
            let instruction = instruction.swapped(from, to);
            let sent = match is_liquidation {
                true => world.send_as("keeper", &[instruction]),
                false => world.send(&[instruction], &[]),
            };
            assert_refused(sent, BreakwaterError::WrongExchange);
        }
    }
    let foreign_keeper = liquidate(&world).swapped(keeper, other.trader.account);
    assert_refused(world.send_as("keeper", &[foreign_keeper]), BreakwaterError::WrongExchange);
}

#[test]
fn liquidate_closes_a_slice_that_the_keeper_takes_at_the_mark_for_a_charge() {
    let mut world = failing_in_a_thin_market();
    let (whale, keeper, market) = (world.account("whale").state, world.account("keeper").state, world.market(0));
    world.liquidate("keeper", "whale", 0).unwrap();
    let (whale_after, keeper_after, after) =
        (world.account("whale").state, world.account("keeper").state, world.market(0));
    let closed = WHALE_LOTS - world.lots("whale", 0).unsigned_abs();
    assert!(closed > 0 && closed < WHALE_LOTS);
    assert_eq!(world.lots("keeper", 0).unsigned_abs(), closed);
    let notional = closed * after.state.mark / PPM;
    let charge = notional * u64::from(MarketParams::SOL.charge_min_ppm) / PPM; // unflagged: φ_min
    let insurance = charge * u64::from(MarketParams::SOL.insurance_share_ppm) / PPM;
    let lost = WHALE_LOTS * (2_000_000_000 - after.state.mark) / PPM;
    assert_eq!(whale_after.capital_atoms, whale.capital_atoms - lost - charge);
    assert_eq!(keeper_after.capital_atoms, keeper.capital_atoms + charge - insurance);
    assert_eq!(after.state.insurance_accrued_atoms, market.state.insurance_accrued_atoms + insurance);
    assert!(after.state.flow.utilisation_q32 < 0, "a forced sell uses flow");
    assert_eq!(whale_after.flagged_slot, world.stage.time().0);
    assert_eq!(after.sequence, market.sequence + 1);
}

#[test]
fn liquidate_ends_where_one_slice_restores_the_target() {
    let mut world = failing();
    world.liquidate("keeper", "whale", 0).unwrap();
    let account = world.account("whale").state;
    assert_eq!((account.flagged_slot, account.slice_due_slot), (0, 0));
    assert_refused(world.liquidate("keeper", "whale", 0), BreakwaterError::Healthy);
}

#[test]
fn liquidate_refuses_a_healthy_account() {
    let mut world = calm();
    assert_refused(world.liquidate("keeper", "whale", 0), BreakwaterError::Healthy);
    assert_refused(world.liquidate("keeper", "maker", 0), BreakwaterError::Healthy);
}

#[test]
fn liquidate_refuses_a_second_slice_before_it_is_due() {
    let mut world = failing_in_a_thin_market();
    world.liquidate("keeper", "whale", 0).unwrap();
    assert!(world.account("whale").state.slice_due_slot > world.stage.time().0);
    assert_refused(world.liquidate("keeper", "whale", 0), BreakwaterError::NotDue);
}

#[test]
fn liquidate_refuses_when_the_flow_of_the_market_is_used_up() {
    let mut world = failing();
    let slot = world.stage.time().0;
    world.edit_market(0, |market| {
        market.state.flow.utilisation_q32 = -(1 << 32);
        market.state.flow.slot = slot;
    });
    assert_refused(world.liquidate("keeper", "whale", 0), BreakwaterError::FlowExhausted);
}

#[test]
fn liquidate_refuses_where_no_slice_helps() {
    let mut world = failing();
    world.without_depth(0);
    assert_refused(world.liquidate("keeper", "whale", 0), BreakwaterError::SliceUseless);
}

#[test]
fn liquidate_refuses_a_stale_price_and_an_account_without_a_leg() {
    let mut world = failing();
    world.trader("idle", 1_000 * USD);
    assert_refused(world.liquidate("keeper", "idle", 0), BreakwaterError::NoSuchLeg);
    world.pass(23);
    assert_refused(world.liquidate("keeper", "whale", 0), BreakwaterError::PriceStale);
}

#[test]
fn liquidate_is_for_owner_and_delegate_of_the_keepers_account() {
    let mut world = failing();
    let (keeper, maker) = (owner(&world, "keeper"), owner(&world, "maker"));
    let stolen = liquidate(&world).swapped(keeper, maker);
    assert_refused(world.send_as("maker", &[stolen]), BreakwaterError::NotOperator);
    let unsigned = liquidate(&world).unsigned(keeper);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);

    let delegate = stranger(&mut world);
    let set = build::set_delegate(keeper, world.who("keeper").account, delegate.pubkey(), u64::MAX);
    world.send_as("keeper", &[set]).unwrap();
    let by_delegate = liquidate(&world).swapped(keeper, delegate.pubkey());
    world.send(&[by_delegate], &[&delegate]).unwrap();
}

#[test]
fn liquidate_refuses_the_account_itself_and_another_of_its_owner_as_keeper() {
    let mut world = failing(); // PEERS 15
    world.twin("whale 2", "whale", 1, 1_000_000 * USD);
    assert_refused(world.liquidate("whale 2", "whale", 0), BreakwaterError::SameOwner);
    assert_refused(world.liquidate("whale", "whale", 0), BreakwaterError::DuplicateAccount);
}

#[test]
fn liquidate_refuses_a_keeper_without_margin_for_the_slice() {
    let mut world = failing();
    world.trader("poor", 10 * USD);
    assert_refused(world.liquidate("poor", "whale", 0), BreakwaterError::InitialMargin);
    world.trader("empty", 0);
    assert_refused(world.liquidate("empty", "whale", 0), BreakwaterError::InitialMargin);
}

#[test]
fn liquidate_refuses_a_leg_that_relieves_less_and_needs_the_markets_of_all_legs() {
    let mut world = calm();
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.deposit("whale", 20_000 * USD).unwrap();
    world.trade(1, "whale", "maker", LOTS_10K).unwrap();
    for _ in 0..2 {
        world.publish(0, 170 * USD);
        world.publish(1, 200 * USD);
    }
    assert_refused(world.liquidate("keeper", "whale", 1), BreakwaterError::WrongLeg);
    let mut missing = liquidate(&world);
    missing.accounts.truncate(4);
    assert_refused(world.send_as("keeper", &[missing]), BreakwaterError::NoSuchMarket);
    let mut repeated = liquidate(&world);
    repeated.accounts.push(AccountMeta::new_readonly(world.stage.markets[0].key, false));
    assert_refused(world.send_as("keeper", &[repeated]), BreakwaterError::DuplicateAccount);
    world.liquidate("keeper", "whale", 0).unwrap();
}

#[test]
fn liquidate_refuses_accounts_that_are_not_writable() {
    let mut world = failing();
    for key in [world.stage.markets[0].key, world.who("whale").account, world.who("keeper").account] {
        let instruction = liquidate(&world).readonly(key);
        assert_anchor(world.send_as("keeper", &[instruction]), ErrorCode::ConstraintMut);
    }
}
