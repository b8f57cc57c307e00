//! `donate_reserve`: anybody may give to a market's first-loss reserve; nobody takes from it (spec I-6).

use crate::errors::BreakwaterError;
use crate::events::{EventHeader, ReserveDonated};
use crate::oracle;
use crate::state::{Exchange, Market};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

/// Accounts of `donate_reserve`.
#[derive(Accounts)]
pub struct DonateReserve<'info> {
    /// Owner of the tokens.
    pub donor: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Market.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub market: AccountLoader<'info, Market>,
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

/// Books the gift and takes the tokens. A sweep repays with it what is unfunded.
pub fn handle_donate_reserve(ctx: Context<DonateReserve>, amount_atoms: u64) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    let market_key = ctx.accounts.market.key();
    {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut market = ctx.accounts.market.load_mut()?;
        let reserve = &mut market.state.reserve_atoms;
        *reserve = reserve.checked_add(amount_atoms).ok_or(BreakwaterError::Overflow)?;
        let reserve_atoms = *reserve;
        exchange.book_in(amount_atoms)?;
        let header = EventHeader::of_market(&mut market, market_key, &now);
        emit!(ReserveDonated { header, donor: ctx.accounts.donor.key(), amount_atoms, reserve_atoms });
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
