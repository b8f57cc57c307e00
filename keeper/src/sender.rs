//! Owns how an act is carried out: simulated as it would be sent, weighed against its fee, sent, followed to its end, and
//! what it changed read again. One task per act; none outlives its blockhash, so nothing is sent twice.

use crate::config::Money;
use crate::metrics::Metrics;
use crate::plan::{Act, Kind};
use crate::price::Refresh;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anyhow::{Context, Result};
use breakwater::MarginAccount;
use breakwater_sdk::rpc::send::{follow, recent_price_micro_lamports, Outgoing, SendError};
use breakwater_sdk::view;
use solana_address_lookup_table_interface::state::AddressLookupTable;
use solana_keypair::Keypair;
use solana_message::AddressLookupTableAccount;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_signature::Signature;
use solana_signer::Signer;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Fee of a signature, lamports.
const LAMPORTS_PER_SIGNATURE: u64 = 5_000;
const LAMPORTS_PER_SOL: u128 = 1_000_000_000;
const MICRO: u64 = 1_000_000;

/// Sends for one key.
pub struct Sender {
    /// The node.
    pub client: Arc<RpcClient>,
    /// Pays and signs.
    pub key: Arc<Keypair>,
    money: Money,
    is_dry_run: bool,
    tables: Vec<AddressLookupTableAccount>,
    duty: Mutex<Budget>,
    price_micro_lamports: AtomicU64,
    metrics: Arc<Metrics>,
}

/// How an act ended.
#[derive(Debug)]
pub enum Outcome {
    /// It is confirmed.
    Landed(Signature),
    /// It would succeed; a dry run sends nothing.
    Simulated,
    /// The program or the cluster refused it: another keeper was first, or the chain moved on.
    Refused(String),
    /// It costs more than it gains.
    Unprofitable,
    /// The budget for duties is spent.
    OverBudget,
    /// It is not known to have landed.
    Failed(String),
}

impl Outcome {
    /// Its name in metrics and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Landed(_) => "landed",
            Self::Simulated => "simulated",
            Self::Refused(_) => "refused",
            Self::Unprofitable => "unprofitable",
            Self::OverBudget => "over_budget",
            Self::Failed(_) => "failed",
        }
    }
}

/// An act that is over.
pub struct Done {
    /// The act.
    pub act: Act,
    /// How it ended.
    pub outcome: Outcome,
    /// The accounts it was about, read again after it landed, with the slot of the reading.
    pub accounts: Vec<(Pubkey, MarginAccount, u64)>,
}

impl Sender {
    /// For a key. Errors: a lookup table is none, or cannot be read.
    pub async fn new(
        client: Arc<RpcClient>,
        key: Arc<Keypair>,
        config: &crate::config::Config,
        metrics: Arc<Metrics>,
    ) -> Result<Self> {
        let mut tables = Vec::new();
        for address in &config.lookup_tables {
            tables.push(read_table(&client, *address).await?);
        }
        let duty = Mutex::new(Budget::new(config.money.duty_lamports_per_hour, Instant::now()));
        let (money, is_dry_run) = (config.money.clone(), config.dry_run);
        Ok(Self { client, key, money, is_dry_run, tables, duty, price_micro_lamports: AtomicU64::new(0), metrics })
    }

    /// Asks what compute units cost lately where these accounts are written.
    pub async fn update_price(&self, writable: &[Pubkey]) {
        let (percentile, cap) = (self.money.priority_percentile, self.money.max_price_micro_lamports);
        match recent_price_micro_lamports(&self.client, writable, percentile, cap).await {
            Ok(price) => self.price_micro_lamports.store(price, Ordering::Relaxed),
            Err(error) => tracing::debug!(%error, "the price of compute units is not known"),
        }
    }

    /// Carries an act out. `read_at` is when what it was planned on was read.
    pub async fn carry_out(&self, act: Act, refresh: Refresh, read_at: Instant) -> Done {
        let outcome = match self.try_to(&act, refresh, read_at).await {
            Ok(outcome) => outcome,
            Err(SendError::Refused(refusal)) => Outcome::Refused(refusal.to_string()),
            Err(error) => Outcome::Failed(error.to_string()),
        };
        let accounts = match outcome {
            // A refusal means that what it was planned on is old.
            Outcome::Landed(_) | Outcome::Refused(_) => self.read_again(&act).await.unwrap_or_default(),
            _ => Vec::new(),
        };
        Done { act, outcome, accounts }
    }

    async fn try_to(&self, act: &Act, refresh: Refresh, read_at: Instant) -> Result<Outcome, SendError> {
        if !refresh.before.is_empty() && !self.is_dry_run {
            let cost = self.cost_lamports(1 + refresh.before_signers.len(), 0);
            if !self.may_spend(act.kind, cost) {
                return Ok(Outcome::OverBudget);
            }
            let signers: Vec<_> = refresh.before_signers.iter().collect();
            self.outgoing(&refresh.before, &signers).send_and_confirm(&self.client).await?;
            self.metrics.spent_lamports.inc_by(cost);
        }
        let instructions = [refresh.with, act.instructions.clone(), refresh.after].concat();
        let signers: Vec<_> = refresh.signers.iter().collect();
        let outgoing = self.outgoing(&instructions, &signers);
        let blockhash = self.client.get_latest_blockhash().await?;
        let units = outgoing.simulate(&self.client, blockhash).await?;
        let cost = self.cost_lamports(1 + signers.len(), units);
        if act.kind.is_paid() && !self.is_worth(act.gain_atoms, cost) {
            return Ok(Outcome::Unprofitable);
        }
        if self.is_dry_run {
            return Ok(Outcome::Simulated);
        }
        if !act.kind.is_paid() && !self.may_spend(act.kind, cost) {
            return Ok(Outcome::OverBudget);
        }
        let transaction = outgoing.sign(blockhash, units)?;
        self.metrics.send_seconds.observe(read_at.elapsed().as_secs_f64());
        let signature = follow(&self.client, &transaction).await?;
        self.metrics.spent_lamports.inc_by(cost);
        if act.kind != Kind::Convert {
            self.metrics.gained_atoms.inc_by(act.gain_atoms);
        }
        Ok(Outcome::Landed(signature))
    }

    fn outgoing<'a>(&'a self, instructions: &'a [Instruction], signers: &'a [&'a Keypair]) -> Outgoing<'a> {
        let price_micro_lamports = self.price_micro_lamports.load(Ordering::Relaxed);
        Outgoing { payer: &self.key, signers, instructions, tables: &self.tables, price_micro_lamports }
    }

    /// Fee of a transaction, lamports, rounded up.
    fn cost_lamports(&self, signatures: usize, units: u32) -> u64 {
        let price = self.price_micro_lamports.load(Ordering::Relaxed);
        let signatures = u64::try_from(signatures).unwrap_or(u64::MAX);
        let priority = price.saturating_mul(u64::from(units)).div_ceil(MICRO);
        signatures.saturating_mul(LAMPORTS_PER_SIGNATURE).saturating_add(priority)
    }

    /// Whether a gain is worth a fee.
    fn is_worth(&self, gain_atoms: u64, cost_lamports: u64) -> bool {
        let cost = u128::from(cost_lamports) * u128::from(self.money.sol_price_atoms);
        u128::from(gain_atoms) >= cost.div_ceil(LAMPORTS_PER_SOL) + u128::from(self.money.min_profit_atoms)
    }

    fn may_spend(&self, kind: Kind, lamports: u64) -> bool {
        let mut duty = self.duty.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        duty.take(lamports, kind.is_housekeeping(), Instant::now())
    }

    /// Reads the margin accounts of an act again.
    async fn read_again(&self, act: &Act) -> Result<Vec<(Pubkey, MarginAccount, u64)>> {
        let keys: Vec<_> = std::iter::once(act.subject).chain(act.taker).collect();
        let answer = self.client.get_multiple_accounts_with_commitment(&keys, self.client.commitment()).await?;
        let slot = answer.context.slot;
        let decoded = keys.iter().zip(answer.value).filter_map(|(key, account)| {
            let account = view::margin_account(&account?.data).ok()?;
            Some((*key, account, slot))
        });
        Ok(decoded.collect())
    }

    /// Address that pays.
    pub fn address(&self) -> Pubkey {
        self.key.pubkey()
    }
}

async fn read_table(client: &RpcClient, key: Pubkey) -> Result<AddressLookupTableAccount> {
    let account = client.get_account(&key).await.with_context(|| format!("lookup table {key}"))?;
    let table = AddressLookupTable::deserialize(&account.data).with_context(|| format!("{key} is no lookup table"))?;
    Ok(AddressLookupTableAccount { key, addresses: table.addresses.to_vec() })
}

/// What may be spent on duties: refills evenly and never holds more than an hour's worth.
struct Budget {
    per_hour: u64,
    left: u64,
    since: Instant,
}

impl Budget {
    fn new(per_hour: u64, now: Instant) -> Self {
        Self { per_hour, left: per_hour, since: now }
    }

    /// Takes lamports if there are as many; housekeeping leaves half of an hour's worth for what cannot wait.
    fn take(&mut self, lamports: u64, is_housekeeping: bool, now: Instant) -> bool {
        let elapsed_ms = now.saturating_duration_since(self.since).as_millis();
        let refill = u128::from(self.per_hour) * elapsed_ms / 3_600_000;
        if refill > 0 {
            self.left = self.left.saturating_add(u64::try_from(refill).unwrap_or(u64::MAX)).min(self.per_hour);
            self.since = now;
        }
        let reserve = if is_housekeeping { self.per_hour / 2 } else { 0 };
        let is_enough = self.left >= lamports.saturating_add(reserve);
        if is_enough {
            self.left -= lamports;
        }
        is_enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_budget_refills_with_time_up_to_an_hour() {
        let start = Instant::now();
        let mut budget = Budget::new(3_600, start);
        assert!(budget.take(3_600, false, start));
        assert!(!budget.take(1, false, start), "spent");
        assert!(budget.take(60, false, start + Duration::from_secs(60)), "a minute's worth is back");
        assert!(!budget.take(1, false, start + Duration::from_secs(60)));
        assert!(!budget.take(3_601, false, start + Duration::from_secs(100_000)), "never more than an hour's worth");
        assert!(!Budget::new(0, start).take(1, false, start + Duration::from_secs(9)), "no budget, no duties");
    }

    #[test]
    fn housekeeping_leaves_half_for_what_cannot_wait() {
        let start = Instant::now();
        let mut budget = Budget::new(1_000, start);
        assert!(budget.take(500, true, start));
        assert!(!budget.take(1, true, start));
        assert!(budget.take(500, false, start));
    }
}
