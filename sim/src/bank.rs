//! An in-process bank that runs the real program: natively, or the on-chain binary when `BREAKWATER_SBF=1`.
//!
//! Owns the clock, the payer and fabricated accounts (mint, token accounts, Pyth prices). Time moves only when told
//! to. Used by the replay and by the integration tests.
//!
//! Readings are remembered until the account may have changed: by a transaction that names it as writable, the only way in
//! which the runtime lets one change an account, or by a write past the programs.

use anchor_lang::prelude::{AccountInfo, Clock, Pubkey};
use anchor_lang::solana_program::entrypoint::ProgramResult;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_lang::AccountSerialize;
use anchor_spl::token::spl_token;
use anyhow::{Context as _, Result};
use pyth_solana_receiver_sdk::price_update::{PriceFeedMessage, PriceUpdateV2, VerificationLevel};
use solana_account::{Account, AccountSharedData};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_keypair::Keypair;
use solana_message::{v0, AddressLookupTableAccount, VersionedMessage};
use solana_program_test::{processor, BanksClientError, ProgramTest, ProgramTestContext};
use solana_signer::Signer;
use solana_sysvar::last_restart_slot::LastRestartSlot;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use tokio::runtime::Runtime;

/// Transactions after which a newer blockhash is fetched.
const BLOCKHASH_LIFE: u64 = 50;
/// Times that a transaction with an expired blockhash is signed anew.
const BLOCKHASH_RETRIES: u32 = 3;
/// Program of address lookup tables.
const TABLE_PROGRAM: Pubkey = Pubkey::from_str_const("AddressLookupTab1e1111111111111111111111111");
/// Lamports of a fabricated account: rent-exempt at any size used here.
const RENT_LAMPORTS: u64 = 1_000_000_000;
/// Compute units requested for each transaction.
const COMPUTE_UNIT_LIMIT: u32 = 1_400_000;

/// Receiver program of Pyth.
pub const PYTH_RECEIVER: Pubkey = breakwater_sdk::address::PYTH_RECEIVER;

/// Whether the on-chain binary is to be run.
pub fn runs_on_sbf() -> bool {
    std::env::var_os("BREAKWATER_SBF").is_some_and(|value| value == "1")
}

/// What a transaction did.
#[derive(Clone, Debug)]
pub struct Executed {
    /// Compute units consumed, all instructions together.
    pub compute_units: u64,
    /// Log lines.
    pub logs: Vec<String>,
}

/// Why a transaction failed.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The runtime's error.
    pub error: TransactionError,
    /// Log lines.
    pub logs: Vec<String>,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}\n{}", self.error, self.logs.join("\n"))
    }
}

impl std::error::Error for Refused {}

/// What Pyth publishes, in its own units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PythPrice {
    /// Feed.
    pub feed_id: [u8; 32],
    /// Price · 10^-exponent.
    pub price: i64,
    /// Confidence.
    pub confidence: u64,
    /// Confidence of the exponential mean.
    pub ema_confidence: u64,
    /// Decimal exponent.
    pub exponent: i32,
    /// Publish time, unix seconds.
    pub publish_time: i64,
}

/// The bank.
pub struct Bank {
    runtime: Runtime,
    context: ProgramTestContext,
    clock: Clock,
    last_restart_slot: u64,
    sent: u64,
    blockhash: solana_hash::Hash,
    /// Accounts as last read, without those that may have changed since.
    known: RefCell<HashMap<Pubkey, Option<Account>>>,
}

impl Bank {
    /// Starts a bank with Breakwater and the test venue.
    pub fn start() -> Result<Self> {
        Self::start_with(|_| {})
    }

    /// Starts a bank with Breakwater, the test venue and what `add` adds.
    pub fn start_with(add: impl FnOnce(&mut ProgramTest)) -> Result<Self> {
        Self::start_bare(|programs| {
            programs.prefer_bpf(runs_on_sbf());
            programs.add_program("breakwater", breakwater::ID, processor!(breakwater_entry));
            add_venue(programs);
            add(programs);
        })
    }

    /// Starts a bank with nothing but what `add` adds.
    pub fn start_bare(add: impl FnOnce(&mut ProgramTest)) -> Result<Self> {
        if std::env::var_os("RUST_LOG").is_none() {
            std::env::set_var("RUST_LOG", "error"); // the framework would log every instruction
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let mut programs = ProgramTest::default();
        add(&mut programs);
        let context = runtime.block_on(programs.start_with_context());
        let clock = runtime.block_on(context.banks_client.get_sysvar::<Clock>()).context("the bank has no clock")?;
        let restart = runtime.block_on(context.banks_client.get_sysvar::<LastRestartSlot>());
        let last_restart_slot = restart.map_or(0, |restart| restart.last_restart_slot);
        let blockhash = context.last_blockhash;
        Ok(Self { runtime, context, clock, last_restart_slot, sent: 0, blockhash, known: RefCell::default() })
    }

    /// The payer of all transactions.
    pub fn payer(&self) -> Keypair {
        self.context.payer.insecure_clone()
    }

    /// Slot and unix time as programs see them.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sets slot and unix time.
    pub fn set_clock(&mut self, slot: u64, unix_timestamp: i64) {
        self.clock.slot = slot;
        self.clock.unix_timestamp = unix_timestamp;
        self.context.set_sysvar(&self.clock);
    }

    /// Sets the slot of the last cluster restart.
    pub fn set_last_restart_slot(&mut self, slot: u64) {
        self.last_restart_slot = slot;
        self.context.set_sysvar(&LastRestartSlot { last_restart_slot: slot });
    }

    /// The clock as formulas take it.
    pub fn now(&self) -> breakwater_risk::Now {
        breakwater_risk::Now {
            slot: self.clock.slot,
            unix_timestamp: self.clock.unix_timestamp,
            last_restart_slot: self.last_restart_slot,
        }
    }

    /// Sends one transaction, signed by the payer and `signers`.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Executed, Box<Refused>> {
        self.send_with_tables(instructions, signers, &[])
    }

    /// Sends one transaction whose keys may stand in lookup tables.
    pub fn send_with_tables(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        tables: &[AddressLookupTableAccount],
    ) -> Result<Executed, Box<Refused>> {
        self.forget_writable(instructions);
        let mut outcome = self.process(instructions, signers, tables);
        for _ in 0..BLOCKHASH_RETRIES {
            match &outcome {
                Err(refused) if self.has_expired(&refused.error) => {
                    outcome = self.process(instructions, signers, tables);
                }
                _ => break,
            }
        }
        outcome
    }

    fn process(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        tables: &[AddressLookupTableAccount],
    ) -> Result<Executed, Box<Refused>> {
        let transaction = self.sign(instructions, signers, tables);
        let client = &self.context.banks_client;
        let outcome = self.runtime.block_on(client.process_transaction_with_metadata(transaction));
        let refused = |error, logs| Box::new(Refused { error, logs });
        match outcome {
            Ok(done) => {
                let logs = done.metadata.as_ref().map(|meta| meta.log_messages.clone()).unwrap_or_default();
                match done.result {
                    Ok(()) => Ok(Executed {
                        compute_units: done.metadata.map_or(0, |meta| meta.compute_units_consumed),
                        logs,
                    }),
                    Err(error) => Err(refused(error, logs)),
                }
            }
            Err(BanksClientError::TransactionError(error)) => Err(refused(error, Vec::new())),
            Err(other) => Err(refused(TransactionError::ClusterMaintenance, vec![other.to_string()])),
        }
    }

    /// Whether a transaction was refused only for its blockhash, which happens on a busy machine: blockhashes age by the clock
    /// of the wall. The next transaction takes a new one.
    fn has_expired(&mut self, error: &TransactionError) -> bool {
        let has_expired = *error == TransactionError::BlockhashNotFound;
        if has_expired {
            self.sent = self.sent.next_multiple_of(BLOCKHASH_LIFE);
        }
        has_expired
    }

    /// What one transaction would do now; nothing changes.
    ///
    /// # Panics
    /// When the bank's task was stopped.
    pub fn simulate(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<(), Box<Refused>> {
        match self.simulate_once(instructions, signers) {
            Err(refused) if self.has_expired(&refused.error) => self.simulate_once(instructions, signers),
            outcome => outcome,
        }
    }

    fn simulate_once(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<(), Box<Refused>> {
        let transaction = self.sign(instructions, signers, &[]);
        let simulated = self.runtime.block_on(self.context.banks_client.simulate_transaction(transaction));
        let simulated = simulated.expect("the bank answers");
        let logs = simulated.simulation_details.map(|details| details.logs).unwrap_or_default();
        match simulated.result {
            Some(Err(error)) => Err(Box::new(Refused { error, logs })),
            _ => Ok(()),
        }
    }

    /// Forgets what a transaction may change.
    fn forget_writable(&self, instructions: &[Instruction]) {
        let mut known = self.known.borrow_mut();
        known.remove(&self.context.payer.pubkey());
        for meta in instructions.iter().flat_map(|instruction| &instruction.accounts).filter(|meta| meta.is_writable) {
            known.remove(&meta.pubkey);
        }
    }

    /// Forgets every reading, so that the next ones come from the bank.
    pub fn forget(&self) {
        self.known.borrow_mut().clear();
    }

    /// Writes a lookup table as the table program would have left it, frozen: 56 bytes of state, then the keys.
    pub fn make_table(&mut self, addresses: Vec<Pubkey>) -> AddressLookupTableAccount {
        let key = Pubkey::new_unique();
        let mut data = Vec::new();
        data.extend_from_slice(&1_u32.to_le_bytes()); // a lookup table
        data.extend_from_slice(&u64::MAX.to_le_bytes()); // never deactivated
        data.extend_from_slice(&0_u64.to_le_bytes()); // last extended in slot 0
        data.push(0);
        data.push(0); // frozen: no authority
        data.resize(56, 0);
        for address in &addresses {
            data.extend_from_slice(address.as_ref());
        }
        self.set_account(&key, TABLE_PROGRAM, data);
        AddressLookupTableAccount { key, addresses }
    }

    /// Bytes on the wire and keys locked of the transaction that [`Bank::send_with_tables`] would send.
    ///
    /// # Panics
    /// When the instructions do not compile to a message.
    pub fn measure(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        tables: &[AddressLookupTableAccount],
    ) -> (usize, usize) {
        let transaction = self.sign(instructions, signers, tables);
        let in_tables = transaction.message.address_table_lookups().unwrap_or_default();
        let looked_up: usize =
            in_tables.iter().map(|table| table.writable_indexes.len() + table.readonly_indexes.len()).sum();
        // A count of one byte, the signatures, the message.
        let bytes = 1 + 64 * transaction.signatures.len() + transaction.message.serialize().len();
        (bytes, transaction.message.static_account_keys().len() + looked_up)
    }

    /// A signed transaction, made unlike any before it by the price of its compute units.
    fn sign(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        tables: &[AddressLookupTableAccount],
    ) -> VersionedTransaction {
        if self.sent.is_multiple_of(BLOCKHASH_LIFE) {
            if let Ok(hash) = self.runtime.block_on(self.context.banks_client.get_latest_blockhash()) {
                self.blockhash = hash;
            }
        }
        self.sent += 1;
        let payer = self.payer();
        let mut all = vec![
            ComputeBudgetInstruction::set_compute_unit_limit(COMPUTE_UNIT_LIMIT),
            ComputeBudgetInstruction::set_compute_unit_price(self.sent % 1_000_000),
        ];
        all.extend_from_slice(instructions);
        let message = v0::Message::try_compile(&payer.pubkey(), &all, tables, self.blockhash)
            .expect("the instructions compile to a message");
        let message = VersionedMessage::V0(message);
        let mut keys: Vec<&dyn Signer> = vec![&payer];
        let mut known = BTreeSet::from([payer.pubkey()]);
        for signer in signers {
            if known.insert(signer.pubkey()) {
                keys.push(*signer);
            }
        }
        VersionedTransaction::try_new(message, &keys).expect("all signers are given")
    }

    /// Data of an account, if there is one.
    pub fn data(&self, key: &Pubkey) -> Option<Vec<u8>> {
        self.account(key).map(|account| account.data)
    }

    /// An account, if there is one.
    pub fn account(&self, key: &Pubkey) -> Option<Account> {
        if let Some(known) = self.known.borrow().get(key) {
            return known.clone();
        }
        let account = self.runtime.block_on(self.context.banks_client.get_account(*key)).ok().flatten();
        self.known.borrow_mut().insert(*key, account.clone());
        account
    }

    /// Many accounts at once, in the order of the keys: one wait instead of one for each.
    ///
    /// # Panics
    /// When the bank's task was stopped.
    pub fn accounts(&self, keys: &[Pubkey]) -> Vec<Option<Account>> {
        let is_unknown = |key: &&Pubkey| !self.known.borrow().contains_key(*key);
        let unknown: Vec<Pubkey> = keys.iter().filter(is_unknown).copied().collect();
        if !unknown.is_empty() {
            let mut readings = tokio::task::JoinSet::new();
            for key in unknown {
                let client = self.context.banks_client.clone();
                let reading = async move { (key, client.get_account(key).await.ok().flatten()) };
                readings.spawn_on(reading, self.runtime.handle());
            }
            let read = self.runtime.block_on(self.runtime.spawn(readings.join_all())).expect("the bank answers");
            self.known.borrow_mut().extend(read);
        }
        let known = self.known.borrow();
        keys.iter().map(|key| known.get(key).cloned().flatten()).collect()
    }

    /// Writes an account as it is.
    pub fn set_account(&mut self, key: &Pubkey, owner: Pubkey, data: Vec<u8>) {
        let account = Account { lamports: RENT_LAMPORTS, data, owner, executable: false, rent_epoch: 0 };
        self.known.borrow_mut().remove(key);
        self.context.set_account(key, &AccountSharedData::from(account));
    }

    /// Puts an account back as it was read, or takes it away.
    pub fn restore(&mut self, key: &Pubkey, account: Option<Account>) {
        self.known.borrow_mut().remove(key);
        self.context.set_account(key, &AccountSharedData::from(account.unwrap_or_default()));
    }

    /// Sets the lamports of an account that is there.
    pub fn set_lamports(&mut self, key: &Pubkey, lamports: u64) {
        let account = Account { lamports, ..self.account(key).unwrap_or_default() };
        self.known.borrow_mut().remove(key);
        self.context.set_account(key, &AccountSharedData::from(account));
    }

    /// Gives lamports to a key.
    pub fn fund(&mut self, key: &Pubkey, lamports: u64) {
        let account = Account { lamports, ..Account::default() };
        self.known.borrow_mut().remove(key);
        self.context.set_account(key, &AccountSharedData::from(account));
    }

    /// Makes an SPL mint without supply accounting: token accounts are written with their balance.
    pub fn make_mint(&mut self, mint: &Pubkey, decimals: u8) {
        let state = spl_token::state::Mint { decimals, is_initialized: true, ..Default::default() };
        self.set_account(mint, spl_token::ID, packed(state));
    }

    /// Makes a token account with a balance.
    pub fn make_token_account(&mut self, key: &Pubkey, mint: &Pubkey, owner: &Pubkey, amount: u64) {
        let state = spl_token::state::Account {
            mint: *mint,
            owner: *owner,
            amount,
            state: spl_token::state::AccountState::Initialized,
            ..Default::default()
        };
        self.set_account(key, spl_token::ID, packed(state));
    }

    /// Balance of a token account, 0 if there is none.
    pub fn token_balance(&self, key: &Pubkey) -> u64 {
        let data = self.data(key).unwrap_or_default();
        spl_token::state::Account::unpack(&data).map_or(0, |account| account.amount)
    }

    /// Writes a fully verified `PriceUpdateV2`, as the receiver program would.
    pub fn post_price(&mut self, key: &Pubkey, price: &PythPrice) {
        self.post_price_as(key, price, PYTH_RECEIVER, VerificationLevel::Full);
    }

    /// Writes a `PriceUpdateV2` of any owner and verification.
    pub fn post_price_as(&mut self, key: &Pubkey, price: &PythPrice, owner: Pubkey, level: VerificationLevel) {
        let data = price_update(price, level, self.clock.slot);
        self.set_account(key, owner, data);
    }
}

/// Bytes of a `PriceUpdateV2` account, as the receiver program writes it.
pub fn price_update(price: &PythPrice, level: VerificationLevel, posted_slot: u64) -> Vec<u8> {
    let update = PriceUpdateV2 {
        write_authority: Pubkey::default(),
        verification_level: level,
        price_message: PriceFeedMessage {
            feed_id: price.feed_id,
            price: price.price,
            conf: price.confidence,
            exponent: price.exponent,
            publish_time: price.publish_time,
            prev_publish_time: price.publish_time - 1,
            ema_price: price.price,
            ema_conf: price.ema_confidence,
        },
        posted_slot,
    };
    let mut data = Vec::new();
    update.try_serialize(&mut data).expect("a price update serialises into memory");
    data.resize(PriceUpdateV2::LEN, 0);
    data
}

fn packed<T: Pack>(state: T) -> Vec<u8> {
    let mut data = vec![0; T::LEN];
    T::pack(state, &mut data).expect("the buffer has the state's length");
    data
}

fn breakwater_entry(program_id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    with_one_lifetime(accounts, |accounts| breakwater::entry(program_id, accounts, data))
}

/// Adds the test venue.
pub fn add_venue(programs: &mut ProgramTest) {
    programs.add_program("breakwater_test_venue", breakwater_test_venue::ID, processor!(venue_entry));
}

fn venue_entry(program_id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    with_one_lifetime(accounts, |accounts| breakwater_test_venue::entry(program_id, accounts, data))
}

/// Anchor's `entry` wants `&'a [AccountInfo<'a>]`, the test framework hands out `&'a [AccountInfo<'b>]`.
pub fn with_one_lifetime<'a>(
    accounts: &'a [AccountInfo<'_>],
    run: impl FnOnce(&'a [AccountInfo<'a>]) -> ProgramResult,
) -> ProgramResult {
    // SAFETY: 'b outlives 'a, and the shorter lifetime is only used within this call. The compiler refuses the
    // shortening because `AccountInfo` is invariant: through it, `run` could store a reference that lives for 'a only
    // in a cell that lives for 'b. Programs replace no reference inside the cells, they write through them.
    let accounts = unsafe { std::mem::transmute::<&'a [AccountInfo<'_>], &'a [AccountInfo<'a>]>(accounts) };
    run(accounts)
}
