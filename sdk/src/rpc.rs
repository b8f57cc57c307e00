//! An exchange over JSON-RPC: reading it whole and sending transactions to it. Feature `rpc`.
//!
//! - [`read`]: the exchange with its markets, pools and clock, as of one slot; margin accounts.
//! - [`send`]: simulate, set compute units and price, sign, send, confirm.

pub mod read;
pub mod send;

use solana_keypair::{read_keypair_file, Keypair};
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use std::path::{Path, PathBuf};

/// Reading functions, by what they read.
pub mod fetch {
    pub use super::read::{exchange, margin_account, margin_accounts};
}

/// A connection that answers from blocks confirmed by the cluster.
pub fn connect(url: String) -> RpcClient {
    RpcClient::new_with_commitment(url, solana_commitment_config::CommitmentConfig::confirmed())
}

/// Why a keypair file gives no key. Its sentence never shows what the file holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeypairError {
    /// There is no such file.
    #[error("there is no keypair file {}", .0.display())]
    Missing(PathBuf),
    /// The file is none.
    #[error("{} holds no keypair", .0.display())]
    Unreadable(PathBuf),
}

/// Reads a keypair file as `solana-keygen` writes it. Errors: `KeypairError`.
pub fn read_keypair(path: &Path) -> Result<Keypair, KeypairError> {
    if !path.exists() {
        return Err(KeypairError::Missing(path.to_owned()));
    }
    read_keypair_file(path).map_err(|_| KeypairError::Unreadable(path.to_owned()))
}
