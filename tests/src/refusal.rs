//! Exact refusals: the error by name, and nothing changed.

use breakwater::BreakwaterError;
use breakwater_sim::bank::Refused;
use breakwater_sim::stage::Sent;
use solana_instruction_error::InstructionError;
use solana_transaction_error::TransactionError;

/// Anchor's offset of custom errors.
const ANCHOR_ERROR_OFFSET: u32 = 6_000;

/// The custom code of a refusal, if it has one.
pub fn code_of(refused: &Refused) -> Option<u32> {
    match refused.error {
        TransactionError::InstructionError(_, InstructionError::Custom(code)) => Some(code),
        _ => None,
    }
}

/// Code of one of the program's errors.
pub fn code(error: BreakwaterError) -> u32 {
    ANCHOR_ERROR_OFFSET + error as u32
}

/// Asserts that the program refused with `error`.
#[track_caller]
pub fn assert_refused(sent: Sent, error: BreakwaterError) {
    let name = format!("{error:?}");
    assert_refused_with(sent, code(error), &name);
}

/// Asserts a refusal by its code: Anchor's own, a token program's.
#[track_caller]
pub fn assert_refused_with(sent: Sent, expected: u32, name: &str) {
    match sent {
        Ok(_) => panic!("expected {name} ({expected}), but it went through"),
        Err(refused) => assert_eq!(code_of(&refused), Some(expected), "expected {name}, got {refused}"),
    }
}
