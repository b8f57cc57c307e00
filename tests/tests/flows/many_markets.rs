//! The widest transactions of the pools: they fit the 1 232 bytes of a packet and the 64 locks of an account list, through
//! one lookup table. On SBF the compute units are printed.

use crate::sixteen_legs::{markets, open_legs};
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{BreakwaterError, MAX_MARKETS};
use breakwater_risk::shares::COOLDOWN_SECONDS;
use breakwater_risk::units::MAX_LEGS;
use breakwater_sdk::{instruction as build, lookup};
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::{assert_refused, Pool};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Bytes of a transaction at most.
const PACKET_BYTES: usize = 1_232;
/// Accounts that a transaction locks at most.
const MAX_LOCKS: usize = 64;
/// Compute units of a transaction at most.
const MAX_UNITS: u64 = 1_400_000;

/// Sends one instruction through a table of all its keys and asserts that it fits.
#[track_caller]
fn send_through_a_table(world: &mut World, name: &str, instruction: Instruction, signers: &[&Keypair]) {
    let instructions = [instruction];
    assert!(lookup::needs_table(&instructions));
    let table = world.stage.bank.make_table(lookup::table_keys(&instructions));
    let (bytes, keys) = world.stage.bank.measure(&instructions, signers, std::slice::from_ref(&table));
    assert!(bytes <= PACKET_BYTES && keys <= MAX_LOCKS, "{name}: {bytes} bytes, {keys} keys");
    let done = world.stage.bank.send_with_tables(&instructions, signers, &[table]).unwrap();
    world.check();
    println!("{name}: {bytes} bytes, {keys} keys, {} compute units", done.compute_units);
    assert!(done.compute_units < MAX_UNITS);
}

#[test]
fn who_leaves_the_insurance_fund_passes_all_48_markets_in_one_transaction() {
    let mut world = World::new();
    for _ in 0..MAX_MARKETS {
        world.list(&sol_params(), 200 * USD);
    }
    assert!(world.stage.list_market(&sol_params(), -5).is_err(), "no market beyond them");
    for name in ["staker", "long", "short"] {
        world.trader(name, 100_000 * USD);
    }
    world.open_stake("staker", Pool::Insurance).unwrap();
    world.stake("staker", Pool::Insurance, 1_000 * USD).unwrap();
    let all = world.stake_of("staker", Pool::Insurance).state.shares;
    let (key, exchange, markets) =
        (world.who("staker").key.insecure_clone(), world.stage.exchange, world.stage.all_markets());
    let request = build::request_unstake_insurance(exchange, key.pubkey(), all, &markets);
    send_through_a_table(&mut world, "request_unstake_insurance, 48 markets", request, &[&key]);
    world.pass(u64::try_from(COOLDOWN_SECONDS).unwrap() * 5 / 2);
    for market in 0..MAX_LEGS {
        world.stage.publish(market, 200 * USD, 300).unwrap();
        world.trade(market, "long", "short", 1_000_000).unwrap();
        world.pass(1);
    }
    let tokens = world.stage.tokens(world.who("staker").wallet);
    let unstake = build::unstake_insurance(exchange, key.pubkey(), tokens, 0, &markets);
    let before = world.fund().state.balance_atoms;
    send_through_a_table(
        &mut world,
        "unstake_insurance, 48 markets, 16 with lots, first call",
        unstake.clone(),
        &[&key],
    );
    world.pass_to_second_call();
    send_through_a_table(&mut world, "unstake_insurance, 48 markets, 16 with lots", unstake, &[&key]);
    assert_eq!(before - world.fund().state.balance_atoms, all);
}

/// Markets for the backstop, which holds the first `held`, and for "trader", who has a leg in each of the 16 after them.
fn crowded(held: usize) -> World {
    let mut world = markets(MAX_LEGS + held).with_backstop(900_000, 10_000_000 * USD);
    for market in 0..held {
        let price = world.price(0);
        world.publish_among(0, price);
        world.give_inventory(market, "maker", 1_000_000);
    }
    world.trader("trader", 100_000 * USD);
    let price = world.price(0);
    world.publish_among(0, price);
    open_legs(&mut world, "trader", held, MAX_LEGS);
    world
}

/// Leaves "trader" this part of maintenance, in percent.
fn weaken(world: &mut World, percent: u64) {
    let health = world.health("trader", 0, breakwater_risk::health::Stance::Favour);
    world.leave_capital("trader", health.maintenance() * percent / 100, "maker");
    let price = world.price(0);
    world.publish_among(0, price);
}

#[test]
fn the_backstop_absorbs_one_of_sixteen_legs_while_it_holds_fifteen_others() {
    let mut world = crowded(MAX_LEGS - 1);
    weaken(&mut world, 40);
    let (exchange, account, market) = (world.stage.exchange, world.who("trader").account, world.stage.markets[15].key);
    let others = world.stage.markets_with_backstop(&[account]);
    assert_eq!(others.len(), 31);
    let instruction = build::absorb(exchange, market, account, &others);
    send_through_a_table(&mut world, "absorb, 16 legs, 15 other legs", instruction, &[]);
    assert!(world.inventory(15) > 0);
    // A keeper with sixteen legs of its own buys what it took.
    let keeper = world.who("keeper").key.insecure_clone();
    open_legs(&mut world, "keeper", MAX_LEGS - 1, MAX_LEGS);
    let price = world.price(0);
    world.publish_among(0, price);
    let others = world.stage.markets_with_backstop(&[world.who("keeper").account]);
    let unwind = build::unwind(exchange, keeper.pubkey(), market, world.who("keeper").account, 5_000, &others);
    send_through_a_table(&mut world, "unwind, 16 legs, keeper 16 legs", unwind, &[&keeper]);
}

#[test]
fn deleverage_and_absorb_carry_sixteen_and_sixteen_distinct_markets() {
    let mut world = crowded(MAX_LEGS);
    weaken(&mut world, 15);
    let (exchange, account, market) = (world.stage.exchange, world.who("trader").account, world.stage.markets[16].key);
    let others = world.stage.markets_with_backstop(&[account]);
    assert_eq!(others.len(), 32);
    // The backstop serves no seventeenth market: it refuses, and for that deleveraging need not wait.
    let absorb = build::absorb(exchange, market, account, &others);
    let table = world.stage.bank.make_table(lookup::table_keys(std::slice::from_ref(&absorb)));
    let sent = world.stage.bank.send_with_tables(&[absorb], &[], &[table]);
    assert_refused(sent, BreakwaterError::NoBackstop);
    let instruction = build::deleverage(exchange, market, account, &others);
    send_through_a_table(&mut world, "deleverage, 16 legs, backstop 16 other legs", instruction, &[]);
    assert_eq!(world.lots("trader", 16), 0);
    // Those who stake and leave pass what it holds.
    let provider = world.who("lp").key.insecure_clone();
    let held = world.stage.markets_with_backstop(&[]);
    let tokens = world.stage.tokens(world.who("lp").wallet);
    let stake = build::stake_backstop(exchange, provider.pubkey(), tokens, 1_000 * USD, 0, &held);
    let (bytes, keys) = world.stage.bank.measure(std::slice::from_ref(&stake), &[&provider], &[]);
    println!("stake_backstop, 16 legs: {bytes} bytes without a table, {keys} keys");
    assert!(bytes <= PACKET_BYTES);
    world.send(&[stake], &[&provider]).unwrap();
}
