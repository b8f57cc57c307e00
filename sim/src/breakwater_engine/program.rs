//! Owns the real program as a backend: the exchange in an in-process bank, and the books read from it.
//!
//! Assumes that nobody else acts: what a transaction changes is read again after it, everything else stays as it was;
//! [`Backend::audit`] compares all of it with the bank. [`acts`] sends what keepers do, [`cranks`] what keeps the indicators.

mod acts;
mod cranks;
mod exit;

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anyhow::{bail, ensure, Context, Result};
use breakwater_risk::{
    absorb::AbsorbReport,
    bankruptcy::BankruptcyReport,
    deleveraging::DeleverageReport,
    derisk::DeriskReport,
    ladder::{CascadeReport, Registration},
    liquidation::SliceReport,
    macro_index::{FeedTerms, MacroIndexState},
    settle::SettlementReport,
    trade::{Fill, FillReport},
    unwind::UnwindReport,
    MarketParams, MarketState,
};
use breakwater_sdk::{address, instruction as build};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{
    backend::{Attempt, Backend, Time},
    books::{Backstop, Books, Cash, Role, Who},
    macro_feeds::FeedPrice,
};
use crate::{
    listing,
    stage::{Listed, Sent, Stage, Trader},
};

/// The key with which keepers act for a willing trader: one for each trader, since who signs for a taker may not act for the failing
/// account, too.
fn delegate_of(trader: usize) -> Keypair {
    let mut seed = *b"the delegate of trader          ";
    seed[24..].copy_from_slice(&(trader as u64).to_le_bytes());
    Keypair::new_from_array(seed)
}

/// The exchange in the bank.
pub struct Program {
    stage: Stage,
    market: usize,
    traders: Vec<Trader>,
    keepers: Vec<Trader>,
    makers: Vec<Trader>,
    backstop_staker: Option<Trader>,
    insurance_staker: Option<Trader>,
    books: Books,
    /// The feeds of the macro index, in their order; empty without one.
    macro_sources: Vec<MacroSource>,
}

/// Where the prices of a feed come from.
#[derive(Clone, Copy)]
struct MacroSource {
    feed_id: [u8; 32],
    price_account: Pubkey,
}

impl Program {
    fn listed(&self) -> &Listed {
        &self.stage.markets[self.market]
    }

    fn party(&self, who: Who) -> Option<&Trader> {
        match who {
            Who::Trader(place) => Some(&self.traders[place]),
            Who::Keeper(place) => Some(&self.keepers[place]),
            Who::Maker(place) => Some(&self.makers[place]),
            Who::Backstop => None,
        }
    }

    /// Address of a margin account.
    fn key(&self, who: Who) -> Pubkey {
        self.party(who).map_or_else(|| address::backstop_account(&self.stage.exchange), |party| party.account)
    }

    /// Who signs for an account that takes something: the keeper whose it is, or a trader's delegate.
    ///
    /// # Panics
    /// When it is neither a keeper's nor a trader's.
    fn operator(&self, taker: Who) -> Pubkey {
        match taker {
            Who::Keeper(place) => self.keepers[place].key.pubkey(),
            Who::Trader(place) => delegate_of(place).pubkey(),
            Who::Maker(_) | Who::Backstop => panic!("only keepers and traders take lots"),
        }
    }

    /// Sends one instruction, signed by those of the parties who must, and reads again what it may have changed.
    fn send(&mut self, instruction: Instruction, parties: &[Who]) -> Sent {
        let signs =
            |key: &Keypair| instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
        let own = parties.iter().filter_map(|who| Some(self.party(*who)?.key.insecure_clone()));
        let delegates = parties.iter().filter_map(|who| match who {
            Who::Trader(place) => Some(delegate_of(*place)),
            _ => None,
        });
        let keys: Vec<Keypair> = own.chain(delegates).filter(signs).collect();
        let sent = self.stage.bank.send(&[instruction], &keys.iter().collect::<Vec<_>>())?;
        self.reread(parties);
        Ok(sent)
    }

    /// Sends what the owner of an account decides.
    fn send_as_owner(&mut self, who: Who, build: impl FnOnce(Pubkey, Pubkey) -> Instruction) -> Result<()> {
        let party = self.party(who).context("nobody owns the backstop's account")?;
        let owner = party.key.insecure_clone();
        let instruction = build(owner.pubkey(), party.account);
        self.stage.bank.send(&[instruction], &[&owner])?;
        self.reread(&[who]);
        Ok(())
    }

    /// Reads everything again but the accounts of those who took no part.
    fn reread(&mut self, parties: &[Who]) {
        self.books.market = self.stage.market(self.market).state;
        self.books.fund = self.stage.insurance_account().state;
        self.books.cash = self.cash();
        self.books.now = self.stage.bank.now();
        self.books.backstop = self.backstop();
        self.books.macro_index = self.macro_index();
        for who in parties.iter().filter(|who| **who != Who::Backstop) {
            let state = self.stage.account(&self.key(*who)).state;
            self.books.put(*who, state);
        }
    }

    fn backstop(&self) -> Option<Backstop> {
        let view = self.stage.backstop()?;
        Some(Backstop { state: view.backstop.state, account: view.account.state })
    }

    fn macro_index(&self) -> Option<MacroIndexState> {
        Some(self.stage.macro_index()?.state)
    }

    fn cash(&self) -> Cash {
        let exchange = self.stage.exchange_account();
        let vault_atoms = self.stage.bank.token_balance(&address::vault(&self.stage.exchange));
        Cash { booked_atoms: exchange.booked_atoms, fees_atoms: exchange.fees_atoms, vault_atoms }
    }

    fn is_same_account(&self, who: Who) -> bool {
        self.stage.account(&self.key(who)).state == *self.books.account(who)
    }
}

impl Backend for Program {
    const IDENTITIES_EVERY_S: u64 = 1;

    fn list(params: &MarketParams, lot_exponent: i8, (slot, unix_timestamp): Time) -> Result<Self> {
        listing::validate(params)?;
        let mut stage = Stage::new()?;
        stage.bank.set_clock(slot, unix_timestamp);
        let market = stage.list_market(params, lot_exponent)?;
        let (state, fund) = (stage.market(market).state, stage.insurance_account().state);
        let books = Books::new(state, fund, stage.bank.now());
        let (traders, keepers, makers) = (Vec::new(), Vec::new(), Vec::new());
        let (backstop_staker, insurance_staker, macro_sources) = (None, None, Vec::new());
        let mut program =
            Self { stage, market, traders, keepers, makers, backstop_staker, insurance_staker, books, macro_sources };
        program.reread(&[]);
        Ok(program)
    }

    fn books(&self) -> &Books {
        &self.books
    }

    fn books_mut(&mut self) -> &mut Books {
        &mut self.books
    }

    fn overwrite_market(&mut self, state: &MarketState) -> Result<()> {
        let key = self.listed().key;
        let mut account = self.stage.market(self.market);
        account.state = *state;
        let mut data = self.stage.bank.data(&key).context("the market's account")?;
        data[8..].copy_from_slice(bytemuck::bytes_of(&account));
        self.stage.bank.set_account(&key, breakwater::ID, data);
        self.reread(&[]);
        Ok(())
    }

    fn audit(&self) -> Result<()> {
        let places = (0..self.traders.len()).map(Who::Trader);
        let places = places.chain((0..self.keepers.len()).map(Who::Keeper));
        let mut places = places.chain((0..self.makers.len()).map(Who::Maker));
        let is_same = places.all(|who| self.is_same_account(who))
            && self.books.market == self.stage.market(self.market).state
            && self.books.backstop == self.backstop()
            && self.books.macro_index == self.macro_index()
            && self.books.fund == self.stage.insurance_account().state
            && self.books.cash == self.cash();
        ensure!(is_same, "the books differ from the bank");
        Ok(())
    }

    fn open_account(&mut self, role: Role, deposit_atoms: u64) -> Result<Who> {
        let trader = self.stage.open_trader(deposit_atoms)?;
        let state = self.stage.account(&trader.account).state;
        let parties = match role {
            Role::Trader => &mut self.traders,
            Role::Keeper => &mut self.keepers,
            Role::Maker => &mut self.makers,
        };
        parties.push(trader);
        self.reread(&[]);
        Ok(self.books.open(role, state))
    }

    fn donate_insurance(&mut self, atoms: u64) -> Result<()> {
        let (donor, tokens) = (self.stage.authority.pubkey(), self.stage.tokens(self.stage.treasury));
        let donation = build::donate_insurance(self.stage.exchange, donor, tokens, atoms);
        self.stage.send_as_authority(&[donation])?;
        self.reread(&[]);
        Ok(())
    }

    fn create_backstop(&mut self, loss_line_ppm: u32, capital_atoms: u64) -> Result<()> {
        let stage = &mut self.stage;
        stage.create_backstop(loss_line_ppm)?;
        let provider = stage.open_trader(0)?;
        let (exchange, owner, payer) = (stage.exchange, provider.key.pubkey(), stage.bank.payer().pubkey());
        let stake = [
            build::open_stake(exchange, payer, owner, address::backstop(&exchange)),
            build::stake_backstop(exchange, owner, stage.tokens(provider.wallet), capital_atoms, 0, &[]),
        ];
        stage.bank.send(&stake, &[&provider.key])?;
        self.backstop_staker = Some(provider);
        self.reread(&[]);
        Ok(())
    }

    fn create_macro_index(&mut self, feeds: &[FeedTerms]) -> Result<()> {
        self.send_macro_index(feeds)
    }

    fn delegate_to_keepers(&mut self, trader: Who) -> Result<()> {
        let Who::Trader(place) = trader else { bail!("only traders let keepers act for them") };
        let delegate = delegate_of(place).pubkey();
        self.send_as_owner(trader, |owner, account| build::set_delegate(owner, account, delegate, u64::MAX))
    }

    fn opt_in(&mut self, trader: Who) -> Result<()> {
        self.send_as_owner(trader, |owner, account| build::set_derisk(owner, account, true))
    }

    fn refresh_macro(&mut self, time: Time, prices: &[FeedPrice]) -> Result<()> {
        self.send_macro_prices(time, prices)
    }

    fn refresh(&mut self, (slot, unix_timestamp): Time, price_micro_usd: u64, confidence_ppm: u64) -> Result<()> {
        self.stage.bank.set_clock(slot, unix_timestamp);
        self.stage.publish(self.market, price_micro_usd, confidence_ppm).context("refresh_market")?;
        self.reread(&[]);
        Ok(())
    }

    fn settle_trade(&mut self, buyer: Who, seller: Who, fill: Fill) -> Attempt<FillReport> {
        self.send_fill(buyer, seller, fill)
    }

    fn settle_account(&mut self, who: Who) -> Attempt<SettlementReport> {
        self.send_settlement(who)
    }

    fn resolve_bankruptcy(&mut self, who: Who) -> Attempt<BankruptcyReport> {
        self.send_resolution(who)
    }

    fn liquidate(&mut self, who: Who, taker: Who) -> Attempt<SliceReport> {
        self.send_slice(who, taker)
    }

    fn derisk(&mut self, who: Who, taker: Who) -> Attempt<DeriskReport> {
        self.send_derisking(who, taker)
    }

    fn absorb(&mut self, who: Who) -> Attempt<AbsorbReport> {
        self.send_absorption(who)
    }

    fn deleverage(&mut self, who: Who) -> Attempt<DeleverageReport> {
        self.send_deleveraging(who)
    }

    fn unwind(&mut self, buyer: Who, most_lots: u64) -> Attempt<UnwindReport> {
        self.send_unwinding(buyer, most_lots)
    }

    fn flag(&mut self, who: Who) -> Attempt<bool> {
        self.send_flag(who)
    }

    fn touch(&mut self, who: Who) -> Attempt<Option<Registration>> {
        self.send_touch(who)
    }

    fn measure_cascade(&mut self) -> Attempt<CascadeReport> {
        self.send_measurement()
    }
}
