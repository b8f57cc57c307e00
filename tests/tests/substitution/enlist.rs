//! Lists every account of the scene, each with whom it belongs to, and posts the prices that are not taken yet.

use crate::scene::{Scene, MARKETS, REQUESTS, ROOMY, UNFUNDED};
use anchor_lang::prelude::Pubkey;
use breakwater::Layout;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::{venue_signer, Stage};
use breakwater_tests::macros::macro_price_account;
use breakwater_tests::world::{CONFIDENCE_PPM, USD};
use breakwater_tests::Pool;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Another account that carries the feed of the first market.
const SECOND_PRICE: Pubkey = Pubkey::new_from_array([0x5e; 32]);
/// Bytes by which accounts of an earlier layout are shorter.
pub const CUT_BYTES: usize = 128;
/// Rent of a byte, lamports.
const RENT_OF_A_BYTE: u64 = 6_960;

impl Scene {
    /// Approvals, requests that are due, what is unfunded or outdated, prices that nobody has taken yet; then the list of all accounts.
    pub fn enlist(&mut self) {
        let exchange = self.world.stage.exchange;
        let venue = address::venue(&exchange, &self.venue.pubkey());
        for name in ["alice", "bob"] {
            let (owner, account) = (self.owner(name), self.account(name));
            let args = breakwater::ApproveVenueArgs {
                max_notional_atoms: u64::MAX,
                max_cost_atoms: u64::MAX,
                expires_at: i64::MAX,
            };
            let approve = build::approve_venue(owner, account, venue, args);
            self.world.send_as(name, &[approve]).expect("an owner approves a venue");
        }
        for (name, pool) in REQUESTS {
            self.world.make_due(name, pool);
            if name != "leaver" {
                self.world.make_noted(name, pool);
            }
        }
        self.world.edit_market(UNFUNDED, |market| market.state.unfunded_atoms = 1_000 * USD);
        self.post_prices();
        self.list_keys();
        self.outdate();
        self.list_home();
        self.double();
    }

    /// Owner of a named trader.
    pub fn owner(&self, name: &str) -> Pubkey {
        self.world.who(name).key.pubkey()
    }

    /// Margin account of a named trader.
    pub fn account(&self, name: &str) -> Pubkey {
        self.world.who(name).account
    }

    /// Market of a place.
    pub fn market(&self, place: usize) -> Pubkey {
        self.world.stage.markets[place].key
    }

    fn post_prices(&mut self) {
        for market in MARKETS {
            let price = self.world.price(market);
            self.world.stage.post(market, price, CONFIDENCE_PPM);
        }
        let (listed, now) = (self.world.stage.markets[ROOMY], self.world.stage.time().1);
        let price = Stage::pyth_price(listed.feed_id, self.world.price(ROOMY), CONFIDENCE_PPM, now);
        self.world.stage.bank.post_price(&SECOND_PRICE, &price);
        for feed in 0..3 {
            let price = self.world.macro_observation(feed, 101 * USD);
            self.world.stage.bank.post_price(&macro_price_account(feed), &price);
        }
    }

    /// People and programs.
    fn list_keys(&mut self) {
        let mut keys = vec![&self.stranger, &self.sponsor, &self.venue, &self.heir];
        let authority = self.world.stage.authority.insecure_clone();
        keys.push(&authority);
        let people: Vec<Keypair> =
            self.world.names().iter().map(|name| self.world.who(name).key.insecure_clone()).collect();
        for key in keys.into_iter().chain(&people) {
            self.cast.signer(key);
        }
        self.cast.programs = vec![
            anchor_lang::system_program::ID,
            anchor_spl::token::ID,
            anchor_spl::token_2022::ID,
            breakwater::ID,
            breakwater_test_venue::ID,
        ];
    }

    fn list_home(&mut self) {
        let stage = &self.world.stage;
        let (exchange, authority) = (stage.exchange, stage.authority.pubkey());
        let (backstop, treasury, mint) = (address::backstop(&exchange), stage.treasury, stage.mint);
        let markets = stage.markets.clone();
        for key in [exchange, address::insurance(&exchange), address::macro_index(&exchange), backstop] {
            self.cast.home(key, None);
        }
        self.cast.home(address::backstop_account(&exchange), Some(backstop));
        for market in &markets {
            self.cast.home(market.key, None);
            self.cast.home(market.price_account, None);
        }
        for key in [venue_signer(), self.venue.pubkey()] {
            self.cast.home(address::venue(&exchange, &key), None);
        }
        self.cast.home(address::params_proposal(&markets[ROOMY].key), Some(authority));
        self.cast.home(SECOND_PRICE, None);
        (0..3).for_each(|feed| self.cast.home(macro_price_account(feed), None));
        self.cast.home(address::vault(&exchange), Some(exchange));
        self.cast.home(treasury, Some(authority));
        self.cast.home(mint, None);
        for name in ["alice again", "risky", "bankrupt", "weak", "failing", "critical", "keeper", "alice", "bob"] {
            self.list_trader(name);
        }
        for name in self.world.names() {
            self.list_trader(&name);
        }
        self.list_other_tokens();
        for (name, pool) in REQUESTS.into_iter().chain([("nobody", Pool::Insurance)]) {
            let owner = self.owner(name);
            self.cast.home(address::stake(&self.world.pool(pool), &owner), Some(owner));
        }
    }

    fn list_trader(&mut self, name: &str) {
        let (account, wallet, owner) = (self.account(name), self.world.who(name).wallet, self.owner(name));
        if self.cast.member(&account).is_none() {
            self.cast.home(account, Some(owner));
        }
        if self.cast.member(&wallet).is_none() {
            self.cast.home(wallet, Some(owner));
        }
    }

    /// Two owners' margin accounts as an earlier build would have left them: shorter, of version 0, with the rent of their length.
    fn outdate(&mut self) {
        let exchange = self.world.stage.exchange;
        for (owner, sub_id) in [(&self.sponsor, 0), (&self.stranger, 1)] {
            let open = build::open_account(exchange, owner.pubkey(), owner.pubkey(), sub_id);
            let bank = &mut self.world.stage.bank;
            bank.send(&[open], &[owner]).expect("an account is opened");
            let key = address::margin_account(&exchange, &owner.pubkey(), sub_id);
            let mut account = bank.account(&key).expect("it was opened");
            let layout = Layout::of(&account.data).expect("an account of the program");
            account.data[layout.version_offset] = 0;
            account.data.truncate(layout.space - CUT_BYTES);
            account.lamports -= CUT_BYTES as u64 * RENT_OF_A_BYTE;
            bank.restore(&key, Some(account));
            self.cast.home(key, Some(owner.pubkey()));
        }
    }

    /// Another mint, and token accounts of it and of the quote mint for whoever moves tokens.
    fn list_other_tokens(&mut self) {
        let (foreign, mint) = (Pubkey::new_unique(), self.world.stage.mint);
        self.world.stage.bank.make_mint(&foreign, 6);
        self.cast.home(foreign, None);
        let authority = self.world.stage.authority.pubkey();
        let owners = ["alice", "staker", "lp"].map(|name| self.owner(name));
        for owner in owners.into_iter().chain([authority]) {
            for mint in [foreign, mint] {
                let wallet = Pubkey::new_unique();
                self.world.stage.bank.make_token_account(&wallet, &mint, &owner, 1 << 50);
                self.cast.home(wallet, Some(owner));
            }
        }
    }
}
