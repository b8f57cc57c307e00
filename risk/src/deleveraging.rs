//! Deleveraging: a critical leg is closed against the other side pro rata by size, in O(1), at the price that
//! leaves the account's health as it is (DESIGN section 6, RISK section 3; spec D-1 … D-4).

use crate::absorb;
use crate::acted::Acted;
use crate::backstop::BackstopState;
use crate::charge;
use crate::derisk;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{mul_ppm_floor, sub};
use crate::health::{Health, LegHealth, MarketLookup, Stance};
use crate::ledger;
use crate::leg;
use crate::liquidation;
use crate::refresh::{self, PriceUse};
use crate::slice::{self, CloseSize};
use crate::state::AccountState;
use crate::units::{notional_ceil, SideName};

/// What a deleveraging did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleverageReport {
    /// Signed lots closed on the account (negative for a long); the other side closed exactly as many.
    pub closed_lots: i64,
    /// Price, atoms per lot × 10^6.
    pub price: u64,
    /// Notional at the mark, rounded up, atoms.
    pub notional_atoms: u64,
}

/// Why a leg may be deleveraged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleverageReason {
    /// Health is below h_adl, or below h_bs where no slice can help.
    Critical,
    /// The other side has no leg left, only fractions of lots that rounding left behind: nobody else can close.
    Remnant,
}

/// Closes the account's whole leg against the other side at the zero price, the mark when E < 0 (D-2).
/// The sum closed on the other side equals the lots closed exactly (PEERS, failure 9).
/// `backstop` is the exchange's, if it has one: while it can take the leg, the leg is not deleveraged (O-15).
/// Errors: `NotCritical`, `PriceUnconfirmed`, `BackstopFirst`, those of a stale price, `NoSuchLeg`, `SettleFirst`, `ZeroSize` without lots.
pub fn deleverage<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    account: &mut AccountState,
    backstop: Option<(&BackstopState, &AccountState)>,
) -> RiskResult<DeleverageReport> {
    let leg_slot = account.find_leg(acted.market_index).ok_or(RiskError::NoSuchLeg)?;
    let mut health = acted.assess(account, Stance::Favour)?;
    acted.touch(account, &mut health)?;
    let leg_health = *health.leg_in(acted.market_index)?;
    let price = match reason(acted, account, &health, &leg_health)? {
        DeleverageReason::Critical => {
            refresh::require_fresh_price(acted.market, &acted.now, PriceUse::LastResort)?;
            if let Some((state, backstop)) = backstop {
                // Against a backstop whose other markets were not supplied nothing is decided.
                let backstop_health = acted.assess(backstop, Stance::Against)?;
                if absorb::plan(acted, account, &health, state, &backstop_health).is_ok() {
                    return Err(RiskError::BackstopFirst);
                }
            }
            zero_price(acted.market.mark, &health, &leg_health)?
        }
        DeleverageReason::Remnant => acted.market.mark,
    };
    close_against_other_side(acted, account, leg_slot, price)?;
    leg::finish(account, leg_slot, acted.market)?;
    Ok(DeleverageReport {
        closed_lots: leg_health.lots.saturating_neg(),
        price,
        notional_atoms: notional_ceil(leg_health.lots.unsigned_abs(), acted.market.mark)?,
    })
}

/// D-1: which rule allows deleveraging this leg, by two accepted prices where a price counts (P-24). Errors: `NotCritical`,
/// `PriceUnconfirmed`, `ZeroSize` without lots.
fn reason<L: MarketLookup>(
    acted: &Acted<'_, L>,
    account: &AccountState,
    health: &Health,
    leg_health: &LegHealth,
) -> RiskResult<DeleverageReason> {
    if leg_health.lots == 0 {
        return Err(RiskError::ZeroSize);
    }
    let other = acted.market.side(SideName::of(leg_health.lots).opposite());
    if other.legs_current == 0 && other.legs_behind == 0 {
        return Ok(DeleverageReason::Remnant);
    }
    let params = &acted.market.params;
    let health = &acted.confirmed(health)?;
    // The backstop's capital is there to be lost: while it lasts its positions stay, and the other side's too.
    if account.is_backstop() {
        let is_solvent = health.equity() >= 0 || health.equity_shifted() >= 0;
        return if is_solvent { Err(RiskError::NotCritical) } else { Ok(DeleverageReason::Critical) };
    }
    if health.is_below_line(u64::from(params.deleverage_line_ppm))? {
        return Ok(DeleverageReason::Critical);
    }
    if !health.is_below_line(u64::from(params.backstop_line_ppm))? {
        return Err(RiskError::NotCritical);
    }
    let charge_min_ppm = derisk::payable_ppm(params, account, u64::from(params.charge_min_ppm), &acted.now)?;
    let input = liquidation::slice_input(acted.market, leg_health, charge_min_ppm, health.shortfall()?, &acted.now)?;
    match slice::close_notional(&input)? {
        CloseSize::Useless => Ok(DeleverageReason::Critical),
        _ => Err(RiskError::NotCritical),
    }
}

/// The price at which closing keeps E/MM constant, rounded toward the mark; the mark when E ≤ 0 (D-2).
fn zero_price(mark: u64, health: &Health, leg_health: &LegHealth) -> RiskResult<u64> {
    let rate = charge::zero_price_ppm(health.equity(), health.maintenance(), leg_health.maintenance_ppm)?;
    let distance = mul_ppm_floor(mark, rate)?;
    match SideName::of(leg_health.lots) {
        SideName::Long => sub(mark, distance),
        SideName::Short => crate::fixed::add(mark, distance),
    }
}

/// Closes a touched leg whole at `price`: its own side loses the lots, the other side sells or buys them pro rata. Rule D-3.
pub(crate) fn close_against_other_side<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    account: &mut AccountState,
    leg_slot: usize,
    price: u64,
) -> RiskResult<()> {
    let lots = account.legs.get(leg_slot).ok_or(RiskError::NoSuchLeg)?.lots;
    acted.fill_leg(account, leg_slot, lots.saturating_neg(), price)?;
    let other = acted.market.side_mut(SideName::of(lots).opposite());
    ledger::deleverage(other, lots.unsigned_abs(), price)?;
    ledger::check_open_interest(acted.market)
}
