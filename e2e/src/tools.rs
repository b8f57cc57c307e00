//! Owns the programs that the run uses, and how the CLI is called.

use crate::process::{outcome, run};
use anchor_lang::prelude::Pubkey;
use anyhow::{ensure, Context, Result};
use clap::Args;
use solana_keypair::{write_keypair_file, Keypair};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Where the programs are.
#[derive(Args, Clone, Debug)]
pub struct Tools {
    /// Folder of `breakwater`, `breakwater-keeper` and `breakwater-sim`.
    #[arg(long, default_value = "target/debug")]
    pub binaries: PathBuf,
    /// The local chain.
    #[arg(long, default_value = "localnet/target/debug/breakwater-localnet")]
    pub localnet: PathBuf,
    /// Folder of the on-chain binaries.
    #[arg(long, default_value = "target/deploy")]
    pub on_chain: PathBuf,
    /// Set the exchange up with the command line alone, without Node.js: leaves out `deploy.ts` and the TypeScript client.
    #[arg(long)]
    pub without_node: bool,
}

impl Tools {
    /// Fails, naming it, where a program is missing.
    pub fn check(&self) -> Result<()> {
        let found = ["breakwater", "breakwater-keeper", "breakwater-sim"].map(|name| self.binaries.join(name));
        let deployed = ["breakwater.so", "breakwater_example_venue.so"].map(|name| self.on_chain.join(name));
        for path in found.iter().chain(&deployed).chain([&self.localnet]) {
            ensure!(path.exists(), "{} is missing; `scripts/e2e` builds it", path.display());
        }
        Ok(())
    }

    /// A script of package.json, against a node, with a key.
    pub fn npm(&self, script: &str, url: &str, keypair: &Path) -> Result<Command> {
        let mut command = Command::new("npm");
        command.args(["run", "--silent", script]).env("ANCHOR_PROVIDER_URL", url).env("BREAKWATER_RPC_URL", url);
        command.env("ANCHOR_WALLET", keypair).env("BREAKWATER_CLI", self.binaries.join("breakwater").canonicalize()?);
        Ok(command)
    }

    /// One of the project's programs.
    pub fn command(&self, name: &str) -> Command {
        Command::new(self.binaries.join(name))
    }
}

/// The CLI with a key, at a node.
#[derive(Clone)]
pub struct Cli {
    tools: Tools,
    url: String,
    keypair: PathBuf,
    exchange: Option<Pubkey>,
}

impl Cli {
    /// Signs with the key of a file.
    pub fn new(tools: &Tools, url: &str, keypair: &Path) -> Self {
        Self { tools: tools.clone(), url: url.to_owned(), keypair: keypair.to_owned(), exchange: None }
    }

    /// At an exchange of another creator than the signer.
    pub fn at(self, exchange: Pubkey) -> Self {
        Self { exchange: Some(exchange), ..self }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.tools.command("breakwater");
        command.args(["--url", &self.url, "--keypair"]).arg(&self.keypair).args(arguments);
        if let Some(exchange) = &self.exchange {
            command.args(["--exchange", &exchange.to_string()]);
        }
        command
    }

    /// Runs it and returns what it printed. Errors: it failed.
    pub async fn run(&self, arguments: &[&str]) -> Result<String> {
        run(&mut self.command(arguments)).await
    }

    /// Runs it, expects a refusal in one sentence that contains `reason`, and returns the sentence.
    pub async fn refusal(&self, arguments: &[&str], reason: &str) -> Result<String> {
        let (status, text) = outcome(&mut self.command(arguments)).await?;
        ensure!(!status.success(), "`breakwater {}` should have failed:\n{text}", arguments.join(" "));
        ensure!(text.contains(reason), "`breakwater {}` should say {reason:?}:\n{text}", arguments.join(" "));
        Ok(text.trim().to_owned())
    }
}

/// A key with its file.
pub struct KeyFile {
    /// The key.
    pub key: Keypair,
    /// Its file.
    pub path: PathBuf,
}

impl KeyFile {
    /// A new key in a folder.
    pub fn create(folder: &Path, name: &str) -> Result<Self> {
        let (key, path) = (Keypair::new(), folder.join(format!("{name}.json")));
        write_keypair_file(&key, &path).ok().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { key, path })
    }
}
