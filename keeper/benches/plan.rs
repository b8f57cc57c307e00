//! From a price update to signed transactions at 10 000 accounts, of which a thousand fail: the scan, the plan with its
//! previews, and the signature of the best act. Without the network, which is not ours. The best and the median of 50 rounds.
//! Run: `cargo bench -p breakwater-keeper --bench plan`.

#[path = "../tests/stage.rs"]
mod stage;

use breakwater_keeper::config::Config;
use breakwater_keeper::hedge::HoldWithinLimits;
use breakwater_keeper::plan::Planner;
use breakwater_sdk::rpc::send::Outgoing;
use solana_keypair::Keypair;
use stage::{quote, world, KEEPER, NOW};
use std::time::Instant;

const ROUNDS: usize = 50;

fn main() {
    let (config, hedge, key) = (Config::default(), HoldWithinLimits { max_notional_atoms: u64::MAX }, Keypair::new());
    for (price, what) in [(2_000_100_000, "a price that changes nothing"), (1_790_000_000, "a fall of a tenth")] {
        let mut world = world(10_000);
        let started = Instant::now();
        world.prepare_watch(Instant::now());
        let preparing = started.elapsed();
        let mut rounds: Vec<_> = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                world.quotes.insert(0, quote(price));
                let planner = Planner { world: &world, keeper: KEEPER, hedge: &hedge, config: &config, now: NOW };
                let plan = planner.plan(&KEEPER);
                let signed = plan.first().map(|act| {
                    let outgoing = Outgoing { price_micro_lamports: 1, ..Outgoing::of(&key, &act.instructions) };
                    // The keeper of the stage cannot sign; the work is the same.
                    outgoing.sign(Default::default(), 200_000).is_ok()
                });
                (started.elapsed(), plan.len(), signed)
            })
            .collect();
        rounds.sort_unstable();
        let (best, acts, _) = rounds[0];
        let (median, ..) = rounds[ROUNDS / 2];
        println!("{what}: {acts} acts, best {best:?}, median {median:?}; summaries were made in {preparing:?}");
    }
}
