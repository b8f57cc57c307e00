//! `propose_authority`, `accept_authority`: governance changes hands in two steps (spec X-2).

use crate::errors::BreakwaterError;
use crate::events::{AuthorityChanged, EventHeader};
use crate::instructions::receivers;
use crate::oracle;
use crate::state::Exchange;
use anchor_lang::prelude::*;
use breakwater_risk::Now;

/// Accounts of `propose_authority`.
#[derive(Accounts)]
pub struct ProposeAuthority<'info> {
    /// Present authority.
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(mut, has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
}

/// Accounts of `accept_authority`.
#[derive(Accounts)]
pub struct AcceptAuthority<'info> {
    /// Proposed authority.
    pub pending_authority: Signer<'info>,
    /// Exchange.
    #[account(mut, has_one = pending_authority @ BreakwaterError::NotPendingAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
}

/// Names the next authority; the default key takes a proposal back.
pub fn handle_propose_authority(ctx: Context<ProposeAuthority>, pending_authority: Pubkey) -> Result<()> {
    let key = ctx.accounts.exchange.key();
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    exchange.pending_authority = pending_authority;
    emit_change(&mut exchange, key, &oracle::now()?)
}

/// The proposed authority becomes the authority. What the old one proposed is void.
pub fn handle_accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
    let now = oracle::now()?;
    let key = ctx.accounts.exchange.key();
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    exchange.authority = exchange.pending_authority;
    exchange.pending_authority = Pubkey::default();
    exchange.term = exchange.term.wrapping_add(1);
    emit_change(&mut exchange, key, &now)?;
    receivers::drop_proposal(&mut exchange, key, &now)
}

fn emit_change(exchange: &mut Exchange, key: Pubkey, now: &Now) -> Result<()> {
    emit!(AuthorityChanged {
        header: EventHeader::of_exchange(exchange, key, now),
        authority: exchange.authority,
        pending_authority: exchange.pending_authority,
    });
    Ok(())
}
