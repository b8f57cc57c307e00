//! What an insurance fund paid within the last day, counted in quarters of a day (B-3).
//!
//! A window is the present quarter and the four before it, so never less than 24 hours. Each market counts its own draws, and the
//! fund counts those of all markets together.

use crate::error::RiskResult;
use crate::fixed::add;
use crate::state::{InsuranceDraws, Now, DRAW_QUARTERS};

/// Seconds of a quarter day.
pub const QUARTER_SECONDS: i64 = 21_600;

/// Number of the quarter day.
fn quarter(now: &Now) -> u64 {
    u64::try_from(now.unix_timestamp.max(0).div_euclid(QUARTER_SECONDS)).unwrap_or(0)
}

/// The draws as of now: quarters older than the window are forgotten.
fn rolled(draws: &InsuranceDraws, now: &Now) -> InsuranceDraws {
    let present = quarter(now).max(draws.quarter);
    let passed = usize::try_from(present.saturating_sub(draws.quarter)).unwrap_or(DRAW_QUARTERS);
    let mut drawn_atoms = [0; DRAW_QUARTERS];
    for (place, atoms) in drawn_atoms.iter_mut().skip(passed).zip(draws.drawn_atoms) {
        *place = atoms;
    }
    InsuranceDraws { quarter: present, drawn_atoms }
}

/// Drawn within the window that ends now. Unit: atoms. Errors: `Overflow`.
pub fn drawn_in_window(draws: &InsuranceDraws, now: &Now) -> RiskResult<u64> {
    rolled(draws, now).drawn_atoms.into_iter().try_fold(0, add)
}

/// Counts a draw of now. Errors: `Overflow`.
pub fn record(draws: &mut InsuranceDraws, atoms: u64, now: &Now) -> RiskResult<()> {
    let mut present = rolled(draws, now);
    let [latest, ..] = &mut present.drawn_atoms;
    *latest = add(*latest, atoms)?;
    *draws = present;
    Ok(())
}
