//! Thin Rust SDK of Breakwater.
//!
//! - [`actions`]: the tier of an account, and what would succeed for it now.
//! - [`address`]: where accounts live.
//! - [`instruction`]: one builder per instruction.
//! - [`ladder`]: what would be forced at which price, and whom to touch.
//! - [`view`]: decoded accounts, and the snapshot of markets that previews read.
//! - [`preview`]: what the program would do now, by running the program's own formulas on the snapshot.
//! - [`price`]: price accounts, read by the program's own function.
//! - [`netting`]: which of a keeper's accounts should take a slice.
//! - [`refusal`]: what a refused transaction means, in a sentence.
//! - [`taker`]: who takes lots, and who signs for it.
//! - [`scan`]: which of millions of accounts may be under maintenance at given marks.
//! - [`market_file`]: what a market is listed with, as operators write it.
//! - [`lookup`]: address lookup tables for transactions with many markets.
//! - [`identities`]: what must hold between all accounts of an exchange, checked.
//! - `rpc`, with the feature of that name: reading an exchange over JSON-RPC and sending transactions to it.

pub mod actions;
pub mod address;
pub mod identities;
pub mod instruction;
pub mod ladder;
pub mod lookup;
pub mod market_file;
pub mod netting;
pub mod preview;
pub mod price;
pub mod refusal;
#[cfg(feature = "rpc")]
pub mod rpc;
pub mod scan;
pub mod taker;
pub mod view;

pub use breakwater;
pub use breakwater_risk as risk;
pub use preview::PreviewError;
pub use taker::Taker;
pub use view::{BackstopView, MarketView, Snapshot, ViewError};
