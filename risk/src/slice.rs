//! The size of a slice: the smallest close that restores the target with its own footprint counted (RISK section 4).
//!
//! Closing x of a leg of notional N frees `a·x`, `a = μ − φ`, and re-marks what is left by `κ'·(N − x)·x/D`,
//! `κ' = κ·(1 − dir·μ)`. Freed is rounded down and the footprint up, so a size said to restore does restore.

use crate::depth::{depth_per_unit, slow_depth_per_unit};
use crate::error::{RiskError, RiskResult};
use crate::fixed::{
    add, add_wide, div_ceil, div_floor, mul, mul_ppm_ceil, mul_ppm_floor, ratio_ceil, ratio_floor, saturate,
    shift_ceil, signed, sqrt_floor, sub, sub_signed, to_u64, PPM,
};
use crate::flow;
use crate::state::{MarketState, Now};
use crate::units::{lots_ceil, notional_floor, SideName};

/// Newton steps after the closed form; two are the rule, the rest is for b near zero.
const NEWTON_STEPS: u32 = 6;
/// Halvings of the fallback, enough for any notional below 2^63.
const BISECTION_STEPS: u32 = 63;

/// What the size of a slice depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceInput {
    /// Side of the position that is closed.
    pub dir: SideName,
    /// Notional N of the leg at the mark, atoms, below 2^63.
    pub notional_atoms: u64,
    /// Target rate `μ = mm·(1 + buffer)`, ppm, ≤ 200 %.
    pub target_rate_ppm: u64,
    /// Total charge φ, ppm.
    pub charge_ppm: u64,
    /// Shortfall `S = Σ μN − E` to the target, atoms.
    pub shortfall_atoms: u64,
    /// Notional per unit relative move, `D = C/δ_max`, atoms; 0 = no depth.
    pub depth_per_unit_atoms: u64,
    /// κ: share of a forced move that stays, ppm.
    pub impact_stay_ppm: u64,
}

/// How much of a leg to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseSize {
    /// `b ≤ 0`: every unit closed costs the rest more than it frees.
    Useless,
    /// The smallest notional that restores the target, atoms.
    Atoms(u64),
    /// Not even the whole leg restores the target.
    Whole,
}

impl SliceInput {
    /// `a = μ − φ`, what a unit closed frees, 0 when the charge eats it. Unit: ppm.
    fn freed_ppm(&self) -> u64 {
        self.target_rate_ppm.saturating_sub(self.charge_ppm)
    }

    /// `κ' = κ·(1 − dir·μ)`, rounded up: closing a long lowers its own requirement, closing a short raises it. Unit: ppm.
    fn stay_ppm(&self) -> RiskResult<u64> {
        let factor = match self.dir {
            SideName::Long => PPM.saturating_sub(self.target_rate_ppm),
            SideName::Short => PPM.saturating_add(self.target_rate_ppm),
        };
        mul_ppm_ceil(self.impact_stay_ppm, factor)
    }

    /// What closing `x` re-marks of the rest, `κ'·(N − x)·x/D`, rounded up; 2^64 − 1 for a move of 100 % and more.
    fn footprint_ceil(&self, x: u64) -> RiskResult<u64> {
        let (rest, stay) = (self.notional_atoms.saturating_sub(x), self.stay_ppm()?);
        if rest == 0 || x == 0 || stay == 0 {
            return Ok(0);
        }
        if self.depth_per_unit_atoms <= x {
            return Ok(u64::MAX);
        }
        let moved_q64 = saturate(ratio_ceil(x, self.depth_per_unit_atoms, 64)?);
        mul_ppm_ceil(to_u64(shift_ceil(mul(rest, moved_q64), 64))?, stay)
    }

    /// `a·x − footprint(x) − S`: what is left above the target after closing `x`. Unit: atoms.
    fn surplus(&self, x: u64) -> RiskResult<i128> {
        let net = sub_signed(signed(mul_ppm_floor(x, self.freed_ppm())?), signed(self.footprint_ceil(x)?))?;
        sub_signed(net, signed(self.shortfall_atoms))
    }

    /// `κ'·x/D`, rounded up, saturating. Unit: 2^-32.
    fn marginal_loss_q32(&self, x: u64) -> RiskResult<u64> {
        let moved = saturate(ratio_ceil(x, self.depth_per_unit_atoms, 32)?);
        Ok(saturate(div_ceil(mul(moved, self.stay_ppm()?), PPM)?))
    }

    /// `b = a − κ'·N/D`, rounded down; `None` when it is not positive. Unit: 2^-32. Rule Z-2.
    fn net_rate_q32(&self) -> RiskResult<Option<u64>> {
        if self.depth_per_unit_atoms == 0 {
            return Ok(None);
        }
        let freed = saturate(div_floor(u128::from(self.freed_ppm()) << 32, PPM)?);
        let net = freed.saturating_sub(self.marginal_loss_q32(self.notional_atoms)?);
        Ok((net > 0).then_some(net))
    }

    /// `x = 2S / (b + √(b² + 4κ'·S/D))`, the root of `b·x + κ'·x²/D = S` without cancellation. Unit: atoms. Rule Z-3.
    fn closed_form(&self, net_rate_q32: u64) -> RiskResult<u64> {
        let rate_q30 = net_rate_q32 >> 2; // ≤ 2^31, so that the usual square fits 64 bits
        let move_q60 = saturate(ratio_floor(self.shortfall_atoms, self.depth_per_unit_atoms, 60)?);
        let curvature = div_floor(mul(move_q60, self.stay_ppm()?.saturating_mul(4)), PPM)?;
        let root = sqrt_floor(add_wide(mul(rate_q30, rate_q30), curvature)?);
        let divisor = add(rate_q30, root)?.max(1);
        Ok(saturate(ratio_ceil(self.shortfall_atoms.saturating_mul(2), divisor, 30)?))
    }
}

/// Whether closing `x` restores the target: `⌊a·x⌋ ≥ S + ⌈κ'·(N − x)·x/D⌉`. The footprint is exact up to 2^-30 of
/// itself, upward. Rule Z-1.
pub fn restores(input: &SliceInput, x: u64) -> RiskResult<bool> {
    Ok(input.surplus(x.min(input.notional_atoms))? >= 0)
}

/// The smallest notional that restores the target: closed form, then Newton steps on the convex surplus. The result
/// satisfies [`restores`]; less by `8/b` atoms and a 2^-28 part of its footprint over b does not. Rule Z-3.
pub fn close_notional(input: &SliceInput) -> RiskResult<CloseSize> {
    if input.shortfall_atoms == 0 {
        return Ok(CloseSize::Atoms(0));
    }
    let Some(net_rate) = input.net_rate_q32()? else {
        return Ok(CloseSize::Useless);
    };
    if !restores(input, input.notional_atoms)? {
        return Ok(CloseSize::Whole);
    }
    let mut x = input.closed_form(net_rate)?.min(input.notional_atoms);
    let mut least_good = input.notional_atoms;
    for _ in 0..NEWTON_STEPS {
        let surplus = input.surplus(x)?;
        let slope = net_rate.saturating_add(input.marginal_loss_q32(x)?.saturating_mul(2));
        let step = newton_step(surplus, slope)?;
        if surplus < 0 {
            x = x.saturating_add(step).min(input.notional_atoms);
            continue;
        }
        least_good = least_good.min(x);
        if step == 0 {
            return Ok(CloseSize::Atoms(least_good));
        }
        x = x.saturating_sub(step);
    }
    bisect(input, x.min(least_good), least_good).map(CloseSize::Atoms)
}

/// `surplus / slope` away from the root's side: rounded down above it, up and one more below it. Unit: atoms.
fn newton_step(surplus: i128, slope_q32: u64) -> RiskResult<u64> {
    let distance = saturate(surplus.unsigned_abs());
    if surplus < 0 {
        return Ok(saturate(ratio_ceil(distance, slope_q32, 32)?).saturating_add(1));
    }
    Ok(saturate(ratio_floor(distance, slope_q32, 32)?))
}

/// Least figure that restores between a `low` that may not and a `high` that does. Where Newton's last step already
/// restores this takes one test.
fn bisect(input: &SliceInput, low: u64, high: u64) -> RiskResult<u64> {
    if restores(input, low)? {
        return Ok(low);
    }
    let (mut low, mut high) = (low, high);
    for _ in 0..BISECTION_STEPS {
        let middle = low.saturating_add(sub(high, low)? / 2);
        if middle == low {
            break;
        }
        if restores(input, middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// Lots to close now: the smallest close that restores, at most the flow left, at most all; all when what is left
/// would be below `min_position` (which may pass the flow left by `min_position`). 0 when nothing is to be closed.
/// Errors: `SliceUseless` when b ≤ 0; `FlowExhausted` when the flow left is below min(x, `min_position`) or one lot:
/// dust is not a slice. Rule Z-4.
pub fn slice_lots(
    input: &SliceInput,
    lots: u64,
    mark: u64,
    available_flow_atoms: u64,
    min_position_atoms: u64,
) -> RiskResult<u64> {
    let wanted = match close_notional(input)? {
        CloseSize::Useless => return Err(RiskError::SliceUseless),
        CloseSize::Whole => input.notional_atoms,
        CloseSize::Atoms(x) => x,
    };
    if wanted == 0 || lots == 0 {
        return Ok(0);
    }
    let by_flow = flow::lots_carried(available_flow_atoms, wanted, mark, min_position_atoms)?.min(lots);
    let by_target = if wanted >= input.notional_atoms { lots } else { lots_ceil(wanted, mark)? };
    let slice = by_target.min(by_flow);
    if notional_floor(sub(lots, slice)?, mark)? < min_position_atoms {
        return Ok(lots);
    }
    Ok(slice)
}

/// Relief of a leg, `h = a·y − κ'·(N − y)·y/D` with `y = min(N, flow left)` (RISK section 4, 'Which leg'); 0 when D = 0,
/// a ≤ 0, b ≤ 0 or nothing is gained. Unit: atoms, rounded down. Rule Z-5.
pub fn relief_atoms(input: &SliceInput, available_flow_atoms: u64) -> RiskResult<u64> {
    let y = input.notional_atoms.min(available_flow_atoms);
    if y == 0 || input.net_rate_q32()?.is_none() {
        return Ok(0);
    }
    Ok(mul_ppm_floor(y, input.freed_ppm())?.saturating_sub(input.footprint_ceil(y)?))
}

/// The slice input of a leg: μ from its maintenance rate and the buffer, D from C and δ_max of the market now. Where by that depth no
/// slice would help, the day's mean depth counts if it is larger: a pause of the feed, which takes the live depth to its floor, makes
/// nothing due that cannot be undone, and slices go on within what the flow carries (Z-2, K-8).
pub fn market_slice_input(
    market: &MarketState,
    now: &Now,
    dir: SideName,
    notional_atoms: u64,
    maintenance_rate_ppm: u64,
    charge_ppm: u64,
    shortfall_atoms: u64,
) -> RiskResult<SliceInput> {
    let buffered = PPM.saturating_add(u64::from(market.params.buffer_ppm));
    let live = SliceInput {
        dir,
        notional_atoms,
        target_rate_ppm: mul_ppm_ceil(maintenance_rate_ppm, buffered)?,
        charge_ppm,
        shortfall_atoms,
        depth_per_unit_atoms: depth_per_unit(market, now)?,
        impact_stay_ppm: u64::from(market.params.impact_stay_ppm),
    };
    if live.net_rate_q32()?.is_some() {
        return Ok(live);
    }
    let depth_per_unit_atoms = live.depth_per_unit_atoms.max(slow_depth_per_unit(market)?);
    Ok(SliceInput { depth_per_unit_atoms, ..live })
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Atoms of a unit in the tables of PEERS.
    const UNIT: u64 = 1_000_000;

    /// PEERS, 'Impact-aware close': S = 10, μ = 0.1, φ = 0.01, κ = 0.42, N = 1 000.
    fn table(depth_units: u64) -> SliceInput {
        SliceInput {
            dir: SideName::Long,
            notional_atoms: 1_000 * UNIT,
            target_rate_ppm: 100_000,
            charge_ppm: 10_000,
            shortfall_atoms: 10 * UNIT,
            depth_per_unit_atoms: depth_units * UNIT,
            impact_stay_ppm: 420_000,
        }
    }

    /// The closed form of RISK section 4 in floats.
    fn formula(input: &SliceInput) -> f64 {
        let [s, n, d] = [input.shortfall_atoms, input.notional_atoms, input.depth_per_unit_atoms].map(|x| x as f64);
        let [mu, phi, kappa] =
            [input.target_rate_ppm, input.charge_ppm, input.impact_stay_ppm].map(|x| x as f64 / PPM as f64);
        let dir = if input.dir == SideName::Long { 1.0 } else { -1.0 };
        let stay = kappa * (1.0 - dir * mu);
        let b = mu - phi - stay * n / d;
        2.0 * s / (b + (b * b + 4.0 * stay * s / d).sqrt())
    }

    fn size(input: &SliceInput) -> f64 {
        match close_notional(input) {
            Ok(CloseSize::Atoms(x)) => {
                assert!(restores(input, x).unwrap());
                assert!(!restores(input, x - 200).unwrap());
                x as f64 / UNIT as f64
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn impact_aware_close_has_the_sizes_of_the_table() {
        let rows = [
            (1_000_000_000_000, 111.1111),
            (1_000_000, 111.5273),
            (20_000, 135.7485),
            (10_000, 170.5160),
            (5_000, 280.7212),
        ];
        for (depth, listed) in rows {
            let input = table(depth);
            assert!((size(&input) - formula(&input) / UNIT as f64).abs() < 100.0 / UNIT as f64, "formula at {depth}");
            assert!((size(&input) - listed).abs() < 1e-4, "{depth}: {}", size(&input));
        }
    }

    #[test]
    fn infinite_depth_gives_shortfall_over_freed() {
        let deep = SliceInput { depth_per_unit_atoms: u64::MAX, ..table(0) };
        assert!((size(&deep) - 10.0 / 0.09).abs() < 1e-4); // 111.1111
    }

    #[test]
    fn close_is_useless_from_a_depth_of_4200_down() {
        // b = 0.09 − 0.378 · 1 000/D
        for depth in [0, 1, 4_199, 4_200] {
            assert_eq!(close_notional(&table(depth)), Ok(CloseSize::Useless));
        }
        assert!(matches!(close_notional(&table(4_201)), Ok(CloseSize::Atoms(_))));
        // A short's own requirement rises as it closes: κ' = 0.42 · 1.1, b = 0 at 5 133.3.
        let short = |depth| SliceInput { dir: SideName::Short, ..table(depth) };
        assert_eq!(close_notional(&short(5_133)), Ok(CloseSize::Useless));
        assert!(matches!(close_notional(&short(5_134)), Ok(CloseSize::Atoms(_))));
    }

    #[test]
    fn charge_above_the_target_rate_is_useless() {
        let dear = SliceInput { charge_ppm: 100_000, ..table(1_000_000) };
        assert_eq!(close_notional(&dear), Ok(CloseSize::Useless));
        assert_eq!(relief_atoms(&dear, u64::MAX), Ok(0));
    }

    /// PEERS, 'Drift close size': shortage 10, margin 10 %, price 100, endless depth. Drift's quote price and
    /// insurance fee are charges here: base = shortage / (price · (margin − charge)).
    #[test]
    fn drift_close_sizes_follow_from_endless_depth() {
        let base = |charge_ppm, price: f64| {
            let input = SliceInput { charge_ppm, depth_per_unit_atoms: u64::MAX, ..table(0) };
            size(&input) / price
        };
        assert!((base(0, 100.0) - 1.0).abs() < 1e-6);
        assert!((base(10_000, 100.0) - 10.0 / 9.0).abs() < 1e-6);
        assert!((base(20_000, 100.0) - 1.25).abs() < 1e-6);
        // A quote worth 0.99 or 1.01 dollars scales what a unit frees.
        assert!((base(0, 99.0) - 1.010_101_010).abs() < 1e-6);
        assert!((base(0, 101.0) - 0.990_099_009).abs() < 1e-6);
    }

    #[test]
    fn leg_that_cannot_restore_alone_is_closed_whole() {
        let input = SliceInput { shortfall_atoms: 91 * UNIT, ..table(1_000_000) }; // a·N = 90
        assert_eq!(close_notional(&input), Ok(CloseSize::Whole));
        assert_eq!(slice_lots(&input, 1_000_000, 1_000 * PPM, u64::MAX / 4, UNIT), Ok(1_000_000));
    }

    #[test]
    fn slice_lots_takes_the_target_the_flow_or_all() {
        let (lots, mark) = (1_000_000, 1_000 * PPM); // a lot is 10^-3 units
        let lots_of = |flow_units: u64| slice_lots(&table(20_000), lots, mark, flow_units * UNIT, 10 * UNIT);
        assert_eq!(lots_of(1_000), Ok(135_749)); // 135.7485 rounded up to a lot
        assert_eq!(lots_of(50), Ok(50_000));
        assert_eq!(lots_of(10), Ok(10_000));
        assert_eq!(lots_of(9), Err(RiskError::FlowExhausted));
        let none = SliceInput { shortfall_atoms: 0, ..table(20_000) };
        assert_eq!(slice_lots(&none, lots, mark, u64::MAX / 4, UNIT), Ok(0));
        assert_eq!(slice_lots(&table(4_200), lots, mark, u64::MAX / 4, UNIT), Err(RiskError::SliceUseless));
    }

    #[test]
    fn rest_below_the_minimum_is_closed_too() {
        let (lots, mark, flow) = (1_000_000, 1_000 * PPM, 995 * UNIT);
        let input = SliceInput { shortfall_atoms: 91 * UNIT, ..table(1_000_000) };
        assert_eq!(slice_lots(&input, lots, mark, flow, 5 * UNIT), Ok(995_000));
        assert_eq!(slice_lots(&input, lots, mark, flow, 5 * UNIT + 1), Ok(lots));
    }

    #[test]
    fn relief_is_what_the_flow_lets_a_close_bring() {
        let input = table(20_000);
        // 0.09 · 200 − 0.378 · 800 · 200/20 000
        assert!((relief_atoms(&input, 200 * UNIT).unwrap() as f64 / UNIT as f64 - 14.976).abs() < 1e-5);
        assert_eq!(relief_atoms(&input, u64::MAX), Ok(90 * UNIT)); // the whole leg leaves nothing to re-mark
        assert_eq!(relief_atoms(&table(0), u64::MAX), Ok(0));
        assert_eq!(relief_atoms(&table(1_000), 100 * UNIT), Ok(0)); // footprint above what it frees
    }
}
