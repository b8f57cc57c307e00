//! A world in memory for tests and benches: one market, so many longs with little margin, one keeper with capital.

use anchor_lang::prelude::Pubkey;
use breakwater::{Exchange, InsuranceFund, MarginAccount, Market};
use breakwater_keeper::price::{Carrier, Quote};
use breakwater_keeper::world::World;
use breakwater_risk::refresh::PriceObservation;
use breakwater_risk::units::CLAIM_INDEX_ONE;
use breakwater_risk::{MarketParams, Now};
use breakwater_sdk::rpc::read::ExchangeView;
use breakwater_sdk::{address, preview, Snapshot};
use bytemuck::Zeroable;

/// The keeper.
pub const KEEPER: Pubkey = Pubkey::new_from_array([200; 32]);
/// The chain's time.
pub const NOW: Now = Now { slot: 1_000_000, unix_timestamp: 1_760_000_000, last_restart_slot: 0 };
const MARK: u64 = 2_000_000_000;

/// A price that is newer than the market's.
pub fn quote(price: u64) -> Quote {
    let observation = PriceObservation {
        price,
        confidence: price / 2_000,
        ema_confidence: price / 2_000,
        publish_time: NOW.unix_timestamp,
    };
    Quote { observation, carrier: Carrier::Account(Pubkey::new_from_array([7; 32])) }
}

/// A world with so many accounts, one of ten of which fails after a fall of a tenth.
pub fn world(accounts: u32) -> World {
    let key = address::exchange(&KEEPER, 0);
    let mut market = Market::zeroed();
    (market.exchange, market.lot_exponent) = (key, -5);
    market.state.start(MarketParams::SOL);
    let mut snapshot = Snapshot::new();
    snapshot.insert(address::market(&key, 0), market);
    // The market lives through a day of calm, so that it has depth.
    let mut now = Now { slot: NOW.slot - 3_000, unix_timestamp: NOW.unix_timestamp - 1_200, ..NOW };
    while now.unix_timestamp < NOW.unix_timestamp - 2 {
        let observation = PriceObservation {
            price: MARK,
            confidence: MARK / 2_000,
            ema_confidence: MARK / 2_000,
            publish_time: now.unix_timestamp,
        };
        let taken = preview::refresh_market(&mut snapshot, 0, &observation, &now).expect("a calm price is accepted");
        assert!(taken.is_some(), "a new price is taken");
        (now.slot, now.unix_timestamp) = (now.slot + 10, now.unix_timestamp + 4);
    }
    let mut market = snapshot.get(0).expect("listed").market;
    market.state.depth.depth_slow_atoms = 840_000_000_000;
    market.state.depth.depth_atoms = 840_000_000_000;
    market.state.long.open_lots = u64::from(accounts) * 1_000_000;
    market.state.short.open_lots = u64::from(accounts) * 1_000_000;
    market.state.long.legs_current = accounts;
    snapshot.insert(address::market(&key, 0), market);
    let mut exchange = Exchange::zeroed();
    exchange.market_count = 1;
    let view = ExchangeView {
        key,
        exchange,
        vault_atoms: 0,
        insurance: InsuranceFund::zeroed(),
        backstop: None,
        snapshot,
        now: NOW,
    };
    let mut world = World::new(view);
    for number in 0..accounts {
        let mut account = MarginAccount::zeroed();
        let mut owner = [1; 32];
        owner[..4].copy_from_slice(&number.to_le_bytes());
        (account.exchange, account.owner) = (key, Pubkey::new_from_array(owner));
        // Notional 2 000 USD; maintenance a twentieth of it. One of ten has too little for a fall of a tenth.
        account.state.capital_atoms = if number % 10 == 0 { 250_000_000 } else { 900_000_000 };
        let leg = &mut account.state.legs[0];
        (leg.in_use, leg.lots) = (1, 1_000_000);
        leg.size_index0 = market.state.long.size_index;
        leg.value_index0 = (i128::from(market.state.long.size_index) * i128::from(MARK)).into();
        leg.claim_index0 = CLAIM_INDEX_ONE;
        world.learn(address_of(number), account, 1);
    }
    let mut own = MarginAccount::zeroed();
    (own.exchange, own.owner) = (key, KEEPER);
    own.state.capital_atoms = 1_000_000_000_000;
    world.learn(Pubkey::new_from_array([201; 32]), own, 1);
    world
}

fn address_of(number: u32) -> Pubkey {
    let mut key = [2; 32];
    key[..4].copy_from_slice(&number.to_be_bytes());
    Pubkey::new_from_array(key)
}
