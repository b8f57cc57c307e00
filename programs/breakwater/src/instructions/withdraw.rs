//! `withdraw`: free capital to the owner, within the exchange's outflow limit (spec W-1, W-2, W-4).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, Withdrawn};
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{Exchange, MarginAccount};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::{cash, outflow};

/// Accounts of `withdraw`. Remaining: the markets of all legs, read-only.
#[derive(Accounts)]
pub struct Withdraw<'info> {
    /// Owner of the account; a delegate may not withdraw.
    pub owner: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Account to debit.
    #[account(
        mut, has_one = owner @ BreakwaterError::NotOwner,
        constraint = account.load()?.exchange == exchange.key() @ BreakwaterError::WrongExchange
    )]
    pub account: AccountLoader<'info, MarginAccount>,
    /// Quote mint.
    #[account(address = exchange.load()?.quote_mint @ BreakwaterError::WrongMint)]
    pub quote_mint: Box<InterfaceAccount<'info, Mint>>,
    /// Where the tokens go: a token account of the owner.
    #[account(
        mut, dup, constraint = destination.mint == quote_mint.key() @ BreakwaterError::WrongMint,
        constraint = destination.owner == owner.key() @ BreakwaterError::WrongDestination
    )]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the vault, by its address; the token program checks what it holds.
    #[account(mut, address = exchange.load()?.vault @ BreakwaterError::WrongVault)]
    pub vault: UncheckedAccount<'info>,
    /// Token program of the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// 1. Refuses what margin or the outflow window do not allow. 2. Debits and books. 3. Sends the tokens.
pub fn handle_withdraw<'info>(ctx: Context<'info, Withdraw<'info>>, amount_atoms: u64) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let exchange = &mut *exchange;
        let mut account = ctx.accounts.account.load_mut()?;
        let markets = MarketsRead::load(ctx.remaining_accounts, &ctx.accounts.exchange.key())?;
        cash::withdraw(&mut account.state, amount_atoms, &markets, &now).or_refuse()?;
        outflow::record_withdrawal(
            &mut exchange.outflow,
            &exchange.outflow_limits,
            &mut account.state,
            amount_atoms,
            exchange.booked_atoms,
            now.unix_timestamp,
        )
        .or_refuse()?;
        exchange.book_out(amount_atoms)?;
        emit!(Withdrawn {
            header: EventHeader::of_account(&mut account, &now),
            account: ctx.accounts.account.key(),
            amount_atoms,
            capital_atoms: account.state.capital_atoms,
        });
    }
    let accounts = &ctx.accounts;
    tokens::pay(
        &accounts.exchange,
        (accounts.vault.to_account_info(), &accounts.destination),
        &accounts.quote_mint,
        accounts.token_program.key(),
        amount_atoms,
    )
}
