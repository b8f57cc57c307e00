//! Owns the creation of a keeper's address lookup table: the exchange, its markets and pools, the keeper's own accounts, and
//! what Pyth's receiver needs. With it a transaction of 1232 bytes holds an act on accounts with legs in many markets.

use crate::config::Config;
use crate::price::Prices;
use anchor_lang::prelude::Pubkey;
use anchor_lang::system_program;
use anyhow::Result;
use breakwater_sdk::rpc::send::Outgoing;
use breakwater_sdk::rpc::{read, read_keypair};
use breakwater_sdk::{address, lookup};
use pyth_solana_receiver_sdk::pda::get_config_address;
use solana_commitment_config::CommitmentConfig;
use solana_signer::Signer;
use std::collections::BTreeSet;

/// Creates it and returns its address. Errors: no node, no exchange, or the keeper cannot pay.
pub async fn create(config: &Config) -> Result<Pubkey> {
    let key = read_keypair(&config.keypair)?;
    let client = breakwater_sdk::rpc::connect(config.rpc_url.clone());
    let exchange = config.exchange;
    let view = read::exchange(&client, exchange).await?;
    let prices = Prices::new(&config.price, &client).await?;
    let own = read::margin_accounts(&client, exchange).await?;
    let own = own.iter().filter(|(_, account)| account.is_operated_by(&key.pubkey())).map(|(account, _)| *account);
    let mut keys: BTreeSet<_> = own.collect();
    keys.extend([
        exchange,
        address::insurance(&exchange),
        address::backstop(&exchange),
        address::backstop_account(&exchange),
        address::macro_index(&exchange),
        get_config_address(),
        system_program::ID,
        address::PYTH_RECEIVER,
    ]);
    for market in view.snapshot.iter() {
        keys.insert(market.key);
        keys.extend(prices.accounts_of(&market.market));
    }
    let keys: Vec<_> = keys.into_iter().collect();
    let slot = client.get_slot_with_commitment(CommitmentConfig::finalized()).await?;
    let (instructions, table) = lookup::create_table(key.pubkey(), key.pubkey(), slot, &keys);
    for instruction in instructions {
        Outgoing::of(&key, &[instruction]).send_and_confirm(&client).await?;
    }
    Ok(table)
}
