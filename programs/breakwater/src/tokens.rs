//! The two ways in which tokens move: into the vault, signed by their owner, and out of it, signed by the exchange.
//!
//! Assumes that the instruction has checked mint, vault and token account by address or constraint, and has booked the move.

use crate::constants::EXCHANGE_SEED;
use crate::state::Exchange;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{transfer_checked, Mint, TransferChecked};

/// Takes tokens into the vault.
pub fn take<'info>(
    (source, owner): (AccountInfo<'info>, AccountInfo<'info>),
    vault: AccountInfo<'info>,
    mint: &InterfaceAccount<'info, Mint>,
    token_program: Pubkey,
    amount_atoms: u64,
) -> Result<()> {
    let transfer = TransferChecked { from: source, mint: mint.to_account_info(), to: vault, authority: owner };
    transfer_checked(CpiContext::new(token_program, transfer), amount_atoms, mint.decimals)
}

/// Pays tokens out of the vault.
pub fn pay<'info>(
    exchange: &AccountLoader<'info, Exchange>,
    (vault, destination): (AccountInfo<'info>, AccountInfo<'info>),
    mint: &InterfaceAccount<'info, Mint>,
    token_program: Pubkey,
    amount_atoms: u64,
) -> Result<()> {
    let (id, bump) = {
        let exchange = exchange.load()?;
        (exchange.id, exchange.bump)
    };
    let transfer = TransferChecked {
        from: vault,
        mint: mint.to_account_info(),
        to: destination,
        authority: exchange.to_account_info(),
    };
    let seeds: &[&[u8]] = &[EXCHANGE_SEED, &id.to_le_bytes(), &[bump]];
    let signer = [seeds];
    transfer_checked(CpiContext::new_with_signer(token_program, transfer, &signer), amount_atoms, mint.decimals)
}
