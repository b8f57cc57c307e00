//! An exchange set up on a [`Bank`]: mint, vault, insurance, venue, markets with their Pyth accounts, and traders.
//!
//! Owns the keys and the latest prices; every step is a transaction of the real program, built by the SDK. The
//! integration tests put their `World` around it, the replay its traders and keepers.

use crate::bank::{Bank, Executed, PythPrice, Refused, PYTH_RECEIVER};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::InstructionData;
use anyhow::{Context as _, Result};
use breakwater::MacroIndex;
use breakwater::{ApproveVenueArgs, CreateMarketArgs, Exchange, InitializeExchangeArgs, InsuranceFund, MarginAccount};
use breakwater_risk::MarketParams;
use breakwater_sdk::instruction::{self as build, Tokens};
use breakwater_sdk::{address, view, BackstopView, Snapshot};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Outcome of a transaction.
pub type Sent = Result<Executed, Box<Refused>>;

/// Decimals of the quote mint.
pub const QUOTE_DECIMALS: u8 = 6;
/// Exponent of the fabricated Pyth prices.
pub const PYTH_EXPONENT: i32 = -8;
/// Unix time at which a stage starts.
pub const START_UNIX: i64 = 1_760_000_000;
/// Slot at which a stage starts.
pub const START_SLOT: u64 = 1_000;
/// Seed of a market's pool, atoms: $1.
pub const SEED_ATOMS: u64 = 10_u64.pow(QUOTE_DECIMALS as u32);
/// Seed of the authority's key.
const AUTHORITY_SEED: [u8; 32] = *b"the authority of every stage    ";
/// Bond of a market, in its reserve, atoms: $1.
pub const BOND_ATOMS: u64 = SEED_ATOMS;
/// How long ago a seasoned market was listed, seconds: 30 days, longer than a notice and the life of a request to leave together.
pub const SEASON_SECONDS: i64 = 30 * 86_400;
/// Tokens that every trader's wallet starts with, atoms.
pub const WALLET_ATOMS: u64 = 1 << 54;

/// A trader: a key with a wallet and one margin account.
pub struct Trader {
    /// Key.
    pub key: Keypair,
    /// Margin account.
    pub account: Pubkey,
    /// Token account.
    pub wallet: Pubkey,
}

/// A market as the stage knows it.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// Address.
    pub key: Pubkey,
    /// Index.
    pub index: u16,
    /// Pyth feed.
    pub feed_id: [u8; 32],
    /// Account that carries the feed's price.
    pub price_account: Pubkey,
    /// A lot is 10^this base tokens.
    pub lot_exponent: i8,
}

/// An exchange on a bank.
pub struct Stage {
    /// The bank.
    pub bank: Bank,
    /// Authority of the exchange.
    pub authority: Keypair,
    /// Exchange.
    pub exchange: Pubkey,
    /// Quote mint.
    pub mint: Pubkey,
    /// Token account of the authority.
    pub treasury: Pubkey,
    /// Markets listed.
    pub markets: Vec<Listed>,
}

impl Stage {
    /// Starts a bank with an exchange and a registered venue.
    pub fn new() -> Result<Self> {
        Self::on(Bank::start()?)
    }

    /// An exchange and a registered venue on a bank.
    pub fn on(mut bank: Bank) -> Result<Self> {
        bank.set_clock(START_SLOT, START_UNIX);
        // Always the same: the addresses of the exchange follow from it, and what it costs to find them.
        let authority = Keypair::new_from_array(AUTHORITY_SEED);
        bank.fund(&authority.pubkey(), 1_000_000_000_000);
        let (mint, treasury) = (Pubkey::new_unique(), Pubkey::new_unique());
        bank.make_mint(&mint, QUOTE_DECIMALS);
        bank.make_token_account(&treasury, &mint, &authority.pubkey(), WALLET_ATOMS);
        let exchange = address::exchange(&authority.pubkey(), 0);
        let mut stage = Self { bank, authority, exchange, mint, treasury, markets: Vec::new() };
        stage.initialize(Self::exchange_args(0)).context("initialize_exchange")?;
        let venue = build::register_venue(exchange, stage.authority.pubkey(), venue_signer());
        stage.send_as_authority(&[venue]).context("register_venue")?;
        Ok(stage)
    }

    /// Arguments of an exchange with wide outflow limits.
    pub fn exchange_args(id: u16) -> InitializeExchangeArgs {
        let mut receivers = [Pubkey::default(); breakwater::MAX_RECEIVERS];
        receivers[0] = PYTH_RECEIVER;
        InitializeExchangeArgs {
            id,
            receivers,
            legacy_oracle: Pubkey::default(),
            outflow_window_seconds: 3_600,
            outflow_limit_ppm: 1_000_000,
            outflow_guaranteed_atoms: 10_000_000_000,
        }
    }

    fn initialize(&mut self, args: InitializeExchangeArgs) -> Sent {
        let (payer, authority) = (self.bank.payer().pubkey(), self.authority.pubkey());
        let instruction = build::initialize_exchange(payer, authority, self.mint, anchor_spl::token::ID, args);
        self.send_as_authority(&[instruction])
    }

    /// Sends instructions signed by the authority.
    pub fn send_as_authority(&mut self, instructions: &[Instruction]) -> Sent {
        let authority = self.authority.insecure_clone();
        self.bank.send(instructions, &[&authority])
    }

    /// The token side of an instruction from or to a token account.
    pub fn tokens(&self, token_account: Pubkey) -> Tokens {
        Tokens { quote_mint: self.mint, token_account, token_program: anchor_spl::token::ID }
    }

    /// Creates the exchange's backstop, empty.
    pub fn create_backstop(&mut self, loss_line_ppm: u32) -> Sent {
        let instruction = build::create_backstop(self.exchange, self.authority.pubkey(), loss_line_ppm);
        self.send_as_authority(&[instruction])
    }

    /// Lists a market as if that had happened a while ago, by the clock of that time: it may draw on the insurance fund and the
    /// backstop may take its legs. Until its first price a market does not change, so it is as if the time had passed.
    pub fn list_market(&mut self, params: &MarketParams, lot_exponent: i8) -> Result<usize, Box<Refused>> {
        self.a_while_ago(|stage| stage.list_young_market(params, lot_exponent))
    }

    /// Does something by the clock of [`SEASON_SECONDS`] ago.
    pub fn a_while_ago<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let (slot, unix_timestamp) = self.time();
        self.bank.set_clock(slot, unix_timestamp - SEASON_SECONDS);
        let done = act(self);
        self.bank.set_clock(slot, unix_timestamp);
        done
    }

    /// Lists a market today with a $1 seed and a $1 bond. Returns its place in [`Stage::markets`].
    pub fn list_young_market(&mut self, params: &MarketParams, lot_exponent: i8) -> Result<usize, Box<Refused>> {
        let index = u16::try_from(self.markets.len()).expect("fewer than 65 536 markets");
        let mut feed_id = [7; 32];
        feed_id[..2].copy_from_slice(&index.to_le_bytes());
        let args = CreateMarketArgs {
            feed_id,
            legacy_price_account: Pubkey::default(),
            lot_exponent,
            seed_atoms: SEED_ATOMS,
            bond_atoms: BOND_ATOMS,
            params: bytemuck::cast(*params),
        };
        let tokens = self.tokens(self.treasury);
        let instruction = build::create_market(self.exchange, self.authority.pubkey(), index, tokens, args);
        self.send_as_authority(&[instruction])?;
        let key = address::market(&self.exchange, index);
        self.markets.push(Listed { key, index, feed_id, price_account: Pubkey::new_unique(), lot_exponent });
        Ok(self.markets.len() - 1)
    }

    /// Opens an account for a new trader who approves the venue without tight limits, and deposits.
    pub fn open_trader(&mut self, deposit_atoms: u64) -> Result<Trader> {
        let key = Keypair::new();
        let owner = key.pubkey();
        let account = address::margin_account(&self.exchange, &owner, 0);
        let wallet = Pubkey::new_unique();
        self.bank.make_token_account(&wallet, &self.mint.clone(), &owner, WALLET_ATOMS);
        let payer = self.bank.payer().pubkey();
        let limits = ApproveVenueArgs { max_notional_atoms: u64::MAX, max_cost_atoms: u64::MAX, expires_at: i64::MAX };
        let venue = address::venue(&self.exchange, &venue_signer());
        let mut instructions = vec![
            build::open_account(self.exchange, payer, owner, 0),
            build::approve_venue(owner, account, venue, limits),
        ];
        if deposit_atoms > 0 {
            instructions.push(build::deposit(self.exchange, owner, account, self.tokens(wallet), deposit_atoms));
        }
        self.bank.send(&instructions, &[&key])?;
        Ok(Trader { key, account, wallet })
    }

    /// Advances the clock by slots of 400 ms, rounded down to whole seconds.
    pub fn advance_slots(&mut self, slots: u64) {
        let (slot, _) = self.time();
        self.set_slot(slot + slots);
    }

    /// Slot and unix time.
    pub fn time(&self) -> (u64, i64) {
        (self.bank.clock().slot, self.bank.clock().unix_timestamp)
    }

    /// Sets the slot; unix time follows at 400 ms a slot.
    pub fn set_slot(&mut self, slot: u64) {
        let seconds = (slot - START_SLOT) * 2 / 5;
        self.bank.set_clock(slot, START_UNIX + i64::try_from(seconds).expect("a test's clock fits"));
    }

    /// Publishes a price at the present time, in micro-dollars per base token with a confidence in ppm, and refreshes
    /// the market with it.
    pub fn publish(&mut self, market: usize, price_micro_usd: u64, confidence_ppm: u64) -> Sent {
        self.post(market, price_micro_usd, confidence_ppm);
        self.refresh(market)
    }

    /// Publishes a price without refreshing.
    pub fn post(&mut self, market: usize, price_micro_usd: u64, confidence_ppm: u64) {
        let listed = self.markets[market];
        let (_, publish_time) = self.time();
        let price = Self::pyth_price(listed.feed_id, price_micro_usd, confidence_ppm, publish_time);
        self.bank.post_price(&listed.price_account, &price);
    }

    /// What Pyth publishes for a price in micro-dollars per base token with a confidence in ppm.
    ///
    /// # Panics
    /// When the price does not fit Pyth's 63 bits.
    pub fn pyth_price(feed_id: [u8; 32], price_micro_usd: u64, confidence_ppm: u64, publish_time: i64) -> PythPrice {
        let price = i64::try_from(price_micro_usd * 100).expect("a Pyth price fits 63 bits");
        let confidence = (u128::from(price_micro_usd) * u128::from(confidence_ppm) / 10_000) as u64;
        PythPrice { feed_id, price, confidence, ema_confidence: confidence, exponent: PYTH_EXPONENT, publish_time }
    }

    /// Refreshes a market from its price account.
    pub fn refresh(&mut self, market: usize) -> Sent {
        let listed = self.markets[market];
        let instruction = build::refresh_market(self.exchange, listed.key, listed.price_account);
        self.bank.send(&[instruction], &[])
    }

    /// Submits a fill through the test venue.
    pub fn trade(&mut self, market: usize, buyer: Pubkey, seller: Pubkey, lots: u64, price: u64) -> Sent {
        let instruction = self.fill_instruction(market, buyer, seller, lots, price);
        self.bank.send(&[instruction], &[])
    }

    /// The test venue's instruction for a fill, with the markets of both accounts' other legs.
    pub fn fill_instruction(&self, market: usize, buyer: Pubkey, seller: Pubkey, lots: u64, price: u64) -> Instruction {
        let signer = venue_signer();
        let listed = self.markets[market];
        let others = self.markets_of(&[buyer, seller]);
        let args = breakwater::SettleTradeArgs { lots, price };
        let inner = build::settle_trade(self.exchange, signer, listed.key, (buyer, seller), args, &others);
        let mut accounts = inner.accounts;
        accounts[0].is_signer = false; // the venue's PDA signs inside
        accounts.insert(5, AccountMeta::new_readonly(breakwater::ID, false));
        let data = breakwater_test_venue::instruction::SubmitFill { lots, price }.data();
        Instruction { program_id: breakwater_test_venue::ID, accounts, data }
    }

    /// The backstop, if the exchange has one.
    pub fn backstop(&self) -> Option<BackstopView> {
        let backstop = self.bank.data(&address::backstop(&self.exchange))?;
        let account = self.bank.data(&address::backstop_account(&self.exchange))?;
        Some(BackstopView { backstop: view::backstop(&backstop).ok()?, account: view::margin_account(&account).ok()? })
    }

    /// Addresses of all markets, in the order of their listing.
    pub fn all_markets(&self) -> Vec<Pubkey> {
        self.markets.iter().map(|market| market.key).collect()
    }

    /// Markets in which the backstop has a leg, or any of the accounts.
    pub fn markets_with_backstop(&self, accounts: &[Pubkey]) -> Vec<Pubkey> {
        let mut accounts = accounts.to_vec();
        if self.backstop().is_some() {
            accounts.push(address::backstop_account(&self.exchange));
        }
        self.markets_of(&accounts)
    }

    /// Markets in which any of the accounts has a leg.
    pub fn markets_of(&self, accounts: &[Pubkey]) -> Vec<Pubkey> {
        let mut keys: Vec<Pubkey> = accounts
            .iter()
            .flat_map(|key| self.account(key).state.legs)
            .filter(|leg| leg.is_used())
            .map(|leg| address::market(&self.exchange, leg.market_index))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// A margin account.
    ///
    /// # Panics
    /// When there is none: stages are for tests and replays, which know their accounts.
    pub fn account(&self, key: &Pubkey) -> MarginAccount {
        view::margin_account(&self.bank.data(key).unwrap_or_default()).expect("a margin account")
    }

    /// The exchange's account.
    ///
    /// # Panics
    /// Never after [`Stage::new`].
    pub fn exchange_account(&self) -> Exchange {
        view::exchange(&self.bank.data(&self.exchange).unwrap_or_default()).expect("the exchange")
    }

    /// The insurance fund's account.
    ///
    /// # Panics
    /// Never after [`Stage::new`].
    pub fn insurance_account(&self) -> InsuranceFund {
        let key = address::insurance(&self.exchange);
        view::insurance(&self.bank.data(&key).unwrap_or_default()).expect("the insurance fund")
    }

    /// A market's account.
    ///
    /// # Panics
    /// When the place is not one of [`Stage::markets`].
    pub fn market(&self, market: usize) -> breakwater::Market {
        view::market(&self.bank.data(&self.markets[market].key).unwrap_or_default()).expect("a market")
    }

    /// The macro index, if the exchange has one.
    pub fn macro_index(&self) -> Option<MacroIndex> {
        view::macro_index(&self.bank.data(&address::macro_index(&self.exchange))?).ok()
    }

    /// All markets with the macro index as of now.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new();
        for (place, listed) in self.markets.iter().enumerate() {
            snapshot.insert(listed.key, self.market(place));
        }
        if let Some(index) = self.macro_index() {
            snapshot.insert_macro_index(index);
        }
        snapshot
    }
}

/// The test venue's signer.
pub fn venue_signer() -> Pubkey {
    Pubkey::find_program_address(&[breakwater_test_venue::SIGNER_SEED], &breakwater_test_venue::ID).0
}
