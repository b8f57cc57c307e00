//! Who calls first, and one bad print, decide nothing: what used to pay those who played the order of calls.

use crate::scene::{calm_world, capital, free_params, quick_world, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_risk::health::Stance;
use breakwater_risk::MarketParams;
use breakwater_sdk::instruction as build;
use breakwater_tests::world::{sol_params, World, CONFIDENCE_PPM, USD};
use breakwater_tests::{assert_refused, Pool};
use solana_signer::Signer;

fn fund(world: &World) -> u64 {
    world.fund().state.balance_atoms
}

fn equity(world: &World, name: &str, market: usize) -> i128 {
    world.health(name, market, Stance::Favour).equity()
}

fn uninsured() -> MarketParams {
    MarketParams { insurance_event_ppm: 0, insurance_window_ppm: 0, ..free_params() }
}

/// $50 000 are left unfunded in market 0. "whale" has nine tenths of the profit there, "hedged" one tenth, and a loss of $70 000 in
/// market 1 that its profit of $100 000 covers. Nobody is settled.
fn owing() -> World {
    let mut world = World::new();
    world.list(&uninsured(), 200 * USD);
    world.list(&free_params(), 200 * USD);
    world.calm(1_000);
    for name in ["whale", "hedged", "loser", "maker"] {
        world.trader(name, 5_000_000 * USD);
    }
    world.donate("maker", 1_000_000 * USD).unwrap();
    world.trade(0, "loser", "whale", 9 * HALF_A_MILLION).unwrap();
    world.trade(0, "loser", "hedged", HALF_A_MILLION).unwrap();
    world.trade(1, "hedged", "maker", HALF_A_MILLION * 7 / 10).unwrap();
    world.leave_capital("loser", 950_000 * USD, "maker");
    world.leave_capital("hedged", 0, "maker");
    for _ in 0..2 {
        world.publish_among(0, 160 * USD);
        world.publish_among(1, 160 * USD);
    }
    world.resolve("loser", 0).unwrap();
    world
}

#[test]
fn a_solvent_account_bears_its_part_whoever_is_settled_and_is_not_resolved() {
    let orders: [&[&str]; 4] = [&[], &["whale"], &["hedged"], &["hedged", "whale"]];
    for settled in orders {
        let mut world = owing();
        for name in settled {
            world.settle(name).unwrap();
        }
        let worth = equity(&world, "hedged", 1);
        let fair = i128::from(25_000 * USD);
        assert!((worth - fair).abs() <= i128::from(10 * USD), "{settled:?}: {worth} of {fair}");
        let before = fund(&world);
        assert_refused(world.resolve("hedged", 1), BreakwaterError::NotBankrupt);
        assert_eq!(fund(&world), before);
    }
}

#[test]
fn an_account_with_a_claim_that_is_partly_unbacked_is_written_off_once() {
    let mut world = World::new();
    world.list(&uninsured(), 200 * USD);
    world.list(&free_params(), 200 * USD);
    world.calm(1_000);
    for name in ["loser", "holder", "mixed", "maker"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.donate("maker", 1_000_000 * USD).unwrap();
    world.trade(0, "loser", "holder", 3 * HALF_A_MILLION / 4).unwrap();
    world.trade(0, "loser", "mixed", HALF_A_MILLION / 4).unwrap();
    world.trade(1, "mixed", "maker", HALF_A_MILLION / 8).unwrap();
    world.leave_capital("loser", 40_000 * USD, "maker"); // of a loss of $100 000
    world.leave_capital("mixed", 0, "maker");
    for _ in 0..2 {
        world.publish_among(0, 160 * USD);
    }
    world.resolve("loser", 0).unwrap();
    for _ in 0..2 {
        world.publish_among(1, 160 * USD);
    }
    for name in ["holder", "mixed", "maker"] {
        world.settle(name).unwrap();
    }
    let deficit = -equity(&world, "mixed", 1);
    assert!(deficit > 0);
    let holder = equity(&world, "holder", 0);
    let before = fund(&world);
    let mut resolved = 0;
    for _ in 0..5 {
        world.publish_among(1, 160 * USD);
        resolved += u32::from(world.resolve("mixed", 1).is_ok());
    }
    assert_eq!(resolved, 1, "a second resolution finds nothing");
    let drawn = i128::from(before - fund(&world));
    assert!((drawn - deficit).abs() <= i128::from(10 * USD), "{drawn} for a deficit of {deficit}");
    assert!((equity(&world, "holder", 0) - holder).abs() <= i128::from(10 * USD), "and nobody gains by it");
}

/// "weak" is long $500 000; at $150 it owes more than it has, at $200 it is sound.
fn exposed() -> World {
    let mut world = calm_world(&free_params());
    for name in ["weak", "maker"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "weak", "maker", HALF_A_MILLION).unwrap();
    let required = world.health("weak", 0, Stance::Favour).maintenance();
    world.leave_capital("weak", required * 5 / 4, "maker");
    world
}

#[test]
fn one_bad_print_closes_nothing_for_good_and_a_second_one_does() {
    let mut world = exposed();
    world.publish(0, 150 * USD);
    assert_refused(world.deleverage("weak", 0), BreakwaterError::NotCritical);
    assert_refused(world.resolve("weak", 0), BreakwaterError::NotBankrupt);
    world.publish(0, 200 * USD);
    assert_refused(world.resolve("weak", 0), BreakwaterError::NotBankrupt);
    world.fall_to(0, 150 * USD);
    world.resolve("weak", 0).unwrap();
}

#[test]
fn after_a_pause_of_the_feed_what_cannot_be_undone_waits_for_a_second_price() {
    let mut world = exposed();
    world.fall_to(0, 150 * USD);
    world.pass(150); // a minute
    world.publish(0, 150 * USD);
    assert_refused(world.resolve("weak", 0), BreakwaterError::PriceUnconfirmed);
    assert_refused(world.deleverage("weak", 0), BreakwaterError::PriceUnconfirmed);
    world.publish(0, 150 * USD);
    world.resolve("weak", 0).unwrap();
}

/// A flag by one print of −1.3 %: above maintenance again, the account is not sliced at the charge of a window that ran out.
#[test]
fn who_recovered_before_any_slice_is_not_sliced_for_an_old_flag() {
    let mut world = quick_world(&sol_params());
    for name in ["weak", "maker", "keeper"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "weak", "maker", HALF_A_MILLION).unwrap();
    let required = world.health("weak", 0, Stance::Favour).maintenance();
    world.leave_capital("weak", required * 105 / 100, "maker");
    world.publish(0, 197_300_000);
    world.flag("weak", 0).unwrap();
    world.publish(0, 200 * USD);
    world.pass(18);
    world.fall_to(0, 200 * USD);
    let before = (capital(&world, "weak"), world.lots("weak", 0));
    assert!(world.liquidate("keeper", "weak", 0).is_err());
    assert_eq!((capital(&world, "weak"), world.lots("weak", 0)), before);
}

/// The transaction that brings calm does not sell at a discount that ran up in the storm.
#[test]
fn the_first_calm_refresh_starts_the_auction_and_sells_without_discount() {
    let mut world = calm_world(&free_params()).with_backstop(500_000, 5_000_000 * USD);
    for name in ["maker", "keeper"] {
        world.trader(name, 10_000_000 * USD);
    }
    world.give_inventory(0, "maker", 8 * HALF_A_MILLION);
    world.calm(2_000);
    let time = world.stage.time().1;
    world.edit_market(0, |market| {
        let statistics = &mut market.state.statistics;
        statistics.reference_time = time - 4;
        statistics.variance_fast = statistics.variance_slow / 4 * 9 + statistics.variance_slow / 200;
    });
    world.publish(0, 200 * USD);
    assert_eq!(world.market(0).state.calm_since_slot, 0, "the market is just not calm");
    world.pass(12);
    world.stage.post(0, 200 * USD, CONFIDENCE_PPM);
    let (listed, account) = (world.stage.markets[0], world.who("keeper").account);
    let (owner, others) = (world.who("keeper").key.pubkey(), world.stage.markets_with_backstop(&[account]));
    let before = (capital(&world, "keeper"), world.inventory(0));
    let refresh = build::refresh_market(world.stage.exchange, listed.key, listed.price_account);
    let unwind = build::unwind(world.stage.exchange, owner, listed.key, account, u64::MAX, &others);
    world.send_as("keeper", &[refresh, unwind]).unwrap();
    assert!(world.inventory(0) < before.1, "something is sold");
    assert_eq!(capital(&world, "keeper"), before.0, "and no discount is paid");
}

/// Half of the fund's stakers see a market's gap before it is booked: what a whole side has lost beyond its margin counts.
#[test]
fn a_loss_that_no_debt_shows_yet_is_deducted_from_who_leaves() {
    let mut world = quick_world(&free_params());
    for name in ["first", "alice"] {
        crate::pools::enter(&mut world, name, Pool::Insurance, 1_000_000 * USD);
    }
    for name in ["ruined", "maker"] {
        world.trader(name, 1_000_000 * USD);
    }
    world.trade(0, "ruined", "maker", HALF_A_MILLION).unwrap();
    world.leave_capital("ruined", 0, "maker");
    let seen = |world: &World| breakwater_risk::insurance::visible_loss_atoms(&world.market(0).state).unwrap();
    assert_eq!(seen(&world), 0);
    world.fall_to(0, 150 * USD); // it lost $125 000
    assert_eq!(world.market(0).state.debts_total_atoms, 0, "nobody settled it");
    let loss = 125_000 * USD;
    assert!(seen(&world) > loss / 2 && seen(&world) <= loss, "{}", seen(&world));
}
