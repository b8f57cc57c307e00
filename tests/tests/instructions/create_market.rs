//! `create_market`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{BreakwaterError, CreateMarketArgs};
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::Sent;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, LOT_EXPONENT, USD};
use solana_signer::Signer;

fn args() -> CreateMarketArgs {
    CreateMarketArgs {
        feed_id: [9; 32],
        legacy_price_account: Pubkey::default(),
        lot_exponent: LOT_EXPONENT,
        seed_atoms: USD,
        bond_atoms: USD,
        params: bytemuck::cast(MarketParams::SOL),
    }
}

fn create(world: &World, args: CreateMarketArgs) -> Instruction {
    let (authority, tokens) = (world.stage.authority.pubkey(), world.stage.tokens(world.stage.treasury));
    let index = world.stage.exchange_account().market_count;
    build::create_market(world.stage.exchange, authority, index, tokens, args)
}

fn send(world: &mut World, args: CreateMarketArgs) -> Sent {
    let instruction = create(world, args);
    world.send_as_authority(&[instruction])
}

#[test]
fn create_market_lists_a_market_and_takes_seed_and_bond() {
    let mut world = World::new();
    let treasury = world.stage.bank.token_balance(&world.stage.treasury);
    let legacy = Pubkey::new_unique();
    let args = CreateMarketArgs { legacy_price_account: legacy, seed_atoms: 5 * USD, bond_atoms: 7 * USD, ..args() };
    let instruction = create(&world, args);
    world.stage.send_as_authority(&[instruction]).unwrap(); // the identities would miss a market the stage knows not

    let exchange = world.stage.exchange_account();
    assert_eq!((exchange.market_count, exchange.booked_atoms), (1, 12 * USD));
    let market = market_at(&world, &address::market(&world.stage.exchange, 0));
    assert_eq!((market.exchange, market.feed_id, market.legacy_price_account), (world.stage.exchange, [9; 32], legacy));
    assert_eq!((market.index, market.lot_exponent, market.sequence), (0, LOT_EXPONENT, 1));
    assert_eq!((market.state.params, market.state.pool_atoms), (MarketParams::SOL, 5 * USD));
    assert_eq!((market.state.reserve_atoms, market.state.bond_atoms), (7 * USD, 7 * USD));
    assert_eq!(market.state.draws_from, world.stage.time().1 + 8 * 86_400);
    assert_eq!((market.state.mark, market.state.long.open_lots, market.state.leg_count), (0, 0, 0));
    assert_eq!(world.stage.bank.token_balance(&world.stage.treasury), treasury - 12 * USD);
    assert_eq!(vault_balance(&world), 12 * USD);
}

#[test]
fn create_market_numbers_markets_in_order() {
    let mut world = quick();
    world.list(&MarketParams::SOL, 50 * USD);
    assert_eq!((world.market(0).index, world.market(1).index), (0, 1));
    let (wrong, right) = (address::market(&world.stage.exchange, 3), address::market(&world.stage.exchange, 2));
    let skipping = create(&world, args()).swapped(right, wrong);
    assert_refused(world.send_as_authority(&[skipping]), BreakwaterError::WrongAddress);
}

#[test]
fn create_market_refuses_a_zero_feed_id_odd_lots_a_small_seed_and_a_small_bond() {
    let mut world = World::new();
    let refused = [
        (CreateMarketArgs { feed_id: [0; 32], ..args() }, BreakwaterError::FeedIdZero),
        (CreateMarketArgs { lot_exponent: 4, ..args() }, BreakwaterError::LotExponent),
        (CreateMarketArgs { lot_exponent: -19, ..args() }, BreakwaterError::LotExponent),
        (CreateMarketArgs { lot_exponent: i8::MIN, ..args() }, BreakwaterError::LotExponent),
        (CreateMarketArgs { seed_atoms: USD - 1, ..args() }, BreakwaterError::SeedTooSmall),
        (CreateMarketArgs { seed_atoms: 0, ..args() }, BreakwaterError::SeedTooSmall),
        (CreateMarketArgs { bond_atoms: USD - 1, ..args() }, BreakwaterError::BondTooSmall),
        (CreateMarketArgs { bond_atoms: 0, ..args() }, BreakwaterError::BondTooSmall),
        (CreateMarketArgs { bond_atoms: u64::MAX, ..args() }, BreakwaterError::Overflow),
    ];
    for (args, error) in refused {
        assert_refused(send(&mut world, args), error);
    }
}

/// A change of one or more parameters.
type Change = Box<dyn FnOnce(&mut MarketParams)>;

/// Parameter sets that differ from SOL's in one figure.
fn changed(change: impl FnOnce(&mut MarketParams)) -> CreateMarketArgs {
    let mut params = MarketParams::SOL;
    change(&mut params);
    CreateMarketArgs { params: bytemuck::cast(params), ..args() }
}

#[test]
fn create_market_refuses_every_parameter_outside_its_hard_bounds() {
    let mut world = World::new();
    let bytes: [u8; breakwater_risk::params::MARKET_PARAMS_BYTES] = bytemuck::cast(MarketParams::SOL);
    let mut refused = 0;
    // Every figure at its type's greatest value: the first four are u64, the others u32.
    for place in (0..32).step_by(8) {
        let mut params = bytes;
        params[place..place + 8].fill(0xff);
        assert_refused(send(&mut world, CreateMarketArgs { params, ..args() }), BreakwaterError::ParameterOutOfBounds);
        refused += 1;
    }
    for place in (32..bytes.len()).step_by(4) {
        let mut params = bytes;
        params[place..place + 4].fill(0xff);
        assert_refused(send(&mut world, CreateMarketArgs { params, ..args() }), BreakwaterError::ParameterOutOfBounds);
        refused += 1;
    }
    assert_eq!(refused, 4 + (bytes.len() - 32) / 4);
}

#[test]
fn create_market_refuses_zeros_that_might_mean_unlimited() {
    let mut world = World::new(); // PEERS 4
    let zeros: [fn(&mut MarketParams); 16] = [
        |params| params.depth_base_atoms = 0,
        |params| params.min_position_atoms = 0,
        |params| params.open_interest_max_lots = 0,
        |params| params.maintenance_base_ppm = 0,
        |params| params.buffer_ppm = 0,
        |params| params.price_age_max_s = 0,
        |params| params.flow_recovery_slots = 0,
        |params| params.move_min_ppm = 0,
        |params| params.pace_cap_slots = 0,
        |params| params.dutch_slots = 0,
        |params| params.profit_window_slots = 0,
        |params| params.charge_min_ppm = 0,
        |params| params.worst_move_ppm = 0,
        |params| params.slot_ms = 0,
        |params| params.restart_grace_slots = 0,
        |params| params.backstop_gap_ppm = 0,
    ];
    for change in zeros {
        assert_refused(send(&mut world, changed(change)), BreakwaterError::ParameterOutOfBounds);
    }
}

/// A hundred times leverage at a fee.
fn thin(params: &mut MarketParams, trade_fee_ppm: u32) {
    (params.maintenance_base_ppm, params.initial_base_ppm, params.trade_fee_ppm) = (10_000, 20_000, trade_fee_ppm);
    (params.charge_max_ppm, params.worst_move_ppm) = (5_000, 3_700);
}

#[test]
fn create_market_refuses_parameters_in_the_wrong_order() {
    let mut world = World::new();
    let sol = MarketParams::SOL;
    // Least initial margin: 1.1 · (1 + buffer) · 1.25 · maintenance.
    let least_initial = u64::from(sol.maintenance_base_ppm) * (1_000_000 + u64::from(sol.buffer_ppm)) * 1_375;
    let least_initial = u32::try_from(least_initial.div_ceil(1_000_000_000)).unwrap();
    let half = sol.maintenance_base_ppm / 2;
    let wrong: [Change; 11] = [
        Box::new(move |params| params.initial_base_ppm = least_initial - 1),
        Box::new(move |params| params.charge_max_ppm = half + 1),
        Box::new(|params| params.charge_min_ppm = params.charge_max_ppm + 1),
        Box::new(|params| params.deleverage_line_ppm = params.backstop_line_ppm + 1),
        Box::new(|params| params.sigma_stress_ppm = params.sigma_ref_ppm - 1),
        Box::new(|params| params.confidence_liquidation_max_ppm = params.confidence_max_ppm - 1),
        Box::new(|params| params.move_max_ppm = params.move_min_ppm - 1),
        Box::new(|params| (params.insurance_event_ppm, params.insurance_window_ppm) = (100_001, 100_000)),
        // Distance and fee of a fill cost at most half of maintenance together: a fee above a quarter would leave too little.
        Box::new(|params| thin(params, 2_501)),
        // Funding that costs nothing to move.
        Box::new(|params| (params.funding_max_ppm, params.trade_fee_ppm) = (500, 0)),
        // A gap below the declared worst move: within its own bounds only where that move is large.
        Box::new(|params| {
            (params.maintenance_base_ppm, params.initial_base_ppm) = (400_000, 800_000);
            (params.worst_move_ppm, params.backstop_gap_ppm) = (120_000, 119_999);
        }),
    ];
    for change in wrong {
        assert_refused(send(&mut world, changed(change)), BreakwaterError::ParameterOutOfBounds);
    }
    let least = changed(|params| params.initial_base_ppm = least_initial);
    world.stage.send_as_authority(&[create(&world, least)]).unwrap();
    let dear = changed(|params| thin(params, 2_500));
    world.stage.send_as_authority(&[create(&world, dear)]).unwrap();
    let gap_at_worst_move = changed(|params| {
        (params.maintenance_base_ppm, params.initial_base_ppm) = (400_000, 800_000);
        (params.worst_move_ppm, params.backstop_gap_ppm) = (120_000, 120_000);
    });
    world.stage.send_as_authority(&[create(&world, gap_at_worst_move)]).unwrap();
}

#[test]
fn create_market_refuses_a_smallest_position_above_a_quarter_of_the_least_flow_capacity_under_stress() {
    let mut world = World::new();
    let sol = MarketParams::SOL;
    // Capacity at the depth's floor, twice 1/42, and the least move, in units of 10 bp, halved by macro stress.
    let floor = sol.depth_base_atoms / (42 * 42);
    let least_move = u64::from(sol.move_min_ppm);
    let most = floor * least_move * least_move / 1_000_000 / 8;
    let above = changed(|params| params.min_position_atoms = most + 1);
    assert_refused(send(&mut world, above), BreakwaterError::ParameterOutOfBounds);
    let at_most = changed(|params| params.min_position_atoms = most);
    world.stage.send_as_authority(&[create(&world, at_most)]).unwrap();
}

#[test]
fn create_market_refuses_the_17th_market_that_the_backstop_would_serve() {
    let mut world = World::new();
    for _ in 0..16 {
        world.list(&MarketParams::SOL, 200 * USD);
    }
    assert_eq!(world.stage.exchange_account().backstopped_markets, 16);
    assert_refused(send(&mut world, args()), BreakwaterError::TooManyBackstoppedMarkets);
    let least = changed(|params| params.backstop_max_atoms = params.min_position_atoms);
    assert_refused(send(&mut world, least), BreakwaterError::TooManyBackstoppedMarkets);
    let without = changed(|params| params.backstop_max_atoms = 0);
    world.stage.send_as_authority(&[create(&world, without)]).unwrap();
    let exchange = world.stage.exchange_account();
    assert_eq!((exchange.market_count, exchange.backstopped_markets), (17, 16));
}

#[test]
fn create_market_refuses_a_market_whose_margins_do_not_cover_the_declared_move() {
    let mut world = World::new();
    // move + mm/8 ≤ mm·(1 − h_bs): at 5 % and ½ the most is 1.875 %.
    let most = MarketParams::SOL.maintenance_base_ppm * 3 / 8;
    for worst_move_ppm in [most + 1, 50_000] {
        let args = changed(|params| params.worst_move_ppm = worst_move_ppm);
        assert_refused(send(&mut world, args), BreakwaterError::EnvelopeTooSmall);
    }
    let late = changed(|params| params.backstop_line_ppm = 900_000);
    assert_refused(send(&mut world, late), BreakwaterError::EnvelopeTooSmall);
    // A declaration below 4 σ_ref over the time that it covers is absurd: too small, or for too long a time.
    let small = changed(|params| params.worst_move_ppm = 1_000);
    assert_refused(send(&mut world, small), BreakwaterError::ParameterOutOfBounds);
    let slow = changed(|params| {
        (params.pace_cap_slots, params.sigma_ref_ppm, params.sigma_stress_ppm) = (300, 500, 500);
    });
    assert_refused(send(&mut world, slow), BreakwaterError::ParameterOutOfBounds);
    let widest = changed(move |params| params.worst_move_ppm = most);
    world.stage.send_as_authority(&[create(&world, widest)]).unwrap();
}

#[test]
fn create_market_refuses_anyone_but_the_authority() {
    let mut world = World::new();
    let (thief, authority) = (stranger(&mut world), world.stage.authority.pubkey());
    let instruction = create(&world, args()).swapped(authority, thief.pubkey());
    assert_refused(world.send(&[instruction], &[&thief]), BreakwaterError::NotAuthority);
    let unsigned = create(&world, args()).unsigned(authority);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
}

#[test]
fn create_market_refuses_wrong_mint_vault_and_source() {
    let mut world = World::new();
    let other = Other::beside(&mut world);
    let (authority, treasury) = (world.stage.authority.pubkey(), world.stage.treasury);
    let (mint, foreign) = foreign_mint(&mut world, authority);
    let instruction = create(&world, args());
    let wrong_mint = instruction.clone().swapped(world.stage.mint, mint);
    assert_refused(world.send_as_authority(&[wrong_mint]), BreakwaterError::WrongMint);
    let wrong_source = instruction.clone().swapped(treasury, foreign);
    assert_refused(world.send_as_authority(&[wrong_source]), BreakwaterError::WrongMint);
    let vault = address::vault(&world.stage.exchange);
    let wrong_vault = instruction.clone().swapped(vault, other.vault());
    assert_refused(world.send_as_authority(&[wrong_vault]), BreakwaterError::WrongVault);
    let stolen = instruction.swapped(treasury, other.trader.wallet);
    assert_refused(world.send_as_authority(&[stolen]), BreakwaterError::NotTokenOwner);
    let poor = create(&world, CreateMarketArgs { seed_atoms: 1 << 60, ..args() });
    assert_refused(world.send_as_authority(&[poor]), BreakwaterError::InsufficientTokens);
}

#[test]
fn create_market_refuses_more_than_65_535_markets() {
    let mut world = World::new();
    let key = world.stage.exchange;
    let mut data = world.stage.bank.data(&key).unwrap();
    bytemuck::from_bytes_mut::<breakwater::Exchange>(&mut data[8..]).market_count = u16::MAX;
    world.stage.bank.set_account(&key, breakwater::ID, data);
    assert_refused(send(&mut world, args()), BreakwaterError::TooManyMarkets);
}
