//! The insurance fund: its stakers, its caps, and what it pays (DESIGN section 6; spec B-3, B-6, I-1 … I-6).
//!
//! Books only cash. Owns [`FundState`] and the draws of a market; [`crate::shares`] owns the shares.

use crate::claims;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul_ppm_floor, sub};
use crate::health::MarketLookup;
use crate::refresh;
use crate::shares::{self, Holding, Redemption, ShareLedger};
use crate::state::{InsuranceDraws, MarketState, Now, DRAW_QUARTERS};
use crate::units::notional_ceil;
use bytemuck::{Pod, Zeroable};

/// Seconds of a quarter day.
const QUARTER_SECONDS: i64 = 21_600;

/// Cash of a fund and the shares of its stakers.
#[repr(C)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct FundState {
    /// Balance, atoms.
    pub balance_atoms: u64,
    /// Shares.
    pub shares: ShareLedger,
}

/// What entering shares are valued at: the balance and what the markets have accrued for the fund, so that nobody buys
/// income that others earned (I-3). `markets` holds all of the exchange, of which there are `market_count`. Unit: atoms.
/// Errors: `NoSuchMarket`, `Overflow`.
pub fn entry_value(fund: &FundState, market_count: u16, markets: &impl MarketLookup) -> RiskResult<u64> {
    (0..market_count)
        .try_fold(fund.balance_atoms, |value, index| add(value, markets.market(index)?.insurance_accrued_atoms))
}

/// Puts `atoms` into the fund for shares at its entry value (I-3). Returns the shares.
/// Errors: `StakeTooSmall`, `SharesBelowLeast`, `NoSuchMarket`, `Overflow`.
pub fn stake(
    fund: &mut FundState,
    holding: &mut Holding,
    (atoms, least_shares): (u64, u64),
    market_count: u16,
    markets: &impl MarketLookup,
) -> RiskResult<u64> {
    let value = entry_value(fund, market_count, markets)?;
    let shares = shares::issue(&mut fund.shares, holding, atoms, value, least_shares)?;
    fund.balance_atoms = add(fund.balance_atoms, atoms)?;
    Ok(shares)
}

/// What the fund is worth to its stakers: the balance less what all markets left unfunded (I-4). Unit: atoms.
/// Errors: `NoSuchMarket`.
pub fn present_value(fund: &FundState, market_count: u16, markets: &impl MarketLookup) -> RiskResult<u64> {
    let missing = (0..market_count).try_fold(0, |sum, index| add(sum, markets.market(index)?.unfunded_atoms))?;
    Ok(fund.balance_atoms.saturating_sub(missing))
}

/// What leaving shares are paid at: that, less what each market may soon draw, so that nobody leaves from a loss that is visible
/// but not booked yet: its debts, and while it is restless all its open lots, within its cap per window (I-5). Unit: atoms.
/// Errors: `NoSuchMarket`.
pub fn exit_value(fund: &FundState, market_count: u16, markets: &impl MarketLookup, now: &Now) -> RiskResult<u64> {
    let mut value = present_value(fund, market_count, markets)?;
    for market_index in 0..market_count {
        let market = markets.market(market_index)?;
        let lots = if refresh::is_quiet(market, now) { 0 } else { market.long.open_lots };
        let at_risk = notional_ceil(lots, market.mark)?.saturating_add(market.debts_total_atoms);
        value = value.saturating_sub(at_risk.min(window_allowance(market, fund.balance_atoms, now)?));
    }
    Ok(value)
}

/// Asks shares back (I-4, O-3). Returns what they are worth now. Errors: those of [`shares::request`], `NoSuchMarket`.
pub fn request_unstake(
    fund: &FundState,
    holding: &mut Holding,
    shares: u64,
    market_count: u16,
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<u64> {
    let value = present_value(fund, market_count, markets)?;
    shares::request(&fund.shares, holding, shares, value, now.unix_timestamp)
}

/// Pays a request that has waited at the exit value, at least `least_atoms` (I-5). `markets` holds all of the exchange, of
/// which there are `market_count`. Errors: those of [`shares::redeem`], `NoSuchMarket`.
pub fn unstake(
    fund: &mut FundState,
    holding: &mut Holding,
    least_atoms: u64,
    market_count: u16,
    markets: &impl MarketLookup,
    now: &Now,
) -> RiskResult<Redemption> {
    let value = exit_value(fund, market_count, markets, now)?;
    shares::require_worth(value, present_value(fund, market_count, markets)?)?;
    let terms = (fund.balance_atoms, least_atoms);
    let redemption = shares::redeem(&mut fund.shares, holding, value, terms, now.unix_timestamp)?;
    fund.balance_atoms = sub(fund.balance_atoms, redemption.paid_atoms)?;
    Ok(redemption)
}

/// Number of the quarter day.
fn quarter(now: &Now) -> u64 {
    u64::try_from(now.unix_timestamp.max(0).div_euclid(QUARTER_SECONDS)).unwrap_or(0)
}

/// The draws as of now: quarters older than the window are forgotten (B-3).
fn rolled(draws: &InsuranceDraws, now: &Now) -> InsuranceDraws {
    let present = quarter(now).max(draws.quarter);
    let passed = usize::try_from(present.saturating_sub(draws.quarter)).unwrap_or(DRAW_QUARTERS);
    let mut drawn_atoms = [0; DRAW_QUARTERS];
    for (place, atoms) in drawn_atoms.iter_mut().skip(passed).zip(draws.drawn_atoms) {
        *place = atoms;
    }
    InsuranceDraws { quarter: present, drawn_atoms }
}

/// Drawn for a market within the window that ends now: the present quarter day and the four before. Unit: atoms.
pub fn drawn_in_window(draws: &InsuranceDraws, now: &Now) -> RiskResult<u64> {
    rolled(draws, now).drawn_atoms.into_iter().try_fold(0, add)
}

/// B-3: most that insurance may pay for a market now: its cap per event and what is left of its cap per window, both
/// shares of the fund. A cap of zero pays nothing.
pub fn allowance(market: &MarketState, balance_atoms: u64, now: &Now) -> RiskResult<u64> {
    let event = mul_ppm_floor(balance_atoms, u64::from(market.params.insurance_event_ppm))?;
    Ok(event.min(window_allowance(market, balance_atoms, now)?))
}

/// What is left of a market's cap per window, whatever its cap per event. Unit: atoms.
fn window_allowance(market: &MarketState, balance_atoms: u64, now: &Now) -> RiskResult<u64> {
    let drawn = drawn_in_window(&market.insurance, now)?;
    let cap = mul_ppm_floor(add(balance_atoms, drawn)?, u64::from(market.params.insurance_window_ppm))?;
    Ok(cap.saturating_sub(drawn))
}

/// Draws of a window with `atoms` more, now. Errors: `Overflow`.
pub(crate) fn noted(draws: &InsuranceDraws, atoms: u64, now: &Now) -> RiskResult<InsuranceDraws> {
    let mut draws = rolled(draws, now);
    let [present, ..] = &mut draws.drawn_atoms;
    *present = add(*present, atoms)?;
    Ok(draws)
}

/// Moves insurance cash into a market's pool and counts it toward the window.
pub fn draw(market: &mut MarketState, balance_atoms: &mut u64, atoms: u64, now: &Now) -> RiskResult<()> {
    *balance_atoms = sub(*balance_atoms, atoms)?;
    market.pool_atoms = add(market.pool_atoms, atoms)?;
    market.insurance = noted(&market.insurance, atoms, now)?;
    Ok(())
}

/// What the fund pays at most, over all days together, toward a loss that a market leaves unfunded: its cap per event of the fund as it
/// is when the loss appears (B-6). Unit: atoms.
pub(crate) fn unfunded_budget(market: &MarketState, balance_atoms: u64) -> RiskResult<u64> {
    mul_ppm_floor(balance_atoms, u64::from(market.params.insurance_event_ppm))
}

/// Repays what a market left unfunded, first from its accrued fees, then from insurance within its caps and what is left of the
/// budget for this loss (B-6).
/// Returns (from fees, from insurance).
pub fn repay_unfunded(market: &mut MarketState, balance_atoms: &mut u64, now: &Now) -> RiskResult<(u64, u64)> {
    let from_fees = market.fees_accrued_atoms.min(market.unfunded_atoms);
    market.fees_accrued_atoms = sub(market.fees_accrued_atoms, from_fees)?;
    market.pool_atoms = add(market.pool_atoms, from_fees)?;
    market.unfunded_atoms = sub(market.unfunded_atoms, from_fees)?;
    let allowed = allowance(market, *balance_atoms, now)?.min(market.unfunded_allowance_atoms);
    let from_insurance = allowed.min(market.unfunded_atoms);
    draw(market, balance_atoms, from_insurance, now)?;
    // A fund that shrank sets less aside: what an empty one will not pay is not waited for.
    let budget = sub(market.unfunded_allowance_atoms, from_insurance)?;
    market.unfunded_allowance_atoms = budget.min(unfunded_budget(market, *balance_atoms)?);
    market.unfunded_atoms = sub(market.unfunded_atoms, from_insurance)?;
    Ok((from_fees, from_insurance))
}

/// Takes a gift toward what a market left unfunded, at most that (B-6). Returns the atoms taken, which the caller books.
/// Errors: `ZeroSize`, `NothingToDo` where nothing is unfunded, `Overflow`.
pub fn cover_unfunded(market: &mut MarketState, atoms: u64) -> RiskResult<u64> {
    if atoms == 0 {
        return Err(RiskError::ZeroSize);
    }
    let taken = atoms.min(market.unfunded_atoms);
    if taken == 0 {
        return Err(RiskError::NothingToDo);
    }
    market.unfunded_atoms = sub(market.unfunded_atoms, taken)?;
    market.pool_atoms = add(market.pool_atoms, taken)?;
    Ok(taken)
}

/// What a sweep moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Insurance's shares to the fund, atoms.
    pub insurance_atoms: u64,
    /// Fees to the exchange, atoms.
    pub fees_atoms: u64,
    /// Unfunded repaid from fees, atoms.
    pub repaid_from_fees_atoms: u64,
    /// Unfunded repaid from insurance, atoms.
    pub repaid_from_insurance_atoms: u64,
    /// Unfunded cut from claims, atoms.
    pub claims_cut_atoms: u64,
}

/// Sweeps a market's accrued shares: insurance's to the fund, then what is unfunded is repaid, then the other fees go
/// to the exchange, and what nothing will repay is cut from claims (I-2, B-6, B-8). Errors: `NothingToDo`, `Overflow`.
pub fn sweep(
    market: &mut MarketState,
    insurance_balance_atoms: &mut u64,
    exchange_fees_atoms: &mut u64,
    now: &Now,
) -> RiskResult<SweepReport> {
    let insurance_atoms = core::mem::take(&mut market.insurance_accrued_atoms);
    *insurance_balance_atoms = add(*insurance_balance_atoms, insurance_atoms)?;
    let (repaid_from_fees_atoms, repaid_from_insurance_atoms) = repay_unfunded(market, insurance_balance_atoms, now)?;
    let fees_atoms = core::mem::take(&mut market.fees_accrued_atoms);
    *exchange_fees_atoms = add(*exchange_fees_atoms, fees_atoms)?;
    let claims_cut_atoms = claims::write_down(market)?;
    let report = SweepReport {
        insurance_atoms,
        fees_atoms,
        repaid_from_fees_atoms,
        repaid_from_insurance_atoms,
        claims_cut_atoms,
    };
    if report == SweepReport::default() {
        return Err(RiskError::NothingToDo);
    }
    Ok(report)
}

const _: () = assert!(core::mem::size_of::<FundState>() == 24);

#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
mod tests {
    use super::*;
    use crate::health::NoMarkets;
    use crate::params::MarketParams;
    use crate::shares::COOLDOWN_SECONDS;

    const USD: u64 = 1_000_000;
    const START: i64 = 1_000 * QUARTER_SECONDS;

    struct One(MarketState);

    impl MarketLookup for One {
        fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
            (market_index == 0).then_some(&self.0).ok_or(RiskError::NoSuchMarket)
        }
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

    fn staked() -> (FundState, Holding) {
        let (mut fund, mut holding): (FundState, Holding) = (Zeroable::zeroed(), Zeroable::zeroed());
        stake(&mut fund, &mut holding, (100 * USD, 0), 0, &NoMarkets).unwrap();
        (fund, holding)
    }

    #[test]
    fn caps_hold_in_any_window_of_a_day_and_lapse_after_it() {
        let mut market = market(START);
        let mut balance = 1_000 * USD;
        let caps = MarketParams { insurance_event_ppm: 250_000, insurance_window_ppm: 500_000, ..market.params };
        market.params = caps;
        let mut drawn = [0; 20];
        for (quarter, drawn) in drawn.iter_mut().enumerate() {
            let now = at(START + quarter as i64 * QUARTER_SECONDS + 3_600);
            let before = balance;
            *drawn = allowance(&market, balance, &now).unwrap();
            draw(&mut market, &mut balance, *drawn, &now).unwrap();
            assert_eq!(balance, before - *drawn);
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
        assert_eq!(allowance(&self::market(START), 0, &at(START)), Ok(0));
    }

    #[test]
    fn stakers_share_income_and_losses() {
        let (mut fund, mut holding) = staked();
        fund.balance_atoms *= 2;
        let mut late = Holding::zeroed();
        assert_eq!(stake(&mut fund, &mut late, (100 * USD, 0), 0, &NoMarkets), Ok(50 * USD));
        fund.balance_atoms /= 3; // $300 to $100
        let markets = One(market(START + COOLDOWN_SECONDS));
        let all = late.shares;
        request_unstake(&fund, &mut late, all, 1, &markets, &at(START)).unwrap();
        let paid = unstake(&mut fund, &mut late, 0, 1, &markets, &at(START + COOLDOWN_SECONDS)).unwrap().paid_atoms;
        assert_eq!(paid, 100 * USD / 3);
        let part = holding.shares * 2 / 3; // of $100 M shares at two thirds of a dollar
        assert!(fund.shares.value_floor(holding.shares, fund.balance_atoms).unwrap().abs_diff(part) <= 2);
        assert_eq!(stake(&mut fund, &mut holding, (0, 0), 0, &NoMarkets), Err(RiskError::StakeTooSmall));
    }

    #[test]
    fn who_enters_pays_for_what_the_markets_have_accrued() {
        let (mut fund, _) = staked();
        let mut markets = One(market(START));
        markets.0.insurance_accrued_atoms = 100 * USD;
        let mut late = Holding::zeroed();
        assert_eq!(stake(&mut fund, &mut late, (100 * USD, 0), 1, &markets), Ok(50 * USD));
        assert_eq!(stake(&mut fund, &mut late, (1, 0), 2, &markets), Err(RiskError::NoSuchMarket));
    }

    #[test]
    fn who_leaves_bears_what_a_restless_market_may_still_draw() {
        let (fund, mut holding) = staked();
        let shares = holding.shares;
        request_unstake(&fund, &mut holding, shares, 1, &One(market(START)), &at(START)).unwrap();
        let due = START + COOLDOWN_SECONDS;
        let leave = |market: MarketState| {
            unstake(&mut fund.clone(), &mut holding.clone(), 0, 1, &One(market), &at(due)).map(|done| done.paid_atoms)
        };
        assert_eq!(leave(market(due)), Ok(shares));
        // Jumpy or stale: half of the fund, the cap per window of SOL.
        let mut jumpy = market(due);
        jumpy.statistics.variance_fast += 1 << 32;
        assert_eq!(leave(jumpy), Ok(shares / 2));
        assert_eq!(leave(market(due - 9)), Ok(shares / 2));
        jumpy.params.insurance_window_ppm = 1_000_000;
        assert_eq!(leave(jumpy), Err(RiskError::InsufficientCapital));
        // No more than the open lots and the debts can cost.
        let mut small = jumpy;
        (small.long.open_lots, small.debts_total_atoms) = (5_000, USD);
        let (lots, part) = (5_000 * 2_000, |atoms: u64| shares - atoms * shares / (100 * USD));
        assert!(leave(small).unwrap().abs_diff(part(lots + USD)) <= 1);
        // Debts count in calm too.
        let mut indebted = market(due);
        indebted.debts_total_atoms = 20 * USD;
        assert!(leave(indebted).unwrap().abs_diff(part(20 * USD)) <= 1);
        // What a market misses is deducted.
        let mut missing = market(due);
        missing.unfunded_atoms = 50 * USD;
        assert_eq!(leave(missing), Ok(shares / 2));
        // No lots, no insurance, or a dead feed: nothing more to wait for.
        jumpy.params.insurance_window_ppm = 0;
        assert_eq!(leave(jumpy), Ok(shares));
        let mut dead = market(due - 601);
        dead.statistics.variance_fast += 1 << 32;
        assert_eq!(leave(dead), Ok(shares));
        let mut flat = market(due - 9);
        flat.long.open_lots = 0;
        assert_eq!(leave(flat), Ok(shares));
        let fewer = unstake(&mut fund.clone(), &mut holding.clone(), 0, 2, &One(market(due)), &at(due));
        assert_eq!(fewer, Err(RiskError::NoSuchMarket));
        let more = unstake(&mut fund.clone(), &mut holding.clone(), shares + 1, 1, &One(market(due)), &at(due));
        assert_eq!(more, Err(RiskError::PaidBelowLeast));
    }
}
