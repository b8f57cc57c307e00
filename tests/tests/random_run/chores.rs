//! What keepers and cranks do: they look at every account and do what is due.

use crate::run::Run;
use crate::tally::Kind;
use breakwater::MarginAccount;
use breakwater_risk::claims;
use breakwater_risk::tier::Tier;
use breakwater_sdk::{preview, Snapshot};
use rand::Rng;

/// An account that something is due for.
struct Due<'a> {
    snapshot: &'a Snapshot,
    name: &'a str,
    account: &'a MarginAccount,
}

impl Run {
    /// Does one thing that is due for somebody; for most accounts nothing is.
    pub fn chore(&mut self) {
        let (snapshot, accounts) = self.survey();
        for (name, account) in &accounts {
            let due = Due { snapshot: &snapshot, name, account };
            if self.help(&due) {
                return;
            }
        }
    }

    fn help(&mut self, due: &Due<'_>) -> bool {
        if self.chance(30) && (self.pay_debt(due) || self.convert(due)) {
            return true;
        }
        for market in self.markets() {
            let index = self.world.stage.markets[market].index;
            let Some(slot) = due.account.state.find_leg(index) else { continue };
            if due.account.state.legs[slot].lots == 0 {
                continue;
            }
            let now = self.world.stage.bank.now();
            let tier = preview::tier(due.snapshot, due.account, index, &now).expect("a tier");
            if self.act_on(due, market, tier) {
                return true;
            }
        }
        self.resolve_without_lots(due)
    }

    /// Acts as the tier says, or now and then as it forbids. Returns whether anything was sent.
    fn act_on(&mut self, due: &Due<'_>, market: usize, tier: Tier) -> bool {
        let is_flagged = due.account.state.flagged_slot != 0;
        match tier {
            Tier::Healthy if is_flagged => {
                let sent = self.world.flag(due.name, market);
                self.count(Kind::ClearFlag, sent)
            }
            Tier::Healthy if self.chance(1) => self.act_on_healthy(due, market),
            Tier::Healthy => false,
            Tier::Liquidating | Tier::Distressed if !is_flagged && self.chance(50) => {
                let sent = self.world.flag(due.name, market);
                self.count(Kind::Flag, sent)
            }
            Tier::Liquidating => self.slice(due, market),
            Tier::Distressed => self.deleverage(due, market, Kind::Deleverage) || self.slice(due, market),
            Tier::Critical if self.chance(50) => self.slice(due, market),
            Tier::Critical => self.deleverage(due, market, Kind::Deleverage),
            Tier::Bankrupt if self.chance(20) => self.slice(due, market),
            Tier::Bankrupt => {
                let sent = self.world.resolve(due.name, market);
                self.count(Kind::Resolve, sent)
            }
        }
    }

    fn act_on_healthy(&mut self, due: &Due<'_>, market: usize) -> bool {
        match self.rng.random_range(0..3) {
            0 => {
                let keeper = self.any_name();
                if keeper == due.name {
                    return false;
                }
                let sent = self.world.liquidate(&keeper, due.name, market);
                self.count(Kind::LiquidateHealthy, sent)
            }
            1 if self.other_side_has_legs(due, market) => self.deleverage(due, market, Kind::DeleverageHealthy),
            _ => {
                let sent = self.world.resolve(due.name, market);
                self.count(Kind::ResolveSolvent, sent)
            }
        }
    }

    fn other_side_has_legs(&self, due: &Due<'_>, market: usize) -> bool {
        let state = self.world.market(market).state;
        let other = if self.world.lots(due.name, market) > 0 { state.short } else { state.long };
        other.legs_current + other.legs_behind > 0
    }

    fn slice(&mut self, due: &Due<'_>, market: usize) -> bool {
        let keeper = self.any_name();
        if keeper == due.name {
            return false;
        }
        let sent = self.world.liquidate(&keeper, due.name, market);
        self.count(Kind::Liquidate, sent)
    }

    fn deleverage(&mut self, due: &Due<'_>, market: usize, kind: Kind) -> bool {
        let sent = self.world.deleverage(due.name, market);
        self.count(kind, sent)
    }

    /// An account whose debt exceeds all it has may hold no lots any more.
    pub(crate) fn resolve_if_bankrupt(&mut self, name: &str) -> bool {
        let (snapshot, account) = (self.world.stage.snapshot(), self.world.account(name));
        self.resolve_without_lots(&Due { snapshot: &snapshot, name, account: &account })
    }

    fn resolve_without_lots(&mut self, due: &Due<'_>) -> bool {
        let legs = due.account.state.legs.iter().filter(|leg| leg.is_used());
        let has_only_debts = legs.clone().all(|leg| leg.lots == 0) && legs.clone().any(|leg| leg.debt_atoms > 0);
        let Some(leg) = legs.clone().next().filter(|_| has_only_debts) else { return false };
        let now = self.world.stage.bank.now();
        let tier = preview::tier(due.snapshot, due.account, leg.market_index, &now).expect("a tier");
        if tier != Tier::Bankrupt {
            return false;
        }
        let sent = self.world.resolve(due.name, usize::from(leg.market_index));
        self.count(Kind::Resolve, sent)
    }

    fn pay_debt(&mut self, due: &Due<'_>) -> bool {
        let legs = &due.account.state.legs;
        let debtor = legs.iter().find(|leg| leg.debt_atoms > 0);
        let creditor = legs.iter().find(|leg| leg.is_used() && claims::has_any(leg));
        let (Some(debtor), Some(creditor)) = (debtor, creditor) else { return false };
        let (claim, debt) = (usize::from(creditor.market_index), usize::from(debtor.market_index));
        if claim == debt {
            return false;
        }
        if due.account.state.capital_atoms > 0 {
            let sent = self.world.settle(due.name);
            return self.count(Kind::Settle, sent);
        }
        let sent = self.world.pay_debt(due.name, claim, debt);
        self.count(Kind::PayDebt, sent)
    }

    /// Converts what has matured anywhere: one market after the other.
    pub(crate) fn convert_all(&mut self, name: &str) {
        loop {
            let (snapshot, account) = (self.world.stage.snapshot(), self.world.account(name));
            if !self.convert(&Due { snapshot: &snapshot, name, account: &account }) {
                return;
            }
        }
    }

    fn convert(&mut self, due: &Due<'_>) -> bool {
        let now = self.world.stage.bank.now();
        for market in self.markets() {
            let index = self.world.stage.markets[market].index;
            let Ok(report) = preview::convert_profit(due.snapshot, index, due.account, 0, &now) else { continue };
            let sent = self.world.convert(due.name, market, 0);
            assert!(self.count(Kind::Convert, sent), "{report:?} was refused");
            return true;
        }
        false
    }
}
