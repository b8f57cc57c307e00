//! Shares of a pool: what they are issued and valued at, and how a request to leave is paid.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::unwrap_used)]

use breakwater_risk::shares::{
    self, issue, leave, request, Holding, LeaveStep, Redemption, ShareLedger, COOLDOWN_SECONDS,
    FIRST_CALL_PAUSE_SECONDS, REDEEM_WINDOW_SECONDS, SECOND_CALL_MAX_SECONDS, SECOND_CALL_MIN_SECONDS,
    UNOWNED_SHARES_MIN,
};
use breakwater_risk::{RiskError, RiskResult};
use bytemuck::Zeroable;

const USD: u64 = 1_000_000;
const START: i64 = 1_000;
const DUE: i64 = START + COOLDOWN_SECONDS;

fn empty() -> (ShareLedger, Holding) {
    (Zeroable::zeroed(), Zeroable::zeroed())
}

/// A pool of $100 with one holder.
fn pool() -> (ShareLedger, Holding) {
    let (mut ledger, mut holding) = empty();
    issue(&mut ledger, &mut holding, 100 * USD, 0, 0).unwrap();
    (ledger, holding)
}

#[test]
fn the_first_to_enter_pays_for_nobodys_shares() {
    let (ledger, holding) = pool();
    assert_eq!((holding.shares, ledger.total), (100 * USD - UNOWNED_SHARES_MIN, 100 * USD));
    let (mut ledger, mut holding) = empty();
    assert_eq!(issue(&mut ledger, &mut holding, UNOWNED_SHARES_MIN, 0, 0), Err(RiskError::StakeTooSmall));
    // What a pool holds already is nobody's and counts.
    let (mut ledger, mut holding) = empty();
    assert_eq!(issue(&mut ledger, &mut holding, 5 * USD, 7 * USD, 0), Ok(5 * USD));
    assert_eq!(ledger.total, 12 * USD);
}

#[test]
fn shares_are_issued_at_the_value_and_never_dilute() {
    let (mut ledger, mut holding) = pool();
    let mut second = Holding::zeroed();
    // The pool has doubled: half as many shares.
    assert_eq!(issue(&mut ledger, &mut second, 100 * USD, 200 * USD, 0), Ok(50 * USD));
    assert_eq!(ledger.value_floor(second.shares, 300 * USD), Ok(100 * USD));
    assert_eq!(issue(&mut ledger, &mut holding, 10 * USD, 300 * USD, 5 * USD + 1), Err(RiskError::SharesBelowLeast));
}

#[test]
fn inflating_the_price_of_a_share_costs_more_than_it_takes() {
    let (mut ledger, mut attacker) = empty();
    issue(&mut ledger, &mut attacker, UNOWNED_SHARES_MIN + 1, 0, 0).unwrap();
    assert_eq!(attacker.shares, 1);
    let gift = 10_000 * USD;
    let mut value = UNOWNED_SHARES_MIN + 1 + gift;
    let mut victim = Holding::zeroed();
    issue(&mut ledger, &mut victim, 19 * USD, value, 0).unwrap();
    value += 19 * USD;
    let taken = ledger.value_floor(attacker.shares, value).unwrap();
    assert!(taken < gift / 900, "{taken}");
    // A share costs a part of the gift; who brings less than one is told so.
    let price = value / ledger.total;
    assert_eq!(issue(&mut ledger, &mut Holding::zeroed(), price / 2, value, 0), Err(RiskError::StakeTooSmall));
}

/// The first call and, an hour later, the second one, both at the same value of the pool.
fn leave_at(
    ledger: &mut ShareLedger,
    holding: &mut Holding,
    value_atoms: u64,
    terms: (u64, u64),
    unix_timestamp: i64,
) -> RiskResult<Redemption> {
    let first = shares::leave(ledger, holding, value_atoms, terms, unix_timestamp)?;
    assert_eq!(first.redemption(), None);
    let second = shares::leave(ledger, holding, value_atoms, terms, unix_timestamp + SECOND_CALL_MIN_SECONDS)?;
    Ok(second.redemption().expect("the second call pays"))
}

#[test]
fn a_request_is_paid_the_lowest_of_three_values_after_the_cooldown() {
    let cases = [(100, 100, 100, 40), (100, 100, 50, 20), (50, 100, 100, 20), (100, 50, 100, 20), (80, 90, 100, 32)];
    for (then, noted, now, paid) in cases {
        let (mut ledger, mut holding) = pool();
        assert_eq!(request(&ledger, &mut holding, 40 * USD, then * USD, START), Ok(40 * then * USD / 100));
        let early = leave(&mut ledger.clone(), &mut holding.clone(), now * USD, (u64::MAX, 0), DUE - 1);
        assert_eq!(early, Err(RiskError::CooldownRunning));
        let late = DUE + REDEEM_WINDOW_SECONDS + 1;
        let lapsed = leave(&mut ledger.clone(), &mut holding.clone(), now * USD, (u64::MAX, 0), late);
        assert_eq!(lapsed, Err(RiskError::RequestLapsed));
        let before = ledger;
        let step = leave(&mut ledger, &mut holding, noted * USD, (u64::MAX, 0), DUE).unwrap();
        let noted_atoms = 40 * then.min(noted) * USD / 100;
        let (payable_from, payable_until) = (DUE + SECOND_CALL_MIN_SECONDS, DUE + SECOND_CALL_MAX_SECONDS);
        assert_eq!(step, LeaveStep::Noted { noted_atoms, payable_from, payable_until });
        assert_eq!((ledger, holding.shares), (before, pool().1.shares), "a first call moves nothing");
        for at in [payable_from, payable_until] {
            let (mut ledger, mut holding) = (ledger, holding);
            let step = leave(&mut ledger, &mut holding, now * USD, (u64::MAX, 0), at).unwrap();
            let redemption = Redemption { paid_atoms: paid * USD, burned_shares: 40 * USD };
            assert_eq!(step, LeaveStep::Paid(redemption));
            assert_eq!((ledger.total, holding.requested_shares, holding.noted_atoms), (60 * USD, 0, 0));
            let again = leave(&mut ledger, &mut holding, now * USD, (u64::MAX, 0), at);
            assert_eq!(again, Err(RiskError::NothingToDo));
        }
    }
}

#[test]
fn a_call_between_the_two_only_lowers_what_was_noted() {
    let (mut ledger, mut holding) = pool();
    request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
    leave(&mut ledger, &mut holding, 90 * USD, (u64::MAX, 0), DUE).unwrap();
    let between = DUE + SECOND_CALL_MIN_SECONDS - 1;
    for value in [90, 100] {
        let call = leave(&mut ledger, &mut holding, value * USD, (u64::MAX, 0), between);
        assert_eq!(call, Err(RiskError::SecondCallTooEarly));
    }
    let lowered = leave(&mut ledger, &mut holding, 50 * USD, (u64::MAX, 0), between).unwrap();
    let (payable_from, payable_until) = (DUE + SECOND_CALL_MIN_SECONDS, DUE + SECOND_CALL_MAX_SECONDS);
    assert_eq!(lowered, LeaveStep::Noted { noted_atoms: 20 * USD, payable_from, payable_until });
    let paid = leave(&mut ledger, &mut holding, 100 * USD, (u64::MAX, 0), payable_from).unwrap();
    assert_eq!(paid.paid_atoms(), 20 * USD);
}

#[test]
fn a_first_call_that_nobody_followed_up_is_made_again_a_day_later() {
    let (mut ledger, mut holding) = pool();
    request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
    leave(&mut ledger, &mut holding, 50 * USD, (u64::MAX, 0), DUE).unwrap();
    for waited in [SECOND_CALL_MAX_SECONDS + 1, FIRST_CALL_PAUSE_SECONDS - 1] {
        let call = leave(&mut ledger.clone(), &mut holding.clone(), 40 * USD, (u64::MAX, 0), DUE + waited);
        assert_eq!(call, Err(RiskError::SecondCallTooEarly));
    }
    let again = DUE + FIRST_CALL_PAUSE_SECONDS;
    assert_eq!(leave_at(&mut ledger, &mut holding, 100 * USD, (u64::MAX, 0), again).unwrap().paid_atoms, 40 * USD);
}

/// Whoever always keeps a first call alive may be paid at once during two hours of a day, and so during at most four of the 216 hours
/// of a request.
#[test]
fn a_noted_value_is_in_hand_for_four_hours_of_a_request_at_most() {
    let (ledger, mut holding) = pool();
    request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
    let mut payable_minutes = 0;
    for minute in 0..=(COOLDOWN_SECONDS + REDEEM_WINDOW_SECONDS) / 60 {
        let (mut ledger, mut tried) = (ledger, holding);
        match leave(&mut ledger, &mut tried, 100 * USD, (u64::MAX, 0), START + minute * 60) {
            Ok(LeaveStep::Paid(_)) => payable_minutes += 1,
            Ok(LeaveStep::Noted { .. }) => holding = tried,
            Err(_) => {}
        }
    }
    assert_eq!(payable_minutes, 2 * (120 + 1));
}

#[test]
fn no_first_call_is_taken_that_no_second_one_could_follow() {
    let (mut ledger, mut holding) = pool();
    request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
    let last = DUE + REDEEM_WINDOW_SECONDS - SECOND_CALL_MIN_SECONDS;
    let late = leave(&mut ledger.clone(), &mut holding.clone(), 100 * USD, (u64::MAX, 0), last + 1);
    assert_eq!(late, Err(RiskError::RequestLapsed));
    assert_eq!(leave_at(&mut ledger, &mut holding, 100 * USD, (u64::MAX, 0), last).unwrap().paid_atoms, 40 * USD);
}

#[test]
fn a_new_request_forgets_what_was_noted() {
    let (mut ledger, mut holding) = pool();
    for replaced in [40 * USD, 0] {
        request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
        leave(&mut ledger, &mut holding, 100 * USD, (u64::MAX, 0), DUE).unwrap();
        assert_eq!((holding.noted_at, holding.noted_atoms), (DUE, 40 * USD));
        request(&ledger, &mut holding, replaced, 100 * USD, DUE).unwrap();
        assert_eq!((holding.noted_at, holding.noted_atoms), (0, 0));
    }
}

#[test]
fn what_is_not_available_stays_requested() {
    let (mut ledger, mut holding) = pool();
    request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
    let nothing = leave_at(&mut ledger.clone(), &mut holding.clone(), 100 * USD, (0, 0), DUE);
    assert_eq!(nothing, Err(RiskError::InsufficientCapital));
    let part = leave_at(&mut ledger, &mut holding, 100 * USD, (10 * USD, 0), DUE).unwrap();
    assert_eq!(part, Redemption { paid_atoms: 10 * USD, burned_shares: 10 * USD });
    assert_eq!((holding.requested_shares, holding.requested_atoms), (30 * USD, 30 * USD));
    // The rest of the request is paid by the same first call.
    let until = DUE + SECOND_CALL_MAX_SECONDS;
    let rest = leave(&mut ledger, &mut holding, 90 * USD, (u64::MAX, 0), until).unwrap();
    assert_eq!(rest.paid_atoms(), 30 * USD);
}

#[test]
fn requests_can_be_replaced_and_taken_back() {
    let (ledger, mut holding) = pool();
    let all = holding.shares;
    assert_eq!(request(&ledger, &mut holding, all + 1, 100 * USD, START), Err(RiskError::InsufficientShares));
    assert_eq!(request(&ledger, &mut holding, 0, 100 * USD, START), Err(RiskError::NothingToDo));
    request(&ledger, &mut holding, all, 100 * USD, START).unwrap();
    request(&ledger, &mut holding, USD, 100 * USD, START + 5).unwrap();
    assert_eq!((holding.requested_shares, holding.redeemable_at), (USD, DUE + 5));
    request(&ledger, &mut holding, 0, 100 * USD, START).unwrap();
    assert_eq!((holding.requested_shares, holding.shares), (0, all));
}

#[test]
fn less_than_the_holder_accepts_is_not_paid() {
    let (mut ledger, mut holding) = pool();
    request(&ledger, &mut holding, 40 * USD, 100 * USD, START).unwrap();
    let pay = |holding: &mut Holding, ledger: &mut ShareLedger, min| {
        leave_at(ledger, holding, 50 * USD, (u64::MAX, min), DUE)
    };
    assert_eq!(pay(&mut holding.clone(), &mut ledger.clone(), 20 * USD + 1), Err(RiskError::PaidBelowLeast));
    assert_eq!(pay(&mut holding, &mut ledger, 20 * USD).unwrap().paid_atoms, 20 * USD);
}

#[test]
fn a_pool_that_lost_everything_starts_anew() {
    let (mut ledger, mut lost) = pool();
    request(&ledger, &mut lost, USD, 100 * USD, START).unwrap();
    let nothing = |min| leave_at(&mut ledger.clone(), &mut lost.clone(), 0, (0, min), DUE);
    assert_eq!(nothing(1), Err(RiskError::PaidBelowLeast));
    assert_eq!(nothing(0), Ok(Redemption { paid_atoms: 0, burned_shares: USD }));
    let mut fresh = Holding::zeroed();
    let shares = issue(&mut ledger, &mut fresh, 10 * USD, 0, 0).unwrap();
    assert_eq!((shares, lost.live_shares(&ledger)), (10 * USD - UNOWNED_SHARES_MIN, 0));
    assert_eq!(request(&ledger, &mut lost, 1, 10 * USD, START), Err(RiskError::InsufficientShares));
    assert_eq!(leave(&mut ledger, &mut lost, 10 * USD, (u64::MAX, 0), DUE), Err(RiskError::NothingToDo));
    issue(&mut ledger, &mut lost, USD, 10 * USD, 0).unwrap();
    assert_eq!((lost.shares, lost.requested_shares), (USD, 0));
}

#[test]
fn a_pool_that_lost_almost_everything_keeps_its_holders() {
    let (mut ledger, mut old) = pool();
    let worth = 1_000 * USD / 2_000; // half a dollar is left of $1 000
    issue(&mut ledger, &mut old, 900 * USD, 100 * USD, 0).unwrap();
    let mut late = Holding::zeroed();
    issue(&mut ledger, &mut late, USD, worth, 0).unwrap();
    assert_eq!((ledger.generation, late.generation), (1, 1));
    let all = worth + USD;
    let of = |holding: &Holding| ledger.value_floor(holding.live_shares(&ledger), all).unwrap();
    // Diluted by the shares that are added for nobody: a tenth of those that are left.
    assert!(of(&old) <= worth && of(&old) >= worth / 10 * 8, "{}", of(&old));
    assert!(of(&late) <= USD && of(&late) >= USD - USD / 1_000, "{}", of(&late));
    request(&ledger, &mut old, 10, all, START).unwrap();
    assert_eq!(old.generation, 1);
}
