//! `settle_trade`: what a fill books, and the money rules that refuse one. Accounts and signers are in
//! `settle_trade_accounts.rs`, venue limits in `approvals.rs`.

use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::units::notional_ceil;
use breakwater_risk::MarketParams;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

/// Fee of one side of a fill.
fn fee(lots: u64, mark: u64) -> u64 {
    (notional_ceil(lots, mark).unwrap() * u64::from(MarketParams::SOL.trade_fee_ppm)).div_ceil(PPM)
}

#[test]
fn settle_trade_moves_lots_at_the_mark_and_charges_both_sides_a_fee() {
    let mut world = pair();
    let before = world.market(0);
    let sequences = (world.account("alice").sequence, world.account("bob").sequence);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    let (market, paid) = (world.market(0), fee(LOTS_10K, world.mark(0)));
    assert_eq!((world.lots("alice", 0), world.lots("bob", 0)), (LOTS_10K as i64, -(LOTS_10K as i64)));
    for name in ["alice", "bob"] {
        assert_eq!(world.account(name).state.capital_atoms, 100_000 * USD - paid);
    }
    let insurance = paid * u64::from(MarketParams::SOL.fee_insurance_share_ppm) / PPM;
    assert_eq!(market.state.insurance_accrued_atoms, 2 * insurance);
    assert_eq!(market.state.fees_accrued_atoms, 2 * (paid - insurance));
    assert_eq!((market.state.long.open_lots, market.state.short.open_lots), (LOTS_10K, LOTS_10K));
    assert_eq!((market.state.leg_count, market.state.pool_atoms), (2, before.state.pool_atoms));
    assert_eq!(market.sequence, before.sequence + 1, "a fill is an event of its market");
    assert_eq!((world.account("alice").sequence, world.account("bob").sequence), sequences);
}

#[test]
fn settle_trade_books_the_distance_to_the_mark_between_the_two() {
    let mut world = pair();
    let (mark, pool) = (world.mark(0), world.market(0).state.pool_atoms);
    let above = mark + mark / 1_000;
    world.trade_at(0, "alice", "bob", LOTS_10K, above).unwrap();
    let lost = LOTS_10K * (above - mark) / PPM;
    let (alice, bob, market) = (world.account("alice").state, world.account("bob").state, world.market(0).state);
    assert_eq!(alice.capital_atoms, 100_000 * USD - fee(LOTS_10K, mark) - lost);
    assert_eq!(market.pool_atoms, pool + lost);
    assert_eq!((bob.legs[0].claim_fresh_atoms, market.claims_total_atoms), (lost, lost));
}

#[test]
fn settle_trade_closes_what_it_opened_and_frees_the_legs() {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.trade(0, "bob", "alice", LOTS_10K).unwrap();
    assert_eq!((world.lots("alice", 0), world.lots("bob", 0)), (0, 0));
    assert_eq!((world.market(0).state.long.open_lots, world.market(0).state.leg_count), (0, 0));
}

#[test]
fn settle_trade_refuses_no_lots_and_more_than_a_leg_holds() {
    let mut world = pair();
    assert_refused(world.trade(0, "alice", "bob", 0), BreakwaterError::ZeroSize);
    for lots in [(1 << 37) + 1, 1 << 63, u64::MAX] {
        assert_refused(world.trade(0, "alice", "bob", lots), BreakwaterError::LegTooLarge);
    }
}

#[test]
fn settle_trade_refuses_prices_out_of_range() {
    let mut world = pair();
    for price in [0, (1 << 45) + 1, u64::MAX] {
        assert_refused(world.trade_at(0, "alice", "bob", LOTS_10K, price), BreakwaterError::PriceOutOfRange);
    }
}

#[test]
fn settle_trade_refuses_a_market_without_a_price() {
    let mut world = pair();
    let market = world.stage.list_market(&sol_params(), -5).unwrap();
    let sent = world.trade_at(market, "alice", "bob", LOTS_10K, 2_000_000_000);
    assert_refused(sent, BreakwaterError::PriceOutOfRange);
}

#[test]
fn settle_trade_refuses_a_fill_beyond_half_the_maintenance_rate_fees_included() {
    let mut world = pair();
    let (mark, sol) = (world.mark(0), MarketParams::SOL);
    let most = mark * u64::from(sol.maintenance_base_ppm / 2 - sol.trade_fee_ppm) / PPM;
    for price in [mark + most + 1, mark - most - 1] {
        assert_refused(world.trade_at(0, "alice", "bob", LOTS_10K, price), BreakwaterError::FillTooFar);
    }
    world.trade_at(0, "alice", "bob", LOTS_10K, mark + most).unwrap();
    world.trade_at(0, "alice", "bob", LOTS_10K, mark - most).unwrap();
}

#[test]
fn settle_trade_refuses_whoever_adds_risk_below_initial_margin() {
    let mut world = pair();
    world.trader("poor", 500 * USD);
    // $10 000 need at least $1 000.
    assert_refused(world.trade(0, "poor", "bob", LOTS_10K), BreakwaterError::InitialMargin);
    assert_refused(world.trade(0, "bob", "poor", LOTS_10K), BreakwaterError::InitialMargin);
    world.trade(0, "poor", "bob", LOTS_10K / 10).unwrap();
}

#[test]
fn settle_trade_does_not_take_profit_elsewhere_for_margin() {
    let mut world = pair(); // PEERS 7
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.trader("gambler", 3_000 * USD);
    world.trade(0, "gambler", "bob", LOTS_10K).unwrap();
    world.publish(0, 400 * USD);
    world.publish(1, 200 * USD);
    assert_refused(world.trade(1, "gambler", "alice", 3 * LOTS_10K), BreakwaterError::InitialMargin);
}

#[test]
fn settle_trade_refuses_to_open_less_than_the_smallest_position() {
    let mut world = pair();
    let least = MarketParams::SOL.min_position_atoms * PPM / world.mark(0);
    assert_refused(world.trade(0, "alice", "bob", least - 1), BreakwaterError::PositionTooSmall);
    world.trade(0, "alice", "bob", least).unwrap();
}

#[test]
fn settle_trade_refuses_open_interest_beyond_the_cap_but_lets_it_change_hands() {
    let mut world = World::new();
    world.list(&MarketParams { open_interest_max_lots: LOTS_10K, ..sol_params() }, 200 * USD);
    for name in ["alice", "bob", "carol"] {
        world.trader(name, 100_000 * USD);
    }
    assert_refused(world.trade(0, "alice", "bob", LOTS_10K + 1), BreakwaterError::OpenInterestCap);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    assert_refused(world.trade(0, "carol", "bob", 5_000), BreakwaterError::OpenInterestCap);
    world.trade(0, "carol", "alice", LOTS_10K).unwrap();
    assert_eq!(world.lots("carol", 0), LOTS_10K as i64);
}

#[test]
fn settle_trade_refuses_new_risk_on_a_stale_price_but_lets_risk_be_reduced() {
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.pass(23); // 9 s
    assert_refused(world.trade(0, "alice", "bob", LOTS_10K), BreakwaterError::PriceStale);
    world.trade(0, "bob", "alice", LOTS_10K / 2).unwrap();
    assert_refused(world.trade(0, "bob", "alice", LOTS_10K), BreakwaterError::PriceStale);
    // it would turn the side
}

#[test]
fn settle_trade_lets_an_account_below_initial_margin_reduce_at_a_fair_price_only() {
    let mut world = World::with_sol();
    world.trader("weak", 1_200 * USD);
    world.trader("maker", 1_000_000 * USD);
    world.trade(0, "weak", "maker", LOTS_10K).unwrap();
    world.publish(0, 191 * USD);
    let mark = world.mark(0);
    assert_refused(world.trade(0, "weak", "maker", LOTS_10K / 10), BreakwaterError::InitialMargin);
    world.trade_at(0, "maker", "weak", LOTS_10K / 10, mark - mark / 1_000).unwrap();
    // At $178 about $95 are left on $8 000: a discount of 2 % is beyond the zero price.
    world.publish(0, 178 * USD);
    let mark = world.mark(0);
    let sent = world.trade_at(0, "maker", "weak", LOTS_10K / 10, mark - mark * 2 / 100);
    assert_refused(sent, BreakwaterError::HealthWorsened);
    world.trade(0, "maker", "weak", LOTS_10K / 10).unwrap();
}

#[test]
fn settle_trade_refuses_an_account_whose_losses_exceed_its_capital() {
    let mut world = pair();
    world.trader("ruined", 2_500 * USD);
    world.trade(0, "ruined", "bob", LOTS_10K).unwrap();
    world.publish(0, 140 * USD);
    assert_refused(world.trade(0, "bob", "ruined", LOTS_10K), BreakwaterError::HealthWorsened);
    world.settle("ruined").unwrap();
    assert!(world.account("ruined").state.legs[0].debt_atoms > 0);
    assert_refused(world.trade(0, "ruined", "bob", LOTS_10K), BreakwaterError::DebtOutstanding);
    assert_refused(world.trade(0, "bob", "ruined", LOTS_10K), BreakwaterError::HealthWorsened);
}

#[test]
fn settle_trade_refuses_a_seventeenth_leg() {
    let mut world = World::new();
    for _ in 0..17 {
        world.list(&sol_params(), 200 * USD);
    }
    for name in ["alice", "bob", "carol"] {
        world.trader(name, 1_000_000 * USD);
    }
    for market in 0..17 {
        world.publish(market, 200 * USD);
        let sent = world.trade(market, "alice", if market == 16 { "carol" } else { "bob" }, 10_000);
        match market {
            16 => assert_refused(sent, BreakwaterError::NoFreeLeg),
            _ => drop(sent.unwrap()),
        }
    }
}

#[test]
fn settle_trade_opens_nothing_on_a_side_that_is_nearly_wiped_out() {
    let mut world = pair();
    world.edit_market(0, |market| market.state.long.size_index = (1 << 44) - 1);
    assert_refused(world.trade(0, "alice", "bob", LOTS_10K), BreakwaterError::SideExhausted);
}
