//! `extend_account`: brings an account of the program to the newest layout of its type, by anyone (spec X-5).

use crate::errors::BreakwaterError;
use crate::events::{AccountExtended, EventHeader};
use crate::oracle;
use crate::state::Layout;
use anchor_lang::prelude::*;
use anchor_lang::system_program;

/// Accounts of `extend_account`. Anyone may call it.
#[derive(Accounts)]
pub struct ExtendAccount<'info> {
    /// Pays the rent of the bytes that are added.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: an account of this program, of any of its types; the handler checks both.
    #[account(mut)]
    pub account: UncheckedAccount<'info>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// Refuses what is no account of the program, and what is newest already. Pays the rent, adds bytes of zero and sets the version.
pub fn handle_extend_account(ctx: Context<ExtendAccount>) -> Result<()> {
    let account = ctx.accounts.account.to_account_info();
    require_keys_eq!(*account.owner, crate::ID, BreakwaterError::WrongAccountType);
    let (layout, from_bytes, from_version) = {
        let data = account.try_borrow_data()?;
        let layout = Layout::of(&data).ok_or(BreakwaterError::WrongAccountType)?;
        require!(!layout.is_newest(&data), BreakwaterError::NothingToDo);
        (layout, data.len(), layout.version_of(&data))
    };
    if from_bytes < layout.space {
        pay_rent(ctx.accounts, &account, layout.space)?;
        account.resize(layout.space)?;
    }
    account.try_borrow_mut_data()?[layout.version_offset] = layout.version;
    emit!(AccountExtended {
        header: EventHeader::unnumbered(&oracle::now()?),
        account: account.key(),
        payer: ctx.accounts.payer.key(),
        from_version,
        version: layout.version,
        from_bytes: length_of(from_bytes)?,
        bytes: length_of(account.data_len())?,
    });
    Ok(())
}

/// Pays what an account lacks to be exempt from rent at its new length.
fn pay_rent<'info>(accounts: &ExtendAccount<'info>, account: &AccountInfo<'info>, space: usize) -> Result<()> {
    let lacking = Rent::get()?.minimum_balance(space).saturating_sub(account.lamports());
    if lacking == 0 {
        return Ok(());
    }
    let transfer = system_program::Transfer { from: accounts.payer.to_account_info(), to: account.clone() };
    system_program::transfer(CpiContext::new(accounts.system_program.key(), transfer), lacking)
}

fn length_of(bytes: usize) -> Result<u32> {
    Ok(u32::try_from(bytes).map_err(|_| BreakwaterError::Overflow)?)
}
