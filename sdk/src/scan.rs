//! Finds, among very many accounts, those that may be under maintenance at given marks: millions a second.
//!
//! An account's slack is its equity minus its maintenance. Each leg adds a function of its own market's mark to it, and that
//! function is concave: profit and loss are linear, what a market leaves unfunded only flattens profits, and the
//! maintenance of a larger notional grows faster than the notional. Between two marks a concave function lies above its
//! chord. A [`Summary`] thus holds the slack at the marks of its making and, for each leg, the slopes of the chords to the
//! ends of a bracket: what they give for a mark inside is never above the truth, so no account that is under maintenance is
//! passed over. Outside the bracket, or with more legs than a summary holds, an account is always found.
//!
//! The truth it is measured by is the program's: [`Health::assess_as_acted`] at fresh prices, every leg's mark its market's.
//! A summary holds as long as the account and all of its markets but their marks stay as they were; a keeper makes them anew
//! when an account changes, and all of them now and then with a cushion for what moves in between.

use crate::preview::{PreviewError, PreviewResult};
use crate::view::{used_legs, Snapshot};
use breakwater::MarginAccount;
use breakwater_risk::health::{Health, MarketLookup, Stance};
use breakwater_risk::{MarketState, Now, RiskResult};

/// Legs that a summary holds.
pub const SCAN_LEGS: usize = 8;
/// Relative move from the marks of its making for which a summary holds: a quarter, either way.
pub const BRACKET_PPM: u32 = 250_000;

/// What a scan knows of an account: its slack and how it moves. At most 128 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// Slack at the marks of its making, less the cushion, atoms.
    slack: f64,
    /// Change of the slack per relative move down and up, by leg, atoms.
    slopes: [(f32, f32); SCAN_LEGS],
    /// Place of each leg's market among the scanned moves.
    markets: [u16; SCAN_LEGS],
    /// Legs that are held.
    legs: u8,
    /// Whether the account is found whatever the marks.
    always: bool,
}

const _: () = assert!(size_of::<Summary>() <= 128);

/// Marks with which summaries are made, and by which moves are measured.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// By market index; 0 = no price yet.
    marks: Vec<u64>,
}

impl Marks {
    /// The marks of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut marks = Vec::new();
        for view in snapshot.iter() {
            let place = usize::from(view.market.index);
            marks.resize(marks.len().max(place + 1), 0);
            marks[place] = view.market.state.mark;
        }
        Self { marks }
    }

    /// Relative moves from these marks to others, for [`scan`]; infinite where a mark is missing.
    pub fn moves_to(&self, others: &Self) -> Moves {
        let place = |place: usize| {
            let (from, to) =
                (self.marks.get(place).copied().unwrap_or(0), others.marks.get(place).copied().unwrap_or(0));
            if from == 0 || to == 0 {
                return f64::INFINITY;
            }
            (to as f64 - from as f64) / from as f64
        };
        Moves((0..self.marks.len().max(others.marks.len())).map(place).collect())
    }
}

/// Relative moves by market index.
#[derive(Clone, Debug, Default)]
pub struct Moves(Vec<f64>);

impl Summary {
    /// Summarises an account at a snapshot's marks. `cushion_ppm` of its maintenance counts as used up, for what moves while the
    /// summary is kept: 20 000 covers a maintenance rate that rises by a fiftieth. Errors: none; what cannot be computed is found.
    pub fn of(snapshot: &Snapshot, account: &MarginAccount, cushion_ppm: u32, now: &Now) -> Self {
        Self::try_of(snapshot, account, cushion_ppm, now).unwrap_or(Self::without_legs(true))
    }

    fn without_legs(always: bool) -> Self {
        Self { slack: 0.0, slopes: [(0.0, 0.0); SCAN_LEGS], markets: [0; SCAN_LEGS], legs: 0, always }
    }

    fn try_of(snapshot: &Snapshot, account: &MarginAccount, cushion_ppm: u32, now: &Now) -> PreviewResult<Self> {
        let always = account.state.flagged_slot != 0 || account.state.derisk_since_slot != 0;
        let mut summary = Self::without_legs(always);
        let used: Vec<u16> = used_legs(account).map(|leg| leg.market_index).collect();
        if used.len() > SCAN_LEGS {
            return Ok(Self::without_legs(true));
        }
        let mut moved = Moved { snapshot, replaced: None };
        let slack = |moved: &Moved<'_>| slack(account, moved, cushion_ppm, now);
        summary.slack = slack(&moved)?;
        for (place, market_index) in used.into_iter().enumerate() {
            let mark = snapshot.market(market_index)?.mark;
            let step = u64::try_from(u128::from(mark) * u128::from(BRACKET_PPM) / 1_000_000).unwrap_or(mark);
            let mut slope = |mark_then: u64| -> PreviewResult<f32> {
                let mut market = *snapshot.market(market_index)?;
                market.mark = mark_then;
                moved.replaced = Some((market_index, market));
                let relative = step as f64 / mark as f64;
                Ok(rounded_down((slack(&moved)? - summary.slack) / relative))
            };
            summary.slopes[place] = (slope(mark - step)?, slope(mark + step)?);
            summary.markets[place] = market_index;
            summary.legs += 1;
        }
        Ok(summary)
    }

    /// Whether the account may be under maintenance after these moves.
    pub fn may_fail(&self, moves: &Moves) -> bool {
        const BRACKET: f64 = BRACKET_PPM as f64 / 1e6;
        let mut slack = self.slack;
        for place in 0..usize::from(self.legs) {
            let relative = moves.0.get(usize::from(self.markets[place])).copied().unwrap_or(f64::INFINITY);
            if relative.abs() > BRACKET {
                return true;
            }
            let (down, up) = self.slopes[place];
            slack += relative.abs() * f64::from(if relative < 0.0 { down } else { up });
        }
        // Atoms are counted to 2^60: a double is off by less than a thousandth of a unit of the collateral.
        self.always || slack < ROUNDING_ATOMS
    }
}

/// What floating-point numbers and the program's roundings may differ by, atoms.
const ROUNDING_ATOMS: f64 = 1_000.0;

/// Appends the places of the accounts that may be under maintenance after these moves.
pub fn scan(summaries: &[Summary], moves: &Moves, found: &mut Vec<u32>) {
    let failing = (0_u32..).zip(summaries).filter(|(_, summary)| summary.may_fail(moves));
    found.extend(failing.map(|(place, _)| place));
}

/// A snapshot with one market replaced.
struct Moved<'a> {
    snapshot: &'a Snapshot,
    replaced: Option<(u16, MarketState)>,
}

impl MarketLookup for Moved<'_> {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        match &self.replaced {
            Some((index, market)) if *index == market_index => Ok(market),
            _ => self.snapshot.market(market_index),
        }
    }
}

fn slack(account: &MarginAccount, markets: &Moved<'_>, cushion_ppm: u32, now: &Now) -> PreviewResult<f64> {
    let health = Health::assess_as_acted(&account.state, Stance::Favour, markets, now).map_err(PreviewError)?;
    let required = health.maintenance() as f64 * (1.0 + f64::from(cushion_ppm) / 1e6);
    Ok(health.equity() as f64 - required)
}

/// The next smaller single-precision number: a slope may be too small, never too large.
fn rounded_down(slope: f64) -> f32 {
    let near = slope as f32;
    if f64::from(near) > slope {
        near.next_down()
    } else {
        near
    }
}
