//! A market's liquidation ladder as a keeper or a screen reads it: what would be forced at which price, what the two
//! cranks would do now, and whom to touch. Prices are those of the program: quote atoms per lot × 10^6.

use crate::preview::{before_act, market_state, PreviewResult};
use crate::view::Snapshot;
use breakwater::MarginAccount;
use breakwater_risk::acted::Acted;
use breakwater_risk::ladder::{self, CascadeReport, Registration};
use breakwater_risk::units::{SideName, MAX_PRICE};
use breakwater_risk::{Now, RiskError};

/// A registered amount that differs from the present one by more than this part of it is off: 10 %.
const OFF_DIVISOR: u64 = 10;

/// Notional that would be forced within a range of trigger prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// First price of the bucket.
    pub from_price: u64,
    /// First price above the bucket.
    pub to_price: u64,
    /// Buckets from the mark in the losing direction: negative = the mark has passed it, 63 = it holds all that are
    /// further away, too.
    pub steps: i16,
    /// Forced notional, atoms, > 0.
    pub atoms: u64,
}

/// A market's ladder; buckets with nothing in them are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LadderView {
    /// Longs, from those that the mark passed longest ago to the furthest.
    pub long: Vec<Trigger>,
    /// Shorts, likewise.
    pub short: Vec<Trigger>,
    /// Cascade ratio of the longs at the last measurement, ppm.
    pub long_ratio_ppm: u32,
    /// Cascade ratio of the shorts at the last measurement, ppm.
    pub short_ratio_ppm: u32,
    /// Slot of the last measurement; 0 = never measured.
    pub measured_slot: u64,
}

/// The ladder of a market. Errors: `NoSuchMarket`.
pub fn view(snapshot: &Snapshot, market_index: u16) -> PreviewResult<LadderView> {
    let stored = &market_state(snapshot, market_index)?.ladder;
    let side = |name| -> Vec<Trigger> {
        let rungs = stored.rungs(name).filter(|rung| rung.atoms > 0);
        let trigger = |rung: ladder::Rung| {
            let (from_price, to_price) = bucket_prices(rung.bucket);
            Trigger { from_price, to_price, steps: rung.steps, atoms: rung.atoms }
        };
        rungs.map(trigger).collect()
    };
    Ok(LadderView {
        long: side(SideName::Long),
        short: side(SideName::Short),
        long_ratio_ppm: stored.long_ratio_ppm,
        short_ratio_ppm: stored.short_ratio_ppm,
        measured_slot: stored.measured_slot,
    })
}

/// First price of a bucket and first price above it, by bisection over the program's own numbering; both are
/// `MAX_PRICE + 1` for a bucket above all prices.
pub fn bucket_prices(bucket: u16) -> (u64, u64) {
    let first_price = |bucket: u32| {
        let (mut below, mut least) = (0, MAX_PRICE + 1);
        while least - below > 1 {
            let middle = below.midpoint(least);
            if u32::from(ladder::bucket_of(middle)) < bucket {
                below = middle;
            } else {
                least = middle;
            }
        }
        least
    };
    (first_price(u32::from(bucket)), first_price(u32::from(bucket) + 1))
}

/// Where `touch` would register an account's leg now; `None` for a leg without lots.
pub fn touch(
    snapshot: &Snapshot,
    market_index: u16,
    account: &MarginAccount,
    now: &Now,
) -> PreviewResult<Option<Registration>> {
    let (snapshot, mut account) = before_act(snapshot, account, now)?;
    let mut market = *market_state(&snapshot, market_index)?;
    let mut acted = Acted { market: &mut market, market_index, others: &*snapshot, now: *now };
    Ok(ladder::touch(&mut acted, &mut account)?)
}

/// What `measure_cascade` would find now.
pub fn measure_cascade(snapshot: &Snapshot, market_index: u16, now: &Now) -> PreviewResult<CascadeReport> {
    let mut market = *market_state(snapshot, market_index)?;
    Ok(ladder::measure(&mut market, now)?)
}

/// Whether somebody should touch an account's leg: its bucket is another one by now, or its amount is off by more than
/// a tenth. Errors: those of `touch`; the leg stays as it is registered until the reason is gone.
pub fn is_off(snapshot: &Snapshot, market_index: u16, account: &MarginAccount, now: &Now) -> PreviewResult<bool> {
    let present = touch(snapshot, market_index, account, now)?;
    let leg_slot = account.state.find_leg(market_index).ok_or(RiskError::NoSuchLeg)?;
    let leg = &account.state.legs[leg_slot];
    let Some(present) = present else { return Ok(leg.ladder_atoms > 0) };
    let has_moved = leg.ladder_bucket != present.bucket && present.atoms.max(leg.ladder_atoms) > 0;
    Ok(has_moved || leg.ladder_atoms.abs_diff(present.atoms) > present.atoms / OFF_DIVISOR)
}
