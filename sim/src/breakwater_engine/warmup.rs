//! Owns the days before the scenario, which bring the market's means to their working level.
//!
//! Depth is bounded by a 24 h mean of the open interest, and its own mean takes a day, counted only while prices come every
//! five seconds: a week is 151 200 refreshes. They are run on the market's state by the same function that the
//! program's `refresh_market` calls, and the result is put in the market's place; a test shows that the program
//! comes to the same state, to the atom. In this week the price steps up and down by `σ_ref·√12 s` every 12 seconds, so that
//! the market is at its reference volatility, and ends at the entry price; the confidence is the floor of a calm feed.

use anyhow::{Context, Result};
use breakwater_risk::{
    price::{confidence_from_pyth, price_from_pyth},
    refresh::{refresh, PriceObservation},
    MarketState, Now, RiskResult,
};

use super::backend::{Backend, Time};
use crate::{
    path::CONF_FLOOR_PPM,
    stage::{Stage, PYTH_EXPONENT, QUOTE_DECIMALS},
};

/// Length of the warm-up, seconds: a week, of which the 24 h means remember 99.9 %.
pub const WARM_UP_S: u64 = 7 * 86_400;
/// Seconds between two prices of the warm-up.
pub const STEP_S: u64 = 4;
/// Slots between two prices of the warm-up.
pub const STEP_SLOTS: u64 = STEP_S * 5 / 2;
/// Seconds between two steps of the price: above the 10 s after which a return enters the variance.
const RETURN_EVERY_S: u64 = 12;
/// Prices from one step to the next.
const PRICES_PER_RETURN: u64 = RETURN_EVERY_S / STEP_S;

/// A calm stretch of prices.
#[derive(Clone, Copy, Debug)]
pub struct Calm {
    /// Price at its beginning and at its end, micro-dollars per base token.
    pub price: u64,
    /// The price between, micro-dollars per base token.
    pub other_price: u64,
}

impl Calm {
    /// Prices around `price` that have the volatility `sigma_ppm` per √second.
    pub fn around(price: u64, sigma_ppm: u32) -> Self {
        let spacing_s = STEP_S * PRICES_PER_RETURN;
        let return_ppm = (f64::from(sigma_ppm) * (spacing_s as f64).sqrt()) as u128;
        let step = u128::from(price) * return_ppm / 1_000_000;
        Self { price, other_price: price + step as u64 }
    }

    /// The price of a step; every sixth step begins a round at [`Calm::price`].
    pub fn at(&self, step: u64) -> u64 {
        if (step / PRICES_PER_RETURN).is_multiple_of(2) {
            self.price
        } else {
            self.other_price
        }
    }

    /// Steps of a warm-up: whole rounds, so that it ends with the entry price as mark and as previous mark.
    pub fn steps() -> u64 {
        let round = 2 * PRICES_PER_RETURN;
        WARM_UP_S / STEP_S / round * round + PRICES_PER_RETURN
    }
}

/// Refreshes a market `steps` times from `now` on, the way the program would.
pub fn run(market: &mut MarketState, lot_exponent: i8, calm: &Calm, now: Now, steps: u64) -> RiskResult<()> {
    for step in 0..steps {
        let unix_timestamp = now.unix_timestamp.saturating_add_unsigned(step * STEP_S);
        let at = Now { slot: now.slot + step * STEP_SLOTS, unix_timestamp, ..now };
        refresh(market, &observation(lot_exponent, calm.at(step), CONF_FLOOR_PPM, unix_timestamp)?, &at)?;
    }
    Ok(())
}

/// Warms up the market of a backend, from one step after its clock on. Returns the time one step after the last price.
pub fn warm_up(backend: &mut impl Backend, lot_exponent: i8, calm: &Calm) -> Result<Time> {
    let mut market = backend.books().market;
    let (slot, unix_timestamp) = next_time(&backend.books().now);
    let first = Now { slot, unix_timestamp, ..backend.books().now };
    run(&mut market, lot_exponent, calm, first, Calm::steps()).map_err(refused).context("the warm-up")?;
    backend.overwrite_market(&market)?;
    Ok((market.mark_slot + STEP_SLOTS, market.publish_time.saturating_add_unsigned(STEP_S)))
}

/// The time one step after another one.
pub fn next_time(now: &Now) -> Time {
    (now.slot + STEP_SLOTS, now.unix_timestamp.saturating_add_unsigned(STEP_S))
}

/// What the program reads from the account that [`Stage::post`] writes.
pub fn observation(
    lot_exponent: i8,
    price_micro_usd: u64,
    confidence_ppm: u64,
    publish_time: i64,
) -> RiskResult<PriceObservation> {
    let exponent = i32::from(lot_exponent);
    let pyth = Stage::pyth_price([0; 32], price_micro_usd, confidence_ppm, publish_time);
    let confidence = confidence_from_pyth(pyth.confidence, PYTH_EXPONENT, exponent, QUOTE_DECIMALS)?;
    Ok(PriceObservation {
        price: price_from_pyth(pyth.price, PYTH_EXPONENT, exponent, QUOTE_DECIMALS)?,
        confidence,
        ema_confidence: confidence,
        publish_time,
    })
}

/// A refusal of `risk` as an error.
pub fn refused(error: breakwater_risk::RiskError) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}

#[cfg(test)]
mod tests {
    use breakwater_risk::MarketParams;

    use super::*;
    use crate::{
        breakwater_engine::{model::Model, program::Program},
        stage::{START_SLOT, START_UNIX},
    };

    const PRICE: u64 = 203_800_000;
    const LOT_EXPONENT: i8 = -5;

    fn listed<B: Backend>() -> B {
        let start = (START_SLOT, START_UNIX);
        let mut backend = B::list(&MarketParams::SOL, LOT_EXPONENT, start).unwrap();
        backend.refresh(start, PRICE, CONF_FLOOR_PPM).unwrap();
        backend
    }

    #[test]
    fn the_program_warms_up_to_the_same_state() {
        let mut program: Program = listed();
        let calm = Calm::around(PRICE, MarketParams::SOL.sigma_ref_ppm);
        assert_ne!(calm.price, calm.other_price);

        let mut expected = program.books().market;
        let (slot, unix_timestamp) = next_time(&program.books().now);
        let now = Now { slot, unix_timestamp, last_restart_slot: 0 };
        let steps = 60;
        run(&mut expected, LOT_EXPONENT, &calm, now, steps).unwrap();
        for step in 0..steps {
            let time = next_time(&program.books().now);
            program.refresh(time, calm.at(step), CONF_FLOOR_PPM).unwrap();
        }
        assert_eq!(program.books().market, expected);
    }

    #[test]
    fn a_warm_market_is_at_its_reference_volatility_and_at_the_entry_price() {
        let mut model: Model = listed();
        let mark = model.books().market.mark;
        let calm = Calm::around(PRICE, MarketParams::SOL.sigma_ref_ppm);
        let next = warm_up(&mut model, LOT_EXPONENT, &calm).unwrap();
        let state = model.books().market;
        assert_eq!((state.mark, state.previous_mark), (mark, mark));
        let sigma = state.statistics.sigma_fast_ppm;
        assert!(sigma.abs_diff(MarketParams::SOL.sigma_ref_ppm) <= 1, "{sigma}");
        assert_eq!(next, (state.mark_slot + STEP_SLOTS, state.publish_time + STEP_S as i64));
    }
}
