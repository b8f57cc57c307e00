//! The size of a slice against exact rationals (RISK section 4).

use breakwater_risk::slice::{close_notional, relief_atoms, restores, slice_lots, CloseSize, SliceInput};
use breakwater_risk::units::SideName;
use breakwater_risk::RiskError;
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

fn integer(x: u64) -> BigRational {
    BigRational::from_integer(BigInt::from(x))
}

fn ppm(x: u64) -> BigRational {
    integer(x) / integer(1_000_000)
}

/// The figures of RISK section 4, exactly.
struct Exact {
    freed: BigRational,
    stay: BigRational,
    notional: BigRational,
    depth: BigRational,
    shortfall: BigRational,
}

impl Exact {
    fn of(input: &SliceInput) -> Self {
        let mu = ppm(input.target_rate_ppm);
        let factor = match input.dir {
            SideName::Long => (integer(1) - &mu).max(integer(0)),
            SideName::Short => integer(1) + &mu,
        };
        Self {
            freed: mu - ppm(input.charge_ppm),
            stay: ppm(input.impact_stay_ppm) * factor,
            notional: integer(input.notional_atoms),
            depth: integer(input.depth_per_unit_atoms),
            shortfall: integer(input.shortfall_atoms),
        }
    }

    fn footprint(&self, x: &BigRational) -> BigRational {
        &self.stay * (&self.notional - x) * x / &self.depth
    }

    fn surplus(&self, x: &BigRational) -> BigRational {
        &self.freed * x - self.footprint(x) - &self.shortfall
    }

    fn net_rate(&self) -> BigRational {
        &self.freed - &self.stay * &self.notional / &self.depth
    }
}

/// Inputs within declared ranges; depth and shortfall around where the answer changes.
fn inputs() -> impl Strategy<Value = SliceInput> {
    let notional = prop_oneof![
        (10u32..60, any::<u64>()).prop_map(|(bits, x)| (1 << bits) | (x & ((1 << bits) - 1))),
        Just(1u64 << 60)
    ];
    let rates = (5_500u64..=2_000_000, 0u64..=1_000, 100_000u64..=1_000_000);
    let relative = prop_oneof![900u64..1_100, 1_000u64..3_000, 1_000u64..1_000_000, Just(u64::MAX)];
    (notional, rates, relative, 0u64..1_100, any::<bool>()).prop_map(
        |(notional_atoms, (target_rate_ppm, charge_part, impact_stay_ppm), depth_part, shortfall_part, is_long)| {
            let charge_ppm = target_rate_ppm / 2 * charge_part / 1_000;
            let freed = target_rate_ppm - charge_ppm;
            // D at which b = 0 for κ' = κ, times depth_part/1000
            let critical = u128::from(notional_atoms) * u128::from(impact_stay_ppm) / u128::from(freed);
            let depth = critical.saturating_mul(u128::from(depth_part)) / 1_000;
            let shortfall =
                u128::from(notional_atoms) * u128::from(freed) / 1_000_000 * u128::from(shortfall_part) / 1_000;
            SliceInput {
                dir: if is_long { SideName::Long } else { SideName::Short },
                notional_atoms,
                target_rate_ppm,
                charge_ppm,
                shortfall_atoms: u64::try_from(shortfall).unwrap().min(1 << 60),
                depth_per_unit_atoms: u64::try_from(depth).unwrap_or(u64::MAX),
                impact_stay_ppm,
            }
        },
    )
}

fn check_size(input: &SliceInput) -> Result<(), TestCaseError> {
    let exact = Exact::of(input);
    match close_notional(input).unwrap() {
        CloseSize::Useless if input.depth_per_unit_atoms == 0 => {}
        CloseSize::Useless => {
            let loss = &exact.stay * &exact.notional / &exact.depth;
            let rounding = integer(8) / integer(1 << 32) + ppm(2) + loss / integer(1 << 29);
            prop_assert!(exact.net_rate() <= rounding, "b = {}", exact.net_rate());
        }
        CloseSize::Whole => prop_assert!(exact.surplus(&exact.notional) < integer(1)),
        CloseSize::Atoms(0) => prop_assert_eq!(input.shortfall_atoms, 0),
        CloseSize::Atoms(x) => {
            let at = integer(x);
            prop_assert!(restores(input, x).unwrap());
            prop_assert!(exact.surplus(&at) >= integer(0), "said to restore and does not");
            // κ' is rounded up to a ppm, the footprint by 2^-30 of itself: both count as noise.
            let noise = integer(8)
                + exact.footprint(&at) / integer(1 << 28)
                + exact.footprint(&at) / (&exact.stay + ppm(1)) * ppm(1);
            let slope = exact.net_rate() + &exact.stay * &at / &exact.depth;
            if slope > integer(0) {
                let less = &at - (noise / slope + integer(1)).ceil();
                // A move of 100 % and more never restores.
                let is_possible = less > integer(0) && less < exact.depth;
                prop_assert!(!is_possible || exact.surplus(&less) < integer(0), "smaller would do");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn size_restores_with_its_footprint_and_little_less_does_not(input in inputs()) {
        check_size(&input)?;
    }

    #[test]
    fn one_lot_less_would_not_restore(input in inputs(), lot_bits in 4u32..24, flow in any::<u64>(), minimum in 1_000u64..1 << 30) {
        // A lot of 2^lot_bits atoms; the leg is a whole number of lots.
        let lots = (input.notional_atoms >> lot_bits).clamp(1, 1 << 40);
        let mark = 1_000_000u64 << lot_bits;
        let input = SliceInput { notional_atoms: lots << lot_bits, ..input };
        match slice_lots(&input, lots, mark, flow, minimum) {
            Err(error) => prop_assert!(matches!(error, RiskError::SliceUseless | RiskError::FlowExhausted)),
            Ok(slice) => {
                prop_assert!(slice <= lots);
                let (taken, left) = (slice << lot_bits, (lots - slice) << lot_bits);
                prop_assert!(left == 0 || left >= minimum || slice == 0);
                prop_assert!(taken <= flow.saturating_add(minimum));
                if let (CloseSize::Atoms(x), true) = (close_notional(&input).unwrap(), slice > 0 && slice < lots) {
                    prop_assert!(taken < x.saturating_add(1 << lot_bits), "more than the target needs");
                    prop_assert!(taken >= x || taken.saturating_add(1 << lot_bits) > flow, "less than target and flow");
                }
            }
        }
    }

    #[test]
    fn relief_is_the_exact_one_rounded_down(input in inputs(), flow in any::<u64>()) {
        let relief = integer(relief_atoms(&input, flow).unwrap());
        prop_assert!(input.depth_per_unit_atoms > 0 || relief == integer(0));
        if relief > integer(0) {
            let y = integer(input.notional_atoms.min(flow));
            let exact = Exact::of(&input);
            prop_assert!(relief <= exact.surplus(&y) + &exact.shortfall);
        }
    }

    #[test]
    fn no_input_in_range_overflows(
        dir in prop_oneof![Just(SideName::Long), Just(SideName::Short)],
        notional_atoms in prop_oneof![Just(0u64), Just(1), Just(1 << 60), 0u64..1 << 60],
        target_rate_ppm in 0u64..=2_000_000,
        charge_ppm in 0u64..=1_000_000,
        shortfall_atoms in prop_oneof![Just(0u64), Just(1), Just(u64::MAX), any::<u64>()],
        depth_per_unit_atoms in prop_oneof![Just(0u64), Just(1), Just(u64::MAX), any::<u64>()],
        impact_stay_ppm in 0u64..=1_000_000,
    ) {
        let input = SliceInput {
            dir, notional_atoms, target_rate_ppm, charge_ppm, shortfall_atoms, depth_per_unit_atoms, impact_stay_ppm,
        };
        if let CloseSize::Atoms(x) = close_notional(&input).unwrap() {
            prop_assert!(restores(&input, x).unwrap());
        }
        relief_atoms(&input, u64::MAX).unwrap();
    }
}
