//! Macro stress on any path of any feeds (M-5 … M-11): its bounds, what silence holds, and what a caller cannot choose.

mod macro_support;

use breakwater_risk::fixed::{ONE_Q32, PPM};
use breakwater_risk::macro_index::{MacroIndexState, MACRO_FEEDS, RATIO_MAX_PPM};
use breakwater_risk::macro_price::{MacroPrice, GRID_SECONDS};
use breakwater_risk::{margin, MarketParams, MarketState, RiskError};
use macro_support::{at, index, observed, START};
use proptest::prelude::*;

/// A call: seconds after the one before, and what each feed's price does (None: it is left out).
#[derive(Clone, Debug)]
struct Call {
    gap_s: i64,
    feeds: Vec<Option<Quote>>,
}

/// A price of a call.
#[derive(Clone, Copy, Debug)]
struct Quote {
    factor_ppm: u64,
    confidence_ppm: u64,
    age_s: i64,
}

fn quotes() -> impl Strategy<Value = Quote> {
    let factor = prop_oneof![8 => 998_000_u64..1_002_001, 3 => 800_000_u64..1_250_000, 1 => 1_u64..100_000_000];
    let confidence = prop_oneof![4 => 0_u64..1_000, 1 => 0_u64..2_000_000];
    (factor, confidence, -2_i64..=60).prop_map(|(factor_ppm, confidence_ppm, age_s)| Quote {
        factor_ppm,
        confidence_ppm,
        age_s,
    })
}

fn calls(feeds: usize) -> impl Strategy<Value = Vec<Call>> {
    let gap = prop_oneof![3 => 1_i64..30, 5 => 55_i64..70, 1 => 60_i64..100_000];
    let call = (gap, prop::collection::vec(prop::option::weighted(0.8, quotes()), feeds));
    prop::collection::vec(call.prop_map(|(gap_s, feeds)| Call { gap_s, feeds }), 1..80)
}

/// Makes every call and hands the index before and after to `check`. Prices run on from what they were.
fn walk(
    state: &mut MacroIndexState,
    path: &[Call],
    mut check: impl FnMut(&MacroIndexState, &MacroIndexState, &[usize]) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let (mut unix, mut prices) = (START, [10_000_000_000_u64; MACRO_FEEDS]);
    for call in path {
        unix += call.gap_s;
        let mut observations = Vec::new();
        for (feed, quote) in call.feeds.iter().enumerate() {
            let Some(quote) = quote else { continue };
            let next = u128::from(prices[feed]) * u128::from(quote.factor_ppm) / u128::from(PPM);
            prices[feed] = u64::try_from(next.clamp(1, 1 << 62)).unwrap();
            let confidence = u128::from(prices[feed]) * u128::from(quote.confidence_ppm) / u128::from(PPM);
            let confidence = u64::try_from(confidence).unwrap_or(u64::MAX);
            observations.push(observed(feed, prices[feed], confidence, unix - quote.age_s));
        }
        let before = *state;
        match state.refresh(&observations, &at(unix)) {
            Ok(Some(report)) => prop_assert_eq!(report.view, state.view()),
            Ok(None) => prop_assert_eq!(before, *state),
            Err(error) => prop_assert!(error == RiskError::MacroFeedsInvalid && observations.is_empty()),
        }
        let given: Vec<usize> = observations.iter().map(|one| one.feed).collect();
        check(&before, state, &given)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn stress_stays_within_one_and_two_and_correlation_within_nothing_and_one(path in calls(5)) {
        let mut state = index(5);
        walk(&mut state, &path, |_, after, _| {
            prop_assert!((PPM..=2 * PPM).contains(&u64::from(after.stress_ppm)), "{}", after.stress_ppm);
            prop_assert!(u64::from(after.correlation_ppm) <= PPM, "{}", after.correlation_ppm);
            for feed in &after.feeds {
                prop_assert!(u64::from(feed.ratio_ppm) <= RATIO_MAX_PPM && feed.variance_q32 <= ONE_Q32 << 12);
            }
            for pair in &after.pairs {
                prop_assert!(pair.covariance_q32.unsigned_abs() <= ONE_Q32 << 12 && pair.bound_q32 <= ONE_Q32 << 12);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_call_that_passes_no_minute_moves_no_figure(path in calls(4)) {
        let mut state = index(4);
        walk(&mut state, &path, |before, after, _| {
            if before.minute == after.minute {
                prop_assert_eq!((before.view(), before.pairs), (after.view(), after.pairs));
                let figures = |state: &MacroIndexState| state.feeds.map(|feed| (feed.closing, feed.variance_q32, feed.ratio_ppm));
                prop_assert_eq!(figures(before), figures(after));
            }
            Ok(())
        })?;
    }

    #[test]
    fn feeds_left_out_hold_their_figures_and_keep_the_stress_that_they_make(
        path in calls(4), later in calls(2),
    ) {
        let mut state = index(4);
        walk(&mut state, &path, |_, _, _| Ok(()))?;
        // What was given in the open minute still closes; from then on feeds 2 and 3 are left out.
        let unix = START + 10_000_000;
        state.refresh(&[observed(0, 1_000, 0, unix)], &at(unix)).unwrap();
        let held = state;
        for (number, call) in (1_i64..).zip(&later) {
            let unix = unix + number * GRID_SECONDS;
            let observations: Vec<_> = call.feeds.iter().enumerate()
                .filter_map(|(feed, quote)| quote.map(|quote| observed(feed, quote.factor_ppm * 1_000, quote.confidence_ppm, unix)))
                .collect();
            let _ = state.refresh(&observations, &at(unix)); // refused without a price
            for feed in 2..4 {
                prop_assert_eq!(state.feeds[feed], held.feeds[feed]);
            }
            // Pairs stand in the order (0,1) (0,2) (1,2) (0,3) (1,3) (2,3): only the first has both its feeds.
            prop_assert_eq!(&state.pairs[1..], &held.pairs[1..]);
            let ratio = |feed: usize| u64::from(state.feeds[feed].ratio_ppm);
            let seen: u64 = (0..4).filter(|feed| ratio(*feed) > 0).map(|feed| u64::from(state.feeds[feed].terms.weight)).sum();
            let weighted = |feeds: std::ops::Range<usize>| feeds.map(|feed| ratio(feed) * u64::from(state.feeds[feed].terms.weight)).sum::<u64>();
            if let Some(mean) = weighted(2..4).checked_div(seen) {
                let least = mean.saturating_sub(PPM) * u64::from(state.correlation_ppm) / PPM;
                prop_assert!(u64::from(state.stress_ppm) >= PPM + least.min(PPM));
            }
        }
    }

    #[test]
    fn order_number_and_spacing_of_calls_in_a_minute_do_not_matter(
        quotes in prop::collection::vec((0_usize..3, 0_i64..60, 9_000_u64..11_000, 0_u64..100), 1..12),
        order in any::<prop::sample::Index>(),
        warm in calls(3),
    ) {
        let mut state = index(3);
        walk(&mut state, &warm, |_, _, _| Ok(()))?;
        let opening = (START + 20_000_000).div_euclid(GRID_SECONDS) * GRID_SECONDS;
        // One price per feed and second: which of two the caller means would be its choice.
        let mut quotes = quotes;
        quotes.sort_unstable();
        quotes.dedup_by_key(|quote| (quote.0, quote.1));
        let send = |state: &mut MacroIndexState, quotes: &[(usize, i64, u64, u64)]| {
            for (feed, second, price, confidence) in quotes {
                let price = observed(*feed, *price, *confidence, opening + second);
                state.refresh(&[price], &at(opening + 59)).unwrap();
            }
        };
        let (mut one, mut other, mut newest) = (state, state, state);
        send(&mut one, &quotes);
        let mut turned = quotes.clone();
        turned.rotate_left(order.index(quotes.len()));
        turned.reverse();
        send(&mut other, &turned);
        prop_assert_eq!(one, other);
        // All that counts is each feed's newest price, in one call.
        let last: Vec<_> = (0..3)
            .filter_map(|feed| quotes.iter().rfind(|quote| quote.0 == feed))
            .map(|quote| observed(quote.0, quote.2, quote.3, opening + quote.1))
            .collect();
        newest.refresh(&last, &at(opening + 59)).unwrap();
        prop_assert_eq!(one, newest);
    }

    #[test]
    fn maintenance_never_sees_the_stress_and_initial_margin_never_falls_by_it(
        stress_ppm in any::<u32>(), notional in 0_u64..1 << 50, maintenance_ppm in 5_000_u64..400_000,
    ) {
        let mut market = MarketState::new(MarketParams::SOL);
        market.maintenance_q32 = maintenance_ppm << 32;
        let calm = margin::rates(&market, breakwater_risk::units::SideName::Long, notional).unwrap();
        market.macro_view.stress_ppm = stress_ppm;
        let stressed = margin::rates(&market, breakwater_risk::units::SideName::Long, notional).unwrap();
        prop_assert_eq!(stressed.maintenance_ppm, calm.maintenance_ppm);
        prop_assert!(stressed.initial_ppm >= calm.initial_ppm);
        prop_assert!((PPM..=2 * PPM).contains(&market.macro_view.factor_ppm()));
    }
}

/// Minutes with given standardised returns of all feeds, in ppm of the price.
fn minutes(state: &mut MacroIndexState, returns: impl Iterator<Item = Vec<i64>>) {
    let mut prices = [1_000_000_000_000_i64; MACRO_FEEDS];
    for (number, row) in (1_i64..).zip(returns) {
        let unix = START + number * GRID_SECONDS;
        let observations: Vec<_> = row
            .iter()
            .enumerate()
            .map(|(feed, ppm)| {
                prices[feed] += prices[feed] / 1_000_000 * ppm;
                observed(feed, u64::try_from(prices[feed]).unwrap(), 0, unix)
            })
            .collect();
        state.refresh(&observations, &at(unix)).unwrap();
    }
}

/// A seeded source of returns around the calm minute, ppm: the sum of 12 uniform draws, nearly normal.
fn normal(seed: &mut u64) -> i64 {
    let mut draw = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(*seed >> 44).unwrap() % 1_100
    };
    (0..12).map(|_| draw()).sum::<i64>() - 6 * 1_100
}

#[test]
fn feeds_that_move_as_one_are_fully_correlated_and_independent_ones_hardly() {
    let mut seed = 7;
    let mut common = index(6);
    minutes(&mut common, (0..600).map(|_| vec![normal(&mut seed); 6]));
    assert!(common.correlation_ppm > 990_000, "{}", common.correlation_ppm);
    let mut independent = index(6);
    minutes(&mut independent, (0..600).map(|_| (0..6).map(|_| normal(&mut seed)).collect()));
    assert!(independent.correlation_ppm < 200_000, "{}", independent.correlation_ppm);
    let mut half = index(6);
    minutes(
        &mut half,
        (0..600).map(|_| {
            let shared = normal(&mut seed);
            (0..6).map(|_| (shared + normal(&mut seed)) * 5 / 7).collect()
        }),
    );
    assert!((300_000..700_000).contains(&half.correlation_ppm), "{}", half.correlation_ppm);
    let mut opposed = index(2);
    minutes(&mut opposed, (0..600).map(|_| normal(&mut seed)).map(|one| vec![one, -one]));
    assert_eq!(opposed.correlation_ppm, 0);
}

#[test]
fn common_wildness_is_stress_and_either_alone_is_none() {
    let mut seed = 11;
    let mut calm = index(4);
    minutes(&mut calm, (0..600).map(|_| vec![normal(&mut seed) / 2; 4]));
    assert_eq!(calm.stress_ppm, 1_000_000, "common, but calmer than usual");
    let mut wild = index(4);
    minutes(&mut wild, (0..600).map(|_| vec![normal(&mut seed) * 3; 4]));
    assert_eq!(wild.stress_ppm, 2_000_000, "three times as wild, together");
    let mut scattered = index(8);
    minutes(&mut scattered, (0..600).map(|_| (0..8).map(|_| normal(&mut seed) * 3).collect()));
    assert!(scattered.stress_ppm < 1_400_000, "as wild, but each by itself: {}", scattered.stress_ppm);
}

#[test]
fn a_price_is_of_the_minute_it_was_published_in() {
    let price = MacroPrice::from_pyth(1, 0, 0, 179).unwrap();
    assert!(price.is_of(2) && !price.is_of(3));
    assert_eq!(MacroPrice::from_pyth(1, 0, 0, -1).unwrap().minute(), -1);
}
