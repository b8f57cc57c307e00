//! `cover_unfunded`: anybody may give toward what a market left unfunded, which opens it to new risk again (spec B-6, F-9).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, UnfundedCovered};
use crate::oracle;
use crate::state::{Exchange, Market};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::insurance;

/// Accounts of `cover_unfunded`.
#[derive(Accounts)]
pub struct CoverUnfunded<'info> {
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

/// 1. Limits the gift to what is unfunded. 2. Books it. 3. Takes the tokens.
pub fn handle_cover_unfunded(ctx: Context<CoverUnfunded>, amount_atoms: u64) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    let taken_atoms = {
        let mut market = ctx.accounts.market.load_mut()?;
        let taken_atoms = insurance::cover_unfunded(&mut market.state, amount_atoms).or_refuse()?;
        ctx.accounts.exchange.load_mut()?.book_in(taken_atoms)?;
        emit!(UnfundedCovered {
            header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
            donor: ctx.accounts.donor.key(),
            amount_atoms: taken_atoms,
            unfunded_atoms: market.state.unfunded_atoms,
        });
        taken_atoms
    };
    let accounts = &ctx.accounts;
    tokens::take(
        (&accounts.source, accounts.donor.to_account_info()),
        accounts.vault.to_account_info(),
        &accounts.quote_mint,
        accounts.token_program.key(),
        taken_atoms,
    )
}
