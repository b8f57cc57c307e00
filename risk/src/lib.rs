//! Every formula of Breakwater, in integers.
//!
//! Owns the arithmetic of the margin engine and the plain state it works on. Knows nothing of Solana:
//! the program, the SDK, the keeper and the simulator call the same functions. Rounding directions are
//! part of names and go against whoever benefits.
// With the feature, the derived descriptions are made of strings and lists.
#![cfg_attr(not(feature = "idl-build"), no_std)]
#![deny(missing_docs)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

extern crate alloc;

pub mod absorb;
pub mod acted;
pub mod backstop;
pub mod bankruptcy;
pub mod breaker;
pub mod cash;
pub mod charge;
pub mod claims;
pub mod deleveraging;
pub mod depth;
pub mod derisk;
pub mod draws;
pub mod error;
pub mod fixed;
pub mod flow;
pub mod funding;
pub mod governance;
pub mod health;
pub mod insurance;
pub mod ladder;
pub mod ledger;
pub mod leg;
pub mod liquidation;
pub mod macro_index;
pub mod macro_price;
pub mod margin;
pub mod netting;
pub mod open_profit;
pub mod outflow;
pub mod pace;
pub mod params;
pub mod price;
pub mod refresh;
pub mod settle;
pub mod shares;
pub mod slice;
pub mod state;
pub mod statistics;
mod takeover;
pub mod tier;
pub mod trade;
pub mod units;
pub mod unwind;

pub use error::{RiskError, RiskResult};
pub use params::{MarketParams, ParamIssue};
pub use state::{AccountState, Leg, MarketState, Now, Side};
