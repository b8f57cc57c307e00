//! What governance announces and when it takes effect (DESIGN section 7): the times of a proposal, and which changes of a listed
//! market's parameters go at once, which wait, which are refused.
//!
//! Owns the transition from one set of parameters to another. At once goes only a lower cap of the open interest; all else
//! waits, so that users can leave first. A parameter added later waits unless it is named here.

use crate::error::{RiskError, RiskResult};
use crate::params::MarketParams;
use crate::shares::COOLDOWN_SECONDS;
use crate::state::{MarketState, Now};
use crate::{flow, funding, margin};

/// Seconds that a proposal waits, of other parameters of a market (but for a lower cap of the open interest) or of other receivers: a
/// day more than those who fund the insurance and the backstop need to leave.
pub const NOTICE_SECONDS: i64 = COOLDOWN_SECONDS + 86_400;
/// Seconds within which a proposal must be applied once it may be: fourteen days.
pub const PROPOSAL_LIFE_SECONDS: i64 = 1_209_600;

/// Where the time of a proposal stands. Rules P-5, X-4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timelock {
    /// It still waits.
    Running {
        /// For so many seconds.
        left_s: i64,
    },
    /// It may be applied.
    Open,
    /// It was not applied in time.
    Lapsed,
}

impl Timelock {
    /// That of a proposal that may be applied from `apply_at` on; unix seconds.
    pub fn at(apply_at: i64, unix_timestamp: i64) -> Self {
        let waited_s = unix_timestamp.saturating_sub(apply_at);
        if waited_s < 0 {
            Self::Running { left_s: waited_s.saturating_neg() }
        } else if waited_s > PROPOSAL_LIFE_SECONDS {
            Self::Lapsed
        } else {
            Self::Open
        }
    }

    /// Errors: `TimelockRunning`, `ProposalLapsed`.
    pub fn require_open(self) -> RiskResult<()> {
        match self {
            Self::Running { .. } => Err(RiskError::TimelockRunning),
            Self::Open => Ok(()),
            Self::Lapsed => Err(RiskError::ProposalLapsed),
        }
    }
}

/// How long a change must have been announced before it takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// None: it only lowers the cap of the open interest.
    None,
    /// That in which every user can leave first.
    Due,
}

impl Notice {
    /// In seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Due => NOTICE_SECONDS,
        }
    }
}

/// Notice that a change needs. Errors: `NothingToDo` if nothing changes, `ParameterFixed` for the profit window, which dates
/// the claims of legs, and for a market that would gain or lose its backstop. Rule P-6.
pub fn notice(from: &MarketParams, to: &MarketParams) -> RiskResult<Notice> {
    if from == to {
        return Err(RiskError::NothingToDo);
    }
    let had_backstop = from.backstop_max_atoms != 0;
    if from.profit_window_slots != to.profit_window_slots || had_backstop != (to.backstop_max_atoms != 0) {
        return Err(RiskError::ParameterFixed);
    }
    Ok(if only_lowers_the_cap(from, to) { Notice::None } else { Notice::Due })
}

/// Whether a change does nothing but lower the cap of the open interest, which only growth asks for. Anything else that looks like
/// a tightening reaches somebody: the breaker keeps holders from finding a counterparty and the backstop from selling, the
/// backstop's cap decides who is deleveraged, initial margin what may be withdrawn. Rule P-6.
fn only_lowers_the_cap(from: &MarketParams, to: &MarketParams) -> bool {
    let untouched = MarketParams { open_interest_max_lots: from.open_interest_max_lots, ..*to };
    untouched == *from && to.open_interest_max_lots <= from.open_interest_max_lots
}

/// Requires that positions fit at the present price of a market (P-25), as far as a change touches that: of another smallest
/// position all, of another cap of the open interest that it holds a smallest position. A market without a price is checked at
/// its first one. Errors: `NoPositionFits`.
pub fn require_room(market: &MarketState, to: &MarketParams) -> RiskResult<()> {
    let from = &market.params;
    if market.mark == 0 {
        Ok(())
    } else if from.min_position_atoms != to.min_position_atoms {
        to.require_room(market.mark)
    } else if from.open_interest_max_lots != to.open_interest_max_lots {
        to.require_cap_room(market.mark)
    } else {
        Ok(())
    }
}

/// Puts parameters into force. What time has brought until now, funding, the step of the maintenance rate and the flow that
/// recovered, is settled by the old ones, so that no change reaches back; a lower cap alone settles nothing, since repeating
/// it must not pass time that no price has seen. The new lowest maintenance rate must not exceed the rate applied, which rises in
/// steps only: charges, distances of fills and the envelope are bounded by the lowest rate. Returns the funding, atoms per
/// lot × 10^6, positive when longs pay.
/// Errors: those of [`notice`], what [`MarketParams::validate`] refuses, `NoPositionFits`, `EnvelopeTooSmall`, `Overflow`. Rule P-7.
pub fn change(market: &mut MarketState, to: &MarketParams, now: &Now) -> RiskResult<i64> {
    let notice = notice(&market.params, to)?;
    to.validate().map_err(|issue| issue.error)?;
    require_room(market, to)?;
    if notice == Notice::None {
        market.params = *to;
        return Ok(0);
    }
    let recovery_slots = market.params.flow_recovery_slots;
    // With the same recovery time there is nothing to settle, and the backstop's auction does not begin anew (N-3).
    if recovery_slots != to.flow_recovery_slots {
        market.flow.utilisation_q32 = flow::utilisation(&market.flow, now.slot, recovery_slots);
        market.flow.slot = market.flow.slot.max(now.slot);
    }
    let paid = funding::accrue(market, now.unix_timestamp)?;
    if market.maintenance_q32 != 0 {
        margin::step_maintenance(market, now.unix_timestamp)?;
        if market.maintenance_q32 < u64::from(to.maintenance_base_ppm) << 32 {
            return Err(RiskError::EnvelopeTooSmall);
        }
    }
    // A market that never drew begins to: a request to leave made before is not charged for it (I-5).
    if !market.params.may_draw() && to.may_draw() {
        market.draws_from = market.draws_from.max(now.unix_timestamp);
    }
    market.params = *to;
    Ok(paid)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::params::MARKET_PARAMS_BYTES;

    const SOL: MarketParams = MarketParams::SOL;

    fn with(change: impl FnOnce(&mut MarketParams)) -> MarketParams {
        let mut params = SOL;
        change(&mut params);
        params
    }

    #[test]
    fn a_proposal_may_be_applied_from_its_time_on_for_fourteen_days() {
        let (at, last) = (1_000, 1_000 + PROPOSAL_LIFE_SECONDS);
        assert_eq!(Timelock::at(at, at - 1), Timelock::Running { left_s: 1 });
        assert_eq!([at, last].map(|now| Timelock::at(at, now)), [Timelock::Open; 2]);
        assert_eq!(Timelock::at(at, last + 1), Timelock::Lapsed);
        assert_eq!(Timelock::at(i64::MAX, i64::MIN), Timelock::Running { left_s: i64::MAX });
        assert_eq!(Timelock::at(at, at - 1).require_open(), Err(RiskError::TimelockRunning));
        assert_eq!(Timelock::at(at, at).require_open(), Ok(()));
        assert_eq!(Timelock::at(at, last + 1).require_open(), Err(RiskError::ProposalLapsed));
    }

    #[test]
    fn a_lower_cap_of_the_open_interest_needs_no_notice_and_a_higher_one_does() {
        let lower = with(|params| params.open_interest_max_lots -= 1);
        assert_eq!(notice(&SOL, &lower), Ok(Notice::None));
        assert_eq!(notice(&lower, &SOL), Ok(Notice::Due));
    }

    /// Each of these looks like a tightening and reaches who holds, stakes or provides.
    #[test]
    fn what_only_looks_like_a_tightening_waits() {
        let reaching: [fn(&mut MarketParams); 6] = [
            |params| params.backstop_max_atoms = 1,
            |params| params.initial_base_ppm += 1,
            |params| params.breaker_band_ppm = 0,
            |params| params.breaker_pause_slots += 1,
            |params| params.fee_insurance_share_ppm += 1,
            |params| params.maintenance_base_ppm += 1,
        ];
        for change in reaching {
            assert_eq!(notice(&SOL, &with(change)), Ok(Notice::Due));
            let mixed = MarketParams { open_interest_max_lots: 1, ..with(change) };
            assert_eq!(notice(&SOL, &mixed), Ok(Notice::Due));
        }
    }

    /// Lowering the cap again and again passes no time: neither funding nor maintenance moves while no price comes.
    #[test]
    fn a_lower_cap_alone_settles_nothing() {
        let mut market = MarketState::new(with(|params| params.funding_max_ppm = 500));
        (market.mark, market.long.open_lots, market.short.open_lots) = (2_000_000_000, 1_000, 1_000);
        (market.maintenance_q32, market.maintenance_time, market.funding.accrued_time) = (50_000 << 32, 1, 1);
        let mut expected = market;
        for hour in 1..50 {
            expected.params.open_interest_max_lots -= 1;
            let to = expected.params;
            let now = Now { slot: 9_000 * hour, unix_timestamp: 3_600 * hour as i64, last_restart_slot: 0 };
            assert_eq!(change(&mut market, &to, &now), Ok(0));
            assert_eq!(bytemuck::bytes_of(&market), bytemuck::bytes_of(&expected));
        }
    }

    /// What the flow meter had recovered by the old τ it has recovered, and no more.
    #[test]
    fn another_recovery_time_moves_no_flow_that_was_used_before() {
        let mut market = MarketState::new(SOL);
        (market.flow.utilisation_q32, market.flow.slot) = (1 << 32, 10_000);
        let now = Now { slot: 10_300, unix_timestamp: 1, last_restart_slot: 0 };
        let before = flow::utilisation(&market.flow, now.slot, SOL.flow_recovery_slots);
        change(&mut market, &with(|params| params.flow_recovery_slots = 10_000), &now).unwrap();
        assert_eq!(flow::utilisation(&market.flow, now.slot, market.params.flow_recovery_slots), before);
    }

    /// Anybody applies a change that waited: it must not set back when the backstop's auction began (N-3).
    #[test]
    fn a_change_of_something_else_leaves_the_flow_meter_alone() {
        let mut market = MarketState::new(SOL);
        (market.flow.utilisation_q32, market.flow.slot) = (1 << 32, 10_000);
        let before = market.flow;
        let now = Now { slot: 20_000, unix_timestamp: 1, last_restart_slot: 0 };
        change(&mut market, &with(|params| params.trade_fee_ppm += 1), &now).unwrap();
        assert_eq!(market.flow, before);
    }

    /// Every byte of the parameters, changed by itself in both directions: nothing slips through unseen, and what goes at
    /// once is only what the list above names.
    #[test]
    fn no_byte_changes_without_being_seen() {
        let bytes: [u8; MARKET_PARAMS_BYTES] = bytemuck::cast(SOL);
        let mut at_once = 0;
        for place in 0..bytes.len() {
            for new in [bytes[place].wrapping_add(1), bytes[place].wrapping_sub(1)] {
                let mut changed = bytes;
                changed[place] = new;
                let to: MarketParams = bytemuck::cast(changed);
                match notice(&SOL, &to) {
                    Ok(Notice::None) => {
                        assert!(only_lowers_the_cap(&SOL, &to));
                        at_once += 1;
                    }
                    Ok(Notice::Due) => assert!(!only_lowers_the_cap(&SOL, &to)),
                    Err(error) => assert_eq!(
                        (error, to.profit_window_slots == SOL.profit_window_slots),
                        (RiskError::ParameterFixed, false)
                    ),
                }
            }
        }
        assert!(at_once > 0);
    }

    #[test]
    fn what_dates_claims_and_whether_there_is_a_backstop_are_fixed() {
        let fixed: [fn(&mut MarketParams); 3] = [
            |params| params.profit_window_slots += 1,
            |params| params.profit_window_slots -= 1,
            |params| params.backstop_max_atoms = 0,
        ];
        for change in fixed {
            assert_eq!(notice(&SOL, &with(change)), Err(RiskError::ParameterFixed));
            assert_eq!(notice(&with(change), &SOL), Err(RiskError::ParameterFixed));
        }
        assert_eq!(notice(&SOL, &SOL), Err(RiskError::NothingToDo));
    }

    #[test]
    fn a_refused_change_leaves_the_market_as_it_was() {
        let now = Now { slot: 1, unix_timestamp: 1, last_restart_slot: 0 };
        let before = MarketState::new(SOL);
        let refused = [
            (SOL, RiskError::NothingToDo),
            (with(|params| params.profit_window_slots += 1), RiskError::ParameterFixed),
            (with(|params| params.depth_base_atoms = 0), RiskError::ParameterOutOfBounds),
            (with(|params| params.worst_move_ppm = 25_000), RiskError::EnvelopeTooSmall),
        ];
        for (to, error) in refused {
            let mut market = before;
            assert_eq!(change(&mut market, &to, &now), Err(error));
            assert_eq!(bytemuck::bytes_of(&market), bytemuck::bytes_of(&before));
        }
    }

    #[test]
    fn room_for_a_position_is_asked_of_a_change_of_the_smallest_position_or_the_cap_only() {
        let now = Now { slot: 1, unix_timestamp: 1, last_restart_slot: 0 };
        let at = |mark: u64| MarketState { mark, maintenance_q32: 100_000 << 32, ..MarketState::new(SOL) };
        let (cap, fee) =
            (with(|params| params.open_interest_max_lots = 9_999), with(|params| params.trade_fee_ppm += 1));
        let smallest = with(|params| params.min_position_atoms = 1_999);
        for (mark, to, expected) in [
            (0, cap, Ok(0)), // checked at the first price
            (2_000_000_000, cap, Err(RiskError::NoPositionFits)),
            (2_001_000_000, cap, Ok(0)),
            (2_000_000_000, smallest, Err(RiskError::NoPositionFits)),
            (1_999_000_000, smallest, Ok(0)),
            (1, fee, Ok(0)),
            (1 << 45, fee, Ok(0)),
            (1 << 45, cap, Ok(0)), // the lot is too coarse for new risk whatever the cap
        ] {
            assert_eq!(change(&mut at(mark), &to, &now), expected, "{mark}");
            assert_eq!(require_room(&at(mark), &to), expected.map(|_| ()), "{mark}");
        }
    }

    /// Funding and the maintenance rate of the time before a change follow the parameters of that time.
    #[test]
    fn a_change_does_not_reach_back() {
        let hour = 3_600;
        let now = Now { slot: 9_000, unix_timestamp: hour, last_restart_slot: 0 };
        let from = with(|params| params.funding_max_ppm = 500);
        let mut market = MarketState::new(from);
        (market.mark, market.long.open_lots, market.short.open_lots) = (2_000_000_000, 1_000, 1_000);
        (market.maintenance_q32, market.maintenance_time) = (50_000 << 32, 1);
        market.funding.accrued_time = 1;
        market.funding.weight_atoms = 1_000_000;
        market.funding.premium_weighted = (1_000_000 * 400).into();
        let mut unchanged = market;
        let expected = funding::accrue(&mut unchanged, hour).unwrap();
        margin::step_maintenance(&mut unchanged, hour).unwrap();

        let to = MarketParams { funding_max_ppm: 0, maintenance_step_ppm: 20_000, ..from };
        assert_eq!(change(&mut market, &to, &now), Ok(expected));
        assert!(expected > 0, "longs paid under the old terms");
        assert_eq!(market.maintenance_q32, unchanged.maintenance_q32);
        assert_eq!(market.params, to);
        assert_eq!(funding::accrue(&mut market, hour + 60), Ok(0), "and no longer");
    }

    /// A market that never drew begins to: from then on, so that requests to leave made before are not charged for it. One that
    /// could draw already, or still never draws, keeps its time.
    #[test]
    fn a_market_that_never_drew_draws_from_the_change_on() {
        let never = with(|params| {
            (params.insurance_event_ppm, params.insurance_window_ppm, params.backstop_max_atoms) = (0, 0, 0);
        });
        let insured = MarketParams { insurance_window_ppm: 10_000, ..never };
        let now = Now { slot: 1, unix_timestamp: 5_000, last_restart_slot: 0 };
        let changed = |from: MarketParams, to: MarketParams, draws_from| {
            let mut market = MarketState::new(from);
            market.draws_from = draws_from;
            change(&mut market, &to, &now).unwrap();
            market.draws_from
        };
        assert_eq!(notice(&never, &insured), Ok(Notice::Due), "it was announced eight days before");
        assert_eq!(changed(never, insured, 1_000), 5_000);
        assert_eq!(changed(never, insured, 9_000), 9_000, "a young market stays young");
        assert_eq!(changed(never, MarketParams { trade_fee_ppm: 1, ..never }, 1_000), 1_000);
        assert_eq!(changed(SOL, with(|params| params.insurance_event_ppm += 1), 1_000), 1_000);
    }

    /// The applied rate is 6.25 % in calm: the base may rise to that at once, and further when the rate has followed.
    #[test]
    fn the_lowest_maintenance_rate_never_exceeds_the_applied_one() {
        let now = Now { slot: 9_000, unix_timestamp: 1, last_restart_slot: 0 };
        let mut market = MarketState::new(SOL);
        (market.mark, market.maintenance_q32, market.maintenance_time) = (2_000_000_000, 62_500 << 32, 1);
        let raised = |base| with(|params| (params.maintenance_base_ppm, params.initial_base_ppm) = (base, 200_000));
        assert_eq!(change(&mut market.clone(), &raised(62_501), &now), Err(RiskError::EnvelopeTooSmall));
        assert_eq!(change(&mut market, &raised(62_500), &now), Ok(0));
        market.maintenance_q32 = 70_000 << 32;
        assert_eq!(change(&mut market, &raised(62_501), &now), Ok(0));
        let mut unpriced = MarketState::new(SOL);
        assert_eq!(change(&mut unpriced, &raised(80_000), &now), Ok(0), "a market without a price has no rate yet");
    }
}
