//! `breakwater extend`: accounts of an earlier layout, after an upgrade that added fields. Reads no exchange: that may be what has to
//! be extended.

use crate::context::Context;
use crate::output::Output;
use anchor_lang::prelude::Pubkey;
use anyhow::{ensure, Context as _, Result};
use breakwater::Layout;
use breakwater_sdk::instruction as build;
use breakwater_sdk::rpc::read;
use clap::Args;
use serde_json::json;
use solana_signer::Signer;

/// Accounts that one transaction extends.
const PER_TRANSACTION: usize = 8;

/// What is extended.
#[derive(Args)]
pub struct Extend {
    /// Addresses of accounts.
    #[arg(required_unless_present = "all")]
    accounts: Vec<Pubkey>,
    /// Every account of the program that has an earlier layout.
    #[arg(long, conflicts_with = "accounts")]
    all: bool,
}

impl Extend {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        let key = context.keypair()?;
        let accounts = match self.all {
            true => read::outdated_accounts(&context.client).await?,
            false => outdated(context, &self.accounts).await?,
        };
        let mut text = Vec::new();
        for some in accounts.chunks(PER_TRANSACTION) {
            let instructions: Vec<_> =
                some.iter().map(|account| build::extend_account(key.pubkey(), *account)).collect();
            let list = some.iter().map(Pubkey::to_string).collect::<Vec<_>>().join(", ");
            text.extend(context.send(&format!("extended {list}"), &instructions, &key, &[]).await?.blocks);
        }
        if accounts.is_empty() {
            text.push("nothing to do: every account has the newest layout".to_owned());
        }
        let keys: Vec<_> = accounts.iter().map(Pubkey::to_string).collect();
        Ok(Output::new(text.join("\n"), json!({ "extended": keys })))
    }
}

/// Those of the accounts that have an earlier layout. Errors: one that is none of the program's.
async fn outdated(context: &Context, keys: &[Pubkey]) -> Result<Vec<Pubkey>> {
    let mut outdated = Vec::new();
    for (key, found) in keys.iter().zip(context.accounts(keys).await?) {
        let account = found.with_context(|| format!("there is no account {key}"))?;
        ensure!(account.owner == breakwater::ID, "{key} belongs to {}, not to Breakwater", account.owner);
        let layout = Layout::of(&account.data).with_context(|| format!("{key} is of no account type of Breakwater"))?;
        if !layout.is_newest(&account.data) {
            outdated.push(*key);
        }
    }
    Ok(outdated)
}
