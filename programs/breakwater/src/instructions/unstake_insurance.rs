//! `request_unstake_insurance`, `unstake_insurance`: shares of the insurance fund become cash again, after a cooldown and
//! less what restless markets may still draw (spec I-4, I-5, O-3, O-4, O-16).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, UnstakeRequested};
use crate::instructions::stakes::emit_step;
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{Exchange, InsuranceFund, Stake};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::insurance;

/// Accounts of `request_unstake_insurance`. Remaining: all markets of the exchange, read-only.
#[derive(Accounts)]
pub struct RequestUnstakeInsurance<'info> {
    /// Owner of the stake.
    pub owner: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Insurance fund.
    #[account(has_one = exchange @ BreakwaterError::WrongExchange)]
    pub insurance: AccountLoader<'info, InsuranceFund>,
    /// The owner's stake.
    #[account(
        mut, has_one = owner @ BreakwaterError::NotOwner,
        constraint = stake.load()?.pool == insurance.key() @ BreakwaterError::WrongStake
    )]
    pub stake: AccountLoader<'info, Stake>,
}

/// Accounts of `unstake_insurance`. Remaining: all markets of the exchange, read-only.
#[derive(Accounts)]
pub struct UnstakeInsurance<'info> {
    /// Owner of the stake.
    pub owner: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Insurance fund.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub insurance: AccountLoader<'info, InsuranceFund>,
    /// The owner's stake.
    #[account(
        mut, has_one = owner @ BreakwaterError::NotOwner,
        constraint = stake.load()?.pool == insurance.key() @ BreakwaterError::WrongStake
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
pub fn handle_request_unstake_insurance<'info>(
    ctx: Context<'info, RequestUnstakeInsurance<'info>>,
    shares: u64,
) -> Result<()> {
    let now = oracle::now()?;
    let exchange_key = ctx.accounts.exchange.key();
    let markets = MarketsRead::load(ctx.remaining_accounts, &exchange_key)?;
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    let fund = ctx.accounts.insurance.load()?;
    let mut stake = ctx.accounts.stake.load_mut()?;
    let count = exchange.market_count;
    let value = insurance::request_unstake(&fund.state, &mut stake.state, shares, count, &markets, &now).or_refuse()?;
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
pub fn handle_unstake_insurance<'info>(ctx: Context<'info, UnstakeInsurance<'info>>, least_atoms: u64) -> Result<()> {
    let now = oracle::now()?;
    let exchange_key = ctx.accounts.exchange.key();
    let amount_atoms = {
        let markets = MarketsRead::load(ctx.remaining_accounts, &exchange_key)?;
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut fund = ctx.accounts.insurance.load_mut()?;
        let mut stake = ctx.accounts.stake.load_mut()?;
        let count = exchange.market_count;
        let step =
            insurance::unstake(&mut fund.state, &mut stake.state, least_atoms, count, &markets, &now).or_refuse()?;
        exchange.book_out(step.paid_atoms())?;
        let header = EventHeader::of_exchange(&mut exchange, exchange_key, &now);
        emit_step(header, &stake, &step, fund.state.shares.total);
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
