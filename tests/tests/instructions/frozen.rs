//! What the mint's freeze authority can stop: cash that enters or leaves, and nothing else (spec X-6).

use crate::support::*;
use anchor_lang::prelude::Pubkey;
use breakwater::BreakwaterError;
use breakwater_sdk::address;
use breakwater_tests::world::{World, USD};
use breakwater_tests::{assert_refused, Pool};

/// Where a token account says that it is frozen.
const STATE_OFFSET: usize = 108;

/// Freezes a token account, or thaws it.
fn set_frozen(world: &mut World, key: Pubkey, is_frozen: bool) {
    let mut data = world.stage.bank.data(&key).unwrap();
    data[STATE_OFFSET] = if is_frozen { 2 } else { 1 };
    world.stage.bank.set_account(&key, anchor_spl::token::ID, data);
}

#[test]
fn a_frozen_vault_refuses_cash_by_name_and_stops_nothing_else() {
    let mut world = backed();
    world.open_stake("maker", Pool::Insurance).unwrap();
    let vault = address::vault(&world.stage.exchange);
    set_frozen(&mut world, vault, true);
    assert_refused(world.deposit("maker", USD), BreakwaterError::VaultFrozen);
    assert_refused(world.withdraw("maker", USD), BreakwaterError::VaultFrozen);
    assert_refused(world.donate("maker", USD), BreakwaterError::VaultFrozen);
    assert_refused(world.stake("maker", Pool::Insurance, USD), BreakwaterError::VaultFrozen);
    world.sweep(0).unwrap();
    assert_refused(world.collect_fees(), BreakwaterError::VaultFrozen);
    // Trading, liquidation and settlement go on.
    world.trade(0, "maker", "keeper", LOTS_10K / 2).unwrap();
    weaken(&mut world, "weak", FAILING);
    world.liquidate("keeper", "weak", 0).unwrap();
    world.settle("maker").unwrap();
    set_frozen(&mut world, vault, false);
    world.withdraw("maker", USD).unwrap();
}

#[test]
fn a_frozen_token_account_neither_pays_nor_receives() {
    let mut world = pair();
    let alices = world.who("alice").wallet;
    set_frozen(&mut world, alices, true);
    assert_refused(world.deposit("alice", USD), BreakwaterError::TokenAccountFrozen);
    assert_refused(world.withdraw("alice", USD), BreakwaterError::TokenAccountFrozen);
    world.withdraw("bob", USD).unwrap();
    set_frozen(&mut world, alices, false);
    world.withdraw("alice", USD).unwrap();
}
