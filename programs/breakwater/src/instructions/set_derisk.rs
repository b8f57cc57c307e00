//! `set_derisk`: the owner opts an account in to predictive closes, or out (spec ).

use crate::errors::OrRefuse;
use crate::events::{DeriskSet, EventHeader};
use crate::instructions::OwnerOnly;
use crate::oracle;
use anchor_lang::prelude::*;
use breakwater_risk::derisk;

/// Opts in from this slot on, or out at once; only the owner may, not the delegate.
pub fn handle_set_derisk(ctx: Context<OwnerOnly>, opted_in: bool) -> Result<()> {
    let now = oracle::now()?;
    let mut account = ctx.accounts.account.load_mut()?;
    derisk::set_opted_in(&mut account.state, opted_in, &now).or_refuse()?;
    emit!(DeriskSet {
        header: EventHeader::of_account(&mut account, &now),
        account: ctx.accounts.account.key(),
        since_slot: account.state.derisk_since_slot,
    });
    Ok(())
}
