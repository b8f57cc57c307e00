//! The pure model against the real program, and the watch against a look at everybody.

use breakwater_risk::MarketParams;

use super::*;
use crate::{
    consents::{OPTED_IN_SHARE, WILLING_SHARE},
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
        willing_share: WILLING_SHARE,
        opted_in_share: OPTED_IN_SHARE,
    };
    Inputs::new(scenario, settings).unwrap()
}

fn replayed<B: Backend>(inputs: &Inputs, sight: Sight) -> (Outcome, Books) {
    replay::<B>(inputs, sight, &mut Progress::silent()).unwrap()
}

/// Another market that falls with SOL, at half its price, and is silent for the first three minutes.
fn companion(scenario: &Scenario) -> Scenario {
    let mut minutes = scenario.minutes[3..].to_vec();
    for minute in &mut minutes {
        for price in [&mut minute.open, &mut minute.high, &mut minute.low, &mut minute.close] {
            *price /= 2;
        }
    }
    Scenario { name: "half".to_owned(), minutes }
}

/// Inputs with every control at work: entrants, willing and opted-in accounts, a macro index.
fn controlled(minutes: usize, accounts: usize, seed: u64) -> Inputs {
    let Inputs { scenario, settings, .. } = sol(minutes, accounts, seed);
    let others = [companion(&scenario)];
    Inputs::new(scenario, Settings { entrants: 40, ..settings }).unwrap().with_companions(&others).unwrap()
}

/// Inputs with deficits that stay unfunded: no insurance, a low line, and keepers who
/// neither close nor touch anything.
fn bare(inputs: &Inputs) -> Inputs {
    Inputs {
        insurance_micro_usd: 0,
        backstop_micro_usd: 1_000_000_000,
        params: MarketParams { deleverage_line_ppm: 0, funding_max_ppm: 5_000, ..inputs.params },
        controls: Controls {
            backstop: true,
            slices: false,
            flow_limited: true,
            damped: true,
            netting: false,
            derisk: false,
            ladder: false,
            macro_index: false,
        },
        ..inputs.clone()
    }
}

/// The state after half an hour in which the market lost a third, deleveraged its winners and could not pay them all.
pub fn books_after_a_crash(seed: u64) -> Books {
    replayed::<Model>(&bare(&sol(30, 300, seed)), Sight::Suspects).1
}

/// Compares every figure and every byte of state.
fn assert_equal((one, one_books): &(Outcome, Books), (other, other_books): &(Outcome, Books)) {
    assert_eq!(one.summary, other.summary);
    assert_eq!(one.touched, other.touched);
    assert_eq!(one.notes, other.notes);
    assert_eq!(one.series.rows, other.series.rows);
    assert_eq!(one.series.ladder, other.series.ladder);
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
    let mut took = Vec::new();
    for (seed, willing_share) in [(3, 0.25), (11, 0.0)] {
        let settings = Settings { willing_share, ..controlled(50, 50, seed).settings };
        let Inputs { scenario, companions, .. } = controlled(50, 50, seed);
        let inputs = Inputs { companions, ..Inputs::new(scenario, settings).unwrap() };
        let program = replayed::<Program>(&inputs, Sight::Everyone);
        let Summary { liquidated, derisked, netted, absorbed, controls, identities_exact, .. } = &program.0.summary;
        assert!(
            *identities_exact && controls.cascade_ratio_max > 0.0 && controls.macro_stress_max > 1.0,
            "{controls:?}"
        );
        assert_eq!(program.0.series.ladder.len(), 51, "a picture at the beginning of every minute, and at the end");
        took.push([*liquidated, *derisked, *netted, *absorbed, controls.derisk_cost]);
        assert_equal(&program, &replayed::<Model>(&inputs, Sight::Suspects));
    }
    for what in 0..5 {
        assert!(took.iter().any(|took| took[what] > 0.0), "{took:?}");
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
    for seed in 0..4 {
        let Inputs { scenario, settings, .. } = sol(96, 300, seed);
        let others = [companion(&scenario)];
        let base = Inputs::new(scenario, Settings { entrants: 100, ..settings }).unwrap();
        let base = base.with_companions(&others).unwrap();
        let poor = Inputs { backstop_micro_usd: 2_000_000_000, insurance_micro_usd: 1_000_000, ..base.clone() };
        let bare = bare(&base);
        for inputs in [&base, &poor, &bare] {
            let everyone = replayed::<Model>(inputs, Sight::Everyone);
            let Summary { accounts_touched, layers, .. } = &everyone.0.summary;
            assert!(*accounts_touched > 0);
            if inputs.insurance_micro_usd == 0 {
                assert!(layers.unfunded > 0.0, "{layers:?}");
            }
            assert_equal(&everyone, &replayed::<Model>(inputs, Sight::Suspects));
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

#[test]
fn each_control_of_the_keepers_can_be_switched_off() {
    let inputs = controlled(50, 50, 3);
    let off = |controls| replayed::<Model>(&Inputs { controls, ..inputs.clone() }, Sight::Suspects).0;
    let all = off(Controls::default());
    let without_netting = off(Controls { netting: false, ..Controls::default() }).summary;
    assert_eq!((without_netting.netted, without_netting.controls.nettings), (0.0, 0));
    assert!(without_netting.liquidated > all.summary.liquidated);
    let without_derisk = off(Controls { derisk: false, ..Controls::default() }).summary;
    assert_eq!((without_derisk.derisked, without_derisk.controls.derisk_closes), (0.0, 0));
    assert!(without_derisk.netted > 0.0);
    let without_ladder = off(Controls { ladder: false, ..Controls::default() });
    assert_eq!((without_ladder.series.ladder.len(), without_ladder.summary.controls.cascade_ratio_max), (0, 0.0));
    let without_index = off(Controls { macro_index: false, ..Controls::default() });
    assert_eq!(without_index.summary.controls.macro_stress_max, 0.0);
    assert_ne!(without_index.notes.last(), all.notes.last(), "stress lets entrants open less");
}

#[test]
fn what_willing_accounts_take_moves_no_price() {
    let settings = Settings { willing_share: 1.0, ..controlled(50, 50, 3).settings };
    let inputs = Inputs::new(controlled(50, 50, 3).scenario, settings).unwrap();
    let Outcome { series, .. } = replayed::<Model>(&inputs, Sight::Suspects).0;
    let into_market = |row: &Row| row.took.liquidated_usd + row.took.derisked_usd + row.took.unwound_usd;
    let quiet = series.rows.iter().take_while(|row| into_market(row) == 0.0);
    assert!(quiet.clone().all(|row| row.moved_bp() == 0.0));
    let last = series.rows.last().unwrap();
    assert!(last.took.netted_usd > last.took.liquidated_usd, "{:?}", last.took);
}
