//! Single rules of settling, paying debts, netting and withdrawals, with expectations as formulas.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::health::Stance;
use breakwater_risk::settle::{self, Shares};
use breakwater_risk::state::AccountState;
use breakwater_risk::{cash, MarketParams, RiskError};
use money_support::{Exchange, DOLLAR, MARK, SEED};

const SOL: MarketParams = MarketParams::SOL;
/// Price units of an atom.
const ATOM: u64 = 1_000_000;
const WINDOW: u64 = SOL.profit_window_slots as u64;

#[test]
fn shares_sum_exactly_and_none_exceeds_its_weight() {
    for (atoms, weights) in [(10, vec![3, 3, 3, 3]), (7, vec![1, 0, 9, 4]), (0, vec![5]), (9, vec![2, 3, 4])] {
        let mut left = Shares { atoms, weight: weights.iter().sum() };
        let shares: Vec<u64> = weights.iter().map(|weight| left.take(*weight).unwrap()).collect();
        assert_eq!(shares.iter().sum::<u64>(), atoms);
        assert!(shares.iter().zip(&weights).all(|(share, weight)| share <= weight));
    }
}

/// Account 0 lost 300 in market 0 and 100 in market 1 with that much capital; account 1 won.
fn lost_in_two_markets(capital: u64) -> Exchange {
    let mut exchange = Exchange::new(SOL, 3, &[capital, 1_000 * DOLLAR, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 300, MARK).unwrap();
    exchange.trade(1, 0, 1, 100, MARK).unwrap();
    exchange.set_mark(0, MARK - ATOM);
    exchange.set_mark(1, MARK - ATOM);
    exchange
}

#[test]
fn settling_spreads_capital_over_the_debts_pro_rata() {
    let mut exchange = lost_in_two_markets(100);
    exchange.settle(0);
    assert_eq!(exchange.capital(0), 0);
    assert_eq!((exchange.leg(0, 0).debt_atoms, exchange.leg(0, 1).debt_atoms), (300 - 75, 100 - 25));
    assert_eq!((exchange.market(0).pool_atoms, exchange.market(1).pool_atoms), (SEED + 75, SEED + 25));
}

#[test]
fn leg_is_touched_alone_only_if_capital_covers_all_losses_or_is_nothing() {
    for (capital, touched) in [(400, true), (399, false), (1, false), (0, true)] {
        let exchange = lost_in_two_markets(capital);
        let allowed = exchange.health(0, Stance::Against, 0).require_touch_alone(0);
        assert_eq!(allowed, if touched { Ok(()) } else { Err(RiskError::SettleFirst) }, "capital {capital}");
    }
}

#[test]
fn only_leg_with_a_loss_takes_all_capital_and_may_be_touched_alone() {
    let mut exchange = lost_in_two_markets(1);
    exchange.set_mark(1, MARK + ATOM); // the other leg gains
    let health = exchange.health(0, Stance::Against, 0);
    assert_eq!(health.require_touch_alone(0), Ok(()));
    assert_eq!(health.require_touch_alone(1), Err(RiskError::SettleFirst));
}

#[test]
fn claim_pays_a_debt_elsewhere_only_as_far_as_the_claims_of_others_stay_covered() {
    let mut exchange = Exchange::new(SOL, 2, &[0, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 100, MARK).unwrap(); // will gain
    exchange.trade(0, 2, 1, 50, MARK).unwrap(); // gains too
    exchange.trade(1, 1, 0, 80, MARK).unwrap(); // account 0 will lose
    exchange.set_mark(0, MARK + ATOM);
    exchange.set_mark(1, MARK + ATOM);
    exchange.settle(0);
    exchange.settle(2);
    let pay = |exchange: &mut Exchange| {
        settle::pay_debt(&mut exchange.accounts[0], 0, 1, &mut exchange.markets, &exchange.now)
    };
    exchange.market(0).pool_atoms = 50; // what account 2 claims, and nothing else
    assert_eq!(pay(&mut exchange.clone()), Err(RiskError::NothingToDo));
    exchange.market(0).pool_atoms = 50 + 30;
    assert_eq!(pay(&mut exchange), Ok(30));
    assert_eq!((exchange.claim(0, 0), exchange.leg(0, 1).debt_atoms), (100 - 30, 80 - 30));
    assert_eq!((exchange.market(0).pool_atoms, exchange.market(1).pool_atoms), (50, SEED + 30));
    exchange.accounts[0].capital_atoms = 1;
    assert_eq!(pay(&mut exchange), Err(RiskError::SettleFirst));
}

/// Accounts 0 and 1 hold claims and debts of 10^9 each, crosswise, and no cash; nor do the pools.
fn waiting_for_each_other() -> Exchange {
    let mut exchange = Exchange::new(SOL, 2, &[0, 0, 1_000 * DOLLAR, 1_000 * DOLLAR]);
    for (market, (buyer, seller)) in [(0, (0, 1)), (1, (1, 0))] {
        exchange.trade(market, buyer, seller, 1_000_000, MARK).unwrap();
        exchange.set_mark(market, MARK + 1_000 * ATOM);
    }
    for account in [0, 1] {
        exchange.settle(account);
    }
    for market in [0, 1] {
        let (buyer, seller) = if market == 0 { (1, 0) } else { (0, 1) };
        exchange.trade(market, buyer, seller, 1_000_000, MARK + 1_000 * ATOM).unwrap();
        exchange.market(market).pool_atoms = 0;
    }
    exchange
}

#[test]
fn accounts_that_wait_for_each_others_cash_are_netted() {
    let mut exchange = waiting_for_each_other();
    // Nobody can move alone: no cash, no bankruptcy, and no conversion for anybody else in these markets.
    for (claim, debt) in [(0, 1), (1, 0)] {
        let account = usize::from(claim);
        let paid = settle::pay_debt(&mut exchange.accounts[account], claim, debt, &mut exchange.markets, &exchange.now);
        assert_eq!(paid, Err(RiskError::NothingToDo));
        assert_eq!(exchange.resolve(account, claim), Err(RiskError::NotBankrupt));
    }
    let residues = [exchange.residue(0), exchange.residue(1)];
    let mut members: Vec<AccountState> = exchange.accounts[..2].to_vec();
    let mut refs: Vec<&mut AccountState> = members.iter_mut().collect();
    let netted = settle::net_ring(&mut refs, &[0, 1], &mut exchange.markets, &exchange.now);
    assert_eq!(netted, Ok(1_000 * 1_000_000));
    exchange.accounts[..2].copy_from_slice(&members);
    assert_eq!([exchange.residue(0), exchange.residue(1)], residues);
    assert!(exchange.markets.0.iter().all(|market| market.leg_count == 0 && market.debts_total_atoms == 0));
}

#[test]
fn netting_refuses_members_with_cash_without_a_leg_or_with_nothing_to_net() {
    let exchange = waiting_for_each_other();
    let net = |members: [usize; 2], ring: &[u16], capital: u64| {
        let Exchange { markets, accounts, now, .. } = &mut exchange.clone();
        accounts[0].capital_atoms = capital;
        let mut members: Vec<AccountState> = members.iter().map(|member| accounts[*member]).collect();
        let mut refs: Vec<&mut AccountState> = members.iter_mut().collect();
        settle::net_ring(&mut refs, ring, markets, now)
    };
    assert_eq!(net([0, 1], &[0, 1], 1), Err(RiskError::SettleFirst));
    assert_eq!(net([1, 0], &[0, 1], 0), Err(RiskError::NothingToDo)); // claims and debts the other way round
    assert_eq!(net([0, 1], &[0, 0], 0), Err(RiskError::NothingToDo));
    assert_eq!(net([0, 1], &[0, 1, 0], 0), Err(RiskError::NoSuchLeg));
}

#[test]
fn withdrawals_count_losses_and_never_profits() {
    let mut exchange = lost_in_two_markets(1_000 * DOLLAR);
    let most = |exchange: &Exchange| {
        cash::withdrawable_atoms(&exchange.accounts[0], &exchange.markets, &exchange.now).unwrap()
    };
    let initial = exchange.health(0, Stance::Against, 0).initial();
    assert_eq!(most(&exchange), 1_000 * DOLLAR - 400 - initial);
    exchange.set_mark(0, MARK + 50 * ATOM);
    let initial = exchange.health(0, Stance::Against, 0).initial();
    assert_eq!(most(&exchange), 1_000 * DOLLAR - 100 - initial);
    exchange.settle(0);
    exchange.wait(2 * WINDOW);
    assert_eq!(most(&exchange), exchange.capital(0) - initial);
    let state = exchange.clone();
    let Exchange { markets, accounts, now, .. } = &mut exchange;
    let limit = most(&state);
    assert_eq!(cash::withdraw(&mut accounts[0], 0, markets, now), Err(RiskError::ZeroSize));
    assert_eq!(cash::withdraw(&mut accounts[0], limit + 1, markets, now), Err(RiskError::InitialMargin));
    let all = accounts[0].capital_atoms + 1;
    assert_eq!(cash::withdraw(&mut accounts[0], all, markets, now), Err(RiskError::InsufficientCapital));
    cash::withdraw(&mut accounts[0], limit, markets, now).unwrap();
    assert_eq!(accounts[0].capital_atoms, state.capital(0) - limit);
}
