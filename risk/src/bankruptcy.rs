//! Resolving a bankrupt account: what its own claims, insurance, and then the profit of its markets bear (spec B-1 … B-6).
//!
//! A resolution is complete in itself: it sweeps the account's markets first, so that it does not matter who swept before, and
//! resolving the account again without a new loss finds nothing to write off.

use crate::claims;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, sub};
use crate::health::{Health, MarketLookupMut, Stance};
use crate::insurance::{self, FundState, SweepReport};
use crate::ledger;
use crate::leg;
use crate::liquidation;
use crate::refresh::{self, PriceUse};
use crate::settle::{self, Shares};
use crate::state::{AccountState, MarketState, Now};
use crate::units::{SideName, MAX_LEGS};

/// Cash of the exchange that a resolution draws on and sweeps into.
pub struct Funds<'a> {
    /// Insurance fund.
    pub insurance: &'a mut FundState,
    /// Swept trading fees, atoms.
    pub exchange_fees_atoms: &'a mut u64,
}

/// What a resolution did, over all markets of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BankruptcyReport {
    /// Debt written off, atoms.
    pub deficit_atoms: u64,
    /// Paid by the reserves of its markets, atoms.
    pub reserve_atoms: u64,
    /// Paid by insurance, atoms.
    pub insurance_atoms: u64,
    /// Left to the profit of the debts' markets, atoms: added to their `unfunded`.
    pub unfunded_atoms: u64,
    /// Cut from claims in the end, because nothing else would repay what their markets owe, atoms.
    pub claims_atoms: u64,
    /// Own claims that paid own debts, atoms.
    pub own_claims_atoms: u64,
    /// The same by market, in the order of the account's legs; nothing for a place without one.
    pub by_leg: [MarketWriteOff; MAX_LEGS],
}

/// What a resolution did in one market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarketWriteOff {
    /// What sweeping the market moved before.
    pub swept: SweepReport,
    /// Debt written off, atoms.
    pub debt_atoms: u64,
    /// Paid of it by the market's reserve, atoms.
    pub reserve_atoms: u64,
    /// Paid of it by insurance, atoms; the rest was added to `unfunded`.
    pub insurance_atoms: u64,
    /// Cut from claims then, atoms, off `unfunded` again.
    pub claims_atoms: u64,
}

/// Resolves an account whose equity is negative at both prices that count (P-24): sweeps its markets, closes its legs at the marks
/// against the other sides, lets own claims pay own debts, writes off what neither they nor its cash cover, and shares that: the
/// reserves of its markets, insurance within its caps, the rest is left to all profit of each debt's market (`unfunded`).
/// `acted_index` names the market whose fresh price proves the bankruptcy; an account without open lots needs none.
/// Errors: `NotBankrupt`, `PriceUnconfirmed`, those of a stale price, `NoSuchMarket`.
pub fn resolve_bankruptcy(
    account: &mut AccountState,
    markets: &mut impl MarketLookupMut,
    acted_index: u16,
    funds: &mut Funds<'_>,
    now: &Now,
) -> RiskResult<BankruptcyReport> {
    let mut report = BankruptcyReport::default();
    resolve_into(account, markets, acted_index, funds, now, &mut report)?;
    Ok(report)
}

/// [`resolve_bankruptcy`] with its report where the caller keeps it: on chain a report is too large for a frame of the stack.
pub fn resolve_into(
    account: &mut AccountState,
    markets: &mut impl MarketLookupMut,
    acted_index: u16,
    funds: &mut Funds<'_>,
    now: &Now,
    report: &mut BankruptcyReport,
) -> RiskResult<()> {
    sweep_markets(account, markets, funds, now, report)?;
    require_bankrupt(account, markets, acted_index, now)?;
    settle::touch_all_legs(account, markets, now)?;
    close_all_legs(account, markets)?;
    report.own_claims_atoms = settle::pay_all_debts_with_claims(account, markets)?;
    give_up_worthless_claims(account, markets)?;
    write_off(account, markets, funds.insurance, now, report)?;
    settle::finish_all_legs(account, markets)?;
    liquidation::clear_flag(account);
    Ok(())
}

/// B-9: every market of the account is swept, so that insurance and what is unfunded are what they would be if somebody had swept.
fn sweep_markets(
    account: &AccountState,
    markets: &mut impl MarketLookupMut,
    funds: &mut Funds<'_>,
    now: &Now,
    report: &mut BankruptcyReport,
) -> RiskResult<()> {
    for (leg, place) in account.legs.iter().zip(&mut report.by_leg).filter(|(leg, _)| leg.is_used()) {
        let market = markets.market_mut(leg.market_index)?;
        match insurance::sweep(market, funds.insurance, funds.exchange_fees_atoms, now) {
            Ok(swept) => place.swept = swept,
            Err(RiskError::NothingToDo) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
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
    if health.confirmed(|index| markets.market(index), now)?.equity_shifted() >= 0 {
        return Err(RiskError::NotBankrupt);
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

/// B-2: of an account with debts, a claim without any backed part is given up: it will never pay, and would cover a debt at face for ever.
fn give_up_worthless_claims(account: &mut AccountState, markets: &mut impl MarketLookupMut) -> RiskResult<()> {
    if account.legs.iter().all(|leg| leg.debt_atoms == 0) {
        return Ok(());
    }
    for leg in account.legs.iter_mut().filter(|leg| leg.is_used()) {
        let market = markets.market_mut(leg.market_index)?;
        let claim = claims::stored(leg).total()?;
        if claim > 0 && claims::unbacked_atoms(market, claim)? == claim {
            claims::give_up(leg, market, claim)?;
        }
    }
    Ok(())
}

/// B-3 … B-5, I-6: splits the deficit over the debts, takes from reserves, asks insurance, leaves the rest to the profit of each market.
/// A debt that own claims still cover at face stays and waits for the other market's losers.
fn write_off(
    account: &mut AccountState,
    markets: &mut impl MarketLookupMut,
    insurance: &mut FundState,
    now: &Now,
    report: &mut BankruptcyReport,
) -> RiskResult<()> {
    report.deficit_atoms = deficit(account)?;
    plan_write_off(account, markets, insurance, now, report)?;
    let fund_after_atoms = sub(insurance.balance_atoms, report.insurance_atoms)?;
    for (leg, place) in account.legs.iter_mut().zip(&mut report.by_leg).filter(|(leg, _)| leg.debt_atoms > 0) {
        let market = markets.market_mut(leg.market_index)?;
        insurance::pay_from_reserve(market, place.reserve_atoms)?;
        insurance::draw(market, insurance, place.insurance_atoms, now)?;
        leg.debt_atoms = sub(leg.debt_atoms, place.debt_atoms)?;
        market.debts_total_atoms = sub(market.debts_total_atoms, place.debt_atoms)?;
        let left_atoms = sub(place.debt_atoms, add(place.reserve_atoms, place.insurance_atoms)?)?;
        leave_unfunded(market, left_atoms, fund_after_atoms, now)?;
        place.claims_atoms = claims::write_down(market)?;
        report.reserve_atoms = add(report.reserve_atoms, place.reserve_atoms)?;
        report.unfunded_atoms = add(report.unfunded_atoms, left_atoms)?;
        report.claims_atoms = add(report.claims_atoms, place.claims_atoms)?;
    }
    Ok(())
}

/// What a settled account owes beyond its cash and its claims at face. Unit: atoms. Errors: `NotBankrupt` for nothing.
fn deficit(account: &AccountState) -> RiskResult<u64> {
    let (mut debts, mut own) = (0, account.capital_atoms);
    for leg in account.legs.iter().filter(|leg| leg.is_used()) {
        debts = add(debts, leg.debt_atoms)?;
        own = add(own, claims::stored(leg).total()?)?;
    }
    if debts <= own {
        return Err(RiskError::NotBankrupt);
    }
    sub(debts, own)
}

/// B-3, I-6: splits a deficit over the debts of an account, and says what the reserve and insurance pay for each. Every market may ask for its
/// share of the fund as it was before; what all ask is scaled down to what the fund may pay to all markets together (B-7).
fn plan_write_off(
    account: &AccountState,
    markets: &impl MarketLookupMut,
    insurance: &FundState,
    now: &Now,
    report: &mut BankruptcyReport,
) -> RiskResult<()> {
    let debts = account.legs.iter().try_fold(0, |sum, leg| add(sum, leg.debt_atoms))?;
    let mut parts = Shares { atoms: report.deficit_atoms, weight: debts };
    let mut asked = 0;
    for (leg, place) in account.legs.iter().zip(&mut report.by_leg).filter(|(leg, _)| leg.debt_atoms > 0) {
        place.debt_atoms = parts.take(leg.debt_atoms)?;
        let market = markets.market(leg.market_index)?;
        place.reserve_atoms = market.reserve_atoms.min(place.debt_atoms);
        let asked_atoms = sub(place.debt_atoms, place.reserve_atoms)?;
        place.insurance_atoms = insurance::allowance(market, insurance, now)?.min(asked_atoms);
        asked = add(asked, place.insurance_atoms)?;
    }
    let mut paying = Shares { atoms: asked.min(insurance::fund_allowance(insurance, now)?), weight: asked };
    report.insurance_atoms = paying.atoms;
    for place in &mut report.by_leg {
        place.insurance_atoms = paying.take(place.insurance_atoms)?;
    }
    Ok(())
}

/// B-4: what nobody paid of a deficit is owed by the market to all its profit, settled and open alike: it weighs on each pro rata (H-3),
/// whoever was settled before. Where the market owed no more than dust before, the fund sets aside what it will pay toward it.
fn leave_unfunded(market: &mut MarketState, atoms: u64, insurance_balance_atoms: u64, now: &Now) -> RiskResult<()> {
    let owed_before = claims::has_uncovered_loss(market);
    market.unfunded_atoms = add(market.unfunded_atoms, atoms)?;
    if claims::has_uncovered_loss(market) && !owed_before {
        market.unfunded_allowance_atoms = insurance::unfunded_budget(market, insurance_balance_atoms, now)?;
    }
    Ok(())
}
