//! One builder per instruction: a struct with what the caller decides; addresses are derived.
//!
//! `other_markets` are the markets of the legs that the instruction reads besides the acted-on one; duplicates and
//! the acted-on market itself are left out of the keys.

mod derisk;
mod ladder;
mod macro_index;
mod params;
mod pools;

use crate::address;
use anchor_lang::prelude::{AccountMeta, Pubkey};
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::{system_program, InstructionData, ToAccountMetas};
use breakwater::MAX_RECEIVERS;
use breakwater::{accounts, instruction as data};
use breakwater::{ApproveVenueArgs, CreateMarketArgs, InitializeExchangeArgs, SettleTradeArgs};

pub use derisk::*;
pub use ladder::*;
pub use macro_index::*;
pub use params::*;
pub use pools::*;

fn build(accounts: impl ToAccountMetas, data: impl InstructionData) -> Instruction {
    Instruction { program_id: breakwater::ID, accounts: accounts.to_account_metas(None), data: data.data() }
}

/// Appends markets, each once, without the ones already named.
fn with_markets(mut instruction: Instruction, markets: &[Pubkey], is_writable: bool) -> Instruction {
    for key in markets {
        if instruction.accounts.iter().all(|meta| meta.pubkey != *key) {
            instruction.accounts.push(AccountMeta { pubkey: *key, is_signer: false, is_writable });
        }
    }
    instruction
}

/// Marks the markets of a failing account writable in an act on it, so that the program settles the account first (T-9). Needed where
/// [`crate::preview::needs_settlement`] says so: otherwise an atom that anybody gives the account would have the act refused.
pub fn settling(mut instruction: Instruction, account_markets: &[Pubkey]) -> Instruction {
    for meta in instruction.accounts.iter_mut().filter(|meta| account_markets.contains(&meta.pubkey)) {
        meta.is_writable = true;
    }
    instruction
}

/// Creates an exchange with vault and insurance fund; its creator is `authority`.
pub fn initialize_exchange(
    payer: Pubkey,
    authority: Pubkey,
    quote_mint: Pubkey,
    token_program: Pubkey,
    args: InitializeExchangeArgs,
) -> Instruction {
    let exchange = address::exchange(&authority, args.id);
    let accounts = accounts::InitializeExchange {
        payer,
        authority,
        exchange,
        quote_mint,
        vault: address::vault(&exchange),
        insurance: address::insurance(&exchange),
        token_program,
        system_program: system_program::ID,
    };
    build(accounts, data::InitializeExchange { args })
}

/// Proposes the next authority.
pub fn propose_authority(exchange: Pubkey, authority: Pubkey, pending_authority: Pubkey) -> Instruction {
    build(accounts::ProposeAuthority { authority, exchange }, data::ProposeAuthority { pending_authority })
}

/// Accepts the authority.
pub fn accept_authority(exchange: Pubkey, pending_authority: Pubkey) -> Instruction {
    build(accounts::AcceptAuthority { pending_authority, exchange }, data::AcceptAuthority {})
}

/// Proposes the Pyth receiver programs to accept after the timelock.
pub fn propose_receivers(exchange: Pubkey, authority: Pubkey, receivers: [Pubkey; MAX_RECEIVERS]) -> Instruction {
    build(accounts::GovernReceivers { authority, exchange }, data::ProposeReceivers { receivers })
}

/// Accepts the proposed receivers once the timelock has run.
pub fn apply_receivers(exchange: Pubkey) -> Instruction {
    build(accounts::ApplyReceivers { exchange }, data::ApplyReceivers {})
}

/// Stops accepting a receiver.
pub fn revoke_receiver(exchange: Pubkey, authority: Pubkey, receiver: Pubkey) -> Instruction {
    build(accounts::GovernReceivers { authority, exchange }, data::RevokeReceiver { receiver })
}

/// The token side of an instruction that moves tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Quote mint.
    pub quote_mint: Pubkey,
    /// The caller's token account: source or destination.
    pub token_account: Pubkey,
    /// Token program of the mint.
    pub token_program: Pubkey,
}

/// Lists a market; `index` is the exchange's present market count.
pub fn create_market(
    exchange: Pubkey,
    authority: Pubkey,
    index: u16,
    tokens: Tokens,
    args: CreateMarketArgs,
) -> Instruction {
    let accounts = accounts::CreateMarket {
        authority,
        exchange,
        market: address::market(&exchange, index),
        quote_mint: tokens.quote_mint,
        source: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
        system_program: system_program::ID,
    };
    build(accounts, data::CreateMarket { args })
}

/// Registers a matching program's signer.
pub fn register_venue(exchange: Pubkey, authority: Pubkey, venue_signer: Pubkey) -> Instruction {
    let accounts = accounts::RegisterVenue {
        authority,
        exchange,
        venue_signer,
        venue: address::venue(&exchange, &venue_signer),
        system_program: system_program::ID,
    };
    build(accounts, data::RegisterVenue {})
}

/// Opens a margin account.
pub fn open_account(exchange: Pubkey, payer: Pubkey, owner: Pubkey, sub_id: u16) -> Instruction {
    let accounts = accounts::OpenAccount {
        payer,
        owner,
        exchange,
        account: address::margin_account(&exchange, &owner, sub_id),
        system_program: system_program::ID,
    };
    build(accounts, data::OpenAccount { sub_id })
}

/// Closes an empty margin account.
pub fn close_account(owner: Pubkey, account: Pubkey) -> Instruction {
    build(accounts::CloseAccount { owner, account }, data::CloseAccount {})
}

/// Sets the delegate and the notional up to which it may add risk; the default key removes it.
pub fn set_delegate(owner: Pubkey, account: Pubkey, delegate: Pubkey, notional_max_atoms: u64) -> Instruction {
    build(accounts::OwnerOnly { owner, account }, data::SetDelegate { delegate, notional_max_atoms })
}

/// Brings an account of the program, of any type, to the newest layout; anyone may.
pub fn extend_account(payer: Pubkey, account: Pubkey) -> Instruction {
    let accounts = accounts::ExtendAccount { payer, account, system_program: system_program::ID };
    build(accounts, data::ExtendAccount {})
}

/// Approves a venue within limits.
pub fn approve_venue(owner: Pubkey, account: Pubkey, venue: Pubkey, args: ApproveVenueArgs) -> Instruction {
    build(accounts::ApproveVenue { owner, account, venue }, data::ApproveVenue { args })
}

/// Revokes a venue.
pub fn revoke_venue(owner: Pubkey, account: Pubkey, venue: Pubkey) -> Instruction {
    build(accounts::OwnerOnly { owner, account }, data::RevokeVenue { venue })
}

/// Deposits collateral into any account.
pub fn deposit(exchange: Pubkey, depositor: Pubkey, account: Pubkey, tokens: Tokens, amount_atoms: u64) -> Instruction {
    let accounts = accounts::Deposit {
        depositor,
        exchange,
        account,
        quote_mint: tokens.quote_mint,
        source: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    };
    build(accounts, data::Deposit { amount_atoms })
}

/// Withdraws capital; `markets` are those of all legs.
pub fn withdraw(
    exchange: Pubkey,
    owner: Pubkey,
    account: Pubkey,
    tokens: Tokens,
    amount_atoms: u64,
    markets: &[Pubkey],
) -> Instruction {
    let accounts = accounts::Withdraw {
        owner,
        exchange,
        account,
        quote_mint: tokens.quote_mint,
        destination: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    };
    with_markets(build(accounts, data::Withdraw { amount_atoms }), markets, false)
}

/// Takes a Pyth price into a market. Succeeds and changes nothing if the market has this price, a newer one, or one of this
/// slot: an act that follows in the same transaction does not fail because another was faster.
pub fn refresh_market(exchange: Pubkey, market: Pubkey, price_account: Pubkey) -> Instruction {
    let macro_index = address::macro_index(&exchange);
    build(accounts::RefreshMarket { exchange, market, price_account, macro_index }, data::RefreshMarket {})
}

/// Settles a fill; sent by the matching program, whose PDA signs.
pub fn settle_trade(
    exchange: Pubkey,
    venue_signer: Pubkey,
    market: Pubkey,
    (buyer, seller): (Pubkey, Pubkey),
    args: SettleTradeArgs,
    other_markets: &[Pubkey],
) -> Instruction {
    let venue = address::venue(&exchange, &venue_signer);
    let accounts = accounts::SettleTrade { venue_signer, venue, market, buyer, seller };
    with_markets(build(accounts, data::SettleTrade { args }), other_markets, false)
}

/// Settles all legs of an account; `markets` are those of all legs.
pub fn settle_account(account: Pubkey, markets: &[Pubkey]) -> Instruction {
    with_markets(build(accounts::SettleAccount { account }, data::SettleAccount {}), markets, true)
}

/// Converts matured profit, refusing a ratio below `least_ratio_ppm`.
pub fn convert_profit(
    operator: Pubkey,
    market: Pubkey,
    account: Pubkey,
    least_ratio_ppm: u32,
    other_markets: &[Pubkey],
) -> Instruction {
    let accounts = accounts::ConvertProfit { operator, market, account };
    with_markets(build(accounts, data::ConvertProfit { least_ratio_ppm }), other_markets, false)
}

/// Pays an account's debt in one market with its claim in another.
pub fn pay_debt(account: Pubkey, claim_market: Pubkey, debt_market: Pubkey) -> Instruction {
    build(accounts::PayDebt { account, claim_market, debt_market }, data::PayDebt {})
}

/// Nets a ring: member i has a claim in market i and a debt in the market after it, the last one in the first.
/// None unless there are at least two members and a market for each.
pub fn net_ring(members: &[Pubkey], markets: &[Pubkey]) -> Option<Instruction> {
    let (first, others) = members.split_first()?;
    if others.is_empty() || members.len() != markets.len() {
        return None;
    }
    let mut instruction = build(accounts::NetRing { first: *first }, data::NetRing {});
    instruction.accounts.extend(others.iter().chain(markets).map(|key| AccountMeta::new(*key, false)));
    Some(instruction)
}

/// Flags an account for liquidation or clears its flag.
pub fn flag(market: Pubkey, account: Pubkey, other_markets: &[Pubkey]) -> Instruction {
    with_markets(build(accounts::Flag { market, account }, data::Flag {}), other_markets, false)
}

/// Takes one slice of a failing leg.
pub fn liquidate(
    keeper: Pubkey,
    market: Pubkey,
    account: Pubkey,
    keeper_account: Pubkey,
    other_markets: &[Pubkey],
) -> Instruction {
    let accounts = accounts::Takeover { keeper, market, account, keeper_account };
    with_markets(build(accounts, data::Liquidate {}), other_markets, false)
}

/// Closes a critical leg against the other side; `other_markets` are those of the account and of the backstop.
pub fn deleverage(exchange: Pubkey, market: Pubkey, account: Pubkey, other_markets: &[Pubkey]) -> Instruction {
    let (backstop, backstop_account) = (address::backstop(&exchange), address::backstop_account(&exchange));
    let accounts = accounts::Deleverage { market, account, backstop, backstop_account };
    with_markets(build(accounts, data::Deleverage {}), other_markets, false)
}

/// Lets the backstop take a failing leg over; `other_markets` are those of the account and of the backstop.
pub fn absorb(exchange: Pubkey, market: Pubkey, account: Pubkey, other_markets: &[Pubkey]) -> Instruction {
    let (backstop, backstop_account) = (address::backstop(&exchange), address::backstop_account(&exchange));
    let accounts = accounts::Absorb { market, account, backstop, backstop_account };
    with_markets(build(accounts, data::Absorb {}), other_markets, false)
}

/// Buys at most `most_lots` from the backstop; `other_markets` are those of the keeper's account and of the backstop.
pub fn unwind(
    exchange: Pubkey,
    keeper: Pubkey,
    market: Pubkey,
    keeper_account: Pubkey,
    most_lots: u64,
    other_markets: &[Pubkey],
) -> Instruction {
    let backstop_account = address::backstop_account(&exchange);
    let accounts = accounts::Unwind { keeper, market, backstop_account, keeper_account };
    with_markets(build(accounts, data::Unwind { most_lots }), other_markets, false)
}

/// Resolves a bankrupt account; the first of `markets` is the one whose fresh price proves it.
pub fn resolve_bankruptcy(exchange: Pubkey, account: Pubkey, markets: &[Pubkey]) -> Instruction {
    let accounts = accounts::ResolveBankruptcy { exchange, insurance: address::insurance(&exchange), account };
    with_markets(build(accounts, data::ResolveBankruptcy {}), markets, true)
}

/// Gives to the insurance fund.
pub fn donate_insurance(exchange: Pubkey, donor: Pubkey, tokens: Tokens, amount_atoms: u64) -> Instruction {
    let accounts = accounts::DonateInsurance {
        donor,
        exchange,
        insurance: address::insurance(&exchange),
        quote_mint: tokens.quote_mint,
        source: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    };
    build(accounts, data::DonateInsurance { amount_atoms })
}

/// Sweeps a market's accrued shares.
pub fn sweep_market(exchange: Pubkey, market: Pubkey) -> Instruction {
    let insurance = address::insurance(&exchange);
    build(accounts::SweepMarket { exchange, insurance, market }, data::SweepMarket {})
}

/// Collects swept trading fees.
pub fn collect_fees(exchange: Pubkey, authority: Pubkey, tokens: Tokens) -> Instruction {
    let accounts = accounts::CollectFees {
        authority,
        exchange,
        quote_mint: tokens.quote_mint,
        destination: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    };
    build(accounts, data::CollectFees {})
}
