//! `set_delegate`: who may act for the owner in anything but withdrawals and approvals (spec A-3).

use crate::errors::BreakwaterError;
use crate::events::{DelegateSet, EventHeader};
use crate::oracle;
use crate::state::MarginAccount;
use anchor_lang::prelude::*;

/// Accounts of instructions that only the owner may call.
#[derive(Accounts)]
pub struct OwnerOnly<'info> {
    /// Owner.
    pub owner: Signer<'info>,
    /// The owner's account.
    #[account(mut, has_one = owner @ BreakwaterError::NotOwner)]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Sets the delegate; the default key removes it.
pub fn handle_set_delegate(ctx: Context<OwnerOnly>, delegate: Pubkey) -> Result<()> {
    let mut account = ctx.accounts.account.load_mut()?;
    account.delegate = delegate;
    emit!(DelegateSet {
        header: EventHeader::of_account(&mut account, &oracle::now()?),
        account: ctx.accounts.account.key(),
        delegate,
    });
    Ok(())
}
