//! Liquidation ladder and cascade ratio (RISK section 4, 'Cascade ratio'; spec U-10 … U-17): which notional would be
//! forced at which price, and whether forced closes would feed themselves.
//!
//! Owns the `ladder` of a market and `ladder_*` of a leg. Buckets are numbered on an absolute grid of 0.5 %,
//! `⌊log_1.005 price⌋`, and kept modulo [`LADDER_BUCKETS`]. Assumes that legs are registered anew now and then: a leg is
//! forgotten 33 buckets (18 %) after the mark has passed its trigger, and read in a wrong place once the mark has moved
//! away from where it was registered by 33 buckets (17 % of a price that rose, for a long in the last bucket). An
//! indicator: what it says raises initial margin and opens predictive closes earlier; it never stops or sizes a close.

use crate::acted::Acted;
use crate::depth;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{div_ceil, log2_floor_q16, mul, mul_ppm_floor, saturate, saturate_u32, saturating_mul, signed, PPM};
use crate::health::{Health, LegHealth, MarketLookup, Stance};
use crate::leg;
use crate::refresh::{self, PriceUse};
use crate::state::{AccountState, Ladder, Leg, MarketState, Now};
use crate::units::{SideName, LADDER_BUCKETS};

/// Furthest bucket from the mark that a leg is registered in: it holds all that are further away.
pub const STEPS_MAX: i16 = 63;
/// Buckets behind the mark whose legs count as due.
pub const PASSED_MAX: i16 = 32;
/// Correlation of an account's markets while no macro index says another: ½ (RISK section 2).
pub const CORRELATION_PPM: u64 = PPM / 2;

/// `1/log2(1.005)`, 32 fractional bits.
const BUCKETS_PER_DOUBLING_Q32: u64 = 596_896_179_255;

/// `1 − 1.005^−j` for j = 1 … 64: how far the price falls over j buckets, ppm, to nearest.
const FALLS_PPM: [u32; 64] = [
    4_975, 9_925, 14_851, 19_752, 24_629, 29_482, 34_310, 39_115, 43_895, 48_652, 53_385, 58_095, 62_781, 67_444,
    72_083, 76_700, 81_293, 85_864, 90_412, 94_937, 99_440, 103_920, 108_378, 112_814, 117_228, 121_620, 125_990,
    130_338, 134_665, 138_970, 143_254, 147_516, 151_758, 155_978, 160_177, 164_355, 168_513, 172_649, 176_765,
    180_861, 184_936, 188_991, 193_026, 197_041, 201_036, 205_011, 208_966, 212_902, 216_818, 220_714, 224_591,
    228_449, 232_287, 236_107, 239_907, 243_689, 247_452, 251_196, 254_921, 258_628, 262_316, 265_986, 269_638,
    273_272,
];

/// `1.005^j − 1` for j = 1 … 64: how far the price rises over j buckets, ppm, to nearest.
const RISES_PPM: [u32; 64] = [
    5_000, 10_025, 15_075, 20_151, 25_251, 30_378, 35_529, 40_707, 45_911, 51_140, 56_396, 61_678, 66_986, 72_321,
    77_683, 83_071, 88_487, 93_929, 99_399, 104_896, 110_420, 115_972, 121_552, 127_160, 132_796, 138_460, 144_152,
    149_873, 155_622, 161_400, 167_207, 173_043, 178_908, 184_803, 190_727, 196_681, 202_664, 208_677, 214_721,
    220_794, 226_898, 233_033, 239_198, 245_394, 251_621, 257_879, 264_168, 270_489, 276_842, 283_226, 289_642,
    296_090, 302_571, 309_083, 315_629, 322_207, 328_818, 335_462, 342_139, 348_850, 355_594, 362_372, 369_184,
    376_030,
];

/// Where a leg stands in its market's ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Bucket number of the trigger price.
    pub bucket: u16,
    /// Forced notional: the leg's, at most C. An upper bound, since a partial close sells less. Unit: atoms.
    pub atoms: u64,
}

/// One bucket of a ladder, seen from the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Buckets from the mark in the losing direction of the side, −32 … 63; negative = the mark has passed it.
    pub steps: i16,
    /// Bucket number, wrapping below 0.
    pub bucket: u16,
    /// Forced notional, atoms.
    pub atoms: u64,
}

/// What a measurement found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CascadeReport {
    /// Cascade ratio of the longs, ppm, saturating.
    pub long_ratio_ppm: u32,
    /// Cascade ratio of the shorts, ppm, saturating.
    pub short_ratio_ppm: u32,
}

/// Bucket number of a price, `⌊log_1.005 price⌋` up to the last bits of the logarithm; 0 for no price. Rule U-10.
pub fn bucket_of(price: u64) -> u16 {
    let scaled = mul(log2_floor_q16(price), BUCKETS_PER_DOUBLING_Q32) >> 48;
    u16::try_from(scaled).unwrap_or(u16::MAX) // 64 · 139 at most
}

/// How far the price moves over `steps` buckets in the losing direction of a side, 0 for none, that of 64 beyond.
/// Unit: ppm of the price.
pub fn distance_of_steps_ppm(side: SideName, steps: i16) -> u64 {
    let Some(last) = usize::try_from(steps).ok().and_then(|steps| steps.checked_sub(1)) else { return 0 };
    let distances = distances(side);
    distances.get(last).or(distances.last()).copied().map_or(0, u64::from)
}

fn distances(side: SideName) -> &'static [u32; 64] {
    match side {
        SideName::Long => &FALLS_PPM,
        SideName::Short => &RISES_PPM,
    }
}

impl Ladder {
    /// Forced notional of a side by bucket number modulo the length. Unit: atoms.
    pub fn atoms(&self, side: SideName) -> &[u64; LADDER_BUCKETS] {
        match side {
            SideName::Long => &self.long_atoms,
            SideName::Short => &self.short_atoms,
        }
    }

    /// Cascade ratio of a side at the last measurement. Unit: ppm.
    pub fn ratio_ppm(&self, side: SideName) -> u32 {
        match side {
            SideName::Long => self.long_ratio_ppm,
            SideName::Short => self.short_ratio_ppm,
        }
    }

    /// What stands in a bucket; `None` never happens.
    fn place(&mut self, side: SideName, bucket: u16) -> Option<&mut u64> {
        let atoms = match side {
            SideName::Long => &mut self.long_atoms,
            SideName::Short => &mut self.short_atoms,
        };
        atoms.get_mut(index_of(bucket))
    }

    /// The buckets of a side that are read, from those that the mark passed longest ago to the furthest. The other 32 are
    /// slack for legs that were not registered anew. Rule U-14.
    pub fn rungs(&self, side: SideName) -> impl Iterator<Item = Rung> + '_ {
        (PASSED_MAX.saturating_neg()..=STEPS_MAX).map(move |steps| {
            let bucket = bucket_at(self.mark_bucket, side, steps);
            let atoms = self.atoms(side).get(index_of(bucket)).copied().unwrap_or(0);
            Rung { steps, bucket, atoms }
        })
    }
}

/// Place of a bucket in the ring.
fn index_of(bucket: u16) -> usize {
    usize::from(bucket) % LADDER_BUCKETS
}

/// Bucket number so many steps from another in the losing direction of a side, wrapping: 2^16 is a multiple of the ring.
fn bucket_at(mark_bucket: u16, side: SideName, steps: i16) -> u16 {
    match side {
        SideName::Long => mark_bucket.wrapping_add_signed(steps.wrapping_neg()),
        SideName::Short => mark_bucket.wrapping_add_signed(steps),
    }
}

/// Where a leg with lots belongs by a present health: its trigger distance in buckets from the mark, and its forced
/// notional, at most what the slow depth carries: neither a late feed nor a silent one moves it. Rules U-11, U-12.
/// Errors: `NoSuchLeg`, `Overflow`.
pub fn registration(health: &Health, leg_slot: usize, market: &MarketState) -> RiskResult<Registration> {
    let leg = health.leg_in_slot(leg_slot)?;
    let side = SideName::of(leg.lots);
    let slack = health.equity().saturating_sub(signed(health.maintenance())).max(0);
    let slack_atoms = u64::try_from(slack).unwrap_or(u64::MAX);
    let distance_ppm = distance_ppm(slack_atoms, exposure_atoms(health, leg, market)?);
    Ok(Registration {
        bucket: bucket_at(market.ladder.mark_bucket, side, steps_within(side, distance_ppm)),
        atoms: leg.notional_atoms.min(depth::slow_capacity(market)?),
    })
}

/// What the account loses per unit move of the leg's price, the other legs moving along with correlation ρ:
/// `max(|N_i|/2, |N_i| + ρ·Σ s_j·|N_j|)`, `s_j` = −1 for a leg on the other side (RISK section 4). Unit: atoms.
fn exposure_atoms(health: &Health, leg: &LegHealth, market: &MarketState) -> RiskResult<u64> {
    let (mut along, mut against) = (0_u64, 0_u64);
    for other in health.legs().iter().filter(|other| other.leg_slot != leg.leg_slot) {
        let sum = if SideName::of(other.lots) == SideName::of(leg.lots) { &mut along } else { &mut against };
        *sum = sum.saturating_add(other.notional_atoms);
    }
    if along == against {
        return Ok(leg.notional_atoms);
    }
    let correlation_ppm = match market.macro_view.stress_ppm {
        0 => CORRELATION_PPM,
        _ => u64::from(market.macro_view.correlation_ppm).min(PPM),
    };
    let more = mul_ppm_floor(along.saturating_sub(against), correlation_ppm)?;
    let less = mul_ppm_floor(against.saturating_sub(along), correlation_ppm)?;
    let exposure = leg.notional_atoms.saturating_add(more).saturating_sub(less);
    Ok(exposure.max(leg.notional_atoms / 2))
}

/// `slack/exposure`, at most 100 %, on 64-bit words: both lose the same low bits where they do not fit. Unit: ppm.
fn distance_ppm(slack_atoms: u64, exposure_atoms: u64) -> u64 {
    if slack_atoms >= exposure_atoms {
        return PPM;
    }
    let excess_bits = 20_u32.saturating_sub(exposure_atoms.leading_zeros()); // 44 bits · 10^6 < 2^64
    let slack = slack_atoms.checked_shr(excess_bits).unwrap_or(0);
    let exposure = exposure_atoms.checked_shr(excess_bits).unwrap_or(0);
    saturating_mul(slack, PPM).checked_div(exposure).unwrap_or(PPM)
}

/// Whole buckets within a distance, at most 63.
fn steps_within(side: SideName, distance_ppm: u64) -> i16 {
    let steps = distances(side).partition_point(|step_ppm| u64::from(*step_ppm) <= distance_ppm);
    i16::try_from(steps).unwrap_or(STEPS_MAX).min(STEPS_MAX)
}

/// Registers a leg anew by a health that has just been assessed: what it stood with goes, what it would be forced to
/// close now comes. Not the backstop's, which no price forces. What would not fit a bucket's 64 bits is left out.
/// Errors: `NoSuchLeg`. Rule U-13.
pub fn register(
    account: &mut AccountState,
    leg_slot: usize,
    market: &mut MarketState,
    health: &Health,
) -> RiskResult<()> {
    let is_backstop = account.is_backstop();
    let leg = account.legs.get_mut(leg_slot).ok_or(RiskError::NoSuchLeg)?;
    if leg.lots == 0 || is_backstop {
        return Ok(());
    }
    let registration = registration(health, leg_slot, market)?;
    remove(leg, market);
    if let Some(place) = market.ladder.place(SideName::of(leg.lots), registration.bucket) {
        leg.ladder_bucket = registration.bucket;
        leg.ladder_atoms = registration.atoms.min(u64::MAX.saturating_sub(*place));
        *place = place.saturating_add(leg.ladder_atoms);
    }
    Ok(())
}

/// Takes a leg out of its market's ladder: before its lots end or change sides. Rule U-13.
pub(crate) fn remove(leg: &mut Leg, market: &mut MarketState) {
    if let Some(place) = market.ladder.place(SideName::of(leg.lots), leg.ladder_bucket) {
        *place = place.saturating_sub(leg.ladder_atoms); // at least that: it is the sum over the legs
    }
    (leg.ladder_bucket, leg.ladder_atoms) = (0, 0);
}

/// Touches a leg and registers it anew, for anybody's account but the backstop's, at the last marks. Returns where it
/// stands now; nothing for a leg without lots. Errors: `BackstopAccount`, `NoSuchLeg`, `SettleFirst`. Rule U-15.
pub fn touch<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    account: &mut AccountState,
) -> RiskResult<Option<Registration>> {
    if account.is_backstop() {
        return Err(RiskError::BackstopAccount);
    }
    account.find_leg(acted.market_index).ok_or(RiskError::NoSuchLeg)?;
    let mut health = acted.assess(account, Stance::Favour)?;
    let leg_slot = acted.touch(account, &mut health)?;
    register(account, leg_slot, acted.market, &health)?;
    let leg = account.legs.get(leg_slot).ok_or(RiskError::NoSuchLeg)?;
    let stands = (leg.lots != 0).then_some(Registration { bucket: leg.ladder_bucket, atoms: leg.ladder_atoms });
    leg::finish(account, leg_slot, acted.market)?;
    Ok(stands)
}

/// Measures both cascade ratios and stores them, at a fresh price of any confidence and the slow depth.
/// Errors: `PriceStale`, `PriceBeforeRestart`. Rule U-16.
pub fn measure(market: &mut MarketState, now: &Now) -> RiskResult<CascadeReport> {
    refresh::require_fresh_price(market, now, PriceUse::LastResort)?;
    let depth_atoms = depth::slow_depth_per_unit(market)?;
    let report = CascadeReport {
        long_ratio_ppm: ratio_ppm(&market.ladder, SideName::Long, depth_atoms)?,
        short_ratio_ppm: ratio_ppm(&market.ladder, SideName::Short, depth_atoms)?,
    };
    let ladder = &mut market.ladder;
    (ladder.long_ratio_ppm, ladder.short_ratio_ppm) = (report.long_ratio_ppm, report.short_ratio_ppm);
    ladder.measured_slot = now.slot;
    Ok(report)
}

/// `max over δ of forced notional within δ / (δ·D)`, δ the far edge of each bucket, rounded up and saturating: the gamma
/// of the liquidation flow against the book. What the mark has passed is due within the first bucket. The largest figure
/// where there is no depth and anything to close. Unit: ppm. Rule U-16.
fn ratio_ppm(ladder: &Ladder, side: SideName, depth_per_unit_atoms: u64) -> RiskResult<u32> {
    let (mut within_atoms, mut steepest) = (0_u64, 0_u128); // the latter in atoms per unit move, below 2^72
    for rung in ladder.rungs(side).filter(|rung| rung.atoms > 0) {
        within_atoms = within_atoms.saturating_add(rung.atoms);
        let edge_ppm = distance_of_steps_ppm(side, rung.steps.max(0).saturating_add(1));
        steepest = steepest.max(div_ceil(mul(within_atoms, PPM), edge_ppm)?);
    }
    if steepest == 0 {
        return Ok(0);
    }
    if depth_per_unit_atoms == 0 {
        return Ok(u32::MAX);
    }
    let ratio = div_ceil(steepest.saturating_mul(u128::from(PPM)), depth_per_unit_atoms)?;
    Ok(saturate_u32(saturate(ratio)))
}

/// Whether forced closes of a side would feed themselves, `n ≥ 1` at the last measurement. Rule U-17.
pub fn is_supercritical(market: &MarketState, side: SideName) -> bool {
    u64::from(market.ladder.ratio_ppm(side)) >= PPM
}
