//! Situations that several flows start from.

use breakwater_risk::liquidation::SliceReport;
use breakwater_risk::MarketParams;
use breakwater_sdk::preview::{self, PreviewResult};
use breakwater_tests::world::{sol_params, World, USD};

/// Lots of a position of $500 000 at $200.
pub const HALF_A_MILLION: u64 = 250_000_000;

/// A SOL market at $200 with a calm history.
pub fn calm_world(params: &MarketParams) -> World {
    let mut world = World::new();
    world.list(params, 200 * USD);
    world.calm(3_000);
    world
}

/// The same without the wait: what calm brings back of the depth is written past the program.
pub fn quick_world(params: &MarketParams) -> World {
    let mut world = World::new();
    world.list(params, 200 * USD);
    world.edit_market(0, |market| market.state.depth.depth_atoms = params.depth_base_atoms / 42);
    world.calm(30);
    world
}

/// A market so thin that its flow carries a part of a slice only.
pub fn thin_params() -> MarketParams {
    MarketParams { depth_base_atoms: sol_params().depth_base_atoms / 8, ..sol_params() }
}

/// "whale" is long $500 000 against "maker" on $80 000; "keeper" has a million.
pub fn whale_world(params: &MarketParams) -> World {
    with_whale(calm_world(params))
}

/// The same in a world that is there already.
pub fn with_whale(mut world: World) -> World {
    world.trader("whale", 80_000 * USD);
    world.trader("maker", 1_000_000 * USD);
    world.trader("keeper", 1_000_000 * USD);
    world.trade(0, "whale", "maker", HALF_A_MILLION).unwrap();
    world
}

/// Two markets at $200 and $50, fees off.
pub fn two_markets() -> World {
    let mut world = World::new();
    world.list(&free_params(), 200 * USD);
    world.list(&free_params(), 50 * USD);
    world.calm(1_000);
    world
}

/// SOL's parameters without trading fees: amounts are then what prices make of them.
pub fn free_params() -> MarketParams {
    MarketParams { trade_fee_ppm: 0, ..sol_params() }
}

/// What `liquidate` would do now.
pub fn slice(world: &World, keeper: &str, name: &str, market: usize) -> PreviewResult<SliceReport> {
    let (snapshot, now) = (world.stage.snapshot(), world.stage.bank.now());
    let index = world.stage.markets[market].index;
    preview::liquidate(&snapshot, index, &world.account(name), &world.account(keeper), &now)
}

/// Capital of a trader, atoms.
pub fn capital(world: &World, name: &str) -> u64 {
    world.account(name).state.capital_atoms
}

/// Present slot.
pub fn slot(world: &World) -> u64 {
    world.stage.time().0
}

/// Publishes the last prices again until a slot is reached.
pub fn wait_until(world: &mut World, target: u64) {
    while slot(world) < target {
        let market = 0;
        let price = world.price(market);
        world.publish_among(market, price);
    }
}
