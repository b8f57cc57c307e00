//! `deposit`: collateral from anybody into an account (spec W-3).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{Deposited, EventHeader};
use crate::oracle;
use crate::state::{Exchange, MarginAccount};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::{acted, outflow};

/// Accounts of `deposit`.
#[derive(Accounts)]
pub struct Deposit<'info> {
    /// Owner of the tokens.
    pub depositor: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Account to credit.
    #[account(mut, constraint = account.load()?.exchange == exchange.key() @ BreakwaterError::WrongExchange)]
    pub account: AccountLoader<'info, MarginAccount>,
    /// Quote mint.
    #[account(address = exchange.load()?.quote_mint @ BreakwaterError::WrongMint)]
    pub quote_mint: Box<InterfaceAccount<'info, Mint>>,
    /// Where the tokens come from.
    #[account(mut, dup, constraint = source.mint == quote_mint.key() @ BreakwaterError::WrongMint)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the vault, by its address; the token program checks what it holds.
    #[account(mut, address = exchange.load()?.vault @ BreakwaterError::WrongVault)]
    pub vault: UncheckedAccount<'info>,
    /// Token program of the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// 1. Credits the account and books the cash. 2. Takes the tokens.
pub fn handle_deposit(ctx: Context<Deposit>, amount_atoms: u64) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let exchange = &mut *exchange;
        let mut account = ctx.accounts.account.load_mut()?;
        acted::credit(&mut account.state, amount_atoms).or_refuse()?;
        outflow::record_deposit(
            &mut exchange.outflow,
            &exchange.outflow_limits,
            &mut account.state,
            amount_atoms,
            exchange.booked_atoms,
            now.unix_timestamp,
        )
        .or_refuse()?;
        exchange.book_in(amount_atoms)?;
        emit!(Deposited {
            header: EventHeader::of_account(&mut account, &now),
            account: ctx.accounts.account.key(),
            amount_atoms,
            capital_atoms: account.state.capital_atoms,
        });
    }
    let accounts = &ctx.accounts;
    tokens::take(
        (&accounts.source, accounts.depositor.to_account_info()),
        accounts.vault.to_account_info(),
        &accounts.quote_mint,
        accounts.token_program.key(),
        amount_atoms,
    )
}
