//! Properties of the backstop: what it takes keeps its capital rule and the account's health, a gap within the declared ones
//! leaves it solvent, deleveraging waits exactly for what it can take, and nobody enters or leaves at the others' expense.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::absorb::{self, AbsorbReport};
use breakwater_risk::backstop::{self, BackstopState};
use breakwater_risk::health::{Health, Stance};
use breakwater_risk::shares::{
    self, Holding, ShareLedger, COOLDOWN_SECONDS, SECOND_CALL_MIN_SECONDS, UNOWNED_SHARES_MIN,
};
use breakwater_risk::{deleveraging, MarketParams, RiskError, RiskResult};
use bytemuck::Zeroable;
use money_support::{pair, Exchange, DOLLAR, MARK};
use proptest::collection::vec;
use proptest::prelude::*;

const SOL: MarketParams = MarketParams::SOL;
const RICH: u64 = 1 << 50;
/// The account in trouble, the backstop's, and the first of those who hold the other sides.
const ACCOUNT: usize = 0;
const BACKSTOP: usize = 1;
const OTHERS: usize = 2;

/// A leg of the account: lots, whether short, what the price does (ppm), and what the backstop holds already, as a part of
/// the lots in per cent of either sign.
type LegPlan = (u64, bool, i32, i32);

fn legs(most: usize) -> impl Strategy<Value = Vec<LegPlan>> {
    vec((10_000..1_000_000_000_u64, any::<bool>(), -200_000..200_000_i32, -150..150_i32), 1..=most)
}

/// An exchange whose account has `health_ppm` of its maintenance margin, beside a backstop with that capital; `None` where
/// profits alone are more.
fn scene(plans: &[LegPlan], health_ppm: u64, backstop_atoms: u64) -> Option<(Exchange, BackstopState)> {
    let mut exchange = Exchange::new(SOL, plans.len(), &[0, backstop_atoms, RICH, RICH]);
    exchange.accounts[BACKSTOP].backstop = 1;
    for (market, (lots, short, move_ppm, held_percent)) in plans.iter().enumerate() {
        let order = |is_short: bool, who: usize| if is_short { (OTHERS, who) } else { (who, OTHERS) };
        let (buyer, seller) = order(*short, ACCOUNT);
        exchange.trade(market, buyer, seller, *lots, MARK).unwrap();
        let held = lots / 100 * u64::from(held_percent.unsigned_abs());
        exchange.set_mark(market, (MARK as i64 + MARK as i64 / 1_000_000 * i64::from(*move_ppm)) as u64);
        if held > 0 {
            let (buyer, seller) = order(*held_percent < 0, BACKSTOP);
            let mark = exchange.market(market).mark;
            exchange.trade(market, buyer, seller, held, mark).unwrap();
        }
    }
    let health = exchange.health(ACCOUNT, Stance::Favour, 0);
    let missing = i128::from(health.maintenance()) * i128::from(health_ppm) / 1_000_000 - health.equity();
    exchange.accounts[ACCOUNT].capital_atoms = u64::try_from(missing).ok()?;
    exchange.settle(ACCOUNT);
    let shares = ShareLedger { total: backstop_atoms, generation: 0 };
    Some((exchange, BackstopState { shares, loss_line_ppm: 200_000, ..Zeroable::zeroed() }))
}

fn absorb(exchange: &mut Exchange, state: &mut BackstopState, market: usize) -> RiskResult<AbsorbReport> {
    let mut changed = *state;
    let report = exchange.on(market, |acted, accounts| {
        let (account, taker) = pair(accounts, ACCOUNT, BACKSTOP);
        absorb::absorb(acted, account, &mut changed, taker)
    })?;
    *state = changed;
    Ok(report)
}

fn spare(exchange: &Exchange, market: usize) -> i128 {
    let health = exchange.health(BACKSTOP, Stance::Against, market);
    backstop::spare(&health, &exchange.markets, None, &exchange.now).unwrap()
}

fn is_not_worse(before: &Health, after: &Health) -> bool {
    let slack = before.legs().len() as i128 + 2;
    (after.equity() + slack) * i128::from(before.maintenance()) >= before.equity() * i128::from(after.maintenance())
}

fn reject() -> Result<(), TestCaseError> {
    Err(TestCaseError::reject("says nothing about the property"))
}

/// Roundings of a rule over a few legs, atoms, and a lot of each.
fn rounding(exchange: &Exchange) -> i128 {
    exchange.markets.0.iter().map(|market| i128::from(market.mark / 1_000_000) + 4).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, max_global_rejects: 200_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn absorbing_keeps_the_capital_rule_the_accounts_health_and_all_cash(
        plans in legs(3), health_ppm in 1_000..1_000_000_u64, capital in 1_000..5_000_000_u64, market in 0..3_usize,
    ) {
        let Some((mut exchange, mut state)) = scene(&plans, health_ppm, capital * DOLLAR) else { return reject() };
        let market = market % plans.len();
        let index = market as u16;
        let (before, cash, had) = (exchange.health(ACCOUNT, Stance::Favour, market), exchange.cash(), spare(&exchange, market));
        let lots = (exchange.value(ACCOUNT, market).lots, exchange.value(BACKSTOP, market).lots);
        let claims = exchange.market(market).claims_total_atoms;
        let Ok(report) = absorb(&mut exchange, &mut state, market) else { return reject() };
        let after = exchange.health(ACCOUNT, Stance::Favour, market);
        prop_assert!(is_not_worse(&before, &after), "{before:?} {after:?}");
        let moved = (exchange.value(ACCOUNT, market).lots - lots.0, exchange.value(BACKSTOP, market).lots - lots.1);
        prop_assert_eq!(moved, (report.closed_lots, -report.closed_lots));
        prop_assert!(report.closed_lots.signum() == -lots.0.signum() && report.closed_lots.abs() <= lots.0.abs());
        prop_assert_eq!(exchange.market(market).long.open_lots, exchange.market(market).short.open_lots);
        let rate = i128::from(before.leg_in(index).unwrap().maintenance_ppm);
        let zero_ppm = before.equity() * rate / i128::from(before.maintenance());
        let paid = i128::from(report.charge_atoms + report.claim_atoms);
        prop_assert!(paid * 1_000_000 <= i128::from(report.notional_atoms) * zero_ppm);
        prop_assert!(paid * 1_000_000 <= i128::from(report.notional_atoms) * i128::from(SOL.charge_absorb_ppm));
        prop_assert_eq!(exchange.cash(), cash);
        prop_assert!(exchange.market(market).claims_total_atoms <= claims + 2 * before.notional());
        // More of its own side only within the rule; closing its other side never needs capital.
        let kept = spare(&exchange, market);
        prop_assert!(kept >= -rounding(&exchange) || kept >= had - rounding(&exchange), "{had} to {kept}");
    }

    #[test]
    fn deleveraging_waits_exactly_for_what_the_backstop_takes(
        plans in legs(3), health_ppm in 1_000..300_000_u64, capital in 0..500_000_u64, market in 0..3_usize,
    ) {
        let Some((exchange, state)) = scene(&plans, health_ppm, capital * DOLLAR) else { return reject() };
        let market = market % plans.len();
        let mut deleveraged = exchange.clone();
        let outcome = deleveraged.on(market, |acted, accounts| {
            let (account, taker) = pair(accounts, ACCOUNT, BACKSTOP);
            deleveraging::deleverage(acted, account, Some((&state, taker)))
        });
        let absorbed = absorb(&mut exchange.clone(), &mut state.clone(), market);
        match outcome {
            Ok(_) => prop_assert!(absorbed.is_err(), "the backstop could have taken {absorbed:?}"),
            Err(RiskError::BackstopFirst) => prop_assert!(absorbed.is_ok(), "{absorbed:?}"),
            Err(_) => return reject(),
        }
    }

    #[test]
    fn a_gap_within_the_declared_ones_leaves_the_backstop_solvent(
        plans in legs(4), health_ppm in 10_000..490_000_u64, capital in 1_000..5_000_000_u64,
        gaps in vec(0..=200_000_u64, 4),
    ) {
        let flat: Vec<LegPlan> = plans.iter().map(|(lots, short, moved, _)| (*lots, *short, *moved, 0)).collect();
        let Some((mut exchange, mut state)) = scene(&flat, health_ppm, capital * DOLLAR) else { return reject() };
        let taken = (0..flat.len()).filter(|market| absorb(&mut exchange, &mut state, *market).is_ok()).count();
        if taken == 0 {
            return reject();
        }
        for (market, gap_ppm) in gaps.iter().enumerate().take(flat.len()) {
            let (lots, mark) = (exchange.value(BACKSTOP, market).lots, exchange.market(market).mark);
            let gap = mark / 1_000_000 * gap_ppm;
            exchange.set_mark(market, if lots > 0 { mark - gap } else { mark + gap });
        }
        let health = exchange.health(BACKSTOP, Stance::Against, 0);
        let losses: i128 = health.legs().iter().map(|leg| i128::from(leg.value_atoms).min(0)).sum();
        prop_assert!(i128::from(exchange.capital(BACKSTOP)) + losses >= 0, "{health:?}");
        exchange.settle(BACKSTOP);
        prop_assert!((0..flat.len()).all(|market| exchange.value(BACKSTOP, market).debt == 0));
    }

    /// Holders enter and leave a pool whose worth moves; whatever one does, nobody else's shares lose worth, and no more
    /// leaves than there is.
    #[test]
    fn entering_and_leaving_never_cost_those_who_stay(
        steps in vec((0..4_usize, 0..6_u8, 1..1_000_000_000_u64), 1..60),
    ) {
        let (mut ledger, mut holders): (ShareLedger, [Holding; 4]) = (Zeroable::zeroed(), Zeroable::zeroed());
        let (mut worth, mut unix) = (0_u64, 1_000_000_i64);
        let value = |ledger: &ShareLedger, holder: &Holding, worth: u64| match holder.live_shares(ledger) {
            0 => 0,
            shares => u128::from(ledger.value_floor(shares, worth).unwrap()),
        };
        for (who, what, amount) in steps {
            let (was, before) = (ledger, holders);
            let had = worth;
            let mut holder = holders[who];
            let outcome = match what {
                0 | 1 => shares::issue(&mut ledger, &mut holder, amount, worth, 0).map(|_| worth += amount),
                2 => {
                    let asked = amount % (holder.live_shares(&ledger) + 1);
                    shares::request(&ledger, &mut holder, asked, worth, unix).map(|_| ())
                }
                3 => {
                    unix += COOLDOWN_SECONDS;
                    let terms = (worth / 1_000 * (amount % 1_200), 0);
                    let first = shares::leave(&mut ledger, &mut holder, worth, terms, unix);
                    unix += SECOND_CALL_MIN_SECONDS;
                    first.and_then(|_| shares::leave(&mut ledger, &mut holder, worth, terms, unix)).map(|done| {
                        worth -= done.paid_atoms();
                    })
                }
                4 => {
                    worth += amount % (worth / 3 + 2);
                    continue;
                }
                _ => {
                    worth -= amount % (worth + 1);
                    continue;
                }
            };
            if outcome.is_err() {
                ledger = was;
                continue;
            }
            holders[who] = holder;
            // Dividing the shares of a pool that lost almost all adds those that belong to nobody; one that is worth less than
            // these is nobody's.
            let unowned = u128::from(UNOWNED_SHARES_MIN);
            let diluted = u128::from(worth) * 2 * unowned / u128::from(ledger.total.max(1)) + u128::from(worth / ledger.total.max(1));
            let rounding = if ledger.generation == was.generation { 0 } else { diluted.max(unowned) + 1 };
            for other in (0..holders.len()).filter(|other| *other != who) {
                let (kept, owned) = (value(&ledger, &holders[other], worth), value(&was, &before[other], had));
                prop_assert!(kept + rounding >= owned, "{owned} became {kept}");
            }
            let all: u128 = holders.iter().map(|holder| value(&ledger, holder, worth)).sum();
            prop_assert!(all <= u128::from(worth));
        }
    }
}
