//! Owns the command line: which subcommands there are, and how an error becomes a sentence and an exit code.
//!
//! Each subcommand has a file: what can be asked for, in which order things happen, what goes to stdout. Every error is one
//! sentence on stderr and a non-zero exit. With `--json` the last line of stdout is the JSON object.

mod compare;
mod drive;
mod drought;
mod market;
mod replay;
mod scenarios;
mod tune;

use std::{io, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Replays recorded crashes and shows what each liquidation engine does to the market.
#[derive(Debug, Parser)]
#[command(name = "breakwater-sim", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Replay a stretch of recorded minutes with leveraged accounts on both sides, and write an HTML report.
    Replay(replay::Replay),
    /// Run engines, and Breakwater with controls switched off, on many scenarios and seeds; one table, one plot.
    Compare(compare::Compare),
    /// Search for parameters that the program accepts and that cost the least on all scenarios at once.
    Tune(tune::Tune),
    /// Days of falling prices without liquidity, through the real program; then everybody leaves, and nobody may be stuck.
    Drought(drought::Drought),
    /// Move the price of a Pyth feed on a running local chain, along recorded minutes or to a price by hand.
    Drive(drive::Drive),
}

impl Command {
    fn run(&self) -> Result<()> {
        match self {
            Self::Replay(replay) => replay.run(),
            Self::Compare(compare) => compare.run(),
            Self::Tune(tune) => tune.run(),
            Self::Drought(drought) => drought.run(),
            Self::Drive(drive) => drive.run(),
        }
    }
}

/// Parses the command line and runs it.
pub fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the reader of stdout had enough, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
