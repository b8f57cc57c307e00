//! What a run did: how often each kind of transaction went through or was refused.

use breakwater::BreakwaterError;
use breakwater_sdk::actions::Action;
use breakwater_sim::stage::Sent;
use breakwater_tests::refusal::{code, code_of};
use std::collections::BTreeMap;
use std::fmt;

/// Kinds of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Deposit,
    Withdraw,
    WithdrawTooMuch,
    Trade,
    TradeOffMark,
    TradeTooFar,
    TradeStale,
    TradeUnapproved,
    Refresh,
    RefreshTwice,
    Flag,
    ClearFlag,
    Liquidate,
    LiquidateHealthy,
    Derisk,
    SetDerisk,
    Absorb,
    AbsorbHealthy,
    Deleverage,
    DeleverageHealthy,
    DeleverageBeforeBackstop,
    DeleverageBackstop,
    Settle,
    Convert,
    ConvertForBackstop,
    PayDebt,
    NetRing,
    Resolve,
    ResolveSolvent,
    ResolveBackstop,
    Unwind,
    Sweep,
    Donate,
    CollectFees,
    OpenStake,
    CloseStake,
    StakeInsurance,
    StakeBackstop,
    RequestInsurance,
    RequestBackstop,
    UnstakeInsurance,
    UnstakeBackstop,
    UnstakeEarly,
    NoteUnstake,
    SecondCallEarly,
    DonateReserve,
    ListMarket,
    ProposeMacro,
    ApplyMacro,
    ApplyMacroEarly,
    CancelMacro,
    OpenAccount,
    CloseAccount,
    CloseUsedAccount,
    ApproveVenue,
    RevokeVenue,
    SetDelegate,
    ProposeAuthority,
    AcceptAuthority,
    ProposeReceivers,
    ApplyReceivers,
    ApplyReceiversEarly,
    RevokeReceiver,
    ProposeParams,
    ApplyParams,
    ApplyParamsEarly,
    CancelParams,
    Touch,
    MeasureCascade,
    RefreshMacro,
    LiquidateNetting,
}

/// Kinds that must go through at least once before a full run comes to rest. A bankrupt backstop is too rare to be one: that it is
/// deleveraged and resolved is tested by itself (`instructions/backstop_first.rs`).
const MUST_SUCCEED: [Kind; 52] = [
    Kind::Deposit,
    Kind::Withdraw,
    Kind::Trade,
    Kind::TradeOffMark,
    Kind::Refresh,
    Kind::Flag,
    Kind::ClearFlag,
    Kind::Liquidate,
    Kind::Derisk,
    Kind::SetDerisk,
    Kind::Absorb,
    Kind::Deleverage,
    Kind::Settle,
    Kind::Convert,
    Kind::ConvertForBackstop,
    Kind::PayDebt,
    Kind::NetRing,
    Kind::Resolve,
    Kind::Unwind,
    Kind::Sweep,
    Kind::Donate,
    Kind::CollectFees,
    Kind::OpenStake,
    Kind::StakeInsurance,
    Kind::StakeBackstop,
    Kind::RequestInsurance,
    Kind::RequestBackstop,
    Kind::UnstakeInsurance,
    Kind::UnstakeBackstop,
    Kind::NoteUnstake,
    Kind::DonateReserve,
    Kind::ListMarket,
    Kind::ProposeMacro,
    Kind::ApplyMacro,
    Kind::CancelMacro,
    Kind::OpenAccount,
    Kind::CloseAccount,
    Kind::ApproveVenue,
    Kind::RevokeVenue,
    Kind::SetDelegate,
    Kind::ProposeAuthority,
    Kind::AcceptAuthority,
    Kind::ProposeReceivers,
    Kind::ApplyReceivers,
    Kind::RevokeReceiver,
    Kind::ProposeParams,
    Kind::ApplyParams,
    Kind::CancelParams,
    Kind::Touch,
    Kind::MeasureCascade,
    Kind::RefreshMacro,
    Kind::LiquidateNetting,
];

/// Kinds that must be refused at least once, always, and for this reason where one is named.
const MUST_FAIL: [(Kind, Option<BreakwaterError>); 14] = [
    (Kind::WithdrawTooMuch, None),
    (Kind::TradeTooFar, None),
    (Kind::TradeStale, None),
    (Kind::TradeUnapproved, Some(BreakwaterError::VenueNotApproved)),
    (Kind::LiquidateHealthy, None),
    (Kind::AbsorbHealthy, None),
    (Kind::DeleverageHealthy, None),
    (Kind::DeleverageBeforeBackstop, Some(BreakwaterError::BackstopFirst)),
    (Kind::ResolveSolvent, None),
    (Kind::UnstakeEarly, Some(BreakwaterError::CooldownRunning)),
    (Kind::SecondCallEarly, Some(BreakwaterError::SecondCallTooEarly)),
    (Kind::ApplyMacroEarly, Some(BreakwaterError::TimelockRunning)),
    (Kind::ApplyReceiversEarly, Some(BreakwaterError::TimelockRunning)),
    (Kind::ApplyParamsEarly, Some(BreakwaterError::TimelockRunning)),
];

/// Refusals that must be met at least once.
const MUST_MEET: [(Kind, BreakwaterError); 2] =
    [(Kind::Trade, BreakwaterError::BreakerOpen), (Kind::Trade, BreakwaterError::NettingLocked)];

/// Errors that say that the engine itself is at fault.
const NEVER: [BreakwaterError; 4] = [
    BreakwaterError::InvariantBroken,
    BreakwaterError::Overflow,
    BreakwaterError::DivisionByZero,
    BreakwaterError::OpenInterestUnequal,
];

/// Successes and refusals by kind.
#[derive(Default)]
pub struct Tally {
    done: BTreeMap<Kind, u64>,
    refused: BTreeMap<(Kind, u32), u64>,
    /// Answers of the program that were compared with the SDK's: (would succeed, would be refused).
    compared: BTreeMap<&'static str, (u64, u64)>,
}

impl Tally {
    /// Counts a transaction; refuses errors that must never happen. Returns whether it went through.
    #[track_caller]
    pub fn count(&mut self, kind: Kind, sent: &Sent) -> bool {
        match sent {
            Ok(_) => {
                assert!(!MUST_FAIL.iter().any(|(must, _)| *must == kind), "{kind:?} must be refused");
                *self.done.entry(kind).or_default() += 1;
                true
            }
            Err(refused) => {
                let found = code_of(refused).unwrap_or_else(|| panic!("{kind:?}: {refused}"));
                let fault = NEVER.into_iter().find(|error| code(*error) == found);
                assert!(fault.is_none(), "{kind:?} was refused with {fault:?}");
                *self.refused.entry((kind, found)).or_default() += 1;
                false
            }
        }
    }

    /// Counts what the world did by itself.
    pub fn happened(&mut self, kind: Kind) {
        *self.done.entry(kind).or_default() += 1;
    }

    /// Transactions sent.
    pub fn sent(&self) -> u64 {
        self.done.values().chain(self.refused.values()).sum()
    }

    /// A kind that has not happened yet, of those that a run must see.
    pub fn missing(&self) -> Option<Kind> {
        let was_refused = |must: Kind, error: Option<BreakwaterError>| {
            let mut of_kind = self.refused.keys().filter(|(kind, _)| *kind == must);
            of_kind.any(|(_, found)| error.is_none_or(|error| code(error) == *found))
        };
        let not_done = MUST_SUCCEED.into_iter().find(|kind| !self.done.contains_key(kind));
        let met = MUST_MEET.map(|(kind, error)| (kind, Some(error)));
        let mut refusals = MUST_FAIL.into_iter().chain(met);
        not_done.or(refusals.find(|(kind, error)| !was_refused(*kind, *error)).map(|(kind, _)| kind))
    }

    /// Counts an answer of the program that was what the SDK said.
    pub fn compared(&mut self, action: Action, succeeds: bool) {
        let name = match action {
            Action::Flag(_) => "flag",
            Action::Liquidate(_) => "liquidate",
            Action::Derisk(_) => "derisk",
            Action::Absorb(_) => "absorb",
            Action::Deleverage(_) => "deleverage",
            Action::Resolve(_) => "resolve",
            Action::Settle => "settle",
        };
        let (yes, no) = self.compared.entry(name).or_default();
        *if succeeds { yes } else { no } += 1;
    }

    /// Actions of which the program has not answered in both directions yet; settling always succeeds.
    pub fn one_sided(&self) -> Vec<&'static str> {
        let actions = ["flag", "liquidate", "absorb", "deleverage", "resolve"];
        let is_one_sided = |name: &&str| self.compared.get(*name).is_none_or(|(yes, no)| *yes == 0 || *no == 0);
        actions.into_iter().filter(is_one_sided).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "went through: {:?}", self.done)?;
        writeln!(formatter, "refused (kind, code): {:?}", self.refused)?;
        write!(formatter, "compared with the SDK (would succeed, would be refused): {:?}", self.compared)
    }
}
