use rand::Rng;

use super::*;
use crate::consents::{OPTED_IN_SHARE, WILLING_SHARE};
use crate::{
    inputs::Settings,
    path,
    scenario::Scenario,
    tune::{
        knobs::ALL,
        verdict::{left_out, pareto, Means},
    },
};

const EFFORT: Effort = Effort { seed: 5, samples: 6, rounds: 1 };

/// Two pieces of the built-in scenario's crash, with few accounts.
fn cases() -> Vec<Case> {
    prepare(vec![piece("fall", 0, 26), piece("bottom", 26, 42)]).unwrap()
}

fn piece(name: &str, from: usize, to: usize) -> Inputs {
    let mut scenario = Scenario::sol_2025_10_10().unwrap();
    scenario.minutes = scenario.minutes[from..to].to_vec();
    scenario.name = name.to_owned();
    let settings = Settings {
        seed: 3,
        accounts: 20,
        open_interest_usd: 5e6,
        calm_depth_usd: 140_000.0,
        backstop_usd: 2e5,
        insurance_usd: 5e4,
        step_s: path::STEP_S,
        entrants: 0,
        willing_share: WILLING_SHARE,
        opted_in_share: OPTED_IN_SHARE,
    };
    Inputs::new(scenario, settings).unwrap()
}

fn searched(cases: &[Case], effort: &Effort, threads: usize) -> Search {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| search(cases, effort, || {})).unwrap()
}

#[test]
fn a_search_depends_on_its_seed_and_not_on_its_threads() {
    let cases = cases();
    let one = searched(&cases, &EFFORT, 1);
    assert_eq!(one, searched(&cases, &EFFORT, 4));
    assert_ne!(one, searched(&cases, &Effort { seed: 6, ..EFFORT }, 2));
    assert_eq!(one.trials[0].setting, Setting::of(&cases[0].inputs.params), "it begins with the starting set");
    assert!(one.trials.len() > 1 + EFFORT.samples && one.trials.len() <= trials_max(&EFFORT));
}

#[test]
fn nothing_is_proposed_that_the_program_refuses() {
    let cases = cases();
    let search = searched(&cases, &Effort { samples: 3, ..EFFORT }, 2);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let drawn = (0..500).map(|_| acceptable(&mut random, &cases).unwrap());
    for setting in drawn.chain(search.trials.iter().map(|trial| trial.setting.clone())) {
        for case in &cases {
            let params = setting.applied_to(&case.inputs.params);
            assert_eq!(params.validate(), Ok(()));
            let start = case.inputs.params;
            assert_eq!(
                (params.maintenance_base_ppm, params.initial_base_ppm),
                (start.maintenance_base_ppm, start.initial_base_ppm)
            );
        }
    }
    let refused = (0..500).filter(|_| !is_accepted(&Setting::draw(&mut random), &cases)).count();
    assert!(refused > 0, "there is something to refuse");
}

#[test]
fn knobs_are_turned_one_at_a_time_and_stay_in_their_ranges() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..50 {
        let setting = Setting::draw(&mut random);
        for turned in setting.around(1.0 + random.random::<f64>()) {
            let pairs = || setting.figures().iter().zip(turned.figures());
            assert!(pairs().filter(|(before, after)| before != after).count() <= 1);
            assert!(ALL
                .iter()
                .zip(turned.figures())
                .all(|(knob, figure)| { (knob.range.0..=knob.range.1).contains(figure) }));
        }
    }
    let params = Setting::draw(&mut random).applied_to(&breakwater_risk::MarketParams::SOL);
    assert_eq!(Setting::of(&params).applied_to(&breakwater_risk::MarketParams::SOL), params);
}

#[test]
fn leaving_a_scenario_out_leaves_out_its_whole_time_and_the_steps_that_it_steered() {
    let cases = prepare(vec![piece("fall", 0, 26), piece("beside", 14, 26), piece("bottom", 26, 42)]).unwrap();
    let search = searched(&cases, &EFFORT, 2);
    assert_eq!(search.blind, 1 + EFFORT.samples);
    let blind = Search { trials: search.trials[..search.blind].to_vec(), ..search.clone() };
    let fall = &left_out(&search, &cases)[0];
    let chosen = blind.best(&cases, |case| case.scenario() == "bottom");
    assert_eq!(fall.chosen_without, Some(chosen.objective(&cases, |case| case.scenario() == "fall")));
    let alone = &left_out(&search, &cases[..2])[0];
    assert_eq!(alone.chosen_without, None, "what is beside it is the same crash");
}

#[test]
fn the_best_set_costs_no_more_than_the_start_and_than_any_other() {
    let cases = cases();
    let search = searched(&cases, &EFFORT, 2);
    let cost = |trial: &Trial| trial.objective(&cases, |_| true);
    let best = search.best(&cases, |_| true);
    assert!(search.trials.iter().all(|trial| cost(best) <= cost(trial)));
    for left in left_out(&search, &cases) {
        let without = search.best_blind(&cases, |case| case.scenario() != left.scenario);
        assert_eq!(left.chosen_without, Some(without.objective(&cases, |case| case.scenario() == left.scenario)));
    }
    let kept = pareto(&search);
    assert!(!kept.is_empty());
    let falls: Vec<f64> = kept.iter().map(|trial| Means::of(trial).extra_fall_bp).collect();
    assert!(falls.is_sorted());
    let debts_and_deleveraging = |trial: &&Trial| (Means::of(trial).deleveraged, Means::of(trial).bad_debt);
    let least_fall = search.trials.iter().map(|trial| Means::of(trial).extra_fall_bp).fold(f64::MAX, f64::min);
    assert_eq!(falls[0], least_fall, "the least fall is never beaten: {:?}", debts_and_deleveraging(&kept[0]));
}
