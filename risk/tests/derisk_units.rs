//! Predictive closes, case by case: who is at risk, who may be acted on, how often, how much, at what price, and what
//! opting in is worth.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::derisk::{self, DeriskReport, BENEFIT_SLOTS};
use breakwater_risk::health::Stance;
use breakwater_risk::{flow, liquidation, MarketParams, RiskError, RiskResult};
use money_support::{pair, Exchange, DOLLAR, MARK};

const SOL: MarketParams = MarketParams::SOL;
const RICH: u64 = 1 << 50;
const ACCOUNT: usize = 0;
const KEEPER: usize = 1;
const OTHER: usize = 2;
/// $10 000.
const LOTS: u64 = 5_000_000;
/// C of the market: $100 000, at a permitted move of 25 bp.
const CAPACITY: u64 = 100_000 * DOLLAR;
/// Volatility of the moment: 2σ over 150 slots are 2.45 % of the notional.
const SIGMA_SLOT_PPM: u32 = 1_000;

/// An account that is long $10 000 and opted in, with equity of `health_ppm` of its maintenance margin.
fn account_at(health_ppm: u64) -> Exchange {
    let mut exchange = Exchange::new(SOL, 1, &[0, RICH, RICH]);
    exchange.trade(0, ACCOUNT, OTHER, LOTS, MARK).unwrap();
    let market = exchange.market(0);
    (market.depth.capacity_atoms, market.depth.move_ppm) = (CAPACITY, 2_500);
    market.statistics.sigma_slot_ppm = SIGMA_SLOT_PPM;
    let required = exchange.health(ACCOUNT, Stance::Favour, 0).maintenance();
    exchange.accounts[ACCOUNT].capital_atoms = required / 1_000 * health_ppm / 1_000;
    exchange.accounts[ACCOUNT].derisk_since_slot = exchange.now.slot;
    exchange
}

fn derisk(exchange: &mut Exchange) -> RiskResult<DeriskReport> {
    exchange.on(0, |acted, accounts| {
        let (account, keeper) = pair(accounts, ACCOUNT, KEEPER);
        derisk::derisk(acted, account, keeper, u64::MAX)
    })
}

fn liquidate(exchange: &mut Exchange) -> RiskResult<liquidation::SliceReport> {
    exchange.on(0, |acted, accounts| {
        let (account, keeper) = pair(accounts, ACCOUNT, KEEPER);
        liquidation::liquidate(acted, account, keeper, u64::MAX)
    })
}

#[test]
fn at_risk_is_who_meets_maintenance_but_not_the_target() {
    for (health_ppm, expected) in [(999_000, false), (1_001_000, true), (1_090_000, true), (1_101_000, false)] {
        let found = derisk(&mut account_at(health_ppm));
        assert_eq!(found.is_ok(), expected, "{health_ppm}: {found:?}");
        assert!(expected || found == Err(RiskError::NotAtRisk));
    }
}

#[test]
fn at_risk_is_who_is_nearer_to_maintenance_than_the_price_moves_within_the_horizon() {
    let exchange = account_at(1_050_000);
    let health = exchange.health(ACCOUNT, Stance::Favour, 0);
    let slack = health.equity() - i128::from(health.maintenance());
    let distance_ppm = (slack * 1_000_000 / i128::from(health.notional())) as f64;
    let border = (distance_ppm / (2.0 * 150_f64.sqrt())) as u32; // z 2, horizon 150 slots
    for (sigma, expected) in [(border - 1, Err(RiskError::NotAtRisk)), (border + 2, Ok(()))] {
        let mut exchange = exchange.clone();
        exchange.market(0).statistics.sigma_slot_ppm = sigma;
        assert_eq!(derisk(&mut exchange).map(|_| ()), expected, "{sigma}");
    }
}

#[test]
fn supercritical_side_opens_the_tier_one_sigma_earlier() {
    let mut exchange = account_at(1_050_000);
    let health = exchange.health(ACCOUNT, Stance::Favour, 0);
    let distance_ppm = (health.equity() - i128::from(health.maintenance())) * 1_000_000 / i128::from(health.notional());
    exchange.market(0).statistics.sigma_slot_ppm = (distance_ppm as f64 / (2.5 * 150_f64.sqrt())) as u32;
    assert_eq!(derisk(&mut exchange.clone()), Err(RiskError::NotAtRisk));
    exchange.market(0).ladder.short_ratio_ppm = 5_000_000; // the other side's
    exchange.market(0).ladder.long_ratio_ppm = 999_999;
    assert_eq!(derisk(&mut exchange.clone()), Err(RiskError::NotAtRisk));
    exchange.market(0).ladder.long_ratio_ppm = 1_000_000;
    derisk(&mut exchange).unwrap();
}

#[test]
fn one_price_against_the_account_puts_nobody_at_risk_who_was_not_before() {
    let mut exchange = account_at(1_150_000);
    let (slot, fallen) = (exchange.now.slot, MARK / 1_000 * 986); // by more than the favour of mm/8
    let market = exchange.market(0);
    (market.previous_mark, market.previous_slot, market.mark) = (MARK, slot - 1, fallen);
    let health = exchange.health(ACCOUNT, Stance::Favour, 0);
    assert!(!health.meets_target() && !health.is_liquidatable(), "the tier test would call it at risk");
    assert_eq!(derisk(&mut exchange), Err(RiskError::NotAtRisk));
    exchange.set_mark(0, fallen); // a second price says the same
    exchange.accounts[ACCOUNT].capital_atoms += 70 * DOLLAR;
    derisk(&mut exchange).unwrap();
}

#[test]
fn only_who_opted_in_or_exceeds_what_the_slow_depth_carries_is_acted_on() {
    let mut exchange = account_at(1_050_000);
    exchange.accounts[ACCOUNT].derisk_since_slot = 0;
    assert_eq!(derisk(&mut exchange.clone()), Err(RiskError::DeriskNotAllowed));
    exchange.market(0).depth.depth_slow_atoms = 1_600 * DOLLAR; // carries 6.25 times as much at 25 bp
    assert_eq!(derisk(&mut exchange.clone()), Err(RiskError::DeriskNotAllowed), "as large as what it carries");
    exchange.market(0).depth.depth_slow_atoms -= 1;
    derisk(&mut exchange.clone()).unwrap();
    exchange.market(0).depth.capacity_atoms = 0;
    assert_eq!(derisk(&mut exchange), Err(RiskError::FlowExhausted));
}

#[test]
fn close_comes_within_a_thirtieth_of_the_target_and_costs_the_distance() {
    let mut exchange = account_at(1_010_000);
    let before = exchange.health(ACCOUNT, Stance::Favour, 0);
    let keeper = exchange.health(KEEPER, Stance::Favour, 0).equity();
    let report = derisk(&mut exchange).unwrap();
    let after = exchange.health(ACCOUNT, Stance::Favour, 0);
    let missing = |health: &breakwater_risk::health::Health| i128::from(health.target()) - health.equity();
    assert!(
        missing(&after) >= 0 && missing(&after) * 30 < missing(&before),
        "{} of {}",
        missing(&after),
        missing(&before)
    );
    assert_eq!(report.price, MARK - MARK / 2_000); // 5 bp: confidence 0, x/D below it
    assert_eq!(report.cost_atoms, report.closed_lots.unsigned_abs() * (MARK / 2_000) / 1_000_000);
    assert_eq!(exchange.health(KEEPER, Stance::Favour, 0).equity() - keeper, i128::from(report.cost_atoms));
    assert_eq!(report.next_due_slot, exchange.now.slot + u64::from(SOL.pace_cap_slots));
    assert_eq!(exchange.market(0).insurance_accrued_atoms, 0);
}

#[test]
fn price_is_as_far_from_the_mark_as_the_largest_of_confidence_five_basis_points_and_impact() {
    let mut exchange = account_at(1_050_000);
    exchange.market(0).confidence = MARK / 1_000; // 10 bp
    let report = derisk(&mut exchange).unwrap();
    assert_eq!(report.price, MARK - MARK / 1_000);

    let mut exchange = account_at(1_001_000);
    exchange.market(0).depth.capacity_atoms = 1_500 * DOLLAR; // D = $600 000 for each unit of move
    let report = derisk(&mut exchange).unwrap();
    let impact = report.notional_atoms.div_ceil(600_000); // ppm
    assert!(impact > 500);
    assert_eq!(report.price, MARK - (MARK * impact).div_ceil(1_000_000));
}

#[test]
fn distance_beyond_the_zero_price_is_refused() {
    let mut exchange = account_at(1_001_000);
    let slot = exchange.now.slot;
    let market = exchange.market(0);
    (market.depth.capacity_atoms, market.depth.move_ppm) = (1_000 * DOLLAR, 80_000); // x/D is about 7 %, H·mm 6.3 %
    (market.flow.utilisation_q32, market.flow.slot) = (1 << 31, slot); // buys have left room for all of C
    assert_eq!(derisk(&mut exchange), Err(RiskError::HealthWorsened));
}

#[test]
fn close_uses_at_most_half_of_the_flow_and_refuses_dust() {
    let mut exchange = account_at(1_001_000);
    exchange.market(0).depth.capacity_atoms = 1_000 * DOLLAR;
    let report = derisk(&mut exchange).unwrap();
    assert!(report.notional_atoms <= 500 * DOLLAR && report.notional_atoms > 499 * DOLLAR);
    let left = flow::available(&exchange.markets.0[0], flow::FlowDirection::Sell, &exchange.now).unwrap();
    assert!(left >= 500 * DOLLAR - 1, "{left}");
    exchange.wait(u64::from(SOL.pace_cap_slots)); // 25 slots free a twenty-fourth: $41
    derisk(&mut exchange).unwrap();
    let mut dust = account_at(1_001_000);
    dust.market(0).depth.capacity_atoms = 19 * DOLLAR; // half of it is below the smallest position
    assert_eq!(derisk(&mut dust), Err(RiskError::FlowExhausted));
}

#[test]
fn next_close_waits_for_t_cap_and_delays_no_liquidation() {
    let mut exchange = account_at(1_050_000);
    derisk(&mut exchange).unwrap();
    exchange.accounts[ACCOUNT].capital_atoms -= 20 * DOLLAR;
    let mut early = exchange.clone();
    early.wait(u64::from(SOL.pace_cap_slots) - 1);
    assert_eq!(derisk(&mut early), Err(RiskError::NotDue));
    let mut due = exchange.clone();
    due.wait(u64::from(SOL.pace_cap_slots));
    derisk(&mut due).unwrap();
    exchange.accounts[ACCOUNT].capital_atoms /= 2;
    liquidate(&mut exchange).unwrap(); // in the same slot
}

#[test]
fn liquidation_and_backstop_come_first() {
    let mut exchange = account_at(1_050_000);
    exchange.accounts[ACCOUNT].flagged_slot = exchange.now.slot;
    assert_eq!(derisk(&mut exchange), Err(RiskError::NotAtRisk), "in liquidation until the target is met");
    let mut exchange = account_at(1_050_000);
    exchange.accounts[ACCOUNT].backstop = 1;
    assert_eq!(derisk(&mut exchange), Err(RiskError::BackstopAccount));
}

#[test]
fn opting_in_counts_from_its_slot_and_out_at_once() {
    let mut exchange = account_at(1_050_000);
    let (account, now) = (&mut exchange.accounts[ACCOUNT], exchange.now);
    assert_eq!(derisk::set_opted_in(account, true, &now), Err(RiskError::NothingToDo));
    derisk::set_opted_in(account, false, &now).unwrap();
    assert_eq!(account.derisk_since_slot, 0);
    assert_eq!(derisk::set_opted_in(account, false, &now), Err(RiskError::NothingToDo));
    derisk::set_opted_in(account, true, &now).unwrap();
    assert_eq!(account.derisk_since_slot, now.slot);
}

#[test]
fn who_opted_in_an_hour_ago_is_spared_half_of_insurances_part() {
    let charged = |opted_in_for: Option<u64>| {
        let mut exchange = account_at(900_000);
        exchange.wait(BENEFIT_SLOTS);
        exchange.accounts[ACCOUNT].derisk_since_slot = opted_in_for.map_or(0, |slots| exchange.now.slot - slots);
        liquidate(&mut exchange).unwrap()
    };
    for opted_in_for in [None, Some(0), Some(BENEFIT_SLOTS - 1)] {
        let report = charged(opted_in_for);
        let notional = report.closed_lots.unsigned_abs() * MARK / 1_000_000;
        assert_eq!(report.charge_atoms, notional * u64::from(SOL.charge_min_ppm) / 1_000_000);
        assert_eq!(report.insurance_atoms, report.charge_atoms / 4);
    }
    let report = charged(Some(BENEFIT_SLOTS));
    let notional = report.closed_lots.unsigned_abs() * MARK / 1_000_000;
    let spared = u64::from(SOL.charge_min_ppm) * u64::from(SOL.insurance_share_ppm / 2) / 1_000_000;
    assert_eq!(report.charge_atoms, notional * (u64::from(SOL.charge_min_ppm) - spared) / 1_000_000);
    assert_eq!(report.insurance_atoms, report.charge_atoms / 8);
}
