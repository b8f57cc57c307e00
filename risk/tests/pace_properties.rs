//! The pause between two slices (RISK section 4, 'Adaptive delay'; spec R-2): strict against the move that it declares.

mod market_support;
mod money_support;

use breakwater_risk::depth::inverse_root_ceil;
use breakwater_risk::health::{Health, MarketLookup, Stance};
use breakwater_risk::{leg, liquidation, pace, AccountState, MarketParams, MarketState, Now, RiskError, RiskResult};
use bytemuck::Zeroable;
use market_support::at;
use money_support::{pair, Exchange, DOLLAR, MARK};
use proptest::prelude::*;

struct Markets(Vec<MarketState>);

impl MarketLookup for Markets {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        self.0.get(usize::from(market_index)).ok_or(RiskError::NoSuchMarket)
    }
}

/// A position and its market.
#[derive(Clone, Copy, Debug)]
struct Position {
    mark: u64,
    notional: u64,
    is_long: bool,
    depth: u64,
    sigma_slot_ppm: u32,
    maintenance_ppm: u64,
    size_addon_ppm: u32,
}

fn positions() -> impl Strategy<Value = Vec<Position>> {
    let one = (
        1_000_000u64..1 << 40,
        10_000_000u64..1 << 50,
        any::<bool>(),
        1u64 << 27..1 << 50,
        1u32..20_000,
        5_000u64..500_000,
        10_000u32..=1_000_000,
    );
    prop::collection::vec(one, 1..=3).prop_map(|legs| {
        let leg = |(mark, notional, is_long, depth, sigma_slot_ppm, maintenance_ppm, size_addon_ppm)| Position {
            mark,
            notional,
            is_long,
            depth,
            sigma_slot_ppm,
            maintenance_ppm,
            size_addon_ppm,
        };
        legs.into_iter().map(leg).collect()
    })
}

/// The account with these positions and a health between the line and somewhat above one.
fn build(positions: &[Position], params: &MarketParams, health_ppm: u64) -> (AccountState, Markets) {
    let mut account = AccountState::zeroed();
    let mut markets = Markets(Vec::new());
    for (index, position) in positions.iter().enumerate() {
        let mut market = MarketState::new(MarketParams { size_addon_ppm: position.size_addon_ppm, ..*params });
        (market.mark, market.previous_mark) = (position.mark, position.mark);
        market.maintenance_q32 = position.maintenance_ppm << 32;
        market.depth.inverse_root_slow = inverse_root_ceil(position.depth);
        market.statistics.sigma_slot_ppm = position.sigma_slot_ppm;
        let lots = u128::from(position.notional) * 1_000_000 / u128::from(position.mark);
        let lots = (lots as i64).clamp(1, 1 << 37) * if position.is_long { 1 } else { -1 };
        let slot = leg::find_or_open(&mut account, &mut market, index as u16, &at(0, 0)).unwrap();
        leg::set_lots(&mut account.legs[slot], &mut market, lots).unwrap();
        markets.0.push(market);
    }
    let required = u128::from(health(&account, &markets, &at(0, 0)).maintenance());
    account.capital_atoms = (required * u128::from(health_ppm) / 1_000_000) as u64;
    (account, markets)
}

fn health(account: &AccountState, markets: &Markets, now: &Now) -> Health {
    Health::assess_as_acted(account, Stance::Favour, markets, now).unwrap()
}

/// Every market moved against the account by `z·σ_slot·√slots`, never further.
fn moved(positions: &[Position], markets: &Markets, z: u32, slots: u64) -> Markets {
    let moved = |(position, market): (&Position, &MarketState)| {
        let part = f64::from(z) * f64::from(position.sigma_slot_ppm) * 1e-6 * (slots as f64).sqrt();
        let distance = (position.mark as f64 * part).floor() as u64;
        let mark = if position.is_long { position.mark.saturating_sub(distance) } else { position.mark + distance };
        MarketState { mark: mark.max(1), previous_mark: mark.max(1), ..*market }
    };
    Markets(positions.iter().zip(&markets.0).map(moved).collect())
}

/// Whether no market more than doubles: what the rule assumes.
fn is_within_a_double(positions: &[Position], z: u32, slots: u64) -> bool {
    positions
        .iter()
        .all(|position| f64::from(z) * f64::from(position.sigma_slot_ppm) * 1e-6 * (slots as f64).sqrt() <= 1.0)
}

proptest! {
    #[test]
    fn after_the_pause_the_account_stands_on_the_line_or_above_whatever_moved_by_what_was_declared(
        positions in positions(), health_ppm in 400_000u64..1_200_000,
        line_ppm in 150_000u32..=900_000, z in 1u32..=10, cap in 1u32..=300,
    ) {
        let params = MarketParams { backstop_line_ppm: line_ppm, pace_z: z, pace_cap_slots: cap, ..MarketParams::SOL };
        let (account, markets) = build(&positions, &params, health_ppm);
        let before = health(&account, &markets, &at(0, 0));
        let slots = pace::delay_slots(&params, &before).unwrap();
        prop_assert!(slots <= u64::from(cap));
        prop_assume!(is_within_a_double(&positions, z, slots));
        if slots == 0 {
            return Ok(());
        }
        let after = health(&account, &moved(&positions, &markets, z, slots), &at(slots, 0));
        let line = (u128::from(after.maintenance()) * u128::from(line_ppm)).div_ceil(1_000_000) as i128;
        let slack = positions.len() as i128 + 2;
        prop_assert!(after.equity() + slack >= line, "E {} under {line} after {slots} slots", after.equity());
    }

    #[test]
    fn longs_wait_no_shorter_than_that(
        positions in positions(), health_ppm in 600_000u64..1_200_000, z in 1u32..=10,
    ) {
        let positions: Vec<_> = positions.into_iter().map(|leg| Position { is_long: true, ..leg }).collect();
        let params = MarketParams { pace_z: z, pace_cap_slots: 300, ..MarketParams::SOL };
        let (account, markets) = build(&positions, &params, health_ppm);
        let before = health(&account, &markets, &at(0, 0));
        let slots = pace::delay_slots(&params, &before).unwrap();
        // One slot and one part in a thousand more would take a line that does not move below itself.
        let cost: f64 = before.legs().iter().map(|leg| leg.notional_atoms as f64 * leg.sigma_slot_ppm as f64 * 1e-6).sum();
        let lost = cost * f64::from(z) * ((slots + 1) as f64).sqrt() * 1.001;
        let room = before.equity() as f64 - before.maintenance() as f64 * 0.5;
        prop_assert!(slots == 300 || lost + 5e-6 * before.notional() as f64 + 10.0 >= room, "{slots}: {lost} of {room}");
    }

    #[test]
    fn calls_before_a_slice_is_due_change_neither_its_slot_nor_its_size(
        health_ppm in 650_000u64..900_000, calls in prop::collection::vec(0u64..30, 0..8),
    ) {
        let mut exchange = failing(health_ppm);
        let first = slice(&mut exchange).unwrap();
        let due = first.next_due_slot;
        prop_assert!(!first.is_restored && due > exchange.now.slot, "a pause is being tested");
        let mut undisturbed = exchange.clone();
        undisturbed.wait(due - exchange.now.slot);
        for spacing in calls {
            if exchange.now.slot + spacing < due {
                exchange.wait(spacing);
                let before = exchange.accounts.clone();
                prop_assert_eq!(slice(&mut exchange), Err(RiskError::NotDue));
                prop_assert_eq!(&exchange.accounts, &before);
            }
        }
        exchange.wait(due - exchange.now.slot);
        prop_assert_eq!(slice(&mut exchange), slice(&mut undisturbed));
        prop_assert_eq!(exchange.accounts, undisturbed.accounts);
    }
}

/// A long of $40 000 of that health in a market that absorbs $5 000 at a time; account 2 takes slices.
fn failing(health_ppm: u64) -> Exchange {
    let mut exchange = Exchange::new(MarketParams::SOL, 1, &[100_000 * DOLLAR; 3]);
    exchange.market(0).depth.capacity_atoms = 5_000 * DOLLAR;
    exchange.trade(0, 0, 1, 20_000_000, MARK).unwrap();
    let required = exchange.health(0, Stance::Favour, 0).maintenance();
    exchange.accounts[0].capital_atoms = required * health_ppm / 1_000_000;
    exchange
}

fn slice(exchange: &mut Exchange) -> RiskResult<liquidation::SliceReport> {
    exchange.on(0, |acted, accounts| {
        let (account, keeper) = pair(accounts, 0, 2);
        liquidation::liquidate(acted, account, keeper, u64::MAX)
    })
}
