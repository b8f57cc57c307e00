//! What `cover_unfunded` and `donate_reserve` have in common: anybody gives tokens to a market (spec B-6, I-6).

use crate::errors::BreakwaterError;
use crate::state::{Exchange, Market};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

/// Accounts of `cover_unfunded` and `donate_reserve`.
#[derive(Accounts)]
pub struct GiveToMarket<'info> {
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

impl GiveToMarket<'_> {
    /// Takes the tokens of a gift that was booked. Errors: those of [`tokens::take`].
    pub fn take(&self, amount_atoms: u64) -> Result<()> {
        tokens::take(
            (&self.source, self.donor.to_account_info()),
            self.vault.to_account_info(),
            &self.quote_mint,
            self.token_program.key(),
            amount_atoms,
        )
    }
}
