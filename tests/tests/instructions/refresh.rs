//! `refresh_market` from `PriceUpdateV2` accounts. The legacy layout is in `legacy_price.rs`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use breakwater::{BreakwaterError, InitializeExchangeArgs};
use breakwater_sdk::instruction as build;
use breakwater_sim::bank::{PythPrice, PYTH_RECEIVER};
use breakwater_sim::stage::Stage;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};
use pyth_solana_receiver_sdk::price_update::VerificationLevel;

#[test]
fn refresh_market_takes_a_price_into_the_market() {
    let mut world = quick();
    let before = world.market(0);
    world.pass(5);
    let price = observation(&world, 0, 210_500_000, 400);
    refresh_with(&mut world, 0, &price).unwrap();
    let after = world.market(0);
    // Dollars per token · 10^6 atoms · 10^-5 tokens per lot · 10^6.
    assert_eq!((after.state.mark, after.state.previous_mark), (2_105_000_000, before.state.mark));
    assert_eq!((after.state.mark_slot, after.state.publish_time), world.stage.time());
    assert_eq!((after.state.confidence, after.sequence), (2_105_000_000 * 400 / 1_000_000, before.sequence + 1));
}

#[test]
fn refresh_market_accepts_every_receiver_of_the_exchange_and_no_other_owner() {
    let second = Pubkey::new_unique();
    let mut receivers = Stage::exchange_args(1).receivers;
    receivers[3] = second;
    let mut world = with_terms(InitializeExchangeArgs { receivers, ..Stage::exchange_args(1) });
    world.list(&sol_params(), 200 * USD);
    let key = world.stage.markets[0].price_account;
    for (owner, is_accepted) in [
        (PYTH_RECEIVER, true),
        (second, true),
        (Pubkey::new_unique(), false),
        (breakwater::ID, false),
        (Pubkey::default(), false),
    ] {
        world.pass(5);
        let price = observation(&world, 0, 200 * USD, 300);
        world.stage.bank.post_price_as(&key, &price, owner, VerificationLevel::Full);
        match is_accepted {
            true => drop(world.refresh(0).unwrap()),
            false => assert_refused(world.refresh(0), BreakwaterError::WrongOracle),
        }
    }
}

#[test]
fn refresh_market_refuses_a_price_account_that_does_not_exist() {
    let mut world = quick();
    world.pass(5);
    let (market, exchange) = (world.stage.markets[0].key, world.stage.exchange);
    let instruction = build::refresh_market(exchange, market, Pubkey::new_unique());
    assert_refused(world.send(&[instruction], &[]), BreakwaterError::WrongOracle);
}

#[test]
fn refresh_market_refuses_another_feed() {
    let mut world = quick();
    world.pass(5);
    let price = PythPrice { feed_id: [1; 32], ..observation(&world, 0, 200 * USD, 300) };
    assert_refused(refresh_with(&mut world, 0, &price), BreakwaterError::WrongFeed);
}

#[test]
fn refresh_market_refuses_a_partially_verified_price() {
    let mut world = quick();
    world.pass(5);
    let price = observation(&world, 0, 200 * USD, 300);
    let key = world.stage.markets[0].price_account;
    for num_signatures in [0, 5, 12, 255] {
        let level = VerificationLevel::Partial { num_signatures };
        world.stage.bank.post_price_as(&key, &price, PYTH_RECEIVER, level);
        assert_refused(world.refresh(0), BreakwaterError::PriceUnverified);
    }
}

#[test]
fn refresh_market_refuses_accounts_of_the_receiver_that_are_no_price() {
    let mut world = quick();
    world.pass(5);
    world.stage.post(0, 200 * USD, 300);
    let key = world.stage.markets[0].price_account;
    let good = world.stage.bank.data(&key).unwrap();
    let other_type: Vec<u8> = good.iter().enumerate().map(|(at, byte)| if at == 0 { !byte } else { *byte }).collect();
    let bad_level: Vec<u8> = good.iter().enumerate().map(|(at, byte)| if at == 40 { 9 } else { *byte }).collect();
    for data in [vec![], vec![0; 134], good[..100].to_vec(), other_type, bad_level] {
        world.stage.bank.set_account(&key, PYTH_RECEIVER, data);
        assert_refused(world.refresh(0), BreakwaterError::PriceUnreadable);
    }
    world.stage.bank.set_account(&key, PYTH_RECEIVER, good);
    world.refresh(0).unwrap();
}

#[test]
fn refresh_market_refuses_prices_out_of_range() {
    let mut world = quick();
    world.pass(5);
    let good = observation(&world, 0, 200 * USD, 300);
    for (price, exponent) in [(0, -8), (-1, -8), (i64::MIN, -8), (i64::MAX, -8), (1, i32::MAX)] {
        let price = PythPrice { price, exponent, ..good };
        assert_refused(refresh_with(&mut world, 0, &price), BreakwaterError::PriceOutOfRange);
    }
}

#[test]
fn refresh_market_passes_over_a_price_that_is_not_newer_and_succeeds() {
    let mut world = quick();
    let before = world.market(0);
    let last = before.state.publish_time;
    world.pass(5);
    for publish_time in [last, last - 1, i64::MIN + 1] {
        let price = PythPrice { publish_time, ..observation(&world, 0, 150 * USD, 300) };
        refresh_with(&mut world, 0, &price).unwrap();
        assert_eq!((world.market(0).state, world.market(0).sequence), (before.state, before.sequence));
    }
    let price = PythPrice { publish_time: last + 1, ..observation(&world, 0, 200 * USD, 300) };
    refresh_with(&mut world, 0, &price).unwrap();
}

#[test]
fn refresh_market_refuses_a_price_older_than_eight_seconds() {
    let mut world = quick();
    world.pass(100);
    let now = world.stage.time().1;
    let price = observation(&world, 0, 200 * USD, 300);
    let stale = PythPrice { publish_time: now - 9, ..price };
    assert_refused(refresh_with(&mut world, 0, &stale), BreakwaterError::PriceTooOld);
    refresh_with(&mut world, 0, &PythPrice { publish_time: now - 8, ..price }).unwrap();
}

#[test]
fn refresh_market_refuses_a_price_more_than_fifteen_seconds_ahead_of_the_clock() {
    let mut world = quick();
    world.pass(5);
    let now = world.stage.time().1;
    let price = observation(&world, 0, 200 * USD, 300);
    for publish_time in [now + 16, i64::MAX] {
        let ahead = PythPrice { publish_time, ..price };
        assert_refused(refresh_with(&mut world, 0, &ahead), BreakwaterError::PriceFromFuture);
    }
    refresh_with(&mut world, 0, &PythPrice { publish_time: now + 15, ..price }).unwrap();
    assert_eq!(world.market(0).state.publish_time, now + 15);
}

#[test]
fn refresh_market_takes_one_price_per_slot_and_passes_over_the_next() {
    let mut world = quick();
    world.pass(5);
    let price = observation(&world, 0, 200 * USD, 300);
    refresh_with(&mut world, 0, &price).unwrap();
    let taken = world.market(0);
    let second = PythPrice { publish_time: price.publish_time + 1, price: price.price / 2, ..price };
    refresh_with(&mut world, 0, &second).unwrap();
    assert_eq!((world.market(0).state, world.market(0).sequence), (taken.state, taken.sequence));
    world.pass(1);
    world.refresh(0).unwrap();
    assert_eq!(world.market(0).state.publish_time, second.publish_time);
}

#[test]
fn refresh_market_refuses_a_market_of_another_exchange_and_what_is_no_market() {
    let mut world = pair();
    let other = Other::beside(&mut world);
    world.pass(5);
    world.stage.post(0, 200 * USD, 300);
    let (exchange, listed) = (world.stage.exchange, world.stage.markets[0]);
    let foreign = build::refresh_market(exchange, other.market.key, listed.price_account);
    assert_refused(world.send(&[foreign], &[]), BreakwaterError::WrongExchange);
    let foreign = build::refresh_market(other.exchange, listed.key, listed.price_account);
    assert_refused(world.send(&[foreign], &[]), BreakwaterError::WrongExchange);
    let account = world.who("alice").account;
    let no_market = build::refresh_market(exchange, account, listed.price_account);
    assert_refused(world.send(&[no_market], &[]), BreakwaterError::WrongMarketAccount);
    let readonly = build::refresh_market(exchange, listed.key, listed.price_account).readonly(listed.key);
    assert_anchor(world.send(&[readonly], &[]), ErrorCode::ConstraintMut);
}

#[test]
fn a_price_of_wide_confidence_is_taken_but_serves_only_the_uses_that_it_is_narrow_enough_for() {
    let mut world: World = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    let alone = |world: &mut World, ppm| {
        world.pass(5);
        let price = observation(world, 0, 200 * USD, ppm);
        refresh_with(world, 0, &price).unwrap();
    };
    alone(&mut world, 5_000);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    alone(&mut world, 5_001);
    assert_refused(world.trade(0, "alice", "bob", LOTS_10K), BreakwaterError::ConfidenceTooWide);
    assert_refused(world.convert("alice", 0, 0), BreakwaterError::ConfidenceTooWide);
    assert_refused(world.flag("alice", 0), BreakwaterError::NothingToDo); // narrow enough to judge a tier
    world.trade(0, "bob", "alice", LOTS_10K).unwrap(); // both reduce
    alone(&mut world, 20_001);
    assert_refused(world.flag("alice", 0), BreakwaterError::ConfidenceTooWide);
    assert_refused(world.liquidate("bob", "alice", 0), BreakwaterError::ConfidenceTooWide);
}
