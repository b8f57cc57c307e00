//! `donate_reserve`: anybody may give to a market's first-loss reserve; nobody takes from it (spec I-6).

use crate::errors::BreakwaterError;
use crate::events::{EventHeader, ReserveDonated};
use crate::instructions::GiveToMarket;
use crate::oracle;
use anchor_lang::prelude::*;

/// Books the gift and takes the tokens. A sweep repays with it what is unfunded.
pub fn handle_donate_reserve(ctx: Context<GiveToMarket>, amount_atoms: u64) -> Result<()> {
    require_gt!(amount_atoms, 0, BreakwaterError::AmountZero);
    let now = oracle::now()?;
    let market_key = ctx.accounts.market.key();
    {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut market = ctx.accounts.market.load_mut()?;
        let reserve = &mut market.state.reserve_atoms;
        *reserve = reserve.checked_add(amount_atoms).ok_or(BreakwaterError::Overflow)?;
        let reserve_atoms = *reserve;
        exchange.book_in(amount_atoms)?;
        let header = EventHeader::of_market(&mut market, market_key, &now);
        emit!(ReserveDonated { header, donor: ctx.accounts.donor.key(), amount_atoms, reserve_atoms });
    }
    ctx.accounts.take(amount_atoms)
}
