//! Sizes and offsets of the accounts, pinned: off-chain readers decode these bytes, with the 8 of the discriminator.

use crate::support::*;
use anchor_lang::Discriminator;
use breakwater::{Backstop, Exchange, InsuranceFund, MacroIndex, MarginAccount, Market, ParamsProposal, Stake, Venue};
use breakwater_risk::macro_index::MacroIndexState;
use breakwater_risk::state::{Leg, MarketState};
use breakwater_risk::AccountState;
use breakwater_sdk::address;
use breakwater_sim::stage::venue_signer;
use std::mem::offset_of;

/// Bytes of a discriminator.
const HEAD: usize = 8;

#[test]
fn accounts_keep_within_their_sizes() {
    assert_eq!(Market::SPACE, 3_304);
    assert_eq!(MarginAccount::SPACE, 2_320);
    assert_eq!(Exchange::SPACE, 592);
    assert_eq!(InsuranceFund::SPACE, 120);
    assert_eq!((Backstop::SPACE, Stake::SPACE), (120, 136));
    assert_eq!(MacroIndex::SPACE, 2_344);
    assert_eq!((Venue::SPACE, ParamsProposal::SPACE), (74, 306));
    const { assert!(Market::SPACE <= 4_096 && MarginAccount::SPACE <= 3_072) }; // DESIGN section 3
}

#[test]
fn accounts_on_chain_have_exactly_these_sizes() {
    let mut world = pair().with_backstop(200_000, 1_000 * breakwater_tests::world::USD).with_macro_index(2);
    world.open_stake("alice", breakwater_tests::Pool::Insurance).unwrap();
    let (exchange, stage) = (world.stage.exchange, &world.stage);
    for (key, bytes) in [
        (exchange, Exchange::SPACE),
        (stage.markets[0].key, Market::SPACE),
        (world.who("alice").account, MarginAccount::SPACE),
        (address::insurance(&exchange), InsuranceFund::SPACE),
        (address::backstop(&exchange), Backstop::SPACE),
        (address::macro_index(&exchange), MacroIndex::SPACE),
        (address::backstop_account(&exchange), MarginAccount::SPACE),
        (address::stake(&address::insurance(&exchange), &owner(&world, "alice")), Stake::SPACE),
        (address::venue(&exchange, &venue_signer()), Venue::SPACE),
    ] {
        assert_eq!(stage.bank.data(&key).unwrap().len(), bytes);
    }
}

#[test]
fn discriminators_tell_the_accounts_apart() {
    let all = [
        Exchange::DISCRIMINATOR,
        Market::DISCRIMINATOR,
        MarginAccount::DISCRIMINATOR,
        InsuranceFund::DISCRIMINATOR,
        Backstop::DISCRIMINATOR,
        Stake::DISCRIMINATOR,
        Venue::DISCRIMINATOR,
        MacroIndex::DISCRIMINATOR,
        ParamsProposal::DISCRIMINATOR,
    ];
    assert!(all.iter().all(|one| one.len() == HEAD));
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn offsets_of_the_market_are_pinned() {
    assert_eq!(HEAD + offset_of!(Market, exchange), 8);
    assert_eq!(HEAD + offset_of!(Market, feed_id), 40);
    assert_eq!(HEAD + offset_of!(Market, legacy_price_account), 72);
    assert_eq!(HEAD + offset_of!(Market, backstop), 104);
    assert_eq!(HEAD + offset_of!(Market, backstop_account), 136);
    assert_eq!(HEAD + offset_of!(Market, macro_index), 168);
    assert_eq!(HEAD + offset_of!(Market, sequence), 200);
    assert_eq!(HEAD + offset_of!(Market, index), 208);
    assert_eq!(HEAD + offset_of!(Market, lot_exponent), 210);
    assert_eq!(HEAD + offset_of!(Market, bump), 211);
    assert_eq!(HEAD + offset_of!(Market, state), 216);
    let state = HEAD + offset_of!(Market, state);
    assert_eq!(state + offset_of!(MarketState, mark), 432);
    assert_eq!(state + offset_of!(MarketState, publish_time), 464);
    assert_eq!(state + offset_of!(MarketState, long), 648);
    assert_eq!(state + offset_of!(MarketState, short), 792);
    assert_eq!(state + offset_of!(MarketState, pool_atoms), 936);
    assert_eq!(state + offset_of!(MarketState, claims_total_atoms), 944);
    assert_eq!(state + offset_of!(MarketState, debts_total_atoms), 952);
    assert_eq!(state + offset_of!(MarketState, draws_from), 3_248);
    assert_eq!(state + offset_of!(MarketState, reserve_atoms), 3_256);
}

#[test]
fn offsets_of_the_margin_account_are_pinned() {
    assert_eq!(HEAD + offset_of!(MarginAccount, exchange), 8);
    assert_eq!(HEAD + offset_of!(MarginAccount, owner), 40);
    assert_eq!(HEAD + offset_of!(MarginAccount, delegate), 72);
    assert_eq!(HEAD + offset_of!(MarginAccount, approvals), 104);
    assert_eq!(HEAD + offset_of!(MarginAccount, sequence), 424);
    assert_eq!(HEAD + offset_of!(MarginAccount, delegate_notional_max_atoms), 432);
    assert_eq!(HEAD + offset_of!(MarginAccount, sub_id), 440);
    assert_eq!(HEAD + offset_of!(MarginAccount, state), 448);
    let state = HEAD + offset_of!(MarginAccount, state);
    assert_eq!(state + offset_of!(AccountState, capital_atoms), 448);
    assert_eq!(state + offset_of!(AccountState, flagged_slot), 456);
    assert_eq!(state + offset_of!(AccountState, legs), 520);
    assert_eq!(std::mem::size_of::<Leg>(), 112);
    assert_eq!((offset_of!(Leg, lots), offset_of!(Leg, debt_atoms), offset_of!(Leg, market_index)), (0, 64, 88));
}

#[test]
fn offsets_of_the_macro_index_are_pinned() {
    assert_eq!(HEAD + offset_of!(MacroIndex, exchange), 8);
    assert_eq!(HEAD + offset_of!(MacroIndex, sources), 40);
    assert_eq!(HEAD + offset_of!(MacroIndex, sequence), 552);
    assert_eq!(HEAD + offset_of!(MacroIndex, bump), 560);
    let state = HEAD + offset_of!(MacroIndex, state);
    assert_eq!(state, 568);
    assert_eq!(state + offset_of!(MacroIndexState, pairs), 1_208);
    assert_eq!(state + offset_of!(MacroIndexState, minute), 1_656);
    assert_eq!(state + offset_of!(MacroIndexState, stress_ppm), 1_664);
    assert_eq!(state + offset_of!(MacroIndexState, correlation_ppm), 1_668);
    assert_eq!(HEAD + offset_of!(MacroIndex, pending_sources), 1_680);
    assert_eq!(HEAD + offset_of!(MacroIndex, effective_at), 2_336);
}

#[test]
fn offsets_of_the_exchange_are_pinned() {
    assert_eq!(HEAD + offset_of!(Exchange, authority), 8);
    assert_eq!(HEAD + offset_of!(Exchange, pending_authority), 40);
    assert_eq!(HEAD + offset_of!(Exchange, quote_mint), 72);
    assert_eq!(HEAD + offset_of!(Exchange, vault), 104);
    assert_eq!(HEAD + offset_of!(Exchange, receivers), 136);
    assert_eq!(HEAD + offset_of!(Exchange, pending_receivers), 264);
    assert_eq!(HEAD + offset_of!(Exchange, legacy_oracle), 392);
    assert_eq!(HEAD + offset_of!(Exchange, booked_atoms), 424);
}
