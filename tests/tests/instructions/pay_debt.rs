//! `pay_debt`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use breakwater::BreakwaterError;
use breakwater_sdk::instruction as build;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

/// Carol lost all her capital in market 1, where she owes, and has a claim in market 0, where bob has paid.
pub fn indebted() -> World {
    let mut world = pair();
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.trader("carol", 3_000 * USD);
    world.trade(0, "carol", "bob", LOTS_10K / 2).unwrap();
    world.trade(1, "carol", "bob", LOTS_10K / 2).unwrap();
    world.publish(0, 240 * USD); // + $1 000
    world.publish(1, 60 * USD); // − $3 500
    world.settle("carol").unwrap();
    world.settle("bob").unwrap();
    world
}

#[test]
fn pay_debt_moves_cash_from_the_claims_pool_to_the_debts_pool() {
    let mut world = indebted();
    let before = world.account("carol").state;
    let (claim, debt) = (before.legs[0].claim_fresh_atoms, before.legs[1].debt_atoms);
    assert!(before.capital_atoms == 0 && claim > debt && debt > 0, "claim {claim}, debt {debt}");
    let (pools, sequence) = (pools(&world), world.market(1).sequence);
    world.pay_debt("carol", 0, 1).unwrap();
    let after = world.account("carol").state;
    assert_eq!((after.legs[0].claim_fresh_atoms, after.legs[1].debt_atoms), (claim - debt, 0));
    assert_eq!(self::pools(&world), [pools[0] - debt, pools[1] + debt]);
    assert_eq!(world.market(1).sequence, sequence + 1);
}

fn pools(world: &World) -> [u64; 2] {
    [world.market(0).state.pool_atoms, world.market(1).state.pool_atoms]
}

#[test]
fn pay_debt_refuses_an_account_that_still_has_cash() {
    let mut world = indebted();
    assert_refused(world.pay_debt("bob", 0, 1), BreakwaterError::SettleFirst);
}

#[test]
fn pay_debt_refuses_where_there_is_nothing_to_pay_or_to_pay_with() {
    let mut world = indebted();
    assert_refused(world.pay_debt("carol", 1, 0), BreakwaterError::NothingToDo);
    world.pay_debt("carol", 0, 1).unwrap();
    assert_refused(world.pay_debt("carol", 0, 1), BreakwaterError::NothingToDo);
}

#[test]
fn pay_debt_refuses_one_market_on_both_sides() {
    let mut world = indebted();
    for market in 0..2 {
        assert_refused(world.pay_debt("carol", market, market), BreakwaterError::SameMarket);
    }
}

#[test]
fn pay_debt_refuses_a_market_without_a_leg() {
    let mut world = indebted();
    world.list(&sol_params(), 200 * USD);
    assert_refused(world.pay_debt("carol", 2, 1), BreakwaterError::NoSuchLeg);
    assert_refused(world.pay_debt("carol", 0, 2), BreakwaterError::NoSuchLeg);
}

#[test]
fn pay_debt_refuses_markets_and_accounts_of_another_exchange() {
    let mut world = indebted();
    let other = Other::beside(&mut world);
    let account = world.who("carol").account;
    let [claim, debt] = [world.stage.markets[0].key, world.stage.markets[1].key];
    let right = build::pay_debt(account, claim, debt);
    for (from, to) in [(claim, other.market.key), (debt, other.market.key), (account, other.trader.account)] {
        let instruction = right.clone().swapped(from, to);
        assert_refused(world.send(&[instruction], &[]), BreakwaterError::WrongExchange);
    }
    for key in [account, claim, debt] {
        let instruction = right.clone().readonly(key);
        assert_anchor(world.send(&[instruction], &[]), ErrorCode::ConstraintMut);
    }
    let no_market = right.swapped(claim, world.who("bob").account);
    assert_refused(world.send(&[no_market], &[]), BreakwaterError::WrongMarketAccount);
}
