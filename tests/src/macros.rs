//! The macro index in a [`World`]: its feeds, their prices and its refreshes.

use crate::world::{World, CONFIDENCE_PPM};
use anchor_lang::prelude::Pubkey;
use breakwater::{MacroFeedArgs, MacroIndex};
use breakwater_risk::fixed::PPM;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::bank::PythPrice;
use breakwater_sim::stage::{Sent, PYTH_EXPONENT, SEASON_SECONDS};
use solana_signer::Signer;

/// Slots of a minute at 400 ms.
pub const MINUTE_SLOTS: u64 = 150;

/// What the n-th feed of a test's index is listed with: σ_ref of SOL, weight 1.
pub fn macro_feed(feed: u8) -> MacroFeedArgs {
    MacroFeedArgs {
        feed_id: [0x40 + feed; 32],
        legacy_price_account: Pubkey::default(),
        sigma_ref_ppm: 142,
        confidence_ref_ppm: 500,
        weight: 1,
    }
}

/// Account that carries the price of the n-th feed.
pub fn macro_price_account(feed: u8) -> Pubkey {
    Pubkey::new_from_array([0x60 + feed; 32])
}

impl World {
    /// Creates the macro index with as many feeds, as if that had happened a month ago: markets read it.
    pub fn with_macro_index(mut self, feeds: u8) -> Self {
        let (slot, unix_timestamp) = self.stage.time();
        self.stage.bank.set_clock(slot, unix_timestamp - SEASON_SECONDS);
        self.create_macro_index((0..feeds).map(macro_feed).collect()).expect("the macro index is created");
        self.stage.bank.set_clock(slot, unix_timestamp);
        self.watch(address::macro_index(&self.stage.exchange));
        self
    }

    /// Creates the macro index with these feeds.
    pub fn create_macro_index(&mut self, feeds: Vec<MacroFeedArgs>) -> Sent {
        let (exchange, authority) = (self.stage.exchange, self.stage.authority.pubkey());
        self.send_as_authority(&[build::create_macro_index(exchange, authority, feeds)])
    }

    /// Proposes other feeds for the macro index.
    pub fn propose_macro_index(&mut self, feeds: Vec<MacroFeedArgs>) -> Sent {
        let (exchange, authority) = (self.stage.exchange, self.stage.authority.pubkey());
        self.send_as_authority(&[build::propose_macro_index(exchange, authority, feeds)])
    }

    /// Anybody gives the macro index the proposed feeds.
    pub fn apply_macro_index(&mut self) -> Sent {
        self.send(&[build::apply_macro_index(self.stage.exchange)], &[])
    }

    /// Takes a proposal of other feeds back.
    pub fn cancel_macro_index(&mut self) -> Sent {
        let (exchange, authority) = (self.stage.exchange, self.stage.authority.pubkey());
        self.send_as_authority(&[build::cancel_macro_index(exchange, authority)])
    }

    /// The macro index.
    pub fn macro_index(&self) -> MacroIndex {
        self.stage.macro_index().expect("the exchange has a macro index")
    }

    /// What Pyth would publish now for a feed at a price in micro-dollars.
    pub fn macro_observation(&self, feed: u8, price_micro_usd: u64) -> PythPrice {
        let price = price_micro_usd * 100;
        let confidence = price / PPM * CONFIDENCE_PPM;
        PythPrice {
            feed_id: macro_feed(feed).feed_id,
            price: i64::try_from(price).expect("a Pyth price fits 63 bits"),
            confidence,
            ema_confidence: confidence,
            exponent: PYTH_EXPONENT,
            publish_time: self.stage.time().1,
        }
    }

    /// Publishes prices of feeds (place, micro-dollars) at the present time and refreshes the index with them.
    pub fn publish_macro(&mut self, prices: &[(u8, u64)]) -> Sent {
        for (feed, price) in prices {
            let price = self.macro_observation(*feed, *price);
            self.stage.bank.post_price(&macro_price_account(*feed), &price);
        }
        self.refresh_macro(&prices.iter().map(|(feed, _)| *feed).collect::<Vec<_>>())
    }

    /// Refreshes the index from what the price accounts of these feeds hold.
    pub fn refresh_macro(&mut self, feeds: &[u8]) -> Sent {
        let accounts: Vec<Pubkey> = feeds.iter().map(|feed| macro_price_account(*feed)).collect();
        self.send(&[build::refresh_macro(self.stage.exchange, &accounts)], &[])
    }

    /// Lets minutes pass in which all feeds move by the same parts per million up and down in turn, and leaves the last of
    /// them closed: the index is as stressed as that makes it.
    pub fn stress_macro(&mut self, feeds: u8, minutes: u64, move_ppm: u64) {
        for minute in 0..minutes + 2 {
            let price = if minute % 2 == 0 { 100 * PPM } else { 100 * (PPM + move_ppm) };
            self.publish_macro(&(0..feeds).map(|feed| (feed, price)).collect::<Vec<_>>())
                .expect("the index takes prices");
            self.pass(MINUTE_SLOTS);
        }
    }
}
