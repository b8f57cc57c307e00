//! Owns what the keeper knows: the exchange as of one slot, its margin accounts, and the newest prices.

use crate::price::{MacroQuote, Quote};
use crate::watch::Watch;
use anchor_lang::prelude::Pubkey;
use breakwater::MarginAccount;
use breakwater_sdk::address;
use breakwater_sdk::rpc::read::ExchangeView;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Instant;

/// A margin account with the slot it was read at.
#[derive(Clone, Copy, Debug)]
struct Known {
    account: MarginAccount,
    slot: u64,
}

/// What the keeper knows.
pub struct World {
    /// The exchange.
    pub view: ExchangeView,
    /// Newest price of each market, by index.
    pub quotes: BTreeMap<u16, Quote>,
    /// Newest prices of the macro index' feeds.
    pub macro_quotes: Vec<MacroQuote>,
    accounts: BTreeMap<Pubkey, Known>,
    /// Slot in which this keeper last registered an account's leg anew.
    touched: BTreeMap<Pubkey, u64>,
    /// Which of them a plan looks at.
    pub watch: Watch,
}

impl World {
    /// An exchange of which no account is known yet.
    pub fn new(view: ExchangeView) -> Self {
        Self {
            view,
            quotes: BTreeMap::new(),
            macro_quotes: Vec::new(),
            accounts: BTreeMap::new(),
            touched: BTreeMap::new(),
            watch: Watch::default(),
        }
    }

    /// Takes in an account as of a slot, unless something newer is known. Returns whether anything changed.
    pub fn learn(&mut self, key: Pubkey, account: MarginAccount, slot: u64) -> bool {
        let known = self.accounts.get(&key);
        if known.is_some_and(|known| known.slot > slot) || account.exchange != self.view.key {
            return false;
        }
        let delegation = |of: &MarginAccount| (of.delegate, of.delegate_notional_max_atoms);
        let is_same =
            |known: &Known| known.account.state == account.state && delegation(&known.account) == delegation(&account);
        let is_news = !known.is_some_and(is_same);
        self.accounts.insert(key, Known { account, slot });
        if is_news {
            self.watch.mark_changed(key);
        }
        is_news
    }

    /// Takes in all accounts as of a slot: what is not among them and not newer is closed. Returns how many were not known as
    /// they are, which is what a subscription missed.
    pub fn reconcile(&mut self, all: Vec<(Pubkey, MarginAccount)>, slot: u64) -> usize {
        let mut missed = 0;
        let present: BTreeSet<_> = all.iter().map(|(key, _)| *key).collect();
        let before = self.accounts.len();
        self.accounts.retain(|key, known| known.slot > slot || present.contains(key));
        missed += before - self.accounts.len();
        self.touched.retain(|key, _| self.accounts.contains_key(key));
        for (key, account) in all {
            missed += usize::from(self.learn(key, account, slot));
        }
        missed
    }

    /// Remembers that a leg of an account was registered anew just now.
    pub fn note_touch(&mut self, key: Pubkey) {
        self.touched.insert(key, self.view.now.slot);
    }

    /// Whether this keeper registered a leg of an account anew within so many slots.
    pub fn was_touched_within(&self, key: &Pubkey, slots: u64) -> bool {
        self.touched.get(key).is_some_and(|slot| slot.saturating_add(slots) > self.view.now.slot)
    }

    /// Number of known accounts.
    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    /// A known account.
    pub fn account(&self, key: &Pubkey) -> Option<&MarginAccount> {
        self.accounts.get(key).map(|known| &known.account)
    }

    /// Prepares the watch over the accounts for the next plan.
    pub fn prepare_watch(&mut self, at: Instant) {
        let mut watch = std::mem::take(&mut self.watch);
        watch.prepare(self, at);
        self.watch = watch;
    }

    /// All known accounts, by address.
    pub fn accounts(&self) -> impl Iterator<Item = (&Pubkey, &MarginAccount)> {
        self.accounts.iter().map(|(key, known)| (key, &known.account))
    }

    /// All known accounts once, beginning after an address.
    pub fn accounts_after(&self, from: &Pubkey) -> impl Iterator<Item = (&Pubkey, &MarginAccount)> {
        let after = self.accounts.range((Bound::Excluded(*from), Bound::Unbounded));
        after.chain(self.accounts.range(..=*from)).map(|(key, known)| (key, &known.account))
    }

    /// The accounts that a key may operate, in a stable order.
    pub fn operated_by(&self, operator: &Pubkey) -> Vec<(Pubkey, MarginAccount)> {
        let own =
            self.accounts().filter(|(_, account)| !account.state.is_backstop() && account.is_operated_by(operator));
        own.map(|(key, account)| (*key, *account)).collect()
    }

    /// Address of the backstop's margin account.
    pub fn backstop_account(&self) -> Pubkey {
        address::backstop_account(&self.view.key)
    }
}
