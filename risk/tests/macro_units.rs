//! Single steps of the macro index (M-5 … M-11), with figures computed by hand.

mod macro_support;

use breakwater_risk::fixed::{ONE_Q32, PPM};
use breakwater_risk::macro_index::{FeedTerms, MacroIndexState};
use breakwater_risk::{MarketParams, MarketState, RiskError};
use bytemuck::Zeroable;
use macro_support::{at, index, observed, terms, CONFIDENCE_REF_PPM, START};

/// A price of $100 at exponent −8.
const PRICE: u64 = 10_000_000_000;
/// One standard deviation of a calm minute, 142 ppm · √60 = 1 099.93 ppm, of [`PRICE`].
const DEVIATION: u64 = 10_999_273;

/// Publishes prices of the first feeds in the minute of this number, at its beginning.
fn minute(state: &mut MacroIndexState, number: i64, prices: &[u64]) {
    let unix = START + 60 * number;
    let observations: Vec<_> = (0..).zip(prices).map(|(feed, price)| observed(feed, *price, 0, unix)).collect();
    state.refresh(&observations, &at(unix)).unwrap();
}

#[test]
fn an_index_that_starts_again_knows_nothing_of_its_earlier_feeds() {
    let mut used = index(8);
    for minute in 0..3 {
        let unix = START + 60 * minute;
        let prices: Vec<_> = (0..8).map(|feed| observed(feed, 10_000 + minute as u64 * 500, 1, unix)).collect();
        used.refresh(&prices, &at(unix)).unwrap();
    }
    assert!(used.stress_ppm > 1_000_000);
    let terms: Vec<_> = (1..=2).map(terms).collect();
    used.start(&terms).unwrap();
    assert_eq!(bytemuck::bytes_of(&used), bytemuck::bytes_of(&index(2)));
}

#[test]
fn index_is_refused_outside_the_bounds_of_its_terms() {
    let refused = |terms: &[FeedTerms]| MacroIndexState::zeroed().start(terms) == Err(RiskError::MacroFeedsInvalid);
    assert!(refused(&[]) && refused(&[terms(1); 9]));
    for bad in [
        FeedTerms { sigma_ref_ppm: 14, ..terms(1) },
        FeedTerms { sigma_ref_ppm: 5_001, ..terms(1) },
        FeedTerms { confidence_ref_ppm: 49, ..terms(1) },
        FeedTerms { confidence_ref_ppm: 10_001, ..terms(1) },
        FeedTerms { reserved: 1, ..terms(1) },
        terms(0),
        terms(101),
    ] {
        assert!(refused(&[terms(1), bad]), "{bad:?}");
    }
    for good in [
        FeedTerms { sigma_ref_ppm: 15, confidence_ref_ppm: 50, ..terms(1) },
        FeedTerms { sigma_ref_ppm: 5_000, confidence_ref_ppm: 10_000, ..terms(100) },
    ] {
        assert_eq!(MacroIndexState::zeroed().start(&[good; 8]), Ok(()));
    }
}

#[test]
fn new_index_is_neutral_though_it_takes_its_feeds_for_common() {
    let state = index(3);
    assert_eq!((state.stress_ppm, state.correlation_ppm, state.feed_count), (1_000_000, 1_000_000, 3));
}

#[test]
fn return_of_two_consecutive_minutes_enters_with_a_61st() {
    let mut state = index(2);
    minute(&mut state, 0, &[PRICE, PRICE]);
    minute(&mut state, 1, &[PRICE + 10 * DEVIATION, PRICE]);
    assert_eq!(state.feeds[0].ratio_ppm, 0, "the minute is still open");
    minute(&mut state, 2, &[PRICE, PRICE]);
    let variance = |feed: usize| state.feeds[feed].variance_q32 as f64 / ONE_Q32 as f64;
    assert!((variance(0) - 160.0 / 61.0).abs() < 1e-4, "(60 + 10²)/61: {}", variance(0));
    assert!((variance(1) - 60.0 / 61.0).abs() < 1e-6);
    let (first, second) = ((160.0_f64 / 61.0).sqrt(), (60.0_f64 / 61.0).sqrt());
    assert!((f64::from(state.feeds[0].ratio_ppm) / 1e6 - first).abs() < 1e-4);
    // The pair began as one, 1 · 1, and one of them did not move: 60/61 over the product of the deviations.
    let correlation = 60.0 / 61.0 / (first * second);
    assert!((f64::from(state.correlation_ppm) / 1e6 - correlation).abs() < 1e-4);
    let ratio = (first + 2.0 * second) / 3.0; // weights 1 and 2
    assert!((f64::from(state.stress_ppm) / 1e6 - (1.0 + correlation * (ratio - 1.0))).abs() < 1e-4);
}

#[test]
fn feed_after_a_gap_only_rebases() {
    let mut state = index(1);
    minute(&mut state, 0, &[PRICE]);
    minute(&mut state, 2, &[2 * PRICE]);
    minute(&mut state, 3, &[2 * PRICE]);
    assert_eq!((state.feeds[0].variance_q32, state.feeds[0].ratio_ppm), (ONE_Q32, 0));
    minute(&mut state, 4, &[2 * PRICE]);
    assert!(state.feeds[0].variance_q32 < ONE_Q32, "a quiet minute entered");
}

#[test]
fn first_call_of_a_minute_may_bring_the_last_price_of_the_one_before() {
    let mut state = index(1);
    for number in 0..3 {
        let publish_time = START + 60 * number + 59;
        state.refresh(&[observed(0, PRICE, 0, publish_time)], &at(publish_time + 1)).unwrap();
    }
    assert!(state.feeds[0].ratio_ppm > 0, "a keeper that calls once a minute, a second late, is enough");
    // The next call of that minute comes too late with it.
    let late = observed(0, PRICE / 2, 0, START + 179);
    assert_eq!(state.refresh(&[late], &at(START + 181)), Ok(None));
}

#[test]
fn price_of_the_next_minute_does_not_take_the_place_of_this_minutes_last() {
    let mut state = index(2);
    minute(&mut state, 0, &[PRICE, PRICE]);
    let unix = START + 59;
    let early = observed(0, PRICE, 0, unix + 1);
    assert_eq!(state.refresh(&[early], &at(unix)), Ok(None));
    assert_eq!(state.feeds[0].last.publish_time, START);
}

#[test]
fn wide_confidence_counts_once_two_minutes_agree_by_the_narrower() {
    let mut state = index(1);
    let mut close = |number: i64, confidence_ppm: u64| {
        let unix = START + 60 * number;
        state.refresh(&[observed(0, PRICE, PRICE / PPM * confidence_ppm, unix)], &at(unix)).unwrap();
        state.feeds[0].ratio_ppm
    };
    let reference = u64::from(CONFIDENCE_REF_PPM);
    close(0, reference);
    close(1, 8 * reference);
    assert!(close(2, 3 * reference) <= 1_000_000, "one wide minute is noted");
    assert_eq!(close(3, 8 * reference), 3_000_000, "8 and 3 agree on 3");
    close(4, 8 * reference);
    assert_eq!(close(5, reference), 4_000_000, "8 and 8, at most 4");
}

#[test]
fn refresh_refuses_and_changes_nothing() {
    let (now, price) = (START + 30, |feed, publish_time| observed(feed, PRICE, 0, publish_time));
    let mut state = index(2);
    state.refresh(&[price(0, now)], &at(now)).unwrap();
    let before = state;
    for (observations, error) in [
        (vec![], RiskError::MacroFeedsInvalid),
        (vec![price(0, now); 9], RiskError::MacroFeedsInvalid),
        (vec![price(0, now + 1), price(0, now + 2)], RiskError::MacroFeedsInvalid),
        (vec![price(2, now)], RiskError::MacroFeedUnknown),
        (vec![price(usize::MAX, now)], RiskError::MacroFeedUnknown),
        (vec![price(1, now - 61)], RiskError::PriceTooOld),
        (vec![price(1, now + 16)], RiskError::PriceFromFuture),
    ] {
        assert_eq!(state.refresh(&observations, &at(now)), Err(error));
        assert_eq!(state, before);
    }
    for known in [now, now - 1] {
        assert_eq!(state.refresh(&[price(0, known)], &at(now)), Ok(None));
        assert_eq!(state, before);
    }
    let report = state.refresh(&[price(0, now), price(1, now + 15)], &at(now)).unwrap().unwrap();
    assert_eq!(report.taken_feeds, 0b10);
}

#[test]
fn clock_that_runs_backward_reopens_nothing() {
    let mut state = index(1);
    minute(&mut state, 5, &[PRICE]);
    let before = state;
    let unix = START + 4 * 60;
    assert_eq!(state.refresh(&[observed(0, PRICE, 0, unix)], &at(unix)), Ok(None));
    assert_eq!(state, before);
}

#[test]
fn view_that_was_never_read_is_neutral() {
    let mut market = MarketState::new(MarketParams::SOL);
    for (stored, factor) in [(0, PPM), (1, PPM), (1_500_000, 1_500_000), (2_000_001, 2 * PPM), (u32::MAX, 2 * PPM)] {
        market.macro_view.stress_ppm = stored;
        assert_eq!(market.macro_view.factor_ppm(), factor);
    }
}
