//! `resolve_bankruptcy`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::AccountMeta;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

/// Carol's loss of $3 000 is more than her $2 500; bob has the other side. Insurance holds `insurance` atoms.
fn bankrupt(insurance: u64) -> World {
    let mut world = pair();
    world.trader("carol", 2_500 * USD);
    world.trade(0, "carol", "bob", LOTS_10K).unwrap();
    if insurance > 0 {
        world.donate("alice", insurance).unwrap();
    }
    world.fall_to(0, 140 * USD);
    world
}

fn resolve(world: &World) -> Instruction {
    let account = world.who("carol").account;
    build::resolve_bankruptcy(world.stage.exchange, account, &world.stage.markets_of(&[account]))
}

#[test]
fn resolve_bankruptcy_closes_the_leg_and_lets_insurance_pay_within_its_cap() {
    let mut world = bankrupt(1_000 * USD);
    let deficit = 3_000 * USD - world.account("carol").state.capital_atoms;
    let sequence = world.account("carol").sequence;
    let fund = 1_000 * USD + world.market(0).state.insurance_accrued_atoms;
    let instruction = resolve(&world);
    world.send(&[instruction], &[]).unwrap();
    let carol = world.account("carol");
    assert_eq!((world.lots("carol", 0), carol.state.capital_atoms, carol.sequence), (0, 0, sequence + 1));
    assert!(carol.state.legs.iter().all(|leg| !leg.is_used()), "nothing is left of the account");
    let cap = fund * u64::from(MarketParams::SOL.insurance_event_ppm) / PPM;
    assert_eq!(world.stage.insurance_account().state.balance_atoms, fund - deficit.min(cap));
    world.settle("bob").unwrap();
    assert_eq!(world.lots("bob", 0), 0);
}

#[test]
fn resolve_bankruptcy_without_insurance_leaves_the_deficit_to_the_market_and_cash_to_everybody() {
    let mut world = bankrupt(0);
    let (alice, bob) = (world.account("alice").state.capital_atoms, world.account("bob").state.capital_atoms);
    world.resolve("carol", 0).unwrap();
    assert_eq!(world.account("alice").state.capital_atoms, alice);
    assert_eq!(world.account("bob").state.capital_atoms, bob);
}

#[test]
fn resolve_bankruptcy_refuses_an_account_that_is_not_bankrupt() {
    let mut world = bankrupt(0);
    assert_refused(world.resolve("bob", 0), BreakwaterError::NotBankrupt);
    let alice = world.who("alice").account;
    let flat = build::resolve_bankruptcy(world.stage.exchange, alice, &[world.stage.markets[0].key]);
    assert_refused(world.send(&[flat], &[]), BreakwaterError::NotBankrupt);
}

#[test]
fn resolve_bankruptcy_refuses_a_stale_price_and_counts_wide_confidence_in_favour() {
    let mut world = bankrupt(0);
    world.pass(23);
    assert_refused(world.resolve("carol", 0), BreakwaterError::PriceStale);
    for (confidence_ppm, expected) in [(900_000, Some(BreakwaterError::NotBankrupt)), (20_001, None)] {
        for _ in 0..2 {
            world.pass(5);
            let price = observation(&world, 0, 130 * USD, confidence_ppm);
            refresh_with(&mut world, 0, &price).unwrap();
        }
        match expected {
            Some(error) => assert_refused(world.resolve("carol", 0), error),
            None => assert!(world.resolve("carol", 0).is_ok(), "wide confidence alone does not stop it"),
        }
    }
}

#[test]
fn resolve_bankruptcy_refuses_missing_foreign_readonly_and_repeated_markets() {
    let mut world = bankrupt(0);
    let other = Other::beside(&mut world);
    let market = world.stage.markets[0].key;
    let none = build::resolve_bankruptcy(world.stage.exchange, world.who("carol").account, &[]);
    assert_refused(world.send(&[none], &[]), BreakwaterError::MarketMissing);
    let foreign = resolve(&world).swapped(market, other.market.key);
    assert_refused(world.send(&[foreign], &[]), BreakwaterError::WrongExchange);
    let readonly = resolve(&world).readonly(market);
    assert_refused(world.send(&[readonly], &[]), BreakwaterError::MarketNotWritable);
    let mut repeated = resolve(&world);
    repeated.accounts.push(AccountMeta::new(market, false));
    assert_refused(world.send(&[repeated], &[]), BreakwaterError::DuplicateAccount);
    let no_market = resolve(&world).swapped(market, world.who("bob").account);
    assert_refused(world.send(&[no_market], &[]), BreakwaterError::WrongMarketAccount);
}

#[test]
fn resolve_bankruptcy_refuses_a_first_market_without_open_lots_of_the_account() {
    let mut world = bankrupt(0);
    world.list(&breakwater_tests::world::sol_params(), 200 * USD);
    world.fall_to(0, 140 * USD);
    let (carol, markets) = (world.who("carol").account, world.stage.markets.clone());
    let instruction = build::resolve_bankruptcy(world.stage.exchange, carol, &[markets[1].key, markets[0].key]);
    assert_refused(world.send(&[instruction], &[]), BreakwaterError::NoSuchLeg);
}

#[test]
fn resolve_bankruptcy_refuses_the_insurance_fund_of_another_exchange() {
    let mut world = bankrupt(0);
    let other = Other::beside(&mut world);
    let (home, carol) = (address::insurance(&world.stage.exchange), world.who("carol").account);
    let foreign = resolve(&world).swapped(home, other.insurance());
    assert_refused(world.send(&[foreign], &[]), BreakwaterError::WrongExchange);
    let no_fund = resolve(&world).swapped(home, world.stage.exchange);
    assert_refused(world.send(&[no_fund], &[]), BreakwaterError::WrongPool);
    let foreign_account = resolve(&world).swapped(carol, other.trader.account);
    assert_refused(world.send(&[foreign_account], &[]), BreakwaterError::WrongExchange);
    for key in [home, carol] {
        let readonly = resolve(&world).readonly(key);
        assert_anchor(world.send(&[readonly], &[]), ErrorCode::ConstraintMut);
    }
}
