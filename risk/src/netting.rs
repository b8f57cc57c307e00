//! Netting: a slice taken by an account that it brings closer to flat leaves less to hedge in the book, and counts for a
//! part of its notional in the flow meter (RISK section 1, 'Netting').
//!
//! Owns `flow_kind` and `flow_slot` of a leg. Only lots held for τ_flow net, and a leg that netted is not increased for
//! τ_flow: whoever passes lots to and fro between accounts makes them young, so within τ_flow no lot nets twice. Assumes
//! touched legs: a touch forgets what is older than τ_flow.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{div_floor, mul, mul_ppm_ceil, saturate, sub, PPM};
use crate::params::MarketParams;
use crate::state::{Leg, MarketState, Now};
use crate::units::{notional_floor, SideName};

/// `flow_kind` of a leg whose lots are old.
const NOTHING: u8 = 0;
/// `flow_kind` of a leg that was increased less than τ_flow ago: its lots are young.
const INCREASED: u8 = 1;
/// `flow_kind` of a leg that netted a slice less than τ_flow ago: it may not be increased.
const NETTED: u8 = 2;

/// What a slice counts for in the flow meter, as a part of its notional.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowCharge {
    ppm: u64,
}

impl FlowCharge {
    /// All of it: the taker has to hedge the slice.
    pub const FULL: Self = Self { ppm: PPM };

    /// `netting_ppm` of it: the taker hedges nothing. Rule U-4.
    pub fn netting(params: &MarketParams) -> Self {
        Self { ppm: u64::from(params.netting_ppm) }
    }

    /// What the meter is charged for a notional, rounded up: never nothing for something. Unit: atoms. Rule U-4.
    pub fn of_ceil(self, notional_atoms: u64) -> RiskResult<u64> {
        mul_ppm_ceil(notional_atoms, self.ppm)
    }

    /// The notional that uses up a flow, and the depth that a slice with this footprint meets: `⌊x/charge⌋`, saturating.
    /// Unit: that of `atoms`. Rule U-4.
    pub fn stretch_floor(self, atoms: u64) -> RiskResult<u64> {
        if self == Self::FULL {
            return Ok(atoms);
        }
        Ok(saturate(div_floor(mul(atoms, PPM), self.ppm)?))
    }
}

/// Lots and how they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sized {
    /// Lots to close.
    pub lots: u64,
    /// What they count for.
    pub charge: FlowCharge,
}

/// What of a position that is closed a touched leg can net: its lots on the other side, if they are old. Rule U-5.
pub fn cover_lots(taker: &Leg, closed: SideName) -> u64 {
    if taker.flow_kind == INCREASED || taker.lots == 0 || SideName::of(taker.lots) == closed {
        return 0;
    }
    taker.lots.unsigned_abs()
}

/// Sizes a close by what the taker can net (U-6). `size` says how many of `position_lots` are closed at a charge.
///
/// All of the netting slice if the cover carries it: its own footprint is counted, so it restores what a full one would.
/// Otherwise the cover, where that closes no less than the full slice and neither it nor what is left is dust.
/// Otherwise the full slice. Errors: those of `size`.
pub fn size_by_cover(
    market: &MarketState,
    position_lots: u64,
    cover_lots: u64,
    size: impl Fn(FlowCharge) -> RiskResult<u64>,
) -> RiskResult<Sized> {
    let full = || Ok(Sized { lots: size(FlowCharge::FULL)?, charge: FlowCharge::FULL });
    let netting = FlowCharge::netting(&market.params);
    if cover_lots == 0 {
        return full();
    }
    let Ok(netted) = size(netting) else { return full() };
    if netted <= cover_lots {
        return Ok(Sized { lots: netted, charge: netting });
    }
    let full = full();
    let least_part = notional_floor(cover_lots.min(sub(position_lots, cover_lots.min(position_lots))?), market.mark)?;
    let is_worse = full.is_ok_and(|full| full.lots > cover_lots);
    if is_worse || least_part < market.params.min_position_atoms {
        return full;
    }
    Ok(Sized { lots: cover_lots, charge: netting })
}

/// Notes that a leg netted a slice: its lock begins. Nothing for a charge in full. Rule U-7.
pub fn note_taken(taker: &mut Leg, charge: FlowCharge, now: &Now) {
    if charge != FlowCharge::FULL {
        (taker.flow_kind, taker.flow_slot) = (NETTED, now.slot);
    }
}

/// Notes an increase of a leg's risk: its lots are young. Errors: `NettingLocked`. Rule U-5, U-7.
pub(crate) fn note_increase(leg: &mut Leg, now: &Now) -> RiskResult<()> {
    if leg.flow_kind == NETTED {
        return Err(RiskError::NettingLocked);
    }
    (leg.flow_kind, leg.flow_slot) = (INCREASED, now.slot);
    Ok(())
}

/// Forgets what a leg did τ_flow ago or earlier: its lots are old, its lock is over. Part of every touch. Rule U-5, U-7.
pub(crate) fn forget_old(leg: &mut Leg, market: &MarketState, now: &Now) {
    let end = leg.flow_slot.saturating_add(u64::from(market.params.flow_recovery_slots));
    if leg.flow_kind != NOTHING && end <= now.slot {
        (leg.flow_kind, leg.flow_slot) = (NOTHING, 0);
    }
}

/// Whether a touched leg is locked: it may not be increased, and is kept though nothing is left of it. Rule U-7.
pub fn is_locked(leg: &Leg) -> bool {
    leg.flow_kind == NETTED
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const TAU: u64 = 600;

    fn at(slot: u64) -> Now {
        Now { slot, unix_timestamp: 0, last_restart_slot: 0 }
    }

    fn market() -> MarketState {
        let mut market = MarketState::new(MarketParams::SOL);
        market.mark = PPM * 1_000; // $0.001 a lot: ten thousand lots are the smallest position
        market
    }

    fn netting() -> FlowCharge {
        FlowCharge::netting(&MarketParams::SOL)
    }

    #[test]
    fn netting_slice_counts_a_quarter_rounded_up_and_may_use_four_times_the_flow() {
        assert_eq!((netting().of_ceil(1), netting().of_ceil(4), netting().of_ceil(5)), (Ok(1), Ok(1), Ok(2)));
        assert_eq!((netting().stretch_floor(3), netting().stretch_floor(u64::MAX)), (Ok(12), Ok(u64::MAX)));
        assert_eq!((FlowCharge::FULL.of_ceil(7), FlowCharge::FULL.stretch_floor(7)), (Ok(7), Ok(7)));
    }

    #[test]
    fn only_old_lots_on_the_other_side_cover() {
        let market = market();
        let leg = |lots| Leg { lots, ..Leg::zeroed() };
        assert_eq!(cover_lots(&leg(-5), SideName::Long), 5);
        assert_eq!(cover_lots(&leg(5), SideName::Short), 5);
        assert_eq!(cover_lots(&leg(5), SideName::Long), 0);
        assert_eq!(cover_lots(&leg(0), SideName::Short), 0);
        let mut young = leg(-5);
        note_increase(&mut young, &at(100)).unwrap();
        forget_old(&mut young, &market, &at(100 + TAU - 1));
        assert_eq!(cover_lots(&young, SideName::Long), 0);
        forget_old(&mut young, &market, &at(100 + TAU));
        assert_eq!(cover_lots(&young, SideName::Long), 5);
    }

    #[test]
    fn leg_that_netted_is_locked_for_the_recovery_time_and_may_net_again() {
        let mut leg = Leg { lots: -5, ..Leg::zeroed() };
        note_taken(&mut leg, FlowCharge::FULL, &at(100));
        assert!(!is_locked(&leg));
        note_taken(&mut leg, netting(), &at(100));
        forget_old(&mut leg, &market(), &at(100 + TAU - 1));
        assert!(is_locked(&leg));
        assert_eq!(cover_lots(&leg, SideName::Long), 5);
        assert_eq!(note_increase(&mut leg, &at(100 + TAU - 1)), Err(RiskError::NettingLocked));
        forget_old(&mut leg, &market(), &at(100 + TAU));
        assert_eq!(note_increase(&mut leg, &at(100 + TAU)), Ok(()));
        assert_eq!(cover_lots(&leg, SideName::Long), 0);
    }

    #[test]
    fn close_is_sized_by_the_cover_only_where_that_closes_no_less() {
        let (all, most) = (1_000_000, |full: u64, netted: u64| {
            move |charge: FlowCharge| Ok(if charge == FlowCharge::FULL { full } else { netted })
        });
        let sized = |cover, full, netted| {
            let sized = size_by_cover(&market(), all, cover, most(full, netted)).unwrap();
            (sized.lots, sized.charge == netting())
        };
        assert_eq!(sized(0, 100_000, 400_000), (100_000, false));
        assert_eq!(sized(400_000, 100_000, 400_000), (400_000, true));
        assert_eq!(sized(399_999, 100_000, 400_000), (399_999, true));
        assert_eq!(sized(99_999, 100_000, 400_000), (100_000, false));
        assert_eq!(sized(300_000, 320_000, 310_000), (320_000, false)); // bound by the target, not by the flow
        assert_eq!(sized(995_000, 100_000, all), (100_000, false)); // would leave dust
        let small = size_by_cover(&market(), all, 9_999, most(5_000, 20_000)).unwrap();
        assert_eq!((small.lots, small.charge), (5_000, FlowCharge::FULL)); // dust itself
    }

    #[test]
    fn cover_takes_what_no_full_slice_could() {
        let by_flow = |charge: FlowCharge| match charge == FlowCharge::FULL {
            true => Err(RiskError::FlowExhausted),
            false => Ok(40_000),
        };
        let size = |cover| size_by_cover(&market(), 1_000_000, cover, by_flow);
        assert_eq!(size(20_000), Ok(Sized { lots: 20_000, charge: netting() }));
        assert_eq!(size(9_999), Err(RiskError::FlowExhausted));
        assert_eq!(size(0), Err(RiskError::FlowExhausted));
    }
}
