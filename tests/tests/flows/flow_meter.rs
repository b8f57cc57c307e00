//! The market's flow: shared by all accounts, in both directions, and by nothing without depth.

use crate::scene::{calm_world, thin_params, whale_world, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::depth::flow_capacity;
use breakwater_risk::flow::{available, utilisation, FlowDirection};
use breakwater_risk::units::notional_ceil;
use breakwater_tests::world::{sol_params, World, USD};

const ONE: i64 = 1 << 32;

fn left(world: &World, direction: FlowDirection) -> u64 {
    available(&world.market(0).state, direction, &world.stage.bank.now()).unwrap()
}

fn used(world: &World) -> i64 {
    let market = world.market(0).state;
    utilisation(&market.flow, world.stage.time().0, market.params.flow_recovery_slots)
}

#[test]
fn two_accounts_share_one_flow_and_never_use_more_than_it_allows() {
    let mut world = whale_world(&thin_params());
    world.trader("second", 80_000 * USD);
    world.trade(0, "second", "maker", HALF_A_MILLION).unwrap();
    world.fall_to(0, 181 * USD);
    let (start, mut notional, mut refusals, mut capacity) = (world.stage.time().0, 0, 0, 0);
    for round in 0..60_u64 {
        let name = ["whale", "second"][round as usize % 2];
        capacity = capacity.max(u128::from(flow_capacity(&world.market(0).state, &world.stage.bank.now())));
        let (allowed, before) = (left(&world, FlowDirection::Sell), world.lots(name, 0));
        if world.liquidate("keeper", name, 0).is_ok() {
            let closed = (before - world.lots(name, 0)).unsigned_abs();
            let taken = notional_ceil(closed, world.mark(0)).unwrap();
            assert!(taken <= allowed + world.market(0).state.params.min_position_atoms, "{taken} of {allowed}");
            notional += taken;
        } else {
            refusals += 1;
        }
        assert!((-ONE - ONE / 100..=0).contains(&used(&world)), "u = {}", used(&world));
        let price = world.price(0);
        world.publish(0, price);
    }
    let elapsed = u128::from(world.stage.time().0 - start);
    assert!(u128::from(notional) <= capacity + capacity * elapsed / 600 + 20_000_000, "{notional} in {elapsed} slots");
    assert!(notional > 0 && refusals > 0, "the flow was used, and was a limit");
}

#[test]
fn opposing_closes_pay_for_each_other() {
    let mut world = calm_world(&sol_params());
    for name in ["long", "short", "maker", "keeper"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "long", "maker", HALF_A_MILLION).unwrap();
    world.trade(0, "maker", "short", HALF_A_MILLION).unwrap();
    for name in ["long", "short"] {
        world.leave_capital(name, 25_000 * USD, "maker");
    }
    let capacity = left(&world, FlowDirection::Sell);
    assert_eq!(left(&world, FlowDirection::Buy), capacity);
    world.liquidate("keeper", "long", 0).unwrap();
    let sold = capacity - left(&world, FlowDirection::Sell);
    assert!(sold > 0);
    assert!(left(&world, FlowDirection::Buy).abs_diff(capacity + sold) <= 1, "a forced sell makes room for buys");
    world.liquidate("keeper", "short", 0).unwrap();
    assert!(left(&world, FlowDirection::Sell) > capacity - sold, "a forced buy gives the room for sells back");
    assert_eq!(world.lots("maker", 0), 0);
}

#[test]
fn without_depth_no_slice_is_taken_and_below_the_line_the_other_side_closes() {
    let mut world = whale_world(&sol_params());
    world.leave_capital("whale", 20_000 * USD, "maker");
    world.without_depth(0);
    let sent = world.liquidate("keeper", "whale", 0);
    world.refused(sent, BreakwaterError::SliceUseless);
    let sent = world.deleverage("whale", 0);
    world.refused(sent, BreakwaterError::NotCritical);
    world.leave_capital("whale", 14_000 * USD, "maker"); // below h_bs, above h_adl
    world.deleverage("whale", 0).unwrap();
    assert_eq!(world.lots("whale", 0), 0);
}

#[test]
fn with_depth_an_account_between_the_lines_is_not_deleveraged() {
    let mut world = whale_world(&sol_params());
    world.leave_capital("whale", 14_000 * USD, "maker");
    let sent = world.deleverage("whale", 0);
    world.refused(sent, BreakwaterError::NotCritical);
    world.liquidate("keeper", "whale", 0).unwrap();
}

#[test]
fn a_stale_price_closes_nothing_until_it_is_fresh_again() {
    let mut world = whale_world(&sol_params());
    world.leave_capital("whale", 5_000 * USD, "maker");
    world.pass(30);
    let sent = world.liquidate("keeper", "whale", 0);
    world.refused(sent, BreakwaterError::PriceStale);
    let sent = world.deleverage("whale", 0);
    world.refused(sent, BreakwaterError::PriceStale);
    let sent = world.flag("whale", 0);
    world.refused(sent, BreakwaterError::PriceStale);
    let price = world.price(0);
    world.publish(0, price);
    world.deleverage("whale", 0).unwrap();
}
