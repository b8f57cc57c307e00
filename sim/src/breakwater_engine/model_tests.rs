//! The pure model against the real program, and the watch against a look at everybody.

use breakwater_risk::MarketParams;

use super::*;
use crate::{
    inputs::{Controls, Settings},
    path,
    scenario::Scenario,
};

/// The built-in scenario's first `minutes`, with these accounts in it.
fn sol(minutes: usize, accounts: usize, seed: u64) -> Inputs {
    let mut scenario = Scenario::sol_2025_10_10().unwrap();
    scenario.minutes.truncate(minutes);
    let settings = Settings {
        seed,
        accounts,
        open_interest_usd: 5e6,
        calm_depth_usd: 840_000.0,
        backstop_usd: 4e5,
        insurance_usd: 5e4,
        step_s: path::STEP_S,
        entrants: 0,
    };
    Inputs::new(scenario, settings).unwrap()
}

fn replayed<B: Backend>(inputs: &Inputs, sight: Sight) -> (Outcome, Books) {
    replay::<B>(inputs, sight, &mut Progress::silent()).unwrap()
}

/// Runs twice, and compares every figure and every byte of state.
fn assert_equal((one, one_books): &(Outcome, Books), (other, other_books): &(Outcome, Books)) {
    assert_eq!(one.summary, other.summary);
    assert_eq!(one.touched, other.touched);
    assert_eq!(one.notes, other.notes);
    assert_eq!(one.series.rows, other.series.rows);
    let bytes = |books: &Books| {
        let backstop = books.backstop.unwrap();
        let mut bytes = bytemuck::bytes_of(&books.market).to_vec();
        bytes.extend_from_slice(bytemuck::bytes_of(&books.fund));
        bytes.extend_from_slice(bytemuck::bytes_of(&backstop.state));
        bytes.extend_from_slice(bytemuck::bytes_of(&backstop.account));
        for role in [Role::Trader, Role::Keeper, Role::Maker] {
            bytes.extend_from_slice(bytemuck::cast_slice(books.accounts(role)));
        }
        bytes
    };
    assert!(bytes(one_books) == bytes(other_books), "the states differ");
    assert_eq!(one_books, other_books);
}

#[test]
fn the_model_ends_where_the_program_ends_to_the_atom() {
    for seed in [3, 11] {
        let inputs = sol(50, 50, seed);
        let program = replayed::<Program>(&inputs, Sight::Everyone);
        let summary = &program.0.summary;
        assert!(summary.liquidated > 0.0 && summary.absorbed > 0.0 && summary.identities_exact);
        assert_equal(&program, &replayed::<Model>(&inputs, Sight::Suspects));
    }
}

#[test]
fn entrants_get_the_same_from_the_model_as_from_the_program() {
    let settings = Settings { entrants: 40, ..sol(50, 30, 5).settings };
    let scenario = sol(50, 30, 5).scenario;
    let inputs = Inputs::new(scenario, settings).unwrap();
    let program = replayed::<Program>(&inputs, Sight::Everyone);
    assert!(program.0.summary.identities_exact);
    let note = program.0.notes.last().unwrap();
    assert!(note.starts_with("entrants that opened: "), "{note}");
    assert_equal(&program, &replayed::<Model>(&inputs, Sight::Suspects));
}

#[test]
fn the_watch_never_hides_an_account() {
    for seed in 0..6 {
        let base = Inputs::new(sol(96, 300, seed).scenario, Settings { entrants: 100, ..sol(96, 300, seed).settings });
        let base = base.unwrap();
        let half = Inputs { backstop_micro_usd: 2_000_000_000, insurance_micro_usd: 1_000_000, ..base.clone() };
        // Charges, unfunded deficits and worn indices: no backstop, no insurance, no slices, a low line.
        let bare = Inputs {
            insurance_micro_usd: 0,
            params: MarketParams { social_max_ppm: 500, deleverage_line_ppm: 0, funding_max_ppm: 5_000, ..base.params },
            controls: Controls { slices: false, ..Controls::default() },
            backstop_micro_usd: 1_000_000_000,
            ..base.clone()
        };
        for inputs in [base, half, bare] {
            let everyone = replayed::<Model>(&inputs, Sight::Everyone);
            assert!(everyone.0.summary.accounts_touched > 0);
            assert_equal(&everyone, &replayed::<Model>(&inputs, Sight::Suspects));
        }
    }
}

#[test]
fn the_model_takes_parameters_that_the_program_refuses() {
    let inputs = sol(5, 10, 1);
    let params = MarketParams { maintenance_base_ppm: 1_000, ..inputs.params };
    let inputs = Inputs { params, ..inputs };
    run_model(&inputs, &mut Progress::silent()).unwrap();
    let refusal = run_program(&inputs, &mut Progress::silent()).unwrap_err();
    assert!(format!("{refusal:#}").contains("maintenance_base_ppm is 1000"), "{refusal:#}");
}

#[test]
fn a_layer_that_is_switched_off_does_nothing() {
    let inputs = sol(50, 50, 3);
    let off = |controls| replayed::<Model>(&Inputs { controls, ..inputs.clone() }, Sight::Suspects).0.summary;
    let without_backstop = off(Controls { backstop: false, ..Controls::default() });
    assert_eq!((without_backstop.absorbed, without_backstop.backstop_result), (0.0, 0.0));
    let without_slices = off(Controls { slices: false, ..Controls::default() });
    assert_eq!(without_slices.liquidated, 0.0);
    assert!(without_slices.absorbed > 0.0);
}
