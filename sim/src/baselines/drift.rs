//! Owns the baseline "drift" (v2; PEERS): an account below maintenance margin is closed just so far that it meets
//! maintenance margin and a buffer of 2 % of notional, `base = shortage/[price·quote·(MMR + buffer − fee) − price·if_fee]`,
//! times `pct = min(1, slots/duration + initial)`, where the defaults of 0 and 0 act as 100 %. A liquidator takes it at
//! the mark ∓ his fee, which grows by 1e-6 a slot after 1 500 slots. Insurance pays deficits, the rest is socialised over
//! all open lots.
//!
//! Assumed: fees of 1 % to the liquidator and 1 % to insurance (as far as equity reaches), together at most the
//! maintenance rate; the liquidator sells at once in the market, at no loss: he takes the half, the quarter and so on of what would lose him
//! money, or waits; slots, 2.5 a second, count from when an account is first found below maintenance; the one market of a
//! replay may use all of the insurance; an account with less than zero is closed in full. There is no backstop.

use std::collections::BTreeMap;

use super::{
    exchange::Exchange,
    part_ceil,
    terms::{LossBearer, Payee, Standing, Terms},
    Rule, MAINTENANCE_PPM,
};
use crate::inputs::Inputs;

/// Equity beyond maintenance margin that ends a liquidation, ppm of notional.
const BUFFER_PPM: i128 = 20_000;
/// Fee of the liquidator at first, ppm of notional.
const LIQUIDATOR_PPM: i128 = 10_000;
/// Fee of insurance, ppm of notional.
const INSURANCE_PPM: i128 = 10_000;
/// Slots after which the liquidator's fee grows by one ppm a slot.
const GRACE_SLOTS: u64 = 1_500;
/// Slots in which a close may grow to the whole, and the part that is allowed at once, ppm: the defaults.
const RAMP: Ramp = Ramp { duration_slots: 0, initial_ppm: 0 };

/// The rule: since when accounts have been in liquidation, seconds.
#[derive(Default)]
pub struct Drift {
    since_s: BTreeMap<usize, u64>,
}

impl Rule for Drift {
    const NAME: &'static str = "drift";

    fn new(_inputs: &Inputs) -> Self {
        Self::default()
    }

    fn terms(&self) -> Terms {
        Terms { maintenance_ppm: MAINTENANCE_PPM, vault_leverage: 0, losses: LossBearer::OpenLots }
    }

    fn act(&mut self, exchange: &mut Exchange, due: &[usize]) {
        let now_s = exchange.time_s();
        for &place in due {
            self.since_s.entry(place).or_insert(now_s);
        }
        self.since_s.retain(|&place, since_s| {
            let slots = (now_s - *since_s) * 5 / 2;
            liquidate(exchange, place, slots);
            shortage(&exchange.standing(place)) > 0
        });
    }
}

/// Equity that is missing to maintenance margin and buffer, micro-dollars.
fn shortage(standing: &Standing) -> i128 {
    standing.maintenance + part_ceil(standing.notional, BUFFER_PPM) - standing.equity
}

/// Takes what a liquidator would take now of an account that has been in liquidation for so many slots.
fn liquidate(exchange: &mut Exchange, place: usize, slots: u64) {
    let (standing, held) = (exchange.standing(place), exchange.position(place));
    let shortage = shortage(&standing);
    if held.lots == 0 || shortage <= 0 {
        return;
    }
    let fee_ppm = liquidator_fee_ppm(slots);
    let needed = if standing.equity < 0 {
        f64::INFINITY
    } else {
        let size = CloseSize {
            shortage: shortage as f64,
            price: standing.notional as f64 / held.lots as f64,
            quote_price: 1.0,
            margin_ppm: MAINTENANCE_PPM + BUFFER_PPM,
            liquidator_ppm: fee_ppm,
            insurance_ppm: INSURANCE_PPM,
        };
        size.base()
    };
    let allowed = needed * RAMP.part(slots);
    let mut lots = if allowed >= held.lots as f64 { held.lots } else { (allowed.ceil() as u64).max(1) };
    let sign = held.side.sign();
    let gain = |exchange: &Exchange, lots: u64| {
        let fill = exchange.preview(place, lots);
        part_ceil(fill.at_mark, fee_ppm) - sign * (fill.at_mark - fill.worth)
    };
    while lots > 0 && gain(exchange, lots) < 0 {
        lots /= 2;
    }
    if lots == 0 {
        return;
    }
    let gain = gain(exchange, lots);
    let fill = exchange.close(place, lots);
    exchange.charge_in_full(place, gain, Payee::Keepers);
    exchange.charge(place, part_ceil(fill.at_mark, INSURANCE_PPM), Payee::Insurance);
    exchange.settle(place);
}

/// The liquidator's fee after so many slots, ppm.
fn liquidator_fee_ppm(slots: u64) -> i128 {
    let grown = i128::from(slots.saturating_sub(GRACE_SLOTS));
    (LIQUIDATOR_PPM + grown).min(MAINTENANCE_PPM - INSURANCE_PPM)
}

/// How fast a close may grow.
pub struct Ramp {
    /// Slots in which the whole becomes allowed.
    pub duration_slots: u64,
    /// Part that is allowed at once, ppm.
    pub initial_ppm: u64,
}

impl Ramp {
    /// The part of what is needed that may be closed after so many slots, 0 to 1; 1 without a duration.
    pub fn part(&self, slots: u64) -> f64 {
        if self.duration_slots == 0 {
            return 1.0;
        }
        (slots as f64 / self.duration_slots as f64 + self.initial_ppm as f64 / 1e6).min(1.0)
    }
}

/// What decides how much must be closed.
pub struct CloseSize {
    /// Equity that is missing, in money.
    pub shortage: f64,
    /// Price of a unit of base, in the quote token.
    pub price: f64,
    /// Price of the quote token, in money.
    pub quote_price: f64,
    /// Maintenance rate with buffer, ppm.
    pub margin_ppm: i128,
    /// Fee of the liquidator, ppm.
    pub liquidator_ppm: i128,
    /// Fee of insurance, ppm.
    pub insurance_ppm: i128,
}

impl CloseSize {
    /// Base to close; infinite if no partial close can restore the margin.
    pub fn base(&self) -> f64 {
        let per_unit = self.price * self.quote_price * (self.margin_ppm - self.liquidator_ppm) as f64 / 1e6
            - self.price * self.insurance_ppm as f64 / 1e6;
        if per_unit > 0.0 {
            self.shortage / per_unit
        } else {
            f64::INFINITY
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PEERS, "Drift close size".
    #[test]
    fn the_close_size_follows_the_published_table() {
        let plain = CloseSize {
            shortage: 10.0,
            price: 100.0,
            quote_price: 1.0,
            margin_ppm: 100_000,
            liquidator_ppm: 0,
            insurance_ppm: 0,
        };
        let table = [
            (1.0, 0, 0, 1.0),
            (0.99, 0, 0, 1.010_101_010),
            (1.01, 0, 0, 0.990_099_009),
            (1.0, 10_000, 0, 10.0 / 9.0),
            (1.0, 10_000, 10_000, 1.25),
        ];
        for (quote_price, liquidator_ppm, insurance_ppm, base) in table {
            let size = CloseSize { quote_price, liquidator_ppm, insurance_ppm, ..plain };
            assert!((size.base() - base).abs() < 2e-9, "{} is not {base}", size.base());
        }
        assert_eq!(CloseSize { liquidator_ppm: 100_000, ..plain }.base(), f64::INFINITY);
    }

    #[test]
    fn a_ramp_without_duration_allows_everything() {
        assert_eq!(RAMP.part(0), 1.0);
        let ramp = Ramp { duration_slots: 150, initial_ppm: 100_000 };
        assert_eq!([ramp.part(0), ramp.part(75), ramp.part(150)], [0.1, 0.6, 1.0]);
    }

    #[test]
    fn the_fee_grows_after_1500_slots_until_margin_has_no_more() {
        assert_eq!([0, 1_500, 1_501, 1_000_000].map(liquidator_fee_ppm), [10_000, 10_000, 10_001, 52_500]);
    }
}
