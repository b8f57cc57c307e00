//! Owns the configuration: a TOML file in which everything has a default but the keypair and the exchange. `keeper/keeper.toml` shows all of
//! it.

use anchor_lang::prelude::Pubkey;
use anyhow::{anyhow, ensure, Context, Result};
use breakwater_risk::depth::SILENCE_MAX_S;
use serde::{Deserialize, Serialize, Serializer};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a keeper is told.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// JSON-RPC of the cluster. May hold a secret: it is never logged whole.
    pub rpc_url: String,
    /// WebSocket of the cluster; empty = that of `rpc_url`, by Solana's convention (port + 1, or the same without a port).
    pub ws_url: String,
    /// File of the keypair that pays, signs and operates the keeper's margin accounts.
    pub keypair: PathBuf,
    /// Address of the exchange.
    #[serde(deserialize_with = "address", serialize_with = "text")]
    pub exchange: Pubkey,
    /// Plan and simulate, send nothing.
    pub dry_run: bool,
    /// Format of the log on stderr; what is logged is chosen by the variable `RUST_LOG`.
    pub log: LogFormat,
    /// Address that serves `/metrics` and `/healthz`.
    pub listen: SocketAddr,
    /// Milliseconds between two readings of the exchange; a price or an account that is pushed wakes the keeper earlier.
    pub poll_ms: u64,
    /// Seconds between two readings of all margin accounts, beside the subscription.
    pub reconcile_s: u64,
    /// Seconds without a reading of the chain after which `/healthz` says so.
    pub unhealthy_after_s: u64,
    /// Transactions under way at a time.
    pub max_in_flight: usize,
    /// Address lookup tables that transactions may use.
    #[serde(deserialize_with = "addresses", serialize_with = "texts")]
    pub lookup_tables: Vec<Pubkey>,
    /// Where prices come from.
    pub price: Price,
    /// What may be paid and what must be earned.
    pub money: Money,
    /// What may be held.
    pub inventory: Inventory,
    /// Which part of the accounts is this keeper's first.
    pub partition: Partition,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// An object per line.
    Json,
}

/// Where prices come from.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Price {
    /// `accounts`: price accounts that others keep current. `hermes`: updates from a Hermes server, posted through Pyth's
    /// receiver in the same transaction as the act.
    pub source: Source,
    /// Shard of Pyth's push oracle whose accounts are read; 0 holds the sponsored feeds.
    pub shard: u16,
    /// Hermes server.
    pub hermes_url: String,
    /// Environment variable with the key of the Hermes server; unset or empty = no key.
    pub hermes_key_variable: String,
    /// Milliseconds between two questions to Hermes.
    pub hermes_poll_ms: u64,
    /// Seconds after which a market gets a newer price even where nothing else is to do: below the 5 s of silence after which a market's
    /// depth counts as its least (K-4).
    pub refresh_after_s: u64,
}

/// Kinds of sources.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Accounts on chain.
    Accounts,
    /// A Hermes server.
    Hermes,
}

/// What may be paid and what must be earned.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Money {
    /// Least gain of an act beyond its fee, quote atoms.
    pub min_profit_atoms: u64,
    /// What a SOL is worth, quote atoms: weighs fees against gains.
    pub sol_price_atoms: u64,
    /// Most lamports an hour for acts that do not pay their fee: refreshing, flagging, absorbing, deleveraging, resolving …
    pub duty_lamports_per_hour: u64,
    /// Percentile of the recent prices of a compute unit that is paid.
    pub priority_percentile: u8,
    /// Most paid for a compute unit, micro-lamports.
    pub max_price_micro_lamports: u64,
    /// Least part of a matured claim that must be paid for a conversion, ppm.
    pub least_conversion_ppm: u32,
}

/// What may be held.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Inventory {
    /// Most notional held in a market over all of the keeper's accounts, quote atoms.
    pub max_notional_atoms: u64,
}

/// Which accounts are this keeper's first. Keepers of one operator share `count` and have an `index` each.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Partition {
    /// This keeper's place, 0 … count − 1.
    pub index: u32,
    /// Number of keepers.
    pub count: u32,
    /// Milliseconds after which this keeper does what another one should have done.
    pub takeover_ms: u64,
    /// Longest random delay before an act, milliseconds.
    pub jitter_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rpc_url: "http://127.0.0.1:8899".to_owned(),
            ws_url: String::new(),
            keypair: PathBuf::new(),
            exchange: Pubkey::default(),
            dry_run: false,
            log: LogFormat::Text,
            listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
            poll_ms: 400,
            reconcile_s: 60,
            unhealthy_after_s: 30,
            max_in_flight: 16,
            lookup_tables: Vec::new(),
            price: Price::default(),
            money: Money::default(),
            inventory: Inventory::default(),
            partition: Partition::default(),
        }
    }
}

impl Default for Price {
    fn default() -> Self {
        Self {
            source: Source::Accounts,
            shard: 0,
            hermes_url: "https://hermes.pyth.network".to_owned(),
            hermes_key_variable: "HERMES_API_KEY".to_owned(),
            hermes_poll_ms: 1_000,
            refresh_after_s: 2,
        }
    }
}

impl Default for Money {
    fn default() -> Self {
        Self {
            min_profit_atoms: 0,
            sol_price_atoms: 200_000_000,
            duty_lamports_per_hour: 20_000_000,
            priority_percentile: 75,
            max_price_micro_lamports: 100_000,
            least_conversion_ppm: 1_000_000,
        }
    }
}

impl Default for Inventory {
    fn default() -> Self {
        Self { max_notional_atoms: 10_000_000_000 }
    }
}

impl Default for Partition {
    fn default() -> Self {
        Self { index: 0, count: 1, takeover_ms: 3_000, jitter_ms: 100 }
    }
}

fn address<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Pubkey, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("{text} is no address")))
}

fn text<S: Serializer>(address: &Pubkey, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&address.to_string())
}

fn addresses<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Pubkey>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    let address = |text: &String| text.parse().map_err(|_| serde::de::Error::custom(format!("{text} is no address")));
    texts.iter().map(address).collect()
}

fn texts<S: Serializer>(addresses: &[Pubkey], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(addresses.iter().map(Pubkey::to_string))
}

impl Config {
    /// Reads a file. Errors: it cannot be read, a name or a value in it is none, or contradicts another.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let config: Self = toml::from_str(&text).map_err(|error| {
            // Without the line itself, which may hold a key.
            let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
            anyhow!("{}, line {line}: {}", path.display(), error.message())
        })?;
        config.check().with_context(|| format!("{} is no configuration", path.display()))?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let is_http = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        let is_ws = |url: &str| url.starts_with("ws://") || url.starts_with("wss://");
        ensure!(is_http(&self.rpc_url), "rpc_url must begin with http:// or https://");
        ensure!(self.ws_url.is_empty() || is_ws(&self.ws_url), "ws_url must begin with ws:// or wss://");
        ensure!(is_http(&self.price.hermes_url), "price.hermes_url must begin with http:// or https://");
        ensure!(self.keypair != PathBuf::new(), "keypair is missing: the file of the keypair that signs");
        ensure!(self.exchange != Pubkey::default(), "exchange is missing: the address of the exchange");
        ensure!(self.poll_ms > 0 && self.price.hermes_poll_ms > 0, "poll_ms and price.hermes_poll_ms must be above 0");
        ensure!(
            self.reconcile_s > 0 && self.unhealthy_after_s > 0,
            "reconcile_s and unhealthy_after_s must be above 0"
        );
        ensure!(
            self.price.refresh_after_s < SILENCE_MAX_S,
            "price.refresh_after_s must be below {SILENCE_MAX_S}: a longer silence of the feed takes a market's depth to its least"
        );
        ensure!(self.max_in_flight > 0, "max_in_flight must be above 0");
        ensure!(self.money.priority_percentile <= 100, "money.priority_percentile must be 0 to 100");
        ensure!(self.money.sol_price_atoms > 0, "money.sol_price_atoms must be above 0");
        ensure!(self.money.least_conversion_ppm <= 1_000_000, "money.least_conversion_ppm must be 0 to 1000000");
        let partition = &self.partition;
        ensure!(partition.index < partition.count, "partition.index must be below partition.count");
        Ok(())
    }

    /// The configuration as a file with every default, of URLs only what may be shown.
    pub fn shown(&self) -> Result<String> {
        let mut shown = self.clone();
        for url in [&mut shown.rpc_url, &mut shown.ws_url, &mut shown.price.hermes_url] {
            if !url.is_empty() {
                *url = public_part(url);
            }
        }
        Ok(toml::to_string(&shown)?)
    }

    /// URL of the WebSocket.
    pub fn ws_url(&self) -> String {
        if !self.ws_url.is_empty() {
            return self.ws_url.clone();
        }
        let url = self.rpc_url.replacen("http", "ws", 1);
        let (scheme, rest) = url.split_once("://").unwrap_or(("ws", &url));
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
        let with_port = authority.rsplit_once(':').and_then(|(host, port)| {
            let port: u16 = port.parse().ok()?;
            Some(format!("{host}:{}", port.checked_add(1)?))
        });
        format!("{scheme}://{}/{path}", with_port.as_deref().unwrap_or(authority))
    }

    /// Time between two readings.
    pub fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }
}

/// A URL as it may be logged: without user, path and query, any of which may hold a key.
pub fn public_part(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file that people copy says what the defaults are.
    #[test]
    fn the_example_holds_every_default() {
        let mut example: Config = toml::from_str(include_str!("../keeper.toml")).unwrap();
        assert_eq!(example.keypair, PathBuf::from("keeper.json"));
        example.keypair = PathBuf::new();
        assert_eq!(example, Config::default());
        let names = include_str!("../keeper.toml")
            .lines()
            .filter(|line| !line.starts_with('#') && line.contains(" = "))
            .count();
        assert_eq!(names, 29, "every name stands in the example");
    }

    #[test]
    fn what_is_not_known_or_contradicts_is_refused_by_name() {
        let folder = std::env::temp_dir().join(format!("breakwater-keeper-{}.toml", std::process::id()));
        for (text, reason) in [
            ("keypair = 'k'\nrpc = 'http://x'", "unknown field `rpc`"),
            ("keypair = 'k'\nexchange = 0", "invalid type"),
            ("keypair = 'k'\nexchange = 'x'", "x is no address"),
            ("keypair = 'k'", "exchange is missing"),
            ("keypair = 'k'\nrpc_url = 'x'", "rpc_url must begin"),
            ("rpc_url = 'http://x'", "keypair is missing"),
            (
                &format!(
                    "keypair = 'k'\nexchange = '{}'\n[partition]\nindex = 2\ncount = 2",
                    Pubkey::new_from_array([7; 32])
                ),
                "partition.index must be below",
            ),
            ("keypair = 'k'\nlookup_tables = ['x']", "x is no address"),
            (
                &format!(
                    "keypair = 'k'\nexchange = '{}'\n[price]\nrefresh_after_s = 5",
                    Pubkey::new_from_array([7; 32])
                ),
                "refresh_after_s must be below 5",
            ),
        ] {
            std::fs::write(&folder, text).unwrap();
            let error = format!("{:#}", Config::read(&folder).unwrap_err());
            assert!(error.contains(reason), "{error}");
        }
        std::fs::remove_file(folder).unwrap();
    }

    #[test]
    fn what_is_shown_can_be_read_again_and_holds_no_secret() {
        let key = Pubkey::new_from_array([7; 32]);
        let text = format!(
            "keypair = 'k'\nrpc_url = 'https://a.example/secret'\nws_url = 'wss://secret@b.example'\nlookup_tables = ['{key}']
            [price]\nhermes_url = 'https://c.example?key=secret'"
        );
        let config: Config = toml::from_str(&text).unwrap();
        let shown = config.shown().unwrap();
        assert!(!shown.contains("secret"), "{shown}");
        let again: Config = toml::from_str(&shown).unwrap();
        assert_eq!(again.lookup_tables, [key]);
        assert_eq!((again.rpc_url.as_str(), again.ws_url.as_str()), ("https://a.example", "wss://b.example"));
        assert_eq!(again.money, config.money);
    }

    #[test]
    fn the_websocket_is_the_one_of_the_conventions() {
        let of = |rpc_url: &str| Config { rpc_url: rpc_url.to_owned(), ..Config::default() }.ws_url();
        assert_eq!(of("http://127.0.0.1:8899"), "ws://127.0.0.1:8900/");
        assert_eq!(of("https://node.example/key"), "wss://node.example/key");
    }

    #[test]
    fn a_logged_url_holds_no_secret() {
        assert_eq!(public_part("https://user:key@node.example:1/key?api-key=x"), "https://node.example:1");
    }
}
