//! Bad debt stays in its market: who has neither claims nor lots where a bankrupt account owed something loses nothing by its
//! resolution, and capital is never taken from anybody (DESIGN section 4, "What a deficit does").
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::{bankruptcy, MarketParams, RiskError};
use money_support::{Exchange, DOLLAR, MARK};
use proptest::collection::vec;
use proptest::prelude::*;

const RICH: u64 = 1 << 50;
const BANKRUPT: usize = 0;
/// Who holds the other sides of the bankrupt account's legs.
const MAKER: usize = 1;
/// The first of two for every market who trade with each other there and nowhere else.
const BYSTANDERS: usize = 2;

/// A leg of the failing account: lots, whether short, what the price does (ppm); and the lots of the bystanders.
type LegPlan = (u64, bool, i32, u64);

fn legs() -> impl Strategy<Value = Vec<LegPlan>> {
    vec((1..1_000_000_000_u64, any::<bool>(), -300_000..300_000_i32, 1..1_000_000_000_u64), 2..=4)
}

/// Everything that an account has in one market, atoms.
fn worth(exchange: &Exchange, account: usize, market: usize) -> i128 {
    exchange.value(account, market).net().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bad_debt_of_one_market_touches_nobody_who_is_not_there(
        plans in legs(), capital in 0..10_000_u64, insurance in 0..1_000_000_u64, settles in any::<bool>(),
    ) {
        let bystanders = BYSTANDERS..BYSTANDERS + 2 * plans.len();
        let mut funds = vec![capital * DOLLAR, RICH];
        funds.resize(bystanders.end, RICH);
        let mut exchange = Exchange::new(MarketParams::SOL, plans.len(), &funds);
        exchange.insurance.balance_atoms = insurance * DOLLAR;
        for (market, (lots, short, _, others)) in plans.iter().enumerate() {
            let (buyer, seller) = if *short { (MAKER, BANKRUPT) } else { (BANKRUPT, MAKER) };
            exchange.trade(market, buyer, seller, *lots, MARK).unwrap();
            exchange.trade(market, BYSTANDERS + 2 * market, BYSTANDERS + 2 * market + 1, *others, MARK).unwrap();
        }
        for (market, (_, _, move_ppm, _)) in plans.iter().enumerate() {
            exchange.set_mark(market, (MARK as i64 + MARK as i64 / 1_000_000 * i64::from(*move_ppm)) as u64);
        }
        if settles {
            bystanders.clone().for_each(|account| exchange.settle(account));
        }
        let mut after = exchange.clone();
        let Exchange { markets, accounts, insurance, now } = &mut after;
        match bankruptcy::resolve_bankruptcy(&mut accounts[BANKRUPT], markets, 0, insurance, now) {
            Ok(_) => {}
            Err(RiskError::NotBankrupt) => return Err(TestCaseError::reject("it can pay")),
            Err(error) => panic!("{error:?}"),
        }
        // Where it lost nothing it owes nothing: the price moved its way.
        for (market, (_, short, move_ppm, _)) in plans.iter().enumerate() {
            let owed = if *short { *move_ppm > 0 } else { *move_ppm < 0 };
            for account in [BYSTANDERS + 2 * market, BYSTANDERS + 2 * market + 1] {
                let (before, now) = (worth(&exchange, account, market), worth(&after, account, market));
                prop_assert!(owed || before.abs_diff(now) <= 2, "market {market}: {before} became {now}");
                prop_assert_eq!(exchange.capital(account), after.capital(account), "capital is nobody else's");
            }
            let (was, is) = (&exchange.markets.0[market], &after.markets.0[market]);
            prop_assert!(owed || (was.claim_index, was.unfunded_atoms) == (is.claim_index, is.unfunded_atoms));
        }
        prop_assert_eq!(exchange.capital(MAKER), after.capital(MAKER));
        prop_assert_eq!(exchange.cash(), after.cash());
    }
}
