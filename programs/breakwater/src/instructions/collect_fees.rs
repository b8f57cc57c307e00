//! `collect_fees`: the exchange's own trading fees, and nothing else, go to the authority (spec X-3).

use crate::errors::BreakwaterError;
use crate::events::{EventHeader, FeesCollected};
use crate::oracle;
use crate::state::Exchange;
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

/// Accounts of `collect_fees`.
#[derive(Accounts)]
pub struct CollectFees<'info> {
    /// Authority of the exchange.
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(mut, has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Quote mint.
    #[account(address = exchange.load()?.quote_mint @ BreakwaterError::WrongMint)]
    pub quote_mint: Box<InterfaceAccount<'info, Mint>>,
    /// Where the fees go: a token account of the authority.
    #[account(
        mut, constraint = destination.mint == quote_mint.key() @ BreakwaterError::WrongMint,
        constraint = destination.owner == authority.key() @ BreakwaterError::WrongDestination
    )]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the vault, by its address; the token program checks what it holds.
    #[account(mut, address = exchange.load()?.vault @ BreakwaterError::WrongVault)]
    pub vault: UncheckedAccount<'info>,
    /// Token program of the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// Pays out what has been swept.
pub fn handle_collect_fees(ctx: Context<CollectFees>) -> Result<()> {
    let now = oracle::now()?;
    let exchange_key = ctx.accounts.exchange.key();
    let amount_atoms = {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let amount_atoms = exchange.fees_atoms;
        require_gt!(amount_atoms, 0, BreakwaterError::NothingToDo);
        exchange.fees_atoms = 0;
        exchange.book_out(amount_atoms)?;
        emit!(FeesCollected { header: EventHeader::of_exchange(&mut exchange, exchange_key, &now), amount_atoms });
        amount_atoms
    };
    let accounts = &ctx.accounts;
    tokens::pay(
        &accounts.exchange,
        (accounts.vault.to_account_info(), &accounts.destination),
        &accounts.quote_mint,
        accounts.token_program.key(),
        amount_atoms,
    )
}
