//! Every account of the scene: what stands in an instruction, and what may be put in its place.

use anchor_lang::prelude::Pubkey;
use breakwater_sim::bank::{Bank, PYTH_RECEIVER};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;
use std::collections::BTreeMap;

/// Where an account belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// To the exchange that is acted on, or to no exchange.
    Home,
    /// To another exchange.
    Foreign,
}

/// An account of the scene.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Address.
    pub key: Pubkey,
    /// Where it belongs.
    pub side: Side,
    /// Who may dispose of it, if anybody is named.
    pub owner: Option<Pubkey>,
}

/// What accounts have in common that only their bytes tell apart: program, and type or length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    program: Pubkey,
    tag: Vec<u8>,
}

/// The accounts of the scene.
#[derive(Default)]
pub struct Cast {
    /// Accounts, the most dangerous of their kind first.
    pub members: Vec<Member>,
    /// Keys that can sign.
    pub keys: BTreeMap<Pubkey, Keypair>,
    /// Programs.
    pub programs: Vec<Pubkey>,
}

impl Cast {
    /// Adds an account of the exchange that is acted on, or of none.
    pub fn home(&mut self, key: Pubkey, owner: Option<Pubkey>) {
        self.members.push(Member { key, side: Side::Home, owner });
    }

    /// Adds an account of another exchange.
    pub fn foreign(&mut self, key: Pubkey, owner: Option<Pubkey>) {
        self.members.push(Member { key, side: Side::Foreign, owner });
    }

    /// Adds a key that can sign.
    pub fn signer(&mut self, key: &Keypair) {
        if self.keys.insert(key.pubkey(), key.insecure_clone()).is_none() {
            self.home(key.pubkey(), Some(key.pubkey()));
        }
    }

    /// A member by its address.
    pub fn member(&self, key: &Pubkey) -> Option<&Member> {
        self.members.iter().find(|member| member.key == *key)
    }
}

impl Class {
    /// Of an account.
    pub fn of(account: &Account) -> Self {
        let has_type = account.owner == breakwater::ID || account.owner == PYTH_RECEIVER;
        let tag = match has_type {
            true => account.data[..8].to_vec(),
            false => account.data.len().to_le_bytes().to_vec(),
        };
        Self { program: account.owner, tag }
    }

    /// Whether it is a type of the program with this discriminator.
    pub fn is_type(&self, discriminator: &[u8]) -> bool {
        self.program == breakwater::ID && self.tag == discriminator
    }
}

/// Accounts of a bank, with what is there: no lamports means nothing. The rent epoch, which says nothing, is left out.
pub fn read(bank: &Bank, keys: &[Pubkey]) -> Vec<Option<Account>> {
    let there = bank.accounts(keys).into_iter().map(|account| account.filter(|account| account.lamports > 0));
    there.map(|account| account.map(|account| Account { rent_epoch: 0, ..account })).collect()
}
