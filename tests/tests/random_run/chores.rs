//! What keepers and cranks do: they look at every account and do what the SDK says would succeed.

use crate::run::Run;
use crate::tally::Kind;
use breakwater::MarginAccount;
use breakwater_risk::tier::Tier;
use breakwater_risk::{claims, Leg};
use breakwater_sdk::actions::{self, Action};
use breakwater_sdk::netting::{self, NettingTaker};
use breakwater_sdk::{instruction as build, preview};
use breakwater_tests::acts::{Sight, BACKSTOP};
use rand::seq::IndexedRandom;
use rand::Rng;

impl Run {
    /// Does one thing that is due for somebody; for most accounts nothing is.
    pub fn chore(&mut self) {
        if self.chance(15) {
            return self.buy_inventory();
        }
        let (sight, accounts) = self.survey();
        if self.chance(20) && self.net_ring(&accounts) {
            return;
        }
        for (name, account) in &accounts {
            let helped = name != BACKSTOP && self.chance(30) && (self.pay_debt(name, account) || self.convert(name));
            if helped || self.act_on(&sight, &accounts, name, account) {
                return;
            }
        }
    }

    fn buy_inventory(&mut self) {
        let held: Vec<usize> = self.markets().filter(|market| self.world.inventory(*market) != 0).collect();
        if let Some(market) = held.choose(&mut self.rng) {
            let keeper = self.any_name();
            let most = u64::MAX >> self.rng.random_range(0..40);
            self.unwind(&keeper, *market, most);
        }
    }

    /// Does one of the things that the SDK lists, which must succeed, or now and then one that is forbidden.
    fn act_on(
        &mut self,
        sight: &Sight,
        accounts: &[(String, MarginAccount)],
        name: &str,
        account: &MarginAccount,
    ) -> bool {
        let now = self.world.stage.bank.now();
        let used = account.state.legs.iter().filter(|leg| leg.is_used());
        let worst = used.map(|leg| preview::tier(&sight.snapshot, account, leg.market_index, &now).expect("a tier"));
        let tier = worst.max().unwrap_or(Tier::Healthy);
        if tier == Tier::Healthy && account.state.flagged_slot == 0 {
            if self.derisk(sight, name, account) {
                return true;
            }
            return name != BACKSTOP && self.chance(1) && self.meddle(name, account);
        }
        let taker = self.any_name_but(name);
        let taker_account = self.world.account(&taker);
        let standing = actions::standing(&sight.around(Some(&taker_account)), account, &now).expect("a standing");
        if let Some(Action::Absorb(index)) = standing.actions.iter().find(|one| matches!(one, Action::Absorb(_))) {
            if tier >= Tier::Critical && self.chance(50) {
                let sent = self.world.deleverage(name, usize::from(*index));
                self.count(Kind::DeleverageBeforeBackstop, sent);
                return true;
            }
        }
        let Some(action) = standing.actions.choose(&mut self.rng).copied() else { return false };
        if let (Action::Liquidate(index), true) = (action, self.chance(50)) {
            if self.liquidate_netting(sight, accounts, index, (name, account)) {
                return true;
            }
        }
        let sent = self.world.act(action, name, &taker);
        assert!(self.count(kind_of(action, name, account), sent), "{action:?} on {name} is listed and refused");
        true
    }

    /// Has whom the SDK finds among all accounts take a slice, if it nets. Returns whether one was sent.
    fn liquidate_netting(
        &mut self,
        sight: &Sight,
        accounts: &[(String, MarginAccount)],
        market_index: u16,
        (name, account): (&str, &MarginAccount),
    ) -> bool {
        let now = self.world.stage.bank.now();
        let others = accounts.iter().filter(|(name, _)| name != BACKSTOP);
        let candidates: Vec<_> = others.map(|(name, other)| (self.world.address_of(name), *other)).collect();
        let takers = candidates.iter().map(|(key, other)| (*key, other.into()));
        let found = netting::find_netting_taker(&sight.snapshot, market_index, account, takers, &now);
        let Some(taker) = found.filter(NettingTaker::is_netting) else { return false };
        let is_taker = |(name, _): &&(String, MarginAccount)| self.world.address_of(name) == taker.account;
        let (taker_name, _) = accounts.iter().find(is_taker).expect("a candidate");
        let sent = self.world.liquidate(taker_name, name, usize::from(market_index));
        assert!(
            self.count(Kind::LiquidateNetting, sent),
            "a slice of {name} is previewed for {taker_name} and refused"
        );
        true
    }

    /// Acts on an account at risk, where the SDK says that it may be.
    fn derisk(&mut self, sight: &Sight, name: &str, account: &MarginAccount) -> bool {
        if name == BACKSTOP {
            return false;
        }
        let (now, taker) = (self.world.stage.bank.now(), self.any_name_but(name));
        let taker_account = self.world.account(&taker);
        let mut used = account.state.legs.iter().filter(|leg| leg.is_used() && leg.lots != 0);
        let is_listed =
            |leg: &&Leg| preview::derisk(&sight.snapshot, leg.market_index, account, &taker_account, &now).is_ok();
        let Some(leg) = used.find(is_listed) else { return false };
        let sent = self.world.derisk(&taker, name, usize::from(leg.market_index));
        assert!(self.count(Kind::Derisk, sent), "derisk on {name} is previewed and refused");
        true
    }

    /// What nobody may do to a healthy account.
    fn meddle(&mut self, name: &str, account: &MarginAccount) -> bool {
        let with_lots = account.state.legs.iter().find(|leg| leg.is_used() && leg.lots != 0);
        let Some(leg) = with_lots else { return false };
        let (index, taker) = (leg.market_index, self.any_name_but(name));
        let (kind, action) = match self.rng.random_range(0..4) {
            0 => (Kind::LiquidateHealthy, Action::Liquidate(index)),
            1 => (Kind::AbsorbHealthy, Action::Absorb(index)),
            2 if self.other_side_has_legs(leg) => (Kind::DeleverageHealthy, Action::Deleverage(index)),
            _ => (Kind::ResolveSolvent, Action::Resolve(index)),
        };
        let sent = self.world.act(action, name, &taker);
        self.count(kind, sent);
        true
    }

    fn other_side_has_legs(&self, leg: &Leg) -> bool {
        let state = self.world.market(usize::from(leg.market_index)).state;
        let other = if leg.lots > 0 { state.short } else { state.long };
        other.legs_current + other.legs_behind > 0
    }

    /// Pays a debt with a claim, after settling. Returns whether anything was sent.
    fn pay_debt(&mut self, name: &str, account: &MarginAccount) -> bool {
        let debtor = account.state.legs.iter().find(|leg| leg.debt_atoms > 0);
        let creditor = account.state.legs.iter().find(|leg| leg.is_used() && claims::has_any(leg));
        let (Some(debtor), Some(creditor)) = (debtor, creditor) else { return false };
        let (claim, debt) = (usize::from(creditor.market_index), usize::from(debtor.market_index));
        if claim == debt {
            return false;
        }
        if account.state.capital_atoms > 0 {
            let sent = self.world.settle(name);
            return self.count(Kind::Settle, sent);
        }
        let sent = self.world.pay_debt(name, claim, debt);
        self.count(Kind::PayDebt, sent)
    }

    /// Nets accounts without cash that wait for each other, each with a claim where the one before has its debt.
    pub fn net_ring(&mut self, accounts: &[(String, MarginAccount)]) -> bool {
        let links: Vec<Link<'_>> = accounts.iter().flat_map(|(name, account)| links(name, account)).collect();
        let Some(ring) = links.iter().find_map(|first| close_ring(&links, vec![*first])) else { return false };
        let members: Vec<_> = ring.iter().map(|link| self.world.address_of(link.name)).collect();
        let markets: Vec<_> = ring.iter().map(|link| self.world.stage.markets[usize::from(link.claim)].key).collect();
        let sent = self.world.send(&[build::net_ring(&members, &markets).expect("a ring")], &[]);
        self.count(Kind::NetRing, sent)
    }

    /// Converts what has matured and pays debts with claims, market by market: cash pays debts before the next step.
    pub fn convert_all(&mut self, name: &str) {
        for market in self.markets() {
            let sent = self.world.settle(name);
            self.count(Kind::Settle, sent);
            self.convert_in(name, market);
        }
        for claim in self.markets() {
            for debt in self.markets() {
                self.pay_debt_with(name, claim, debt);
            }
        }
    }

    fn pay_debt_with(&mut self, name: &str, claim: usize, debt: usize) {
        let state = self.world.account(name).state;
        let leg = |market: usize| state.find_leg(self.world.stage.markets[market].index).map(|slot| state.legs[slot]);
        let (Some(creditor), Some(debtor)) = (leg(claim), leg(debt)) else { return };
        if claim != debt && claims::has_any(&creditor) && debtor.debt_atoms > 0 {
            let sent = self.world.settle(name);
            self.count(Kind::Settle, sent);
            let sent = self.world.pay_debt(name, claim, debt);
            self.count(Kind::PayDebt, sent);
        }
    }

    fn convert(&mut self, name: &str) -> bool {
        self.markets().any(|market| self.convert_in(name, market))
    }

    fn convert_in(&mut self, name: &str, market: usize) -> bool {
        let (sight, account, now) = (self.world.sight(), self.world.account(name), self.world.stage.bank.now());
        let index = self.world.stage.markets[market].index;
        let Ok(report) = preview::convert_profit(&sight.snapshot, index, &account, 0, &now) else { return false };
        let sent = self.world.convert(name, market, 0);
        assert!(self.count(Kind::Convert, sent), "{report:?} was refused");
        true
    }
}

/// An account without cash that has a claim in one market and a debt in another.
#[derive(Clone, Copy)]
struct Link<'a> {
    name: &'a str,
    claim: u16,
    debt: u16,
}

/// The first ring of accounts and markets, each once, that begins with `path`.
fn close_ring<'a>(links: &[Link<'a>], path: Vec<Link<'a>>) -> Option<Vec<Link<'a>>> {
    let (first, last) = (path.first()?, path.last()?);
    if last.debt == first.claim {
        return Some(path);
    }
    let is_new = |link: &&Link<'_>| path.iter().all(|one| one.name != link.name && one.claim != link.claim);
    let next = links.iter().filter(|link| link.claim == last.debt).filter(is_new);
    next.copied().find_map(|link| close_ring(links, path.iter().copied().chain([link]).collect()))
}

/// Claims and debts of an account without cash.
fn links<'a>(name: &'a str, account: &MarginAccount) -> Vec<Link<'a>> {
    let legs = account.state.legs.iter().filter(|leg| leg.is_used());
    let debts = legs.clone().filter(|leg| leg.debt_atoms > 0 && account.state.capital_atoms == 0);
    let pairs = debts.flat_map(|debt| {
        let claims = legs.clone().filter(|leg| claims::has_any(leg) && leg.market_index != debt.market_index);
        claims.map(move |claim| Link { name, claim: claim.market_index, debt: debt.market_index })
    });
    pairs.collect()
}

/// Kind of an action on an account.
pub fn kind_of(action: Action, name: &str, account: &MarginAccount) -> Kind {
    match action {
        Action::Flag(_) if account.state.flagged_slot == 0 => Kind::Flag,
        Action::Flag(_) => Kind::ClearFlag,
        Action::Liquidate(_) => Kind::Liquidate,
        Action::Derisk(_) => Kind::Derisk,
        Action::Absorb(_) => Kind::Absorb,
        Action::Deleverage(_) if name == BACKSTOP => Kind::DeleverageBackstop,
        Action::Deleverage(_) => Kind::Deleverage,
        Action::Resolve(_) if name == BACKSTOP => Kind::ResolveBackstop,
        Action::Resolve(_) => Kind::Resolve,
        Action::Settle => Kind::Settle,
    }
}
