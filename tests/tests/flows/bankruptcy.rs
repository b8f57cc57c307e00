//! What a deficit does: insurance within its caps, then claims and open lots of the other side, then nobody's book.

use crate::scene::{calm_world, free_params, HALF_A_MILLION};
use breakwater_risk::bankruptcy::BankruptcyReport;
use breakwater_risk::insurance::allowance;
use breakwater_risk::units::{notional_floor, CLAIM_INDEX_ONE};
use breakwater_risk::{MarketParams, MarketState};
use breakwater_sdk::preview;
use breakwater_sim::stage::BOND_ATOMS;
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
        let insurance = world.fund().state;
        let (before, allowed) = (fund(&world), allowance(&state(&world), &insurance, &world.stage.bank.now()));
        let expected = report(&world, name);
        world.resolve(name, 0).unwrap();
        paid.push(before - fund(&world));
        assert_eq!(Ok(before - fund(&world)), allowed, "{name}: the deficit is larger than any cap here");
        assert_eq!(expected.insurance_atoms, before - fund(&world));
        assert_eq!(expected.deficit_atoms, LOSS);
    }
    // 25 % of what is there, then what is left of 50 % of the window's fund, then nothing.
    assert_eq!(paid, [15_000 * USD, 11_250 * USD, 3_750 * USD, 0]);
    let window = 5 * 21_600; // quarters of a day
    world.pass(window * 5 / 2);
    world.fall_to(0, 190 * USD);
    let left = fund(&world);
    world.resolve("e", 0).unwrap();
    assert_eq!(left - fund(&world), left / 4);
}

#[test]
fn claims_and_open_lots_of_the_other_side_bear_the_rest_in_proportion() {
    let mut world = calm_world(&free_params());
    for name in ["maker", "bankrupt", "claimant", "other long", "other short"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "bankrupt", "claimant", HALF_A_MILLION).unwrap();
    world.trade(0, "other long", "other short", HALF_A_MILLION).unwrap();
    world.leave_capital("bankrupt", 0, "maker");
    world.fall_to(0, 190 * USD);
    world.settle("claimant").unwrap();
    assert_eq!(state(&world).claims_total_atoms, LOSS);
    let expected = report(&world, "bankrupt");
    world.resolve("bankrupt", 0).unwrap();
    let after = state(&world);
    // T: the claimant's claim. W: 2 % of the shorts that are left open after closing the bankrupt long against them.
    let notional = notional_floor(HALF_A_MILLION, world.mark(0)).unwrap();
    let (claims, lots) = (LOSS, notional * 2 / 100);
    let shared = LOSS - BOND_ATOMS; // the market's reserve pays first
    let by_claims = (u128::from(shared) * u128::from(claims) / u128::from(claims + lots)) as u64;
    assert_eq!((expected.claims_atoms, expected.lots_atoms), (by_claims, shared - by_claims));
    assert_eq!(expected.reserve_atoms, BOND_ATOMS);
    assert_eq!((expected.insurance_atoms, expected.unfunded_atoms), (0, 0));
    assert!(after.claims_total_atoms.abs_diff(LOSS - by_claims) <= 1);
    assert_eq!(after.debts_total_atoms, 0);
    assert_eq!(world.account("bankrupt").state.legs[0].in_use, 0, "nothing is left of it");
}

#[test]
fn what_nobody_can_bear_is_unfunded_and_repaid_by_fees_and_insurance() {
    let params = MarketParams { social_max_ppm: 0, insurance_event_ppm: 0, insurance_window_ppm: 0, ..free_params() };
    let mut world = failing(&MarketParams { trade_fee_ppm: 500, ..params }, &["bankrupt"]);
    world.resolve("bankrupt", 0).unwrap();
    assert_eq!(state(&world).unfunded_atoms, LOSS - BOND_ATOMS);
    world.sweep(0).unwrap(); // the fees of the first trade
    let unfunded = state(&world).unfunded_atoms;
    assert!(unfunded < LOSS - BOND_ATOMS);
    world.trader("buyer", 1_000_000 * USD);
    world.trade(0, "buyer", "maker", HALF_A_MILLION).unwrap();
    let fees = state(&world).fees_accrued_atoms;
    let pool = state(&world).pool_atoms;
    world.sweep(0).unwrap();
    assert_eq!(state(&world).unfunded_atoms, unfunded - fees);
    assert_eq!(state(&world).pool_atoms, pool + fees);
    assert_eq!(world.stage.exchange_account().fees_atoms, 0, "fees repay before anybody gets them");
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
