//! `touch`: registers a leg anew in its market's liquidation ladder, by anyone (spec U-15).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, LegRegistered};
use crate::markets::{settle_before_act, MarketsRead};
use crate::oracle;
use crate::state::{MarginAccount, Market};
use anchor_lang::prelude::*;
use breakwater_risk::acted::Acted;
use breakwater_risk::ladder;

/// Accounts of `touch`. Remaining: the markets of the account's other legs; those of the failing account writable
/// where it has to be settled first (T-9), all else read-only. Anyone may call it.
#[derive(Accounts)]
pub struct Touch<'info> {
    /// Market in whose ladder the leg stands.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Account.
    #[account(mut, constraint = account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub account: AccountLoader<'info, MarginAccount>,
}

/// Realises the leg at the last mark and registers it by the account's present health.
pub fn handle_touch<'info>(ctx: Context<'info, Touch<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let mut market = ctx.accounts.market.load_mut()?;
    let mut account = ctx.accounts.account.load_mut()?;
    settle_before_act((ctx.accounts.account.key(), &mut account), &mut market, ctx.remaining_accounts, &now)?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    let registration = ladder::touch(&mut acted, &mut account.state).or_refuse()?;
    emit!(LegRegistered {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        account: ctx.accounts.account.key(),
        bucket: registration.map_or(0, |registration| registration.bucket),
        forced_atoms: registration.map_or(0, |registration| registration.atoms),
        mark_bucket: market.state.ladder.mark_bucket,
    });
    Ok(())
}
