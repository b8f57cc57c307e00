//! Owns the chain: Surfpool's in-memory bank behind the JSON-RPC and WebSocket interface of a validator.
//!
//! Time: a block comes every `400 ms / speed` of the wall clock, and each block moves the chain's own clock by 400 ms. So
//! slots and the chain's seconds keep the proportion of mainnet at every speed.

use anyhow::{anyhow, bail, Context, Result};
use crossbeam_channel::{unbounded, Receiver, RecvTimeoutError, Sender};
use solana_pubkey::Pubkey;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use surfpool_core::runloops::start_local_surfnet_runloop;
use surfpool_core::surfnet::locker::SurfnetSvmLocker;
use surfpool_core::surfnet::svm::{SurfnetSvm, SurfnetSvmConfig};
use surfpool_types::types::{BlockProductionMode, RpcConfig, SimnetConfig};
use surfpool_types::{SimnetCommand, SimnetEvent, SurfpoolConfig};

/// Milliseconds of a slot on the chain's clock.
const SLOT_MS: u64 = 400;
/// The chain must accept requests within this time.
const READY_LIMIT: Duration = Duration::from_secs(20);
/// How long the end may take.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// What to start.
pub struct Settings {
    /// Address to listen at.
    pub host: String,
    /// Port of JSON-RPC.
    pub rpc_port: u16,
    /// Port of the WebSocket.
    pub ws_port: u16,
    /// The chain's seconds per second of the wall clock, 1 to 100.
    pub speed: u64,
    /// Programs to load before the first block.
    pub programs: Vec<(Pubkey, PathBuf)>,
    /// Lamports to give before the first block.
    pub airdrops: Vec<(Pubkey, u64)>,
}

/// A running chain.
pub struct Chain {
    commands: Sender<SimnetCommand>,
    thread: JoinHandle<Result<(), String>>,
    events: Receiver<SimnetEvent>,
}

impl Chain {
    /// Starts a chain and waits until it accepts requests. Errors: a port is taken, a program cannot be read.
    pub fn start(settings: &Settings) -> Result<Self> {
        for port in [settings.rpc_port, settings.ws_port] {
            TcpListener::bind((settings.host.as_str(), port))
                .with_context(|| format!("cannot listen at {}:{port}", settings.host))?;
        }
        let svm_config =
            SurfnetSvmConfig { slot_time: SLOT_MS, instruction_profiling_enabled: false, ..Default::default() };
        let (svm, events, geyser_events) = SurfnetSvm::new(svm_config).map_err(|error| anyhow!("{error}"))?;
        let locker = SurfnetSvmLocker::new(svm);
        let (commands, commands_rx) = unbounded();
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(runtime.spawn(prepare(
            locker.clone(),
            load(&settings.programs)?,
            settings.airdrops.clone(),
        )))??;
        let config = config(settings);
        let stop = commands.clone();
        let thread = std::thread::Builder::new().name("chain".to_owned()).spawn(move || {
            let run = start_local_surfnet_runloop(locker, config, commands, commands_rx, geyser_events);
            runtime.block_on(run).map_err(|error| error.to_string())
        })?;
        let chain = Self { commands: stop, thread, events };
        chain.wait_until_ready(settings)?;
        Ok(chain)
    }

    fn wait_until_ready(&self, settings: &Settings) -> Result<()> {
        let deadline = Instant::now() + READY_LIMIT;
        let accepts = |port| TcpStream::connect((settings.host.as_str(), port)).is_ok();
        while Instant::now() < deadline {
            if self.thread.is_finished() {
                bail!("the chain ended while it started");
            }
            if accepts(settings.rpc_port) && accepts(settings.ws_port) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the chain did not accept requests within {READY_LIMIT:?}")
    }

    /// Runs until `stop` receives. Errors: the chain ended by itself.
    pub fn run(self, stop: &Receiver<()>) -> Result<()> {
        loop {
            // Events are only there to be drained.
            while self.events.try_recv().is_ok() {}
            match stop.recv_timeout(Duration::from_millis(100)) {
                Ok(()) => return self.end(),
                Err(RecvTimeoutError::Disconnected) => return self.end(),
                Err(RecvTimeoutError::Timeout) if self.thread.is_finished() => {
                    let outcome = self.thread.join().map_err(|_| anyhow!("the chain panicked"))?;
                    return outcome.map_err(|error| anyhow!("the chain ended: {error}"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn end(self) -> Result<()> {
        // A closed channel means that the chain has ended already.
        let _ = self.commands.send(SimnetCommand::Terminate(None));
        let deadline = Instant::now() + STOP_LIMIT;
        while !self.thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

/// Reads the programs' files.
fn load(programs: &[(Pubkey, PathBuf)]) -> Result<Vec<(Pubkey, Vec<u8>)>> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    programs.iter().map(|(address, path)| Ok((*address, read(path)?))).collect()
}

/// Puts programs and lamports in place.
async fn prepare(
    locker: SurfnetSvmLocker,
    programs: Vec<(Pubkey, Vec<u8>)>,
    airdrops: Vec<(Pubkey, u64)>,
) -> Result<()> {
    for (address, binary) in programs {
        locker.write_program(address, None, 0, &binary, &None).await.map_err(|error| anyhow!("{address}: {error}"))?;
    }
    for (address, lamports) in airdrops {
        locker.airdrop_pubkeys(lamports, &[address]);
    }
    Ok(())
}

fn config(settings: &Settings) -> SurfpoolConfig {
    SurfpoolConfig {
        simnets: vec![SimnetConfig {
            offline_mode: true,
            remote_rpc_url: None,
            slot_time: SLOT_MS / settings.speed,
            block_production_mode: BlockProductionMode::Clock,
            instruction_profiling_enabled: false,
            ..Default::default()
        }],
        rpc: RpcConfig {
            bind_host: settings.host.clone(),
            bind_port: settings.rpc_port,
            ws_port: settings.ws_port,
            ..Default::default()
        },
        ..Default::default()
    }
}
