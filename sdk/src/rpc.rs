//! An exchange over JSON-RPC: reading it whole and sending transactions to it. Feature `rpc`.
//!
//! - [`read`]: the exchange with its markets, pools and clock, as of one slot; margin accounts.
//! - [`send`]: simulate, set compute units and price, sign, send, confirm.

pub mod read;
pub mod send;

use solana_rpc_client::nonblocking::rpc_client::RpcClient;

/// Reading functions, by what they read.
pub mod fetch {
    pub use super::read::{exchange, margin_account, margin_accounts};
}

/// A connection that answers from blocks confirmed by the cluster.
pub fn connect(url: String) -> RpcClient {
    RpcClient::new_with_commitment(url, solana_commitment_config::CommitmentConfig::confirmed())
}
