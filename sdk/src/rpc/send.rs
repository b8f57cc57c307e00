//! Owns how a transaction becomes final: simulated first, with the compute units that the simulation used and a stated
//! price for them, signed, sent, and followed until it is confirmed or can no longer land.

use crate::refusal::Refusal;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use solana_commitment_config::CommitmentConfig;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_keypair::Keypair;
use solana_message::{v0, AddressLookupTableAccount, VersionedMessage};
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::client_error::Error as ClientError;
use solana_rpc_client_api::config::{RpcSendTransactionConfig, RpcSimulateTransactionConfig, RpcTransactionConfig};
use solana_signature::Signature;
use solana_signer::{Signer, SignerError};
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;
use solana_transaction_status_client_types::UiTransactionEncoding;
use std::time::{Duration, Instant};

/// Most compute units of a transaction.
pub const MAX_COMPUTE_UNITS: u32 = 1_400_000;
/// Room above what the simulation used, since state moves on: a part and a fixed amount.
const ROOM_DIVISOR: u64 = 10;
const ROOM_UNITS: u64 = 1_000;

/// How often it is asked what became of a transaction.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Looks between two sendings: a transaction may be dropped on its way to the leader.
const LOOKS_PER_SEND: u32 = 10;
/// Longest silence of a node before its transaction is given up as unknown; no blockhash lives that long.
pub const OUTAGE_MAX: Duration = Duration::from_secs(180);

/// Why a transaction did not go through.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The node did not answer, or answered with an error.
    #[error("the RPC node did not answer: {0}")]
    Node(#[from] Box<ClientError>),
    /// It would fail: nothing was sent, or it landed and changed nothing.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// It does not fit.
    #[error("the transaction cannot be built: {0}")]
    Build(String),
    /// It was sent and did not land before its blockhash expired.
    #[error("transaction {0} did not land before its blockhash expired; nothing was changed by it")]
    Expired(Signature),
}

impl From<ClientError> for SendError {
    fn from(error: ClientError) -> Self {
        Self::Node(Box::new(error))
    }
}

impl From<SignerError> for SendError {
    fn from(error: SignerError) -> Self {
        Self::Build(error.to_string())
    }
}

/// A transaction to be.
pub struct Outgoing<'a> {
    /// Pays the fee.
    pub payer: &'a Keypair,
    /// Signs besides the payer.
    pub signers: &'a [&'a Keypair],
    /// What it does, without instructions of the compute budget.
    pub instructions: &'a [Instruction],
    /// Lookup tables it may use.
    pub tables: &'a [AddressLookupTableAccount],
    /// Price of a compute unit, micro-lamports.
    pub price_micro_lamports: u64,
}

impl<'a> Outgoing<'a> {
    /// One that only its payer signs, without tables and without a price for its compute units.
    pub fn of(payer: &'a Keypair, instructions: &'a [Instruction]) -> Self {
        Self { payer, signers: &[], instructions, tables: &[], price_micro_lamports: 0 }
    }
    /// Signs it for a blockhash and a limit of compute units. Errors: `Build`.
    pub fn sign(&self, blockhash: solana_hash::Hash, units: u32) -> Result<VersionedTransaction, SendError> {
        let mut instructions = vec![ComputeBudgetInstruction::set_compute_unit_limit(units)];
        if self.price_micro_lamports > 0 {
            instructions.push(ComputeBudgetInstruction::set_compute_unit_price(self.price_micro_lamports));
        }
        instructions.extend_from_slice(self.instructions);
        let message = v0::Message::try_compile(&self.payer.pubkey(), &instructions, self.tables, blockhash)
            .map_err(|error| SendError::Build(error.to_string()))?;
        let mut signers = vec![self.payer];
        let payer = self.payer.pubkey();
        signers.extend(self.signers.iter().filter(|signer| signer.pubkey() != payer));
        Ok(VersionedTransaction::try_new(VersionedMessage::V0(message), &signers)?)
    }

    /// Simulates it and returns the limit of compute units to send it with. Errors: `Refused`, `Node`, `Build`.
    pub async fn simulate(&self, client: &RpcClient, blockhash: solana_hash::Hash) -> Result<u32, SendError> {
        let transaction = self.sign(blockhash, MAX_COMPUTE_UNITS)?;
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            replace_recent_blockhash: true,
            commitment: Some(client.commitment()),
            ..Default::default()
        };
        let outcome = client.simulate_transaction_with_config(&transaction, config).await?.value;
        if let Some(error) = outcome.err {
            let logs = outcome.logs.unwrap_or_default();
            let programs = programs_of(&transaction);
            return Err(SendError::Refused(Box::new(Refusal { error: error.into(), logs, programs })));
        }
        let used = outcome.units_consumed.unwrap_or(u64::from(MAX_COMPUTE_UNITS));
        let limit = used.saturating_add(used / ROOM_DIVISOR).saturating_add(ROOM_UNITS);
        Ok(u32::try_from(limit).unwrap_or(MAX_COMPUTE_UNITS).min(MAX_COMPUTE_UNITS))
    }

    /// Simulates, sends and waits until the cluster confirms it. Errors: `SendError`.
    pub async fn send_and_confirm(&self, client: &RpcClient) -> Result<Signature, SendError> {
        let blockhash = client.get_latest_blockhash().await?;
        let units = self.simulate(client, blockhash).await?;
        follow(client, &self.sign(blockhash, units)?).await
    }
}

/// Sends a signed transaction, again and again the same one, which can land but once, until the cluster confirms it, or until
/// its blockhash has expired without it. A node that does not answer is waited for: only then is it known what became of the
/// transaction. Errors: `Refused` if it landed and failed, `Expired`, `Node` after [`OUTAGE_MAX`] without any answer.
pub async fn follow(client: &RpcClient, transaction: &VersionedTransaction) -> Result<Signature, SendError> {
    let signature = transaction.signatures.first().copied().unwrap_or_default();
    let blockhash = *transaction.message.recent_blockhash();
    let config = RpcSendTransactionConfig { skip_preflight: true, max_retries: Some(0), ..Default::default() };
    let mut last_answer = Instant::now();
    for look in 0_u32.. {
        if look % LOOKS_PER_SEND == 0 {
            // Refused where it was taken already; what counts is its status.
            let _ = client.send_transaction_with_config(transaction, config).await;
        }
        tokio::time::sleep(LOOK_EVERY).await;
        match status(client, &signature).await {
            Ok(Some(Ok(()))) => return Ok(signature),
            Ok(Some(Err(error))) => {
                let logs = logs_of(client, &signature).await;
                let programs = programs_of(transaction);
                return Err(SendError::Refused(Box::new(Refusal { error, logs, programs })));
            }
            Ok(None) => last_answer = Instant::now(),
            Err(error) if last_answer.elapsed() > OUTAGE_MAX => return Err(error.into()),
            Err(_) => continue,
        }
        let may_land = look % LOOKS_PER_SEND != 0 || is_valid(client, &blockhash).await;
        if !may_land && matches!(status(client, &signature).await, Ok(None)) {
            return Err(SendError::Expired(signature));
        }
    }
    Err(SendError::Expired(signature))
}

/// Program of each instruction.
fn programs_of(transaction: &VersionedTransaction) -> Vec<Pubkey> {
    let keys = transaction.message.static_account_keys();
    let place = |index: u8| keys.get(usize::from(index)).copied().unwrap_or_default();
    transaction.message.instructions().iter().map(|instruction| place(instruction.program_id_index)).collect()
}

/// What became of a transaction, at the commitment of the client.
async fn status(
    client: &RpcClient,
    signature: &Signature,
) -> Result<Option<Result<(), TransactionError>>, ClientError> {
    let found = client.get_signature_statuses(&[*signature]).await?.value.into_iter().next().flatten();
    let found = found.filter(|status| status.satisfies_commitment(client.commitment()));
    Ok(found.map(|status| status.err.map_or(Ok(()), Err)))
}

/// Log lines of a transaction that landed; none where the node does not keep them.
async fn logs_of(client: &RpcClient, signature: &Signature) -> Vec<String> {
    let config = RpcTransactionConfig {
        encoding: Some(UiTransactionEncoding::Base64),
        commitment: Some(client.commitment()),
        max_supported_transaction_version: Some(0),
    };
    let found = client.get_transaction_with_config(signature, config).await;
    let meta = found.ok().and_then(|found| found.transaction.meta);
    meta.and_then(|meta| Option::from(meta.log_messages)).unwrap_or_default()
}

/// Whether a blockhash may still serve; an unanswered question counts as yes.
async fn is_valid(client: &RpcClient, blockhash: &solana_hash::Hash) -> bool {
    client.is_blockhash_valid(blockhash, CommitmentConfig::processed()).await.unwrap_or(true)
}

/// The price per compute unit that `percentile` of the latest blocks' transactions on these accounts paid at most,
/// micro-lamports, never above `cap_micro_lamports`. Errors: `Node`.
pub async fn recent_price_micro_lamports(
    client: &RpcClient,
    writable: &[Pubkey],
    percentile: u8,
    cap_micro_lamports: u64,
) -> Result<u64, SendError> {
    let mut fees: Vec<u64> =
        client.get_recent_prioritization_fees(writable).await?.into_iter().map(|fee| fee.prioritization_fee).collect();
    fees.sort_unstable();
    let place = fees.len().saturating_sub(1) * usize::from(percentile.min(100)) / 100;
    Ok(fees.get(place).copied().unwrap_or(0).min(cap_micro_lamports))
}
