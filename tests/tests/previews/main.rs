//! Preview and program side by side, on random states: the same figures to the atom, the same refusals by name.
//!
//! `BREAKWATER_SEED=n` replays a run.

mod by_hand;
mod compare;
mod ladder;
mod macros;
mod pools;
mod states;

use states::States;

/// Random states that are compared.
const ROUNDS: u32 = 400;
/// Seed unless the environment names one.
const SEED: u64 = 7;

#[test]
fn previews_return_exactly_what_the_program_does() {
    let seed = std::env::var("BREAKWATER_SEED").map_or(SEED, |text| text.parse().expect("a number"));
    println!("BREAKWATER_SEED={seed}");
    let mut states = States::new(seed);
    let mut rounds = 0;
    while rounds < ROUNDS || (states.is_thin() && rounds < 4 * ROUNDS) {
        states.shuffle();
        states.compare_one();
        rounds += 1;
    }
    println!("{rounds} rounds; agreed: {:?}\nrefused alike: {:?}", states.agreed, states.refused);
    assert!(!states.is_thin(), "every call has agreed often enough");
    assert!(states.refused.len() >= 10, "refusals of many kinds were compared");
}
