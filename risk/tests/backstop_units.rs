//! Single rules of the backstop that a hostile reading asked for: each test is an attack that must not work.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::absorb::{self, AbsorbReport};
use breakwater_risk::backstop::{self, BackstopState};
use breakwater_risk::health::Stance;
use breakwater_risk::refresh::{self, PriceObservation};
use breakwater_risk::shares::{Holding, ShareLedger};
use breakwater_risk::unwind::{self, UnwindReport};
use breakwater_risk::{deleveraging, liquidation, MarketParams, RiskError, RiskResult};
use bytemuck::Zeroable;
use money_support::{pair, Exchange, DOLLAR, MARK};

const SOL: MarketParams = MarketParams::SOL;
const RICH: u64 = 1 << 50;
const FUND: u64 = 10_000_000 * DOLLAR;
/// The failing account, the backstop's, who holds the other sides, and somebody else.
const ACCOUNT: usize = 0;
const BACKSTOP: usize = 1;
const OTHER: usize = 2;
const KEEPER: usize = 3;
/// Lots of $21 M, half of what $10 M may hold.
const HALF: u64 = 10_500_000_000;

fn exchange(params: MarketParams, markets: usize, backstop_atoms: u64) -> (Exchange, BackstopState) {
    let mut exchange = Exchange::new(params, markets, &[0, backstop_atoms, RICH, RICH]);
    exchange.accounts[BACKSTOP].backstop = 1;
    let shares = ShareLedger { total: backstop_atoms, generation: 0 };
    (exchange, BackstopState { shares, loss_line_ppm: 900_000, ..Zeroable::zeroed() })
}

/// The account goes long, and has that much health.
fn fail(exchange: &mut Exchange, market: usize, lots: u64, health_ppm: i128) {
    exchange.trade(market, ACCOUNT, OTHER, lots, MARK).unwrap();
    let missing = i128::from(exchange.health(ACCOUNT, Stance::Favour, market).maintenance()) * health_ppm / 1_000_000;
    exchange.accounts[ACCOUNT].capital_atoms = missing as u64;
}

fn absorb(exchange: &mut Exchange, state: &mut BackstopState, market: usize) -> RiskResult<AbsorbReport> {
    let mut changed = *state;
    let report = exchange.on(market, |acted, accounts| {
        let (account, backstop) = pair(accounts, ACCOUNT, BACKSTOP);
        absorb::absorb(acted, account, &mut changed, backstop)
    })?;
    *state = changed;
    Ok(report)
}

fn flag(exchange: &mut Exchange) -> RiskResult<bool> {
    exchange
        .on(0, |acted, accounts| liquidation::flag((0, acted.market), acted.others, &mut accounts[ACCOUNT], &acted.now))
}

fn sell(exchange: &mut Exchange, market: usize, most_lots: u64) -> RiskResult<UnwindReport> {
    exchange.on(market, |acted, accounts| {
        let (backstop, keeper) = pair(accounts, BACKSTOP, KEEPER);
        unwind::unwind(acted, backstop, keeper, most_lots, u64::MAX)
    })
}

fn equity(exchange: &Exchange, account: usize) -> i128 {
    exchange.health(account, Stance::Against, 0).equity()
}

/// Time passes in which one market's feed is silent.
fn silence(exchange: &mut Exchange, market: usize, seconds: i64) {
    let (slot, time) = (exchange.markets.0[market].mark_slot, exchange.markets.0[market].publish_time);
    exchange.wait(seconds as u64 * 5 / 2);
    let market = exchange.market(market);
    (market.mark_slot, market.publish_time) = (slot, time);
}

#[test]
fn the_other_side_gets_nothing_of_the_backstops_capital_by_deleveraging_it() {
    let (mut exchange, mut state) = exchange(SOL, 1, FUND);
    fail(&mut exchange, 0, 2 * HALF, 300_000);
    absorb(&mut exchange, &mut state, 0).unwrap();
    let deleverage = |exchange: &mut Exchange| {
        exchange.on(0, |acted, accounts| deleveraging::deleverage(acted, &mut accounts[BACKSTOP], None))
    };
    // While it is solvent nothing happens to it, below whatever line; then it closes at the mark.
    for (health_ppm, allowed) in [(900_000, false), (200_000, false), (10_000, false), (0, true)] {
        let mut fallen = exchange.clone();
        let health = fallen.health(BACKSTOP, Stance::Against, 0);
        let left = i128::from(health.maintenance()) * health_ppm / 1_000_000;
        fallen.accounts[BACKSTOP].capital_atoms -= (health.equity() - left) as u64; // as a loss elsewhere takes it
        fallen.set_mark(0, MARK - MARK / 1_000_000 * u64::from(allowed)); // and then a millionth more
        let (before, other) = (equity(&fallen, BACKSTOP), equity(&fallen, OTHER));
        assert_eq!(before < 0, allowed, "{before}");
        match deleverage(&mut fallen) {
            Ok(report) => {
                assert!(allowed && report.price == fallen.markets.0[0].mark);
                assert!((equity(&fallen, BACKSTOP) - before).abs() <= 2 && (equity(&fallen, OTHER) - other).abs() <= 2);
            }
            Err(error) => assert!(!allowed && error == RiskError::NotCritical, "{error:?} at {health_ppm}"),
        }
    }
}

#[test]
fn a_sale_never_costs_more_than_is_left_above_the_losses() {
    let (mut exchange, _) = exchange(SOL, 2, 1_000_000 * DOLLAR);
    exchange.trade(0, BACKSTOP, OTHER, 300_000_000, MARK).unwrap();
    exchange.trade(1, BACKSTOP, OTHER, 5_000_000_000, MARK).unwrap();
    exchange.set_mark(1, MARK - MARK / 10_000 * 999); // $999 000 of its $1 M
    exchange.wait(1_000);
    exchange.markets.0.iter_mut().for_each(|market| market.depth.capacity_atoms = 100 * FUND);
    let before = equity(&exchange, BACKSTOP);
    let report = sell(&mut exchange, 0, u64::MAX).unwrap();
    let zero_ppm = before * 62_500 * 1_000_000 / i128::from(report.notional_atoms) / 1_000_000;
    assert!(i128::from(report.discount_atoms) <= before && zero_ppm > 0);
    assert!(equity(&exchange, BACKSTOP) >= 0, "{}", equity(&exchange, BACKSTOP));
}

#[test]
fn the_auction_starts_when_a_sale_becomes_possible_and_anew_after_each() {
    let (mut exchange, mut state) = exchange(SOL, 1, FUND);
    fail(&mut exchange, 0, HALF, 300_000);
    absorb(&mut exchange, &mut state, 0).unwrap();
    let capacity = exchange.markets.0[0].depth.capacity_atoms;
    let rate = |report: &UnwindReport| report.discount_atoms * 1_000_000 / report.notional_atoms;
    let dutch = u64::from(SOL.dutch_slots);
    exchange.wait(dutch / 2);
    let report = sell(&mut exchange, 0, u64::MAX).unwrap();
    assert!(rate(&report).abs_diff(u64::from(SOL.charge_max_ppm) / 2) <= 1);
    assert!(report.notional_atoms <= capacity / 4);
    // A quarter is used: each slot gives a 600th back, and what is sold then starts at nothing again.
    assert_eq!(sell(&mut exchange, 0, u64::MAX), Err(RiskError::FlowExhausted));
    let tau = u64::from(SOL.flow_recovery_slots);
    let enough = (SOL.min_position_atoms * tau).div_ceil(capacity) + 1;
    exchange.wait(enough);
    let next = sell(&mut exchange, 0, u64::MAX).unwrap();
    assert!(rate(&next) <= u64::from(SOL.charge_max_ppm) * enough / dutch + 1, "{} after {enough}", rate(&next));
    // A market that was not calm starts it anew with its first calm refresh: before it there is no discount.
    exchange.wait(dutch);
    exchange.market(0).calm_since_slot = 0;
    assert_eq!(sell(&mut exchange.clone(), 0, u64::MAX).unwrap().discount_atoms, 0);
    exchange.market(0).calm_since_slot = exchange.now.slot - 1;
    let calm = sell(&mut exchange, 0, u64::MAX).unwrap();
    assert!(rate(&calm) <= u64::from(SOL.charge_max_ppm) / dutch);
}

#[test]
fn nobody_leaves_dust_to_the_backstop() {
    let (mut exchange, _) = exchange(SOL, 1, FUND);
    let lots = 100_000; // $200
    exchange.trade(0, BACKSTOP, OTHER, lots, MARK).unwrap();
    assert_eq!(sell(&mut exchange, 0, lots - 1), Err(RiskError::PositionTooSmall));
    assert_eq!(sell(&mut exchange, 0, 0), Err(RiskError::NothingToDo));
    assert_eq!(sell(&mut exchange, 0, lots).unwrap().closed_lots, -(lots as i64));
}

#[test]
fn a_leg_whose_price_nobody_refreshed_needs_its_gap_twice() {
    let (mut exchange, mut state) = exchange(SOL, 2, FUND);
    exchange.trade(1, BACKSTOP, OTHER, HALF, MARK).unwrap();
    fail(&mut exchange, 0, 2 * HALF, 300_000);
    let fresh = absorb(&mut exchange.clone(), &mut state.clone(), 0).unwrap();
    silence(&mut exchange, 1, 12);
    let gap = 21_000_000 * DOLLAR / 5;
    match absorb(&mut exchange, &mut state, 0) {
        Ok(stale) => {
            let rate = u64::from(SOL.backstop_gap_ppm + SOL.charge_max_ppm + SOL.move_max_ppm);
            let less = (fresh.notional_atoms - stale.notional_atoms) * rate / 1_000_000;
            assert!(less >= gap / 100 * 99, "{less} of {gap}");
        }
        Err(error) => assert_eq!(error, RiskError::BackstopFull),
    }
}

#[test]
fn slices_that_another_leg_still_allows_come_before_the_backstop() {
    let (mut exchange, mut state) = exchange(SOL, 2, FUND);
    exchange.trade(0, ACCOUNT, OTHER, 1_000_000_000, MARK).unwrap();
    exchange.trade(1, ACCOUNT, OTHER, 1_000_000_000, MARK).unwrap();
    let health = exchange.health(ACCOUNT, Stance::Favour, 0);
    exchange.accounts[ACCOUNT].capital_atoms = health.maintenance() / 100 * 95;
    // No slice helps in market 0, by neither depth; in market 1 one does.
    exchange.market(0).depth.capacity_atoms = 1;
    exchange.market(0).depth.depth_slow_atoms = 1;
    exchange.market(1).depth.capacity_atoms = 100 * FUND;
    assert_eq!(absorb(&mut exchange, &mut state, 0), Err(RiskError::NotDistressed));
    exchange.market(1).depth.capacity_atoms = 10 * SOL.min_position_atoms;
    assert_eq!(absorb(&mut exchange, &mut state, 0), Err(RiskError::NotDistressed), "a pause of the feed alone");
    exchange.market(1).depth.depth_slow_atoms = 1;
    assert!(absorb(&mut exchange, &mut state, 0).is_ok());
}

#[test]
fn neither_flags_nor_dust_hold_the_backstop_off() {
    let (mut exchange, mut state) = exchange(SOL, 1, FUND);
    fail(&mut exchange, 0, HALF, 950_000);
    exchange.market(0).depth.capacity_atoms = FUND;
    exchange.market(0).flow.utilisation_q32 = -(1 << 32);
    exchange.market(0).flow.slot = exchange.now.slot;
    flag(&mut exchange).unwrap();
    let cap = u64::from(SOL.pace_cap_slots);
    exchange.wait(cap - 1);
    assert_eq!(absorb(&mut exchange, &mut state, 0), Err(RiskError::NotDistressed));
    let again = flag(&mut exchange);
    assert_eq!(again, Err(RiskError::NothingToDo));
    exchange.accounts[ACCOUNT].slice_due_slot = exchange.now.slot + cap; // as a slice of dust leaves it
    exchange.wait(1);
    assert!(absorb(&mut exchange, &mut state, 0).is_ok());
}

#[test]
fn nobody_converts_the_backstops_profit_at_a_ratio_that_they_made() {
    let (mut exchange, _) = exchange(SOL, 1, FUND);
    exchange.trade(0, BACKSTOP, KEEPER, 100_000_000, MARK).unwrap();
    exchange.trade(0, OTHER, ACCOUNT, 1_000_000_000, MARK).unwrap();
    exchange.accounts[ACCOUNT].capital_atoms = FUND;
    exchange.set_mark(0, MARK + MARK / 100);
    exchange.settle(BACKSTOP);
    exchange.settle(KEEPER);
    exchange.wait(2 * u64::from(SOL.profit_window_slots));
    assert_eq!(exchange.clone().convert(BACKSTOP, 0, 0).unwrap().paid_atoms, exchange.claim(BACKSTOP, 0));
    exchange.set_mark(0, MARK + MARK / 10);
    exchange.settle(OTHER); // a winner, and no loser
    assert_eq!(exchange.convert(BACKSTOP, 0, 0), Err(RiskError::RatioTooLow));
    exchange.settle(ACCOUNT);
    exchange.settle(KEEPER);
    assert!(exchange.convert(BACKSTOP, 0, 1_000_000).is_ok());
}

#[test]
fn a_dead_feed_closes_the_backstop_to_nobody() {
    let (mut exchange, mut state) = exchange(SOL, 2, FUND);
    exchange.trade(1, BACKSTOP, OTHER, HALF, MARK).unwrap();
    let enter = |exchange: &Exchange, state: &mut BackstopState| {
        let mut account = exchange.accounts[BACKSTOP];
        let mut holding = Holding::zeroed();
        let terms = (FUND, 0);
        backstop::stake(state, &mut account, &mut holding, terms, &exchange.markets, &exchange.now).unwrap()
    };
    // In favour of those who are in: the worst move while the price is fresh, the gap when it is not.
    let unseen = |ppm: u32| 21_000_000 * DOLLAR / 1_000_000 * u64::from(ppm);
    let shares = |unseen: u64| (u128::from(FUND) * u128::from(FUND) / u128::from(FUND + unseen)) as u64;
    assert!(enter(&exchange, &mut state.clone()).abs_diff(shares(unseen(SOL.worst_move_ppm))) <= 1);
    silence(&mut exchange, 1, 700);
    assert!(enter(&exchange, &mut state).abs_diff(shares(unseen(SOL.backstop_gap_ppm))) <= 1);
}

#[test]
fn room_for_a_trifle_does_not_hold_deleveraging_off() {
    let (mut exchange, mut state) = exchange(SOL, 1, FUND);
    exchange.trade(0, BACKSTOP, OTHER, 2 * HALF, MARK).unwrap(); // $42 M of $43.4 M
    fail(&mut exchange, 0, 2 * HALF, 200_000);
    assert_eq!(absorb(&mut exchange, &mut state, 0), Err(RiskError::BackstopFull));
    let deleveraged = exchange.on(0, |acted, accounts| {
        let (account, backstop) = pair(accounts, ACCOUNT, BACKSTOP);
        deleveraging::deleverage(acted, account, Some((&state, backstop)))
    });
    assert!(deleveraged.is_ok(), "{deleveraged:?}");
}

#[test]
fn a_debt_elsewhere_does_not_hold_the_backstops_profit_back() {
    let (mut exchange, _) = exchange(SOL, 1, FUND);
    exchange.trade(0, BACKSTOP, ACCOUNT, 100_000_000, MARK).unwrap();
    exchange.trade(0, OTHER, KEEPER, 100_000_000, MARK).unwrap();
    exchange.accounts[ACCOUNT].capital_atoms = 1_800 * DOLLAR; // of a loss of $2 000
    exchange.set_mark(0, MARK + MARK / 100);
    (0..4).for_each(|account| exchange.settle(account));
    exchange.wait(2 * u64::from(SOL.profit_window_slots));
    assert!(exchange.markets.0[0].debts_total_atoms > 0);
    let report = exchange.convert(BACKSTOP, 0, 0).unwrap();
    assert!(report.paid_atoms > report.matured_atoms / 2 && report.paid_atoms < report.matured_atoms);
}

#[test]
fn a_pause_of_the_feed_does_not_run_the_auctions_clock() {
    let (mut exchange, _) = exchange(SOL, 1, FUND);
    exchange.trade(0, BACKSTOP, OTHER, HALF, MARK).unwrap();
    exchange.wait(100);
    exchange.now.slot += 150;
    exchange.now.unix_timestamp += 60;
    let publish_time = exchange.now.unix_timestamp;
    let price = PriceObservation { price: MARK, confidence: 0, ema_confidence: 0, publish_time };
    let now = exchange.now;
    refresh::refresh(exchange.market(0), &price, &now).unwrap();
    assert_eq!(sell(&mut exchange.clone(), 0, u64::MAX).unwrap().discount_atoms, 0);
    exchange.now.slot += 5;
    exchange.now.unix_timestamp += 2;
    let (price, now) = (PriceObservation { publish_time: publish_time + 2, ..price }, exchange.now);
    refresh::refresh(exchange.market(0), &price, &now).unwrap();
    assert_eq!(sell(&mut exchange, 0, u64::MAX).unwrap().discount_atoms, 0);
}

#[test]
fn nobody_takes_dust_from_the_backstop() {
    let (mut exchange, _) = exchange(SOL, 1, FUND);
    exchange.trade(0, BACKSTOP, OTHER, HALF, MARK).unwrap();
    exchange.wait(100);
    let least = SOL.min_position_atoms * 1_000_000 / MARK;
    assert_eq!(sell(&mut exchange.clone(), 0, least - 1), Err(RiskError::PositionTooSmall));
    assert!(sell(&mut exchange, 0, least).is_ok());
}
