//! Comparisons of what the pools do: absorb and unwind, stakes and their redemption.

use crate::compare::Before;
use crate::states::{States, MARKETS};
use breakwater_risk::shares::{LeaveStep, SECOND_CALL_MIN_SECONDS};
use breakwater_sdk::preview;
use breakwater_tests::world::USD;
use breakwater_tests::Pool;
use rand::Rng;

/// Somebody with a stake in either pool.
const HOLDER: &str = "lp";

pub fn absorb(states: &mut States, name: &'static str, before: &Before) {
    let (index, backstop) = (before.index(), &before.backstop);
    let expected = preview::absorb(&before.snapshot, index, &before.account, backstop, &before.now);
    let sent = states.world.absorb(&before.name, before.market);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let world = &states.world;
    let [touched, held] = before.lots([&before.account, &backstop.account]);
    assert_eq!(world.lots(&before.name, before.market), touched + report.closed_lots);
    assert_eq!(world.inventory(before.market), held - report.closed_lots);
    let (old, new) = (before.state(before.market), world.market(before.market).state);
    assert_eq!(new.insurance_accrued_atoms - old.insurance_accrued_atoms, report.insurance_atoms);
    assert_eq!(new.flow, old.flow, "no flow is used");
    let account = world.account(&before.name).state;
    assert_eq!(account.flagged_slot == 0, report.is_restored);
    // Cash of both, the pool and insurance's part is the same in sum: what the failing account paid is what was received.
    let cash = |capital: u64, backstop: u64, pool: u64, accrued: u64| capital + backstop + pool + accrued;
    let had = backstop.account.state.capital_atoms;
    let has = world.backstop().account.state.capital_atoms;
    assert_eq!(
        cash(before.account.state.capital_atoms, had, old.pool_atoms, old.insurance_accrued_atoms),
        cash(account.capital_atoms, has, new.pool_atoms, new.insurance_accrued_atoms),
    );
    if new.pool_atoms == old.pool_atoms {
        assert_eq!(before.account.state.capital_atoms - account.capital_atoms, report.charge_atoms);
        assert_eq!(has - had, report.charge_atoms - report.insurance_atoms);
    }
}

pub fn unwind(states: &mut States, name: &'static str, before: &Before) {
    if states.rng.random_range(0..5) > 0 {
        states.calm_down();
    }
    let market = (0..MARKETS).find(|market| states.world.inventory(*market) != 0).unwrap_or(before.market);
    // Somebody without debts takes it, so that more than refusals is compared.
    let before = Before::read(&states.world, before.name.clone(), market);
    let most = [1_u64, 1_000_000, u64::MAX][states.rng.random_range(0..3)];
    let (index, backstop) = (before.index(), &before.backstop);
    let expected = preview::unwind(&before.snapshot, index, backstop, &before.keeper, most, &before.now);
    let sent = states.world.unwind("keeper", market, most);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let world = &states.world;
    let [held, touched] = before.lots([&backstop.account, &before.keeper]);
    assert_eq!(world.inventory(market), held + report.closed_lots);
    assert_eq!(world.lots("keeper", market), touched - report.closed_lots);
    assert!(report.closed_lots.unsigned_abs() <= most);
    let (old, new) = (before.state(market), world.market(market).state);
    if new.pool_atoms == old.pool_atoms {
        let gained = world.account("keeper").state.capital_atoms - before.keeper.state.capital_atoms;
        assert_eq!(gained, report.discount_atoms);
    }
}

pub fn stake_insurance(states: &mut States, name: &'static str, before: &Before) {
    let amount = states.rng.random_range(1..1_000 * USD);
    let stake = states.world.stake_of(HOLDER, Pool::Insurance);
    let count = states.world.stage.exchange_account().market_count;
    let expected = preview::stake_insurance(&before.snapshot, &states.world.fund(), &stake, amount, count);
    let sent = states.world.stake(HOLDER, Pool::Insurance, amount);
    let Some(issued) = states.agree(name, expected, sent) else { return };
    let (after, shares) = (states.world.stake_of(HOLDER, Pool::Insurance).state, states.world.fund().state.shares);
    assert_eq!(after.shares, stake.state.live_shares(&shares) + issued);
}

pub fn stake_backstop(states: &mut States, name: &'static str, before: &Before) {
    let amount = states.rng.random_range(1..1_000 * USD);
    let stake = states.world.stake_of(HOLDER, Pool::Backstop);
    let expected = preview::stake_backstop(&before.snapshot, &before.backstop, &stake, amount, &before.now);
    let sent = states.world.stake(HOLDER, Pool::Backstop, amount);
    let Some(issued) = states.agree(name, expected, sent) else { return };
    let after = states.world.stake_of(HOLDER, Pool::Backstop).state;
    let shares = states.world.backstop().backstop.state.shares;
    assert_eq!(after.shares, stake.state.live_shares(&shares) + issued);
}

pub fn unstake_insurance(states: &mut States, name: &'static str, _before: &Before) {
    ask(states, Pool::Insurance);
    if states.rng.random_range(0..5) > 0 {
        states.calm_down();
    }
    let world = &mut states.world;
    let (fund, stake) = (world.fund(), world.stake_of(HOLDER, Pool::Insurance));
    let (snapshot, now) = (world.stage.snapshot(), world.stage.bank.now());
    let count = world.stage.exchange_account().market_count;
    let expected = preview::unstake_insurance(&snapshot, &fund, &stake, count, &now);
    let had = wallet(states);
    let sent = states.world.unstake(HOLDER, Pool::Insurance);
    let Some(step) = states.agree(name, expected, sent) else { return };
    check_note(states, Pool::Insurance, &step);
    assert_eq!(wallet(states) - had, step.paid_atoms());
    assert_eq!(fund.state.balance_atoms - states.world.fund().state.balance_atoms, step.paid_atoms());
    let left = states.world.stake_of(HOLDER, Pool::Insurance).state.shares;
    let held = stake.state.live_shares(&states.world.fund().state.shares);
    assert_eq!(held - left, step.redemption().map_or(0, |redemption| redemption.burned_shares));
}

pub fn unstake_backstop(states: &mut States, name: &'static str, _before: &Before) {
    ask(states, Pool::Backstop);
    let world = &mut states.world;
    let (view, stake) = (world.backstop(), world.stake_of(HOLDER, Pool::Backstop));
    let (snapshot, now) = (world.stage.snapshot(), world.stage.bank.now());
    let expected = preview::unstake_backstop(&snapshot, &view, &stake, &now);
    let had = wallet(states);
    let sent = states.world.unstake(HOLDER, Pool::Backstop);
    let Some(step) = states.agree(name, expected, sent) else { return };
    check_note(states, Pool::Backstop, &step);
    assert_eq!(wallet(states) - had, step.paid_atoms());
    let capital = states.world.backstop().account.state.capital_atoms;
    assert_eq!(view.account.state.capital_atoms - capital, step.paid_atoms());
    let left = states.world.stake_of(HOLDER, Pool::Backstop).state.shares;
    let held = stake.state.live_shares(&states.world.backstop().backstop.state.shares);
    assert_eq!(held - left, step.redemption().map_or(0, |redemption| redemption.burned_shares));
}

/// A first call notes what it says.
fn check_note(states: &States, pool: Pool, step: &LeaveStep) {
    let stake = states.world.stake_of(HOLDER, pool).state;
    if let LeaveStep::Noted { noted_atoms, payable_from, .. } = step {
        assert_eq!(stake.noted_atoms, *noted_atoms);
        assert_eq!(stake.noted_at + SECOND_CALL_MIN_SECONDS, *payable_from);
    }
}

/// Asks a small part of the shares back, mostly long enough ago and with a first call an hour ago.
fn ask(states: &mut States, pool: Pool) {
    let part = states.rng.random_range(2..50);
    let shares = states.world.stake_of(HOLDER, pool).state.shares / part;
    let _ = states.world.request_unstake(HOLDER, pool, shares); // refused once the generation has gone by
    if states.rng.random_range(0..5) > 0 {
        states.world.make_due(HOLDER, pool);
    }
    if !shares.is_multiple_of(4) {
        states.world.make_noted(HOLDER, pool);
    }
}

fn wallet(states: &States) -> u64 {
    states.world.stage.bank.token_balance(&states.world.who(HOLDER).wallet)
}
