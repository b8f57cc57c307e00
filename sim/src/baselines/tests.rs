use super::{generation1::Generation1, *};
use crate::{
    depth::TrueDepth,
    engines,
    inputs::Settings,
    minutes::Minute,
    outcome::Row,
    path::{self, Sample},
    population::{Account, Side},
    scenario::Scenario,
};

mod drift;
mod dydx;
mod generation1;
mod hyperliquid;
mod synthetix_window;

const PRICE: u64 = 200_000_000;
const LOTS_PER_TOKEN: u64 = 100_000;

/// A replay of flat minutes at these prices.
fn inputs(prices: &[u64], accounts: Vec<Account>) -> Inputs {
    let flat = |&price: &u64| Minute {
        open_time_ms: 0,
        open: price,
        high: price,
        low: price,
        close: price,
        quote_volume_usd: 0.0,
    };
    let scenario = Scenario { name: "flat minutes".to_owned(), minutes: prices.iter().map(flat).collect() };
    let settings = Settings {
        seed: 1,
        accounts: 2,
        open_interest_usd: 1e6,
        calm_depth_usd: 1e6,
        backstop_usd: 0.0,
        insurance_usd: 1e4,
        step_s: path::STEP_S,
        entrants: 0,
        willing_share: 0.0,
        opted_in_share: 0.0,
    };
    let mut inputs = Inputs::new(scenario, settings).unwrap();
    inputs.accounts = accounts;
    inputs
}

/// The same in a market so deep that closes leave the price alone.
fn bottomless(prices: &[u64], accounts: Vec<Account>) -> Inputs {
    Inputs { depth: TrueDepth::of(&[], 1e30), ..inputs(prices, accounts) }
}

fn run_rule<R: Rule>(inputs: &Inputs) -> Outcome {
    let outcome = run::<R>(inputs, &mut Progress::silent()).unwrap();
    assert!(outcome.summary.identities_exact);
    outcome
}

/// An exchange on which the rule has acted after one sample at this price.
fn after_one_sample<R: Rule>(inputs: &Inputs, price: u64) -> Exchange {
    let mut rule = R::new(inputs);
    let mut exchange = Exchange::new(rule.terms(), inputs);
    let (due, _) = exchange.begin(&Sample { time_s: 60, price, conf_ppm: 0 });
    rule.act(&mut exchange, &due);
    assert!(exchange.is_exact());
    exchange
}

fn long(tokens: u64, collateral_usd: u64) -> Account {
    Account { side: Side::Long, lots: tokens * LOTS_PER_TOKEN, collateral_micro_usd: collateral_usd * 1_000_000 }
}

fn short(tokens: u64, collateral_usd: u64) -> Account {
    Account { side: Side::Short, ..long(tokens, collateral_usd) }
}

/// The row at a time of the scenario.
fn at(outcome: &Outcome, time_s: u64) -> &Row {
    outcome.series.rows.iter().find(|row| row.time_s == time_s).unwrap()
}

fn assert_near(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-4, "{value} is not {expected}");
}

fn sol(calm_depth_usd: f64) -> Inputs {
    let settings = Settings {
        seed: 7,
        accounts: 200,
        open_interest_usd: 30e6,
        calm_depth_usd,
        backstop_usd: 2.4e6,
        insurance_usd: 3e5,
        step_s: path::STEP_S,
        entrants: 0,
        willing_share: 0.0,
        opted_in_share: 0.0,
    };
    Inputs::new(Scenario::sol_2025_10_10().unwrap(), settings).unwrap()
}

#[test]
fn every_baseline_keeps_its_books_exact_and_presses_less_in_a_deeper_market() {
    for engine in engines::baselines() {
        let run = |inputs: &Inputs| (engine.run)(inputs, &mut Progress::silent()).unwrap();
        let (outcome, deeper) = (run(&sol(840_000.0)), run(&sol(84e6)));
        let (summary, deeper) = (&outcome.summary, &deeper.summary);
        assert!(summary.identities_exact && deeper.identities_exact, "{}", engine.name);
        assert!(summary.liquidated + summary.deleveraged + summary.absorbed > 0.0, "{}", engine.name);
        assert!(summary.extra_fall_bp < deeper.extra_fall_bp, "{}", engine.name);
        assert!(deeper.extra_fall_bp <= 0.0, "{}", engine.name);
        let sums = &summary.layers;
        let borne = sums.insurance_paid + sums.lots_charged + sums.unfunded;
        assert!((sums.deficits - borne).abs() < 1e-5, "{}", engine.name);
        assert_eq!(outcome.touched.len() as u64, summary.accounts_touched);
    }
}

#[test]
fn the_same_inputs_give_the_same_figures() {
    for engine in engines::baselines() {
        let run = || (engine.run)(&sol(840_000.0), &mut Progress::silent()).unwrap().summary;
        assert_eq!(run(), run());
    }
}

#[test]
fn a_micro_dollar_or_a_lot_too_many_is_noticed() {
    let mut exchange = after_one_sample::<Generation1>(&inputs(&[PRICE], vec![long(10, 200), short(10, 500)]), PRICE);
    exchange.positions[1].cash += 1;
    assert!(!exchange.is_exact());
    exchange.positions[1].cash -= 1;
    assert!(exchange.is_exact());
    exchange.positions[0].lots += 1;
    assert!(!exchange.is_exact());
}

#[test]
fn accounts_enter_in_mid_run_at_the_price_of_the_moment_with_a_tenth_of_margin() {
    let inputs = bottomless(&[PRICE], vec![long(10, 1_000)]);
    let mut exchange = Exchange::new(Generation1.terms(), &inputs);
    exchange.begin(&Sample { time_s: 60, price: 150_000_000, conf_ppm: 0 });
    assert!(!exchange.admit(&long(10, 149)), "a tenth of $1500 is more");
    assert!(exchange.admit(&long(10, 150)));
    assert_eq!(exchange.position(2).entry_worth, 1_500_000_000);
    assert_eq!(exchange.standing(2).equity, 150_000_000);
    let (due, per_tier) = exchange.begin(&Sample { time_s: 64, price: 143_000_000, conf_ppm: 0 });
    assert_eq!((due, per_tier), (vec![2], [1, 1, 0, 0, 0]));
    Generation1.act(&mut exchange, &[2]);
    assert!(exchange.is_exact());
}
