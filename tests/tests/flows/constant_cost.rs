//! Deleveraging costs the same whatever the number of legs on the other side.

use crate::scene::{calm_world, free_params};
use anchor_lang::prelude::Pubkey;
use breakwater_risk::leg;
use breakwater_sdk::{instruction as build, view};
use breakwater_sim::bank::runs_on_sbf;
use breakwater_tests::world::{World, USD};

/// Lots of the short side, whatever the number of its legs.
const OPEN: u64 = 600_000_000;

/// "critical" is long half of the open interest, "other" the other half. The short side is `legs` accounts of equal
/// size: one that traded, and copies of it written into the bank, since opening 10 000 by trades takes a minute.
fn crowd(legs: u64) -> (World, Vec<Pubkey>) {
    let mut world = calm_world(&free_params());
    for name in ["critical", "other", "short"] {
        world.trader(name, 5_000_000 * USD);
    }
    let each = OPEN / legs;
    world.trade(0, "critical", "short", each / 2).unwrap();
    world.trade(0, "other", "short", each / 2).unwrap();
    for name in ["critical", "other"] {
        world.edit_account(name, |account| account.state.legs[0].lots = (OPEN / 2) as i64);
    }
    world.edit_market(0, |market| {
        let state = &mut market.state;
        (state.long.open_lots, state.short.open_lots) = (OPEN, OPEN);
        state.short.legs_current = legs as u32;
        state.leg_count = legs as u32 + 2;
    });
    let data = world.stage.bank.data(&world.who("short").account).unwrap();
    let copies = (1..legs).map(|_| Pubkey::new_unique()).collect::<Vec<_>>();
    for key in &copies {
        world.stage.bank.set_account(key, breakwater::ID, data.clone());
    }
    world.edit_account("critical", |account| account.state.capital_atoms = 1_000 * USD);
    (world, copies)
}

/// Deleverages the critical long; returns the compute units, the keys named, and the lots left to the shorts.
fn deleverage(legs: u64) -> (u64, usize, u64) {
    let (mut world, copies) = crowd(legs);
    let instruction =
        build::deleverage(world.stage.exchange, world.stage.markets[0].key, world.who("critical").account, &[]);
    let keys = instruction.accounts.len();
    let done = world.stage.bank.send(&[instruction], &[]).unwrap();
    let (market, now) = (world.market(0), world.stage.bank.now());
    assert_eq!(market.state.short.open_lots, OPEN / 2);
    assert_eq!(market.state.long.open_lots, OPEN / 2);
    let all = copies.into_iter().chain([world.who("short").account]).collect::<Vec<_>>();
    let left = world.stage.bank.accounts(&all).into_iter().flatten().map(|account| {
        let account = view::margin_account(&account.data).unwrap();
        leg::evaluate(&account.state.legs[0], &market.state, &now).unwrap().lots.unsigned_abs()
    });
    (done.compute_units, keys, left.sum())
}

#[test]
fn deleveraging_against_ten_legs_and_against_ten_thousand_costs_the_same() {
    let (few_units, few_keys, few_left) = deleverage(10);
    let (many_units, many_keys, many_left) = deleverage(10_000);
    println!("deleverage against 10 legs: {few_units} compute units, against 10 000: {many_units}");
    assert_eq!(
        (few_keys, many_keys),
        (4, 4),
        "market, critical account, backstop and its account: nobody of the other side"
    );
    for (left, legs) in [(few_left, 10), (many_left, 10_000)] {
        assert!(left <= OPEN / 2 && OPEN / 2 - left <= legs, "{left} lots left to {legs} legs");
    }
    if runs_on_sbf() {
        assert_eq!(few_units, many_units);
    }
}
