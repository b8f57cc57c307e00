use super::*;
use crate::baselines::hyperliquid::Hyperliquid;

/// Equity of $70 against maintenance margin of $116.9, below two thirds of it.
const FAR_FALLEN: u64 = 187_000_000;

#[test]
fn a_small_position_goes_to_the_market_in_full_without_fee() {
    let summary = run_rule::<Hyperliquid>(&bottomless(&[PRICE, 190_000_000], vec![long(10, 200)])).summary;
    assert_eq!((summary.liquidated, summary.accounts_touched), (1_900.0, 1));
    assert_eq!((summary.insurance_change, summary.absorbed, summary.deleveraged), (0.0, 0.0, 0.0));
}

#[test]
fn a_large_position_goes_by_a_fifth_and_after_thirty_seconds_in_full() {
    let outcome = run_rule::<Hyperliquid>(&bottomless(&[PRICE, 190_000_000], vec![long(1_000, 19_000)]));
    let liquidated = [60, 88, 92].map(|time_s| at(&outcome, time_s).took.liquidated_usd);
    assert_eq!(liquidated, [38_000.0, 38_000.0, 190_000.0]);
}

#[test]
fn a_large_position_that_recovers_keeps_what_it_has() {
    let outcome = run_rule::<Hyperliquid>(&bottomless(&[PRICE, 190_000_000], vec![long(1_000, 20_000)]));
    assert_eq!(outcome.summary.liquidated, 38_000.0);
}

#[test]
fn below_two_thirds_the_vault_takes_everything_and_sells_it_once_it_is_quiet() {
    let prices: Vec<u64> = [PRICE].into_iter().chain([FAR_FALLEN; 7]).collect();
    let mut inputs = bottomless(&prices, vec![long(10, 200)]);
    inputs.backstop_micro_usd = 1_000_000_000;
    let outcome = run_rule::<Hyperliquid>(&inputs);
    let held = |time_s| at(&outcome, time_s).backstop.unwrap().holds_usd;
    assert_eq!([held(56), held(60), held(356), held(360)], [0.0, 1_870.0, 1_870.0, 0.0]);
    let summary = &outcome.summary;
    assert_eq!((summary.absorbed, summary.unwound, summary.liquidated), (1_870.0, 1_870.0, 0.0));
    assert_eq!((summary.backstop_result, summary.layers.to_backstop), (70.0, 70.0));
}

#[test]
fn what_the_vault_cannot_carry_is_deleveraged_by_profit_and_leverage_at_the_bankruptcy_price() {
    let accounts = vec![long(10, 200), short(6, 400), short(6, 150)];
    let mut inputs = bottomless(&[PRICE], accounts);
    inputs.backstop_micro_usd = 300_000_000; // with the account's $70 it carries $1 850 of the $1 870
    let exchange = after_one_sample::<Hyperliquid>(&inputs, FAR_FALLEN);
    let took = exchange.took();
    assert_eq!((took.absorbed_usd, took.deleveraged_usd, took.liquidated_usd), (0.0, 1_870.0, 0.0));
    assert_eq!(exchange.position(2).lots, 0, "the same profit with more leverage comes first");
    assert_eq!(exchange.books.returned, 270_000_000, "$150 and a profit of 6·(200 − 180)");
    let left = exchange.position(1);
    assert_eq!((left.lots, left.cash), (2 * LOTS_PER_TOKEN, 480_000_000));
    assert_eq!(exchange.layers().deficits, 0.0);
}

#[test]
fn an_account_below_zero_is_deleveraged_though_there_is_a_vault() {
    let mut inputs = bottomless(&[PRICE], vec![long(10, 200), short(10, 500)]);
    inputs.backstop_micro_usd = 1_000_000_000_000;
    let exchange = after_one_sample::<Hyperliquid>(&inputs, 170_000_000);
    assert_eq!(exchange.took().deleveraged_usd, 1_700.0);
    assert_eq!(exchange.books.returned, 700_000_000, "the short closes at 180");
    assert_eq!((exchange.layers().deficits, exchange.open_deficits()), (0.0, 0));
}
