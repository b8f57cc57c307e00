//! Builders for those who fund the insurance fund and the backstop.

use super::{build, with_markets, Tokens};
use crate::address;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use breakwater::{accounts, instruction as data};

/// Creates the backstop of an exchange.
pub fn create_backstop(exchange: Pubkey, authority: Pubkey, loss_line_ppm: u32) -> Instruction {
    let accounts = accounts::CreateBackstop {
        authority,
        exchange,
        backstop: address::backstop(&exchange),
        backstop_account: address::backstop_account(&exchange),
        system_program: system_program::ID,
    };
    build(accounts, data::CreateBackstop { loss_line_ppm })
}

/// Gives to a market's first-loss reserve.
pub fn donate_reserve(
    exchange: Pubkey,
    donor: Pubkey,
    market: Pubkey,
    tokens: Tokens,
    amount_atoms: u64,
) -> Instruction {
    build(give_to_market(exchange, donor, market, tokens), data::DonateReserve { amount_atoms })
}

/// Gives toward what a market left unfunded, at most that.
pub fn cover_unfunded(
    exchange: Pubkey,
    donor: Pubkey,
    market: Pubkey,
    tokens: Tokens,
    amount_atoms: u64,
) -> Instruction {
    build(give_to_market(exchange, donor, market, tokens), data::CoverUnfunded { amount_atoms })
}

/// Accounts of a gift to a market.
fn give_to_market(exchange: Pubkey, donor: Pubkey, market: Pubkey, tokens: Tokens) -> accounts::GiveToMarket {
    accounts::GiveToMarket {
        donor,
        exchange,
        market,
        quote_mint: tokens.quote_mint,
        source: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    }
}

/// Opens a stake in `pool`: the insurance fund or the backstop.
pub fn open_stake(exchange: Pubkey, payer: Pubkey, owner: Pubkey, pool: Pubkey) -> Instruction {
    let stake = address::stake(&pool, &owner);
    build(
        accounts::OpenStake { payer, owner, exchange, pool, stake, system_program: system_program::ID },
        data::OpenStake {},
    )
}

/// Closes a stake without shares.
pub fn close_stake(exchange: Pubkey, owner: Pubkey, pool: Pubkey) -> Instruction {
    let stake = address::stake(&pool, &owner);
    build(accounts::CloseStake { owner, exchange, pool, stake }, data::CloseStake {})
}

/// Puts cash into the insurance fund for at least `least_shares`; `markets` are all of the exchange.
pub fn stake_insurance(
    exchange: Pubkey,
    owner: Pubkey,
    tokens: Tokens,
    amount_atoms: u64,
    least_shares: u64,
    markets: &[Pubkey],
) -> Instruction {
    let insurance = address::insurance(&exchange);
    let accounts = accounts::StakeInsurance {
        owner,
        exchange,
        insurance,
        stake: address::stake(&insurance, &owner),
        quote_mint: tokens.quote_mint,
        source: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    };
    with_markets(build(accounts, data::StakeInsurance { amount_atoms, least_shares }), markets, false)
}

/// Asks shares of the insurance fund back; `markets` are all of the exchange.
pub fn request_unstake_insurance(exchange: Pubkey, owner: Pubkey, shares: u64, markets: &[Pubkey]) -> Instruction {
    let insurance = address::insurance(&exchange);
    let stake = address::stake(&insurance, &owner);
    let accounts = accounts::RequestUnstakeInsurance { owner, exchange, insurance, stake };
    with_markets(build(accounts, data::RequestUnstakeInsurance { shares }), markets, false)
}

/// Takes the cash of a request to the insurance fund, at least `least_atoms`; `markets` are all of the exchange.
pub fn unstake_insurance(
    exchange: Pubkey,
    owner: Pubkey,
    tokens: Tokens,
    least_atoms: u64,
    markets: &[Pubkey],
) -> Instruction {
    let insurance = address::insurance(&exchange);
    let accounts = accounts::UnstakeInsurance {
        owner,
        exchange,
        insurance,
        stake: address::stake(&insurance, &owner),
        quote_mint: tokens.quote_mint,
        destination: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    };
    with_markets(build(accounts, data::UnstakeInsurance { least_atoms }), markets, false)
}

/// Puts cash into the backstop for at least `least_shares`; `markets` are those of its legs.
pub fn stake_backstop(
    exchange: Pubkey,
    owner: Pubkey,
    tokens: Tokens,
    amount_atoms: u64,
    least_shares: u64,
    markets: &[Pubkey],
) -> Instruction {
    let backstop = address::backstop(&exchange);
    let accounts = accounts::StakeBackstop {
        owner,
        exchange,
        backstop,
        backstop_account: address::backstop_account(&exchange),
        stake: address::stake(&backstop, &owner),
        quote_mint: tokens.quote_mint,
        source: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    };
    with_markets(build(accounts, data::StakeBackstop { amount_atoms, least_shares }), markets, false)
}

/// Asks shares of the backstop back; `markets` are those of its legs.
pub fn request_unstake_backstop(exchange: Pubkey, owner: Pubkey, shares: u64, markets: &[Pubkey]) -> Instruction {
    let backstop = address::backstop(&exchange);
    let accounts = accounts::RequestUnstakeBackstop {
        owner,
        exchange,
        backstop,
        backstop_account: address::backstop_account(&exchange),
        stake: address::stake(&backstop, &owner),
    };
    with_markets(build(accounts, data::RequestUnstakeBackstop { shares }), markets, false)
}

/// Takes the cash of a request to the backstop, at least `least_atoms`; `markets` are those of its legs.
pub fn unstake_backstop(
    exchange: Pubkey,
    owner: Pubkey,
    tokens: Tokens,
    least_atoms: u64,
    markets: &[Pubkey],
) -> Instruction {
    let backstop = address::backstop(&exchange);
    let accounts = accounts::UnstakeBackstop {
        owner,
        exchange,
        backstop,
        backstop_account: address::backstop_account(&exchange),
        stake: address::stake(&backstop, &owner),
        quote_mint: tokens.quote_mint,
        destination: tokens.token_account,
        vault: address::vault(&exchange),
        token_program: tokens.token_program,
    };
    with_markets(build(accounts, data::UnstakeBackstop { least_atoms }), markets, false)
}
