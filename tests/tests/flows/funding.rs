//! Funding that somebody tries to buy: one owner holds a whole side and trades with himself to set the rate.

use crate::scene::{calm_world, quick_world};
use breakwater_risk::health::Stance;
use breakwater_risk::MarketParams;
use breakwater_tests::world::{sol_params, World, USD};

/// Lots of $10 M.
const TEN_MILLION: u64 = 5_000_000_000;
/// Distance of the attacker's fills from the mark: nearly all that F-2 allows.
const DISTANCE_PPM: u64 = 24_000;
/// What the attacker owns: the whole short side but for what its two tools hold against each other.
const HIS: [&str; 3] = ["attacker", "buyer", "seller"];

fn equity(world: &World, name: &str) -> i128 {
    world.health(name, 0, Stance::Favour).equity()
}

fn fees_paid(world: &World) -> i128 {
    let state = world.market(0).state;
    i128::from(state.fees_accrued_atoms + state.insurance_accrued_atoms)
}

/// "victim" is long $10 M against "attacker". "seller" is long so many lots against "buyer", who reduces by buying.
fn armed(funding_max_ppm: u32, tool_lots: u64) -> World {
    let mut world = quick_world(&MarketParams { funding_max_ppm, ..sol_params() });
    for name in ["victim", "attacker", "buyer", "seller"] {
        world.trader(name, 40_000_000 * USD);
    }
    world.trade(0, "victim", "attacker", TEN_MILLION).unwrap();
    world.trade(0, "seller", "buyer", tool_lots).unwrap();
    world.edit_market(0, |market| market.state.depth.open_interest_mean_atoms = 10_000_000 * USD);
    world
}

/// A fill of his with himself, far above the mark: longs are to pay.
fn push(world: &mut World, lots: u64) {
    let mark = world.mark(0);
    world.trade_at(0, "buyer", "seller", lots, mark + mark / 1_000_000 * DISTANCE_PPM).unwrap();
}

fn refresh_after(world: &mut World, slots: u64) {
    world.pass(slots);
    world.stage.publish(0, 200 * USD, 300).unwrap();
}

/// What the victim loses, what the attacker gains in all, and the fees of his fills meanwhile, after a check that the attack does
/// not pay.
fn outcome(world: &mut World, attack: impl FnOnce(&mut World)) -> (i128, i128, i128) {
    let his = |world: &World| HIS.iter().map(|name| equity(world, name)).sum::<i128>();
    let before = (equity(world, "victim"), his(world), fees_paid(world));
    attack(world);
    let lost = before.0 - equity(world, "victim");
    let (gained, fees) = (his(world) - before.1, fees_paid(world) - before.2);
    println!("the victim lost {lost} atoms, the attacker gained {gained}, after fees of {fees}");
    assert!(lost <= fees && gained <= 0, "the attack pays");
    (lost, gained, fees)
}

#[test]
fn an_idle_hour_is_not_billed_at_a_rate_bought_at_its_end() {
    for (funding_max_ppm, lots) in [(500, 2_000_000), (5_000, 20_000_000)] {
        let mut world = armed(funding_max_ppm, 2 * lots);
        let (lost, _, fees) = outcome(&mut world, |world| {
            world.pass(8_250); // 55 minutes without a price
            push(world, lots);
            refresh_after(world, 5);
        });
        assert!(lost * 1_000 < fees, "two seconds of a small rate: {lost} of {fees}");
    }
}

#[test]
fn holding_the_rate_up_all_day_costs_what_it_brings() {
    let mut world = armed(1_000, 1_000_000_000);
    let (lost, _, fees) = outcome(&mut world, |world| {
        for minute in 0..24 * 60 {
            if minute % 60 == 0 {
                push(world, 10_000_000); // $20 000
            }
            refresh_after(world, 150);
        }
    });
    assert_eq!(fees, 24 * 20 * i128::from(USD));
    assert!(lost * 2 > fees, "what was added is paid out, less what rates lose to whole ppm: {lost} of {fees}");
}

#[test]
fn neither_many_small_fills_nor_one_large_one_pays() {
    for (fills, lots) in [(1, 1_000_000_000), (100, 10_000_000), (300, 500)] {
        let mut world = armed(5_000, fills * lots);
        outcome(&mut world, |world| {
            for _ in 0..fills {
                push(world, lots);
                refresh_after(world, 5);
            }
            for _ in 0..200 {
                refresh_after(world, 375); // two and a half minutes
            }
        });
    }
}

/// Now and then is as good as all the time, and two seconds apart.
#[test]
fn no_rhythm_of_refreshes_makes_it_pay() {
    for slots in [5, 7, 150, 2_250, 9_000] {
        let mut world = armed(5_000, 1_000_000_000);
        outcome(&mut world, |world| {
            push(world, 500_000_000);
            for _ in 0..200 {
                refresh_after(world, slots);
            }
        });
    }
}

/// Who trades above the mark all day with the turnover of the open interest still pays for it.
#[test]
fn a_premium_that_the_market_trades_at_is_paid() {
    let mut world = calm_world(&MarketParams { funding_max_ppm: 500, ..sol_params() });
    for name in ["long", "short", "buyer", "seller"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "long", "short", 250_000_000).unwrap(); // $500 000
    world.trade(0, "seller", "buyer", 250_000_000).unwrap();
    let before = equity(&world, "long");
    for turn in 0..120 {
        let mark = world.mark(0);
        let (buyer, seller) = if turn % 2 == 0 { ("buyer", "seller") } else { ("seller", "buyer") };
        world.trade_at(0, buyer, seller, 50_000_000, mark + mark / 5_000).unwrap(); // 200 ppm above the mark
        refresh_after(&mut world, 75); // half a minute: 24 times the open interest in an hour
    }
    let paid = before - equity(&world, "long");
    let hour = 500_000 * i128::from(USD) * 200 / 1_000_000;
    // The fills that opened the positions, at the mark, count in the mean, too.
    assert!(paid * 4 > hour * 3 && paid <= hour, "{paid} of {hour}");
}
