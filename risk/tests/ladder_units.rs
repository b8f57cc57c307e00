//! Where a leg stands in the liquidation ladder (spec U-10 … U-13, U-15).
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod ladder_support;
mod money_support;

use breakwater_risk::health::Stance;
use breakwater_risk::ladder::{self, Registration, STEPS_MAX};
use breakwater_risk::state::AccountState;
use breakwater_risk::units::{SideName, LADDER_BUCKETS, MAX_PRICE};
use breakwater_risk::{depth, RiskError};
use ladder_support::{exchange, pair, LOTS, NOTIONAL};
use money_support::{Exchange, DOLLAR, MARK};
use proptest::prelude::*;

fn touch(exchange: &mut Exchange, account: usize, market: usize) -> Option<Registration> {
    exchange.on(market, |acted, accounts| ladder::touch(acted, &mut accounts[account])).unwrap()
}

/// Buckets between the mark and where an account's leg is registered.
fn steps(exchange: &mut Exchange, account: usize, market: usize) -> i32 {
    let registration = touch(exchange, account, market).expect("a leg with lots");
    i32::from(registration.bucket).abs_diff(i32::from(exchange.market(market).ladder.mark_bucket)) as i32
}

/// Buckets that lie within a distance of the mark, in floats.
fn steps_in(side: SideName, distance: f64) -> i32 {
    let moved = if side == SideName::Long { -(1.0 - distance).ln() } else { (1.0 + distance).ln() };
    (moved / 1.005_f64.ln()) as i32
}

#[test]
fn buckets_are_half_a_percent_wide_over_the_whole_range_of_prices() {
    assert_eq!((ladder::bucket_of(0), ladder::bucket_of(1)), (0, 0));
    assert_eq!(ladder::bucket_of(MAX_PRICE), (45.0 / 1.005_f64.log2()) as u16);
    for bucket in 1_500..6_600 {
        let middle = 1.005_f64.powf(f64::from(bucket) + 0.5) as u64;
        assert_eq!(ladder::bucket_of(middle), bucket);
    }
}

#[test]
fn distances_of_buckets_are_those_of_the_grid_to_the_nearest_ppm() {
    for steps in 0..=64 {
        let (fall, rise) = (1.0 - 1.005_f64.powi(-i32::from(steps)), 1.005_f64.powi(i32::from(steps)) - 1.0);
        assert_eq!(ladder::distance_of_steps_ppm(SideName::Long, steps), (fall * 1e6).round() as u64);
        assert_eq!(ladder::distance_of_steps_ppm(SideName::Short, steps), (rise * 1e6).round() as u64);
    }
    assert_eq!(ladder::distance_of_steps_ppm(SideName::Long, -5), 0);
}

#[test]
fn a_leg_stands_where_its_slack_over_its_notional_ends() {
    let mut exchange = pair();
    for (account, side) in [(0, SideName::Long), (1, SideName::Short)] {
        for distance in [0.004, 0.01, 0.024, 0.1, 0.2] {
            let maintenance = exchange.health(account, Stance::Favour, 0).maintenance();
            exchange.accounts[account].capital_atoms = maintenance + (NOTIONAL as f64 * distance) as u64;
            assert_eq!(steps(&mut exchange, account, 0), steps_in(side, distance), "{side:?} {distance}");
        }
    }
}

#[test]
fn a_failing_leg_stands_at_the_mark_and_a_safe_one_in_the_last_bucket() {
    let mut exchange = pair();
    exchange.accounts[0].capital_atoms = 10 * DOLLAR;
    assert_eq!(steps(&mut exchange, 0, 0), 0);
    exchange.accounts[0].capital_atoms = 1 << 56;
    exchange.accounts[1].capital_atoms = 1 << 56;
    assert_eq!([0, 1].map(|account| steps(&mut exchange, account, 0)), [i32::from(STEPS_MAX); 2]);
}

#[test]
fn forced_notional_is_the_legs_and_at_most_what_the_slow_depth_carries() {
    let mut exchange = pair();
    let enough = NOTIONAL * 4 / 25; // 25 bp carry 6.25 times the depth
    for (depth, forced) in [(enough + 1, NOTIONAL), (enough, NOTIONAL), (enough - 4, NOTIONAL - 25), (0, 0)] {
        exchange.market(0).depth.depth_slow_atoms = depth;
        assert_eq!(touch(&mut exchange, 0, 0).unwrap().atoms, forced);
        assert_eq!(exchange.market(0).ladder.long_atoms.iter().sum::<u64>(), forced);
    }
}

#[test]
fn a_late_price_takes_nothing_off_the_ladder() {
    let mut exchange = pair();
    touch(&mut exchange, 0, 0);
    exchange.now.unix_timestamp += 10_000;
    assert_eq!(depth::flow_capacity(&exchange.markets.0[0], &exchange.now), 0);
    assert_eq!(touch(&mut exchange, 0, 0).unwrap().atoms, NOTIONAL);
}

#[test]
fn other_legs_bring_a_trigger_nearer_or_further_by_their_correlation() {
    // Slack of $1 200: alone 12 % of the price of $10 000, with ρ of the other leg's notional 1 200/(10 000 ± ρ·10 000).
    let distance = |rho_ppm: Option<u32>, buys_both: bool| {
        let mut exchange = exchange(2, 2);
        if let Some(rho_ppm) = rho_ppm {
            let view = &mut exchange.market(0).macro_view;
            (view.stress_ppm, view.correlation_ppm) = (1_000_000, rho_ppm);
        }
        exchange.trade(0, 0, 1, LOTS, MARK).unwrap();
        let (buyer, seller) = if buys_both { (0, 1) } else { (1, 0) };
        exchange.trade(1, buyer, seller, LOTS, MARK).unwrap();
        let maintenance = exchange.health(0, Stance::Favour, 0).maintenance();
        exchange.accounts[0].capital_atoms = maintenance + 1_200 * DOLLAR;
        steps(&mut exchange, 0, 0)
    };
    let long = |distance| steps_in(SideName::Long, distance);
    assert_eq!(distance(None, true), long(0.08));
    assert_eq!(distance(None, false), long(0.24));
    assert_eq!(distance(Some(1_000_000), true), long(0.06));
    assert_eq!(distance(Some(1_000_000), false), long(0.24)); // half the leg's own notional is the least
    assert_eq!(distance(Some(0), true), long(0.12));
    assert_eq!(distance(Some(200_000), false), long(0.15));
}

#[test]
fn touching_again_and_again_changes_nothing_but_the_registration() {
    let mut exchange = pair();
    exchange.set_mark(0, MARK / 100 * 98);
    exchange.settle(0);
    touch(&mut exchange, 0, 0);
    let (mut once, lots) = (exchange.clone(), exchange.leg(0, 0).lots);
    for _ in 0..5 {
        touch(&mut exchange, 0, 0);
    }
    assert_eq!(exchange.markets, once.markets);
    assert_eq!(exchange.accounts, once.accounts);
    // And the first one, on a settled leg, changed the ladder alone.
    once.market(0).ladder = pair().market(0).ladder;
    let leg = &mut once.accounts[0].legs[0];
    (leg.ladder_bucket, leg.ladder_atoms) = (0, 0);
    let mut settled = pair();
    settled.set_mark(0, MARK / 100 * 98);
    settled.settle(0);
    assert_eq!((settled.markets, settled.accounts), (once.markets, once.accounts));
    assert_eq!(lots, LOTS as i64);
}

#[test]
fn touch_refuses_the_backstop_and_accounts_without_a_leg() {
    let mut exchange = pair();
    let touched =
        |exchange: &mut Exchange| exchange.on(0, |acted, accounts| ladder::touch(acted, &mut accounts[0]).map(|_| ()));
    exchange.accounts[0].backstop = 1;
    assert_eq!(touched(&mut exchange), Err(RiskError::BackstopAccount));
    exchange.accounts[0] = AccountState { capital_atoms: 1, ..bytemuck::Zeroable::zeroed() };
    assert_eq!(touched(&mut exchange), Err(RiskError::NoSuchLeg));
}

#[test]
fn a_leg_that_flips_or_ends_leaves_its_side() {
    let mut exchange = pair();
    touch(&mut exchange, 0, 0);
    exchange.trade(0, 1, 0, 2 * LOTS, MARK).unwrap();
    assert_eq!(exchange.leg(0, 0).lots, -(LOTS as i64));
    assert_eq!(exchange.market(0).ladder.long_atoms, [0; LADDER_BUCKETS]);
    touch(&mut exchange, 0, 0);
    assert_eq!(exchange.market(0).ladder.short_atoms.iter().sum::<u64>(), NOTIONAL);
    exchange.trade(0, 0, 1, LOTS, MARK).unwrap();
    assert_eq!(exchange.market(0).ladder.short_atoms, [0; LADDER_BUCKETS]);
}

#[test]
fn an_untouched_leg_keeps_its_amount_until_it_is_touched() {
    let mut exchange = pair();
    touch(&mut exchange, 0, 0);
    exchange.deleverage(0, 1, LOTS, MARK).unwrap(); // the long side is wiped out and its generation ends
    let (leg, sum) = (exchange.leg(0, 0), exchange.market(0).ladder.long_atoms.iter().sum::<u64>());
    assert_eq!((leg.lots, leg.ladder_atoms, sum), (LOTS as i64, NOTIONAL, NOTIONAL));
    exchange.settle(0);
    assert_eq!(exchange.market(0).ladder.long_atoms, [0; LADDER_BUCKETS]);
}

proptest! {
    #[test]
    fn bucket_number_never_falls_as_the_price_rises_and_is_that_of_the_logarithm(
        bits in 0_u32..48, low in any::<u64>(), apart in 0_u64..1 << 40,
    ) {
        let price = ((1_u64 << bits) | (low & ((1 << bits) - 1))).min(MAX_PRICE);
        let bucket = ladder::bucket_of(price);
        prop_assert!(ladder::bucket_of((price + apart).min(MAX_PRICE)) >= bucket);
        prop_assert!((f64::from(bucket) + 0.5 - (price as f64).ln() / 1.005_f64.ln()).abs() <= 0.51);
    }

    #[test]
    fn buckets_from_the_mark_are_those_of_the_float_formula(
        distance in 0.0_f64..0.5, lots in 1_000_u64..10_000_000_000, is_long in any::<bool>(),
    ) {
        let mut exchange = exchange(1, 2);
        exchange.accounts.iter_mut().for_each(|account| account.capital_atoms = 1 << 50);
        exchange.trade(0, 0, 1, lots, MARK).unwrap();
        let (account, side) = if is_long { (0, SideName::Long) } else { (1, SideName::Short) };
        let health = exchange.health(account, Stance::Favour, 0);
        let slack = (health.notional() as f64 * distance) as u64;
        exchange.accounts[account].capital_atoms = health.maintenance() + slack;
        let expected = steps_in(side, distance).min(i32::from(STEPS_MAX));
        prop_assert!((steps(&mut exchange, account, 0) - expected).abs() <= 1);
    }
}
