//! The money model of DESIGN section 4 against an exact reference model, under random operations.
//!
//! Every operation is applied to the engine's integers and to a model in exact numbers that knows no index; after each,
//! the identities of section 4 are checked on the integers and every account is compared with the model. Every run
//! ends at rest: no lots, no claims, no debts, all capital withdrawn.
//!
//! Runs are deterministic. More or other runs:
//! `MONEY_MODEL_CASES=20000 MONEY_MODEL_SEED=7 cargo test -p breakwater-risk --test money_model`.
//! A failure prints the seed, the shortest operations found and the rule that broke.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

#[path = "money_model/actions.rs"]
mod actions;
#[path = "money_model/exact.rs"]
mod exact;
#[path = "money_model/exact_deficit.rs"]
mod exact_deficit;
#[path = "money_model/identities.rs"]
mod identities;
#[path = "money_model/number.rs"]
mod number;
#[path = "money_model/operations.rs"]
mod operations;
#[path = "money_model/resolving.rs"]
mod resolving;
#[path = "money_model/rest.rs"]
mod rest;
#[path = "money_model/world.rs"]
mod world;

mod money_support;

use breakwater_risk::MarketParams;
use operations::{operation, Operation};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;
use world::{World, SEED_ATOMS};

/// Runs of a usual test.
const CASES: u32 = 256;
/// The most that rounding may take from a market's residue in a run, atoms: a lot at the highest mark, which touches leave to nobody (T-8).
const RESIDUE_FALL_MAX: f64 = 30_000.0;

/// Events that the usual test must reach, or it tests too little.
const EVENTS: [&str; 27] = [
    "trade",
    "venue trade",
    "withdrawal",
    "touch alone",
    "registration",
    "conversion",
    "conversion in part",
    "debt payment",
    "netting at rest",
    "deleveraging",
    "collapse",
    "grind",
    "remnant closed",
    "generation ended",
    "side wiped out",
    "legs left behind",
    "resolution",
    "reserve paid",
    "fees reserved",
    "insurance paid",
    "claims cut",
    "claims wiped",
    "deficit unfunded",
    "absorption",
    "slice",
    "unwinding",
    "sweep",
];

/// What a run starts with.
#[derive(Clone, Debug)]
struct Start {
    accounts: usize,
    marks: Vec<u64>,
    insurance: u64,
    capital: Vec<u64>,
    caps_ppm: (u32, u32),
    bonds: Vec<u64>,
    is_young: bool,
}

fn start() -> impl Strategy<Value = Start> {
    let capital = prop_oneof![Just(0_u64), 1_000_000..10_000_000_u64, 1_000_000_000..1_000_000_000_000_u64];
    let caps = prop_oneof![Just((0, 0)), Just((250_000, 500_000)), Just((1_000_000, 1_000_000))];
    (
        6..=10_usize,
        vec(1_000_000_000..4_000_000_000_u64, 2..=3),
        prop_oneof![Just(0_u64), 1..1_000_000_000_000_u64],
        vec(capital, 10),
        caps,
        vec(prop_oneof![Just(0_u64), 1..1_000_000_000_000_u64], 3),
        any::<bool>(),
    )
        .prop_map(|(accounts, marks, insurance, capital, caps_ppm, bonds, is_young)| Start {
            accounts,
            marks,
            insurance,
            capital,
            caps_ppm,
            bonds,
            is_young,
        })
}

fn run(start: &Start, operations: &[Operation]) -> World {
    let params = MarketParams {
        insurance_event_ppm: start.caps_ppm.0,
        insurance_window_ppm: start.caps_ppm.1,
        open_interest_max_lots: 1 << 44,
        ..MarketParams::SOL
    };
    let mut world = World::new(params, start.accounts, &start.marks);
    world.list(&start.bonds, start.is_young);
    world.donate(start.insurance);
    for (account, capital) in start.capital.iter().take(start.accounts).enumerate() {
        world.deposit(account, *capital);
    }
    for operation in operations {
        world.apply(operation);
    }
    world.come_to_rest();
    let fall = SEED_ATOMS as f64 - world.least_residue;
    assert!(fall <= RESIDUE_FALL_MAX, "the residue fell by {fall} atoms");
    world
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn engine_keeps_every_identity_and_stays_with_the_exact_model_until_it_rests() {
    let cases = setting("MONEY_MODEL_CASES", u64::from(CASES));
    let seed = setting("MONEY_MODEL_SEED", 1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: cases as u32,
        failure_persistence: None,
        max_shrink_iters: setting("MONEY_MODEL_SHRINKS", 600) as u32,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let reached = RefCell::new(BTreeMap::<&str, u64>::new());
    let result = runner.run(&(start(), vec(operation(), 40..200)), |(start, operations)| {
        let world = run(&start, &operations);
        for (event, times) in world.reached {
            *reached.borrow_mut().entry(event).or_default() += times;
        }
        let fall = (SEED_ATOMS as f64 - world.least_residue) as u64;
        let mut reached = reached.borrow_mut();
        let worst = reached.entry("largest fall of a residue, atoms").or_default();
        *worst = fall.max(*worst);
        Ok(())
    });
    if let Err(error) = result {
        panic!("replay with MONEY_MODEL_SEED={seed} MONEY_MODEL_CASES={cases}\n{error}");
    }
    println!("{:#?}", reached.borrow());
    for event in EVENTS {
        assert!(cases < u64::from(CASES) || reached.borrow().contains_key(event), "no run reached: {event}");
    }
}
