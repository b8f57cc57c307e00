//! Bounds that depend on what a market may draw (P-9).
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use breakwater_risk::{MarketParams, RiskError};

const SOL: MarketParams = MarketParams::SOL;
/// Puts one figure just beyond what a market that may draw is allowed.
type Widen = fn(&mut MarketParams);

const WIDENED: [(&str, Widen); 5] = [
    ("price_age_max_s", |params| params.price_age_max_s = 21),
    ("insurance_event_ppm", |params| params.insurance_event_ppm = 300_001),
    ("insurance_window_ppm", |params| params.insurance_window_ppm = 500_001),
    ("backstop_gap_ppm", |params| params.backstop_gap_ppm = 99_999),
    ("initial_base_ppm", |params| params.initial_base_ppm = 19_999),
];

/// Low maintenance, so that wide bounds are open to it.
fn low() -> MarketParams {
    MarketParams {
        maintenance_base_ppm: 5_000,
        initial_base_ppm: 20_000,
        buffer_ppm: 10_000,
        backstop_line_ppm: 150_000,
        deleverage_line_ppm: 150_000,
        sigma_ref_ppm: 5,
        sigma_stress_ppm: 5,
        charge_min_ppm: 100,
        charge_max_ppm: 100,
        trade_fee_ppm: 0,
        worst_move_ppm: 1_000,
        backstop_gap_ppm: 100_000,
        price_age_max_s: 20,
        ..SOL
    }
}

#[test]
fn a_market_that_may_draw_obeys_tighter_bounds() {
    low().validate().unwrap();
    for (rule, widen) in WIDENED {
        let mut params = low();
        widen(&mut params);
        let issue = params.validate().unwrap_err();
        assert_eq!(issue.error, RiskError::ParameterOutOfBounds);
        assert!(issue.rule.starts_with(rule) && issue.rule.ends_with("of a market that may draw"), "{issue:?}");
    }
    let edge = MarketParams { insurance_event_ppm: 300_000, insurance_window_ppm: 500_000, ..low() };
    edge.validate().unwrap();
}

#[test]
fn a_market_that_never_draws_keeps_the_wide_bounds() {
    let never = MarketParams { insurance_event_ppm: 0, insurance_window_ppm: 0, backstop_max_atoms: 0, ..low() };
    assert!(!never.may_draw());
    let wide = MarketParams { initial_base_ppm: 10_000, backstop_gap_ppm: 50_000, price_age_max_s: 60, ..never };
    wide.validate().unwrap();
    // Any of the three makes it one that may draw.
    let drawing: [Widen; 3] = [
        |params| params.insurance_window_ppm = 1,
        |params| params.backstop_max_atoms = 1,
        |params| (params.insurance_event_ppm, params.insurance_window_ppm) = (1, 1),
    ];
    for draw in drawing {
        let mut params = wide;
        draw(&mut params);
        assert!(params.may_draw());
        assert_eq!(params.validate().unwrap_err().error, RiskError::ParameterOutOfBounds);
    }
}
