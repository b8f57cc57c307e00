use super::*;

fn run(inputs: &Inputs) -> Outcome {
    run_rule::<Generation1>(inputs)
}

#[test]
fn healthy_accounts_are_left_alone() {
    let outcome = run(&inputs(&[PRICE, PRICE], vec![long(10, 200)]));
    assert_eq!(outcome.summary.accounts_touched, 0);
    assert_eq!(outcome.summary.liquidated, 0.0);
    assert_eq!(outcome.summary.extra_fall_bp, 0.0);
    assert_eq!(outcome.series.rows.len(), 31);
}

#[test]
fn an_account_below_maintenance_is_closed_in_full_for_the_fee() {
    let fallen = 190_000_000;
    let outcome = run(&bottomless(&[PRICE, fallen], vec![long(10, 200)]));
    let summary = outcome.summary;
    assert_eq!(summary.accounts_touched, 1);
    assert_eq!(summary.liquidated, 10.0 * 190.0);
    assert_eq!(summary.insurance_change, 10.0 * 190.0 * 0.003);
    assert_eq!(summary.bad_debt, 0.0);
    let open: Vec<u32> = outcome.series.rows.iter().map(Row::open_accounts).collect();
    assert_eq!((open[14], open[15], open[16]), (1, 1, 0));
}

#[test]
fn insurance_pays_before_anything_is_bad_debt() {
    let fallen = 170_000_000;
    let mut inputs = bottomless(&[PRICE, fallen], vec![long(10, 200)]);
    inputs.insurance_micro_usd = 60_000_000;
    let summary = run(&inputs).summary;
    let loss_beyond_collateral = 10.0 * 30.0 - 200.0;
    assert_eq!(summary.insurance_change, -60.0);
    assert_eq!(summary.bad_debt, loss_beyond_collateral - 60.0);
}

#[test]
fn a_close_pushes_the_price_and_the_next_account_under() {
    let fallen = 190_000_000;
    let accounts = vec![long(1_000_000, 20_000_000), long(10, 230)];
    let alone = run(&inputs(&[PRICE, fallen], accounts[1..].to_vec()));
    assert_eq!(alone.summary.accounts_touched, 0);
    let both = run(&inputs(&[PRICE, fallen], accounts));
    assert_eq!(both.summary.accounts_touched, 2);
    assert!(both.summary.extra_fall_bp < -100.0);
}

#[test]
fn shorts_are_closed_when_the_price_rises() {
    let outcome = run(&inputs(&[PRICE, 210_000_000], vec![short(1_000, 20_000)]));
    assert_eq!(outcome.summary.accounts_touched, 1);
    let moved = outcome.series.rows[15].moved_bp();
    assert!(moved > 0.0, "{moved}");
}
