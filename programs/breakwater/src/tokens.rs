//! The two ways in which tokens move: into the vault, signed by their owner, and out of it, signed by the exchange.
//!
//! Assumes that the instruction has checked mint, vault and token account by address or constraint, and has booked the move. What
//! the token program would refuse by a number is refused here first, by the rule: a program cannot answer in its place.

use crate::constants::EXCHANGE_SEED;
use crate::errors::BreakwaterError;
use crate::state::Exchange;
use anchor_lang::prelude::*;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::token_2022::spl_token_2022::extension::cpi_guard::CpiGuard;
use anchor_spl::token_2022::spl_token_2022::extension::memo_transfer::MemoTransfer;
use anchor_spl::token_2022::spl_token_2022::extension::{BaseStateWithExtensions, StateWithExtensions};
use anchor_spl::token_2022::spl_token_2022::state::Account as TokenState;
use anchor_spl::token_interface::{transfer_checked, Mint, TokenAccount, TransferChecked};

/// Where a token account says that it is frozen, in both token programs.
const STATE_OFFSET: usize = 108;
/// What it says then.
const FROZEN: u8 = 2;
/// Bytes of a token account without extensions.
const PLAIN_BYTES: usize = TokenState::LEN;

/// Takes tokens into the vault. Errors: `WrongTokenProgram`, `VaultFrozen`, `TokenAccountFrozen`, `TokenAccountGuarded`,
/// `NotTokenOwner`, `InsufficientTokens`.
pub fn take<'info>(
    (source, owner): (&InterfaceAccount<'info, TokenAccount>, AccountInfo<'info>),
    vault: AccountInfo<'info>,
    mint: &InterfaceAccount<'info, Mint>,
    token_program: Pubkey,
    amount_atoms: u64,
) -> Result<()> {
    require_movable(source, &vault, mint, &token_program)?;
    require_spendable(source, owner.key, amount_atoms)?;
    let transfer =
        TransferChecked { from: source.to_account_info(), mint: mint.to_account_info(), to: vault, authority: owner };
    transfer_checked(CpiContext::new(token_program, transfer), amount_atoms, mint.decimals)
}

/// Pays tokens out of the vault. Errors: `WrongTokenProgram`, `VaultFrozen`, `TokenAccountFrozen`, `MemoDemanded`.
pub fn pay<'info>(
    exchange: &AccountLoader<'info, Exchange>,
    (vault, destination): (AccountInfo<'info>, &InterfaceAccount<'info, TokenAccount>),
    mint: &InterfaceAccount<'info, Mint>,
    token_program: Pubkey,
    amount_atoms: u64,
) -> Result<()> {
    require_movable(destination, &vault, mint, &token_program)?;
    require!(!demands_memo(destination.as_ref()), BreakwaterError::MemoDemanded);
    let (creator, id, bump) = {
        let exchange = exchange.load()?;
        (exchange.creator, exchange.id, exchange.bump)
    };
    let transfer = TransferChecked {
        from: vault,
        mint: mint.to_account_info(),
        to: destination.to_account_info(),
        authority: exchange.to_account_info(),
    };
    let seeds: &[&[u8]] = &[EXCHANGE_SEED, creator.as_ref(), &id.to_le_bytes(), &[bump]];
    let signer = [seeds];
    transfer_checked(CpiContext::new_with_signer(token_program, transfer, &signer), amount_atoms, mint.decimals)
}

/// Refuses the token program of another mint, and what the mint's freeze authority has frozen.
fn require_movable(
    account: &InterfaceAccount<'_, TokenAccount>,
    vault: &AccountInfo<'_>,
    mint: &InterfaceAccount<'_, Mint>,
    token_program: &Pubkey,
) -> Result<()> {
    let mint: &AccountInfo<'_> = mint.as_ref();
    require!(mint.owner == token_program, BreakwaterError::WrongTokenProgram);
    let is_vault_frozen = vault.try_borrow_data()?.get(STATE_OFFSET) == Some(&FROZEN);
    require!(!is_vault_frozen, BreakwaterError::VaultFrozen);
    require!(!account.is_frozen(), BreakwaterError::TokenAccountFrozen);
    Ok(())
}

/// Refuses tokens that the signer may not move: somebody else's, too few, or guarded against transfers by programs. As the token
/// programs do, it takes a signer who is the delegate for no more than that. No quote mint has a permanent delegate.
fn require_spendable(source: &InterfaceAccount<'_, TokenAccount>, signer: &Pubkey, amount_atoms: u64) -> Result<()> {
    let is_delegate = source.delegate.contains(signer);
    require!(is_delegate || source.owner == *signer, BreakwaterError::NotTokenOwner);
    let allowed = if is_delegate { source.amount.min(source.delegated_amount) } else { source.amount };
    require_gte!(allowed, amount_atoms, BreakwaterError::InsufficientTokens);
    require!(is_delegate || !is_guarded(source.as_ref()), BreakwaterError::TokenAccountGuarded);
    Ok(())
}

/// Whether the owner has guarded a token account against transfers by programs. A delegate's are not.
fn is_guarded(account: &AccountInfo<'_>) -> bool {
    has_extension(account, |state| state.get_extension::<CpiGuard>().is_ok_and(|guard| guard.lock_cpi.into()))
}

/// Whether the owner of a token account wants a memo with every transfer to it.
fn demands_memo(account: &AccountInfo<'_>) -> bool {
    let wants = |state: &StateWithExtensions<'_, TokenState>| {
        state.get_extension::<MemoTransfer>().is_ok_and(|memo| memo.require_incoming_transfer_memos.into())
    };
    has_extension(account, wants)
}

/// Asks the extensions of a token account, if it has any. An account that cannot be read is left to the token program.
#[inline(never)]
fn has_extension(account: &AccountInfo<'_>, asked: impl Fn(&StateWithExtensions<'_, TokenState>) -> bool) -> bool {
    if account.data_len() <= PLAIN_BYTES {
        return false;
    }
    let data = account.try_borrow_data();
    data.is_ok_and(|data| StateWithExtensions::<TokenState>::unpack(&data).is_ok_and(|state| asked(&state)))
}
