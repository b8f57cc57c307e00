//! Owns the arithmetic of one position, of an account or of a vault. All worth is in micro-dollars.

use super::part_ceil;
use crate::{lots::LotScale, population::Side};

/// Cash and the lots that it backs.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Direction of the lots; of no meaning without lots.
    pub side: Side,
    /// Open lots.
    pub lots: u64,
    /// What the open lots were worth when they were opened.
    pub entry_worth: i128,
    /// Collateral with realised profits and charges; negative once losses are beyond it.
    pub cash: i128,
}

impl Position {
    /// Cash without lots.
    pub fn flat(cash: i128) -> Self {
        Self { side: Side::Long, lots: 0, entry_worth: 0, cash }
    }

    /// Cash and unrealised profit, when the open lots are worth `worth`.
    pub fn equity(&self, worth: i128) -> i128 {
        self.cash + self.side.sign() * (worth - self.entry_worth)
    }

    /// What the open lots owe to (negative) or are owed by whoever is on their other side, at their entry.
    pub fn quote(&self) -> i128 {
        match self.side {
            Side::Long => -self.entry_worth,
            Side::Short => self.entry_worth,
        }
    }

    /// Lots, negative if short.
    pub fn signed_lots(&self) -> i128 {
        match self.side {
            Side::Long => i128::from(self.lots),
            Side::Short => -i128::from(self.lots),
        }
    }

    /// What the open lots must fetch for equity to end at exactly zero: their worth at the bankruptcy price.
    pub fn bankruptcy_worth(&self) -> i128 {
        self.entry_worth - self.side.sign() * self.cash
    }

    /// Average entry price, in micro-dollars per lot.
    pub fn entry_per_lot(&self) -> f64 {
        self.entry_worth as f64 / self.lots as f64
    }

    /// Closes `lots`, at most all, for `worth`, and realises their profit.
    pub fn reduce(&mut self, lots: u64, worth: i128) {
        let entry = share(self.entry_worth, lots, self.lots);
        self.cash += self.side.sign() * (worth - entry);
        self.entry_worth -= entry;
        self.lots -= lots;
    }

    /// Takes over `lots` of a side for `worth`: nets them against its own, and opens what is left of them.
    pub fn take(&mut self, side: Side, lots: u64, worth: i128) {
        let netted = if self.side == side { 0 } else { lots.min(self.lots) };
        let netted_worth = share(worth, netted, lots);
        if netted > 0 {
            self.reduce(netted, netted_worth);
        }
        if lots > netted {
            self.side = side;
            self.lots += lots - netted;
            self.entry_worth += worth - netted_worth;
        }
    }
}

/// The prices between which an account needs no look; outside of them it is looked at exactly.
#[derive(Clone, Copy, Debug)]
pub struct Calm {
    low: u64,
    high: u64,
}

impl Calm {
    /// Never looked at.
    pub const ALWAYS: Self = Self { low: 0, high: u64::MAX };

    /// The prices at which the position is above maintenance for certain: those of its health, less what rounding may
    /// take, which is about a micro-dollar.
    pub fn of(position: &Position, scale: LotScale, maintenance_ppm: i128) -> Self {
        if position.lots == 0 {
            return Self::ALWAYS;
        }
        let price = |worth: i128| scale.price(position.lots, worth.max(0));
        let bounded = |price: i128| u64::try_from(price).unwrap_or(u64::MAX);
        match position.side {
            Side::Long => {
                let least = (position.bankruptcy_worth() + 1) * 1_000_000 / (1_000_000 - maintenance_ppm) + 1;
                Self { low: bounded(price(least) + 1), high: u64::MAX }
            }
            Side::Short => {
                let most = (position.bankruptcy_worth() - 1) * 1_000_000 / (1_000_000 + maintenance_ppm);
                Self { low: 0, high: bounded(price(most)) }
            }
        }
    }

    /// Whether a price is outside.
    pub fn ends_at(self, price: u64) -> bool {
        price < self.low || price > self.high
    }
}

/// Maintenance margin of lots that are worth `worth`.
pub fn maintenance(worth: i128, maintenance_ppm: i128) -> i128 {
    part_ceil(worth, maintenance_ppm)
}

/// The part of an amount that falls to `lots` of `all`, toward zero; all of it for all lots.
pub fn share(amount: i128, lots: u64, all: u64) -> i128 {
    if lots == all {
        amount
    } else {
        amount * i128::from(lots) / i128::from(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Tier;

    const SCALE: LotScale = LotScale { exponent: -5 };

    #[test]
    fn parts_of_a_position_add_up_to_the_whole() {
        let mut position = Position { side: Side::Short, lots: 7, entry_worth: 1_000, cash: 100 };
        position.reduce(2, 300);
        assert_eq!((position.lots, position.entry_worth, position.cash), (5, 715, 85));
        position.reduce(5, 700);
        assert_eq!((position.lots, position.entry_worth, position.cash), (0, 0, 100));
    }

    #[test]
    fn opposite_lots_net_and_turn_a_position() {
        let mut position = Position { side: Side::Long, lots: 10, entry_worth: 1_000, cash: 0 };
        position.take(Side::Long, 10, 800);
        assert_eq!((position.lots, position.entry_worth), (20, 1_800));
        position.take(Side::Short, 30, 3_000);
        assert_eq!((position.signed_lots(), position.entry_worth, position.cash), (-10, 1_000, 200));
    }

    #[test]
    fn at_the_bankruptcy_worth_nothing_is_left() {
        for side in [Side::Long, Side::Short] {
            let mut position = Position { side, lots: 3, entry_worth: 1_000, cash: 77 };
            position.reduce(3, position.bankruptcy_worth());
            assert_eq!(position.cash, 0);
        }
    }

    #[test]
    fn no_account_below_maintenance_is_overlooked_and_few_healthy_ones_are_looked_at() {
        for side in [Side::Long, Side::Short] {
            for (lots, cash) in [(100_000, 20_000_000), (123_457, 7_000_001), (5_000, 500_000_000), (9_000, 350_003)] {
                let entry_worth = SCALE.worth(lots, 200_000_000);
                let position = Position { side, lots, entry_worth, cash };
                let calm = Calm::of(&position, SCALE, 62_500);
                let edge = if side == Side::Long { calm.low } else { calm.high };
                let mut looked_at = 0;
                for price in edge.saturating_sub(200)..edge.saturating_add(200) {
                    let worth = SCALE.worth(lots, i128::from(price));
                    let tier = Tier::of(position.equity(worth), maintenance(worth, 62_500));
                    let is_healthy = tier == Tier::Healthy;
                    assert!(is_healthy || calm.ends_at(price), "{side:?} {lots} at {price}");
                    looked_at += u32::from(is_healthy && calm.ends_at(price));
                }
                assert!(looked_at <= 100, "{looked_at}");
            }
        }
    }
}
