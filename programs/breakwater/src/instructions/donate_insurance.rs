//! `donate_insurance`: anybody may give to the insurance fund; nobody takes from it (spec I-1).

use crate::errors::BreakwaterError;
use crate::events::{EventHeader, InsuranceDonated};
use crate::oracle;
use crate::state::{Exchange, InsuranceFund};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

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
    pub insurance: AccountLoader<'info, InsuranceFund>,
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
        let balance = &mut ctx.accounts.insurance.load_mut()?.state.balance_atoms;
        *balance = balance.checked_add(amount_atoms).ok_or(BreakwaterError::Overflow)?;
        exchange.book_in(amount_atoms)?;
        emit!(InsuranceDonated {
            header: EventHeader::of_exchange(&mut exchange, exchange_key, &now),
            donor: ctx.accounts.donor.key(),
            amount_atoms,
            balance_atoms: *balance,
        });
    }
    let accounts = &ctx.accounts;
    tokens::take(
        (&accounts.source, accounts.donor.to_account_info()),
        accounts.vault.to_account_info(),
        &accounts.quote_mint,
        accounts.token_program.key(),
        amount_atoms,
    )
}
