//! Accounts with as many legs as there may be. On SBF the compute units are printed.

use breakwater::BreakwaterError;
use breakwater_risk::MarketParams;
use breakwater_sdk::{instruction as build, lookup};
use breakwater_tests::world::{sol_params, World, USD};
use solana_signer::Signer;

/// Markets at $200 with some depth, a maker and a keeper.
pub fn markets(count: usize) -> World {
    let params = MarketParams { trade_fee_ppm: 0, ..sol_params() };
    let mut world = World::new();
    for _ in 0..count {
        world.list(&params, 200 * USD);
    }
    world.calm(300);
    for maker in ["maker", "second maker"] {
        world.trader(maker, 50_000_000 * USD);
    }
    world.trader("keeper", 1_000_000 * USD);
    world
}

/// Opens legs of growing size, of $2 000 × place, in `legs` markets from `first` on. A maker has 16 legs too.
pub fn open_legs(world: &mut World, name: &str, first: usize, legs: usize) {
    for place in 0..legs {
        let lots = 1_000_000 * (place as u64 + 1);
        let maker = if first + place < 16 { "maker" } else { "second maker" };
        world.trade(first + place, name, maker, lots).unwrap();
    }
}

fn fail(world: &mut World, name: &str) {
    let health = world.health(name, 0, breakwater_risk::health::Stance::Favour);
    world.leave_capital(name, health.maintenance() * 8 / 10, "maker");
    let price = world.price(0);
    world.publish_among(0, price);
}

#[test]
fn of_two_to_sixteen_legs_only_the_one_that_relieves_most_is_closed() {
    let mut world = markets(16);
    for legs in [2, 4, 8, 16] {
        let name = format!("trader with {legs} legs");
        world.trader(&name, 100_000 * USD);
        open_legs(&mut world, &name, 0, legs);
        fail(&mut world, &name);
        for wrong in 0..legs - 1 {
            let sent = world.liquidate("keeper", &name, wrong);
            world.refused(sent, BreakwaterError::WrongLeg);
        }
        let done = world.liquidate("keeper", &name, legs - 1).unwrap();
        println!("liquidate with {legs} legs: {} compute units", done.compute_units);
        let last = world.account("keeper").state.find_leg(legs as u16 - 1);
        assert!(last.is_some(), "the keeper took the slice");
    }
}

#[test]
fn every_instruction_carries_sixteen_legs_in_one_transaction() {
    let mut world = markets(16);
    world.trader("trader", 100_000 * USD);
    open_legs(&mut world, "trader", 0, 16);
    let legs = world.account("trader").state.legs;
    assert!(legs.iter().all(|leg| leg.is_used()));
    let mut units = vec![("settle_account", world.settle("trader").unwrap())];
    units.push(("settle_trade", world.trade(3, "maker", "trader", 10).unwrap()));
    units.push(("withdraw", world.withdraw("trader", USD).unwrap()));
    fail(&mut world, "trader");
    units.push(("flag", world.flag("trader", 15).unwrap()));
    world.leave_capital("trader", 100 * USD, "maker");
    units.push(("deleverage", world.deleverage("trader", 15).unwrap()));
    world.leave_capital("trader", 0, "maker");
    for market in 0..16 {
        world.publish_among(market, 190 * USD);
    }
    let price = world.price(0);
    world.publish_among(0, price);
    units.push(("resolve_bankruptcy", world.resolve("trader", 0).unwrap()));
    for (name, done) in units {
        println!("{name} with 16 legs: {} compute units", done.compute_units);
    }
    assert!(world.account("trader").state.legs.iter().all(|leg| !leg.is_used()));
}

#[test]
fn no_account_has_a_seventeenth_leg() {
    let mut world = markets(17);
    world.trader("trader", 100_000 * USD);
    open_legs(&mut world, "trader", 0, 16);
    let sent = world.trade(16, "trader", "keeper", 10_000);
    world.refused(sent, BreakwaterError::NoFreeLeg);
}

#[test]
fn a_keeper_with_fifteen_other_legs_takes_a_slice_of_sixteen_through_a_lookup_table() {
    let mut world = markets(31);
    world.trader("trader", 100_000 * USD);
    open_legs(&mut world, "trader", 0, 16);
    open_legs(&mut world, "keeper", 16, 15);
    fail(&mut world, "trader");
    let (account, keeper) = (world.who("trader").account, world.who("keeper").account);
    let others = world.stage.markets_of(&[account, keeper]);
    assert_eq!(others.len(), 31);
    let key = world.who("keeper").key.insecure_clone();
    let market = world.stage.markets[15].key;
    let instruction = [build::liquidate(key.pubkey(), market, account, keeper, &others)];
    assert!(lookup::needs_table(&instruction));
    let table = world.stage.bank.make_table(lookup::table_keys(&instruction));
    let done = world.stage.bank.send_with_tables(&instruction, &[&key], &[table]).unwrap();
    world.check();
    println!("liquidate, 16 legs by a keeper with 15 others: {} compute units", done.compute_units);
    assert!(world.lots("keeper", 15) > 0);
}
