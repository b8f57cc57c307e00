//! Comparison of what the macro index takes in.

use crate::compare::Before;
use crate::states::{States, MACRO_FEEDS};
use breakwater_risk::macro_index::FeedObservation;
use breakwater_risk::macro_price::MacroPrice;
use breakwater_sdk::preview;
use breakwater_tests::macros::macro_price_account;
use breakwater_tests::world::USD;
use rand::Rng;

/// Prices of random feeds, at times near the present one; now and then one that is too old or too early.
pub fn refresh_macro(states: &mut States, name: &'static str, before: &Before) {
    if states.rng.random_range(0..4) == 0 {
        states.world.pass(100);
    }
    let now = states.world.stage.bank.now();
    let (mut feeds, mut prices) = (Vec::new(), Vec::new());
    for feed in 0..MACRO_FEEDS {
        if states.rng.random_range(0..3) == 0 {
            continue;
        }
        let mut price = states.world.macro_observation(feed, states.rng.random_range(90..110) * USD);
        price.publish_time -= if states.rng.random_range(0..10) == 0 { 61 } else { states.rng.random_range(-2..=60) };
        states.world.stage.bank.post_price(&macro_price_account(feed), &price);
        let price = MacroPrice::from_pyth(price.price, price.exponent, price.confidence, price.publish_time);
        prices.push(FeedObservation { feed: usize::from(feed), price: price.expect("a price") });
        feeds.push(feed);
    }
    let expected = preview::refresh_macro(&before.snapshot, &prices, &now);
    let sent = states.world.refresh_macro(&feeds);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let index = states.world.macro_index().state;
    let Some(report) = report else {
        assert_eq!(index, before.snapshot.macro_index().expect("an index").state);
        return;
    };
    assert_eq!((index.view(), index.minute), (report.view, report.minute));
    for FeedObservation { feed, price } in prices {
        let was = before.snapshot.macro_index().expect("an index").state.feeds[feed].last;
        assert_eq!(index.feeds[feed].last, if report.has_taken(feed) { price } else { was });
    }
}
