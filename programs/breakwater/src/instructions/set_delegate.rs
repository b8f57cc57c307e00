//! `set_delegate`: who may take slices and convert profit for the owner, and how much risk it may add (spec A-3).

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

/// Sets the delegate and the notional up to which it may add risk; the default key removes it.
pub fn handle_set_delegate(ctx: Context<OwnerOnly>, delegate: Pubkey, notional_max_atoms: u64) -> Result<()> {
    let mut account = ctx.accounts.account.load_mut()?;
    account.delegate = delegate;
    account.delegate_notional_max_atoms = notional_max_atoms;
    emit!(DelegateSet {
        header: EventHeader::of_account(&mut account, &oracle::now()?),
        account: ctx.accounts.account.key(),
        delegate,
        notional_max_atoms,
    });
    Ok(())
}
