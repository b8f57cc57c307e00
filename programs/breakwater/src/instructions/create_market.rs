//! `create_market`: lists a market whose parameters keep every bound and cover the declared worst move
//! (spec P-1 … P-4, P-8, P-9, I-6).

use crate::constants::{
    BACKSTOP_SEED, MACRO_SEED, MARGIN_SEED, MARKET_BOND_UNITS, MARKET_SEED, MARKET_SEED_UNITS, MAX_MARKETS,
};
use crate::errors::BreakwaterError;
use crate::events::{EventHeader, MarketCreated};
use crate::oracle;
use crate::state::{Exchange, Market};
use crate::tokens;
use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::insurance;
use breakwater_risk::params::MARKET_PARAMS_BYTES;
use breakwater_risk::units::MAX_LEGS;
use breakwater_risk::MarketParams;

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
    /// Bond paid into the market's first-loss reserve, atoms; at least one quote unit. Nobody can take it out.
    pub bond_atoms: u64,
    /// The bytes of `breakwater_risk::MarketParams`.
    pub params: [u8; MARKET_PARAMS_BYTES],
}

/// Accounts of `create_market`.
#[derive(Accounts)]
pub struct CreateMarket<'info> {
    /// Authority of the exchange; pays rent, seed and bond.
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
    /// Pays seed and bond.
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

/// 1. Refuses parameters out of bounds, with the figures. 2. Books seed and bond. 3. Takes them.
pub fn handle_create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
    let now = oracle::now()?;
    let params: MarketParams = bytemuck::pod_read_unaligned(&args.params);
    let cash_atoms = args.seed_atoms.checked_add(args.bond_atoms).ok_or(BreakwaterError::Overflow)?;
    validate(&args, &params, ctx.accounts.quote_mint.decimals)?;
    let (exchange_key, market_key) = (ctx.accounts.exchange.key(), ctx.accounts.market.key());
    {
        let mut exchange = ctx.accounts.exchange.load_mut()?;
        let mut market = ctx.accounts.market.load_init()?;
        market.exchange = exchange_key;
        market.feed_id = args.feed_id;
        market.legacy_price_account = args.legacy_price_account;
        require_gt!(MAX_MARKETS, exchange.market_count, BreakwaterError::TooManyMarkets);
        market.index = exchange.market_count;
        (market.backstop, market.backstop_account) = backstop_addresses(&exchange_key);
        (market.macro_index, _) = Pubkey::find_program_address(&[MACRO_SEED, exchange_key.as_ref()], &crate::ID);
        market.lot_exponent = args.lot_exponent;
        market.bump = ctx.bumps.market;
        market.version = Market::VERSION;
        market.state.start(params);
        insurance::list(&mut market.state, (args.seed_atoms, args.bond_atoms), &now);
        exchange.market_count += 1;
        if params.backstop_max_atoms > 0 {
            require_gt!(
                MAX_LEGS,
                usize::from(exchange.backstopped_markets),
                BreakwaterError::TooManyBackstoppedMarkets
            );
            exchange.backstopped_markets += 1;
        }
        exchange.book_in(cash_atoms)?;
        emit!(MarketCreated {
            header: EventHeader::of_market(&mut market, market_key, &now),
            index: market.index,
            feed_id: args.feed_id,
            legacy_price_account: args.legacy_price_account,
            lot_exponent: args.lot_exponent,
            params: args.params,
            seed_atoms: args.seed_atoms,
            bond_atoms: args.bond_atoms,
            draws_from: market.state.draws_from,
        });
    }
    let accounts = &ctx.accounts;
    tokens::take(
        (&accounts.source, accounts.authority.to_account_info()),
        accounts.vault.to_account_info(),
        &accounts.quote_mint,
        accounts.token_program.key(),
        cash_atoms,
    )
}

/// Addresses of the exchange's backstop and its margin account: stored at listing, so that no liquidation derives them.
fn backstop_addresses(exchange: &Pubkey) -> (Pubkey, Pubkey) {
    let (backstop, _) = Pubkey::find_program_address(&[BACKSTOP_SEED, exchange.as_ref()], &crate::ID);
    let seeds = [MARGIN_SEED, exchange.as_ref(), backstop.as_ref(), &0_u16.to_le_bytes()];
    (backstop, Pubkey::find_program_address(&seeds, &crate::ID).0)
}

fn validate(args: &CreateMarketArgs, params: &MarketParams, decimals: u8) -> Result<()> {
    require!(args.feed_id != [0; 32], BreakwaterError::FeedIdZero);
    require!((-18..=3).contains(&args.lot_exponent), BreakwaterError::LotExponent);
    let quote_unit = 10_u64.saturating_pow(u32::from(decimals));
    require_gte!(args.seed_atoms, MARKET_SEED_UNITS.saturating_mul(quote_unit), BreakwaterError::SeedTooSmall);
    require_gte!(args.bond_atoms, MARKET_BOND_UNITS.saturating_mul(quote_unit), BreakwaterError::BondTooSmall);
    require_valid(params)
}

/// Refuses parameters out of bounds, with the figures in the log. Errors: `ParameterOutOfBounds`, `EnvelopeTooSmall`.
pub fn require_valid(params: &MarketParams) -> Result<()> {
    params.validate().map_err(|issue| {
        msg!("{}: {} is not within {} and {}", issue.rule, issue.found, issue.least, issue.most);
        BreakwaterError::from(issue.error).into()
    })
}
