//! Owns the comparison of a preview with what the program did: its report against the accounts before and after.
//!
//! The expectations are written from the rules, not from the functions that preview and program share: what a touch pays
//! is the part of a negative net value that capital covers (DESIGN section 4), what a fill off the mark books is
//! `lots·(mark − price)`.

use breakwater_risk::{
    bankruptcy::BankruptcyReport, deleveraging::DeleverageReport, leg, liquidation::SliceReport,
    settle::SettlementReport, state::AccountState, units::pnl_floor, MarketState, Now,
};

use super::books::{lots_of, Books};

/// The accounts of a transaction at one moment.
#[derive(Clone, Copy)]
pub struct Moment {
    account: AccountState,
    keeper: Option<AccountState>,
    market: MarketState,
    insurance_atoms: u64,
    now: Now,
}

impl Moment {
    /// What the books say now.
    pub fn of(books: &Books, trader: usize, keeper: Option<usize>) -> Self {
        Self {
            account: books.traders[trader].account.state,
            keeper: keeper.map(|keeper| books.keepers[keeper].seat.account.state),
            market: *books.state(),
            insurance_atoms: books.insurance_atoms,
            now: books.now(),
        }
    }

    fn lots(&self) -> i64 {
        lots_of(&self.account, &self.market, &self.now)
    }

    fn debt(&self) -> u64 {
        self.account.legs.iter().map(|leg| leg.debt_atoms).sum()
    }

    fn keeper_lots(&self) -> i64 {
        self.keeper.map_or(0, |keeper| lots_of(&keeper, &self.market, &self.now))
    }

    /// Capital of an account after a touch that also books `booked` atoms.
    fn capital_after_touch(&self, account: &AccountState, booked: i128) -> i128 {
        let values = account.legs.iter().filter_map(|leg| leg::evaluate(leg, &self.market, &self.now).ok()?.net().ok());
        let net = values.sum::<i128>() + booked;
        let capital = i128::from(account.capital_atoms);
        capital - (-net).clamp(0, capital)
    }
}

/// Whether a slice closed what its report says, for the charge that it says.
pub fn slice(before: &Moment, after: &Moment, report: &SliceReport) -> bool {
    let (Some(keeper_before), Some(keeper_after)) = (&before.keeper, &after.keeper) else {
        return false;
    };
    let charged = before.capital_after_touch(&before.account, 0) - i128::from(report.charge_atoms);
    let paid = before.capital_after_touch(keeper_before, 0) + i128::from(report.keeper_atoms);
    let accrued = after.market.insurance_accrued_atoms - before.market.insurance_accrued_atoms;
    after.lots() == before.lots() + report.closed_lots
        && after.keeper_lots() == before.keeper_lots() - report.closed_lots
        && i128::from(after.account.capital_atoms) == charged
        && i128::from(keeper_after.capital_atoms) == paid
        && accrued == report.insurance_atoms
        && report.charge_atoms == report.keeper_atoms + report.insurance_atoms
        && after.account.slice_due_slot == report.next_due_slot
        && (after.account.flagged_slot == 0) == report.is_restored
}

/// Whether a deleveraging closed the whole leg at the reported price, against exactly as many lots of the other side.
pub fn deleveraging(before: &Moment, after: &Moment, report: &DeleverageReport) -> bool {
    let closed = report.closed_lots.unsigned_abs();
    let off_mark = i128::from(before.market.mark) - i128::from(report.price);
    let Ok(booked) = pnl_floor(report.closed_lots, off_mark) else {
        return false;
    };
    let other_side_fell = |open: fn(&MarketState) -> u64| open(&before.market) - open(&after.market) == closed;
    before.lots() == -report.closed_lots
        && after.lots() == 0
        && i128::from(after.account.capital_atoms) == before.capital_after_touch(&before.account, booked)
        && (after.market.leg_count == 0
            || other_side_fell(|market| market.long.open_lots) && other_side_fell(|market| market.short.open_lots))
}

/// Whether a resolution left nothing open, took what it says from insurance, and shared the whole deficit.
pub fn resolution(before: &Moment, after: &Moment, report: &BankruptcyReport) -> bool {
    let shared = report.insurance_atoms + report.claims_atoms + report.lots_atoms + report.unfunded_atoms;
    after.lots() == 0
        && after.debt() == 0
        && before.insurance_atoms - after.insurance_atoms == report.insurance_atoms
        && after.market.unfunded_atoms - before.market.unfunded_atoms == report.unfunded_atoms
        && report.deficit_atoms == shared
}

/// Whether a settlement paid and left what its report says.
pub fn settlement(before: &Moment, after: &Moment, report: &SettlementReport) -> bool {
    before.account.capital_atoms - after.account.capital_atoms == report.paid_atoms && after.debt() == report.debt_atoms
}

/// Whether an account is flagged as the preview said.
pub fn flag(after: &Moment, is_flagged: bool) -> bool {
    (after.account.flagged_slot != 0) == is_flagged
}
