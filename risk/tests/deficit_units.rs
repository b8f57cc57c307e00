//! Single rules of bankruptcies: what own claims, insurance, the other side and nobody bear, with expectations as
//! formulas.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::health::Stance;
use breakwater_risk::insurance::{FundState, Repayment};
use breakwater_risk::units::{SIZE_INDEX_MIN, SIZE_INDEX_ONE};
use breakwater_risk::{insurance, settle, MarketParams, RiskError};
use bytemuck::Zeroable;
use money_support::{Exchange, DOLLAR, MARK, SEED};

const SOL: MarketParams = MarketParams::SOL;
/// Price units of an atom.
const ATOM: u64 = 1_000_000;

/// A winner of 1 000 in market 0 that lost 950 in market 1 and has no cash; others won 9 000 in market 0, whose losers have paid for
/// all but what is unfunded.
fn hedged(unfunded: u64) -> Exchange {
    let mut exchange = Exchange::new(SOL, 2, &[0, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 100, MARK).unwrap();
    exchange.trade(0, 2, 1, 900, MARK).unwrap();
    exchange.trade(1, 1, 0, 95, MARK).unwrap();
    exchange.set_mark(0, MARK + 10 * ATOM);
    exchange.set_mark(1, MARK + 10 * ATOM);
    exchange.settle(1);
    exchange.market(0).pool_atoms -= unfunded;
    exchange.market(0).unfunded_atoms = unfunded;
    exchange
}

/// Settles nobody, each winner, both.
const SETTLED: [&[usize]; 4] = [&[], &[0], &[2], &[0, 2]];

#[test]
fn part_of_what_is_unfunded_is_the_same_whoever_is_settled() {
    for settled in SETTLED {
        let mut exchange = hedged(400); // 4 % of all profit: 40 of this account's
        settled.iter().for_each(|account| exchange.settle(*account));
        assert_eq!(exchange.health(0, Stance::Favour, 0).equity(), 1_000 - 950 - 40, "{settled:?}");
        assert_eq!(exchange.resolve(0, 0), Err(RiskError::NotBankrupt));
    }
}

#[test]
fn bankrupt_account_pays_with_what_is_backed_of_its_claim_and_is_written_off_once() {
    for settled in SETTLED {
        let mut exchange = hedged(1_000); // 10 %: its claim of 1 000 is worth 900
        exchange.insurance.balance_atoms = DOLLAR;
        settled.iter().for_each(|account| exchange.settle(*account));
        let residue = exchange.residue(0);
        let report = exchange.resolve(0, 0).unwrap();
        // To an atom, which a cut of claims may round away.
        assert!((899..=900).contains(&report.own_claims_atoms), "{settled:?}");
        assert_eq!(
            (report.deficit_atoms, report.insurance_atoms),
            (950 - report.own_claims_atoms, report.deficit_atoms)
        );
        // Its own part of what is unfunded goes with its claim, and nobody else's: 10 % of what is left, or nothing once it is cut.
        assert_eq!(exchange.claim(0, 0), 0);
        assert!([0, 900].contains(&exchange.market(0).unfunded_atoms));
        assert!(exchange.accounts[0].legs.iter().all(|leg| leg.debt_atoms == 0));
        assert!((residue - 2..=residue + 2).contains(&exchange.residue(0)), "{settled:?}");
        assert_eq!(exchange.resolve(0, 0), Err(RiskError::NotBankrupt));
        assert_eq!(exchange.insurance.balance_atoms, DOLLAR - report.deficit_atoms);
    }
}

/// The losers of the claim's market have paid nothing yet: what is not backed in cash waits, and each loss is drawn for once.
#[test]
fn what_cash_does_not_cover_yet_is_written_off_when_the_cash_is_there_and_in_all_just_once() {
    let mut exchange = hedged(1_000);
    exchange.insurance.balance_atoms = DOLLAR;
    let waiting = exchange.market(0).pool_atoms - 3_000;
    exchange.market(0).pool_atoms -= waiting;
    exchange.market(0).unfunded_allowance_atoms = 1; // insurance may still pay: nothing is cut
    exchange.settle(2);
    let first = exchange.resolve(0, 0);
    assert_eq!(first, Err(RiskError::NotBankrupt), "its claim covers its debt at face");
    exchange.market(0).pool_atoms += waiting;
    let report = exchange.resolve(0, 0).unwrap();
    assert_eq!((report.deficit_atoms, report.insurance_atoms), (50, 50));
    assert_eq!(exchange.resolve(0, 0), Err(RiskError::NotBankrupt));
}

#[test]
fn claim_that_nothing_backs_is_given_up_and_covers_no_debt() {
    let mut exchange = hedged(10_000);
    exchange.settle(0);
    let report = exchange.resolve(0, 0).unwrap();
    assert_eq!((report.own_claims_atoms, report.deficit_atoms), (0, 950));
    assert_eq!((exchange.claim(0, 0), exchange.market(0).unfunded_atoms), (0, 9_000));
}

/// Account 0, long 100 000 lots, is bankrupt by `deficit` atoms; account 1 is short.
fn bankrupt(params: MarketParams, deficit: u64, insurance: u64) -> Exchange {
    let loss = 100_000 * 400; // 400 atoms a lot
    let mut exchange = Exchange::new(params, 1, &[loss - deficit, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.insurance.balance_atoms = insurance;
    exchange.trade(0, 0, 1, 100_000, MARK).unwrap();
    exchange.set_mark(0, MARK - 400 * ATOM);
    exchange
}

#[test]
fn insurance_pays_the_true_deficit_and_not_more() {
    let mut exchange = bankrupt(SOL, DOLLAR, 100 * DOLLAR);
    let report = exchange.resolve(0, 0).unwrap();
    assert_eq!((report.deficit_atoms, report.insurance_atoms), (DOLLAR, DOLLAR));
    assert_eq!(exchange.insurance.balance_atoms, 99 * DOLLAR);
    assert_eq!(exchange.value(1, 0).pending, 100_000 * 400);
    assert_eq!(exchange.market(0).unfunded_atoms, 0);
}

#[test]
fn insurance_is_capped_per_event_and_per_window_and_a_cap_of_zero_pays_nothing() {
    let fund = 4 * DOLLAR;
    for (event_ppm, window_ppm) in [(250_000, 500_000), (250_000, 250_000), (0, 500_000), (0, 0)] {
        let params = MarketParams { insurance_event_ppm: event_ppm, insurance_window_ppm: window_ppm, ..SOL };
        let mut exchange = bankrupt(params, 3 * DOLLAR, fund);
        let report = exchange.resolve(0, 0).unwrap();
        let event = fund * u64::from(event_ppm) / 1_000_000;
        assert_eq!(report.insurance_atoms, event);
        assert_eq!(exchange.insurance.balance_atoms, fund - event);
        // What is left of the window counts the fund as it was when the window began.
        let day = fund * u64::from(window_ppm) / 1_000_000 - event;
        let next = (fund - event) * u64::from(event_ppm) / 1_000_000;
        let market = exchange.markets.0[0];
        let allowed = insurance::allowance(&market, &exchange.insurance, &exchange.now);
        assert_eq!(allowed, Ok(next.min(day)));
        // A day later the draw is still in the window, a quarter after that it is not.
        exchange.now.unix_timestamp += 86_399;
        let allowed = insurance::allowance(&market, &exchange.insurance, &exchange.now);
        assert_eq!(allowed, Ok(next.min(day)));
        exchange.now.unix_timestamp += 21_601;
        let allowed = insurance::allowance(&market, &exchange.insurance, &exchange.now);
        assert_eq!(allowed, Ok(next));
    }
}

/// The market's own reserve pays before insurance does, and what it pays insurance is not asked for.
#[test]
fn the_reserve_pays_a_deficit_before_insurance() {
    for (reserve, insured) in [(0, 3 * DOLLAR), (DOLLAR, 2 * DOLLAR), (5 * DOLLAR, 0)] {
        let mut exchange = bankrupt(SOL, 3 * DOLLAR, 100 * DOLLAR);
        exchange.market(0).reserve_atoms = reserve;
        let (cash, residue) = (exchange.cash(), exchange.residue(0));
        let report = exchange.resolve(0, 0).unwrap();
        assert_eq!((report.reserve_atoms, report.insurance_atoms), (reserve.min(3 * DOLLAR), insured));
        assert_eq!(exchange.market(0).reserve_atoms, reserve.saturating_sub(3 * DOLLAR));
        assert_eq!((exchange.cash(), exchange.residue(0)), (cash, residue));
    }
}

/// In a market that was listed today insurance pays nothing, then and later.
#[test]
fn insurance_pays_nothing_for_a_deficit_of_a_young_market() {
    let mut exchange = bankrupt(SOL, 3 * DOLLAR, 100 * DOLLAR);
    let now = exchange.now;
    insurance::list(exchange.market(0), (SEED, DOLLAR), &now);
    let report = exchange.resolve(0, 0).unwrap();
    assert_eq!((report.reserve_atoms, report.insurance_atoms, report.unfunded_atoms), (DOLLAR, 0, 2 * DOLLAR));
    exchange.now.unix_timestamp = exchange.market(0).draws_from;
    let mut fund = exchange.insurance;
    let now = exchange.now;
    assert_eq!(insurance::sweep(exchange.market(0), &mut fund, &mut 0, &now), Err(RiskError::NothingToDo));
}

/// Six markets of one account, each of which may ask for a quarter of the fund, are paid half of it together.
#[test]
fn all_markets_of_a_bankrupt_account_together_draw_at_most_half_of_the_fund() {
    let lots = 1_000_000;
    let mut exchange = Exchange::new(SOL, 6, &[0, 1_000_000 * DOLLAR]);
    for market in 0..6 {
        exchange.trade(market, 0, 1, lots, MARK).unwrap();
        exchange.set_mark(market, MARK - 400 * ATOM);
    }
    exchange.insurance.balance_atoms = 600 * DOLLAR;
    let report = exchange.resolve(0, 0).unwrap();
    assert_eq!(report.deficit_atoms, 6 * lots * 400);
    assert_eq!((report.insurance_atoms, exchange.insurance.balance_atoms), (300 * DOLLAR, 300 * DOLLAR));
    assert_eq!(insurance::fund_allowance(&exchange.insurance, &exchange.now), Ok(0));
}

/// What each of two equal winners of account 0's loss loses by its resolution, after some accounts were settled. Account 3 is a solvent
/// loser beside it, so that winners stay open.
fn borne(deficit: u64, settled: &[usize]) -> [i128; 2] {
    let params = MarketParams { insurance_event_ppm: 0, ..SOL };
    let loss = 100_000 * 400;
    let mut exchange = Exchange::new(params, 1, &[loss - deficit, 1_000 * DOLLAR, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    for winner in [1, 2] {
        exchange.trade(0, 0, winner, 50_000, MARK).unwrap();
        exchange.trade(0, 3, winner, 450_000, MARK).unwrap();
    }
    exchange.set_mark(0, MARK - 400 * ATOM);
    let worth = |exchange: &Exchange| [1, 2].map(|account| exchange.health(account, Stance::Favour, 0).equity());
    let before = worth(&exchange);
    settled.iter().for_each(|account| exchange.settle(*account));
    let report = exchange.resolve(0, 0).unwrap();
    assert_eq!(report.unfunded_atoms, deficit);
    assert!(exchange.residue(0) >= i128::from(SEED));
    let after = worth(&exchange);
    [before[0] - after[0], before[1] - after[1]]
}

#[test]
fn settled_and_open_profit_bear_a_deficit_alike_whoever_was_settled() {
    for deficit in [1_000, 30_000_000, 39_999_999] {
        for settled in [&[][..], &[1], &[2], &[1, 2], &[3], &[1, 3]] {
            let each = i128::from(deficit / 2);
            for lost in borne(deficit, settled) {
                assert!((lost - each).abs() <= 4, "{settled:?}: {lost} instead of {each}");
            }
        }
    }
}

#[test]
fn who_sold_after_the_fall_and_has_no_profit_bears_nothing() {
    let mut exchange = bankrupt(MarketParams { insurance_event_ppm: 0, ..SOL }, 10_000_000, 0);
    exchange.trade(0, 1, 2, 400_000, MARK - 400 * ATOM).unwrap();
    let before = exchange.health(2, Stance::Favour, 0).equity();
    exchange.resolve(0, 0).unwrap();
    assert_eq!(exchange.health(2, Stance::Favour, 0).equity(), before);
}

#[test]
fn claims_are_cut_when_nothing_else_will_repay_and_no_lots_are_open() {
    let params = MarketParams { insurance_event_ppm: 250_000, insurance_window_ppm: 500_000, ..SOL };
    let mut exchange = bankrupt(params, 10_000_000, 8_000_000);
    exchange.resolve(0, 0).unwrap(); // insurance pays a quarter of itself
    let owed = exchange.market(0).unfunded_atoms;
    assert_eq!((owed, exchange.market(0).unfunded_allowance_atoms), (8_000_000, 1_500_000));
    let sweep = |exchange: &mut Exchange| {
        let Exchange { markets, insurance, fees, now, .. } = exchange;
        insurance::sweep(&mut markets.0[0], insurance, fees, now)
    };
    // The winner is not settled: the fund pays what it set aside, and claims are left alone.
    let swept = sweep(&mut exchange).unwrap();
    assert_eq!((swept.repaid.insurance_atoms, swept.claims_cut_atoms), (1_500_000, 0));
    assert_eq!(sweep(&mut exchange), Err(RiskError::NothingToDo));
    exchange.settle(1);
    let claim = exchange.claim(1, 0);
    let swept = sweep(&mut exchange).unwrap();
    assert_eq!(swept.claims_cut_atoms, 6_500_000);
    assert!(exchange.claim(1, 0).abs_diff(claim - 6_500_000) <= 2);
    assert_eq!(exchange.market(0).unfunded_atoms, 0);
    assert!(exchange.residue(0) >= i128::from(SEED));
}

#[test]
fn nobody_to_bear_a_deficit_leaves_it_unfunded_and_fees_and_insurance_repay_it_within_one_budget() {
    let mut exchange = bankrupt(MarketParams { insurance_event_ppm: 0, ..SOL }, 5_000_000, 0);
    let report = exchange.resolve(0, 0).unwrap(); // no claims yet
    assert_eq!(report.unfunded_atoms, 5_000_000);
    let market = exchange.market(0);
    assert_eq!((market.unfunded_atoms, market.debts_total_atoms, market.unfunded_allowance_atoms), (5_000_000, 0, 0));
    market.fees_accrued_atoms = 2_000_000;
    let mut fund = FundState { balance_atoms: 100 * DOLLAR, ..Zeroable::zeroed() };
    let now = exchange.now;
    let by_fees = Repayment { fees_atoms: 2_000_000, ..Repayment::default() };
    assert_eq!(insurance::repay_unfunded(exchange.market(0), &mut fund, &now), Ok(by_fees));
    exchange.market(0).params.insurance_event_ppm = 10_000; // 1 % of the fund
    let nothing = Repayment::default();
    assert_eq!(insurance::repay_unfunded(exchange.market(0), &mut fund, &now), Ok(nothing), "no budget");
    exchange.market(0).unfunded_allowance_atoms = DOLLAR / 2;
    let by_fund = Repayment { insurance_atoms: DOLLAR / 2, ..nothing };
    assert_eq!(insurance::repay_unfunded(exchange.market(0), &mut fund, &now), Ok(by_fund));
    exchange.wait(300_000);
    let now = exchange.now;
    assert_eq!(insurance::repay_unfunded(exchange.market(0), &mut fund, &now), Ok(nothing), "in all");
    assert_eq!(exchange.market(0).unfunded_atoms, 3_000_000 - DOLLAR / 2);
    assert_eq!(exchange.residue(0), i128::from(SEED));
}

#[test]
fn fund_pays_at_most_one_event_toward_what_a_market_leaves_unfunded_however_many_days_pass() {
    let params = MarketParams { insurance_event_ppm: 250_000, insurance_window_ppm: 500_000, ..SOL };
    let mut exchange = bankrupt(params, 30_000_000, 8 * DOLLAR);
    let report = exchange.resolve(0, 0).unwrap();
    assert_eq!(report.insurance_atoms, 2 * DOLLAR);
    let budget = 6 * DOLLAR / 4;
    assert_eq!(exchange.market(0).unfunded_allowance_atoms, budget);
    for _ in 0..8 {
        exchange.wait(300_000);
        let Exchange { markets, insurance, fees, now, .. } = &mut exchange;
        let _ = insurance::sweep(&mut markets.0[0], insurance, fees, now);
    }
    assert_eq!(exchange.insurance.balance_atoms, 6 * DOLLAR - budget);
}

#[test]
fn last_leg_of_a_market_takes_what_it_owes_with_it() {
    let mut exchange = bankrupt(MarketParams { insurance_event_ppm: 0, ..SOL }, 5_000_000, 0);
    exchange.resolve(0, 0).unwrap();
    exchange.settle(1);
    assert_eq!(exchange.market(0).unfunded_atoms, 5_000_000);
    exchange.wait(2 * u64::from(SOL.profit_window_slots));
    // Paid at what is backed, and the rest is given up with it: the market owes nothing to nobody.
    let report = exchange.convert(1, 0, 0).unwrap();
    assert_eq!((report.paid_atoms, report.given_up_atoms), (35_000_000, 5_000_000));
    let market = exchange.market(0);
    assert_eq!((market.leg_count, market.unfunded_atoms, market.claims_total_atoms), (0, 0, 0));
}

#[test]
fn debt_that_own_claims_cover_stays_and_only_the_rest_is_written_off() {
    let mut exchange = Exchange::new(SOL, 2, &[0, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 100, MARK).unwrap();
    exchange.trade(1, 1, 0, 100, MARK).unwrap();
    exchange.set_mark(0, MARK + 7 * ATOM);
    exchange.set_mark(1, MARK + 10 * ATOM);
    exchange.market(0).pool_atoms = 0;
    exchange.insurance.balance_atoms = DOLLAR;
    let report = exchange.resolve(0, 0).unwrap();
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
    let report = exchange.resolve(0, 0).unwrap();
    assert!(report.deficit_atoms >= lots as u64 * 1_000);
    assert_eq!((exchange.market(0).long.generation, exchange.market(0).long.size_index), (2, SIZE_INDEX_ONE));
    assert!(exchange.accounts[0].legs.iter().all(|leg| !leg.is_used()));
}
