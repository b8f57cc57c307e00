//! What a slice costs, and who gets it.

use crate::scene::{capital, slice, slot, wait_until, whale_world};
use breakwater_risk::charge::{dutch_ppm, zero_price_ppm};
use breakwater_risk::health::Stance;
use breakwater_risk::units::notional_floor;
use breakwater_tests::world::{sol_params, World, USD};

const PPM: u64 = 1_000_000;

/// Charge of a slice as the rates of now make it.
fn expected_charge(world: &World, closed_lots: i64, since_flag: u64) -> (u64, u64) {
    let health = world.health("whale", 0, Stance::Favour);
    let rate = health.leg_in(0).unwrap().maintenance_ppm;
    let zero = zero_price_ppm(health.equity(), health.maintenance(), rate).unwrap();
    let charge_ppm = dutch_ppm(&world.market(0).state.params, since_flag).min(zero);
    let notional = notional_floor(closed_lots.unsigned_abs(), world.mark(0)).unwrap();
    (charge_ppm, notional * charge_ppm / PPM)
}

#[test]
fn the_charge_grows_from_the_least_to_the_most_within_the_dutch_window() {
    let mut world = whale_world(&sol_params());
    world.fall_to(0, 180 * USD);
    world.settle("whale").unwrap();
    world.flag("whale", 0).unwrap();
    let flagged = slot(&world);
    let params = world.market(0).state.params;
    let mut rates = Vec::new();
    for since in [0, 5, 10, 15, 20, 25] {
        wait_until(&mut world, flagged + since);
        let report = slice(&world, "keeper", "whale", 0).unwrap();
        let (charge_ppm, charge_atoms) = expected_charge(&world, report.closed_lots, since);
        assert_eq!(report.charge_atoms, charge_atoms, "{since} slots after the flag");
        rates.push(charge_ppm);
    }
    let (least, most) = (u64::from(params.charge_min_ppm), u64::from(params.charge_max_ppm));
    let half = u64::midpoint(least, most);
    let quarter = (most - least) / 4;
    assert_eq!(rates, [least, least + quarter, half, half + quarter, most, most]);
}

#[test]
fn the_charge_never_exceeds_the_zero_price_at_which_health_stays() {
    let mut world = whale_world(&sol_params());
    world.fall_to(0, 171 * USD);
    world.settle("whale").unwrap();
    world.flag("whale", 0).unwrap();
    let flagged = slot(&world);
    wait_until(&mut world, flagged + 20);
    let before = world.health("whale", 0, Stance::Favour);
    let report = slice(&world, "keeper", "whale", 0).unwrap();
    let (charge_ppm, charge_atoms) = expected_charge(&world, report.closed_lots, 20);
    assert!(charge_ppm < u64::from(sol_params().charge_max_ppm), "the zero price binds: {charge_ppm}");
    world.liquidate("keeper", "whale", 0).unwrap();
    assert_eq!(report.charge_atoms, charge_atoms);
    if world.lots("whale", 0) > 0 {
        let after = world.health("whale", 0, Stance::Favour);
        after.require_not_worse_than(before.ratio()).unwrap();
    }
}

#[test]
fn keeper_and_insurance_share_exactly_what_the_account_pays() {
    let mut world = whale_world(&sol_params());
    world.fall_to(0, 180 * USD);
    world.settle("whale").unwrap();
    let before = ["whale", "keeper"].map(|name| capital(&world, name));
    let accrued = world.market(0).state.insurance_accrued_atoms;
    let expected = slice(&world, "keeper", "whale", 0).unwrap();
    world.liquidate("keeper", "whale", 0).unwrap();
    let after = ["whale", "keeper"].map(|name| capital(&world, name));
    let insured = world.market(0).state.insurance_accrued_atoms - accrued;
    assert_eq!(before[0] - after[0], expected.charge_atoms);
    assert_eq!(after[1] - before[1], expected.keeper_atoms);
    assert_eq!(insured, expected.charge_atoms * u64::from(sol_params().insurance_share_ppm) / PPM);
    assert_eq!(expected.keeper_atoms + insured, expected.charge_atoms);
    assert!(expected.keeper_atoms > 0);
}
