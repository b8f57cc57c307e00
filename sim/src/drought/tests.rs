use super::*;
use crate::consents::{OPTED_IN_SHARE, WILLING_SHARE};
use crate::path::STEP_S;

fn hours(hours: u64, accounts: usize, backstop_usd: f64) -> Drought {
    let settings = Settings {
        seed: 7,
        accounts,
        open_interest_usd: 5e6,
        calm_depth_usd: 140_000.0,
        backstop_usd,
        insurance_usd: 5e4,
        step_s: STEP_S,
        entrants: 0,
        willing_share: WILLING_SHARE,
        opted_in_share: OPTED_IN_SHARE,
    };
    Drought { settings, hours }
}

fn run(drought: &Drought, kind: BackendKind) -> Verdict {
    drought.run(kind, &mut Progress::silent()).unwrap()
}

#[test]
fn after_hours_without_liquidity_everybody_leaves_the_real_program() {
    for backstop_usd in [4e5, 4e6] {
        let verdict = run(&hours(2, 16, backstop_usd), BackendKind::Program);
        assert_eq!(verdict.failures, [""; 0], "{}", verdict.text());
        assert!(verdict.summary.identities_exact && verdict.summary.accounts_touched > 0);
        assert!(verdict.at_floor_share > 0.9, "{}", verdict.at_floor_share);
        assert!(verdict.insurance.paid > 0.0);
        for Stake { worth, paid, .. } in [verdict.backstop, verdict.insurance] {
            assert_eq!(worth, paid, "a staker is paid what he has");
        }
        // A small backstop is used up, and the rest deleveraged; an ample one sells what it took to those who leave.
        let is_ample = verdict.backstop.paid > 0.0;
        assert_eq!((verdict.summary.deleveraged > 0.0, verdict.closes.purchases > 0), (!is_ample, is_ample));
        assert_eq!(is_ample, backstop_usd > 1e6);
    }
}

#[test]
fn the_model_comes_to_rest_as_the_program_does() {
    let drought = hours(1, 12, 4e5);
    let (model, program) = (run(&drought, BackendKind::Model), run(&drought, BackendKind::Program));
    assert_eq!(model, program);
}

#[test]
fn droughts_of_many_accounts_leave_nobody_stuck() {
    for (seed, backstop_usd) in [(1, 4e5), (2, 0.0), (3, 2e4)] {
        let drought = hours(24, 120, backstop_usd);
        let drought = Drought { settings: Settings { seed, ..drought.settings }, ..drought };
        let verdict = run(&drought, BackendKind::Model);
        assert_eq!(verdict.failures, [""; 0], "{}", verdict.text());
        assert!(verdict.last_ratio < 0.41 && verdict.unconfident_share < 0.5);
    }
}

#[test]
fn settings_that_are_no_drought_are_refused() {
    let why = |drought: Drought| drought.inputs().unwrap_err().to_string();
    assert_eq!(why(hours(0, 16, 4e5)), "a drought lasts 1 to 240 hours, not 0");
    let drought = hours(1, 16, 4e5);
    let drought = Drought { settings: Settings { insurance_usd: 0.0, ..drought.settings }, ..drought };
    assert_eq!(why(drought), "somebody must stake at least $1 in the insurance fund of a drought, not $0");
}
