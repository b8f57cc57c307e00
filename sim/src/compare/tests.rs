use super::*;
use crate::consents::{OPTED_IN_SHARE, WILLING_SHARE};
use crate::{controls, inputs::Settings, path, scenario::Scenario};

/// The built-in scenario's crash, twenty minutes into it for a start, with these accounts in it.
fn case(seed: u64, accounts: usize) -> Inputs {
    let mut scenario = Scenario::sol_2025_10_10().unwrap();
    scenario.minutes.truncate(40);
    let settings = Settings {
        seed,
        accounts,
        open_interest_usd: 5e6,
        calm_depth_usd: 140_000.0,
        backstop_usd: 4e5,
        insurance_usd: 5e4,
        step_s: path::STEP_S,
        entrants: 4,
        willing_share: WILLING_SHARE,
        opted_in_share: OPTED_IN_SHARE,
    };
    Inputs::new(scenario, settings).unwrap()
}

fn compared(cases: &[Inputs], without: &[&str], threads: usize) -> Comparison {
    let controls: Vec<_> = without.iter().map(|name| controls::named(name).unwrap()).collect();
    let variants = variants(&engines::ALL[..2], &controls).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| run(cases, &variants, || {})).unwrap()
}

#[test]
fn a_comparison_depends_on_its_seeds_and_not_on_its_threads() {
    let cases = [case(3, 20), case(4, 20)];
    let one = compared(&cases, &["backstop"], 1);
    assert_eq!(one, compared(&cases, &["backstop"], 4));
    assert_eq!(one.variants, ["breakwater", "without backstop", "generation 1"]);
    assert_eq!(one.scenarios, ["sol-2025-10-10"]);
    assert_eq!((one.runs.len(), one.by_rate.len()), (6, 2));
    assert_ne!(one.runs[0].summary, one.runs[3].summary, "another seed gives other accounts");
    assert!(one.runs.iter().all(|run| run.accounts == 24 && run.summary.accounts_touched > 0));
}

#[test]
fn a_control_that_is_off_changes_what_it_controls() {
    let names: Vec<&str> = controls::ALL.iter().map(|control| control.name).collect();
    let comparison = compared(&[case(3, 60)], &names, 2);
    let summary = |name: &str| {
        let place = comparison.variants.iter().position(|variant| *variant == format!("without {name}")).unwrap();
        &comparison.runs[place].summary
    };
    let whole = &comparison.runs[0].summary;
    assert!(whole.absorbed > 0.0);
    assert_eq!((summary("backstop").absorbed, summary("backstop").backstop_result), (0.0, 0.0));
    assert!(summary("flow").liquidated > whole.liquidated, "nothing limits what is sold into the market");
    assert!(summary("flow").extra_fall_bp < whole.extra_fall_bp);
    assert!(summary("damping").accounts_touched > whole.accounts_touched);
    assert_ne!(summary("delay"), whole);
    assert!(comparison.by_rate[0].by_rate_alone > 0);
    assert!(comparison.runs.iter().all(|run| run.summary.identities_exact));
}

#[test]
fn controls_without_breakwater_are_refused() {
    let control = controls::named("delay").unwrap();
    let why = variants(engines::baselines(), &[control]).unwrap_err().to_string();
    assert_eq!(why, "--without switches controls of breakwater off, which is not among the engines");
}

#[test]
fn tables_and_json_show_every_variant_with_mean_and_worst() {
    let comparison = compared(&[case(3, 20), case(4, 20)], &[], 2);
    let overview = text::overview(&comparison);
    assert_eq!(overview.rows.len(), 4);
    assert!(overview.rows.iter().all(|row| row.len() == overview.head.len()));
    let lines: Vec<usize> = overview.text().lines().skip(1).map(|line| line.chars().count()).collect();
    assert!(lines.iter().all(|length| *length == lines[0]), "the columns line up");

    let json = comparison.json();
    let breakwater = &json["variants"][0];
    let falls: Vec<f64> = comparison.of_variant(0).map(|run| run.summary.extra_fall_bp).collect();
    assert_eq!(breakwater["variant"], "breakwater");
    assert_eq!(breakwater["mean"]["extra_fall_bp"], (falls[0] + falls[1]) / 2.0);
    assert_eq!(breakwater["worst"]["extra_fall_bp"], falls[0].min(falls[1]));
    assert_eq!(breakwater["identities_exact"], true);
    assert_eq!(json["scenarios"][0]["variants"][0]["mean"], breakwater["mean"], "there is one scenario");
}
