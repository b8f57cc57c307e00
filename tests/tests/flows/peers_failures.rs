//! PEERS, failures 1, 2, 5 and 6: many failures at once, what insurance books, order, and dust.

use crate::scene::{calm_world, capital, free_params, slice, thin_params, two_markets, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::health::Stance;
use breakwater_risk::units::{notional_ceil, CLAIM_INDEX_ONE};
use breakwater_risk::MarketParams;
use breakwater_sim::stage::BOND_ATOMS;
use breakwater_tests::world::{World, USD};

/// A market whose insurance, of $1 M here, may pay as much as any market's may.
fn insured() -> MarketParams {
    MarketParams { insurance_event_ppm: 300_000, insurance_window_ppm: 500_000, ..free_params() }
}

/// `count` accounts fail at once by different amounts; insurance pays the true deficits and nobody else anything.
fn fail_at_once(count: u64) {
    let mut world = calm_world(&insured());
    world.trader("maker", 50_000_000 * USD);
    world.donate("maker", 1_000_000 * USD).unwrap();
    let lots = 10_000_000; // $20 000, of which a fall of 5 % takes $1 000
    for number in 0..count {
        let name = format!("trader {number}");
        world.trader(&name, 10_000 * USD);
        world.trade(0, &name, "maker", lots).unwrap();
        world.leave_capital(&name, number * 15 * USD, "maker");
    }
    world.fall_to(0, 190 * USD);
    world.settle("maker").unwrap();
    let (before, claims) =
        (world.stage.insurance_account().state.balance_atoms, world.market(0).state.claims_total_atoms);
    let mut deficits = 0;
    for number in 0..count {
        let price = world.price(0);
        world.publish(0, price);
        world.resolve(&format!("trader {number}"), 0).unwrap();
        deficits += 1_000 * USD - number * 15 * USD;
    }
    assert_eq!(before - world.stage.insurance_account().state.balance_atoms, deficits - BOND_ATOMS);
    let state = world.market(0).state;
    assert_eq!((state.claim_index, state.unfunded_atoms), (CLAIM_INDEX_ONE, 0), "nobody else pays");
    assert!(state.claims_total_atoms >= claims);
    assert_eq!(state.debts_total_atoms, 0);
}

#[test]
fn peers_01_of_48_simultaneous_failures_insurance_pays_exactly_the_true_deficits() {
    fail_at_once(48);
}

#[test]
fn peers_01_of_64_simultaneous_failures_insurance_pays_exactly_the_true_deficits() {
    fail_at_once(64);
}

#[test]
fn peers_02_insurance_books_what_was_charged_not_what_was_asked() {
    let mut world = two_markets();
    for name in ["whale", "maker", "keeper"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "whale", "maker", HALF_A_MILLION).unwrap();
    world.trade(1, "whale", "maker", HALF_A_MILLION).unwrap();
    for market in [1, 0] {
        world.publish_among(market, world.price(market) + world.price(market) / 20);
        // claims of 5 % in both
    }
    world.settle("whale").unwrap();
    world.leave_capital("whale", 7 * USD, "maker");
    for market in [1, 0] {
        world.edit_market(market, |market| market.state.maintenance_q32 *= 2);
    }
    world.calm(20);
    let report = slice(&world, "keeper", "whale", 0).unwrap();
    let asked = report.notional_atoms * u64::from(free_params().charge_min_ppm) / 1_000_000;
    assert!(asked > 7 * USD && report.charge_atoms == 7 * USD, "only the capital can be charged");
    let booked = world.stage.exchange_account().booked_atoms;
    world.liquidate("keeper", "whale", 0).unwrap();
    let insured = 7 * USD / 4;
    assert_eq!(world.market(0).state.insurance_accrued_atoms, insured);
    assert_eq!(capital(&world, "whale"), 0);
    world.sweep(0).unwrap();
    assert_eq!(world.stage.insurance_account().state.balance_atoms, insured);
    assert_eq!(world.stage.exchange_account().booked_atoms, booked, "cash only moved");
}

/// Three accounts fail; they are settled and resolved in an order. Returns what everybody is worth afterwards.
fn worth_after(order: [&str; 3], settles_on_the_way: bool) -> Vec<i128> {
    let params = MarketParams { insurance_event_ppm: 0, insurance_window_ppm: 0, ..free_params() };
    let mut world = calm_world(&params);
    let everybody = ["a", "b", "c", "bystander", "maker"];
    for name in everybody {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "maker", "bystander", HALF_A_MILLION).unwrap();
    for name in ["a", "b", "c"] {
        world.trade(0, name, "maker", HALF_A_MILLION / 5).unwrap();
        world.leave_capital(name, 3_000 * USD, "maker");
    }
    for price in [199, 197, 193, 190, 190] {
        world.publish(0, price * USD);
        if settles_on_the_way {
            for name in order {
                world.settle(name).unwrap();
            }
        }
    }
    for name in order {
        world.resolve(name, 0).unwrap();
    }
    everybody.iter().map(|name| worth(&world, name)).collect()
}

fn worth(world: &World, name: &str) -> i128 {
    world.health(name, 0, Stance::Favour).equity()
}

#[test]
fn peers_05_refreshing_without_settling_harms_nobody_and_order_changes_no_fate() {
    let first = worth_after(["a", "b", "c"], false);
    for (order, settles) in [(["c", "b", "a"], false), (["b", "c", "a"], true), (["a", "b", "c"], true)] {
        let other = worth_after(order, settles);
        for (one, another) in first.iter().zip(&other) {
            assert!((one - another).abs() <= 10, "{first:?} but {other:?} for {order:?}, settling {settles}");
        }
    }
}

#[test]
fn peers_05_liquidating_a_decoy_does_not_put_off_a_real_failure() {
    let mut world = calm_world(&thin_params());
    for name in ["decoy", "real", "maker", "keeper"] {
        world.trader(name, 1_000_000 * USD);
    }
    for name in ["decoy", "real"] {
        world.trade(0, name, "maker", HALF_A_MILLION).unwrap();
    }
    world.leave_capital("real", 4_000 * USD, "maker");
    let sent = world.liquidate("keeper", "decoy", 0);
    world.refused(sent, BreakwaterError::Healthy);
    world.leave_capital("decoy", 30_000 * USD, "maker");
    while world.liquidate("keeper", "decoy", 0).is_ok() {} // the decoy takes the flow
    world.deleverage("real", 0).unwrap();
}

#[test]
fn peers_06_every_size_is_closed_as_far_as_needed_or_in_full() {
    let mut world = calm_world(&thin_params());
    world.trader("maker", 20_000_000 * USD);
    world.trader("keeper", 20_000_000 * USD);
    let minimum = thin_params().min_position_atoms;
    for step in 0..18_u32 {
        let name = format!("trader {step}");
        world.trader(&name, 5_000_000 * USD);
        world.trade(0, &name, "maker", 5_100 << step).unwrap(); // from $10.20 to $1.3 M, with every odd remainder
        let before = world.health(&name, 0, Stance::Favour);
        world.leave_capital(&name, before.maintenance() * (60 + u64::from(step) * 2) / 100, "maker");
        let before = world.health(&name, 0, Stance::Favour);
        let sent = world.liquidate("keeper", &name, 0);
        let (left, mark) = (world.lots(&name, 0).unsigned_abs(), world.mark(0));
        if sent.is_err() {
            assert_eq!(left, 5_100 << step, "{name}");
            world.refused(sent, BreakwaterError::SliceUseless);
            continue;
        }
        assert!(left == 0 || notional_ceil(left, mark).unwrap() >= minimum, "{name} keeps dust: {left} lots");
        if left > 0 {
            world.health(&name, 0, Stance::Favour).require_not_worse_than(before.ratio()).unwrap();
        }
        world.calm(800); // the meter recovers
    }
}
