//! Program-derived addresses.

use anchor_lang::prelude::Pubkey;
use breakwater::{
    BACKSTOP_SEED, EXCHANGE_SEED, INSURANCE_SEED, MACRO_SEED, MARGIN_SEED, MARKET_SEED, PARAMS_SEED, STAKE_SEED,
    VAULT_SEED, VENUE_SEED,
};

/// Pyth's receiver, which owns verified price updates: the one deployed since August 2026.
pub const PYTH_RECEIVER: Pubkey = pyth_solana_receiver_sdk::ID;

/// Pyth's push oracle, which writes sponsored feeds to accounts at fixed addresses.
pub const PYTH_PUSH_ORACLE: Pubkey = pyth_solana_receiver_sdk::PYTH_PUSH_ORACLE_ID;

/// The account that carries a Pyth feed, of one of the push oracle's shards; sponsored feeds are in shard 0.
pub fn pyth_feed(shard: u16, feed_id: &[u8; 32]) -> Pubkey {
    feed_of(&PYTH_PUSH_ORACLE, shard, feed_id)
}

fn feed_of(oracle: &Pubkey, shard: u16, feed_id: &[u8; 32]) -> Pubkey {
    Pubkey::find_program_address(&[&shard.to_le_bytes(), feed_id], oracle).0
}

fn derive(seeds: &[&[u8]]) -> Pubkey {
    Pubkey::find_program_address(seeds, &breakwater::ID).0
}

/// The exchange of a creator's id.
pub fn exchange(creator: &Pubkey, id: u16) -> Pubkey {
    derive(&[EXCHANGE_SEED, creator.as_ref(), &id.to_le_bytes()])
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

/// The proposal to change a market's parameters.
pub fn params_proposal(market: &Pubkey) -> Pubkey {
    derive(&[PARAMS_SEED, market.as_ref()])
}

/// The margin account of an owner's sub-account.
pub fn margin_account(exchange: &Pubkey, owner: &Pubkey, sub_id: u16) -> Pubkey {
    derive(&[MARGIN_SEED, exchange.as_ref(), owner.as_ref(), &sub_id.to_le_bytes()])
}

/// The registration of a matching program's signer.
pub fn venue(exchange: &Pubkey, signer: &Pubkey) -> Pubkey {
    derive(&[VENUE_SEED, exchange.as_ref(), signer.as_ref()])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Pyth listed it for SOL/USD under the push oracle that was before.
    #[test]
    fn the_account_of_the_sol_feed_is_the_listed_one() {
        let mut id = [0; 32];
        hex::decode_to_slice("ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d", &mut id).unwrap();
        let oracle = Pubkey::from_str_const("pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT");
        assert_eq!(feed_of(&oracle, 0, &id).to_string(), "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE");
    }
}
