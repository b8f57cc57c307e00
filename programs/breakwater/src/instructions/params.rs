//! `propose_params`, `apply_params`, `cancel_params`: how the parameters of a listed market change (spec P-5 … P-7).
//!
//! A lower cap of the open interest may be applied at once. All else waits, so that users can leave first, and lapses when nobody
//! applies it. A market has one proposal at most, which only its taking back replaces: what is applied is the very change that
//! was announced, and only in the term of the authority that announced it.

use crate::constants::PARAMS_SEED;
use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, ParamsApplied, ParamsCancelled, ParamsProposed};
use crate::instructions::create_market::require_valid;
use crate::oracle;
use crate::refusals::vacant;
use crate::state::{Exchange, Market, ParamsProposal};
use anchor_lang::prelude::*;
use breakwater_risk::governance::{self, Timelock};
use breakwater_risk::params::MARKET_PARAMS_BYTES;
use breakwater_risk::MarketParams;

/// Accounts of `propose_params`.
#[derive(Accounts)]
pub struct ProposeParams<'info> {
    /// Authority of the exchange; pays rent.
    #[account(mut)]
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Market.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub market: AccountLoader<'info, Market>,
    /// The proposal. One that is there must be taken back first.
    #[account(
        init, payer = authority, space = vacant(proposal, ParamsProposal::SPACE, BreakwaterError::ProposalPending)?,
        seeds = [PARAMS_SEED, market.key().as_ref()], bump
    )]
    pub proposal: Box<Account<'info, ParamsProposal>>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// Accounts of `apply_params`. Anyone may call it.
#[derive(Accounts)]
pub struct ApplyParams<'info> {
    /// Exchange.
    pub exchange: AccountLoader<'info, Exchange>,
    /// Market.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub market: AccountLoader<'info, Market>,
    /// The proposal; its account is closed.
    #[account(
        mut, close = proposer, has_one = proposer @ BreakwaterError::WrongProposer,
        seeds = [PARAMS_SEED, market.key().as_ref()], bump = proposal.bump
    )]
    pub proposal: Box<Account<'info, ParamsProposal>>,
    /// CHECK: the authority that made the proposal; only receives its rent.
    #[account(mut)]
    pub proposer: UncheckedAccount<'info>,
}

/// Accounts of `cancel_params`.
#[derive(Accounts)]
pub struct CancelParams<'info> {
    /// Authority of the exchange.
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Market.
    #[account(mut, has_one = exchange @ BreakwaterError::WrongExchange)]
    pub market: AccountLoader<'info, Market>,
    /// The proposal; its account is closed.
    #[account(
        mut, close = proposer, has_one = proposer @ BreakwaterError::WrongProposer,
        seeds = [PARAMS_SEED, market.key().as_ref()], bump = proposal.bump
    )]
    pub proposal: Box<Account<'info, ParamsProposal>>,
    /// CHECK: the authority that made the proposal; only receives its rent.
    #[account(mut)]
    pub proposer: UncheckedAccount<'info>,
}

/// Announces parameters: applicable at once if they only lower the cap of the open interest, else after the notice.
pub fn handle_propose_params(ctx: Context<ProposeParams>, params: [u8; MARKET_PARAMS_BYTES]) -> Result<()> {
    let now = oracle::now()?;
    let to: MarketParams = bytemuck::pod_read_unaligned(&params);
    require_valid(&to)?;
    let market_key = ctx.accounts.market.key();
    let mut market = ctx.accounts.market.load_mut()?;
    governance::require_room(&market.state, &to).or_refuse()?;
    let notice = governance::notice(&market.state.params, &to).or_refuse()?;
    let apply_at = now.unix_timestamp.saturating_add(notice.seconds());
    let proposal = &mut ctx.accounts.proposal;
    proposal.proposer = ctx.accounts.authority.key();
    proposal.term = ctx.accounts.exchange.load()?.term;
    proposal.market = market_key;
    proposal.to = params;
    proposal.apply_at = apply_at;
    proposal.bump = ctx.bumps.proposal;
    proposal.version = ParamsProposal::VERSION;
    emit!(ParamsProposed { header: EventHeader::of_market(&mut market, market_key, &now), params, apply_at });
    Ok(())
}

/// Puts a proposal into force whose time has come and has not passed, with the bounds checked again.
pub fn handle_apply_params(ctx: Context<ApplyParams>) -> Result<()> {
    let now = oracle::now()?;
    let proposal = &ctx.accounts.proposal;
    Timelock::at(proposal.apply_at, now.unix_timestamp).require_open().or_refuse()?;
    require_eq!(proposal.term, ctx.accounts.exchange.load()?.term, BreakwaterError::ProposalOutdated);
    let market_key = ctx.accounts.market.key();
    let mut market = ctx.accounts.market.load_mut()?;
    let to: MarketParams = bytemuck::pod_read_unaligned(&proposal.to);
    require_valid(&to)?;
    let funding_per_lot = governance::change(&mut market.state, &to, &now).or_refuse()?;
    emit!(ParamsApplied {
        header: EventHeader::of_market(&mut market, market_key, &now),
        params: proposal.to,
        funding_per_lot,
        maintenance_q32: market.state.maintenance_q32,
    });
    Ok(())
}

/// Takes a proposal back.
pub fn handle_cancel_params(ctx: Context<CancelParams>) -> Result<()> {
    let market_key = ctx.accounts.market.key();
    let mut market = ctx.accounts.market.load_mut()?;
    emit!(ParamsCancelled {
        header: EventHeader::of_market(&mut market, market_key, &oracle::now()?),
        params: ctx.accounts.proposal.to,
    });
    Ok(())
}
