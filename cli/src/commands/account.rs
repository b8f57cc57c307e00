//! `breakwater account`.

use crate::context::Context;
use crate::output::{facts, list, Output};
use crate::units::{base, Units};
use anchor_lang::prelude::Pubkey;
use anyhow::{ensure, Context as _, Result};
use breakwater::{ApproveVenueArgs, MarginAccount};
use breakwater_risk::health::{Health, Stance};
use breakwater_risk::leg::evaluate;
use breakwater_sdk::rpc::read::{self, ExchangeView};
use breakwater_sdk::view::used_legs;
use breakwater_sdk::{address, instruction as build, preview};
use clap::{Args, Subcommand};
use comfy_table::Table;
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// What can be done with margin accounts.
#[derive(Subcommand)]
pub enum Command {
    /// Open an account of the signer.
    Open(Which),
    /// Close an empty account of the signer.
    Close(Which),
    /// All accounts of the exchange, or those of an owner.
    List {
        #[arg(long)]
        owner: Option<Pubkey>,
    },
    /// Inspect an account: capital, health, tier, legs with liquidation prices.
    Show(Which),
    /// Pay into an account.
    Deposit {
        amount: String,
        /// Token account to pay from. Default: the signer's associated token account.
        #[arg(long, value_name = "ADDRESS")]
        token_account: Option<Pubkey>,
        #[command(flatten)]
        which: Which,
    },
    /// Withdraw capital to the owner's token account.
    Withdraw {
        amount: String,
        /// Token account to pay to. Default: the signer's associated token account.
        #[arg(long, value_name = "ADDRESS")]
        token_account: Option<Pubkey>,
        #[command(flatten)]
        which: Which,
    },
    /// Let somebody take slices and convert profit for the owner; without a key, nobody.
    Delegate {
        delegate: Option<Pubkey>,
        /// Most notional that the delegate may leave the account with after adding risk; 0 = it only reduces.
        #[arg(long, default_value = "0", value_name = "AMOUNT")]
        notional_max: String,
        #[command(flatten)]
        which: Which,
    },
    /// Let a venue settle trades of the account, within limits per UTC day.
    ApproveVenue {
        /// The PDA with which the venue's program signs.
        signer: Pubkey,
        /// Most notional per day.
        #[arg(long)]
        max_notional: String,
        /// Most cost per day: loss against the mark, and fees.
        #[arg(long)]
        max_cost: String,
        /// Unix time from which the approval is void.
        #[arg(long, default_value_t = i64::MAX)]
        expires_at: i64,
        #[command(flatten)]
        which: Which,
    },
    /// Take a venue's approval back, at once.
    RevokeVenue {
        /// The PDA with which the venue's program signs.
        signer: Pubkey,
        #[command(flatten)]
        which: Which,
    },
    /// Opt in to predictive closes, or out.
    Derisk {
        #[arg(value_parser = ["on", "off"])]
        switch: String,
        #[command(flatten)]
        which: Which,
    },
    /// Touch all legs and spread capital over debts; anyone may.
    Settle(Which),
    /// Convert matured profit of a market into capital.
    Convert {
        market: u16,
        /// Least ratio to accept, parts per million.
        #[arg(long, default_value_t = 1_000_000)]
        least_ratio_ppm: u32,
        #[command(flatten)]
        which: Which,
    },
}

/// Which account.
#[derive(Args)]
pub struct Which {
    /// Its address. Default: the signer's sub-account.
    #[arg(long, value_name = "ADDRESS")]
    account: Option<Pubkey>,
    /// Sub-account number.
    #[arg(long, default_value_t = 0, conflicts_with = "account")]
    sub: u16,
}

impl Which {
    fn address(&self, context: &Context) -> Result<Pubkey> {
        match self.account {
            Some(address) => Ok(address),
            None => Ok(address::margin_account(&context.exchange, &context.keypair()?.pubkey(), self.sub)),
        }
    }

    /// The account, of the signer.
    async fn own(&self, context: &Context) -> Result<(Pubkey, MarginAccount, Keypair)> {
        let (key, keypair) = (self.address(context)?, context.keypair()?);
        let account = read::margin_account(&context.client, key).await?;
        ensure!(account.owner == keypair.pubkey(), "{key} belongs to {}, not to {}", account.owner, keypair.pubkey());
        Ok((key, account, keypair))
    }
}

impl Command {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        let view = context.view().await?;
        let exchange = context.exchange;
        match self {
            Self::List { owner } => accounts(context, &view, owner).await,
            Self::Show(which) => {
                let key = which.address(context)?;
                show(context, &view, key, &read::margin_account(&context.client, key).await?)
            }
            Self::Open(which) => {
                let key = context.keypair()?;
                let open = build::open_account(exchange, key.pubkey(), key.pubkey(), which.sub);
                let account = address::margin_account(&exchange, &key.pubkey(), which.sub);
                context.send(&format!("opened account {account}"), &[open], &key, &[]).await
            }
            Self::Close(which) => {
                let (account, _, key) = which.own(context).await?;
                let close = build::close_account(key.pubkey(), account);
                context.send(&format!("closed account {account}"), &[close], &key, &[]).await
            }
            Self::Deposit { amount, token_account, which } => {
                let (key, account) = (context.keypair()?, which.address(context)?);
                let atoms = context.units(&view).parse_quote(&amount)?;
                read::margin_account(&context.client, account).await?;
                let tokens = context.tokens(&view, &key.pubkey(), token_account).await?;
                let deposit = build::deposit(exchange, key.pubkey(), account, tokens, atoms);
                context.send(&format!("deposited {amount} into {account}"), &[deposit], &key, &[]).await
            }
            Self::Withdraw { amount, token_account, which } => {
                let (account, state, key) = which.own(context).await?;
                let atoms = context.units(&view).parse_quote(&amount)?;
                let tokens = context.tokens(&view, &key.pubkey(), token_account).await?;
                let markets = markets_of(&view, &state)?;
                let withdraw = build::withdraw(exchange, key.pubkey(), account, tokens, atoms, &markets);
                context.send(&format!("withdrew {amount} from {account}"), &[withdraw], &key, &[]).await
            }
            Self::Delegate { delegate, notional_max, which } => {
                let (account, _, key) = which.own(context).await?;
                let atoms = context.units(&view).parse_quote(&notional_max)?;
                let set = build::set_delegate(key.pubkey(), account, delegate.unwrap_or_default(), atoms);
                let what = match delegate {
                    Some(delegate) => format!("{delegate} acts for {account} and adds risk up to {notional_max}"),
                    None => format!("nobody acts for {account}"),
                };
                context.send(&what, &[set], &key, &[]).await
            }
            Self::ApproveVenue { signer, max_notional, max_cost, expires_at, which } => {
                let (account, _, key) = which.own(context).await?;
                let units = context.units(&view);
                let limits = ApproveVenueArgs {
                    max_notional_atoms: units.parse_quote(&max_notional)?,
                    max_cost_atoms: units.parse_quote(&max_cost)?,
                    expires_at,
                };
                let venue = address::venue(&exchange, &signer);
                let approve = build::approve_venue(key.pubkey(), account, venue, limits);
                context.send(&format!("{venue} may settle trades of {account}"), &[approve], &key, &[]).await
            }
            Self::RevokeVenue { signer, which } => {
                let (account, _, key) = which.own(context).await?;
                let venue = address::venue(&exchange, &signer);
                let revoke = build::revoke_venue(key.pubkey(), account, venue);
                context.send(&format!("{venue} settles no trades of {account} any more"), &[revoke], &key, &[]).await
            }
            Self::Derisk { switch, which } => {
                let (account, _, key) = which.own(context).await?;
                let set = build::set_derisk(key.pubkey(), account, switch == "on");
                context.send(&format!("predictive closes of {account} are {switch}"), &[set], &key, &[]).await
            }
            Self::Settle(which) => {
                let (key, account) = (context.keypair()?, which.address(context)?);
                let state = read::margin_account(&context.client, account).await?;
                let settle = build::settle_account(account, &markets_of(&view, &state)?);
                context.send(&format!("settled {account}"), &[settle], &key, &[]).await
            }
            Self::Convert { market, least_ratio_ppm, which } => {
                let (account, state, key) = which.own(context).await?;
                let market = address::market(&exchange, market);
                let others = markets_of(&view, &state)?;
                let convert = build::convert_profit(key.pubkey(), market, account, least_ratio_ppm, &others);
                context.send(&format!("converted matured profit of {account}"), &[convert], &key, &[]).await
            }
        }
    }
}

fn markets_of(view: &ExchangeView, account: &MarginAccount) -> Result<Vec<Pubkey>> {
    view.snapshot.markets_of(account).ok().context("the account has a leg in a market that was not read")
}

async fn accounts(context: &Context, view: &ExchangeView, owner: Option<Pubkey>) -> Result<Output> {
    let units = context.units(view);
    let mut found = read::margin_accounts(&context.client, context.exchange).await?;
    found.retain(|(_, account)| owner.is_none_or(|owner| account.owner == owner));
    found.sort_unstable_by_key(|(_, account)| std::cmp::Reverse(account.state.capital_atoms));
    let mut rows = Vec::new();
    let mut json = Vec::new();
    for (key, account) in &found {
        let legs = used_legs(account).count();
        let tier = preview::gravest_tier(&view.snapshot, account, &view.now);
        let tier = tier.map_or("unknown".to_owned(), |tier| format!("{tier:?}").to_lowercase());
        json.push(json!({
            "account": key.to_string(), "owner": account.owner.to_string(), "sub_id": account.sub_id,
            "capital_atoms": account.state.capital_atoms, "legs": legs, "tier": tier,
        }));
        rows.push(vec![key.to_string(), units.quote(account.state.capital_atoms), legs.to_string(), tier]);
    }
    let text = list(&["account", "capital", "legs", "tier"], rows).to_string();
    Ok(Output::new(text, Value::Array(json)))
}

/// Legs of an account, both ways.
pub struct Legs {
    /// For people.
    pub table: Table,
    /// For programs.
    pub json: Vec<Value>,
}

/// The legs of an account at the marks.
pub fn legs(view: &ExchangeView, account: &MarginAccount) -> Result<Legs> {
    let units = Units::of(view);
    let (mut rows, mut json) = (Vec::new(), Vec::new());
    for leg in used_legs(account) {
        let index = leg.market_index;
        let market = &view.snapshot.get(index).context("a market was not read")?.market;
        let value = evaluate(leg, &market.state, &view.now).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let price = preview::liquidation_price(&view.snapshot, account, index, &view.now).ok().flatten();
        let claims = value.claims;
        json.push(json!({
            "market": index, "lots": value.lots, "pending_atoms": value.pending, "debt_atoms": value.debt,
            "claims_matured_atoms": claims.matured, "claims_maturing_atoms": claims.maturing,
            "claims_fresh_atoms": claims.fresh, "mark": market.state.mark, "liquidation_price": price,
        }));
        let shown = |price: Option<u64>| price.map_or("-".to_owned(), |it| units.price(it, market.lot_exponent));
        rows.push(vec![
            index.to_string(),
            base(value.lots, market.lot_exponent),
            shown(Some(market.state.mark)),
            shown(price),
            units.quote(value.pending),
            units.quote(claims.matured),
            units.quote(i128::from(claims.maturing) + i128::from(claims.fresh)),
            units.quote(value.debt),
        ]);
    }
    let header = ["market", "size", "mark", "liquidation", "unsettled", "profit to convert", "profit waiting", "debt"];
    Ok(Legs { table: list(&header, rows), json })
}

fn show(context: &Context, view: &ExchangeView, key: Pubkey, account: &MarginAccount) -> Result<Output> {
    let units = context.units(view);
    let state = &account.state;
    let health = Health::assess(state, Stance::Favour, None, &view.snapshot, &view.now);
    let health = health.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let tier = preview::gravest_tier(&view.snapshot, account, &view.now)?;
    let tier = format!("{tier:?}").to_lowercase();
    let withdrawable = preview::withdrawable_atoms(&view.snapshot, account, &view.now).ok();
    let legs = legs(view, account)?;
    let none = Pubkey::default();
    let limit = units.quote(account.delegate_notional_max_atoms);
    let delegate = match account.delegate == none {
        true => "nobody".to_owned(),
        false => format!("{}  (adds risk up to {limit})", account.delegate),
    };
    let text = facts([
        ("account", key.to_string()),
        ("owner", format!("{}  (sub-account {})", account.owner, account.sub_id)),
        ("delegate", delegate),
        ("capital", units.quote(state.capital_atoms)),
        ("equity", units.quote(health.equity())),
        ("maintenance margin", units.quote(health.maintenance())),
        ("initial margin", units.quote(health.initial())),
        ("withdrawable", withdrawable.map_or("nothing now".to_owned(), |atoms| units.quote(atoms))),
        ("tier", tier.clone()),
        (
            "flagged",
            if state.flagged_slot == 0 { "no".to_owned() } else { format!("since slot {}", state.flagged_slot) },
        ),
        ("predictive closes", if state.derisk_since_slot == 0 { "no" } else { "opted in" }.to_owned()),
        ("venues approved", account.approvals.iter().filter(|approval| approval.venue != none).count().to_string()),
    ]);
    let json = json!({
        "account": key.to_string(), "owner": account.owner.to_string(), "sub_id": account.sub_id,
        "capital_atoms": state.capital_atoms, "equity_atoms": health.equity(),
        "maintenance_atoms": health.maintenance(), "initial_atoms": health.initial(),
        "withdrawable_atoms": withdrawable, "tier": tier, "flagged_slot": state.flagged_slot, "legs": legs.json,
    });
    Ok(Output::new(text.to_string(), json).with(legs.table))
}
