//! `propose_receivers`, `apply_receivers`, `revoke_receiver`: which Pyth receiver programs are accepted (spec X-4).
//!
//! Accepting another program loosens the exchange's trust: it waits, so that users can leave first, and lapses when nobody
//! applies it or the authority changes. Dropping one tightens it: at once, but never the last.

use crate::constants::MAX_RECEIVERS;
use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, ReceiversChanged};
use crate::oracle;
use crate::state::Exchange;
use anchor_lang::prelude::*;
use breakwater_risk::governance::{Notice, Timelock};
use breakwater_risk::Now;

/// Accounts of `propose_receivers` and `revoke_receiver`.
#[derive(Accounts)]
pub struct GovernReceivers<'info> {
    /// Authority of the exchange.
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(mut, has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
}

/// Accounts of `apply_receivers`. Anyone may call it.
#[derive(Accounts)]
pub struct ApplyReceivers<'info> {
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
}

/// Proposes the receivers to accept after the notice. A second proposal replaces the first and waits anew.
pub fn handle_propose_receivers(ctx: Context<GovernReceivers>, receivers: [Pubkey; MAX_RECEIVERS]) -> Result<()> {
    let now = oracle::now()?;
    require_some_receiver(&receivers)?;
    let key = ctx.accounts.exchange.key();
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    exchange.pending_receivers = receivers;
    exchange.receivers_apply_at = now.unix_timestamp.saturating_add(Notice::Due.seconds());
    emit_change(&mut exchange, key, &now)
}

/// Accepts the proposed receivers once their time has come.
pub fn handle_apply_receivers(ctx: Context<ApplyReceivers>) -> Result<()> {
    let now = oracle::now()?;
    let key = ctx.accounts.exchange.key();
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    require!(exchange.receivers_apply_at != 0, BreakwaterError::NothingToDo);
    Timelock::at(exchange.receivers_apply_at, now.unix_timestamp).require_open().or_refuse()?;
    exchange.receivers = exchange.pending_receivers;
    clear_proposal(&mut exchange);
    emit_change(&mut exchange, key, &now)
}

/// Stops accepting a receiver at once, and drops a proposal that names it.
pub fn handle_revoke_receiver(ctx: Context<GovernReceivers>, receiver: Pubkey) -> Result<()> {
    let now = oracle::now()?;
    let key = ctx.accounts.exchange.key();
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    require!(exchange.accepts_receiver(&receiver), BreakwaterError::WrongOracle);
    for place in exchange.receivers.iter_mut().filter(|place| **place == receiver) {
        *place = Pubkey::default();
    }
    require_some_receiver(&exchange.receivers)?;
    if exchange.pending_receivers.contains(&receiver) {
        clear_proposal(&mut exchange);
    }
    emit_change(&mut exchange, key, &now)
}

/// Drops what is proposed, if anything is.
pub fn drop_proposal(exchange: &mut Exchange, key: Pubkey, now: &Now) -> Result<()> {
    if exchange.receivers_apply_at == 0 {
        return Ok(());
    }
    clear_proposal(exchange);
    emit_change(exchange, key, now)
}

/// Refuses a set without any receiver.
pub fn require_some_receiver(receivers: &[Pubkey; MAX_RECEIVERS]) -> Result<()> {
    let has_receiver = receivers.iter().any(|receiver| *receiver != Pubkey::default());
    require!(has_receiver, BreakwaterError::NoReceiver);
    Ok(())
}

fn clear_proposal(exchange: &mut Exchange) {
    exchange.pending_receivers = [Pubkey::default(); MAX_RECEIVERS];
    exchange.receivers_apply_at = 0;
}

fn emit_change(exchange: &mut Exchange, key: Pubkey, now: &Now) -> Result<()> {
    emit!(ReceiversChanged {
        header: EventHeader::of_exchange(exchange, key, now),
        receivers: exchange.receivers,
        pending_receivers: exchange.pending_receivers,
        apply_at: exchange.receivers_apply_at,
    });
    Ok(())
}
