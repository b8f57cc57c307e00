//! The stored state that the formulas of this crate read and change: plain data without padding, the same
//! bytes on the host and on chain. Program accounts embed these structs; nothing else stores money figures.

use crate::fixed::PPM;
use crate::params::MarketParams;
use crate::units::{SideName, CLAIM_INDEX_ONE, LADDER_BUCKETS, MAX_LEGS, SIZE_INDEX_ONE};
use bytemuck::{Pod, Zeroable};
use core::mem::{align_of, offset_of, size_of};

/// A signed 128-bit integer stored as bytes: alignment 1 everywhere, unlike `i128`.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct StoredI128 {
    le_bytes: [u8; 16],
}

impl StoredI128 {
    /// The stored figure.
    pub fn get(self) -> i128 {
        i128::from_le_bytes(self.le_bytes)
    }
}

impl From<i128> for StoredI128 {
    fn from(value: i128) -> Self {
        Self { le_bytes: value.to_le_bytes() }
    }
}

/// The clock of an instruction: passed in, never read by a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Current slot: pacing, warm-ups, profit windows.
    pub slot: u64,
    /// Clock's unix timestamp in seconds: ages of prices, limits per window.
    pub unix_timestamp: i64,
    /// Slot of the last cluster restart, 0 if none.
    pub last_restart_slot: u64,
}

/// One side of a market (spec L).
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Side {
    /// Open lots, ≥ Σ effective lots of the legs. ≤ 2^38.
    pub open_lots: u64,
    /// Size index A; starts each generation at 2^60.
    pub size_index: u64,
    /// Cash index K, price × size index.
    pub cash_index: StoredI128,
    /// Size index at the end of the previous generation.
    pub ended_size_index: u64,
    /// Mark at the end of the previous generation.
    pub ended_mark: u64,
    /// Cash index at the end of the previous generation.
    pub ended_cash_index: StoredI128,
    /// Number of the current generation.
    pub generation: u32,
    /// Legs with lots in the current generation.
    pub legs_current: u32,
    /// Legs with lots that still stand in the previous generation.
    pub legs_behind: u32,
    /// Fraction of a lot that touches left without an owner, 2^-32 lots: handed on once it makes a lot.
    pub unowned_q32: u32,
    /// Sums over the legs of the current generation, from which their open PnL follows.
    pub open: OpenSums,
    /// The same over the legs that still stand in the previous generation.
    pub behind: OpenSums,
}

/// What the legs of a side add up to, as of each leg's last touch: their open PnL at any value index follows in constant time
/// (`open_profit`). A leg's part is the same figure when it is added and when it is taken away, so the sums are exact.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct OpenSums {
    /// Σ ⌊|lots| · 2^87 / A0⌋: lots per unit of the size index.
    pub weight: StoredI128,
    /// Σ ⌊|lots| · V0 / A0⌋: what the lots were worth at their last touch, atoms × 10^6.
    pub basis: StoredI128,
}

/// Price statistics of a market (RISK section 1).
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct PriceStatistics {
    /// Fast variance (τ 15 min), ppm² per second, 32 fractional bits, saturating.
    pub variance_fast: u64,
    /// Slow variance (τ 1 day), ppm² per second, 32 fractional bits, saturating.
    pub variance_slow: u64,
    /// Price at the last return that entered.
    pub reference_price: u64,
    /// Publish time of that price, seconds.
    pub reference_time: i64,
    /// |last return| / √dt, ppm per √second.
    pub last_return_sigma_ppm: u32,
    /// σ of the moment, ppm per √second: max(fast, stress/2, last return).
    pub sigma_now_ppm: u32,
    /// σ_fast, ppm per √second.
    pub sigma_fast_ppm: u32,
    /// σ of the moment per √slot, ppm.
    pub sigma_slot_ppm: u32,
}

/// Depth of a market as inferred from Pyth (RISK section 1).
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Depth {
    /// D(10 bp) now: notional atoms that move the price by 10 bp.
    pub depth_atoms: u64,
    /// 1-day mean of D(10 bp), atoms.
    pub depth_slow_atoms: u64,
    /// Flow capacity C at the last refresh, before the macro stress, atoms.
    pub capacity_atoms: u64,
    /// Permitted move δ_max at the last refresh, ppm.
    pub move_ppm: u64,
    /// 2^32 / √depth_atoms, the inverse root for the live size add-on.
    pub inverse_root_live: u64,
    /// 2^32 / √depth_slow_atoms, the inverse root for the size add-on.
    pub inverse_root_slow: u64,
    /// 24 h mean of the open interest, notional atoms.
    pub open_interest_mean_atoms: u64,
    /// A wide confidence seen once and not yet confirmed, ppm of the price; 0 = none.
    pub pending_confidence_ppm: u32,
    /// Reserved, zero.
    pub reserved: u32,
    /// Publish time of the pending confidence.
    pub pending_confidence_time: i64,
}

/// Flow meter of a market: signed utilisation with linear decay (RISK section 1).
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct FlowMeter {
    /// Utilisation u in 2^-32, within ±1 but for a closing remnant, held within ±2: forced sells negative, buys positive.
    pub utilisation_q32: i64,
    /// Slot up to which the decay is accounted.
    pub slot: u64,
}

/// Funding of a market; off while `funding_max_ppm` is 0.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Funding {
    /// Decayed sum of what fills added to the premium, atoms · ppm.
    pub premium_weighted: StoredI128,
    /// Decayed Σ notional, atoms.
    pub weight_atoms: u64,
    /// Unix time up to which the sums are decayed and funding is accrued.
    pub accrued_time: i64,
    /// What accruals rounded off so far, in 1/3 600 000 000 of an atom per lot × 10^6; positive when longs owe it.
    pub carried: i64,
}

/// Quarters of a day that an insurance window covers: four whole ones and the present one, so never less than a day.
pub const DRAW_QUARTERS: usize = 5;

/// What an insurance fund paid for this market lately.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct InsuranceDraws {
    /// Number of the quarter day (unix seconds / 21 600) of the first figure below.
    pub quarter: u64,
    /// Atoms drawn in that quarter, in the one before, and so on.
    pub drawn_atoms: [u64; DRAW_QUARTERS],
}

/// Circuit breaker of a market (RISK section 1).
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Breaker {
    /// Fast mean of the price, price units; 0 = no price yet.
    pub mean_price: u64,
    /// Publish time up to which the mean is stepped, seconds.
    pub mean_time: i64,
    /// Slot before which risk may not be increased.
    pub open_until_slot: u64,
}

/// Forced notional of a market by trigger price (RISK section 4, 'Cascade ratio').
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Ladder {
    /// Longs: notional that would be forced at a trigger price, by bucket number modulo the length, atoms.
    pub long_atoms: [u64; LADDER_BUCKETS],
    /// Shorts: the same.
    pub short_atoms: [u64; LADDER_BUCKETS],
    /// Cascade ratio n of the longs at the last measurement, ppm.
    pub long_ratio_ppm: u32,
    /// Cascade ratio n of the shorts at the last measurement, ppm.
    pub short_ratio_ppm: u32,
    /// Slot of the last measurement; 0 = never measured.
    pub measured_slot: u64,
    /// Bucket number of the mark, set by each refresh.
    pub mark_bucket: u16,
    /// Zero.
    pub padding: [u8; 6],
}

/// What a market last read of the exchange's macro index (RISK section 2).
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct MacroView {
    /// Stress as a factor, ppm, 1 … 2 million; 0 = never read, counts as 1 million.
    pub stress_ppm: u32,
    /// Implied correlation, ppm; meaningless while the stress is 0.
    pub correlation_ppm: u32,
}

impl MacroView {
    /// The stress as it counts everywhere: ppm within 1 … 2 million, 1 million where the index was never read. Rule M-11.
    pub fn factor_ppm(&self) -> u64 {
        u64::from(self.stress_ppm).clamp(PPM, PPM.saturating_mul(2))
    }
}

/// Everything of a market that formulas read or change.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct MarketState {
    /// Parameters.
    pub params: MarketParams,
    /// Mark: the last accepted price.
    pub mark: u64,
    /// The price accepted before.
    pub previous_mark: u64,
    /// Slot of the last accepted price.
    pub mark_slot: u64,
    /// Slot of the one before.
    pub previous_slot: u64,
    /// Pyth publish time of the mark, seconds.
    pub publish_time: i64,
    /// Confidence of the mark, price units.
    pub confidence: u64,
    /// Slot up to which risk may only be reduced after a restart.
    pub reduce_only_until_slot: u64,
    /// Restart slot known at the last refresh.
    pub restart_slot: u64,
    /// Price statistics.
    pub statistics: PriceStatistics,
    /// Depth.
    pub depth: Depth,
    /// Flow meter.
    pub flow: FlowMeter,
    /// Applied maintenance rate M, 2^-32 ppm.
    pub maintenance_q32: u64,
    /// Unix time up to which M is stepped.
    pub maintenance_time: i64,
    /// Long side.
    pub long: Side,
    /// Short side.
    pub short: Side,
    /// Cash of the market, atoms.
    pub pool_atoms: u64,
    /// Upper bound of Σ claims, atoms.
    pub claims_total_atoms: u64,
    /// Σ debts, atoms.
    pub debts_total_atoms: u64,
    /// Deficit that nobody could bear, repaid by fees and insurance, atoms.
    pub unfunded_atoms: u64,
    /// Claim index; starts each claim generation at 2^48.
    pub claim_index: u64,
    /// Fees not yet swept, atoms.
    pub fees_accrued_atoms: u64,
    /// Insurance's shares not yet swept, atoms.
    pub insurance_accrued_atoms: u64,
    /// Funding.
    pub funding: Funding,
    /// Insurance draws.
    pub insurance: InsuranceDraws,
    /// Claim generation.
    pub claim_generation: u32,
    /// Legs of accounts that refer to this market.
    pub leg_count: u32,
    /// Slot of the refresh since which every refresh has let the backstop sell: calm (Y-4), no pause of the feed, narrow confidence,
    /// not reduce-only (N-3); 0 = the last one did not, and a sale has no discount.
    pub calm_since_slot: u64,
    /// Slot in which the backstop last took lots here.
    pub absorbed_slot: u64,
    /// Circuit breaker.
    pub breaker: Breaker,
    /// What was last read of the macro index.
    pub macro_view: MacroView,
    /// Liquidation ladder and cascade ratios.
    pub ladder: Ladder,
    /// What an act that cannot be undone compares the mark with.
    pub confirmation: Confirmation,
    /// What the insurance fund may still pay toward the present `unfunded_atoms`, atoms.
    pub unfunded_allowance_atoms: u64,
    /// Unix time from which the market may draw on the insurance fund and the backstop may take its legs, set by the listing
    /// (P-8); 0 = it always may.
    pub draws_from: i64,
    /// First-loss reserve, atoms: it pays before insurance (I-6).
    pub reserve_atoms: u64,
    /// What the lister paid into the reserve, atoms: sweeps refill the reserve up to it.
    pub bond_atoms: u64,
    /// Reserved, zero.
    pub reserved: [u64; 4],
}

/// Two accepted prices from before the mark, at least two seconds apart: an act that cannot be undone asks for the first (P-24).
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Confirmation {
    /// Accepted price whose publish time is at least 2 s before that of the mark; 0 = none yet.
    pub earlier_mark: u64,
    /// Its publish time, seconds.
    pub earlier_time: i64,
    /// Price that takes its place once the mark is 2 s younger; 0 = none yet.
    pub next_mark: u64,
    /// Its publish time, seconds.
    pub next_time: i64,
}

impl MarketState {
    /// A market without price or positions. The caller has validated the parameters.
    pub fn new(params: MarketParams) -> Self {
        let mut market = Self::zeroed();
        market.start(params);
        market
    }

    /// Starts a zeroed market in place: by value it would not fit an on-chain stack frame. The caller has validated the
    /// parameters.
    pub fn start(&mut self, params: MarketParams) {
        self.params = params;
        (self.long.size_index, self.short.size_index) = (SIZE_INDEX_ONE, SIZE_INDEX_ONE);
        self.claim_index = CLAIM_INDEX_ONE;
    }

    /// Whether the market may not draw yet at a unix time (P-8).
    pub fn is_young(&self, unix_timestamp: i64) -> bool {
        unix_timestamp < self.draws_from
    }

    /// A side by name.
    pub fn side(&self, name: SideName) -> &Side {
        match name {
            SideName::Long => &self.long,
            SideName::Short => &self.short,
        }
    }

    /// A side by name, to change.
    pub fn side_mut(&mut self, name: SideName) -> &mut Side {
        match name {
            SideName::Long => &mut self.long,
            SideName::Short => &mut self.short,
        }
    }
}

/// A position with its settled profit or debt, as of its last touch (DESIGN section 4).
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Leg {
    /// Signed lots at the last touch.
    pub lots: i64,
    /// Size index of the leg's side at the last touch.
    pub size_index0: u64,
    /// Value index of the leg's side at the last touch.
    pub value_index0: StoredI128,
    /// Claim that may be converted, atoms at `claim_index0`.
    pub claim_matured_atoms: u64,
    /// Claim of the window before the current one.
    pub claim_maturing_atoms: u64,
    /// Claim of the current window.
    pub claim_fresh_atoms: u64,
    /// Claim index at the last touch.
    pub claim_index0: u64,
    /// Settled loss that no capital covered, atoms.
    pub debt_atoms: u64,
    /// Generation of the side.
    pub generation: u32,
    /// Claim generation.
    pub claim_generation: u32,
    /// Profit window (slot / profit_window_slots) of `claim_fresh_atoms`.
    pub profit_window: u64,
    /// Index of the market in its exchange.
    pub market_index: u16,
    /// 1 while the leg refers to a market, else 0.
    pub in_use: u8,
    /// Side of the debt: 0 long, 1 short.
    pub debt_side: u8,
    /// Bucket number under which the leg stands in its market's ladder; meaningless while `ladder_atoms` is 0.
    pub ladder_bucket: u16,
    /// What `flow_slot` tells: 0 nothing, 1 the leg's last increase, 2 the last slice that it netted.
    pub flow_kind: u8,
    /// Zero.
    pub padding: u8,
    /// Notional with which the leg stands in its market's ladder, atoms.
    pub ladder_atoms: u64,
    /// Slot that `flow_kind` tells of.
    pub flow_slot: u64,
}

impl Leg {
    /// Whether the leg refers to a market.
    pub fn is_used(&self) -> bool {
        self.in_use != 0
    }

    /// Side on which the debt was made.
    pub fn debt_side(&self) -> SideName {
        if self.debt_side == 0 {
            SideName::Long
        } else {
            SideName::Short
        }
    }
}

/// Everything of an account that formulas read or change.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct AccountState {
    /// Cash, atoms.
    pub capital_atoms: u64,
    /// Slot in which the account was flagged for liquidation; 0 = not in liquidation.
    pub flagged_slot: u64,
    /// Slot from which the next slice may be taken.
    pub slice_due_slot: u64,
    /// Outflow window (unix seconds / window length) of the two figures below and of `window_shared_atoms`.
    pub outflow_window: u64,
    /// Deposited in this window beyond what was withdrawn in it, and not withdrawn again, atoms.
    pub window_deposits_atoms: u64,
    /// Withdrawn under the account's guaranteed minimum in this window, atoms.
    pub window_guaranteed_atoms: u64,
    /// 1 for the account of the backstop, else 0.
    pub backstop: u8,
    /// 1 once a slice was taken under the present flag, else 0.
    pub sliced: u8,
    /// Reserved, zero.
    pub reserved: [u8; 6],
    /// Slot in which the owner opted in to predictive closes; 0 = not.
    pub derisk_since_slot: u64,
    /// Slot of the last predictive close.
    pub derisked_slot: u64,
    /// Legs.
    pub legs: [Leg; MAX_LEGS],
    /// Withdrawn under the shared outflow limit in this window and not deposited again, atoms.
    pub window_shared_atoms: u64,
}

impl AccountState {
    /// Whether the account is the backstop's.
    pub fn is_backstop(&self) -> bool {
        self.backstop != 0
    }

    /// Slot number of the leg in `market_index`, if any.
    pub fn find_leg(&self, market_index: u16) -> Option<usize> {
        self.legs.iter().position(|leg| leg.is_used() && leg.market_index == market_index)
    }
}

// The layout is part of the interface: accounts on chain hold these bytes and off-chain readers decode them.
// Host and SBF must agree, hence no field has an alignment above 8 and no padding is implicit (`Pod`).
const _: () = {
    assert!(size_of::<MarketParams>() == 216);
    assert!(size_of::<OpenSums>() == 32);
    assert!(size_of::<Side>() == 144);
    assert!(size_of::<PriceStatistics>() == 48);
    assert!(size_of::<Depth>() == 72);
    assert!(size_of::<FlowMeter>() == 16);
    assert!(size_of::<Funding>() == 40);
    assert!(size_of::<InsuranceDraws>() == 48);
    assert!(size_of::<Leg>() == 112);

    assert!(size_of::<MarketState>() == 3_088);
    assert!(size_of::<MarketState>() <= 4_000);
    assert!(align_of::<MarketState>() == 8);
    assert!(offset_of!(MarketState, mark) == 216);
    assert!(offset_of!(MarketState, statistics) == 280);
    assert!(offset_of!(MarketState, depth) == 328);
    assert!(offset_of!(MarketState, flow) == 400);
    assert!(offset_of!(MarketState, maintenance_q32) == 416);
    assert!(offset_of!(MarketState, long) == 432);
    assert!(offset_of!(MarketState, short) == 576);
    assert!(offset_of!(MarketState, pool_atoms) == 720);
    assert!(offset_of!(MarketState, funding) == 776);
    assert!(offset_of!(MarketState, claim_generation) == 864);
    assert!(offset_of!(MarketState, breaker) == 888);
    assert!(offset_of!(MarketState, macro_view) == 912);
    assert!(offset_of!(MarketState, ladder) == 920);
    assert!(offset_of!(MarketState, confirmation) == 2_992);
    assert!(offset_of!(MarketState, reserved) == 3_056);

    assert!(offset_of!(Leg, value_index0) == 16);
    assert!(offset_of!(Leg, debt_atoms) == 64);
    assert!(offset_of!(Leg, market_index) == 88);
    assert!(offset_of!(Leg, ladder_bucket) == 92);
    assert!(offset_of!(Leg, ladder_atoms) == 96);

    assert!(size_of::<AccountState>() == 1_872);
    assert!(size_of::<AccountState>() <= 2_500);
    assert!(align_of::<AccountState>() == 8);
    assert!(offset_of!(AccountState, outflow_window) == 24);
    assert!(offset_of!(AccountState, legs) == 72);
};
