//! The acted-on market of an instruction together with what else its formulas need to see.

use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul_signed, signed, sub_signed};
use crate::health::{Health, MarketLookup, Stance};
use crate::leg;
use crate::netting;
use crate::state::{AccountState, MarketState, Now};
use crate::units::{pnl_floor, SideName, MAX_ACCOUNT_LOTS};

/// The one market that an instruction changes, the others that it reads, and the clock.
pub struct Acted<'a, L> {
    /// The market that is changed.
    pub market: &'a mut MarketState,
    /// Its index in the exchange.
    pub market_index: u16,
    /// Where the markets of other legs are found.
    pub others: &'a L,
    /// The clock.
    pub now: Now,
}

impl<L: MarketLookup> Acted<'_, L> {
    /// Health of an account, with this market valued by the fresh-price rules.
    pub fn assess(&self, account: &AccountState, stance: Stance) -> RiskResult<Health> {
        Health::assess(account, stance, Some((self.market_index, &*self.market)), self.others, &self.now)
    }

    /// A health that was assessed here, judged by two accepted prices instead of one. Errors: `PriceUnconfirmed`. Rule P-24.
    pub fn confirmed(&self, health: &Health) -> RiskResult<Health> {
        health.confirmed(
            |index| if index == self.market_index { Ok(&*self.market) } else { self.others.market(index) },
            &self.now,
        )
    }

    /// Touches the account's leg in this market, opening it if there is none. Returns its slot; `health` follows.
    /// Errors: `SettleFirst`, `NoFreeLeg`.
    pub fn touch(&mut self, account: &mut AccountState, health: &mut Health) -> RiskResult<usize> {
        health.require_touch_alone(self.market_index)?;
        let leg_slot = leg::find_or_open(account, self.market, self.market_index, &self.now)?;
        leg::touch(account, leg_slot, self.market, &self.now)?;
        health.reassess(account, leg_slot, self.market, &self.now)?;
        Ok(leg_slot)
    }

    /// Changes a touched leg by `signed_lots` filled at `price` and books the distance to the mark:
    /// `lots·(mark − price)`, rounded against the leg. Capital pays a loss at once. Errors: `NettingLocked`, `LegTooLarge` and
    /// those of [`leg::set_lots`] where it adds risk. Rule F-3, U-7, E-4.
    pub fn fill_leg(
        &mut self,
        account: &mut AccountState,
        leg_slot: usize,
        signed_lots: i64,
        price: u64,
    ) -> RiskResult<LotChange> {
        let other_lots = lots_besides(account, leg_slot);
        let is_backstop = account.is_backstop();
        let leg = account.legs.get_mut(leg_slot).ok_or(RiskError::NoSuchLeg)?;
        let before = leg.lots;
        let after = before.checked_add(signed_lots).ok_or(RiskError::LegTooLarge)?;
        if leg::increases_risk(before, after) {
            if !is_backstop && other_lots.saturating_add(after.unsigned_abs()) > MAX_ACCOUNT_LOTS {
                return Err(RiskError::LegTooLarge); // the backstop's room keeps within it (O-8)
            }
            netting::note_increase(leg, &self.now)?;
        }
        leg::set_lots(leg, self.market, after)?;
        let booked_atoms = pnl_floor(signed_lots, sub_signed(signed(self.market.mark), signed(price))?)?;
        let side = SideName::of(if after != 0 { after } else { before });
        leg::book_pnl(leg, self.market, booked_atoms, side)?;
        let paid = leg.debt_atoms.min(account.capital_atoms);
        leg::pay_debt_in_cash(leg, self.market, &mut account.capital_atoms, paid)?;
        Ok(LotChange { before, after, booked_atoms })
    }
}

/// Lots of an account's legs but one, as of their last touch.
fn lots_besides(account: &AccountState, leg_slot: usize) -> u64 {
    let others = account.legs.iter().enumerate().filter(|(slot, _)| *slot != leg_slot);
    others.fold(0, |sum, (_, leg)| sum.saturating_add(leg.lots.unsigned_abs()))
}

/// How a fill changed a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotChange {
    /// Signed lots before.
    pub before: i64,
    /// Signed lots after.
    pub after: i64,
    /// Off-mark result booked, atoms; negative = cost.
    pub booked_atoms: i128,
}

impl LotChange {
    /// Whether the fill added risk.
    pub fn increases_risk(&self) -> bool {
        leg::increases_risk(self.before, self.after)
    }

    /// Off-mark cost, 0 if the fill was at the mark or better. Unit: atoms.
    pub fn cost_atoms(&self) -> RiskResult<u64> {
        crate::fixed::unsigned(mul_signed(self.booked_atoms.min(0), -1)?)
    }
}

/// Adds cash to an account within the declared range. Errors: `Overflow` above 2^56 atoms. Rule E-4.
pub fn credit(account: &mut AccountState, atoms: u64) -> RiskResult<()> {
    account.capital_atoms = add(account.capital_atoms, atoms)?;
    if account.capital_atoms > crate::units::MAX_CAPITAL_ATOMS {
        return Err(RiskError::Overflow);
    }
    Ok(())
}
