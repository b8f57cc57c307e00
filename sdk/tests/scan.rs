//! The scan passes over no account that is under maintenance, and finds few that are not.

mod scan_support;

use breakwater::MarginAccount;
use breakwater_risk::health::{Health, Stance};
use breakwater_risk::units::MAX_PRICE;
use breakwater_sdk::scan::{scan, Marks, Summary, BRACKET_PPM};
use breakwater_sdk::Snapshot;
use bytemuck::Zeroable;
use proptest::prelude::*;
use scan_support::{market, open_leg, NOW};

const MARKETS: u16 = 4;

/// An account with legs that were opened at prices near the marks.
fn account(capital_atoms: u64, legs: &[(i64, u64, u64)], snapshot: &Snapshot) -> MarginAccount {
    let mut account = MarginAccount::zeroed();
    account.state.capital_atoms = capital_atoms;
    for (place, leg) in legs.iter().enumerate() {
        open_leg(&mut account, place, *leg, snapshot);
    }
    account
}

fn is_failing(snapshot: &Snapshot, account: &MarginAccount) -> bool {
    let health = Health::assess_as_acted(&account.state, Stance::Favour, snapshot, &NOW).unwrap();
    health.equity() < i128::from(health.maintenance())
}

/// Mark, volatility, depth and what is unfunded.
type DrawnMarket = (u64, u32, u64, u64);
/// Capital, and by leg: size, entry price in millionths of the mark, claim.
type DrawnAccount = (u64, Vec<(i64, u64, u64)>);
/// Markets, accounts and moves within the bracket.
type Drawn = (Vec<DrawnMarket>, Vec<DrawnAccount>, Vec<i64>);

fn drawn() -> impl Strategy<Value = Drawn> {
    let market =
        (1_000_000_u64..100_000_000_000, 50_u32..600, 1_000_000_000_u64..1_000_000_000_000, 0_u64..1_000_000_000);
    let leg = (-40_000_000_i64..40_000_000, 700_000_u64..1_300_000, 0_u64..1_000_000_000);
    let account = (0_u64..8_000_000_000, prop::collection::vec(leg, 0..=usize::from(MARKETS)));
    let bracket = i64::from(BRACKET_PPM);
    (
        prop::collection::vec(market, usize::from(MARKETS)),
        prop::collection::vec(account, 40),
        prop::collection::vec(-bracket + 1..bracket, usize::from(MARKETS)),
    )
}

fn snapshot_of(markets: &[DrawnMarket]) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for (index, (mark, sigma, depth, unfunded)) in (0_u16..).zip(markets) {
        snapshot.insert(Default::default(), market(index, *mark, *sigma, *depth, *unfunded));
    }
    snapshot
}

fn moved(mark: u64, ppm: i64) -> u64 {
    let moved = i128::from(mark) * i128::from(1_000_000 + ppm) / 1_000_000;
    u64::try_from(moved).unwrap().clamp(1, MAX_PRICE)
}

/// Accounts found and failing at the moved marks: (failing, found, failing but not found).
fn count(markets: &[DrawnMarket], accounts: &[DrawnAccount], moves: &[i64]) -> [usize; 3] {
    let before = snapshot_of(markets);
    let after = {
        let moved = markets.iter().zip(moves).map(|((mark, a, b, c), ppm)| (moved(*mark, *ppm), *a, *b, *c));
        snapshot_of(&moved.collect::<Vec<_>>())
    };
    let accounts: Vec<_> = accounts
        .iter()
        .map(|(capital, legs)| {
            let legs: Vec<_> = legs
                .iter()
                .zip(markets)
                .map(|((lots, entry_ppm, claim), (mark, ..))| {
                    // Sizes of the same notional whatever the price.
                    let lots = i128::from(*lots) * 1_000_000_000 / i128::from(*mark);
                    let entry = u128::from(*mark) * u128::from(*entry_ppm) / 1_000_000;
                    (i64::try_from(lots).unwrap(), u64::try_from(entry).unwrap(), *claim)
                })
                .collect();
            account(*capital, &legs, &before)
        })
        .collect();
    let summaries: Vec<_> = accounts.iter().map(|account| Summary::of(&before, account, 0, &NOW)).collect();
    let mut found = Vec::new();
    scan(&summaries, &Marks::of(&before).moves_to(&Marks::of(&after)), &mut found);
    let failing: Vec<u32> =
        (0_u32..).zip(&accounts).filter(|(_, account)| is_failing(&after, account)).map(|(place, _)| place).collect();
    let missed = failing.iter().filter(|place| !found.contains(place)).count();
    [failing.len(), found.len(), missed]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_account_under_maintenance_is_passed_over((markets, accounts, moves) in drawn()) {
        let [_, _, missed] = count(&markets, &accounts, &moves);
        prop_assert_eq!(missed, 0);
    }
}

/// Few accounts are found in vain: chords lie near a function that is nearly linear.
#[test]
fn few_are_found_that_are_not_under_maintenance() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut sums = [0; 3];
    for _ in 0..300 {
        let (markets, accounts, moves) = drawn().new_tree(&mut runner).unwrap().current();
        for (sum, figure) in sums.iter_mut().zip(count(&markets, &accounts, &moves)) {
            *sum += figure;
        }
    }
    let [failing, found, missed] = sums;
    assert!(failing > 1_000 && missed == 0, "{sums:?}");
    assert!((found - failing) * 20 <= failing, "more than a twentieth in vain: {sums:?}");
}

#[test]
fn what_a_summary_cannot_hold_is_always_found() {
    let markets: Vec<_> = (0..MARKETS).map(|_| (2_000_000_000, 142, 840_000_000_000, 0)).collect();
    let snapshot = snapshot_of(&markets);
    let rich = account(u64::MAX >> 8, &[(1_000, 2_000_000_000, 0)], &snapshot);
    let find = |account: &MarginAccount, after: &Snapshot| {
        let mut found = Vec::new();
        let moves = Marks::of(&snapshot).moves_to(&Marks::of(after));
        scan(&[Summary::of(&snapshot, account, 0, &NOW)], &moves, &mut found);
        !found.is_empty()
    };
    assert!(!find(&rich, &snapshot));
    let mut far = markets.clone();
    far[0].0 = moved(far[0].0, -i64::from(BRACKET_PPM) - 1_000);
    assert!(find(&rich, &snapshot_of(&far)), "outside the bracket");
    assert!(find(&rich, &Snapshot::new()), "a market without a mark");
    let mut flagged = rich;
    flagged.state.flagged_slot = 5;
    assert!(find(&flagged, &snapshot), "flagged");
    let mut foreign = rich;
    foreign.state.legs[0].market_index = 77;
    assert!(find(&foreign, &snapshot), "a market that was not read");
}
