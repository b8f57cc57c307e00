//! `absorb`: the backstop takes a failing leg over at the mark, off the market (spec O-6, O-7).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, LegAbsorbed};
use crate::markets::{settle_before_act, MarketsRead};
use crate::oracle;
use crate::state::{Backstop, MarginAccount, Market};
use anchor_lang::prelude::*;
use breakwater_risk::absorb;
use breakwater_risk::acted::Acted;

/// Accounts of `absorb`. Remaining: the markets of both accounts' other legs; those of the failing account writable
/// where it has to be settled first (T-9), all else read-only. Anyone may call it.
#[derive(Accounts)]
pub struct Absorb<'info> {
    /// Market of the leg.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// The failing account.
    #[account(mut, constraint = account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub account: AccountLoader<'info, MarginAccount>,
    /// The backstop of the market's exchange.
    #[account(mut, address = market.load()?.backstop @ BreakwaterError::WrongBackstop)]
    pub backstop: AccountLoader<'info, Backstop>,
    /// Its margin account: takes the lots.
    #[account(mut, address = market.load()?.backstop_account @ BreakwaterError::WrongBackstop)]
    pub backstop_account: AccountLoader<'info, MarginAccount>,
}

/// Takes what the engine sizes.
pub fn handle_absorb<'info>(ctx: Context<'info, Absorb<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let (failing, taker) = (ctx.accounts.account.key(), ctx.accounts.backstop_account.key());
    require_keys_neq!(failing, taker, BreakwaterError::BackstopAccount);
    let mut market = ctx.accounts.market.load_mut()?;
    let mut account = ctx.accounts.account.load_mut()?;
    settle_before_act((failing, &mut account), &mut market, ctx.remaining_accounts, &now)?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let mut backstop = ctx.accounts.backstop.load_mut()?;
    let mut backstop_account = ctx.accounts.backstop_account.load_mut()?;

    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    let report =
        absorb::absorb(&mut acted, &mut account.state, &mut backstop.state, &mut backstop_account.state).or_refuse()?;
    emit!(LegAbsorbed {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        account: failing,
        closed_lots: report.closed_lots,
        mark: market.state.mark,
        charge_atoms: report.charge_atoms,
        claim_atoms: report.claim_atoms,
        insurance_atoms: report.insurance_atoms,
        is_restored: report.is_restored,
    });
    Ok(())
}
