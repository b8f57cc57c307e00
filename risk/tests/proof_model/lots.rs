//! Calls that open and close lots: fills, trades, slices, deleveragings, bankruptcies.

use crate::money_support::pair;
use crate::world::{outside, Outcome, Refusal, State};
use breakwater_risk::fixed::mul_ppm_floor;
use breakwater_risk::leg;
use breakwater_risk::trade::{self, Fill};
use breakwater_risk::units::{pnl_floor, SideName};
use breakwater_risk::{absorb, claims, deleveraging, ledger, liquidation, unwind};

impl State {
    /// Tells the model of signed lots that a leg received at a price: the result, then cash for the debt (F-3).
    fn says_booked(&mut self, account: usize, market: usize, signed_lots: i64, price: u64) -> Outcome<()> {
        let distance = i128::from(self.exchange.market(market).mark) - i128::from(price);
        let booked = pnl_floor(signed_lots, distance).map_err(outside)?;
        self.says(format!("Book {account} {market} ({booked})"));
        self.says(format!("CoverDebt {account} {market}"));
        Ok(())
    }

    fn says_filled(&mut self, market: usize, parties: [usize; 2], fill: Fill) -> Outcome<()> {
        let [buyer, seller] = parties;
        let lots = i64::try_from(fill.lots).map_err(|_| Refusal::Outside)?;
        self.says(format!("Fill {market} {buyer} {seller} {lots}"));
        self.says_booked(buyer, market, lots, fill.price)?;
        self.says_booked(seller, market, -lots, fill.price)
    }

    /// Tells the model that an account's leg changed by signed lots at the mark, and another one's by the opposite.
    fn says_taken_over(&mut self, market: usize, [from, to]: [usize; 2], closed_lots: i64) -> Outcome<()> {
        let parties = if closed_lots < 0 { [to, from] } else { [from, to] };
        let price = self.exchange.market(market).mark;
        self.says_filled(market, parties, Fill { lots: closed_lots.unsigned_abs(), price })
    }

    /// The touches of two legs, the first of which exists, as the model is told of them.
    fn touched_pair(&self, market: usize, [first, second]: [usize; 2]) -> Outcome<Vec<String>> {
        self.slot(first, market)?;
        let mut parts = self.clone();
        parts.touch(first, market)?;
        parts.touch(second, market)?;
        Ok(parts.transitions)
    }

    /// A fill without any margin rule.
    pub fn fill(&mut self, market: usize, parties: [usize; 2], fill: Fill) -> Outcome<()> {
        let slots = [self.touch(parties[0], market)?, self.touch(parties[1], market)?];
        self.says_filled(market, parties, fill)?;
        let lots = SideName::Long.signed(fill.lots)?;
        self.on(market, |acted, accounts| {
            acted.fill_leg(&mut accounts[parties[0]], slots[0], lots, fill.price)?;
            acted.fill_leg(&mut accounts[parties[1]], slots[1], -lots, fill.price)?;
            Ok(ledger::check_open_interest(acted.market)?)
        })?;
        self.finish(parties[0], market)?;
        self.finish(parties[1], market)
    }

    /// A venue's trade, with all its rules and its fees.
    pub fn trade(&mut self, market: usize, parties: [usize; 2], fill: Fill) -> Outcome<()> {
        let mut parts = self.clone();
        parties.iter().try_for_each(|party| parts.touch(*party, market).map(|_| ()))?;
        self.transitions = parts.transitions;
        self.says_filled(market, parties, fill)?;
        let report = self.on(market, |acted, accounts| {
            let (buyer, seller) = pair(accounts, parties[0], parties[1]);
            trade::settle_trade(acted, buyer, seller, fill).map_err(outside)
        })?;
        for (party, report) in parties.into_iter().zip([report.buyer, report.seller]) {
            let share = u64::from(self.exchange.market(market).params.fee_insurance_share_ppm);
            let insured = mul_ppm_floor(report.fee_atoms, share)?;
            let (from_claims, cash) = (report.fee_from_claims_atoms, report.fee_atoms - report.fee_from_claims_atoms);
            let insured_cash = insured.min(cash);
            self.says(format!("Fee {party} {market} {} {insured_cash}", cash - insured_cash));
            if from_claims > 0 {
                // The first party's fee changes what is unfunded of the other's claim: then only the code between knows it.
                if self.exchange.market(market).unfunded_atoms > 0 {
                    return Err(Refusal::Outside);
                }
                self.says(format!("FeeFromClaim {party} {market} {from_claims} 0 0 {}", insured - insured_cash));
                self.note_if(true, "fee paid by a claim");
            }
            self.says_finished(party, market);
        }
        Ok(())
    }

    /// A slice, with all its rules and its charge.
    pub fn liquidate(&mut self, market: usize, account: usize, keeper: usize) -> Outcome<()> {
        let touched = self.touched_pair(market, [account, keeper])?;
        let report = self.on(market, |acted, accounts| {
            let (account, keeper) = pair(accounts, account, keeper);
            liquidation::liquidate(acted, account, keeper, u64::MAX).map_err(outside)
        })?;
        self.transitions = touched;
        self.says_taken_over(market, [account, keeper], report.closed_lots)?;
        let (paid, insured) = (report.keeper_atoms, report.insurance_atoms);
        self.says(format!("Charge {account} {keeper} {market} {paid} {insured}"));
        self.says_finished(account, market);
        self.says_finished(keeper, market);
        Ok(())
    }

    /// The backstop takes a leg over, with all its rules: a fill, a charge in cash, and the leg's own claim at par (O-7).
    pub fn absorb(&mut self, market: usize, account: usize, backstop: usize) -> Outcome<()> {
        let touched = self.touched_pair(market, [account, backstop])?;
        let mut state = self.pools.backstop;
        let report = self.on(market, |acted, accounts| {
            let (account, backstop) = pair(accounts, account, backstop);
            absorb::absorb(acted, account, &mut state, backstop).map_err(outside)
        })?;
        self.pools.backstop = state;
        self.transitions = touched;
        self.says_taken_over(market, [account, backstop], report.closed_lots)?;
        let (insured, claim) = (report.insurance_atoms, report.claim_atoms);
        self.says(format!("Charge {account} {backstop} {market} {} {insured}", report.charge_atoms - insured));
        self.says(format!("GiveUp {account} {market} {claim} 0 0"));
        self.says(format!("Book {backstop} {market} {claim}"));
        self.says_finished(account, market);
        self.says_finished(backstop, market);
        self.note_if(claim > 0, "absorption paid by claim");
        Ok(())
    }

    /// The backstop sells to a keeper, with all its rules: a fill and a discount in cash (O-13).
    pub fn unwind(&mut self, market: usize, backstop: usize, keeper: usize) -> Outcome<()> {
        let touched = self.touched_pair(market, [backstop, keeper])?;
        let report = self.on(market, |acted, accounts| {
            let (backstop, keeper) = pair(accounts, backstop, keeper);
            unwind::unwind(acted, backstop, keeper, u64::MAX, u64::MAX).map_err(outside)
        })?;
        self.transitions = touched;
        self.says_taken_over(market, [backstop, keeper], report.closed_lots)?;
        self.says(format!("Charge {backstop} {keeper} {market} {} 0", report.discount_atoms));
        self.says_finished(backstop, market);
        self.says_finished(keeper, market);
        self.note_if(report.discount_atoms > 0, "discount paid");
        Ok(())
    }

    /// Closes lots of a leg against the other side at any price.
    pub fn close(&mut self, market: usize, account: usize, lots: u64, price: u64) -> Outcome<()> {
        self.slot(account, market)?;
        let slot = self.touch(account, market)?;
        let side = SideName::of(self.exchange.leg(account, market).lots);
        let lots = lots.min(self.exchange.leg(account, market).lots.unsigned_abs());
        self.says(format!("Deleverage {account} {market} {lots}"));
        let closed = -side.signed(lots)?;
        self.says_booked(account, market, closed, price)?;
        self.on(market, |acted, accounts| {
            acted.fill_leg(&mut accounts[account], slot, closed, price)?;
            ledger::deleverage(acted.market.side_mut(side.opposite()), lots, price)?;
            Ok(ledger::check_open_interest(acted.market)?)
        })?;
        self.finish(account, market)
    }

    /// The engine's own deleveraging, with all its rules.
    pub fn deleverage(&mut self, market: usize, account: usize) -> Outcome<()> {
        self.slot(account, market)?;
        let mut parts = self.clone();
        parts.touch(account, market)?;
        self.transitions = parts.transitions;
        let report = self.on(market, |acted, accounts| {
            deleveraging::deleverage(acted, &mut accounts[account], None).map_err(outside)
        })?;
        self.says(format!("Deleverage {account} {market} {}", report.closed_lots.unsigned_abs()));
        self.says_booked(account, market, report.closed_lots, report.price)?;
        self.says_finished(account, market);
        Ok(())
    }

    /// A bankruptcy. Its parts up to the write-off run on a copy; who bears the deficit is read off the result.
    pub fn resolve(&mut self, account: usize, acted: usize) -> Outcome<()> {
        let mut parts = self.clone();
        let report = self.exchange.resolve(account, acted as u16).map_err(outside)?;
        self.note_if(report.reserve_atoms > 0, "bankruptcy paid by the reserve");
        self.note_if(report.insurance_atoms > 0, "bankruptcy paid by insurance");
        self.note_if(report.claims_atoms > 0, "bankruptcy borne by claims");
        self.note_if(report.unfunded_atoms > 0, "bankruptcy left unfunded");
        let markets = parts.used_markets(account);
        for &market in &markets {
            parts.sweep_by_parts(market)?;
        }
        parts.settle_by_parts(account)?;
        for &market in &markets {
            parts.close_at_mark(account, market)?;
        }
        parts.pay_all_with_claims(account)?;
        parts.give_up_worthless(account, &markets)?;
        self.transitions = parts.transitions.clone();
        for &market in &markets {
            let (before, after) = (parts.exchange.markets.0[market], self.exchange.markets.0[market]);
            let owed = parts.exchange.leg(account, market).debt_atoms;
            let left = self.slot(account, market).map_or(0, |_| self.exchange.leg(account, market).debt_atoms);
            self.says(format!("GiveUp {account} {market} 0 {} 0", owed - left));
            let reserved = before.reserve_atoms - after.reserve_atoms;
            self.says(format!("FromReserve {market} {reserved}"));
            self.says(format!("Draw {market} {}", after.pool_atoms - before.pool_atoms - reserved));
            let emptied = after.leg_count == 0;
            let claims = if emptied { before.claims_total_atoms } else { after.claims_total_atoms };
            let (more, less) = (
                after.unfunded_atoms.saturating_sub(before.unfunded_atoms),
                before.unfunded_atoms.saturating_sub(after.unfunded_atoms),
            );
            let (more, less) = if emptied { (0, 0) } else { (more, less) };
            self.says(format!("Share {market} {claims} {more} {less}"));
        }
        for &market in &markets {
            self.says_finished(account, market);
        }
        Ok(())
    }

    /// What a resolution sweeps before: nothing where nothing is to be swept.
    fn sweep_by_parts(&mut self, market: usize) -> Outcome<()> {
        let before = self.clone();
        match self.sweep(market) {
            Err(Refusal::OfModel) => *self = before,
            swept => swept?,
        }
        Ok(())
    }

    /// Gives up claims without any backed part of an account with debts (B-2).
    fn give_up_worthless(&mut self, account: usize, markets: &[usize]) -> Outcome<()> {
        let owes = |state: &Self, market: usize| state.exchange.leg(account, market).debt_atoms > 0;
        if !markets.iter().any(|market| owes(self, *market)) {
            return Ok(());
        }
        for &market in markets {
            let claim = claims::stored(&self.exchange.leg(account, market)).total().map_err(outside)?;
            let [unbacked, _] = self.unbacked(account, market)?;
            if claim > 0 && unbacked == claim {
                self.says(format!("GiveUp {account} {market} {claim} 0 {claim}"));
                self.on_leg(account, market, |leg, market, _| {
                    claims::eat(leg, market, claim)?;
                    market.unfunded_atoms -= claim;
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    /// Closes a touched leg whole at the mark against the other side, if it has lots (B-2).
    fn close_at_mark(&mut self, account: usize, market: usize) -> Outcome<()> {
        let lots = self.exchange.leg(account, market).lots;
        if lots == 0 {
            return Ok(());
        }
        self.says(format!("Deleverage {account} {market} {}", lots.unsigned_abs()));
        self.on_leg(account, market, |leg, market, _| {
            let mark = market.mark;
            leg::set_lots(leg, market, 0)?;
            ledger::deleverage(market.side_mut(SideName::of(lots).opposite()), lots.unsigned_abs(), mark)
        })
    }
}
