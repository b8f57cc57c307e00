//! Prices as the other legs see them: a dead feed, the liquidation price, funding.

use crate::scene::{calm_world, capital, free_params, two_markets, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::MarketParams;
use breakwater_sdk::preview;
use breakwater_tests::world::{sol_params, World, USD};

#[test]
fn an_account_is_liquidated_while_another_legs_feed_is_dead() {
    let mut world = two_markets();
    for (name, deposit) in [("whale", 120_000), ("maker", 2_000_000), ("keeper", 2_000_000)] {
        world.trader(name, deposit * USD);
    }
    world.trade(0, "whale", "maker", HALF_A_MILLION).unwrap();
    world.trade(1, "whale", "maker", 40_000_000).unwrap(); // $20 000
    for _ in 0..400 {
        let price = world.price(0);
        world.publish(0, price); // only market 0: the other feed is dead for 800 s
    }
    world.leave_capital("whale", 20_000 * USD, "maker");
    let sent = world.liquidate("keeper", "whale", 1);
    world.refused(sent, BreakwaterError::PriceStale);
    world.liquidate("keeper", "whale", 0).unwrap();
}

#[test]
fn an_account_is_resolved_while_another_legs_feed_is_dead() {
    let mut world = two_markets();
    for (name, deposit) in [("whale", 120_000), ("maker", 2_000_000)] {
        world.trader(name, deposit * USD);
    }
    world.trade(0, "whale", "maker", HALF_A_MILLION).unwrap();
    world.trade(1, "whale", "maker", 40_000_000).unwrap();
    world.leave_capital("whale", 0, "maker");
    for _ in 0..302 {
        world.publish(0, 180 * USD);
    }
    world.resolve("whale", 0).unwrap();
    assert_eq!([0, 1].map(|market| world.lots("whale", market)), [0, 0]);
}

/// Sets mark and previous mark without statistics, depth and margin rates moving along.
fn set_mark(world: &mut World, market: usize, mark: u64) {
    world.edit_market(market, |market| {
        (market.state.mark, market.state.previous_mark, market.state.confidence) = (mark, mark, 0);
    });
    world.check();
}

#[test]
fn the_liquidation_price_of_the_sdk_is_where_flag_starts_to_work() {
    for is_long in [true, false] {
        let mut world = two_markets();
        for name in ["trader", "maker"] {
            world.trader(name, 60_000 * USD);
        }
        world.deposit("maker", 1_000_000 * USD).unwrap();
        let (buyer, seller) = if is_long { ("trader", "maker") } else { ("maker", "trader") };
        world.trade(0, buyer, seller, HALF_A_MILLION / 2).unwrap();
        world.trade(1, "trader", "maker", 10_000_000).unwrap();
        set_mark(&mut world, 0, 2_000_000_000);
        let now = world.stage.bank.now();
        // The other leg's price is as old as its slot: let it count at its mark.
        world.edit_market(1, |market| market.state.mark_slot = now.slot);
        let found = preview::liquidation_price(&world.stage.snapshot(), &world.account("trader"), 0, &now);
        let price = found.unwrap().expect("some price fails the account");
        assert_eq!(price < 2_000_000_000, is_long);
        set_mark(&mut world, 0, if is_long { price + 1 } else { price - 1 });
        let sent = world.flag("trader", 0);
        world.refused(sent, BreakwaterError::NothingToDo);
        set_mark(&mut world, 0, price);
        world.flag("trader", 0).unwrap();
    }
}

#[test]
fn longs_pay_shorts_for_trading_above_the_mark() {
    let params = MarketParams { funding_max_ppm: 500, ..sol_params() };
    let mut world = calm_world(&params);
    for name in ["long", "short"] {
        world.trader(name, 200_000 * USD);
    }
    let mark = world.mark(0);
    world.trade_at(0, "long", "short", HALF_A_MILLION, mark + mark / 1_000).unwrap(); // 10 bp above, 5 bp/h at most
    world.settle("long").unwrap();
    world.settle("short").unwrap();
    let start = capital(&world, "long");
    let claim = world.market(0).state.claims_total_atoms;
    world.pass(4_500); // half an hour
    let price = world.price(0);
    world.publish(0, price);
    world.settle("long").unwrap();
    world.settle("short").unwrap();
    let paid = start - capital(&world, "long");
    let received = world.market(0).state.claims_total_atoms - claim;
    let half_an_hour = 500_000 * USD * 500 / 1_000_000 / 2 * 2 / 3; // the premium decays by 1/(1 + ½) meanwhile
    assert!(paid >= received && paid - received <= 1, "{paid} paid, {received} received");
    assert!(paid.abs_diff(half_an_hour) < half_an_hour / 50, "{paid} for about {half_an_hour}");
}

#[test]
fn without_funding_a_premium_costs_nothing_later() {
    let mut world = calm_world(&free_params());
    for name in ["long", "short"] {
        world.trader(name, 200_000 * USD);
    }
    let mark = world.mark(0);
    world.trade_at(0, "long", "short", HALF_A_MILLION, mark + mark / 1_000).unwrap();
    let start = capital(&world, "long");
    world.pass(9_000);
    let price = world.price(0);
    world.publish(0, price);
    world.settle("long").unwrap();
    assert_eq!(capital(&world, "long"), start);
}
