//! docs/traders.md works two liquidation prices out by hand: they are the program's.

use breakwater_risk::depth::inverse_root_ceil;
use breakwater_sdk::preview;
use breakwater_tests::world::{sol_params, World, USD};

/// What the page says.
const PAGE: &str = include_str!("../../../docs/traders.md");
/// 10 SOL.
const LOTS: u64 = 1_000_000;
/// The slow depth of the example.
const DEPTH_ATOMS: u64 = 840_000 * USD;
/// The maintenance rate of the example, ppm.
const MAINTENANCE_PPM: u64 = 62_500;

/// Liquidation prices of a long and of a short of 10 SOL from $200, each with $500 after the fee, in cents.
fn liquidation_cents() -> [u64; 2] {
    let mut world = World::new();
    world.list(&sol_params(), 200 * USD);
    for name in ["long", "short"] {
        world.trader(name, 501 * USD); // 0.05 % of $2 000 is the fee of the fill
    }
    world.edit_market(0, |market| {
        let state = &mut market.state;
        (state.depth.depth_slow_atoms, state.depth.inverse_root_slow) = (DEPTH_ATOMS, inverse_root_ceil(DEPTH_ATOMS));
        state.depth.inverse_root_live = state.depth.inverse_root_slow;
        state.maintenance_q32 = MAINTENANCE_PPM << 32;
    });
    world.trade(0, "long", "short", LOTS).unwrap();
    let (snapshot, now) = (world.stage.snapshot(), world.stage.bank.now());
    ["long", "short"].map(|name| {
        let account = world.account(name);
        assert_eq!(account.state.capital_atoms, 500 * USD);
        let price = preview::liquidation_price(&snapshot, &account, 0, &now).unwrap().unwrap();
        (price + 50_000) / 100_000 // a price is ten micro-dollars per token
    })
}

#[test]
fn the_liquidation_prices_that_the_guide_works_out_are_the_programs() {
    for cents in liquidation_cents() {
        let shown = format!("**${}.{:02}**", cents / 100, cents % 100);
        assert!(PAGE.contains(&shown), "docs/traders.md has another price than {shown}");
    }
}
