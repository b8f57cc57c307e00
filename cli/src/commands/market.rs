//! `breakwater market`.

use super::market_show;
use crate::context::Context;
use crate::output::{list, Output};
use crate::units::base;
use anchor_lang::prelude::Pubkey;
use anyhow::{bail, Context as _, Result};
use breakwater::{CreateMarketArgs, NOTICE_SECONDS};
use breakwater_sdk::market_file::{self, MarketFile};
use breakwater_sdk::{address, instruction as build, ladder, preview};
use clap::{Args, Subcommand};
use serde_json::{json, Value};
use solana_signer::Signer;
use std::path::{Path, PathBuf};

/// What can be done with markets.
#[derive(Subcommand)]
pub enum Command {
    /// Check market files against the program's bounds; needs no network.
    Check {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List a market with the parameters of a file.
    Create(Create),
    /// All markets.
    List,
    /// Inspect a market.
    Show { index: u16 },
    /// Take a Pyth price into a market.
    Refresh {
        index: u16,
        /// Account that carries the price. Default: that of Pyth's sponsored feed.
        #[arg(long)]
        price_account: Option<Pubkey>,
    },
    /// Measure the market's cascade ratios.
    MeasureCascade { index: u16 },
    /// Give to the market's first-loss reserve.
    DonateReserve { index: u16, amount: String },
    /// Move accrued shares to the insurance fund, the reserve and the fees.
    Sweep { index: u16 },
}

/// How a market is listed.
#[derive(Args)]
pub struct Create {
    /// Market file.
    #[arg(long)]
    file: PathBuf,
    /// Cash that its pool starts with.
    #[arg(long, default_value = "1")]
    seed: String,
    /// Cash of its first-loss reserve, which nobody can take out again.
    #[arg(long, default_value = "1")]
    bond: String,
    /// Legacy push account that is accepted too.
    #[arg(long)]
    legacy_price_account: Option<Pubkey>,
}

/// Reads and checks market files. Errors: the first file that breaks a rule, with the rule.
pub fn check(files: &[PathBuf]) -> Result<Output> {
    let mut checked = Vec::new();
    let mut lines = Vec::new();
    for path in files {
        let file = load(path)?;
        lines.push(format!("{}: within the program's bounds", path.display()));
        checked.push(json!({
            "file": path, "feed_id": hex::encode(file.feed_id), "lot_exponent": file.lot_exponent, "params": file.params,
            // As `create_market` takes them.
            "params_hex": hex::encode(bytemuck::bytes_of(&file.params)),
        }));
    }
    Ok(Output::new(lines.join("\n"), Value::Array(checked)))
}

/// Reads and checks a market file. Errors: it cannot be read, is none, or is out of bounds.
pub fn load(path: &Path) -> Result<MarketFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    market_file::parse(&text).with_context(|| path.display().to_string())
}

impl Command {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        match self {
            Self::Check { files } => check(&files),
            Self::Create(create) => create.run(context).await,
            Self::List => all(context).await,
            Self::Show { index } => market_show::run(context, index).await,
            Self::Refresh { index, price_account } => {
                let view = context.view().await?;
                let market = view.snapshot.get(index).with_context(|| format!("there is no market {index}"))?;
                let price = price_account.unwrap_or_else(|| address::pyth_feed(0, &market.market.feed_id));
                let key = context.keypair()?;
                let refresh = build::refresh_market(context.exchange, market.key, price);
                context.send(&format!("refreshed market {index}"), &[refresh], &key, &[]).await
            }
            Self::MeasureCascade { index } => {
                let view = context.view().await?;
                let report = ladder::measure_cascade(&view.snapshot, index, &view.now)?;
                let key = context.keypair()?;
                let measure = build::measure_cascade(address::market(&context.exchange, index));
                context.send(&format!("measured market {index}: {report:?}"), &[measure], &key, &[]).await
            }
            Self::DonateReserve { index, amount } => {
                let (view, key) = (context.view().await?, context.keypair()?);
                let atoms = context.units(&view).parse_quote(&amount)?;
                let tokens = context.tokens(&view, &key.pubkey(), None).await?;
                let market = address::market(&context.exchange, index);
                let donate = build::donate_reserve(context.exchange, key.pubkey(), market, tokens, atoms);
                context.send(&format!("gave {amount} to the reserve of market {index}"), &[donate], &key, &[]).await
            }
            Self::Sweep { index } => {
                let key = context.keypair()?;
                let sweep = build::sweep_market(context.exchange, address::market(&context.exchange, index));
                context.send(&format!("swept market {index}"), &[sweep], &key, &[]).await
            }
        }
    }
}

impl Create {
    async fn run(self, context: &Context) -> Result<Output> {
        let file = load(&self.file)?;
        let view = context.view().await?;
        let key = context.authority(&view)?;
        let known = view.snapshot.iter().find(|market| market.market.feed_id == file.feed_id);
        if let Some(known) = known {
            bail!("market {} of this exchange has that feed already", known.market.index);
        }
        let tokens = context.tokens(&view, &key.pubkey(), None).await?;
        let args = CreateMarketArgs {
            feed_id: file.feed_id,
            legacy_price_account: self.legacy_price_account.unwrap_or_default(),
            lot_exponent: file.lot_exponent,
            seed_atoms: context.units(&view).parse_quote(&self.seed)?,
            bond_atoms: context.units(&view).parse_quote(&self.bond)?,
            params: bytemuck::cast(file.params),
        };
        let index = view.exchange.market_count;
        let create = build::create_market(context.exchange, key.pubkey(), index, tokens, args);
        let market = address::market(&context.exchange, index);
        let days = NOTICE_SECONDS / 86_400;
        let what = format!("listed market {index} ({market}); it may draw on insurance and backstop in {days} days");
        context.send(&what, &[create], &key, &[]).await
    }
}

async fn all(context: &Context) -> Result<Output> {
    let view = context.view().await?;
    let units = context.units(&view);
    let (mut rows, mut json) = (Vec::new(), Vec::new());
    for market in view.snapshot.iter() {
        let (key, market) = (market.key, &market.market);
        let state = &market.state;
        let age_s = view.now.unix_timestamp.saturating_sub(state.publish_time);
        let open = i64::try_from(state.long.open_lots).unwrap_or(i64::MAX);
        json.push(json!({
            "market": market.index, "address": key.to_string(), "feed_id": hex::encode(market.feed_id),
            "mark": state.mark, "age_s": age_s, "open_lots": state.long.open_lots, "pool_atoms": state.pool_atoms,
        }));
        rows.push(vec![
            market.index.to_string(),
            if state.mark == 0 { "no price yet".to_owned() } else { units.price(state.mark, market.lot_exponent) },
            if state.mark == 0 { "-".to_owned() } else { format!("{age_s} s") },
            base(open, market.lot_exponent),
            units.quote(state.pool_atoms),
            key.to_string(),
        ]);
    }
    let text = list(&["market", "mark", "age", "open interest", "pool", "address"], rows).to_string();
    Ok(Output::new(text, Value::Array(json)))
}

/// Ratio at which claims would be paid now, parts per million.
pub fn coverage_ppm(state: &breakwater_risk::MarketState) -> Result<u64> {
    breakwater_risk::claims::payout_ratio_floor_ppm(state).map_err(|error| preview::PreviewError(error).into())
}
