//! Breakwater: the margin engine of a perpetual-futures exchange.
//!
//! The program holds cross-margin accounts, markets and an insurance fund, and closes failing positions in
//! slices that the market can carry. Handlers load accounts, call `breakwater_risk`, move tokens and emit
//! events; they compute nothing. The rules are numbered in docs/spec.md.

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod markets;
pub mod oracle;
mod refusals;
pub mod state;
pub mod tokens;

use anchor_lang::prelude::*;
pub use breakwater_risk::governance::{NOTICE_SECONDS, PROPOSAL_LIFE_SECONDS};
pub use constants::*;
#[cfg(not(feature = "no-entrypoint"))]
use default_env::default_env;
pub use errors::BreakwaterError;
pub use instructions::*;
pub use state::*;

declare_id!("8qGvqgKSaxA68rYyxkm3uLHqhmHD58NSWv77kNrc1xQt");

// Whom to tell about a flaw, readable in the deployed binary. Whoever builds for a cluster says it (docs/deploy.md).
#[cfg(not(feature = "no-entrypoint"))]
solana_security_txt::security_txt! {
    name: "Breakwater",
    project_url: default_env!("BREAKWATER_PROJECT_URL", "not given: a development build"),
    contacts: default_env!("BREAKWATER_SECURITY_CONTACTS", "not given: a development build"),
    policy: default_env!("BREAKWATER_SECURITY_POLICY", "SECURITY.md in the source"),
    source_revision: default_env!("BREAKWATER_SOURCE_REVISION", "not given"),
    auditors: "none"
}

#[program]
pub mod breakwater {
    use super::*;

    /// Creates an exchange with its vault and insurance fund.
    pub fn initialize_exchange(ctx: Context<InitializeExchange>, args: InitializeExchangeArgs) -> Result<()> {
        instructions::initialize_exchange::handle_initialize_exchange(ctx, args)
    }

    /// Names the next authority; it takes over by accepting.
    pub fn propose_authority(ctx: Context<ProposeAuthority>, pending_authority: Pubkey) -> Result<()> {
        instructions::authority::handle_propose_authority(ctx, pending_authority)
    }

    /// The proposed authority takes over.
    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        instructions::authority::handle_accept_authority(ctx)
    }

    /// Proposes the Pyth receiver programs to accept after the timelock.
    pub fn propose_receivers(ctx: Context<GovernReceivers>, receivers: [Pubkey; MAX_RECEIVERS]) -> Result<()> {
        instructions::receivers::handle_propose_receivers(ctx, receivers)
    }

    /// Accepts the proposed receivers once their time has come.
    pub fn apply_receivers(ctx: Context<ApplyReceivers>) -> Result<()> {
        instructions::receivers::handle_apply_receivers(ctx)
    }

    /// Stops accepting a receiver, at once.
    pub fn revoke_receiver(ctx: Context<GovernReceivers>, receiver: Pubkey) -> Result<()> {
        instructions::receivers::handle_revoke_receiver(ctx, receiver)
    }

    /// Lists a market after checking its parameters.
    pub fn create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
        instructions::create_market::handle_create_market(ctx, args)
    }

    /// Proposes parameters for a listed market: applicable at once if they only lower the cap of the open interest,
    /// else after eight days.
    pub fn propose_params(
        ctx: Context<ProposeParams>,
        params: [u8; breakwater_risk::params::MARKET_PARAMS_BYTES],
    ) -> Result<()> {
        instructions::params::handle_propose_params(ctx, params)
    }

    /// Puts proposed parameters into force once their time has come.
    pub fn apply_params(ctx: Context<ApplyParams>) -> Result<()> {
        instructions::params::handle_apply_params(ctx)
    }

    /// Takes a proposal of parameters back.
    pub fn cancel_params(ctx: Context<CancelParams>) -> Result<()> {
        instructions::params::handle_cancel_params(ctx)
    }

    /// Registers a matching program's signer.
    pub fn register_venue(ctx: Context<RegisterVenue>) -> Result<()> {
        instructions::register_venue::handle_register_venue(ctx)
    }

    /// Opens a margin account.
    pub fn open_account(ctx: Context<OpenAccount>, sub_id: u16) -> Result<()> {
        instructions::open_account::handle_open_account(ctx, sub_id)
    }

    /// Brings an account of any type to the newest layout; the payer pays for the added bytes.
    pub fn extend_account(ctx: Context<ExtendAccount>) -> Result<()> {
        instructions::extend_account::handle_extend_account(ctx)
    }

    /// Closes an empty margin account and returns its rent.
    pub fn close_account(ctx: Context<CloseAccount>) -> Result<()> {
        instructions::close_account::handle_close_account(ctx)
    }

    /// Sets who may take slices and convert profit for the owner, and the notional up to which it may add risk.
    pub fn set_delegate(ctx: Context<OwnerOnly>, delegate: Pubkey, notional_max_atoms: u64) -> Result<()> {
        instructions::set_delegate::handle_set_delegate(ctx, delegate, notional_max_atoms)
    }

    /// Lets a venue settle trades of this account, within limits.
    pub fn approve_venue(ctx: Context<ApproveVenue>, args: ApproveVenueArgs) -> Result<()> {
        instructions::approve_venue::handle_approve_venue(ctx, args)
    }

    /// Takes a venue's approval back, at once.
    pub fn revoke_venue(ctx: Context<OwnerOnly>, venue: Pubkey) -> Result<()> {
        instructions::approve_venue::handle_revoke_venue(ctx, venue)
    }

    /// Adds collateral to an account.
    pub fn deposit(ctx: Context<Deposit>, amount_atoms: u64) -> Result<()> {
        instructions::deposit::handle_deposit(ctx, amount_atoms)
    }

    /// Withdraws capital to the owner.
    pub fn withdraw<'info>(ctx: Context<'info, Withdraw<'info>>, amount_atoms: u64) -> Result<()> {
        instructions::withdraw::handle_withdraw(ctx, amount_atoms)
    }

    /// Takes a Pyth price into the market.
    pub fn refresh_market(ctx: Context<RefreshMarket>) -> Result<()> {
        instructions::refresh_market::handle_refresh_market(ctx)
    }

    /// Settles a fill that a venue matched.
    pub fn settle_trade<'info>(ctx: Context<'info, SettleTrade<'info>>, args: SettleTradeArgs) -> Result<()> {
        instructions::settle_trade::handle_settle_trade(ctx, args)
    }

    /// Touches all legs of an account and spreads its capital over its debts.
    pub fn settle_account<'info>(ctx: Context<'info, SettleAccount<'info>>) -> Result<()> {
        instructions::settle_account::handle_settle_account(ctx)
    }

    /// Converts matured profit into capital.
    pub fn convert_profit<'info>(ctx: Context<'info, ConvertProfit<'info>>, least_ratio_ppm: u32) -> Result<()> {
        instructions::convert_profit::handle_convert_profit(ctx, least_ratio_ppm)
    }

    /// Pays an account's debt in one market with its claim in another.
    pub fn pay_debt(ctx: Context<PayDebt>) -> Result<()> {
        instructions::pay_debt::handle_pay_debt(ctx)
    }

    /// Nets claims and debts of accounts that wait for each other's cash.
    pub fn net_ring<'info>(ctx: Context<'info, NetRing<'info>>) -> Result<()> {
        instructions::net_ring::handle_net_ring(ctx)
    }

    /// Flags an account for liquidation, or clears the flag of one that recovered.
    pub fn flag<'info>(ctx: Context<'info, Flag<'info>>) -> Result<()> {
        instructions::flag::handle_flag(ctx)
    }

    /// Closes one slice of a failing leg; the keeper takes it over at the mark.
    pub fn liquidate<'info>(ctx: Context<'info, Takeover<'info>>) -> Result<()> {
        instructions::liquidate::handle_liquidate(ctx)
    }

    /// Closes a critical leg against the other side, pro rata.
    pub fn deleverage<'info>(ctx: Context<'info, Deleverage<'info>>) -> Result<()> {
        instructions::deleverage::handle_deleverage(ctx)
    }

    /// Resolves an account whose equity is negative.
    pub fn resolve_bankruptcy<'info>(ctx: Context<'info, ResolveBankruptcy<'info>>) -> Result<()> {
        instructions::resolve_bankruptcy::handle_resolve_bankruptcy(ctx)
    }

    /// Gives to the insurance fund.
    pub fn donate_insurance(ctx: Context<DonateInsurance>, amount_atoms: u64) -> Result<()> {
        instructions::donate_insurance::handle_donate_insurance(ctx, amount_atoms)
    }

    /// Gives toward what a market left unfunded, at most that.
    pub fn cover_unfunded(ctx: Context<GiveToMarket>, amount_atoms: u64) -> Result<()> {
        instructions::cover_unfunded::handle_cover_unfunded(ctx, amount_atoms)
    }

    /// Gives to a market's first-loss reserve.
    pub fn donate_reserve(ctx: Context<GiveToMarket>, amount_atoms: u64) -> Result<()> {
        instructions::donate_reserve::handle_donate_reserve(ctx, amount_atoms)
    }

    /// Creates the backstop of an exchange, empty.
    pub fn create_backstop(ctx: Context<CreateBackstop>, loss_line_ppm: u32) -> Result<()> {
        instructions::create_backstop::handle_create_backstop(ctx, loss_line_ppm)
    }

    /// Opens a stake in the insurance fund or the backstop.
    pub fn open_stake(ctx: Context<OpenStake>) -> Result<()> {
        instructions::stakes::handle_open_stake(ctx)
    }

    /// Closes a stake without shares and returns its rent.
    pub fn close_stake(ctx: Context<CloseStake>) -> Result<()> {
        instructions::stakes::handle_close_stake(ctx)
    }

    /// Puts cash into the insurance fund for shares.
    pub fn stake_insurance<'info>(
        ctx: Context<'info, StakeInsurance<'info>>,
        amount_atoms: u64,
        least_shares: u64,
    ) -> Result<()> {
        instructions::stake_insurance::handle_stake_insurance(ctx, amount_atoms, least_shares)
    }

    /// Asks shares of the insurance fund back; no shares take the request back.
    pub fn request_unstake_insurance<'info>(
        ctx: Context<'info, RequestUnstakeInsurance<'info>>,
        shares: u64,
    ) -> Result<()> {
        instructions::unstake_insurance::handle_request_unstake_insurance(ctx, shares)
    }

    /// A call of a request that has waited: the first one notes what the shares are worth, the second one pays, an hour to three
    /// later, at least `least_atoms`.
    pub fn unstake_insurance<'info>(ctx: Context<'info, UnstakeInsurance<'info>>, least_atoms: u64) -> Result<()> {
        instructions::unstake_insurance::handle_unstake_insurance(ctx, least_atoms)
    }

    /// Puts cash into the backstop for shares.
    pub fn stake_backstop<'info>(
        ctx: Context<'info, StakeBackstop<'info>>,
        amount_atoms: u64,
        least_shares: u64,
    ) -> Result<()> {
        instructions::stake_backstop::handle_stake_backstop(ctx, amount_atoms, least_shares)
    }

    /// Asks shares of the backstop back; no shares take the request back.
    pub fn request_unstake_backstop<'info>(
        ctx: Context<'info, RequestUnstakeBackstop<'info>>,
        shares: u64,
    ) -> Result<()> {
        instructions::unstake_backstop::handle_request_unstake_backstop(ctx, shares)
    }

    /// A call of a request that has waited: the first one notes what the shares are worth, the second one pays, an hour to three
    /// later, as far as cash is free, at least `least_atoms`.
    pub fn unstake_backstop<'info>(ctx: Context<'info, UnstakeBackstop<'info>>, least_atoms: u64) -> Result<()> {
        instructions::unstake_backstop::handle_unstake_backstop(ctx, least_atoms)
    }

    /// The backstop takes a failing leg over.
    pub fn absorb<'info>(ctx: Context<'info, Absorb<'info>>) -> Result<()> {
        instructions::absorb::handle_absorb(ctx)
    }

    /// A keeper buys what the backstop holds.
    pub fn unwind<'info>(ctx: Context<'info, Unwind<'info>>, most_lots: u64) -> Result<()> {
        instructions::unwind::handle_unwind(ctx, most_lots)
    }

    /// Moves a market's accrued shares to the insurance fund and the fee account, after repaying what is unfunded.
    pub fn sweep_market(ctx: Context<SweepMarket>) -> Result<()> {
        instructions::sweep_market::handle_sweep_market(ctx)
    }

    /// Pays swept trading fees out to the authority.
    pub fn collect_fees(ctx: Context<CollectFees>) -> Result<()> {
        instructions::collect_fees::handle_collect_fees(ctx)
    }

    /// Registers a leg anew in its market's liquidation ladder.
    pub fn touch<'info>(ctx: Context<'info, Touch<'info>>) -> Result<()> {
        instructions::touch::handle_touch(ctx)
    }

    /// Measures how forced closes of a market would feed themselves.
    pub fn measure_cascade(ctx: Context<MeasureCascade>) -> Result<()> {
        instructions::measure_cascade::handle_measure_cascade(ctx)
    }

    /// Creates the macro index of an exchange with its feeds; markets read it eight days later.
    pub fn create_macro_index(ctx: Context<CreateMacroIndex>, feeds: Vec<MacroFeedArgs>) -> Result<()> {
        instructions::create_macro_index::handle_create_macro_index(ctx, feeds)
    }

    /// Proposes other feeds for the macro index, applicable after eight days.
    pub fn propose_macro_index(ctx: Context<GovernMacroIndex>, feeds: Vec<MacroFeedArgs>) -> Result<()> {
        instructions::macro_proposal::handle_propose_macro_index(ctx, feeds)
    }

    /// Gives the macro index the proposed feeds once their time has come.
    pub fn apply_macro_index(ctx: Context<ApplyMacroIndex>) -> Result<()> {
        instructions::macro_proposal::handle_apply_macro_index(ctx)
    }

    /// Takes a proposal of other feeds back.
    pub fn cancel_macro_index(ctx: Context<GovernMacroIndex>) -> Result<()> {
        instructions::macro_proposal::handle_cancel_macro_index(ctx)
    }

    /// Takes Pyth prices into the macro index.
    pub fn refresh_macro<'info>(ctx: Context<'info, RefreshMacro<'info>>) -> Result<()> {
        instructions::refresh_macro::handle_refresh_macro(ctx)
    }

    /// Opts an account in to predictive closes, or out.
    pub fn set_derisk(ctx: Context<OwnerOnly>, opted_in: bool) -> Result<()> {
        instructions::set_derisk::handle_set_derisk(ctx, opted_in)
    }

    /// Closes a part of the leg of an account at risk; the keeper takes it over.
    pub fn derisk<'info>(ctx: Context<'info, Takeover<'info>>) -> Result<()> {
        instructions::derisk::handle_derisk(ctx)
    }
}
