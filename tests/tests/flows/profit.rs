//! Profit is a claim that waits, loss is cash at once, and neither is lent out.

use crate::scene::{calm_world, capital, free_params, slot, two_markets, wait_until, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::claims;
use breakwater_sdk::{instruction as build, preview};
use breakwater_tests::world::{World, USD};
use solana_signer::Signer;

const PPM: u32 = 1_000_000;

/// "winner" is long $500 000 against "loser", the price rises by 2 %: $10 000.
fn won() -> World {
    let mut world = calm_world(&free_params());
    for name in ["winner", "loser"] {
        world.trader(name, 100_000 * USD);
    }
    world.trade(0, "winner", "loser", HALF_A_MILLION).unwrap();
    world.publish(0, 204 * USD);
    world
}

const GAIN: u64 = 10_000 * USD;

#[test]
fn a_loss_is_cash_at_once() {
    let mut world = won();
    let pool = world.market(0).state.pool_atoms;
    world.settle("loser").unwrap();
    assert_eq!(capital(&world, "loser"), 100_000 * USD - GAIN);
    assert_eq!(world.market(0).state.pool_atoms, pool + GAIN);
    world.settle("winner").unwrap();
    assert_eq!(capital(&world, "winner"), 100_000 * USD, "a gain is not");
    assert_eq!(world.market(0).state.claims_total_atoms, GAIN);
}

#[test]
fn profit_waits_one_to_two_windows_then_converts() {
    let mut world = won();
    world.settle("loser").unwrap();
    world.settle("winner").unwrap();
    let window = u64::from(free_params().profit_window_slots);
    let (settled, first) = (slot(&world), (slot(&world) / window + 1) * window);
    for boundary in [settled, first - 6, first, first + window - 6] {
        wait_until(&mut world, boundary);
        let sent = world.convert("winner", 0, 0);
        world.refused(sent, BreakwaterError::NothingToDo);
    }
    wait_until(&mut world, first + window);
    world.convert("winner", 0, PPM).unwrap();
    assert_eq!(capital(&world, "winner"), 100_000 * USD + GAIN);
    assert_eq!(world.market(0).state.claims_total_atoms, 0);
}

#[test]
fn the_conversion_ratio_is_what_settled_losers_have_paid() {
    let mut world = won();
    world.settle("winner").unwrap();
    let matures = slot(&world) + 2 * 750;
    wait_until(&mut world, matures);
    let sent = world.convert("winner", 0, PPM / 2);
    world.refused(sent, BreakwaterError::RatioTooLow);
    let account = world.account("winner");
    let report = preview::convert_profit(&world.stage.snapshot(), 0, &account, 0, &world.stage.bank.now()).unwrap();
    let pool = world.market(0).state.pool_atoms; // the creator's seed
    assert_eq!(report.paid_atoms, (u128::from(GAIN) * u128::from(pool) / u128::from(GAIN)) as u64);
    // Anyone may settle the loser in the same transaction: then all of it is paid.
    let market = world.stage.markets[0].key;
    let (owner, winner) = (world.who("winner").key.pubkey(), world.who("winner").account);
    let settle = build::settle_account(world.who("loser").account, &[market]);
    let convert = build::convert_profit(owner, market, winner, PPM, &[]);
    world.send_as("winner", &[settle, convert]).unwrap();
    assert_eq!(capital(&world, "winner"), 100_000 * USD + GAIN);
}

#[test]
fn what_is_not_paid_waits_again() {
    let mut world = won();
    world.settle("winner").unwrap();
    let matures = slot(&world) + 2 * 750;
    wait_until(&mut world, matures);
    world.convert("winner", 0, 0).unwrap();
    let leg = world.account("winner").state.legs[0];
    let kept = claims::stored(&leg);
    assert_eq!((kept.matured, kept.maturing), (0, 0));
    assert_eq!(kept.fresh, GAIN - USD, "the pool held its seed of $1");
    assert_eq!(capital(&world, "winner"), 100_001 * USD);
}

#[test]
fn peers_07_profit_in_one_market_carries_no_new_risk_in_another_and_cannot_be_withdrawn() {
    let mut world = two_markets();
    for (name, deposit) in [("pumper", 110_000), ("accomplice", 2_000_000), ("maker", 2_000_000)] {
        world.trader(name, deposit * USD);
    }
    world.trade(0, "pumper", "accomplice", HALF_A_MILLION).unwrap();
    world.fall_to(0, 600 * USD);
    world.settle("pumper").unwrap();
    assert_eq!(world.market(0).state.claims_total_atoms, 2 * 500_000 * USD, "a million of profit");
    world.calm(30);
    world.leave_capital("pumper", 0, "maker");
    let sent = world.trade(1, "pumper", "maker", 1_000_000); // $500
    world.refused(sent, BreakwaterError::InitialMargin);
    let sent = world.withdraw("pumper", 1);
    world.refused(sent, BreakwaterError::InsufficientCapital);
    let account = world.account("pumper");
    assert_eq!(preview::withdrawable_atoms(&world.stage.snapshot(), &account, &world.stage.bank.now()), Ok(0));
}
