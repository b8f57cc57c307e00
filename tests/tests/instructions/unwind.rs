//! `unwind`: the backstop sells to keepers by an auction that starts when a sale becomes possible.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::fixed::{ONE_Q32, PPM};
use breakwater_risk::flow::utilisation;
use breakwater_risk::health::Stance;
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};
use solana_signer::Signer;

const LOTS: i64 = LOTS_10K as i64;
/// Lots of $10 at $200: fewer are dust.
const LEAST: u64 = 5_000;

/// A deep and calm market in which the backstop holds $10 000.
fn deep() -> World {
    let mut world = with_weak(World::with_sol().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS));
    weaken(&mut world, "weak", DISTRESSED);
    world.absorb("weak", 0).unwrap();
    world
}

fn unwind(world: &World, most_lots: u64) -> Instruction {
    let (keeper, account) = (owner(world, "keeper"), world.who("keeper").account);
    let others = world.stage.markets_with_backstop(&[account]);
    build::unwind(world.stage.exchange, keeper, world.stage.markets[0].key, account, most_lots, &others)
}

fn capitals(world: &World) -> (u64, u64) {
    (world.backstop().account.state.capital_atoms, world.account("keeper").state.capital_atoms)
}

/// Lets slots pass until so many have passed since the backstop took its lots, with a fresh price.
fn at_place(world: &mut World, place: u64) {
    let start = world.market(0).state.absorbed_slot;
    assert_eq!(world.stage.time().0, start, "just taken");
    // A pause of the feed of more than 8 s would start the auction anew.
    let mut left = place;
    while left >= 5 {
        let step = if left >= 10 { left.min(20) - 5 } else { left };
        world.pass(step - 5);
        world.publish(0, 200 * USD);
        left -= step;
    }
    world.pass(left);
    assert_eq!(world.stage.time().0, start + place);
}

/// The discount of the auction that many slots after its start, ppm.
fn auction_ppm(slots: u64) -> u64 {
    let window = u64::from(MarketParams::SOL.dutch_slots);
    u64::from(MarketParams::SOL.charge_max_ppm) * slots.min(window) / window
}

#[test]
fn unwind_sells_at_the_mark_less_a_discount_that_rises_from_nothing_since_the_backstop_took_the_lots() {
    for place in [0, 1, 7, 19, 20, 33] {
        let mut world = deep();
        at_place(&mut world, place);
        let (before, market) = (capitals(&world), world.market(0));
        world.unwind("keeper", 0, u64::MAX).unwrap();
        let (after, market_after) = (capitals(&world), world.market(0));
        let discount = LOTS_10K * market.state.mark / PPM * auction_ppm(place) / PPM;
        assert_eq!(after, (before.0 - discount, before.1 + discount));
        assert_eq!((world.inventory(0), world.lots("keeper", 0)), (0, LOTS));
        assert_eq!(market_after.sequence, market.sequence + 1);
        let used = (u128::from(LOTS_10K * market.state.mark / PPM) << 32)
            .div_ceil(u128::from(market.state.depth.capacity_atoms));
        assert_eq!(market_after.state.flow.utilisation_q32, -(used as i64), "a forced sell");
    }
}

#[test]
fn the_auction_starts_when_the_market_became_calm_or_the_meter_came_down_to_a_quarter_if_that_was_later() {
    let (recovery, quarter) = (i64::from(MarketParams::SOL.flow_recovery_slots), i64::try_from(ONE_Q32 / 4).unwrap());
    let slots = |slots: i64| slots * 4 * quarter / recovery; // utilisation that decays in so many
                                                             // Slots after the acquisition: of the first calm refresh, and until the meter is down to a quarter.
    for (restless, used) in [(0, 0), (8, 0), (0, 6), (8, 6), (6, 8)] {
        let mut world = deep();
        let taken = world.market(0).state.absorbed_slot;
        at_place(&mut world, 12);
        world.edit_market(0, |market| {
            market.state.calm_since_slot = taken + restless;
            market.state.flow.slot = taken;
            // Forced buys: they leave room for sells.
            market.state.flow.utilisation_q32 = if used > 0 { quarter + slots(used) } else { 0 };
        });
        let before = capitals(&world);
        world.unwind("keeper", 0, u64::MAX).unwrap();
        let start = restless.max(used.unsigned_abs());
        let discount = LOTS_10K * world.mark(0) / PPM * auction_ppm(12 - start) / PPM;
        assert_eq!(capitals(&world), (before.0 - discount, before.1 + discount), "{restless} and {used}");
    }
}

#[test]
fn a_restless_refresh_ends_the_auction() {
    let mut world = deep();
    world.publish(0, 230 * USD);
    let market = world.market(0).state;
    assert_eq!(market.calm_since_slot, 0);
    assert_refused(world.unwind("keeper", 0, LEAST), BreakwaterError::NotCalm);
}

#[test]
fn the_discount_is_at_most_the_zero_price_of_the_backstop_and_its_cash_above_its_losses() {
    for (most, is_capped_by_cash) in [(LOTS_10K / 2, false), (u64::MAX, true)] {
        let mut world = deep();
        at_place(&mut world, 20);
        world.leave_backstop_capital(100 * USD, "maker");
        let view = world.backstop().account;
        let (mark, market) = (world.mark(0), world.market(0).state);
        let health = breakwater_risk::health::Health::assess_as_acted(
            &view.state,
            Stance::Against,
            &world.stage.snapshot(),
            &world.stage.bank.now(),
        )
        .unwrap();
        let zero = 100 * USD * health.legs()[0].maintenance_ppm / health.maintenance();
        assert!(zero < u64::from(MarketParams::SOL.charge_max_ppm), "below the auction's rate");
        let lots = most.min(LOTS_10K);
        let (by_rate, spare) = (lots * mark / PPM * zero / PPM, 100 * USD - LOTS_10K * market.confidence / PPM);
        assert_eq!(spare < by_rate, is_capped_by_cash);
        let before = capitals(&world);
        world.unwind("keeper", 0, most).unwrap();
        let discount = by_rate.min(spare);
        assert_eq!(capitals(&world), (before.0 - discount, before.1 + discount));
    }
}

#[test]
fn unwind_sells_no_more_than_the_keeper_asks_for() {
    let mut world = deep();
    world.unwind("keeper", 0, LEAST).unwrap();
    assert_eq!((world.inventory(0), world.lots("keeper", 0)), (LOTS - LEAST as i64, LEAST as i64));
    world.unwind("keeper", 0, LOTS_10K / 2).unwrap();
    assert_eq!((world.inventory(0), world.lots("keeper", 0)), (LOTS / 2 - LEAST as i64, LOTS / 2 + LEAST as i64));
    assert_refused(world.unwind("keeper", 0, LEAST - 1), BreakwaterError::PositionTooSmall);
    assert_refused(world.unwind("keeper", 0, 0), BreakwaterError::NothingToDo);
}

#[test]
fn unwind_buys_back_what_the_backstop_is_short_of() {
    let mut world = with_weak(World::with_sol().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS));
    world.trader("short", 100_000 * USD);
    world.trade(0, "maker", "short", LOTS_10K).unwrap();
    weaken(&mut world, "short", DISTRESSED);
    world.absorb("short", 0).unwrap();
    world.unwind("keeper", 0, u64::MAX).unwrap();
    assert_eq!((world.inventory(0), world.lots("keeper", 0)), (0, -LOTS));
    assert!(world.market(0).state.flow.utilisation_q32 > 0, "a forced buy");
}

#[test]
fn unwind_leaves_three_quarters_of_the_flow_to_liquidations() {
    let mut world = deep();
    let capacity = 20_000 * USD; // a quarter of it is half of what is held
    world.edit_market(0, |market| market.state.depth.capacity_atoms = capacity);
    world.unwind("keeper", 0, u64::MAX).unwrap();
    let quarter = i64::try_from(capacity / 4 * PPM / world.mark(0)).unwrap();
    assert_eq!(world.inventory(0), LOTS - quarter);
    let (flow, slot) = (world.market(0).state.flow, world.stage.time().0);
    let used = utilisation(&flow, slot, MarketParams::SOL.flow_recovery_slots);
    assert_eq!(used.unsigned_abs(), ONE_Q32 / 4);
    assert_refused(world.unwind("keeper", 0, u64::MAX), BreakwaterError::FlowExhausted);
    // One unit of the meter's decay later a little more goes.
    world.publish(0, 200 * USD);
    world.edit_market(0, |market| market.state.depth.capacity_atoms = capacity);
    world.unwind("keeper", 0, u64::MAX).unwrap();
}

#[test]
fn unwind_refuses_while_liquidations_use_the_flow_and_uses_what_they_free() {
    let mut world = deep();
    let slot = world.stage.time().0;
    let quarter = i64::try_from(ONE_Q32 / 4).unwrap();
    let set = |world: &mut World, used| {
        world.edit_market(0, |market| {
            (market.state.flow.utilisation_q32, market.state.flow.slot) = (used, slot);
            market.state.depth.capacity_atoms = 4_000 * USD;
        });
    };
    set(&mut world, -quarter);
    assert_refused(world.unwind("keeper", 0, u64::MAX), BreakwaterError::FlowExhausted);
    set(&mut world, -(quarter - quarter / 200)); // $5: less than a smallest position
    assert_refused(world.unwind("keeper", 0, u64::MAX), BreakwaterError::FlowExhausted);
    set(&mut world, quarter); // forced buys: a sell may use twice as much
    world.unwind("keeper", 0, u64::MAX).unwrap();
    assert_eq!(world.inventory(0), LOTS - (2_000 * USD * PPM / world.mark(0)) as i64);
}

#[test]
fn unwind_sells_all_where_dust_would_be_left() {
    let mut world = deep();
    let smallest = MarketParams::SOL.min_position_atoms * PPM / world.mark(0);
    let quarter = |lots: u64| 4 * lots * world.mark(0) / PPM;
    let (dusty, clean) = (quarter(LOTS_10K - smallest + 1), quarter(LOTS_10K - smallest));
    world.edit_market(0, |market| market.state.depth.capacity_atoms = dusty);
    world.unwind("keeper", 0, u64::MAX).unwrap();
    assert_eq!(world.inventory(0), 0);
    let mut world = deep();
    world.edit_market(0, |market| market.state.depth.capacity_atoms = clean);
    world.unwind("keeper", 0, u64::MAX).unwrap();
    assert_eq!(world.inventory(0), smallest as i64, "a smallest position stays");
}

#[test]
fn unwind_refuses_a_keeper_that_would_leave_dust() {
    let mut world = deep();
    let smallest = MarketParams::SOL.min_position_atoms * PPM / world.mark(0);
    for most in [LOTS_10K - 1, LOTS_10K - smallest + 1] {
        assert_refused(world.unwind("keeper", 0, most), BreakwaterError::PositionTooSmall);
    }
    world.unwind("keeper", 0, LOTS_10K - smallest).unwrap();
    assert_eq!(world.inventory(0), smallest as i64, "a smallest position stays");
    // And goes whole only.
    assert_refused(world.unwind("keeper", 0, smallest - 1), BreakwaterError::PositionTooSmall);
    world.unwind("keeper", 0, smallest).unwrap();
    assert_eq!(world.inventory(0), 0);
}

#[test]
fn unwind_waits_for_calm_and_needs_a_fresh_and_narrow_price() {
    let mut world = deep();
    let calm = world.market(0).state.statistics;
    let limit = calm.variance_slow / 4 * 9 + (calm.variance_slow % 4) * 9 / 4; // fast ≤ 1.5·slow
    world.edit_market(0, |market| market.state.statistics.variance_fast = limit + 1);
    assert_refused(world.unwind("keeper", 0, LEAST), BreakwaterError::NotCalm);
    world.edit_market(0, |market| market.state.statistics.variance_fast = limit);
    world.unwind("keeper", 0, LEAST).unwrap();
    world.pass(23);
    assert_refused(world.unwind("keeper", 0, LEAST), BreakwaterError::PriceStale);
    world.stage.publish(0, 200 * USD, 5_100).unwrap();
    assert_refused(world.unwind("keeper", 0, LEAST), BreakwaterError::ConfidenceTooWide);
}

#[test]
fn unwind_refuses_a_keeper_without_margin() {
    let mut world = deep();
    world.trader("poor", 10 * USD);
    assert_refused(world.unwind("poor", 0, u64::MAX), BreakwaterError::InitialMargin);
    world.unwind("poor", 0, LEAST).unwrap();
    // 1.1·(1 + buffer)·MM for what it takes over, and no atom less.
    let mut world = deep();
    at_place(&mut world, 0);
    world.unwind("keeper", 0, u64::MAX).unwrap();
    let health = world.health("keeper", 0, Stance::Against);
    let required = health.target() + (health.target() * 100_000).div_ceil(PPM);
    let shift = health.leg_in(0).unwrap().shift_atoms;
    for (capital, expected) in [(required + shift - 1, Some(BreakwaterError::InitialMargin)), (required + shift, None)]
    {
        let mut world = deep();
        at_place(&mut world, 0);
        world.leave_capital("keeper", capital, "maker");
        match expected {
            Some(error) => assert_refused(world.unwind("keeper", 0, u64::MAX), error),
            None => world.unwind("keeper", 0, u64::MAX).map(|_| ()).unwrap(),
        }
    }
}

#[test]
fn in_a_reduce_only_market_only_who_closes_buys_from_the_backstop() {
    let mut world = deep();
    let until = world.stage.time().0 + 1_000;
    world.edit_market(0, |market| market.state.reduce_only_until_slot = until);
    assert_refused(world.unwind("keeper", 0, u64::MAX), BreakwaterError::ReduceOnly);
    world.unwind("maker", 0, LOTS_10K / 2).unwrap(); // short $10 000
    assert_eq!((world.inventory(0), world.lots("maker", 0)), (LOTS - LOTS / 2, LOTS / 2 - LOTS));
}

#[test]
fn unwind_refuses_where_the_backstop_holds_nothing() {
    let mut world = with_weak(quick().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS));
    assert_refused(world.unwind("keeper", 0, LEAST), BreakwaterError::NoSuchLeg);
    // A leg with a claim and no lots.
    let mut world = deep();
    world.publish(0, 201 * USD);
    world.unwind("keeper", 0, u64::MAX).unwrap();
    let leg = world.backstop().account.state.legs[0];
    assert!(leg.is_used() && leg.lots == 0 && leg.claim_fresh_atoms > 0);
    assert_refused(world.unwind("keeper", 0, LEAST), BreakwaterError::NothingToDo);
    let empty = with_weak(quick());
    let instruction = unwind(&empty, LEAST);
    let mut empty = empty;
    assert_refused(empty.send_as("keeper", &[instruction]), BreakwaterError::BackstopNotCreated);
}

#[test]
fn unwind_refuses_a_bankrupt_backstop_and_accounts_that_must_settle_first() {
    let mut world = deep();
    world.leave_backstop_capital(10 * USD, "maker");
    world.publish(0, 199 * USD); // it lost $50
    assert_refused(world.unwind("keeper", 0, 2 * LEAST), BreakwaterError::NegativeEquity);
    let mut world = deep();
    world.trade(0, "keeper", "maker", LOTS_10K).unwrap();
    world.leave_capital("keeper", 10 * USD, "maker");
    world.publish(0, 199 * USD);
    assert_refused(world.unwind("keeper", 0, 2 * LEAST), BreakwaterError::DebtOutstanding);
}

#[test]
fn unwind_is_for_owner_and_delegate_of_the_keepers_account() {
    let mut world = deep();
    let (keeper, maker) = (owner(&world, "keeper"), owner(&world, "maker"));
    let stolen = unwind(&world, LEAST).swapped(keeper, maker);
    assert_refused(world.send_as("maker", &[stolen]), BreakwaterError::NotOperator);
    let unsigned = unwind(&world, LEAST).unsigned(keeper);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    let delegate = stranger(&mut world);
    let set = build::set_delegate(keeper, world.who("keeper").account, delegate.pubkey(), u64::MAX);
    world.send_as("keeper", &[set]).unwrap();
    let by_delegate = unwind(&world, LEAST).swapped(keeper, delegate.pubkey());
    world.send(&[by_delegate], &[&delegate]).unwrap();
}

#[test]
fn unwind_refuses_wrong_accounts_and_missing_markets() {
    let mut world = holding();
    let other = Other::beside(&mut world).with_pools(&mut world);
    let exchange = world.stage.exchange;
    let account = address::backstop_account(&exchange);
    let right = unwind(&world, LEAST);
    for (from, to, error) in [
        (account, address::backstop_account(&other.exchange), BreakwaterError::WrongBackstop),
        (account, world.who("maker").account, BreakwaterError::WrongBackstop),
        (world.stage.markets[0].key, other.market.key, BreakwaterError::WrongBackstop),
        (world.who("keeper").account, other.trader.account, BreakwaterError::WrongExchange),
        (world.who("keeper").account, account, BreakwaterError::NotOperator),
    ] {
        let instruction = right.clone().swapped(from, to);
        assert_refused(world.send_as("keeper", &[instruction]), error);
    }
    for key in [world.stage.markets[0].key, account, world.who("keeper").account] {
        assert_anchor(world.send_as("keeper", &[right.clone().readonly(key)]), ErrorCode::ConstraintMut);
    }
    world.list(&sol_params(), 200 * USD);
    world.publish(0, 200 * USD);
    world.trade(1, "keeper", "maker", LOTS_10K).unwrap();
    world.publish(0, 200 * USD);
    let mut missing = unwind(&world, LEAST);
    missing.accounts.truncate(4);
    assert_refused(world.send_as("keeper", &[missing]), BreakwaterError::NoSuchMarket);
    world.unwind("keeper", 0, LEAST).unwrap();
}
