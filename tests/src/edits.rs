//! Writing accounts past the program: for states that take too long to reach, and for accounts that fail while no
//! price moves. Identities are checked where money moved.

use crate::pools::Pool;
use crate::world::World;
use anchor_lang::prelude::Pubkey;
use breakwater::{Backstop, Exchange, InsuranceFund, MarginAccount, Market, Stake};
use breakwater_sdk::address;
use solana_signer::Signer;

impl World {
    /// Writes an account of the program past it.
    fn edit<T: bytemuck::Pod>(&mut self, key: Pubkey, edit: impl FnOnce(&mut T)) {
        let mut data = self.stage.bank.data(&key).expect("an account of the program");
        edit(bytemuck::from_bytes_mut(&mut data[8..8 + std::mem::size_of::<T>()]));
        self.stage.bank.set_account(&key, breakwater::ID, data);
    }

    /// Writes a market's account past the program: for states that take too long to reach.
    pub fn edit_market(&mut self, market: usize, edit: impl FnOnce(&mut Market)) {
        self.edit(self.stage.markets[market].key, edit);
    }

    /// Writes a trader's margin account past the program.
    pub fn edit_account(&mut self, name: &str, edit: impl FnOnce(&mut MarginAccount)) {
        self.edit(self.address_of(name), edit);
    }

    /// Writes the exchange's account past the program.
    pub fn edit_exchange(&mut self, edit: impl FnOnce(&mut Exchange)) {
        self.edit(self.stage.exchange, edit);
    }

    /// Writes the insurance fund's account past the program.
    pub fn edit_fund(&mut self, edit: impl FnOnce(&mut InsuranceFund)) {
        self.edit(self.pool(Pool::Insurance), edit);
    }

    /// Writes the backstop's account past the program.
    pub fn edit_backstop(&mut self, edit: impl FnOnce(&mut Backstop)) {
        self.edit(self.pool(Pool::Backstop), edit);
    }

    /// Writes the backstop's margin account past the program.
    pub fn edit_backstop_account(&mut self, edit: impl FnOnce(&mut MarginAccount)) {
        self.edit(address::backstop_account(&self.stage.exchange), edit);
    }

    /// Writes a trader's stake past the program.
    pub fn edit_stake(&mut self, name: &str, pool: Pool, edit: impl FnOnce(&mut Stake)) {
        self.edit(address::stake(&self.pool(pool), &self.who(name).key.pubkey()), edit);
    }

    /// Moves capital from one trader to another past the program: makes an account fail without a fall of the price.
    pub fn move_capital(&mut self, from: &str, to: &str, atoms: u64) {
        self.edit_account(from, |account| account.state.capital_atoms -= atoms);
        self.edit_account(to, |account| account.state.capital_atoms += atoms);
        self.check();
    }

    /// Leaves a trader only `atoms` of capital; the rest goes to another one.
    pub fn leave_capital(&mut self, name: &str, atoms: u64, to: &str) {
        let surplus = self.account(name).state.capital_atoms - atoms;
        self.move_capital(name, to, surplus);
    }

    /// Leaves the backstop only `atoms` of capital; the rest goes to a trader: a loss without a fall of the price.
    pub fn leave_backstop_capital(&mut self, atoms: u64, to: &str) {
        let lost = self.backstop().account.state.capital_atoms - atoms;
        self.edit_backstop_account(|account| account.state.capital_atoms -= lost);
        self.edit_account(to, |account| account.state.capital_atoms += lost);
        self.check();
    }

    /// Takes `atoms` out of the insurance fund, for a trader: a loss that it has paid.
    pub fn lose_insurance(&mut self, atoms: u64, to: &str) {
        self.edit_fund(|fund| fund.state.balance_atoms -= atoms);
        self.edit_account(to, |account| account.state.capital_atoms += atoms);
        self.check();
    }
}
