//! A seeded random run over the whole program: every identity after every transition, what the SDK says against what the
//! program does on the way, and rest at the end.
//!
//! `BREAKWATER_SEED=n` replays a run, `BREAKWATER_STEPS=n` sets its number of transitions: refreshes and other transactions.

mod actions;
mod chores;
mod cranks;
mod govern;
mod papers;
mod rest;
mod run;
mod stakers;
mod standing;
mod tally;
mod weather;

use breakwater_sim::bank::runs_on_sbf;
use run::Run;

/// Transitions of a run unless the environment asks for another number.
const STEPS: u64 = 20_000;
/// The same on the on-chain binary, which the native run covers but for its arithmetic.
const STEPS_SBF: u64 = 3_000;
/// A run goes on until every kind of transaction happened, up to this many times its length.
const PATIENCE: u64 = 2;
/// Steps between two comparisons of the SDK with the program.
const COMPARED_EVERY: u64 = 25;
/// Steps between two lines that say how far a run is.
const PRINTED_EVERY: u64 = 2_000;
/// Seed unless the environment names one.
const SEED: u64 = 20_251_010;

/// Says how to replay a run that fails.
struct Replay {
    seed: u64,
    steps: u64,
}

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { seed, steps } = self;
            println!("replay: BREAKWATER_SEED={seed} BREAKWATER_STEPS={steps} cargo test -p breakwater-tests --test random_run --locked");
        }
    }
}

#[test]
fn random_transactions_keep_every_identity_and_come_to_rest() {
    let usual = if runs_on_sbf() { STEPS_SBF } else { STEPS };
    let seed = from_environment("BREAKWATER_SEED").unwrap_or(SEED);
    let steps = from_environment("BREAKWATER_STEPS").unwrap_or(usual);
    let _replay = Replay { seed, steps };
    // A kind as rare as the backstop's deleveraging may be missing in a run of another seed.
    let is_full = seed == SEED && steps >= STEPS;
    let mut run = Run::new(seed);
    let mut step = 0_u64;
    while run.tally.sent() < steps || (is_full && run.tally.missing().is_some() && run.tally.sent() < PATIENCE * steps)
    {
        run.step();
        step += 1;
        if step.is_multiple_of(PRINTED_EVERY) {
            println!("step {step}: {} transitions, not seen yet: {:?}", run.tally.sent(), run.tally.missing());
        }
        if step.is_multiple_of(COMPARED_EVERY) {
            run.compare_standings();
        }
    }
    println!("{} transitions\n{}", run.tally.sent(), run.tally);
    let (missing, one_sided) = (run.tally.missing(), run.tally.one_sided());
    run.come_to_rest();
    println!("at rest after {} transitions", run.tally.sent());
    if is_full {
        assert_eq!(missing, None, "every kind of transaction happens");
        assert!(one_sided.is_empty(), "never both answered and refused: {one_sided:?}");
    }
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text}")))
}
