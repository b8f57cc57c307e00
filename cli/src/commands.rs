//! The commands, one file per noun.

mod account;
mod dev;
mod exchange;
mod extend;
mod macro_index;
mod market;
mod market_show;
mod params;
mod pools;
mod program;
mod venue;
mod verify;

use crate::config::Options;
use crate::context::Context;
use crate::output::Output;
use anyhow::Result;
use clap::Subcommand;

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// The exchange: create, show, hand over, price sources, fees.
    #[command(subcommand)]
    Exchange(exchange::Command),
    /// Markets: check files, list, inspect, refresh.
    #[command(subcommand)]
    Market(market::Command),
    /// Parameters of listed markets: show, propose, apply, cancel.
    #[command(subcommand)]
    Params(params::Command),
    /// Margin accounts: open, inspect, pay in and out.
    #[command(subcommand)]
    Account(account::Command),
    /// Matching programs.
    #[command(subcommand)]
    Venue(venue::Command),
    /// The insurance fund.
    #[command(subcommand)]
    Insurance(pools::Insurance),
    /// The backstop.
    #[command(subcommand)]
    Backstop(pools::Backstop),
    /// The macro index.
    #[command(subcommand)]
    Macro(macro_index::Command),
    /// Read the whole exchange and check that every identity of money holds.
    Verify,
    /// Bring accounts of an earlier layout to the newest; anyone may, and pays the rent of the added bytes.
    Extend(extend::Extend),
    /// The program itself.
    #[command(subcommand)]
    Program(program::Command),
    /// Test money, on local chains only.
    #[command(subcommand)]
    Dev(dev::Command),
}

impl Command {
    /// Runs it.
    pub async fn run(self, options: Options) -> Result<Output> {
        // Files of markets are checked without any configuration or network.
        if let Self::Market(market::Command::Check { files }) = &self {
            return market::check(files);
        }
        let context = Context::new(&options)?;
        match self {
            Self::Exchange(command) => command.run(&context).await,
            Self::Market(command) => command.run(&context).await,
            Self::Params(command) => command.run(&context).await,
            Self::Account(command) => command.run(&context).await,
            Self::Venue(command) => command.run(&context).await,
            Self::Insurance(command) => command.run(&context).await,
            Self::Backstop(command) => command.run(&context).await,
            Self::Macro(command) => command.run(&context).await,
            Self::Verify => verify::run(&context).await,
            Self::Extend(extend) => extend.run(&context).await,
            Self::Program(command) => command.run(&context).await,
            Self::Dev(command) => command.run(&context).await,
        }
    }
}
