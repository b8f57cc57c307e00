//! Prices on a chain whose clock lags behind real time, and transactions that refresh although another was faster.

use crate::scene::whale_world;
use breakwater::BreakwaterError;
use breakwater_sdk::actions::Action;
use breakwater_sdk::instruction as build;
use breakwater_sim::bank::PythPrice;
use breakwater_sim::stage::{Sent, Stage};
use breakwater_tests::macros::{macro_price_account, MINUTE_SLOTS};
use breakwater_tests::refusal::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

/// Publishes $190 with a publish time so many seconds ahead of the chain's clock, and refreshes.
fn publish_ahead(world: &mut World, ahead_s: i64) -> Sent {
    let listed = world.stage.markets[0];
    let publish_time = world.stage.time().1 + ahead_s;
    let price = PythPrice { publish_time, ..Stage::pyth_price(listed.feed_id, 190 * USD, 300, publish_time) };
    world.stage.bank.post_price(&listed.price_account, &price);
    world.refresh(0)
}

#[test]
fn a_clock_up_to_fifteen_seconds_late_stops_no_price() {
    for late_s in [0, 4, 15] {
        let mut world = whale_world(&sol_params());
        let first = world.market(0).sequence;
        for _ in 0..20 {
            world.pass(5); // 2 s
            publish_ahead(&mut world, late_s).unwrap();
        }
        assert_eq!(world.market(0).sequence - first, 20, "{late_s} s late: prices were passed over");
        // Trading and liquidation see a fresh price.
        world.trade(0, "keeper", "maker", 1_000_000).unwrap();
        assert_refused(world.flag("keeper", 0), BreakwaterError::NothingToDo);
    }
    let mut world = whale_world(&sol_params());
    world.pass(5);
    assert_refused(publish_ahead(&mut world, 16), BreakwaterError::PriceFromFuture);
}

/// The whale fails at $175. Somebody else brings that price, or a newer one, before the keeper's transaction lands.
#[test]
fn a_transaction_that_refreshes_and_liquidates_does_not_fail_because_another_was_faster() {
    for newer in [false, true] {
        let mut world = whale_world(&sol_params());
        world.pass(5);
        world.stage.post(0, 175 * USD, 300);
        let market = world.stage.markets[0];
        let mine = world.stage.bank.data(&market.price_account).unwrap();
        world.refresh(0).unwrap();
        if newer {
            world.publish(0, 174 * USD);
            world.stage.bank.set_account(&market.price_account, breakwater_sim::bank::PYTH_RECEIVER, mine);
        }
        let refresh = build::refresh_market(world.stage.exchange, market.key, market.price_account);
        let act = world.instruction_of(Action::Liquidate(0), "whale", "keeper");
        let before = world.market(0).state;
        world.send_as("keeper", &[refresh, act]).unwrap();
        let after = world.market(0).state;
        assert_eq!((after.mark, after.mark_slot), (before.mark, before.mark_slot));
        assert!(world.lots("whale", 0) < crate::scene::HALF_A_MILLION as i64, "the slice was taken");
    }
}

/// An old price passes a market that has a newer one, but what follows needs a fresh price.
#[test]
fn a_refresh_that_changes_nothing_makes_no_old_price_fresh() {
    let mut world = whale_world(&sol_params());
    world.publish(0, 175 * USD);
    world.pass(25); // 10 s
    world.refresh(0).unwrap();
    let market = world.stage.markets[0];
    let refresh = build::refresh_market(world.stage.exchange, market.key, market.price_account);
    let act = world.instruction_of(Action::Liquidate(0), "whale", "keeper");
    let sent = world.send_as("keeper", &[refresh, act]);
    world.refused(sent, BreakwaterError::PriceStale);
}

#[test]
fn a_refresh_of_the_macro_index_in_front_of_one_of_a_market_does_not_stop_it() {
    let mut world = whale_world(&sol_params()).with_macro_index(2);
    world.pass(MINUTE_SLOTS);
    world.publish_macro(&[(0, 100 * USD), (1, 100 * USD)]).unwrap();
    let index = world.macro_index().state;
    world.stage.post(0, 199 * USD, 300);
    let market = world.stage.markets[0];
    let accounts = [macro_price_account(0), macro_price_account(1)];
    let macros = build::refresh_macro(world.stage.exchange, &accounts);
    let refresh = build::refresh_market(world.stage.exchange, market.key, market.price_account);
    world.send(&[macros, refresh], &[]).unwrap();
    assert_eq!((world.macro_index().state, world.mark(0)), (index, 1_990_000_000));
}
