//! Settling a whole account, and paying a market's debt with another market's claim (DESIGN section 4;
//! spec S-1 … S-4).

use crate::claims;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, add_signed, mul_div_floor, signed, sub};
use crate::health::{MarketLookup, MarketLookupMut};
use crate::leg;
use crate::state::{AccountState, Now};

/// What a settlement did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SettlementReport {
    /// PnL realised over all legs, atoms.
    pub realised_atoms: i128,
    /// Capital that went to pools, atoms.
    pub paid_atoms: u64,
    /// Debt left over all legs, atoms.
    pub debt_atoms: u64,
}

/// Touches every leg at the last marks, whatever their age, and spreads capital over the debts pro rata (S-1).
/// Legs left without lots, claims and debt are freed. Errors: `NoSuchMarket`.
pub fn settle_account(
    account: &mut AccountState,
    markets: &mut impl MarketLookupMut,
    now: &Now,
) -> RiskResult<SettlementReport> {
    let report = touch_all_legs(account, markets, now)?;
    finish_all_legs(account, markets)?;
    Ok(report)
}

/// Whether an account has to be settled before one of its legs may be touched alone, now or as soon as anybody gives it an atom: its losses
/// exceed its capital, and it has more than one leg (T-3). Errors: `NoSuchMarket`, `Overflow`.
pub fn needs_settlement(account: &AccountState, markets: &impl MarketLookup, now: &Now) -> RiskResult<bool> {
    let (mut worth, mut used) = (signed(account.capital_atoms), 0_u32);
    for leg in account.legs.iter().filter(|leg| leg.is_used()) {
        let net = leg::evaluate(leg, markets.market(leg.market_index)?, now)?.net()?;
        worth = add_signed(worth, net.min(0))?;
        used = used.saturating_add(1);
    }
    Ok(worth < 0 && used > 1)
}

/// Settles an account before an act on one of its legs, where that is needed and all its markets are at hand: a gift of an atom between two
/// transactions then shields nobody (T-9). `None` where nothing was done: it is not needed, or a market is missing.
pub fn settle_before_act(
    account: &mut AccountState,
    markets: &mut impl MarketLookupMut,
    now: &Now,
) -> RiskResult<Option<SettlementReport>> {
    match needs_settlement(account, markets, now) {
        Ok(true) => settle_account(account, markets, now).map(Some),
        Ok(false) | Err(RiskError::NoSuchMarket) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Ends an instruction for all legs of an account: see [`leg::finish`].
pub(crate) fn finish_all_legs(account: &mut AccountState, markets: &mut impl MarketLookupMut) -> RiskResult<()> {
    for leg_slot in 0..account.legs.len() {
        let Some(leg) = account.legs.get(leg_slot).filter(|leg| leg.is_used()) else { continue };
        let market = markets.market_mut(leg.market_index)?;
        leg::finish(account, leg_slot, market)?;
    }
    Ok(())
}

/// The part of [`settle_account`] that an instruction may go on from: no leg is finished, so no generation ends while
/// touched legs are still to be changed.
pub(crate) fn touch_all_legs(
    account: &mut AccountState,
    markets: &mut impl MarketLookupMut,
    now: &Now,
) -> RiskResult<SettlementReport> {
    let mut report = SettlementReport::default();
    let mut debts = 0_u64;
    for leg in account.legs.iter_mut().filter(|leg| leg.is_used()) {
        let realised = leg::realise_pending(leg, markets.market_mut(leg.market_index)?, now)?;
        report.realised_atoms = add_signed(report.realised_atoms, realised)?;
        debts = add(debts, leg.debt_atoms)?;
    }
    let paying = account.capital_atoms.min(debts);
    let mut left = Shares { atoms: paying, weight: debts };
    for leg in account.legs.iter_mut().filter(|leg| leg.is_used() && leg.debt_atoms > 0) {
        let share = left.take(leg.debt_atoms)?;
        leg::pay_debt_in_cash(leg, markets.market_mut(leg.market_index)?, &mut account.capital_atoms, share)?;
    }
    report.paid_atoms = paying;
    report.debt_atoms = sub(debts, paying)?;
    Ok(report)
}

/// Splits an amount pro rata over weights, one after the other, without losing an atom: each takes the floor of
/// its share of what is left, the last takes the rest. No share exceeds its weight while amount ≤ Σ weights. Rule S-2.
pub struct Shares {
    /// Amount left to split.
    pub atoms: u64,
    /// Weight left.
    pub weight: u64,
}

impl Shares {
    /// The share of the next weight. Errors: `DivisionByZero` for no weight left, `Overflow`.
    pub fn take(&mut self, weight: u64) -> RiskResult<u64> {
        if weight == 0 {
            return Ok(0);
        }
        let share = mul_div_floor(self.atoms, weight, self.weight)?;
        self.atoms = sub(self.atoms, share)?;
        self.weight = sub(self.weight, weight)?;
        Ok(share)
    }
}

/// Pays a leg's debt in one market with the account's claim in another, pool to pool, as far as [`claims::spend`] lets it (S-3). Both
/// legs have been touched. Returns the atoms paid, 0 if none can be. Errors: `NoSuchLeg`.
pub fn pay_debt_with_claim(
    account: &mut AccountState,
    claim_slot: usize,
    debt_slot: usize,
    markets: &mut impl MarketLookupMut,
) -> RiskResult<u64> {
    let debt_atoms = account.legs.get(debt_slot).ok_or(RiskError::NoSuchLeg)?.debt_atoms;
    let claim_leg = account.legs.get_mut(claim_slot).ok_or(RiskError::NoSuchLeg)?;
    let paid = claims::spend(claim_leg, markets.market_mut(claim_leg.market_index)?, debt_atoms)?;

    let debt_leg = account.legs.get_mut(debt_slot).ok_or(RiskError::NoSuchLeg)?;
    let debt_market = markets.market_mut(debt_leg.market_index)?;
    debt_leg.debt_atoms = sub(debt_leg.debt_atoms, paid)?;
    debt_market.debts_total_atoms = sub(debt_market.debts_total_atoms, paid)?;
    debt_market.pool_atoms = add(debt_market.pool_atoms, paid)?;
    Ok(paid)
}

/// Touches the legs of two markets and lets the claim in one pay the debt in the other (S-3). An account with capital
/// left is settled first: cash pays before claims. Errors: `NoSuchLeg`, `SettleFirst`, `NothingToDo`.
pub fn pay_debt(
    account: &mut AccountState,
    claim_index: u16,
    debt_index: u16,
    markets: &mut impl MarketLookupMut,
    now: &Now,
) -> RiskResult<u64> {
    if account.capital_atoms > 0 {
        return Err(RiskError::SettleFirst);
    }
    let claim_slot = account.find_leg(claim_index).ok_or(RiskError::NoSuchLeg)?;
    let debt_slot = account.find_leg(debt_index).ok_or(RiskError::NoSuchLeg)?;
    leg::touch(account, claim_slot, markets.market_mut(claim_index)?, now)?;
    leg::touch(account, debt_slot, markets.market_mut(debt_index)?, now)?;
    let paid = pay_debt_with_claim(account, claim_slot, debt_slot, markets)?;
    if paid == 0 {
        return Err(RiskError::NothingToDo);
    }
    leg::finish(account, claim_slot, markets.market_mut(claim_index)?)?;
    leg::finish(account, debt_slot, markets.market_mut(debt_index)?)?;
    Ok(paid)
}

/// Nets a ring of accounts, each with a claim in one market and a debt in the next member's: every claim and every debt
/// falls by the least of them. No cash moves: in each market claims and debts fall by the same, so its residue and
/// what backs everybody else's claims stay (S-4). Without it such accounts would wait for each other's cash for ever.
///
/// `ring[i]` is the market of member i's claim; its debt is in the market after it, the last one's in the first.
/// Returns the atoms netted. Errors: `NoSuchLeg`, `SettleFirst` for a member with capital, `NothingToDo`.
pub fn net_ring(
    members: &mut [&mut AccountState],
    ring: &[u16],
    markets: &mut impl MarketLookupMut,
    now: &Now,
) -> RiskResult<u64> {
    if members.len() != ring.len() {
        return Err(RiskError::NoSuchLeg);
    }
    let mut netted = u64::MAX;
    for (account, (claim_index, debt_index)) in members.iter_mut().zip(links(ring)) {
        if account.capital_atoms > 0 {
            return Err(RiskError::SettleFirst);
        }
        for market_index in [claim_index, debt_index] {
            let leg_slot = account.find_leg(market_index).ok_or(RiskError::NoSuchLeg)?;
            leg::touch(account, leg_slot, markets.market_mut(market_index)?, now)?;
        }
        let claim = claims::stored(used_leg(account, claim_index)?).total()?;
        netted = netted.min(claim).min(used_leg(account, debt_index)?.debt_atoms);
    }
    if netted == 0 || members.is_empty() {
        return Err(RiskError::NothingToDo);
    }
    for (account, (claim_index, debt_index)) in members.iter_mut().zip(links(ring)) {
        claims::eat(used_leg(account, claim_index)?, markets.market_mut(claim_index)?, netted)?;
        let debt_market = markets.market_mut(debt_index)?;
        let debt_leg = used_leg(account, debt_index)?;
        debt_leg.debt_atoms = sub(debt_leg.debt_atoms, netted)?;
        debt_market.debts_total_atoms = sub(debt_market.debts_total_atoms, netted)?;
        for market_index in [claim_index, debt_index] {
            let leg_slot = account.find_leg(market_index).ok_or(RiskError::NoSuchLeg)?;
            leg::finish(account, leg_slot, markets.market_mut(market_index)?)?;
        }
    }
    Ok(netted)
}

/// Pairs of each market and the one after it in a ring.
fn links(ring: &[u16]) -> impl Iterator<Item = (u16, u16)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn used_leg(account: &mut AccountState, market_index: u16) -> RiskResult<&mut crate::state::Leg> {
    let leg_slot = account.find_leg(market_index).ok_or(RiskError::NoSuchLeg)?;
    account.legs.get_mut(leg_slot).ok_or(RiskError::NoSuchLeg)
}

/// Lets every claim of an account pay its debts, in the order of the legs (S-3). Returns the atoms paid.
pub fn pay_all_debts_with_claims(account: &mut AccountState, markets: &mut impl MarketLookupMut) -> RiskResult<u64> {
    let mut paid = 0;
    for debt_slot in 0..account.legs.len() {
        for claim_slot in 0..account.legs.len() {
            let has_debt = account.legs.get(debt_slot).is_some_and(|leg| leg.debt_atoms > 0);
            let has_claim = account.legs.get(claim_slot).is_some_and(claims::has_any);
            if claim_slot != debt_slot && has_debt && has_claim {
                paid = add(paid, pay_debt_with_claim(account, claim_slot, debt_slot, markets)?)?;
            }
        }
    }
    Ok(paid)
}
