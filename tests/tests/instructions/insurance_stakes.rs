//! `stake_insurance`, `request_unstake_insurance`, and what `unstake_insurance` refuses. What it pays: `insurance_leaving`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::shares::{COOLDOWN_SECONDS, UNOWNED_SHARES_MIN};
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::Sent;
use breakwater_tests::world::{World, USD};
use breakwater_tests::{assert_refused, Pool};

pub(crate) const FUND: Pool = Pool::Insurance;
pub(crate) const PUT_IN: u64 = 1_000 * USD;
/// Shares of the first to enter an empty fund with [`PUT_IN`].
pub(crate) const SHARES: u64 = PUT_IN - UNOWNED_SHARES_MIN;

/// Alice has staked [`PUT_IN`]; bob has a stake without shares; they are long and short $10 000 against each other.
pub(crate) fn staked() -> World {
    let mut world = pair();
    world.open_stake("alice", FUND).unwrap();
    world.open_stake("bob", FUND).unwrap();
    world.stake("alice", FUND, PUT_IN).unwrap();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world
}

/// The same after alice has asked for all her shares and waited.
pub(crate) fn waited() -> World {
    let mut world = staked();
    world.request_unstake("alice", FUND, SHARES).unwrap();
    cool_down(&mut world);
    world
}

fn stake(world: &World, atoms: u64, least_shares: u64) -> Instruction {
    let tokens = tokens(world, "alice");
    build::stake_insurance(
        world.stage.exchange,
        owner(world, "alice"),
        tokens,
        atoms,
        least_shares,
        &world.stage.all_markets(),
    )
}

fn request(world: &World, shares: u64) -> Instruction {
    build::request_unstake_insurance(world.stage.exchange, owner(world, "alice"), shares, &world.stage.all_markets())
}

fn unstake(world: &World) -> Instruction {
    let tokens = tokens(world, "alice");
    build::unstake_insurance(world.stage.exchange, owner(world, "alice"), tokens, 0, &world.stage.all_markets())
}

fn send(world: &mut World, instruction: Instruction) -> Sent {
    world.send_as("alice", &[instruction])
}

pub(crate) fn part(atoms: u64, of: u64, whole: u64) -> u64 {
    (u128::from(atoms) * u128::from(of) / u128::from(whole)) as u64
}

/// What `unstake` paid alice.
pub(crate) fn paid(world: &mut World) -> u64 {
    let before = wallet(world, "alice");
    world.make_noted("alice", FUND);
    world.unstake("alice", FUND).unwrap();
    wallet(world, "alice") - before
}

#[test]
fn stake_insurance_issues_shares_at_the_balance_of_the_fund_and_what_the_markets_accrued_for_it() {
    let mut world = staked();
    let (fund, stake) = (world.fund().state, world.stake_of("alice", FUND).state);
    assert_eq!((fund.balance_atoms, fund.shares.total, stake.shares), (PUT_IN, PUT_IN, SHARES));
    world.donate("bob", PUT_IN).unwrap(); // a share is worth two atoms now
    let (booked, vault, before) = (world.stage.exchange_account(), vault_balance(&world), wallet(&world, "bob"));
    world.stake("bob", FUND, PUT_IN).unwrap();
    let (after, exchange) = (world.fund().state, world.stage.exchange_account());
    let accrued = world.market(0).state.insurance_accrued_atoms;
    assert!(accrued > 0, "of the fees of their trade");
    let issued = part(PUT_IN, PUT_IN, 2 * PUT_IN + accrued);
    assert_eq!(world.stake_of("bob", FUND).state.shares, issued);
    assert_eq!((after.balance_atoms, after.shares.total), (3 * PUT_IN, PUT_IN + issued));
    assert_eq!((exchange.booked_atoms, exchange.sequence), (booked.booked_atoms + PUT_IN, booked.sequence + 1));
    assert_eq!((vault_balance(&world), wallet(&world, "bob")), (vault + PUT_IN, before - PUT_IN));
}

#[test]
fn stake_insurance_refuses_nothing_too_little_and_more_than_there_is() {
    let mut world = pair();
    world.open_stake("alice", FUND).unwrap();
    for (atoms, least, error) in [
        (0, 0, BreakwaterError::AmountZero),
        (UNOWNED_SHARES_MIN - 1, 0, BreakwaterError::StakeTooSmall),
        (UNOWNED_SHARES_MIN, 0, BreakwaterError::StakeTooSmall),
        (PUT_IN, SHARES + 1, BreakwaterError::SharesBelowLeast),
        (u64::MAX, 0, BreakwaterError::Overflow), // booked would overflow
    ] {
        let instruction = stake(&world, atoms, least);
        assert_refused(send(&mut world, instruction), error);
    }
    let all = wallet(&world, "alice");
    let instruction = stake(&world, all + 1, 0);
    assert_refused(send(&mut world, instruction), BreakwaterError::InsufficientTokens);
    let instruction = stake(&world, PUT_IN, SHARES);
    send(&mut world, instruction).unwrap();
    // A share is worth 1 001 atoms after a gift: less buys none.
    world.donate("bob", 1_000 * PUT_IN).unwrap();
    assert_refused(world.stake("alice", FUND, 1_000), BreakwaterError::StakeTooSmall);
    world.stake("alice", FUND, 1_001).unwrap();
    assert_eq!(world.stake_of("alice", FUND).state.shares, SHARES + 1);
}

#[test]
fn stake_insurance_refuses_wrong_signer_mint_source_vault_fund_and_stake() {
    let mut world = staked();
    let other = Other::beside(&mut world).with_pools(&mut world);
    let (alice, exchange) = (owner(&world, "alice"), world.stage.exchange);
    world.stage.create_backstop(LOSS_LINE_PPM).unwrap();
    world.open_stake("alice", Pool::Backstop).unwrap();
    let (mint, foreign) = foreign_mint(&mut world, alice);
    let right = stake(&world, PUT_IN, 0);
    let own_stake = address::stake(&world.pool(FUND), &alice);
    for (from, to, error) in [
        (world.stage.mint, mint, BreakwaterError::WrongMint),
        (world.who("alice").wallet, foreign, BreakwaterError::WrongMint),
        (address::vault(&exchange), other.vault(), BreakwaterError::WrongVault),
        (world.pool(FUND), other.insurance(), BreakwaterError::WrongExchange),
        (exchange, other.exchange, BreakwaterError::WrongExchange),
        (own_stake, address::stake(&world.pool(Pool::Backstop), &alice), BreakwaterError::WrongStake),
        (own_stake, address::stake(&world.pool(FUND), &owner(&world, "bob")), BreakwaterError::NotOwner),
    ] {
        let instruction = right.clone().swapped(from, to);
        assert_refused(send(&mut world, instruction), error);
    }
    assert_anchor(world.send(&[right.clone().unsigned(alice)], &[]), ErrorCode::AccountNotSigner);
    let stolen = right.clone().swapped(world.who("alice").wallet, world.who("bob").wallet);
    assert_refused(send(&mut world, stolen), BreakwaterError::NotTokenOwner);
    for key in [exchange, world.pool(FUND), own_stake, world.who("alice").wallet, address::vault(&exchange)] {
        assert_anchor(send(&mut world, right.clone().readonly(key)), ErrorCode::ConstraintMut);
    }
}

#[test]
fn a_request_remembers_what_the_shares_are_worth_and_is_replaced_or_taken_back() {
    let mut world = staked();
    for (shares, error) in [(0, BreakwaterError::NothingToDo), (SHARES + 1, BreakwaterError::InsufficientShares)] {
        assert_refused(world.request_unstake("alice", FUND, shares), error);
    }
    assert_refused(world.request_unstake("bob", FUND, 1), BreakwaterError::InsufficientShares);
    world.request_unstake("alice", FUND, SHARES).unwrap();
    let (request, now) = (world.stake_of("alice", FUND).state, world.stage.time().1);
    assert_eq!((request.requested_shares, request.requested_atoms), (SHARES, SHARES));
    assert_eq!(request.redeemable_at, now + COOLDOWN_SECONDS);
    assert_refused(world.request_unstake("alice", FUND, SHARES + 1), BreakwaterError::InsufficientShares);
    world.pass(100);
    world.donate("bob", PUT_IN).unwrap();
    world.request_unstake("alice", FUND, SHARES / 2).unwrap();
    let (request, later) = (world.stake_of("alice", FUND).state, world.stage.time().1);
    assert_eq!((request.requested_shares, request.requested_atoms), (SHARES / 2, SHARES));
    assert_eq!(request.redeemable_at, later + COOLDOWN_SECONDS);
    world.request_unstake("alice", FUND, 0).unwrap();
    let request = world.stake_of("alice", FUND).state;
    assert_eq!((request.requested_shares, request.requested_atoms, request.redeemable_at), (0, 0, 0));
    assert_eq!(request.shares, SHARES);
    world.publish(0, 200 * USD);
    assert_refused(world.unstake("alice", FUND), BreakwaterError::NothingToDo);
}

#[test]
fn both_steps_refuse_markets_left_out_foreign_or_no_markets() {
    let mut world = staked();
    world.list(&breakwater_tests::world::sol_params(), 100 * USD);
    let other = Other::beside(&mut world);
    world.request_unstake("alice", FUND, SHARES).unwrap();
    cool_down(&mut world);
    for right in [request(&world, 1), unstake(&world)] {
        for market in world.stage.all_markets() {
            let mut fewer = right.clone();
            fewer.accounts.retain(|meta| meta.pubkey != market);
            assert_refused(send(&mut world, fewer), BreakwaterError::NoSuchMarket);
            let foreign = right.clone().swapped(market, other.market.key);
            assert_refused(send(&mut world, foreign), BreakwaterError::WrongExchange);
            let no_market = right.clone().swapped(market, world.who("bob").account);
            assert_refused(send(&mut world, no_market), BreakwaterError::WrongMarketAccount);
        }
    }
    assert_eq!(paid(&mut world), SHARES);
}

#[test]
fn both_steps_refuse_wrong_signer_fund_stake_and_destination() {
    let mut world = waited();
    let other = Other::beside(&mut world).with_pools(&mut world);
    let (alice, bob, exchange) = (owner(&world, "alice"), owner(&world, "bob"), world.stage.exchange);
    world.stage.create_backstop(LOSS_LINE_PPM).unwrap();
    world.open_stake("alice", Pool::Backstop).unwrap();
    let (mint, foreign) = foreign_mint(&mut world, alice);
    let own_stake = address::stake(&world.pool(FUND), &alice);
    for right in [request(&world, 1), unstake(&world)] {
        for (from, to, error) in [
            (world.pool(FUND), other.insurance(), BreakwaterError::WrongExchange),
            (own_stake, address::stake(&world.pool(Pool::Backstop), &alice), BreakwaterError::WrongStake),
            (own_stake, address::stake(&world.pool(FUND), &bob), BreakwaterError::NotOwner),
        ] {
            let instruction = right.clone().swapped(from, to);
            assert_refused(send(&mut world, instruction), error);
        }
        let stolen = right.clone().swapped(alice, bob);
        assert_refused(world.send_as("bob", &[stolen]), BreakwaterError::NotOwner);
        assert_anchor(world.send(&[right.clone().unsigned(alice)], &[]), ErrorCode::AccountNotSigner);
        assert_anchor(send(&mut world, right.clone().readonly(own_stake)), ErrorCode::ConstraintMut);
    }
    for (from, to, error) in [
        (world.stage.mint, mint, BreakwaterError::WrongMint),
        (world.who("alice").wallet, foreign, BreakwaterError::WrongMint),
        (world.who("alice").wallet, world.who("bob").wallet, BreakwaterError::WrongDestination),
        (address::vault(&exchange), other.vault(), BreakwaterError::WrongVault),
        (address::vault(&exchange), Pubkey::new_unique(), BreakwaterError::WrongVault),
    ] {
        let instruction = unstake(&world).swapped(from, to);
        assert_refused(send(&mut world, instruction), error);
    }
}

#[test]
fn shares_of_a_fund_that_lost_everything_are_void_once_it_starts_anew() {
    let mut world = staked();
    world.sweep(0).unwrap(); // what the market accrued would still be worth something
    let all = world.fund().state.balance_atoms;
    world.lose_insurance(all, "bob");
    world.stake("bob", FUND, PUT_IN).unwrap();
    let fund = world.fund().state.shares;
    assert!(fund.generation > 0);
    assert_eq!(fund.total, PUT_IN);
    assert_refused(world.request_unstake("alice", FUND, 1), BreakwaterError::InsufficientShares);
    world.stake("alice", FUND, PUT_IN).unwrap();
    assert_eq!(world.stake_of("alice", FUND).state.shares, PUT_IN, "of the new generation only");
}

#[test]
fn shares_of_a_fund_that_lost_its_balance_keep_their_part_of_what_is_accrued() {
    let mut world = staked();
    world.lose_insurance(PUT_IN, "bob");
    let accrued = world.market(0).state.insurance_accrued_atoms;
    assert!(accrued > PUT_IN >> 10, "not worn");
    world.stake("bob", FUND, PUT_IN).unwrap();
    let (fund, issued) = (world.fund().state.shares, part(PUT_IN, PUT_IN, accrued));
    assert_eq!((fund.generation, fund.total), (0, PUT_IN + issued));
    assert_eq!(world.stake_of("bob", FUND).state.shares, issued);
}

#[test]
fn shares_of_a_worn_fund_are_divided_by_1024_when_the_next_enters() {
    let line = PUT_IN >> 10;
    for (left, divided) in [(line, false), (line - 1, true)] {
        let mut world = staked();
        world.sweep(0).unwrap();
        let lost = world.fund().state.balance_atoms - left;
        world.lose_insurance(lost, "bob");
        world.stake("bob", FUND, PUT_IN).unwrap();
        let (had, held) = if divided { (line + UNOWNED_SHARES_MIN, SHARES >> 10) } else { (PUT_IN, SHARES) };
        let (fund, issued) = (world.fund().state.shares, part(PUT_IN, had, left));
        assert_eq!((fund.generation, fund.total), (u64::from(divided), had + issued));
        assert_refused(world.request_unstake("alice", FUND, held + 1), BreakwaterError::InsufficientShares);
        world.request_unstake("alice", FUND, held).unwrap();
        let request = world.stake_of("alice", FUND).state;
        assert_eq!(request.requested_atoms, part(held, left + PUT_IN, had + issued));
        assert_refused(world.close_stake("alice", FUND), BreakwaterError::StakeNotEmpty);
    }
}
