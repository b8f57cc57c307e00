//! Owns a Pyth feed on a running local chain: its account is written whole, through the chain's `surfnet_setAccount`, since
//! nobody can sign for Pyth there. A cluster of validators has no such method: this works on local chains only.

use anyhow::{bail, ensure, Context, Result};
use breakwater_sdk::address;
use breakwater_sdk::rpc;
use pyth_solana_receiver_sdk::price_update::VerificationLevel;
use serde_json::{json, Value};
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::request::RpcRequest;
use std::time::Duration;

use crate::bank::{price_update, PYTH_RECEIVER};
use crate::stage::Stage;
use anchor_lang::prelude::Pubkey;

/// How often the chain's clock is asked while waiting for it. Short, since the chain's time may run a hundred times faster.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Lamports of a price account; ample for its rent.
const LAMPORTS: u64 = 10_000_000;

/// A feed on a chain.
pub struct LiveFeed {
    client: RpcClient,
    feed_id: [u8; 32],
    /// The account that carries it: the one that Pyth's push oracle would write.
    pub account: Pubkey,
}

impl LiveFeed {
    /// Connects. Errors: nobody answers at `url`.
    pub async fn connect(url: &str, feed_id: [u8; 32]) -> Result<Self> {
        let client = rpc::connect(url.to_owned());
        let feed = Self { client, feed_id, account: address::pyth_feed(0, &feed_id) };
        feed.unix_timestamp().await.with_context(|| format!("no chain answers at {url}"))?;
        Ok(feed)
    }

    /// The chain's clock, unix seconds.
    pub async fn unix_timestamp(&self) -> Result<i64> {
        Ok(rpc::read::now(&self.client).await?.unix_timestamp)
    }

    /// Waits until the chain's clock shows `unix_timestamp` or later, and returns what it shows.
    pub async fn wait_until(&self, unix_timestamp: i64) -> Result<i64> {
        loop {
            let now = self.unix_timestamp().await?;
            if now >= unix_timestamp {
                return Ok(now);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Publishes a price (micro-dollars per base token) with its confidence at the chain's time.
    pub async fn publish(&self, price_micro_usd: u64, confidence_ppm: u64) -> Result<()> {
        ensure!(price_micro_usd > 0, "a price is positive");
        let now = rpc::read::now(&self.client).await?;
        let price = Stage::pyth_price(self.feed_id, price_micro_usd, confidence_ppm, now.unix_timestamp);
        let data = price_update(&price, VerificationLevel::Full, now.slot);
        let account = json!({
            "lamports": LAMPORTS,
            "owner": PYTH_RECEIVER.to_string(),
            "data": hex(&data),
            "executable": false,
        });
        let request = RpcRequest::Custom { method: "surfnet_setAccount" };
        let answer: Result<Value, _> = self.client.send(request, json!([self.account.to_string(), account])).await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) => bail!("this chain does not let its accounts be set, it is not a local one: {error}"),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
