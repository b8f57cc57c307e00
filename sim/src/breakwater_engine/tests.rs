use breakwater_risk::AccountState;

use super::*;
use crate::{
    consents::{OPTED_IN_SHARE, WILLING_SHARE},
    engines,
    inputs::Settings,
    minutes, path,
    scenario::Scenario,
};

/// The backstop's capital in [`crash`], USD: 8 % of its open interest.
const BACKSTOP_USD: f64 = 4e5;

/// A calm minute, a fall of a fifth within four, and half of it back: every layer is needed.
fn crash() -> Inputs {
    replay_of(&[200, 200, 190, 178, 164, 158, 168, 172, 176, 177], BACKSTOP_USD)
}

/// Twenty accounts, $5 M of open interest, and minutes between these prices.
fn replay_of(prices: &[u64], backstop_usd: f64) -> Inputs {
    let lines = prices.windows(2).enumerate().map(|(minute, pair)| {
        let (open, close) = (pair[0], pair[1]);
        let time = 1_760_000_000 + minute * 60;
        format!("{time},{open},{},{},{close},1000000\n", open.max(close), open.min(close))
    });
    let minutes = minutes::parse(&lines.collect::<String>()).unwrap();
    let settings = Settings {
        seed: 3,
        accounts: 20,
        open_interest_usd: 5e6,
        calm_depth_usd: 200_000.0,
        backstop_usd,
        insurance_usd: 5e4,
        step_s: path::STEP_S,
        entrants: 0,
        willing_share: WILLING_SHARE,
        opted_in_share: OPTED_IN_SHARE,
    };
    Inputs::new(Scenario { name: "crash".to_owned(), minutes }, settings).unwrap()
}

fn run_breakwater(inputs: &Inputs) -> Outcome {
    run(inputs, BackendKind::Program, &mut Progress::silent()).unwrap()
}

fn run_all(inputs: &Inputs) -> Vec<Outcome> {
    engines::usual().iter().map(|engine| (engine.run)(inputs, &mut Progress::silent()).unwrap()).collect()
}

fn json(outcomes: &[Outcome]) -> String {
    let summaries: Vec<&Summary> = outcomes.iter().map(|outcome| &outcome.summary).collect();
    serde_json::to_string(&summaries).unwrap()
}

#[test]
fn a_crash_through_the_real_program_keeps_every_identity() {
    let inputs = crash();
    let outcomes = run_all(&inputs);
    assert_eq!(
        outcomes.iter().map(|outcome| outcome.summary.engine.as_str()).collect::<Vec<_>>(),
        [NAME, "generation 1"]
    );
    for Outcome { summary, series, .. } in &outcomes {
        assert!(summary.identities_exact, "{}", summary.engine);
        assert_eq!(series.rows.len(), inputs.samples.len());
        assert!(summary.liquidated > 0.0 && summary.accounts_touched > 0);
        assert_eq!(series.rows[0].open_accounts(), 20);
        assert_eq!(series.rows[0].moved_bp(), 0.0);
    }
    let Outcome { summary, series, notes, .. } = &outcomes[0];
    let layers = &summary.layers;
    assert!(summary.absorbed > 0.0 && summary.deleveraged > 0.0);
    let paid = layers.reserve_paid + layers.insurance_paid;
    assert!((layers.deficits - paid - layers.claims_cut - layers.lots_charged - layers.unfunded).abs() < 1e-5);
    assert!((summary.insurance_change - layers.to_insurance + layers.insurance_paid).abs() < 1e-5);
    assert!(summary.extra_fall_bp > outcomes[1].summary.extra_fall_bp, "slices press the price less than full closes");
    let within = |row: &Row| row.flow_allowed_usd.is_some_and(|allowed| row.flow_used_usd <= allowed + 10.0);
    assert!(series.rows.iter().all(within), "no more flow is used than allowed, but for a last position of $10");
    assert!(!notes.is_empty());
}

#[test]
fn the_backstop_takes_what_its_capital_allows_and_is_paid_for_it() {
    let Outcome { summary, series, .. } = run_breakwater(&crash());
    let most = BACKSTOP_USD / 0.23; // gap 20 %, charge 2.5 %, permitted move 0.5 %
    let held = series.rows.iter().filter_map(|row| row.backstop).map(|row| row.holds_usd);
    let held_most = held.fold(0.0, f64::max);
    assert!(held_most > most / 2.0 && held_most < most * 1.1, "{held_most} of {most}");
    assert!(summary.layers.to_backstop > 0.0 && summary.identities_exact);
    let before = series.rows[0].backstop.unwrap();
    assert_eq!((before.worth_usd, before.holds_usd), (BACKSTOP_USD, 0.0));
    let last = series.rows.last().unwrap();
    assert_eq!(last.backstop.unwrap().worth_usd - BACKSTOP_USD, summary.backstop_result);
    assert_eq!(last.took.absorbed_usd, summary.absorbed);
}

#[test]
fn without_a_backstop_all_of_it_is_deleveraged() {
    let with = run_breakwater(&crash());
    let without = run_breakwater(&Inputs { backstop_micro_usd: 0, ..crash() });
    assert!(without.series.rows.iter().all(|row| row.backstop.is_none()));
    let Summary { absorbed, unwound, backstop_result, backstop_holds, .. } = without.summary;
    assert_eq!([absorbed, unwound, backstop_result, backstop_holds], [0.0; 4]);
    assert!(without.summary.deleveraged > with.summary.deleveraged);
    assert!(without.notes.iter().any(|note| note.contains("had no backstop")));
}

#[test]
fn the_backstop_sells_to_keepers_once_the_market_is_calm() {
    let fall_then_calm: Vec<u64> = [200, 190, 178, 184].into_iter().chain([184; 70]).collect();
    let Outcome { summary, series, .. } = run_breakwater(&replay_of(&fall_then_calm, BACKSTOP_USD));
    assert!(summary.identities_exact && summary.absorbed > 0.0 && summary.unwound > 0.0);
    assert!(summary.layers.discounts > 0.0);
    let first_sale = series.rows.iter().find(|row| row.took.unwound_usd > 0.0).unwrap();
    assert!(first_sale.time_s > 600, "a market that just fell is not calm at {} s", first_sale.time_s);
    assert_eq!(summary.bad_debt, 0.0);
}

#[test]
fn the_cascade_is_what_the_recorded_path_alone_does_not_touch() {
    let inputs = crash();
    for engine in engines::usual() {
        let summary = engine.measure(&inputs, &mut Progress::silent()).unwrap().summary;
        assert!(summary.accounts_cascaded < summary.accounts_touched, "{}", engine.name);
    }
}

#[test]
fn the_same_inputs_give_the_same_figures() {
    assert_eq!(json(&run_all(&crash())), json(&run_all(&crash())));
}

#[test]
fn accounts_open_with_their_collateral_and_the_fund_with_its_amount() {
    let inputs = crash();
    let program: Program = opening::open(&inputs).unwrap();
    let books = program.books();
    for (place, account) in inputs.accounts.iter().enumerate() {
        let who = Who::Trader(place);
        assert_eq!(books.account(who).capital_atoms, account.collateral_micro_usd);
        let signed = i128::from(books.lots(who));
        assert_eq!(signed, account.side.sign() * i128::from(account.lots));
    }
    for maker in 0..books.accounts(Role::Maker).len() {
        assert_eq!(books.lots(Who::Maker(maker)), 0);
    }
    assert_eq!(books.insurance_with_accrued_atoms(), inputs.insurance_micro_usd);
    assert_eq!(books.account(Who::Backstop).capital_atoms, inputs.backstop_micro_usd);
    assert_eq!(books.broken_identity(), None);
    let next = warmup::next_time(&books.now);
    assert_eq!(next.1, inputs.scenario.start_unix_s());
    let depth = &books.market.depth;
    let base = inputs.settings.calm_depth_usd.min(0.02 * inputs.settings.open_interest_usd) * 1e6;
    for figure in [depth.depth_atoms, depth.depth_slow_atoms] {
        assert!((figure as f64 / base - 1.0).abs() < 0.01, "{figure} against {base}");
    }
}

#[test]
fn an_atom_too_many_is_noticed() {
    let mut program: Program = opening::open(&crash()).unwrap();
    program.audit().unwrap();
    let trader = Who::Trader(7);
    let state = *program.books().account(trader);
    program.books_mut().put(trader, AccountState { capital_atoms: state.capital_atoms + 1, ..state });
    assert!(program.books().broken_identity().is_some_and(|what| what.starts_with("booked = capital")));
    assert_eq!(program.audit().unwrap_err().to_string(), "the books differ from the bank");
    program.books_mut().put(trader, state);
    program.audit().unwrap();
    program.books_mut().backstop.as_mut().unwrap().account.capital_atoms += 1;
    assert!(program.books().broken_identity().is_some() && program.audit().is_err());
}
