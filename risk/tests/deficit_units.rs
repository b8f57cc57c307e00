//! Single rules of bankruptcies: what own claims, insurance, the other side and nobody bear, with expectations as
//! formulas.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::health::Stance;
use breakwater_risk::units::{SIZE_INDEX_MIN, SIZE_INDEX_ONE};
use breakwater_risk::{bankruptcy, insurance, settle, MarketParams, RiskError};
use money_support::{Exchange, DOLLAR, MARK, SEED};

const SOL: MarketParams = MarketParams::SOL;
/// Price units of an atom.
const ATOM: u64 = 1_000_000;

/// A winner of 1 000 in market 0 that lost 960 in market 1 and has no cash; others won 9 000 in market 0.
fn hedged(unfunded: u64) -> Exchange {
    let mut exchange = Exchange::new(SOL, 2, &[0, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 100, MARK).unwrap();
    exchange.trade(0, 2, 1, 900, MARK).unwrap();
    exchange.trade(1, 1, 0, 96, MARK).unwrap();
    exchange.set_mark(0, MARK + 10 * ATOM);
    exchange.set_mark(1, MARK + 10 * ATOM);
    exchange.settle(2);
    exchange.settle(0);
    exchange.market(0).pool_atoms = 0;
    exchange.market(0).unfunded_atoms = unfunded;
    exchange
}

#[test]
fn small_deficit_of_others_does_not_bankrupt_a_hedged_account() {
    let mut exchange = hedged(400); // 4 % of all claims: 40 of this account's
    assert_eq!(exchange.health(0, Stance::Favour, 0).equity(), 1_000 - 960 - 40);
    let Exchange { markets, accounts, insurance, now } = &mut exchange;
    let resolved = bankruptcy::resolve_bankruptcy(&mut accounts[0], markets, 0, insurance, now);
    assert_eq!(resolved, Err(RiskError::NotBankrupt));
}

#[test]
fn bankrupt_account_gives_up_its_part_of_what_is_unfunded_and_not_the_others() {
    let mut exchange = hedged(1_000); // 10 %
    exchange.insurance = DOLLAR;
    let residue = exchange.residue(0);
    let report = resolve(&mut exchange, 0);
    assert_eq!((report.deficit_atoms, report.insurance_atoms), (60, 60));
    assert_eq!((exchange.claim(0, 0), exchange.market(0).unfunded_atoms), (900, 900));
    assert_eq!(exchange.leg(0, 1).debt_atoms, 900);
    assert_eq!(exchange.residue(0), residue);
}

#[test]
fn profit_settled_by_a_resolution_may_show_that_the_account_is_not_bankrupt() {
    let mut exchange = Exchange::new(SOL, 2, &[0, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 100, MARK).unwrap();
    exchange.trade(1, 1, 0, 96, MARK).unwrap();
    exchange.set_mark(0, MARK + 10 * ATOM);
    exchange.set_mark(1, MARK + 10 * ATOM);
    let market = exchange.market(0);
    (market.unfunded_atoms, market.claims_total_atoms) = (400, 9_000);
    // 1 000 · 400/9 000 = 45 before the profit is settled, 1 000 · 400/10 000 = 40 after.
    assert_eq!(exchange.health(0, Stance::Favour, 0).equity(), 1_000 - 960 - 45);
    let Exchange { markets, accounts, insurance, now } = &mut exchange.clone();
    let resolved = bankruptcy::resolve_bankruptcy(&mut accounts[0], markets, 0, insurance, now);
    assert_eq!(resolved, Err(RiskError::NotBankrupt));
    exchange.settle(0);
    assert_eq!(exchange.health(0, Stance::Favour, 0).equity(), 0);
}

/// Account 0, long 100 000 lots, is bankrupt by `deficit` atoms; account 1 is short.
fn bankrupt(params: MarketParams, deficit: u64, insurance: u64) -> Exchange {
    let loss = 100_000 * 400; // 400 atoms a lot
    let mut exchange = Exchange::new(params, 1, &[loss - deficit, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.insurance = insurance;
    exchange.trade(0, 0, 1, 100_000, MARK).unwrap();
    exchange.set_mark(0, MARK - 400 * ATOM);
    exchange
}

fn resolve(exchange: &mut Exchange, account: usize) -> bankruptcy::BankruptcyReport {
    let Exchange { markets, accounts, insurance, now } = exchange;
    bankruptcy::resolve_bankruptcy(&mut accounts[account], markets, 0, insurance, now).unwrap()
}

#[test]
fn insurance_pays_the_true_deficit_and_not_more() {
    let mut exchange = bankrupt(SOL, DOLLAR, 100 * DOLLAR);
    let report = resolve(&mut exchange, 0);
    assert_eq!((report.deficit_atoms, report.insurance_atoms), (DOLLAR, DOLLAR));
    assert_eq!(exchange.insurance, 99 * DOLLAR);
    assert_eq!(exchange.value(1, 0).pending, 100_000 * 400);
    assert_eq!(exchange.market(0).unfunded_atoms, 0);
}

#[test]
fn insurance_is_capped_per_event_and_per_window_and_a_cap_of_zero_pays_nothing() {
    let fund = 4 * DOLLAR;
    for (event_ppm, window_ppm) in [(250_000, 500_000), (250_000, 250_000), (0, 500_000), (0, 0)] {
        let params = MarketParams { insurance_event_ppm: event_ppm, insurance_window_ppm: window_ppm, ..SOL };
        let mut exchange = bankrupt(params, 3 * DOLLAR, fund);
        let report = resolve(&mut exchange, 0);
        let event = fund * u64::from(event_ppm) / 1_000_000;
        assert_eq!(report.insurance_atoms, event);
        assert_eq!(exchange.insurance, fund - event);
        // What is left of the window counts the fund as it was when the window began.
        let day = fund * u64::from(window_ppm) / 1_000_000 - event;
        let next = (fund - event) * u64::from(event_ppm) / 1_000_000;
        let market = exchange.markets.0[0];
        let allowed = insurance::allowance(&market, exchange.insurance, &exchange.now);
        assert_eq!(allowed, Ok(next.min(day)));
        // A day later the draw is still in the window, a quarter after that it is not.
        exchange.now.unix_timestamp += 86_399;
        let allowed = insurance::allowance(&market, exchange.insurance, &exchange.now);
        assert_eq!(allowed, Ok(next.min(day)));
        exchange.now.unix_timestamp += 21_601;
        let allowed = insurance::allowance(&market, exchange.insurance, &exchange.now);
        assert_eq!(allowed, Ok(next));
    }
}

#[test]
fn deficit_is_shared_by_claims_and_open_lots_in_proportion_and_the_rest_is_unfunded() {
    let mark = MARK - 400 * ATOM;
    for deficit in [1_000_000, 30_000_000] {
        let mut exchange = bankrupt(SOL, deficit, 0);
        exchange.trade(0, 2, 1, 500_000, mark).unwrap(); // others stay open
        exchange.settle(1);
        let claims = exchange.market(0).claims_total_atoms;
        assert_eq!(claims, 100_000 * 400);
        let lots = 500_000 * (mark / ATOM) * u64::from(SOL.social_max_ppm) / 1_000_000;
        let report = resolve(&mut exchange, 0);
        let borne = deficit.min(claims + lots);
        assert_eq!(report.claims_atoms, borne * claims / (claims + lots));
        assert_eq!(report.lots_atoms, borne - report.claims_atoms);
        assert_eq!(report.unfunded_atoms, deficit - borne);
        let charged = -(exchange.value(1, 0).pending);
        assert!((report.lots_atoms as i128..=report.lots_atoms as i128 + 1).contains(&charged));
        assert!(exchange.residue(0) >= i128::from(SEED));
    }
}

#[test]
fn nobody_to_bear_a_deficit_leaves_it_unfunded_and_fees_and_insurance_repay_it() {
    let mut exchange = bankrupt(MarketParams { insurance_event_ppm: 0, ..SOL }, 5_000_000, 0);
    let report = resolve(&mut exchange, 0); // no claims yet, and the only other leg is closed by it
    assert_eq!(report.unfunded_atoms, 5_000_000);
    let market = exchange.market(0);
    assert_eq!((market.unfunded_atoms, market.debts_total_atoms), (5_000_000, 0));
    market.fees_accrued_atoms = 2_000_000;
    let mut fund = 100 * DOLLAR;
    let now = exchange.now;
    assert_eq!(insurance::repay_unfunded(exchange.market(0), &mut fund, &now), Ok((2_000_000, 0)));
    exchange.market(0).params.insurance_event_ppm = 10_000; // 1 % of the fund
    assert_eq!(insurance::repay_unfunded(exchange.market(0), &mut fund, &now), Ok((0, DOLLAR)));
    assert_eq!((exchange.market(0).unfunded_atoms, fund), (2_000_000, 99 * DOLLAR));
    assert_eq!(exchange.residue(0), i128::from(SEED));
}

#[test]
fn debt_that_own_claims_cover_stays_and_only_the_rest_is_written_off() {
    let mut exchange = Exchange::new(SOL, 2, &[0, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 100, MARK).unwrap();
    exchange.trade(1, 1, 0, 100, MARK).unwrap();
    exchange.set_mark(0, MARK + 7 * ATOM);
    exchange.set_mark(1, MARK + 10 * ATOM);
    exchange.market(0).pool_atoms = 0;
    exchange.insurance = DOLLAR;
    let report = resolve(&mut exchange, 0);
    assert_eq!((report.deficit_atoms, report.insurance_atoms), (300, 300));
    assert_eq!((exchange.claim(0, 0), exchange.leg(0, 1).debt_atoms), (700, 1_000 - 300));
    exchange.settle(1); // the loser of market 0 pays
    settle::pay_debt(&mut exchange.accounts[0], 0, 1, &mut exchange.markets, &exchange.now).unwrap();
    assert!(exchange.accounts[0].find_leg(0).is_none() && exchange.accounts[0].find_leg(1).is_none());
}

#[test]
fn last_leg_behind_may_be_the_bankrupt_one() {
    let mut exchange = Exchange::new(SOL, 1, &[0, 1_000 * DOLLAR, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 1 << 35, MARK).unwrap();
    // Each round leaves a third of every long leg: after 11 the index is worn. Account 0 stays in the first generation,
    // so the second one cannot end when it is worn too.
    for _ in 0..22 {
        exchange.trade(0, 2, 3, 1 << 36, MARK).unwrap();
        exchange.deleverage(0, 3, 1 << 36, MARK).unwrap();
        exchange.settle(2);
    }
    let long = exchange.market(0).long;
    assert_eq!((long.legs_behind, long.generation), (1, 1));
    assert!(long.size_index < SIZE_INDEX_MIN);
    exchange.set_mark(0, MARK / 2);
    let lots = exchange.value(0, 0).lots;
    assert!(lots > 0);
    let report = resolve(&mut exchange, 0);
    assert!(report.deficit_atoms >= lots as u64 * 1_000);
    assert_eq!((exchange.market(0).long.generation, exchange.market(0).long.size_index), (2, SIZE_INDEX_ONE));
    assert!(exchange.accounts[0].legs.iter().all(|leg| !leg.is_used()));
}
