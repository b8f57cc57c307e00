//! Predictive closes on random accounts: health never falls, the target is never passed, no leg grows, what the account
//! pays is what the keeper gains, and the price is no farther from the mark than the rules allow.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::derisk::{self, DeriskReport};
use breakwater_risk::flow;
use breakwater_risk::health::{Health, Stance};
use breakwater_risk::{MarketParams, RiskError, RiskResult};
use money_support::{pair, Exchange, MARK};
use proptest::collection::vec;
use proptest::prelude::*;

const SOL: MarketParams = MarketParams::SOL;
const RICH: u64 = 1 << 50;
const ACCOUNT: usize = 0;
const KEEPER: usize = 1;
const OTHER: usize = 2;

/// A leg of the account: lots, whether short, what the price did since it was opened.
type LegPlan = (u64, bool, i32);

/// What the market of the acted-on leg is like.
#[derive(Clone, Copy, Debug)]
struct Weather {
    /// Capacity C by depth, as a part of 1024 of SOL's calm one.
    capacity_part: u64,
    /// Confidence of the mark, ppm.
    confidence_ppm: u64,
    /// Utilisation, 2^-32 of one by 2^-10.
    utilisation_part: i64,
    /// The keeper's own lots before, signed.
    keeper_lots: i64,
    /// Volatility of the moment per √slot, ppm.
    sigma_slot_ppm: u32,
    /// Depth of the size add-on, as a power of two.
    slow_depth_bits: u32,
}

fn weather() -> impl Strategy<Value = Weather> {
    (1_u64..=8_192, 0_u64..=5_000, -1_024_i64..=1_024, -500_000_000_i64..500_000_000, 50_u32..2_000, 30_u32..46)
        .prop_map(|(capacity_part, confidence_ppm, utilisation_part, keeper_lots, sigma_slot_ppm, slow_depth_bits)| {
            Weather { capacity_part, confidence_ppm, utilisation_part, keeper_lots, sigma_slot_ppm, slow_depth_bits }
        })
}

fn legs() -> impl Strategy<Value = Vec<LegPlan>> {
    vec((10_000..1_000_000_000_u64, any::<bool>(), -100_000..100_000_i32), 1..=3)
}

/// From just liquidatable to above the target, and often so near to it that rounding a rate decides.
fn healths() -> impl Strategy<Value = u64> {
    prop_oneof![990_000..1_110_000_u64, 1_098_000..1_100_500_u64]
}

/// An opted-in account whose equity is `health_ppm` of its maintenance margin; `None` if its profits are more.
fn at_risk(plans: &[LegPlan], health_ppm: u64, weather: Weather) -> Option<Exchange> {
    let mut exchange = Exchange::new(SOL, plans.len(), &[0, RICH, RICH]);
    for (index, (lots, short, move_ppm)) in plans.iter().enumerate() {
        let (buyer, seller) = if *short { (OTHER, ACCOUNT) } else { (ACCOUNT, OTHER) };
        exchange.trade(index, buyer, seller, *lots, MARK).unwrap();
        let (buyer, seller) = if weather.keeper_lots < 0 { (OTHER, KEEPER) } else { (KEEPER, OTHER) };
        exchange.trade(index, buyer, seller, weather.keeper_lots.unsigned_abs() + 1, MARK).unwrap();
        exchange.set_mark(index, (MARK as i64 + MARK as i64 / 1_000_000 * i64::from(*move_ppm)) as u64);
        let slot = exchange.now.slot;
        let market = exchange.market(index);
        market.depth.capacity_atoms = 1 + 5_250_000_000 * weather.capacity_part;
        market.depth.inverse_root_slow = breakwater_risk::depth::inverse_root_ceil(1 << weather.slow_depth_bits);
        market.confidence = market.mark / 1_000_000 * weather.confidence_ppm;
        market.flow.utilisation_q32 = weather.utilisation_part << 22;
        market.flow.slot = slot;
        market.statistics.sigma_slot_ppm = weather.sigma_slot_ppm;
    }
    let health = exchange.health(ACCOUNT, Stance::Favour, 0);
    let wanted = i128::from(health.maintenance()) * i128::from(health_ppm) / 1_000_000;
    exchange.accounts[ACCOUNT].capital_atoms = u64::try_from(wanted - health.equity()).ok()?;
    exchange.accounts[ACCOUNT].derisk_since_slot = 1;
    exchange.settle(ACCOUNT);
    exchange.settle(KEEPER);
    Some(exchange)
}

fn derisk(exchange: &mut Exchange, market: usize) -> RiskResult<DeriskReport> {
    exchange.on(market, |acted, accounts| {
        let (account, keeper) = pair(accounts, ACCOUNT, KEEPER);
        derisk::derisk(acted, account, keeper, u64::MAX)
    })
}

fn is_not_worse(before: &Health, after: &Health) -> bool {
    let slack = before.legs().len() as i128 + 2;
    (after.equity() + slack) * i128::from(before.maintenance()) >= before.equity() * i128::from(after.maintenance())
}

fn reject() -> Result<(), TestCaseError> {
    Err(TestCaseError::reject("the close is refused"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 200_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn predictive_close_brings_an_account_nearer_to_its_target_never_past_it_and_costs_the_stated_distance(
        plans in legs(), health_ppm in healths(), weather in weather(), market in 0..3_usize,
    ) {
        let Some(mut exchange) = at_risk(&plans, health_ppm, weather) else { return reject() };
        let market = market % plans.len();
        let start = exchange.clone();
        let (before, keeper) =
            (start.health(ACCOUNT, Stance::Favour, market), start.health(KEEPER, Stance::Favour, market));
        let report = match derisk(&mut exchange, market) {
            Ok(report) => report,
            Err(error) => {
                let allowed = [
                    RiskError::NotAtRisk, RiskError::WrongLeg, RiskError::FlowExhausted, RiskError::NothingToDo,
                    RiskError::SettleFirst,
                ];
                prop_assert!(allowed.contains(&error), "{error:?}");
                return reject();
            }
        };
        let state = exchange.markets.0[market];
        let after = exchange.health(ACCOUNT, Stance::Favour, market);
        prop_assert!(is_not_worse(&before, &after), "{before:?} {after:?}");
        prop_assert!(after.equity() <= i128::from(after.target()), "{} past {}", after.equity(), after.target());
        prop_assert!(after.equity_shifted() <= i128::from(after.target()));
        prop_assert!(!after.is_liquidatable());

        for leg in before.legs() {
            let (lots, left) = (leg.lots, after.leg_in_slot(leg.leg_slot).unwrap().lots);
            if usize::from(leg.market_index) == market {
                prop_assert_eq!(left, lots + report.closed_lots);
                prop_assert!(left.signum() == lots.signum() && left.unsigned_abs() < lots.unsigned_abs());
                let rest = left.unsigned_abs() * (state.mark / 1_000) / 1_000;
                prop_assert!(rest + 2_000 >= SOL.min_position_atoms, "a rest of {rest}");
            } else {
                prop_assert_eq!(left, lots);
            }
        }

        let distance = state.mark.abs_diff(report.price);
        let most = weather.confidence_ppm.max(500).max(state.depth.move_ppm) + 1;
        prop_assert!(u128::from(distance - 1) * 1_000_000 <= u128::from(state.mark) * u128::from(most));
        let lost = before.equity() - after.equity();
        let gained = exchange.health(KEEPER, Stance::Favour, market).equity() - keeper.equity();
        prop_assert_eq!(i128::from(report.cost_atoms), lost);
        prop_assert!((lost - gained).abs() <= 1, "lost {lost}, gained {gained}");
        let owed = u128::from(report.closed_lots.unsigned_abs()) * u128::from(distance);
        prop_assert_eq!(u128::from(report.cost_atoms), owed.div_ceil(1_000_000));
        prop_assert_eq!(exchange.cash(), start.cash());

        let used = flow::utilisation(&state.flow, exchange.now.slot, SOL.flow_recovery_slots);
        let was = start.markets.0[market].flow.utilisation_q32;
        prop_assert!(used.unsigned_abs() <= (1 << 31) + (1 << 22) || used.abs() <= was.abs(), "u = {used}");
        prop_assert!(derisk(&mut exchange, market).is_err(), "twice in a slot");
    }
}
