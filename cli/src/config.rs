//! Owns where a command is sent and who signs it: options first, then the file that `solana config` writes.

use anchor_lang::prelude::Pubkey;
use anyhow::{Context, Result};
use clap::Args;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Options of every command.
#[derive(Args, Debug)]
pub struct Options {
    /// JSON-RPC of the cluster, or one of: localhost, devnet, testnet, mainnet-beta. Default: Solana's configuration.
    #[arg(short, long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Keypair file that pays and signs. Default: Solana's configuration.
    #[arg(short, long, global = true, value_name = "FILE")]
    pub keypair: Option<PathBuf>,
    /// Solana's configuration file. Default: ~/.config/solana/cli/config.yml.
    #[arg(short = 'C', long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The exchange: its address, or the id of one that the signer created.
    #[arg(short, long, global = true, default_value = "0", value_name = "ADDRESS|ID")]
    pub exchange: ExchangeName,
    /// Print JSON instead of tables.
    #[arg(long, global = true)]
    pub json: bool,
    /// Simulate, and send nothing.
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Price of a compute unit, micro-lamports.
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    pub priority_fee: u64,
}

/// How an exchange is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeName {
    /// By its address.
    Address(Pubkey),
    /// By its number among the exchanges that the signer created.
    Own(u16),
}

impl FromStr for ExchangeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let own = text.parse().map(Self::Own);
        own.or_else(|_| text.parse().map(Self::Address)).map_err(|_| {
            "an exchange is named by its address, or by the id, 0 to 65535, of one that the signer created".to_owned()
        })
    }
}

/// What this program reads of Solana's configuration file.
#[derive(Default, Deserialize)]
struct SolanaConfig {
    json_rpc_url: Option<String>,
    keypair_path: Option<PathBuf>,
}

/// Where to and who.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// URL of the node.
    pub url: String,
    /// File of the keypair.
    pub keypair: PathBuf,
}

impl Options {
    /// What the options and the configuration file say. Errors: a file that was named or is there cannot be read.
    pub fn target(&self) -> Result<Target> {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        let usual = home.join(".config/solana/cli/config.yml");
        let configured = match &self.config {
            Some(path) => read(path)?,
            None if usual.exists() => read(&usual)?,
            None => SolanaConfig::default(),
        };
        let url = self.url.clone().or(configured.json_rpc_url).unwrap_or_else(|| "localhost".to_owned());
        let keypair = self.keypair.clone().or(configured.keypair_path);
        Ok(Target { url: full_url(&url), keypair: keypair.unwrap_or_else(|| home.join(".config/solana/id.json")) })
    }
}

fn read(path: &Path) -> Result<SolanaConfig> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_yaml::from_str(&text).with_context(|| format!("{} is no Solana configuration", path.display()))
}

/// Solana's names for its clusters.
fn full_url(name: &str) -> String {
    match name {
        "l" | "localhost" | "localnet" => "http://127.0.0.1:8899".to_owned(),
        "d" | "devnet" => "https://api.devnet.solana.com".to_owned(),
        "t" | "testnet" => "https://api.testnet.solana.com".to_owned(),
        "m" | "mainnet" | "mainnet-beta" => "https://api.mainnet-beta.solana.com".to_owned(),
        url => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(config: PathBuf, url: Option<&str>) -> Options {
        let url = url.map(str::to_owned);
        let exchange = ExchangeName::Own(0);
        Options { url, keypair: None, config: Some(config), exchange, json: false, dry_run: false, priority_fee: 0 }
    }

    #[test]
    fn an_option_goes_before_the_configuration_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.yml");
        std::fs::write(&file, "json_rpc_url: http://node:1\nkeypair_path: /k.json\nwebsocket_url: ''\n").unwrap();
        let configured = options(file.clone(), None).target().unwrap();
        assert_eq!(configured, Target { url: "http://node:1".to_owned(), keypair: "/k.json".into() });
        let chosen = options(file, Some("devnet")).target().unwrap();
        assert_eq!(chosen.url, "https://api.devnet.solana.com");
    }

    #[test]
    fn an_exchange_is_named_by_its_address_or_by_an_id_of_the_signer() {
        let key = Pubkey::new_from_array([3; 32]);
        assert_eq!(key.to_string().parse(), Ok(ExchangeName::Address(key)));
        assert_eq!("65535".parse(), Ok(ExchangeName::Own(65_535)));
        for text in ["65536", "-1", "", "sol"] {
            assert!(text.parse::<ExchangeName>().unwrap_err().starts_with("an exchange is named by"), "{text}");
        }
    }

    #[test]
    fn a_configuration_file_that_was_named_must_be_there() {
        let error = options("/nowhere/config.yml".into(), None).target().unwrap_err();
        assert!(error.to_string().contains("cannot read /nowhere/config.yml"), "{error}");
    }
}
