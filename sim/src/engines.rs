//! Owns the list of engines that a replay can compare, in the order in which they are shown.

use std::collections::BTreeSet;

use anyhow::{ensure, Context, Result};

use crate::{
    baselines::{
        self, drift::Drift, dydx::Dydx, generation1::Generation1, hyperliquid::Hyperliquid,
        synthetix_window::Synthetix, Rule,
    },
    breakwater_engine::{self, BackendKind},
    inputs::Inputs,
    outcome::Outcome,
    progress::Progress,
};

/// A set of liquidation rules that can be run on the inputs of a replay.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// What reports call it.
    pub name: &'static str,
    /// Runs it from the first sample to the last and reports every row to the progress; leaves the cascade at 0.
    pub run: fn(&Inputs, &mut Progress) -> Result<Outcome>,
}

impl Engine {
    const fn baseline<R: Rule>() -> Self {
        Self { name: R::NAME, run: baselines::run::<R> }
    }

    /// The same engine; Breakwater runs as `kind`.
    pub fn with(self, kind: BackendKind) -> Self {
        if self.name == breakwater_engine::NAME {
            return breakwater(kind);
        }
        self
    }

    /// What the command line calls it: its name without spaces.
    pub fn option(&self) -> String {
        self.name.replace(' ', "-")
    }

    /// Runs it, and once more in a market that no close moves, which tells the cascade from the recorded path.
    pub fn measure(&self, inputs: &Inputs, progress: &mut Progress) -> Result<Outcome> {
        Ok(self.measure_with_path_alone(inputs, progress)?.0)
    }

    /// The same; also returns the accounts that the recorded path alone touches.
    pub fn measure_with_path_alone(
        &self,
        inputs: &Inputs,
        progress: &mut Progress,
    ) -> Result<(Outcome, BTreeSet<usize>)> {
        let mut outcome = (self.run)(inputs, progress)?;
        let alone = self.touched_by_path_alone(inputs)?;
        outcome.summary.accounts_cascaded = outcome.touched.difference(&alone).count() as u64;
        Ok((outcome, alone))
    }

    /// The accounts that it touches in a market that no close moves.
    pub fn touched_by_path_alone(&self, inputs: &Inputs) -> Result<BTreeSet<usize>> {
        Ok((self.run)(&inputs.recorded_path_alone(), &mut Progress::silent())?.touched)
    }
}

/// All engines; the baselines follow Breakwater.
pub const ALL: &[Engine] = &[
    breakwater(BackendKind::Program),
    Engine::baseline::<Generation1>(),
    Engine::baseline::<Hyperliquid>(),
    Engine::baseline::<Synthetix>(),
    Engine::baseline::<Dydx>(),
    Engine::baseline::<Drift>(),
];

/// Breakwater, as the real program or as its pure model. Its parameters and switches are in the inputs.
pub const fn breakwater(kind: BackendKind) -> Engine {
    let run = match kind {
        BackendKind::Program => breakwater_engine::run_program,
        BackendKind::Model => breakwater_engine::run_model,
    };
    Engine { name: breakwater_engine::NAME, run }
}

/// The rules of peers.
pub fn baselines() -> &'static [Engine] {
    &ALL[1..]
}

/// What is compared unless the user chooses: Breakwater and the first generation.
pub fn usual() -> &'static [Engine] {
    &ALL[..2]
}

/// The engines of these options, in their order; the error names the option that is unknown or given twice.
pub fn chosen(options: &[String]) -> Result<Vec<Engine>> {
    let mut engines: Vec<Engine> = Vec::new();
    for option in options {
        let known = || ALL.iter().map(Engine::option).collect::<Vec<_>>().join(", ");
        let engine = ALL.iter().find(|engine| engine.option() == *option);
        let engine = engine.with_context(|| format!("there is no engine `{option}`, only {}", known()))?;
        ensure!(engines.iter().all(|chosen| chosen.name != engine.name), "the engine `{option}` is named twice");
        engines.push(*engine);
    }
    Ok(engines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(options: &[&str]) -> Result<Vec<&'static str>> {
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        Ok(chosen(&options)?.iter().map(|engine| engine.name).collect())
    }

    #[test]
    fn engines_are_chosen_by_name_in_the_order_given() {
        assert_eq!(choose(&["drift", "generation-1"]).unwrap(), ["drift", "generation 1"]);
        let usual: Vec<String> = usual().iter().map(Engine::option).collect();
        assert_eq!(usual, ["breakwater", "generation-1"]);
    }

    #[test]
    fn unknown_and_repeated_engines_are_refused() {
        let why = |options: &[&str]| choose(options).unwrap_err().to_string();
        assert_eq!(
            why(&["drift", "gmx"]),
            "there is no engine `gmx`, only breakwater, generation-1, hyperliquid, synthetix, dydx, drift"
        );
        assert_eq!(why(&["drift", "drift"]), "the engine `drift` is named twice");
    }
}
