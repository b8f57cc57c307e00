//! Owns what those who leave do to the exchange: they convert, withdraw, and take their stakes back. Only a run that ends with
//! everybody leaving needs a backend to know it.

use anyhow::Result;
use breakwater_risk::{claims::ConversionReport, insurance::SweepReport, shares::LeaveStep};

use super::{
    backend::{Attempt, Backend},
    books::Who,
};

/// A pool that strangers fund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// The insurance fund.
    Insurance,
    /// The backstop.
    Backstop,
}

/// An exchange that can be left. Each pool has one staker at most.
pub trait Exit: Backend {
    /// One staker puts this much into the insurance fund, atoms, positive.
    fn stake_insurance(&mut self, atoms: u64) -> Result<()>;

    /// `convert_profit` of an account at any ratio; for the backstop, which anyone may do, by a keeper.
    fn convert_profit(&mut self, who: Who) -> Attempt<ConversionReport>;

    /// `withdraw`, atoms; by the owner, to his wallet.
    fn withdraw(&mut self, who: Who, atoms: u64) -> Attempt<()>;

    /// `sweep_market`.
    fn sweep(&mut self) -> Attempt<SweepReport>;

    /// The pool's staker asks all of his shares back. Returns what they are worth now, atoms.
    fn request_unstake(&mut self, pool: Pool) -> Attempt<u64>;

    /// A call of the pool's staker: the first one notes what his shares are worth, the second one pays.
    fn unstake(&mut self, pool: Pool) -> Attempt<LeaveStep>;
}
