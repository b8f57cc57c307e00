//! What can be done for an account now: its tier, and every instruction that would succeed, by running the program's own
//! formulas. What is not listed would be refused; [`refusals`] says why.

use crate::preview::{self, PreviewError, PreviewResult};
use crate::taker::Taker;
use crate::view::{used_legs, BackstopView, Snapshot};
use breakwater::MarginAccount;
use breakwater_risk::insurance::FundState;
use breakwater_risk::tier::Tier;
use breakwater_risk::{Now, RiskError};

/// An instruction that acts on a failing account, or one at risk; `market_index` is the acted-on market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// `derisk`: a part of the leg before it fails, by the taker asked for.
    Derisk(u16),
    /// `flag`: starts the Dutch window, or ends the liquidation of an account that recovered.
    Flag(u16),
    /// `liquidate`: a slice, by the taker asked for.
    Liquidate(u16),
    /// `absorb`: the backstop takes the leg, or the part that restores the account.
    Absorb(u16),
    /// `deleverage`: the leg closes against the other side.
    Deleverage(u16),
    /// `resolve_bankruptcy`, with this market's price as the proof.
    Resolve(u16),
    /// `settle_account`: always possible; listed where a leg may not be touched alone before.
    Settle,
}

/// Who and what stands ready besides the account itself.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The markets of the exchange.
    pub snapshot: &'a Snapshot,
    /// The exchange's backstop, if it has one.
    pub backstop: Option<&'a BackstopView>,
    /// Who would take lots, if anybody.
    pub taker: Option<Taker<'a>>,
    /// The insurance fund.
    pub fund: &'a FundState,
}

/// The gravest tier of an account, judged on each of its markets, and every action that would succeed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Tier.
    pub tier: Tier,
    /// Actions, the milder tiers' first.
    pub actions: Vec<Action>,
}

/// Why the actions on one market would be refused; `None` for one that would succeed.
pub fn refusals(
    around: &Around<'_>,
    account: &MarginAccount,
    market_index: u16,
    now: &Now,
) -> Vec<(Action, Option<RiskError>)> {
    let snapshot = around.snapshot;
    let refusal = |outcome: PreviewResult<()>| outcome.err().map(|PreviewError(reason)| reason);
    let mut outcomes =
        vec![(Action::Flag(market_index), refusal(preview::flag(snapshot, market_index, account, now).map(|_| ())))];
    if let Some(taker) = around.taker.filter(|taker| taker.may_take_from(account)) {
        let slice = preview::liquidate(snapshot, market_index, account, taker, now);
        outcomes.push((Action::Liquidate(market_index), refusal(slice.map(|_| ()))));
        let derisked = preview::derisk(snapshot, market_index, account, taker, now);
        outcomes.push((Action::Derisk(market_index), refusal(derisked.map(|_| ()))));
    }
    if let Some(backstop) = around.backstop {
        let absorbed = preview::absorb(snapshot, market_index, account, backstop, now);
        outcomes.push((Action::Absorb(market_index), refusal(absorbed.map(|_| ()))));
    }
    let deleveraged = preview::deleverage(snapshot, market_index, account, around.backstop, now);
    outcomes.push((Action::Deleverage(market_index), refusal(deleveraged.map(|_| ()))));
    let resolved = preview::resolve_bankruptcy(snapshot, account, market_index, around.fund, now);
    outcomes.push((Action::Resolve(market_index), refusal(resolved.map(|_| ()))));
    outcomes
}

/// The account's standing now. Errors: `NoSuchMarket` for a leg whose market is not in the snapshot.
pub fn standing(around: &Around<'_>, account: &MarginAccount, now: &Now) -> PreviewResult<Standing> {
    let tier = preview::gravest_tier(around.snapshot, account, now)?;
    let mut standing = Standing { tier, actions: Vec::new() };
    let mut wants_settling = false;
    for leg in used_legs(account) {
        let index = leg.market_index;
        for (action, refusal) in refusals(around, account, index, now) {
            match refusal {
                None => standing.actions.push(action),
                Some(RiskError::SettleFirst) => wants_settling = true,
                Some(_) => {}
            }
        }
    }
    if wants_settling {
        standing.actions.push(Action::Settle);
    }
    standing.actions.sort_unstable();
    Ok(standing)
}
