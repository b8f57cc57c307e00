//! `open_stake`, `close_stake`: where an owner's shares of the insurance fund or of the backstop are kept (spec O-1).

use crate::constants::{BACKSTOP_SEED, STAKE_SEED};
use crate::errors::BreakwaterError;
use crate::events::{EventHeader, StakeClosed, StakeOpened, UnstakeNoted, Unstaked};
use crate::oracle;
use crate::refusals::vacant;
use crate::state::{Backstop, Exchange, InsuranceFund, Stake};
use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use breakwater_risk::shares::{LeaveStep, Redemption, ShareLedger};

/// Accounts of `open_stake`.
#[derive(Accounts)]
pub struct OpenStake<'info> {
    /// Pays rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Owner.
    pub owner: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// CHECK: the insurance fund or the backstop of the exchange, checked by the handler.
    pub pool: UncheckedAccount<'info>,
    /// The new stake.
    #[account(
        init, payer = payer, space = vacant(stake, Stake::SPACE, BreakwaterError::StakeAlreadyOpen)?,
        seeds = [STAKE_SEED, pool.key().as_ref(), owner.key().as_ref()], bump
    )]
    pub stake: AccountLoader<'info, Stake>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// Accounts of `close_stake`.
#[derive(Accounts)]
pub struct CloseStake<'info> {
    /// Owner; receives the rent.
    #[account(mut)]
    pub owner: Signer<'info>,
    /// Exchange.
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// CHECK: the insurance fund or the backstop of the exchange, checked by the handler.
    pub pool: UncheckedAccount<'info>,
    /// The stake to close.
    #[account(
        mut, has_one = owner @ BreakwaterError::NotOwner, has_one = pool @ BreakwaterError::WrongStake, close = owner
    )]
    pub stake: AccountLoader<'info, Stake>,
}

/// Opens a stake without shares.
pub fn handle_open_stake(ctx: Context<OpenStake>) -> Result<()> {
    let exchange_key = ctx.accounts.exchange.key();
    shares_of(&ctx.accounts.pool, &exchange_key)?;
    let mut stake = ctx.accounts.stake.load_init()?;
    stake.pool = ctx.accounts.pool.key();
    stake.owner = ctx.accounts.owner.key();
    stake.bump = ctx.bumps.stake;
    stake.version = Stake::VERSION;
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    emit!(StakeOpened {
        header: EventHeader::of_exchange(&mut exchange, exchange_key, &oracle::now()?),
        pool: stake.pool,
        owner: stake.owner,
    });
    Ok(())
}

/// Closes a stake without shares, or whose shares became void.
pub fn handle_close_stake(ctx: Context<CloseStake>) -> Result<()> {
    let exchange_key = ctx.accounts.exchange.key();
    let ledger = shares_of(&ctx.accounts.pool, &exchange_key)?;
    let stake = ctx.accounts.stake.load()?;
    require!(stake.state.live_shares(&ledger) == 0, BreakwaterError::StakeNotEmpty);
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    emit!(StakeClosed {
        header: EventHeader::of_exchange(&mut exchange, exchange_key, &oracle::now()?),
        pool: stake.pool,
        owner: stake.owner,
    });
    Ok(())
}

/// Emits what a call of a request did: it noted a value, or paid.
pub fn emit_step(header: EventHeader, stake: &Stake, step: &LeaveStep, total_shares: u64) {
    let (pool, owner) = (stake.pool, stake.owner);
    match *step {
        LeaveStep::Noted { noted_atoms, payable_from, payable_until } => {
            emit!(UnstakeNoted { header, pool, owner, noted_atoms, payable_from, payable_until });
        }
        LeaveStep::Paid(Redemption { paid_atoms, burned_shares }) => {
            emit!(Unstaked { header, pool, owner, burned_shares, paid_atoms, total_shares });
        }
    }
}

/// Shares of an insurance fund or a backstop of the exchange.
/// Errors: `BackstopNotCreated`, `WrongPool`, `WrongExchange`.
fn shares_of(pool: &AccountInfo<'_>, exchange: &Pubkey) -> Result<ShareLedger> {
    if *pool.owner != crate::ID {
        let (backstop, _) = Pubkey::find_program_address(&[BACKSTOP_SEED, exchange.as_ref()], &crate::ID);
        require_keys_neq!(*pool.key, backstop, BreakwaterError::BackstopNotCreated);
        return err!(BreakwaterError::WrongPool);
    }
    let data = pool.try_borrow_data()?;
    let (of, ledger) = if data.starts_with(InsuranceFund::DISCRIMINATOR) {
        let fund = bytemuck::from_bytes::<InsuranceFund>(&data[8..InsuranceFund::SPACE]);
        (fund.exchange, fund.state.shares)
    } else if data.starts_with(Backstop::DISCRIMINATOR) {
        let backstop = bytemuck::from_bytes::<Backstop>(&data[8..Backstop::SPACE]);
        (backstop.exchange, backstop.state.shares)
    } else {
        return err!(BreakwaterError::WrongPool);
    };
    require_keys_eq!(of, *exchange, BreakwaterError::WrongExchange);
    Ok(ledger)
}
