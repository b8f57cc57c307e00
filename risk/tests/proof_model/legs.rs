//! Calls on legs that open and close nothing: touches, booked results, payments of debts, conversions, settlements.

use crate::world::{outside, Outcome, Refusal, State};
use breakwater_risk::claims::{self, Claims};
use breakwater_risk::leg::{self, LegValue};
use breakwater_risk::settle::{self, Shares};
use breakwater_risk::state::{AccountState, Leg, MarketState};
use breakwater_risk::units::SideName;
use breakwater_risk::RiskResult;

fn found(lots: i64, claims: Claims, pnl: i128) -> String {
    format!("(Found ({lots}) {} {} {} ({pnl}))", claims.matured, claims.maturing, claims.fresh)
}

impl State {
    pub fn slot(&self, account: usize, market: usize) -> Outcome<usize> {
        self.exchange.accounts[account].find_leg(market as u16).ok_or(Refusal::Outside)
    }

    fn has_debt(&self, account: usize, market: usize) -> bool {
        self.slot(account, market).is_ok_and(|slot| self.exchange.accounts[account].legs[slot].debt_atoms > 0)
    }

    fn has_claim(&self, account: usize, market: usize) -> bool {
        self.slot(account, market).is_ok_and(|slot| claims::has_any(&self.exchange.accounts[account].legs[slot]))
    }

    /// Runs something on a leg, its market and the account's capital.
    pub fn on_leg<T>(
        &mut self,
        account: usize,
        market: usize,
        act: impl FnOnce(&mut Leg, &mut MarketState, &mut u64) -> RiskResult<T>,
    ) -> Outcome<T> {
        let slot = self.slot(account, market)?;
        let AccountState { legs, capital_atoms, .. } = &mut self.exchange.accounts[account];
        Ok(act(&mut legs[slot], &mut self.exchange.markets.0[market], capital_atoms)?)
    }

    /// What a touch would find: the leg's value, none of it for a leg that it opens.
    fn value(&self, account: usize, market: usize) -> Outcome<LegValue> {
        let Ok(slot) = self.slot(account, market) else { return Ok(LegValue::default()) };
        let leg = &self.exchange.accounts[account].legs[slot];
        leg::evaluate(leg, &self.exchange.markets.0[market], &self.exchange.now).map_err(outside)
    }

    /// Touches a leg alone, opening it if there is none.
    pub fn touch(&mut self, account: usize, market: usize) -> Outcome<usize> {
        let value = self.value(account, market)?;
        let now = self.exchange.now;
        let (slot, lots) = self.on(market, |acted, accounts| {
            let account = &mut accounts[account];
            let slot = leg::find_or_open(account, acted.market, market as u16, &now).map_err(outside)?;
            leg::touch(account, slot, acted.market, &now).map_err(outside)?;
            Ok((slot, account.legs[slot].lots))
        })?;
        self.says(format!("Touch {account} {market} {}", found(lots, value.claims, value.pending)));
        self.says(format!("CoverDebt {account} {market}"));
        Ok(slot)
    }

    pub fn finish(&mut self, account: usize, market: usize) -> Outcome<()> {
        self.says_finished(account, market);
        let slot = self.slot(account, market)?;
        let fractions = |market: &MarketState| market.long.open_lots > 0 || market.claims_total_atoms > 0;
        let had_fractions = fractions(&self.exchange.markets.0[market]);
        self.on(market, |acted, accounts| Ok(leg::finish(&mut accounts[account], slot, acted.market)?))?;
        let acted = &self.exchange.markets.0[market];
        self.note_if(had_fractions && acted.leg_count == 0 && !fractions(acted), "last leg took fractions");
        Ok(())
    }

    pub fn touch_alone(&mut self, account: usize, market: usize) -> Outcome<()> {
        self.touch(account, market)?;
        self.finish(account, market)
    }

    pub fn book(&mut self, account: usize, market: usize, pnl: i128, side: SideName) -> Outcome<()> {
        self.says(format!("Book {account} {market} ({pnl})"));
        self.on_leg(account, market, |leg, market, _| leg::book_pnl(leg, market, pnl, side))
    }

    pub fn pay_debt(&mut self, account: usize, market: usize, atoms: u64) -> Outcome<()> {
        self.says(format!("PayDebt {account} {market} {atoms}"));
        self.on_leg(account, market, |leg, market, capital| leg::pay_debt_in_cash(leg, market, capital, atoms))
    }

    pub fn convert(&mut self, account: usize, market: usize, least_ppm: u32) -> Outcome<()> {
        self.slot(account, market)?;
        let slot = self.touch(account, market)?;
        let (leg, acted) = (self.exchange.leg(account, market), &self.exchange.markets.0[market]);
        let unbacked = claims::unbacked_atoms(acted, leg.claim_matured_atoms).map_err(outside)?;
        self.says(format!("Convert {account} {market} {least_ppm} {unbacked}"));
        let report = self.on(market, |acted, accounts| {
            Ok(claims::convert(&mut accounts[account], slot, acted.market, least_ppm)?)
        })?;
        self.note_if(report.paid_atoms > 0 && report.paid_atoms < report.matured_atoms, "conversion in part");
        self.finish(account, market)
    }

    /// What the market left unfunded of a touched leg's claim, and of all other claims: the code's to say, from the open PnL of both sides.
    pub fn unbacked(&self, account: usize, market: usize) -> Outcome<[u64; 2]> {
        let (leg, acted) = (self.exchange.leg(account, market), &self.exchange.markets.0[market]);
        let claim = claims::stored(&leg).total().map_err(outside)?;
        let others = acted.claims_total_atoms.checked_sub(claim).ok_or(Refusal::Outside)?;
        let own = claims::unbacked_atoms(acted, claim).map_err(outside)?;
        Ok([own, claims::unbacked_of_others_floor(acted, others).map_err(outside)?])
    }

    fn pay_with_claim_touched(&mut self, account: usize, claim: usize, debt: usize) -> Outcome<u64> {
        let [unbacked, others] = self.unbacked(account, claim)?;
        self.says(format!("PayWithClaim {account} {claim} {debt} {unbacked} {others}"));
        let (claim_slot, debt_slot) = (self.slot(account, claim)?, self.slot(account, debt)?);
        let exchange = &mut self.exchange;
        let account = &mut exchange.accounts[account];
        Ok(settle::pay_debt_with_claim(account, claim_slot, debt_slot, &mut exchange.markets)?)
    }

    pub fn pay_with_claim(&mut self, account: usize, claim: usize, debt: usize) -> Outcome<()> {
        for market in [claim, debt] {
            self.slot(account, market)?;
            self.touch(account, market)?;
        }
        let paid = self.pay_with_claim_touched(account, claim, debt)?;
        self.note_if(paid > 0, "debt paid by claim");
        self.finish(account, claim)?;
        self.finish(account, debt)
    }

    /// Every claim pays every debt, in the order of the legs.
    pub fn pay_all_with_claims(&mut self, account: usize) -> Outcome<()> {
        for debt in self.used_markets(account) {
            for claim in self.used_markets(account) {
                if claim != debt && self.has_debt(account, debt) && self.has_claim(account, claim) {
                    self.pay_with_claim_touched(account, claim, debt)?;
                }
            }
        }
        Ok(())
    }

    /// Markets of an account's legs, in the order of the legs.
    pub fn used_markets(&self, account: usize) -> Vec<usize> {
        let legs = self.exchange.accounts[account].legs.iter().filter(|leg| leg.is_used());
        legs.map(|leg| leg.market_index.into()).collect()
    }

    /// S-1 by its parts, without the end of the legs.
    pub fn settle_by_parts(&mut self, account: usize) -> Outcome<()> {
        let (markets, now) = (self.used_markets(account), self.exchange.now);
        let mut debts = 0_u64;
        for &market in &markets {
            let value = self.value(account, market)?;
            let touched = |leg: &mut Leg, market: &mut _, _: &mut u64| {
                leg::realise_pending(leg, market, &now).map(|_| (leg.lots, leg.debt_atoms))
            };
            let (lots, debt) = self.on_leg(account, market, touched).map_err(|_| Refusal::Outside)?;
            self.says(format!("Touch {account} {market} {}", found(lots, value.claims, value.pending)));
            debts = debts.checked_add(debt).ok_or(Refusal::Outside)?;
        }
        let mut left = Shares { atoms: self.exchange.capital(account).min(debts), weight: debts };
        for &market in &markets {
            let debt = self.exchange.leg(account, market).debt_atoms;
            if debt > 0 {
                self.pay_debt(account, market, left.take(debt)?)?;
            }
        }
        Ok(())
    }

    /// The code settles in one go; the model is told the parts.
    pub fn settle(&mut self, account: usize) -> Outcome<()> {
        let mut parts = self.clone();
        parts.settle_by_parts(account)?;
        self.transitions = parts.transitions;
        let markets = self.used_markets(account);
        let exchange = &mut self.exchange;
        settle::settle_account(&mut exchange.accounts[account], &mut exchange.markets, &exchange.now)?;
        for market in markets {
            self.says_finished(account, market);
        }
        Ok(())
    }

    /// Two accounts that wait for each other: a claim in one market, a debt in the other.
    pub fn net(&mut self, members: [usize; 2], ring: [usize; 2]) -> Outcome<()> {
        for (member, market) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            self.slot(members[member], ring[market])?;
        }
        let mut parts = self.clone();
        let (claim, debt) = ([ring[0], ring[1]], [ring[1], ring[0]]);
        for i in 0..2 {
            parts.touch(members[i], claim[i])?;
            parts.touch(members[i], debt[i])?;
        }
        self.transitions = parts.transitions;
        let mut accounts = members.map(|member| self.exchange.accounts[member]);
        let [first, second] = &mut accounts;
        let indices = ring.map(|market| market as u16);
        let exchange = &mut self.exchange;
        let netted = settle::net_ring(&mut [first, second], &indices, &mut exchange.markets, &exchange.now);
        let netted = netted.map_err(outside)?;
        for i in 0..2 {
            self.exchange.accounts[members[i]] = accounts[i];
            self.says(format!("GiveUp {} {} {netted} 0 0", members[i], claim[i]));
            self.says(format!("GiveUp {} {} 0 {netted} 0", members[i], debt[i]));
            self.says_finished(members[i], claim[i]);
            self.says_finished(members[i], debt[i]);
        }
        Ok(())
    }
}
