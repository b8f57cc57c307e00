//! Owns the list of engines that a replay compares, in the order in which they are shown.

use anyhow::Result;

use crate::{breakwater_engine, generation1, inputs::Inputs, outcome::Outcome, progress::Progress};

/// A set of liquidation rules that can be run on the inputs of a replay.
pub struct Engine {
    /// What reports call it.
    pub name: &'static str,
    /// Runs it from the first sample to the last and reports every row to the progress; leaves the cascade at 0.
    pub run: fn(&Inputs, &mut Progress) -> Result<Outcome>,
}

impl Engine {
    /// Runs it, and once more in a market that no close moves, which tells the cascade from the recorded path.
    pub fn measure(&self, inputs: &Inputs, progress: &mut Progress) -> Result<Outcome> {
        let mut outcome = (self.run)(inputs, progress)?;
        let alone = (self.run)(&inputs.recorded_path_alone(), &mut Progress::silent())?;
        outcome.summary.accounts_cascaded = outcome.touched.difference(&alone.touched).count() as u64;
        Ok(outcome)
    }
}

/// All engines.
pub const ALL: &[Engine] = &[
    Engine { name: breakwater_engine::NAME, run: breakwater_engine::run },
    Engine { name: generation1::NAME, run: generation1::run },
];
