//! `deleverage` where there is a backstop: not while it can absorb, and at once when it cannot (spec O-15).

use crate::support::*;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::shares::UNOWNED_SHARES_MIN;
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::BOND_ATOMS;
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::{assert_refused, Pool};
use solana_keypair::Keypair;

/// [`backed`] where "weak" is below h_adl, not bankrupt.
fn critical() -> World {
    let mut world = backed();
    weaken(&mut world, "weak", CRITICAL_PART);
    assert!(world.health("weak", 0, Stance::Favour).equity() > 0);
    world
}

/// Asserts that the leg of "weak" is deleveraged now, and that the backstop would not have taken it.
#[track_caller]
fn assert_deleveraged(world: &mut World, refusal: BreakwaterError) {
    assert_refused(world.absorb("weak", 0), refusal);
    let held = world.inventory(0);
    world.deleverage("weak", 0).unwrap();
    assert_eq!((world.lots("weak", 0), world.inventory(0)), (0, held));
}

#[test]
fn deleverage_waits_while_the_backstop_can_absorb_the_leg_or_a_part_of_it() {
    let mut world = critical();
    assert_refused(world.deleverage("weak", 0), BreakwaterError::BackstopFirst);
    world.leave_backstop_capital(1_000 * USD, "maker"); // room for a part
    assert_refused(world.deleverage("weak", 0), BreakwaterError::BackstopFirst);
    while world.absorb("weak", 0).is_ok() {}
    assert!(world.inventory(0) > 0 && world.lots("weak", 0) > 0);
    weaken(&mut world, "weak", CRITICAL_PART);
    assert_deleveraged(&mut world, BreakwaterError::BackstopFull);
}

#[test]
fn deleverage_acts_where_the_market_has_no_backstop() {
    let mut world = critical();
    world.edit_market(0, |market| market.state.params.backstop_max_atoms = 0);
    assert_deleveraged(&mut world, BreakwaterError::NoBackstop);
    let mut world = with_weak(quick());
    weaken(&mut world, "weak", CRITICAL_PART);
    world.deleverage("weak", 0).unwrap();
}

#[test]
fn deleverage_acts_where_the_backstop_is_full() {
    let mut world = critical();
    world.edit_market(0, |market| market.state.params.backstop_max_atoms = MarketParams::SOL.min_position_atoms);
    assert_deleveraged(&mut world, BreakwaterError::BackstopFull);
    let mut world = critical();
    world.leave_backstop_capital(USD, "maker");
    assert_deleveraged(&mut world, BreakwaterError::BackstopFull);
    let mut world = critical();
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.edit_backstop_account(|account| {
        account.state.legs.iter_mut().for_each(|leg| (leg.market_index, leg.in_use) = (1, 1));
    });
    world.edit_market(1, |market| market.state.leg_count += 16);
    assert_deleveraged(&mut world, BreakwaterError::BackstopFull);
}

#[test]
fn deleverage_acts_where_the_backstop_stands_aside() {
    let mut world = critical();
    let today = world.stage.time().1 as u64 / 86_400;
    world.edit_backstop(|backstop| (backstop.state.day, backstop.state.reference_q32) = (today, 2 << 32));
    assert_deleveraged(&mut world, BreakwaterError::BackstopStandsAside);
    let mut empty = quick();
    empty.stage.create_backstop(LOSS_LINE_PPM).unwrap();
    let mut empty = with_weak(empty);
    weaken(&mut empty, "weak", CRITICAL_PART);
    assert_deleveraged(&mut empty, BreakwaterError::BackstopStandsAside);
    let mut ruined = critical();
    ruined.leave_backstop_capital(0, "maker");
    assert_deleveraged(&mut ruined, BreakwaterError::BackstopStandsAside);
}

#[test]
fn deleverage_acts_on_who_has_nothing_left_and_at_a_confidence_too_wide_to_absorb() {
    let mut world = critical();
    world.leave_capital("weak", 0, "maker");
    world.fall_to(0, 199 * USD); // below nothing even with the favour
    world.settle("weak").unwrap();
    assert_deleveraged(&mut world, BreakwaterError::NegativeEquity);
    let mut world = backed();
    world.leave_capital("weak", 100 * USD, "maker");
    widely(&mut world, 200 * USD);
    // All of the confidence counts for the account: it must fail with it.
    assert_refused(world.deleverage("weak", 0), BreakwaterError::NotCritical);
    widely(&mut world, 185 * USD);
    world.settle("weak").unwrap();
    assert_deleveraged(&mut world, BreakwaterError::ConfidenceTooWide);
}

/// Publishes a price twice, so wide that no slice is taken at it.
fn widely(world: &mut World, price_micro_usd: u64) {
    for _ in 0..2 {
        world.pass(5);
        let price = observation(world, 0, price_micro_usd, 20_001);
        refresh_with(world, 0, &price).unwrap();
    }
}

#[test]
fn leaving_out_the_backstops_market_or_accounts_bypasses_nothing() {
    let mut world = holding();
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.trader("second", 100_000 * USD);
    world.trade(1, "second", "maker", LOTS_10K).unwrap();
    let required = world.health("second", 1, Stance::Favour).maintenance();
    world.leave_capital("second", required / 5, "maker");
    let other = Other::beside(&mut world).with_pools(&mut world);
    let (exchange, market, account) = (world.stage.exchange, world.stage.markets[1].key, world.who("second").account);
    let without = build::deleverage(exchange, market, account, &[]);
    assert_refused(world.send(&[without], &[]), BreakwaterError::NoSuchMarket);
    let right = build::deleverage(exchange, market, account, &[world.stage.markets[0].key]);
    assert_refused(world.send(std::slice::from_ref(&right), &[]), BreakwaterError::BackstopFirst);
    let absent = Keypair::new();
    for from in [address::backstop(&exchange), address::backstop_account(&exchange)] {
        for to in [
            solana_signer::Signer::pubkey(&absent),
            address::backstop(&other.exchange),
            address::backstop_account(&other.exchange),
            other.trader.account,
        ] {
            let instruction = right.clone().swapped(from, to);
            assert_refused(world.send(&[instruction], &[]), BreakwaterError::WrongBackstop);
        }
    }
}

#[test]
fn the_backstops_own_leg_is_never_deleveraged_while_it_is_solvent() {
    let mut world = holding();
    let (market, key) = (world.stage.markets[0].key, address::backstop_account(&world.stage.exchange));
    let deleverage = build::deleverage(world.stage.exchange, market, key, &[]);
    // At any health, h_adl and nothing at all included.
    for capital in [BACKSTOP_ATOMS / 2, 100 * USD, USD, 1, 0] {
        world.leave_backstop_capital(capital, "maker");
        assert_refused(world.send(std::slice::from_ref(&deleverage), &[]), BreakwaterError::NotCritical);
    }
    // Nor below nothing at the mark, while what the price is unsure of could still make it whole.
    let (mark, lost) = (195 * USD, LOTS_10K * 5 * 10);
    for (owed, expected) in [(USD, Some(BreakwaterError::NotCritical)), (10 * USD, None)] {
        let mut world = holding();
        world.leave_backstop_capital(lost - owed, "maker");
        world.fall_to(0, mark);
        let unsure = LOTS_10K * world.market(0).state.confidence / PPM;
        assert_eq!(unsure > owed, expected.is_some());
        world.send(&[build::settle_account(key, &[market])], &[]).unwrap();
        let sent = world.send(std::slice::from_ref(&deleverage), &[]);
        match expected {
            Some(error) => assert_refused(sent, error),
            None => sent.map(|_| ()).unwrap(),
        }
    }
}

#[test]
fn the_backstops_own_leg_is_deleveraged_at_the_mark_once_it_owes_more_than_it_has() {
    let mut world = holding();
    let (market, key) = (world.stage.markets[0].key, address::backstop_account(&world.stage.exchange));
    let deleverage = build::deleverage(world.stage.exchange, market, key, &[]);
    world.leave_backstop_capital(100 * USD, "maker");
    world.fall_to(0, 195 * USD); // it lost $250
    let equity = world.health("maker", 0, Stance::Favour).equity();
    world.send(&[deleverage], &[]).unwrap();
    assert_eq!(world.inventory(0), 0);
    assert_eq!(world.health("maker", 0, Stance::Favour).equity(), equity, "the other side closed at the mark");
    world.settle("maker").unwrap();
    assert_eq!(world.lots("maker", 0), 0, "and as many lots");
    let owed = LOTS_10K * 5 * 10 - 100 * USD;
    assert_eq!(world.backstop().account.state.legs[0].debt_atoms, owed);
}

#[test]
fn a_bankrupt_backstop_is_resolved_like_anyone_and_starts_anew() {
    let mut world = holding();
    let (exchange, market) = (world.stage.exchange, world.stage.markets[0].key);
    let key = address::backstop_account(&exchange);
    world.leave_backstop_capital(1_000 * USD, "maker");
    let fund = 10_000 * USD;
    world.donate("maker", fund).unwrap();
    world.fall_to(0, 170 * USD); // it owes $1 500
    let fund = fund + world.market(0).state.insurance_accrued_atoms;
    let resolve = build::resolve_bankruptcy(exchange, key, &[market]);
    world.send(&[resolve], &[]).unwrap();
    let view = world.backstop();
    assert_eq!((view.account.state.capital_atoms, world.inventory(0)), (0, 0));
    assert!(view.account.state.legs.iter().all(|leg| !leg.is_used()));
    let deficit = LOTS_10K * 30 * 10 - 1_000 * USD;
    assert_eq!(world.fund().state.balance_atoms, fund - (deficit - BOND_ATOMS));
    // Nothing is left, so the shares are void and the next to enter starts anew.
    let generation = world.backstop().backstop.state.shares.generation;
    world.stake("lp", Pool::Backstop, 5_000 * USD).unwrap();
    let shares = world.backstop().backstop.state.shares;
    assert!(shares.generation > generation);
    assert_eq!(shares.total, 5_000 * USD);
    assert_eq!(world.stake_of("lp", Pool::Backstop).state.shares, 5_000 * USD - UNOWNED_SHARES_MIN);
}
