//! Funding of a market (RISK section 1): off while `funding_max_ppm` is 0.
//!
//! Owns [`crate::state::Funding`] and moves the cash indices of both sides by the same figure, so that longs pay
//! exactly what shorts receive, per lot. Clock time is counted up to one hour per refresh.

use crate::error::RiskResult;
use crate::fixed::{div_ceil, div_floor, elapsed_s, mul, mul_signed, saturate, signed, to_i64, to_u64, PPM};
use crate::ledger;
use crate::state::MarketState;

/// τ of the premium mean, seconds.
pub const PREMIUM_TAU_S: u64 = 3_600;
/// Most time that one refresh accrues, seconds.
pub const ACCRUAL_MAX_S: u64 = 3_600;
/// Fills weigh at least this part of the mean open interest (1/100): a thin print moves no funding, and a premium
/// fades when nobody trades.
const WEIGHT_FLOOR_DIVISOR: u64 = 100;
/// Sums above this weight are halved together, which leaves their quotient.
const WEIGHT_MAX_ATOMS: u64 = 1 << 62;
/// Divisor of `mark · ppm per hour · seconds`: below 2^32.
const PPM_HOURS: u64 = 3_600_000_000;

/// Takes a venue fill into the premium mean: notional-weighted `(fill − mark)/mark`. Never fails a trade for its
/// figures: they are clamped. Rule G-1.
pub fn record_fill(market: &mut MarketState, fill_price: u64, notional_atoms: u64, unix: i64) -> RiskResult<()> {
    if market.params.funding_max_ppm == 0 || market.mark == 0 {
        return Ok(());
    }
    decay(market, unix)?;
    let size = saturate(div_floor(mul(fill_price.abs_diff(market.mark), PPM), market.mark)?).min(PPM);
    let weighted = to_signed_product(size, notional_atoms, fill_price < market.mark)?;
    let funding = &mut market.funding;
    let mut premium = funding.premium_weighted.get().saturating_add(weighted);
    let mut weight = funding.weight_atoms.saturating_add(notional_atoms);
    if weight > WEIGHT_MAX_ATOMS {
        (premium, weight) = (premium / 2, weight.div_ceil(2));
    }
    (funding.premium_weighted, funding.weight_atoms) = (premium.into(), weight);
    Ok(())
}

/// Decays both sums by `τ/(τ + dt)`; the weight is rounded up, the premium toward zero.
fn decay(market: &mut MarketState, unix: i64) -> RiskResult<()> {
    let funding = &mut market.funding;
    let dt = elapsed_s(funding.mean_time, unix).min(u64::from(u32::MAX / 2));
    funding.mean_time = funding.mean_time.max(unix);
    if dt == 0 || funding.weight_atoms == 0 {
        return Ok(());
    }
    let span = PREMIUM_TAU_S.saturating_add(dt);
    funding.weight_atoms = to_u64(div_ceil(mul(funding.weight_atoms, PREMIUM_TAU_S), span)?)?;
    let premium = mul_signed(funding.premium_weighted.get(), signed(PREMIUM_TAU_S))?;
    funding.premium_weighted = premium.checked_div(signed(span)).unwrap_or(0).into();
    Ok(())
}

/// Funding rate now: the premium mean to nearest, within `±funding_max_ppm`; longs pay when positive. Unit: ppm per hour. Rule G-2.
pub fn rate_ppm(market: &MarketState) -> i64 {
    let limit = i128::from(market.params.funding_max_ppm);
    let floor = market.depth.open_interest_mean_atoms / WEIGHT_FLOOR_DIVISOR;
    let weight = market.funding.weight_atoms.max(floor).max(1);
    let premium = market.funding.premium_weighted.get();
    let half = signed(weight / 2).saturating_mul(premium.signum());
    let mean = premium.saturating_add(half).checked_div(signed(weight)).unwrap_or(0);
    i64::try_from(mean.clamp(limit.saturating_neg(), limit)).unwrap_or(0)
}

/// Accrues funding up to `unix` with the mark of the last refresh: `f = mark · rate · hours`, `K −= A·f` on both
/// sides (DESIGN section 4). Returns f, atoms per lot × 10^6, positive when longs pay.
///
/// f is the difference of `⌊Q·t⌋` at two points of a clock, Q = mark · rate: it adds up over any spacing of calls, so
/// that refreshing every second cannot round it away (PEERS, failure 3). Rule G-3.
pub fn accrue(market: &mut MarketState, unix: i64) -> RiskResult<i64> {
    let seconds = elapsed_s(market.funding.accrued_time, unix).min(ACCRUAL_MAX_S);
    let since = market.funding.accrued_time;
    market.funding.accrued_time = since.max(unix);
    if market.params.funding_max_ppm == 0 || since == 0 || market.mark == 0 || market.long.open_lots == 0 {
        return Ok(0);
    }
    decay(market, unix)?;
    let rate = rate_ppm(market);
    let hourly = to_u64(mul(market.mark, rate.unsigned_abs()))?; // 2^48 · 5 000 < 2^61
    let phase = u64::try_from(since.rem_euclid(3_600)).unwrap_or(0);
    let until = div_floor(mul(hourly, phase.saturating_add(seconds)), PPM_HOURS)?;
    let from = div_floor(mul(hourly, phase), PPM_HOURS)?;
    let magnitude = to_i64(signed(to_u64(until.saturating_sub(from))?))?;
    let paid = if rate < 0 { magnitude.saturating_neg() } else { magnitude };
    ledger::accrue_funding(market, paid)?;
    Ok(paid)
}

/// `±size · notional` in atoms · ppm; below 2^84.
fn to_signed_product(size_ppm: u64, notional_atoms: u64, negative: bool) -> RiskResult<i128> {
    let product = mul_signed(signed(size_ppm), signed(notional_atoms))?;
    Ok(if negative { product.saturating_neg() } else { product })
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::params::MarketParams;

    const MARK: u64 = 2_000_000_000;
    const START: i64 = 1_000_000;

    fn market() -> MarketState {
        let mut market = MarketState::new(MarketParams { funding_max_ppm: 500, ..MarketParams::SOL });
        (market.mark, market.long.open_lots, market.short.open_lots) = (MARK, 1_000, 1_000);
        (market.funding.accrued_time, market.funding.mean_time) = (START, START);
        market
    }

    #[test]
    fn rate_is_the_notional_weighted_premium_within_its_limit() {
        let mut market = market();
        record_fill(&mut market, MARK + MARK / 10_000, 3_000_000, START).unwrap(); // +100 ppm
        record_fill(&mut market, MARK - MARK / 10_000, 1_000_000, START).unwrap(); // −100 ppm
        assert_eq!(rate_ppm(&market), 50);
        record_fill(&mut market, MARK * 2, 100_000_000, START).unwrap();
        assert_eq!(rate_ppm(&market), 500);
        record_fill(&mut market, 1, 1_000_000_000, START).unwrap();
        assert_eq!(rate_ppm(&market), -500);
    }

    #[test]
    fn longs_pay_what_shorts_receive() {
        let mut market = market();
        record_fill(&mut market, MARK * 2, 1_000_000, START).unwrap();
        let paid = accrue(&mut market, START + 3_600).unwrap();
        assert_eq!(paid as u64, MARK / 1_000_000 * 500); // 500 ppm for an hour
        let moved = -i128::from(paid) * i128::from(market.long.size_index);
        assert_eq!((market.long.cash_index.get(), market.short.cash_index.get()), (moved, moved));
    }

    #[test]
    fn accruing_every_second_gives_the_same_as_once_an_hour() {
        let mut often = market();
        record_fill(&mut often, MARK + MARK / 1_000_000 * 3, 1 << 60, START).unwrap(); // 3 ppm: 1.67 a second
        let mut once = often;
        let sum: i64 = (1..=3_600).map(|second| accrue(&mut often, START + second).unwrap()).sum();
        assert_eq!(sum, accrue(&mut once, START + 3_600).unwrap());
        assert_eq!(often.long.cash_index, once.long.cash_index);
    }

    #[test]
    fn pause_counts_for_an_hour_at_most() {
        let mut market = market();
        record_fill(&mut market, MARK * 2, 1 << 60, START).unwrap();
        let paid = accrue(&mut market, START + 86_400).unwrap();
        assert_eq!(paid as u64, MARK / 1_000_000 * 500);
    }

    #[test]
    fn funding_is_off_at_zero_and_before_the_first_price() {
        let mut off = market();
        off.params.funding_max_ppm = 0;
        record_fill(&mut off, MARK * 2, 1, START).unwrap();
        assert_eq!((accrue(&mut off, START + 60), off.funding.weight_atoms), (Ok(0), 0));
        let mut new = market();
        (new.mark, new.funding.accrued_time) = (0, 0);
        assert_eq!(accrue(&mut new, START), Ok(0));
    }

    #[test]
    fn thin_print_moves_no_funding_and_a_premium_fades() {
        let mut market = market();
        market.depth.open_interest_mean_atoms = 100_000_000_000;
        record_fill(&mut market, MARK * 2, 1_000_000, START).unwrap(); // a dollar against $1 000 of weight
        assert_eq!(rate_ppm(&market), 500);
        decay(&mut market, START + 9 * 3_600).unwrap();
        assert_eq!(rate_ppm(&market), 100); // 1/(1 + 9) of 1 000 ppm
    }
}
