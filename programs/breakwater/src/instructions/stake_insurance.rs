//! `stake_insurance`: cash into the insurance fund for shares of it (spec I-3).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, Staked};
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{Exchange, InsuranceFund, Stake};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::insurance;

/// Accounts of `stake_insurance`. Remaining: all markets of the exchange, read-only.
#[derive(Accounts)]
pub struct StakeInsurance<'info> {
    /// Owner of the stake and of the tokens.
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
    /// Where the tokens come from.
    #[account(mut, constraint = source.mint == quote_mint.key() @ BreakwaterError::WrongMint)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the vault, by its address; the token program checks what it holds.
    #[account(mut, address = exchange.load()?.vault @ BreakwaterError::WrongVault)]
    pub vault: UncheckedAccount<'info>,
    /// Token program of the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// 1. Issues shares at what the fund has and is owed, at least as many as the owner accepts. 2. Books and takes the tokens.
pub fn handle_stake_insurance<'info>(
    ctx: Context<'info, StakeInsurance<'info>>,
    amount_atoms: u64,
    least_shares: u64,
) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    let exchange_key = ctx.accounts.exchange.key();
    {
        let markets = MarketsRead::load(ctx.remaining_accounts, &exchange_key)?;
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut fund = ctx.accounts.insurance.load_mut()?;
        let mut stake = ctx.accounts.stake.load_mut()?;
        let (terms, count) = ((amount_atoms, least_shares), exchange.market_count);
        let shares = insurance::stake(&mut fund.state, &mut stake.state, terms, count, &markets).or_refuse()?;
        exchange.book_in(amount_atoms)?;
        emit!(Staked {
            header: EventHeader::of_exchange(&mut exchange, exchange_key, &now),
            pool: stake.pool,
            owner: stake.owner,
            amount_atoms,
            shares,
            total_shares: fund.state.shares.total,
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
