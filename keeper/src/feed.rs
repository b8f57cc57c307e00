//! Brings what changes on chain: a subscription to the exchange's margin accounts and to the price accounts, taken up again
//! whenever it breaks. What it misses meanwhile, a full reading finds.

use crate::metrics::Metrics;
use anchor_lang::prelude::Pubkey;
use anyhow::{Context, Result};
use breakwater::MarginAccount;
use breakwater_sdk::rpc::read::margin_account_filters;
use breakwater_sdk::view;
use futures_util::stream::select_all;
use futures_util::StreamExt;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_commitment_config::CommitmentConfig;
use solana_pubsub_client::nonblocking::pubsub_client::PubsubClient;
use solana_rpc_client_api::config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Wait before a broken subscription is taken up again; doubled each time up to the second figure.
const RETRY: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(10);

/// What the subscription brings.
pub enum News {
    /// A margin account as of a slot.
    Account(Pubkey, Box<MarginAccount>, u64),
    /// A price account has changed.
    Price,
    /// The subscription stands again: what happened before it is not known.
    Connected,
}

/// What to subscribe to.
pub struct Feed {
    /// WebSocket of the cluster.
    pub url: String,
    /// The exchange.
    pub exchange: Pubkey,
    /// Price accounts.
    pub prices: Vec<Pubkey>,
    /// Counts connections.
    pub metrics: Arc<Metrics>,
}

impl Feed {
    /// Runs until nobody listens any more.
    pub async fn run(self, news: mpsc::Sender<News>) {
        let mut wait = RETRY;
        while !news.is_closed() {
            match self.listen(&news).await {
                Ok(()) => wait = RETRY,
                Err(error) => {
                    tracing::warn!(error = %crate::run::without_urls(&error), "the subscription is broken");
                    wait = (wait * 2).min(RETRY_MAX);
                }
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Subscribes and passes on until the connection ends.
    async fn listen(&self, news: &mpsc::Sender<News>) -> Result<()> {
        let client = PubsubClient::new(&self.url).await.context("WebSocket")?;
        let account_config = RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(CommitmentConfig::confirmed()),
            ..Default::default()
        };
        let config = RpcProgramAccountsConfig {
            filters: Some(margin_account_filters(self.exchange)),
            account_config: account_config.clone(),
            ..Default::default()
        };
        let (accounts, _unsubscribe) = client.program_subscribe(&breakwater::ID, Some(config)).await?;
        let accounts = accounts.filter_map(|update| async move {
            let key = update.value.pubkey.parse().ok()?;
            let account = view::margin_account(&update.value.account.data.decode()?).ok()?;
            Some(News::Account(key, Box::new(account), update.context.slot))
        });
        let mut streams = vec![accounts.boxed()];
        for key in &self.prices {
            let (updates, _unsubscribe) = client.account_subscribe(key, Some(account_config.clone())).await?;
            streams.push(updates.map(|_| News::Price).boxed());
        }
        self.metrics.subscriptions.inc();
        news.send(News::Connected).await?;
        let mut all = select_all(streams);
        while let Some(update) = all.next().await {
            if news.send(update).await.is_err() {
                return Ok(());
            }
        }
        anyhow::bail!("the node closed it")
    }
}
