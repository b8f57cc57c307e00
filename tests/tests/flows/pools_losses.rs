//! Losses of the pools: nobody escapes from one that is visible, and draws move exactly what they book.

use crate::pools::{enter, exit_worth, holding, now, shares, wallet, LOTS, PUT_IN};
use crate::scene::{calm_world, free_params};
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::shares::COOLDOWN_SECONDS;
use breakwater_risk::{draws, MarketParams};
use breakwater_sdk::preview;
use breakwater_sim::stage::BOND_ATOMS;
use breakwater_tests::world::{World, USD};
use breakwater_tests::{assert_refused, Pool};

/// A request of all shares, and the cooldown; prices are fresh after it.
fn ask_and_wait(world: &mut World, name: &str, pool: Pool) {
    let all = shares(world, name, pool);
    world.request_unstake(name, pool, all).unwrap();
    world.pass(u64::try_from(COOLDOWN_SECONDS).unwrap() * 5 / 2);
    let price = world.price(0);
    world.fall_to(0, price);
}

/// A fund of two stakers, and a long of $100 000 that a fall to $150 ruins.
fn insured() -> World {
    let mut world = calm_world(&free_params());
    for name in ["alice", "late", "ruined", "maker"] {
        world.trader(name, 1_000_000 * USD);
    }
    for name in ["alice", "late"] {
        enter(&mut world, name, Pool::Insurance, PUT_IN);
    }
    world.trade(0, "ruined", "maker", LOTS).unwrap();
    let required = world.health("ruined", 0, Stance::Favour).initial();
    world.leave_capital("ruined", 2 * required, "maker");
    ask_and_wait(&mut world, "alice", Pool::Insurance);
    world
}

/// Leaving now, she would pay her half of what the market may draw soon: nobody who states a least amount does.
fn alice_would_bear_her_part(world: &mut World) {
    let fair = PUT_IN - 1;
    world.make_noted("alice", Pool::Insurance);
    assert_refused(world.unstake_at_least("alice", Pool::Insurance, fair), BreakwaterError::PaidBelowLeast);
    let (fund, stake) = (world.fund(), world.stake_of("alice", Pool::Insurance));
    let (snapshot, now) = (world.stage.snapshot(), world.stage.bank.now());
    let paid = preview::unstake_insurance(&snapshot, &fund, &stake, 1, &now).unwrap().paid_atoms();
    let cap = fund.state.balance_atoms * u64::from(MarketParams::SOL.insurance_window_ppm) / PPM;
    let market = world.market(0).state;
    let at_risk = market.long.open_lots * (market.mark / PPM) + market.debts_total_atoms;
    assert!(paid <= PUT_IN - at_risk.min(cap) / 2 + 1 && at_risk > 0, "{paid} with {at_risk} at risk");
}

#[test]
fn nobody_leaves_the_insurance_fund_from_a_loss_that_is_visible() {
    let mut world = insured();
    // The price that ruins an account is published, and nobody has refreshed for more than a minute.
    world.pass(153);
    alice_would_bear_her_part(&mut world);
    world.fall_to(0, 150 * USD);
    alice_would_bear_her_part(&mut world);
    world.settle("ruined").unwrap();
    alice_would_bear_her_part(&mut world);
    // Once it is resolved and calm has come back, whoever leaves has borne their part.
    let before = world.fund().state.balance_atoms;
    world.resolve("ruined", 0).unwrap();
    let drawn = before - world.fund().state.balance_atoms;
    assert!(drawn > 0);
    world.settle("maker").unwrap();
    calm_down(&mut world);
    let (had, unfunded) = (wallet(&world, "alice"), world.market(0).state.unfunded_atoms);
    world.make_noted("alice", Pool::Insurance);
    world.unstake("alice", Pool::Insurance).unwrap();
    assert!(wallet(&world, "alice") - had <= PUT_IN - (drawn + unfunded) / 2 + 1);
}

/// The volatility of the market falls back to what it was in calm.
fn calm_down(world: &mut World) {
    world.edit_market(0, |market| market.state.statistics.variance_fast = market.state.statistics.variance_slow);
}

#[test]
fn nobody_leaves_the_insurance_fund_from_a_debt_that_no_open_lots_show_any_more() {
    let mut world = insured();
    world.fall_to(0, 150 * USD);
    world.settle("ruined").unwrap();
    // Deleveraged at the mark: no lots are open, the deficit is there and not resolved yet.
    world.deleverage("ruined", 0).unwrap();
    world.settle("maker").unwrap();
    let market = world.market(0).state;
    assert_eq!((market.long.open_lots, market.unfunded_atoms), (0, 0));
    assert!(market.debts_total_atoms > 0);
    alice_would_bear_her_part(&mut world);
    let before = world.fund().state.balance_atoms;
    world.resolve("ruined", 0).unwrap();
    assert_eq!(world.market(0).state.debts_total_atoms, 0);
    let drawn = before - world.fund().state.balance_atoms;
    let had = wallet(&world, "alice");
    let missing = drawn + world.market(0).state.unfunded_atoms;
    calm_down(&mut world);
    world.make_noted("alice", Pool::Insurance);
    world.unstake("alice", Pool::Insurance).unwrap();
    assert!(wallet(&world, "alice") - had <= PUT_IN - missing / 2 + 1, "alice bears her half");
}

#[test]
fn nobody_leaves_the_backstop_from_a_loss_that_is_visible() {
    let mut world = holding();
    ask_and_wait(&mut world, "lp", Pool::Backstop);
    let (all, calm_worth) =
        (shares(&world, "lp", Pool::Backstop), exit_worth(&world, shares(&world, "lp", Pool::Backstop)));
    // Nobody refreshed: the declared gap is deducted.
    world.pass(23);
    let gap = LOTS * 200 * 10 / 5; // 20 % of the notional
    assert!(exit_worth(&world, all) <= calm_worth - gap / 2 + gap / 1_000);
    // The fall is refreshed: it counts at once, though the account was not settled.
    world.fall_to(0, 170 * USD);
    let lost = LOTS * 30 * 10;
    // What the worst unseen move would take is less at the lower price.
    let unseen = lost / 2 * u64::from(free_params().worst_move_ppm) / 1_000_000;
    let had = calm_worth - lost / 2 + unseen + USD / 10;
    assert!(exit_worth(&world, all) <= had);
    let had = wallet(&world, "lp");
    world.make_noted("lp", Pool::Backstop);
    world.unstake("lp", Pool::Backstop).unwrap();
    let state = world.stake_of("lp", Pool::Backstop).state;
    let (paid, left) = (wallet(&world, "lp") - had, state.shares);
    assert!(u128::from(paid) * u128::from(all) <= u128::from(had) * u128::from(all - left));
}

#[test]
fn draws_leave_the_fund_by_exactly_what_the_pools_receive() {
    let mut world = insured();
    world.fall_to(0, 150 * USD);
    world.settle("ruined").unwrap();
    let (fund, market, booked) =
        (world.fund().state, world.market(0).state, world.stage.exchange_account().booked_atoms);
    world.resolve("ruined", 0).unwrap();
    let (after, market_after) = (world.fund().state, world.market(0).state);
    let drawn = fund.balance_atoms - after.balance_atoms;
    let cap = fund.balance_atoms * u64::from(MarketParams::SOL.insurance_event_ppm) / PPM;
    assert_eq!(drawn, cap.min(market.debts_total_atoms - BOND_ATOMS));
    assert_eq!(market_after.pool_atoms, market.pool_atoms + BOND_ATOMS + drawn);
    assert_eq!(draws::drawn_in_window(&market_after.insurance, &now(&world)), Ok(drawn));
    assert_eq!(world.stage.exchange_account().booked_atoms, booked, "cash moved inside the vault");
    assert_eq!(after.shares, fund.shares, "shares bear it, none is made or burned");
}

#[test]
fn a_sweep_repays_by_exactly_what_it_takes_from_fees_and_fund_and_within_what_the_fund_set_aside() {
    let mut world = insured();
    let missing = 300_000 * USD;
    let fees = 70 * USD;
    world.edit_market(0, |market| {
        market.state.unfunded_atoms = missing;
        market.state.unfunded_allowance_atoms = missing;
        market.state.fees_accrued_atoms += fees;
    });
    world.edit_account("maker", |account| account.state.capital_atoms -= fees);
    let (fund, market) = (world.fund().state, world.market(0).state);
    let mut repaid = 0;
    let event_ppm = u64::from(MarketParams::SOL.insurance_event_ppm);
    while world.sweep(0).is_ok() {
        let (fund_after, after) = (world.fund().state, world.market(0).state);
        repaid = after.pool_atoms - market.pool_atoms;
        assert_eq!(market.unfunded_atoms - after.unfunded_atoms, repaid);
        assert_eq!(fund.balance_atoms - fund_after.balance_atoms, repaid - fees - BOND_ATOMS);
    }
    // The cap of an event, then that of what is left, which is all the fund still sets aside.
    let first = fund.balance_atoms * event_ppm / PPM;
    let second = (fund.balance_atoms - first) * event_ppm / PPM;
    assert_eq!(repaid - fees - BOND_ATOMS, first + second);
}
