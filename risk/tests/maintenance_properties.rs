//! Maintenance may not jump (RISK section 2; spec M-4, M-12): along arbitrary paths of prices, any spacing of refreshes and
//! any crowding and macro stress, nobody becomes liquidatable because the requirement outran its step.

mod market_support;

use breakwater_risk::health::{Health, NoMarkets, Stance};
use breakwater_risk::leg;
use breakwater_risk::margin::{self, Rates};
use breakwater_risk::units::SideName;
use breakwater_risk::{AccountState, MarketParams, MarketState, Now};
use bytemuck::Zeroable;
use market_support::params;
use market_support::path::{steps, walk};
use proptest::prelude::*;

const MEAN_TAU_S: u128 = 86_400;

/// Seconds that a refresh may count: what passed since the one before, at most an hour.
fn counted_s(before: &MarketState, now: &Now) -> u64 {
    (now.unix_timestamp - before.maintenance_time).clamp(0, 3_600) as u64
}

/// Most that M rises in that time. Unit: 2^-32 ppm.
fn step_q32(params: &MarketParams, seconds: u64) -> u64 {
    (u64::from(params.maintenance_step_ppm) << 32) * seconds / 3_600
}

/// Size factor `1 + s` of a leg at a slow depth: the maintenance rate of a market whose M is one, in ppm.
fn size_factor(market: &MarketState, notional: u64) -> u64 {
    let unit = MarketState { maintenance_q32: 100_000 << 32, ..*market };
    margin::maintenance_rate_ppm(&unit, notional).unwrap() * 10
}

/// An account with one position opened at the market's mark, long or short.
fn holder(market: &MarketState, lots: i64, capital_atoms: u64) -> AccountState {
    let mut market = *market;
    let now = Now { slot: market.mark_slot, unix_timestamp: 0, last_restart_slot: 0 };
    let mut account = AccountState { capital_atoms, ..AccountState::zeroed() };
    let slot = leg::find_or_open(&mut account, &mut market, 0, &now).unwrap();
    leg::set_lots(&mut account.legs[slot], &mut market, lots).unwrap();
    account
}

fn health(account: &AccountState, market: &MarketState, now: &Now) -> Health {
    Health::assess(account, Stance::Favour, Some((0, market)), &NoMarkets, now).unwrap()
}

proptest! {
    #[test]
    fn applied_rate_moves_by_at_most_its_step_per_hour_of_counted_time(params in params(), path in steps()) {
        let mut start = None;
        walk(params, &path, |before, after, _, now| {
            let (applied, time) = (after.maintenance_q32, now.unix_timestamp);
            let (first, since) = *start.get_or_insert((applied, time));
            let most = (u128::from(params.maintenance_step_ppm) << 32) * (time - since) as u128 / 3_600;
            prop_assert!(u128::from(applied.abs_diff(first)) <= most, "{first} -> {applied} in {} s", time - since);
            if before.mark != 0 {
                let most = step_q32(&params, counted_s(before, now));
                prop_assert!(applied.abs_diff(before.maintenance_q32) <= most);
            }
            let base = u128::from(params.maintenance_base_ppm) << 32;
            prop_assert!((base..=base * 5 / 2).contains(&u128::from(applied)));
            Ok(())
        })?;
    }

    #[test]
    fn rate_of_a_leg_rises_by_the_step_and_by_what_the_slow_depth_adds_to_its_size_factor(
        params in params(), path in steps(), notional in 0u64..=1 << 60,
    ) {
        walk(params, &path, |before, after, step, now| {
            if before.mark == 0 {
                return Ok(());
            }
            let rates = [before, after].map(|market| margin::maintenance_rate_ppm(market, notional).unwrap());
            let factors = [before, after].map(|market| u128::from(size_factor(market, notional)));
            // ΔM·(1 + s') + M·(s' − s), in 2^-32 ppm of ppm; factors are read to ten ppm.
            let stepped = u128::from(step_q32(&params, counted_s(before, now))) * (factors[1] + 10);
            let resized = u128::from(before.maintenance_q32) * (factors[1] + 10).saturating_sub(factors[0]);
            let most = ((stepped + resized) >> 32).div_ceil(1_000_000) as u64 + 1;
            prop_assert!(rates[1] <= rates[0] + most, "{rates:?} by {most}");

            // The slow depth falls by at most dt/(τ + dt): the inverse root rises by at most dt/2τ, and its rounding.
            let dt = u128::from(step.gap_s.min(3_600));
            let roots = [before, after].map(|market| u128::from(market.depth.inverse_root_slow));
            let most = roots[0] + (roots[0] * dt).div_ceil(2 * MEAN_TAU_S) + 2;
            prop_assert!(roots[1] <= most, "{roots:?} by {dt} s");
            Ok(())
        })?;
    }

    #[test]
    fn nobody_becomes_liquidatable_because_the_rate_outran_its_step(
        params in params(), path in steps(), lots in 1i64..1 << 30, is_long: bool, cover_ppm in 1_000_000u64..4_000_000,
    ) {
        let mut holding = None;
        walk(params, &path, |before, after, _, now| {
            if before.mark == 0 {
                let lots = if is_long { lots } else { -lots };
                let mut account = holder(after, lots, 0);
                let required = u128::from(health(&account, after, now).maintenance());
                account.capital_atoms = (required * u128::from(cover_ppm) / 1_000_000).min(1 << 56) as u64;
                holding = Some(account);
                return Ok(());
            }
            let account = holding.unwrap();
            // The same refresh with the requirement that the step allows at most: M of before plus the step.
            let allowed = before.maintenance_q32 + step_q32(&params, counted_s(before, now));
            let stepped = MarketState { maintenance_q32: allowed, ..*after };
            let (found, bound) = (health(&account, after, now), health(&account, &stepped, now));
            prop_assert!(found.maintenance() <= bound.maintenance());
            // The favour of H-2 is a part of the rate: judge both by the same price.
            let equity = found.equity();
            let fails = |health: &Health| equity < i128::from(health.maintenance());
            prop_assert!(!fails(&found) || fails(&bound), "the rate alone made the account fail");
            Ok(())
        })?;
    }

    #[test]
    fn crowding_and_macro_stress_never_touch_maintenance(
        params in params(), path in steps(), notional in 0u64..=1 << 60,
        ratios: (u32, u32), stress: u32, correlation: u32,
    ) {
        let maintenance = |market: &MarketState| {
            [SideName::Long, SideName::Short].map(|side| margin::rates(market, side, notional).unwrap())
        };
        walk(params, &path, |before, after, _, now| {
            let stressed = |market: &MarketState| {
                let mut market = *market;
                (market.ladder.long_ratio_ppm, market.ladder.short_ratio_ppm) = ratios;
                (market.macro_view.stress_ppm, market.macro_view.correlation_ppm) = (stress, correlation);
                market
            };
            let pairs = maintenance(after).into_iter().zip(maintenance(&stressed(after)));
            for (plain, stressed) in pairs {
                let Rates { maintenance_ppm, initial_ppm } = plain;
                prop_assert_eq!(stressed.maintenance_ppm, maintenance_ppm);
                prop_assert!(stressed.initial_ppm >= initial_ppm.min(1_000_000));
            }
            let mut stepped = MarketState { statistics: after.statistics, ..stressed(before) };
            margin::step_maintenance(&mut stepped, now.unix_timestamp).unwrap();
            prop_assert_eq!(stepped.maintenance_q32, after.maintenance_q32);
            Ok(())
        })?;
    }
}
