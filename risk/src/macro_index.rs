//! Macro stress (RISK section 2): do the feeds that an exchange watches move together and wilder than usual?
//!
//! Owns [`MacroIndexState`]. Up to 8 feeds stand on a common grid of whole minutes: a minute's return of a feed is that
//! between its last prices of two consecutive minutes, whoever supplied them. A feed without such a return holds its
//! figures, so does every pair of feeds with it: silence never relaxes. Assumes that prices were verified by the caller.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{div_ceil, elapsed_s, mul_div_ceil, saturate, sqrt_ceil, ONE_Q32, PPM};
use crate::macro_price::{standardised_return_q16, MacroPrice, GRID_SECONDS};
use crate::params::{CONFIDENCE_REF_MAX_PPM, SIGMA_REF_MAX_PPM};
use crate::refresh::FUTURE_MAX_S;
use crate::state::{MacroView, Now};
use bytemuck::{Pod, Zeroable};

/// Most feeds of an index.
pub const MACRO_FEEDS: usize = 8;
/// Pairs of that many feeds.
pub const MACRO_PAIRS: usize = MACRO_FEEDS * (MACRO_FEEDS - 1) / 2;
/// τ of the means of squares and products, minutes: an hour.
pub const MEAN_TAU_MINUTES: u32 = 60;
/// Oldest price that a refresh takes, seconds: one minute of the grid.
pub const MACRO_AGE_MAX_S: u64 = 60;
/// Smallest σ_ref of a feed, ppm per √second: 8 % a year. A market's own may be smaller.
pub const MACRO_SIGMA_REF_MIN_PPM: u32 = 15;
/// Smallest c_ref of a feed, ppm: half a basis point. A market's own may be smaller.
pub const MACRO_CONFIDENCE_REF_MIN_PPM: u32 = 50;
/// Greatest weight of a feed.
pub const WEIGHT_MAX: u32 = 100;
/// Greatest ratio of a feed that is distinguished, ppm: four times as wild as usual.
pub const RATIO_MAX_PPM: u64 = 4 * PPM;
/// Weight of all minutes in a mean's next step, that of the new minute included.
const MEAN_STEPS: u32 = MEAN_TAU_MINUTES + 1;

/// What a feed is listed with.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct FeedTerms {
    /// σ_ref: calm volatility, ppm per √second; 15 … 5 000.
    pub sigma_ref_ppm: u32,
    /// c_ref: calm relative confidence, ppm; 50 … 10 000.
    pub confidence_ref_ppm: u32,
    /// Weight in the mean of the ratios, 1 … 100.
    pub weight: u32,
    /// Reserved, zero.
    pub reserved: u32,
}

impl FeedTerms {
    /// Whether every figure lies within its bounds. Rule M-5.
    pub fn is_valid(&self) -> bool {
        (MACRO_SIGMA_REF_MIN_PPM..=SIGMA_REF_MAX_PPM).contains(&self.sigma_ref_ppm)
            && (MACRO_CONFIDENCE_REF_MIN_PPM..=CONFIDENCE_REF_MAX_PPM).contains(&self.confidence_ref_ppm)
            && (1..=WEIGHT_MAX).contains(&self.weight)
            && self.reserved == 0
    }
}

/// A feed with its statistics.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct MacroFeed {
    /// What it is listed with.
    pub terms: FeedTerms,
    /// Newest price taken.
    pub last: MacroPrice,
    /// Last price of the last minute in which it published.
    pub closing: MacroPrice,
    /// Mean square v of the standardised returns, 32 fractional bits, ≤ 2^44.
    pub variance_q32: u64,
    /// How wild it is compared with usual, ppm, at most 4 million; 0 = it has had no return yet and counts nowhere.
    pub ratio_ppm: u32,
    /// Zero.
    pub padding: u32,
}

/// What two feeds have in common, as of the last minute in which both had a return.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct MacroPair {
    /// Mean product of their standardised returns, 32 fractional bits, within ±2^44.
    pub covariance_q32: i64,
    /// Product of their standard deviations, 32 fractional bits, ≤ 2^44; 0 = they have had no minute in common.
    pub bound_q32: u64,
}

/// Feeds, their statistics and the stress that follows.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct MacroIndexState {
    /// Feeds; the first `feed_count` are used.
    pub feeds: [MacroFeed; MACRO_FEEDS],
    /// Pairs, ordered by the later feed, then by the earlier one.
    pub pairs: [MacroPair; MACRO_PAIRS],
    /// Open minute of the grid, unix seconds / 60: every minute before it is closed.
    pub minute: i64,
    /// Stress as a factor, ppm, 1 … 2 million.
    pub stress_ppm: u32,
    /// Implied correlation ρ, ppm, 0 … 1 million.
    pub correlation_ppm: u32,
    /// Number of feeds, 1 … 8.
    pub feed_count: u32,
    /// Reserved, zero.
    pub reserved: u32,
}

/// A price of one of the feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedObservation {
    /// Place of the feed in the index.
    pub feed: usize,
    /// Its price.
    pub price: MacroPrice,
}

/// What a refresh did, for its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MacroReport {
    /// Open minute after it, unix seconds / 60.
    pub minute: i64,
    /// Feeds whose price was taken, a bit each, the first feed's the lowest.
    pub taken_feeds: u8,
    /// Weighted mean of the feeds' ratios, ppm; 0 while no feed has had a return.
    pub ratio_ppm: u32,
    /// What markets read of the index from now on.
    pub view: MacroView,
}

impl MacroReport {
    /// Whether the price of the feed in this place was taken.
    pub fn has_taken(&self, feed: usize) -> bool {
        u32::try_from(feed).ok().and_then(|bit| self.taken_feeds.checked_shr(bit)).is_some_and(|bits| bits & 1 == 1)
    }
}

/// A feed's return in the minute that is closed.
#[derive(Clone, Copy)]
struct Move {
    /// Standardised return z, 16 fractional bits.
    z_q16: i64,
    /// Standard deviation before it entered, 16 fractional bits.
    deviation_before_q16: u64,
    /// Standard deviation with it, 16 fractional bits.
    deviation_q16: u64,
}

impl MacroIndexState {
    /// Starts an index, and forgets what it knew of other feeds. Every feed starts at its reference volatility, and what is not
    /// known counts as common: ρ starts at 1, as does each pair, so that an index errs toward stress while it learns.
    /// Rules M-5, M-14. Errors: `MacroFeedsInvalid`.
    pub fn start(&mut self, terms: &[FeedTerms]) -> RiskResult<()> {
        check_terms(terms)?;
        bytemuck::bytes_of_mut(self).fill(0);
        for (feed, terms) in self.feeds.iter_mut().zip(terms) {
            (feed.terms, feed.variance_q32) = (*terms, ONE_Q32);
        }
        self.feed_count = u32::try_from(terms.len()).map_err(|_| RiskError::Overflow)?;
        (self.stress_ppm, self.correlation_ppm) = (1_000_000, 1_000_000);
        Ok(())
    }

    /// What markets read.
    pub fn view(&self) -> MacroView {
        MacroView { stress_ppm: self.stress_ppm, correlation_ppm: self.correlation_ppm }
    }

    /// Takes prices of some of the feeds, and closes the minutes that have passed. A price enters the minute it was
    /// published in, while that is open, and only if it is newer than the feed's last: what a minute ends with does not
    /// depend on the order, number or spacing of the calls in it. The first call of a minute may bring prices of the
    /// minute before, which it then closes. Returns `None` if no price is newer and no minute has passed: then it
    /// changes nothing. Rule M-6.
    ///
    /// Errors: `MacroFeedsInvalid` without a price or with two of one feed, `MacroFeedUnknown`, `PriceTooOld`,
    /// `PriceFromFuture`.
    pub fn refresh(&mut self, observations: &[FeedObservation], now: &Now) -> RiskResult<Option<MacroReport>> {
        self.check(observations, now)?;
        let (minute, opened) = (now.unix_timestamp.div_euclid(GRID_SECONDS), self.minute);
        let mut taken_feeds = 0;
        for reached in [minute.saturating_sub(1), minute] {
            self.advance(reached)?;
            taken_feeds |= self.take(observations);
        }
        if taken_feeds == 0 && self.minute == opened {
            return Ok(None);
        }
        let ratio_ppm = u32::try_from(self.mean_ratio()?).map_err(|_| RiskError::Overflow)?;
        Ok(Some(MacroReport { minute: self.minute, taken_feeds, ratio_ppm, view: self.view() }))
    }

    fn check(&self, observations: &[FeedObservation], now: &Now) -> RiskResult<()> {
        if observations.is_empty() || observations.len() > MACRO_FEEDS {
            return Err(RiskError::MacroFeedsInvalid);
        }
        for (place, FeedObservation { feed, price }) in observations.iter().enumerate() {
            if u32::try_from(*feed).map_or(true, |feed| feed >= self.feed_count) {
                return Err(RiskError::MacroFeedUnknown);
            }
            if observations.iter().take(place).any(|earlier| earlier.feed == *feed) {
                return Err(RiskError::MacroFeedsInvalid);
            }
            if elapsed_s(price.publish_time, now.unix_timestamp) > MACRO_AGE_MAX_S {
                return Err(RiskError::PriceTooOld);
            }
            if elapsed_s(now.unix_timestamp, price.publish_time) > FUTURE_MAX_S {
                return Err(RiskError::PriceFromFuture);
            }
        }
        Ok(())
    }

    /// Stores the prices of the open minute that are newer than the feed's last. Returns the feeds, a bit each.
    fn take(&mut self, observations: &[FeedObservation]) -> u8 {
        let mut taken = 0;
        for FeedObservation { feed: place, price } in observations {
            let Some(feed) = self.feeds.get_mut(*place) else { continue };
            if price.minute() == self.minute && price.publish_time > feed.last.publish_time {
                feed.last = *price;
                taken |= u32::try_from(*place).ok().and_then(|bit| 1_u8.checked_shl(bit)).unwrap_or(0);
            }
        }
        taken
    }

    /// Opens a later minute, closing the open one.
    fn advance(&mut self, minute: i64) -> RiskResult<()> {
        if minute <= self.minute {
            return Ok(());
        }
        let mut moves = [None; MACRO_FEEDS];
        for (feed, slot) in self.feeds.iter_mut().zip(moves.iter_mut()) {
            *slot = feed.close(self.minute)?;
        }
        self.minute = minute;
        step_pairs(&mut self.pairs, &moves);
        self.correlation_ppm = self.implied_correlation()?.unwrap_or(self.correlation_ppm);
        self.stress_ppm = self.stress_factor()?;
        Ok(())
    }

    /// `ρ = clamp((Var(Σz) − Σ Var z)/((Σ sd z)² − Σ Var z), 0, 1)` (RISK section 2) as `Σ cov/Σ(sd·sd)` over the pairs,
    /// which is the same sum; None while no pair has moved. Unit: ppm, rounded up. Rule M-9.
    fn implied_correlation(&self) -> RiskResult<Option<u32>> {
        let common = self.pairs.iter().fold(0_i64, |sum, pair| sum.saturating_add(pair.covariance_q32));
        let bound = self.pairs.iter().fold(0_u64, |sum, pair| sum.saturating_add(pair.bound_q32));
        if bound == 0 {
            return Ok(None);
        }
        let common = u64::try_from(common).unwrap_or(0).min(bound);
        let correlation = mul_div_ceil(common, PPM, bound)?;
        Ok(Some(u32::try_from(correlation).map_err(|_| RiskError::Overflow)?))
    }

    /// Mean of the ratios by weight, over the feeds that have had a return, the silent ones with what they hold; 0 if there is
    /// none. Unit: ppm, rounded up.
    fn mean_ratio(&self) -> RiskResult<u64> {
        let seen = self.feeds.iter().filter(|feed| feed.ratio_ppm > 0);
        let (sum, weights) = seen.fold((0_u64, 0_u64), |(sum, weights), feed| {
            let weight = u64::from(feed.terms.weight);
            let weighted = weight.saturating_mul(u64::from(feed.ratio_ppm));
            (sum.saturating_add(weighted), weights.saturating_add(weight))
        });
        if weights == 0 {
            return Ok(0);
        }
        Ok(saturate(div_ceil(sum.into(), weights)?))
    }

    /// `1 + ρ·max(ratio − 1, 0)`, at most 2. Unit: ppm, rounded up. Rule M-10.
    fn stress_factor(&self) -> RiskResult<u32> {
        let excess = self.mean_ratio()?.saturating_sub(PPM);
        let common = mul_div_ceil(excess, self.correlation_ppm.into(), PPM)?.min(PPM);
        u32::try_from(common.saturating_add(PPM)).map_err(|_| RiskError::Overflow)
    }
}

/// Refuses terms that no index may have. Errors: `MacroFeedsInvalid`. Rule M-5.
pub fn check_terms(terms: &[FeedTerms]) -> RiskResult<()> {
    if terms.is_empty() || terms.len() > MACRO_FEEDS || !terms.iter().all(FeedTerms::is_valid) {
        return Err(RiskError::MacroFeedsInvalid);
    }
    Ok(())
}

impl MacroFeed {
    /// Closes a minute. With a price in it the feed rebases; with one in the minute before, too, it has a return, which
    /// enters. A feed after a gap only rebases: no return reaches across a night or a silence. Rule M-7.
    fn close(&mut self, minute: i64) -> RiskResult<Option<Move>> {
        if !self.last.is_of(minute) {
            return Ok(None);
        }
        let before = core::mem::replace(&mut self.closing, self.last);
        if !before.is_of(minute.saturating_sub(1)) {
            return Ok(None);
        }
        let z_q16 = standardised_return_q16(&before, &self.last, self.terms.sigma_ref_ppm)?;
        let deviation_before_q16 = self.variance_q32.isqrt();
        let square = z_q16.unsigned_abs().saturating_mul(z_q16.unsigned_abs()); // |z| ≤ 64: at most 2^44
        let kept = self.variance_q32.saturating_mul(u64::from(MEAN_TAU_MINUTES));
        self.variance_q32 = kept.saturating_add(square).div_ceil(u64::from(MEAN_STEPS));
        self.ratio_ppm = self.ratio(before.confidence_ppm.min(self.last.confidence_ppm))?;
        Ok(Some(Move { z_q16, deviation_before_q16, deviation_q16: self.variance_q32.isqrt() }))
    }

    /// `max(sd, c/c_ref)`, at most 4; never 0, since a mean square that is rounded up never becomes 0. A wide confidence counts
    /// once two minutes agree on it, by the narrower one, as in the depth (K-3). Unit: ppm, rounded up. Rule M-8.
    fn ratio(&self, confidence_ppm: u32) -> RiskResult<u32> {
        let by_returns = mul_div_ceil(sqrt_ceil(self.variance_q32), PPM, 1 << 16)?;
        let by_confidence = mul_div_ceil(confidence_ppm.into(), PPM, self.terms.confidence_ref_ppm.into())?;
        u32::try_from(by_returns.max(by_confidence).min(RATIO_MAX_PPM)).map_err(|_| RiskError::Overflow)
    }
}

/// Steps each pair whose feeds both moved; the others hold. Rule M-9.
fn step_pairs(pairs: &mut [MacroPair; MACRO_PAIRS], moves: &[Option<Move>; MACRO_FEEDS]) {
    let mut pairs = pairs.iter_mut();
    for (place, later) in moves.iter().enumerate() {
        for (earlier, pair) in moves.iter().take(place).zip(pairs.by_ref()) {
            if let (Some(one), Some(other)) = (earlier, later) {
                pair.step(one, other);
            }
        }
    }
}

impl MacroPair {
    /// Mean product with τ = 60 minutes, toward zero. A new pair starts as if its feeds had always moved as one.
    fn step(&mut self, one: &Move, other: &Move) {
        if self.bound_q32 == 0 {
            let common = one.deviation_before_q16.saturating_mul(other.deviation_before_q16);
            self.covariance_q32 = i64::try_from(common).unwrap_or(i64::MAX);
        }
        let kept = self.covariance_q32.saturating_mul(i64::from(MEAN_TAU_MINUTES));
        let sum = kept.saturating_add(one.z_q16.saturating_mul(other.z_q16)); // below 2^51
        self.covariance_q32 = sum.checked_div(i64::from(MEAN_STEPS)).unwrap_or(0);
        self.bound_q32 = one.deviation_q16.saturating_mul(other.deviation_q16);
    }
}

// The layout is part of the interface, as that of a market's state.
const _: () = {
    assert!(core::mem::size_of::<MacroFeed>() == 80);
    assert!(core::mem::size_of::<MacroPair>() == 16);
    assert!(core::mem::size_of::<MacroIndexState>() == 1_112);
    assert!(core::mem::align_of::<MacroIndexState>() == 8);
    assert!(core::mem::offset_of!(MacroIndexState, pairs) == 640);
    assert!(core::mem::offset_of!(MacroIndexState, minute) == 1_088);
    assert!(core::mem::offset_of!(MacroIndexState, stress_ppm) == 1_096);
};
