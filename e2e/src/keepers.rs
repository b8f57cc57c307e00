//! Owns the keepers of the run: their accounts, their configuration, their processes, and what their metrics say.

use crate::process::{free_port, Process};
use crate::tools::{Cli, KeyFile, Tools};
use anchor_lang::prelude::Pubkey;
use anyhow::{Context, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest wait for a keeper to start, and to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Cash of a keeper's account.
const CAPITAL: &str = "400000";

/// A keeper that can be started, killed and started again.
pub struct Keeper {
    /// Its key.
    pub key: KeyFile,
    name: String,
    port: u16,
    process: Option<Process>,
    starts: usize,
}

/// Where keepers connect to.
pub struct Line {
    /// Port of JSON-RPC.
    pub rpc_port: u16,
    /// Port of the WebSocket.
    pub ws_port: u16,
    /// The exchange that is kept there.
    pub exchange: Pubkey,
}

impl Keeper {
    /// Gives a keeper money and a margin account, and writes its configuration.
    pub async fn prepare(
        tools: &Tools,
        folder: &Path,
        (index, count): (usize, usize),
        (bank, url, mint): (&Cli, &str, &str),
        line: &Line,
    ) -> Result<Self> {
        let name = format!("keeper-{index}");
        let key = KeyFile::create(folder, &name)?;
        let address = solana_signer::Signer::pubkey(&key.key).to_string();
        bank.run(&["dev", "airdrop", &address, "10"]).await?;
        bank.run(&["dev", "mint", mint, &address, CAPITAL]).await?;
        let own = Cli::new(tools, url, &key.path).at(line.exchange);
        own.run(&["account", "open"]).await?;
        own.run(&["account", "deposit", CAPITAL]).await?;
        let port = free_port()?;
        let Line { rpc_port, ws_port, exchange } = line;
        let keypair = key.path.display();
        let text = format!(
            "rpc_url = \"http://127.0.0.1:{rpc_port}\"\nws_url = \"ws://127.0.0.1:{ws_port}\"\nkeypair = \"{keypair}\"\nexchange = \"{exchange}\"\n\
             listen = \"127.0.0.1:{port}\"\npoll_ms = 200\nreconcile_s = 20\nunhealthy_after_s = 5\n\
             [price]\nrefresh_after_s = 3\n[money]\nduty_lamports_per_hour = 1000000000\n\
             [inventory]\nmax_notional_atoms = 300000000000\n\
             [partition]\nindex = {index}\ncount = {count}\ntakeover_ms = 1000\njitter_ms = 50\n"
        );
        std::fs::write(folder.join(format!("{name}.toml")), text)?;
        Ok(Self { key, name, port, process: None, starts: 0 })
    }

    /// Starts it and waits until it says so.
    pub async fn start(&mut self, tools: &Tools, folder: &Path) -> Result<()> {
        self.starts += 1;
        let mut command = tools.command("breakwater-keeper");
        command.arg("--config").arg(folder.join(format!("{}.toml", self.name)));
        let mut process = Process::start(&format!("{}-{}", self.name, self.starts), folder, &mut command)?;
        process.wait_for_line("started", PATIENCE).await?;
        self.process = Some(process);
        Ok(())
    }

    /// Ends it as a loss of power would.
    pub async fn kill(&mut self) -> Result<()> {
        let mut process = self.process.take().context("it runs")?;
        process.kill().await
    }

    /// Asks it to end, and expects success. Returns how long it took.
    pub async fn terminate(&mut self) -> Result<Duration> {
        self.process.take().context("it runs")?.terminate(PATIENCE).await
    }

    /// Fails if it has ended.
    pub fn assert_running(&mut self) -> Result<()> {
        self.process.as_mut().context("it runs")?.assert_running()
    }

    /// HTTP status of `/healthz`.
    pub async fn health(&self) -> Result<u16> {
        Ok(reqwest::get(format!("http://127.0.0.1:{}/healthz", self.port)).await?.status().as_u16())
    }

    /// Waits for a health status.
    pub async fn wait_for_health(&self, status: u16) -> Result<Duration> {
        let started = Instant::now();
        while self.health().await? != status {
            anyhow::ensure!(started.elapsed() < PATIENCE, "{} did not come to health {status}", self.name);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(started.elapsed())
    }

    /// Its metrics: the value of a line that begins so. 0 where there is none.
    pub async fn metric(&self, line: &str) -> Result<i64> {
        Ok(self.figure(line).await?.parse()?)
    }

    /// Mean of a histogram of seconds, milliseconds.
    pub async fn mean_ms(&self, name: &str) -> Result<f64> {
        let sum: f64 = self.figure(&format!("{name}_sum")).await?.parse()?;
        let count: f64 = self.figure(&format!("{name}_count")).await?.parse()?;
        Ok(if count > 0.0 { sum / count * 1e3 } else { 0.0 })
    }

    async fn figure(&self, line: &str) -> Result<String> {
        let text = reqwest::get(format!("http://127.0.0.1:{}/metrics", self.port)).await?.text().await?;
        let name = format!("breakwater_keeper_{line} ");
        Ok(text.lines().find_map(|line| line.strip_prefix(&name)).unwrap_or("0").to_owned())
    }

    /// All acts that its log tells of as landed, by kind, over all its starts.
    pub fn landed(&self, folder: &Path, kind: &str) -> usize {
        let logs = (1..=self.starts).map(|start| folder.join(format!("{}-{start}.log", self.name)));
        let text: String = logs.filter_map(|log| std::fs::read_to_string(log).ok()).collect();
        let kind = format!("kind=\"{kind}\"");
        text.lines().filter(|line| line.contains("landed") && line.contains(&kind)).count()
    }
}
