//! Says what would succeed now and what it is worth. Pure: the program's own formulas, run on what the keeper knows.
//!
//! Every act is judged twice where a newer price is at hand: on the market as it stands, and as it would stand after a
//! refresh in the same transaction. The former is preferred: it is smaller and cheaper.

use crate::config::Config;
use crate::hedge::{held_lots, Hedge, Holding};
use crate::world::World;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::MarginAccount;
use breakwater_risk::tier::Tier;
use breakwater_risk::{Now, RiskError};
use breakwater_sdk::actions::{self, Action, Around};
use breakwater_sdk::view::used_legs;
use breakwater_sdk::{address, instruction as build, ladder, netting, preview, MarketView, Snapshot, Taker};
use std::collections::BTreeMap;

/// Slots between two measurements of a market's cascade ratios: a minute.
const MEASURE_SLOTS: u64 = 150;
/// Accounts whose registration in the ladders is looked at per plan.
pub const LADDER_LOOKS: usize = 256;

/// What can be done, in the order in which it is preferred for one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `liquidate`.
    Liquidate,
    /// `derisk`.
    Derisk,
    /// `flag`.
    Flag,
    /// `absorb`.
    Absorb,
    /// `deleverage`.
    Deleverage,
    /// `resolve_bankruptcy`.
    Resolve,
    /// `settle_account`.
    Settle,
    /// `unwind`.
    Unwind,
    /// `refresh_market` alone.
    Refresh,
    /// `refresh_macro`.
    RefreshMacro,
    /// `convert_profit`.
    Convert,
    /// `measure_cascade`.
    Measure,
    /// `touch`.
    Touch,
    /// What the hedge wants done.
    Hedge,
}

impl Kind {
    /// Its name in metrics and logs: that of the instruction.
    pub fn name(self) -> &'static str {
        match self {
            Self::Liquidate => "liquidate",
            Self::Derisk => "derisk",
            Self::Flag => "flag",
            Self::Absorb => "absorb",
            Self::Deleverage => "deleverage",
            Self::Resolve => "resolve_bankruptcy",
            Self::Settle => "settle_account",
            Self::Unwind => "unwind",
            Self::Refresh => "refresh_market",
            Self::RefreshMacro => "refresh_macro",
            Self::Convert => "convert_profit",
            Self::Measure => "measure_cascade",
            Self::Touch => "touch",
            Self::Hedge => "hedge",
        }
    }

    /// Whether it can wait, however long: nobody's position depends on it.
    pub fn is_housekeeping(self) -> bool {
        matches!(self, Self::Measure | Self::Touch)
    }

    /// Whether keepers earn by it; anything else is a duty, whatever it costs.
    pub fn is_paid(self) -> bool {
        matches!(self, Self::Liquidate | Self::Derisk | Self::Unwind | Self::Convert)
    }
}

/// Something that would succeed now.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// Kind.
    pub kind: Kind,
    /// The account it is about, or the market or index where it is about none.
    pub subject: Pubkey,
    /// The keeper's account that takes lots.
    pub taker: Option<Pubkey>,
    /// The market that must be refreshed in the same transaction.
    pub refresh: Option<u16>,
    /// What the keeper gains by it, quote atoms.
    pub gain_atoms: u64,
    /// What does it, after the refresh; none for a refresh alone.
    pub instructions: Vec<Instruction>,
}

/// What plans are made with.
pub struct Planner<'a> {
    /// What is known.
    pub world: &'a World,
    /// The keeper's key.
    pub keeper: Pubkey,
    /// Its limits.
    pub hedge: &'a dyn Hedge,
    /// Its configuration.
    pub config: &'a Config,
    /// The chain's time.
    pub now: Now,
}

/// The pieces that every judgement of a plan shares.
struct Scene<'a> {
    planner: &'a Planner<'a>,
    /// The keeper's own accounts.
    own: Vec<(Pubkey, MarginAccount)>,
    /// The exchange with one market refreshed, by that market.
    ahead: BTreeMap<u16, Snapshot>,
}

impl Planner<'_> {
    /// Everything worth doing, what earns most first, then the duties. `ladder_from` is where the looks at the ladders begin.
    pub fn plan(&self, ladder_from: &Pubkey) -> Vec<Act> {
        let scene = Scene { planner: self, own: self.world.operated_by(&self.keeper), ahead: self.ahead() };
        let mut acts = self.market_acts(&scene);
        let snapshots = std::iter::once(&self.world.view.snapshot).chain(scene.ahead.values());
        let candidates = self.world.watch.candidates(snapshots);
        let candidates = candidates.iter().filter_map(|key| Some((key, self.world.account(key)?)));
        acts.extend(candidates.filter_map(|(key, account)| scene.for_account(key, account)));
        acts.extend(scene.unwinds());
        acts.extend(scene.conversions());
        acts.extend(self.touches(ladder_from));
        acts.extend(scene.hedges());
        acts.sort_by_key(|act| (std::cmp::Reverse(act.gain_atoms), act.kind, act.subject));
        acts
    }

    /// The exchange as it would be after a refresh of each market for which a newer price is at hand.
    fn ahead(&self) -> BTreeMap<u16, Snapshot> {
        let refreshed = |(index, quote): (&u16, &crate::price::Quote)| {
            let mut snapshot = self.world.view.snapshot.clone();
            preview::refresh_market(&mut snapshot, *index, &quote.observation, &self.now).ok()??;
            Some((*index, snapshot))
        };
        self.world.quotes.iter().filter_map(refreshed).collect()
    }

    fn market_acts(&self, scene: &Scene<'_>) -> Vec<Act> {
        let mut acts = Vec::new();
        let exchange = self.world.view.key;
        for market in self.world.view.snapshot.iter() {
            let (index, state) = (market.market.index, &market.market.state);
            let age_s = self.now.unix_timestamp.saturating_sub(state.publish_time);
            let is_due = age_s >= i64::try_from(self.config.price.refresh_after_s).unwrap_or(i64::MAX);
            if is_due && scene.ahead.contains_key(&index) {
                acts.push(Act { refresh: Some(index), ..duty(Kind::Refresh, market.key, Vec::new()) });
            }
            let is_old = self.now.slot >= state.ladder.measured_slot.saturating_add(MEASURE_SLOTS);
            if is_old && ladder::measure_cascade(&self.world.view.snapshot, index, &self.now).is_ok() {
                acts.push(duty(Kind::Measure, market.key, vec![build::measure_cascade(market.key)]));
            }
        }
        let quotes = &self.world.macro_quotes;
        let observations: Vec<_> = quotes.iter().map(|quote| quote.observation).collect();
        let takes = preview::refresh_macro(&self.world.view.snapshot, &observations, &self.now);
        if self.is_macro_due() && matches!(takes, Ok(Some(_))) {
            let accounts: Vec<_> = quotes.iter().map(|quote| quote.account).collect();
            let refresh = build::refresh_macro(exchange, &accounts);
            acts.push(duty(Kind::RefreshMacro, address::macro_index(&exchange), vec![refresh]));
        }
        acts
    }

    /// Whether a feed of the index lacks a price of the present minute that is at hand.
    fn is_macro_due(&self) -> bool {
        let Some(index) = self.world.view.snapshot.macro_index() else { return false };
        self.world.macro_quotes.iter().any(|quote| {
            let known = index.state.feeds.get(quote.observation.feed);
            known.is_some_and(|known| known.last.minute() < quote.observation.price.minute())
        })
    }

    /// Legs of the next accounts that stand wrongly in their market's ladder; once between two measurements is enough for each.
    fn touches(&self, from: &Pubkey) -> Vec<Act> {
        let snapshot = &self.world.view.snapshot;
        let mut acts = Vec::new();
        for (key, account) in self.world.accounts_after(from).take(LADDER_LOOKS) {
            if self.world.was_touched_within(key, MEASURE_SLOTS) {
                continue;
            }
            let off = used_markets(account)
                .find(|index| matches!(ladder::is_off(snapshot, *index, account, &self.now), Ok(true)));
            let Some(market) = off.and_then(|index| snapshot.get(index)) else { continue };
            let others = snapshot.markets_of(account).unwrap_or_default();
            let touch = build::touch(market.key, *key, &others);
            let touch = preview::settled_first(snapshot, account, touch, &self.now);
            acts.push(duty(Kind::Touch, *key, vec![touch]));
        }
        acts
    }
}

/// An act that earns nothing.
fn duty(kind: Kind, subject: Pubkey, instructions: Vec<Instruction>) -> Act {
    Act { kind, subject, taker: None, refresh: None, gain_atoms: 0, instructions }
}

fn used_markets(account: &MarginAccount) -> impl Iterator<Item = u16> + '_ {
    used_legs(account).map(|leg| leg.market_index)
}

impl Scene<'_> {
    /// The one act that an account needs most, if any.
    fn for_account(&self, key: &Pubkey, account: &MarginAccount) -> Option<Act> {
        let markets: Vec<_> = used_markets(account).collect();
        let present = &self.planner.world.view.snapshot;
        let now = self.choose(present, &markets, key, account);
        now.or_else(|| {
            let ahead = markets.iter().filter_map(|index| Some((*index, self.ahead.get(index)?)));
            let acts = ahead.filter_map(|(index, snapshot)| {
                let act = self.choose(snapshot, &[index], key, account)?;
                Some(Act { refresh: Some(index), ..act })
            });
            acts.min_by_key(|act| (act.kind, std::cmp::Reverse(act.gain_atoms)))
        })
    }

    /// The most preferred act on an account in these markets.
    fn choose(&self, snapshot: &Snapshot, markets: &[u16], key: &Pubkey, account: &MarginAccount) -> Option<Act> {
        if !self.needs_look(snapshot, markets, account) {
            return None;
        }
        let view = &self.planner.world.view;
        let is_backstop = account.state.is_backstop();
        let around = Around {
            snapshot,
            backstop: view.backstop.as_ref().filter(|_| !is_backstop),
            taker: self.takers().map(|(_, taker)| taker).find(|taker| taker.may_take_from(account)),
            fund: &view.insurance.state,
        };
        let mut acts = Vec::new();
        let mut wants_settling = false;
        for index in markets {
            for (action, refusal) in actions::refusals(&around, account, *index, &self.planner.now) {
                match refusal {
                    None => acts.extend(self.act(action, snapshot, key, account)),
                    Some(RiskError::SettleFirst) => wants_settling = true,
                    Some(_) => {}
                }
            }
        }
        if wants_settling {
            acts.extend(self.act(Action::Settle, snapshot, key, account));
        }
        acts.into_iter().min_by_key(|act| (act.kind, std::cmp::Reverse(act.gain_atoms)))
    }

    /// The keeper's own accounts as takers, for which it signs.
    fn takers(&self) -> impl Iterator<Item = (Pubkey, Taker<'_>)> {
        self.own.iter().map(|(key, account)| (*key, Taker::signed_by(account, &self.planner.keeper)))
    }

    /// Whether anything could be done for an account: it fails on one of the markets, is flagged, or let itself be closed early.
    fn needs_look(&self, snapshot: &Snapshot, markets: &[u16], account: &MarginAccount) -> bool {
        let fails =
            |index: &u16| !matches!(preview::tier(snapshot, account, *index, &self.planner.now), Ok(Tier::Healthy));
        !markets.is_empty()
            && (account.state.flagged_slot != 0 || account.state.derisk_since_slot != 0 || markets.iter().any(fails))
    }

    /// An action as an act. None where the keeper has no account that may take the lots.
    fn act(&self, action: Action, snapshot: &Snapshot, key: &Pubkey, account: &MarginAccount) -> Option<Act> {
        let exchange = self.planner.world.view.key;
        let others = snapshot.markets_of(account).ok()?;
        let at = |index: u16| snapshot.get(index).map(|market| market.key);
        let settling = |act: Instruction| preview::settled_first(snapshot, account, act, &self.planner.now);
        Some(match action {
            Action::Liquidate(index) => return self.liquidate(index, snapshot, key, account),
            Action::Derisk(index) => return self.derisk(index, snapshot, key, account),
            Action::Flag(index) => duty(Kind::Flag, *key, vec![build::flag(at(index)?, *key, &others)]),
            Action::Absorb(index) => {
                let backstop = self.planner.world.view.backstop.as_ref()?;
                let others = [others, snapshot.markets_of(&backstop.account).ok()?].concat();
                duty(Kind::Absorb, *key, vec![settling(build::absorb(exchange, at(index)?, *key, &others))])
            }
            Action::Deleverage(index) => {
                let backstop = self.planner.world.view.backstop.as_ref();
                let of_backstop = backstop.and_then(|view| snapshot.markets_of(&view.account).ok()).unwrap_or_default();
                let others = [others, of_backstop].concat();
                duty(Kind::Deleverage, *key, vec![settling(build::deleverage(exchange, at(index)?, *key, &others))])
            }
            Action::Resolve(index) => {
                let proof = at(index)?;
                let markets = [vec![proof], others].concat();
                duty(Kind::Resolve, *key, vec![build::resolve_bankruptcy(exchange, *key, &markets)])
            }
            Action::Settle => duty(Kind::Settle, *key, vec![build::settle_account(*key, &others)]),
        })
    }

    fn liquidate(&self, index: u16, snapshot: &Snapshot, key: &Pubkey, account: &MarginAccount) -> Option<Act> {
        let best = netting::find_netting_taker(snapshot, index, account, self.takers(), &self.planner.now)?;
        let market = snapshot.get(index)?;
        self.may_take(market, best.slice.closed_lots.checked_neg()?)?;
        let others = self.markets_of_both(snapshot, account, &best.account)?;
        let liquidate = build::liquidate(self.planner.keeper, market.key, *key, best.account, &others);
        let act =
            duty(Kind::Liquidate, *key, vec![preview::settled_first(snapshot, account, liquidate, &self.planner.now)]);
        Some(Act { taker: Some(best.account), gain_atoms: best.slice.keeper_atoms, ..act })
    }

    fn derisk(&self, index: u16, snapshot: &Snapshot, key: &Pubkey, account: &MarginAccount) -> Option<Act> {
        let now = &self.planner.now;
        let reports = self.takers().filter(|(_, own)| own.may_take_from(account)).filter_map(|(taker, own)| {
            let report = preview::derisk(snapshot, index, account, own, now).ok()?;
            Some((taker, report))
        });
        let (taker, report) = reports.max_by_key(|(_, report)| report.cost_atoms)?;
        let market = snapshot.get(index)?;
        self.may_take(market, report.closed_lots.checked_neg()?)?;
        let others = self.markets_of_both(snapshot, account, &taker)?;
        let derisk = build::derisk(self.planner.keeper, market.key, *key, taker, &others);
        let act = duty(Kind::Derisk, *key, vec![preview::settled_first(snapshot, account, derisk, &self.planner.now)]);
        Some(Act { taker: Some(taker), gain_atoms: report.cost_atoms, ..act })
    }

    /// What the keeper would buy from the backstop.
    fn unwinds(&self) -> Vec<Act> {
        let world = self.planner.world;
        let (view, snapshot) = (&world.view, &world.view.snapshot);
        let Some(backstop) = &view.backstop else { return Vec::new() };
        let mut acts = Vec::new();
        for leg in used_legs(&backstop.account).filter(|leg| leg.lots != 0) {
            let Some(market) = snapshot.get(leg.market_index) else { continue };
            let most_lots = self.planner.hedge.room_lots(&self.holding(market), leg.lots.signum());
            let best = self.takers().filter_map(|(taker, own)| {
                let report =
                    preview::unwind(snapshot, leg.market_index, backstop, own, most_lots, &self.planner.now).ok()?;
                Some((taker, report.discount_atoms))
            });
            let Some((taker, gain_atoms)) = best.max_by_key(|(_, gain)| *gain) else { continue };
            let Some(others) = self.markets_of_both(snapshot, &backstop.account, &taker) else { continue };
            let unwind = build::unwind(view.key, self.planner.keeper, market.key, taker, most_lots, &others);
            let act = duty(Kind::Unwind, world.backstop_account(), vec![unwind]);
            acts.push(Act { taker: Some(taker), gain_atoms, ..act });
        }
        acts
    }

    /// Matured profit of the keeper's own accounts.
    fn conversions(&self) -> Vec<Act> {
        let snapshot = &self.planner.world.view.snapshot;
        let least_ppm = self.planner.config.money.least_conversion_ppm;
        let mut acts = Vec::new();
        for (key, account) in &self.own {
            for index in used_markets(account) {
                let report = preview::convert_profit(snapshot, index, account, least_ppm, &self.planner.now);
                let (Ok(report), Some(market)) = (report, snapshot.get(index)) else { continue };
                let others = snapshot.markets_of(account).unwrap_or_default();
                let convert = build::convert_profit(self.planner.keeper, market.key, *key, least_ppm, &others);
                acts.push(Act { gain_atoms: report.paid_atoms, ..duty(Kind::Convert, *key, vec![convert]) });
            }
        }
        acts
    }

    fn hedges(&self) -> Vec<Act> {
        let markets = self.planner.world.view.snapshot.iter();
        let wanted = markets.map(|market| (market.key, self.planner.hedge.rebalance(&self.holding(market))));
        wanted.filter(|(_, wanted)| !wanted.is_empty()).map(|(key, wanted)| duty(Kind::Hedge, key, wanted)).collect()
    }

    fn holding<'m>(&self, market: &'m MarketView) -> Holding<'m> {
        let lots = held_lots(self.own.iter().map(|(_, account)| account), market.market.index);
        Holding { market, lots }
    }

    fn may_take(&self, market: &MarketView, lots: i64) -> Option<()> {
        self.planner.hedge.may_take(&self.holding(market), lots).then_some(())
    }

    /// Markets of an account's legs and of one of the keeper's own.
    fn markets_of_both(&self, snapshot: &Snapshot, account: &MarginAccount, taker: &Pubkey) -> Option<Vec<Pubkey>> {
        let (_, own) = self.own.iter().find(|(key, _)| key == taker)?;
        Some([snapshot.markets_of(account).ok()?, snapshot.markets_of(own).ok()?].concat())
    }
}
