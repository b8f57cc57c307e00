//! What a keeper plans, without a chain.

mod stage;

use anchor_lang::prelude::Pubkey;
use breakwater_keeper::config::Config;
use breakwater_keeper::hedge::HoldWithinLimits;
use breakwater_keeper::plan::{Act, Kind, Planner};
use breakwater_keeper::world::World;
use stage::{quote, world, KEEPER, NOW};
use std::time::Instant;

fn plan(world: &World, max_notional_atoms: u64) -> Vec<Act> {
    let config = Config::default();
    let hedge = HoldWithinLimits { max_notional_atoms };
    let planner = Planner { world, keeper: KEEPER, hedge: &hedge, config: &config, now: NOW };
    planner.plan(&Pubkey::default())
}

fn subjects(plan: &[Act], kind: Kind) -> Vec<Pubkey> {
    let mut subjects: Vec<_> = plan.iter().filter(|act| act.kind == kind).map(|act| act.subject).collect();
    subjects.sort_unstable();
    subjects
}

#[test]
fn in_calm_nothing_is_done_for_any_account() {
    let mut world = world(100);
    world.prepare_watch(Instant::now());
    let plan = plan(&world, u64::MAX);
    assert!(plan.iter().all(|act| matches!(act.kind, Kind::Measure | Kind::Touch)), "{plan:?}");
}

#[test]
fn a_newer_price_is_brought_along_by_the_slices_that_need_it() {
    let mut world = world(100);
    world.prepare_watch(Instant::now());
    world.quotes.insert(0, quote(1_790_000_000));
    let plan = plan(&world, u64::MAX);
    let slices: Vec<_> = plan.iter().filter(|act| act.kind == Kind::Liquidate).collect();
    assert_eq!(slices.len(), 10, "one of ten fails: {plan:?}");
    assert!(slices.iter().all(|act| act.refresh == Some(0) && act.taker.is_some()));
    let mut gains: Vec<_> = slices.iter().map(|act| act.gain_atoms).collect();
    assert!(gains[0] > 0);
    gains.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(gains, slices.iter().map(|act| act.gain_atoms).collect::<Vec<_>>(), "what earns most comes first");
}

#[test]
fn a_keeper_without_room_flags_but_takes_nothing() {
    let mut world = world(100);
    world.prepare_watch(Instant::now());
    world.quotes.insert(0, quote(1_790_000_000));
    let plan = plan(&world, 0);
    assert!(subjects(&plan, Kind::Liquidate).is_empty());
    assert_eq!(subjects(&plan, Kind::Flag).len(), 10);
}

/// The scan leaves out nobody whom a look at every account would find.
#[test]
fn a_watched_plan_is_the_plan_that_looks_at_everybody() {
    for price in [2_000_000_000, 1_950_000_000, 1_810_000_000, 1_790_000_000, 1_600_000_000] {
        let mut watched = world(200);
        watched.prepare_watch(Instant::now());
        let mut unwatched = world(200); // never prepared: every account counts as changed
        for world in [&mut watched, &mut unwatched] {
            world.quotes.insert(0, quote(price));
        }
        assert_eq!(plan(&watched, u64::MAX), plan(&unwatched, u64::MAX), "at {price}");
    }
}

/// The ladder is measured once a minute: what stands in it need not be more exact.
#[test]
fn a_leg_is_registered_anew_once_between_two_measurements() {
    let mut world = world(20);
    let off = subjects(&plan(&world, u64::MAX), Kind::Touch);
    assert!(!off.is_empty(), "legs that nobody registered");
    world.note_touch(off[0]);
    assert_eq!(subjects(&plan(&world, u64::MAX), Kind::Touch), off[1..]);
    world.view.now.slot += 149;
    assert_eq!(subjects(&plan(&world, u64::MAX), Kind::Touch), off[1..]);
    world.view.now.slot += 1;
    assert_eq!(subjects(&plan(&world, u64::MAX), Kind::Touch), off);
}
