//! `create_macro_index`, `refresh_macro`, and what `refresh_market` reads of the index.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use breakwater::{BreakwaterError, InitializeExchangeArgs, MacroFeedArgs, MacroSource, NOTICE_SECONDS};
use breakwater_risk::fixed::ONE_Q32;
use breakwater_risk::units::SideName;
use breakwater_risk::{depth, margin, MarketState};
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::bank::{PythPrice, PYTH_RECEIVER};
use breakwater_sim::stage::Stage;
use breakwater_tests::assert_refused;
use breakwater_tests::macros::{macro_feed, macro_price_account, MINUTE_SLOTS};
use breakwater_tests::world::{sol_params, World, USD};
use pyth_solana_receiver_sdk::price_update::VerificationLevel;
use solana_signer::Signer;

/// A market at $200 and an index of three feeds.
fn indexed() -> World {
    quick().with_macro_index(3)
}

#[test]
fn create_macro_index_lists_its_feeds_and_is_neutral() {
    let world = indexed();
    let index = world.macro_index();
    assert_eq!((index.exchange, index.sequence), (world.stage.exchange, 0));
    for feed in 0..3 {
        let args = macro_feed(feed);
        let source = MacroSource { feed_id: args.feed_id, legacy_price_account: Pubkey::default() };
        assert_eq!(index.sources[usize::from(feed)], source);
        let state = index.state.feeds[usize::from(feed)];
        assert_eq!((state.terms.sigma_ref_ppm, state.terms.confidence_ref_ppm, state.terms.weight), (142, 500, 1));
        assert_eq!((state.variance_q32, state.ratio_ppm), (ONE_Q32, 0));
    }
    assert_eq!(index.sources[3], MacroSource::default());
    assert_eq!((index.state.feed_count, index.state.stress_ppm), (3, 1_000_000));
    assert_eq!(world.market(0).macro_index, address::macro_index(&world.stage.exchange));
}

#[test]
fn create_macro_index_refuses_feeds_out_of_bounds_and_alike() {
    let mut world = quick();
    let legacy = Pubkey::new_unique();
    let with_legacy = |feed| MacroFeedArgs { legacy_price_account: legacy, ..macro_feed(feed) };
    for feeds in [
        vec![],
        (0..9).map(macro_feed).collect(),
        vec![macro_feed(0), macro_feed(0)],
        vec![with_legacy(0), with_legacy(1)],
        vec![MacroFeedArgs { feed_id: [0; 32], ..macro_feed(0) }],
        vec![macro_feed(0), MacroFeedArgs { sigma_ref_ppm: 4, ..macro_feed(1) }],
        vec![MacroFeedArgs { confidence_ref_ppm: 10_001, ..macro_feed(0) }],
        vec![MacroFeedArgs { weight: 0, ..macro_feed(0) }],
        vec![MacroFeedArgs { weight: 101, ..macro_feed(0) }],
    ] {
        assert_refused(world.create_macro_index(feeds), BreakwaterError::MacroFeedsInvalid);
    }
    world.create_macro_index((0..8).map(macro_feed).collect()).unwrap();
}

#[test]
fn create_macro_index_is_for_the_authority_and_once() {
    let mut world = quick();
    let (exchange, stranger) = (world.stage.exchange, stranger(&mut world));
    let instruction = build::create_macro_index(exchange, stranger.pubkey(), vec![macro_feed(0)]);
    assert_refused(world.send(&[instruction], &[&stranger]), BreakwaterError::NotAuthority);
    let authority = world.stage.authority.pubkey();
    let unsigned = build::create_macro_index(exchange, authority, vec![macro_feed(0)]).unsigned(authority);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    world.create_macro_index(vec![macro_feed(0)]).unwrap();
    assert_refused(world.create_macro_index(vec![macro_feed(1)]), BreakwaterError::MacroIndexExists);
}

#[test]
fn refresh_macro_takes_the_newest_price_of_each_feed_given() {
    let mut world = indexed();
    world.publish_macro(&[(0, 200 * USD), (2, 50_000 * USD)]).unwrap();
    let index = world.macro_index();
    let now = world.stage.time().1;
    assert_eq!((index.sequence, index.state.minute), (1, now.div_euclid(60)));
    let last = |feed: usize| index.state.feeds[feed].last;
    assert_eq!((last(0).mantissa, last(0).exponent, last(0).publish_time), (2_000_000_000, -7, now));
    assert_eq!((last(0).confidence_ppm, last(2).mantissa, last(2).exponent), (300, 5_000_000_000, -5));
    assert_eq!(last(1).mantissa, 0);
}

#[test]
fn several_callers_of_one_minute_add_up() {
    let (mut together, mut apart) = (indexed(), indexed());
    for minute in 0..4_u64 {
        let prices: Vec<(u8, u64)> = (0..3).map(|feed| (feed, (100 + minute * u64::from(feed)) * USD)).collect();
        together.publish_macro(&prices).unwrap();
        for price in prices.iter().rev() {
            apart.publish_macro(&[*price]).unwrap();
        }
        together.pass(MINUTE_SLOTS);
        apart.pass(MINUTE_SLOTS);
    }
    assert_eq!(together.macro_index().state, apart.macro_index().state);
    assert!(together.macro_index().state.feeds[2].ratio_ppm > 0);
}

#[test]
fn refresh_macro_refuses_prices_that_are_of_no_feed_unverified_or_unreadable() {
    let mut world = indexed();
    let (key, good) = (macro_price_account(0), world.macro_observation(0, 200 * USD));
    let full = VerificationLevel::Full;
    let mut post = |price: &PythPrice, owner: Pubkey, level| {
        world.stage.bank.post_price_as(&key, price, owner, level);
        world.refresh_macro(&[0])
    };
    for feed_id in [[1; 32], [0; 32]] {
        let unknown = PythPrice { feed_id, ..good };
        assert_refused(post(&unknown, PYTH_RECEIVER, full), BreakwaterError::MacroFeedUnknown);
    }
    assert_refused(post(&good, Pubkey::new_unique(), full), BreakwaterError::WrongOracle);
    assert_refused(post(&good, breakwater::ID, full), BreakwaterError::WrongOracle);
    let partial = VerificationLevel::Partial { num_signatures: 5 };
    assert_refused(post(&good, PYTH_RECEIVER, partial), BreakwaterError::PriceUnverified);
    for price in [0, -1] {
        let price = PythPrice { price, ..good };
        assert_refused(post(&price, PYTH_RECEIVER, full), BreakwaterError::PriceOutOfRange);
    }
    let old = PythPrice { publish_time: good.publish_time - 61, ..good };
    assert_refused(post(&old, PYTH_RECEIVER, full), BreakwaterError::PriceTooOld);
    let ahead = PythPrice { publish_time: good.publish_time + 16, ..good };
    assert_refused(post(&ahead, PYTH_RECEIVER, full), BreakwaterError::PriceFromFuture);
    world.stage.bank.set_account(&key, PYTH_RECEIVER, vec![0; 134]);
    assert_refused(world.refresh_macro(&[0]), BreakwaterError::PriceUnreadable);
}

#[test]
fn refresh_macro_refuses_no_prices_too_many_and_two_of_one_feed() {
    let mut world = indexed();
    assert_refused(world.refresh_macro(&[]), BreakwaterError::MacroFeedsInvalid);
    world.publish_macro(&[(0, 200 * USD)]).unwrap();
    let taken = world.macro_index();
    world.refresh_macro(&[0]).unwrap();
    let after = world.macro_index();
    assert_eq!((after.state, after.sequence), (taken.state, taken.sequence), "the same price again changes nothing");
    world.pass(5);
    assert_refused(world.publish_macro(&[(0, 200 * USD), (0, 200 * USD)]), BreakwaterError::MacroFeedsInvalid);
    assert_refused(world.refresh_macro(&[0; 9]), BreakwaterError::MacroFeedsInvalid);
}

#[test]
fn refresh_macro_refuses_the_index_of_another_exchange_and_what_is_no_index() {
    let mut world = indexed();
    let other = Other::beside(&mut world);
    let create = build::create_macro_index(other.exchange, world.stage.authority.pubkey(), vec![macro_feed(0)]);
    world.send_as_authority(&[create]).unwrap();
    let price = world.macro_observation(0, 200 * USD);
    world.stage.bank.post_price(&macro_price_account(0), &price);
    let (home, away) = (address::macro_index(&world.stage.exchange), address::macro_index(&other.exchange));
    let honest = build::refresh_macro(world.stage.exchange, &[macro_price_account(0)]);
    let foreign = honest.clone().swapped(home, away);
    assert_refused(world.send(&[foreign], &[]), BreakwaterError::WrongMacroIndex);
    let market = world.stage.markets[0].key;
    let no_index = honest.clone().swapped(home, market);
    assert_refused(world.send(&[no_index], &[]), BreakwaterError::WrongMacroIndex);
    let readonly = honest.clone().readonly(home);
    assert_anchor(world.send(&[readonly], &[]), ErrorCode::ConstraintMut);
    world.send(&[honest], &[]).unwrap();
}

#[test]
fn refresh_macro_reads_the_legacy_account_that_the_feed_names() {
    let (oracle, key) = (Pubkey::new_unique(), Pubkey::new_unique());
    let mut world = with_terms(InitializeExchangeArgs { legacy_oracle: oracle, ..Stage::exchange_args(1) });
    world.create_macro_index(vec![MacroFeedArgs { legacy_price_account: key, ..macro_feed(0) }]).unwrap();
    let now = world.stage.time().1;
    let refresh = build::refresh_macro(world.stage.exchange, &[key]);
    let other = Pubkey::new_unique();
    for account in [key, other] {
        let data = crate::legacy_price::trading(200 * 100_000_000, 6_000_000, now);
        world.stage.bank.set_account(&account, oracle, data);
    }
    let unknown = build::refresh_macro(world.stage.exchange, &[other]);
    assert_refused(world.send(&[unknown], &[]), BreakwaterError::MacroFeedUnknown);
    world.send(&[refresh], &[]).unwrap();
    let last = world.macro_index().state.feeds[0].last;
    assert_eq!((last.mantissa, last.exponent, last.confidence_ppm), (2_000_000_000, -7, 300));
}

#[test]
fn refresh_market_copies_the_stress_and_keeps_what_it_has_without_an_index() {
    let mut world = quick();
    assert_eq!(world.market(0).state.macro_view.stress_ppm, 0, "nothing was read: neutral");
    world.edit_market(0, |market| market.state.macro_view.stress_ppm = 1_250_000);
    world.publish(0, 200 * USD);
    assert_eq!(world.market(0).state.macro_view.stress_ppm, 1_250_000);
    let mut world = world.with_macro_index(2);
    world.stress_macro(2, 10, 10_000);
    let view = world.macro_index().state.view();
    assert!(view.stress_ppm > 1_500_000 && view.correlation_ppm > 900_000, "{view:?}");
    assert_eq!(world.market(0).state.macro_view.stress_ppm, 1_250_000, "a market reads when it is refreshed");
    world.publish(0, 200 * USD);
    assert_eq!(world.market(0).state.macro_view, view);
}

#[test]
fn refresh_market_refuses_any_account_but_its_exchanges_index() {
    let mut world = indexed();
    let other = Other::beside(&mut world);
    let create = build::create_macro_index(other.exchange, world.stage.authority.pubkey(), vec![macro_feed(0)]);
    world.send_as_authority(&[create]).unwrap();
    world.pass(5);
    world.stage.post(0, 200 * USD, 300);
    let (exchange, listed) = (world.stage.exchange, world.stage.markets[0]);
    let honest = build::refresh_market(exchange, listed.key, listed.price_account);
    let home = address::macro_index(&exchange);
    for wrong in [address::macro_index(&other.exchange), listed.key, listed.price_account, Pubkey::new_unique()] {
        let wrong = honest.clone().swapped(home, wrong);
        assert_refused(world.send(&[wrong], &[]), BreakwaterError::WrongMacroIndex);
    }
    world.send(&[honest], &[]).unwrap();
}

#[test]
fn lamports_at_the_address_of_an_index_are_none() {
    let mut world = quick();
    let key = address::macro_index(&world.stage.exchange);
    world.stage.bank.fund(&key, 1_000_000_000);
    world.publish(0, 200 * USD);
    assert_eq!(world.market(0).state.macro_view.stress_ppm, 0);
}

#[test]
fn stress_lowers_the_flow_capacity_and_the_cap_of_open_interest_and_raises_initial_margin_only() {
    let cap = 2 * LOTS_10K;
    let mut world = World::new();
    let params = breakwater_risk::MarketParams { open_interest_max_lots: cap, ..sol_params() };
    world.list(&params, 200 * USD);
    for name in ["alice", "bob"] {
        world.trader(name, 1_000_000 * USD);
    }
    let mut world = world.with_macro_index(2);
    world.pass(MINUTE_SLOTS);
    world.publish(0, 200 * USD);
    let calm = world.market(0).state;
    world.stress_macro(2, 30, 20_000);
    assert_eq!(world.macro_index().state.stress_ppm, 2_000_000);
    world.publish(0, 200 * USD);
    let stressed = world.market(0).state;
    assert_eq!(stressed.depth.depth_atoms, calm.depth.depth_atoms, "both at the floor: a pause of the feed");
    assert_eq!(stressed.depth.capacity_atoms, calm.depth.capacity_atoms, "what the book carries is another matter");
    let now = world.stage.bank.now();
    assert_eq!(depth::flow_capacity(&stressed, &now), stressed.depth.capacity_atoms / 2);
    assert_eq!(
        depth::depth_per_unit(&stressed, &now),
        depth::depth_per_unit(&MarketState { macro_view: calm.macro_view, ..stressed }, &now)
    );
    world.trade(0, "alice", "bob", cap / 2).unwrap();
    assert_refused(world.trade(0, "alice", "bob", 1), BreakwaterError::OpenInterestCap);
    let mut neutral = stressed;
    neutral.macro_view.stress_ppm = 0;
    let rates = |state: &MarketState| margin::rates(state, SideName::Long, 1_000 * USD).unwrap();
    assert_eq!(rates(&stressed).maintenance_ppm, rates(&neutral).maintenance_ppm);
    assert_eq!(rates(&stressed).initial_ppm, 2 * rates(&neutral).initial_ppm);
}

/// An index that was created today doubles nobody's margin today: markets read it eight days later.
#[test]
fn refresh_market_reads_nothing_of_an_index_before_its_notice_has_passed() {
    let mut world = quick();
    world.create_macro_index(vec![macro_feed(0), macro_feed(1)]).unwrap();
    let effective_at = world.macro_index().effective_at;
    assert_eq!(effective_at, world.stage.time().1 + NOTICE_SECONDS);
    world.stress_macro(2, 10, 10_000);
    assert!(world.macro_index().state.stress_ppm > 1_500_000, "it learns meanwhile");
    world.publish(0, 200 * USD);
    assert_eq!(world.market(0).state.macro_view.stress_ppm, 0);
    let left = effective_at - world.stage.time().1;
    pass_seconds(&mut world, left - 4);
    world.publish(0, 200 * USD);
    assert_eq!(world.market(0).state.macro_view.stress_ppm, 0, "two seconds before");
    world.publish(0, 200 * USD);
    assert_eq!(world.market(0).state.macro_view, world.macro_index().state.view());
}

#[test]
fn other_feeds_of_an_index_are_proposed_wait_and_are_applied_by_anyone() {
    let mut world = indexed();
    world.publish_macro(&[(0, 200 * USD)]).unwrap();
    let before = world.macro_index();
    assert_refused(world.apply_macro_index(), BreakwaterError::NothingToDo);
    assert_refused(world.cancel_macro_index(), BreakwaterError::NothingToDo);
    assert_refused(world.propose_macro_index(vec![]), BreakwaterError::MacroFeedsInvalid);
    let lowest = MacroFeedArgs { sigma_ref_ppm: 15, confidence_ref_ppm: 50, ..macro_feed(5) };
    for feed in [
        MacroFeedArgs { sigma_ref_ppm: 14, ..lowest.clone() },
        MacroFeedArgs { confidence_ref_ppm: 49, ..lowest.clone() },
    ] {
        assert_refused(world.propose_macro_index(vec![feed]), BreakwaterError::MacroFeedsInvalid);
    }
    let feeds = vec![macro_feed(4), lowest];
    world.propose_macro_index(feeds.clone()).unwrap();
    let index = world.macro_index();
    assert_eq!(index.apply_at, world.stage.time().1 + NOTICE_SECONDS);
    assert_eq!((index.sources, index.state), (before.sources, before.state), "nothing changes yet");
    assert_eq!(index.pending_feeds(), feeds);
    pass_seconds(&mut world, NOTICE_SECONDS - 2);
    assert_refused(world.apply_macro_index(), BreakwaterError::TimelockRunning);
    pass_seconds(&mut world, 2);
    world.apply_macro_index().unwrap();
    let index = world.macro_index();
    assert_eq!((index.apply_at, index.pending_feeds()), (0, vec![]));
    assert_eq!((index.sources[0].feed_id, index.sources[1].feed_id), (feeds[0].feed_id, feeds[1].feed_id));
    assert_eq!((index.sources[2], index.state.feed_count), (MacroSource::default(), 2));
    assert_eq!((index.state.stress_ppm, index.state.feeds[0].last.mantissa), (1_000_000, 0), "it learns from nothing");
    assert_eq!(index.effective_at, before.effective_at, "markets go on reading it");
}

#[test]
fn a_proposal_of_feeds_lapses_ends_with_its_authority_and_can_be_taken_back() {
    let mut world = indexed();
    world.propose_macro_index(vec![macro_feed(4)]).unwrap();
    world.cancel_macro_index().unwrap();
    assert_refused(world.apply_macro_index(), BreakwaterError::NothingToDo);
    world.propose_macro_index(vec![macro_feed(4)]).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS + 15 * 86_400);
    assert_refused(world.apply_macro_index(), BreakwaterError::ProposalLapsed);
    world.propose_macro_index(vec![macro_feed(4)]).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS);
    world.edit_exchange(|exchange| exchange.term += 1);
    assert_refused(world.apply_macro_index(), BreakwaterError::ProposalOutdated);
}

#[test]
fn other_feeds_of_an_index_are_for_the_authority_of_its_exchange() {
    let mut world = indexed();
    let (exchange, stranger) = (world.stage.exchange, stranger(&mut world));
    let propose = build::propose_macro_index(exchange, stranger.pubkey(), vec![macro_feed(4)]);
    assert_refused(world.send(&[propose], &[&stranger]), BreakwaterError::NotAuthority);
    world.propose_macro_index(vec![macro_feed(4)]).unwrap();
    let cancel = build::cancel_macro_index(exchange, stranger.pubkey());
    assert_refused(world.send(&[cancel], &[&stranger]), BreakwaterError::NotAuthority);
    let other = Other::beside(&mut world);
    let (home, away) = (address::macro_index(&exchange), address::macro_index(&other.exchange));
    let authority = world.stage.authority.pubkey();
    let create = build::create_macro_index(other.exchange, authority, vec![macro_feed(0)]);
    world.send_as_authority(&[create]).unwrap();
    let wrong = build::cancel_macro_index(exchange, authority).swapped(home, away);
    assert_refused(world.send_as_authority(&[wrong]), BreakwaterError::WrongMacroIndex);
    let wrong = build::apply_macro_index(exchange).swapped(home, away);
    assert_refused(world.send(&[wrong], &[]), BreakwaterError::WrongMacroIndex);
}
