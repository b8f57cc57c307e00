//! Depth and flow capacity of a market, inferred from what Pyth reports (RISK section 1, 'Depth').
//!
//! Owns [`crate::state::Depth`]. D is the notional that moves the price by 10 bp. Everything here errs toward less
//! depth: an unknown depth is the lower clamp, a stale price has no capacity.

use crate::error::RiskResult;
use crate::fixed::{
    div_floor, elapsed_s, mean_step_floor, mul, mul_div_floor, mul_ppm_floor, root, saturate, saturate_u32,
    saturating_mul, PPM,
};
use crate::params::MarketParams;
use crate::state::{Depth, MarketState, Now};
use crate::statistics::reference_variance;
use crate::units::MAX_NOTIONAL_ATOMS;

/// Least depth as a part of its base: 1/42 (SOL fell to 1/26 on 10 October 2025).
pub const CLAMP_DIVISOR: u64 = 42;
/// Most that depth falls in one refresh, as a divisor.
pub const FALL_DIVISOR: u64 = 4;
/// τ of the recovery, seconds: a half-life of 9.2 minutes.
pub const RECOVERY_TAU_S: u64 = 800;
/// A longer silence between two publish times, or an older price, means the lower clamp, seconds.
pub const SILENCE_MAX_S: u64 = 5;
/// Two wide confidences must be published this far apart to agree, seconds.
pub const CONFIRMATION_S: u64 = 2;
/// τ of the means of depth and open interest, seconds.
pub const MEAN_TAU_S: u64 = 86_400;
/// Most time that one refresh counts toward a mean, seconds: a pause of the feed cannot make a passing open
/// interest look like an old one.
pub const MEAN_STEP_MAX_S: u64 = 3_600;
/// Fractional bits of a depth factor.
const FACTOR_BITS: u32 = 20;
/// One as a depth factor.
const FACTOR_ONE: u64 = 1 << FACTOR_BITS;

/// What a refresh learned about the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedQuality {
    /// max(confidence, EMA confidence) / price, ppm.
    pub confidence_ppm: u64,
    /// Publish time, seconds.
    pub publish_time: i64,
    /// Seconds since the publish time used before; `None` for the first price.
    pub gap_s: Option<u64>,
    /// Age of the price by the clock, seconds.
    pub age_s: u64,
}

impl FeedQuality {
    /// Whether the feed was silent: first price, gap or age above 5 s.
    fn is_silent(&self) -> bool {
        self.age_s > SILENCE_MAX_S || self.gap_s.is_none_or(|gap| gap > SILENCE_MAX_S)
    }

    /// Seconds that this refresh counts toward a mean.
    fn mean_step_s(&self) -> u64 {
        self.gap_s.unwrap_or(0).min(MEAN_STEP_MAX_S)
    }
}

/// Takes a refresh into the depth: open-interest mean, D, its slow mean, inverse roots, δ_max and C, in this order.
/// The statistics and the mark are those of this refresh already.
pub fn update(market: &mut MarketState, feed: &FeedQuality) -> RiskResult<()> {
    let open_interest = div_floor(mul(market.long.open_lots, market.mark), PPM)?; // may pass 64 bits
    let open_interest = saturate(open_interest).min(MAX_NOTIONAL_ATOMS);
    let (params, depth) = (&market.params, &mut market.depth);
    depth.open_interest_mean_atoms =
        mean_step_floor(depth.open_interest_mean_atoms, open_interest, feed.mean_step_s(), MEAN_TAU_S)?;
    let base = effective_base(params, depth.open_interest_mean_atoms)?;
    depth.depth_atoms = next_depth(params, depth, market.statistics.variance_fast, base, feed)?;
    depth.depth_slow_atoms = match depth.depth_slow_atoms {
        0 => base,
        slow => mean_step_floor(slow, depth.depth_atoms, feed.mean_step_s(), MEAN_TAU_S)?.max(1),
    };
    depth.inverse_root_live = inverse_root_ceil(depth.depth_atoms);
    depth.inverse_root_slow = inverse_root_ceil(depth.depth_slow_atoms);
    depth.move_ppm = permitted_move(params, market.statistics.variance_fast)?;
    depth.capacity_atoms = capacity(params, depth, base, feed)?;
    Ok(())
}

/// `D0_eff = min(D0, share · EMA_24h(open interest))`, but at least D0/42: a market whose open interest is young
/// trades at the least depth that D0 admits, neither unlimited nor stuck. Unit: atoms. Rule K-1.
pub fn effective_base(params: &MarketParams, open_interest_mean_atoms: u64) -> RiskResult<u64> {
    let share = mul_ppm_floor(open_interest_mean_atoms, u64::from(params.depth_share_ppm))?;
    Ok(share.min(params.depth_base_atoms).max(lower_clamp(params.depth_base_atoms)))
}

/// Least depth for a base, `base/42`, at least 1. Unit: atoms.
pub fn lower_clamp(base: u64) -> u64 {
    base.div_ceil(CLAMP_DIVISOR).max(1)
}

/// D of this refresh: the lower clamp after a silence, else toward its target, at most ×4 down and with a half-life
/// of 9.2 minutes up, inside `[base/42, base]`. Rule K-4.
fn next_depth(
    params: &MarketParams,
    depth: &mut Depth,
    variance: u64,
    base: u64,
    feed: &FeedQuality,
) -> RiskResult<u64> {
    let target = confirmed_target(params, depth, variance, base, feed);
    let before = depth.depth_atoms;
    let next = if feed.is_silent() {
        0
    } else if target < before {
        target.max(before.div_ceil(FALL_DIVISOR))
    } else {
        mean_step_floor(before, target, feed.mean_step_s(), RECOVERY_TAU_S)?
    };
    Ok(next.max(lower_clamp(base)).min(base))
}

/// `base · min(1, (c_ref/c)², k_v·(σ_ref/σ_fast)²)`. A fall that only the confidence asks for waits until two publish
/// times at least 2 s apart agree; they agree on the narrower one. Rule K-2, K-3.
fn confirmed_target(params: &MarketParams, depth: &mut Depth, variance: u64, base: u64, feed: &FeedQuality) -> u64 {
    let by_volatility = scaled(base, volatility_factor(params, variance));
    let by_confidence = scaled(base, confidence_factor(params, feed.confidence_ppm));
    let held = depth.depth_atoms.min(by_volatility);
    if by_confidence >= held {
        (depth.pending_confidence_ppm, depth.pending_confidence_time) = (0, 0);
        return by_volatility.min(by_confidence);
    }
    let pending = u64::from(depth.pending_confidence_ppm);
    if pending == 0 {
        depth.pending_confidence_ppm = saturate_u32(feed.confidence_ppm);
        depth.pending_confidence_time = feed.publish_time;
        return held;
    }
    let agreed = pending.min(feed.confidence_ppm);
    if elapsed_s(depth.pending_confidence_time, feed.publish_time) < CONFIRMATION_S {
        depth.pending_confidence_ppm = saturate_u32(agreed);
        return held;
    }
    depth.pending_confidence_ppm = saturate_u32(feed.confidence_ppm);
    depth.pending_confidence_time = feed.publish_time;
    held.min(scaled(base, confidence_factor(params, agreed)))
}

/// `(c_ref/c)²`, at most 1: impact grows with the square root of size, spread with volatility per trade, hence depth
/// with 1/spread² (RISK section 1).
fn confidence_factor(params: &MarketParams, confidence_ppm: u64) -> u64 {
    let reference = u64::from(params.confidence_ref_ppm);
    if confidence_ppm <= reference {
        return FACTOR_ONE;
    }
    let square = saturating_mul(confidence_ppm, confidence_ppm);
    let scaled_reference = saturating_mul(saturating_mul(reference, reference), FACTOR_ONE);
    scaled_reference.checked_div(square).unwrap_or(FACTOR_ONE).min(FACTOR_ONE)
}

/// `k_v·(σ_ref/σ_fast)²`, at most 1. Published confidence has a fee floor and understates a collapse; this term
/// does not.
fn volatility_factor(params: &MarketParams, variance: u64) -> u64 {
    let reference = (reference_variance(params) >> 16).saturating_mul(FACTOR_ONE); // σ_ref² ≤ 2^25: below 2^61
    let ratio = reference.checked_div((variance >> 16).max(1)).unwrap_or(0);
    let weighted = saturating_mul(ratio.min(FACTOR_ONE.saturating_mul(16)), u64::from(params.depth_volatility_ppm));
    (weighted / PPM).min(FACTOR_ONE)
}

/// `⌊base · factor⌋`.
fn scaled(base: u64, factor: u64) -> u64 {
    saturate(mul(base, factor) >> FACTOR_BITS)
}

/// `⌈2^32 / √depth⌉`: √(N/D) becomes a product. Rounded up, so that an add-on never falls short. 0 for depth 0.
pub fn inverse_root_ceil(depth_atoms: u64) -> u64 {
    if depth_atoms == 0 {
        return 0;
    }
    let shift = depth_atoms.leading_zeros() & !1; // even, keeps the precision of small depths
    let root = root(depth_atoms.checked_shl(shift).unwrap_or(0)); // √depth · 2^(shift/2)
    let one = 1u64.checked_shl(32u32.saturating_add(shift / 2)).unwrap_or(u64::MAX); // shift/2 ≤ 31
    one.div_ceil(root.max(1))
}

/// `δ_max = clamp(σ_fast·√τ_flow, move_min, move_max)`, rounded down: what the market moves by itself while it
/// recovers. Unit: ppm. Rule K-5.
pub fn permitted_move(params: &MarketParams, variance: u64) -> RiskResult<u64> {
    let recovery_ms = saturating_mul(u64::from(params.flow_recovery_slots), u64::from(params.slot_ms));
    let squared = div_floor(mul(variance, recovery_ms), 1_000)? >> 32;
    let moved = root(saturate(squared));
    Ok(moved.max(u64::from(params.move_min_ppm)).min(u64::from(params.move_max_ppm)))
}

/// `C = D·(δ_max/10 bp)²`, at most its value at σ_ref. Unit: atoms, at most 2^60.
///
/// The value at σ_ref takes δ_max at σ_ref and the depth of σ_ref with today's confidence, or D if D is larger still:
/// as σ grows, D falls with 1/σ² and δ² grows with σ², but where D is held by the confidence or by a clamp only δ
/// would grow, and a shock would raise the capacity. Rule K-6.
fn capacity(params: &MarketParams, depth: &Depth, base: u64, feed: &FeedQuality) -> RiskResult<u64> {
    let reference = reference_variance(params);
    let calm_factor = volatility_factor(params, reference).min(confidence_factor(params, feed.confidence_ppm));
    let calm_depth = if feed.is_silent() { 0 } else { scaled(base, calm_factor) };
    let calm = capacity_of(calm_depth.max(depth.depth_atoms), permitted_move(params, reference)?)?;
    Ok(capacity_of(depth.depth_atoms, depth.move_ppm)?.min(calm))
}

/// `⌊D · (δ/1000 ppm)²⌋`, at most 2^60.
fn capacity_of(depth_atoms: u64, move_ppm: u64) -> RiskResult<u64> {
    let capacity = div_floor(mul(depth_atoms, saturating_mul(move_ppm, move_ppm)), 1_000_000)?;
    Ok(saturate(capacity).min(MAX_NOTIONAL_ATOMS))
}

/// What the book carries at use: C of the last refresh, 0 when the price is older than `price_age_max_s`. Unit: atoms. Rule K-6.
fn book_capacity(market: &MarketState, now: &Now) -> u64 {
    let age = elapsed_s(market.publish_time, now.unix_timestamp);
    if market.mark == 0 || age > u64::from(market.params.price_age_max_s) {
        return 0;
    }
    market.depth.capacity_atoms
}

/// Flow capacity at use, `⌊C/macro stress⌋`: where all feeds fall at once nobody buys, and less is forced on the book.
/// Unit: atoms. Rules K-6, M-11.
pub fn flow_capacity(market: &MarketState, now: &Now) -> u64 {
    let capacity = book_capacity(market, now);
    match market.macro_view.factor_ppm() {
        PPM => capacity,
        stress => mul_div_floor(capacity, PPM, stress).unwrap_or(0), // at most C, for a factor of at least one
    }
}

/// What the mean depth of a day carries at the least permitted move, `⌊D_slow·(δ_min/10 bp)²⌋`: a measure that no silence of
/// the feed and no single refresh moves. Unit: atoms, at most 2^60. Rule K-8.
pub fn slow_capacity(market: &MarketState) -> RiskResult<u64> {
    capacity_of(market.depth.depth_slow_atoms, u64::from(market.params.move_min_ppm))
}

/// Notional per unit relative move by that, `⌊C_slow/δ_min⌋`. Unit: atoms, saturating. Rule K-8.
pub fn slow_depth_per_unit(market: &MarketState) -> RiskResult<u64> {
    Ok(saturate(div_floor(mul(slow_capacity(market)?, PPM), u64::from(market.params.move_min_ppm))?))
}

/// Notional per unit relative move, `D = C/δ_max`, rounded down: the secant of the impact up to C (RISK section 1), whatever
/// the macro stress leaves of C. 0 when C = 0. Unit: atoms. Rule K-7.
pub fn depth_per_unit(market: &MarketState, now: &Now) -> RiskResult<u64> {
    let capacity = book_capacity(market, now);
    if capacity == 0 || market.depth.move_ppm == 0 {
        return Ok(0);
    }
    Ok(saturate(div_floor(mul(capacity, PPM), market.depth.move_ppm)?))
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;

    const PARAMS: MarketParams = MarketParams::SOL;
    const BASE: u64 = PARAMS.depth_base_atoms;

    /// A market whose open interest admits the whole D0, at reference volatility.
    fn market() -> MarketState {
        let mut market = MarketState::new(PARAMS);
        market.mark = 2_000_000_000;
        market.depth.open_interest_mean_atoms = 50 * BASE;
        (market.long.open_lots, market.short.open_lots) = (25_000_000_000, 25_000_000_000);
        market.statistics.variance_fast = reference_variance(&PARAMS);
        (market.depth.depth_atoms, market.depth.depth_slow_atoms) = (BASE, BASE);
        market
    }

    fn feed(confidence_ppm: u64, publish_time: i64) -> FeedQuality {
        FeedQuality { confidence_ppm, publish_time, gap_s: Some(1), age_s: 0 }
    }

    fn depth_after(market: &mut MarketState, feed: &FeedQuality) -> u64 {
        update(market, feed).unwrap();
        market.depth.depth_atoms
    }

    #[test]
    fn calm_market_has_its_base_depth_and_capacity() {
        let mut market = market();
        assert_eq!(depth_after(&mut market, &feed(500, 1)), BASE);
        assert_eq!(market.depth.move_ppm, 2_500); // 142 ppm · √240 s = 22 bp, clamped up to 25
        assert_eq!(market.depth.capacity_atoms, BASE * 25 * 25 / 100);
        let root = (BASE as f64).sqrt();
        assert!((market.depth.inverse_root_live as f64 * root / (1u64 << 32) as f64 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn volatility_shrinks_depth_at_once_but_at_most_by_four() {
        let mut market = market();
        market.statistics.variance_fast *= 100; // (σ_ref/σ)² = 1/100, below the clamp
        assert_eq!(depth_after(&mut market, &feed(500, 1)), BASE / 4);
        assert_eq!(depth_after(&mut market, &feed(500, 2)), BASE / 16);
        assert_eq!(depth_after(&mut market, &feed(500, 3)), BASE / 42);
    }

    #[test]
    fn confidence_shrinks_depth_only_when_two_publish_times_agree() {
        let mut market = market();
        assert_eq!(depth_after(&mut market, &feed(1_000, 10)), BASE); // noted
        assert_eq!(depth_after(&mut market, &feed(900, 11)), BASE); // too early; agrees on 900
        let agreed = depth_after(&mut market, &feed(1_500, 12)) as f64;
        assert!((agreed / (BASE as f64 * (500.0_f64 / 900.0).powi(2)) - 1.0).abs() < 1e-5);
        let mut single = self::market();
        depth_after(&mut single, &feed(20_000, 10));
        assert_eq!(depth_after(&mut single, &feed(500, 11)), BASE);
        assert_eq!(single.depth.pending_confidence_ppm, 0);
    }

    #[test]
    fn silence_means_the_lower_clamp() {
        for quality in [
            FeedQuality { gap_s: Some(6), ..feed(500, 1) },
            FeedQuality { gap_s: None, ..feed(500, 1) },
            FeedQuality { age_s: 6, ..feed(500, 1) },
        ] {
            assert_eq!(depth_after(&mut market(), &quality), BASE / 42);
        }
    }

    #[test]
    fn depth_recovers_with_a_half_life_below_ten_minutes() {
        let mut market = market();
        market.depth.depth_atoms = BASE / 42;
        let minutes = (1..60).find(|minute| {
            (0..12).for_each(|step| {
                let quality = FeedQuality { gap_s: Some(5), ..feed(500, minute * 60 + step * 5) };
                update(&mut market, &quality).unwrap();
            });
            market.depth.depth_atoms > BASE / 2
        });
        assert_eq!(minutes, Some(9)); // 800 s · ln(2 · 41/42)
    }

    #[test]
    fn new_market_without_open_interest_has_the_least_base() {
        assert_eq!(effective_base(&PARAMS, 0), Ok(BASE / 42));
        assert_eq!(effective_base(&PARAMS, 10 * BASE), Ok(BASE / 5)); // share of 2 %
        assert_eq!(effective_base(&PARAMS, u64::MAX), Ok(BASE));
    }

    #[test]
    fn shock_never_raises_the_capacity() {
        let mut market = market();
        (market.depth.pending_confidence_ppm, market.depth.pending_confidence_time) = (5_000, 1);
        let mut publish_time = 10;
        let mut settled = |sigma_factor: u64| {
            market.statistics.variance_fast = reference_variance(&PARAMS) * sigma_factor * sigma_factor;
            for _ in 0..4_000 {
                publish_time += 2;
                update(&mut market, &FeedQuality { gap_s: Some(2), ..feed(1_500, publish_time) }).unwrap();
            }
            market.depth.capacity_atoms
        };
        // Confidence holds D at 1/9 of its base while δ² grows fourfold.
        let calm = settled(1);
        assert_eq!(settled(2).abs_diff(calm) * 1_000 / calm, 0);
        assert!(settled(6) < calm);
    }

    #[test]
    fn stale_price_has_no_capacity() {
        let mut market = market();
        update(&mut market, &feed(500, 1)).unwrap();
        market.publish_time = 100;
        let at = |unix_timestamp| Now { slot: 0, unix_timestamp, last_restart_slot: 0 };
        assert_eq!(flow_capacity(&market, &at(108)), market.depth.capacity_atoms);
        assert_eq!(depth_per_unit(&market, &at(108)), Ok(BASE * 25 * 25 / 100 * 400)); // C / 25 bp
        assert_eq!(flow_capacity(&market, &at(109)), 0);
        assert_eq!(depth_per_unit(&market, &at(109)), Ok(0));
    }
}
