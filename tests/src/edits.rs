//! Writing accounts past the program: for states that take too long to reach, and for accounts that fail while no
//! price moves. Identities are checked where money moved.

use crate::world::World;
use breakwater::{Exchange, MarginAccount, Market};

impl World {
    /// Writes a market's account past the program: for states that take too long to reach.
    pub fn edit_market(&mut self, market: usize, edit: impl FnOnce(&mut Market)) {
        let key = self.stage.markets[market].key;
        let mut data = self.stage.bank.data(&key).expect("a market");
        edit(bytemuck::from_bytes_mut(&mut data[8..]));
        self.stage.bank.set_account(&key, breakwater::ID, data);
    }

    /// Writes a trader's margin account past the program.
    pub fn edit_account(&mut self, name: &str, edit: impl FnOnce(&mut MarginAccount)) {
        let key = self.address_of(name);
        let mut data = self.stage.bank.data(&key).expect("a margin account");
        edit(bytemuck::from_bytes_mut(&mut data[8..]));
        self.stage.bank.set_account(&key, breakwater::ID, data);
    }

    /// Writes the exchange's account past the program.
    pub fn edit_exchange(&mut self, edit: impl FnOnce(&mut Exchange)) {
        let key = self.stage.exchange;
        let mut data = self.stage.bank.data(&key).expect("the exchange");
        edit(bytemuck::from_bytes_mut(&mut data[8..]));
        self.stage.bank.set_account(&key, breakwater::ID, data);
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
}
