//! What a hostile reader tried: each test is an abuse that must not pay.

use crate::scene::{calm_world, free_params, whale_world};
use breakwater::BreakwaterError;
use breakwater_risk::health::Stance;
use breakwater_risk::liquidation::FLAG_SLOTS_MIN;
use breakwater_sdk::preview;
use breakwater_tests::world::{sol_params, World, USD};

#[test]
fn a_leg_in_a_market_of_wide_confidence_does_not_shield_the_other_legs() {
    let mut world = calm_world(&sol_params());
    world.list(&sol_params(), 200 * USD);
    world.calm(3_000);
    world.trader("subject", 30_000 * USD);
    world.trader("maker", 1_000_000 * USD);
    world.trader("keeper", 1_000_000 * USD);
    world.trade(0, "subject", "maker", 10_000_000).unwrap(); // $20 000
    world.trade(1, "subject", "maker", 30_000_000).unwrap(); // $60 000, the better leg to close
    let required = world.health("subject", 0, Stance::Favour).maintenance();
    world.leave_capital("subject", required * 9 / 10, "maker");
    let sent = world.liquidate("keeper", "subject", 0);
    world.refused(sent, BreakwaterError::WrongLeg);

    for _ in 0..2 {
        world.pass(5);
        world.stage.publish(1, 200 * USD, 25_000).unwrap();
        world.stage.publish(0, 200 * USD, 300).unwrap();
    }
    world.leave_capital("subject", required * 8 / 10, "maker"); // below what the wide price favours it by
    let sent = world.liquidate("keeper", "subject", 1);
    world.refused(sent, BreakwaterError::ConfidenceTooWide);
    world.liquidate("keeper", "subject", 0).unwrap();
}

#[test]
fn a_flag_of_long_ago_does_not_lower_the_line_nor_raise_the_charge() {
    let mut world = whale_world(&sol_params());
    let required = world.health("whale", 0, Stance::Favour).maintenance();
    let capital = world.account("whale").state.capital_atoms;
    world.leave_capital("whale", required * 9 / 10, "maker");
    world.flag("whale", 0).unwrap();
    world.move_capital("maker", "whale", capital - required * 9 / 10);
    world.calm(FLAG_SLOTS_MIN + 50);

    let required = world.health("whale", 0, Stance::Favour).maintenance();
    world.leave_capital("whale", required * 105 / 100, "maker"); // health 1.05: below the target, not below 1
    assert_ne!(world.account("whale").state.flagged_slot, 0);
    let sent = world.liquidate("keeper", "whale", 0);
    world.refused(sent, BreakwaterError::Healthy);
    world.flag("whale", 0).unwrap();
    assert_eq!(world.account("whale").state.flagged_slot, 0, "anybody may clear a flag that lapsed");
}

#[test]
fn profit_that_its_market_left_unfunded_carries_no_position_elsewhere() {
    let mut world = World::new();
    for _ in 0..2 {
        world.list(&free_params(), 200 * USD);
    }
    world.calm(1_000);
    world.trader("winner", 20_000 * USD);
    world.trader("loser", 200_000 * USD);
    world.trade(0, "winner", "loser", 10_000_000).unwrap();
    world.trade(1, "winner", "loser", 50_000_000).unwrap(); // $100 000 elsewhere
    world.fall_to(0, 240 * USD); // + $4 000
    let profit = 4_000 * i128::from(USD);
    let backed = world.health("winner", 1, Stance::Favour).equity();
    world.edit_market(0, |market| market.state.unfunded_atoms = 3_000 * USD);
    assert_eq!(world.health("winner", 1, Stance::Favour).equity(), backed - profit * 3 / 4);
    world.edit_market(0, |market| market.state.unfunded_atoms = 9_000 * USD);
    assert_eq!(world.health("winner", 1, Stance::Favour).equity(), backed - profit);
}

#[test]
fn a_profit_at_a_price_that_nobody_refreshed_pays_for_no_withdrawal() {
    let mut world = calm_world(&free_params());
    world.trader("winner", 60_000 * USD);
    world.trader("loser", 60_000 * USD);
    world.trade(0, "winner", "loser", 50_000_000).unwrap(); // $100 000
    world.fall_to(0, 220 * USD); // + $10 000
    let free = |world: &World| {
        preview::withdrawable_atoms(&world.stage.snapshot(), &world.account("winner"), &world.stage.bank.now()).unwrap()
    };
    let initial = world.health("winner", 0, Stance::Against).initial();
    assert_eq!(free(&world), 60_000 * USD - initial);
    world.pass(1_000);
    assert_eq!(free(&world), 60_000 * USD - 2 * initial);
}
