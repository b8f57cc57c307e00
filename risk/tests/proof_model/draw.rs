//! Which calls a run makes: seeded, so that a run can be had again.
//!
//! Half of the runs are like a market: sizes and results that accounts can bear more or less. The other half is wild:
//! any figure anywhere, up to the bounds of 64 bits.

use crate::money_support;
use crate::pools::BACKSTOP;
use crate::world::{World, ACCOUNTS, MARKETS};
use breakwater_risk::trade::Fill;
use breakwater_risk::units::SideName;

/// Price range of a run: a lot costs $0.0005 to $0.01.
const MARKS: (u64, u64) = (500_000_000, 10_000_000_000);

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Draw(pub u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Evenly from `low` to `high`, both included.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    fn index(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }

    /// Any size up to 64 bits, each number of bits as likely, often just below a power of two.
    fn wild(&mut self) -> u64 {
        let shift = self.between(0, 63) as u32;
        if self.one_in(8) {
            u64::MAX >> shift
        } else {
            self.next() >> shift
        }
    }

    /// An amount that is often exactly `near`, one more, or a part of it.
    fn about(&mut self, near: u64) -> u64 {
        match self.index(6) {
            0 | 1 => near,
            2 => near.saturating_add(1),
            3 => self.wild(),
            _ => self.between(0, near),
        }
    }

    fn side(&mut self) -> SideName {
        [SideName::Long, SideName::Short][self.index(2)]
    }
}

/// A run of some `length` calls.
pub fn run(seed: u64, length: usize) -> World {
    let mut draw = Draw(seed);
    let is_wild = draw.one_in(2);
    let mut world = World::new();
    for market in 0..MARKETS {
        let atoms = if is_wild && draw.one_in(4) { draw.wild() } else { 1_000_000 };
        world.call("seed", |state| state.seed(market, atoms));
        let bond = draw.between(0, 2_000_000);
        world.call("bond", |state| state.bond(market, bond));
    }
    let has_capital = !(is_wild && draw.one_in(3));
    for account in 0..ACCOUNTS * usize::from(has_capital) {
        let atoms = draw.between(1, 200_000_000);
        world.call("deposit", |state| state.deposit(account, atoms));
    }
    for market in 0..MARKETS * usize::from(is_wild) {
        let fill = Fill { lots: draw.between(1, 100_000), price: money_support::MARK };
        world.call("fill", |state| state.fill(market, [0, 1], fill));
    }
    // Calls that a rule outside the model refuses are not recorded; a run gives up after enough of them.
    for _ in 0..8 * length {
        if world.calls.len() >= length {
            break;
        }
        if is_wild && draw.one_in(2) {
            wild_call(&mut world, &mut draw);
        } else {
            market_call(&mut world, &mut draw);
        }
    }
    if draw.one_in(8) {
        wind_up(&mut world);
    }
    world
}

/// Closes every leg and books what is left of it away, so that the last leg of each market goes.
fn wind_up(world: &mut World) {
    for (market, account) in (0..MARKETS).flat_map(|market| (0..ACCOUNTS).map(move |account| (market, account))) {
        let mark = world.state.exchange.markets.0[market].mark;
        world.call("close", |state| state.close(market, account, u64::MAX, mark));
        world.call("touch", |state| state.touch_alone(account, market));
        let Ok(slot) = world.state.slot(account, market) else { continue };
        let leg = world.state.exchange.accounts[account].legs[slot];
        let claims = [leg.claim_fresh_atoms, leg.claim_maturing_atoms, leg.claim_matured_atoms];
        let left = i128::from(leg.debt_atoms) - claims.map(i128::from).iter().sum::<i128>();
        world.call("book", |state| state.book(account, market, left, SideName::Long));
        world.call("touch", |state| state.touch_alone(account, market));
    }
}

/// A call as a market sees it.
fn market_call(world: &mut World, draw: &mut Draw) {
    let (account, market) = (draw.index(ACCOUNTS), draw.index(MARKETS));
    let other = (account + 1 + draw.index(ACCOUNTS - 1)) % ACCOUNTS;
    let capital = world.state.exchange.capital(account);
    let mark = world.state.exchange.markets.0[market].mark;
    let price = mark / 10_000 * draw.between(9_950, 10_050);
    let exposed = draw.between(1, 120_000_000_000).min(capital.saturating_mul(draw.between(1, 15)).max(1));
    let lots = exposed.saturating_mul(1_000_000) / mark;
    match draw.index(40) {
        0 => world.call("deposit", |state| state.deposit(account, draw.between(0, 100_000_000))),
        1 => world.call("withdraw", |state| state.withdraw(account, draw.about(capital))),
        2 => world.call("donate", |state| state.donate(draw.between(0, 100_000_000))),
        3..=7 => {
            let moved = mark / 1_000 * [draw.between(990, 1_010), draw.between(700, 1_400)][draw.index(2)];
            let (slots, per_lot) =
                ([1, 20, 751, 1_600][draw.index(4)], (draw.between(0, 2_000_000) as i64) - 1_000_000);
            world.call("outside", |state| state.move_outside(market, moved.clamp(MARKS.0, MARKS.1), slots, per_lot));
        }
        8..=11 => world.call("fill", |state| state.fill(market, [account, other], Fill { lots, price })),
        12..=15 => world.call("trade", |state| state.trade(market, [account, other], Fill { lots, price })),
        16..=18 => world.call("slice", |state| state.liquidate(market, account, other)),
        19 => world.call("close", |state| state.close(market, account, draw.about(lots), price)),
        20 | 21 => world.call("deleveraging", |state| state.deleverage(market, account)),
        22..=24 => world.call("bankruptcy", |state| state.resolve(account, market)),
        25 => world.call("settlement", |state| state.settle(account)),
        26 => world.call("touch", |state| state.touch_alone(account, market)),
        27 | 28 => {
            let least_ppm = [0, 500_000, 1_000_000][draw.index(3)];
            world.call("conversion", |state| state.convert(account, market, least_ppm));
        }
        29 => world.call("claim for debt", |state| state.pay_with_claim(account, market, 1 - market)),
        30 => world.call("sweep", |state| state.sweep(market)),
        31..=33 => {
            world.call("backstop stake", |state| state.stake_backstop(2_000_000_000));
            let moved = mark / 1_000 * [935, 950, 965, 1_035, 1_050, 1_065][draw.index(6)];
            world.call("outside", |state| state.move_outside(market, moved.clamp(MARKS.0, MARKS.1), 1, 0));
            for account in 0..BACKSTOP {
                world.call("absorption", |state| state.absorb(market, account, BACKSTOP));
            }
        }
        34 => world.call("unwinding", |state| state.unwind(market, account, other)),
        35 => world.call("stake", |state| state.stake_insurance(draw.between(0, 100_000_000))),
        36 => world.call("unstake", |state| state.unstake_insurance()),
        37 => world.call("backstop stake", |state| state.stake_backstop(draw.between(0, 1_000_000_000))),
        38 => world.call("backstop unstake", |state| state.unstake_backstop()),
        _ if draw.one_in(2) => world.call("collect fees", |state| state.collect_fees()),
        _ => world.call("sweep", |state| state.sweep(market)),
    }
}

/// A call with any figure: on legs that nothing keeps near what a market would do.
fn wild_call(world: &mut World, draw: &mut Draw) {
    let (account, market) = (draw.index(ACCOUNTS), draw.index(MARKETS));
    let other = (account + 1 + draw.index(ACCOUNTS - 1)) % ACCOUNTS;
    let side = draw.side();
    let leg = world.state.slot(account, market).map(|slot| world.state.exchange.accounts[account].legs[slot]);
    let debt = leg.map_or(0, |leg| leg.debt_atoms);
    let mark = world.state.exchange.markets.0[market].mark;
    match draw.index(24) {
        0..=5 => {
            let size = i128::from(if draw.one_in(3) { draw.wild() } else { draw.between(0, 300_000_000) });
            let pnl = if draw.one_in(2) { size } else { -size };
            world.call("book", |state| state.book(account, market, pnl, side));
        }
        6..=8 => {
            let payable = debt.min(world.state.exchange.capital(account));
            world.call("pay debt", |state| state.pay_debt(account, market, draw.about(payable)));
        }
        9..=11 => {
            let (gain, loss) = (i128::from(draw.between(1, 300_000_000)), -i128::from(draw.between(1, 300_000_000)));
            world.call("book", |state| state.book(account, market, gain, side));
            world.call("book", |state| state.book(account, 1 - market, loss, side));
            world.call("claim for debt", |state| state.pay_with_claim(account, market, 1 - market));
        }
        12..=14 => {
            // Two profit windows later a claim has matured (C-1).
            world.call("outside", |state| state.move_outside(market, mark, 1_600, 0));
            world.call("conversion", |state| state.convert(account, market, 0));
        }
        15 => {
            let atoms = i128::from(draw.between(1, 300_000_000));
            for (account, market, pnl) in [(account, market, atoms), (other, 1 - market, 2 * atoms)] {
                world.call("book", |state| state.book(account, market, pnl, side));
                world.call("book", |state| state.book(account, 1 - market, -pnl, side));
            }
            world.call("netting", |state| state.net([account, other], [market, 1 - market]));
        }
        16 | 17 => {
            let near = world.state.exchange.insurance.balance_atoms;
            world.call("draw", |state| state.draw_insurance(market, draw.about(near)));
        }
        18 => {
            world.call("unfunded", |state| state.leave_unfunded(market, draw.between(0, 4_000_000_000)));
            world.call("trade", |state| state.trade(market, [account, other], Fill { lots: 10_000, price: mark }));
            world.call("sweep", |state| state.sweep(market));
        }
        19 => world.call("fill", |state| {
            let fill = Fill { lots: draw.wild() >> 16, price: draw.between(MARKS.0, MARKS.1) };
            state.fill(market, [account, other], fill)
        }),
        20 => world.call("seed", |state| state.seed(market, draw.wild())),
        21 => world.call("deposit", |state| state.deposit(account, draw.wild())),
        22 => world.call("donate", |state| state.donate(draw.wild())),
        _ => world.call("gift", |state| state.gift(draw.wild())),
    }
}
