//! Owns the comparison of a preview with what the program did: its report against the accounts before and after.
//!
//! The expectations are written from the rules, not from the functions that preview and program share: what a touch pays
//! is the part of a negative net value that capital covers (DESIGN section 4), what a fill off the mark books is
//! `lots·(mark − price)`.

use breakwater_risk::{
    absorb::AbsorbReport, bankruptcy::BankruptcyReport, deleveraging::DeleverageReport, derisk::DeriskReport,
    ladder::Registration, leg, liquidation::SliceReport, settle::SettlementReport, state::AccountState,
    units::pnl_floor, unwind::UnwindReport, MarketState, Now,
};

use super::books::{lots_of, Books, Who};

/// The accounts of a transaction at one moment.
#[derive(Clone, Copy)]
pub struct Moment {
    account: AccountState,
    taker: Option<AccountState>,
    market: MarketState,
    insurance_atoms: u64,
    now: Now,
}

impl Moment {
    /// What the books say now of the account acted on and of the one that takes lots from it.
    pub fn of(books: &Books, who: Who, taker: Option<Who>) -> Self {
        Self {
            account: *books.account(who),
            taker: taker.map(|taker| *books.account(taker)),
            market: books.market,
            insurance_atoms: books.fund.balance_atoms,
            now: books.now,
        }
    }

    /// Cash of the account acted on.
    pub fn capital_atoms(&self) -> u64 {
        self.account.capital_atoms
    }

    fn lots(&self) -> i64 {
        lots_of(&self.account, &self.market, &self.now)
    }

    fn debt(&self) -> u64 {
        self.account.legs.iter().map(|leg| leg.debt_atoms).sum()
    }

    /// Capital of an account after a touch that also books `booked` atoms.
    fn capital_after_touch(&self, account: &AccountState, booked: i128) -> i128 {
        let values = account.legs.iter().filter_map(|leg| leg::evaluate(leg, &self.market, &self.now).ok()?.net().ok());
        let net = values.sum::<i128>() + booked;
        let capital = i128::from(account.capital_atoms);
        capital - (-net).clamp(0, capital)
    }
}

/// Lots that changed hands at the mark, and the cash that went with them; atoms.
struct Transfer {
    closed_lots: i64,
    paid_atoms: u64,
    received_atoms: u64,
    insurance_atoms: u64,
}

/// Whether a touch may have left these lots: those before, or one more that rounding took from others (spec T-8).
fn is_touched(before: i64, after: i64) -> bool {
    let (fewer, more) = (before.unsigned_abs(), after.unsigned_abs());
    before.abs_diff(after) <= 1 && (fewer..=fewer + 1).contains(&more)
}

/// Whether exactly these lots and this cash went from the account to the taker, and its part to insurance.
fn transfer(before: &Moment, after: &Moment, transfer: &Transfer) -> bool {
    let (Some(taker_before), Some(taker_after)) = (&before.taker, &after.taker) else {
        return false;
    };
    let taker_lots = |moment: &Moment, taker: &AccountState| lots_of(taker, &moment.market, &moment.now);
    let left = before.capital_after_touch(&before.account, 0) - i128::from(transfer.paid_atoms);
    let had = before.capital_after_touch(taker_before, 0) + i128::from(transfer.received_atoms);
    let accrued = after.market.insurance_accrued_atoms - before.market.insurance_accrued_atoms;
    is_touched(before.lots(), after.lots() - transfer.closed_lots)
        && is_touched(taker_lots(before, taker_before), taker_lots(after, taker_after) + transfer.closed_lots)
        && i128::from(after.account.capital_atoms) == left
        && i128::from(taker_after.capital_atoms) == had
        && accrued == transfer.insurance_atoms
        && transfer.paid_atoms == transfer.received_atoms + transfer.insurance_atoms
}

/// Whether a slice closed what its report says, for the charge that it says.
pub fn slice(before: &Moment, after: &Moment, report: &SliceReport) -> bool {
    let expected = Transfer {
        closed_lots: report.closed_lots,
        paid_atoms: report.charge_atoms,
        received_atoms: report.keeper_atoms,
        insurance_atoms: report.insurance_atoms,
    };
    transfer(before, after, &expected)
        && after.account.slice_due_slot == report.next_due_slot
        && (after.account.flagged_slot == 0) == report.is_restored
}

/// Whether a predictive close moved the reported lots at the reported price, which the account pays for and nobody else.
pub fn derisking(before: &Moment, after: &Moment, report: &DeriskReport) -> bool {
    let (Some(taker_before), Some(taker_after)) = (&before.taker, &after.taker) else {
        return false;
    };
    let off_mark = i128::from(before.market.mark) - i128::from(report.price);
    let Ok(booked) = pnl_floor(report.closed_lots, off_mark) else {
        return false;
    };
    let taker_lots = |moment: &Moment, taker: &AccountState| lots_of(taker, &moment.market, &moment.now);
    is_touched(before.lots(), after.lots() - report.closed_lots)
        && is_touched(taker_lots(before, taker_before), taker_lots(after, taker_after) + report.closed_lots)
        && -booked == i128::from(report.cost_atoms)
        && i128::from(after.account.capital_atoms) == before.capital_after_touch(&before.account, booked)
        && i128::from(taker_after.capital_atoms) == before.capital_after_touch(taker_before, 0)
        && after.account.flagged_slot == before.account.flagged_slot
}

/// Whether the backstop took what the report says, for the charge in cash that it says.
pub fn absorption(before: &Moment, after: &Moment, report: &AbsorbReport) -> bool {
    let expected = Transfer {
        closed_lots: report.closed_lots,
        paid_atoms: report.charge_atoms,
        received_atoms: report.charge_atoms - report.insurance_atoms,
        insurance_atoms: report.insurance_atoms,
    };
    transfer(before, after, &expected) && (after.account.flagged_slot == 0) == report.is_restored
}

/// Whether the backstop sold what the report says, for the discount that it says.
pub fn unwinding(before: &Moment, after: &Moment, report: &UnwindReport) -> bool {
    let expected = Transfer {
        closed_lots: report.closed_lots,
        paid_atoms: report.discount_atoms,
        received_atoms: report.discount_atoms,
        insurance_atoms: 0,
    };
    transfer(before, after, &expected)
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

/// Whether a resolution left nothing open, swept and took from insurance what it says, and left the rest of the deficit unfunded.
pub fn resolution(before: &Moment, after: &Moment, report: &BankruptcyReport) -> bool {
    let swept = report.by_leg[0].swept;
    let repaid = swept.repaid.fees_atoms
        + swept.repaid.reserve_atoms
        + swept.repaid.insurance_atoms
        + swept.claims_cut_atoms;
    let emptied = after.market.leg_count == 0;
    after.lots() == 0
        && after.debt() == 0
        && before.insurance_atoms + swept.insurance_atoms
            == after.insurance_atoms + swept.repaid.insurance_atoms + report.insurance_atoms
        && (emptied
            || before.market.unfunded_atoms + report.unfunded_atoms
                == after.market.unfunded_atoms + repaid + report.claims_atoms)
        && report.deficit_atoms == report.reserve_atoms + report.insurance_atoms + report.unfunded_atoms
}

/// Whether a settlement paid and left what its report says.
pub fn settlement(before: &Moment, after: &Moment, report: &SettlementReport) -> bool {
    before.account.capital_atoms - after.account.capital_atoms == report.paid_atoms && after.debt() == report.debt_atoms
}

/// Whether an account is flagged as the preview said.
pub fn flag(_before: &Moment, after: &Moment, is_flagged: &bool) -> bool {
    (after.account.flagged_slot != 0) == *is_flagged
}

/// Whether a leg stands in the ladder where the preview said, and the account was settled.
pub fn touch(before: &Moment, after: &Moment, registration: &Option<Registration>) -> bool {
    let leg = after.account.legs.iter().find(|leg| leg.lots != 0);
    let stands = leg.map(|leg| Registration { bucket: leg.ladder_bucket, atoms: leg.ladder_atoms });
    stands == *registration
        && is_touched(before.lots(), after.lots())
        && i128::from(after.account.capital_atoms) == before.capital_after_touch(&before.account, 0)
}
