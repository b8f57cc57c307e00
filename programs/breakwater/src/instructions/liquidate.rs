//! `liquidate`: closes one slice of a failing leg; the keeper takes it over at the mark (spec Q-1 … Q-10).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, SliceLiquidated};
use crate::instructions::{require_other_side, Takeover};
use crate::markets::{settle_before_act, MarketsRead};
use crate::oracle;
use anchor_lang::prelude::*;
use breakwater_risk::acted::Acted;
use breakwater_risk::liquidation;

/// 1. Refuses the keeper's account itself, any other of its owner, and a keeper that acts for both sides. 2. Takes the slice that the engine sizes.
pub fn handle_liquidate<'info>(ctx: Context<'info, Takeover<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let (failing, keeper) = (ctx.accounts.account.key(), ctx.accounts.keeper_account.key());
    require_keys_neq!(failing, keeper, BreakwaterError::DuplicateAccount);
    let mut market = ctx.accounts.market.load_mut()?;
    let mut account = ctx.accounts.account.load_mut()?;
    settle_before_act((failing, &mut account), &mut market, ctx.remaining_accounts, &now)?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let mut keeper_account = ctx.accounts.keeper_account.load_mut()?;
    let signer = ctx.accounts.keeper.key;
    require_other_side(&account, &keeper_account, signer)?;
    let notional_max_atoms = keeper_account.notional_max_of(signer);

    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    let report = liquidation::liquidate(&mut acted, &mut account.state, &mut keeper_account.state, notional_max_atoms)
        .or_refuse()?;

    emit!(SliceLiquidated {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        account: ctx.accounts.account.key(),
        keeper: ctx.accounts.keeper_account.key(),
        closed_lots: report.closed_lots,
        mark: market.state.mark,
        charge_atoms: report.charge_atoms,
        keeper_atoms: report.keeper_atoms,
        insurance_atoms: report.insurance_atoms,
        flow_atoms: report.flow_atoms,
        next_due_slot: report.next_due_slot,
        is_restored: report.is_restored,
    });
    Ok(())
}
