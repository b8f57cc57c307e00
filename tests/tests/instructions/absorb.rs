//! `absorb` of a whole leg, and its refusals. Parts of a leg: `absorb_partly`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::AccountMeta;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};

/// [`backed`] where "weak" is below h_bs.
fn distressed() -> World {
    let mut world = backed();
    weaken(&mut world, "weak", DISTRESSED);
    world
}

fn absorb(world: &World) -> Instruction {
    let account = world.who("weak").account;
    let others = world.stage.markets_with_backstop(&[account]);
    build::absorb(world.stage.exchange, world.stage.markets[0].key, account, &others)
}

/// The charge rate at which health stays as it is, `⌊H·mm⌋`.
fn zero_price_ppm(world: &World, name: &str) -> u64 {
    let health = world.health(name, 0, Stance::Favour);
    let equity = u64::try_from(health.equity()).unwrap();
    equity * health.leg_in(0).unwrap().maintenance_ppm / health.maintenance()
}

fn capital(world: &World) -> u64 {
    world.backstop().account.state.capital_atoms
}

#[test]
fn absorb_takes_the_whole_leg_of_a_distressed_account_at_the_mark_off_the_market() {
    for most_ppm in [MarketParams::SOL.charge_absorb_ppm, 10_000] {
        let mut world = distressed();
        world.edit_market(0, |market| market.state.params.charge_absorb_ppm = most_ppm);
        let rate = zero_price_ppm(&world, "weak").min(u64::from(most_ppm));
        assert!(rate < zero_price_ppm(&world, "weak") || most_ppm > 10_000, "both limits are tried");
        let (weak, had, market) = (world.account("weak").state, capital(&world), world.market(0));
        world.absorb("weak", 0).unwrap();
        let (weak_after, after) = (world.account("weak").state, world.market(0));
        let charge = LOTS_10K * market.state.mark / PPM * rate / PPM;
        let insurance = charge * u64::from(MarketParams::SOL.insurance_share_ppm) / PPM;
        assert_eq!(weak_after.capital_atoms, weak.capital_atoms - charge);
        assert_eq!(capital(&world), had + charge - insurance);
        assert_eq!(after.state.insurance_accrued_atoms, market.state.insurance_accrued_atoms + insurance);
        assert_eq!((world.lots("weak", 0), world.inventory(0)), (0, LOTS_10K as i64));
        assert!(!weak_after.legs[0].is_used(), "nothing is left of the leg");
        assert_eq!((after.state.flow, after.sequence), (market.state.flow, market.sequence + 1));
        assert_eq!(after.state.long.open_lots, market.state.long.open_lots);
        let view = world.backstop();
        assert_eq!(view.backstop.state.day, world.stage.time().1 as u64 / 86_400);
        let reference = (u128::from(had) << 32) / u128::from(BACKSTOP_ATOMS);
        assert_eq!(u128::from(view.backstop.state.reference_q32), reference, "the worth of a share before it");
    }
}

#[test]
fn absorb_takes_shorts_as_it_takes_longs() {
    let mut world = backed();
    world.trader("short", 100_000 * USD);
    world.trade(0, "maker", "short", LOTS_10K).unwrap();
    weaken(&mut world, "short", DISTRESSED);
    world.absorb("short", 0).unwrap();
    assert_eq!((world.lots("short", 0), world.inventory(0)), (0, -(LOTS_10K as i64)));
}

#[test]
fn absorb_ends_the_liquidation_of_an_account_that_is_rid_of_its_legs() {
    let mut world = distressed();
    world.flag("weak", 0).unwrap();
    world.absorb("weak", 0).unwrap();
    let account = world.account("weak").state;
    assert_eq!((account.flagged_slot, account.slice_due_slot), (0, 0));
    assert_refused(world.absorb("weak", 0), BreakwaterError::NoSuchLeg);
}

#[test]
fn absorb_nets_what_the_backstop_holds_on_the_other_side_beyond_its_cap() {
    let mut world = distressed();
    world.trader("short", 100_000 * USD);
    world.trade(0, "maker", "short", 2 * LOTS_10K).unwrap();
    world.absorb("weak", 0).unwrap();
    // Its cap in this market is lowered to nothing much: what nets may come, and little more.
    let cap = 1_000 * USD;
    world.edit_market(0, |market| market.state.params.backstop_max_atoms = cap);
    weaken(&mut world, "short", DISTRESSED);
    world.absorb("short", 0).unwrap();
    let beyond = cap * PPM / world.mark(0) - 1;
    assert_eq!(world.inventory(0), -(beyond as i64));
    assert_eq!(world.lots("short", 0), -((LOTS_10K - beyond) as i64));
    // Without any capital, too, it may net.
    world.leave_backstop_capital(0, "maker");
    assert_refused(world.absorb("short", 0), BreakwaterError::BackstopStandsAside);
}

#[test]
fn absorb_refuses_accounts_that_slices_can_help() {
    let mut world = backed();
    assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed);
    let mut world = with_weak(World::with_sol().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS));
    for part in [1_050_000, FAILING, 510_000] {
        weaken(&mut world, "weak", part);
        assert_refused(world.absorb("weak", 0), BreakwaterError::NotDistressed);
    }
    weaken(&mut world, "weak", 490_000);
    world.absorb("weak", 0).unwrap();
}

#[test]
fn absorb_refuses_who_has_nothing_left() {
    let mut world = distressed();
    world.leave_capital("weak", 0, "maker");
    assert_refused(world.absorb("weak", 0), BreakwaterError::NegativeEquity);
    let mut world = distressed();
    world.fall_to(0, 170 * USD);
    assert_refused(world.absorb("weak", 0), BreakwaterError::NegativeEquity);
    world.settle("weak").unwrap();
    assert_refused(world.absorb("weak", 0), BreakwaterError::NegativeEquity);
}

#[test]
fn absorb_refuses_a_market_without_parameters_and_an_exchange_without_a_backstop() {
    let mut world = distressed();
    world.edit_market(0, |market| market.state.params.backstop_max_atoms = 0);
    assert_refused(world.absorb("weak", 0), BreakwaterError::NoBackstop);
    let mut world = with_weak(quick());
    weaken(&mut world, "weak", DISTRESSED);
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopNotCreated);
}

#[test]
fn absorb_refuses_when_nothing_is_staked() {
    let mut world = quick();
    world.stage.create_backstop(LOSS_LINE_PPM).unwrap();
    let mut world = with_weak(world);
    weaken(&mut world, "weak", DISTRESSED);
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopStandsAside);
    // A gift without shares does not make it act either.
    let key = address::backstop_account(&world.stage.exchange);
    let gift = build::deposit(world.stage.exchange, owner(&world, "maker"), key, tokens(&world, "maker"), 9_000 * USD);
    world.send_as("maker", &[gift]).unwrap();
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopStandsAside);
}

#[test]
fn absorb_refuses_beyond_the_loss_line_of_the_day_and_takes_again_the_next_day() {
    let mut world = distressed();
    world.trader("second", 100_000 * USD);
    world.trade(0, "second", "maker", LOTS_10K).unwrap();
    world.absorb("weak", 0).unwrap();
    weaken(&mut world, "second", DISTRESSED);
    let kept = BACKSTOP_ATOMS - BACKSTOP_ATOMS * u64::from(LOSS_LINE_PPM) / PPM;
    let left = kept - (BACKSTOP_ATOMS >> 32) - 1; // the worth of a share is counted in 2^-32 atoms
    world.leave_backstop_capital(left, "maker");
    assert_refused(world.absorb("second", 0), BreakwaterError::BackstopStandsAside);
    pass_seconds(&mut world, 86_400);
    world.fall_to(0, 200 * USD);
    world.absorb("second", 0).unwrap();
    let state = world.backstop().backstop.state;
    assert_eq!(state.day, world.stage.time().1 as u64 / 86_400);
    assert_eq!(u128::from(state.reference_q32), (u128::from(left) << 32) / u128::from(BACKSTOP_ATOMS));
}

#[test]
fn absorb_takes_at_the_loss_line_itself() {
    let mut world = distressed();
    world.trader("second", 100_000 * USD);
    world.trade(0, "second", "maker", LOTS_10K).unwrap();
    world.absorb("weak", 0).unwrap();
    weaken(&mut world, "second", DISTRESSED);
    let kept = BACKSTOP_ATOMS - BACKSTOP_ATOMS * u64::from(LOSS_LINE_PPM) / PPM;
    world.leave_backstop_capital(kept, "maker");
    world.absorb("second", 0).unwrap();
}

#[test]
fn absorb_refuses_a_backstop_that_cannot_pay_its_losses() {
    let mut world = holding();
    world.trader("second", 100_000 * USD);
    world.trade(0, "second", "maker", LOTS_10K).unwrap();
    world.edit_backstop(|backstop| backstop.state.day = 0); // no loss line today
    world.leave_backstop_capital(100 * USD, "maker");
    world.fall_to(0, 197 * USD); // it lost $150
    let capital = world.health("second", 0, Stance::Favour).maintenance() * 2 / 5;
    world.leave_capital("second", capital + LOTS_10K * 3 * 10, "maker");
    assert_refused(world.absorb("second", 0), BreakwaterError::BackstopStandsAside);
}

#[test]
fn absorb_refuses_a_full_backstop() {
    let dust = MarketParams::SOL.min_position_atoms;
    // Its capital carries less than a smallest position.
    let mut world = distressed();
    world.edit_backstop(|backstop| backstop.state.day = 0);
    let rate = breakwater_risk::backstop::capital_rate_ppm(&world.market(0).state);
    world.leave_backstop_capital(dust * rate / PPM, "maker");
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopFull);
    world.leave_backstop_capital(0, "maker");
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopStandsAside);
    // Its cap in this market.
    let mut world = distressed();
    world.edit_market(0, |market| market.state.params.backstop_max_atoms = dust);
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopFull);
    world.edit_market(0, |market| market.state.params.backstop_max_atoms = 1);
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopFull);
}

#[test]
fn absorb_refuses_a_backstop_without_a_free_leg() {
    let mut world = distressed();
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.edit_backstop_account(|account| {
        account.state.legs.iter_mut().for_each(|leg| (leg.market_index, leg.in_use) = (1, 1));
    });
    world.edit_market(1, |market| market.state.leg_count += 16);
    assert_refused(world.absorb("weak", 0), BreakwaterError::BackstopFull);
}

#[test]
fn absorb_refuses_a_stale_price_and_a_wide_confidence() {
    let mut world = distressed();
    world.pass(23);
    assert_refused(world.absorb("weak", 0), BreakwaterError::PriceStale);
    for (confidence_ppm, expected) in [(20_001, Some(BreakwaterError::ConfidenceTooWide)), (5_001, None)] {
        let mut world = distressed();
        world.pass(5);
        let price = observation(&world, 0, 200 * USD, confidence_ppm);
        refresh_with(&mut world, 0, &price).unwrap();
        world.leave_capital("weak", 100 * USD, "maker");
        match expected {
            Some(error) => assert_refused(world.absorb("weak", 0), error),
            None => world.absorb("weak", 0).map(|_| ()).unwrap(),
        }
    }
}

#[test]
fn absorb_refuses_the_backstops_own_account() {
    let mut world = holding();
    world.leave_backstop_capital(USD, "maker");
    let key = address::backstop_account(&world.stage.exchange);
    let others = world.stage.markets_with_backstop(&[]);
    let own = build::absorb(world.stage.exchange, world.stage.markets[0].key, key, &others);
    assert_refused(world.send(&[own], &[]), BreakwaterError::BackstopAccount);
}

#[test]
fn absorb_refuses_wrong_accounts_of_the_backstop_and_of_another_exchange() {
    let mut world = distressed();
    let other = Other::beside(&mut world).with_pools(&mut world);
    let exchange = world.stage.exchange;
    let (backstop, account) = (address::backstop(&exchange), address::backstop_account(&exchange));
    let right = absorb(&world);
    for (from, to, error) in [
        (backstop, address::backstop(&other.exchange), BreakwaterError::WrongBackstop),
        (account, address::backstop_account(&other.exchange), BreakwaterError::WrongBackstop),
        (account, world.who("maker").account, BreakwaterError::WrongBackstop),
        (world.who("weak").account, other.trader.account, BreakwaterError::WrongExchange),
        (world.stage.markets[0].key, other.market.key, BreakwaterError::WrongExchange),
    ] {
        let instruction = right.clone().swapped(from, to);
        assert_refused(world.send(&[instruction], &[]), error);
    }
    for key in [world.stage.markets[0].key, world.who("weak").account, backstop, account] {
        assert_anchor(world.send(&[right.clone().readonly(key)], &[]), ErrorCode::ConstraintMut);
    }
}

#[test]
fn absorb_needs_the_markets_of_both_accounts_once() {
    let mut world = holding();
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.trader("second", 100_000 * USD);
    world.trade(1, "second", "maker", LOTS_10K).unwrap();
    weaken_all(&mut world, "second");
    let (market, account) = (world.stage.markets[1].key, world.who("second").account);
    let exchange = world.stage.exchange;
    let without_its_own = build::absorb(exchange, market, account, &[]);
    assert_refused(world.send(&[without_its_own], &[]), BreakwaterError::NoSuchMarket);
    let first = world.stage.markets[0].key;
    let mut repeated = build::absorb(exchange, market, account, &[first]);
    repeated.accounts.push(AccountMeta::new_readonly(market, false));
    assert_refused(world.send(&[repeated], &[]), BreakwaterError::DuplicateAccount);
    let right = build::absorb(exchange, market, account, &[first]);
    world.send(&[right], &[]).unwrap();
    assert_eq!((world.inventory(0), world.inventory(1)), (LOTS_10K as i64, LOTS_10K as i64));
}

/// Leaves an account whose only leg is in the second market below h_bs.
fn weaken_all(world: &mut World, name: &str) {
    let required = world.health(name, 1, Stance::Favour).maintenance();
    world.leave_capital(name, required * DISTRESSED / PPM, "maker");
}
