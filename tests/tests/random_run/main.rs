//! A seeded random run over the whole program: every identity after every transaction, and rest at the end.
//!
//! `BREAKWATER_SEED=n` replays a run, `BREAKWATER_STEPS=n` sets its number of transactions.

mod actions;
mod chores;
mod rest;
mod run;
mod tally;

use run::Run;

/// Transactions of a run unless the environment asks for another number.
const STEPS: u64 = 2_000;
/// A run goes on until every kind of transaction happened, up to this many times its length.
const PATIENCE: u64 = 4;
/// Seed unless the environment names one.
const SEED: u64 = 20_251_010;

#[test]
fn random_transactions_keep_every_identity_and_come_to_rest() {
    let seed = from_environment("BREAKWATER_SEED").unwrap_or(SEED);
    let steps = from_environment("BREAKWATER_STEPS").unwrap_or(STEPS);
    println!("BREAKWATER_SEED={seed} BREAKWATER_STEPS={steps}");
    let mut run = Run::new(seed);
    while run.tally.sent() < steps || (run.tally.missing().is_some() && run.tally.sent() < PATIENCE * steps) {
        run.step();
    }
    println!("{}", run.tally);
    run.come_to_rest();
    println!("at rest after {} transactions", run.tally.sent());
    assert_eq!(run.tally.missing(), None, "every kind of transaction happens");
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")))
}
