//! A search over random valid parameters: short lives of markets with them, and at the end of each nobody is stuck.
//!
//! Each life draws one or two sets from the whole of their hard bounds, most often from their edges, lets a few accounts trade
//! while prices jump and feeds fail, and then has to come to rest by acts that anybody may do. No act is ever refused with
//! an error that says that the engine is at fault.
//!
//! Runs are deterministic. More or other lives:
//! `PARAMETER_SEARCH_CASES=100000 PARAMETER_SEARCH_SEED=7 cargo test -p breakwater-risk --test parameter_search`.
//! A life that fails prints the command that replays it, and its parameters.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

#[path = "parameter_search/acts.rs"]
mod acts;
#[path = "parameter_search/known.rs"]
mod known;
#[path = "parameter_search/life.rs"]
mod life;
#[path = "parameter_search/rest.rs"]
mod rest;
#[path = "parameter_search/story.rs"]
mod story;

mod money_support;
mod parameter_support;

use breakwater_risk::MarketParams;
use life::Life;
use parameter_support::chance::{self, Chance};
use parameter_support::Generator;
use std::collections::BTreeMap;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Lives of a usual test.
const CASES: u64 = 6_000;
/// Failures that are told in full.
const TOLD: usize = 3;
/// Acts before a failure that are told.
const LAST_ACTS: usize = 12;

/// Acts that must have gone through in the usual test, or it tests too little.
const ACTS: [&str; 23] = [
    "Refresh",
    "Trade",
    "Flag",
    "Liquidate",
    "Derisk",
    "OptIn",
    "Absorb",
    "Deleverage",
    "Resolve",
    "Convert",
    "PayDebt",
    "NetRing",
    "Settle",
    "Touch",
    "Measure",
    "Sweep",
    "Unwind",
    "Deposit",
    "Withdraw",
    "Donate",
    "Cover",
    "Request",
    "Unstake",
];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

/// One life. Errors: why it failed, with its parameters and the command that replays it.
fn live(generator: &Generator, seed: u64, done: &mut BTreeMap<String, u64>) -> Result<(), String> {
    let mut chance = Chance::new(seed);
    let count = chance.between(1, 2);
    let params: Vec<MarketParams> = (0..count).map(|_| known::with_room(generator.params(&mut chance))).collect();
    let steps = chance.between(5, 80);
    let mut life = Life::begin(&params, chance);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        life.live(steps);
        life.come_to_rest()
    }));
    for (act, times) in &life.done {
        *done.entry(act.clone()).or_default() += times;
    }
    let why = match outcome {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(left)) => left,
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic".to_owned()),
    };
    let last = &life.acts[life.acts.len().saturating_sub(LAST_ACTS)..];
    Err(format!(
        "{why}\nreplay: PARAMETER_SEARCH_SEED={seed} PARAMETER_SEARCH_CASES=1 cargo test -p breakwater-risk --test \
         parameter_search --locked\nlast acts by slot: {last:#?}\nparameters: {params:#?}"
    ))
}

#[test]
fn no_position_gets_stuck_with_any_valid_parameters() {
    let cases = setting("PARAMETER_SEARCH_CASES", CASES);
    let seed = setting("PARAMETER_SEARCH_SEED", 1);
    let generator = Generator::new();
    let (mut done, mut failures) = (BTreeMap::new(), Vec::new());
    for seed in seed..seed + cases {
        failures.extend(live(&generator, seed, &mut done).err());
    }
    println!("{cases} lives: {done:#?}");
    let told = failures.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("\n\n");
    assert!(failures.is_empty(), "{} of {cases} lives failed:\n{told}", failures.len());
    for act in ACTS {
        assert!(cases < CASES || done.contains_key(act), "no life did: {act}");
    }
}
