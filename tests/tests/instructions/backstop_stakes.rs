//! `stake_backstop`, `request_unstake_backstop`, and what `unstake_backstop` refuses. What it pays: `backstop_leaving`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::shares::{COOLDOWN_SECONDS, UNOWNED_SHARES_MIN};
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::Sent;
use breakwater_tests::world::{World, USD};
use breakwater_tests::{assert_refused, Pool};

pub(crate) const BACKSTOP: Pool = Pool::Backstop;
/// Shares of the liquidity provider, who was the first to enter.
pub(crate) const SHARES: u64 = BACKSTOP_ATOMS - UNOWNED_SHARES_MIN;
const PUT_IN: u64 = 1_000 * USD;

/// [`holding`], and "late" with an open stake.
pub(crate) fn entered() -> World {
    let mut world = holding();
    world.trader("late", 0);
    world.open_stake("late", BACKSTOP).unwrap();
    world
}

/// The same after the liquidity provider asked for all shares and waited.
pub(crate) fn waited() -> World {
    let mut world = entered();
    world.request_unstake("lp", BACKSTOP, SHARES).unwrap();
    cool_down(&mut world);
    world
}

fn stake(world: &World, atoms: u64, least_shares: u64) -> Instruction {
    let (tokens, markets) = (tokens(world, "lp"), world.stage.markets_with_backstop(&[]));
    build::stake_backstop(world.stage.exchange, owner(world, "lp"), tokens, atoms, least_shares, &markets)
}

fn request(world: &World, shares: u64) -> Instruction {
    let markets = world.stage.markets_with_backstop(&[]);
    build::request_unstake_backstop(world.stage.exchange, owner(world, "lp"), shares, &markets)
}

fn unstake(world: &World) -> Instruction {
    let (tokens, markets) = (tokens(world, "lp"), world.stage.markets_with_backstop(&[]));
    build::unstake_backstop(world.stage.exchange, owner(world, "lp"), tokens, 0, &markets)
}

fn send(world: &mut World, instruction: Instruction) -> Sent {
    world.send_as("lp", &[instruction])
}

pub(crate) fn capital(world: &World) -> u64 {
    world.backstop().account.state.capital_atoms
}

pub(crate) fn total(world: &World) -> u64 {
    world.backstop().backstop.state.shares.total
}

/// What the confidence of the price is worth on the lots that the backstop holds, rounded up.
pub(crate) fn shift(world: &World) -> u64 {
    (world.inventory(0).unsigned_abs() * world.market(0).state.confidence).div_ceil(PPM)
}

/// A part of the notional that the backstop holds, in ppm, rounded up.
pub(crate) fn of_notional(world: &World, ppm: u32) -> u64 {
    (notional(world) * u64::from(ppm)).div_ceil(PPM)
}

/// Notional that the backstop holds, rounded up.
pub(crate) fn notional(world: &World) -> u64 {
    (world.inventory(0).unsigned_abs() * world.mark(0)).div_ceil(PPM)
}

pub(crate) fn part(atoms: u64, of: u64, whole: u64) -> u64 {
    (u128::from(atoms) * u128::from(of) / u128::from(whole)) as u64
}

#[test]
fn stake_backstop_issues_shares_at_par_with_every_leg_in_favour_of_those_who_are_there() {
    let mut world = backed();
    assert_eq!((total(&world), world.stake_of("lp", BACKSTOP).state.shares), (BACKSTOP_ATOMS, SHARES));
    let exchange = world.stage.exchange_account();
    world.stake("lp", BACKSTOP, PUT_IN).unwrap();
    assert_eq!(world.stake_of("lp", BACKSTOP).state.shares, SHARES + PUT_IN, "nothing earned: one share an atom");
    let after = world.stage.exchange_account();
    assert_eq!((after.booked_atoms, after.sequence), (exchange.booked_atoms + PUT_IN, exchange.sequence + 1));

    let mut world = entered();
    let (had, shares) = (capital(&world), total(&world));
    assert!(had > BACKSTOP_ATOMS, "it was paid for the leg that it took");
    world.fall_to(0, 210 * USD); // a claim that is not settled
    let gain = LOTS_10K * 10 * 10; // $10 a token, 10^-5 tokens a lot
    let value = had + gain + of_notional(&world, world.market(0).state.params.worst_move_ppm);
    let vault = vault_balance(&world);
    world.stake("late", BACKSTOP, PUT_IN).unwrap();
    let issued = world.stake_of("late", BACKSTOP).state.shares;
    assert_eq!((issued, total(&world)), (part(PUT_IN, shares, value), shares + issued));
    assert_eq!((capital(&world), vault_balance(&world)), (had + PUT_IN, vault + PUT_IN));
}

#[test]
fn stake_backstop_refuses_nothing_too_little_and_more_than_there_is() {
    let mut world = quick();
    world.stage.create_backstop(LOSS_LINE_PPM).unwrap();
    world.trader("lp", 0);
    world.open_stake("lp", BACKSTOP).unwrap();
    for (atoms, least, error) in [
        (0, 0, BreakwaterError::AmountZero),
        (UNOWNED_SHARES_MIN, 0, BreakwaterError::StakeTooSmall),
        (PUT_IN, PUT_IN - UNOWNED_SHARES_MIN + 1, BreakwaterError::SharesBelowLeast),
        (1 << 57, 0, BreakwaterError::Overflow), // beyond the capital of an account
        (u64::MAX, 0, BreakwaterError::Overflow),
    ] {
        let instruction = stake(&world, atoms, least);
        assert_refused(send(&mut world, instruction), error);
    }
    let all = wallet(&world, "lp");
    let instruction = stake(&world, all + 1, 0);
    assert_refused(send(&mut world, instruction), BreakwaterError::InsufficientTokens);
    let instruction = stake(&world, PUT_IN, PUT_IN - UNOWNED_SHARES_MIN);
    send(&mut world, instruction).unwrap();
}

#[test]
fn stake_backstop_counts_the_worst_move_in_favour_of_those_inside_and_the_gap_without_a_price_for_new_risk() {
    let serves = |_: &mut World| ();
    let stale = |world: &mut World| world.pass(23);
    let wide = |world: &mut World| world.stage.publish(0, 200 * USD, 5_100).map(|_| ()).unwrap();
    let (move_ppm, gap_ppm) = (MarketParams::SOL.worst_move_ppm, MarketParams::SOL.backstop_gap_ppm);
    let cases: [(Prepare, u32); 3] = [(serves, move_ppm), (stale, gap_ppm), (wide, gap_ppm)];
    for (prepare, unseen_ppm) in cases {
        let mut world = entered();
        world.pass(5);
        prepare(&mut world);
        let (value, shares) = (capital(&world) + of_notional(&world, unseen_ppm), total(&world));
        world.stake("late", BACKSTOP, PUT_IN).unwrap();
        assert_eq!(world.stake_of("late", BACKSTOP).state.shares, part(PUT_IN, shares, value));
    }
    // What it does not hold counts for nothing.
    let mut flat = backed();
    flat.pass(23);
    flat.stake("lp", BACKSTOP, PUT_IN).unwrap();
    assert_eq!(flat.stake_of("lp", BACKSTOP).state.shares, SHARES + PUT_IN);
}

#[test]
fn nobody_enters_a_backstop_without_worth_before_it_is_rid_of_what_it_holds() {
    let mut world = entered();
    world.leave_backstop_capital(0, "maker");
    // At 200 the worst move in its favour is still worth something.
    let (value, shares) = (of_notional(&world, MarketParams::SOL.worst_move_ppm), total(&world));
    world.stake("late", BACKSTOP, PUT_IN).unwrap();
    assert!(value >= shares >> 10, "not worn");
    assert_eq!(world.stake_of("late", BACKSTOP).state.shares, part(PUT_IN, shares, value));
    // It owes more than that: nothing is left.
    let mut world = entered();
    world.leave_backstop_capital(0, "maker");
    world.fall_to(0, 196 * USD);
    assert!(LOTS_10K * 4 * 10 > of_notional(&world, MarketParams::SOL.worst_move_ppm));
    assert_refused(world.stake("late", BACKSTOP, PUT_IN), BreakwaterError::BackstopStandsAside);
}

#[test]
fn shares_of_a_worn_backstop_are_divided_by_1024_when_the_next_enters_and_stay_worth_their_part() {
    let line = BACKSTOP_ATOMS >> 10;
    for (left, divided) in [(line, false), (line - 1, true)] {
        let mut world = backed();
        world.edit_backstop(|backstop| backstop.state.day = 7);
        world.leave_backstop_capital(left, "maker");
        world.trader("late", 0);
        world.open_stake("late", BACKSTOP).unwrap();
        world.stake("late", BACKSTOP, PUT_IN).unwrap();
        let state = world.backstop().backstop.state;
        let (had, held) = if divided { (line + UNOWNED_SHARES_MIN, SHARES >> 10) } else { (BACKSTOP_ATOMS, SHARES) };
        assert_eq!((state.shares.generation, state.day), if divided { (1, 0) } else { (0, 7) });
        let issued = part(PUT_IN, had, left);
        assert_eq!((state.shares.total, world.stake_of("late", BACKSTOP).state.shares), (had + issued, issued));
        assert_refused(world.request_unstake("lp", BACKSTOP, held + 1), BreakwaterError::InsufficientShares);
        world.request_unstake("lp", BACKSTOP, held).unwrap();
        let request = world.stake_of("lp", BACKSTOP).state;
        assert_eq!((request.shares, request.requested_shares), (held, held));
        assert_eq!(request.requested_atoms, part(held, left + PUT_IN, had + issued));
    }
}

#[test]
fn shares_of_a_backstop_that_lost_everything_are_void_once_the_next_enters() {
    let mut world = backed();
    world.leave_backstop_capital(0, "maker");
    world.trader("late", 0);
    world.open_stake("late", BACKSTOP).unwrap();
    world.stake("late", BACKSTOP, PUT_IN).unwrap();
    assert_eq!(total(&world), PUT_IN);
    assert_eq!(world.stake_of("late", BACKSTOP).state.shares, PUT_IN - UNOWNED_SHARES_MIN);
    assert_refused(world.request_unstake("lp", BACKSTOP, 1), BreakwaterError::InsufficientShares);
    world.close_stake("lp", BACKSTOP).unwrap();
}

#[test]
fn stake_backstop_refuses_wrong_signer_mint_source_vault_backstop_and_stake() {
    let mut world = entered();
    let other = Other::beside(&mut world).with_pools(&mut world);
    let (lp, exchange) = (owner(&world, "lp"), world.stage.exchange);
    world.open_stake("lp", Pool::Insurance).unwrap();
    let (mint, foreign) = foreign_mint(&mut world, lp);
    let right = stake(&world, PUT_IN, 0);
    let own_stake = address::stake(&world.pool(BACKSTOP), &lp);
    let account = address::backstop_account(&exchange);
    for (from, to, error) in [
        (world.stage.mint, mint, BreakwaterError::WrongMint),
        (world.who("lp").wallet, foreign, BreakwaterError::WrongMint),
        (address::vault(&exchange), other.vault(), BreakwaterError::WrongVault),
        (world.pool(BACKSTOP), address::backstop(&other.exchange), BreakwaterError::WrongExchange),
        (exchange, other.exchange, BreakwaterError::WrongExchange),
        (account, address::backstop_account(&other.exchange), BreakwaterError::WrongBackstop),
        (account, world.who("maker").account, BreakwaterError::WrongBackstop),
        (own_stake, address::stake(&world.pool(Pool::Insurance), &lp), BreakwaterError::WrongStake),
        (own_stake, address::stake(&world.pool(BACKSTOP), &owner(&world, "late")), BreakwaterError::NotOwner),
    ] {
        let instruction = right.clone().swapped(from, to);
        assert_refused(send(&mut world, instruction), error);
    }
    assert_anchor(world.send(&[right.clone().unsigned(lp)], &[]), ErrorCode::AccountNotSigner);
    let stolen = right.clone().swapped(world.who("lp").wallet, world.who("maker").wallet);
    assert_refused(send(&mut world, stolen), BreakwaterError::NotTokenOwner);
    for key in [exchange, world.pool(BACKSTOP), account, own_stake, world.who("lp").wallet, address::vault(&exchange)] {
        assert_anchor(send(&mut world, right.clone().readonly(key)), ErrorCode::ConstraintMut);
    }
}

#[test]
fn a_request_values_profits_at_nothing_and_losses_in_full_at_the_marks() {
    let mut world = entered();
    let had = capital(&world);
    for (price, lost) in [(220 * USD, 0), (190 * USD, LOTS_10K * 10 * 10)] {
        world.fall_to(0, price);
        world.request_unstake("lp", BACKSTOP, SHARES).unwrap();
        let request = world.stake_of("lp", BACKSTOP).state;
        let worth = part(SHARES, had - lost, total(&world)); // at the marks
        assert_eq!((request.requested_shares, request.requested_atoms), (SHARES, worth));
        assert_eq!(request.redeemable_at, world.stage.time().1 + COOLDOWN_SECONDS);
    }
    assert_refused(world.request_unstake("lp", BACKSTOP, SHARES + 1), BreakwaterError::InsufficientShares);
    assert_refused(world.request_unstake("late", BACKSTOP, 1), BreakwaterError::InsufficientShares);
    assert_refused(world.request_unstake("late", BACKSTOP, 0), BreakwaterError::NothingToDo);
    world.request_unstake("lp", BACKSTOP, 0).unwrap();
    let request = world.stake_of("lp", BACKSTOP).state;
    assert_eq!((request.requested_shares, request.requested_atoms, request.redeemable_at), (0, 0, 0));
    assert_refused(world.unstake("lp", BACKSTOP), BreakwaterError::NothingToDo);
}

#[test]
fn a_request_counts_at_the_last_marks_whatever_their_age() {
    let mut world = entered();
    world.pass(23);
    world.request_unstake("lp", BACKSTOP, SHARES).unwrap();
    assert_eq!(world.stake_of("lp", BACKSTOP).state.requested_atoms, part(SHARES, capital(&world), total(&world)));
}

#[test]
fn all_steps_refuse_markets_left_out_foreign_or_no_markets() {
    let mut world = waited();
    let other = Other::beside(&mut world);
    let market = world.stage.markets[0].key;
    for right in [stake(&world, PUT_IN, 0), request(&world, 1), unstake(&world)] {
        let mut missing = right.clone();
        missing.accounts.retain(|meta| meta.pubkey != market);
        assert_refused(send(&mut world, missing), BreakwaterError::NoSuchMarket);
        let foreign = right.clone().swapped(market, other.market.key);
        assert_refused(send(&mut world, foreign), BreakwaterError::WrongExchange);
        let no_market = right.clone().swapped(market, world.who("maker").account);
        assert_refused(send(&mut world, no_market), BreakwaterError::WrongMarketAccount);
    }
}

#[test]
fn leaving_refuses_wrong_signer_backstop_stake_and_destination() {
    let mut world = waited();
    let other = Other::beside(&mut world).with_pools(&mut world);
    let (lp, late, exchange) = (owner(&world, "lp"), owner(&world, "late"), world.stage.exchange);
    world.open_stake("lp", Pool::Insurance).unwrap();
    let (mint, foreign) = foreign_mint(&mut world, lp);
    let own_stake = address::stake(&world.pool(BACKSTOP), &lp);
    for right in [request(&world, 1), unstake(&world)] {
        for (from, to, error) in [
            (world.pool(BACKSTOP), address::backstop(&other.exchange), BreakwaterError::WrongExchange),
            (
                address::backstop_account(&exchange),
                address::backstop_account(&other.exchange),
                BreakwaterError::WrongBackstop,
            ),
            (own_stake, address::stake(&world.pool(Pool::Insurance), &lp), BreakwaterError::WrongStake),
            (own_stake, address::stake(&world.pool(BACKSTOP), &late), BreakwaterError::NotOwner),
        ] {
            let instruction = right.clone().swapped(from, to);
            assert_refused(send(&mut world, instruction), error);
        }
        let stolen = right.clone().swapped(lp, late);
        assert_refused(world.send_as("late", &[stolen]), BreakwaterError::NotOwner);
        assert_anchor(world.send(&[right.clone().unsigned(lp)], &[]), ErrorCode::AccountNotSigner);
        assert_anchor(send(&mut world, right.clone().readonly(own_stake)), ErrorCode::ConstraintMut);
    }
    for (from, to, error) in [
        (world.stage.mint, mint, BreakwaterError::WrongMint),
        (world.who("lp").wallet, foreign, BreakwaterError::WrongMint),
        (world.who("lp").wallet, world.who("late").wallet, BreakwaterError::WrongDestination),
        (address::vault(&exchange), Pubkey::new_unique(), BreakwaterError::WrongVault),
    ] {
        let instruction = unstake(&world).swapped(from, to);
        assert_refused(send(&mut world, instruction), error);
    }
}
