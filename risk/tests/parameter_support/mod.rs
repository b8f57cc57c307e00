//! Random parameters that `validate` accepts, drawn toward the edges of their bounds and of the rules between them.
//!
//! Bounds and rules are not written down here: `validate` itself says, of a figure that is out of bounds, which it is and what
//! it may be. A new parameter or a new rule is drawn and kept without a change of this file.
#![allow(dead_code)]

pub mod chance;

use breakwater_risk::params::{ParamIssue, MARKET_PARAMS_BYTES};
use breakwater_risk::MarketParams;
use chance::Chance;

/// Repairs of a set after which another one is drawn.
const REPAIRS: u32 = 200;
/// Parameters that come first and have 64 bits; the others have 32.
const WIDE: usize = 4;
/// 32-bit words of a set.
const WORDS: usize = MARKET_PARAMS_BYTES / 4;
/// Parameters of a set.
const FIGURES: usize = WORDS - WIDE;

/// One parameter: its place among all, its name, and its hard bounds.
#[derive(Clone, Debug)]
struct Figure {
    place: usize,
    name: &'static str,
    least: u64,
    most: u64,
}

/// What parameters there are.
pub struct Generator {
    figures: Vec<Figure>,
}

impl Generator {
    /// Asks `validate` about each parameter.
    pub fn new() -> Self {
        Self { figures: (0..FIGURES).map(bounds_of).collect() }
    }

    /// A valid set.
    pub fn params(&self, chance: &mut Chance) -> MarketParams {
        loop {
            if let Some(params) = self.attempt(chance) {
                return params;
            }
        }
    }

    /// Some figures anywhere in their bounds, the others as for SOL; then every broken rule is repaired by moving what it names.
    fn attempt(&self, chance: &mut Chance) -> Option<MarketParams> {
        let mut params = MarketParams::SOL;
        let drawn_percent = *chance.pick(&[100, 60, 30, 10]);
        for figure in &self.figures {
            if chance.percent(drawn_percent) {
                set(&mut params, figure.place, within(chance, figure.least, figure.most));
            }
        }
        for _ in 0..REPAIRS {
            match params.validate() {
                Ok(()) => return Some(params),
                Err(issue) => self.repair(&mut params, &issue, chance)?,
            }
        }
        None
    }

    /// Moves the figure that a broken rule is about to where the rule allows, often to its very edge. None: it cannot be.
    fn repair(&self, params: &mut MarketParams, issue: &ParamIssue, chance: &mut Chance) -> Option<()> {
        let Some(figure) = self.figures.iter().find(|figure| issue.rule.split(' ').next() == Some(figure.name)) else {
            return self.widen(params, issue, chance);
        };
        let (least, most) = (figure.least.max(issue.least), figure.most.min(issue.most));
        if least > most {
            // The rule leaves it no room: something else has to give way.
            let other = chance.pick(&self.figures).clone();
            set(params, other.place, within(chance, other.least, other.most));
            return Some(());
        }
        set(params, figure.place, within(chance, least, most));
        Some(())
    }

    /// A rule about several figures, the solvency envelope: the declared move gives way by just what is too much; where it cannot,
    /// what else the rule counts.
    fn widen(&self, params: &mut MarketParams, issue: &ParamIssue, chance: &mut Chance) -> Option<()> {
        let excess = issue.found.checked_sub(issue.most)?;
        let least = self.figures.iter().find(|figure| figure.name == "worst_move_ppm")?.least;
        let tight = u64::from(params.worst_move_ppm).checked_sub(excess).filter(|tight| *tight >= least);
        if let (Some(tight), true) = (tight, chance.percent(70)) {
            params.worst_move_ppm = u32::try_from(tight).ok()?;
            return Some(());
        }
        let parts = ["sigma_ref_ppm", "pace_cap_slots", "dutch_slots", "price_age_max_s", "funding_max_ppm"];
        let parts = parts.into_iter().chain(["maintenance_base_ppm", "backstop_line_ppm", "slot_ms", "worst_move_ppm"]);
        for figure in parts.filter_map(|name| self.figures.iter().find(|figure| figure.name == name)) {
            if chance.percent(40) {
                set(params, figure.place, within(chance, figure.least, figure.most));
            }
        }
        Some(())
    }
}

/// Somewhere within bounds: at an edge, anywhere, or any power of two as likely as another.
fn within(chance: &mut Chance, least: u64, most: u64) -> u64 {
    match chance.below(10) {
        0 | 1 => least,
        2 | 3 => most,
        4 => least.saturating_add(1).min(most),
        5 => most.saturating_sub(1).max(least),
        6 | 7 => chance.between(least, most),
        _ => {
            let bits = 64 - (most - least).leading_zeros();
            least + (chance.between(0, most - least) >> chance.below(u64::from(bits.max(1))))
        }
    }
}

fn words(params: &MarketParams) -> [u32; WORDS] {
    bytemuck::cast(*params)
}

/// Sets the parameter in a place.
fn set(params: &mut MarketParams, place: usize, value: u64) {
    let mut words = words(params);
    if place < WIDE {
        words[2 * place] = value as u32;
        words[2 * place + 1] = (value >> 32) as u32;
    } else {
        words[WIDE + place] = value as u32;
    }
    *params = bytemuck::cast(words);
}

/// What `validate` says of a figure that is far out of bounds.
fn bounds_of(place: usize) -> Figure {
    let mut params = MarketParams::SOL;
    let most = if place < WIDE { u64::MAX } else { u64::from(u32::MAX) };
    set(&mut params, place, most);
    match params.validate() {
        Err(issue) if issue.found == most => Figure { place, name: issue.rule, least: issue.least, most: issue.most },
        other => panic!("parameter {place} has no bound: {other:?}"),
    }
}
