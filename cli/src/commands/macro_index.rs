//! `breakwater macro`.

use crate::context::Context;
use crate::output::{facts, Output};
use crate::units::percent;
use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, Result};
use breakwater::MacroFeedArgs;
use breakwater_sdk::{address, instruction as build};
use clap::Subcommand;
use serde_json::json;
use solana_signer::Signer;

/// What can be done with the macro index.
#[derive(Subcommand)]
pub enum Command {
    /// Create it with its feeds, which never change: FEED_ID:SIGMA_REF_PPM:CONFIDENCE_REF_PPM:WEIGHT, up to eight.
    Create {
        #[arg(required = true, value_parser = feed)]
        feeds: Vec<MacroFeedArgs>,
    },
    /// Show it.
    Show,
    /// Take prices of its feeds, from Pyth's sponsored accounts or from the ones named.
    Refresh { price_accounts: Vec<Pubkey> },
}

fn feed(text: &str) -> Result<MacroFeedArgs, String> {
    let parts: Vec<_> = text.split(':').collect();
    let [id, sigma, confidence, weight] = parts.as_slice() else {
        return Err("expected FEED_ID:SIGMA_REF_PPM:CONFIDENCE_REF_PPM:WEIGHT".to_owned());
    };
    let mut feed_id = [0; 32];
    hex::decode_to_slice(id.trim_start_matches("0x"), &mut feed_id)
        .map_err(|_| "a feed id has 64 hexadecimal digits".to_owned())?;
    let number = |text: &str| text.parse::<u32>().map_err(|_| format!("{text} is no number"));
    Ok(MacroFeedArgs {
        feed_id,
        legacy_price_account: Pubkey::default(),
        sigma_ref_ppm: number(sigma)?,
        confidence_ref_ppm: number(confidence)?,
        weight: number(weight)?,
    })
}

impl Command {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        let view = context.view().await?;
        match self {
            Self::Create { feeds } => {
                let key = context.authority(&view)?;
                let create = build::create_macro_index(context.exchange, key.pubkey(), feeds);
                context.send("created the macro index", &[create], &key, &[]).await
            }
            Self::Show => {
                let index = view.snapshot.macro_index().context("this exchange has no macro index")?;
                let feeds: Vec<_> = index.used_sources().map(|it| hex::encode(it.feed_id)).collect();
                let seen = index.state.view();
                let text = facts([
                    ("macro index", address::macro_index(&context.exchange).to_string()),
                    ("feeds", feeds.join("\n")),
                    ("stress", percent(i128::from(seen.factor_ppm()))),
                    ("correlation", percent(seen.correlation_ppm)),
                ]);
                let json = json!({
                    "feeds": feeds, "stress_ppm": seen.factor_ppm(), "correlation_ppm": seen.correlation_ppm,
                });
                Ok(Output::new(text.to_string(), json))
            }
            Self::Refresh { price_accounts } => {
                let index = view.snapshot.macro_index().context("this exchange has no macro index")?;
                let sponsored = index.used_sources();
                let sponsored = sponsored.map(|it| address::pyth_feed(0, &it.feed_id)).collect();
                let accounts = if price_accounts.is_empty() { sponsored } else { price_accounts };
                let key = context.keypair()?;
                let refresh = build::refresh_macro(context.exchange, &accounts);
                context.send("refreshed the macro index", &[refresh], &key, &[]).await
            }
        }
    }
}
