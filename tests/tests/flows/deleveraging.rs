//! Deleveraging: exact on both sides, pro rata, and open again after a whole side is gone.

use crate::scene::{calm_world, capital, free_params, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::units::SIZE_INDEX_ONE;
use breakwater_risk::{leg, MarketState};
use breakwater_sdk::preview;
use breakwater_tests::world::{World, USD};

/// "long" holds `long` lots, "other" twice as many; the shorts hold 1/6, 2/6 and 3/6 of all. "flat" holds nothing.
fn crowd(long: u64) -> World {
    let mut world = calm_world(&free_params());
    for name in ["long", "other", "short 1", "short 2", "short 3", "flat"] {
        world.trader(name, 2_000_000 * USD);
    }
    for share in 1..=3 {
        let seller = format!("short {share}");
        world.trade(0, "long", &seller, long * share / 6).unwrap();
        world.trade(0, "other", &seller, 2 * long * share / 6).unwrap();
    }
    world
}

/// Leaves an account a fifth of what maintenance asks: below h_adl.
fn make_critical(world: &mut World, name: &str) {
    let health = world.health(name, 0, breakwater_risk::health::Stance::Favour);
    world.leave_capital(name, health.maintenance() / 6, "flat");
}

fn state(world: &World) -> MarketState {
    world.market(0).state
}

/// Lots of a trader with every deleveraging counted.
fn effective(world: &World, name: &str) -> i64 {
    let (account, now) = (world.account(name), world.stage.bank.now());
    let slot = account.state.find_leg(0).unwrap();
    leg::evaluate(&account.state.legs[slot], &state(world), &now).unwrap().lots
}

#[test]
fn peers_09_deleveraging_closes_exactly_what_is_required_and_spares_the_flat() {
    let mut world = crowd(600_001);
    let taken = world.lots("long", 0).unsigned_abs();
    let before = ["short 1", "short 2", "short 3"].map(|name| world.lots(name, 0));
    let open = state(&world).short.open_lots;
    make_critical(&mut world, "long");
    let untouched = ["other", "flat"].map(|name| world.account(name).state);
    world.deleverage("long", 0).unwrap();
    let after = state(&world);
    assert_eq!((open - after.short.open_lots, open - after.long.open_lots), (taken, taken), "Σ closed = required");
    assert_eq!(["other", "flat"].map(|name| world.account(name).state), untouched);
    let mut left = 0;
    for (name, lots) in ["short 1", "short 2", "short 3"].into_iter().zip(before) {
        let now = effective(&world, name);
        let exact = i128::from(lots) * i128::from(open - taken) / i128::from(open);
        assert!((exact - i128::from(now)).abs() <= 1, "{name}: {now} for {exact}");
        left += now.unsigned_abs();
    }
    assert!(left <= after.short.open_lots && after.short.open_lots - left <= 3, "a fraction of a lot a leg");
}

#[test]
fn untouched_legs_get_the_deleveraging_price_at_their_next_touch() {
    let mut world = crowd(600_000);
    make_critical(&mut world, "long");
    let (account, now) = (world.account("long"), world.stage.bank.now());
    let report = preview::deleverage(&world.stage.snapshot(), 0, &account, None, &now).unwrap();
    let mark = world.mark(0);
    assert!(report.price < mark, "a long is closed below the mark, at the price that its health allows");
    let before = capital(&world, "short 3");
    world.deleverage("long", 0).unwrap();
    world.fall_to(0, 190 * USD);
    world.settle("short 3").unwrap();
    let bought = 600_000 / 2; // its half of what was closed
    let kept = 3 * 600_000 / 2 - bought;
    let gain = bought * (mark - report.price) / 1_000_000 + kept * (mark - world.mark(0)) / 1_000_000;
    let claims = world.account("short 3").state.legs[0].claim_fresh_atoms;
    assert!(claims.abs_diff(gain) <= 1, "{claims} for {gain}");
    assert_eq!(capital(&world, "short 3"), before);
    assert!((0..=1).contains(&(world.lots("short 3", 0) + kept as i64)), "a fraction of a lot at most is lost");
}

/// One long against three shorts: deleveraging the long closes the whole other side.
fn collapse(world: &mut World, long: &str) {
    make_critical(world, long);
    world.deleverage(long, 0).unwrap();
}

#[test]
fn a_whole_side_closes_and_opens_again_in_a_new_generation() {
    let mut world = crowd(600_000);
    world.trade(0, "long", "other", 1_200_000).unwrap();
    collapse(&mut world, "long");
    let after = state(&world);
    assert_eq!((after.long.open_lots, after.short.open_lots), (0, 0));
    assert_eq!((after.short.generation, after.short.legs_behind, after.short.legs_current), (1, 3, 0));
    assert_eq!(after.short.size_index, SIZE_INDEX_ONE);
    world.trade(0, "other", "flat", 1_000_000).unwrap();
    assert_eq!(world.lots("flat", 0), -1_000_000);
    for name in ["short 1", "short 2", "short 3"] {
        assert_eq!(effective(&world, name), 0);
        world.settle(name).unwrap();
        assert_eq!(world.lots(name, 0), 0);
    }
    assert_eq!(state(&world).short.legs_behind, 0);
    let legs = world.account("short 1").state.legs;
    assert!(legs[0].claim_fresh_atoms > 0, "it was closed below the mark");
}

#[test]
fn a_side_that_collapses_twice_waits_for_the_legs_of_the_first_time() {
    let mut world = crowd(600_000);
    world.trade(0, "long", "other", 1_200_000).unwrap();
    collapse(&mut world, "long");
    world.trade(0, "other", "flat", HALF_A_MILLION / 10).unwrap();
    make_critical_keeping(&mut world, "other", "long");
    world.deleverage("other", 0).unwrap();
    let after = state(&world);
    assert_eq!((after.short.generation, after.short.legs_behind, after.short.size_index), (1, 3, 0));
    world.deposit("long", 100_000 * USD).unwrap();
    let sent = world.trade(0, "long", "flat", 1_000_000);
    world.refused(sent, BreakwaterError::SideExhausted);
    for name in ["short 1", "short 2", "short 3"] {
        world.settle(name).unwrap();
    }
    world.trade(0, "long", "flat", 1_000_000).unwrap();
    assert_eq!(state(&world).short.generation, 2);
}

fn make_critical_keeping(world: &mut World, name: &str, to: &str) {
    let health = world.health(name, 0, breakwater_risk::health::Stance::Favour);
    world.leave_capital(name, health.maintenance() / 6, to);
}

#[test]
fn a_remnant_that_nobody_stands_against_may_always_be_closed() {
    let mut world = crowd(600_001);
    make_critical(&mut world, "long");
    world.deleverage("long", 0).unwrap();
    for name in ["short 1", "short 2", "short 3"] {
        world.settle(name).unwrap();
        let lots = world.lots(name, 0).unsigned_abs();
        world.trade(0, name, "other", lots).unwrap();
    }
    let left = world.lots("other", 0);
    assert!((1..=3).contains(&left), "rounding left {left} lots to the long alone");
    world.deleverage("other", 0).unwrap();
    assert_eq!(world.lots("other", 0), 0);
    assert_eq!(state(&world).long.open_lots, state(&world).short.open_lots);
}

/// The lots that rounding takes from touched legs stay open and belong to nobody: the pool bears their result. The
/// seed of $1 pays for it only while few legs were deleveraged and lots are worth a tenth of a cent.
#[test]
fn lots_that_nobody_owns_do_not_outgrow_the_seed() {
    let mut world = World::new();
    world.list(&free_params(), 3_000 * USD); // a lot of 10^-5 is worth 3 cents
    world.calm(1_000);
    for name in ["long", "other", "flat"] {
        world.trader(name, 2_000_000 * USD);
    }
    let shorts: Vec<_> = (0..40).map(|number| format!("short {number}")).collect();
    for name in &shorts {
        world.trader(name, 100_000 * USD);
        world.trade(0, "long", name, 100_001).unwrap();
        world.trade(0, "other", name, 100_000).unwrap();
    }
    make_critical(&mut world, "long");
    world.deleverage("long", 0).unwrap();
    for name in &shorts {
        world.settle(name).unwrap();
    }
    let owned: u64 = shorts.iter().map(|name| world.lots(name, 0).unsigned_abs()).sum();
    let unowned = state(&world).short.open_lots - owned;
    assert!(unowned <= 1, "nobody owns {unowned} short lots");
    world.publish(0, 9_000 * USD); // checks the residue
}
