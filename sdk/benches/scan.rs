//! Accounts scanned per second: a million summaries, one to four legs each, on one thread and on two. The best of ten rounds,
//! since other work on the machine only slows a round down. Run: `cargo bench -p breakwater-sdk --bench scan`.

#[path = "../tests/scan_support/mod.rs"]
mod scan_support;

use breakwater::MarginAccount;
use breakwater_sdk::scan::{scan, Marks, Moves, Summary};
use breakwater_sdk::Snapshot;
use bytemuck::Zeroable;
use scan_support::{market, open_leg, NOW};
use std::time::{Duration, Instant};

const MARK: u64 = 2_000_000_000;
const ACCOUNTS: usize = 1_000_000;
const ROUNDS: usize = 10;

fn snapshot(mark: u64) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for index in 0..4 {
        snapshot.insert(Default::default(), market(index, mark, 142, 840_000_000_000, 0));
    }
    snapshot
}

fn account(number: usize, snapshot: &Snapshot) -> MarginAccount {
    let mut account = MarginAccount::zeroed();
    account.state.capital_atoms = 1_000_000_000 + (number as u64 * 7_919) % 4_000_000_000;
    for place in 0..=number % 4 {
        let lots = 2_000_000 + (number as i64 * 104_729) % 1_000_000;
        open_leg(&mut account, place, (lots, MARK, 0), snapshot);
    }
    account
}

fn on_threads(threads: usize, summaries: &[Summary], moves: &Moves) -> (Duration, usize) {
    let started = Instant::now();
    let found = std::thread::scope(|scope| {
        let parts: Vec<_> = summaries
            .chunks(summaries.len().div_ceil(threads))
            .map(|part| {
                scope.spawn(move || {
                    let mut found = Vec::new();
                    scan(part, moves, &mut found);
                    found.len()
                })
            })
            .collect();
        parts.into_iter().map(|part| part.join().unwrap_or(0)).sum()
    });
    (started.elapsed(), found)
}

fn main() {
    let before = snapshot(MARK);
    let moves = Marks::of(&before).moves_to(&Marks::of(&snapshot(1_800_000_000)));
    let started = Instant::now();
    let summaries: Vec<_> =
        (0..ACCOUNTS).map(|number| Summary::of(&before, &account(number, &before), 0, &NOW)).collect();
    let making = ACCOUNTS as f64 / started.elapsed().as_secs_f64();
    println!("{} bytes a summary; {making:.0} made per second on one thread", size_of::<Summary>());
    for threads in [1, 2] {
        let best = (0..ROUNDS).map(|_| on_threads(threads, &summaries, &moves)).min();
        let Some((time, found)) = best else { return };
        let rate = ACCOUNTS as f64 / time.as_secs_f64() / 1e6;
        println!("{threads} threads: {rate:.1} million accounts per second; {found} of {ACCOUNTS} found after a fall of a tenth");
    }
}
