//! Program-derived addresses.

use anchor_lang::prelude::Pubkey;
use breakwater::{
    BACKSTOP_SEED, EXCHANGE_SEED, INSURANCE_SEED, MACRO_SEED, MARGIN_SEED, MARKET_SEED, STAKE_SEED, VAULT_SEED,
    VENUE_SEED,
};

fn derive(seeds: &[&[u8]]) -> Pubkey {
    Pubkey::find_program_address(seeds, &breakwater::ID).0
}

/// The exchange of an id.
pub fn exchange(id: u16) -> Pubkey {
    derive(&[EXCHANGE_SEED, &id.to_le_bytes()])
}

/// The vault of an exchange.
pub fn vault(exchange: &Pubkey) -> Pubkey {
    derive(&[VAULT_SEED, exchange.as_ref()])
}

/// The insurance fund of an exchange.
pub fn insurance(exchange: &Pubkey) -> Pubkey {
    derive(&[INSURANCE_SEED, exchange.as_ref()])
}

/// The backstop of an exchange.
pub fn backstop(exchange: &Pubkey) -> Pubkey {
    derive(&[BACKSTOP_SEED, exchange.as_ref()])
}

/// The margin account of an exchange's backstop.
pub fn backstop_account(exchange: &Pubkey) -> Pubkey {
    margin_account(exchange, &backstop(exchange), 0)
}

/// The macro index of an exchange.
pub fn macro_index(exchange: &Pubkey) -> Pubkey {
    derive(&[MACRO_SEED, exchange.as_ref()])
}

/// An owner's stake in a pool: the insurance fund or the backstop.
pub fn stake(pool: &Pubkey, owner: &Pubkey) -> Pubkey {
    derive(&[STAKE_SEED, pool.as_ref(), owner.as_ref()])
}

/// The market of an index.
pub fn market(exchange: &Pubkey, index: u16) -> Pubkey {
    derive(&[MARKET_SEED, exchange.as_ref(), &index.to_le_bytes()])
}

/// The margin account of an owner's sub-account.
pub fn margin_account(exchange: &Pubkey, owner: &Pubkey, sub_id: u16) -> Pubkey {
    derive(&[MARGIN_SEED, exchange.as_ref(), owner.as_ref(), &sub_id.to_le_bytes()])
}

/// The registration of a matching program's signer.
pub fn venue(exchange: &Pubkey, signer: &Pubkey) -> Pubkey {
    derive(&[VENUE_SEED, exchange.as_ref(), signer.as_ref()])
}
