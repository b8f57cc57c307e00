//! The one room where a price enters a market (RISK section 1).
//!
//! Owns the mark, its times and the restart gate; calls the modules that keep statistics, depth, margin and funding
//! in the one order that is right. Everything else of the engine reads the market's own figures and asks
//! [`require_fresh_price`] about their age.

use crate::depth::{self, FeedQuality};
use crate::error::{RiskError, RiskResult};
use crate::fixed::{elapsed_s, mul, PPM};
use crate::ladder;
use crate::price::relative_ppm_ceil;
use crate::state::{Confirmation, MarketState, Now};
use crate::units::{MAX_FIRST_PRICE, MAX_PRICE, MAX_RISK_CLAIMS_ATOMS, MIN_FIRST_PRICE, MIN_RISK_PRICE};
use crate::{breaker, claims, funding, margin, statistics};

/// Age of a price from which its feed counts as dead, seconds: anybody could have refreshed it by then.
pub const DEAD_FEED_S: u64 = 600;
/// Age up to which a calm refresh tells those who leave a pool that a market is quiet, seconds (P-22).
pub const QUIET_AGE_MAX_S: u64 = 60;
/// Furthest that a publish time may be ahead of the clock, seconds. The chain's clock may lag behind real time by that much; a
/// price from ahead of it has age 0.
pub const FUTURE_MAX_S: u64 = 15;

/// A price as read from a verified Pyth account, in price units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceObservation {
    /// Price, 1 … 2^45.
    pub price: u64,
    /// Confidence.
    pub confidence: u64,
    /// Confidence of the exponential mean.
    pub ema_confidence: u64,
    /// Publish time, unix seconds.
    pub publish_time: i64,
}

/// What a refresh did, for its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshReport {
    /// The new mark.
    pub mark: u64,
    /// The mark before; the new one at the first price.
    pub previous_mark: u64,
    /// Confidence of the mark, price units.
    pub confidence: u64,
    /// D(10 bp), atoms.
    pub depth_atoms: u64,
    /// Flow capacity C before the macro stress, atoms.
    pub capacity_atoms: u64,
    /// Applied maintenance rate before the size factor, ppm, rounded up.
    pub maintenance_ppm: u64,
    /// σ of the moment, ppm per √second.
    pub sigma_now_ppm: u32,
    /// Funding accrued, atoms per lot × 10^6; positive when longs pay.
    pub funding: i64,
    /// Slot until which the market is reduce-only.
    pub reduce_only_until_slot: u64,
    /// Slot before which the breaker is open; 0 = it never was.
    pub breaker_open_until_slot: u64,
}

/// What a fresh price is needed for (RISK section 1, table).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceUse {
    /// Converting profit, increasing risk.
    Risk,
    /// Flags and slices.
    Liquidation,
    /// Deleveraging and bankruptcy: any confidence will do, since the whole of it counts in the account's favour.
    LastResort,
}

/// Takes a verified price into the market. In this order: funding accrual at the old mark, mark, breaker, statistics,
/// open-interest mean, depth, capacity, maintenance step. Returns `None` and changes nothing if the price brings nothing new
/// ([`is_new`]).
///
/// Errors: `PriceOutOfRange`, `PriceTooOld`, `PriceFromFuture`; of a first price `FirstPriceOutOfRange`, `NoPositionFits`.
/// Rules P-14, P-15.
pub fn refresh(
    market: &mut MarketState,
    observation: &PriceObservation,
    now: &Now,
) -> RiskResult<Option<RefreshReport>> {
    if !is_new(market, observation, now) {
        return Ok(None);
    }
    check_acceptable(market, observation, now)?;
    let is_first = market.mark == 0;
    let funding = funding::accrue(market, now.unix_timestamp)?;
    let widest = observation.confidence.max(observation.ema_confidence);
    let feed = FeedQuality {
        confidence_ppm: relative_ppm_ceil(widest, observation.price)?,
        publish_time: observation.publish_time,
        gap_s: (!is_first).then(|| elapsed_s(market.publish_time, observation.publish_time)),
        age_s: elapsed_s(observation.publish_time, now.unix_timestamp),
    };
    note_restart(market, &feed, now);
    let was_wide = !is_within(market, market.params.confidence_max_ppm);
    move_mark(market, observation, now);
    let is_wide = !is_within(market, market.params.confidence_max_ppm);
    if !is_wide {
        breaker::observe(market, now)?;
    }
    let params = market.params;
    if is_first {
        statistics::start(&mut market.statistics, &params, observation.price, observation.publish_time)?;
    } else {
        statistics::observe(&mut market.statistics, &params, observation.price, observation.publish_time)?;
    }
    let paused = feed.gap_s.is_some_and(|gap| gap > u64::from(market.params.price_age_max_s));
    let is_restless = was_wide || is_wide || paused || is_restarting(market, now) || !statistics::is_calm(market);
    // The first calm refresh starts the backstop's auction: nobody sells at a discount in the transaction that brings calm (N-3).
    market.calm_since_slot = match (is_restless, market.calm_since_slot) {
        (true, _) => 0,
        (false, 0) => now.slot.max(1),
        (false, since) => since,
    };
    depth::update(market, &feed)?;
    margin::step_maintenance(market, now.unix_timestamp)?;
    Ok(Some(report(market, funding)))
}

/// Whether a price brings a market anything new: it was published after the market's price, in a later slot than the one in
/// which the market took it. A transaction that refreshes and then acts thus does not fail because another was faster.
/// Rule P-14.
pub fn is_new(market: &MarketState, observation: &PriceObservation, now: &Now) -> bool {
    market.mark == 0 || (observation.publish_time > market.publish_time && now.slot > market.mark_slot)
}

/// The acceptance rules for a price that is new; verification level and feed id are the program's part. Rule P-14.
fn check_acceptable(market: &MarketState, observation: &PriceObservation, now: &Now) -> RiskResult<()> {
    let oldest = u64::from(market.params.price_age_max_s);
    if observation.price == 0 || observation.price > MAX_PRICE {
        return Err(RiskError::PriceOutOfRange);
    }
    if market.mark == 0 {
        if !(MIN_FIRST_PRICE..=MAX_FIRST_PRICE).contains(&observation.price) {
            return Err(RiskError::FirstPriceOutOfRange);
        }
        market.params.require_room(observation.price)?;
    }
    if elapsed_s(observation.publish_time, now.unix_timestamp) > oldest {
        return Err(RiskError::PriceTooOld);
    }
    if elapsed_s(now.unix_timestamp, observation.publish_time) > FUTURE_MAX_S {
        return Err(RiskError::PriceFromFuture);
    }
    Ok(())
}

/// After a cluster restart the market is reduce-only until prices have been fresh for the grace period: a restart
/// starts it, and a pause of the feed within it starts it again (PEERS, failure 14). Rule P-17.
fn note_restart(market: &mut MarketState, feed: &FeedQuality, now: &Now) {
    let restarted = now.last_restart_slot > market.restart_slot;
    let was_in_grace = market.mark_slot < market.reduce_only_until_slot;
    let paused = feed.gap_s.is_some_and(|gap| gap > u64::from(market.params.price_age_max_s));
    if market.mark != 0 && (restarted || (was_in_grace && paused)) {
        market.reduce_only_until_slot = now.slot.saturating_add(u64::from(market.params.restart_grace_slots));
    }
    market.restart_slot = market.restart_slot.max(now.last_restart_slot);
}

/// Least time between two prices that confirm each other, seconds (P-24).
pub const CONFIRMATION_MIN_S: u64 = 2;
/// Greatest time between two prices that confirm each other, seconds (P-24).
pub const CONFIRMATION_MAX_S: u64 = 30;

/// Keeps an accepted price that is at least 2 s older than the mark, and one to take its place. Rule P-24.
fn note_confirmation(confirmation: &mut Confirmation, observation: &PriceObservation) {
    let waited_s = elapsed_s(confirmation.next_time, observation.publish_time);
    if confirmation.next_mark != 0 && waited_s < CONFIRMATION_MIN_S {
        return;
    }
    (confirmation.earlier_mark, confirmation.earlier_time) = (confirmation.next_mark, confirmation.next_time);
    (confirmation.next_mark, confirmation.next_time) = (observation.price, observation.publish_time);
}

/// The price beside the mark by which an act is judged that cannot be undone: an accepted one whose publish time is 2 s to 30 s older;
/// of a dead feed the one before its last. Unit: price. Errors: `PriceUnconfirmed`: the act waits for the next price. Rule P-24.
pub fn confirming_price(market: &MarketState, now: &Now) -> RiskResult<u64> {
    if is_feed_dead(market, now) {
        return Ok(market.previous_mark);
    }
    let Confirmation { earlier_mark, earlier_time, .. } = market.confirmation;
    let older_s = elapsed_s(earlier_time, market.publish_time);
    if earlier_mark == 0 || !(CONFIRMATION_MIN_S..=CONFIRMATION_MAX_S).contains(&older_s) {
        return Err(RiskError::PriceUnconfirmed);
    }
    Ok(earlier_mark)
}

/// Moves the mark to previous and the observation to the mark, with its bucket in the ladder (U-10). Rule P-16.
fn move_mark(market: &mut MarketState, observation: &PriceObservation, now: &Now) {
    note_confirmation(&mut market.confirmation, observation);
    (market.previous_mark, market.previous_slot) =
        if market.mark == 0 { (observation.price, 0) } else { (market.mark, market.mark_slot) };
    market.mark = observation.price;
    market.ladder.mark_bucket = ladder::bucket_of(observation.price);
    market.mark_slot = now.slot;
    market.publish_time = observation.publish_time;
    market.confidence = observation.confidence;
}

fn report(market: &MarketState, funding: i64) -> RefreshReport {
    RefreshReport {
        mark: market.mark,
        previous_mark: market.previous_mark,
        confidence: market.confidence,
        depth_atoms: market.depth.depth_atoms,
        capacity_atoms: market.depth.capacity_atoms,
        maintenance_ppm: market.maintenance_q32.div_ceil(1 << 32),
        sigma_now_ppm: market.statistics.sigma_now_ppm,
        funding,
        reduce_only_until_slot: market.reduce_only_until_slot,
        breaker_open_until_slot: market.breaker.open_until_slot,
    }
}

/// Whether the acted-on market's price serves a use: at most `price_age_max_s` old, from after the last restart, and
/// narrow enough. Errors: `PriceStale`, `PriceBeforeRestart`, `ConfidenceTooWide`. Rule P-19.
pub fn require_fresh_price(market: &MarketState, now: &Now, purpose: PriceUse) -> RiskResult<()> {
    let age = elapsed_s(market.publish_time, now.unix_timestamp);
    if market.mark == 0 || age > u64::from(market.params.price_age_max_s) {
        return Err(RiskError::PriceStale);
    }
    if is_from_before_restart(market, now) {
        return Err(RiskError::PriceBeforeRestart);
    }
    let is_narrow = match purpose {
        PriceUse::Risk => is_within(market, market.params.confidence_max_ppm),
        PriceUse::Liquidation => is_confident(market),
        PriceUse::LastResort => true,
    };
    if !is_narrow {
        return Err(RiskError::ConfidenceTooWide);
    }
    Ok(())
}

/// Whether a market's feed is dead: its last price is older than 600 s, so nobody could refresh it (P-21).
pub fn is_feed_dead(market: &MarketState, now: &Now) -> bool {
    elapsed_s(market.publish_time, now.unix_timestamp) > DEAD_FEED_S
}

/// Requires a fresh price of a market that an instruction does not act on, unless its feed is dead: nobody gains by not
/// refreshing, and a dead feed stands in nobody's way (P-21). Errors: those of [`require_fresh_price`].
pub fn require_fresh_or_dead(market: &MarketState, now: &Now) -> RiskResult<()> {
    if is_feed_dead(market, now) {
        return Ok(());
    }
    require_fresh_price(market, now, PriceUse::LastResort)
}

/// Whether a market's open lots hide no loss from those who leave a pool: none are open, the feed is dead, or the last refresh
/// was calm and is at most 60 s old, so that markets that are refreshed one after the other are quiet together (P-22).
pub fn is_quiet(market: &MarketState, now: &Now) -> bool {
    let age_s = elapsed_s(market.publish_time, now.unix_timestamp);
    let is_recent = market.mark != 0 && age_s <= QUIET_AGE_MAX_S && !is_from_before_restart(market, now);
    market.long.open_lots == 0 || is_feed_dead(market, now) || (is_recent && statistics::is_calm(market))
}

/// Whether the mark was taken before the last cluster restart.
fn is_from_before_restart(market: &MarketState, now: &Now) -> bool {
    now.last_restart_slot != 0 && market.mark_slot <= now.last_restart_slot
}

/// Whether the mark's confidence is narrow enough for slices (P-19).
pub fn is_confident(market: &MarketState) -> bool {
    is_within(market, market.params.confidence_liquidation_max_ppm)
}

fn is_within(market: &MarketState, limit_ppm: u32) -> bool {
    mul(market.confidence, PPM) <= mul(market.mark, u64::from(limit_ppm))
}

/// Refuses what adds risk in a market that may only be reduced, or that owes more than dust to the profits it has: nobody new shall lose
/// cash against claims that nothing backs. Errors: `ReduceOnly`, `UncoveredLoss`. Rules P-18, F-9.
pub fn require_open_to_risk(market: &MarketState, now: &Now) -> RiskResult<()> {
    if is_reduce_only(market, now) {
        return Err(RiskError::ReduceOnly);
    }
    if claims::has_uncovered_loss(market) {
        return Err(RiskError::UncoveredLoss);
    }
    Ok(())
}

/// Whether risk may only be reduced: no price yet, a restart, or figures that leave no room for new risk. Rule P-18.
pub fn is_reduce_only(market: &MarketState, now: &Now) -> bool {
    is_restarting(market, now) || !has_room(market)
}

/// No price yet, a restart that no refresh has seen, or its grace period. Rule P-18.
fn is_restarting(market: &MarketState, now: &Now) -> bool {
    market.mark == 0 || now.last_restart_slot > market.restart_slot || now.slot < market.reduce_only_until_slot
}

/// Whether the price is fine enough for new positions, one lot worth no more than the smallest of them, and what open lots can
/// still gain or lose fits beside the market's claims and debts. Rule P-18.
fn has_room(market: &MarketState) -> bool {
    market.mark >= MIN_RISK_PRICE
        && market.params.is_lot_fine(market.mark)
        && market.claims_total_atoms.max(market.debts_total_atoms) <= MAX_RISK_CLAIMS_ATOMS
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::params::MarketParams;

    const PRICE: u64 = 2_000_000_000;

    fn observed(price: u64, publish_time: i64) -> PriceObservation {
        PriceObservation { price, confidence: price / 2_000, ema_confidence: price / 2_000, publish_time }
    }

    fn at(slot: u64, unix_timestamp: i64) -> Now {
        Now { slot, unix_timestamp, last_restart_slot: 0 }
    }

    fn market() -> MarketState {
        let mut market = MarketState::new(MarketParams::SOL);
        refresh(&mut market, &observed(PRICE, 1_000), &at(10, 1_000)).unwrap();
        market
    }

    #[test]
    fn first_price_sets_everything() {
        let market = market();
        assert_eq!((market.mark, market.previous_mark, market.mark_slot), (PRICE, PRICE, 10));
        assert_eq!(market.statistics.sigma_fast_ppm, market.params.sigma_ref_ppm);
        assert_eq!(market.depth.depth_slow_atoms, market.params.depth_base_atoms / 42);
        assert_eq!(market.maintenance_q32 >> 32, 62_500);
        assert!(market.depth.capacity_atoms > 0);
        assert!(!is_reduce_only(&market, &at(10, 1_000)));
        assert!(is_reduce_only(&MarketState::new(MarketParams::SOL), &at(10, 1_000)));
    }

    #[test]
    fn next_price_moves_the_mark_to_previous() {
        let mut market = market();
        let report = refresh(&mut market, &observed(PRICE + 1_000, 1_001), &at(12, 1_001)).unwrap().unwrap();
        assert_eq!((report.mark, report.previous_mark), (PRICE + 1_000, PRICE));
        assert_eq!((market.previous_slot, market.mark_slot, market.publish_time), (10, 12, 1_001));
        assert_eq!(report.capacity_atoms, market.depth.capacity_atoms);
    }

    #[test]
    fn refresh_rejects_what_the_rules_exclude_and_changes_nothing() {
        let cases = [
            (observed(0, 1_001), at(11, 1_001), RiskError::PriceOutOfRange),
            (observed(MAX_PRICE + 1, 1_001), at(11, 1_001), RiskError::PriceOutOfRange),
            (observed(PRICE, 1_001), at(11, 1_010), RiskError::PriceTooOld),
            (observed(PRICE, 1_017), at(11, 1_001), RiskError::PriceFromFuture),
            (observed(PRICE, i64::MAX), at(11, 1_001), RiskError::PriceFromFuture),
        ];
        for (observation, now, error) in cases {
            let mut market = self::market();
            assert_eq!(refresh(&mut market, &observation, &now), Err(error));
            assert_eq!(market, self::market());
        }
        for (publish_time, unix) in [(1_001, 1_009), (1_016, 1_001)] {
            refresh(&mut self::market(), &observed(PRICE, publish_time), &at(11, unix)).unwrap().unwrap();
        }
    }

    #[test]
    fn price_that_brings_nothing_new_changes_nothing_and_is_no_error() {
        // Not newer, whatever its age; newer, in a slot that took a price.
        let cases = [
            (observed(PRICE, 1_000), at(11, 1_001)),
            (observed(2 * PRICE, 999), at(11, 1_001)),
            (observed(PRICE, i64::MIN), at(11, 1_001)),
            (observed(PRICE, 1_000), at(99, 9_000)),
            (observed(PRICE, 1_001), at(10, 1_001)),
            (observed(PRICE, 1_001), at(9, 1_001)),
        ];
        for (observation, now) in cases {
            let mut market = self::market();
            assert_eq!(refresh(&mut market, &observation, &now), Ok(None));
            assert_eq!(market, self::market());
        }
        let first = refresh(&mut MarketState::new(MarketParams::SOL), &observed(PRICE, 0), &at(0, 0));
        assert!(first.unwrap().is_some(), "the first price is always new");
    }

    #[test]
    fn price_from_ahead_of_a_late_clock_is_as_fresh_as_can_be() {
        let mut market = market();
        refresh(&mut market, &observed(PRICE, 1_016), &at(11, 1_001)).unwrap().unwrap();
        assert_eq!(require_fresh_price(&market, &at(11, 1_001), PriceUse::Risk), Ok(()));
        assert!(market.depth.capacity_atoms > 0);
        let old = at(12, 1_016 + i64::from(market.params.price_age_max_s) + 1);
        assert_eq!(require_fresh_price(&market, &old, PriceUse::Risk), Err(RiskError::PriceStale));
    }

    #[test]
    fn first_price_must_leave_room_both_ways_and_for_positions() {
        let first = |price: u64, params: MarketParams| {
            refresh(&mut MarketState::new(params), &observed(price, 1_000), &at(10, 1_000))
                .map(|report| report.is_some())
        };
        let wide = MarketParams { open_interest_max_lots: 1 << 38, ..MarketParams::SOL };
        assert_eq!(first(MIN_FIRST_PRICE, wide), Ok(true));
        assert_eq!(first(MAX_FIRST_PRICE, wide), Ok(true));
        for price in [1, MIN_FIRST_PRICE - 1, MAX_FIRST_PRICE + 1, MAX_PRICE] {
            assert_eq!(first(price, wide), Err(RiskError::FirstPriceOutOfRange));
        }
        // A lot of 2 000 atoms, a smallest position of as much or less.
        assert_eq!(first(PRICE, MarketParams { min_position_atoms: 2_000, ..wide }), Ok(true));
        assert_eq!(first(PRICE, MarketParams { min_position_atoms: 1_999, ..wide }), Err(RiskError::NoPositionFits));
        // A cap of $20 for smallest positions of $10: half of it remains under full macro stress.
        assert_eq!(first(PRICE, MarketParams { open_interest_max_lots: 10_000, ..wide }), Ok(true));
        let small = MarketParams { open_interest_max_lots: 9_999, ..wide };
        assert_eq!(first(PRICE, small), Err(RiskError::NoPositionFits));
    }

    #[test]
    fn price_may_go_anywhere_later_but_new_risk_needs_a_fine_one() {
        let mut market = market();
        let limit = market.params.min_position_atoms * PPM;
        let cases = [
            (1, true),
            (MIN_RISK_PRICE - 1, true),
            (MIN_RISK_PRICE, false),
            (limit, false),
            (limit + 1, true),
            (MAX_PRICE, true),
        ];
        for (number, (price, is_closed)) in (1..).zip(cases) {
            let now = at(10 + 5 * number, 1_000 + 2 * number as i64);
            refresh(&mut market, &observed(price, now.unix_timestamp), &now).unwrap().unwrap();
            assert_eq!(is_reduce_only(&market, &now), is_closed, "{price}");
        }
        let mut indebted = self::market();
        (indebted.claims_total_atoms, indebted.debts_total_atoms) = (MAX_RISK_CLAIMS_ATOMS, MAX_RISK_CLAIMS_ATOMS);
        assert!(!is_reduce_only(&indebted, &at(10, 1_000)));
        indebted.debts_total_atoms += 1;
        assert!(is_reduce_only(&indebted, &at(10, 1_000)));
    }

    #[test]
    fn restart_closes_the_market_to_new_risk_until_prices_were_fresh_for_the_grace_period() {
        let mut market = market();
        let restarted = |slot, unix_timestamp| Now { slot, unix_timestamp, last_restart_slot: 50 };
        assert_eq!(
            require_fresh_price(&market, &restarted(51, 1_000), PriceUse::Liquidation),
            Err(RiskError::PriceBeforeRestart)
        );
        assert!(is_reduce_only(&market, &restarted(51, 1_000)));
        refresh(&mut market, &observed(PRICE, 9_000), &restarted(60, 9_000)).unwrap();
        assert_eq!(require_fresh_price(&market, &restarted(60, 9_000), PriceUse::Risk), Ok(()));
        let grace = u64::from(market.params.restart_grace_slots);
        assert!(is_reduce_only(&market, &restarted(60 + grace - 1, 9_001)));
        assert!(!is_reduce_only(&market, &restarted(60 + grace, 9_001)));
        // A pause within the grace period starts it again.
        refresh(&mut market, &observed(PRICE, 9_100), &restarted(60 + 2 * grace, 9_100)).unwrap();
        assert!(is_reduce_only(&market, &restarted(60 + 2 * grace, 9_100)));
    }

    /// Six markets that are refreshed one after the other are quiet together; one that nobody refreshed for a minute is not.
    #[test]
    fn a_calm_refresh_keeps_a_market_quiet_for_a_minute() {
        let mut market = market();
        market.long.open_lots = 1;
        let quiet = |market: &MarketState, now: Now| is_quiet(market, &now);
        assert!(quiet(&market, at(11, 1_000)) && quiet(&market, at(11, 1_000 + 60)));
        assert!(!quiet(&market, at(11, 1_000 + 61)));
        assert!(quiet(&market, at(11, 1_000 + 601)), "a dead feed hides nothing that anybody could refresh");
        assert!(!quiet(&market, Now { slot: 11, unix_timestamp: 1_000, last_restart_slot: 10 }));
        market.statistics.variance_fast = u64::MAX;
        assert!(!quiet(&market, at(11, 1_000)));
        market.long.open_lots = 0;
        assert!(quiet(&market, at(11, 1_061)));
    }

    #[test]
    fn uses_need_a_fresh_price_and_their_own_confidence() {
        let mut market = market();
        let check = |market: &MarketState, unix, purpose| require_fresh_price(market, &at(11, unix), purpose);
        assert_eq!(check(&market, 1_008, PriceUse::Risk), Ok(()));
        assert_eq!(check(&market, 1_009, PriceUse::Liquidation), Err(RiskError::PriceStale));
        market.confidence = PRICE / 200; // 50 bp, the limit of risk
        assert_eq!(check(&market, 1_000, PriceUse::Risk), Ok(()));
        market.confidence += 1;
        assert_eq!(check(&market, 1_000, PriceUse::Risk), Err(RiskError::ConfidenceTooWide));
        market.confidence = PRICE / 50; // 200 bp, the limit of liquidation
        assert_eq!(check(&market, 1_000, PriceUse::Liquidation), Ok(()));
        market.confidence += 1;
        assert_eq!(check(&market, 1_000, PriceUse::Liquidation), Err(RiskError::ConfidenceTooWide));
    }
}
