//! Funding of a market: off while `funding_max_ppm` is 0.
//!
//! Owns [`crate::state::Funding`] and moves the cash indices of both sides by the same figure, so that longs pay
//! exactly what shorts receive, per lot. Funding accrues at every refresh and in front of every fill.
//!
//! Moving funding never pays. A fill adds to the premium P at most the fees that its two sides paid. An accrual over dt first
//! decays P to `P' ≤ P·τ/(τ + dt)`, then moves at most `P'·dt/τ ≤ P − P'` between the sides, since it divides P' by at least the
//! open interest. All that a fill ever moves is thus at most what it added, whoever trades, and however often anybody calls.

use crate::error::RiskResult;
use crate::fixed::{div_ceil, div_floor, div_rem, elapsed_s, mul, mul_signed, saturate, signed, to_i64, to_u64, PPM};
use crate::ledger;
use crate::state::{Funding, MarketState};
use bytemuck::Zeroable;

/// τ of the premium, seconds.
pub const PREMIUM_TAU_S: u64 = 3_600;
/// Longest time that one accrual counts, seconds.
pub const ACCRUAL_MAX_S: u64 = 3_600;
/// Sums above this weight are halved together, which leaves their quotient.
const WEIGHT_MAX_ATOMS: u64 = 1 << 62;
/// Divisor of `mark · ppm per hour · seconds`: below 2^32.
const PPM_HOURS: u64 = 3_600_000_000;

/// Takes a venue fill into the premium: `notional·(fill − mark)/mark`, in size at most `funding_max_ppm` of the notional and at
/// most `fees_atoms`, what the two sides paid. Assumes that funding is accrued up to now. Rule G-1.
pub fn record_fill(market: &mut MarketState, fill_price: u64, notional_atoms: u64, fees_atoms: u64) -> RiskResult<()> {
    let funding_max_ppm = u64::from(market.params.funding_max_ppm);
    if funding_max_ppm == 0 || market.mark == 0 {
        return Ok(());
    }
    let distance_ppm = saturate(div_floor(mul(fill_price.abs_diff(market.mark), PPM), market.mark)?);
    let size = mul(distance_ppm.min(funding_max_ppm), notional_atoms).min(mul(fees_atoms, PPM));
    let added = with_sign(size, fill_price < market.mark);
    let funding = &mut market.funding;
    let mut premium = funding.premium_weighted.get().saturating_add(added);
    let mut weight = funding.weight_atoms.saturating_add(notional_atoms);
    if weight > WEIGHT_MAX_ATOMS {
        (premium, weight) = (premium / 2, weight.div_ceil(2));
    }
    (funding.premium_weighted, funding.weight_atoms) = (premium.into(), weight);
    Ok(())
}

/// Decays both sums by `τ/(τ + dt)`; the weight is rounded up, the premium toward zero.
fn decay(funding: &mut Funding, elapsed_s: u64) -> RiskResult<()> {
    let span = PREMIUM_TAU_S.saturating_add(elapsed_s.min(u64::from(u32::MAX / 2)));
    funding.weight_atoms = to_u64(div_ceil(mul(funding.weight_atoms, PREMIUM_TAU_S), span)?)?;
    let premium = funding.premium_weighted.get();
    let size = premium.unsigned_abs().saturating_mul(u128::from(PREMIUM_TAU_S));
    funding.premium_weighted = with_sign(div_floor(size, span)?, premium < 0).into();
    Ok(())
}

/// Funding rate now, within `±funding_max_ppm`, toward zero; longs pay when positive. The weight of the fills counts as at
/// least the whole open interest, the present one and its 24 h mean. Unit: ppm per hour. Rule G-2.
pub fn rate_ppm(market: &MarketState) -> RiskResult<i64> {
    let open_atoms = saturate(div_ceil(mul(market.long.open_lots, market.mark), PPM)?);
    let weight = market.funding.weight_atoms.max(open_atoms).max(market.depth.open_interest_mean_atoms).max(1);
    let premium = market.funding.premium_weighted.get();
    let size = saturate(div_floor(premium.unsigned_abs(), weight)?).min(u64::from(market.params.funding_max_ppm));
    to_i64(with_sign(u128::from(size), premium < 0))
}

/// Accrues funding up to `unix` with the mark of the last refresh: `f = mark · rate · hours`, `K −= A·f` on both
/// sides. Returns f, atoms per lot × 10^6, positive when longs pay.
///
/// What f rounds off toward zero is carried, so that the sum of all f is exact: refreshing every second cannot round funding
/// away, and no choice of moments can round it up. Rule G-3.
pub fn accrue(market: &mut MarketState, unix: i64) -> RiskResult<i64> {
    let since = market.funding.accrued_time;
    let elapsed = elapsed_s(since, unix);
    market.funding.accrued_time = since.max(unix);
    if market.params.funding_max_ppm == 0 {
        market.funding = Funding { accrued_time: market.funding.accrued_time, ..Funding::zeroed() };
        return Ok(0);
    }
    if since == 0 || market.mark == 0 || elapsed == 0 {
        return Ok(0);
    }
    decay(&mut market.funding, elapsed)?;
    if market.long.open_lots == 0 {
        market.funding.carried = 0;
        return Ok(0);
    }
    let hourly = mul_signed(signed(market.mark), i128::from(rate_ppm(market)?))?;
    let owed =
        mul_signed(hourly, signed(elapsed.min(ACCRUAL_MAX_S)))?.saturating_add(i128::from(market.funding.carried));
    let (whole, rest) = div_rem(owed.unsigned_abs(), PPM_HOURS)?;
    market.funding.carried = to_i64(with_sign(u128::from(rest), owed < 0))?;
    let paid = to_i64(with_sign(whole, owed < 0))?;
    ledger::accrue_funding(market, paid)?;
    Ok(paid)
}

/// A size with its sign; sizes above 2^127 do not occur and saturate.
fn with_sign(size: u128, is_negative: bool) -> i128 {
    let size = i128::try_from(size).unwrap_or(i128::MAX);
    if is_negative {
        size.saturating_neg()
    } else {
        size
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::params::MarketParams;

    const MARK: u64 = 2_000_000_000;
    const START: i64 = 1_000_000;
    /// Fees that limit nothing.
    const AMPLE: u64 = u64::MAX;

    /// Open interest of $2.
    fn market() -> MarketState {
        let mut market = MarketState::new(MarketParams { funding_max_ppm: 500, ..MarketParams::SOL });
        (market.mark, market.long.open_lots, market.short.open_lots) = (MARK, 1_000, 1_000);
        market.funding.accrued_time = START;
        market
    }

    #[test]
    fn rate_is_the_notional_weighted_premium_within_its_limit() {
        let mut market = market();
        record_fill(&mut market, MARK + MARK / 10_000, 3_000_000, AMPLE).unwrap(); // +100 ppm
        record_fill(&mut market, MARK - MARK / 10_000, 1_000_000, AMPLE).unwrap(); // −100 ppm
        assert_eq!(rate_ppm(&market), Ok(50));
        record_fill(&mut market, MARK * 2, 1 << 50, AMPLE).unwrap(); // a fill counts at the limit
        assert_eq!(rate_ppm(&market), Ok(499));
        record_fill(&mut market, 1, 1 << 60, AMPLE).unwrap();
        assert_eq!(rate_ppm(&market), Ok(-499));
    }

    #[test]
    fn a_fill_moves_the_premium_by_at_most_the_fees_paid_for_it() {
        let mut market = market();
        market.depth.open_interest_mean_atoms = 1_000_000_000;
        record_fill(&mut market, MARK + MARK / 1_000, 1_000_000_000, 100_000).unwrap(); // 500 ppm, but fees of 100 ppm
        assert_eq!(rate_ppm(&market), Ok(100));
        record_fill(&mut market, MARK - MARK / 1_000, 1_000_000_000, 0).unwrap();
        assert_eq!(market.funding.premium_weighted.get(), 100_000 * 1_000_000);
    }

    #[test]
    fn a_thin_print_weighs_as_little_as_it_is_of_the_open_interest() {
        for is_mean in [false, true] {
            let mut market = market();
            match is_mean {
                true => market.depth.open_interest_mean_atoms = 200_000_000,
                false => market.long.open_lots = 100_000, // $200
            }
            record_fill(&mut market, MARK * 2, 2_000_000, AMPLE).unwrap(); // $2 at 500 ppm
            assert_eq!(rate_ppm(&market), Ok(5));
        }
    }

    #[test]
    fn longs_pay_what_shorts_receive() {
        let mut market = market();
        record_fill(&mut market, MARK * 2, 4_000_000, AMPLE).unwrap();
        let paid = accrue(&mut market, START + 3_600).unwrap();
        assert_eq!(paid as u64, MARK / 1_000_000 * 500); // 1/(1 + 1) of both sums: 500 ppm for an hour
        let moved = -i128::from(paid) * i128::from(market.long.size_index);
        assert_eq!((market.long.cash_index.get(), market.short.cash_index.get()), (moved, moved));
    }

    #[test]
    fn accruing_every_second_gives_the_same_as_once_an_hour() {
        let mut often = market();
        record_fill(&mut often, MARK + MARK / 1_000_000 * 3, 1 << 60, AMPLE).unwrap(); // 3 ppm: 1.67 a second
        often.funding.premium_weighted = (often.funding.premium_weighted.get() + (1 << 60) / 2).into(); // rounds to 3 ppm
        let mut once = often;
        let sum: i64 = (1..=3_600).map(|second| accrue(&mut often, START + second).unwrap()).sum();
        assert_eq!(sum, accrue(&mut once, START + 3_600).unwrap());
        assert_eq!(often.long.cash_index, once.long.cash_index);
    }

    #[test]
    fn pause_counts_for_an_hour_at_most() {
        let mut market = market();
        record_fill(&mut market, MARK * 2, 1 << 60, AMPLE).unwrap();
        let paid = accrue(&mut market, START + 86_400).unwrap();
        assert!((MARK / 1_000_000 * 499..=MARK / 1_000_000 * 500).contains(&(paid as u64)), "{paid}");
    }

    #[test]
    fn funding_is_off_at_zero_and_before_the_first_price() {
        let mut off = market();
        record_fill(&mut off, MARK * 2, 1_000_000, AMPLE).unwrap();
        off.params.funding_max_ppm = 0;
        record_fill(&mut off, MARK * 2, 1, AMPLE).unwrap();
        assert_eq!(accrue(&mut off, START + 60), Ok(0));
        assert_eq!(off.funding, Funding { accrued_time: START + 60, ..Funding::zeroed() }, "it forgets the premium");
        let mut new = market();
        (new.mark, new.funding.accrued_time) = (0, 0);
        assert_eq!(accrue(&mut new, START), Ok(0));
    }

    #[test]
    fn a_premium_fades_when_nobody_trades() {
        let mut market = market();
        market.depth.open_interest_mean_atoms = 100_000_000_000;
        record_fill(&mut market, MARK * 2, 100_000_000_000, AMPLE).unwrap();
        assert_eq!(rate_ppm(&market), Ok(500));
        accrue(&mut market, START + 9 * 3_600).unwrap();
        assert_eq!(rate_ppm(&market), Ok(50));
    }
}
