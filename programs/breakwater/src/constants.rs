//! PDA seeds and fixed limits.

use anchor_lang::prelude::*;

/// Seed of an exchange, followed by its creator and its id (u16, little endian).
#[constant]
pub const EXCHANGE_SEED: &[u8] = b"exchange";
/// Seed of the vault, followed by the exchange.
#[constant]
pub const VAULT_SEED: &[u8] = b"vault";
/// Seed of a market, followed by the exchange and the index (u16, little endian).
#[constant]
pub const MARKET_SEED: &[u8] = b"market";
/// Seed of a margin account, followed by the exchange, the owner and the sub-account (u16, little endian).
#[constant]
pub const MARGIN_SEED: &[u8] = b"margin";
/// Seed of the insurance fund, followed by the exchange.
#[constant]
pub const INSURANCE_SEED: &[u8] = b"insurance";
/// Seed of a venue, followed by the exchange and the signer.
#[constant]
pub const VENUE_SEED: &[u8] = b"venue";

/// Seed of the backstop, followed by the exchange.
#[constant]
pub const BACKSTOP_SEED: &[u8] = b"backstop";
/// Seed of a stake, followed by the insurance fund or the backstop, and the owner.
#[constant]
pub const STAKE_SEED: &[u8] = b"stake";
/// Seed of the macro index, followed by the exchange.
#[constant]
pub const MACRO_SEED: &[u8] = b"macro";
/// Seed of the proposal to change a market's parameters.
#[constant]
pub const PARAMS_SEED: &[u8] = b"params";

/// Markets that an exchange may list: who leaves the insurance fund passes all of them in one transaction.
pub const MAX_MARKETS: u16 = 48;
/// Least seed that a market's creator pays into its pool, in whole quote units.
pub const MARKET_SEED_UNITS: u64 = 1;
/// Smallest bond that a market's creator pays into its reserve, in whole quote units.
pub const MARKET_BOND_UNITS: u64 = 1;
/// Receiver programs that an exchange may accept.
pub const MAX_RECEIVERS: usize = 4;
/// Venues that an account may approve.
pub const MAX_APPROVALS: usize = 4;
/// Length of a venue approval's window, seconds.
pub const APPROVAL_WINDOW_SECONDS: i64 = 86_400;
