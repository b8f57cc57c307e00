//! `create_market`: lists a market whose parameters keep every bound and cover the declared worst move
//! (spec P-1 … P-4).

use crate::constants::{MARKET_SEED, MARKET_SEED_UNITS};
use crate::errors::BreakwaterError;
use crate::events::{EventHeader, MarketCreated};
use crate::oracle;
use crate::state::{Exchange, Market};
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{transfer_checked, Mint, TokenAccount, TokenInterface, TransferChecked};
use breakwater_risk::params::MARKET_PARAMS_BYTES;
use breakwater_risk::{MarketParams, MarketState};

/// What a market is listed with.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct CreateMarketArgs {
    /// Pyth feed id.
    pub feed_id: [u8; 32],
    /// Legacy push account to accept too; default = none.
    pub legacy_price_account: Pubkey,
    /// A lot is 10^this base tokens.
    pub lot_exponent: i8,
    /// Seed paid into the pool, atoms; at least one quote unit.
    pub seed_atoms: u64,
    /// The bytes of `breakwater_risk::MarketParams`.
    pub params: [u8; MARKET_PARAMS_BYTES],
}

/// Accounts of `create_market`.
#[derive(Accounts)]
pub struct CreateMarket<'info> {
    /// Authority of the exchange; pays rent and seed.
    #[account(mut)]
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(mut, has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// The new market.
    #[account(
        init, payer = authority, space = Market::SPACE,
        seeds = [MARKET_SEED, exchange.key().as_ref(), &exchange.load()?.market_count.to_le_bytes()], bump
    )]
    pub market: AccountLoader<'info, Market>,
    /// Quote mint.
    #[account(address = exchange.load()?.quote_mint @ BreakwaterError::WrongMint)]
    pub quote_mint: Box<InterfaceAccount<'info, Mint>>,
    /// Pays the seed.
    #[account(mut, constraint = source.mint == quote_mint.key() @ BreakwaterError::WrongMint)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the vault, by its address; the token program checks what it holds.
    #[account(mut, address = exchange.load()?.vault @ BreakwaterError::WrongVault)]
    pub vault: UncheckedAccount<'info>,
    /// Token program of the mint.
    pub token_program: Interface<'info, TokenInterface>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// 1. Refuses parameters out of bounds, with the figures. 2. Books the seed. 3. Takes the seed.
pub fn handle_create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
    let params: MarketParams = bytemuck::pod_read_unaligned(&args.params);
    validate(&args, &params, ctx.accounts.quote_mint.decimals)?;
    let (exchange_key, market_key) = (ctx.accounts.exchange.key(), ctx.accounts.market.key());
    {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut market = ctx.accounts.market.load_init()?;
        market.exchange = exchange_key;
        market.feed_id = args.feed_id;
        market.legacy_price_account = args.legacy_price_account;
        market.index = exchange.market_count;
        market.lot_exponent = args.lot_exponent;
        market.bump = ctx.bumps.market;
        market.state = MarketState::new(params);
        market.state.pool_atoms = args.seed_atoms;
        exchange.market_count = exchange.market_count.checked_add(1).ok_or(BreakwaterError::TooManyMarkets)?;
        exchange.booked_atoms = exchange.booked_atoms.checked_add(args.seed_atoms).ok_or(BreakwaterError::Overflow)?;
        emit!(MarketCreated {
            header: EventHeader::of_market(&mut market, market_key, &oracle::now()?),
            index: market.index,
            feed_id: args.feed_id,
            legacy_price_account: args.legacy_price_account,
            lot_exponent: args.lot_exponent,
            params: args.params,
            seed_atoms: args.seed_atoms,
        });
    }
    let transfer = TransferChecked {
        from: ctx.accounts.source.to_account_info(),
        mint: ctx.accounts.quote_mint.to_account_info(),
        to: ctx.accounts.vault.to_account_info(),
        authority: ctx.accounts.authority.to_account_info(),
    };
    let cpi = CpiContext::new(ctx.accounts.token_program.key(), transfer);
    transfer_checked(cpi, args.seed_atoms, ctx.accounts.quote_mint.decimals)
}

fn validate(args: &CreateMarketArgs, params: &MarketParams, decimals: u8) -> Result<()> {
    require!(args.feed_id != [0; 32], BreakwaterError::FeedIdZero);
    require!((-18..=3).contains(&args.lot_exponent), BreakwaterError::LotExponent);
    let least_seed = MARKET_SEED_UNITS.saturating_mul(10_u64.saturating_pow(u32::from(decimals)));
    require_gte!(args.seed_atoms, least_seed, BreakwaterError::SeedTooSmall);
    if let Err(issue) = params.validate() {
        msg!("{}: {} is not within {} and {}", issue.rule, issue.found, issue.least, issue.most);
        return Err(BreakwaterError::from(issue.error).into());
    }
    Ok(())
}
