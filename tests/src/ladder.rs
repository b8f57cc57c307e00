//! The cranks of a market's liquidation ladder, by name.

use crate::world::World;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater_risk::units::LADDER_BUCKETS;
use breakwater_risk::Leg;
use breakwater_sdk::instruction as build;
use breakwater_sim::stage::Sent;

impl World {
    /// The instruction that registers a named account's leg anew.
    pub fn touch_instruction(&self, name: &str, market: usize) -> Instruction {
        let account = self.address_of(name);
        build::touch(self.stage.markets[market].key, account, &self.stage.markets_of(&[account]))
    }

    /// Registers a named account's leg anew; anybody may.
    pub fn touch(&mut self, name: &str, market: usize) -> Sent {
        let instruction = self.settling(self.touch_instruction(name, market), name);
        self.send(&[instruction], &[])
    }

    /// Measures a market's cascade ratios.
    pub fn measure_cascade(&mut self, market: usize) -> Sent {
        self.send(&[build::measure_cascade(self.stage.markets[market].key)], &[])
    }

    /// A named account's leg in a market; panics without one.
    pub fn leg(&self, name: &str, market: usize) -> Leg {
        let state = self.account(name).state;
        state.legs[state.find_leg(self.stage.markets[market].index).expect("a leg")]
    }

    /// What stands in a market's ladder, longs and shorts by bucket number modulo the length, atoms.
    pub fn ladder(&self, market: usize) -> [[u64; LADDER_BUCKETS]; 2] {
        let ladder = self.market(market).state.ladder;
        [ladder.long_atoms, ladder.short_atoms]
    }
}
