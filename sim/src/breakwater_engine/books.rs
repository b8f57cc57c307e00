//! Owns the accounts as the keepers last read them, and the sending of transactions.
//!
//! Assumes that nobody else acts: what a transaction changes is read again after it, everything else stays as it was. The
//! checks of every ten minutes compare all of it with the bank.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anyhow::{Context, Result};
use breakwater::MarginAccount;
use breakwater_risk::{leg, state::AccountState, MarketState, Now};
use breakwater_sdk::{address, BackstopView, Snapshot};
use solana_keypair::Keypair;

use super::opening::Opened;
use crate::identities::Ledger;
use crate::stage::{Listed, Sent, Stage};

/// Whose account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A trader, by place in the inputs.
    Trader(usize),
    /// A keeper.
    Keeper(usize),
    /// The backstop.
    Backstop,
}

/// An account as last read.
pub struct Seat {
    /// Address.
    pub key: Pubkey,
    /// Decoded.
    pub account: MarginAccount,
}

/// A keeper.
pub struct Keeper {
    /// Signs its transactions.
    pub signer: Keypair,
    /// Its account.
    pub seat: Seat,
}

/// Everything that the keepers know.
pub struct Books {
    /// The exchange.
    pub stage: Stage,
    /// Place of the market.
    pub market: usize,
    /// The market as last read.
    pub snapshot: Snapshot,
    /// The traders' accounts, in the order of the inputs.
    pub traders: Vec<Seat>,
    /// The keepers.
    pub keepers: Vec<Keeper>,
    /// Accounts that hold capital and nothing else.
    pub makers: Vec<Seat>,
    /// The backstop and its account, if there is one.
    pub backstop: Option<BackstopView>,
    /// Balance of the insurance fund, atoms.
    pub insurance_atoms: u64,
    last_restart_slot: u64,
}

impl Books {
    /// Reads everything.
    pub fn read(opened: Opened) -> Self {
        let Opened { stage, market, accounts, keepers, makers } = opened;
        let seat = |key: Pubkey| Seat { account: stage.account(&key), key };
        let traders = accounts.into_iter().map(seat).collect();
        let makers = makers.into_iter().map(seat).collect();
        let keepers = keepers.into_iter().map(|keeper| Keeper { seat: seat(keeper.account), signer: keeper.key });
        Self {
            market,
            snapshot: stage.snapshot(),
            traders,
            keepers: keepers.collect(),
            makers,
            backstop: stage.backstop(),
            insurance_atoms: stage.insurance_account().state.balance_atoms,
            last_restart_slot: stage.bank.now().last_restart_slot,
            stage,
        }
    }

    /// The clock as formulas take it.
    pub fn now(&self) -> Now {
        let (slot, unix_timestamp) = self.stage.time();
        Now { slot, unix_timestamp, last_restart_slot: self.last_restart_slot }
    }

    /// The market's addresses and index.
    pub fn listed(&self) -> &Listed {
        &self.stage.markets[self.market]
    }

    /// The market's state.
    ///
    /// # Panics
    /// Never: the market was read at the beginning.
    pub fn state(&self) -> &MarketState {
        &self.snapshot.get(self.listed().index).expect("the market has been read").market.state
    }

    /// Address of an account.
    pub fn key(&self, who: Who) -> Pubkey {
        match who {
            Who::Trader(place) => self.traders[place].key,
            Who::Keeper(place) => self.keepers[place].seat.key,
            Who::Backstop => address::backstop_account(&self.stage.exchange),
        }
    }

    /// An account.
    ///
    /// # Panics
    /// For the backstop where there is none.
    pub fn account(&self, who: Who) -> &MarginAccount {
        match who {
            Who::Trader(place) => &self.traders[place].account,
            Who::Keeper(place) => &self.keepers[place].seat.account,
            Who::Backstop => &self.backstop.as_ref().expect("there is a backstop").account,
        }
    }

    /// Effective signed lots of an account.
    pub fn lots(&self, who: Who) -> i64 {
        lots_of(&self.account(who).state, self.state(), &self.now())
    }

    /// Insurance: the fund and the market's share that is still to be swept, atoms.
    pub fn insurance_with_accrued_atoms(&self) -> u64 {
        self.insurance_atoms + self.state().insurance_accrued_atoms
    }

    /// Publishes a price at a moment, and takes it into the market.
    pub fn refresh(&mut self, (slot, unix): (u64, i64), price_micro_usd: u64, confidence_ppm: u32) -> Result<()> {
        self.stage.bank.set_clock(slot, unix);
        self.stage.publish(self.market, price_micro_usd, u64::from(confidence_ppm)).context("refresh_market")?;
        self.reread_market();
        Ok(())
    }

    /// Sends one instruction, signed by the keepers among the parties, and reads again what it may have changed.
    pub fn send(&mut self, instruction: Instruction, parties: &[Who]) -> Sent {
        let signer = |who: &Who| match who {
            Who::Keeper(place) => Some(&self.keepers[*place].signer),
            _ => None,
        };
        let signers: Vec<&Keypair> = parties.iter().filter_map(signer).collect();
        let sent = self.stage.bank.send(&[instruction], &signers)?;
        self.reread_market();
        self.insurance_atoms = self.stage.insurance_account().state.balance_atoms;
        for who in parties {
            let account = || self.stage.account(&self.key(*who));
            match *who {
                Who::Trader(place) => self.traders[place].account = account(),
                Who::Keeper(place) => self.keepers[place].seat.account = account(),
                Who::Backstop => self.backstop = self.stage.backstop(),
            }
        }
        Ok(sent)
    }

    /// The first identity of DESIGN section 4 that does not hold, with its figures.
    pub fn broken_identity(&self) -> Option<String> {
        let backstop = self.backstop.iter().map(|view| &view.account);
        let accounts: Vec<&MarginAccount> = self.seats().map(|seat| &seat.account).chain(backstop).collect();
        let markets: Vec<_> = self.snapshot.iter().map(|view| &view.market).collect();
        Ledger {
            exchange: &self.stage.exchange_account(),
            insurance_atoms: self.insurance_atoms,
            markets: &markets,
            accounts: &accounts,
            vault_atoms: self.vault_atoms(),
            now: self.now(),
        }
        .broken()
    }

    fn reread_market(&mut self) {
        let key = self.listed().key;
        self.snapshot.insert(key, self.stage.market(self.market));
    }

    /// All accounts but the backstop's.
    pub fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.traders.iter().chain(self.keepers.iter().map(|keeper| &keeper.seat)).chain(&self.makers)
    }

    /// Whether the bank holds what the books say, for every account.
    pub fn agree_with_bank(&self) -> bool {
        let is_same = |key: &Pubkey, known: &[u8]| {
            let data = self.stage.bank.data(key).unwrap_or_default();
            data.get(8..) == Some(known)
        };
        let exchange = &self.stage.exchange;
        let is_same_backstop = |view: &BackstopView| {
            is_same(&address::backstop(exchange), bytemuck::bytes_of(&view.backstop))
                && is_same(&address::backstop_account(exchange), bytemuck::bytes_of(&view.account))
        };
        let insurance = self.stage.insurance_account().state.balance_atoms;
        self.seats().all(|seat| is_same(&seat.key, bytemuck::bytes_of(&seat.account)))
            && self.snapshot.iter().all(|view| is_same(&view.key, bytemuck::bytes_of(&view.market)))
            && self.backstop.iter().all(is_same_backstop)
            && insurance == self.insurance_atoms
    }

    /// Balance of the vault's token account, atoms.
    pub fn vault_atoms(&self) -> u64 {
        self.stage.bank.token_balance(&address::vault(&self.stage.exchange))
    }
}

/// Effective signed lots of an account in the one market.
pub fn lots_of(account: &AccountState, market: &MarketState, now: &Now) -> i64 {
    let legs = account.legs.iter().filter(|leg| leg.is_used());
    legs.filter_map(|leg| leg::evaluate(leg, market, now).ok()).map(|value| value.lots).sum()
}
