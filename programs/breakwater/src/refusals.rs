//! How an instruction refuses an account that is missing, foreign, of an earlier layout or at the wrong address: with an error of
//! the program, whose sentence states the rule, in place of the framework's codes (spec X-6).
//!
//! Anchor checks accounts in code that it derives. Each instruction's accounts are named below and get a `try_accounts` of their
//! own, which Anchor's entry prefers over the derived one: it calls the derived one and translates what that refuses.

use crate::errors::BreakwaterError;
use crate::instructions::*;
use crate::state::Layout;
use anchor_lang::error::{AnchorError, ComparedValues, ErrorCode, ErrorOrigin};
use anchor_lang::prelude::*;
use anchor_lang::{system_program, Bumps};
use std::collections::BTreeSet;

/// Length of a new account, once it is sure that nothing is at its address yet. Errors: `taken`.
pub fn vacant(info: &AccountInfo<'_>, space: usize, taken: BreakwaterError) -> Result<usize> {
    let is_vacant = *info.owner == system_program::ID && info.data_is_empty();
    if is_vacant {
        return Ok(space);
    }
    Err(taken.into())
}

/// Refuses accounts of the program that are shorter than their type. Errors: `AccountOutdated`.
fn require_layouts(accounts: &[AccountInfo<'_>]) -> Result<()> {
    for account in accounts.iter().filter(|account| *account.owner == crate::ID) {
        let data = account.try_borrow_data()?;
        let is_short = Layout::of(&data).is_some_and(|layout| data.len() < layout.space);
        if is_short {
            return Err(Error::from(BreakwaterError::AccountOutdated).with_account_name(account.key()));
        }
    }
    Ok(())
}

/// The program's own error for one of the framework's about an account; others stay as they are.
#[cold]
fn in_own_words(error: Error) -> Error {
    let (own, name) = match &error {
        Error::AnchorError(error) => (of_framework(error), name_of(error.error_origin.as_ref())),
        Error::ProgramError(error) => {
            let name = name_of(error.error_origin.as_ref());
            (of_tokens(&error.program_error, name), name)
        }
    };
    match (own, name) {
        (Some(own), "") => own.into(),
        (Some(own), name) => Error::from(own).with_account_name(name),
        (None, _) => error,
    }
}

/// Name of the account that an error is about, as instructions call it; empty where it is about none.
fn name_of(origin: Option<&ErrorOrigin>) -> &str {
    match origin {
        Some(ErrorOrigin::AccountName(name)) => name,
        _ => "",
    }
}

fn of_framework(error: &AnchorError) -> Option<BreakwaterError> {
    let is = |code: ErrorCode| error.error_code_number == u32::from(code);
    let name = name_of(error.error_origin.as_ref());
    if is(ErrorCode::AccountDidNotDeserialize) {
        return Some(BreakwaterError::AccountOutdated);
    }
    if is(ErrorCode::ConstraintSeeds) {
        return Some(BreakwaterError::WrongAddress);
    }
    if is(ErrorCode::InvalidProgramId) {
        return (name == "token_program").then_some(BreakwaterError::WrongTokenProgram);
    }
    if is(ErrorCode::AccountNotInitialized) {
        return Some(missing(name));
    }
    if is(ErrorCode::AccountOwnedByWrongProgram) {
        let owner = match &error.compared_values {
            Some(ComparedValues::Pubkeys((owner, _))) => *owner,
            _ => Pubkey::default(),
        };
        return Some(if owner == system_program::ID { missing(name) } else { foreign(name) });
    }
    let is_of_another_type = is(ErrorCode::AccountDiscriminatorMismatch) || is(ErrorCode::AccountDiscriminatorNotFound);
    is_of_another_type.then(|| foreign(name))
}

/// What the token programs' own types and builders say of accounts that are not theirs.
fn of_tokens(error: &ProgramError, name: &str) -> Option<BreakwaterError> {
    match (error, name) {
        (_, "source" | "destination" | "quote_mint") => Some(foreign(name)),
        (ProgramError::IncorrectProgramId, "") => Some(BreakwaterError::WrongTokenProgram),
        _ => None,
    }
}

/// What it means that there is no account, by the name that instructions give to its place.
fn missing(name: &str) -> BreakwaterError {
    match name {
        "exchange" | "insurance" => BreakwaterError::ExchangeNotFound,
        "market" | "claim_market" | "debt_market" => BreakwaterError::MarketNotListed,
        "account" | "keeper_account" | "buyer" | "seller" | "first" => BreakwaterError::AccountNotOpen,
        "backstop" | "backstop_account" => BreakwaterError::BackstopNotCreated,
        "stake" => BreakwaterError::StakeNotOpen,
        "macro_index" => BreakwaterError::MacroIndexNotCreated,
        "venue" => BreakwaterError::VenueNotRegistered,
        "proposal" => BreakwaterError::NoProposal,
        _ => foreign(name),
    }
}

/// What it means that an account is of another program or type.
fn foreign(name: &str) -> BreakwaterError {
    match name {
        "market" | "claim_market" | "debt_market" => BreakwaterError::WrongMarketAccount,
        "account" | "keeper_account" | "buyer" | "seller" | "first" => BreakwaterError::WrongMarginAccount,
        "backstop" | "backstop_account" => BreakwaterError::WrongBackstop,
        "insurance" => BreakwaterError::WrongPool,
        "macro_index" => BreakwaterError::WrongMacroIndex,
        "venue" => BreakwaterError::WrongVenue,
        "source" | "destination" => BreakwaterError::WrongTokenAccount,
        "quote_mint" => BreakwaterError::NotAMint,
        _ => BreakwaterError::WrongAccountType,
    }
}

macro_rules! refuse_in_own_words {
    ($($accounts:ident),* $(,)?) => {$(
        impl<'info> $accounts<'info> {
            /// As derived, but what is refused about an account is refused in the program's own words.
            pub fn try_accounts(
                program_id: &Pubkey,
                accounts: &mut &'info [AccountInfo<'info>],
                data: &[u8],
                bumps: &mut <Self as Bumps>::Bumps,
                reallocs: &mut BTreeSet<Pubkey>,
            ) -> Result<Self> {
                let passed = *accounts;
                let loaded = <Self as Accounts<'info, _>>::try_accounts(program_id, accounts, data, bumps, reallocs)
                    .map_err(in_own_words)?;
                require_layouts(&passed[..passed.len() - accounts.len()])?;
                Ok(loaded)
            }
        }
    )*};
}

// The accounts of every instruction but `extend_account`, which is for earlier layouts. A test passes each of them accounts that do
// not exist.
refuse_in_own_words! {
    Absorb, AcceptAuthority, ApplyMacroIndex, ApplyParams, ApplyReceivers, ApproveVenue, CancelParams, CloseAccount, CloseStake,
    CollectFees,
    ConvertProfit, CreateBackstop, CreateMacroIndex, CreateMarket, Deleverage, Deposit, DonateInsurance,
    Flag, GiveToMarket, GovernMacroIndex, GovernReceivers, InitializeExchange, MeasureCascade, NetRing, OpenAccount, OpenStake,
    OwnerOnly, PayDebt,
    ProposeAuthority, ProposeParams, RefreshMacro, RefreshMarket, RegisterVenue, RequestUnstakeBackstop,
    RequestUnstakeInsurance, ResolveBankruptcy, SettleAccount, SettleTrade, StakeBackstop, StakeInsurance, SweepMarket,
    Takeover, Touch, UnstakeBackstop, UnstakeInsurance, Unwind, Withdraw,
}
