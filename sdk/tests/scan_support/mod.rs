//! Markets and legs in memory, for the tests and the bench of the scan.

use breakwater::{MarginAccount, Market};
use breakwater_risk::units::CLAIM_INDEX_ONE;
use breakwater_risk::{MarketParams, Now};
use breakwater_sdk::Snapshot;
use bytemuck::Zeroable;

/// The chain's time.
pub const NOW: Now = Now { slot: 1_000, unix_timestamp: 1_700_000_000, last_restart_slot: 0 };

/// A market at a mark, with volatility, depth and what is unfunded as given.
pub fn market(index: u16, mark: u64, sigma_ppm: u32, depth_atoms: u64, unfunded_atoms: u64) -> Market {
    let mut market = Market::zeroed();
    market.index = index;
    let state = &mut market.state;
    state.start(MarketParams::SOL);
    (state.mark, state.confidence, state.publish_time) = (mark, mark / 10_000, NOW.unix_timestamp);
    state.mark_slot = NOW.slot;
    state.statistics.sigma_now_ppm = sigma_ppm;
    state.depth.depth_atoms = depth_atoms;
    state.depth.depth_slow_atoms = depth_atoms;
    state.maintenance_q32 = (1 << 32) / 20;
    state.unfunded_atoms = unfunded_atoms;
    state.claims_total_atoms = 1_000_000_000_000;
    market
}

/// Opens the leg at a place, in the market of that index: lots, entry price, claim.
pub fn open_leg(account: &mut MarginAccount, place: usize, (lots, entry, claim): (i64, u64, u64), snapshot: &Snapshot) {
    let index = u16::try_from(place).unwrap();
    let side = snapshot.get(index).map(|view| view.market.state.long).unwrap();
    let leg = &mut account.state.legs[place];
    (leg.in_use, leg.market_index, leg.lots) = (1, index, lots);
    leg.size_index0 = side.size_index;
    leg.value_index0 = (i128::from(side.size_index) * i128::from(entry)).into();
    leg.claim_index0 = CLAIM_INDEX_ONE;
    leg.claim_fresh_atoms = claim;
}
