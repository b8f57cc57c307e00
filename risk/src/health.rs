//! Health of an account: a value built once from its legs and queried (DESIGN section 4, RISK sections 1 and 2;
//! spec H-1 … H-7).
//!
//! Sums are at the marks. `shift_atoms` of a leg is what a cautious or a lenient price would move its value:
//! added for an account that is to be liquidated, subtracted for any other actor. Requirements stay at the mark;
//! the difference is of second order.

use crate::claims;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{
    add, add_signed, compare_products, mul_div_ceil, mul_ppm_ceil, mul_ppm_floor, saturate_i64, signed, sub,
    sub_signed, to_i64, PPM,
};
use crate::leg;
use crate::margin;
use crate::refresh::{self, PriceUse};
use crate::state::{AccountState, Leg, MarketState, Now};
use crate::statistics;
use crate::units::{notional_ceil, SideName};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Slots for which the previous mark still counts in a valuation.
pub const PREVIOUS_MARK_SLOTS: u64 = 25;

/// Whose benefit a valuation serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// For the account: which tier is it in?
    Favour,
    /// Against the account: withdrawals, conversions, new risk.
    Against,
}

/// Where the markets of an account's legs are found.
pub trait MarketLookup {
    /// The market of that index. Errors: `NoSuchMarket` if it was not supplied.
    fn market(&self, market_index: u16) -> RiskResult<&MarketState>;
}

/// Markets that are read and changed in one instruction.
pub trait MarketLookupMut: MarketLookup {
    /// The market of that index, to change. Errors: `NoSuchMarket` if it was not supplied.
    fn market_mut(&mut self, market_index: u16) -> RiskResult<&mut MarketState>;
}

/// No other market: for accounts with legs in the acted-on market only.
pub struct NoMarkets;

impl MarketLookup for NoMarkets {
    fn market(&self, _market_index: u16) -> RiskResult<&MarketState> {
        Err(RiskError::NoSuchMarket)
    }
}

/// One leg as health sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegHealth {
    /// Slot in the account.
    pub leg_slot: usize,
    /// Market.
    pub market_index: u16,
    /// Effective signed lots.
    pub lots: i64,
    /// Net value at the mark, without profit that its market left unfunded, atoms; saturating.
    pub value_atoms: i64,
    /// Notional at the mark, rounded up, atoms.
    pub notional_atoms: u64,
    /// Maintenance requirement, rounded up, atoms.
    pub maintenance_atoms: u64,
    /// Maintenance with the market's buffer, rounded up, atoms.
    pub target_atoms: u64,
    /// Initial margin requirement, rounded up, atoms.
    pub initial_atoms: u64,
    /// How far a cautious or lenient price moves the value, atoms.
    pub shift_atoms: u64,
    /// Maintenance rate.
    pub maintenance_ppm: u64,
    /// σ per √slot of the market, ppm.
    pub sigma_slot_ppm: u64,
}

impl LegHealth {
    /// The net value moved by its shift, up in favour of the account, else down (H-2). Unit: atoms.
    pub fn shifted_value(&self, stance: Stance) -> i128 {
        let value = i128::from(self.value_atoms);
        match stance {
            Stance::Favour => value.saturating_add(signed(self.shift_atoms)),
            Stance::Against => value.saturating_sub(signed(self.shift_atoms)),
        }
    }
}

/// Health of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    stance: Stance,
    capital_atoms: u64,
    legs: Vec<LegHealth>, // on the heap: two of these would not fit an on-chain stack frame
}

/// Equity and requirement of one moment, to compare a later health with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthRatio {
    /// E, atoms.
    pub equity_atoms: i128,
    /// MM, atoms.
    pub maintenance_atoms: u64,
}

impl Health {
    /// Assesses all used legs of an account: `acted` with the fresh-price rules, the others at their last mark
    /// moved by their age (H-2). Errors: `NoSuchMarket`, `Overflow`.
    pub fn assess<'m>(
        account: &AccountState,
        stance: Stance,
        acted: Option<(u16, &'m MarketState)>,
        others: &'m impl MarketLookup,
        now: &Now,
    ) -> RiskResult<Self> {
        Self::assess_each(account, stance, now, |index| match acted {
            Some((acted_index, market)) if acted_index == index => Ok((market, true)),
            _ => Ok((others.market(index)?, false)),
        })
    }

    /// Assesses all used legs, each with the fresh-price rules of an acted-on market. Errors: `NoSuchMarket`, `Overflow`.
    pub fn assess_as_acted(
        account: &AccountState,
        stance: Stance,
        markets: &impl MarketLookup,
        now: &Now,
    ) -> RiskResult<Self> {
        Self::assess_each(account, stance, now, |index| Ok((markets.market(index)?, true)))
    }

    /// Assesses all used legs for a withdrawal, each as the acted-on one: against the account, with fresh-price rules.
    /// A leg without a fresh price counts its initial margin once more, so that a dead feed blocks no withdrawal that
    /// leaves twice the margin, and a price that nobody refreshed helps nobody (W-1). Errors: `NoSuchMarket`, `Overflow`.
    pub fn assess_for_withdrawal(account: &AccountState, markets: &impl MarketLookup, now: &Now) -> RiskResult<Self> {
        let mut health = Self::assess_as_acted(account, Stance::Against, markets, now)?;
        for place in &mut health.legs {
            if refresh::require_fresh_price(markets.market(place.market_index)?, now, PriceUse::Risk).is_err() {
                place.initial_atoms = place.initial_atoms.saturating_mul(2);
            }
        }
        Ok(health)
    }

    /// Assesses all used legs; `find` gives the market of an index and whether it is valued by the fresh-price rules.
    fn assess_each<'m>(
        account: &AccountState,
        stance: Stance,
        now: &Now,
        find: impl Fn(u16) -> RiskResult<(&'m MarketState, bool)>,
    ) -> RiskResult<Self> {
        let used = account.legs.iter().filter(|leg| leg.is_used()).count();
        let legs = Vec::with_capacity(used.saturating_add(1)); // room for a leg that the instruction opens
        let mut health = Self { stance, capital_atoms: account.capital_atoms, legs };
        for (leg_slot, leg) in account.legs.iter().enumerate().filter(|(_, leg)| leg.is_used()) {
            let (market, is_acted) = find(leg.market_index)?;
            health.legs.push(assess_leg(leg_slot, leg, market, stance, is_acted, now)?);
        }
        Ok(health)
    }

    /// Assesses one leg of the acted-on market anew, after it changed, and takes over the capital.
    pub fn reassess(
        &mut self,
        account: &AccountState,
        leg_slot: usize,
        market: &MarketState,
        now: &Now,
    ) -> RiskResult<()> {
        self.capital_atoms = account.capital_atoms;
        let leg = account.legs.get(leg_slot).ok_or(RiskError::NoSuchLeg)?;
        let assessed = assess_leg(leg_slot, leg, market, self.stance, true, now)?;
        match self.legs.iter_mut().find(|place| place.leg_slot == leg_slot) {
            Some(place) => *place = assessed,
            None => self.legs.push(assessed),
        }
        Ok(())
    }

    /// Cash of the account. Unit: atoms.
    pub fn capital(&self) -> i128 {
        signed(self.capital_atoms)
    }

    /// The legs assessed.
    pub fn legs(&self) -> &[LegHealth] {
        &self.legs
    }

    /// The leg in a market. Errors: `NoSuchLeg`.
    pub fn leg_in(&self, market_index: u16) -> RiskResult<&LegHealth> {
        self.legs().iter().find(|leg| leg.market_index == market_index).ok_or(RiskError::NoSuchLeg)
    }

    /// The leg in a slot of the account. Errors: `NoSuchLeg`.
    pub fn leg_in_slot(&self, leg_slot: usize) -> RiskResult<&LegHealth> {
        self.legs().iter().find(|leg| leg.leg_slot == leg_slot).ok_or(RiskError::NoSuchLeg)
    }

    /// E, maintenance equity at the marks: capital + Σ v (H-3). Unit: atoms.
    pub fn equity(&self) -> i128 {
        self.sum_signed(|leg| i128::from(leg.value_atoms))
    }

    /// E with every leg moved by its shift in the direction of the stance (H-2). Unit: atoms.
    pub fn equity_shifted(&self) -> i128 {
        self.sum_signed(|leg| self.shifted_value(leg))
    }

    /// `E_withdraw`: capital + Σ min(v, 0), shifted (H-4). Unit: atoms.
    pub fn equity_withdraw(&self) -> i128 {
        self.sum_signed(|leg| self.shifted_value(leg).min(0))
    }

    /// `E_initial`: capital + Σ min(v, 0) + Σ min(max(v, 0), initial margin of that leg), shifted (H-4). Unit: atoms.
    pub fn equity_initial(&self) -> i128 {
        self.equity_within(|leg| leg.initial_atoms)
    }

    /// Capital + Σ v, shifted, of each leg's profit at most `limit`: profit of one leg then carries no other (H-4). Unit: atoms.
    pub fn equity_within(&self, limit: impl Fn(&LegHealth) -> u64) -> i128 {
        self.sum_signed(|leg| self.shifted_value(leg).min(signed(limit(leg))))
    }

    /// MM: maintenance requirement. Unit: atoms.
    pub fn maintenance(&self) -> u64 {
        self.sum(|leg| leg.maintenance_atoms)
    }

    /// Maintenance with buffers: the target of a liquidation. Unit: atoms.
    pub fn target(&self) -> u64 {
        self.sum(|leg| leg.target_atoms)
    }

    /// Initial margin requirement. Unit: atoms.
    pub fn initial(&self) -> u64 {
        self.sum(|leg| leg.initial_atoms)
    }

    /// Σ notional. Unit: atoms.
    pub fn notional(&self) -> u64 {
        self.sum(|leg| leg.notional_atoms)
    }

    /// E and MM, to compare a later health with.
    pub fn ratio(&self) -> HealthRatio {
        HealthRatio { equity_atoms: self.equity(), maintenance_atoms: self.maintenance() }
    }

    /// S: what is missing to the target at the marks; 0 if nothing, saturating. Unit: atoms.
    pub fn shortfall(&self) -> RiskResult<u64> {
        let missing = sub_signed(signed(self.target()), self.equity())?.max(0);
        Ok(u64::try_from(missing).unwrap_or(u64::MAX))
    }

    /// Whether the leg in a market may be touched alone (T-3): losses do not exceed capital, or there is no capital to favour one market
    /// over another with, or no other leg has a loss that a share of it would belong to. Errors: `SettleFirst`.
    pub fn require_touch_alone(&self, market_index: u16) -> RiskResult<()> {
        let losses = self.sum_signed(|leg| i128::from(leg.value_atoms).min(0));
        if losses >= 0 || self.capital_atoms == 0 {
            return Ok(());
        }
        match self.legs().iter().any(|leg| leg.market_index != market_index && leg.value_atoms < 0) {
            true => Err(RiskError::SettleFirst),
            false => Ok(()),
        }
    }

    /// The same health, with every leg judged by the better, for the account, of the mark and the price that confirms it, uncapped: an
    /// account that still fails does so at two accepted prices (P-24). Errors: `PriceUnconfirmed` where a market of an open leg has no
    /// such price, `NoSuchMarket`, `Overflow`.
    pub fn confirmed<'m>(&self, find: impl Fn(u16) -> RiskResult<&'m MarketState>, now: &Now) -> RiskResult<Self> {
        let mut confirmed = self.clone();
        for place in confirmed.legs.iter_mut().filter(|place| place.lots != 0) {
            let market = find(place.market_index)?;
            let earlier = refresh::confirming_price(market, now)?;
            let better = match SideName::of(place.lots) {
                SideName::Long => earlier.saturating_sub(market.mark),
                SideName::Short => market.mark.saturating_sub(earlier),
            };
            place.shift_atoms = place.shift_atoms.max(mul_div_ceil(place.lots.unsigned_abs(), better, PPM)?);
        }
        Ok(confirmed)
    }

    /// Whether `E_shifted < line · MM` for a line in ppm: the tier test (H-5).
    pub fn is_below_line(&self, line_ppm: u64) -> RiskResult<bool> {
        let required = mul_ppm_ceil(self.maintenance(), line_ppm)?;
        Ok(self.equity_shifted() < signed(required))
    }

    /// Whether maintenance is not met (H < 1) with the benefit of the stance.
    pub fn is_liquidatable(&self) -> bool {
        self.equity_shifted() < signed(self.maintenance())
    }

    /// Whether the target `1 + buffer` is met with the benefit of the stance: a liquidation ends here.
    pub fn meets_target(&self) -> bool {
        self.equity_shifted() >= signed(self.target())
    }

    /// Refuses unless `E_initial` covers initial margin (H-6). Errors: `InitialMargin`.
    pub fn require_initial(&self) -> RiskResult<()> {
        if self.equity_initial() < signed(self.initial()) {
            return Err(RiskError::InitialMargin);
        }
        Ok(())
    }

    /// Refuses unless health is not lower than `before`, with the rounding of every leg counted (RISK section 4):
    /// `(E' + legs + 2)·MM ≥ E·MM'`. Errors: `HealthWorsened`. Rule H-7.
    pub fn require_not_worse_than(&self, before: HealthRatio) -> RiskResult<()> {
        let slack = i128::try_from(self.legs.len()).map_err(|_| RiskError::Overflow)?.saturating_add(2);
        let after_equity = add_signed(self.equity(), slack)?;
        let ordering =
            compare_signed_ratio(after_equity, before.maintenance_atoms, before.equity_atoms, self.maintenance());
        if ordering == Ordering::Less {
            return Err(RiskError::HealthWorsened);
        }
        Ok(())
    }

    fn shifted_value(&self, leg: &LegHealth) -> i128 {
        leg.shifted_value(self.stance)
    }

    fn sum(&self, of: impl Fn(&LegHealth) -> u64) -> u64 {
        self.legs().iter().fold(0, |sum, leg| sum.saturating_add(of(leg)))
    }

    fn sum_signed(&self, of: impl Fn(&LegHealth) -> i128) -> i128 {
        self.legs().iter().fold(signed(self.capital_atoms), |sum, leg| sum.saturating_add(of(leg)))
    }
}

/// Compares `a·b` with `c·d` for signed a, c and unsigned b, d.
fn compare_signed_ratio(a: i128, b: u64, c: i128, d: u64) -> Ordering {
    match (a >= 0, c >= 0) {
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (true, true) => compare_products(a.unsigned_abs(), u128::from(b), c.unsigned_abs(), u128::from(d)),
        (false, false) => compare_products(c.unsigned_abs(), u128::from(d), a.unsigned_abs(), u128::from(b)),
    }
}

/// Values one leg and its requirements at the mark, and how far a lenient or cautious price moves it. Rule H-1.
fn assess_leg(
    leg_slot: usize,
    leg: &Leg,
    market: &MarketState,
    stance: Stance,
    is_acted: bool,
    now: &Now,
) -> RiskResult<LegHealth> {
    let value = leg::evaluate(leg, market, now)?;
    let mut place = LegHealth { leg_slot, market_index: leg.market_index, lots: value.lots, ..LegHealth::default() };
    place.value_atoms = backed_value(saturate_i64(value.net()?), market)?;
    if value.lots == 0 {
        return Ok(place);
    }
    let notional = notional_ceil(value.lots.unsigned_abs(), market.mark)?;
    let rates = margin::rates(market, SideName::of(value.lots), notional)?;
    place.notional_atoms = notional;
    place.maintenance_ppm = rates.maintenance_ppm;
    place.maintenance_atoms = mul_ppm_ceil(notional, rates.maintenance_ppm)?;
    place.target_atoms = market.params.with_buffer_ceil(place.maintenance_atoms)?;
    place.initial_atoms = mul_ppm_ceil(notional, rates.initial_ppm)?;
    place.sigma_slot_ppm = statistics::sigma_slot_ppm(market);
    place.shift_atoms = match is_acted {
        true => fresh_shift_atoms(value.lots, market, stance, rates.maintenance_ppm, now)?,
        false => mul_ppm_ceil(notional, statistics::age_move_ppm(market, now, rates.maintenance_ppm)?)?,
    };
    Ok(place)
}

/// What of a leg's net value counts: profit without its part of what the market left unfunded. A profit that no cash backs
/// thus carries no position in another market (H-3; PEERS, failure 7).
fn backed_value(net_atoms: i64, market: &MarketState) -> RiskResult<i64> {
    match u64::try_from(net_atoms) {
        Ok(profit) => to_i64(signed(sub(profit, claims::unbacked_atoms(market, profit)?)?)),
        Err(_) => Ok(net_atoms),
    }
}

/// How far the acted-on market's lenient or cautious price lies from the mark, times the lots (H-2). The favour is at
/// most mm/8 in all, which the solvency envelope counts on (P-3), unless the confidence is too wide for slices: then only
/// who fails with all of it in their favour is acted on.
fn fresh_shift_atoms(
    signed_lots: i64,
    market: &MarketState,
    stance: Stance,
    maintenance_ppm: u64,
    now: &Now,
) -> RiskResult<u64> {
    let previous_gap = previous_gap(market, signed_lots, stance, now);
    let move_price = match stance {
        Stance::Favour => {
            let lenient = add(previous_gap, market.confidence)?;
            match refresh::is_confident(market) {
                true => lenient.min(mul_ppm_floor(market.mark, maintenance_ppm / 8)?),
                false => lenient,
            }
        }
        Stance::Against => previous_gap.max(market.confidence),
    };
    mul_div_ceil(signed_lots.unsigned_abs(), move_price, PPM)
}

/// How far the previous mark, while it is recent, lies from the mark to the side that the stance looks at: the better one for
/// the position in its favour, the worse one against it; 0 if it lies on the other side. Unit: price. Rule H-2.
pub(crate) fn previous_gap(market: &MarketState, signed_lots: i64, stance: Stance, now: &Now) -> u64 {
    let gains_when_up = SideName::of(signed_lots) == SideName::Long;
    let toward_up = gains_when_up == (stance == Stance::Favour);
    let is_recent = now.slot.saturating_sub(market.previous_slot) < PREVIOUS_MARK_SLOTS && market.previous_mark > 0;
    match (is_recent, toward_up) {
        (false, _) => 0,
        (true, true) => market.previous_mark.saturating_sub(market.mark),
        (true, false) => market.mark.saturating_sub(market.previous_mark),
    }
}
