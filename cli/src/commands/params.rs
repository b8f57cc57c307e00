//! `breakwater params`: how the parameters of a listed market change.

use super::market::load;
use crate::context::Context;
use crate::output::{facts, list, Output};
use anyhow::{anyhow, bail, ensure, Context as _, Result};
use breakwater::ParamsProposal;
use breakwater_risk::governance::{self, Notice, Timelock};
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
    /// Propose the parameters of a market file. A lower cap of the open interest alone is in force at once, all else after
    /// eight days.
    Propose {
        index: u16,
        #[arg(long)]
        file: PathBuf,
        /// Take back what is proposed already.
        #[arg(long)]
        replace: bool,
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
            Self::Propose { index, file, replace } => {
                propose(context, &view, market(&view, index)?, &file, replace).await
            }
            Self::Apply { index } => {
                let (market, key) = (market(&view, index)?, context.keypair()?);
                let proposal = expect_proposal(context, market).await?;
                prospect(&proposal, &view)
                    .map_err(|when| anyhow!("the proposal for market {index} may be applied {when}"))?;
                let apply = build::apply_params(context.exchange, market.key, proposal.proposer);
                context.send(&format!("the parameters of market {index} changed"), &[apply], &key, &[]).await
            }
            Self::Cancel { index } => {
                let (market, key) = (market(&view, index)?, context.authority(&view)?);
                let proposer = expect_proposal(context, market).await?.proposer;
                let cancel = build::cancel_params(context.exchange, key.pubkey(), market.key, proposer);
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

/// Whether a proposal may be applied now; if not, the error says when.
fn prospect(proposal: &ParamsProposal, view: &ExchangeView) -> Result<(), String> {
    if proposal.term != view.exchange.term {
        return Err("never: the authority changed since it was made".to_owned());
    }
    match Timelock::at(proposal.apply_at, view.now.unix_timestamp) {
        Timelock::Running { left_s } => Err(format!("in {left_s} s")),
        Timelock::Open => Ok(()),
        Timelock::Lapsed => Err("never: it was not applied in time".to_owned()),
    }
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
    let when = prospect(&proposal, view).err().unwrap_or_else(|| "now".to_owned());
    let json = json!({
        "market": index, "params": params,
        "proposal": {
            "params": to, "apply_at": proposal.apply_at, "may_be_applied": when,
            "proposer": proposal.proposer.to_string(),
        },
    });
    let output = Output { json, ..output }.with(facts([("proposal may be applied", when)]));
    Ok(output.with(changes(&params, &to)))
}

async fn propose(
    context: &Context,
    view: &ExchangeView,
    market: &MarketView,
    path: &Path,
    is_replacing: bool,
) -> Result<Output> {
    let file = load(path)?;
    let key = context.authority(view)?;
    let (index, present) = (market.market.index, market.market.state.params);
    if file.feed_id != market.market.feed_id || file.lot_exponent != market.market.lot_exponent {
        bail!("{} is of another market than {index}: feed and lots of a market never change", path.display());
    }
    let notice = governance::notice(&present, &file.params).map_err(breakwater::BreakwaterError::from);
    let notice = notice.map_err(|refused| anyhow!("{}: {refused}", path.display()))?;
    let (exchange, signer) = (context.exchange, key.pubkey());
    let mut instructions = Vec::new();
    if let Some(pending) = proposal(context, market).await? {
        ensure!(
            is_replacing,
            "something is proposed for market {index} already: `params show {index}`, then --replace"
        );
        instructions.push(build::cancel_params(exchange, signer, market.key, pending.proposer));
    }
    instructions.push(build::propose_params(exchange, signer, market.key, file.params));
    let what = match notice {
        Notice::None => {
            instructions.push(build::apply_params(exchange, market.key, signer));
            format!("the cap of the open interest of market {index} is lowered")
        }
        Notice::Due => {
            format!("proposed for market {index}; anyone may apply it in {} days", notice.seconds() / 86_400)
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
