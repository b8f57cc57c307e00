//! Builders of the macro index.

use super::build;
use crate::address;
use anchor_lang::prelude::{AccountMeta, Pubkey};
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use breakwater::{accounts, instruction as data, MacroFeedArgs};

/// Creates the macro index of an exchange.
pub fn create_macro_index(exchange: Pubkey, authority: Pubkey, feeds: Vec<MacroFeedArgs>) -> Instruction {
    let accounts = accounts::CreateMacroIndex {
        authority,
        exchange,
        macro_index: address::macro_index(&exchange),
        system_program: system_program::ID,
    };
    build(accounts, data::CreateMacroIndex { feeds })
}

/// Proposes other feeds for the macro index.
pub fn propose_macro_index(exchange: Pubkey, authority: Pubkey, feeds: Vec<MacroFeedArgs>) -> Instruction {
    let accounts = accounts::GovernMacroIndex { authority, exchange, macro_index: address::macro_index(&exchange) };
    build(accounts, data::ProposeMacroIndex { feeds })
}

/// Gives the macro index the proposed feeds; anyone may, once their time has come.
pub fn apply_macro_index(exchange: Pubkey) -> Instruction {
    let accounts = accounts::ApplyMacroIndex { exchange, macro_index: address::macro_index(&exchange) };
    build(accounts, data::ApplyMacroIndex {})
}

/// Takes a proposal of other feeds back.
pub fn cancel_macro_index(exchange: Pubkey, authority: Pubkey) -> Instruction {
    let accounts = accounts::GovernMacroIndex { authority, exchange, macro_index: address::macro_index(&exchange) };
    build(accounts, data::CancelMacroIndex {})
}

/// Takes prices into the macro index, from price accounts of one to eight of its feeds.
pub fn refresh_macro(exchange: Pubkey, price_accounts: &[Pubkey]) -> Instruction {
    let accounts = accounts::RefreshMacro { exchange, macro_index: address::macro_index(&exchange) };
    let mut instruction = build(accounts, data::RefreshMacro {});
    instruction.accounts.extend(price_accounts.iter().map(|key| AccountMeta::new_readonly(*key, false)));
    instruction
}
