//! `breakwater params`: how the parameters of a listed market change.

use super::market::load;
use crate::context::Context;
use crate::output::{facts, list, Output};
use anyhow::{bail, ensure, Context as _, Result};
use breakwater::{ParamsProposal, PARAMS_NOTICE_SECONDS, PROPOSAL_LIFE_SECONDS};
use breakwater_risk::governance::{self, Notice};
use breakwater_risk::MarketParams;
use breakwater_sdk::rpc::read::ExchangeView;
use breakwater_sdk::view::MarketView;
use breakwater_sdk::{address, instruction as build, view};
use clap::Subcommand;
use serde_json::{json, Value};
use solana_signer::Signer;
use std::path::{Path, PathBuf};

/// What can be done with parameters.
#[derive(Subcommand)]
pub enum Command {
    /// Show a market's parameters and what is proposed to become of them.
    Show { index: u16 },
    /// Propose the parameters of a market file. What only tightens is in force at once, all else after eight days.
    Propose {
        index: u16,
        #[arg(long)]
        file: PathBuf,
    },
    /// Put proposed parameters into force; anyone may, once their time has come.
    Apply { index: u16 },
    /// Take a proposal back.
    Cancel { index: u16 },
}

impl Command {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        let view = context.view().await?;
        match self {
            Self::Show { index } => show(context, &view, market(&view, index)?).await,
            Self::Propose { index, file } => propose(context, &view, market(&view, index)?, &file).await,
            Self::Apply { index } => {
                let (market, key) = (market(&view, index)?, context.keypair()?);
                let proposal = expect_proposal(context, market).await?;
                let left_s = proposal.apply_at.saturating_sub(view.now.unix_timestamp);
                ensure!(left_s <= 0, "the proposal for market {index} may be applied in {left_s} s");
                let apply = build::apply_params(market.key, proposal.payer);
                context.send(&format!("the parameters of market {index} changed"), &[apply], &key, &[]).await
            }
            Self::Cancel { index } => {
                let (market, key) = (market(&view, index)?, context.authority(&view)?);
                let payer = expect_proposal(context, market).await?.payer;
                let cancel = build::cancel_params(context.exchange, key.pubkey(), market.key, payer);
                context.send(&format!("the proposal for market {index} is taken back"), &[cancel], &key, &[]).await
            }
        }
    }
}

fn market(view: &ExchangeView, index: u16) -> Result<&MarketView> {
    view.snapshot.get(index).with_context(|| format!("there is no market {index}"))
}

async fn proposal(context: &Context, market: &MarketView) -> Result<Option<ParamsProposal>> {
    let found = context.accounts(&[address::params_proposal(&market.key)]).await?;
    let account = found.into_iter().flatten().next().filter(|account| account.owner == breakwater::ID);
    Ok(account.map(|account| view::params_proposal(&account.data)).transpose()?)
}

async fn expect_proposal(context: &Context, market: &MarketView) -> Result<ParamsProposal> {
    let index = market.market.index;
    proposal(context, market).await?.with_context(|| format!("nothing is proposed for market {index}"))
}

async fn show(context: &Context, view: &ExchangeView, market: &MarketView) -> Result<Output> {
    let (params, index) = (market.market.state.params, market.market.index);
    let rows = fields(&params).into_iter().map(|(name, value)| vec![name, value.to_string()]).collect();
    let output = Output::new(list(&["parameter", "value"], rows).to_string(), Value::Null);
    let Some(proposal) = proposal(context, market).await? else {
        let json = json!({ "market": index, "params": params, "proposal": null });
        return Ok(Output { json, ..output }.with(format!("nothing is proposed for market {index}")));
    };
    let to: MarketParams = bytemuck::cast(proposal.to);
    let left_s = proposal.apply_at.saturating_sub(view.now.unix_timestamp).max(0);
    let is_lapsed = view.now.unix_timestamp > proposal.apply_at.saturating_add(PROPOSAL_LIFE_SECONDS);
    let is_outdated = proposal.from != *bytemuck::bytes_of(&params);
    let json = json!({
        "market": index, "params": params,
        "proposal": {
            "params": to, "apply_at": proposal.apply_at, "left_s": left_s, "is_outdated": is_outdated, "is_lapsed": is_lapsed,
            "payer": proposal.payer.to_string(),
        },
    });
    let when = match (is_outdated, is_lapsed, left_s) {
        (true, ..) => "never: the parameters changed since it was made".to_owned(),
        (_, true, _) => "never: it was not applied in time".to_owned(),
        (.., 0) => "now".to_owned(),
        (.., left_s) => format!("in {left_s} s"),
    };
    let output = Output { json, ..output }.with(facts([("proposal may be applied", when)]));
    Ok(output.with(changes(&params, &to)))
}

async fn propose(context: &Context, view: &ExchangeView, market: &MarketView, path: &Path) -> Result<Output> {
    let file = load(path)?;
    let key = context.authority(view)?;
    let (index, present) = (market.market.index, market.market.state.params);
    if file.feed_id != market.market.feed_id || file.lot_exponent != market.market.lot_exponent {
        bail!("{} is of another market than {index}: feed and lots of a market never change", path.display());
    }
    let notice = governance::notice(&present, &file.params).map_err(breakwater::BreakwaterError::from);
    let notice = notice.map_err(|refused| anyhow::anyhow!("{}: {refused}", path.display()))?;
    let mut instructions = vec![build::propose_params(context.exchange, key.pubkey(), market.key, file.params)];
    let what = match notice {
        Notice::None => {
            // A proposal that is there keeps its payer when this one takes its place.
            let payer = proposal(context, market).await?.map_or(key.pubkey(), |pending| pending.payer);
            instructions.push(build::apply_params(market.key, payer));
            format!("the parameters of market {index} changed: they only tighten")
        }
        Notice::Due => {
            format!("proposed for market {index}; anyone may apply it in {} days", PARAMS_NOTICE_SECONDS / 86_400)
        }
    };
    let changes = changes(&present, &file.params);
    Ok(context.send(&what, &instructions, &key, &[]).await?.with(changes))
}

/// Names and values, in the order of a market file.
fn fields(params: &MarketParams) -> Vec<(String, Value)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(params) else { return Vec::new() };
    fields.into_iter().collect()
}

/// What differs.
fn changes(from: &MarketParams, to: &MarketParams) -> comfy_table::Table {
    let pairs = fields(from).into_iter().zip(fields(to)).filter(|((_, old), (_, new))| old != new);
    let rows = pairs.map(|((name, old), (_, new))| vec![name, old.to_string(), new.to_string()]).collect();
    list(&["parameter", "from", "to"], rows)
}
