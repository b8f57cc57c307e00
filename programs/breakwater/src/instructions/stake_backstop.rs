//! `stake_backstop`: cash into the backstop for shares of it, at par (spec O-11).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, Staked};
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{Backstop, Exchange, MarginAccount, Stake};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::backstop;

/// Accounts of `stake_backstop`. Remaining: the markets of the backstop's legs, read-only.
#[derive(Accounts)]
pub struct StakeBackstop<'info> {
    /// Owner of the stake and of the tokens.
    pub owner: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Backstop.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub backstop: AccountLoader<'info, Backstop>,
    /// The backstop's margin account.
    #[account(mut, address = backstop.load()?.account @ BreakwaterError::WrongBackstop)]
    pub backstop_account: AccountLoader<'info, MarginAccount>,
    /// The owner's stake.
    #[account(
        mut, has_one = owner @ BreakwaterError::NotOwner,
        constraint = stake.load()?.pool == backstop.key() @ BreakwaterError::WrongStake
    )]
    pub stake: AccountLoader<'info, Stake>,
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

/// 1. Issues shares at par, at least as many as the owner accepts. 2. Books and takes the tokens.
pub fn handle_stake_backstop<'info>(
    ctx: Context<'info, StakeBackstop<'info>>,
    amount_atoms: u64,
    least_shares: u64,
) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    let exchange_key = ctx.accounts.exchange.key();
    {
        let markets = MarketsRead::load(ctx.remaining_accounts, &exchange_key)?;
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut backstop = ctx.accounts.backstop.load_mut()?;
        let mut account = ctx.accounts.backstop_account.load_mut()?;
        let mut stake = ctx.accounts.stake.load_mut()?;
        let terms = (amount_atoms, least_shares);
        let shares = backstop::stake(&mut backstop.state, &mut account.state, &mut stake.state, terms, &markets, &now)
            .or_refuse()?;
        exchange.book_in(amount_atoms)?;
        emit!(Staked {
            header: EventHeader::of_exchange(&mut exchange, exchange_key, &now),
            pool: stake.pool,
            owner: stake.owner,
            amount_atoms,
            shares,
            total_shares: backstop.state.shares.total,
        });
    }
    let accounts = &ctx.accounts;
    tokens::take(
        (&accounts.source, accounts.owner.to_account_info()),
        accounts.vault.to_account_info(),
        &accounts.quote_mint,
        accounts.token_program.key(),
        amount_atoms,
    )
}
