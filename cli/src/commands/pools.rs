//! `breakwater insurance` and `breakwater backstop`: the two pools that people stake in.

use crate::context::Context;
use crate::output::{facts, Output};
use crate::units::{parse_percent, percent};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anyhow::{bail, Context as _, Result};
use breakwater::Stake;
use breakwater_risk::shares::{LeaveStep, COOLDOWN_SECONDS, SECOND_CALL_MIN_SECONDS};
use breakwater_risk::RiskError;
use breakwater_sdk::rpc::read::ExchangeView;
use breakwater_sdk::{address, instruction as build, preview, view};
use clap::Subcommand;
use serde_json::json;
use solana_signer::Signer;

/// What can be done with the insurance fund.
#[derive(Subcommand)]
pub enum Insurance {
    /// Show the fund and the signer's stake.
    Show,
    /// Give to the fund.
    Donate { amount: String },
    #[command(flatten)]
    Stake(Staking),
}

/// What can be done with the backstop.
#[derive(Subcommand)]
pub enum Backstop {
    /// Show the backstop, what it holds, and the signer's stake.
    Show,
    /// Create it, empty.
    Create {
        /// Part of a day's reference that a share may lose before the backstop stands aside.
        #[arg(long, default_value = "50%", value_parser = parse_percent)]
        loss_line: u32,
    },
    #[command(flatten)]
    Stake(Staking),
}

/// What stakers do, the same in both pools.
#[derive(Subcommand)]
pub enum Staking {
    /// Put cash in for shares.
    Stake {
        amount: String,
        /// Fewest shares to accept.
        #[arg(long, default_value_t = 1)]
        least_shares: u64,
    },
    /// Ask shares back; 0 takes the request back.
    RequestUnstake { shares: u64 },
    /// Leave with what a request that has waited is worth: the first call notes it, a second one pays, one to three hours later.
    Unstake {
        /// Least amount to accept.
        #[arg(long, default_value = "0")]
        least: String,
    },
}

/// Which pool.
#[derive(Clone, Copy)]
enum Pool {
    Insurance,
    Backstop,
}

impl Insurance {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        let view = context.view().await?;
        match self {
            Self::Stake(staking) => staking.run(context, &view, Pool::Insurance).await,
            Self::Donate { amount } => {
                let key = context.keypair()?;
                let atoms = context.units(&view).parse_quote(&amount)?;
                let tokens = context.tokens(&view, &key.pubkey(), None).await?;
                let donate = build::donate_insurance(context.exchange, key.pubkey(), tokens, atoms);
                context.send(&format!("gave {amount} to the insurance fund"), &[donate], &key, &[]).await
            }
            Self::Show => {
                let (state, units) = (&view.insurance.state, context.units(&view));
                let stake = stake(context, Pool::Insurance).await?;
                let text = facts([
                    ("insurance fund", address::insurance(&context.exchange).to_string()),
                    ("balance", units.quote(state.balance_atoms)),
                    ("shares", state.shares.total.to_string()),
                    ("your stake", shown(&stake)),
                ]);
                let shares = stake.map_or(0, |stake| stake.state.shares);
                let json =
                    json!({ "balance_atoms": state.balance_atoms, "shares": state.shares.total, "own_shares": shares });
                Ok(Output::new(text.to_string(), json))
            }
        }
    }
}

impl Backstop {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        let view = context.view().await?;
        match self {
            Self::Stake(staking) => staking.run(context, &view, Pool::Backstop).await,
            Self::Create { loss_line } => {
                let key = context.authority(&view)?;
                let create = build::create_backstop(context.exchange, key.pubkey(), loss_line);
                context.send("created the backstop", &[create], &key, &[]).await
            }
            Self::Show => {
                let backstop = view.backstop.as_ref().context("this exchange has no backstop")?;
                let (state, units) = (&backstop.backstop.state, context.units(&view));
                let stake = stake(context, Pool::Backstop).await?;
                let legs = super::account::legs(&view, &backstop.account)?;
                let text = facts([
                    ("backstop", address::backstop(&context.exchange).to_string()),
                    ("margin account", address::backstop_account(&context.exchange).to_string()),
                    ("cash", units.quote(backstop.account.state.capital_atoms)),
                    ("shares", state.shares.total.to_string()),
                    ("loss line", percent(state.loss_line_ppm)),
                    ("your stake", shown(&stake)),
                ]);
                let json = json!({
                    "cash_atoms": backstop.account.state.capital_atoms, "shares": state.shares.total,
                    "loss_line_ppm": state.loss_line_ppm, "own_shares": stake.map_or(0, |stake| stake.state.shares),
                    "legs": legs.json,
                });
                Ok(Output::new(text.to_string(), json).with(legs.table))
            }
        }
    }
}

impl Staking {
    async fn run(self, context: &Context, view: &ExchangeView, pool: Pool) -> Result<Output> {
        let key = context.keypair()?;
        let owner = key.pubkey();
        let units = context.units(view);
        let markets = markets(view, pool)?;
        let exchange = context.exchange;
        let (what, instructions) = match self {
            Self::Stake { amount, least_shares } => {
                let atoms = units.parse_quote(&amount)?;
                let tokens = context.tokens(view, &owner, None).await?;
                let mut instructions = opening(context, pool, owner).await?;
                instructions.push(match pool {
                    Pool::Insurance => build::stake_insurance(exchange, owner, tokens, atoms, least_shares, &markets),
                    Pool::Backstop => build::stake_backstop(exchange, owner, tokens, atoms, least_shares, &markets),
                });
                (format!("staked {amount}"), instructions)
            }
            Self::RequestUnstake { shares } => {
                let request = match pool {
                    Pool::Insurance => build::request_unstake_insurance(exchange, owner, shares, &markets),
                    Pool::Backstop => build::request_unstake_backstop(exchange, owner, shares, &markets),
                };
                let days = COOLDOWN_SECONDS / 86_400;
                let what = format!("asked {shares} shares back; in {days} days call `unstake`, twice, an hour apart");
                (what, vec![request])
            }
            Self::Unstake { least } => {
                let atoms = units.parse_quote(&least)?;
                let tokens = context.tokens(view, &owner, None).await?;
                let unstake = match pool {
                    Pool::Insurance => build::unstake_insurance(exchange, owner, tokens, atoms, &markets),
                    Pool::Backstop => build::unstake_backstop(exchange, owner, tokens, atoms, &markets),
                };
                (self::unstaked(context, view, pool, owner).await?, vec![unstake])
            }
        };
        context.send(&what, &instructions, &key, &[]).await
    }
}

/// What the next call of the owner's request will have done, and when to call again.
async fn unstaked(context: &Context, view: &ExchangeView, pool: Pool, owner: Pubkey) -> Result<String> {
    let stake = stake_of(context, pool, owner).await?.context("you have no stake in this pool")?;
    let (snapshot, now, count) = (&view.snapshot, &view.now, view.exchange.market_count);
    let step = match (pool, &view.backstop) {
        (Pool::Insurance, _) => preview::unstake_insurance(snapshot, &view.insurance, &stake, count, now),
        (Pool::Backstop, Some(backstop)) => preview::unstake_backstop(snapshot, backstop, &stake, now),
        (Pool::Backstop, None) => bail!("this exchange has no backstop"),
    };
    Ok(match step {
        Ok(LeaveStep::Noted { noted_atoms, payable_from, payable_until }) => {
            let (amount, from_s) = (context.units(view).quote(noted_atoms), payable_from - now.unix_timestamp);
            let until_s = payable_until - now.unix_timestamp;
            format!("noted that the shares are worth {amount}; call `unstake` again in {from_s} s to {until_s} s to be paid at most that")
        }
        Ok(LeaveStep::Paid(_)) => "took the cash of the request".to_owned(),
        Err(refused) => {
            let reason = breakwater::BreakwaterError::from(refused.0);
            let next_s = stake.state.noted_at.saturating_add(SECOND_CALL_MIN_SECONDS) - now.unix_timestamp;
            match refused.0 {
                RiskError::SecondCallTooEarly if next_s > 0 => bail!("call again in {next_s} s: {reason}"),
                _ => bail!("{reason}"),
            }
        }
    })
}

/// Markets that an instruction of the pool reads: all of the exchange, or those of the backstop's legs.
fn markets(view: &ExchangeView, pool: Pool) -> Result<Vec<Pubkey>> {
    match pool {
        Pool::Insurance => Ok(view.snapshot.iter().map(|market| market.key).collect()),
        Pool::Backstop => {
            let backstop = view.backstop.as_ref().context("this exchange has no backstop")?;
            view.snapshot.markets_of(&backstop.account).ok().context("a market of the backstop was not read")
        }
    }
}

fn address_of(context: &Context, pool: Pool) -> Pubkey {
    match pool {
        Pool::Insurance => address::insurance(&context.exchange),
        Pool::Backstop => address::backstop(&context.exchange),
    }
}

/// The signer's stake in a pool, if there is one.
async fn stake(context: &Context, pool: Pool) -> Result<Option<Stake>> {
    // Without a signer there is no stake of theirs to show.
    let Ok(key) = context.keypair() else { return Ok(None) };
    stake_of(context, pool, key.pubkey()).await
}

async fn stake_of(context: &Context, pool: Pool, owner: Pubkey) -> Result<Option<Stake>> {
    let key = address::stake(&address_of(context, pool), &owner);
    let found = context.accounts(&[key]).await?.into_iter().flatten().next();
    found.map(|account| view::stake(&account.data).with_context(|| key.to_string())).transpose()
}

/// The instruction that opens the stake where there is none yet.
async fn opening(context: &Context, pool: Pool, owner: Pubkey) -> Result<Vec<Instruction>> {
    let is_open = stake_of(context, pool, owner).await?.is_some();
    let open = build::open_stake(context.exchange, owner, owner, address_of(context, pool));
    Ok(if is_open { Vec::new() } else { vec![open] })
}

fn shown(stake: &Option<Stake>) -> String {
    match stake {
        None => "none".to_owned(),
        Some(stake) => format!("{} shares, {} of them asked back", stake.state.shares, stake.state.requested_shares),
    }
}
