//! `flag`: starts the Dutch window of a failing account, or clears the flag of one that recovered (spec Q-2).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, Flagged};
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{MarginAccount, Market};
use anchor_lang::prelude::*;
use breakwater_risk::liquidation;

/// Accounts of `flag`. Remaining: the markets of the account's other legs, read-only. Anyone may call it.
#[derive(Accounts)]
pub struct Flag<'info> {
    /// Market with a fresh price in which the account has a leg.
    pub market: AccountLoader<'info, Market>,
    /// Account.
    #[account(mut, constraint = account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Flags or clears.
pub fn handle_flag<'info>(ctx: Context<'info, Flag<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let market = ctx.accounts.market.load()?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let mut account = ctx.accounts.account.load_mut()?;
    let is_flagged = liquidation::flag((market.index, &market.state), &others, &mut account.state, &now).or_refuse()?;
    emit!(Flagged {
        header: EventHeader::of_account(&mut account, &now),
        acted_market: ctx.accounts.market.key(),
        account: ctx.accounts.account.key(),
        is_flagged,
    });
    Ok(())
}
