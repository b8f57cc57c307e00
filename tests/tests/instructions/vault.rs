//! The vault: only the exchange signs for it, and nothing sets a delegate or a close authority (PEERS 13).

use crate::support::*;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::token::spl_token;
use anchor_spl::token::spl_token::instruction::AuthorityType;
use breakwater_sdk::address;
use breakwater_tests::assert_refused_with;
use breakwater_tests::world::{World, USD};
use solana_signer::Signer;

/// Code of the token programs for closing an account that holds tokens.
const TOKEN_HAS_BALANCE: u32 = 11;

fn vault(world: &World) -> spl_token::state::Account {
    let key = address::vault(&world.stage.exchange);
    spl_token::state::Account::unpack(&world.stage.bank.data(&key).unwrap()).unwrap()
}

#[track_caller]
fn assert_unencumbered(world: &World) {
    let vault = vault(world);
    assert_eq!((vault.mint, vault.owner), (world.stage.mint, world.stage.exchange));
    assert!(vault.delegate.is_none() && vault.close_authority.is_none() && vault.delegated_amount == 0);
}

#[test]
fn the_vault_has_neither_delegate_nor_close_authority_after_any_instruction_that_names_it() {
    let mut world = pair();
    assert_unencumbered(&world);
    world.withdraw("alice", USD).unwrap();
    world.donate("alice", USD).unwrap();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.sweep(0).unwrap();
    world.collect_fees().unwrap();
    world.list(&breakwater_tests::world::sol_params(), 100 * USD);
    assert_unencumbered(&world);
}

#[test]
fn the_authority_can_neither_approve_nor_move_nor_close_the_vault() {
    let mut world = pair();
    let (vault, authority) = (address::vault(&world.stage.exchange), world.stage.authority.pubkey());
    let (program, treasury, thief) = (spl_token::ID, world.stage.treasury, owner(&world, "bob"));
    let close = AuthorityType::CloseAccount;
    let attempts = [
        spl_token::instruction::approve(&program, &vault, &thief, &authority, &[], 1).unwrap(),
        spl_token::instruction::transfer(&program, &vault, &treasury, &authority, &[], 1).unwrap(),
        spl_token::instruction::close_account(&program, &vault, &authority, &authority, &[]).unwrap(),
        spl_token::instruction::set_authority(&program, &vault, Some(&thief), close, &authority, &[]).unwrap(),
        spl_token::instruction::set_authority(
            &program,
            &vault,
            Some(&authority),
            AuthorityType::AccountOwner,
            &authority,
            &[],
        )
        .unwrap(),
        spl_token::instruction::burn(&program, &vault, &world.stage.mint, &authority, &[], 1).unwrap(),
    ];
    for (place, attempt) in attempts.into_iter().enumerate() {
        let sent = world.send_as_authority(&[attempt]);
        match place {
            2 => assert_refused_with(sent, TOKEN_HAS_BALANCE, "an account with a balance is not closed"),
            _ => assert_refused_with(sent, TOKEN_OWNER_MISMATCH, "owner mismatch"),
        }
    }
    assert_unencumbered(&world);
}

#[test]
fn a_surplus_sent_to_the_vault_is_nobodys_and_no_reason_to_fail() {
    let mut world = pair();
    let (vault, bob) = (address::vault(&world.stage.exchange), owner(&world, "bob"));
    let gift = spl_token::instruction::transfer(&spl_token::ID, &world.who("bob").wallet, &vault, &bob, &[], USD);
    let booked = world.stage.exchange_account().booked_atoms;
    world.send_as("bob", &[gift.unwrap()]).unwrap();
    assert_eq!(world.stage.exchange_account().booked_atoms, booked);
    world.withdraw("alice", 100_000 * USD).unwrap();
    world.withdraw("bob", 100_000 * USD).unwrap();
    assert_eq!(vault_balance(&world), world.stage.exchange_account().booked_atoms + USD);
}
