//! `cover_unfunded`: anybody may give toward what a market left unfunded, which opens it to new risk again (spec B-6, F-9).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, UnfundedCovered};
use crate::instructions::GiveToMarket;
use crate::oracle;
use anchor_lang::prelude::*;
use breakwater_risk::insurance;

/// 1. Limits the gift to what is unfunded. 2. Books it. 3. Takes the tokens.
pub fn handle_cover_unfunded(ctx: Context<GiveToMarket>, amount_atoms: u64) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    let taken_atoms = {
        let mut market = ctx.accounts.market.load_mut()?;
        let taken_atoms = insurance::cover_unfunded(&mut market.state, amount_atoms).or_refuse()?;
        ctx.accounts.exchange.load_mut()?.book_in(taken_atoms)?;
        emit!(UnfundedCovered {
            header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
            donor: ctx.accounts.donor.key(),
            amount_atoms: taken_atoms,
            unfunded_atoms: market.state.unfunded_atoms,
        });
        taken_atoms
    };
    ctx.accounts.take(taken_atoms)
}
