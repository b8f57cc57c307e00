//! Owns the closing of a failing account against the other side, at its bankruptcy price, so that no deficit is left.
//!
//! Assumed: the queue of counterparties is made once a sample and holds the accounts that are above maintenance at that
//! moment. Should they not suffice, the rest is closed against the makers who hold the remainder of that side.

use std::cmp::Ordering;

use super::{
    exchange::Exchange,
    position::{share, Position},
};
use crate::{outcome::Tier, population::Side};

/// Who is deleveraged first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The highest product of profit and leverage: mark over entry (entry over mark for shorts) times notional over equity.
    ProfitAndLeverage,
    /// In the order of the accounts, beginning after the one that came last.
    InTurn,
}

/// Counterparties of one side, the next one last.
#[derive(Debug, Default)]
pub struct Queue {
    made_for: Option<(Side, u64)>,
    places: Vec<usize>,
    turn: usize,
}

impl Exchange {
    /// Closes an account in full against the other side. Assumes that it has lots.
    pub fn deleverage(&mut self, place: usize, order: Order) {
        let failing = self.position(place);
        self.touched.insert(place);
        self.books.deleveraged += self.worth(failing.lots);
        let (mut lots_left, mut worth_left) = (failing.lots, failing.bankruptcy_worth());
        let other_side = failing.side.opposite();
        while lots_left > 0 {
            let other = self.next_counterparty(other_side, order);
            let lots = other.map_or(lots_left, |other| self.position(other).lots.min(lots_left));
            let worth = share(worth_left, lots, lots_left);
            self.position_mut(place).reduce(lots, worth);
            match other {
                Some(other) => {
                    self.position_mut(other).reduce(lots, worth);
                    self.deleveraged.insert(other);
                    self.settle(other);
                }
                None => self.books.market_takes(failing.side.sign() * i128::from(lots), failing.side.sign() * worth),
            }
            lots_left -= lots;
            worth_left -= worth;
        }
        self.settle(place);
    }

    /// The next account of a side that still has lots.
    fn next_counterparty(&mut self, side: Side, order: Order) -> Option<usize> {
        let made_for = Some((side, self.time_s()));
        if self.queue.made_for != made_for {
            self.queue.places = self.ranked(side, order);
            self.queue.made_for = made_for;
        }
        loop {
            let next = *self.queue.places.last()?;
            if self.position(next).lots > 0 {
                self.queue.turn = next + 1;
                return Some(next);
            }
            self.queue.places.pop();
        }
    }

    /// The healthy accounts of a side, the first to be deleveraged last.
    fn ranked(&self, side: Side, order: Order) -> Vec<usize> {
        let is_counterparty = |place: &usize| {
            let position = self.position(*place);
            position.side == side && position.lots > 0 && self.standing(*place).tier() == Tier::Healthy
        };
        let mut places: Vec<usize> = (0..self.positions.len()).filter(is_counterparty).collect();
        match order {
            Order::ProfitAndLeverage => {
                let score = |place: &usize| self.score(&self.position(*place));
                places.sort_by(|one, other| score(one).partial_cmp(&score(other)).unwrap_or(Ordering::Equal));
            }
            Order::InTurn => {
                let first = places.partition_point(|place| *place < self.queue.turn);
                places.rotate_left(first);
                places.reverse();
            }
        }
        places
    }

    fn score(&self, position: &Position) -> f64 {
        let worth = self.worth(position.lots);
        let gain = worth as f64 / position.entry_worth as f64;
        let gain = if position.side == Side::Long { gain } else { 1.0 / gain };
        gain * worth as f64 / position.equity(worth) as f64
    }
}
