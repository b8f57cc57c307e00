//! `absorb` of the part of a leg that restores an account which slices cannot: the three reasons, and how a backstop with
//! little room takes what it can (spec O-6 … O-8).

use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::backstop::capital_rate_ppm;
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::liquidation::FLAG_SLOTS_MIN;
use breakwater_risk::MarketParams;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

/// A deep market with a calm history, where "weak" fails but slices would restore it.
fn failing() -> World {
    let mut world = with_weak(World::with_sol().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS));
    weaken(&mut world, "weak", FAILING);
    world
}

/// Sets the flow meter as of now.
fn use_flow(world: &mut World, utilisation_q32: i64) {
    let slot = world.stage.time().0;
    world
        .edit_market(0, |market| (market.state.flow.utilisation_q32, market.state.flow.slot) = (utilisation_q32, slot));
}

/// Notional whose transfer restores the target: what is missing over what a unit frees, `S/(mm·(1 + buffer) − φ)`.
fn restoring_atoms(world: &World, charge_ppm: u64) -> u64 {
    let health = world.health("weak", 0, Stance::Favour);
    let rate = health.leg_in(0).unwrap().maintenance_ppm;
    let freed = rate + rate * u64::from(MarketParams::SOL.buffer_ppm) / PPM - charge_ppm;
    health.shortfall().unwrap() * PPM / freed
}

/// Asserts that the backstop took what restores, within a lot and a part per thousand for the size factor's rounding.
#[track_caller]
fn assert_restored(world: &World, wanted_atoms: u64) {
    let taken = u64::try_from(world.inventory(0)).unwrap() * world.mark(0) / PPM;
    assert!(taken.abs_diff(wanted_atoms) <= wanted_atoms / 1_000 + 2_000, "{taken} for {wanted_atoms}");
    assert!(taken < LOTS_10K * world.mark(0) / PPM, "a part");
    assert!(world.health("weak", 0, Stance::Favour).meets_target());
    assert_eq!(world.account("weak").state.flagged_slot, 0, "it left liquidation");
}

#[test]
fn absorb_takes_the_part_that_restores_where_no_slice_helps() {
    let mut world = failing();
    assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed);
    world.without_depth(0);
    world.flag("weak", 0).unwrap();
    let charge_ppm = u64::from(MarketParams::SOL.charge_max_ppm); // below H·mm
    let wanted = restoring_atoms(&world, charge_ppm);
    let (weak, market) = (world.account("weak").state, world.market(0).state);
    world.absorb("weak", 0).unwrap();
    assert_restored(&world, wanted);
    let taken = u64::try_from(world.inventory(0)).unwrap();
    let charge = taken * market.mark / PPM * charge_ppm / PPM;
    assert_eq!(world.account("weak").state.capital_atoms, weak.capital_atoms - charge);
    assert_eq!(world.market(0).state.flow, market.flow);
    assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed);
}

#[test]
fn absorb_is_paid_with_the_legs_own_claim_at_par_where_there_is_no_cash() {
    for cash in [0, USD] {
        let mut world = failing();
        world.deposit("maker", 1_000 * USD).unwrap();
        world.edit_account("weak", |_| ());
        let maintenance = world.health("weak", 0, Stance::Favour).maintenance();
        // A settled gain of about $440 is its equity.
        world.fall_to(0, 208_800_000);
        world.settle("maker").unwrap();
        world.settle("weak").unwrap();
        world.leave_capital("weak", cash, "maker");
        let claim = LOTS_10K * (world.mark(0) - 2_000_000_000) / PPM;
        assert!(claim > maintenance / 2 && claim < maintenance);
        let (before, had) = (world.market(0).state, world.backstop().account.state.capital_atoms);
        world.absorb("weak", 0).unwrap();
        let taken = u64::try_from(world.inventory(0)).unwrap();
        let charge = taken * world.mark(0) / PPM * u64::from(MarketParams::SOL.charge_max_ppm) / PPM;
        let insurance = cash * u64::from(MarketParams::SOL.insurance_share_ppm) / PPM;
        assert!(charge > cash, "the cash does not suffice");
        let (weak, view, after) = (world.account("weak").state, world.backstop().account.state, world.market(0).state);
        assert_eq!(weak.capital_atoms, 0);
        assert_eq!(weak.legs[0].claim_fresh_atoms, claim - (charge - cash));
        assert_eq!(view.legs[0].claim_fresh_atoms, charge - cash, "at par, and it matures anew");
        assert_eq!(view.capital_atoms, had + cash - insurance);
        assert_eq!(after.insurance_accrued_atoms, before.insurance_accrued_atoms + insurance);
        assert_eq!((after.claims_total_atoms, after.pool_atoms), (before.claims_total_atoms, before.pool_atoms));
    }
}

#[test]
fn absorb_acts_where_the_flow_was_too_little_for_t_cap_slots() {
    let mut world = failing();
    use_flow(&mut world, -(2 << 32));
    assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed); // not flagged
    world.flag("weak", 0).unwrap();
    let cap = u64::from(MarketParams::SOL.pace_cap_slots);
    world.calm(cap - 1);
    assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed);
    world.pass(1);
    // With flow again, slices act.
    let flow = world.market(0).state.flow;
    world.edit_market(0, |market| market.state.flow.utilisation_q32 = 0);
    assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed);
    world.edit_market(0, |market| market.state.flow = flow);
    let wanted = restoring_atoms(&world, u64::from(MarketParams::SOL.charge_max_ppm));
    world.absorb("weak", 0).unwrap();
    assert_restored(&world, wanted);
}

#[test]
fn a_flag_counts_as_waiting_until_it_lapses_after_300_slots_at_the_earliest() {
    let lapse = u64::from(MarketParams::SOL.pace_cap_slots + MarketParams::SOL.dutch_slots).max(FLAG_SLOTS_MIN);
    assert_eq!(lapse, FLAG_SLOTS_MIN, "SOL's own windows are shorter");
    for late in [0, 1] {
        let mut world = failing();
        world.flag("weak", 0).unwrap();
        world.calm(lapse);
        world.pass(late);
        use_flow(&mut world, -(2 << 32));
        assert_eq!(world.stage.time().0, world.account("weak").state.flagged_slot + lapse + late);
        match late {
            0 => world.absorb("weak", 0).map(|_| ()).unwrap(),
            _ => assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed),
        }
    }
}

#[test]
fn slices_meanwhile_do_not_start_the_waiting_anew() {
    let mut world = failing();
    world.flag("weak", 0).unwrap();
    let (flagged, cap) = (world.account("weak").state.flagged_slot, u64::from(MarketParams::SOL.pace_cap_slots));
    world.calm(cap - 5);
    // Of the flow a trifle is left, but more than a smallest position.
    use_flow(&mut world, -(1 << 32) + (1 << 32) / 50_000);
    world.liquidate("keeper", "weak", 0).unwrap();
    let weak = world.account("weak").state;
    assert!(world.lots("weak", 0) > 0 && weak.slice_due_slot > flagged, "it was taken, and the next is due later");
    assert_eq!(weak.flagged_slot, flagged);
    use_flow(&mut world, -(2 << 32));
    world.pass(4);
    assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed);
    world.pass(1);
    world.absorb("weak", 0).unwrap();
}

#[test]
fn the_flow_is_too_little_below_an_eighth_of_the_capacity() {
    let capacity = 8_000 * USD;
    for (used, is_too_little) in [(-(7 << 32) / 8, false), (-(7 << 32) / 8 - 1, true)] {
        let mut world = failing();
        world.flag("weak", 0).unwrap();
        world.calm(u64::from(MarketParams::SOL.pace_cap_slots));
        world.edit_market(0, |market| market.state.depth.capacity_atoms = capacity);
        use_flow(&mut world, used);
        let wanted = restoring_atoms(&world, u64::from(MarketParams::SOL.charge_max_ppm));
        assert!(wanted > capacity / 8, "it would like more");
        match is_too_little {
            true => world.absorb("weak", 0).map(|_| ()).unwrap(),
            false => assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed),
        }
    }
}

#[test]
fn absorb_takes_what_the_capital_rule_leaves_room_for_and_then_is_full() {
    let mut world = backed();
    weaken(&mut world, "weak", DISTRESSED);
    let capital = 1_000 * USD;
    world.leave_backstop_capital(capital, "maker");
    let rate = capital_rate_ppm(&world.market(0).state);
    let params = MarketParams::SOL;
    assert_eq!(rate, u64::from(params.backstop_gap_ppm + params.charge_max_ppm + params.move_max_ppm));
    world.absorb("weak", 0).unwrap();
    let room = capital * PPM / rate * PPM / world.mark(0) - 1; // a lot of room for what a touch hands on
    assert_eq!(world.inventory(0), room as i64);
    assert_eq!(world.lots("weak", 0), (LOTS_10K - room) as i64);
    // What it earned by it carries a little more, then nothing.
    let mut taken = 1;
    while world.absorb("weak", 0).is_ok() {
        taken += 1;
    }
    assert!(taken < 5, "{taken}");
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopFull);
    let (held, had) = (world.inventory(0) as u64 * world.mark(0) / PPM, world.backstop().account.state.capital_atoms);
    assert!(held * rate / PPM <= had, "the rule holds after every acquisition");
}

#[test]
fn absorb_takes_what_the_cap_of_the_market_leaves_room_for() {
    let mut world = backed();
    weaken(&mut world, "weak", DISTRESSED);
    let cap = 4_000 * USD;
    world.edit_market(0, |market| market.state.params.backstop_max_atoms = cap);
    world.absorb("weak", 0).unwrap();
    assert_eq!(world.inventory(0), (cap * PPM / world.mark(0) - 1) as i64);
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopFull);
}

#[test]
fn room_below_an_eighth_of_what_is_wanted_counts_as_none() {
    for (room, is_full) in [(LOTS_10K / 8, false), (LOTS_10K / 8 - 1, true)] {
        let mut world = backed();
        weaken(&mut world, "weak", DISTRESSED);
        // One lot of room is kept for what a touch hands on.
        let cap = (room + 1) * world.mark(0) / PPM;
        world.edit_market(0, |market| market.state.params.backstop_max_atoms = cap);
        match is_full {
            true => assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopFull),
            false => world.absorb("weak", 0).map(|_| ()).unwrap(),
        }
        assert_eq!(world.inventory(0), if is_full { 0 } else { room as i64 });
    }
}

#[test]
fn room_below_a_smallest_position_counts_as_none() {
    let least = MarketParams::SOL.min_position_atoms;
    for is_full in [false, true] {
        let mut world = quick().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS);
        world.trader("weak", 1_000 * USD);
        world.trader("maker", 1_000 * USD);
        let smallest = least * PPM / world.mark(0);
        world.trade(0, "weak", "maker", 4 * smallest).unwrap();
        weaken(&mut world, "weak", DISTRESSED);
        let room = smallest - u64::from(is_full); // a quarter of what is wanted
        let cap = (room + 1) * world.mark(0) / PPM;
        world.edit_market(0, |market| market.state.params.backstop_max_atoms = cap);
        match is_full {
            true => assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopFull),
            false => world.absorb("weak", 0).map(|_| ()).unwrap(),
        }
        assert_eq!(world.inventory(0), if is_full { 0 } else { room as i64 });
    }
}

#[test]
fn what_it_holds_elsewhere_binds_its_capital_first() {
    let mut world = holding();
    world.list(&breakwater_tests::world::sol_params(), 100 * USD);
    world.publish(0, 200 * USD);
    world.trader("second", 100_000 * USD);
    world.trade(1, "second", "maker", LOTS_10K).unwrap(); // $5 000
    let required = world.health("second", 1, Stance::Favour).maintenance();
    world.leave_capital("second", required * DISTRESSED / PPM, "maker");
    let rate = capital_rate_ppm(&world.market(0).state);
    let bound = LOTS_10K * world.mark(0) / PPM * rate / PPM;
    let spare = 500 * USD;
    world.edit_backstop(|backstop| backstop.state.day = 0);
    world.leave_backstop_capital(bound + spare, "maker");
    world.absorb("second", 1).unwrap();
    // The other leg counts at its last mark moved by its age: a little less room than without.
    let most = spare * PPM / rate * PPM / world.mark(1);
    let taken = world.inventory(1) as u64;
    assert!(taken < most && taken > most * 9 / 10, "{taken} of {most}");
}
