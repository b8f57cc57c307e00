//! Ties the model that the proofs are about (`proofs/Model.v`, `proofs/Transitions.v`) to the code: both run the same
//! random calls, and every figure is compared after every call.
//!
//! The code runs here; the calls and the figures that they changed are written as a Coq file, `target/proofs/Runs.v`,
//! and coqc runs the model on them. Without coqc the file is written and not checked; `proofs/check` needs it.
//!
//! Runs are the same every time. More or others: `PROOF_MODEL_RUNS=2000 PROOF_MODEL_SEED=7 proofs/check`.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "proof_model/cash.rs"]
mod cash;
#[path = "proof_model/coq.rs"]
mod coq;
#[path = "proof_model/draw.rs"]
mod draw;
#[path = "proof_model/legs.rs"]
mod legs;
#[path = "proof_model/lots.rs"]
mod lots;
#[path = "proof_model/pools.rs"]
mod pools;
#[path = "proof_model/world.rs"]
mod world;

mod money_support;

use std::collections::BTreeMap;

/// Runs of a usual test, and calls of a run. `proofs/check` makes more runs.
const RUNS: u64 = 20;
const CALLS: usize = 40;
/// From this many runs on, every kind of event must have been reached, or the test tests too little.
const RUNS_FOR_ALL: u64 = 200;

/// What must be reached.
const EVENTS: [&str; 50] = [
    "absorption taken",
    "absorption paid by claim",
    "backstop stake taken",
    "backstop unstake taken",
    "stake taken",
    "unstake taken",
    "unwinding taken",
    "bankruptcy taken",
    "bankruptcy paid by insurance",
    "bankruptcy paid by the reserve",
    "claims cut by a sweep",
    "bankruptcy left unfunded",
    "bond taken",
    "book taken",
    "claim for debt taken",
    "debt paid by claim",
    "close taken",
    "close refused",
    "collect fees taken",
    "collect fees refused",
    "conversion taken",
    "conversion in part",
    "conversion refused",
    "deleveraging taken",
    "deposit taken",
    "deposit refused",
    "donate taken",
    "draw taken",
    "draw refused",
    "fees reserved",
    "fill taken",
    "fill refused",
    "gift taken",
    "last leg took fractions",
    "netting taken",
    "outside taken",
    "pay debt taken",
    "pay debt refused",
    "seed taken",
    "settlement taken",
    "unfunded taken",
    "slice taken",
    "sweep taken",
    "sweep refused",
    "touch taken",
    "trade taken",
    "unfunded repaid by fees",
    "unfunded repaid by insurance",
    "withdraw taken",
    "withdraw refused",
];

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn model_of_the_proofs_gives_the_figures_of_the_code() {
    let runs = setting("PROOF_MODEL_RUNS").unwrap_or(RUNS);
    let seed = setting("PROOF_MODEL_SEED").or(setting("PROPTEST_RNG_SEED")).unwrap_or(1);
    let replay = format!("PROOF_MODEL_SEED={seed} PROOF_MODEL_RUNS={runs} proofs/check");
    let worlds: Vec<_> =
        (0..runs).map(|run| draw::run(seed.wrapping_mul(1_000_003).wrapping_add(run), CALLS)).collect();

    let mut reached = BTreeMap::<&str, u64>::new();
    for (event, times) in worlds.iter().flat_map(|world| &world.reached) {
        *reached.entry(event).or_default() += times;
    }
    for event in EVENTS {
        assert!(runs < RUNS_FOR_ALL || reached.contains_key(event), "no run reached: {event}; {reached:#?}");
    }
    let calls: usize = worlds.iter().map(|world| world.calls.len()).sum();
    println!("{runs} runs, {calls} calls");

    let dir = coq::build_dir();
    if coq::check(&dir, &coq::vectors(&worlds), &replay) {
        println!("coqc: model and code agree in every figure after every call. Replay: {replay}");
    } else {
        println!("SKIPPED: coqc is not installed (Debian: coq), so {}/Runs.v was not checked", dir.display());
    }
}
