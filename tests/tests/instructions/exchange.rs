//! `initialize_exchange`, `propose_authority`, `accept_authority`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{BreakwaterError, InitializeExchangeArgs};
use breakwater_sdk::{address, instruction as build, view};
use breakwater_sim::bank::PYTH_RECEIVER;
use breakwater_sim::stage::Stage;
use breakwater_tests::assert_refused;
use breakwater_tests::world::World;
use solana_signer::Signer;

fn initialize(world: &World, args: InitializeExchangeArgs) -> Instruction {
    let (payer, authority) = (world.stage.bank.payer().pubkey(), world.stage.authority.pubkey());
    build::initialize_exchange(payer, authority, world.stage.mint, anchor_spl::token::ID, args)
}

#[test]
fn initialize_exchange_creates_exchange_vault_and_insurance_fund() {
    let mut world = World::new();
    let args = InitializeExchangeArgs {
        legacy_oracle: Pubkey::new_unique(),
        outflow_window_seconds: 60,
        outflow_limit_ppm: 0,
        outflow_guaranteed_atoms: 7,
        ..Stage::exchange_args(9)
    };
    let instruction = initialize(&world, args.clone());
    world.send_as_authority(&[instruction]).unwrap();

    let key = address::exchange(&world.stage.authority.pubkey(), 9);
    let exchange = view::exchange(&world.stage.bank.data(&key).unwrap()).unwrap();
    assert_eq!(
        (exchange.creator, exchange.authority),
        (world.stage.authority.pubkey(), world.stage.authority.pubkey())
    );
    assert_eq!(exchange.pending_authority, Pubkey::default());
    assert_eq!((exchange.quote_mint, exchange.vault), (world.stage.mint, address::vault(&key)));
    assert_eq!((exchange.receivers[0], exchange.receivers[1]), (PYTH_RECEIVER, Pubkey::default()));
    assert_eq!(exchange.legacy_oracle, args.legacy_oracle);
    let limits = exchange.outflow_limits;
    assert_eq!((limits.window_seconds, limits.limit_ppm, limits.guaranteed_atoms), (60, 0, 7));
    assert_eq!((exchange.id, exchange.market_count, exchange.quote_decimals), (9, 0, 6));
    assert_eq!((exchange.booked_atoms, exchange.fees_atoms, exchange.sequence), (0, 0, 1));

    let insurance = view::insurance(&world.stage.bank.data(&address::insurance(&key)).unwrap()).unwrap();
    assert_eq!((insurance.exchange, insurance.state.balance_atoms), (key, 0));
    assert_eq!(world.stage.bank.account(&address::vault(&key)).unwrap().owner, anchor_spl::token::ID);
}

#[test]
fn initialize_exchange_refuses_an_id_that_the_creator_has_used() {
    let mut world = World::new();
    let instruction = initialize(&world, Stage::exchange_args(0));
    let sent = world.send_as_authority(&[instruction]);
    assert_refused(sent, BreakwaterError::ExchangeExists);
}

#[test]
fn ids_belong_to_their_creator_and_nobody_takes_another_ones() {
    let mut world = World::new();
    let thief = stranger(&mut world);
    let (payer, mint, founder) = (world.stage.bank.payer().pubkey(), world.stage.mint, world.stage.authority.pubkey());
    let of_thief =
        build::initialize_exchange(payer, thief.pubkey(), mint, anchor_spl::token::ID, Stage::exchange_args(1));
    // At the founder's address the thief's signature is worth nothing: the address follows from the creator.
    let (taken, wanted) = (address::exchange(&thief.pubkey(), 1), address::exchange(&founder, 1));
    let squatted = of_thief.clone().swapped(taken, wanted);
    assert_refused(world.send(&[squatted], &[&thief]), BreakwaterError::WrongAddress);
    world.send(&[of_thief], &[&thief]).unwrap();
    let of_founder = initialize(&world, Stage::exchange_args(1));
    world.send_as_authority(&[of_founder]).unwrap();
    for (key, creator) in [(taken, thief.pubkey()), (wanted, founder)] {
        let exchange = view::exchange(&world.stage.bank.data(&key).unwrap()).unwrap();
        assert_eq!((exchange.creator, exchange.authority, exchange.id), (creator, creator, 1));
    }
}

#[test]
fn an_exchange_keeps_its_creator_and_its_vault_when_the_authority_changes_hands() {
    let mut world = World::new();
    world.list(&breakwater_tests::world::sol_params(), 200 * breakwater_tests::world::USD);
    world.trader("alice", 1_000);
    let (exchange, old) = (world.stage.exchange, world.stage.authority.pubkey());
    let next = stranger(&mut world);
    world.send_as_authority(&[build::propose_authority(exchange, old, next.pubkey())]).unwrap();
    world.send(&[build::accept_authority(exchange, next.pubkey())], &[&next]).unwrap();
    let state = world.stage.exchange_account();
    assert_eq!((state.creator, state.authority), (old, next.pubkey()));
    world.withdraw("alice", 1_000).unwrap();
}

#[test]
fn initialize_exchange_refuses_an_authority_that_does_not_sign() {
    let mut world = World::new();
    let instruction = initialize(&world, Stage::exchange_args(1)).unsigned(world.stage.authority.pubkey());
    assert_anchor(world.send(&[instruction], &[]), ErrorCode::AccountNotSigner);
}

#[test]
fn initialize_exchange_refuses_absurd_outflow_limits() {
    let mut world = World::new();
    let sane = Stage::exchange_args(1);
    for args in [
        InitializeExchangeArgs { outflow_window_seconds: 0, ..sane.clone() },
        InitializeExchangeArgs { outflow_window_seconds: 59, ..sane.clone() },
        InitializeExchangeArgs { outflow_window_seconds: 604_801, ..sane.clone() },
        InitializeExchangeArgs { outflow_limit_ppm: 1_000_001, ..sane.clone() },
    ] {
        let instruction = initialize(&world, args);
        assert_refused(world.send_as_authority(&[instruction]), BreakwaterError::OutflowLimitAbsurd);
    }
}

#[test]
fn initialize_exchange_refuses_to_do_without_a_receiver_program() {
    let mut world = World::new();
    let args = InitializeExchangeArgs { receivers: Default::default(), ..Stage::exchange_args(1) };
    let instruction = initialize(&world, args);
    assert_refused(world.send_as_authority(&[instruction]), BreakwaterError::NoReceiver);
}

#[test]
fn initialize_exchange_refuses_mints_of_less_than_2_or_more_than_9_decimals() {
    let mut world = World::new();
    for (id, decimals, is_accepted) in [(1, 1, false), (1, 10, false), (1, 2, true), (2, 9, true)] {
        let mint = Pubkey::new_unique();
        world.stage.bank.make_mint(&mint, decimals);
        let instruction = initialize(&world, Stage::exchange_args(id)).swapped(world.stage.mint, mint);
        let sent = world.send_as_authority(&[instruction]);
        match is_accepted {
            true => assert!(sent.is_ok(), "{decimals} decimals are accepted"),
            false => assert_refused(sent, BreakwaterError::MintDecimals),
        }
    }
}

#[test]
fn initialize_exchange_refuses_a_mint_of_no_token_program() {
    let mut world = World::new();
    let mint = Pubkey::new_unique();
    let data = world.stage.bank.data(&world.stage.mint).unwrap();
    world.stage.bank.set_account(&mint, Pubkey::new_unique(), data);
    let instruction = initialize(&world, Stage::exchange_args(1)).swapped(world.stage.mint, mint);
    assert_refused(world.send_as_authority(&[instruction]), BreakwaterError::NotAMint);
}

#[test]
fn initialize_exchange_refuses_the_token_program_of_another_mint_and_programs_that_are_none() {
    let mut world = World::new();
    let instruction = initialize(&world, Stage::exchange_args(1));
    let other = instruction.clone().swapped(anchor_spl::token::ID, anchor_spl::token_2022::ID);
    assert_refused(world.send_as_authority(&[other]), BreakwaterError::WrongTokenProgram);
    let none = instruction.swapped(anchor_spl::token::ID, breakwater::ID);
    assert_refused(world.send_as_authority(&[none]), BreakwaterError::WrongTokenProgram);
}

#[test]
fn initialize_exchange_refuses_a_vault_or_a_fund_at_another_address() {
    let mut world = World::new();
    let exchange = address::exchange(&world.stage.authority.pubkey(), 1);
    for wrong in [address::vault(&exchange), address::insurance(&exchange), exchange] {
        let instruction = initialize(&world, Stage::exchange_args(1)).swapped(wrong, Pubkey::new_unique());
        assert_refused(world.send_as_authority(&[instruction]), BreakwaterError::WrongAddress);
    }
}

#[test]
fn authority_changes_hands_in_two_steps() {
    let mut world = World::new();
    let (exchange, old) = (world.stage.exchange, world.stage.authority.pubkey());
    let next = stranger(&mut world);
    world.send_as_authority(&[build::propose_authority(exchange, old, next.pubkey())]).unwrap();
    let state = world.stage.exchange_account();
    assert_eq!((state.authority, state.pending_authority), (old, next.pubkey()));
    let sequence = state.sequence;

    world.send(&[build::accept_authority(exchange, next.pubkey())], &[&next]).unwrap();
    let state = world.stage.exchange_account();
    assert_eq!((state.authority, state.pending_authority), (next.pubkey(), Pubkey::default()));
    assert_eq!(state.sequence, sequence + 1);

    let signer = Pubkey::new_unique();
    let sent = world.send_as_authority(&[build::register_venue(exchange, old, signer)]);
    assert_refused(sent, BreakwaterError::NotAuthority);
    world.send(&[build::register_venue(exchange, next.pubkey(), signer)], &[&next]).unwrap();
}

#[test]
fn propose_authority_refuses_anyone_but_the_authority() {
    let mut world = World::new();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let thief = stranger(&mut world);
    let instruction = build::propose_authority(exchange, thief.pubkey(), thief.pubkey());
    assert_refused(world.send(&[instruction], &[&thief]), BreakwaterError::NotAuthority);
    let unsigned = build::propose_authority(exchange, authority, thief.pubkey()).unsigned(authority);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let readonly = build::propose_authority(exchange, authority, thief.pubkey()).readonly(exchange);
    assert_anchor(world.send_as_authority(&[readonly]), ErrorCode::ConstraintMut);
}

#[test]
fn propose_authority_refuses_the_authority_of_another_exchange() {
    let mut world = World::new();
    let other = with_other_authority(&mut world);
    let instruction = build::propose_authority(world.stage.exchange, other.pubkey(), other.pubkey());
    assert_refused(world.send(&[instruction], &[&other]), BreakwaterError::NotAuthority);
}

fn with_other_authority(world: &mut World) -> solana_keypair::Keypair {
    let key = stranger(world);
    let (payer, mint) = (world.stage.bank.payer().pubkey(), world.stage.mint);
    let args = Stage::exchange_args(1);
    let instruction = build::initialize_exchange(payer, key.pubkey(), mint, anchor_spl::token::ID, args);
    world.send(&[instruction], &[&key]).unwrap();
    key
}

#[test]
fn accept_authority_refuses_anyone_but_the_proposed_key() {
    let mut world = World::new();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let (next, thief) = (stranger(&mut world), stranger(&mut world));
    let early = world.send(&[build::accept_authority(exchange, next.pubkey())], &[&next]);
    assert_refused(early, BreakwaterError::NotPendingAuthority);

    world.send_as_authority(&[build::propose_authority(exchange, authority, next.pubkey())]).unwrap();
    let stolen = world.send(&[build::accept_authority(exchange, thief.pubkey())], &[&thief]);
    assert_refused(stolen, BreakwaterError::NotPendingAuthority);
    let unsigned = build::accept_authority(exchange, next.pubkey()).unsigned(next.pubkey());
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let own = world.send_as_authority(&[build::accept_authority(exchange, authority)]);
    assert_refused(own, BreakwaterError::NotPendingAuthority);
}

#[test]
fn a_proposal_can_be_taken_back() {
    let mut world = World::new();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let next = stranger(&mut world);
    world.send_as_authority(&[build::propose_authority(exchange, authority, next.pubkey())]).unwrap();
    world.send_as_authority(&[build::propose_authority(exchange, authority, Pubkey::default())]).unwrap();
    let late = world.send(&[build::accept_authority(exchange, next.pubkey())], &[&next]);
    assert_refused(late, BreakwaterError::NotPendingAuthority);
}
