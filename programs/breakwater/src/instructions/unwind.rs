//! `unwind`: a keeper buys what the backstop holds, by Dutch auction, in calm (spec O-13, O-14).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, InventoryUnwound};
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{MarginAccount, Market};
use anchor_lang::prelude::*;
use breakwater_risk::acted::Acted;
use breakwater_risk::unwind;

/// Accounts of `unwind`. Remaining: the markets of both accounts' other legs, read-only.
#[derive(Accounts)]
pub struct Unwind<'info> {
    /// Owner or delegate of the keeper's account.
    pub keeper: Signer<'info>,
    /// Market of the inventory.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// The backstop's margin account.
    #[account(mut, address = market.load()?.backstop_account @ BreakwaterError::WrongBackstop)]
    pub backstop_account: AccountLoader<'info, MarginAccount>,
    /// The keeper's account: takes the lots.
    #[account(
        mut, constraint = keeper_account.load()?.exchange == market.load()?.exchange @ BreakwaterError::WrongExchange,
        constraint = keeper_account.load()?.is_operated_by(keeper.key) @ BreakwaterError::NotOperator
    )]
    pub keeper_account: AccountLoader<'info, MarginAccount>,
}

/// Sells at most `most_lots` at the auction's price of this slot.
pub fn handle_unwind<'info>(ctx: Context<'info, Unwind<'info>>, most_lots: u64) -> Result<()> {
    let now = oracle::now()?;
    let mut market = ctx.accounts.market.load_mut()?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let mut backstop_account = ctx.accounts.backstop_account.load_mut()?;
    let mut keeper_account = ctx.accounts.keeper_account.load_mut()?;
    let notional_max_atoms = keeper_account.notional_max_of(ctx.accounts.keeper.key);

    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    let report = unwind::unwind(
        &mut acted,
        &mut backstop_account.state,
        &mut keeper_account.state,
        most_lots,
        notional_max_atoms,
    )
    .or_refuse()?;
    emit!(InventoryUnwound {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        keeper: ctx.accounts.keeper_account.key(),
        closed_lots: report.closed_lots,
        mark: market.state.mark,
        discount_atoms: report.discount_atoms,
        flow_atoms: report.flow_atoms,
    });
    Ok(())
}
