//! A local Solana chain in one process: JSON-RPC, WebSocket, a clock that can run faster than the wall's. See README.md.

mod chain;

use anyhow::{Context, Result};
use chain::{Chain, Settings};
use clap::Parser;
use solana_pubkey::Pubkey;
use std::path::PathBuf;

/// Lamports of a SOL.
const LAMPORTS_PER_SOL: u64 = 1_000_000_000;

/// Starts a local chain and runs it until it is interrupted. Prints one line that begins with `ready` when it accepts
/// requests.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Address to listen at.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port of JSON-RPC.
    #[arg(long, default_value_t = 8899)]
    rpc_port: u16,
    /// Port of the WebSocket.
    #[arg(long, default_value_t = 8900)]
    ws_port: u16,
    /// The chain's seconds per second.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    speed: u64,
    /// A program that is there from the first block on.
    #[arg(long = "program", value_name = "ADDRESS=FILE", value_parser = program)]
    programs: Vec<(Pubkey, PathBuf)>,
    /// SOL that an address has from the first block on.
    #[arg(long = "airdrop", value_name = "ADDRESS=SOL", value_parser = airdrop)]
    airdrops: Vec<(Pubkey, u64)>,
}

fn split(text: &str) -> Result<(Pubkey, &str), String> {
    let (address, rest) = text.split_once('=').ok_or("expected ADDRESS=…")?;
    let address = address.parse().map_err(|_| format!("{address} is no address"))?;
    Ok((address, rest))
}

fn program(text: &str) -> Result<(Pubkey, PathBuf), String> {
    split(text).map(|(address, path)| (address, path.into()))
}

fn airdrop(text: &str) -> Result<(Pubkey, u64), String> {
    let (address, sol) = split(text)?;
    let lamports = sol.parse::<u64>().ok().and_then(|sol| sol.checked_mul(LAMPORTS_PER_SOL));
    Ok((address, lamports.ok_or_else(|| format!("{sol} is no whole number of SOL"))?))
}

fn main() -> Result<()> {
    let Arguments { host, rpc_port, ws_port, speed, programs, airdrops } = Arguments::parse();
    let (interrupt, interrupted) = crossbeam_channel::unbounded();
    ctrlc::set_handler(move || {
        // Without a receiver the process is about to end anyway.
        let _ = interrupt.send(());
    })
    .context("cannot listen to signals")?;
    let chain = Chain::start(&Settings { host: host.clone(), rpc_port, ws_port, speed, programs, airdrops })?;
    println!("ready rpc=http://{host}:{rpc_port} ws=ws://{host}:{ws_port} speed={speed}");
    chain.run(&interrupted)?;
    // Surfpool's servers keep threads of their own, which nothing else ends.
    std::process::exit(0)
}
