use super::*;
use crate::baselines::synthetix_window::Synthetix;

#[test]
fn the_pool_keeps_what_is_left_of_a_flagged_account_after_the_keeper() {
    let mut inputs = bottomless(&[PRICE, 190_000_000], vec![long(10, 200)]);
    inputs.backstop_micro_usd = 1_000_000_000;
    let summary = run_rule::<Synthetix>(&inputs).summary;
    assert_eq!((summary.liquidated, summary.layers.to_keepers), (1_900.0, 1.9));
    assert_near(summary.backstop_result, 100.0 - 1.9);
    assert_eq!((summary.bad_debt, summary.insurance_change), (0.0, 0.0));
}

#[test]
fn the_pool_bears_a_loss_up_to_its_capital_and_insurance_the_rest() {
    let mut inputs = bottomless(&[PRICE, 170_000_000], vec![long(10, 200)]);
    inputs.backstop_micro_usd = 60_000_000;
    inputs.insurance_micro_usd = 30_000_000;
    let summary = run_rule::<Synthetix>(&inputs).summary;
    assert_eq!((summary.backstop_result, summary.insurance_change, summary.bad_debt), (-60.0, -30.0, 10.0));
}

#[test]
fn closes_of_a_market_share_the_cap_of_thirty_seconds() {
    let mut inputs = bottomless(&[PRICE, 190_000_000, 190_000_000], vec![long(3, 60), long(7, 140)]);
    inputs.settings.calm_depth_usd = 2_800.0; // a cap of 1 % · 30 s · 14 tokens: 4.2 tokens
    let outcome = run_rule::<Synthetix>(&inputs);
    let liquidated = [60, 88, 92, 120, 124].map(|time_s| at(&outcome, time_s).took.liquidated_usd);
    let cap = 4.2 * 190.0;
    assert_eq!(liquidated, [cap, cap, 2.0 * cap, 2.0 * cap, 1_900.0]);
}

#[test]
fn a_flagged_account_is_closed_though_it_recovers() {
    let mut inputs = bottomless(&[PRICE, 190_000_000, 230_000_000], vec![long(10, 200)]);
    inputs.settings.calm_depth_usd = 2_800.0;
    inputs.backstop_micro_usd = 1_000_000;
    let summary = run_rule::<Synthetix>(&inputs).summary;
    assert_near(summary.liquidated, 8.4 * 190.0 + 1.6 * 230.0);
    assert!(summary.backstop_result > 100.0, "the gain is the pool's");
}
