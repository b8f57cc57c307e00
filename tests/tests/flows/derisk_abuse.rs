//! Predictive closes against whoever would use them to do harm: prices pushed, calls repeated, keepers that collude.

use crate::scene::{capital, free_params, quick_world, slot, thin_params, with_whale, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::flow::{utilisation, FlowDirection};
use breakwater_risk::health::Stance;
use breakwater_risk::{flow, MarketParams};
use breakwater_tests::world::{World, USD};

/// Half of the meter.
const HALF: i64 = 1 << 31;

/// "whale" is long $500 000 and opted in, with this part of what maintenance asks, ppm; fees are off.
fn whale_at(params: &MarketParams, part_ppm: u64) -> World {
    let mut world = with_whale(quick_world(params));
    world.set_derisk("whale", true).unwrap();
    bring_to(&mut world, part_ppm);
    world
}

/// Gives the whale the capital that makes its equity this part of what maintenance asks, in ppm.
fn bring_to(world: &mut World, part_ppm: u64) {
    let health = world.health("whale", 0, Stance::Favour);
    let wanted = i128::from(health.maintenance()) * i128::from(part_ppm) / 1_000_000 - health.equity();
    match u64::try_from(wanted.unsigned_abs()).unwrap() {
        atoms if wanted < 0 => world.move_capital("whale", "maker", atoms),
        atoms => world.move_capital("maker", "whale", atoms),
    }
}

fn equity(world: &World, name: &str) -> i128 {
    world.health(name, 0, Stance::Favour).equity()
}

/// What closing lots may cost at a distance of 5 bp to the mark, which rounding may pass by 2 per mille of itself.
fn most_cost(closed: u64, mark: u64) -> i128 {
    i128::from(closed) * i128::from(mark) / 1_000_000 * 501 / 1_000_000 + 8
}

#[test]
fn one_price_pushed_down_or_up_and_back_closes_nothing_of_a_healthy_account() {
    for pushed in [196, 197, 198, 202, 203, 204] {
        let mut world = whale_at(&free_params(), 1_450_000); // 2.8 % of its notional above maintenance
        let before = equity(&world, "whale");
        world.publish(0, pushed * USD);
        let sent = world.derisk("keeper", "whale", 0);
        world.refused(sent, BreakwaterError::NotAtRisk);
        world.publish(0, 200 * USD);
        let sent = world.derisk("keeper", "whale", 0);
        world.refused(sent, BreakwaterError::NotAtRisk);
        assert_eq!(world.lots("whale", 0).unsigned_abs(), HALF_A_MILLION);
        assert_eq!(equity(&world, "whale"), before);
    }
}

#[test]
fn prices_pushed_to_and_fro_cost_an_account_at_risk_the_distance_and_the_move_it_was_open_for() {
    let mut world = whale_at(&free_params(), 1_020_000);
    let (start, others) = (equity(&world, "whale"), capital(&world, "maker"));
    let (mut stated, mut priced) = (0_i128, 0_i128);
    for step in 0..40_u64 {
        let (mark, lots) = (world.mark(0), world.lots("whale", 0));
        let price = [200_100_000, 199_900_000, 200_000_000, 199_950_000][step as usize % 4];
        world.publish(0, price);
        priced += i128::from(lots) * (i128::from(world.mark(0)) - i128::from(mark)) / 1_000_000;
        let before = equity(&world, "whale");
        if world.derisk("keeper", "whale", 0).is_ok() {
            let closed = (lots - world.lots("whale", 0)).unsigned_abs();
            let most = most_cost(closed, world.mark(0));
            assert!(before - equity(&world, "whale") <= most);
            stated += most;
        }
    }
    assert!(stated > 0, "it was acted on");
    let lost = start - equity(&world, "whale");
    assert!(lost <= stated - priced + 80, "lost {lost}, stated {stated}, by prices {priced}");
    assert_eq!(capital(&world, "maker"), others, "nobody else pays");
}

#[test]
fn calls_in_every_slot_close_once_per_t_cap_and_never_past_the_target() {
    let mut world = whale_at(&free_params(), 1_005_000);
    let t_cap = u64::from(free_params().pace_cap_slots);
    let (from, mut closes, mut last) = (slot(&world), 0_u64, None);
    for _ in 0..60 {
        world.calm(3);
        let lots = world.lots("whale", 0);
        if world.derisk("keeper", "whale", 0).is_ok() {
            assert!(last.is_none_or(|last| slot(&world) >= last + t_cap), "before T_cap");
            (closes, last) = (closes + 1, Some(slot(&world)));
            assert!(world.lots("whale", 0) < lots);
        }
        let health = world.health("whale", 0, Stance::Favour);
        assert!(health.equity_shifted() <= i128::from(health.target()), "past the target");
    }
    assert!(closes >= 1 && closes <= (slot(&world) - from) / t_cap + 1, "{closes} closes");
    let left = world.lots("whale", 0).unsigned_abs();
    assert!(left > HALF_A_MILLION * 9 / 10, "what brings 1.005 to the target is below a tenth: {left} left");
}

#[test]
fn colluding_keepers_gain_the_stated_distance_and_nothing_else() {
    // Somebody apart, the counter-party of the account's own position, and one that has just traded with it.
    for taker in ["keeper", "maker", "partner"] {
        let mut world = with_whale(quick_world(&free_params()));
        world.trader("partner", 1_000_000 * USD);
        world.trade(0, "partner", "maker", HALF_A_MILLION / 4).unwrap();
        world.set_derisk("whale", true).unwrap();
        bring_to(&mut world, 1_020_000);
        let names = ["whale", "maker", "keeper", "partner"];
        let before = names.map(|name| equity(&world, name));
        world.derisk(taker, "whale", 0).unwrap();
        assert!(world.derisk(taker, "whale", 0).is_err());
        let closed = HALF_A_MILLION - world.lots("whale", 0).unsigned_abs();
        let changes: Vec<i128> = names.iter().zip(before).map(|(name, before)| equity(&world, name) - before).collect();
        let gained = changes[names.iter().position(|name| *name == taker).unwrap()];
        assert!(gained > 0 && gained <= most_cost(closed, world.mark(0)), "{taker} gained {gained}");
        assert!((changes[0] + gained).abs() <= 1, "what one lost the other gained: {changes:?}");
        assert_eq!(changes.iter().filter(|change| **change != 0).count(), 2, "nobody else: {changes:?}");
    }
}

#[test]
fn small_accounts_that_did_not_opt_in_are_left_alone() {
    let mut world = whale_at(&free_params(), 1_020_000);
    world.set_derisk("whale", false).unwrap();
    for _ in 0..5 {
        let sent = world.derisk("keeper", "whale", 0);
        world.refused(sent, BreakwaterError::DeriskNotAllowed);
        world.calm(30);
    }
}

#[test]
fn predictive_closes_leave_half_of_the_flow_to_liquidations() {
    let mut world = whale_at(&thin_params(), 1_010_000);
    world.trader("second", 80_000 * USD);
    world.trade(0, "second", "maker", HALF_A_MILLION).unwrap();
    world.edit_market(0, |market| market.state.depth.capacity_atoms = 40_000 * USD);
    for _ in 0..4 {
        let _ = world.derisk("keeper", "whale", 0);
        let market = world.market(0).state;
        let used = utilisation(&market.flow, slot(&world), market.params.flow_recovery_slots);
        assert!(used.abs() <= HALF + HALF / 1_000, "u = {used}");
        world.edit_account("whale", |account| account.state.derisked_slot = 0); // without the limit per account
        bring_to(&mut world, 1_010_000);
    }
    let sent = world.derisk("keeper", "whale", 0);
    world.refused(sent, BreakwaterError::FlowExhausted);
    let now = world.stage.bank.now();
    assert!(flow::available(&world.market(0).state, FlowDirection::Sell, &now).unwrap() >= 19_900 * USD);
    let required = world.health("second", 0, Stance::Favour).maintenance();
    world.leave_capital("second", required * 9 / 10, "maker");
    world.liquidate("keeper", "second", 0).unwrap();
}

#[test]
fn predictive_close_in_the_slot_before_delays_no_liquidation() {
    let mut world = whale_at(&free_params(), 1_010_000);
    world.derisk("keeper", "whale", 0).unwrap();
    let (lots, at) = (world.lots("whale", 0), slot(&world));
    bring_to(&mut world, 900_000);
    world.liquidate("keeper", "whale", 0).unwrap();
    assert_eq!(slot(&world), at);
    assert!(world.lots("whale", 0) < lots);
}

#[test]
fn opting_out_and_in_again_resets_no_limit() {
    let mut world = whale_at(&free_params(), 1_010_000);
    world.derisk("keeper", "whale", 0).unwrap();
    let derisked = world.account("whale").state.derisked_slot;
    world.set_derisk("whale", false).unwrap();
    world.pass(1);
    world.set_derisk("whale", true).unwrap();
    let account = world.account("whale").state;
    assert_eq!((account.derisked_slot, account.derisk_since_slot), (derisked, slot(&world)));
    bring_to(&mut world, 1_010_000);
    let sent = world.derisk("keeper", "whale", 0);
    world.refused(sent, BreakwaterError::NotDue);
}
