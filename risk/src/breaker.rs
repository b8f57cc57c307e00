//! The circuit breaker of a market (RISK section 1, 'Breaker'): far from its fast mean, a price stops new risk for a while.
//!
//! Owns [`crate::state::Breaker`]. Only a refresh with a confidence that serves new risk moves it, so that no outlier does: the mean lives in publish times, the pause in slots, and a pause
//! ends by itself. It stops nothing but the increase of risk: liquidations, reductions and withdrawals never ask it.
//! Assumes that publish times and slots passed in only ever grow (`refresh` sees to it).

use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, div_ceil, elapsed_s, mul, sub, to_u64, PPM};
use crate::state::{Breaker, MarketState, Now};
use crate::statistics::FAST_TAU_S;

/// Longest time between two prices that is distinguished, seconds: by then the old mean weighs less than a millionth.
const STEP_TIME_MAX_S: u64 = 1 << 31;

/// Takes the mark of a refresh into the breaker: a price outside `breaker_band_ppm` of the mean of the prices before it
/// stops new risk for `breaker_pause_slots`; then the price enters the mean. Rule P-23.
pub fn observe(market: &mut MarketState, now: &Now) -> RiskResult<()> {
    let (params, price, publish_time) = (&market.params, market.mark, market.publish_time);
    let breaker = &mut market.breaker;
    if breaker.mean_price == 0 {
        (breaker.mean_price, breaker.mean_time) = (price, publish_time);
        return Ok(());
    }
    if is_outside(breaker.mean_price, price, params.breaker_band_ppm) {
        breaker.open_until_slot = now.slot.saturating_add(u64::from(params.breaker_pause_slots));
    }
    step_mean(breaker, price, publish_time)
}

/// Whether a price lies outside the band around the mean, `|p − mean|·10^6 > band·mean`; on its edge it does not. Rule P-23.
fn is_outside(mean_price: u64, price: u64, band_ppm: u32) -> bool {
    mul(price.abs_diff(mean_price), PPM) > mul(mean_price, u64::from(band_ppm))
}

/// `mean + (p − mean)·dt/(dt + τ)`, rounded toward the price, so that a price that stays is reached and no band, however
/// tight, stays broken by rounding. τ is that of the fast variance. Rule P-23.
fn step_mean(breaker: &mut Breaker, price: u64, publish_time: i64) -> RiskResult<()> {
    let dt = elapsed_s(breaker.mean_time, publish_time).min(STEP_TIME_MAX_S);
    let step = to_u64(div_ceil(mul(price.abs_diff(breaker.mean_price), dt), add(FAST_TAU_S, dt)?)?)?;
    breaker.mean_price = match price > breaker.mean_price {
        true => add(breaker.mean_price, step)?,
        false => sub(breaker.mean_price, step)?,
    };
    breaker.mean_time = publish_time;
    Ok(())
}

/// Whether risk may not be increased now. Rule P-23.
pub fn is_open(market: &MarketState, now: &Now) -> bool {
    now.slot < market.breaker.open_until_slot
}

/// Refuses an increase of risk while the breaker is open. Errors: `BreakerOpen`. Rule F-5, O-14.
pub fn require_closed(market: &MarketState, now: &Now) -> RiskResult<()> {
    if is_open(market, now) {
        return Err(RiskError::BreakerOpen);
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::params::MarketParams;

    const PRICE: u64 = 2_000_000_000;
    const PAUSE: u64 = 750;

    /// Takes a price into the breaker alone, at a slot, published at a second.
    fn see(market: &mut MarketState, price: u64, publish_time: i64, slot: u64) {
        (market.mark, market.publish_time) = (price, publish_time);
        observe(market, &at(slot)).unwrap();
    }

    fn at(slot: u64) -> Now {
        Now { slot, unix_timestamp: 0, last_restart_slot: 0 }
    }

    fn market(band_ppm: u32) -> MarketState {
        let mut market = MarketState::new(MarketParams { breaker_band_ppm: band_ppm, ..MarketParams::SOL });
        see(&mut market, PRICE, 1_000, 100);
        market
    }

    #[test]
    fn price_beyond_the_band_opens_it_up_and_down_and_on_the_edge_it_does_not() {
        let edge = PRICE / 10;
        for (price, opens) in
            [(PRICE + edge, false), (PRICE + edge + 1, true), (PRICE - edge, false), (PRICE - edge - 1, true)]
        {
            let mut market = market(100_000);
            see(&mut market, price, 1_001, 102);
            assert_eq!(is_open(&market, &at(102)), opens, "at {price}");
            let expected = if opens { Err(RiskError::BreakerOpen) } else { Ok(()) };
            assert_eq!(require_closed(&market, &at(102)), expected);
        }
    }

    #[test]
    fn pause_ends_by_itself_after_its_slots() {
        let mut market = market(100_000);
        see(&mut market, PRICE * 2, 1_001, 102);
        assert!(is_open(&market, &at(102 + PAUSE - 1)));
        assert!(!is_open(&market, &at(102 + PAUSE)));
    }

    #[test]
    fn first_price_opens_nothing_and_starts_the_mean() {
        let market = market(0);
        assert_eq!(market.breaker, Breaker { mean_price: PRICE, mean_time: 1_000, open_until_slot: 0 });
    }

    #[test]
    fn price_is_compared_with_the_mean_before_it_enters() {
        let mut market = market(100_000);
        see(&mut market, PRICE * 2, 1_000 + 900, 2_000); // half of the way by the mean that it enters
        assert!(is_open(&market, &at(2_000)));
        assert_eq!(market.breaker.mean_price, PRICE * 3 / 2);
    }

    #[test]
    fn band_of_zero_opens_at_any_deviation_and_a_price_that_stays_closes_it() {
        let mut market = market(0);
        see(&mut market, PRICE, 1_001, 102);
        assert!(!is_open(&market, &at(102)));
        see(&mut market, PRICE + 1, 1_002, 104);
        assert!(is_open(&market, &at(104)));
        assert_eq!(market.breaker.mean_price, PRICE + 1);
        see(&mut market, PRICE + 1, 1_003, 106);
        assert_eq!(market.breaker.open_until_slot, 104 + PAUSE);
    }

    #[test]
    fn one_refresh_after_a_long_pause_of_the_feed_opens_it_once() {
        let mut market = market(100_000);
        let day = 86_400;
        see(&mut market, PRICE / 2, 1_000 + day, 200_000);
        assert!(is_open(&market, &at(200_000)));
        // The day weighs 96/97, so the mean stands within the band of the new price.
        see(&mut market, PRICE / 2, 1_001 + day, 200_003);
        assert_eq!(market.breaker.open_until_slot, 200_000 + PAUSE);
        see(&mut market, PRICE / 2, i64::MAX, 200_004);
        assert!(market.breaker.mean_price.abs_diff(PRICE / 2) < 10);
    }
}
