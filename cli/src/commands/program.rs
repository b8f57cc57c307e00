//! `breakwater program`: deploying over JSON-RPC, as `solana program deploy --use-rpc` does, where Anza's tools are not at
//! hand. Interrupted anywhere, it goes on from what the buffer holds.

use crate::context::Context;
use crate::output::{facts, Output};
use anchor_lang::prelude::Pubkey;
use anyhow::{bail, ensure, Context as _, Result};
use breakwater_sdk::rpc::read_keypair;
use breakwater_sdk::rpc::send::Outgoing;
use clap::{Args, Subcommand};
use serde_json::json;
use solana_keypair::{write_keypair_file, Keypair};
use solana_loader_v3_interface::instruction as loader;
use solana_loader_v3_interface::state::UpgradeableLoaderState as State;
use solana_sdk_ids::bpf_loader_upgradeable;
use solana_signer::Signer;
use std::path::PathBuf;
use std::time::Duration;

/// Bytes of the program that one transaction carries.
const CHUNK: usize = 900;
/// Transactions sent before the buffer is read again.
const BATCH: usize = 200;
/// Rounds of sending what is missing.
const ROUNDS: usize = 20;
/// How long a batch is given to land.
const LANDING: Duration = Duration::from_secs(20);
/// Pause between two looks at the buffer.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// What can be done with the program.
#[derive(Subcommand)]
pub enum Command {
    /// Deploy a program, or upgrade it where it is deployed; unchanged bytes change nothing.
    Deploy(Deploy),
    /// Show where the program is, and who may upgrade it.
    Show { address: Option<Pubkey> },
}

/// What is deployed.
#[derive(Args)]
pub struct Deploy {
    /// The on-chain binary.
    binary: PathBuf,
    /// Keypair of the program's address.
    #[arg(long)]
    program_keypair: PathBuf,
    /// Keypair of the buffer. Default: `<binary>.buffer.json`, made if it is not there.
    #[arg(long)]
    buffer_keypair: Option<PathBuf>,
}

/// A program that is there.
struct Deployed {
    data_address: Pubkey,
    authority: Option<Pubkey>,
    slot: u64,
    code: Vec<u8>,
}

impl Command {
    /// Runs it.
    pub async fn run(self, context: &Context) -> Result<Output> {
        match self {
            Self::Deploy(deploy) => deploy.run(context).await,
            Self::Show { address } => show(context, address.unwrap_or(breakwater::ID)).await,
        }
    }
}

async fn show(context: &Context, address: Pubkey) -> Result<Output> {
    let found = deployed(context, &address).await?;
    let Some(found) = found else { bail!("there is no upgradeable program at {address} on {}", context.url) };
    let authority = found.authority.map_or("nobody".to_owned(), |key| key.to_string());
    let json = json!({
        "program": address.to_string(), "data": found.data_address.to_string(), "upgrade_authority": authority,
        "slot": found.slot, "bytes": found.code.len(),
    });
    let text = facts([
        ("program", address.to_string()),
        ("program data", found.data_address.to_string()),
        ("upgrade authority", authority),
        ("deployed in slot", found.slot.to_string()),
        ("bytes", found.code.len().to_string()),
    ]);
    Ok(Output::new(text.to_string(), json))
}

async fn deployed(context: &Context, address: &Pubkey) -> Result<Option<Deployed>> {
    let found = context.accounts(&[*address]).await?.into_iter().flatten().next();
    let Some(account) = found.filter(|account| account.owner == bpf_loader_upgradeable::ID) else { return Ok(None) };
    let Ok(State::Program { programdata_address }) = bincode::deserialize(&account.data) else { return Ok(None) };
    let data = context.accounts(&[programdata_address]).await?.into_iter().flatten().next();
    let data = data.with_context(|| format!("the program at {address} has been closed"))?;
    let Ok(State::ProgramData { slot, upgrade_authority_address }) = bincode::deserialize(&data.data) else {
        bail!("{programdata_address} holds no program")
    };
    let code = data.data.get(State::size_of_programdata_metadata()..).unwrap_or_default().to_vec();
    Ok(Some(Deployed { data_address: programdata_address, authority: upgrade_authority_address, slot, code }))
}

/// Whether a program's code is `binary`, the rest of its account empty.
fn is_same(code: &[u8], binary: &[u8]) -> bool {
    code.starts_with(binary) && code[binary.len()..].iter().all(|byte| *byte == 0)
}

impl Deploy {
    async fn run(self, context: &Context) -> Result<Output> {
        let binary = std::fs::read(&self.binary).with_context(|| format!("cannot read {}", self.binary.display()))?;
        ensure!(binary.starts_with(b"\x7fELF"), "{} is no on-chain binary", self.binary.display());
        let (payer, program) = (context.keypair()?, read_keypair(&self.program_keypair)?);
        let present = deployed(context, &program.pubkey()).await?;
        if let Some(present) = &present {
            if is_same(&present.code, &binary) {
                let text = format!("{} has these bytes already, nothing to do", program.pubkey());
                return Ok(Output::new(text, json!({ "program": program.pubkey().to_string(), "changed": false })));
            }
            ensure!(
                present.authority == Some(payer.pubkey()),
                "{} may not upgrade {}",
                payer.pubkey(),
                program.pubkey()
            );
        }
        let buffer = self.buffer()?;
        require_lamports(context, &payer, binary.len()).await?;
        write_buffer(context, &payer, &buffer, &binary).await?;
        self.finish(context, &payer, &program, &buffer, (&binary, present)).await?;
        if self.buffer_keypair.is_none() {
            // The buffer is gone; a kept key would be taken for one to go on with.
            std::fs::remove_file(self.buffer_path()).context("cannot remove the buffer's keypair")?;
        }
        let text = format!("deployed {} bytes at {}", binary.len(), program.pubkey());
        Ok(Output::new(
            text,
            json!({ "program": program.pubkey().to_string(), "changed": true, "bytes": binary.len() }),
        ))
    }

    fn buffer_path(&self) -> PathBuf {
        self.buffer_keypair.clone().unwrap_or_else(|| self.binary.with_extension("so.buffer.json"))
    }

    /// The buffer's keypair: the one of an interrupted run, or a new one.
    fn buffer(&self) -> Result<Keypair> {
        let path = self.buffer_path();
        if path.exists() {
            return Ok(read_keypair(&path)?);
        }
        let keypair = Keypair::new();
        write_keypair_file(&keypair, &path)
            .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
        Ok(keypair)
    }

    /// Turns the written buffer into the program.
    async fn finish(
        &self,
        context: &Context,
        payer: &Keypair,
        program: &Keypair,
        buffer: &Keypair,
        (binary, present): (&[u8], Option<Deployed>),
    ) -> Result<()> {
        let (owner, address) = (payer.pubkey(), program.pubkey());
        let Some(present) = present else {
            let rent = rent(context, State::size_of_program()).await?;
            #[allow(deprecated)] // the newer loader is not active on clusters yet
            let instructions =
                loader::deploy_with_max_program_len(&owner, &address, &buffer.pubkey(), &owner, rent, binary.len())?;
            context.send("deploy", &instructions, payer, &[program]).await?;
            return Ok(());
        };
        let missing = binary.len().saturating_sub(present.code.len());
        if missing > 0 {
            let extend = loader::extend_program(&address, Some(&owner), u32::try_from(missing)?);
            context.send("extend", &[extend], payer, &[]).await?;
        }
        let upgrade = loader::upgrade(&address, &buffer.pubkey(), &owner, &owner);
        context.send("upgrade", &[upgrade], payer, &[]).await?;
        Ok(())
    }
}

async fn rent(context: &Context, bytes: usize) -> Result<u64> {
    Ok(context.client.get_minimum_balance_for_rent_exemption(bytes).await?)
}

/// The buffer's rent is moved into the program; fees come on top.
async fn require_lamports(context: &Context, payer: &Keypair, bytes: usize) -> Result<()> {
    let needed = rent(context, State::size_of_buffer(bytes)).await? + 5_000 * (bytes / CHUNK + 10) as u64;
    let balance = context.client.get_balance(&payer.pubkey()).await?;
    let sol = |lamports: u64| crate::units::decimal(lamports.into(), 9, 3);
    ensure!(balance >= needed, "{} has {} SOL, {} are needed", payer.pubkey(), sol(balance), sol(needed));
    Ok(())
}

/// Writes what the buffer does not hold yet, until it holds all.
async fn write_buffer(context: &Context, payer: &Keypair, buffer: &Keypair, binary: &[u8]) -> Result<()> {
    let owner = payer.pubkey();
    if context.accounts(&[buffer.pubkey()]).await?.iter().all(Option::is_none) {
        let rent = rent(context, State::size_of_buffer(binary.len())).await?;
        let create = loader::create_buffer(&owner, &buffer.pubkey(), &owner, rent, binary.len())?;
        context.send("create the buffer", &create, payer, &[buffer]).await?;
    }
    for _ in 0..ROUNDS {
        let missing = missing(context, buffer, binary).await?;
        if missing.is_empty() {
            return Ok(());
        }
        let blockhash = context.client.get_latest_blockhash().await?;
        for place in missing.iter().take(BATCH) {
            let part = binary[place * CHUNK..].iter().take(CHUNK).copied().collect();
            let write = loader::write(&buffer.pubkey(), &owner, (place * CHUNK) as u32, part);
            let instructions = [write];
            let outgoing = Outgoing::of(payer, &instructions);
            context.client.send_transaction(&outgoing.sign(blockhash, 10_000)?).await?;
        }
        let deadline = tokio::time::Instant::now() + LANDING;
        let sent = &missing[..missing.len().min(BATCH)];
        while tokio::time::Instant::now() < deadline {
            tokio::time::sleep(LOOK_EVERY).await;
            let still = self::missing(context, buffer, binary).await?;
            if !sent.iter().any(|place| still.contains(place)) {
                break;
            }
        }
    }
    bail!("the buffer {} could not be written; run the command again to go on", buffer.pubkey())
}

/// Chunks that the buffer does not hold yet.
async fn missing(context: &Context, buffer: &Keypair, binary: &[u8]) -> Result<Vec<usize>> {
    let found = context.accounts(&[buffer.pubkey()]).await?.into_iter().flatten().next();
    let account = found.with_context(|| format!("the buffer {} is gone", buffer.pubkey()))?;
    let held = account.data.get(State::size_of_buffer_metadata()..).unwrap_or_default();
    ensure!(held.len() >= binary.len(), "the buffer {} is too small for this binary", buffer.pubkey());
    let chunks = binary.chunks(CHUNK).zip(held.chunks(CHUNK)).enumerate();
    Ok(chunks.filter(|(_, (wanted, held))| !held.starts_with(wanted)).map(|(place, _)| place).collect())
}
