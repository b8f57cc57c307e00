//! The binary `breakwater-keeper`.

use anyhow::{Context, Result};
use breakwater_keeper::config::{Config, LogFormat};
use breakwater_keeper::hedge::HoldWithinLimits;
use breakwater_keeper::{run, table};
use breakwater_sdk::rpc::read_keypair;
use clap::{Parser, Subcommand};
use solana_signer::Signer;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

/// Keeps a Breakwater exchange: refreshes prices, closes failing positions, and everything in between that its rules let
/// anybody do.
#[derive(Parser)]
#[command(name = "breakwater-keeper", version)]
struct Cli {
    /// Configuration file.
    #[arg(short, long, value_name = "FILE")]
    config: PathBuf,
    /// Plan and simulate, send nothing, whatever the configuration says.
    #[arg(long)]
    dry_run: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What else can be done.
#[derive(Subcommand)]
enum Command {
    /// Check the configuration and its keypair, and print it with every default.
    Check,
    /// Create an address lookup table of what this keeper's transactions have in common, and print its address.
    CreateTable,
}

#[tokio::main]
async fn main() -> ExitCode {
    match start(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn start(cli: Cli) -> Result<()> {
    let mut config = Config::read(&cli.config)?;
    config.dry_run |= cli.dry_run;
    match cli.command {
        Some(Command::Check) => {
            let key = read_keypair(&config.keypair)?;
            println!("# signs as {}\n{}", key.pubkey(), config.shown()?);
            Ok(())
        }
        Some(Command::CreateTable) => {
            println!("{}", table::create(&config).await?);
            Ok(())
        }
        None => {
            log(config.log);
            let hedge = HoldWithinLimits { max_notional_atoms: config.inventory.max_notional_atoms };
            run::run(config, Box::new(hedge), shutdown()?).await
        }
    }
}

/// Logs to stderr; `info` unless `RUST_LOG` says otherwise.
fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(false).init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// Ends when the process is asked to.
fn shutdown() -> Result<impl std::future::Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
