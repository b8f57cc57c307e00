//! Builders of the cranks of a market's liquidation ladder.

use super::{build, with_markets};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{accounts, instruction as data};

/// Registers an account's leg anew in a market's ladder.
pub fn touch(market: Pubkey, account: Pubkey, other_markets: &[Pubkey]) -> Instruction {
    with_markets(build(accounts::Touch { market, account }, data::Touch {}), other_markets, false)
}

/// Measures a market's cascade ratios.
pub fn measure_cascade(market: Pubkey) -> Instruction {
    build(accounts::MeasureCascade { market }, data::MeasureCascade {})
}
