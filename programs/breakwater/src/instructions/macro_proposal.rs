//! `propose_macro_index`, `apply_macro_index`, `cancel_macro_index`: how the feeds of a macro index change (spec M-14).
//!
//! Other feeds can double initial margin: they wait, so that users can leave first, and lapse when nobody applies them or the
//! authority changes. The index learns its new feeds from nothing.

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, MacroIndexProposalCancelled, MacroIndexProposed, MacroIndexReplaced};
use crate::instructions::create_macro_index::{read_feeds, MacroFeedArgs};
use crate::oracle;
use crate::state::{Exchange, MacroIndex};
use anchor_lang::prelude::*;
use breakwater_risk::governance::{Notice, Timelock};

/// Accounts of `propose_macro_index` and `cancel_macro_index`.
#[derive(Accounts)]
pub struct GovernMacroIndex<'info> {
    /// Authority of the exchange.
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Its macro index.
    #[account(mut, constraint = macro_index.load()?.exchange == exchange.key() @ BreakwaterError::WrongMacroIndex)]
    pub macro_index: AccountLoader<'info, MacroIndex>,
}

/// Accounts of `apply_macro_index`. Anyone may call it.
#[derive(Accounts)]
pub struct ApplyMacroIndex<'info> {
    /// Exchange.
    pub exchange: AccountLoader<'info, Exchange>,
    /// Its macro index.
    #[account(mut, constraint = macro_index.load()?.exchange == exchange.key() @ BreakwaterError::WrongMacroIndex)]
    pub macro_index: AccountLoader<'info, MacroIndex>,
}

/// Proposes feeds to watch after the notice. A second proposal replaces the first and waits anew.
pub fn handle_propose_macro_index(ctx: Context<GovernMacroIndex>, feeds: Vec<MacroFeedArgs>) -> Result<()> {
    let now = oracle::now()?;
    let (sources, terms) = read_feeds(&feeds)?;
    let mut index = ctx.accounts.macro_index.load_mut()?;
    index.clear_proposal();
    index.pending_sources = sources;
    for (pending, terms) in index.pending_terms.iter_mut().zip(terms) {
        *pending = terms;
    }
    index.pending_term = ctx.accounts.exchange.load()?.term;
    index.apply_at = now.unix_timestamp.saturating_add(Notice::Due.seconds());
    let apply_at = index.apply_at;
    emit!(MacroIndexProposed { header: EventHeader::of_macro_index(&mut index, &now), feeds, apply_at });
    Ok(())
}

/// Watches the proposed feeds from now on, and forgets what was known of the earlier ones.
pub fn handle_apply_macro_index(ctx: Context<ApplyMacroIndex>) -> Result<()> {
    let now = oracle::now()?;
    let mut index = ctx.accounts.macro_index.load_mut()?;
    require!(index.apply_at != 0, BreakwaterError::NothingToDo);
    Timelock::at(index.apply_at, now.unix_timestamp).require_open().or_refuse()?;
    require_eq!(index.pending_term, ctx.accounts.exchange.load()?.term, BreakwaterError::ProposalOutdated);
    let feeds = index.pending_feeds();
    index.apply_proposal().or_refuse()?;
    emit!(MacroIndexReplaced { header: EventHeader::of_macro_index(&mut index, &now), feeds });
    Ok(())
}

/// Takes a proposal back.
pub fn handle_cancel_macro_index(ctx: Context<GovernMacroIndex>) -> Result<()> {
    let now = oracle::now()?;
    let mut index = ctx.accounts.macro_index.load_mut()?;
    require!(index.apply_at != 0, BreakwaterError::NothingToDo);
    index.clear_proposal();
    emit!(MacroIndexProposalCancelled { header: EventHeader::of_macro_index(&mut index, &now) });
    Ok(())
}
