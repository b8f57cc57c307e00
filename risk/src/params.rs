//! A market's parameters: meaning, unit, hard bounds and the rules between them (spec P-1 … P-4, P-9).
//!
//! Bounds are part of the code so that no key can set a market up to hurt its users. Every figure that
//! is out of bounds is reported with the bound it broke.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{mul, mul_ppm_floor, PPM};
use crate::units::{notional_floor, MAX_OPEN_LOTS};
use bytemuck::{Pod, Zeroable};

/// Least σ_ref, ppm per √second.
pub const SIGMA_REF_MIN_PPM: u32 = 5;
/// Greatest σ_ref, ppm per √second.
pub const SIGMA_REF_MAX_PPM: u32 = 5_000;
/// Least c_ref, ppm.
pub const CONFIDENCE_REF_MIN_PPM: u32 = 10;
/// Greatest c_ref, ppm.
pub const CONFIDENCE_REF_MAX_PPM: u32 = 10_000;

/// Parameters of one market. All rates in ppm unless the name says otherwise.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct MarketParams {
    /// Depth D0: notional in atoms that moves a calm market by 10 bp.
    pub depth_base_atoms: u64,
    /// Positions below this notional in atoms are closed whole.
    pub min_position_atoms: u64,
    /// Cap of the open interest of one side, lots.
    pub open_interest_max_lots: u64,
    /// Notional in atoms that the backstop may hold in this market; 0 = it takes nothing here.
    pub backstop_max_atoms: u64,

    /// Maintenance base rate: applied at σ_ref before the buffer.
    pub maintenance_base_ppm: u32,
    /// Initial margin base rate.
    pub initial_base_ppm: u32,
    /// Buffer above maintenance: liquidation ends at health 1 + buffer.
    pub buffer_ppm: u32,
    /// h_bs: below this health the backstop takes the leg.
    pub backstop_line_ppm: u32,
    /// h_adl: below this health the leg is deleveraged.
    pub deleverage_line_ppm: u32,
    /// Most that the applied maintenance rate moves per hour.
    pub maintenance_step_ppm: u32,
    /// Size add-on: factor 1 + this · √(N/D_slow), at most 2.
    pub size_addon_ppm: u32,

    /// σ_ref: calm volatility, ppm per √second.
    pub sigma_ref_ppm: u32,
    /// Stress volatility, ppm per √second.
    pub sigma_stress_ppm: u32,
    /// c_ref: calm relative confidence.
    pub confidence_ref_ppm: u32,
    /// Widest relative confidence for risk-increasing trades and conversions; beyond it a withdrawal counts the leg's
    /// initial margin twice.
    pub confidence_max_ppm: u32,
    /// Widest relative confidence for liquidations.
    pub confidence_liquidation_max_ppm: u32,
    /// Oldest price for a use on the acted-on market, seconds.
    pub price_age_max_s: u32,

    /// Share of the 24 h mean open interest that D0 may reach.
    pub depth_share_ppm: u32,
    /// k_v: weight of the volatility term of the depth.
    pub depth_volatility_ppm: u32,
    /// τ_flow: slots in which a full flow meter empties.
    pub flow_recovery_slots: u32,
    /// Least permitted move δ.
    pub move_min_ppm: u32,
    /// Greatest permitted move δ.
    pub move_max_ppm: u32,
    /// κ: share of a forced move that stays.
    pub impact_stay_ppm: u32,

    /// T_cap: longest pause between two slices of an account, slots.
    pub pace_cap_slots: u32,
    /// z of the adaptive delay: number of standard deviations.
    pub pace_z: u32,
    /// φ_min: charge of a slice that is taken at once.
    pub charge_min_ppm: u32,
    /// φ_max: charge at the end of the Dutch window.
    pub charge_max_ppm: u32,
    /// φ_absorb: charge of a whole leg that the backstop takes.
    pub charge_absorb_ppm: u32,
    /// Insurance's part of a charge.
    pub insurance_share_ppm: u32,
    /// Length of the Dutch window, slots.
    pub dutch_slots: u32,

    /// Length of a profit window, slots.
    pub profit_window_slots: u32,
    /// Most of the insurance fund that one event may draw for this market.
    pub insurance_event_ppm: u32,
    /// Most of the insurance fund that one day may draw for this market.
    pub insurance_window_ppm: u32,

    /// Fee of a fill for each side, of its notional.
    pub trade_fee_ppm: u32,
    /// Insurance's part of trade fees.
    pub fee_insurance_share_ppm: u32,
    /// Funding: greatest rate per hour; 0 = off.
    pub funding_max_ppm: u32,

    /// Envelope: worst relative move declared for `price_age_max_s` + T_cap + Dutch window.
    pub worst_move_ppm: u32,
    /// Nominal milliseconds of a slot.
    pub slot_ms: u32,
    /// Reduce-only slots after a cluster restart.
    pub restart_grace_slots: u32,
    /// Breaker: band around the fast price mean outside which a price stops new risk; 0 = any deviation does.
    pub breaker_band_ppm: u32,
    /// Breaker: slots for which new risk is stopped; never 0, so that a missing configuration is refused.
    pub breaker_pause_slots: u32,
    /// Gap that the backstop's capital covers for what it holds in this market.
    pub backstop_gap_ppm: u32,
    /// Part of its notional with which a netting slice counts in the flow meter.
    pub netting_ppm: u32,
    /// z of predictive closes: standard deviations within which maintenance must lie.
    pub derisk_z: u32,
    /// Horizon of predictive closes, slots.
    pub derisk_horizon_slots: u32,
    /// Reserved, zero.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub reserved: [u32; 5],
}

/// The base of the depth over its lowest value: 42 for D0_eff, 42 for the depth below it (RISK section 1).
const DEPTH_FLOOR_DIVISOR: u64 = 42 * 42;

/// Greatest cap of the open interest, lots. More than 2^38 lots of a side are never open (L-7), whatever the cap.
pub const OPEN_INTEREST_CAP_MAX_LOTS: u64 = 1 << 44;

/// Bytes of [`MarketParams`].
pub const MARKET_PARAMS_BYTES: usize = core::mem::size_of::<MarketParams>();

/// A rule that a set of parameters breaks: which one, what it has, and what it must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamIssue {
    /// The refusal: `ParameterOutOfBounds`, or `EnvelopeTooSmall` for the solvency envelope.
    pub error: RiskError,
    /// Name of the parameter or rule.
    pub rule: &'static str,
    /// The figure found.
    pub found: u64,
    /// Least figure allowed.
    pub least: u64,
    /// Greatest figure allowed.
    pub most: u64,
}

impl MarketParams {
    /// Starting values for SOL with lots of 10^-5 SOL (RISK section 5).
    /// `open_interest_max_lots` is about $100 M at $200.
    pub const SOL: Self = Self {
        depth_base_atoms: 840_000_000_000,
        min_position_atoms: 10_000_000,
        open_interest_max_lots: 50_000_000_000,
        backstop_max_atoms: 50_000_000_000_000,
        maintenance_base_ppm: 50_000,
        initial_base_ppm: 100_000,
        buffer_ppm: 100_000,
        backstop_line_ppm: 500_000,
        deleverage_line_ppm: 250_000,
        maintenance_step_ppm: 2_500,
        size_addon_ppm: 100_000,
        sigma_ref_ppm: 142,
        sigma_stress_ppm: 356,
        confidence_ref_ppm: 500,
        confidence_max_ppm: 5_000,
        confidence_liquidation_max_ppm: 20_000,
        price_age_max_s: 8,
        depth_share_ppm: 20_000,
        depth_volatility_ppm: 1_000_000,
        flow_recovery_slots: 600,
        move_min_ppm: 2_500,
        move_max_ppm: 5_000,
        impact_stay_ppm: 420_000,
        pace_cap_slots: 25,
        pace_z: 3,
        charge_min_ppm: 3_000,
        charge_max_ppm: 25_000,
        charge_absorb_ppm: 50_000,
        insurance_share_ppm: 250_000,
        dutch_slots: 20,
        profit_window_slots: 750,
        insurance_event_ppm: 250_000,
        insurance_window_ppm: 500_000,
        trade_fee_ppm: 500,
        fee_insurance_share_ppm: 250_000,
        funding_max_ppm: 0,
        worst_move_ppm: 18_000,
        slot_ms: 400,
        restart_grace_slots: 150,
        breaker_band_ppm: 100_000,
        breaker_pause_slots: 750,
        backstop_gap_ppm: 250_000,
        netting_ppm: 250_000,
        derisk_z: 2,
        derisk_horizon_slots: 150,
        reserved: [0; 5],
    };

    /// Whether the market may draw on what strangers fund: on the insurance fund, or on the backstop. Rule P-9.
    pub fn may_draw(&self) -> bool {
        self.insurance_event_ppm > 0 || self.insurance_window_ppm > 0 || self.backstop_max_atoms > 0
    }

    /// Checks every hard bound (P-1, P-9), the order of related figures (P-2) and the solvency envelope (P-3).
    /// Returns the first rule broken, with its figures.
    pub fn validate(&self) -> Result<(), ParamIssue> {
        self.check_bounds()?;
        self.check_drawing()?;
        self.check_order()?;
        self.check_envelope()
    }

    /// P-1: hard bounds of single parameters.
    fn check_bounds(&self) -> Result<(), ParamIssue> {
        within("depth_base_atoms", self.depth_base_atoms, 1_000_000, 1 << 56)?;
        within("min_position_atoms", self.min_position_atoms, 1_000, 1 << 40)?;
        within("open_interest_max_lots", self.open_interest_max_lots, 1, OPEN_INTEREST_CAP_MAX_LOTS)?;
        within("backstop_max_atoms", self.backstop_max_atoms, 0, 1 << 56)?;
        let bounds: [(&'static str, u32, u32, u32); 39] = [
            ("maintenance_base_ppm", self.maintenance_base_ppm, 5_000, 400_000),
            ("initial_base_ppm", self.initial_base_ppm, 10_000, 1_000_000),
            ("buffer_ppm", self.buffer_ppm, 10_000, 1_000_000),
            ("backstop_line_ppm", self.backstop_line_ppm, 150_000, 900_000),
            ("deleverage_line_ppm", self.deleverage_line_ppm, 150_000, 800_000),
            ("maintenance_step_ppm", self.maintenance_step_ppm, 100, 20_000),
            ("size_addon_ppm", self.size_addon_ppm, 10_000, 1_000_000),
            ("sigma_ref_ppm", self.sigma_ref_ppm, SIGMA_REF_MIN_PPM, SIGMA_REF_MAX_PPM),
            ("sigma_stress_ppm", self.sigma_stress_ppm, 5, 20_000),
            ("confidence_ref_ppm", self.confidence_ref_ppm, CONFIDENCE_REF_MIN_PPM, CONFIDENCE_REF_MAX_PPM),
            ("confidence_max_ppm", self.confidence_max_ppm, 100, 50_000),
            ("confidence_liquidation_max_ppm", self.confidence_liquidation_max_ppm, 100, 100_000),
            ("price_age_max_s", self.price_age_max_s, 2, 60),
            ("depth_share_ppm", self.depth_share_ppm, 1_000, 200_000),
            ("depth_volatility_ppm", self.depth_volatility_ppm, 100_000, 1_000_000),
            ("flow_recovery_slots", self.flow_recovery_slots, 100, 10_000),
            ("move_min_ppm", self.move_min_ppm, 100, 20_000),
            ("move_max_ppm", self.move_max_ppm, 100, 20_000),
            ("impact_stay_ppm", self.impact_stay_ppm, 100_000, 1_000_000),
            ("pace_cap_slots", self.pace_cap_slots, 1, 300),
            ("pace_z", self.pace_z, 1, 10),
            ("charge_min_ppm", self.charge_min_ppm, 100, 50_000),
            ("charge_max_ppm", self.charge_max_ppm, 100, 100_000),
            ("charge_absorb_ppm", self.charge_absorb_ppm, 100, 200_000),
            ("insurance_share_ppm", self.insurance_share_ppm, 0, 900_000),
            ("dutch_slots", self.dutch_slots, 1, 300),
            ("profit_window_slots", self.profit_window_slots, 25, 216_000),
            ("insurance_event_ppm", self.insurance_event_ppm, 0, 1_000_000),
            ("insurance_window_ppm", self.insurance_window_ppm, 0, 1_000_000),
            ("trade_fee_ppm", self.trade_fee_ppm, 0, 5_000),
            ("fee_insurance_share_ppm", self.fee_insurance_share_ppm, 0, 1_000_000),
            ("funding_max_ppm", self.funding_max_ppm, 0, 5_000),
            ("worst_move_ppm", self.worst_move_ppm, 1_000, 500_000),
            ("slot_ms", self.slot_ms, 200, 1_000),
            ("restart_grace_slots", self.restart_grace_slots, 25, 10_000),
            ("backstop_gap_ppm", self.backstop_gap_ppm, 50_000, 1_000_000),
            ("netting_ppm", self.netting_ppm, 100_000, 1_000_000),
            ("derisk_z", self.derisk_z, 1, 10),
            ("derisk_horizon_slots", self.derisk_horizon_slots, 1, 2_250),
        ];
        for (rule, found, least, most) in bounds {
            within(rule, u64::from(found), u64::from(least), u64::from(most))?;
        }
        within("breaker_band_ppm", u64::from(self.breaker_band_ppm), 0, 500_000)?;
        within("breaker_pause_slots", u64::from(self.breaker_pause_slots), 25, 10_000)?;
        for figure in self.reserved {
            within("reserved", u64::from(figure), 0, 0)?;
        }
        Ok(())
    }

    /// P-9: tighter bounds of a market that may draw, so that nobody lists one that is made to lose to the pools.
    fn check_drawing(&self) -> Result<(), ParamIssue> {
        if !self.may_draw() {
            return Ok(());
        }
        let wide = u64::from;
        let top = u64::from(u32::MAX);
        within("price_age_max_s of a market that may draw", wide(self.price_age_max_s), 0, 20)?;
        within("insurance_event_ppm of a market that may draw", wide(self.insurance_event_ppm), 0, 300_000)?;
        within("insurance_window_ppm of a market that may draw", wide(self.insurance_window_ppm), 0, 500_000)?;
        within("backstop_gap_ppm of a market that may draw", wide(self.backstop_gap_ppm), 100_000, top)?;
        within("initial_base_ppm of a market that may draw", wide(self.initial_base_ppm), 20_000, top)
    }

    /// P-2: the order of related figures.
    fn check_order(&self) -> Result<(), ParamIssue> {
        let wide = u64::from;
        let top = u64::from(u32::MAX);
        // Initial margin must exceed 1.1 · (1 + buffer) · 1.25 · the maintenance base, the applied rate in calm.
        let least_initial = wide(self.maintenance_base_ppm)
            .saturating_mul(PPM.saturating_add(wide(self.buffer_ppm)))
            .saturating_mul(1_375)
            .div_ceil(1_000_000_000);
        within("initial_base_ppm over maintenance", wide(self.initial_base_ppm), least_initial, PPM)?;
        // A quarter of the flow capacity at the depth's floor and full macro stress, which is what unwinding may use, must carry
        // a smallest position: else some could never be sold.
        let least_move = wide(self.move_min_ppm);
        let floor = self.depth_base_atoms / DEPTH_FLOOR_DIVISOR;
        let least_capacity = mul_ppm_floor(floor, least_move.saturating_mul(least_move)).unwrap_or(u64::MAX);
        within("min_position_atoms over the least flow capacity", self.min_position_atoms, 0, least_capacity / 8)?;
        within(
            "deleverage_line_ppm below backstop_line_ppm",
            wide(self.deleverage_line_ppm),
            0,
            wide(self.backstop_line_ppm),
        )?;
        within("sigma_stress_ppm above sigma_ref_ppm", wide(self.sigma_stress_ppm), wide(self.sigma_ref_ppm), top)?;
        within(
            "confidence_liquidation_max_ppm above confidence_max_ppm",
            wide(self.confidence_liquidation_max_ppm),
            wide(self.confidence_max_ppm),
            top,
        )?;
        within("move_max_ppm above move_min_ppm", wide(self.move_max_ppm), wide(self.move_min_ppm), top)?;
        within("charge_min_ppm below charge_max_ppm", wide(self.charge_min_ppm), 0, wide(self.charge_max_ppm))?;
        // RISK section 4: φ_max ≤ mm / 2, at the lowest rate that the factors allow.
        within(
            "charge_max_ppm over half of maintenance",
            wide(self.charge_max_ppm),
            0,
            wide(self.maintenance_base_ppm) / 2,
        )?;
        // F-2 bounds distance and fee of a fill together: half of that is left for the distance, so that fills remain possible.
        let most_fee = self.fill_cost_max_ppm() / 2;
        within("trade_fee_ppm over a quarter of maintenance", wide(self.trade_fee_ppm), 0, most_fee)?;
        // O-9: room for less than a smallest position is none, so a backstop with a smaller cap would never take anything.
        if self.backstop_max_atoms > 0 {
            within(
                "backstop_max_atoms above min_position_atoms",
                self.backstop_max_atoms,
                self.min_position_atoms,
                u64::MAX,
            )?;
        }
        // G-1: moving the premium costs fees. Without fees it would cost nothing.
        let min_fee = u64::from(self.funding_max_ppm > 0);
        within("trade_fee_ppm with funding_max_ppm", wide(self.trade_fee_ppm), min_fee, most_fee)?;
        within("backstop_gap_ppm above worst_move_ppm", wide(self.backstop_gap_ppm), wide(self.worst_move_ppm), top)?;
        within(
            "insurance_event_ppm below insurance_window_ppm",
            wide(self.insurance_event_ppm),
            0,
            wide(self.insurance_window_ppm),
        )
    }

    /// P-3: declared worst move + funding + favour ≤ mm · (1 − h_bs), at the lowest maintenance rate (RISK section 2).
    /// The favour is mm/8, the most that a tier test moves a price for the account. The declared move itself must
    /// be at least 4 σ_ref over the time it covers: a smaller declaration is refused as absurd.
    fn check_envelope(&self) -> Result<(), ParamIssue> {
        let wide = u64::from;
        let maintenance = wide(self.maintenance_base_ppm);
        let seconds = self.envelope_seconds();
        let calm_move = wide(self.sigma_ref_ppm).saturating_mul(4).saturating_mul(seconds.isqrt());
        within("worst_move_ppm over 4 sigma_ref", wide(self.worst_move_ppm), calm_move, PPM)?;
        let funding = wide(self.funding_max_ppm).saturating_mul(seconds).div_ceil(3_600);
        let needed = wide(self.worst_move_ppm).saturating_add(funding).saturating_add(maintenance.div_ceil(8));
        let room = maintenance.saturating_mul(PPM.saturating_sub(wide(self.backstop_line_ppm))) / PPM;
        within("solvency envelope: move + funding + favour", needed, 0, room)
            .map_err(|issue| ParamIssue { error: RiskError::EnvelopeTooSmall, ..issue })
    }

    /// Seconds that the envelope covers: oldest price + T_cap + Dutch window, rounded up.
    pub fn envelope_seconds(&self) -> u64 {
        let slots = u64::from(self.pace_cap_slots).saturating_add(u64::from(self.dutch_slots));
        let paced = slots.saturating_mul(u64::from(self.slot_ms)).div_ceil(1_000);
        u64::from(self.price_age_max_s).saturating_add(paced)
    }

    /// Greatest cost of a venue fill, distance to the mark plus fees: half the lowest maintenance rate. Unit: ppm.
    pub fn fill_cost_max_ppm(&self) -> u64 {
        u64::from(self.maintenance_base_ppm) / 2
    }

    /// Requires that positions fit at a price (P-25): one lot is worth at most the smallest position, and half the cap of the open
    /// interest, what full macro stress leaves of it (F-8), at least that. Errors: `NoPositionFits`.
    pub fn require_room(&self, price: u64) -> RiskResult<()> {
        if !self.is_lot_fine(price) {
            return Err(RiskError::NoPositionFits);
        }
        self.require_cap_room(price)
    }

    /// Requires the second half of [`Self::require_room`]: a smallest position fits half the cap. Errors: `NoPositionFits`.
    pub fn require_cap_room(&self, price: u64) -> RiskResult<()> {
        let cap_lots = self.open_interest_max_lots.min(MAX_OPEN_LOTS) / 2;
        if notional_floor(cap_lots, price)? < self.min_position_atoms {
            return Err(RiskError::NoPositionFits);
        }
        Ok(())
    }

    /// Whether one lot is worth at most the smallest position at a price. Rules P-18, P-25.
    pub fn is_lot_fine(&self, price: u64) -> bool {
        u128::from(price) <= mul(self.min_position_atoms, PPM)
    }

    /// Target maintenance factor `1 + buffer` applied to a requirement, rounded up. Unit: atoms.
    pub fn with_buffer_ceil(&self, requirement_atoms: u64) -> RiskResult<u64> {
        let extra = mul_ppm_floor(requirement_atoms, u64::from(self.buffer_ppm))?;
        crate::fixed::add(crate::fixed::add(requirement_atoms, extra)?, 1)
    }
}

fn within(rule: &'static str, found: u64, least: u64, most: u64) -> Result<(), ParamIssue> {
    if found < least || found > most {
        return Err(ParamIssue { error: RiskError::ParameterOutOfBounds, rule, found, least, most });
    }
    Ok(())
}
