//! `deleverage`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use breakwater::BreakwaterError;
use breakwater_risk::health::Stance;
use breakwater_sdk::instruction as build;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

/// A leg of $10 000 with $2 500 against a maker; `price` after a fall.
fn fallen(price_micro_usd: u64) -> World {
    let mut world = World::with_sol();
    world.trader("weak", 2_500 * USD);
    world.trader("maker", 100_000 * USD);
    world.trade(0, "weak", "maker", LOTS_10K).unwrap();
    world.fall_to(0, price_micro_usd);
    world
}

/// At this price the account is below h_adl but not bankrupt.
const CRITICAL: u64 = 151_500_000;

#[test]
fn deleverage_closes_the_whole_leg_against_the_other_side_at_the_zero_price() {
    let mut world = fallen(CRITICAL);
    let health = world.health("weak", 0, Stance::Favour);
    assert!(health.equity() > 0, "not bankrupt: {}", health.equity());
    let (market, mark) = (world.market(0), world.mark(0));
    world.deleverage("weak", 0).unwrap();
    let after = world.market(0);
    assert_eq!((world.lots("weak", 0), after.state.long.open_lots, after.state.short.open_lots), (0, 0, 0));
    assert_eq!(after.sequence, market.sequence + 1);
    world.settle("maker").unwrap();
    assert_eq!(world.lots("maker", 0), 0, "the only leg of the other side is closed with it");
    // At the zero price the account pays with the equity that it has left and the maker gets it.
    assert!(world.account("weak").state.capital_atoms < 100 * USD, "{}", world.account("weak").state.capital_atoms);
    assert!(mark == world.mark(0));
}

#[test]
fn deleverage_refuses_an_account_that_a_milder_tier_can_save() {
    for price in [200 * USD, 165 * USD] {
        let mut world = fallen(price);
        assert_refused(world.deleverage("weak", 0), BreakwaterError::NotCritical);
        assert_refused(world.deleverage("maker", 0), BreakwaterError::NotCritical);
    }
}

#[test]
fn deleverage_refuses_a_stale_price_and_counts_wide_confidence_in_favour() {
    let mut world = fallen(CRITICAL);
    world.pass(23);
    assert_refused(world.deleverage("weak", 0), BreakwaterError::PriceStale);
    for (confidence_ppm, expected) in [(500_000, Some(BreakwaterError::NotCritical)), (20_001, None)] {
        for _ in 0..2 {
            world.pass(5);
            let price = observation(&world, 0, 140 * USD, confidence_ppm);
            refresh_with(&mut world, 0, &price).unwrap();
        }
        world.settle("weak").unwrap();
        match expected {
            Some(error) => assert_refused(world.deleverage("weak", 0), error),
            None => assert!(world.deleverage("weak", 0).is_ok(), "wide confidence alone does not stop it"),
        }
    }
}

#[test]
fn deleverage_refuses_an_account_without_a_leg_or_without_lots() {
    let mut world = fallen(CRITICAL);
    world.trader("idle", 1_000 * USD);
    assert_refused(world.deleverage("idle", 0), BreakwaterError::NoSuchLeg);
}

#[test]
fn deleverage_refuses_foreign_missing_and_readonly_accounts() {
    let mut world = fallen(200 * USD);
    let other = Other::beside(&mut world);
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.trade(1, "weak", "maker", LOTS_10K / 10).unwrap();
    world.publish(1, 200 * USD);
    world.fall_to(0, CRITICAL);
    let (market, account) = (world.stage.markets[0].key, world.who("weak").account);
    let right = build::deleverage(world.stage.exchange, market, account, &world.stage.markets_of(&[account]));
    for (from, to) in [(market, other.market.key), (account, other.trader.account)] {
        let instruction = right.clone().swapped(from, to);
        assert_refused(world.send(&[instruction], &[]), BreakwaterError::WrongExchange);
    }
    let missing = build::deleverage(world.stage.exchange, market, account, &[]);
    assert_refused(world.send(&[missing], &[]), BreakwaterError::NoSuchMarket);
    for key in [market, account] {
        let instruction = right.clone().readonly(key);
        assert_anchor(world.send(&[instruction], &[]), ErrorCode::ConstraintMut);
    }
}
