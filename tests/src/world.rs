//! A world of named actors on the real program. Every transaction is followed by a check of all identities; a refused
//! one must leave every account as it was.

use crate::refusal::assert_refused;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::token::spl_token;
use breakwater::{BreakwaterError, MarginAccount, Market};
use breakwater_risk::health::{Health, Stance};
use breakwater_risk::units::MAX_LEGS;
use breakwater_risk::MarketParams;
use breakwater_sdk::identities::Ledger;
use breakwater_sdk::{address, instruction as build, preview, view};
use breakwater_sim::bank::Refused;
use breakwater_sim::stage::{Sent, Stage, Trader};
use solana_keypair::Keypair;
use std::collections::BTreeMap;

/// One whole dollar in atoms.
pub const USD: u64 = 1_000_000;
/// Confidence of published prices unless a test says otherwise, ppm.
pub const CONFIDENCE_PPM: u64 = 300;
/// Lot of the markets: 10^-5 base tokens.
pub const LOT_EXPONENT: i8 = -5;

/// Accounts of an exchange besides markets and traders: itself, vault, insurance, treasury, backstop and its margin account.
const FIXED: usize = 6;

/// Transactions after which every account is read anew, also those that no transaction may have changed.
const READ_ANEW: u64 = 64;

/// The world.
pub struct World {
    /// Exchange and bank.
    pub stage: Stage,
    traders: BTreeMap<String, Trader>,
    /// Last price published per market, micro-dollars per base token.
    prices: Vec<u64>,
    /// Stakes opened.
    stakes: Vec<Pubkey>,
    /// Transactions sent.
    sent: u64,
}

impl World {
    /// An exchange without markets.
    pub fn new() -> Self {
        Self::on(Stage::new().expect("a stage"))
    }

    /// An exchange without markets, on a stage of its own.
    pub fn on(stage: Stage) -> Self {
        Self { stage, traders: BTreeMap::new(), prices: Vec::new(), stakes: Vec::new(), sent: 0 }
    }

    /// An exchange with one SOL market at $200, its depth recovered.
    pub fn with_sol() -> Self {
        let mut world = Self::new();
        world.list(&sol_params(), 200 * USD);
        world.calm(3_000);
        world
    }

    /// Lists a market that may draw on insurance and backstop, as if it had been listed a month ago ([`Stage::list_market`]), and
    /// publishes its first price twice (micro-dollars per base token), so that one confirms the other (P-24). Returns its place.
    /// From the 17th on without the backstop, which serves 16.
    pub fn list(&mut self, params: &MarketParams, price_micro_usd: u64) -> usize {
        self.list_with(params, price_micro_usd, Stage::list_market)
    }

    /// Lists a market today: it may not draw for eight days. Otherwise as [`World::list`].
    pub fn list_young(&mut self, params: &MarketParams, price_micro_usd: u64) -> usize {
        self.list_with(params, price_micro_usd, Stage::list_young_market)
    }

    fn list_with(
        &mut self,
        params: &MarketParams,
        price_micro_usd: u64,
        list: fn(&mut Stage, &MarketParams, i8) -> Result<usize, Box<Refused>>,
    ) -> usize {
        let served = if self.prices.len() < MAX_LEGS { params.backstop_max_atoms } else { 0 };
        let params = &MarketParams { backstop_max_atoms: served, ..*params };
        let market = list(&mut self.stage, params, LOT_EXPONENT).expect("the market is listed");
        self.prices.push(price_micro_usd);
        self.fall_to(market, price_micro_usd);
        self.check();
        market
    }

    /// Opens a named trader with a deposit in atoms.
    pub fn trader(&mut self, name: &str, deposit_atoms: u64) -> Pubkey {
        let trader = self.stage.open_trader(deposit_atoms).expect("the trader opens an account");
        let account = trader.account;
        self.traders.insert(name.to_owned(), trader);
        self.check();
        account
    }

    /// Opens another account of a trader's owner, under a name of its own, with a deposit in atoms.
    pub fn twin(&mut self, name: &str, of: &str, sub_id: u16, deposit_atoms: u64) -> Pubkey {
        let (key, wallet) = (self.who(of).key.insecure_clone(), self.who(of).wallet);
        let owner = solana_signer::Signer::pubkey(&key);
        let (exchange, payer) = (self.stage.exchange, solana_signer::Signer::pubkey(&self.stage.bank.payer()));
        let account = address::margin_account(&exchange, &owner, sub_id);
        let venue = address::venue(&exchange, &breakwater_sim::stage::venue_signer());
        let limits = breakwater::ApproveVenueArgs {
            max_notional_atoms: u64::MAX,
            max_cost_atoms: u64::MAX,
            expires_at: i64::MAX,
        };
        let mut instructions = vec![
            build::open_account(exchange, payer, owner, sub_id),
            build::approve_venue(owner, account, venue, limits),
        ];
        if deposit_atoms > 0 {
            instructions.push(build::deposit(exchange, owner, account, self.stage.tokens(wallet), deposit_atoms));
        }
        self.stage.bank.send(&instructions, &[&key]).expect("the owner opens another account");
        self.traders.insert(name.to_owned(), Trader { key, account, wallet });
        self.check();
        account
    }

    /// A trader by name.
    pub fn who(&self, name: &str) -> &Trader {
        self.traders.get(name).unwrap_or_else(|| panic!("no trader {name}"))
    }

    /// Names of all traders.
    pub fn names(&self) -> Vec<String> {
        self.traders.keys().cloned().collect()
    }

    /// A trader's margin account.
    pub fn account(&self, name: &str) -> MarginAccount {
        self.stage.account(&self.address_of(name))
    }

    /// A trader's signed lots in a market.
    pub fn lots(&self, name: &str, market: usize) -> i64 {
        let account = self.account(name);
        account.state.find_leg(self.stage.markets[market].index).map_or(0, |slot| account.state.legs[slot].lots)
    }

    /// A market.
    pub fn market(&self, market: usize) -> Market {
        self.stage.market(market)
    }

    /// Mark of a market, atoms per lot × 10^6.
    pub fn mark(&self, market: usize) -> u64 {
        self.market(market).state.mark
    }

    /// Sends a transaction and checks every identity; if it is refused, checks that nothing changed.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Sent {
        let before = self.fingerprint();
        let sent = self.stage.bank.send(instructions, signers);
        self.after(sent, before)
    }

    /// Sends a transaction signed by a named trader.
    pub fn send_as(&mut self, name: &str, instructions: &[Instruction]) -> Sent {
        let key = self.who(name).key.insecure_clone();
        self.send(instructions, &[&key])
    }

    /// Sends a transaction signed by the exchange's authority.
    pub fn send_as_authority(&mut self, instructions: &[Instruction]) -> Sent {
        let key = self.stage.authority.insecure_clone();
        self.send(instructions, &[&key])
    }

    fn after(&mut self, sent: Sent, before: Vec<Option<Vec<u8>>>) -> Sent {
        self.sent += 1;
        if self.sent.is_multiple_of(READ_ANEW) {
            self.stage.bank.forget(); // what no transaction named as writable must be as it was, too
        }
        let after = self.fingerprint();
        self.check_reading(&after);
        if sent.is_err() {
            assert!(after == before, "a refused transaction changed an account");
        }
        sent
    }

    /// Lets slots pass.
    pub fn pass(&mut self, slots: u64) {
        self.stage.advance_slots(slots);
    }

    /// Publishes a price three slots later (one second and a bit) and refreshes.
    pub fn publish(&mut self, market: usize, price_micro_usd: u64) {
        self.pass(5);
        self.prices[market] = price_micro_usd;
        self.stage.publish(market, price_micro_usd, CONFIDENCE_PPM).expect("the price is accepted");
        assert_eq!(self.market(market).state.publish_time, self.stage.time().1, "the price was passed over");
        self.check();
    }

    /// Publishes a price in one market, and in all others their last one again, two seconds later.
    pub fn publish_among(&mut self, market: usize, price_micro_usd: u64) {
        self.pass(5);
        self.prices[market] = price_micro_usd;
        for place in 0..self.prices.len() {
            self.stage.publish(place, self.prices[place], CONFIDENCE_PPM).expect("the price is accepted");
        }
        self.check();
    }

    /// Publishes the last price of every market again, two seconds later.
    pub fn publish_again(&mut self) {
        if let Some(price) = self.prices.first().copied() {
            self.publish_among(0, price);
        }
    }

    /// Publishes the last prices again in small steps until `slots` have passed: depth recovers, profits mature.
    pub fn calm(&mut self, slots: u64) {
        let mut left = slots;
        while left > 0 {
            let step = left.min(10);
            self.pass(step);
            for market in 0..self.prices.len() {
                self.stage.publish(market, self.prices[market], CONFIDENCE_PPM).expect("the price is accepted");
            }
            left -= step;
        }
        self.check();
    }

    /// Lets a market owe so much to its profits, all of which the insurance fund has set aside for.
    pub fn owe(&mut self, market: usize, atoms: u64) {
        self.edit_market(market, |market| {
            (market.state.unfunded_atoms, market.state.unfunded_allowance_atoms) = (atoms, atoms);
        });
    }

    /// Takes a market's live depth and its day's mean depth away.
    pub fn without_depth(&mut self, market: usize) {
        self.edit_market(market, |market| {
            market.state.depth.capacity_atoms = 0;
            market.state.depth.depth_slow_atoms = 0;
        });
    }

    /// Last price published, micro-dollars per base token.
    pub fn price(&self, market: usize) -> u64 {
        self.prices[market]
    }

    /// Buyer buys lots from seller at the mark.
    pub fn trade(&mut self, market: usize, buyer: &str, seller: &str, lots: u64) -> Sent {
        self.trade_at(market, buyer, seller, lots, self.mark(market))
    }

    /// Buyer buys lots from seller at a price (atoms per lot × 10^6).
    pub fn trade_at(&mut self, market: usize, buyer: &str, seller: &str, lots: u64, price: u64) -> Sent {
        let (buyer, seller) = (self.who(buyer).account, self.who(seller).account);
        let instruction = self.stage.fill_instruction(market, buyer, seller, lots, price);
        self.send(&[instruction], &[])
    }

    /// Deposits atoms from a trader's wallet.
    pub fn deposit(&mut self, name: &str, atoms: u64) -> Sent {
        let trader = self.who(name);
        let (owner, account, tokens) =
            (solana_signer::Signer::pubkey(&trader.key), trader.account, self.stage.tokens(trader.wallet));
        self.send_as(name, &[build::deposit(self.stage.exchange, owner, account, tokens, atoms)])
    }

    /// Withdraws atoms to a trader's wallet.
    pub fn withdraw(&mut self, name: &str, atoms: u64) -> Sent {
        let trader = self.who(name);
        let (owner, account, tokens) =
            (solana_signer::Signer::pubkey(&trader.key), trader.account, self.stage.tokens(trader.wallet));
        let markets = self.stage.markets_of(&[account]);
        self.send_as(name, &[build::withdraw(self.stage.exchange, owner, account, tokens, atoms, &markets)])
    }

    /// Converts a trader's matured profit in a market.
    pub fn convert(&mut self, name: &str, market: usize, least_ratio_ppm: u32) -> Sent {
        let trader = self.who(name);
        let (owner, account) = (solana_signer::Signer::pubkey(&trader.key), trader.account);
        let others = self.stage.markets_of(&[account]);
        let key = self.stage.markets[market].key;
        self.send_as(name, &[build::convert_profit(owner, key, account, least_ratio_ppm, &others)])
    }

    /// Pays a trader's debt in one market with its claim in another.
    pub fn pay_debt(&mut self, name: &str, claim_market: usize, debt_market: usize) -> Sent {
        let account = self.address_of(name);
        let (claim, debt) = (self.stage.markets[claim_market].key, self.stage.markets[debt_market].key);
        self.send(&[build::pay_debt(account, claim, debt)], &[])
    }

    /// Gives to the insurance fund.
    pub fn donate(&mut self, name: &str, atoms: u64) -> Sent {
        let trader = self.who(name);
        let (donor, tokens) = (solana_signer::Signer::pubkey(&trader.key), self.stage.tokens(trader.wallet));
        self.send_as(name, &[build::donate_insurance(self.stage.exchange, donor, tokens, atoms)])
    }

    /// Gives toward what a market left unfunded.
    pub fn cover_unfunded(&mut self, name: &str, market: usize, atoms: u64) -> Sent {
        self.give(name, market, atoms, build::cover_unfunded)
    }

    /// Gives to a market's reserve.
    pub fn donate_reserve(&mut self, name: &str, market: usize, atoms: u64) -> Sent {
        self.give(name, market, atoms, build::donate_reserve)
    }

    fn give(
        &mut self,
        name: &str,
        market: usize,
        atoms: u64,
        gift: fn(Pubkey, Pubkey, Pubkey, build::Tokens, u64) -> Instruction,
    ) -> Sent {
        let trader = self.who(name);
        let (donor, tokens) = (solana_signer::Signer::pubkey(&trader.key), self.stage.tokens(trader.wallet));
        let key = self.stage.markets[market].key;
        self.send_as(name, &[gift(self.stage.exchange, donor, key, tokens, atoms)])
    }

    /// Sweeps a market.
    pub fn sweep(&mut self, market: usize) -> Sent {
        self.send(&[build::sweep_market(self.stage.exchange, self.stage.markets[market].key)], &[])
    }

    /// Pays swept fees to the authority.
    pub fn collect_fees(&mut self) -> Sent {
        let authority = solana_signer::Signer::pubkey(&self.stage.authority);
        let tokens = self.stage.tokens(self.stage.treasury);
        self.send_as_authority(&[build::collect_fees(self.stage.exchange, authority, tokens)])
    }

    /// Closes a trader's empty account.
    pub fn close(&mut self, name: &str) -> Sent {
        let trader = self.who(name);
        let (owner, account) = (solana_signer::Signer::pubkey(&trader.key), trader.account);
        self.send_as(name, &[build::close_account(owner, account)])
    }

    /// Publishes a price twice, so that neither mark nor previous mark is better: the tier test favours the account.
    pub fn fall_to(&mut self, market: usize, price_micro_usd: u64) {
        self.publish(market, price_micro_usd);
        self.publish(market, price_micro_usd);
    }

    /// Health of a trader with one market as the acted-on one, as the program sees it now.
    pub fn health(&self, name: &str, market: usize, stance: Stance) -> Health {
        let index = self.stage.markets[market].index;
        preview::health(&self.stage.snapshot(), &self.account(name), index, stance, &self.stage.bank.now())
            .expect("health of a stored account")
    }

    /// Publishes a price with a confidence in ppm at the present time, and refreshes the market with it.
    pub fn quote(&mut self, market: usize, price_micro_usd: u64, confidence_ppm: u64) -> Sent {
        self.prices[market] = price_micro_usd;
        self.stage.post(market, price_micro_usd, confidence_ppm);
        self.refresh(market)
    }

    /// Refreshes a market from what its price account holds.
    pub fn refresh(&mut self, market: usize) -> Sent {
        let before = self.fingerprint();
        let sent = self.stage.refresh(market);
        self.after(sent, before)
    }

    /// Counts an account among those that a refused transaction must leave alone.
    pub fn watch(&mut self, stake: Pubkey) {
        if !self.stakes.contains(&stake) {
            self.stakes.push(stake);
        }
    }

    /// Asserts a refusal of the program; that nothing changed was checked when it was sent.
    #[track_caller]
    pub fn refused(&self, sent: Sent, error: BreakwaterError) {
        assert_refused(sent, error);
    }

    /// Checks every identity of the money model.
    pub fn check(&self) {
        self.check_reading(&self.fingerprint());
    }

    /// Checks every identity on accounts as read by [`World::fingerprint`].
    fn check_reading(&self, reading: &[Option<Vec<u8>>]) {
        const DATA: &str = "an account of the stage";
        let data = |place: usize| reading[place].as_deref().expect(DATA);
        let (market_end, count) = (FIXED + self.stage.markets.len(), self.stage.markets.len());
        let trader_end = market_end + 2 * self.traders.len();
        let traders = reading[market_end..trader_end].iter().step_by(2).chain([&reading[5]]).flatten();
        let traders = traders.filter(|data| !data.is_empty());
        let markets: Vec<_> = (0..count).map(|place| view::market(data(FIXED + place)).expect(DATA)).collect();
        let accounts: Vec<_> = traders.map(|data| view::margin_account(data).expect(DATA)).collect();
        let exchange = view::exchange(data(0)).expect(DATA);
        let broken = Ledger {
            booked_atoms: exchange.booked_atoms,
            fees_atoms: exchange.fees_atoms,
            insurance_atoms: view::insurance(data(2)).expect(DATA).state.balance_atoms,
            markets: &markets.iter().map(|market| (market.index, &market.state)).collect::<Vec<_>>(),
            accounts: &accounts.iter().map(|account| &account.state).collect::<Vec<_>>(),
            vault_atoms: spl_token::state::Account::unpack(data(1)).expect(DATA).amount,
            now: self.stage.bank.now(),
        }
        .broken();
        assert_eq!(broken, None, "an identity is broken");
    }

    /// Bytes of every account that a refused transaction must leave alone: [`FIXED`] accounts of the exchange, the
    /// markets, margin account and wallet of every trader, then the stakes.
    fn fingerprint(&self) -> Vec<Option<Vec<u8>>> {
        let exchange = self.stage.exchange;
        let fixed = [
            exchange,
            address::vault(&exchange),
            address::insurance(&exchange),
            self.stage.treasury,
            address::backstop(&exchange),
            address::backstop_account(&exchange),
        ];
        let markets = self.stage.markets.iter().map(|market| market.key);
        let traders = self.traders.values().flat_map(|trader| [trader.account, trader.wallet]);
        let keys = fixed.into_iter().chain(markets).chain(traders).chain(self.stakes.iter().copied());
        let keys: Vec<Pubkey> = keys.collect();
        self.stage.bank.accounts(&keys).into_iter().map(|account| account.map(|account| account.data)).collect()
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// SOL's starting values for a market without history: the depth's floor of 1/42 of its base, which holds until open
/// interest has a mean, is SOL's calm depth of $0.84 M.
pub fn sol_params() -> MarketParams {
    MarketParams {
        depth_base_atoms: 42 * MarketParams::SOL.depth_base_atoms,
        open_interest_max_lots: 1 << 44,
        ..MarketParams::SOL
    }
}
