//! Single rules of the side ledger and of legs, with expectations as formulas.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::state::Side;
use breakwater_risk::units::{SideName, CLAIM_INDEX_ONE, SIZE_INDEX_MIN, SIZE_INDEX_ONE};
use breakwater_risk::{ledger, MarketParams, RiskError};
use bytemuck::Zeroable;
use money_support::{Exchange, DOLLAR, LOT, MARK};

const SOL: MarketParams = MarketParams::SOL;

/// Account 0 long and account 1 short 100 lots, both rich.
fn opened() -> Exchange {
    let mut exchange = Exchange::new(SOL, 2, &[1_000 * DOLLAR, 1_000 * DOLLAR, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 100, MARK).unwrap();
    exchange
}

fn side(open_lots: u64) -> Side {
    Side { open_lots, size_index: SIZE_INDEX_ONE, ..Side::zeroed() }
}

#[test]
fn untouched_leg_sells_its_part_of_a_deleveraging_at_its_price() {
    let mut exchange = opened();
    exchange.trade(0, 2, 1, 300, MARK).unwrap(); // longs 100 and 300, short 400
    let price = MARK - MARK / 100;
    exchange.deleverage(0, 1, 200, price).unwrap(); // half of both
    exchange.set_mark(0, MARK + MARK / 10);
    for (account, lots) in [(0, 100), (2, 300)] {
        let value = exchange.value(account, 0);
        assert_eq!(value.lots, lots / 2);
        let (sold, kept) = (i128::from(lots / 2) * -LOT / 100, i128::from(lots / 2) * LOT / 10);
        assert_eq!(value.pending, sold + kept);
    }
    assert_eq!(exchange.market(0).long.open_lots, 200);
    assert_eq!(exchange.market(0).short.open_lots, 200);
}

#[test]
fn deleveraging_everything_leaves_a_side_empty_and_more_than_open_is_refused() {
    let mut long = side(100);
    ledger::deleverage(&mut long, 100, MARK).unwrap();
    assert_eq!((long.open_lots, long.size_index), (0, 0));
    assert_eq!(long.cash_index.get(), i128::from(SIZE_INDEX_ONE) * i128::from(MARK));
    assert_eq!(ledger::deleverage(&mut side(100), 101, MARK), Err(RiskError::Overflow));
    assert_eq!(ledger::deleverage(&mut side(100), 0, MARK), Err(RiskError::ZeroSize));
}

#[test]
fn one_lot_of_the_greatest_open_interest_still_moves_the_index() {
    let mut long = side(1 << 44);
    ledger::deleverage(&mut long, 1, MARK).unwrap();
    assert_eq!(long.size_index, SIZE_INDEX_ONE - (SIZE_INDEX_ONE >> 44));
}

#[test]
fn longs_pay_the_funding_that_shorts_receive() {
    let mut exchange = opened();
    let per_lot = (MARK / 1_000) as i64;
    ledger::accrue_funding(exchange.market(0), per_lot).unwrap();
    assert_eq!(exchange.value(0, 0).pending, -100 * LOT / 1_000);
    assert_eq!(exchange.value(1, 0).pending, 100 * LOT / 1_000);
}

#[test]
fn generation_ends_below_its_line_and_a_leg_behind_is_worth_the_same_before_and_after() {
    let mut exchange = opened();
    exchange.trade(0, 2, 3, 1 << 30, MARK).unwrap();
    exchange.set_mark(0, MARK + MARK / 10);
    let (before, generation) = (exchange.value(0, 0).pending, exchange.market(0).long.generation);
    assert_eq!(before, 100 * LOT / 10);
    exchange.settle(3);
    exchange.deleverage(0, 3, 1 << 30, MARK + MARK / 10).unwrap(); // leaves about 2^36 of the index
    let market = exchange.market(0);
    assert_eq!((market.long.generation, market.long.size_index), (generation + 1, SIZE_INDEX_ONE));
    assert!(market.long.ended_size_index < SIZE_INDEX_MIN);
    assert_eq!((market.long.legs_behind, market.long.legs_current), (2, 0));
    assert_eq!(exchange.value(0, 0).pending, before);
    exchange.settle(0);
    assert_eq!(i128::from(exchange.claim(0, 0)), before);
    assert_eq!(exchange.market(0).long.legs_behind, 1);
}

#[test]
fn nothing_is_opened_on_a_worn_side_until_the_legs_behind_are_settled_by_anyone() {
    let mut exchange = opened();
    let mark = MARK;
    for _ in 0..2 {
        exchange.trade(0, 2, 3, 1 << 34, mark).unwrap();
        exchange.settle(3);
        exchange.deleverage(0, 3, 1 << 34, mark).unwrap();
    }
    // Account 0 and 2 stand in the first generation, whose successor is worn down too.
    let worn = exchange.market(0).long;
    assert!(worn.legs_behind > 0 && worn.size_index < SIZE_INDEX_ONE);
    let mut exhausted = exchange.clone();
    exhausted.market(0).long.size_index = SIZE_INDEX_MIN - 1;
    exhausted.settle(1);
    assert_eq!(exhausted.trade(0, 3, 1, 1, mark), Err(RiskError::SideExhausted));
    exhausted.settle(0);
    exhausted.settle(2);
    assert_eq!(exhausted.market(0).long.size_index, SIZE_INDEX_ONE);
    exhausted.trade(0, 3, 1, 1, mark).unwrap();
}

#[test]
fn fractions_that_touches_leave_are_handed_on_as_whole_lots_but_never_more_than_are_open() {
    let mut exchange = Exchange::new(SOL, 1, &[1_000 * DOLLAR; 5]);
    for account in 0..4 {
        exchange.trade(0, account, 4, 3, MARK).unwrap();
    }
    exchange.deleverage(0, 4, 6, MARK).unwrap(); // 1.5 lots each
    exchange.settle(0);
    assert_eq!((exchange.value(0, 0).lots, exchange.market(0).long.unowned_q32), (1, 1 << 31));
    exchange.settle(1);
    assert_eq!((exchange.value(1, 0).lots, exchange.market(0).long.unowned_q32), (2, 0));
    exchange.settle(2); // half a lot is left over again
    exchange.deleverage(0, 4, 3, MARK).unwrap(); // half of everything: 0.5, 1, 0.5, 0.75 and a quarter of nobody
    assert_eq!(exchange.market(0).long.unowned_q32, 1 << 30);
    let lots = |exchange: &Exchange| (0..4).map(|account| exchange.value(account, 0).lots).sum::<i64>();
    for account in 0..4 {
        exchange.settle(account);
        assert!(lots(&exchange) <= exchange.market(0).long.open_lots as i64);
    }
    assert_eq!(lots(&exchange), 3);
}

#[test]
fn last_leg_takes_the_fractions_of_the_market_with_it() {
    let mut exchange = opened();
    exchange.market(0).claims_total_atoms = 3;
    exchange.market(0).claim_index = CLAIM_INDEX_ONE / 2;
    exchange.trade(0, 1, 0, 100, MARK).unwrap();
    let market = exchange.market(0);
    assert_eq!((market.leg_count, market.claims_total_atoms, market.claim_index), (0, 0, CLAIM_INDEX_ONE));
    assert_eq!((market.long.open_lots, market.short.open_lots), (0, 0));
}

#[test]
fn leg_with_debt_may_close_but_not_grow_or_flip() {
    let mut exchange = opened();
    exchange.accounts[0].capital_atoms = 0;
    exchange.set_mark(0, MARK - 1_000_000);
    exchange.settle(0);
    assert_eq!(exchange.trade(0, 0, 1, 1, MARK - 1_000_000), Err(RiskError::DebtOutstanding));
    assert_eq!(exchange.trade(0, 1, 0, 101, MARK - 1_000_000), Err(RiskError::DebtOutstanding));
    exchange.trade(0, 1, 0, 100, MARK - 1_000_000).unwrap();
    assert_eq!(exchange.leg(0, 0).debt_side(), SideName::Long);
}

#[test]
fn rounding_of_a_pnl_goes_against_both_sides() {
    let mut exchange = opened();
    exchange.trade(0, 2, 3, 3, MARK + 100_001).unwrap(); // 0.300003 atoms off the mark
    assert_eq!((exchange.claim(2, 0), exchange.claim(3, 0)), (0, 0));
    assert_eq!(exchange.capital(2), 1_000 * DOLLAR - 1);
    exchange.set_mark(0, MARK + 100_001);
    assert_eq!((exchange.value(2, 0).pending, exchange.value(3, 0).pending), (0, -1));
}
