//! Builders for the parameters of a listed market.

use super::build;
use crate::address;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use breakwater::{accounts, instruction as data};
use breakwater_risk::MarketParams;

/// Proposes parameters; a mere lower cap of the open interest (`breakwater_risk::governance::notice`) may be applied in the same transaction.
pub fn propose_params(exchange: Pubkey, authority: Pubkey, market: Pubkey, params: MarketParams) -> Instruction {
    let accounts = accounts::ProposeParams {
        authority,
        exchange,
        market,
        proposal: address::params_proposal(&market),
        system_program: system_program::ID,
    };
    build(accounts, data::ProposeParams { params: bytemuck::cast(params) })
}

/// Puts proposed parameters into force; `proposer` is who the proposal names as such.
pub fn apply_params(exchange: Pubkey, market: Pubkey, proposer: Pubkey) -> Instruction {
    let proposal = address::params_proposal(&market);
    build(accounts::ApplyParams { exchange, market, proposal, proposer }, data::ApplyParams {})
}

/// Takes a proposal back; `proposer` is who it names as such.
pub fn cancel_params(exchange: Pubkey, authority: Pubkey, market: Pubkey, proposer: Pubkey) -> Instruction {
    let proposal = address::params_proposal(&market);
    let accounts = accounts::CancelParams { authority, exchange, market, proposal, proposer };
    build(accounts, data::CancelParams {})
}
