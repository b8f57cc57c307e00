//! Owns the days before the scenario, which bring the market's means to their working level.
//!
//! Depth is bounded by a 24 h mean of the open interest, and its own mean takes a day, counted only while prices come every
//! five seconds: a week is 151 200 refreshes. They are run on the market's state by the same function that the
//! program's `refresh_market` calls, and the result is written to the market's account; a test shows that the program
//! comes to the same state, to the atom. In this week the price steps up and down by `σ_ref·√12 s` every 12 seconds, so that
//! the market is at its reference volatility, and ends at the entry price; the confidence is the floor of a calm feed.

use anyhow::{Context, Result};
use breakwater_risk::{
    price::{confidence_from_pyth, price_from_pyth},
    refresh::{refresh, PriceObservation},
    MarketState, Now, RiskResult,
};

use crate::{
    path::CONF_FLOOR_PPM,
    stage::{Listed, Stage, PYTH_EXPONENT, QUOTE_DECIMALS},
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
pub fn run(market: &mut MarketState, listed: &Listed, calm: &Calm, now: Now, steps: u64) -> RiskResult<()> {
    for step in 0..steps {
        let unix_timestamp = now.unix_timestamp.saturating_add_unsigned(step * STEP_S);
        let at = Now { slot: now.slot + step * STEP_SLOTS, unix_timestamp, ..now };
        refresh(market, &observation(listed, calm.at(step), unix_timestamp)?, &at)?;
    }
    Ok(())
}

/// Warms up a market of the stage; the clock stands at the last refresh afterwards.
pub fn warm_up(stage: &mut Stage, market: usize, calm: &Calm) -> Result<()> {
    let listed = stage.markets[market];
    let (slot, unix) = next_time(stage);
    let first = Now { slot, unix_timestamp: unix, last_restart_slot: 0 };
    let mut account = stage.market(market);
    run(&mut account.state, &listed, calm, first, Calm::steps()).map_err(refused).context("the warm-up")?;
    let mut data = stage.bank.data(&listed.key).context("the market's account")?;
    data[8..].copy_from_slice(bytemuck::bytes_of(&account));
    stage.bank.set_account(&listed.key, breakwater::ID, data);
    stage.bank.set_clock(account.state.mark_slot, account.state.publish_time);
    Ok(())
}

/// The time one step after the stage's clock.
pub fn next_time(stage: &Stage) -> (u64, i64) {
    let (slot, unix) = stage.time();
    (slot + STEP_SLOTS, unix.saturating_add_unsigned(STEP_S))
}

/// What the program reads from the account that [`Stage::post`] writes, at the floor of the confidence.
fn observation(listed: &Listed, price_micro_usd: u64, publish_time: i64) -> RiskResult<PriceObservation> {
    let exponent = i32::from(listed.lot_exponent);
    let pyth = Stage::pyth_price(listed, price_micro_usd, CONF_FLOOR_PPM, publish_time);
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

    #[test]
    fn the_program_warms_up_to_the_same_state() {
        let mut stage = Stage::new().unwrap();
        let market = stage.list_market(&MarketParams::SOL, -5).unwrap();
        let price = 203_800_000;
        stage.publish(market, price, CONF_FLOOR_PPM).unwrap();
        let calm = Calm::around(price, MarketParams::SOL.sigma_ref_ppm);
        assert_ne!(calm.price, calm.other_price);

        let mut expected = stage.market(market).state;
        let (slot, unix_timestamp) = next_time(&stage);
        let now = Now { slot, unix_timestamp, last_restart_slot: 0 };
        let steps = 60;
        run(&mut expected, &stage.markets[market], &calm, now, steps).unwrap();
        for step in 0..steps {
            let (slot, unix) = next_time(&stage);
            stage.bank.set_clock(slot, unix);
            stage.publish(market, calm.at(step), CONF_FLOOR_PPM).unwrap();
        }
        assert_eq!(stage.market(market).state, expected);
    }

    #[test]
    fn a_warm_market_is_at_its_reference_volatility_and_at_the_entry_price() {
        let mut stage = Stage::new().unwrap();
        let market = stage.list_market(&MarketParams::SOL, -5).unwrap();
        let price = 203_800_000;
        stage.publish(market, price, CONF_FLOOR_PPM).unwrap();
        let mark = stage.market(market).state.mark;
        warm_up(&mut stage, market, &Calm::around(price, MarketParams::SOL.sigma_ref_ppm)).unwrap();
        let state = stage.market(market).state;
        assert_eq!((state.mark, state.previous_mark), (mark, mark));
        let sigma = state.statistics.sigma_fast_ppm;
        assert!(sigma.abs_diff(MarketParams::SOL.sigma_ref_ppm) <= 1, "{sigma}");
        assert_eq!(stage.time(), (state.mark_slot, state.publish_time));
    }
}
