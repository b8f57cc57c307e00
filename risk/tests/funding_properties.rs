//! Moving funding never pays: whatever is filled at whatever distance, and however often anybody calls, all that moves between
//! the sides is at most the fees paid (G-4). And longs pay what shorts receive, to the last unit per lot.

use breakwater_risk::{funding, MarketParams, MarketState};
use proptest::prelude::*;

/// Something that happens after some seconds.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A fill of a part of the open interest, ppm, at a distance from the mark, ppm, with a fee rate of its two sides, ppm.
    Fill { notional_ppm: u64, distance_ppm: i64, fee_ppm: u64 },
    /// The open interest becomes this many lots.
    Open(u64),
    /// A price.
    Mark(u64),
    /// A refresh.
    Refresh,
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let gap = prop_oneof![3 => 0i64..3, 3 => 1i64..120, 1 => 1i64..100_000];
    let fill = (1u64..3_000_000, -40_000i64..40_000, 0u64..2_000)
        .prop_map(|(notional_ppm, distance_ppm, fee_ppm)| Event::Fill { notional_ppm, distance_ppm, fee_ppm });
    let event = prop_oneof![
        3 => fill,
        1 => (1u64..1_000_000_000_000).prop_map(Event::Open),
        1 => (1u64 << 20..1 << 41).prop_map(Event::Mark),
        4 => Just(Event::Refresh),
    ];
    prop::collection::vec((gap, event), 1..200)
}

fn start(funding_max_ppm: u32) -> MarketState {
    let mut market = MarketState::new(MarketParams { funding_max_ppm, ..MarketParams::SOL });
    (market.mark, market.funding.accrued_time) = (2_000_000_000, 1_000_000);
    (market.long.open_lots, market.short.open_lots) = (5_000_000_000, 5_000_000_000);
    market
}

proptest! {
    #[test]
    fn all_funding_that_moves_is_at_most_the_fees_paid(limit in 1u32..=5_000, events in events()) {
        let mut market = start(limit);
        let mut unix = 1_000_000;
        // Atoms · 10^6, so that nothing is rounded here.
        let (mut moved, mut fees, mut widest) = (0u128, 0u128, 0u128);
        for (gap_s, event) in events {
            unix += gap_s;
            let lots = u128::from(market.long.open_lots);
            let paid = funding::accrue(&mut market, unix).unwrap();
            moved += u128::from(paid.unsigned_abs()) * lots;
            widest = widest.max(lots);
            let open_atoms = (lots * u128::from(market.mark) / 1_000_000) as u64;
            match event {
                Event::Fill { notional_ppm, distance_ppm, fee_ppm } => {
                    let notional = (u128::from(open_atoms) * u128::from(notional_ppm) / 1_000_000) as u64;
                    let price = i128::from(market.mark) * i128::from(1_000_000 + distance_ppm) / 1_000_000;
                    let fee = (u128::from(notional) * u128::from(fee_ppm)).div_ceil(1_000_000) as u64;
                    funding::record_fill(&mut market, price as u64, notional, fee).unwrap();
                    fees += u128::from(fee) * 1_000_000;
                }
                Event::Open(lots) => (market.long.open_lots, market.short.open_lots) = (lots, lots),
                Event::Mark(mark) => market.mark = mark,
                Event::Refresh => {}
            }
            // What is carried is less than one unit per lot.
            prop_assert!(moved <= fees + widest, "{moved} moved for {fees}");
        }
    }

    #[test]
    fn sides_pay_each_other_the_same_per_lot(limit in 1u32..=5_000, events in events()) {
        let mut market = start(limit);
        let mut unix = 1_000_000;
        for (gap_s, event) in events {
            unix += gap_s;
            let before = (market.long.cash_index.get(), market.short.cash_index.get());
            let paid = i128::from(funding::accrue(&mut market, unix).unwrap()) * i128::from(market.long.size_index);
            prop_assert_eq!(market.long.cash_index.get(), before.0 - paid);
            prop_assert_eq!(market.short.cash_index.get(), before.1 - paid);
            if let Event::Fill { distance_ppm, .. } = event {
                let price = i128::from(market.mark) * i128::from(1_000_000 + distance_ppm) / 1_000_000;
                funding::record_fill(&mut market, price as u64, 1 << 40, 1 << 30).unwrap();
            }
        }
    }
}
