//! What can be done to a failing account, by name: sent, or only asked.

use crate::world::World;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::MarginAccount;
use breakwater_risk::insurance::FundState;
use breakwater_sdk::actions::{Action, Around};
use breakwater_sdk::{address, instruction as build, preview, BackstopView, Snapshot};
use breakwater_sim::bank::Refused;
use breakwater_sim::stage::Sent;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Name of the backstop's own account, wherever a trader's name is asked for that need not sign.
pub const BACKSTOP: &str = "the backstop";

/// The exchange as the SDK looks at it.
pub struct Sight {
    /// Markets.
    pub snapshot: Snapshot,
    /// The backstop, if there is one.
    pub backstop: Option<BackstopView>,
    /// The insurance fund.
    pub fund: FundState,
}

impl Sight {
    /// With somebody who would take slices.
    pub fn around<'a>(&'a self, taker: Option<&'a MarginAccount>) -> Around<'a> {
        Around {
            snapshot: &self.snapshot,
            backstop: self.backstop.as_ref(),
            taker: taker.map(Into::into),
            fund: &self.fund,
        }
    }
}

impl World {
    /// The exchange as it is now.
    pub fn sight(&self) -> Sight {
        Sight {
            snapshot: self.stage.snapshot(),
            backstop: self.stage.backstop(),
            fund: self.stage.insurance_account().state,
        }
    }

    /// Address of a named account; [`BACKSTOP`] is the backstop's.
    pub fn address_of(&self, name: &str) -> Pubkey {
        match name {
            BACKSTOP => address::backstop_account(&self.stage.exchange),
            name => self.who(name).account,
        }
    }

    /// The instruction of an action on a named account, as keepers build it: where the account has to be settled first, it is. `taker` would
    /// take a slice.
    pub fn instruction_of(&self, action: Action, name: &str, taker: &str) -> Instruction {
        let instruction = self.plain_instruction_of(action, name, taker);
        let acts =
            matches!(action, Action::Liquidate(_) | Action::Derisk(_) | Action::Absorb(_) | Action::Deleverage(_));
        if acts {
            self.settling(instruction, name)
        } else {
            instruction
        }
    }

    /// The instruction with the account's markets writable where the account has to be settled before the act.
    pub fn settling(&self, instruction: Instruction, name: &str) -> Instruction {
        let account = self.stage.account(&self.address_of(name));
        let (snapshot, now) = (self.stage.snapshot(), self.stage.bank.now());
        preview::settled_first(&snapshot, &account, instruction, &now)
    }

    /// The instruction of an action without a settlement before it.
    pub fn plain_instruction_of(&self, action: Action, name: &str, taker: &str) -> Instruction {
        let (account, exchange) = (self.address_of(name), self.stage.exchange);
        let key = |index: u16| self.stage.markets[usize::from(index)].key;
        let others = || self.stage.markets_of(&[account]);
        let with_backstop = || self.stage.markets_with_backstop(&[account]);
        match action {
            Action::Flag(index) => build::flag(key(index), account, &others()),
            Action::Liquidate(index) => {
                let taker = self.who(taker);
                let markets = self.stage.markets_of(&[account, taker.account]);
                build::liquidate(taker.key.pubkey(), key(index), account, taker.account, &markets)
            }
            Action::Derisk(index) => {
                let taker = self.who(taker);
                let markets = self.stage.markets_of(&[account, taker.account]);
                build::derisk(taker.key.pubkey(), key(index), account, taker.account, &markets)
            }
            Action::Absorb(index) => build::absorb(exchange, key(index), account, &with_backstop()),
            Action::Deleverage(index) => build::deleverage(exchange, key(index), account, &with_backstop()),
            Action::Resolve(index) => {
                let mut markets = vec![key(index)];
                markets.extend(others());
                build::resolve_bankruptcy(exchange, account, &markets)
            }
            Action::Settle => build::settle_account(account, &others()),
        }
    }

    /// Does something to a named account; `taker` takes the slice.
    pub fn act(&mut self, action: Action, name: &str, taker: &str) -> Sent {
        let instruction = self.instruction_of(action, name, taker);
        let keys = self.signers_of(action, taker);
        self.send(&[instruction], &keys.iter().collect::<Vec<_>>())
    }

    /// What [`World::act`] would say now; nothing changes.
    pub fn would(&mut self, action: Action, name: &str, taker: &str) -> Result<(), Box<Refused>> {
        let instruction = self.instruction_of(action, name, taker);
        let keys = self.signers_of(action, taker);
        self.stage.bank.simulate(&[instruction], &keys.iter().collect::<Vec<_>>())
    }

    fn signers_of(&self, action: Action, taker: &str) -> Vec<Keypair> {
        match action {
            Action::Liquidate(_) | Action::Derisk(_) => vec![self.who(taker).key.insecure_clone()],
            _ => Vec::new(),
        }
    }

    /// Settles a trader's account.
    pub fn settle(&mut self, name: &str) -> Sent {
        self.act(Action::Settle, name, name)
    }

    /// Flags a trader, or clears the flag.
    pub fn flag(&mut self, name: &str, market: usize) -> Sent {
        self.act(Action::Flag(self.stage.markets[market].index), name, name)
    }

    /// A keeper takes a slice of a trader's leg.
    pub fn liquidate(&mut self, keeper: &str, name: &str, market: usize) -> Sent {
        self.act(Action::Liquidate(self.stage.markets[market].index), name, keeper)
    }

    /// A keeper takes a part of the leg of a trader at risk.
    pub fn derisk(&mut self, keeper: &str, name: &str, market: usize) -> Sent {
        self.act(Action::Derisk(self.stage.markets[market].index), name, keeper)
    }

    /// A trader opts in to predictive closes, or out.
    pub fn set_derisk(&mut self, name: &str, opted_in: bool) -> Sent {
        let trader = self.who(name);
        let instruction = build::set_derisk(trader.key.pubkey(), trader.account, opted_in);
        self.send_as(name, &[instruction])
    }

    /// The backstop takes a trader's leg over.
    pub fn absorb(&mut self, name: &str, market: usize) -> Sent {
        self.act(Action::Absorb(self.stage.markets[market].index), name, name)
    }

    /// Deleverages a trader's leg.
    pub fn deleverage(&mut self, name: &str, market: usize) -> Sent {
        self.act(Action::Deleverage(self.stage.markets[market].index), name, name)
    }

    /// Resolves a bankrupt trader; `market` is the one whose fresh price proves it.
    pub fn resolve(&mut self, name: &str, market: usize) -> Sent {
        self.act(Action::Resolve(self.stage.markets[market].index), name, name)
    }
}
