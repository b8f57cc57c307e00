//! What a deficit does: insurance within its caps, then all profit of the market alike, settled or open.

use crate::scene::{calm_world, free_params, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::bankruptcy::BankruptcyReport;
use breakwater_risk::health::Stance;
use breakwater_risk::units::CLAIM_INDEX_ONE;
use breakwater_risk::{MarketParams, MarketState};
use breakwater_sdk::preview;
use breakwater_sim::stage::BOND_ATOMS;
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};

/// A fall of 5 % on $500 000.
pub const LOSS: u64 = 25_000 * USD;

/// Accounts that are long $500 000 against "maker" each and will have no capital for a fall of 5 %.
fn failing(params: &MarketParams, names: &[&str]) -> World {
    let mut world = calm_world(params);
    world.trader("maker", 10_000_000 * USD);
    for name in names {
        world.trader(name, 100_000 * USD);
        world.trade(0, name, "maker", HALF_A_MILLION).unwrap();
        world.leave_capital(name, 0, "maker");
    }
    world.fall_to(0, 190 * USD);
    world
}

fn state(world: &World) -> MarketState {
    world.market(0).state
}

fn report(world: &World, name: &str) -> BankruptcyReport {
    let fund = world.stage.insurance_account().state;
    let (snapshot, now) = (world.stage.snapshot(), world.stage.bank.now());
    preview::resolve_bankruptcy(&snapshot, &world.account(name), 0, &fund, &now).unwrap()
}

pub fn fund(world: &World) -> u64 {
    world.stage.insurance_account().state.balance_atoms
}

#[test]
fn insurance_pays_within_its_caps_of_each_event_and_window() {
    let names = ["a", "b", "c", "d", "e"];
    let mut world = failing(&free_params(), &names);
    world.donate("maker", 60_000 * USD).unwrap();
    let mut paid = Vec::new();
    for name in &names[..4] {
        let before = fund(&world);
        let expected = report(&world, name);
        world.resolve(name, 0).unwrap();
        paid.push(before - fund(&world));
        let swept: u64 = expected.by_leg.iter().map(|leg| leg.swept.repaid.insurance_atoms).sum();
        assert_eq!(expected.insurance_atoms + swept, before - fund(&world), "{name}");
        assert_eq!(expected.deficit_atoms, LOSS);
    }
    // 25 % of what is there; then the $10 000 that are unfunded, and $5 000 that are left of 50 % of the window's fund; then nothing.
    assert_eq!(paid, [15_000 * USD, 15_000 * USD, 0, 0]);
    let window = 5 * 21_600; // quarters of a day
    world.pass(window * 5 / 2);
    world.fall_to(0, 190 * USD);
    let left = fund(&world);
    world.resolve("e", 0).unwrap();
    let repaid = left / 4; // toward what the four left unfunded, within what the fund set aside
    assert_eq!(left - fund(&world), repaid + (left - repaid) / 4);
}

#[test]
fn settled_and_open_profit_bear_the_rest_alike_and_claims_are_cut_once_all_profit_is_settled() {
    let mut world = calm_world(&free_params());
    for name in ["maker", "bankrupt", "claimant", "other long", "other short"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "bankrupt", "claimant", HALF_A_MILLION).unwrap();
    world.trade(0, "other long", "other short", HALF_A_MILLION).unwrap();
    world.leave_capital("bankrupt", 0, "maker");
    world.fall_to(0, 190 * USD);
    world.settle("claimant").unwrap();
    world.settle("other long").unwrap();
    let winners = ["claimant", "other short"];
    let worth = |world: &World| winners.map(|name| world.health(name, 0, Stance::Favour).equity());
    let before = worth(&world);
    let expected = report(&world, "bankrupt");
    assert_eq!((expected.reserve_atoms, expected.insurance_atoms, expected.claims_atoms), (BOND_ATOMS, 0, 0));
    let owed = LOSS - BOND_ATOMS; // the market's reserve pays first
    assert_eq!(expected.unfunded_atoms, owed);
    world.resolve("bankrupt", 0).unwrap();
    assert_eq!((state(&world).unfunded_atoms, state(&world).debts_total_atoms), (owed, 0));
    assert_eq!(world.account("bankrupt").state.legs[0].in_use, 0, "nothing is left of it");
    let lost = |world: &World| {
        let after = worth(world);
        [before[0] - after[0], before[1] - after[1]]
    };
    let half = i128::from(owed / 2);
    for lost in lost(&world) {
        assert!((lost - half).abs() <= 2, "{lost} of {half}");
    }
    world.settle("other short").unwrap();
    let claims = state(&world).claims_total_atoms;
    world.sweep(0).unwrap();
    assert_eq!((state(&world).unfunded_atoms, state(&world).claims_total_atoms), (0, claims - owed));
    for lost in lost(&world) {
        assert!((lost - half).abs() <= 2, "{lost} of {half}");
    }
}

#[test]
fn what_nobody_can_bear_is_unfunded_and_repaid_by_fees_and_insurance() {
    let params = MarketParams { insurance_event_ppm: 0, insurance_window_ppm: 0, ..free_params() };
    let mut world = failing(&MarketParams { trade_fee_ppm: 500, ..params }, &["bankrupt"]);
    world.resolve("bankrupt", 0).unwrap();
    assert_eq!(state(&world).unfunded_atoms, LOSS - BOND_ATOMS);
    let unfunded = state(&world).unfunded_atoms;
    // Nothing new is opened meanwhile: the fees are those of closes, and anybody may give.
    world.trader("buyer", 1_000_000 * USD);
    assert_refused(world.trade(0, "buyer", "maker", HALF_A_MILLION), BreakwaterError::UncoveredLoss);
    let fees = 5_000 * USD;
    world.edit_market(0, |market| market.state.fees_accrued_atoms += fees);
    world.edit_account("buyer", |account| account.state.capital_atoms -= fees);
    let (pool, before) = (state(&world).pool_atoms, world.stage.exchange_account().fees_atoms);
    world.sweep(0).unwrap();
    assert_eq!(state(&world).unfunded_atoms, unfunded - fees);
    assert_eq!(state(&world).pool_atoms, pool + fees);
    assert_eq!(world.stage.exchange_account().fees_atoms, before, "fees repay before anybody gets them");
    let given = world.cover_unfunded("buyer", 0, LOSS);
    given.unwrap();
    assert_eq!((state(&world).unfunded_atoms, state(&world).pool_atoms), (0, pool + unfunded));
    assert_refused(world.cover_unfunded("buyer", 0, 1), BreakwaterError::NothingToDo);
    world.trade(0, "buyer", "maker", HALF_A_MILLION).unwrap();
}

#[test]
fn bad_debt_of_one_market_touches_no_other() {
    let mut world = World::new();
    for _ in 0..2 {
        world.list(&free_params(), 200 * USD);
    }
    world.calm(1_000);
    for name in ["maker", "bankrupt", "bystander", "loser"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(1, "loser", "bystander", HALF_A_MILLION).unwrap();
    world.trade(0, "bankrupt", "maker", HALF_A_MILLION).unwrap();
    world.trade(1, "bankrupt", "maker", 1_000_000).unwrap();
    world.leave_capital("bankrupt", 0, "maker");
    for market in [0, 1, 0, 1] {
        world.publish_among(market, 190 * USD);
    }
    world.settle("bystander").unwrap();
    let (claims, bystander) = (world.market(1).state.claims_total_atoms, world.account("bystander").state);
    let expected = report(&world, "bankrupt");
    assert!(expected.deficit_atoms > LOSS, "both markets have a part of it");
    world.resolve("bankrupt", 0).unwrap();
    let own_deficit = expected.deficit_atoms - LOSS; // of market 1: $100 of $25 100
    let other = world.market(1).state;
    assert!(claims - other.claims_total_atoms <= own_deficit + 1, "market 1 bears its own part only");
    assert_eq!(world.account("bystander").state, bystander);
    assert!(world.market(0).state.claim_index == CLAIM_INDEX_ONE, "nobody in market 0 has settled claims");
    assert_eq!([0, 1].map(|market| world.market(market).state.debts_total_atoms), [0, 0]);
}

#[test]
fn a_debt_that_own_claims_cover_at_face_stays_and_waits_for_the_other_markets_losers() {
    let mut world = World::new();
    for _ in 0..2 {
        world.list(&free_params(), 200 * USD);
    }
    world.calm(1_000);
    for name in ["maker", "mixed", "loser"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "mixed", "maker", HALF_A_MILLION).unwrap(); // loses $25 000
    world.trade(1, "loser", "mixed", HALF_A_MILLION / 5).unwrap(); // wins $5 000
    world.leave_capital("mixed", 0, "maker");
    for market in [0, 1, 0, 1] {
        world.publish_among(market, 190 * USD);
    }
    let expected = report(&world, "mixed");
    assert_eq!(expected.own_claims_atoms, USD, "the other pool holds its seed only");
    assert_eq!(expected.deficit_atoms, LOSS - LOSS / 5);
    world.resolve("mixed", 0).unwrap();
    assert_eq!(world.market(0).state.debts_total_atoms, LOSS / 5 - USD);
    assert_eq!(world.market(1).state.claims_total_atoms, LOSS / 5 - USD);
    world.settle("loser").unwrap();
    world.pay_debt("mixed", 1, 0).unwrap();
    assert_eq!(world.market(0).state.debts_total_atoms, 0);
    assert!(world.account("mixed").state.legs.iter().all(|leg| !leg.is_used()));
}
