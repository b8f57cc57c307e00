//! Other exchanges beside the one of a [`World`]: what belongs to them must not pass for its own.

use crate::world::World;
use anchor_lang::prelude::Pubkey;
use breakwater::InitializeExchangeArgs;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::{venue_signer, Stage};
use solana_signer::Signer;

/// Founds the stage's exchange, which must carry the id's address, and registers its venue.
pub fn found(stage: &mut Stage, args: InitializeExchangeArgs) {
    let (payer, authority) = (stage.bank.payer().pubkey(), stage.authority.pubkey());
    let initialize = build::initialize_exchange(payer, authority, stage.mint, anchor_spl::token::ID, args);
    let register = build::register_venue(stage.exchange, authority, venue_signer());
    stage.send_as_authority(&[initialize, register]).expect("the exchange is founded");
}

/// An exchange beside the world's own, under this id, with nothing but its venue. Returns its address.
pub fn bare_beside(world: &mut World, id: u16) -> Pubkey {
    let exchange = address::exchange(&world.stage.authority.pubkey(), id);
    let home = std::mem::replace(&mut world.stage.exchange, exchange);
    found(&mut world.stage, Stage::exchange_args(id));
    std::mem::replace(&mut world.stage.exchange, home)
}
