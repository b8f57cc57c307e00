//! Conversions, debt payments, deficits and sweeps as transactions on the engine, and then on the model.

use crate::exact_deficit::Resolution;
use crate::number::{atoms, float_atoms, Exact};
use crate::world::{State, World};
use breakwater_risk::bankruptcy::{BankruptcyReport, Funds};
use breakwater_risk::insurance::SweepReport;
use breakwater_risk::state::{AccountState, MarketState};
use breakwater_risk::{bankruptcy, claims, insurance, open_profit, settle, RiskError, RiskResult};

impl World {
    pub fn convert(&mut self, account: usize, market: usize) -> RiskResult<u64> {
        self.compare_leg(account, market);
        let before = self.state.markets.0[market];
        let report =
            self.on_market(market, |acted, accounts| claims::convert_profit(acted, &mut accounts[account], 0))?;
        self.follow_touch(account, market, 0);
        self.slack += self.burden_slack(market, &before);
        self.exact.convert(account, market);
        if report.paid_atoms < report.matured_atoms {
            self.reach("conversion in part");
        }
        self.slack += 2.0;
        self.follow_generations();
        Ok(report.paid_atoms)
    }

    pub fn pay_debt(&mut self, account: usize, claim_market: usize, debt_market: usize) -> RiskResult<u64> {
        let legs = [claim_market, debt_market];
        legs.iter().for_each(|market| self.compare_leg(account, *market));
        let before = self.state.markets.0[claim_market];
        let paid = self.transaction(|state, now| {
            let (claim, debt) = (claim_market as u16, debt_market as u16);
            settle::pay_debt(&mut state.accounts[account], claim, debt, &mut state.markets, now)
        })?;
        legs.iter().for_each(|market| self.follow_touch(account, *market, 0));
        self.slack += self.burden_slack(claim_market, &before);
        self.exact.pay_debt(account, claim_market, debt_market);
        self.follow_generations();
        Ok(paid)
    }

    /// Nets a ring of accounts, `ring[i]` being the market of member i's claim.
    pub fn net(&mut self, members: &[usize], ring: &[usize]) -> RiskResult<u64> {
        let next = |i: usize| ring[(i + 1) % ring.len()];
        let legs = (0..members.len()).flat_map(|i| [(members[i], ring[i]), (members[i], next(i))]);
        let legs: Vec<(usize, usize)> = legs.collect();
        legs.iter().for_each(|(account, market)| self.compare_leg(*account, *market));
        let netted = self.transaction(|state, now| {
            let mut picked = members.iter().map(|member| state.accounts[*member]).collect::<Vec<_>>();
            let indices: Vec<u16> = ring.iter().map(|market| *market as u16).collect();
            let mut refs: Vec<&mut AccountState> = picked.iter_mut().collect();
            let netted = settle::net_ring(&mut refs, &indices, &mut state.markets, now)?;
            members.iter().zip(picked).for_each(|(member, account)| state.accounts[*member] = account);
            Ok(netted)
        })?;
        legs.iter().for_each(|(account, market)| self.follow_touch(*account, *market, 0));
        self.exact.net(members, ring);
        self.follow_generations();
        Ok(netted)
    }

    pub fn resolve(&mut self, account: usize) -> RiskResult<()> {
        let touched = self.lots_when_settled(account);
        let legs = self.state.accounts[account].legs.iter().enumerate().filter(|(_, leg)| leg.is_used());
        let (slots, order): (Vec<usize>, Vec<usize>) =
            legs.map(|(slot, leg)| (slot, usize::from(leg.market_index))).unzip();
        let acted = order.iter().copied().find(|market| touched[*market] != 0).or(order.first().copied());
        let acted = acted.ok_or(RiskError::NotBankrupt)?;
        let before = self.state.markets.0.clone();
        (0..touched.len()).for_each(|market| self.compare_leg(account, market));
        let report = self.transaction(|state, now| {
            let account = &mut state.accounts[account];
            let mut funds = Funds { insurance: &mut state.insurance, exchange_fees_atoms: &mut state.fees };
            bankruptcy::resolve_bankruptcy(account, &mut state.markets, acted as u16, &mut funds, now)
        })?;
        for (index, market) in before.iter().enumerate() {
            self.slack += cut_slack(market) + self.drift(index, market) + self.burden_slack(index, market);
        }
        for (slot, market) in slots.iter().zip(&order) {
            self.follow_sweep(*market, &report.by_leg[*slot].swept, &before[*market]);
        }
        let wiped = self.wiped_since(&before, 0..before.len());
        self.note_deficit(&report);
        let size_index: Vec<[u64; 2]> =
            before.iter().map(|market| [market.long.size_index, market.short.size_index]).collect();
        (0..touched.len()).for_each(|market| self.slack += self.allowance(account, market));
        let mut uncut = vec![true; before.len()];
        for (slot, market) in slots.iter().zip(&order) {
            uncut[*market] = report.by_leg[*slot].claims_atoms == 0;
        }
        let touched_lots = touched.as_slice();
        let (order, wiped, uncut, size_index) = (&order[..], &wiped[..], &uncut[..], &size_index[..]);
        let done = Resolution { touched_lots, order, wiped, uncut, size_index };
        self.exact.resolve(account, &self.params.clone(), &done);
        self.follow_generations();
        Ok(())
    }

    /// Whole lots that each leg of an account keeps when it is settled now, by market.
    fn lots_when_settled(&self, account: usize) -> Vec<i64> {
        let State { mut markets, accounts, .. } = self.state.clone();
        let mut settled = accounts[account];
        settle::settle_account(&mut settled, &mut markets, &self.now).expect("any account can be settled");
        let lots = |market: usize| settled.find_leg(market as u16).map_or(0, |slot| settled.legs[slot].lots);
        (0..markets.0.len()).map(lots).collect()
    }

    fn wiped_since(&mut self, before: &[MarketState], markets: std::ops::Range<usize>) -> Vec<bool> {
        let after = &self.state.markets.0[markets];
        let wiped = before.iter().zip(after).map(|(a, b)| a.claim_generation != b.claim_generation);
        let wiped: Vec<bool> = wiped.collect();
        if wiped.contains(&true) {
            self.reach("claims wiped");
        }
        wiped
    }

    fn note_deficit(&mut self, report: &BankruptcyReport) {
        let parts = [
            (report.reserve_atoms, "reserve paid"),
            (report.insurance_atoms, "insurance paid"),
            (report.claims_atoms, "claims cut"),
            (report.unfunded_atoms, "deficit unfunded"),
            (report.own_claims_atoms, "own claims paid"),
        ];
        parts.into_iter().filter(|(atoms, _)| *atoms > 0).for_each(|(_, what)| self.reach(what));
    }

    pub fn sweep(&mut self, market: usize) -> RiskResult<()> {
        let before = self.state.markets.0[market];
        let report = self.transaction(|state, now| {
            insurance::sweep(&mut state.markets.0[market], &mut state.insurance, &mut state.fees, now)
        })?;
        self.follow_sweep(market, &report, &before);
        if self.wiped_since(&[before], market..market + 1).contains(&true) {
            self.exact.wipe(market);
        }
        Ok(())
    }

    /// The model's sweep. A cut rounds claims by the grain of their index.
    fn follow_sweep(&mut self, market: usize, report: &SweepReport, before: &MarketState) {
        if *report != SweepReport::default() {
            self.reach("sweep");
        }
        let cuts = report.claims_cut_atoms > 0;
        self.exact.insurance += atoms(report.insurance_atoms);
        let moved = (report.repaid.fees_atoms, report.reserved_atoms);
        self.exact.repay_unfunded(market, moved, cuts, &self.params.clone());
        // What a resolution left unfunded had emptied the reserve, and fees repay it before they fill the reserve.
        assert_eq!(report.repaid.reserve_atoms, 0);
        if report.reserved_atoms > 0 {
            self.reach("fees reserved");
        }
        self.slack += if cuts { cut_slack(before) + self.drift(market, before) } else { 2.0 };
    }
}

impl World {
    /// What is given up of a claim with each atom that it pays, `unfunded/(profit − unfunded)`, times what roundings so far have moved either
    /// of the two: where next to nothing is backed, an atom more or less decides on many that are worth next to nothing.
    pub fn burden_slack(&self, market: usize, before: &MarketState) -> f64 {
        if before.unfunded_atoms == 0 {
            return 0.0;
        }
        let profit = open_profit::profit_total(before).expect("a market has a profit");
        let backed = profit.saturating_sub(before.unfunded_atoms).max(1) as f64;
        (before.unfunded_atoms as f64 / backed * (10.0 + self.drift(market, before))).min(before.unfunded_atoms as f64)
    }

    /// How far roundings so far have moved what a market owes and its profit, atoms.
    fn drift(&self, market: usize, before: &MarketState) -> f64 {
        let gap = |exact: &Exact, engine: u64| (float_atoms(exact) - engine as f64).abs();
        let profit = open_profit::profit_total(before).expect("a market has a profit");
        let unfunded = gap(&self.exact.markets[market].unfunded, before.unfunded_atoms);
        unfunded + gap(&self.exact.profit(market), profit)
    }
}

/// What a cut of a market's claims may round, atoms.
fn cut_slack(market: &MarketState) -> f64 {
    20.0 + market.claims_total_atoms as f64 / market.claim_index as f64 * 2.0
}
