use super::*;
use crate::baselines::dydx::Dydx;

#[test]
fn a_block_closes_a_thousand_dollars_for_one_and_a_half_percent() {
    let summary = run_rule::<Dydx>(&bottomless(&[PRICE, 190_000_000], vec![long(10, 200)])).summary;
    assert_eq!(summary.liquidated, 999.9985, "526 315 lots; the rest meets maintenance margin");
    assert_near(summary.insurance_change, 14.999_978);
    assert_eq!((summary.accounts_touched, summary.bad_debt), (1, 0.0));
}

#[test]
fn the_fee_is_at_most_what_the_fill_left() {
    // Bankrupt at 180, the mark at 181: a leftover of $1 a token is less than 1.5 %.
    let exchange = after_one_sample::<Dydx>(&bottomless(&[PRICE], vec![long(1, 20)]), 181_000_000);
    assert_eq!((exchange.took().liquidated_usd, exchange.layers().to_insurance), (181.0, 1.0));
    assert_eq!(exchange.books.returned, 0);
}

#[test]
fn an_order_beyond_the_fillable_price_waits() {
    let just_below = Account { collateral_micro_usd: 218_749_000, ..long(10, 0) };
    let inputs = inputs(&[PRICE, 190_000_000, 189_000_000], vec![just_below]);
    let outcome = run_rule::<Dydx>(&inputs);
    assert_eq!(at(&outcome, 116).took.liquidated_usd, 0.0);
    assert_eq!(at(&outcome, 116).accounts_per_tier, [0, 1, 0, 0, 0]);
    assert!(at(&outcome, 120).took.liquidated_usd > 900.0);
}

#[test]
fn insurance_pays_what_a_fill_lacks_to_the_bankruptcy_price() {
    // $0.20 of equity on $1 802; the market is so thin that a fill of $1 000 loses more than that.
    let mut inputs = inputs(&[PRICE], vec![long(10, 200)]);
    inputs.depth = TrueDepth::of(&[], 100.0);
    inputs.settings.step_s = 1;
    let exchange = after_one_sample::<Dydx>(&inputs, 180_020_000);
    let layers = exchange.layers();
    assert!(layers.insurance_paid > 0.0 && layers.insurance_paid == layers.deficits && layers.to_insurance == 0.0);
    inputs.insurance_micro_usd = 0;
    let exchange = after_one_sample::<Dydx>(&inputs, 180_020_000);
    assert_eq!(exchange.took().liquidated_usd, 0.0, "without insurance it cannot be filled");
}

#[test]
fn an_account_below_zero_is_deleveraged_in_turn_at_its_bankruptcy_price() {
    let accounts = vec![long(4, 80), short(6, 150), short(6, 400), long(4, 80)];
    let exchange = after_one_sample::<Dydx>(&bottomless(&[PRICE], accounts), 170_000_000);
    assert_eq!(exchange.took().deleveraged_usd, 8.0 * 170.0);
    let left = [1, 2].map(|place| exchange.position(place).lots);
    assert_eq!(left, [0, 4 * LOTS_PER_TOKEN]);
    assert_eq!(exchange.books.returned, 270_000_000, "$150 and a profit of 6·(200 − 180)");
    assert_eq!((exchange.took().liquidated_usd, exchange.layers().deficits), (0.0, 0.0));
}
