//! Calls that move cash into, out of and within the exchange, without a leg.
//!
//! What a handler of the program adds to a function of `risk` — booked total, vault — is repeated here.

use crate::world::{outside, Outcome, Refusal, State};
use breakwater_risk::acted::credit;
use breakwater_risk::insurance::{self, FundState};
use breakwater_risk::{cash, ledger, RiskError};

fn plus(figure: &mut u64, atoms: u64) -> Outcome<()> {
    *figure = figure.checked_add(atoms).ok_or(RiskError::Overflow)?;
    Ok(())
}

fn minus(figure: &mut u64, atoms: u64) -> Outcome<()> {
    *figure = figure.checked_sub(atoms).ok_or(RiskError::Overflow)?;
    Ok(())
}

impl State {
    pub fn book_in(&mut self, atoms: u64) -> Outcome<()> {
        plus(&mut self.booked, atoms)?;
        plus(&mut self.vault, atoms)
    }

    pub fn book_out(&mut self, atoms: u64) -> Outcome<()> {
        minus(&mut self.booked, atoms)?;
        minus(&mut self.vault, atoms)
    }

    /// Tokens sent to the vault by themselves.
    pub fn gift(&mut self, atoms: u64) -> Outcome<()> {
        self.says(format!("Gift {atoms}"));
        plus(&mut self.vault, atoms)
    }

    pub fn seed(&mut self, market: usize, atoms: u64) -> Outcome<()> {
        self.says(format!("Seed {market} {atoms}"));
        plus(&mut self.exchange.market(market).pool_atoms, atoms)?;
        self.book_in(atoms)
    }

    /// Half of a bond is in the reserve, so that fees have something to refill.
    pub fn bond(&mut self, market: usize, atoms: u64) -> Outcome<()> {
        self.says(format!("Bond {market} {atoms}"));
        let acted = self.exchange.market(market);
        plus(&mut acted.reserve_atoms, atoms)?;
        acted.bond_atoms = acted.bond_atoms.saturating_add(atoms.saturating_mul(2));
        self.book_in(atoms)
    }

    pub fn deposit(&mut self, account: usize, atoms: u64) -> Outcome<()> {
        self.says(format!("Deposit {account} {atoms}"));
        if atoms == 0 {
            return Err(RiskError::ZeroSize.into());
        }
        credit(&mut self.exchange.accounts[account], atoms)?;
        self.book_in(atoms)
    }

    pub fn withdraw(&mut self, account: usize, atoms: u64) -> Outcome<()> {
        self.says(format!("Withdraw {account} {atoms}"));
        let exchange = &mut self.exchange;
        // Health comes first and may not fit its range: a matter of margins.
        cash::withdraw(&mut exchange.accounts[account], atoms, &exchange.markets, &exchange.now).map_err(|error| {
            if error == RiskError::Overflow {
                Refusal::Outside
            } else {
                error.into()
            }
        })?;
        self.book_out(atoms)
    }

    pub fn donate(&mut self, atoms: u64) -> Outcome<()> {
        self.says(format!("FundIn {atoms}"));
        plus(&mut self.exchange.insurance.balance_atoms, atoms)?;
        self.book_in(atoms)
    }

    pub fn collect_fees(&mut self) -> Outcome<()> {
        self.says("CollectFees".into());
        let atoms = std::mem::take(&mut self.exchange.fees);
        if atoms == 0 {
            return Err(RiskError::NothingToDo.into());
        }
        self.book_out(atoms)
    }

    pub fn draw_insurance(&mut self, market: usize, atoms: u64) -> Outcome<()> {
        self.says(format!("Draw {market} {atoms}"));
        let exchange = &mut self.exchange;
        let acted = &mut exchange.markets.0[market];
        insurance::draw(acted, &mut exchange.insurance, atoms, &exchange.now)?;
        Ok(())
    }

    pub fn sweep(&mut self, market: usize) -> Outcome<()> {
        let exchange = &mut self.exchange;
        let acted = &mut exchange.markets.0[market];
        let swept = exchange.insurance.balance_atoms.saturating_add(acted.insurance_accrued_atoms);
        let fund = FundState { balance_atoms: swept, ..exchange.insurance };
        let of_market = insurance::allowance(acted, &fund, &exchange.now).map_err(outside)?;
        let of_fund = insurance::fund_allowance(&fund, &exchange.now).map_err(outside)?;
        let allowed = of_market.min(of_fund).min(acted.unfunded_allowance_atoms);
        let by_reserve = acted.unfunded_atoms.saturating_sub(acted.fees_accrued_atoms).min(acted.reserve_atoms);
        let wanted = acted.bond_atoms.saturating_sub(acted.reserve_atoms - by_reserve);
        let says = |total: u64, cut: u64| format!("Sweep {market} {allowed} {wanted} {total} {cut}");
        self.transitions.push(says(acted.claims_total_atoms, 0));
        let report = insurance::sweep(acted, &mut exchange.insurance, &mut exchange.fees, &exchange.now)?;
        self.transitions.pop();
        self.transitions.push(says(acted.claims_total_atoms, report.claims_cut_atoms));
        self.note_if(report.claims_cut_atoms > 0, "claims cut by a sweep");
        self.note_if(report.repaid.fees_atoms > 0, "unfunded repaid by fees");
        self.note_if(report.repaid.reserve_atoms > 0, "unfunded repaid by the reserve");
        self.note_if(report.repaid.insurance_atoms > 0, "unfunded repaid by insurance");
        self.note_if(report.reserved_atoms > 0, "fees reserved");
        Ok(())
    }

    /// A market owes its profit more, and the fund sets something aside for it.
    pub fn leave_unfunded(&mut self, market: usize, atoms: u64) -> Outcome<()> {
        let acted = self.exchange.market(market);
        plus(&mut acted.unfunded_atoms, atoms)?;
        acted.unfunded_allowance_atoms = atoms / 2;
        let total = acted.claims_total_atoms;
        self.says(format!("Share {market} {total} {atoms} 0"));
        Ok(())
    }

    /// Price, time and funding move: none of the model's figures may.
    pub fn move_outside(&mut self, market: usize, mark: u64, slots: u64, per_lot: i64) -> Outcome<()> {
        self.says("Outside".into());
        self.exchange.wait(slots);
        self.exchange.set_mark(market, mark);
        let acted = self.exchange.market(market);
        ledger::accrue_funding(acted, per_lot).map_err(outside)?;
        Ok(())
    }
}
