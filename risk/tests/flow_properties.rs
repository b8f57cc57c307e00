//! The flow meter under any sequence of calls at any spacing (RISK section 1, PEERS failure 3).

mod market_support;

use breakwater_risk::flow::{available, record, utilisation, FlowDirection};
use breakwater_risk::state::FlowMeter;
use breakwater_risk::{MarketParams, MarketState, RiskError};
use market_support::{at, params};
use proptest::prelude::*;

fn market(params: MarketParams, capacity: u64) -> MarketState {
    let mut market = MarketState::new(params);
    (market.mark, market.depth.capacity_atoms) = (1_000_000_000, capacity);
    market
}

/// A call: slots since the last one, direction, and the part of what is left that it asks for, in 1/256.
fn calls() -> impl Strategy<Value = Vec<(u64, bool, u64)>> {
    let pause = prop_oneof![Just(0u64), Just(1), 0u64..50, 0u64..2_000, 0u64..30_000];
    let part = prop_oneof![Just(256u64), Just(1), Just(0), 0u64..400];
    prop::collection::vec((pause, any::<bool>(), part), 1..200)
}

proptest! {
    #[test]
    fn flow_used_never_exceeds_flow_allowed(params in params(), bits in 10u32..56, start in 0u64..1 << 40, calls in calls()) {
        let capacity = params.min_position_atoms.max(1 << bits);
        let mut market = market(params, capacity);
        let (minimum, tau) = (u128::from(params.min_position_atoms), u128::from(params.flow_recovery_slots));
        let (mut slot, mut sold, mut bought) = (start, 0u128, 0u128);
        for (pause, is_sell, part) in calls {
            slot += pause;
            let direction = if is_sell { FlowDirection::Sell } else { FlowDirection::Buy };
            let left = available(&market, direction, &at(slot, 0)).unwrap();
            let asked = (u128::from(left) * u128::from(part) / 256).max(u128::from(part)) as u64;
            match record(&mut market, direction, asked, &at(slot, 0)) {
                Ok(()) => {
                    prop_assert!(left > 0 && u128::from(asked) <= u128::from(left) + minimum);
                    *(if is_sell { &mut sold } else { &mut bought }) += u128::from(asked);
                }
                Err(error) => {
                    prop_assert_eq!(error, RiskError::FlowExhausted);
                    prop_assert!(left == 0 || u128::from(asked) > u128::from(left) + minimum);
                }
            }
            // One capacity, what recovered since, what the other direction paid for, and one last piece.
            let recovered = u128::from(capacity) * u128::from(slot - start) / tau;
            let allowed = u128::from(capacity) + recovered + minimum;
            let rounding = ((allowed + sold + bought) >> 28) + 4;
            prop_assert!(sold <= allowed + bought + rounding, "{sold} sold, {allowed} + {bought} allowed");
            prop_assert!(bought <= allowed + sold + rounding, "{bought} bought, {allowed} + {sold} allowed");
        }
    }

    #[test]
    fn decay_is_the_same_at_any_spacing_of_calls(
        used in -(2i64 << 32)..2i64 << 32,
        start in 0u64..1 << 50,
        tau in 100u32..=10_000,
        pauses in prop::collection::vec(0u64..40, 1..300),
    ) {
        let first = FlowMeter { utilisation_q32: used, slot: start };
        let mut often = first;
        for pause in pauses {
            let slot = often.slot + pause;
            often = FlowMeter { utilisation_q32: utilisation(&often, slot, tau), slot };
        }
        prop_assert_eq!(often.utilisation_q32, utilisation(&first, often.slot, tau));
        // Linear: one per τ, exact within a unit of 2^-32.
        let decay = (i128::from(often.slot - start) << 32) / i128::from(tau);
        let expected = (i128::from(used).abs() - decay).max(0);
        prop_assert!((i128::from(often.utilisation_q32).abs() - expected).abs() <= 1);
    }

    #[test]
    fn meter_never_fails_and_stays_in_its_range(
        params in params(),
        capacities in prop::collection::vec(prop_oneof![Just(0u64), Just(1), Just(1 << 60), 0u64..1 << 60], 1..60),
        asked in prop::collection::vec(prop_oneof![Just(u64::MAX), Just(1), 0u64..1 << 45], 60),
    ) {
        let mut market = market(params, 0);
        for (step, (capacity, asked)) in capacities.into_iter().zip(asked).enumerate() {
            market.depth.capacity_atoms = capacity;
            let before = market.flow;
            let result = record(&mut market, FlowDirection::Sell, asked, &at(step as u64, 0));
            prop_assert!(matches!(result, Ok(()) | Err(RiskError::FlowExhausted)));
            prop_assert!(market.flow.utilisation_q32.abs() <= 2 << 32);
            prop_assert!(result.is_ok() || market.flow == before);
            prop_assert!(capacity > 0 || result.is_err());
        }
    }
}
