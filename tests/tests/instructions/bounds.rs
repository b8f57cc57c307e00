//! Bounds of lots, prices and parameters fit together: whatever was opened can be closed, whatever its price does, and no market
//! takes positions that its figures have no room for.

use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::units::{MAX_FIRST_PRICE, MAX_LEG_LOTS, MAX_PRICE, MIN_FIRST_PRICE, MIN_RISK_PRICE};
use breakwater_risk::MarketParams;
use breakwater_sim::stage::Sent;
use breakwater_tests::assert_refused;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::{sol_params, World, USD};

/// Rich enough for the largest position at $200.
const RICH: u64 = 2_500_000_000 * USD;

/// A long and a short of the most lots, worth $275 M, and a keeper.
fn largest() -> World {
    let mut world = World::with_sol();
    for name in ["long", "short", "keeper"] {
        world.trader(name, RICH);
    }
    world.trade(0, "long", "short", MAX_LEG_LOTS).unwrap();
    world
}

#[track_caller]
fn assert_no_overflow(what: &str, sent: Sent) {
    if let Err(refused) = sent {
        assert_ne!(code_of(&refused), Some(code(BreakwaterError::Overflow)), "{what}: {refused}");
    }
}

/// A market with a lot of `10^lot_exponent` tokens and a first price: what its refresh says.
fn first_price(params: &MarketParams, lot_exponent: i8, price_micro_usd: u64) -> (World, Sent) {
    let mut world = World::new();
    let market = world.stage.list_market(params, lot_exponent).unwrap();
    world.pass(5);
    let sent = world.stage.publish(market, price_micro_usd, 300);
    (world, sent)
}

#[test]
fn the_largest_position_can_be_closed_wherever_its_price_goes() {
    // 9 000 times as much, the highest price, a millionth of a dollar for a token of $200.
    for price in [1_800_000 * USD, 3_518_437 * USD, 1] {
        let mut world = largest();
        world.fall_to(0, price);
        for name in ["long", "short"] {
            assert_no_overflow("settle", world.settle(name));
            assert_no_overflow("touch", world.touch(name, 0));
            assert_no_overflow("flag", world.flag(name, 0));
            assert_no_overflow("withdraw", world.withdraw(name, USD));
            assert_no_overflow("liquidate", world.liquidate("keeper", name, 0));
        }
        assert_no_overflow("measure", world.measure_cascade(0));
        // Who lost all is resolved, who did not closes by a trade: nothing stays open.
        for name in ["long", "short"] {
            assert_no_overflow("deleverage", world.deleverage(name, 0));
            assert_no_overflow("resolve", world.resolve(name, 0));
        }
        for name in ["long", "short", "keeper"] {
            world.settle(name).unwrap();
        }
        let left = world.market(0).state.long.open_lots;
        if left > 0 {
            world.trade(0, "short", "long", left).unwrap();
        }
        assert_eq!(world.market(0).state.long.open_lots, 0, "{price}");
    }
}

#[test]
fn the_largest_position_is_closed_by_a_trade_after_a_rise_that_its_owner_can_bear() {
    let mut world = largest();
    world.fall_to(0, 400 * USD);
    world.trade(0, "short", "long", MAX_LEG_LOTS).unwrap();
    assert_eq!((world.lots("long", 0), world.lots("short", 0)), (0, 0));
}

#[test]
fn a_leg_holds_at_most_2_37_lots_and_an_account_2_38() {
    let mut world = World::new();
    for name in ["buyer", "seller"] {
        world.trader(name, RICH);
    }
    for _ in 0..3 {
        world.list(&sol_params(), 200 * USD);
    }
    assert_refused(world.trade(0, "buyer", "seller", MAX_LEG_LOTS + 1), BreakwaterError::LegTooLarge);
    world.trade(0, "buyer", "seller", MAX_LEG_LOTS).unwrap();
    assert_refused(world.trade(0, "buyer", "seller", LOTS_10K), BreakwaterError::LegTooLarge);
    world.trade(1, "seller", "buyer", MAX_LEG_LOTS).unwrap();
    assert_refused(world.trade(2, "buyer", "seller", LOTS_10K), BreakwaterError::LegTooLarge);
    world.trade(0, "seller", "buyer", LOTS_10K).unwrap();
    world.trade(2, "buyer", "seller", LOTS_10K).unwrap();
}

#[test]
fn a_market_gets_no_first_price_without_room_to_move() {
    // A token of $200 is 2·10^14 price units, which a lot of a whole token leaves even above the highest price.
    assert_refused(first_price(&sol_params(), 0, 200 * USD).1, BreakwaterError::PriceOutOfRange);
    for (lot_exponent, fits) in [(-1, false), (-2, false), (-3, true), (-7, true), (-8, false), (-9, false)] {
        let (world, sent) = first_price(&sol_params(), lot_exponent, 200 * USD);
        match fits {
            true => {
                sent.unwrap();
                assert!((MIN_FIRST_PRICE..=MAX_FIRST_PRICE).contains(&world.mark(0)));
            }
            false => {
                assert_refused(sent, BreakwaterError::FirstPriceOutOfRange);
                assert_eq!(world.mark(0), 0);
            }
        }
    }
}

#[test]
fn a_feed_lives_through_a_rise_by_150_times_and_a_fall_by_99_99_percent() {
    let (mut world, sent) = first_price(&sol_params(), -3, 200 * USD);
    sent.unwrap();
    world.pass(10);
    world.stage.publish(0, 30_000 * USD, 300).unwrap();
    assert_eq!(world.mark(0), 30_000_000_000_000);
    world.pass(10);
    let highest = MAX_PRICE / 1_000; // micro-dollars of a token
    world.stage.publish(0, highest, 300).unwrap();
    world.pass(10);
    assert_refused(world.stage.publish(0, highest + 1, 300), BreakwaterError::PriceOutOfRange);

    let (mut world, sent) = first_price(&sol_params(), -7, 200 * USD);
    sent.unwrap();
    // $3.333333 and $0.019999 a token: rounded, however much of the price that is.
    for (price, mark) in [(3_333_333, 333_333), (19_999, 2_000), (4, 1)] {
        world.pass(10);
        world.stage.publish(0, price, 300).unwrap();
        assert_eq!(world.mark(0), mark);
    }
}

#[test]
fn a_token_that_loses_nearly_everything_is_reduced_only_at_its_present_price() {
    let mut world = pair();
    world.trader("late", 100_000 * USD);
    world.trade(0, "bob", "alice", LOTS_10K).unwrap();
    // 99.99 % down: alice's short gained nearly $10 000, bob's long lost it.
    world.fall_to(0, 20_000);
    assert_eq!(world.mark(0), 200_000);
    assert!(world.mark(0) < MIN_RISK_PRICE);
    let as_large = LOTS_10K * 10_000;
    assert_refused(world.trade(0, "late", "alice", as_large), BreakwaterError::ReduceOnly);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    assert_eq!((world.lots("alice", 0), world.lots("bob", 0)), (0, 0));
    // Recovered to 2^20 price units and more, it takes risk again.
    world.fall_to(0, 104_858);
    assert!(world.mark(0) >= MIN_RISK_PRICE);
    world.edit_market(0, |market| market.state.breaker.open_until_slot = 0); // its pause ends days later
    world.trade(0, "late", "alice", as_large / 10).unwrap();
}

#[test]
fn no_risk_is_added_while_one_lot_is_worth_more_than_the_smallest_position() {
    let params = MarketParams { min_position_atoms: USD / 5, ..sol_params() };
    let (_, sent) = first_price(&MarketParams { min_position_atoms: USD / 5 - 1, ..params }, -3, 200 * USD);
    assert_refused(sent, BreakwaterError::NoPositionFits);
    let (mut world, sent) = first_price(&params, -3, 200 * USD); // a lot of $0.20
    sent.unwrap();
    for name in ["alice", "bob"] {
        world.trader(name, 100_000 * USD);
    }
    world.trade(0, "alice", "bob", 1_000).unwrap();
    world.pass(5);
    world.stage.publish(0, 201 * USD, 300).unwrap();
    assert_refused(world.trade(0, "alice", "bob", 1_000), BreakwaterError::ReduceOnly);
    world.trade(0, "bob", "alice", 1_000).unwrap();
    world.pass(5);
    world.stage.publish(0, 200 * USD, 300).unwrap();
    world.trade(0, "alice", "bob", 1_000).unwrap();
}

#[test]
fn a_cap_below_the_smallest_position_gets_no_first_price_and_is_not_proposed() {
    // The cap is worth $20, half of it under full macro stress the smallest position of $10.
    let least = MarketParams { open_interest_max_lots: 10_000, ..sol_params() };
    let below = MarketParams { open_interest_max_lots: 9_999, ..least };
    assert_refused(first_price(&below, -5, 200 * USD).1, BreakwaterError::NoPositionFits);
    first_price(&least, -5, 200 * USD).1.unwrap();

    let mut world = quick();
    assert_refused(world.propose_params(0, below), BreakwaterError::NoPositionFits);
    let larger = MarketParams { min_position_atoms: sol_params().min_position_atoms + 1, ..least };
    assert_refused(world.propose_params(0, larger), BreakwaterError::NoPositionFits);
    // What fits when it is proposed but not when it is applied is not applied.
    world.propose_params(0, least).unwrap();
    world.fall_to(0, 199 * USD);
    assert_refused(world.apply_params(0), BreakwaterError::NoPositionFits);
    world.fall_to(0, 200 * USD);
    world.apply_params(0).unwrap();
}

#[test]
fn other_parameters_change_whatever_the_price_has_become() {
    let mut world = quick();
    world.fall_to(0, 1);
    let other = MarketParams { charge_max_ppm: 20_000, ..sol_params() };
    world.propose_params(0, other).unwrap();
    assert_refused(
        {
            world.cancel_params(0).unwrap();
            world.propose_params(0, MarketParams { open_interest_max_lots: LOTS_10K, ..sol_params() })
        },
        BreakwaterError::NoPositionFits,
    );
}

#[test]
fn the_backstop_may_hold_at_least_a_smallest_position() {
    let mut world = World::new();
    let least = sol_params().min_position_atoms;
    let sent = world.stage.list_market(&MarketParams { backstop_max_atoms: least - 1, ..sol_params() }, -5).map(|_| ());
    assert!(sent.is_err_and(|refused| code_of(&refused) == Some(code(BreakwaterError::ParameterOutOfBounds))));
    for backstop_max_atoms in [0, least] {
        world.stage.list_market(&MarketParams { backstop_max_atoms, ..sol_params() }, -5).unwrap();
    }
}

#[test]
fn a_market_with_the_deepest_book_is_measured() {
    let deepest =
        MarketParams { depth_base_atoms: 1 << 56, move_min_ppm: 20_000, move_max_ppm: 20_000, ..sol_params() };
    let mut world = World::new();
    world.list(&deepest, 200 * USD);
    for name in ["alice", "bob"] {
        world.trader(name, 100_000 * USD);
    }
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.measure_cascade(0).unwrap();
    world.edit_market(0, |market| market.state.depth.depth_slow_atoms = 1 << 56);
    world.measure_cascade(0).unwrap();
    assert_eq!(world.market(0).state.ladder.measured_slot, world.stage.time().0);
}
