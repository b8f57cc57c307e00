//! `request_unstake_backstop`, `unstake_backstop`: shares of the backstop become cash again, after a cooldown, with profits
//! at nothing and within what its capital rule leaves free (spec O-3, O-4, O-11, O-12, O-16).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, UnstakeRequested};
use crate::instructions::stakes::emit_step;
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{Backstop, Exchange, MarginAccount, Stake};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::backstop;

/// Accounts of `request_unstake_backstop`. Remaining: the markets of the backstop's legs, read-only.
#[derive(Accounts)]
pub struct RequestUnstakeBackstop<'info> {
    /// Owner of the stake.
    pub owner: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Backstop.
    #[account(has_one = exchange @ BreakwaterError::WrongExchange)]
    pub backstop: AccountLoader<'info, Backstop>,
    /// The backstop's margin account.
    #[account(address = backstop.load()?.account @ BreakwaterError::WrongBackstop)]
    pub backstop_account: AccountLoader<'info, MarginAccount>,
    /// The owner's stake.
    #[account(
        mut, has_one = owner @ BreakwaterError::NotOwner,
        constraint = stake.load()?.pool == backstop.key() @ BreakwaterError::WrongStake
    )]
    pub stake: AccountLoader<'info, Stake>,
}

/// Accounts of `unstake_backstop`. Remaining: the markets of the backstop's legs, read-only.
#[derive(Accounts)]
pub struct UnstakeBackstop<'info> {
    /// Owner of the stake.
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
    /// Where the tokens go: a token account of the owner.
    #[account(
        mut, constraint = destination.mint == quote_mint.key() @ BreakwaterError::WrongMint,
        constraint = destination.owner == owner.key() @ BreakwaterError::WrongDestination
    )]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the vault, by its address; the token program checks what it holds.
    #[account(mut, address = exchange.load()?.vault @ BreakwaterError::WrongVault)]
    pub vault: UncheckedAccount<'info>,
    /// Token program of the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// Records the request, or takes it back (no shares).
pub fn handle_request_unstake_backstop<'info>(
    ctx: Context<'info, RequestUnstakeBackstop<'info>>,
    shares: u64,
) -> Result<()> {
    let now = oracle::now()?;
    let exchange_key = ctx.accounts.exchange.key();
    let markets = MarketsRead::load(ctx.remaining_accounts, &exchange_key)?;
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    let backstop = ctx.accounts.backstop.load()?;
    let account = ctx.accounts.backstop_account.load()?;
    let mut stake = ctx.accounts.stake.load_mut()?;
    let value = backstop::request_unstake(&backstop.state, &account.state, &mut stake.state, shares, &markets, &now)
        .or_refuse()?;
    emit!(UnstakeRequested {
        header: EventHeader::of_exchange(&mut exchange, exchange_key, &now),
        pool: stake.pool,
        owner: stake.owner,
        shares,
        value_atoms: value,
        redeemable_at: stake.state.redeemable_at,
    });
    Ok(())
}

/// Refuses too early, too late, and less than the owner accepts. The first call notes what the shares are worth. The second call
/// burns the shares, books, and sends the tokens.
pub fn handle_unstake_backstop<'info>(ctx: Context<'info, UnstakeBackstop<'info>>, least_atoms: u64) -> Result<()> {
    let now = oracle::now()?;
    let exchange_key = ctx.accounts.exchange.key();
    let amount_atoms = {
        let markets = MarketsRead::load(ctx.remaining_accounts, &exchange_key)?;
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut backstop = ctx.accounts.backstop.load_mut()?;
        let mut account = ctx.accounts.backstop_account.load_mut()?;
        let mut stake = ctx.accounts.stake.load_mut()?;
        let (state, holding) = (&mut backstop.state, &mut stake.state);
        let step = backstop::unstake(state, &mut account.state, holding, least_atoms, &markets, &now).or_refuse()?;
        exchange.book_out(step.paid_atoms())?;
        let header = EventHeader::of_exchange(&mut exchange, exchange_key, &now);
        emit_step(header, &stake, &step, backstop.state.shares.total);
        step.paid_atoms()
    };
    if amount_atoms == 0 {
        return Ok(()); // the first call, or shares that are worth nothing
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
