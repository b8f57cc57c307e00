//! Owns reading an exchange over JSON-RPC. Everything that one view holds is of one slot, so that previews on it say what
//! the program would have done then.

use crate::view::{self, BackstopView, Snapshot, ViewError};
use crate::{address, identities};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::clock::Clock;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_lang::Discriminator;
use anchor_spl::token::spl_token;
use breakwater::{Exchange, InsuranceFund, Layout, MarginAccount};
use breakwater_risk::Now;
use solana_account::Account;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::client_error::Error as ClientError;
use solana_rpc_client_api::config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_rpc_client_api::filter::{Memcmp, RpcFilterType};
use solana_sdk_ids::sysvar;
use std::mem::offset_of;

/// Length of a discriminator.
const DISCRIMINATOR: usize = 8;
/// Accounts that the cluster gives in one answer.
const KEYS_PER_REQUEST: usize = 100;

/// Why an exchange cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The node did not answer, or answered with an error.
    #[error("the RPC node did not answer: {0}")]
    Node(#[from] Box<ClientError>),
    /// There is no such account.
    #[error("there is no {0} at {1}")]
    Missing(&'static str, Pubkey),
    /// The account belongs to another program.
    #[error("{0} belongs to {1}, not to Breakwater at {2}")]
    Foreign(Pubkey, Pubkey, Pubkey),
    /// The data is not what this version of the SDK reads.
    #[error("{0}: {1}")]
    Layout(Pubkey, ViewError),
    /// A system account of the cluster cannot be read.
    #[error("the cluster's {0} cannot be read")]
    System(&'static str),
}

impl From<ClientError> for ReadError {
    fn from(error: ClientError) -> Self {
        Self::Node(Box::new(error))
    }
}

/// An exchange as of one slot.
#[derive(Clone, Debug)]
pub struct ExchangeView {
    /// Address.
    pub key: Pubkey,
    /// The exchange.
    pub exchange: Exchange,
    /// Balance of the vault, atoms.
    pub vault_atoms: u64,
    /// Its insurance fund.
    pub insurance: InsuranceFund,
    /// Its backstop, if it has one.
    pub backstop: Option<BackstopView>,
    /// Its markets and macro index.
    pub snapshot: Snapshot,
    /// The cluster's clock.
    pub now: Now,
}

impl ExchangeView {
    /// The first identity of money that does not hold, with its figures; `accounts` are all margin accounts of the
    /// exchange, the backstop's among them, read at the same slot or while nothing was sent.
    pub fn broken_identity(&self, accounts: &[(Pubkey, MarginAccount)]) -> Option<String> {
        let markets: Vec<_> = self.snapshot.iter().map(|view| (view.market.index, &view.market.state)).collect();
        let accounts: Vec<_> = accounts.iter().map(|(_, account)| &account.state).collect();
        let ledger = identities::Ledger {
            booked_atoms: self.exchange.booked_atoms,
            fees_atoms: self.exchange.fees_atoms,
            insurance_atoms: self.insurance.state.balance_atoms,
            markets: &markets,
            accounts: &accounts,
            vault_atoms: self.vault_atoms,
            now: self.now,
        };
        ledger.broken()
    }
}

/// Reads an exchange with everything but its traders' accounts, in one request after a first one that says how many
/// markets there are. Errors: `ReadError`.
pub async fn exchange(client: &RpcClient, key: Pubkey) -> Result<ExchangeView, ReadError> {
    let first = accounts(client, &[key]).await?;
    let market_count = view_of(&first, 0, key, "exchange", view::exchange)?.market_count;
    let keys = keys_of(key, market_count);
    let read = accounts(client, &keys).await?;
    let exchange = view_of(&read, 0, key, "exchange", view::exchange)?;
    let vault = read[1].as_ref().ok_or(ReadError::Missing("vault", keys[1]))?;
    let insurance = view_of(&read, 2, keys[2], "insurance fund", view::insurance)?;
    let backstop = match &read[3] {
        None => None,
        Some(_) => Some(BackstopView {
            backstop: view_of(&read, 3, keys[3], "backstop", view::backstop)?,
            account: view_of(&read, 4, keys[4], "margin account of the backstop", view::margin_account)?,
        }),
    };
    let mut snapshot = Snapshot::new();
    if read[5].is_some() {
        snapshot.insert_macro_index(view_of(&read, 5, keys[5], "macro index", view::macro_index)?);
    }
    for (place, key) in keys.iter().enumerate().skip(FIXED) {
        snapshot.insert(*key, view_of(&read, place, *key, "market", view::market)?);
    }
    let vault_atoms = token_balance(vault).ok_or(ReadError::System("vault"))?;
    let now = clock(&read[6], &read[7])?;
    Ok(ExchangeView { key, exchange, vault_atoms, insurance, backstop, snapshot, now })
}

/// Reads the cluster's clock. Errors: `ReadError`.
pub async fn now(client: &RpcClient) -> Result<Now, ReadError> {
    let read = accounts(client, &[sysvar::clock::ID, sysvar::last_restart_slot::ID]).await?;
    clock(&read[0], &read[1])
}

/// Reads a margin account. Errors: `ReadError`.
pub async fn margin_account(client: &RpcClient, key: Pubkey) -> Result<MarginAccount, ReadError> {
    view_of(&accounts(client, &[key]).await?, 0, key, "margin account", view::margin_account)
}

/// Reads all margin accounts of an exchange, the backstop's among them; those that cannot be decoded are an error.
pub async fn margin_accounts(client: &RpcClient, exchange: Pubkey) -> Result<Vec<(Pubkey, MarginAccount)>, ReadError> {
    let config = RpcProgramAccountsConfig {
        filters: Some(margin_account_filters(exchange)),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64Zstd),
            commitment: Some(client.commitment()),
            ..Default::default()
        },
        ..Default::default()
    };
    let found = client.get_program_ui_accounts_with_config(&breakwater::ID, config).await?;
    let decode = |(key, account): (Pubkey, solana_account_decoder_client_types::UiAccount)| {
        let data = account.data.decode().ok_or(ReadError::System("encoding of accounts"))?;
        Ok((key, view::margin_account(&data).map_err(|error| ReadError::Layout(key, error))?))
    };
    found.into_iter().map(decode).collect()
}

/// Addresses of all accounts of the program that have an earlier layout than this version's. Errors: `Node`, `System`.
pub async fn outdated_accounts(client: &RpcClient) -> Result<Vec<Pubkey>, ReadError> {
    let account_config = RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64Zstd),
        commitment: Some(client.commitment()),
        ..Default::default()
    };
    let config = RpcProgramAccountsConfig { account_config, ..Default::default() };
    let mut outdated = Vec::new();
    for (key, account) in client.get_program_ui_accounts_with_config(&breakwater::ID, config).await? {
        let data = account.data.decode().ok_or(ReadError::System("encoding of accounts"))?;
        if Layout::of(&data).is_some_and(|layout| !layout.is_newest(&data)) {
            outdated.push(key);
        }
    }
    Ok(outdated)
}

/// Filters that only the margin accounts of one exchange pass; for subscriptions too.
pub fn margin_account_filters(exchange: Pubkey) -> Vec<RpcFilterType> {
    let at = |offset: usize, bytes: &[u8]| RpcFilterType::Memcmp(Memcmp::new_raw_bytes(offset, bytes.to_vec()));
    vec![
        at(0, MarginAccount::DISCRIMINATOR),
        at(DISCRIMINATOR + offset_of!(MarginAccount, exchange), exchange.as_ref()),
    ]
}

/// Places before the markets in [`keys_of`].
const FIXED: usize = 8;

/// What a view is made of; the markets come last, by index.
fn keys_of(exchange: Pubkey, market_count: u16) -> Vec<Pubkey> {
    let fixed: [Pubkey; FIXED] = [
        exchange,
        address::vault(&exchange),
        address::insurance(&exchange),
        address::backstop(&exchange),
        address::backstop_account(&exchange),
        address::macro_index(&exchange),
        sysvar::clock::ID,
        sysvar::last_restart_slot::ID,
    ];
    fixed.into_iter().chain((0..market_count).map(|index| address::market(&exchange, index))).collect()
}

async fn accounts(client: &RpcClient, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ReadError> {
    debug_assert!(keys.len() <= KEYS_PER_REQUEST);
    let found = client.get_multiple_accounts(keys).await?;
    if found.len() != keys.len() {
        return Err(ReadError::System("answer to getMultipleAccounts"));
    }
    Ok(found)
}

fn view_of<T>(
    read: &[Option<Account>],
    place: usize,
    key: Pubkey,
    name: &'static str,
    decode: impl Fn(&[u8]) -> Result<T, ViewError>,
) -> Result<T, ReadError> {
    let account = read[place].as_ref().ok_or(ReadError::Missing(name, key))?;
    if account.owner != breakwater::ID {
        return Err(ReadError::Foreign(key, account.owner, breakwater::ID));
    }
    decode(&account.data).map_err(|error| ReadError::Layout(key, error))
}

/// Balance of a token account of either token program.
fn token_balance(account: &Account) -> Option<u64> {
    let base = account.data.get(..spl_token::state::Account::LEN)?;
    spl_token::state::Account::unpack_from_slice(base).ok().map(|account| account.amount)
}

/// The clock as an instruction sees it. A cluster without the sysvar of restarts never restarted.
fn clock(clock: &Option<Account>, restart: &Option<Account>) -> Result<Now, ReadError> {
    let unreadable = ReadError::System("clock");
    let clock: Clock = clock.as_ref().and_then(|account| bincode::deserialize(&account.data).ok()).ok_or(unreadable)?;
    let last_restart_slot =
        restart.as_ref().and_then(|account| bincode::deserialize::<u64>(&account.data).ok()).unwrap_or(0);
    Ok(Now { slot: clock.slot, unix_timestamp: clock.unix_timestamp, last_restart_slot })
}
