//! What moves no money: accounts that come and go, approvals, delegates, the authority and the receivers it trusts.

use crate::run::Run;
use crate::tally::Kind;
use anchor_lang::prelude::Pubkey;
use breakwater::{ApproveVenueArgs, MAX_RECEIVERS};
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::bank::PYTH_RECEIVER;
use breakwater_sim::stage::venue_signer;
use rand::Rng;
use solana_keypair::Keypair;
use solana_signer::Signer;

impl Run {
    /// One piece of paper.
    pub fn paper_work(&mut self) {
        let name = self.any_name();
        match self.rng.random_range(0..14) {
            0..3 => self.revoke_and_approve(&name),
            3 => self.delegate(&name),
            4 => self.opt_in_or_out(&name),
            5 => self.come_and_go(&name),
            6..9 => {
                let is_flat = |name: &String| !self.world.account(name).state.legs.iter().any(|leg| leg.is_used());
                if let Some(flat) = self.names.iter().find(|name| is_flat(name)).cloned() {
                    self.come_and_go(&flat);
                }
            }
            9..11 => self.govern(),
            11 => self.propose_macro(),
            12 => self.give_reserve(&name),
            _ => self.hand_over(),
        }
    }

    /// Gives a little to a market's reserve. The late market is listed then, too.
    fn give_reserve(&mut self, name: &str) {
        self.list_late();
        let market = self.any_market();
        let sent = self.world.donate_reserve(name, market, self.rng.random_range(1..1_000_000));
        assert!(self.count(Kind::DonateReserve, sent), "a gift is refused");
    }

    fn approve(&mut self, name: &str) {
        let (owner, account) = (self.world.who(name).key.pubkey(), self.world.who(name).account);
        let limits = ApproveVenueArgs { max_notional_atoms: u64::MAX, max_cost_atoms: u64::MAX, expires_at: i64::MAX };
        let venue = address::venue(&self.world.stage.exchange, &venue_signer());
        let sent = self.world.send_as(name, &[build::approve_venue(owner, account, venue, limits)]);
        assert!(self.count(Kind::ApproveVenue, sent), "a venue cannot be approved");
    }

    /// Between the two nobody can trade for the account.
    fn revoke_and_approve(&mut self, name: &str) {
        let (owner, account) = (self.world.who(name).key.pubkey(), self.world.who(name).account);
        let venue = address::venue(&self.world.stage.exchange, &venue_signer());
        let sent = self.world.send_as(name, &[build::revoke_venue(owner, account, venue)]);
        assert!(self.count(Kind::RevokeVenue, sent), "a venue cannot be revoked");
        let (market, other) = (self.any_market(), self.any_name_but(name));
        let sent = self.world.trade(market, name, &other, 1);
        self.count(Kind::TradeUnapproved, sent);
        self.approve(name);
    }

    fn delegate(&mut self, name: &str) {
        let (owner, account) = (self.world.who(name).key.pubkey(), self.world.who(name).account);
        let other = self.any_name_but(name);
        for delegate in [self.world.who(&other).key.pubkey(), Pubkey::default()] {
            let sent = self.world.send_as(name, &[build::set_delegate(owner, account, delegate, u64::MAX)]);
            assert!(self.count(Kind::SetDelegate, sent), "a delegate cannot be set");
        }
    }

    /// Out only now and then, so that most are in.
    fn opt_in_or_out(&mut self, name: &str) {
        let is_in = self.world.account(name).state.derisk_since_slot != 0;
        if !is_in || self.rng.random_range(0..4) == 0 {
            let sent = self.world.set_derisk(name, !is_in);
            assert!(self.count(Kind::SetDerisk, sent), "an owner cannot choose");
        }
    }

    /// An account closes, if it is empty, and opens again.
    fn come_and_go(&mut self, name: &str) {
        let state = self.world.account(name).state;
        if state.legs.iter().any(|leg| leg.is_used()) {
            let sent = self.world.close(name);
            self.count(Kind::CloseUsedAccount, sent);
            return;
        }
        if state.capital_atoms > 0 {
            let sent = self.world.withdraw(name, state.capital_atoms);
            if !self.count(Kind::Withdraw, sent) {
                return; // the outflow limit
            }
        }
        let sent = self.world.close(name);
        assert!(self.count(Kind::CloseAccount, sent), "an empty account cannot be closed");
        let (exchange, owner) = (self.world.stage.exchange, self.world.who(name).key.pubkey());
        let payer = self.world.stage.bank.payer().pubkey();
        let sent = self.world.send_as(name, &[build::open_account(exchange, payer, owner, 0)]);
        assert!(self.count(Kind::OpenAccount, sent), "an account cannot be opened again");
        self.approve(name);
    }

    /// The authority goes to another key and back.
    fn hand_over(&mut self) {
        let exchange = self.world.stage.exchange;
        let (old, new) = (self.world.stage.authority.insecure_clone(), Keypair::new());
        for (from, to) in [(&old, &new), (&new, &old)] {
            let propose = build::propose_authority(exchange, from.pubkey(), to.pubkey());
            let sent = self.world.send(&[propose], &[from]);
            assert!(self.count(Kind::ProposeAuthority, sent), "the authority cannot propose another");
            let sent = self.world.send(&[build::accept_authority(exchange, to.pubkey())], &[to]);
            assert!(self.count(Kind::AcceptAuthority, sent), "who was proposed cannot accept");
        }
    }

    /// Proposes a second receiver, which nobody may apply yet. Returns it.
    pub fn propose_receivers(&mut self) -> Pubkey {
        let (exchange, second) = (self.world.stage.exchange, Pubkey::new_unique());
        let mut receivers = [Pubkey::default(); MAX_RECEIVERS];
        receivers[..2].copy_from_slice(&[PYTH_RECEIVER, second]);
        let propose = build::propose_receivers(exchange, self.world.stage.authority.pubkey(), receivers);
        let sent = self.world.send_as_authority(&[propose]);
        assert!(self.count(Kind::ProposeReceivers, sent), "receivers cannot be proposed");
        let sent = self.world.send(&[build::apply_receivers(exchange)], &[]);
        self.count(Kind::ApplyReceiversEarly, sent);
        second
    }

    /// Applies the proposed receivers and drops the second again.
    pub fn apply_receivers(&mut self, second: Pubkey) {
        let exchange = self.world.stage.exchange;
        let sent = self.world.send(&[build::apply_receivers(exchange)], &[]);
        assert!(self.count(Kind::ApplyReceivers, sent), "receivers cannot be applied");
        let revoke = build::revoke_receiver(exchange, self.world.stage.authority.pubkey(), second);
        let sent = self.world.send_as_authority(&[revoke]);
        assert!(self.count(Kind::RevokeReceiver, sent), "a receiver cannot be revoked");
    }
}
