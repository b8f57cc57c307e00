//! Generators of markets for property tests: parameters anywhere inside their hard bounds.
#![allow(dead_code)]

pub mod path;

use breakwater_risk::{MarketParams, Now};
use proptest::prelude::*;

/// Parameters that `validate` accepts, drawn from the whole of their hard bounds.
pub fn params() -> impl Strategy<Value = MarketParams> {
    (margins(), depth_and_flow(), times()).prop_map(|(margins, depth, times)| {
        let mut params = MarketParams {
            depth_base_atoms: depth.0,
            min_position_atoms: depth.1,
            confidence_ref_ppm: depth.2,
            depth_share_ppm: depth.3,
            depth_volatility_ppm: depth.4,
            move_min_ppm: depth.5 .0.min(depth.5 .1),
            move_max_ppm: depth.5 .0.max(depth.5 .1),
            impact_stay_ppm: depth.6,
            flow_recovery_slots: depth.7,
            open_interest_max_lots: 1 << 44,
            ..margins
        };
        (params.price_age_max_s, params.slot_ms, params.pace_cap_slots, params.dutch_slots) =
            (times.0, times.1, times.2, times.3);
        (params.funding_max_ppm, params.restart_grace_slots) = (times.4, times.5);
        if params.price_age_max_s > 20 {
            // Only a market that never draws accepts prices that old (P-9).
            (params.insurance_event_ppm, params.insurance_window_ppm, params.backstop_max_atoms) = (0, 0, 0);
        }
        fit_envelope(params, times.6, times.7)
    })
}

/// Maintenance, initial margin, buffer and charges in a legal order.
fn margins() -> impl Strategy<Value = MarketParams> {
    let base = prop_oneof![Just(400_000), 20_000u32..=400_000];
    (base, 0u32..=1_000, 0u32..=1_000, 150_000u32..=600_000, 100u32..=20_000, 10_000u32..=1_000_000).prop_map(
        |(base, buffer_part, initial_part, line, step, addon)| {
            let most_buffer =
                (1_000_000_000_000u64 / (u64::from(base) * 1_375 / 1_000) - 1_000_000).min(1_000_000) - 10;
            let buffer_ppm = 10_000 + (most_buffer as u32 - 10_000) / 1_000 * buffer_part;
            let least = (u64::from(base) * (1_000_000 + u64::from(buffer_ppm)) * 1_375).div_ceil(1_000_000_000) as u32;
            let charge_max_ppm = (base / 2).min(100_000);
            MarketParams {
                maintenance_base_ppm: base,
                buffer_ppm,
                initial_base_ppm: least + (1_000_000 - least) / 1_000 * initial_part,
                backstop_line_ppm: line,
                deleverage_line_ppm: line.midpoint(150_000),
                maintenance_step_ppm: step,
                size_addon_ppm: addon,
                charge_max_ppm,
                charge_min_ppm: 100.min(charge_max_ppm),
                ..MarketParams::SOL
            }
        },
    )
}

type DepthDraw = (u64, u64, u32, u32, u32, (u32, u32), u32, u32);

fn depth_and_flow() -> impl Strategy<Value = DepthDraw> {
    (
        prop_oneof![Just(1_600_000_000u64), Just(1 << 56), (31u32..56).prop_map(|bits| 1 << bits)],
        1_000u64..=1 << 40,
        10u32..=10_000,
        1_000u32..=200_000,
        100_000u32..=1_000_000,
        (100u32..=20_000, 100u32..=20_000),
        100_000u32..=1_000_000,
        100u32..=10_000,
    )
}

type TimeDraw = (u32, u32, u32, u32, u32, u32, u32, u32);

fn times() -> impl Strategy<Value = TimeDraw> {
    (2u32..=60, 200u32..=1_000, 1u32..=300, 1u32..=300, 0u32..=5_000, 25u32..=10_000, 0u32..=1_000, 0u32..=20_000)
}

/// Declares the worst move that the margins leave room for and a σ_ref that it covers.
fn fit_envelope(mut params: MarketParams, sigma_part: u32, stress: u32) -> MarketParams {
    let maintenance = u64::from(params.maintenance_base_ppm);
    let seconds = params.envelope_seconds();
    let room = maintenance * (1_000_000 - u64::from(params.backstop_line_ppm)) / 1_000_000;
    let funding = (u64::from(params.funding_max_ppm) * seconds).div_ceil(3_600);
    params.worst_move_ppm = (room - maintenance.div_ceil(8) - funding).min(500_000) as u32;
    params.backstop_gap_ppm = params.backstop_gap_ppm.max(params.worst_move_ppm);
    let most_sigma = (u64::from(params.worst_move_ppm) / (4 * seconds.isqrt())).min(5_000) as u32;
    params.sigma_ref_ppm = 5 + (most_sigma - 5) * sigma_part / 1_000;
    params.sigma_stress_ppm = params.sigma_ref_ppm.max(stress);
    let least_move = u128::from(params.move_min_ppm);
    let least_capacity = u128::from(params.depth_base_atoms / (42 * 42)) * least_move * least_move / 1_000_000;
    params.min_position_atoms = params.min_position_atoms.min(least_capacity as u64 / 8);
    params.validate().map_or_else(|issue| panic!("generator: {issue:?}"), |()| params)
}

/// A clock without restart.
pub fn at(slot: u64, unix_timestamp: i64) -> Now {
    Now { slot, unix_timestamp, last_restart_slot: 0 }
}
