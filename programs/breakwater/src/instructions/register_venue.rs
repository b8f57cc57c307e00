//! `register_venue`: lets a matching program's signer submit fills for accounts that approve it (spec V-1).

use crate::constants::VENUE_SEED;
use crate::errors::BreakwaterError;
use crate::events::{EventHeader, VenueRegistered};
use crate::oracle;
use crate::refusals::vacant;
use crate::state::{Exchange, Venue};
use anchor_lang::prelude::*;

/// Accounts of `register_venue`.
#[derive(Accounts)]
pub struct RegisterVenue<'info> {
    /// Authority of the exchange; pays rent.
    #[account(mut)]
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(mut, has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// CHECK: only its key is stored; it must sign every fill.
    pub venue_signer: UncheckedAccount<'info>,
    /// The new venue.
    #[account(
        init, payer = authority, space = vacant(venue, Venue::SPACE, BreakwaterError::VenueAlreadyRegistered)?,
        seeds = [VENUE_SEED, exchange.key().as_ref(), venue_signer.key().as_ref()], bump
    )]
    pub venue: Account<'info, Venue>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// Registers the signer. It can do nothing to an account that has not approved it.
pub fn handle_register_venue(ctx: Context<RegisterVenue>) -> Result<()> {
    let exchange_key = ctx.accounts.exchange.key();
    ctx.accounts.venue.set_inner(Venue {
        exchange: exchange_key,
        signer: ctx.accounts.venue_signer.key(),
        bump: ctx.bumps.venue,
        version: Venue::VERSION,
    });
    emit!(VenueRegistered {
        header: EventHeader::of_exchange(&mut *ctx.accounts.exchange.load_mut()?, exchange_key, &oracle::now()?),
        venue: ctx.accounts.venue.key(),
        signer: ctx.accounts.venue_signer.key(),
    });
    Ok(())
}
