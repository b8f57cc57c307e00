use super::*;

fn refusal(error: TransactionError, logs: &[&str]) -> Refusal {
    let budget = Pubkey::from_str_const("ComputeBudget111111111111111111111111111111");
    let logs = logs.iter().map(|line| (*line).to_owned()).collect();
    Refusal { error, logs, programs: vec![budget, budget, breakwater::ID] }
}

fn custom(code: u32, logs: &[&str]) -> String {
    refusal(TransactionError::InstructionError(2, InstructionError::Custom(code)), logs).to_string()
}

fn failed(program: &str, code: u32) -> [String; 2] {
    let line = |program: &str| format!("Program {program} failed: custom program error: {code:#x}");
    [line(program), line(&breakwater::ID.to_string())]
}

fn from(program: &str, code: u32) -> String {
    let logs = failed(program, code);
    custom(code, &logs.each_ref().map(String::as_str))
}

const SYSTEM: &str = "11111111111111111111111111111111";
const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const TOKEN_2022: &str = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";

#[test]
fn a_refusal_is_the_sentence_of_the_program_with_name_code_and_place() {
    let thrown = "Program log: AnchorError thrown in a.rs:1. Error Code: InsufficientCapital. Error Number: 6027. Error Message: Capital is not sufficient.";
    let said = "Capital is not sufficient (InsufficientCapital, 6027; Breakwater, instruction 2)";
    assert_eq!(custom(6_027, &[thrown]), said);
    assert_eq!(custom(6_027, &[]), said, "a node without logs leaves the code");
    // A newer program's error has its sentence in the log only.
    let newer = "Program log: AnchorError occurred. Error Code: NotYetKnown. Error Number: 9000. Error Message: A rule of tomorrow.";
    assert_eq!(custom(9_000, &[newer]), "A rule of tomorrow (NotYetKnown, 9000; Breakwater, instruction 2)");
    assert_eq!(
        custom(9_000, &[]),
        "Breakwater refused with code 9000, which this version does not know (9000; Breakwater, instruction 2)"
    );
    // What an earlier instruction logged is about another error.
    assert!(custom(6_028, &[thrown]).starts_with("The account is not liquidatable"), "{}", custom(6_028, &[thrown]));
}

#[test]
fn the_codes_of_other_programs_mean_what_those_programs_mean_by_them() {
    for (program, code, said) in [
        (SYSTEM, 0, "There is an account at that address already (0x0; system program, instruction 2)"),
        (SYSTEM, 1, "The account that pays does not hold enough SOL (0x1; system program, instruction 2)"),
        (TOKEN, 1, "The token account holds less than the amount (0x1; SPL Token, instruction 2)"),
        (TOKEN, 3, "The token account is of another mint (0x3; SPL Token, instruction 2)"),
        (TOKEN_2022, 17, "The token account is frozen by its mint's freeze authority (0x11; Token-2022, instruction 2)"),
        (
            TOKEN_2022,
            4,
            "The tokens belong to somebody else: the signer must own the token account or be its delegate (0x4; Token-2022, instruction 2)",
        ),
        (TOKEN_2022, 36, "The receiving token account demands a memo before every transfer (0x24; Token-2022, instruction 2)"),
    ] {
        assert_eq!(from(program, code), said);
    }
    let receiver = crate::address::PYTH_RECEIVER.to_string();
    assert!(
        from(&receiver, 6_015).starts_with("Pyth's receiver did not accept the price update (6015; Pyth's receiver")
    );
    let venue = Pubkey::new_from_array([7; 32]).to_string();
    assert!(from(&venue, 16_000).starts_with("The price is older than the reader accepts (16000; "));
    assert!(from(&venue, 16_005).starts_with("The id of a feed must be hexadecimal"));
    assert!(from(&venue, 6_027).starts_with(&format!("{venue} refused with code 6027")), "another program's code");
}

#[test]
fn anchors_codes_are_told_as_what_went_wrong() {
    let line = "Program log: AnchorError caused by account: keeper. Error Code: AccountNotSigner. Error Number: 3010. Error Message: The given account did not sign.";
    assert_eq!(custom(3_010, &[line]), "A signature is missing (AccountNotSigner, 3010; Breakwater, instruction 2)");
    assert!(custom(3_005, &[]).starts_with("Accounts are missing at the end of the instruction"));
    assert!(custom(101, &[]).starts_with("The program does not know this instruction"));
    // Anchor logs what a called program answered as an error of its own.
    let called = "Program log: ProgramError occurred. Error Code: Custom(17). Error Number: 17. Error Message: Custom program error: 0x11.";
    assert!(custom(17, &[called]).starts_with("The token account is frozen"));
}

#[test]
fn what_the_cluster_refuses_is_a_sentence_too() {
    let said = |error: TransactionError| refusal(error, &[]).to_string();
    assert_eq!(
        said(TransactionError::AccountNotFound),
        "The account that pays the fee does not exist: it has never received SOL on this cluster"
    );
    assert!(said(TransactionError::InsufficientFundsForFee).contains("enough SOL for the fee"));
    assert!(said(TransactionError::InsufficientFundsForRent { account_index: 1 }).contains("rent exemption"));
    let budget = TransactionError::InstructionError(2, InstructionError::ComputationalBudgetExceeded);
    assert_eq!(said(budget), "The compute units of the transaction are used up (Breakwater, instruction 2)");
    let other = said(TransactionError::TooManyAccountLocks);
    assert!(other.starts_with(char::is_uppercase) && !other.ends_with('.'), "{other}");
}

#[test]
fn a_reason_names_the_program_that_refused_and_the_instruction() {
    let logs = failed(TOKEN, 1);
    let error = TransactionError::InstructionError(2, InstructionError::Custom(1));
    let reason = refusal(error.clone(), &logs.each_ref().map(String::as_str)).reason();
    assert_eq!((reason.instruction, reason.code, reason.program), (Some(2), Some(1), TOKEN.parse().ok()));
    assert_eq!(refusal(error, &[]).reason().program, Some(breakwater::ID), "without logs, whose instruction it is");
}
