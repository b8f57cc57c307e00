//! Many accounts fail in one slot: who is resolved first, and how many in one transaction, changes nothing for insurance
//! (PEERS, failure 1).

use crate::scene::{calm_world, free_params};
use breakwater_risk::health::Stance;
use breakwater_risk::MarketParams;
use breakwater_sdk::instruction as build;
use breakwater_sim::stage::BOND_ATOMS;
use breakwater_tests::world::{World, USD};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Lots of $20 000 at $200: a fall of 5 % takes $1 000.
const LOTS: u64 = 10_000_000;
/// Accounts whose calls fit one transaction.
const BATCH: usize = 8;
const FUND: u64 = 1_000_000 * USD;

/// A world with that many bankrupt longs, by different amounts, and the sum of what they owe at the mark.
fn bankrupt_crowd(count: u64, params: &MarketParams, fund_atoms: u64) -> (World, Vec<String>, u64) {
    let mut world = calm_world(params);
    world.trader("maker", 50_000_000 * USD);
    world.donate("maker", fund_atoms).unwrap();
    let names: Vec<String> = (0..count).map(|number| format!("trader {number:02}")).collect();
    for (number, name) in names.iter().enumerate() {
        world.trader(name, 10_000 * USD);
        world.trade(0, name, "maker", LOTS).unwrap();
        world.leave_capital(name, number as u64 * 15 * USD + 1, "maker");
    }
    world.fall_to(0, 190 * USD);
    world.settle("maker").unwrap();
    let owed = |name: &String| u64::try_from(-world.health(name, 0, Stance::Favour).equity()).expect("a deficit");
    let deficits = names.iter().map(owed).sum();
    (world, names, deficits)
}

/// Resolves all of them within the present slot, in the order given, some at a time.
fn resolve_all(world: &mut World, names: &[String], mut batch: impl FnMut() -> usize) {
    let slot = world.stage.time().0;
    let mut left = names;
    while !left.is_empty() {
        let (now, later) = left.split_at(batch().min(left.len()));
        let market = world.stage.markets[0].key;
        let resolve =
            |name: &String| build::resolve_bankruptcy(world.stage.exchange, world.who(name).account, &[market]);
        let instructions: Vec<_> = now.iter().map(resolve).collect();
        world.send(&instructions, &[]).unwrap();
        left = later;
    }
    assert_eq!(world.stage.time().0, slot, "all of it happens in one slot");
}

/// What insurance lost over several random orders and batchings, and what claims and the other side were left with.
fn losses(count: u64, params: &MarketParams, fund_atoms: u64) -> (Vec<u64>, Vec<i128>, u64) {
    let (mut paid, mut kept, mut deficits) = (Vec::new(), Vec::new(), 0);
    for seed in 0..4 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut world, mut names, sum) = bankrupt_crowd(count, params, fund_atoms);
        match seed {
            0 => {}
            1 => names.reverse(),
            _ => names.shuffle(&mut rng),
        }
        resolve_all(&mut world, &names, || if seed == 0 { 1 } else { rng.random_range(1..=BATCH) });
        paid.push(fund_atoms - world.fund().state.balance_atoms);
        kept.push(world.health("maker", 0, Stance::Favour).equity());
        deficits = sum;
    }
    (paid, kept, deficits)
}

/// Insurance that has enough pays the true deficits less the market's reserve, and nobody else pays anything.
fn fail_in_one_slot(count: u64) {
    let all = MarketParams { insurance_event_ppm: 300_000, insurance_window_ppm: 500_000, ..free_params() };
    let (paid, kept, deficits) = losses(count, &all, FUND);
    assert!(deficits > 0 && paid.iter().all(|paid| *paid == deficits - BOND_ATOMS), "{paid:?} of {deficits}");
    assert!(kept.iter().all(|maker| (maker - kept[0]).abs() <= i128::from(count)), "{kept:?}");
}

#[test]
fn of_48_failures_in_one_slot_insurance_pays_the_true_deficits_in_any_order_and_batching() {
    fail_in_one_slot(48);
}

#[test]
fn of_64_failures_in_one_slot_insurance_pays_the_true_deficits_in_any_order_and_batching() {
    fail_in_one_slot(64);
}

#[test]
fn capped_insurance_loses_its_cap_and_the_rest_falls_on_the_same_people_in_any_order_and_batching() {
    let params = MarketParams { insurance_event_ppm: 250_000, insurance_window_ppm: 500_000, ..free_params() };
    let (paid, kept, deficits) = losses(64, &params, 20_000 * USD);
    assert!(deficits > 10_000 * USD);
    // A charge to open lots is rounded up to 10^-6 atoms a lot (L-4), once for every account.
    let rounding = 64 * (64 * LOTS / 1_000_000 + 1);
    for (paid, kept_by_maker) in paid.iter().zip(&kept) {
        assert!(paid.abs_diff(10_000 * USD) <= 64, "half of the fund, not {paid}");
        assert!((kept_by_maker - kept[0]).abs() <= i128::from(rounding), "{kept:?}");
    }
}
