//! Nothing overflows inside the declared ranges: lots to 2^37 a leg and 2^38 a side, prices to 2^45, an account's
//! notional to 2^60, capital to 2^56. And cuts of claims keep their bounds at every total and index.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::claims;
use breakwater_risk::health::Stance;
use breakwater_risk::state::{Leg, MarketState, Now};
use breakwater_risk::trade::{self, Fill};
use breakwater_risk::units::{
    SideName, CLAIM_INDEX_MIN, CLAIM_INDEX_ONE, MAX_CAPITAL_ATOMS, MAX_LEG_LOTS, MAX_NOTIONAL_ATOMS, MAX_OPEN_LOTS,
    MAX_PRICE,
};
use breakwater_risk::{bankruptcy, deleveraging, ledger, leg, liquidation, MarketParams, RiskError};
use bytemuck::Zeroable;
use money_support::{pair, Exchange};
use proptest::collection::vec;
use proptest::prelude::*;

const ACCOUNTS: usize = 6;
const PARAMS: MarketParams = MarketParams { open_interest_max_lots: MAX_OPEN_LOTS, ..MarketParams::SOL };

/// Somewhere in the range, each power of two as likely as another.
fn up_to(bits: u32) -> impl Strategy<Value = u64> {
    (0..=bits, any::<u64>()).prop_map(move |(b, n)| ((n >> (64 - b.max(1))).max(1)).min(1 << bits))
}

fn is_in_range(error: RiskError) -> bool {
    use RiskError::*;
    !matches!(error, Overflow | DivisionByZero | InvariantBroken | OpenInterestUnequal)
}

fn most_lots(price: u64) -> u64 {
    let by_notional = u128::from(MAX_NOTIONAL_ATOMS) * 1_000_000 / u128::from(price) / ACCOUNTS as u128;
    u64::try_from(by_notional).unwrap_or(u64::MAX).min(MAX_LEG_LOTS)
}

/// What may be done to accounts a and b with lots and a price.
fn act(exchange: &mut Exchange, kind: u8, a: usize, b: usize, lots: u64) -> Result<(), RiskError> {
    let mark = exchange.market(0).mark;
    match kind {
        0..=2 => exchange.trade(0, a, b, lots, mark),
        3 => exchange.on(0, |acted, accounts| {
            let (buyer, seller) = pair(accounts, a, b);
            trade::settle_trade(acted, buyer, seller, Fill { lots, price: mark }).map(|_| ())
        }),
        4 => exchange.on(0, |acted, accounts| deleveraging::deleverage(acted, &mut accounts[a], None).map(|_| ())),
        5 => exchange.on(0, |acted, accounts| {
            let (account, keeper) = pair(accounts, a, b);
            liquidation::liquidate(acted, account, keeper).map(|_| ())
        }),
        6 => {
            let Exchange { markets, accounts, insurance, now } = &mut exchange.clone();
            bankruptcy::resolve_bankruptcy(&mut accounts[a], markets, 0, insurance, now)?;
            *exchange =
                Exchange { markets: markets.clone(), accounts: accounts.clone(), insurance: *insurance, now: *now };
            Ok(())
        }
        7 => exchange.convert(a, 0, 0).map(|_| ()),
        _ => {
            exchange.settle(a);
            let lots = exchange.value(a, 0).lots.unsigned_abs().min(lots);
            exchange.deleverage(0, a, lots, mark)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overflows_within_the_declared_ranges(
        capital in vec(up_to(56), ACCOUNTS),
        start in up_to(45),
        steps in vec((0..9_u8, 0..ACCOUNTS, 1..ACCOUNTS, up_to(37), up_to(45), any::<bool>()), 1..40),
    ) {
        prop_assert!(capital.iter().all(|capital| *capital <= MAX_CAPITAL_ATOMS));
        let mut exchange = Exchange::new(PARAMS, 1, &capital);
        exchange.insurance = MAX_CAPITAL_ATOMS;
        exchange.set_mark(0, start);
        for (kind, a, b, lots, price, moves) in steps {
            let open = exchange.market(0).long.open_lots;
            if moves && open <= most_lots(price) * 2 {
                exchange.set_mark(0, price);
            }
            exchange.wait(300);
            let lots = lots.min(most_lots(exchange.market(0).mark) / 4).max(1);
            if let Err(error) = act(&mut exchange, kind, a, (a + b) % ACCOUNTS, lots) {
                prop_assert!(is_in_range(error), "step {kind}: {error:?}");
            }
            for account in 0..ACCOUNTS {
                exchange.health(account, Stance::Favour, 0).equity();
            }
        }
    }

    #[test]
    fn cut_takes_at_least_what_it_must_and_at_most_the_grain_of_the_index_more(
        total in up_to(60), index in CLAIM_INDEX_MIN..=CLAIM_INDEX_ONE, part_ppm in 0..=1_000_000_u64,
        shares in vec(0..1_000_000_u64, 1..10),
    ) {
        let now = Now { slot: 0, unix_timestamp: 0, last_restart_slot: 0 };
        let mut market = MarketState::new(PARAMS);
        (market.claims_total_atoms, market.claim_index) = (total, index);
        let sum: u64 = shares.iter().sum::<u64>().max(1);
        let claim = |share: &u64| (u128::from(total) * u128::from(*share) / u128::from(sum)) as u64;
        let of = |claim: u64| Leg { in_use: 1, claim_fresh_atoms: claim, claim_index0: index, ..Leg::zeroed() };
        let legs: Vec<Leg> = shares.iter().map(claim).map(of).collect();
        let cut = (u128::from(total) * u128::from(part_ppm) / 1_000_000) as u64;
        let can_cut = claims::can_cut(&market, cut).unwrap();
        claims::cut(&mut market, cut).unwrap();
        let left = market.claims_total_atoms;
        prop_assert!(left <= total - cut);
        let grain = total / index + 1;
        let is_wiped = market.claim_generation == 1;
        prop_assert!(is_wiped || total - cut - left <= grain);
        prop_assert!(!is_wiped || !can_cut || cut >= total - cut);
        let current: u64 = legs.iter().map(|leg| claims::current(leg, &market, &now).unwrap().total().unwrap()).sum();
        prop_assert!(current <= left);
        prop_assert!(left - current <= grain + 2 * legs.len() as u64 + 1 || is_wiped);
    }
}

#[test]
fn deficit_is_shared_at_the_greatest_open_interest_and_price() {
    let mut market = MarketState::new(PARAMS);
    market.mark = MAX_PRICE;
    (market.long.open_lots, market.short.open_lots) = (MAX_OPEN_LOTS, MAX_OPEN_LOTS);
    market.claims_total_atoms = MAX_NOTIONAL_ATOMS;
    let shared = bankruptcy::share_deficit(&mut market, SideName::Long, MAX_NOTIONAL_ATOMS).unwrap();
    assert_eq!(shared.claims_atoms + shared.lots_atoms, MAX_NOTIONAL_ATOMS);
    ledger::deleverage(&mut market.long, MAX_OPEN_LOTS - 1, MAX_PRICE).unwrap();
    ledger::value_index(&market.long, MAX_PRICE).unwrap();
}

#[test]
fn leg_two_generations_behind_is_never_valued() {
    let now = Now { slot: 0, unix_timestamp: 0, last_restart_slot: 0 };
    let mut market = MarketState::new(PARAMS);
    market.long.generation = 2;
    let leg = Leg { lots: 1, size_index0: 1 << 60, in_use: 1, ..Leg::zeroed() };
    assert_eq!(leg::evaluate(&leg, &market, &now), Err(RiskError::InvariantBroken));
    market.long.generation = 0;
    let ahead = Leg { generation: 1, ..leg };
    assert_eq!(leg::evaluate(&ahead, &market, &now), Err(RiskError::InvariantBroken));
}
