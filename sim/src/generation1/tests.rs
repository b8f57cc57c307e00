use super::*;
use crate::{depth::TrueDepth, inputs::Settings, minutes::Minute, path, population::Side, scenario::Scenario};

const PRICE: u64 = 200_000_000;
const LOTS_PER_TOKEN: u64 = 100_000;

fn inputs(prices: &[u64], accounts: Vec<Account>) -> Inputs {
    let minutes = prices
        .iter()
        .map(|&price| Minute {
            open_time_ms: 0,
            open: price,
            high: price,
            low: price,
            close: price,
            quote_volume_usd: 0.0,
        })
        .collect();
    let scenario = Scenario { name: "flat minutes".to_owned(), minutes };
    let settings = Settings {
        seed: 1,
        accounts: 2,
        open_interest_usd: 1e6,
        calm_depth_usd: 1e6,
        backstop_usd: 0.0,
        insurance_usd: 1e4,
        step_s: path::STEP_S,
        entrants: 0,
    };
    let mut inputs = Inputs::new(scenario, settings).unwrap();
    inputs.accounts = accounts;
    inputs
}

fn run(inputs: &Inputs) -> Outcome {
    let mut progress = Progress::silent();
    let outcome = run_at(Rates::default(), inputs, &mut progress);
    assert!(outcome.summary.identities_exact);
    outcome
}

fn long(tokens: u64, collateral_usd: u64) -> Account {
    Account { side: Side::Long, lots: tokens * LOTS_PER_TOKEN, collateral_micro_usd: collateral_usd * 1_000_000 }
}

/// Makes the market so deep that closes leave the price alone.
fn bottomless(mut inputs: Inputs) -> Inputs {
    inputs.depth = TrueDepth::of(&[], 1e30);
    inputs
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
    let outcome = run(&bottomless(inputs(&[PRICE, fallen], vec![long(10, 200)])));
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
    let mut inputs = bottomless(inputs(&[PRICE, fallen], vec![long(10, 200)]));
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
    let short = Account { side: Side::Short, ..long(1_000, 20_000) };
    let outcome = run(&inputs(&[PRICE, 210_000_000], vec![short]));
    assert_eq!(outcome.summary.accounts_touched, 1);
    let moved = outcome.series.rows[15].moved_bp();
    assert!(moved > 0.0, "{moved}");
}
