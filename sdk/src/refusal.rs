//! What a refused transaction means, in a sentence: the program's own errors, those of the programs that it calls, of Pyth's
//! receiver, of Anchor and of the cluster.
//!
//! [`Refusal::reason`] is the one place where codes become sentences; [`table`] holds them. A code means something only with the
//! program that gave it: that is the first one whose failure the log tells of, else the program of the failing instruction.

mod table;

use anchor_lang::prelude::Pubkey;
use breakwater::BreakwaterError;
use solana_instruction_error::InstructionError;
use solana_transaction_error::TransactionError;

/// A refusal by the cluster or a program.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The error.
    pub error: TransactionError,
    /// Log lines of the programs; empty where the node does not keep them.
    pub logs: Vec<String>,
    /// Program of each instruction of the transaction, those of the compute budget included; empty where it is not known.
    pub programs: Vec<Pubkey>,
}

/// Why a transaction was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The rule, in a sentence.
    pub sentence: String,
    /// Name of the error, where its program has given it one.
    pub name: Option<String>,
    /// Custom code of the program.
    pub code: Option<u32>,
    /// Place of the failing instruction in the transaction.
    pub instruction: Option<u8>,
    /// The program that refused, which another one may have called.
    pub program: Option<Pubkey>,
}

impl Refusal {
    /// The custom code of the program that refused, if it gave one.
    pub fn code(&self) -> Option<u32> {
        match self.error {
            TransactionError::InstructionError(_, InstructionError::Custom(code)) => Some(code),
            _ => None,
        }
    }

    /// What the refusal means.
    pub fn reason(&self) -> Reason {
        let TransactionError::InstructionError(place, error) = &self.error else {
            let sentence = table::of_transaction(&self.error);
            return Reason { sentence, name: None, code: None, instruction: None, program: None };
        };
        let program = self.failing_program(*place);
        let (sentence, name) = match error {
            InstructionError::Custom(code) => self.of_code(program, *code),
            other => (table::of_instruction(other), None),
        };
        Reason { sentence, name, code: self.code(), instruction: Some(*place), program }
    }

    /// Sentence and name of a custom code.
    fn of_code(&self, program: Option<Pubkey>, code: u32) -> (String, Option<String>) {
        if let Some((name, sentence)) = self.logged(code) {
            // Anchor's sentences are about its macros, not about what was asked for.
            let sentence = table::of_framework(code).map_or(sentence, str::to_owned);
            return (sentence, Some(name));
        }
        if let Some(error) = BreakwaterError::from_code(code).filter(|_| program == Some(breakwater::ID)) {
            return (error.to_string(), Some(error.name()));
        }
        let known = table::of_framework(code)
            .or_else(|| table::of_price_reader(code))
            .or_else(|| table::of_called(program.unwrap_or(breakwater::ID), code));
        let unknown = || {
            let who = program.map_or_else(|| "a program".to_owned(), |program| table::name_of(&program));
            format!("{who} refused with code {code}, which this version does not know")
        };
        (known.map_or_else(unknown, str::to_owned), None)
    }

    /// Name and sentence that an Anchor program logged with a code:
    /// `Error Code: <name>. Error Number: <code>. Error Message: <sentence>.`
    fn logged(&self, code: u32) -> Option<(String, String)> {
        self.logs.iter().rev().find_map(|line| {
            let (_, said) = line.split_once("Error Code: ")?;
            let (name, rest) = said.split_once(". Error Number: ")?;
            let (number, sentence) = rest.split_once(". Error Message: ")?;
            let is_of_code = number.parse() == Ok(code) && !name.starts_with("Custom(");
            is_of_code.then(|| (name.to_owned(), sentence.trim_end_matches('.').to_owned()))
        })
    }

    /// The program that refused: the innermost one fails first.
    fn failing_program(&self, place: u8) -> Option<Pubkey> {
        let failed = self.logs.iter().find_map(|line| {
            let (key, _) = line.strip_prefix("Program ")?.split_once(" failed: ")?;
            key.parse().ok()
        });
        failed.or_else(|| self.programs.get(usize::from(place)).copied())
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.reason().fmt(formatter)
    }
}

impl std::fmt::Display for Reason {
    /// `<sentence> (<name>, <code>; <program>, instruction <place>)`, as far as these are known.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(place) = self.instruction else { return formatter.write_str(&self.sentence) };
        let code =
            self.code.map(|code| if code < table::ANCHOR_CODES { format!("{code:#x}") } else { code.to_string() });
        let error: Vec<_> = self.name.clone().into_iter().chain(code).collect();
        let program = self.program.map(|program| table::name_of(&program));
        let place: Vec<_> = program.into_iter().chain([format!("instruction {place}")]).collect();
        let parts: Vec<_> = [error.join(", "), place.join(", ")].into_iter().filter(|part| !part.is_empty()).collect();
        write!(formatter, "{} ({})", self.sentence, parts.join("; "))
    }
}

#[cfg(test)]
mod tests;
