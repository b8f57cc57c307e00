//! Properties of forced closes: a slice never lowers health, a deleveraging closes exactly what it must at a price that
//! leaves health as it is, and the order in which bankrupt accounts are resolved changes nobody's fate.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::health::{Health, Stance};
use breakwater_risk::{bankruptcy, deleveraging, liquidation, MarketParams, RiskError};
use money_support::{pair, Exchange, DOLLAR, MARK};
use proptest::collection::vec;
use proptest::prelude::*;

const SOL: MarketParams = MarketParams::SOL;
const RICH: u64 = 1 << 50;
/// The account that gets into trouble, the keeper, and the first of those who hold the other sides.
const ACCOUNT: usize = 0;
const KEEPER: usize = 1;
const OTHERS: usize = 2;

/// A leg of the account: lots, whether short, what the price does, how many others hold the other side.
type LegPlan = (u64, bool, i32, usize);

fn legs(most: usize) -> impl Strategy<Value = Vec<LegPlan>> {
    vec((10_000..1_000_000_000_u64, any::<bool>(), -200_000..200_000_i32, 1..5_usize), 1..=most)
}

/// An account with settled legs whose equity is `health_ppm` of its maintenance margin; `None` if its profits are more.
fn account_with_health(plans: &[LegPlan], health_ppm: u64) -> Option<Exchange> {
    let mut exchange = Exchange::new(SOL, plans.len(), &[0, RICH, RICH, RICH, RICH, RICH, RICH]);
    for (market, (lots, short, move_ppm, holders)) in plans.iter().enumerate() {
        for holder in 0..*holders {
            let part = lots / *holders as u64 + u64::from(holder == 0) * (lots % *holders as u64);
            let parties = if *short { (OTHERS + holder, ACCOUNT) } else { (ACCOUNT, OTHERS + holder) };
            exchange.trade(market, parties.0, parties.1, part, MARK).unwrap();
        }
        exchange.set_mark(market, (MARK as i64 + MARK as i64 / 1_000_000 * i64::from(*move_ppm)) as u64);
    }
    let health = exchange.health(ACCOUNT, Stance::Favour, 0);
    let wanted = i128::from(health.maintenance()) * i128::from(health_ppm) / 1_000_000;
    let missing = wanted - health.equity();
    exchange.accounts[ACCOUNT].capital_atoms = u64::try_from(missing).ok()?;
    exchange.settle(ACCOUNT);
    Some(exchange)
}

/// `(E' + legs + 2)·MM ≥ E·MM'`, computed anew.
fn is_not_worse(before: &Health, after: &Health) -> bool {
    let slack = before.legs().len() as i128 + 2;
    (after.equity() + slack) * i128::from(before.maintenance()) >= before.equity() * i128::from(after.maintenance())
}

/// The case says nothing about the property; others are drawn until enough do.
fn reject() -> Result<(), TestCaseError> {
    Err(TestCaseError::reject("the close is refused"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slice_never_lowers_health_and_charges_at_most_the_zero_price_and_the_cash(
        plans in legs(3), health_ppm in 1_000..1_050_000_u64, waited in 0..40_u64, market in 0..3_usize,
    ) {
        let Some(mut exchange) = account_with_health(&plans, health_ppm) else { return reject() };
        let market = market % plans.len();
        exchange.accounts[ACCOUNT].flagged_slot = exchange.now.slot;
        exchange.wait(waited);
        let before = exchange.health(ACCOUNT, Stance::Favour, market);
        let (capital, cash) = (exchange.capital(ACCOUNT), exchange.cash());
        let lots = exchange.value(ACCOUNT, market).lots;
        let result = exchange.on(market, |acted, accounts| {
            let (account, keeper) = pair(accounts, ACCOUNT, KEEPER);
            liquidation::liquidate(acted, account, keeper, u64::MAX)
        });
        let report = match result {
            Ok(report) => report,
            Err(error) => {
                let allowed = [
                    RiskError::Healthy, RiskError::WrongLeg, RiskError::SliceUseless, RiskError::FlowExhausted,
                    RiskError::SettleFirst, RiskError::NoSuchLeg, RiskError::ZeroSize,
                ];
                prop_assert!(allowed.contains(&error), "{error:?}");
                return reject();
            }
        };
        let after = exchange.health(ACCOUNT, Stance::Favour, market);
        prop_assert!(is_not_worse(&before, &after), "{before:?} {after:?}");
        prop_assert_eq!(report.keeper_atoms + report.insurance_atoms, report.charge_atoms);
        prop_assert_eq!(exchange.capital(ACCOUNT), capital - report.charge_atoms);
        prop_assert_eq!(exchange.cash(), cash);
        let rate = before.leg_in(market as u16).unwrap().maintenance_ppm;
        let zero_ppm = before.equity() * i128::from(rate) / i128::from(before.maintenance());
        prop_assert!(i128::from(report.charge_atoms) * 1_000_000 <= i128::from(report.notional_atoms) * zero_ppm);
        prop_assert!(report.closed_lots.signum() == -lots.signum() && report.closed_lots.abs() <= lots.abs());
        prop_assert_eq!(exchange.value(ACCOUNT, market).lots, lots + report.closed_lots);
    }

    #[test]
    fn deleveraging_closes_exactly_the_lots_on_the_other_side_and_leaves_health_as_it_is(
        plans in legs(3), health_ppm in 1_000..250_000_u64, market in 0..3_usize,
    ) {
        let Some(mut exchange) = account_with_health(&plans, health_ppm) else { return reject() };
        let market = market % plans.len();
        let before = exchange.health(ACCOUNT, Stance::Favour, market);
        let (lots, open) = (exchange.value(ACCOUNT, market).lots, exchange.market(market).long.open_lots);
        let values = |exchange: &Exchange| -> i128 {
            (KEEPER..exchange.accounts.len()).map(|account| exchange.value(account, market).net().unwrap()).sum()
        };
        let (others, residue) = (values(&exchange), exchange.residue(market));
        let report = exchange.on(market, |acted, accounts| deleveraging::deleverage(acted, &mut accounts[ACCOUNT], None));
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                prop_assert!([RiskError::NotCritical, RiskError::SettleFirst].contains(&error), "{error:?}");
                return reject();
            }
        };
        prop_assert_eq!(report.closed_lots, -lots);
        let closed = lots.unsigned_abs();
        prop_assert_eq!(exchange.market(market).long.open_lots, open - closed);
        prop_assert_eq!(exchange.market(market).short.open_lots, open - closed);
        let kept: i64 = (KEEPER..exchange.accounts.len()).map(|account| exchange.value(account, market).lots).sum();
        prop_assert_eq!(kept, 0); // all of the other side was the account's
        let after = exchange.health(ACCOUNT, Stance::Favour, market);
        prop_assert!(is_not_worse(&before, &after));
        let fair = before.equity() * i128::from(after.maintenance()) / i128::from(before.maintenance());
        let rounding = i128::from(report.notional_atoms) / 1_000_000 + i128::from(closed) / 1_000_000 + 10;
        prop_assert!(after.equity() - fair <= rounding, "{} over {fair}", after.equity());
        // What the account gave up is what the others got.
        let given = before.equity() - after.equity();
        prop_assert!((values(&exchange) - others - given).abs() <= 16);
        prop_assert!(exchange.residue(market) >= residue - 16);
    }

    #[test]
    fn order_of_resolutions_changes_nobodys_fate_and_insurance_pays_the_true_deficit(
        sizes in vec((100_000..1_000_000_u64, 0..1_000_000_u64), 2..=64),
        swaps in vec((0..64_usize, 0..64_usize), 64),
        fund_ppm in prop_oneof![Just(0_u64), 0..1_000_000_u64, Just(2_000_000_u64)],
    ) {
        let (start, deficit) = failing(&sizes, fund_ppm);
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        let first = resolve_all(start.clone(), &order);
        swaps.iter().for_each(|(a, b)| order.swap(a % sizes.len(), b % sizes.len()));
        let second = resolve_all(start.clone(), &order);
        for (exchange, totals) in [&first, &second] {
            prop_assert_eq!(totals.deficit_atoms, deficit);
            prop_assert_eq!(totals.insurance_atoms, deficit.min(start.insurance.balance_atoms / 2));
            prop_assert_eq!(exchange.insurance.balance_atoms, start.insurance.balance_atoms - totals.insurance_atoms);
            prop_assert_eq!(totals.unfunded_atoms, deficit - totals.insurance_atoms);
            let owed = exchange.markets.0[0].unfunded_atoms;
            prop_assert!(owed <= totals.unfunded_atoms - totals.claims_atoms);
            prop_assert!(exchange.residue(0) >= start.residue(0));
            prop_assert_eq!(exchange.cash(), start.cash());
        }
        let survivors = sizes.len()..sizes.len() + 3;
        let worth = |exchange: &Exchange| -> i128 {
            survivors.clone().map(|account| exchange.health(account, Stance::Favour, 0).equity()).sum()
        };
        // Each charge is rounded up by at most a price unit a lot, each cut by a part of 2^24 and an atom.
        let rounding = 64 * (10 + i128::from(start.markets.0[0].long.open_lots / 1_000_000));
        prop_assert!((worth(&first.0) - worth(&second.0)).abs() <= rounding);
    }
}

/// Accounts long with too little capital for what the price did, then three survivors: one short and settled, one short
/// and not settled, one long. Returns Σ deficits.
fn failing(sizes: &[(u64, u64)], fund_ppm: u64) -> (Exchange, u64) {
    let loss = 400; // atoms a lot
    let params = MarketParams { insurance_event_ppm: 1_000_000, insurance_window_ppm: 1_000_000, ..SOL };
    let capital = |(lots, part_ppm): &(u64, u64)| lots * loss / 1_000_000 * part_ppm;
    let capitals: Vec<u64> = sizes.iter().map(capital).chain([RICH; 3]).collect();
    let mut exchange = Exchange::new(params, 1, &capitals);
    let (settled, unsettled, long) = (sizes.len(), sizes.len() + 1, sizes.len() + 2);
    for (account, (lots, _)) in sizes.iter().enumerate() {
        exchange.trade(0, account, settled, lots / 2, MARK).unwrap();
        exchange.trade(0, account, unsettled, lots - lots / 2, MARK).unwrap();
    }
    exchange.trade(0, long, unsettled, 50_000_000, MARK).unwrap();
    exchange.set_mark(0, MARK - loss * 1_000_000);
    exchange.settle(settled);
    let deficit = sizes.iter().map(|size| size.0 * loss - capital(size)).sum::<u64>();
    exchange.insurance.balance_atoms = (u128::from(deficit) * u128::from(fund_ppm) / 1_000_000) as u64;
    (exchange, deficit)
}

fn resolve_all(mut exchange: Exchange, order: &[usize]) -> (Exchange, bankruptcy::BankruptcyReport) {
    let mut totals = bankruptcy::BankruptcyReport::default();
    for account in order {
        let report = exchange.resolve(*account, 0).unwrap();
        totals.deficit_atoms += report.deficit_atoms;
        totals.insurance_atoms += report.insurance_atoms;
        totals.claims_atoms += report.claims_atoms;
        totals.unfunded_atoms += report.unfunded_atoms;
    }
    (exchange, totals)
}

#[test]
fn sixty_four_failures_at_once_cost_insurance_exactly_their_deficits() {
    for count in [48, 64] {
        let (start, deficit) = failing(&vec![(500_000, 900_000); count], 2_000_000);
        let (after, totals) = resolve_all(start.clone(), &(0..count).collect::<Vec<_>>());
        assert_eq!(deficit, count as u64 * 500_000 * 400 / 10);
        assert_eq!(totals.insurance_atoms, deficit);
        assert_eq!(after.insurance.balance_atoms, start.insurance.balance_atoms - deficit);
        assert!(deficit > DOLLAR);
    }
}
