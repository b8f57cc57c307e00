//! `breakwater venue`.

use crate::context::Context;
use crate::output::Output;
use anchor_lang::prelude::Pubkey;
use anyhow::Result;
use breakwater_sdk::{address, instruction as build};
use clap::Subcommand;
use serde_json::json;
use solana_signer::Signer;

/// What can be done with a venue.
#[derive(Subcommand)]
pub enum Command {
    /// Register the PDA with which a matching program signs.
    Register { signer: Pubkey },
    /// Show whether a signer is registered.
    Show { signer: Pubkey },
}

impl Command {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        let view = context.view().await?;
        match self {
            Self::Register { signer } => {
                let key = context.authority(&view)?;
                let register = build::register_venue(context.exchange, key.pubkey(), signer);
                let venue = address::venue(&context.exchange, &signer);
                context.send(&format!("registered venue {venue}"), &[register], &key, &[]).await
            }
            Self::Show { signer } => {
                let venue = address::venue(&context.exchange, &signer);
                let is_registered = context.accounts(&[venue]).await?.iter().any(Option::is_some);
                let word = if is_registered { "is registered" } else { "is not registered" };
                let json = json!({ "venue": venue.to_string(), "is_registered": is_registered });
                Ok(Output::new(format!("{signer} {word} (venue {venue})"), json))
            }
        }
    }
}
