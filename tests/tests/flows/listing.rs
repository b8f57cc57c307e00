//! Attacks by whoever lists a market whose price they can move: on the insurance fund, on the backstop, and on stakers who leave.

use crate::bankruptcy::{fund, LOSS};
use crate::pools::{enter, shares, wallet};
use crate::scene::{free_params, quick_world, HALF_A_MILLION};
use breakwater::{BreakwaterError, CreateMarketArgs};
use breakwater_risk::fixed::PPM;
use breakwater_risk::governance::NOTICE_SECONDS;
use breakwater_risk::health::Stance;
use breakwater_risk::insurance::FUND_WINDOW_PPM;
use breakwater_risk::refresh::is_quiet;
use breakwater_risk::shares::COOLDOWN_SECONDS;
use breakwater_risk::{MarketParams, MarketState};
use breakwater_sdk::instruction as build;
use breakwater_sim::stage::BOND_ATOMS;
use breakwater_tests::world::{World, USD};
use breakwater_tests::{assert_refused, Pool};
use solana_signer::Signer;

/// What the victims hold in the pool that is attacked.
const POOL: u64 = 1_000_000 * USD;

/// The lister's market: nothing is shared over the other side, so insurance is to pay all that it may.
fn lister_params() -> MarketParams {
    MarketParams { insurance_event_ppm: 300_000, insurance_window_ppm: 500_000, ..free_params() }
}

/// A calm SOL market and a fund of [`POOL`].
fn insured() -> World {
    let mut world = quick_world(&free_params());
    enter(&mut world, "staker", Pool::Insurance, POOL);
    world
}

fn state(world: &World, market: usize) -> MarketState {
    world.market(market).state
}

fn pass_seconds(world: &mut World, seconds: i64) {
    world.pass(seconds.cast_unsigned() * 5 / 2);
}

/// The lister trades both sides of a market at $200 and lets the long side fail by [`LOSS`] through a gap. The winner is settled.
fn fail(world: &mut World, market: usize, long: &str) {
    if !world.names().iter().any(|name| name == "winner") {
        world.trader("winner", 10_000_000 * USD);
    }
    world.publish_among(market, 200 * USD);
    world.trader(long, 100_000 * USD);
    world.trade(market, long, "winner", HALF_A_MILLION).unwrap();
    world.leave_capital(long, 0, "winner");
    world.publish_among(market, 190 * USD);
    world.resolve(long, market).unwrap();
    world.settle("winner").unwrap();
}

#[test]
fn a_market_listed_today_draws_nothing_from_the_fund_and_its_bond_pays_first() {
    let mut world = insured();
    let market = world.list_young(&lister_params(), 200 * USD);
    fail(&mut world, market, "long");
    let listed = state(&world, market);
    assert_eq!(fund(&world), POOL);
    assert_eq!((listed.reserve_atoms, listed.bond_atoms), (0, BOND_ATOMS));
    assert_eq!(listed.unfunded_atoms, LOSS - BOND_ATOMS, "the winner's profit is not covered");
    assert_eq!(listed.unfunded_allowance_atoms, 0);
    assert_refused(world.sweep(market), BreakwaterError::NothingToDo);
    assert_eq!(fund(&world), POOL);
}

#[test]
fn the_fund_never_pays_for_what_a_market_left_while_it_was_young() {
    let mut world = insured();
    let market = world.list_young(&lister_params(), 200 * USD);
    fail(&mut world, market, "early");
    let early = state(&world, market).unfunded_atoms;
    pass_seconds(&mut world, NOTICE_SECONDS);
    assert_refused(world.sweep(market), BreakwaterError::NothingToDo);
    // Eight days after the listing it draws like any market: within its caps, for what fails from now on.
    fail(&mut world, market, "late");
    assert_eq!(fund(&world), POOL - LOSS);
    assert_eq!(state(&world, market).unfunded_atoms, early);
    assert_refused(world.sweep(market), BreakwaterError::NothingToDo);
    // Whoever wants the rest repaid gives to the reserve of the market.
    world.donate_reserve("staker", market, early).unwrap();
    world.sweep(market).unwrap();
    assert_eq!((state(&world, market).unfunded_atoms, state(&world, market).unfunded_allowance_atoms), (0, 0));
    assert_eq!(fund(&world), POOL - LOSS);
}

#[test]
fn all_fees_of_a_young_market_go_to_its_reserve() {
    let mut world = insured();
    let market = world.list_young(&MarketParams { trade_fee_ppm: 500, ..lister_params() }, 200 * USD);
    for name in ["a", "b"] {
        world.trader(name, 1_000_000 * USD);
    }
    let trade_and_sweep = |world: &mut World| {
        world.publish_among(market, 200 * USD);
        world.trade(market, "a", "b", HALF_A_MILLION / 10).unwrap();
        let (fees, collected) = (state(world, market).fees_accrued_atoms, world.stage.exchange_account().fees_atoms);
        world.sweep(market).unwrap();
        (fees, world.stage.exchange_account().fees_atoms - collected)
    };
    let (young_fees, to_exchange) = trade_and_sweep(&mut world);
    assert!(young_fees > 0);
    assert_eq!((to_exchange, state(&world, market).reserve_atoms), (0, BOND_ATOMS + young_fees));
    pass_seconds(&mut world, NOTICE_SECONDS);
    let (fees, to_exchange) = trade_and_sweep(&mut world);
    assert_eq!(to_exchange, fees, "the reserve holds the bond and more: the exchange gets its fees");
}

#[test]
fn all_markets_together_draw_at_most_half_of_the_fund_within_a_day() {
    let mut world = insured();
    let least = POOL - POOL / PPM * FUND_WINDOW_PPM;
    let mut left_over = 0;
    for number in 0..3 {
        let market = world.list(&lister_params(), 200 * USD);
        // A loss far above the cap of one event.
        world.publish_among(market, 200 * USD);
        world.edit_market(market, |market| market.state.unfunded_atoms = POOL);
        let _ = world.sweep(market);
        let _ = world.sweep(market);
        left_over += state(&world, market).unfunded_atoms;
        assert!(fund(&world) >= least, "after {number} more markets the fund has {}", fund(&world));
    }
    assert_eq!(fund(&world), least);
    assert_eq!(left_over, 3 * POOL - (POOL - least) - 3 * BOND_ATOMS);
    // A day later as much of the rest may go, and stakers can have left in between only by the rules.
    pass_seconds(&mut world, 2 * 86_400);
    world.sweep(1).unwrap();
    assert!(fund(&world) < least);
}

#[test]
fn the_backstop_takes_no_leg_of_a_market_listed_today() {
    let mut world = quick_world(&free_params()).with_backstop(900_000, POOL);
    let params = lister_params();
    let young = world.list_young(&params, 200 * USD);
    let season = world.list(&params, 200 * USD);
    world.trader("maker", 10_000_000 * USD);
    for market in [young, season] {
        let name = format!("long {market}");
        world.trader(&name, 100_000 * USD);
        world.trade(market, &name, "maker", HALF_A_MILLION / 5).unwrap();
        let required = world.health(&name, market, Stance::Favour).maintenance();
        world.leave_capital(&name, required * 2 / 5, "maker");
    }
    assert_refused(world.absorb(&format!("long {young}"), young), BreakwaterError::NoBackstop);
    world.absorb(&format!("long {season}"), season).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS);
    world.publish_again();
    world.absorb(&format!("long {young}"), young).unwrap();
}

#[test]
fn a_market_made_to_lose_to_the_pools_is_not_listed() {
    let mut world = World::new();
    let drains_the_fund = |params: MarketParams| MarketParams {
        initial_base_ppm: 10_000,
        maintenance_base_ppm: 5_000,
        price_age_max_s: 60,
        insurance_event_ppm: 1_000_000,
        insurance_window_ppm: 1_000_000,
        ..params
    };
    let empties_the_backstop = |params: MarketParams| MarketParams { backstop_gap_ppm: 50_000, ..params };
    for params in [
        drains_the_fund(free_params()),
        empties_the_backstop(free_params()),
        MarketParams { price_age_max_s: 21, ..free_params() },
        MarketParams { insurance_event_ppm: 300_001, ..free_params() },
        MarketParams { insurance_window_ppm: 500_001, ..free_params() },
        MarketParams { backstop_gap_ppm: 99_999, ..free_params() },
        MarketParams { initial_base_ppm: 19_999, ..free_params() },
    ] {
        let args = CreateMarketArgs {
            feed_id: [9; 32],
            legacy_price_account: Default::default(),
            lot_exponent: -5,
            seed_atoms: USD,
            bond_atoms: USD,
            params: bytemuck::cast(params),
        };
        let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
        let tokens = world.stage.tokens(world.stage.treasury);
        let create = build::create_market(exchange, authority, 0, tokens, args);
        assert_refused(world.send_as_authority(&[create]), BreakwaterError::ParameterOutOfBounds);
    }
    // What draws on nobody may be wider.
    let own_risk = MarketParams {
        price_age_max_s: 21,
        insurance_event_ppm: 0,
        insurance_window_ppm: 0,
        backstop_max_atoms: 0,
        ..free_params()
    };
    world.list(&own_risk, 200 * USD);
}

/// A market that its lister keeps restless would hold back whoever leaves (I-5), but not those who asked before it may draw.
#[test]
fn a_listing_does_not_hold_back_who_asked_before() {
    let mut world = insured();
    for name in ["mine", "mine too"] {
        world.trader(name, 1_000_000 * USD);
    }
    let all = shares(&world, "staker", Pool::Insurance);
    world.request_unstake("staker", Pool::Insurance, all).unwrap();
    pass_seconds(&mut world, COOLDOWN_SECONDS - 3_600);
    world.publish_again();
    let market = world.list_young(&lister_params(), 200 * USD);
    world.trade(market, "mine", "mine too", HALF_A_MILLION / 10).unwrap();
    let keep_restless = |world: &mut World| {
        world.publish_again();
        world.edit_market(market, |market| market.state.statistics.variance_fast = u64::MAX);
        assert!(!is_quiet(&state(world, market), &world.stage.bank.now()));
    };
    pass_seconds(&mut world, 3_600);
    keep_restless(&mut world);
    world.unstake("staker", Pool::Insurance).unwrap();
    pass_seconds(&mut world, 3_600);
    keep_restless(&mut world);
    let had = wallet(&world, "staker");
    world.unstake("staker", Pool::Insurance).unwrap();
    assert_eq!(wallet(&world, "staker") - had, all, "all but the shares that belong to nobody");
}
