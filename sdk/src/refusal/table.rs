//! The sentences for what other programs, Anchor and the cluster answer.

use crate::address::{PYTH_PUSH_ORACLE, PYTH_RECEIVER};
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use solana_instruction_error::InstructionError;
use solana_transaction_error::TransactionError;

/// Codes from here on are Anchor's or a program's own; those below are of programs without Anchor.
pub(super) const ANCHOR_CODES: u32 = 100;

const SYSTEM: Pubkey = anchor_lang::system_program::ID;
const TOKEN: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const TOKEN_2022: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// Programs by name.
const PROGRAMS: [(Pubkey, &str); 9] = [
    (breakwater::ID, "Breakwater"),
    (SYSTEM, "system program"),
    (TOKEN, "SPL Token"),
    (TOKEN_2022, "Token-2022"),
    (PYTH_RECEIVER, "Pyth's receiver"),
    (PYTH_PUSH_ORACLE, "Pyth's push oracle"),
    (Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"), "associated token program"),
    (Pubkey::from_str_const("ComputeBudget111111111111111111111111111111"), "compute budget"),
    (Pubkey::from_str_const("AddressLookupTab1e1111111111111111111111111"), "lookup-table program"),
];

/// Errors of the system program.
const OF_SYSTEM: [(u32, &str); 6] = [
    (0, "There is an account at that address already"),
    (1, "The account that pays does not hold enough SOL"),
    (2, "An account can be given only to a program that may own it"),
    (3, "An account cannot be that long"),
    (4, "A seed of an address is too long"),
    (5, "The address does not follow from its seeds"),
];

/// Errors of SPL Token and Token-2022.
const OF_TOKENS: [(u32, &str); 27] = [
    (0, "The token account does not hold enough SOL to be exempt from rent"),
    (1, "The token account holds less than the amount"),
    (2, "The account is not a mint"),
    (3, "The token account is of another mint"),
    (4, "The tokens belong to somebody else: the signer must own the token account or be its delegate"),
    (5, "The supply of this mint is fixed"),
    (6, "The token account or mint is in use already"),
    (7, "The number of signatures of a multisignature owner is not allowed"),
    (8, "The number of signatures that a multisignature owner asks for is not allowed"),
    (9, "The token account or mint has not been set up"),
    (10, "Wrapped SOL does not allow this"),
    (11, "The token account still holds tokens, so it is not closed"),
    (12, "The token program does not know this instruction"),
    (13, "The state of the token account does not allow this"),
    (14, "The amount does not fit the token account or the supply"),
    (15, "The account has no authority of this kind"),
    (16, "This mint has no freeze authority"),
    (17, "The token account is frozen by its mint's freeze authority"),
    (18, "The mint has another number of decimals"),
    (19, "Only wrapped SOL allows this"),
    (31, "The transfer must name the mint"),
    (36, "The receiving token account demands a memo before every transfer"),
    (37, "Tokens of this mint cannot be transferred"),
    (43, "The token account is guarded against transfers by programs: its owner disables the CPI guard or uses another account"),
    (48, "The token account or mint lacks an extension that this needs"),
    (49, "The token account takes confidential transfers only"),
    (67, "The mint's authority has paused all transfers"),
];

/// What Anchor refuses before the program looks at anything.
const OF_FRAMEWORK: [(ErrorCode, &str); 22] = [
    (ErrorCode::InstructionMissing, "The instruction is empty"),
    (
        ErrorCode::InstructionFallbackNotFound,
        "The program does not know this instruction: client and program are of different versions",
    ),
    (
        ErrorCode::InstructionDidNotDeserialize,
        "The program cannot read the arguments: client and program are of different versions",
    ),
    (ErrorCode::InstructionDidNotSerialize, "The program cannot write its answer"),
    (ErrorCode::ConstraintMut, "An account must be passed as writable here"),
    (ErrorCode::ConstraintHasOne, "An account does not belong to another one that was passed"),
    (ErrorCode::ConstraintSigner, "A signature is missing"),
    (ErrorCode::ConstraintRaw, "An account breaks a rule of this instruction"),
    (ErrorCode::ConstraintOwner, "An account belongs to another program"),
    (ErrorCode::ConstraintRentExempt, "An account does not hold enough SOL to be exempt from rent"),
    (ErrorCode::ConstraintSeeds, "An account is not at the address that the program derives for it"),
    (ErrorCode::ConstraintClose, "The rent of a closed account cannot go to the account itself"),
    (ErrorCode::ConstraintAddress, "An account is not the one that this instruction takes"),
    (ErrorCode::ConstraintDuplicateMutableAccount, "A writable account was passed twice"),
    (ErrorCode::AccountDiscriminatorMismatch, "An account is of another type than its place asks for"),
    (ErrorCode::AccountDidNotDeserialize, "An account cannot be read: its layout is of another version"),
    (ErrorCode::AccountNotEnoughKeys, "Accounts are missing at the end of the instruction"),
    (ErrorCode::AccountNotMutable, "An account must be passed as writable here"),
    (ErrorCode::AccountOwnedByWrongProgram, "An account belongs to another program than its place asks for"),
    (ErrorCode::InvalidProgramId, "Another program was passed than the one that this instruction calls"),
    (ErrorCode::AccountNotSigner, "A signature is missing"),
    (ErrorCode::AccountNotInitialized, "An account does not exist yet"),
];

/// What Pyth's SDK says within programs that read prices with it, from 16 000 on.
const OF_PRICE_READERS: [&str; 6] = [
    "The price is older than the reader accepts",
    "The window of the mean price is not allowed",
    "The price is of another feed",
    "The price update is verified less fully than the reader asks for",
    "The id of a feed must have 32 bytes",
    "The id of a feed must be hexadecimal",
];
const FIRST_OF_PRICE_READERS: u32 = 16_000;

/// Name of a program, or its address.
pub(super) fn name_of(program: &Pubkey) -> String {
    let known = PROGRAMS.iter().find(|(key, _)| key == program);
    known.map_or_else(|| program.to_string(), |(_, name)| (*name).to_owned())
}

fn find(table: &[(u32, &'static str)], code: u32) -> Option<&'static str> {
    table.iter().find(|(of, _)| *of == code).map(|(_, sentence)| *sentence)
}

/// Anchor's own codes.
pub(super) fn of_framework(code: u32) -> Option<&'static str> {
    OF_FRAMEWORK.iter().find(|(of, _)| u32::from(*of) == code).map(|(_, sentence)| *sentence)
}

/// Codes of Pyth's SDK in whatever program reads a price with it.
pub(super) fn of_price_reader(code: u32) -> Option<&'static str> {
    let place = code.checked_sub(FIRST_OF_PRICE_READERS)?;
    OF_PRICE_READERS.get(usize::try_from(place).ok()?).copied()
}

/// Codes of the system program and the token programs. Where only the caller is known, a code of two of them is told as that of the one
/// that the caller cannot have refused for itself before: accounts that are created, else tokens.
pub(super) fn of_called(program: Pubkey, code: u32) -> Option<&'static str> {
    match program {
        SYSTEM => find(&OF_SYSTEM, code),
        TOKEN | TOKEN_2022 => find(&OF_TOKENS, code),
        PYTH_RECEIVER => Some("Pyth's receiver did not accept the price update"),
        caller if caller != breakwater::ID => None,
        _ if code <= 1 => find(&OF_SYSTEM, code),
        _ => find(&OF_TOKENS, code),
    }
}

/// Errors of the runtime about an instruction.
pub(super) fn of_instruction(error: &InstructionError) -> String {
    let sentence = match error {
        InstructionError::MissingRequiredSignature => "A signature is missing",
        InstructionError::InsufficientFunds => "An account does not hold enough SOL",
        InstructionError::IncorrectProgramId => "An account belongs to another program, or another program was passed",
        InstructionError::InvalidAccountData => "An account does not hold what its place asks for",
        InstructionError::InvalidInstructionData => "The program that was called does not know this instruction",
        InstructionError::AccountAlreadyInitialized => "There is an account at that address already",
        InstructionError::UninitializedAccount => "An account does not exist yet",
        InstructionError::MissingAccount => "An account is missing",
        InstructionError::UnsupportedProgramId => "The program is not deployed here",
        InstructionError::ComputationalBudgetExceeded => "The compute units of the transaction are used up",
        InstructionError::ProgramFailedToComplete => {
            "The program did not come to its end: its compute units or its memory were used up"
        }
        InstructionError::InvalidRealloc => "An account cannot grow that much at once",
        other => return capital(other.to_string()),
    };
    sentence.to_owned()
}

/// Errors of the cluster about a whole transaction.
pub(super) fn of_transaction(error: &TransactionError) -> String {
    let sentence = match error {
        TransactionError::AccountNotFound => {
            "The account that pays the fee does not exist: it has never received SOL on this cluster"
        }
        TransactionError::InsufficientFundsForFee => "The account that pays does not hold enough SOL for the fee",
        TransactionError::InsufficientFundsForRent { .. } => {
            "An account would be left with less SOL than its rent exemption needs"
        }
        TransactionError::InvalidAccountForFee => {
            "The account that pays the fee belongs to a program: only a plain one can pay"
        }
        TransactionError::ProgramAccountNotFound | TransactionError::InvalidProgramForExecution => {
            "The program is not deployed on this cluster"
        }
        TransactionError::BlockhashNotFound => {
            "The transaction's blockhash has expired, or the node has not seen it yet"
        }
        TransactionError::AlreadyProcessed => "The transaction has landed already",
        TransactionError::AccountInUse => "An account is in use by another transaction of this moment",
        TransactionError::SignatureFailure => "A signature is not valid",
        TransactionError::AddressLookupTableNotFound => "A lookup table of the transaction does not exist",
        TransactionError::InvalidAddressLookupTableIndex => {
            "A lookup table of the transaction is shorter than was thought"
        }
        other => return capital(other.to_string()),
    };
    sentence.to_owned()
}

/// With a capital letter, without a full stop.
fn capital(text: String) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
