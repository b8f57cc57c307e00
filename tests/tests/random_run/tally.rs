//! What a run did: how often each kind of transaction went through or was refused.

use breakwater::BreakwaterError;
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
    Refresh,
    RefreshTwice,
    Flag,
    ClearFlag,
    Liquidate,
    LiquidateHealthy,
    Deleverage,
    DeleverageHealthy,
    Settle,
    Convert,
    PayDebt,
    Resolve,
    ResolveSolvent,
    Sweep,
    Donate,
    CollectFees,
    CloseAccount,
}

/// Kinds that must go through at least once in a full run.
const MUST_SUCCEED: [Kind; 16] = [
    Kind::Deposit,
    Kind::Withdraw,
    Kind::Trade,
    Kind::TradeOffMark,
    Kind::Refresh,
    Kind::Flag,
    Kind::ClearFlag,
    Kind::Liquidate,
    Kind::Deleverage,
    Kind::Settle,
    Kind::Convert,
    Kind::PayDebt,
    Kind::Resolve,
    Kind::Sweep,
    Kind::Donate,
    Kind::CollectFees,
];

/// Kinds that must be refused at least once, and always.
const MUST_FAIL: [Kind; 7] = [
    Kind::WithdrawTooMuch,
    Kind::TradeTooFar,
    Kind::TradeStale,
    Kind::RefreshTwice,
    Kind::LiquidateHealthy,
    Kind::DeleverageHealthy,
    Kind::ResolveSolvent,
];

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
}

impl Tally {
    /// Counts a transaction; refuses errors that must never happen. Returns whether it went through.
    #[track_caller]
    pub fn count(&mut self, kind: Kind, sent: &Sent) -> bool {
        match sent {
            Ok(_) => {
                assert!(!MUST_FAIL.contains(&kind), "{kind:?} must be refused");
                self.note(kind);
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

    /// Counts a transaction that went through elsewhere.
    pub fn note(&mut self, kind: Kind) {
        *self.done.entry(kind).or_default() += 1;
    }

    /// Transactions sent.
    pub fn sent(&self) -> u64 {
        self.done.values().chain(self.refused.values()).sum()
    }

    /// A kind that has not happened yet, of those that a run must see.
    pub fn missing(&self) -> Option<Kind> {
        let was_refused = |kind: &Kind| self.refused.keys().any(|(refused, _)| refused == kind);
        let not_done = MUST_SUCCEED.into_iter().find(|kind| !self.done.contains_key(kind));
        not_done.or(MUST_FAIL.into_iter().find(|kind| !was_refused(kind)))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "went through: {:?}", self.done)?;
        write!(formatter, "refused (kind, code): {:?}", self.refused)
    }
}
