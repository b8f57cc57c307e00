//! PEERS, failure 3: whoever calls every slot neither freezes nor speeds up anything that time moves.

use crate::scene::{calm_world, slot, HALF_A_MILLION};
use breakwater_risk::flow::utilisation;
use breakwater_risk::{claims, MarketParams};
use breakwater_tests::world::{sol_params, World, USD};

/// Slots between the slice and the comparison: 40 % of the meter's recovery.
const SLOTS: u64 = 240;

/// A world after a slice, with a claim that waits, funding under way and margin below its band.
fn started() -> World {
    let mut world = calm_world(&MarketParams { funding_max_ppm: 500, profit_window_slots: 100, ..sol_params() });
    for name in ["whale", "winner", "maker", "keeper"] {
        world.trader(name, 1_000_000 * USD);
    }
    let mark = world.mark(0);
    world.trade_at(0, "whale", "maker", HALF_A_MILLION, mark + mark / 1_000).unwrap();
    world.trade(0, "winner", "maker", HALF_A_MILLION).unwrap();
    world.publish(0, 201 * USD);
    world.settle("winner").unwrap();
    world.leave_capital("whale", 12_000 * USD, "maker");
    world.edit_market(0, |market| market.state.maintenance_q32 = 40_000 << 32); // under the band: it rises
    world.liquidate("keeper", "whale", 0).unwrap();
    world
}

/// Refreshes every `step` slots for [`SLOTS`] slots.
fn wait_in_steps(step: u64) -> World {
    let mut world = started();
    let end = slot(&world) + SLOTS;
    while slot(&world) < end {
        world.pass(step);
        let price = world.price(0);
        world.stage.publish(0, price, 300).unwrap();
        if step < 10 {
            world.settle("winner").unwrap();
        }
    }
    world.check();
    world
}

#[test]
fn peers_03_calling_every_slot_neither_freezes_nor_speeds_anything() {
    let (often, once) = (wait_in_steps(3), wait_in_steps(SLOTS)); // a publish time has whole seconds: 2.5 slots
    assert_eq!(slot(&often), slot(&once));
    let (many, few) = (often.market(0).state, once.market(0).state);

    let used = |world: &World| {
        let market = world.market(0).state;
        utilisation(&market.flow, slot(world), market.params.flow_recovery_slots)
    };
    let start = started().market(0).state.flow.utilisation_q32;
    assert!(start < 0 && used(&often) == used(&once), "flow meter");
    let recovered = used(&often) - start;
    assert!((recovered - (1_i64 << 32) * SLOTS as i64 / 600).abs() <= 1 || used(&often) == 0);

    let risen = |state: &breakwater_risk::MarketState| state.maintenance_q32 - (40_000 << 32);
    let expected = (u64::from(many.params.maintenance_step_ppm) << 32) * (SLOTS * 2 / 5) / 3_600;
    for (state, name) in [(&many, "often"), (&few, "once")] {
        assert!(
            risen(state).abs_diff(expected) <= expected / 1_000,
            "maintenance {name}: {} of {expected}",
            risen(state)
        );
    }

    let waiting = |world: &World| {
        let (account, now) = (world.account("winner"), world.stage.bank.now());
        claims::current(&account.state.legs[0], &world.market(0).state, &now).unwrap()
    };
    assert!(waiting(&often).matured > 0, "a profit matures however often its leg is touched");
    let total = |world: &World| waiting(world).total().unwrap();
    assert!(total(&often) <= total(&once) + total(&once) / 10);

    let funded = |state: &breakwater_risk::MarketState| -(state.long.cash_index.get() >> 60);
    assert!(funded(&many) > 0 && (funded(&many) - funded(&few)).abs() * 20 <= funded(&few), "funding within 5 %");
}
