//! One comparison per call: what the preview says, then what the program did.

use crate::states::{States, MARKETS};
use crate::{ladder, macros, pools};
use breakwater::{BreakwaterError, MarginAccount};
use breakwater_risk::insurance::FundState;
use breakwater_risk::units::notional_ceil;
use breakwater_risk::{leg, netting, MarketState};
use breakwater_sdk::preview::{self, PreviewResult};
use breakwater_sdk::{BackstopView, Snapshot};
use breakwater_sim::stage::Sent;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::World;
use rand::Rng;

/// A call that has a preview.
pub struct Call {
    /// Its name.
    pub name: &'static str,
    run: fn(&mut States, &'static str, &Before),
}

/// All calls that have a preview.
pub static CALLS: [Call; 18] = [
    Call { name: "withdraw", run: withdraw },
    Call { name: "flag", run: flag },
    Call { name: "liquidate", run: liquidate },
    Call { name: "derisk", run: derisk },
    Call { name: "deleverage", run: deleverage },
    Call { name: "convert_profit", run: convert },
    Call { name: "settle_account", run: settle },
    Call { name: "resolve_bankruptcy", run: resolve },
    Call { name: "liquidation_price", run: liquidation_price },
    Call { name: "absorb", run: pools::absorb },
    Call { name: "unwind", run: pools::unwind },
    Call { name: "stake_insurance", run: pools::stake_insurance },
    Call { name: "unstake_insurance", run: pools::unstake_insurance },
    Call { name: "stake_backstop", run: pools::stake_backstop },
    Call { name: "unstake_backstop", run: pools::unstake_backstop },
    Call { name: "touch", run: ladder::touch },
    Call { name: "measure_cascade", run: ladder::measure_cascade },
    Call { name: "refresh_macro", run: macros::refresh_macro },
];

/// What a preview sees, and a program changes.
pub struct Before {
    pub name: String,
    pub market: usize,
    pub account: MarginAccount,
    pub keeper: MarginAccount,
    pub backstop: BackstopView,
    pub snapshot: Snapshot,
    pub fund: FundState,
    pub now: breakwater_risk::Now,
}

impl Before {
    pub fn read(world: &World, name: String, market: usize) -> Self {
        Self {
            account: world.account(&name),
            keeper: world.account("keeper"),
            backstop: world.backstop(),
            snapshot: world.stage.snapshot(),
            fund: world.stage.insurance_account().state,
            now: world.stage.bank.now(),
            name,
            market,
        }
    }

    pub fn index(&self) -> u16 {
        self.market as u16
    }

    /// Lots of accounts in the acted-on market once they have been touched one after the other.
    pub fn lots<const N: usize>(&self, accounts: [&MarginAccount; N]) -> [i64; N] {
        let mut state = self.state(self.market);
        accounts.map(|account| {
            let Some(slot) = account.state.find_leg(self.index()) else { return 0 };
            let mut leg = account.state.legs[slot];
            leg::realise_pending(&mut leg, &mut state, &self.now).expect("a stored leg can be touched");
            leg.lots
        })
    }

    pub fn state(&self, market: usize) -> MarketState {
        self.snapshot.get(market as u16).expect("a market").market.state
    }
}

impl States {
    /// Brings a random trader into a random health and compares one random call.
    pub fn compare_one(&mut self) {
        let call = self.pick();
        let range = match call.name {
            "deleverage" => -50_000..230_000,
            "absorb" => 1_000..550_000,
            "flag" => 300_000..1_150_000,
            "liquidate" => 300_000..1_050_000,
            "derisk" => 990_000..1_110_000,
            "resolve_bankruptcy" => -500_000..0,
            _ => 200_000..4_000_000,
        };
        let (mut name, mut market) = (self.any_trader(), self.rng.random_range(0..MARKETS));
        for _ in 0..30 {
            let part_ppm = self.rng.random_range(range.clone());
            if self.set_health(&name, market, part_ppm) {
                break;
            }
            (name, market) = (self.any_trader(), self.rng.random_range(0..MARKETS));
        }
        self.prepare_backstop(market);
        if call.name == "withdraw" && self.rng.random() {
            self.set_capital(&name, 300_000_000_000);
        }
        if self.rng.random_range(0..3) > 0 {
            let _ = self.world.settle(&name);
        }
        if self.rng.random_range(0..4) > 0 {
            let price = self.world.price(market);
            self.world.publish_among(market, price); // mostly fresh
        }
        let before = Before::read(&self.world, name, market);
        (call.run)(self, call.name, &before);
    }

    /// A random call, every other time the one that agreed least: the rare ones take many states.
    fn pick(&mut self) -> &'static Call {
        let random = &CALLS[self.rng.random_range(0..CALLS.len())];
        if self.rng.random() {
            return random;
        }
        let agreed = |call: &&Call| self.agreed.get(call.name).copied().unwrap_or(0);
        CALLS.iter().min_by_key(agreed).unwrap_or(random)
    }

    /// Whether some call has agreed less than ten times.
    pub fn is_thin(&self) -> bool {
        CALLS.iter().any(|call| self.agreed.get(call.name).is_none_or(|count| *count < 10))
    }

    /// Both agree on whether it is done; a refusal has the same name. Returns the report if it was done.
    pub fn agree<T: std::fmt::Debug>(
        &mut self,
        name: &'static str,
        expected: PreviewResult<T>,
        sent: Sent,
    ) -> Option<T> {
        match (expected, sent) {
            (Ok(report), Ok(_)) => {
                *self.agreed.entry(name).or_default() += 1;
                Some(report)
            }
            (Err(refusal), Err(refused)) => {
                let expected = code(BreakwaterError::from(refusal.0));
                assert_eq!(code_of(&refused), Some(expected), "{name}: {refusal}, but {refused}");
                *self.refused.entry((name, expected)).or_default() += 1;
                None
            }
            (Ok(report), Err(refused)) => panic!("{name}: previewed {report:?}, but {refused}"),
            (Err(refusal), Ok(_)) => panic!("{name}: {refusal}, but it went through"),
        }
    }
}

fn withdraw(states: &mut States, name: &'static str, before: &Before) {
    let free = preview::withdrawable_atoms(&before.snapshot, &before.account, &before.now).expect("a figure");
    let refused = states.world.withdraw(&before.name, free + 1).expect_err("one atom more is refused");
    let expected = if free == before.account.state.capital_atoms {
        BreakwaterError::InsufficientCapital
    } else {
        BreakwaterError::InitialMargin
    };
    assert_eq!(code_of(&refused), Some(code(expected)));
    if free > 0 {
        let sent = states.world.withdraw(&before.name, free);
        states.agree(name, Ok(free), sent);
    }
}

fn flag(states: &mut States, name: &'static str, before: &Before) {
    let expected = preview::flag(&before.snapshot, before.index(), &before.account, &before.now);
    let sent = states.world.flag(&before.name, before.market);
    if let Some(is_flagged) = states.agree(name, expected, sent) {
        assert_eq!(states.world.account(&before.name).state.flagged_slot != 0, is_flagged);
    }
}

fn liquidate(states: &mut States, name: &'static str, before: &Before) {
    let expected = preview::liquidate(&before.snapshot, before.index(), &before.account, &before.keeper, &before.now);
    let sent = states.world.liquidate("keeper", &before.name, before.market);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let world = &states.world;
    let (lots, keeper_lots) = (world.lots(&before.name, before.market), world.lots("keeper", before.market));
    let [touched, keeper_touched] = before.lots([&before.account, &before.keeper]);
    assert_eq!(lots, touched + report.closed_lots);
    assert_eq!(keeper_lots, keeper_touched - report.closed_lots);
    let after = world.account(&before.name).state;
    assert_eq!((after.flagged_slot == 0, after.slice_due_slot), (report.is_restored, due(report)));
    let accrued = world.market(before.market).state.insurance_accrued_atoms;
    assert_eq!(accrued - before.state(before.market).insurance_accrued_atoms, report.insurance_atoms);
    assert_eq!(report.keeper_atoms + report.insurance_atoms, report.charge_atoms);
    let notional = notional_ceil(report.closed_lots.unsigned_abs(), world.mark(before.market)).expect("a notional");
    assert_eq!(report.notional_atoms, notional);
    let taker = world.account("keeper").state;
    let netted = taker.find_leg(before.index()).is_some_and(|slot| netting::is_locked(&taker.legs[slot]));
    assert!(report.flow_atoms == notional || (netted && report.flow_atoms == notional.div_ceil(4)));
}

fn derisk(states: &mut States, name: &'static str, before: &Before) {
    let opted_in = before.account.state.derisk_since_slot != 0;
    if states.rng.random_range(0..4) > 0 && !opted_in {
        states.world.set_derisk(&before.name, true).expect("the owner opts in");
    }
    let account = states.world.account(&before.name);
    let expected = preview::derisk(&before.snapshot, before.index(), &account, &before.keeper, &before.now);
    let sent = states.world.derisk("keeper", &before.name, before.market);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let [touched, keeper_touched] = before.lots([&before.account, &before.keeper]);
    assert_eq!(states.world.lots(&before.name, before.market), touched + report.closed_lots);
    assert_eq!(states.world.lots("keeper", before.market), keeper_touched - report.closed_lots);
    let distance = states.world.mark(before.market).abs_diff(report.price);
    let cost = u128::from(report.closed_lots.unsigned_abs()) * u128::from(distance);
    assert_eq!(u128::from(report.cost_atoms), cost.div_ceil(1_000_000));
    assert_eq!(states.world.account(&before.name).state.derisked_slot, before.now.slot);
}

fn due(report: breakwater_risk::liquidation::SliceReport) -> u64 {
    if report.is_restored {
        0
    } else {
        report.next_due_slot
    }
}

fn deleverage(states: &mut States, name: &'static str, before: &Before) {
    let backstop = Some(&before.backstop);
    let expected = preview::deleverage(&before.snapshot, before.index(), &before.account, backstop, &before.now);
    let sent = states.world.deleverage(&before.name, before.market);
    let Some(report) = states.agree(name, expected, sent) else { return };
    assert_eq!(report.closed_lots, -before.lots([&before.account])[0]);
    assert_eq!(states.world.lots(&before.name, before.market), 0);
    let (old, new) = (before.state(before.market), states.world.market(before.market).state);
    let (old, new) = if report.closed_lots < 0 { (old.short, new.short) } else { (old.long, new.long) };
    if old.generation == new.generation && new.open_lots > 0 {
        let sold = i128::from(old.size_index - new.size_index) * i128::from(report.price);
        assert_eq!(new.cash_index.get() - old.cash_index.get(), sold, "the other side closed at the price previewed");
    }
}

fn convert(states: &mut States, name: &'static str, before: &Before) {
    let least = [0, 0, 500_000, 1_000_000][states.rng.random_range(0..4)];
    let expected = preview::convert_profit(&before.snapshot, before.index(), &before.account, least, &before.now);
    let sent = states.world.convert(&before.name, before.market, least);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let after = states.world.account(&before.name).state;
    let gained = i128::from(after.capital_atoms) - i128::from(before.account.state.capital_atoms);
    let pool = i128::from(states.world.market(before.market).state.pool_atoms);
    assert_eq!(
        pool - i128::from(before.state(before.market).pool_atoms),
        -gained,
        "pool and capital mirror each other"
    );
    assert!(gained <= i128::from(report.paid_atoms));
}

fn settle(states: &mut States, name: &'static str, before: &Before) {
    let expected = preview::settle_account(&before.snapshot, &before.account, &before.now);
    let sent = states.world.settle(&before.name);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let after = states.world.account(&before.name).state;
    assert_eq!(before.account.state.capital_atoms - after.capital_atoms, report.paid_atoms);
    assert_eq!(after.legs.iter().map(|leg| leg.debt_atoms).sum::<u64>(), report.debt_atoms);
}

fn resolve(states: &mut States, name: &'static str, before: &Before) {
    let expected =
        preview::resolve_bankruptcy(&before.snapshot, &before.account, before.index(), &before.fund, &before.now);
    let sent = states.world.resolve(&before.name, before.market);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let world = &states.world;
    let balance = world.stage.insurance_account().state.balance_atoms;
    let (mut swept, mut repaid) = (0, 0);
    for done in report.by_leg {
        swept += done.swept.insurance_atoms;
        repaid += done.swept.repaid.insurance_atoms;
    }
    assert_eq!(before.fund.balance_atoms + swept, balance + repaid + report.insurance_atoms);
    assert_eq!(report.reserve_atoms + report.insurance_atoms + report.unfunded_atoms, report.deficit_atoms);
}

/// Sets the mark to the price that the preview names, and one beside it, without anything else moving.
fn liquidation_price(states: &mut States, name: &'static str, before: &Before) {
    if before.lots([&before.account])[0] == 0 {
        return;
    }
    let saved: Vec<MarketState> = (0..MARKETS).map(|market| states.world.market(market).state).collect();
    let slot = before.now.slot;
    for market in 0..MARKETS {
        states.world.edit_market(market, |market| {
            let state = &mut market.state;
            (state.previous_mark, state.confidence, state.mark_slot) = (state.mark, 0, slot);
            state.publish_time = before.now.unix_timestamp;
        });
    }
    let snapshot = states.world.stage.snapshot();
    let found = preview::liquidation_price(&snapshot, &before.account, before.index(), &before.now).expect("a figure");
    let present = states.world.mark(before.market);
    if let Some(price) = found.filter(|price| *price != present && before.account.state.flagged_slot == 0) {
        let safe = if price < present { price + 1 } else { price - 1 };
        set_mark(&mut states.world, before.market, safe);
        let refused = states.world.flag(&before.name, before.market).expect_err("one unit before it is too early");
        assert_eq!(code_of(&refused), Some(code(BreakwaterError::NothingToDo)));
        set_mark(&mut states.world, before.market, price);
        let sent = states.world.flag(&before.name, before.market);
        states.agree(name, Ok(price), sent);
    }
    for (market, saved) in saved.into_iter().enumerate() {
        states.world.edit_market(market, |market| market.state = saved);
    }
}

fn set_mark(world: &mut World, market: usize, mark: u64) {
    world.edit_market(market, |market| (market.state.mark, market.state.previous_mark) = (mark, mark));
}
