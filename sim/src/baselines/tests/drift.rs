use super::*;
use crate::baselines::drift::Drift;

#[test]
fn a_close_ends_at_maintenance_and_buffer() {
    let exchange = after_one_sample::<Drift>(&bottomless(&[PRICE], vec![long(10, 200)]), 190_000_000);
    let shortage = 0.0825 * 1_900.0 - 100.0;
    let closed = shortage / (0.0825 - 0.01 - 0.01);
    assert!((exchange.took().liquidated_usd - closed).abs() < 0.01);
    let (layers, standing) = (exchange.layers(), exchange.standing(0));
    assert!((layers.to_keepers - 0.01 * closed).abs() < 0.001);
    assert!((layers.to_insurance - 0.01 * closed).abs() < 0.001);
    let margin = standing.equity as f64 / standing.notional as f64;
    assert!((0.0825..0.08251).contains(&margin), "{margin}");
}

#[test]
fn a_liquidator_takes_no_more_than_he_sells_without_loss() {
    let mut inputs = inputs(&[PRICE], vec![long(10, 200)]);
    inputs.depth = TrueDepth::of(&[], 1.0);
    let exchange = after_one_sample::<Drift>(&inputs, 190_000_000);
    // Of the $908 that are due he would lose on the whole and on the half: √454·10 bp/2 is more than 1 %.
    assert!((exchange.took().liquidated_usd - 908.0 / 4.0).abs() < 3.0);
    assert!(exchange.layers().to_keepers > 0.0);
}

#[test]
fn insurance_pays_a_deficit_and_open_lots_the_rest_pro_rata() {
    let mut inputs = bottomless(&[PRICE], vec![long(10, 200), short(6, 150), short(3, 400)]);
    inputs.insurance_micro_usd = 60_000_000;
    let exchange = after_one_sample::<Drift>(&inputs, 170_000_000);
    let deficit = 100.0 + 17.0; // with the liquidator's fee
    let layers = exchange.layers();
    assert_eq!((layers.deficits, layers.insurance_paid, layers.lots_charged), (deficit, 60.0, deficit - 60.0));
    assert_eq!([1, 2].map(|place| exchange.position(place).cash), [150_000_000 - 38_000_000, 400_000_000 - 19_000_000]);
    assert_eq!(exchange.took().liquidated_usd, 1_700.0);
}

#[test]
fn without_open_lots_a_loss_stays_unfunded() {
    let mut inputs = bottomless(&[PRICE, 170_000_000], vec![long(10, 200)]);
    inputs.insurance_micro_usd = 0;
    let summary = run_rule::<Drift>(&inputs).summary;
    assert_eq!((summary.layers.unfunded, summary.bad_debt), (117.0, 117.0));
}
