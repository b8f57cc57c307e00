//! `close_account`: gives an empty account's rent back (spec A-2).

use crate::errors::BreakwaterError;
use crate::events::{AccountClosed, EventHeader};
use crate::oracle;
use crate::state::MarginAccount;
use anchor_lang::prelude::*;

/// Accounts of `close_account`.
#[derive(Accounts)]
pub struct CloseAccount<'info> {
    /// Owner; receives the rent.
    #[account(mut)]
    pub owner: Signer<'info>,
    /// The account to close.
    #[account(mut, has_one = owner @ BreakwaterError::NotOwner, close = owner)]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Closes an account without capital and legs.
pub fn handle_close_account(ctx: Context<CloseAccount>) -> Result<()> {
    let mut account = ctx.accounts.account.load_mut()?;
    let is_empty = account.state.capital_atoms == 0 && account.state.legs.iter().all(|leg| !leg.is_used());
    require!(is_empty, BreakwaterError::AccountNotEmpty);
    emit!(AccountClosed {
        header: EventHeader::of_account(&mut account, &oracle::now()?),
        account: ctx.accounts.account.key(),
        owner: account.owner,
    });
    Ok(())
}
