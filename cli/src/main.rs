//! The binary `breakwater`: administration and inspection of an exchange. One file per noun in `commands`; every error is
//! a sentence on stderr and a non-zero exit.

mod commands;
mod config;
mod context;
mod output;
mod units;

use clap::Parser;
use commands::Command;
use config::Options;
use std::process::ExitCode;

/// Administers and inspects a Breakwater exchange.
#[derive(Parser)]
#[command(name = "breakwater", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { options, command } = Cli::parse();
    let is_json = options.json;
    match command.run(options).await {
        Ok(output) => {
            output.print(is_json);
            if output.is_failure {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
