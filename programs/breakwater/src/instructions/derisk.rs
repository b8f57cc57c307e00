//! `derisk`: closes a part of the leg of an account at risk, before it fails; the keeper takes it over (spec R-3 … R-9).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{AccountDerisked, EventHeader};
use crate::instructions::{require_other_side, Takeover};
use crate::markets::{settle_before_act, MarketsRead};
use crate::oracle;
use anchor_lang::prelude::*;
use breakwater_risk::acted::Acted;
use breakwater_risk::derisk;

/// 1. Refuses the keeper's account itself, any other of its owner, and a keeper that acts for both sides. 2. Takes what the engine sizes, at the engine's price.
pub fn handle_derisk<'info>(ctx: Context<'info, Takeover<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let (at_risk, keeper) = (ctx.accounts.account.key(), ctx.accounts.keeper_account.key());
    require_keys_neq!(at_risk, keeper, BreakwaterError::DuplicateAccount);
    let mut market = ctx.accounts.market.load_mut()?;
    let mut account = ctx.accounts.account.load_mut()?;
    settle_before_act((at_risk, &mut account), &mut market, ctx.remaining_accounts, &now)?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let mut keeper_account = ctx.accounts.keeper_account.load_mut()?;
    let signer = ctx.accounts.keeper.key;
    require_other_side(&account, &keeper_account, signer)?;
    let notional_max_atoms = keeper_account.notional_max_of(signer);

    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    let report =
        derisk::derisk(&mut acted, &mut account.state, &mut keeper_account.state, notional_max_atoms).or_refuse()?;

    emit!(AccountDerisked {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        account: at_risk,
        keeper,
        closed_lots: report.closed_lots,
        price: report.price,
        mark: market.state.mark,
        flow_atoms: report.flow_atoms,
        cost_atoms: report.cost_atoms,
        next_due_slot: report.next_due_slot,
    });
    Ok(())
}
