//! `donate_insurance`: anybody may give to the insurance fund; nobody takes from it (spec I-1).

use crate::errors::BreakwaterError;
use crate::events::{EventHeader, InsuranceDonated};
use crate::oracle;
use crate::state::{Exchange, InsuranceFund};
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{transfer_checked, Mint, TokenAccount, TokenInterface, TransferChecked};

/// Accounts of `donate_insurance`.
#[derive(Accounts)]
pub struct DonateInsurance<'info> {
    /// Owner of the tokens.
    pub donor: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Insurance fund.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub insurance: Account<'info, InsuranceFund>,
    /// Quote mint.
    #[account(address = exchange.load()?.quote_mint @ BreakwaterError::WrongMint)]
    pub quote_mint: Box<InterfaceAccount<'info, Mint>>,
    /// Where the tokens come from.
    #[account(mut, constraint = source.mint == quote_mint.key() @ BreakwaterError::WrongMint)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the vault, by its address; the token program checks what it holds.
    #[account(mut, address = exchange.load()?.vault @ BreakwaterError::WrongVault)]
    pub vault: UncheckedAccount<'info>,
    /// Token program of the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// Books the gift and takes the tokens.
pub fn handle_donate_insurance(ctx: Context<DonateInsurance>, amount_atoms: u64) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    let exchange_key = ctx.accounts.exchange.key();
    {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let insurance = &mut ctx.accounts.insurance;
        insurance.balance_atoms = insurance.balance_atoms.checked_add(amount_atoms).ok_or(BreakwaterError::Overflow)?;
        exchange.booked_atoms = exchange.booked_atoms.checked_add(amount_atoms).ok_or(BreakwaterError::Overflow)?;
        emit!(InsuranceDonated {
            header: EventHeader::of_exchange(&mut exchange, exchange_key, &now),
            donor: ctx.accounts.donor.key(),
            amount_atoms,
            balance_atoms: insurance.balance_atoms,
        });
    }
    let transfer = TransferChecked {
        from: ctx.accounts.source.to_account_info(),
        mint: ctx.accounts.quote_mint.to_account_info(),
        to: ctx.accounts.vault.to_account_info(),
        authority: ctx.accounts.donor.to_account_info(),
    };
    let cpi = CpiContext::new(ctx.accounts.token_program.key(), transfer);
    transfer_checked(cpi, amount_atoms, ctx.accounts.quote_mint.decimals)
}
