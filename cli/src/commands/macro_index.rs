//! `breakwater macro`.

use crate::context::Context;
use crate::output::{facts, Output};
use crate::units::percent;
use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, Result};
use breakwater::{MacroFeedArgs, NOTICE_SECONDS};
use breakwater_sdk::{address, instruction as build};
use clap::Subcommand;
use serde_json::json;
use solana_signer::Signer;

/// What can be done with the macro index.
#[derive(Subcommand)]
pub enum Command {
    /// Create it with its feeds: FEED_ID:SIGMA_REF_PPM:CONFIDENCE_REF_PPM:WEIGHT, up to eight. Markets read it eight days later.
    Create {
        #[arg(required = true, value_parser = feed)]
        feeds: Vec<MacroFeedArgs>,
    },
    /// Propose other feeds, all of them, as for `create`. They may be applied eight days later.
    Propose {
        #[arg(required = true, value_parser = feed)]
        feeds: Vec<MacroFeedArgs>,
    },
    /// Watch the proposed feeds from now on; anyone may, once their time has come.
    Apply,
    /// Take a proposal back.
    Cancel,
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
                let what = format!("created the macro index; markets read it in {} days", NOTICE_SECONDS / 86_400);
                context.send(&what, &[create], &key, &[]).await
            }
            Self::Propose { feeds } => {
                let key = context.authority(&view)?;
                let propose = build::propose_macro_index(context.exchange, key.pubkey(), feeds);
                let what = format!("the feeds may be applied in {} days", NOTICE_SECONDS / 86_400);
                context.send(&what, &[propose], &key, &[]).await
            }
            Self::Apply => {
                let key = context.keypair()?;
                let apply = build::apply_macro_index(context.exchange);
                context.send("the macro index watches the proposed feeds", &[apply], &key, &[]).await
            }
            Self::Cancel => {
                let key = context.authority(&view)?;
                let cancel = build::cancel_macro_index(context.exchange, key.pubkey());
                context.send("the proposal for the macro index is taken back", &[cancel], &key, &[]).await
            }
            Self::Show => {
                let index = view.snapshot.macro_index().context("this exchange has no macro index")?;
                let feeds: Vec<_> = index.used_sources().map(|it| hex::encode(it.feed_id)).collect();
                let seen = index.state.view();
                let pending: Vec<_> = index.pending_feeds().iter().map(|it| hex::encode(it.feed_id)).collect();
                let in_s = |at: i64| at.saturating_sub(view.now.unix_timestamp).max(0);
                let read = match in_s(index.effective_at) {
                    0 => "yes".to_owned(),
                    left_s => format!("in {left_s} s"),
                };
                let proposed = match index.apply_at {
                    0 => "none".to_owned(),
                    at => format!("{}\nto be applied in {} s", pending.join("\n"), in_s(at)),
                };
                let text = facts([
                    ("macro index", address::macro_index(&context.exchange).to_string()),
                    ("feeds", feeds.join("\n")),
                    ("markets read it", read),
                    ("proposed feeds", proposed),
                    ("stress", percent(i128::from(seen.factor_ppm()))),
                    ("correlation", percent(seen.correlation_ppm)),
                ]);
                let json = json!({
                    "effective_at": index.effective_at, "pending_feeds": pending, "apply_at": index.apply_at,
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
