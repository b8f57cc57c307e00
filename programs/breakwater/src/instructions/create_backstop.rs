//! `create_backstop`: the backstop of an exchange with its margin account, empty (spec O-5).

use crate::constants::{BACKSTOP_SEED, MARGIN_SEED};
use crate::errors::BreakwaterError;
use crate::events::{BackstopCreated, EventHeader};
use crate::oracle;
use crate::refusals::vacant;
use crate::state::{Backstop, Exchange, MarginAccount};
use anchor_lang::prelude::*;
use breakwater_risk::backstop::{LOSS_LINE_MAX_PPM, LOSS_LINE_MIN_PPM};

/// Accounts of `create_backstop`.
#[derive(Accounts)]
pub struct CreateBackstop<'info> {
    /// Authority of the exchange; pays rent.
    #[account(mut)]
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(mut, has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// The new backstop.
    #[account(
        init, payer = authority, space = vacant(backstop, Backstop::SPACE, BreakwaterError::BackstopExists)?, seeds = [BACKSTOP_SEED, exchange.key().as_ref()], bump
    )]
    pub backstop: AccountLoader<'info, Backstop>,
    /// Its margin account.
    #[account(
        init, payer = authority, space = MarginAccount::SPACE,
        seeds = [MARGIN_SEED, exchange.key().as_ref(), backstop.key().as_ref(), &0_u16.to_le_bytes()], bump
    )]
    pub backstop_account: AccountLoader<'info, MarginAccount>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// Creates both. The loss line never changes.
pub fn handle_create_backstop(ctx: Context<CreateBackstop>, loss_line_ppm: u32) -> Result<()> {
    let is_sane = (LOSS_LINE_MIN_PPM..=LOSS_LINE_MAX_PPM).contains(&loss_line_ppm);
    require!(is_sane, BreakwaterError::LossLineAbsurd);
    let (exchange_key, backstop_key) = (ctx.accounts.exchange.key(), ctx.accounts.backstop.key());
    let mut backstop = ctx.accounts.backstop.load_init()?;
    backstop.exchange = exchange_key;
    backstop.account = ctx.accounts.backstop_account.key();
    backstop.state.loss_line_ppm = loss_line_ppm;
    backstop.bump = ctx.bumps.backstop;
    backstop.version = Backstop::VERSION;
    let mut account = ctx.accounts.backstop_account.load_init()?;
    account.exchange = exchange_key;
    account.owner = backstop_key;
    account.bump = ctx.bumps.backstop_account;
    account.version = MarginAccount::VERSION;
    account.state.backstop = 1;
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    emit!(BackstopCreated {
        header: EventHeader::of_exchange(&mut exchange, exchange_key, &oracle::now()?),
        backstop: backstop_key,
        account: backstop.account,
        loss_line_ppm,
    });
    Ok(())
}
