//! `breakwater dev`: test money. Only on chains whose accounts can be set by anybody, so that no real cluster is meant by mistake.

use crate::context::Context;
use crate::output::Output;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::associated_token::get_associated_token_address;
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use anchor_spl::token::spl_token;
use anyhow::{ensure, Context as _, Result};
use breakwater_sdk::rpc::read_keypair;
use clap::Subcommand;
use serde_json::{json, Value};
use solana_rpc_client_api::request::RpcRequest;
use solana_signer::Signer;
use solana_system_interface::instruction::create_account;
use std::path::PathBuf;

/// What can be done with test money.
#[derive(Subcommand)]
pub enum Command {
    /// Give SOL to an address.
    Airdrop { address: Pubkey, sol: u64 },
    /// Create a mint with six decimals; the signer may mint.
    CreateMint {
        /// Keypair of the mint.
        #[arg(long)]
        mint_keypair: PathBuf,
    },
    /// Mint whole units to an owner's usual token account.
    Mint { mint: Pubkey, owner: Pubkey, units: u64 },
}

/// Decimals of test money.
const DECIMALS: u8 = 6;

impl Command {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        require_local(context).await?;
        match self {
            Self::Airdrop { address, sol } => {
                let lamports = sol.checked_mul(1_000_000_000).context("that is more SOL than there is")?;
                let signature = context.client.request_airdrop(&address, lamports).await?;
                context.client.poll_for_signature(&signature).await?;
                Ok(Output::new(format!("{address} got {sol} SOL"), json!({ "signature": signature.to_string() })))
            }
            Self::CreateMint { mint_keypair } => {
                let (key, mint) = (context.keypair()?, read_keypair(&mint_keypair)?);
                let length = spl_token::state::Mint::LEN;
                let rent = context.client.get_minimum_balance_for_rent_exemption(length).await?;
                let (payer, token) = (key.pubkey(), anchor_spl::token::ID);
                let instructions = [
                    create_account(&payer, &mint.pubkey(), rent, length as u64, &token),
                    spl_token::instruction::initialize_mint2(&token, &mint.pubkey(), &payer, None, DECIMALS)?,
                ];
                context.send(&format!("created mint {}", mint.pubkey()), &instructions, &key, &[&mint]).await
            }
            Self::Mint { mint, owner, units } => {
                let key = context.keypair()?;
                let atoms = units.checked_mul(10_u64.pow(DECIMALS.into())).context("that is too much")?;
                let (payer, token) = (key.pubkey(), anchor_spl::token::ID);
                let account = get_associated_token_address(&owner, &mint);
                let instructions = [
                    create_associated_token_account_idempotent(&payer, &owner, &mint, &token),
                    spl_token::instruction::mint_to(&token, &mint, &account, &payer, &[], atoms)?,
                ];
                context.send(&format!("{owner} got {units} in {account}"), &instructions, &key, &[]).await
            }
        }
    }
}

/// Fails on anything but a local chain.
async fn require_local(context: &Context) -> Result<()> {
    let request = RpcRequest::Custom { method: "surfnet_getSurfnetInfo" };
    let answer: std::result::Result<Value, _> = context.client.send(request, json!([])).await;
    ensure!(answer.is_ok(), "{} is no local chain of `scripts/localnet`: there is no test money there", context.url);
    Ok(())
}
