//! The insurance fund and a market's reserve: what stakers are paid, what each market may draw, who pays first.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

use breakwater_risk::draws::QUARTER_SECONDS;
use breakwater_risk::governance::NOTICE_SECONDS;
use breakwater_risk::health::{MarketLookup, NoMarkets};
use breakwater_risk::insurance::{
    allowance, draw, list, pay_from_reserve, present_value, repay_unfunded, request_unstake, stake,
    sweep, unstake, FundState, Repayment,
};
use breakwater_risk::shares::{Holding, COOLDOWN_SECONDS, SECOND_CALL_MIN_SECONDS};
use breakwater_risk::state::Side;
use breakwater_risk::{MarketParams, MarketState, Now, RiskError, RiskResult};
use bytemuck::Zeroable;

const USD: u64 = 1_000_000;
const START: i64 = 1_000 * QUARTER_SECONDS;
const DUE: i64 = START + COOLDOWN_SECONDS;

struct Listed(Vec<MarketState>);

impl MarketLookup for Listed {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        self.0.get(usize::from(market_index)).ok_or(RiskError::NoSuchMarket)
    }
}

/// A fund without stakers.
fn gift(balance_atoms: u64) -> FundState {
    FundState { balance_atoms, ..Zeroable::zeroed() }
}

fn at(unix_timestamp: i64) -> Now {
    Now { slot: 1_000, unix_timestamp, last_restart_slot: 0 }
}

/// A calm market with open lots and a price of that moment.
fn market(unix_timestamp: i64) -> MarketState {
    let mut market = MarketState::new(MarketParams::SOL);
    (market.mark, market.publish_time) = (2_000_000_000, unix_timestamp);
    (market.long.open_lots, market.short.open_lots) = (10_000_000, 10_000_000); // $20 000
    (market.statistics.variance_fast, market.statistics.variance_slow) = (9 << 32, 4 << 32);
    market
}

/// Leaves by a call when the cooldown has passed and another one an hour later, with the markets as they are at those times: listed
/// before the request, unless they say otherwise. Returns the atoms paid.
fn leave(fund: &mut FundState, holding: &mut Holding, markets: &[fn(i64) -> MarketState], min: u64) -> RiskResult<u64> {
    let count = u16::try_from(markets.len()).unwrap();
    let at_time = |unix: i64| Listed(markets.iter().map(|market| market(unix)).collect());
    let first = unstake(fund, holding, min, count, &at_time(DUE), &at(DUE))?;
    assert_eq!(first.redemption(), None);
    let second = DUE + SECOND_CALL_MIN_SECONDS;
    Ok(unstake(fund, holding, min, count, &at_time(second), &at(second))?.paid_atoms())
}

fn staked() -> (FundState, Holding) {
    let (mut fund, mut holding): (FundState, Holding) = (Zeroable::zeroed(), Zeroable::zeroed());
    stake(&mut fund, &mut holding, (100 * USD, 0), 0, &NoMarkets).unwrap();
    (fund, holding)
}

#[test]
fn caps_hold_in_any_window_of_a_day_and_lapse_after_it() {
    let mut market = market(START);
    let mut fund = gift(1_000 * USD);
    let caps = MarketParams { insurance_event_ppm: 250_000, insurance_window_ppm: 500_000, ..market.params };
    market.params = caps;
    let mut drawn = [0; 20];
    for (quarter, drawn) in drawn.iter_mut().enumerate() {
        let now = at(START + quarter as i64 * QUARTER_SECONDS + 3_600);
        let before = fund.balance_atoms;
        *drawn = allowance(&market, &fund, &now).unwrap();
        draw(&mut market, &mut fund, *drawn, &now).unwrap();
        assert_eq!(fund.balance_atoms, before - *drawn);
    }
    // A quarter of the fund, a quarter of what is left, what the window leaves of half the fund, nothing.
    let (first, second) = (1_000 * USD / 4, 750 * USD / 4);
    assert_eq!(drawn[..4], [first, second, 500 * USD - first - second, 0]);
    // Any five quarters in a row together: at most half of what the fund was worth before them.
    for first in 0..drawn.len() - 5 {
        let had: u64 = 1_000 * USD - drawn[..first].iter().sum::<u64>();
        assert!(drawn[first..first + 5].iter().sum::<u64>() <= had / 2);
    }
    assert_eq!(drawn[4], 0);
    assert!(drawn[5] > 0);
    assert_eq!(allowance(&self::market(START), &gift(0), &at(START)), Ok(0));
}

#[test]
fn stakers_share_income_and_losses() {
    let (mut fund, mut holding) = staked();
    fund.balance_atoms *= 2;
    let mut late = Holding::zeroed();
    assert_eq!(stake(&mut fund, &mut late, (100 * USD, 0), 0, &NoMarkets), Ok(50 * USD));
    fund.balance_atoms /= 3; // $300 to $100
    let all = late.shares;
    request_unstake(&fund, &mut late, all, 1, &Listed(vec![market(START)]), &at(START)).unwrap();
    assert_eq!(leave(&mut fund, &mut late, &[market], 0), Ok(100 * USD / 3));
    let part = holding.shares * 2 / 3; // of $100 M shares at two thirds of a dollar
    assert!(fund.shares.value_floor(holding.shares, fund.balance_atoms).unwrap().abs_diff(part) <= 2);
    assert_eq!(stake(&mut fund, &mut holding, (0, 0), 0, &NoMarkets), Err(RiskError::StakeTooSmall));
}

#[test]
fn who_enters_pays_for_what_the_markets_have_accrued() {
    let (mut fund, _) = staked();
    let mut markets = Listed(vec![market(START)]);
    markets.0[0].insurance_accrued_atoms = 100 * USD;
    let mut late = Holding::zeroed();
    assert_eq!(stake(&mut fund, &mut late, (100 * USD, 0), 1, &markets), Ok(50 * USD));
    assert_eq!(stake(&mut fund, &mut late, (1, 0), 2, &markets), Err(RiskError::NoSuchMarket));
}

/// What somebody who holds nearly all shares of a fund of $100 is paid, with one market as it is at either call.
fn paid_beside(market: fn(i64) -> MarketState) -> RiskResult<u64> {
    let (mut fund, mut holding) = staked();
    let shares = holding.shares;
    request_unstake(&fund, &mut holding, shares, 1, &Listed(vec![self::market(START)]), &at(START)).unwrap();
    leave(&mut fund, &mut holding, &[market], 0)
}

/// A market that left so much unfunded, all of which the fund has set aside for.
fn owing(market: MarketState, atoms: u64) -> MarketState {
    MarketState { unfunded_atoms: atoms, unfunded_allowance_atoms: atoms, ..market }
}

fn jumpy(unix: i64) -> MarketState {
    let mut market = market(unix);
    market.statistics.variance_fast += 1 << 32;
    market
}

#[test]
fn who_leaves_bears_what_a_restless_market_may_still_draw() {
    let shares = staked().1.shares;
    let part = |atoms: u64| shares - atoms * shares / (100 * USD);
    assert_eq!(paid_beside(market), Ok(shares));
    // Calm a minute ago is calm enough, longer ago it is not. Half of the fund is the cap per window of SOL.
    assert_eq!(paid_beside(|unix| market(unix - 60)), Ok(shares));
    assert_eq!(paid_beside(|unix| market(unix - 61)), Ok(shares / 2));
    assert_eq!(paid_beside(jumpy), Ok(shares / 2));
    // No more than the open lots and the debts can cost.
    let small = |unix| MarketState { long: Side { open_lots: 5_000, ..jumpy(unix).long }, ..jumpy(unix) };
    assert!(paid_beside(small).unwrap().abs_diff(part(5_000 * 2_000)) <= 1);
    // Debts count in calm too, and what the fund has to repay.
    let indebted = |unix| MarketState { debts_total_atoms: 20 * USD, ..market(unix) };
    assert!(paid_beside(indebted).unwrap().abs_diff(part(20 * USD)) <= 1);
    assert_eq!(paid_beside(|unix| owing(market(unix), 50 * USD)), Ok(shares / 2));
    // A loss at either call is enough.
    assert_eq!(paid_beside(|unix| if unix == DUE { jumpy(unix) } else { market(unix) }), Ok(shares / 2));
    assert_eq!(paid_beside(|unix| if unix == DUE { market(unix) } else { jumpy(unix) }), Ok(shares / 2));
    // No lots, no insurance, or a dead feed: nothing more to wait for.
    let uninsured = |unix| MarketState { params: without_insurance(), ..jumpy(unix) };
    assert_eq!(paid_beside(uninsured), Ok(shares));
    assert_eq!(paid_beside(|unix| jumpy(unix - 601)), Ok(shares));
    assert_eq!(paid_beside(|unix| MarketState { long: Zeroable::zeroed(), ..jumpy(unix) }), Ok(shares));
}

fn without_insurance() -> MarketParams {
    MarketParams { insurance_event_ppm: 0, insurance_window_ppm: 0, ..MarketParams::SOL }
}

#[test]
fn a_pool_that_its_markets_may_take_all_of_pays_nobody_for_nothing() {
    let all = |unix| {
        let params = MarketParams { insurance_window_ppm: 1_000_000, ..MarketParams::SOL };
        MarketState { params, ..jumpy(unix) }
    };
    assert_eq!(paid_beside(all), Err(RiskError::ExitValueZero));
}

#[test]
fn leaving_needs_every_market_and_pays_at_least_what_the_holder_accepts() {
    let (fund, mut holding) = staked();
    let shares = holding.shares;
    request_unstake(&fund, &mut holding, shares, 1, &Listed(vec![market(START)]), &at(START)).unwrap();
    let fewer = unstake(&mut fund.clone(), &mut holding.clone(), 0, 2, &Listed(vec![market(DUE)]), &at(DUE));
    assert_eq!(fewer, Err(RiskError::NoSuchMarket));
    let more = leave(&mut fund.clone(), &mut holding, &[market], shares + 1);
    assert_eq!(more, Err(RiskError::PaidBelowLeast));
}

/// Six calm markets that are refreshed one after the other, ten seconds apart: all of them are quiet.
#[test]
fn stakers_are_paid_in_full_beside_six_markets_refreshed_one_after_the_other() {
    let (mut fund, mut holding) = staked();
    let shares = holding.shares;
    let pace: [fn(i64) -> MarketState; 6] = [
        |unix| market(unix),
        |unix| market(unix - 10),
        |unix| market(unix - 20),
        |unix| market(unix - 30),
        |unix| market(unix - 40),
        |unix| market(unix - 50),
    ];
    let listed = Listed(vec![market(START); 6]);
    request_unstake(&fund, &mut holding, shares, 6, &listed, &at(START)).unwrap();
    assert_eq!(leave(&mut fund, &mut holding, &pace, shares), Ok(shares));
}

/// A market listed after a request, restless as it may be and whatever it left unfunded, takes nothing from what that request is
/// paid; one that could draw when the request was made does.
#[test]
fn a_market_listed_after_a_request_takes_nothing_from_it() {
    let shares = staked().1.shares;
    for (draws_from, paid) in [(START, shares / 2), (START + 1, shares), (START + NOTICE_SECONDS, shares)] {
        let (mut fund, mut holding) = staked();
        request_unstake(&fund, &mut holding, shares, 0, &NoMarkets, &at(START)).unwrap();
        let listed = |unix| Listed(vec![MarketState { draws_from, ..jumpy(unix) }]);
        unstake(&mut fund, &mut holding, 0, 1, &listed(DUE), &at(DUE)).unwrap();
        let second = DUE + SECOND_CALL_MIN_SECONDS;
        let left = unstake(&mut fund, &mut holding, 0, 1, &listed(second), &at(second)).unwrap();
        assert_eq!(left.paid_atoms(), paid, "draws from {draws_from}");
    }
}

/// Six markets that each may draw half of the fund draw half of it together, in any window of a day.
#[test]
fn all_markets_together_draw_at_most_half_of_the_fund_in_a_day() {
    let mut markets = vec![owing(market(START), 10_000 * USD); 6];
    let mut fund = gift(1_000 * USD);
    let mut drawn = Vec::new();
    for quarter in 0..20 {
        let now = at(START + quarter * QUARTER_SECONDS + 3_600);
        let before = fund.balance_atoms;
        for market in &mut markets {
            repay_unfunded(market, &mut fund, &now).unwrap();
        }
        drawn.push(before - fund.balance_atoms);
    }
    assert_eq!(drawn[..5], [500 * USD, 0, 0, 0, 0], "six times a quarter of the fund was asked for");
    for first in 0..drawn.len() - 5 {
        let had: u64 = 1_000 * USD - drawn[..first].iter().sum::<u64>();
        assert!(drawn[first..first + 5].iter().sum::<u64>() <= had / 2);
    }
    assert!(drawn[5] > 0);
}

/// A market of SOL's terms, listed at [`START`] with a seed of $1 and a bond of $50.
fn listed() -> MarketState {
    let mut market = market(START);
    list(&mut market, (USD, 50 * USD), &at(START));
    market
}

#[test]
fn a_market_draws_on_insurance_from_eight_days_after_its_listing() {
    let market = listed();
    assert_eq!((market.pool_atoms, market.reserve_atoms, market.bond_atoms), (USD, 50 * USD, 50 * USD));
    assert_eq!(market.draws_from, START + 8 * 86_400);
    let allowed = |unix| allowance(&market, &gift(1_000 * USD), &at(unix)).unwrap();
    assert_eq!([allowed(START), allowed(market.draws_from - 1), allowed(market.draws_from)], [0, 0, 250 * USD]);
}

#[test]
fn a_young_market_stands_on_its_bond_and_its_fees_and_leaves_nothing_to_insurance() {
    let (mut market, mut fund, mut fees) = (listed(), gift(1_000 * USD), 0);
    market.fees_accrued_atoms = 7 * USD;
    let report = sweep(&mut market, &mut fund, &mut fees, &at(START)).unwrap();
    assert_eq!((report.reserved_atoms, market.reserve_atoms, fees), (7 * USD, 57 * USD, 0));
    // A deficit of $100: the reserve pays $57, and what nobody could bear is never repaid by insurance.
    assert_eq!(pay_from_reserve(&mut market, 100 * USD), Ok(57 * USD));
    assert_eq!((market.pool_atoms, market.reserve_atoms), (58 * USD, 0));
    market.unfunded_atoms = 43 * USD;
    assert_eq!(present_value(&fund, 1, &Listed(vec![market])), Ok(1_000 * USD));
    let mature = at(market.draws_from);
    assert_eq!(repay_unfunded(&mut market, &mut fund, &mature), Ok(Repayment::default()));
    assert_eq!(fund.balance_atoms, 1_000 * USD);
    // Its fees repay it.
    market.fees_accrued_atoms = 42 * USD;
    let repaid = Repayment { fees_atoms: 42 * USD, ..Repayment::default() };
    assert_eq!(repay_unfunded(&mut market, &mut fund, &mature), Ok(repaid));
    assert_eq!(market.unfunded_atoms, USD);
}

#[test]
fn later_fees_refill_the_reserve_up_to_the_bond_and_then_go_to_the_exchange() {
    let (mut market, mut fund, mut fees) = (listed(), gift(0), 0);
    let mature = at(market.draws_from);
    pay_from_reserve(&mut market, 30 * USD).unwrap();
    market.fees_accrued_atoms = 20 * USD;
    assert_eq!(sweep(&mut market, &mut fund, &mut fees, &mature).unwrap().reserved_atoms, 20 * USD);
    assert_eq!((market.reserve_atoms, fees), (40 * USD, 0));
    market.fees_accrued_atoms = 20 * USD;
    let report = sweep(&mut market, &mut fund, &mut fees, &mature).unwrap();
    assert_eq!((report.reserved_atoms, report.fees_atoms, fees), (10 * USD, 10 * USD, 10 * USD));
    assert_eq!(market.reserve_atoms, market.bond_atoms);
    assert_eq!(sweep(&mut market, &mut fund, &mut fees, &mature), Err(RiskError::NothingToDo));
}

#[test]
fn the_reserve_repays_what_is_unfunded_after_fees_and_before_insurance() {
    let (mut market, mut fund) = (listed(), gift(1_000 * USD));
    let mature = at(market.draws_from);
    market = owing(market, 100 * USD);
    market.fees_accrued_atoms = 10 * USD;
    let expected = Repayment { fees_atoms: 10 * USD, reserve_atoms: 50 * USD, insurance_atoms: 40 * USD };
    assert_eq!(repay_unfunded(&mut market, &mut fund, &mature), Ok(expected));
    assert_eq!((market.unfunded_atoms, market.pool_atoms), (0, USD + 100 * USD));
    assert_eq!((market.reserve_atoms, fund.balance_atoms), (0, 960 * USD));
}
