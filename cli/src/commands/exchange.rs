//! `breakwater exchange`.

use crate::config::ExchangeName;
use crate::context::Context;
use crate::output::{facts, Output};
use crate::units::{parse_percent, percent};
use anchor_lang::prelude::Pubkey;
use anyhow::{bail, ensure, Result};
use breakwater::{InitializeExchangeArgs, MAX_RECEIVERS, NOTICE_SECONDS};
use breakwater_sdk::instruction as build;
use clap::{Args, Subcommand};
use serde_json::json;
use solana_signer::Signer;

/// What can be done with an exchange.
#[derive(Subcommand)]
pub enum Command {
    /// Create it; the signer becomes its creator and its authority.
    Create(Create),
    /// Show it.
    Show,
    /// Name the next authority.
    ProposeAuthority { authority: Pubkey },
    /// Become the authority, as the one named.
    AcceptAuthority,
    /// Propose the Pyth receiver programs to accept after the timelock.
    ProposeReceivers {
        #[arg(required = true, num_args = 1..=MAX_RECEIVERS)]
        receivers: Vec<Pubkey>,
    },
    /// Accept the proposed receivers once their time has come.
    ApplyReceivers,
    /// Stop accepting a receiver, at once.
    RevokeReceiver { receiver: Pubkey },
    /// Pay swept trading fees out to the authority's token account.
    CollectFees,
}

/// How an exchange is created.
#[derive(Args)]
pub struct Create {
    /// Mint of the collateral.
    #[arg(long)]
    mint: Pubkey,
    /// Pyth receiver programs whose prices are accepted.
    #[arg(long = "receiver", num_args = 1..=MAX_RECEIVERS, default_values_t = [breakwater_sdk::address::PYTH_RECEIVER])]
    receivers: Vec<Pubkey>,
    /// Program that owns accepted legacy push accounts.
    #[arg(long)]
    legacy_oracle: Option<Pubkey>,
    /// Length of the outflow window, seconds.
    #[arg(long, default_value_t = 3_600)]
    outflow_window: u32,
    /// Share of the booked cash that may leave per window, %.
    #[arg(long, default_value = "20", value_parser = parse_percent)]
    outflow_limit: u32,
    /// What each account may withdraw per window whatever the others do, atoms.
    #[arg(long, default_value_t = 10_000_000_000)]
    outflow_guaranteed_atoms: u64,
}

impl Command {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        match self {
            Self::Create(create) => create.run(context).await,
            Self::Show => show(context).await,
            Self::ProposeAuthority { authority } => {
                let view = context.view().await?;
                let key = context.authority(&view)?;
                let propose = build::propose_authority(context.exchange, key.pubkey(), authority);
                context.send(&format!("{authority} may now accept the authority"), &[propose], &key, &[]).await
            }
            Self::AcceptAuthority => {
                let (view, key) = (context.view().await?, context.keypair()?);
                let pending = view.exchange.pending_authority;
                ensure!(pending == key.pubkey(), "{} was not proposed; proposed is {}", key.pubkey(), shown(&pending));
                let accept = build::accept_authority(context.exchange, key.pubkey());
                context.send(&format!("{} is the authority now", key.pubkey()), &[accept], &key, &[]).await
            }
            Self::ProposeReceivers { receivers } => {
                let view = context.view().await?;
                let key = context.authority(&view)?;
                let propose = build::propose_receivers(context.exchange, key.pubkey(), places(&receivers)?);
                let what = format!("the receivers may be applied in {} days", NOTICE_SECONDS / 86_400);
                context.send(&what, &[propose], &key, &[]).await
            }
            Self::ApplyReceivers => {
                let key = context.keypair()?;
                let apply = build::apply_receivers(context.exchange);
                context.send("the proposed receivers are accepted", &[apply], &key, &[]).await
            }
            Self::RevokeReceiver { receiver } => {
                let view = context.view().await?;
                let key = context.authority(&view)?;
                let revoke = build::revoke_receiver(context.exchange, key.pubkey(), receiver);
                context.send(&format!("{receiver} is no longer accepted"), &[revoke], &key, &[]).await
            }
            Self::CollectFees => {
                let view = context.view().await?;
                let key = context.authority(&view)?;
                let tokens = context.tokens(&view, &key.pubkey(), None).await?;
                let collect = build::collect_fees(context.exchange, key.pubkey(), tokens);
                let fees = context.units(&view).quote(view.exchange.fees_atoms);
                context.send(&format!("collected {fees}"), &[collect], &key, &[]).await
            }
        }
    }
}

impl Create {
    async fn run(self, context: &Context) -> Result<Output> {
        let key = context.keypair()?;
        let ExchangeName::Own(id) = context.exchange_name else {
            bail!("an exchange is created by its id among those of its creator: --exchange ID")
        };
        context.require_program().await?;
        if context.accounts(&[context.exchange]).await?.iter().any(Option::is_some) {
            bail!("exchange {id} of {} ({}) exists already", key.pubkey(), context.exchange);
        }
        let mint = context.mint(self.mint).await?;
        let args = InitializeExchangeArgs {
            id,
            receivers: places(&self.receivers)?,
            legacy_oracle: self.legacy_oracle.unwrap_or_default(),
            outflow_window_seconds: self.outflow_window,
            outflow_limit_ppm: self.outflow_limit,
            outflow_guaranteed_atoms: self.outflow_guaranteed_atoms,
        };
        let owner = key.pubkey();
        let create = build::initialize_exchange(owner, owner, mint.key, mint.token_program, args);
        context.send(&format!("created exchange {}", context.exchange), &[create], &key, &[]).await
    }
}

fn places(receivers: &[Pubkey]) -> Result<[Pubkey; MAX_RECEIVERS]> {
    ensure!(receivers.len() <= MAX_RECEIVERS, "an exchange accepts at most {MAX_RECEIVERS} receivers");
    let mut places = [Pubkey::default(); MAX_RECEIVERS];
    places[..receivers.len()].copy_from_slice(receivers);
    Ok(places)
}

/// A key, or that there is none.
fn shown(key: &Pubkey) -> String {
    if *key == Pubkey::default() {
        "none".to_owned()
    } else {
        key.to_string()
    }
}

async fn show(context: &Context) -> Result<Output> {
    let view = context.view().await?;
    let (exchange, units) = (&view.exchange, context.units(&view));
    let receivers: Vec<_> = exchange.receivers.iter().filter(|key| **key != Pubkey::default()).collect();
    let text = facts([
        ("exchange", context.exchange.to_string()),
        ("creator", format!("{}  (id {})", exchange.creator, exchange.id)),
        ("authority", exchange.authority.to_string()),
        ("proposed authority", shown(&exchange.pending_authority)),
        ("quote mint", exchange.quote_mint.to_string()),
        ("vault", format!("{}  ({})", units.quote(view.vault_atoms), exchange.vault)),
        ("booked", units.quote(exchange.booked_atoms)),
        ("insurance fund", units.quote(view.insurance.state.balance_atoms)),
        ("fees to collect", units.quote(exchange.fees_atoms)),
        ("markets", format!("{} ({} with the backstop)", exchange.market_count, exchange.backstopped_markets)),
        ("backstop", if view.backstop.is_some() { "yes" } else { "no" }.to_owned()),
        ("receivers", receivers.iter().map(|key| key.to_string()).collect::<Vec<_>>().join(", ")),
        (
            "outflow limit",
            format!(
                "{} of the booked cash per {} s; {} per account in any case",
                percent(exchange.outflow_limits.limit_ppm),
                exchange.outflow_limits.window_seconds,
                units.quote(exchange.outflow_limits.guaranteed_atoms)
            ),
        ),
    ]);
    let json = json!({
        "exchange": context.exchange.to_string(),
        "creator": exchange.creator.to_string(),
        "id": exchange.id,
        "authority": exchange.authority.to_string(),
        "pending_authority": exchange.pending_authority.to_string(),
        "quote_mint": exchange.quote_mint.to_string(),
        "quote_decimals": exchange.quote_decimals,
        "vault": exchange.vault.to_string(),
        "vault_atoms": view.vault_atoms,
        "booked_atoms": exchange.booked_atoms,
        "insurance_atoms": view.insurance.state.balance_atoms,
        "fees_atoms": exchange.fees_atoms,
        "market_count": exchange.market_count,
        "has_backstop": view.backstop.is_some(),
        "receivers": receivers.iter().map(|key| key.to_string()).collect::<Vec<_>>(),
        "slot": view.now.slot,
    });
    Ok(Output::new(text.to_string(), json))
}
