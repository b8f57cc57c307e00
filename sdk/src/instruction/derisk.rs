//! Builders of the predictive closes.

use super::{build, with_markets};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{accounts, instruction as data};

/// Opts an account in to predictive closes, or out.
pub fn set_derisk(owner: Pubkey, account: Pubkey, opted_in: bool) -> Instruction {
    build(accounts::OwnerOnly { owner, account }, data::SetDerisk { opted_in })
}

/// Takes a part of the leg of an account at risk; `other_markets` are those of both accounts.
pub fn derisk(
    keeper: Pubkey,
    market: Pubkey,
    account: Pubkey,
    keeper_account: Pubkey,
    other_markets: &[Pubkey],
) -> Instruction {
    let accounts = accounts::Takeover { keeper, market, account, keeper_account };
    with_markets(build(accounts, data::Derisk {}), other_markets, false)
}
