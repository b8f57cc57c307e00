//! The macro index on 10 October 2025, a Friday after the close of the stock exchanges: SOL and BTC minute by minute as recorded,
//! an ETH feed between them, and two equities whose last prices are those of the session.

use breakwater_sim::minutes::{self, Minute};
use breakwater_tests::macros::MINUTE_SLOTS;
use breakwater_tests::world::{sol_params, World, USD};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Feeds by their place in the index.
const SOL: u8 = 0;
const BTC: u8 = 1;
const ETH: u8 = 2;
const EQUITIES: [u8; 2] = [3, 4];
/// Calm minutes before the recorded hour.
const CALM_MINUTES: u64 = 30;

/// The recorded minutes of SOL and BTC that both have; None, and said so, where the data is absent.
fn recorded() -> Option<Vec<(u64, u64)>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/oct10");
    if !folder.exists() {
        println!("skipped: {} is absent", folder.display());
        return None;
    }
    let load = |name: &str| minutes::load(&folder.join(name)).expect("recorded minutes");
    let sol = load("binance_um_SOLUSDT_1m_20251010_2055_2230.csv");
    let btc = load("binance_um_BTCUSDT_1m_20251010_2101_2200.csv");
    let sol: BTreeMap<i64, Minute> = sol.into_iter().map(|minute| (minute.open_time_ms, minute)).collect();
    Some(btc.iter().filter_map(|btc| sol.get(&btc.open_time_ms).map(|sol| (sol.close, btc.close))).collect())
}

/// One minute: prices of SOL and BTC, and an ETH that moves half as SOL and half as BTC since the beginning.
fn crypto(first: (u64, u64), (sol, btc): (u64, u64)) -> Vec<(u8, u64)> {
    let part = |price: u64, first: u64| price * 1_000 / first;
    let eth = 2 * USD * (part(sol, first.0) + part(btc, first.1));
    vec![(SOL, sol), (BTC, btc), (ETH, eth)]
}

#[test]
fn crash_of_all_coins_doubles_initial_margin_while_closed_equities_hold() {
    let Some(minutes) = recorded() else { return };
    assert_eq!(minutes.len(), 60);
    let mut world = World::new();
    world.list(&sol_params(), 200 * USD);
    let mut world = world.with_macro_index(5);
    let first = minutes[0];
    // The session: all feeds alive and calm, by ± 3 bp a minute.
    for minute in 0..CALM_MINUTES {
        let wave = |price: u64| price + price / 10_000 * (minute % 2) * 3;
        let mut prices = crypto(first, (wave(first.0), wave(first.1)));
        prices.extend(EQUITIES.map(|feed| (feed, wave(400 * USD))));
        world.publish_macro(&prices).unwrap();
        world.pass(MINUTE_SLOTS);
    }
    let held = |world: &World| EQUITIES.map(|feed| world.macro_index().state.feeds[usize::from(feed)]);
    assert_eq!(world.macro_index().state.stress_ppm, 1_000_000, "calm");
    world.publish_macro(&crypto(first, first)).unwrap(); // closes the last minute of the session
    world.pass(MINUTE_SLOTS);
    let session = held(&world);
    let mut worst = 0;
    for minute in &minutes[1..] {
        world.publish_macro(&crypto(first, *minute)).unwrap();
        assert_eq!(held(&world), session, "no price, no change");
        worst = worst.max(world.macro_index().state.stress_ppm);
        world.pass(MINUTE_SLOTS);
    }
    let index = world.macro_index().state;
    println!("worst stress {worst}, at the end {}, correlation {}", index.stress_ppm, index.correlation_ppm);
    assert_eq!(worst, 2_000_000);
    assert!(index.correlation_ppm > 500_000, "{}", index.correlation_ppm);
    world.publish(0, 180 * USD);
    assert_eq!(world.market(0).state.macro_view, index.view());
    // Monday: the equities come back 5 % lower. The gap is no return.
    world.pass(100_000);
    for _ in 0..2 {
        world.publish_macro(&EQUITIES.map(|feed| (feed, 380 * USD))).unwrap();
        world.pass(MINUTE_SLOTS);
    }
    for (now, before) in held(&world).into_iter().zip(session) {
        assert_eq!((now.ratio_ppm, now.variance_q32), (before.ratio_ppm, before.variance_q32));
    }
    assert_eq!(world.macro_index().state.stress_ppm, index.stress_ppm, "silence relaxes nothing");
}
