//! `create_backstop`, and that nobody can sign for the account that it makes.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{ApproveVenueArgs, BreakwaterError};
use breakwater_risk::backstop::{LOSS_LINE_MAX_PPM, LOSS_LINE_MIN_PPM};
use breakwater_risk::shares::UNOWNED_SHARES_MIN;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::venue_signer;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};
use breakwater_tests::Pool;
use solana_signer::Signer;

fn create(world: &World, loss_line_ppm: u32) -> Instruction {
    build::create_backstop(world.stage.exchange, world.stage.authority.pubkey(), loss_line_ppm)
}

fn account_key(world: &World) -> Pubkey {
    address::backstop_account(&world.stage.exchange)
}

#[test]
fn create_backstop_makes_an_empty_backstop_and_its_margin_account() {
    let mut world = quick();
    let sequence = world.stage.exchange_account().sequence;
    let instruction = create(&world, LOSS_LINE_PPM);
    world.send_as_authority(&[instruction]).unwrap();
    let (view, exchange) = (world.backstop(), world.stage.exchange);
    assert_eq!((view.backstop.exchange, view.backstop.account), (exchange, account_key(&world)));
    let state = view.backstop.state;
    assert_eq!((state.loss_line_ppm, state.shares.total, state.shares.generation), (LOSS_LINE_PPM, 0, 0));
    assert_eq!((state.day, state.reference_q32), (0, 0));
    assert_eq!((view.account.exchange, view.account.owner), (exchange, address::backstop(&exchange)));
    assert_eq!((view.account.sub_id, view.account.delegate), (0, Pubkey::default()));
    assert!(view.account.state.is_backstop() && view.account.state.capital_atoms == 0);
    assert!(view.account.state.legs.iter().all(|leg| !leg.is_used()));
    assert_eq!(world.stage.exchange_account().sequence, sequence + 1);
    // The markets listed before know where it is.
    let market = world.market(0);
    assert_eq!((market.backstop, market.backstop_account), (address::backstop(&exchange), account_key(&world)));
}

#[test]
fn create_backstop_is_for_the_authority_and_once() {
    let mut world = quick();
    let (thief, authority) = (stranger(&mut world), world.stage.authority.pubkey());
    let stolen = create(&world, LOSS_LINE_PPM).swapped(authority, thief.pubkey());
    assert_refused(world.send(&[stolen], &[&thief]), BreakwaterError::NotAuthority);
    let unsigned = create(&world, LOSS_LINE_PPM).unsigned(authority);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let instruction = create(&world, LOSS_LINE_PPM);
    world.send_as_authority(std::slice::from_ref(&instruction)).unwrap();
    assert_refused(world.send_as_authority(&[instruction]), BreakwaterError::BackstopExists);
    let other = create(&world, LOSS_LINE_PPM + 1);
    assert_refused(world.send_as_authority(&[other]), BreakwaterError::BackstopExists);
}

#[test]
fn create_backstop_refuses_other_addresses_than_its_own() {
    let mut world = quick();
    for key in [address::backstop(&world.stage.exchange), account_key(&world)] {
        let instruction = create(&world, LOSS_LINE_PPM).swapped(key, Pubkey::new_unique());
        assert_refused(world.send_as_authority(&[instruction]), BreakwaterError::WrongAddress);
    }
}

#[test]
fn create_backstop_refuses_a_loss_line_out_of_bounds() {
    for absurd in [0, LOSS_LINE_MIN_PPM - 1, LOSS_LINE_MAX_PPM + 1, u32::MAX] {
        let mut world = quick();
        let instruction = create(&world, absurd);
        assert_refused(world.send_as_authority(&[instruction]), BreakwaterError::LossLineAbsurd);
        assert!(world.stage.backstop().is_none());
    }
    for edge in [LOSS_LINE_MIN_PPM, LOSS_LINE_MAX_PPM] {
        let mut world = quick();
        let instruction = create(&world, edge);
        world.send_as_authority(&[instruction]).unwrap();
        assert_eq!(world.backstop().backstop.state.loss_line_ppm, edge);
    }
}

#[test]
fn nobody_owns_delegates_approves_withdraws_or_closes_for_the_backstop() {
    let mut world = backed();
    let (exchange, key) = (world.stage.exchange, account_key(&world));
    let venue = address::venue(&exchange, &venue_signer());
    let limits = ApproveVenueArgs { max_notional_atoms: 1, max_cost_atoms: 1, expires_at: i64::MAX };
    let tokens = tokens(&world, "lp");
    for key_pair in [world.who("lp").key.insecure_clone(), world.stage.authority.insecure_clone()] {
        let signer = key_pair.pubkey();
        for instruction in [
            build::set_delegate(signer, key, signer, u64::MAX),
            build::approve_venue(signer, key, venue, limits.clone()),
            build::revoke_venue(signer, key, venue),
            build::withdraw(exchange, signer, key, tokens, 1, &[]),
            build::close_account(signer, key),
        ] {
            assert_refused(world.send(&[instruction], &[&key_pair]), BreakwaterError::NotOwner);
        }
    }
    // Its owner is an address of the program, which signs nothing of the kind.
    let unsigned = build::withdraw(exchange, address::backstop(&exchange), key, tokens, 1, &[]);
    let unsigned = unsigned.unsigned(address::backstop(&exchange));
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
}

#[test]
fn the_backstop_trades_with_nobody() {
    let mut world = backed();
    let (key, maker, mark) = (account_key(&world), world.who("maker").account, world.mark(0));
    for (buyer, seller) in [(key, maker), (maker, key)] {
        let instruction = world.stage.fill_instruction(0, buyer, seller, LOTS_10K, mark);
        assert_refused(world.send(&[instruction], &[]), BreakwaterError::VenueNotApproved);
    }
}

#[test]
fn the_backstop_is_neither_flagged_nor_liquidated_nor_a_keeper() {
    let mut world = holding();
    let (key, market) = (account_key(&world), world.stage.markets[0].key);
    world.leave_backstop_capital(USD, "maker"); // anybody else would be liquidated
    let flag = build::flag(market, key, &[]);
    assert_refused(world.send(&[flag], &[]), BreakwaterError::BackstopAccount);
    let keeper = owner(&world, "keeper");
    let liquidate = build::liquidate(keeper, market, key, world.who("keeper").account, &[]);
    assert_refused(world.send_as("keeper", &[liquidate]), BreakwaterError::BackstopAccount);
    let as_keeper = build::liquidate(keeper, market, world.who("maker").account, key, &[]);
    assert_refused(world.send_as("keeper", &[as_keeper]), BreakwaterError::NotOperator);
}

#[test]
fn what_anybody_deposits_into_the_backstop_belongs_to_its_shares() {
    let mut world = backed();
    let (shares, before) = (world.stake_of("lp", Pool::Backstop).state.shares, world.backstop());
    let gift = 500 * USD;
    let deposit = build::deposit(
        world.stage.exchange,
        owner(&world, "maker"),
        account_key(&world),
        tokens(&world, "maker"),
        gift,
    );
    world.send_as("maker", &[deposit]).unwrap();
    let after = world.backstop();
    assert_eq!(after.account.state.capital_atoms, before.account.state.capital_atoms + gift);
    assert_eq!(after.backstop.state.shares, before.backstop.state.shares);
    world.request_unstake("lp", Pool::Backstop, shares).unwrap();
    let worth = u128::from(BACKSTOP_ATOMS + gift) * u128::from(BACKSTOP_ATOMS - UNOWNED_SHARES_MIN);
    let requested = world.stake_of("lp", Pool::Backstop).state.requested_atoms;
    assert_eq!(u128::from(requested), worth / u128::from(BACKSTOP_ATOMS));
}
