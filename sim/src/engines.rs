//! Owns the list of engines that a replay compares, in the order in which they are shown.

use anyhow::Result;

use crate::{
    breakwater_engine::{self, BackendKind},
    generation1,
    inputs::Inputs,
    outcome::Outcome,
    progress::Progress,
};

/// A set of liquidation rules that can be run on the inputs of a replay.
#[derive(Clone, Copy)]
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
pub const ALL: &[Engine] =
    &[breakwater(BackendKind::Program), Engine { name: generation1::NAME, run: generation1::run }];

/// Breakwater, as the real program or as its pure model. Its parameters and switches are in the inputs.
pub const fn breakwater(kind: BackendKind) -> Engine {
    let run = match kind {
        BackendKind::Program => breakwater_engine::run_program,
        BackendKind::Model => breakwater_engine::run_model,
    };
    Engine { name: breakwater_engine::NAME, run }
}

/// All engines, Breakwater as `kind`.
pub fn all_with(kind: BackendKind) -> Vec<Engine> {
    let is_breakwater = |engine: &Engine| engine.name == breakwater_engine::NAME;
    ALL.iter().map(|engine| if is_breakwater(engine) { breakwater(kind) } else { *engine }).collect()
}
