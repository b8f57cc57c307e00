//! `initialize_exchange`: an exchange, its vault and its insurance fund (spec X-1).

use crate::constants::{EXCHANGE_SEED, INSURANCE_SEED, MAX_RECEIVERS, VAULT_SEED};
use crate::errors::BreakwaterError;
use crate::events::{EventHeader, ExchangeInitialized};
use crate::instructions::require_some_receiver;
use crate::oracle;
use crate::refusals::vacant;
use crate::state::{Exchange, InsuranceFund};
use anchor_lang::prelude::*;
use anchor_spl::token_2022::spl_token_2022::extension::{BaseStateWithExtensions, ExtensionType, StateWithExtensions};
use anchor_spl::token_2022::spl_token_2022::state::Mint as MintState;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use breakwater_risk::outflow::OutflowLimits;

/// Extensions that neither tax nor take what the vault holds. A close authority is not among them: who closes an unused
/// mint can create it anew, at the same address, with a permanent delegate.
const SAFE_EXTENSIONS: [ExtensionType; 5] = [
    ExtensionType::MetadataPointer,
    ExtensionType::TokenMetadata,
    ExtensionType::GroupPointer,
    ExtensionType::GroupMemberPointer,
    ExtensionType::InterestBearingConfig,
];

/// What an exchange is created with.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct InitializeExchangeArgs {
    /// Number among the exchanges of its creator.
    pub id: u16,
    /// Pyth receiver programs to accept; default = unused place.
    pub receivers: [Pubkey; MAX_RECEIVERS],
    /// Owner of accepted legacy push accounts; default = none.
    pub legacy_oracle: Pubkey,
    /// Length of the outflow window, seconds: 60 to 604 800.
    pub outflow_window_seconds: u32,
    /// Share of the booked cash that may leave per window, ppm. Zero: only the guaranteed minimum.
    pub outflow_limit_ppm: u32,
    /// What each account may withdraw per window whatever the others do, atoms.
    pub outflow_guaranteed_atoms: u64,
}

/// Accounts of `initialize_exchange`.
#[derive(Accounts)]
#[instruction(args: InitializeExchangeArgs)]
pub struct InitializeExchange<'info> {
    /// Pays rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Creator: becomes the authority, and its ids are its own.
    pub authority: Signer<'info>,
    /// The new exchange.
    #[account(
        init, payer = payer, space = space_of(exchange, &quote_mint.to_account_info(), &token_program.key())?,
        seeds = [EXCHANGE_SEED, authority.key().as_ref(), &args.id.to_le_bytes()], bump
    )]
    pub exchange: AccountLoader<'info, Exchange>,
    /// Mint of the collateral.
    pub quote_mint: Box<InterfaceAccount<'info, Mint>>,
    /// The vault; only the exchange signs for it, and it has neither delegate nor close authority.
    #[account(
        init, payer = payer, seeds = [VAULT_SEED, exchange.key().as_ref()], bump,
        token::mint = quote_mint, token::authority = exchange, token::token_program = token_program
    )]
    pub vault: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The new insurance fund.
    #[account(
        init, payer = payer, space = InsuranceFund::SPACE,
        seeds = [INSURANCE_SEED, exchange.key().as_ref()], bump
    )]
    pub insurance: AccountLoader<'info, InsuranceFund>,
    /// Token program of the mint.
    pub token_program: Interface<'info, TokenInterface>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// 1. Refuses an id that the creator has used, and mints that could tax or take the vault; both before anything is created.
/// 2. Creates exchange, vault and insurance fund. 3. Refuses absurd limits, and no receiver.
pub fn handle_initialize_exchange(ctx: Context<InitializeExchange>, args: InitializeExchangeArgs) -> Result<()> {
    validate(&args)?;
    require!((2..=9).contains(&ctx.accounts.quote_mint.decimals), BreakwaterError::MintDecimals);

    let exchange_key = ctx.accounts.exchange.key();
    {
        let mut insurance = ctx.accounts.insurance.load_init()?;
        insurance.exchange = exchange_key;
        insurance.bump = ctx.bumps.insurance;
        insurance.version = InsuranceFund::VERSION;
    }

    let mut exchange = ctx.accounts.exchange.load_init()?;
    exchange.creator = ctx.accounts.authority.key();
    exchange.authority = exchange.creator;
    exchange.quote_mint = ctx.accounts.quote_mint.key();
    exchange.vault = ctx.accounts.vault.key();
    exchange.receivers = args.receivers;
    exchange.legacy_oracle = args.legacy_oracle;
    exchange.outflow_limits = OutflowLimits {
        window_seconds: args.outflow_window_seconds,
        limit_ppm: args.outflow_limit_ppm,
        guaranteed_atoms: args.outflow_guaranteed_atoms,
        reserved: [0; 2],
    };
    exchange.id = args.id;
    exchange.bump = ctx.bumps.exchange;
    exchange.version = Exchange::VERSION;
    exchange.vault_bump = ctx.bumps.vault;
    exchange.quote_decimals = ctx.accounts.quote_mint.decimals;
    emit!(ExchangeInitialized {
        header: EventHeader::of_exchange(&mut exchange, exchange_key, &oracle::now()?),
        authority: exchange.authority,
        quote_mint: exchange.quote_mint,
        receivers: args.receivers,
        legacy_oracle: args.legacy_oracle,
        outflow_window_seconds: args.outflow_window_seconds,
        outflow_limit_ppm: args.outflow_limit_ppm,
        outflow_guaranteed_atoms: args.outflow_guaranteed_atoms,
    });
    Ok(())
}

fn validate(args: &InitializeExchangeArgs) -> Result<()> {
    let is_sane = (60..=604_800).contains(&args.outflow_window_seconds) && args.outflow_limit_ppm <= 1_000_000;
    require!(is_sane, BreakwaterError::OutflowLimitAbsurd);
    require_some_receiver(&args.receivers)
}

/// Length of a new exchange, once it is sure that nothing is at its address yet, and that the mint is safe and of the token program. The
/// token program would refuse to create the vault of another mint, or of one with an extension that it does not know, and not by the rule.
fn space_of(exchange: &AccountInfo<'_>, mint: &AccountInfo<'_>, token_program: &Pubkey) -> Result<usize> {
    let space = vacant(exchange, Exchange::SPACE, BreakwaterError::ExchangeExists)?;
    require_keys_eq!(*mint.owner, *token_program, BreakwaterError::WrongTokenProgram);
    refuse_unsafe_mint(mint)?;
    Ok(space)
}

fn refuse_unsafe_mint(mint: &AccountInfo<'_>) -> Result<()> {
    if *mint.owner != anchor_spl::token_2022::ID {
        return Ok(());
    }
    let data = mint.try_borrow_data()?;
    let state = StateWithExtensions::<MintState>::unpack(&data)?;
    // One that the interface of this build does not know is not among the safe ones either.
    let extensions = state.get_extension_types().map_err(|_| BreakwaterError::MintHasUnsafeExtension)?;
    let is_safe = extensions.iter().all(|extension| SAFE_EXTENSIONS.contains(extension));
    require!(is_safe, BreakwaterError::MintHasUnsafeExtension);
    Ok(())
}
