//! `refresh_market` from legacy Pyth push accounts.

use crate::support::*;
use anchor_lang::prelude::Pubkey;
use breakwater::{BreakwaterError, CreateMarketArgs, InitializeExchangeArgs};
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::{Listed, Stage};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, LOT_EXPONENT, USD};
use solana_signer::Signer;

/// Bytes of a legacy price account with 32 publishers.
const BYTES: usize = 3_312;
/// Statuses of the layout.
const UNKNOWN: u32 = 0;
const TRADING: u32 = 1;
const HALTED: u32 = 2;

/// A legacy price account with a price of exponent −8 that is trading.
pub fn trading(price: i64, confidence: u64, publish_time: i64) -> Vec<u8> {
    legacy(price, confidence, publish_time, TRADING)
}

/// A legacy price account as Pyth's push oracle wrote it: the fields that are read, at their offsets.
fn legacy(price: i64, confidence: u64, publish_time: i64, status: u32) -> Vec<u8> {
    let mut data = vec![0; BYTES];
    let mut put = |at: usize, bytes: &[u8]| data[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &0xa1b2_c3d4_u32.to_le_bytes()); // magic
    put(4, &2_u32.to_le_bytes()); // version
    put(8, &3_u32.to_le_bytes()); // account type: price
    put(12, &(BYTES as u32).to_le_bytes()); // size
    put(16, &1_u32.to_le_bytes()); // price type
    put(20, &(-8_i32).to_le_bytes()); // exponent
    put(48, &price.to_le_bytes()); // mean price
    put(72, &confidence.to_le_bytes()); // mean confidence
    put(96, &publish_time.to_le_bytes());
    put(208, &price.to_le_bytes()); // aggregate
    put(216, &confidence.to_le_bytes());
    put(224, &status.to_le_bytes());
    data
}

/// An exchange that accepts legacy accounts of `oracle`, and a market that names `key`; `oracle` or `key` default = none.
fn world_with(oracle: Pubkey, key: Pubkey) -> World {
    let mut world = with_terms(InitializeExchangeArgs { legacy_oracle: oracle, ..Stage::exchange_args(1) });
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let args = CreateMarketArgs {
        feed_id: [5; 32],
        legacy_price_account: key,
        lot_exponent: LOT_EXPONENT,
        seed_atoms: USD,
        bond_atoms: 3 * USD,
        params: bytemuck::cast(sol_params()),
    };
    let tokens = world.stage.tokens(world.stage.treasury);
    world.stage.send_as_authority(&[build::create_market(exchange, authority, 0, tokens, args)]).unwrap();
    let market = address::market(&exchange, 0);
    world.stage.markets.push(Listed {
        key: market,
        index: 0,
        feed_id: [5; 32],
        price_account: key,
        lot_exponent: LOT_EXPONENT,
    });
    world.check();
    world
}

struct Setup {
    world: World,
    oracle: Pubkey,
    key: Pubkey,
    now: i64,
}

fn setup() -> Setup {
    let (oracle, key) = (Pubkey::new_unique(), Pubkey::new_unique());
    let world = world_with(oracle, key);
    let now = world.stage.time().1;
    Setup { world, oracle, key, now }
}

#[test]
fn refresh_market_reads_the_legacy_account_that_the_market_names() {
    let Setup { mut world, oracle, key, now } = setup();
    world.stage.bank.set_account(&key, oracle, legacy(200 * 100_000_000, 6_000_000, now, TRADING));
    world.refresh(0).unwrap();
    let state = world.market(0).state;
    assert_eq!((state.mark, state.confidence, state.publish_time), (2_000_000_000, 600_000, now));
    // A longer account is read alike.
    world.pass(5);
    let mut data = legacy(201 * 100_000_000, 6_000_000, now + 2, TRADING);
    data.resize(BYTES + 100, 7);
    world.stage.bank.set_account(&key, oracle, data);
    world.refresh(0).unwrap();
    assert_eq!(world.mark(0), 2_010_000_000);
}

#[test]
fn refresh_market_takes_both_kinds_of_account_for_one_market() {
    let Setup { mut world, oracle, key, now } = setup();
    world.stage.bank.set_account(&key, oracle, legacy(200 * 100_000_000, 6_000_000, now, TRADING));
    world.refresh(0).unwrap();
    world.pass(5);
    let update = Pubkey::new_unique();
    let price = observation(&world, 0, 202 * USD, 300);
    world.stage.bank.post_price(&update, &price);
    let instruction = build::refresh_market(world.stage.exchange, world.stage.markets[0].key, update);
    world.send(&[instruction], &[]).unwrap();
    assert_eq!(world.mark(0), 2_020_000_000);
}

#[test]
fn refresh_market_refuses_a_legacy_account_that_the_market_does_not_name() {
    let Setup { mut world, oracle, now, .. } = setup();
    let wrong = Pubkey::new_unique();
    world.stage.bank.set_account(&wrong, oracle, legacy(200 * 100_000_000, 6_000_000, now, TRADING));
    let instruction = build::refresh_market(world.stage.exchange, world.stage.markets[0].key, wrong);
    assert_refused(world.send(&[instruction], &[]), BreakwaterError::WrongFeed);
}

#[test]
fn refresh_market_refuses_a_legacy_account_of_another_program() {
    let Setup { mut world, key, now, .. } = setup();
    for owner in [Pubkey::new_unique(), Pubkey::default()] {
        world.stage.bank.set_account(&key, owner, legacy(200 * 100_000_000, 6_000_000, now, TRADING));
        assert_refused(world.refresh(0), BreakwaterError::WrongOracle);
    }
}

#[test]
fn an_exchange_without_a_legacy_program_accepts_none_not_even_of_the_system_program() {
    let key = Pubkey::new_unique();
    let mut world = world_with(Pubkey::default(), key);
    let now = world.stage.time().1;
    for owner in [Pubkey::default(), Pubkey::new_unique()] {
        world.stage.bank.set_account(&key, owner, legacy(200 * 100_000_000, 6_000_000, now, TRADING));
        assert_refused(world.refresh(0), BreakwaterError::WrongOracle);
    }
}

#[test]
fn a_market_without_a_legacy_account_accepts_none() {
    let oracle = Pubkey::new_unique();
    let mut world = world_with(oracle, Pubkey::default());
    let (now, key) = (world.stage.time().1, Pubkey::new_unique());
    world.stage.bank.set_account(&key, oracle, legacy(200 * 100_000_000, 6_000_000, now, TRADING));
    let instruction = build::refresh_market(world.stage.exchange, world.stage.markets[0].key, key);
    assert_refused(world.send(&[instruction], &[]), BreakwaterError::WrongFeed);
}

#[test]
fn refresh_market_refuses_a_legacy_price_that_is_not_trading() {
    let Setup { mut world, oracle, key, now } = setup();
    for status in [UNKNOWN, HALTED] {
        world.stage.bank.set_account(&key, oracle, legacy(200 * 100_000_000, 6_000_000, now, status));
        assert_refused(world.refresh(0), BreakwaterError::PriceUnverified);
    }
}

#[test]
fn refresh_market_refuses_legacy_accounts_that_cannot_be_read() {
    let Setup { mut world, oracle, key, now } = setup();
    let good = legacy(200 * 100_000_000, 6_000_000, now, TRADING);
    let spoilt = |at: usize| good.iter().enumerate().map(|(i, b)| if i == at { !b } else { *b }).collect::<Vec<u8>>();
    for data in [vec![], good[..BYTES - 1].to_vec(), vec![0; BYTES], spoilt(0), spoilt(4), spoilt(8)] {
        world.stage.bank.set_account(&key, oracle, data);
        assert_refused(world.refresh(0), BreakwaterError::PriceUnreadable);
    }
}

#[test]
fn legacy_prices_obey_the_same_rules_of_age_and_range() {
    let Setup { mut world, oracle, key, now } = setup();
    let dollar = 100_000_000;
    for (price, publish_time, error) in [
        (200 * dollar, now - 9, BreakwaterError::PriceTooOld),
        (200 * dollar, now + 16, BreakwaterError::PriceFromFuture),
        (0, now, BreakwaterError::PriceOutOfRange),
        (-200 * dollar, now, BreakwaterError::PriceOutOfRange),
    ] {
        world.stage.bank.set_account(&key, oracle, legacy(price, 6_000_000, publish_time, TRADING));
        assert_refused(world.refresh(0), error);
    }
    world.stage.bank.set_account(&key, oracle, legacy(200 * dollar, 6_000_000, now, TRADING));
    world.refresh(0).unwrap();
    let taken = world.market(0);
    world.pass(5);
    world.refresh(0).unwrap();
    assert_eq!((world.market(0).state, world.market(0).sequence), (taken.state, taken.sequence));
}
