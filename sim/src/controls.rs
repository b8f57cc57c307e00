//! Owns the list of Breakwater's controls and how each is switched off, so that a comparison can show what it is worth.
//!
//! A control that is off is off from the first price of the scenario to the last, and nothing takes its place. Switching it off
//! may leave what the program accepts: such runs are for the pure model.

use anyhow::{ensure, Context, Result};

use crate::inputs::Inputs;

/// What chooses every control, one by one.
pub const EACH: &str = "each";

/// A control of Breakwater.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// What the command line and reports call it.
    pub name: &'static str,
    /// What a run without it is like.
    pub without: &'static str,
    /// Whether it shows only in what accounts may newly open.
    pub acts_on_new_risk: bool,
    /// Switches it off.
    pub switch_off: fn(&mut Inputs),
}

/// All controls, in the order in which they are shown.
pub const ALL: &[Control] = &[
    Control {
        name: "delay",
        without: "no pause between two slices of an account",
        acts_on_new_risk: false,
        switch_off: |inputs| inputs.params.pace_cap_slots = 0,
    },
    Control {
        name: "flow",
        without: "the flow meter limits nothing",
        acts_on_new_risk: false,
        switch_off: |inputs| inputs.controls.flow_limited = false,
    },
    Control {
        name: "damping",
        without: "maintenance follows the fast volatility at once",
        acts_on_new_risk: false,
        switch_off: |inputs| inputs.controls.damped = false,
    },
    Control {
        name: "backstop",
        without: "nobody takes positions over",
        acts_on_new_risk: false,
        switch_off: |inputs| inputs.controls.backstop = false,
    },
    Control {
        name: "breaker",
        without: "no band pauses the market",
        acts_on_new_risk: true,
        switch_off: |inputs| inputs.params.breaker_band_ppm = u32::MAX,
    },
    Control {
        name: "netting",
        without: "keepers hedge every slice in the market",
        acts_on_new_risk: false,
        switch_off: |inputs| inputs.controls.netting = false,
    },
    Control {
        name: "derisk",
        without: "nobody is opted in to predictive closes",
        acts_on_new_risk: false,
        switch_off: |inputs| inputs.controls.derisk = false,
    },
    Control {
        name: "ladder",
        without: "nobody measures the cascade ratio",
        acts_on_new_risk: true,
        switch_off: |inputs| inputs.controls.ladder = false,
    },
    Control {
        name: "macro",
        without: "no macro index",
        acts_on_new_risk: true,
        switch_off: |inputs| inputs.controls.macro_index = false,
    },
];

/// The control of a name.
pub fn named(name: &str) -> Result<&'static Control> {
    let known = || ALL.iter().map(|control| control.name).collect::<Vec<_>>().join(", ");
    let control = ALL.iter().find(|control| control.name == name);
    control.with_context(|| format!("there is no control `{name}`, only {} and {EACH}", known()))
}

/// The controls of these names, in their order, or all for [`EACH`]; the error names the one that is unknown or given twice.
pub fn chosen(names: &[String]) -> Result<Vec<&'static Control>> {
    if names == [EACH] {
        return Ok(ALL.iter().collect());
    }
    let mut controls: Vec<&Control> = Vec::new();
    for name in names {
        let control = named(name)?;
        ensure!(controls.iter().all(|chosen| chosen.name != control.name), "the control `{name}` is named twice");
        controls.push(control);
    }
    Ok(controls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(names: &[&str]) -> Result<Vec<&'static str>> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Ok(chosen(&names)?.iter().map(|control| control.name).collect())
    }

    #[test]
    fn controls_are_chosen_by_name_or_all_at_once() {
        assert_eq!(choose(&["damping", "delay"]).unwrap(), ["damping", "delay"]);
        assert_eq!(choose(&["each"]).unwrap().len(), ALL.len());
        assert!(choose(&[]).unwrap().is_empty());
    }

    #[test]
    fn unknown_and_repeated_controls_are_refused() {
        let why = |names: &[&str]| choose(names).unwrap_err().to_string();
        assert_eq!(
            why(&["brakes"]),
            "there is no control `brakes`, only delay, flow, damping, backstop, breaker, netting, derisk, ladder, macro and each"
        );
        assert_eq!(why(&["delay", "delay"]), "the control `delay` is named twice");
        assert!(why(&["delay", "each"]).starts_with("there is no control `each`"));
    }
}
