//! Changes of a market's parameters in a [`World`].

use crate::world::World;
use anchor_lang::prelude::Pubkey;
use breakwater::ParamsProposal;
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build, view};
use breakwater_sim::stage::Sent;
use solana_signer::Signer;

impl World {
    /// The authority proposes parameters.
    pub fn propose_params(&mut self, market: usize, params: MarketParams) -> Sent {
        let key = self.stage.markets[market].key;
        let propose = build::propose_params(self.stage.exchange, self.stage.authority.pubkey(), key, params);
        self.watch(address::params_proposal(&key));
        self.send_as_authority(&[propose])
    }

    /// Anybody applies what was proposed.
    pub fn apply_params(&mut self, market: usize) -> Sent {
        let key = self.stage.markets[market].key;
        let apply = build::apply_params(self.stage.exchange, key, self.proposer(market));
        self.send(&[apply], &[])
    }

    /// The authority takes a proposal back.
    pub fn cancel_params(&mut self, market: usize) -> Sent {
        let (exchange, authority) = (self.stage.exchange, self.stage.authority.pubkey());
        let key = self.stage.markets[market].key;
        let cancel = build::cancel_params(exchange, authority, key, self.proposer(market));
        self.send_as_authority(&[cancel])
    }

    /// The proposal for a market, if there is one.
    pub fn proposal(&self, market: usize) -> Option<ParamsProposal> {
        let key = address::params_proposal(&self.stage.markets[market].key);
        let data = self.stage.bank.data(&key).filter(|data| !data.is_empty())?;
        Some(view::params_proposal(&data).expect("a proposal"))
    }

    fn proposer(&self, market: usize) -> Pubkey {
        self.proposal(market).map_or(self.stage.authority.pubkey(), |proposal| proposal.proposer)
    }
}
