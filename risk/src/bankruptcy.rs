//! Resolving a bankrupt account: what its own claims, insurance, and then the market's other side bear
//! (DESIGN section 4, "What a deficit does"; spec B-1 … B-5).

use crate::claims;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, div_floor, mul, mul_div_floor, mul_ppm_floor, saturate, sub, PPM};
use crate::health::{Health, MarketLookupMut, Stance};
use crate::insurance::{self, FundState};
use crate::ledger;
use crate::leg;
use crate::liquidation;
use crate::refresh::{self, PriceUse};
use crate::settle::{self, Shares};
use crate::state::{AccountState, MarketState, Now};
use crate::units::SideName;

/// What a resolution did, over all markets of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BankruptcyReport {
    /// Debt written off, `X = −E`, atoms.
    pub deficit_atoms: u64,
    /// Paid by the reserves of its markets, atoms.
    pub reserve_atoms: u64,
    /// Paid by insurance, atoms.
    pub insurance_atoms: u64,
    /// Borne by claims, atoms.
    pub claims_atoms: u64,
    /// Charged to open lots, atoms.
    pub lots_atoms: u64,
    /// Left unfunded, atoms.
    pub unfunded_atoms: u64,
    /// Own claims that paid own debts, atoms.
    pub own_claims_atoms: u64,
}

/// Resolves an account whose equity is negative even with every price moved in its favour: closes its legs at the
/// marks against the other sides, lets own claims pay own debts, writes off `X = −E`, and shares it: the reserves of its markets,
/// insurance within its caps, then claims and open lots of the side opposite to each debt, then `unfunded`.
/// `acted_index` names the market whose fresh price proves the bankruptcy; an account without open lots needs none.
/// Errors: `NotBankrupt`, those of a stale price, `NoSuchMarket`.
pub fn resolve_bankruptcy(
    account: &mut AccountState,
    markets: &mut impl MarketLookupMut,
    acted_index: u16,
    fund: &mut FundState,
    now: &Now,
) -> RiskResult<BankruptcyReport> {
    require_bankrupt(account, markets, acted_index, now)?;
    settle::touch_all_legs(account, markets, now)?;
    close_all_legs(account, markets)?;
    for leg in account.legs.iter_mut().filter(|leg| leg.is_used()) {
        claims::forfeit_unfunded(leg, markets.market_mut(leg.market_index)?)?;
    }
    let mut report = BankruptcyReport {
        own_claims_atoms: settle::pay_all_debts_with_claims(account, markets)?,
        ..BankruptcyReport::default()
    };
    write_off(account, markets, fund, now, &mut report)?;
    settle::finish_all_legs(account, markets)?;
    liquidation::clear_flag(account);
    Ok(report)
}

/// B-1: E < 0 at the marks and with the account's favour; a fresh price where lots are open.
fn require_bankrupt(
    account: &AccountState,
    markets: &impl MarketLookupMut,
    acted_index: u16,
    now: &Now,
) -> RiskResult<()> {
    let acted = markets.market(acted_index)?;
    let health = Health::assess(account, Stance::Favour, Some((acted_index, acted)), markets, now)?;
    if health.equity() >= 0 || health.equity_shifted() >= 0 {
        return Err(RiskError::NotBankrupt);
    }
    if health.notional() > 0 {
        if health.leg_in(acted_index)?.lots == 0 {
            return Err(RiskError::NoSuchLeg);
        }
        refresh::require_fresh_price(acted, now, PriceUse::LastResort)?;
    }
    for leg in health.legs().iter().filter(|leg| leg.lots != 0 && leg.market_index != acted_index) {
        // Nobody may pick the price at which another market's other side is closed by not refreshing it.
        refresh::require_fresh_or_dead(markets.market(leg.market_index)?, now)?;
    }
    Ok(())
}

/// B-2: open legs are closed at the mark against the other side, pro rata.
fn close_all_legs(account: &mut AccountState, markets: &mut impl MarketLookupMut) -> RiskResult<()> {
    for leg in account.legs.iter_mut().filter(|leg| leg.lots != 0) {
        let market = markets.market_mut(leg.market_index)?;
        let (lots, mark) = (leg.lots, market.mark);
        leg::set_lots(leg, market, 0)?;
        ledger::deleverage(market.side_mut(SideName::of(lots).opposite()), lots.unsigned_abs(), mark)?;
        ledger::check_open_interest(market)?;
    }
    Ok(())
}

/// B-3 … B-5, I-6: splits X over the debts, takes from reserves, asks insurance, shares the rest. A debt that own claims still cover at face
/// stays and waits for the other market's losers.
fn write_off(
    account: &mut AccountState,
    markets: &mut impl MarketLookupMut,
    fund: &mut FundState,
    now: &Now,
    report: &mut BankruptcyReport,
) -> RiskResult<()> {
    let (mut debts, mut own_claims) = (0, account.capital_atoms);
    for leg in account.legs.iter().filter(|leg| leg.is_used()) {
        debts = add(debts, leg.debt_atoms)?;
        own_claims = add(own_claims, claims::stored(leg).total()?)?;
    }
    // Settling a profit lowers its part of what is unfunded, so an account that failed before may not any more.
    if debts <= own_claims {
        return Err(RiskError::NotBankrupt);
    }
    let deficit = sub(debts, own_claims)?;
    report.deficit_atoms = deficit;
    let event_fund = *fund;
    let mut parts = Shares { atoms: deficit, weight: debts };
    // Every market may ask for its share of the fund as it was before the event; what is asked in all is scaled down
    // to what the fund may pay to all markets together (B-7).
    let mut asked = Shares { atoms: 0, weight: 0 };
    let mut writes = [(0_u64, 0_u64, 0_u64); crate::units::MAX_LEGS];
    for (leg, write) in account.legs.iter().zip(writes.iter_mut()).filter(|(leg, _)| leg.debt_atoms > 0) {
        let part = parts.take(leg.debt_atoms)?;
        let market = markets.market_mut(leg.market_index)?;
        let reserved = insurance::pay_from_reserve(market, part)?;
        let ask = insurance::allowance(market, &event_fund, now)?.min(sub(part, reserved)?);
        *write = (part, reserved, ask);
        asked.weight = add(asked.weight, ask)?;
    }
    asked.atoms = asked.weight.min(insurance::fund_allowance(&event_fund, now)?);
    for (leg, (part, reserved, ask)) in account.legs.iter_mut().zip(writes).filter(|(leg, _)| leg.debt_atoms > 0) {
        let market = markets.market_mut(leg.market_index)?;
        let paid = asked.take(ask)?;
        insurance::draw(market, fund, paid, now)?;
        leg.debt_atoms = sub(leg.debt_atoms, part)?;
        market.debts_total_atoms = sub(market.debts_total_atoms, part)?;
        report.reserve_atoms = add(report.reserve_atoms, reserved)?;
        report.insurance_atoms = add(report.insurance_atoms, paid)?;
        let shared = share_deficit(market, leg.debt_side().opposite(), sub(part, add(reserved, paid)?)?)?;
        insurance::record_unfunded(market, shared.unfunded_atoms, now)?;
        report.claims_atoms = add(report.claims_atoms, shared.claims_atoms)?;
        report.lots_atoms = add(report.lots_atoms, shared.lots_atoms)?;
        report.unfunded_atoms = add(report.unfunded_atoms, shared.unfunded_atoms)?;
    }
    Ok(())
}

/// Who bore a deficit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharedDeficit {
    /// Cut from claims, atoms.
    pub claims_atoms: u64,
    /// Charged to open lots, atoms.
    pub lots_atoms: u64,
    /// Recorded as unfunded, atoms.
    pub unfunded_atoms: u64,
}

/// Shares a deficit by who can bear it (B-4): claims up to `T = claims_total` and open lots of `side` up to
/// `W = max_social · notional`, in proportion T : W; the rest is unfunded. So is what claims would bear where their
/// index is too worn for a cut that small: the cut would wipe claims worth more than it.
pub fn share_deficit(market: &mut MarketState, side: SideName, atoms: u64) -> RiskResult<SharedDeficit> {
    if atoms == 0 {
        return Ok(SharedDeficit::default());
    }
    let claims_capacity = market.claims_total_atoms;
    let notional = saturate(div_floor(mul(market.side(side).open_lots, market.mark), PPM)?);
    let lots_capacity = mul_ppm_floor(notional, u64::from(market.params.social_max_ppm))?;
    let capacity = claims_capacity.saturating_add(lots_capacity);
    let borne = atoms.min(capacity);
    let mut claims_atoms = if capacity == 0 { 0 } else { mul_div_floor(borne, claims_capacity, capacity)? };
    let lots_atoms = sub(borne, claims_atoms)?;
    let mut unfunded_atoms = sub(atoms, borne)?;
    if claims_atoms > 0 && !claims::can_cut(market, claims_atoms)? {
        unfunded_atoms = add(unfunded_atoms, core::mem::take(&mut claims_atoms))?;
    }
    if claims_atoms > 0 {
        claims::cut(market, claims_atoms)?;
    }
    if lots_atoms > 0 {
        ledger::charge(market.side_mut(side), side, lots_atoms)?;
    }
    market.unfunded_atoms = add(market.unfunded_atoms, unfunded_atoms)?;
    Ok(SharedDeficit { claims_atoms, lots_atoms, unfunded_atoms })
}
