//! What `liquidate` and `derisk` share: a keeper takes over lots of another owner's account.

use crate::errors::BreakwaterError;
use crate::state::{MarginAccount, Market};
use anchor_lang::prelude::*;

/// Accounts of `liquidate` and `derisk`. Remaining: the markets of both accounts' other legs; those of the failing account writable
/// where it has to be settled first (T-9), all else read-only.
#[derive(Accounts)]
pub struct Takeover<'info> {
    /// Owner or delegate of the keeper's account.
    pub keeper: Signer<'info>,
    /// Market of the leg.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// The account that is failing, or at risk.
    #[account(mut, constraint = account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub account: AccountLoader<'info, MarginAccount>,
    /// The keeper's account: takes the lots.
    #[account(
        mut, constraint = keeper_account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange,
        constraint = keeper_account.load()?.is_operated_by(keeper.key) @ BreakwaterError::NotOperator
    )]
    pub keeper_account: AccountLoader<'info, MarginAccount>,
}

/// Refuses a keeper's account of the same owner, and a keeper that also acts for the account: whoever takes lots must not be on both
/// sides (spec Q-1). Errors: `SameOwner`.
pub fn require_other_side(account: &MarginAccount, keeper_account: &MarginAccount, keeper: &Pubkey) -> Result<()> {
    let is_other = account.owner != keeper_account.owner && !account.is_operated_by(keeper);
    require!(is_other, BreakwaterError::SameOwner);
    Ok(())
}
