//! `open_account`: a margin account for its owner (spec A-1).

use crate::constants::MARGIN_SEED;
use crate::errors::BreakwaterError;
use crate::events::{AccountOpened, EventHeader};
use crate::oracle;
use crate::refusals::vacant;
use crate::state::{Exchange, MarginAccount};
use anchor_lang::prelude::*;

/// Accounts of `open_account`.
#[derive(Accounts)]
#[instruction(sub_id: u16)]
pub struct OpenAccount<'info> {
    /// Pays rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Owner.
    pub owner: Signer<'info>,
    /// Exchange.
    pub exchange: AccountLoader<'info, Exchange>,
    /// The new account.
    #[account(
        init, payer = payer, space = vacant(account, MarginAccount::SPACE, BreakwaterError::AccountAlreadyOpen)?,
        seeds = [MARGIN_SEED, exchange.key().as_ref(), owner.key().as_ref(), &sub_id.to_le_bytes()], bump
    )]
    pub account: AccountLoader<'info, MarginAccount>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// Opens the account, empty.
pub fn handle_open_account(ctx: Context<OpenAccount>, sub_id: u16) -> Result<()> {
    let mut account = ctx.accounts.account.load_init()?;
    account.exchange = ctx.accounts.exchange.key();
    account.owner = ctx.accounts.owner.key();
    account.sub_id = sub_id;
    account.bump = ctx.bumps.account;
    account.version = MarginAccount::VERSION;
    emit!(AccountOpened {
        header: EventHeader::of_account(&mut account, &oracle::now()?),
        account: ctx.accounts.account.key(),
        owner: account.owner,
        sub_id,
    });
    Ok(())
}
