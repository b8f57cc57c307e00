//! Nothing overflows inside the declared ranges: lots to 2^37 a leg and 2^38 a side, prices to 2^45, capital to 2^56, an
//! account's notional to 2^60 when it adds risk. And cuts of claims keep their bounds at every total and index.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::claims;
use breakwater_risk::health::Stance;
use breakwater_risk::state::{Leg, MarketState, Now};
use breakwater_risk::trade::{self, Fill};
use breakwater_risk::units::{
    CLAIM_INDEX_MIN, CLAIM_INDEX_ONE, MAX_CAPITAL_ATOMS, MAX_LEG_LOTS, MAX_NOTIONAL_ATOMS, MAX_OPEN_LOTS, MAX_PRICE,
    MIN_RISK_PRICE,
};
use breakwater_risk::{deleveraging, ladder, ledger, leg, liquidation, refresh, MarketParams, RiskError};
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

/// A trade without margin rules, but with those that keep figures within their types.
fn trade(exchange: &mut Exchange, a: usize, b: usize, lots: u64, price: u64) -> Result<(), RiskError> {
    let before = exchange.clone();
    exchange.trade(0, a, b, lots, price)?;
    let now = exchange.now;
    let grew = |account: usize| exchange.value(account, 0).lots.abs() > before.value(account, 0).lots.abs();
    let is_too_large = |account: usize| exchange.health(account, Stance::Against, 0).notional() > MAX_NOTIONAL_ATOMS;
    let adds_risk = |account: usize| {
        grew(account) || exchange.value(account, 0).lots.signum() * before.value(account, 0).lots.signum() < 0
    };
    let refusal = match (adds_risk(a) || adds_risk(b), refresh::is_reduce_only(&exchange.markets.0[0], &now)) {
        (true, true) => Some(RiskError::ReduceOnly),
        (true, false) if is_too_large(a) || is_too_large(b) => Some(RiskError::LegTooLarge),
        _ => None,
    };
    match refusal {
        Some(refusal) => {
            *exchange = before;
            Err(refusal)
        }
        None => Ok(()),
    }
}

/// What may be done to accounts a and b with lots and a price.
fn act(exchange: &mut Exchange, kind: u8, a: usize, b: usize, lots: u64) -> Result<(), RiskError> {
    let mark = exchange.market(0).mark;
    match kind {
        0..=2 => trade(exchange, a, b, lots, mark),
        3 => exchange.on(0, |acted, accounts| {
            let (buyer, seller) = pair(accounts, a, b);
            trade::settle_trade(acted, buyer, seller, Fill { lots, price: mark }).map(|_| ())
        }),
        4 => exchange.on(0, |acted, accounts| deleveraging::deleverage(acted, &mut accounts[a], None).map(|_| ())),
        5 => exchange.on(0, |acted, accounts| {
            let (account, keeper) = pair(accounts, a, b);
            liquidation::liquidate(acted, account, keeper, u64::MAX).map(|_| ())
        }),
        6 => exchange.resolve(a, 0).map(|_| ()),
        7 => exchange.convert(a, 0, 0).map(|_| ()),
        8 => exchange.on(0, |acted, accounts| ladder::touch(acted, &mut accounts[a]).map(|_| ())),
        9 => exchange.on(0, |acted, _| ladder::measure(acted.market, &acted.now).map(|_| ())),
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
        steps in vec((0..12_u8, 0..ACCOUNTS, 1..ACCOUNTS, up_to(37), up_to(45), any::<bool>()), 1..40),
    ) {
        prop_assert!(capital.iter().all(|capital| *capital <= MAX_CAPITAL_ATOMS));
        let mut exchange = Exchange::new(PARAMS, 1, &capital);
        exchange.insurance.balance_atoms = MAX_CAPITAL_ATOMS;
        exchange.set_mark(0, start);
        for (kind, a, b, lots, price, moves) in steps {
            if moves {
                exchange.set_mark(0, price); // however large the positions are
            }
            exchange.wait(300);
            if let Err(error) = act(&mut exchange, kind, a, (a + b) % ACCOUNTS, lots) {
                prop_assert!(is_in_range(error), "step {kind}: {error:?}");
            }
            for account in 0..ACCOUNTS {
                exchange.health(account, Stance::Favour, 0).equity();
            }
        }
    }

    #[test]
    fn the_largest_positions_are_settled_and_closed_wherever_the_price_goes(
        start in MIN_RISK_PRICE..1 << 42,
        steps in vec((4..12_u8, 0..4_usize, 1..4_usize, up_to(37), prop_oneof![Just(1), Just(MAX_PRICE), up_to(45)]), 1..20),
    ) {
        let mut exchange = Exchange::new(PARAMS, 1, &[MAX_CAPITAL_ATOMS / 8; 4]); // one may win it all
        exchange.set_mark(0, start);
        for (buyer, seller) in [(0, 1), (2, 3)] {
            trade(&mut exchange, buyer, seller, MAX_LEG_LOTS, start).unwrap();
        }
        prop_assert_eq!(trade(&mut exchange, 0, 1, 1, start), Err(RiskError::LegTooLarge));
        prop_assert_eq!(exchange.market(0).long.open_lots, MAX_OPEN_LOTS);
        for (kind, a, b, lots, price) in steps {
            exchange.set_mark(0, price);
            exchange.wait(300);
            if let Err(error) = act(&mut exchange, kind, a, (a + b) % 4, lots) {
                prop_assert!(is_in_range(error), "step {kind}: {error:?}");
            }
            for account in 0..4 {
                let health = exchange.health(account, Stance::Favour, 0);
                health.shortfall().unwrap();
                exchange.settle(account);
            }
        }
        let longs: Vec<_> = (0..4).filter(|account| exchange.value(*account, 0).lots > 0).collect();
        let shorts: Vec<_> = (0..4).filter(|account| exchange.value(*account, 0).lots < 0).collect();
        for (long, short) in longs.iter().flat_map(|long| shorts.iter().map(move |short| (*long, *short))) {
            let most = exchange.value(long, 0).lots.unsigned_abs().min(exchange.value(short, 0).lots.unsigned_abs());
            let mark = exchange.market(0).mark;
            if most > 0 {
                trade(&mut exchange, short, long, most, mark).unwrap();
            }
        }
        prop_assert!(exchange.market(0).long.open_lots <= 4, "what is left is what rounding left");
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
fn indices_hold_at_the_greatest_open_interest_and_price() {
    let mut market = MarketState::new(PARAMS);
    market.mark = MAX_PRICE;
    (market.long.open_lots, market.short.open_lots) = (MAX_OPEN_LOTS, MAX_OPEN_LOTS);
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
