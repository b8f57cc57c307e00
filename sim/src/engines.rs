//! Owns the list of engines that a replay compares, in the order in which they are shown.

use anyhow::Result;

use crate::{generation1, inputs::Inputs, outcome::Outcome, progress::Progress};

/// A set of liquidation rules that can be run on the inputs of a replay.
pub struct Engine {
    /// What reports call it.
    pub name: &'static str,
    /// Runs it from the first sample to the last and reports every row to the progress.
    pub run: fn(&Inputs, &mut Progress) -> Result<Outcome>,
}

/// All engines.
pub const ALL: &[Engine] = &[Engine { name: generation1::NAME, run: generation1::run }];
