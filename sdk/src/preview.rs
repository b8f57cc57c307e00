//! What the program would do now, to the atom: every preview runs the function that the program runs, on copies.

use crate::instruction;
use crate::taker::Taker;
use crate::view::{used_legs, BackstopView, Snapshot};
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{BreakwaterError, InsuranceFund, MarginAccount, Stake};
use breakwater_risk::absorb::{self, AbsorbReport};
use breakwater_risk::acted::Acted;
use breakwater_risk::backstop;
use breakwater_risk::bankruptcy::{self, BankruptcyReport, Funds};
use breakwater_risk::cash;
use breakwater_risk::claims::{self, ConversionReport};
use breakwater_risk::deleveraging::{self, DeleverageReport};
use breakwater_risk::derisk::{self, DeriskReport};
use breakwater_risk::health::{Health, MarketLookupMut, Stance};
use breakwater_risk::insurance::{self, FundState};
use breakwater_risk::liquidation::{self, SliceReport};
use breakwater_risk::macro_index::{FeedObservation, MacroReport};
use breakwater_risk::refresh::{self, PriceObservation, RefreshReport};
use breakwater_risk::settle::{self, SettlementReport};
use breakwater_risk::shares::LeaveStep;
use breakwater_risk::tier::{self, Tier};
use breakwater_risk::units::MAX_PRICE;
use breakwater_risk::unwind::{self, UnwindReport};
use breakwater_risk::{AccountState, MarketState, Now, RiskError};
use std::borrow::Cow;

/// Why a preview has no answer: the refusal that the program would give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the program would refuse: {sentence} ({0:?})", sentence = BreakwaterError::from(*.0))]
pub struct PreviewError(pub RiskError);

impl From<RiskError> for PreviewError {
    fn from(error: RiskError) -> Self {
        Self(error)
    }
}

/// Result of a preview.
pub type PreviewResult<T> = Result<T, PreviewError>;

/// An account's health with one market as the acted-on one.
pub fn health(
    snapshot: &Snapshot,
    account: &MarginAccount,
    market_index: u16,
    stance: Stance,
    now: &Now,
) -> PreviewResult<Health> {
    let market = market_state(snapshot, market_index)?;
    Ok(Health::assess(&account.state, stance, Some((market_index, market)), snapshot, now)?)
}

/// The account's tier, judged on one market.
pub fn tier(snapshot: &Snapshot, account: &MarginAccount, market_index: u16, now: &Now) -> PreviewResult<Tier> {
    let health = health(snapshot, account, market_index, Stance::Favour, now)?;
    let market = market_state(snapshot, market_index)?;
    Ok(tier::tier(&health, liquidation::is_in_liquidation(&account.state, market, now), &market.params)?)
}

/// The account's gravest tier over its markets; healthy without legs. Errors: `NoSuchMarket` for a market that is not in the
/// snapshot.
pub fn gravest_tier(snapshot: &Snapshot, account: &MarginAccount, now: &Now) -> PreviewResult<Tier> {
    let mut tiers = used_legs(account).map(|leg| tier(snapshot, account, leg.market_index, now));
    tiers.try_fold(Tier::Healthy, |gravest, tier| Ok(gravest.max(tier?)))
}

/// Most that the owner may withdraw now, before the exchange's outflow limit. Unit: atoms.
pub fn withdrawable_atoms(snapshot: &Snapshot, account: &MarginAccount, now: &Now) -> PreviewResult<u64> {
    Ok(cash::withdrawable_atoms(&account.state, snapshot, now)?)
}

/// The mark of one market at which the account's equity falls below maintenance, all other marks staying: the first
/// price on the losing side of the present one at which `E < MM`. None if no price does it, or without a position.
/// Found by bisection over the program's own health.
pub fn liquidation_price(
    snapshot: &Snapshot,
    account: &MarginAccount,
    market_index: u16,
    now: &Now,
) -> PreviewResult<Option<u64>> {
    let mut market = *market_state(snapshot, market_index)?;
    let leg_slot = account.state.find_leg(market_index).ok_or(RiskError::NoSuchLeg)?;
    let lots = account.state.legs[leg_slot].lots;
    if lots == 0 {
        return Ok(None);
    }
    let mut fails_at = |mark: u64| -> PreviewResult<bool> {
        market.mark = mark;
        let health = Health::assess(&account.state, Stance::Favour, Some((market_index, &market)), snapshot, now)?;
        Ok(health.equity() < i128::from(health.maintenance()))
    };
    let present = market_state(snapshot, market_index)?.mark;
    if fails_at(present)? {
        return Ok(Some(present));
    }
    let worst = if lots > 0 { 1 } else { MAX_PRICE };
    let (mut safe, mut failing) = (present, worst);
    // At the far end the health may not be computable any more: that counts as failing, the search moves inward.
    if matches!(fails_at(worst), Ok(false)) {
        return Ok(None);
    }
    while safe.abs_diff(failing) > 1 {
        let middle = safe.midpoint(failing);
        if matches!(fails_at(middle), Ok(false)) {
            safe = middle;
        } else {
            failing = middle;
        }
    }
    Ok(Some(failing))
}

/// Whether an act on the account has to settle it first (T-9): then its instruction must carry the account's markets writable
/// ([`crate::instruction::settling`]). Errors: `NoSuchMarket`.
pub fn needs_settlement(snapshot: &Snapshot, account: &MarginAccount, now: &Now) -> PreviewResult<bool> {
    Ok(settle::needs_settlement(&account.state, snapshot, now)?)
}

/// The instruction of an act on an account as keepers send it: where the account has to be settled first, its markets are writable
/// (T-9). It stays as it is where that is not needed, or where a market of the account was not read.
pub fn settled_first(snapshot: &Snapshot, account: &MarginAccount, act: Instruction, now: &Now) -> Instruction {
    match (needs_settlement(snapshot, account, now), snapshot.markets_of(account)) {
        (Ok(true), Ok(markets)) => instruction::settling(act, &markets),
        _ => act,
    }
}

/// What an act on an account finds: the account and its markets, settled where that comes first (T-9).
pub(crate) fn before_act<'a>(
    snapshot: &'a Snapshot,
    account: &MarginAccount,
    now: &Now,
) -> PreviewResult<(Cow<'a, Snapshot>, AccountState)> {
    let mut state = account.state;
    if !settle::needs_settlement(&state, snapshot, now)? {
        return Ok((Cow::Borrowed(snapshot), state));
    }
    let mut settled = snapshot.clone();
    settle::settle_before_act(&mut state, &mut settled, now)?;
    Ok((Cow::Owned(settled), state))
}

/// The slice that `liquidate` would take now, and the keeper's reward.
pub fn liquidate<'a>(
    snapshot: &Snapshot,
    market_index: u16,
    account: &MarginAccount,
    keeper: impl Into<Taker<'a>>,
    now: &Now,
) -> PreviewResult<SliceReport> {
    let keeper = keeper.into();
    let (snapshot, mut account) = before_act(snapshot, account, now)?;
    let (mut taker, mut market) = (keeper.account.state, *market_state(&snapshot, market_index)?);
    let mut acted = Acted { market: &mut market, market_index, others: &*snapshot, now: *now };
    Ok(liquidation::liquidate(&mut acted, &mut account, &mut taker, keeper.notional_max_atoms())?)
}

/// What `derisk` would close now, and at what price.
pub fn derisk<'a>(
    snapshot: &Snapshot,
    market_index: u16,
    account: &MarginAccount,
    keeper: impl Into<Taker<'a>>,
    now: &Now,
) -> PreviewResult<DeriskReport> {
    let keeper = keeper.into();
    let (snapshot, mut account) = before_act(snapshot, account, now)?;
    let (mut taker, mut market) = (keeper.account.state, *market_state(&snapshot, market_index)?);
    let mut acted = Acted { market: &mut market, market_index, others: &*snapshot, now: *now };
    Ok(derisk::derisk(&mut acted, &mut account, &mut taker, keeper.notional_max_atoms())?)
}

/// Whether `flag` would flag (true) or clear (false) the account now.
pub fn flag(snapshot: &Snapshot, market_index: u16, account: &MarginAccount, now: &Now) -> PreviewResult<bool> {
    let mut account = account.state;
    let acted = (market_index, market_state(snapshot, market_index)?);
    Ok(liquidation::flag(acted, snapshot, &mut account, now)?)
}

/// What the backstop would take of a leg now.
pub fn absorb(
    snapshot: &Snapshot,
    market_index: u16,
    account: &MarginAccount,
    backstop: &BackstopView,
    now: &Now,
) -> PreviewResult<AbsorbReport> {
    let (snapshot, mut account) = before_act(snapshot, account, now)?;
    let (mut taker, mut state) = (backstop.account.state, backstop.backstop.state);
    let mut market = *market_state(&snapshot, market_index)?;
    let mut acted = Acted { market: &mut market, market_index, others: &*snapshot, now: *now };
    Ok(absorb::absorb(&mut acted, &mut account, &mut state, &mut taker)?)
}

/// What a keeper would buy from the backstop now, at most `most_lots`.
pub fn unwind<'a>(
    snapshot: &Snapshot,
    market_index: u16,
    backstop: &BackstopView,
    keeper: impl Into<Taker<'a>>,
    most_lots: u64,
    now: &Now,
) -> PreviewResult<UnwindReport> {
    let keeper = keeper.into();
    let (mut seller, mut taker) = (backstop.account.state, keeper.account.state);
    let mut market = *market_state(snapshot, market_index)?;
    let mut acted = Acted { market: &mut market, market_index, others: snapshot, now: *now };
    Ok(unwind::unwind(&mut acted, &mut seller, &mut taker, most_lots, keeper.notional_max_atoms())?)
}

/// What `deleverage` would close now; `backstop` is the exchange's, if it has one.
pub fn deleverage(
    snapshot: &Snapshot,
    market_index: u16,
    account: &MarginAccount,
    backstop: Option<&BackstopView>,
    now: &Now,
) -> PreviewResult<DeleverageReport> {
    let (snapshot, mut state) = before_act(snapshot, account, now)?;
    let mut market = *market_state(&snapshot, market_index)?;
    let mut acted = Acted { market: &mut market, market_index, others: &*snapshot, now: *now };
    let taker = backstop.filter(|_| !state.is_backstop()).map(|view| (&view.backstop.state, &view.account.state));
    Ok(deleveraging::deleverage(&mut acted, &mut state, taker)?)
}

/// Shares that `stake_insurance` would issue now; `market_count` is the exchange's.
pub fn stake_insurance(
    snapshot: &Snapshot,
    fund: &InsuranceFund,
    stake: &Stake,
    amount_atoms: u64,
    market_count: u16,
) -> PreviewResult<u64> {
    let (mut state, mut holding) = (fund.state, stake.state);
    Ok(insurance::stake(&mut state, &mut holding, (amount_atoms, 0), market_count, snapshot)?)
}

/// What `unstake_insurance` would do now: note a value, or pay; `market_count` is the exchange's.
pub fn unstake_insurance(
    snapshot: &Snapshot,
    fund: &InsuranceFund,
    stake: &Stake,
    market_count: u16,
    now: &Now,
) -> PreviewResult<LeaveStep> {
    let (mut state, mut holding) = (fund.state, stake.state);
    Ok(insurance::unstake(&mut state, &mut holding, 0, market_count, snapshot, now)?)
}

/// Shares that `stake_backstop` would issue now.
pub fn stake_backstop(
    snapshot: &Snapshot,
    backstop: &BackstopView,
    stake: &Stake,
    amount_atoms: u64,
    now: &Now,
) -> PreviewResult<u64> {
    let (mut state, mut account, mut holding) = (backstop.backstop.state, backstop.account.state, stake.state);
    Ok(backstop::stake(&mut state, &mut account, &mut holding, (amount_atoms, 0), snapshot, now)?)
}

/// What `unstake_backstop` would do now: note a value, or pay.
pub fn unstake_backstop(
    snapshot: &Snapshot,
    backstop: &BackstopView,
    stake: &Stake,
    now: &Now,
) -> PreviewResult<LeaveStep> {
    let (mut state, mut account, mut holding) = (backstop.backstop.state, backstop.account.state, stake.state);
    Ok(backstop::unstake(&mut state, &mut account, &mut holding, 0, snapshot, now)?)
}

/// What `settle_account` would do now.
pub fn settle_account(snapshot: &Snapshot, account: &MarginAccount, now: &Now) -> PreviewResult<SettlementReport> {
    Ok(settle::settle_account(&mut account.state.clone(), &mut snapshot.clone(), now)?)
}

/// What `resolve_bankruptcy` would do now, with one market's price as the proof.
pub fn resolve_bankruptcy(
    snapshot: &Snapshot,
    account: &MarginAccount,
    market_index: u16,
    fund: &FundState,
    now: &Now,
) -> PreviewResult<BankruptcyReport> {
    let mut fund = *fund;
    let mut funds = Funds { insurance: &mut fund, exchange_fees_atoms: &mut 0 };
    let (mut account, mut markets) = (account.state, snapshot.clone());
    Ok(bankruptcy::resolve_bankruptcy(&mut account, &mut markets, market_index, &mut funds, now)?)
}

/// What `convert_profit` would pay now.
pub fn convert_profit(
    snapshot: &Snapshot,
    market_index: u16,
    account: &MarginAccount,
    least_ratio_ppm: u32,
    now: &Now,
) -> PreviewResult<ConversionReport> {
    let mut account = account.state;
    let mut market = *market_state(snapshot, market_index)?;
    let mut acted = Acted { market: &mut market, market_index, others: snapshot, now: *now };
    Ok(claims::convert_profit(&mut acted, &mut account, least_ratio_ppm)?)
}

/// Takes a price into a market of the snapshot as `refresh_market` would, with what the macro index says now: what
/// follows can then be previewed as in the same transaction. `None` if the price brings the market nothing new: then, and
/// where it would be refused, the snapshot stays as it is.
pub fn refresh_market(
    snapshot: &mut Snapshot,
    market_index: u16,
    observation: &PriceObservation,
    now: &Now,
) -> PreviewResult<Option<RefreshReport>> {
    let mut market = *market_state(snapshot, market_index)?;
    if let Some(view) = snapshot.macro_index().and_then(|index| index.view_at(now.unix_timestamp)) {
        market.macro_view = view;
    }
    let Some(report) = refresh::refresh(&mut market, observation, now)? else { return Ok(None) };
    *snapshot.market_mut(market_index)? = market;
    Ok(Some(report))
}

/// What `refresh_macro` would say now of prices of feeds of the snapshot's macro index; [`breakwater::MacroIndex::find`] gives
/// their places. `None` if it would change nothing. Refused as `MacroFeedUnknown` without an index.
pub fn refresh_macro(snapshot: &Snapshot, prices: &[FeedObservation], now: &Now) -> PreviewResult<Option<MacroReport>> {
    let mut state = snapshot.macro_index().ok_or(RiskError::MacroFeedUnknown)?.state;
    Ok(state.refresh(prices, now)?)
}

pub(crate) fn market_state(snapshot: &Snapshot, market_index: u16) -> PreviewResult<&MarketState> {
    Ok(breakwater_risk::health::MarketLookup::market(snapshot, market_index)?)
}
