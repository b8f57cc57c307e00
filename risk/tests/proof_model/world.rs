//! The code's state, its projection onto the figures of `proofs/Model.v`, and the record of calls.
//!
//! A call runs code of `breakwater-risk` and says by which transitions of the model it should be described. Where
//! prices, indices or windows decide a figure, the code's own figure is handed to the model as that transition's
//! argument; the rest the model has to find by itself.

use crate::money_support::{Exchange, Markets};
use crate::pools::Pools;
use breakwater_risk::acted::Acted;
use breakwater_risk::state::AccountState;
use breakwater_risk::{netting, MarketParams, RiskError};
use std::collections::BTreeMap;

/// Accounts and markets of a run.
pub const ACCOUNTS: usize = 3;
pub const MARKETS: usize = 2;

/// Why the code refused a call.
#[derive(Debug)]
pub enum Refusal {
    /// By a rule of the model: the model has to refuse as well.
    OfModel,
    /// By a rule about prices, margins, indices or windows: the model knows nothing of it.
    Outside,
}

impl From<RiskError> for Refusal {
    fn from(error: RiskError) -> Self {
        use RiskError::*;
        match error {
            Overflow | ZeroSize | InsufficientCapital | NothingToDo | RatioTooLow | DebtOutstanding | LegTooLarge
            | OpenInterestCap => Refusal::OfModel,
            InvariantBroken | OpenInterestUnequal => panic!("the engine broke its own rules: {error:?}"),
            _ => Refusal::Outside,
        }
    }
}

/// Marks a refusal of something that the model has no rule for.
pub fn outside(_: RiskError) -> Refusal {
    Refusal::Outside
}

pub type Outcome<T> = Result<T, Refusal>;

/// A figure's name in `proofs/Compare.v` with its value.
type Figures = Vec<(String, i128)>;

/// A call as the model is told of it.
pub struct Call {
    pub transitions: Vec<String>,
    /// What it changed; none where the code refused it.
    pub changed: Option<Figures>,
}

/// What a call changes: the engine's structs, and the totals that the program keeps.
#[derive(Clone)]
pub struct State {
    pub exchange: Exchange,
    pub booked: u64,
    pub vault: u64,
    pub pools: Pools,
    /// Transitions of the call that is running, and what else is worth counting of it.
    pub transitions: Vec<String>,
    pub notes: Vec<&'static str>,
}

/// The state with its history.
pub struct World {
    pub state: State,
    pub calls: Vec<Call>,
    /// How often each kind of call was taken and refused.
    pub reached: BTreeMap<String, u64>,
}

impl World {
    /// Markets with a mark and nothing else, accounts without anything.
    pub fn new() -> Self {
        let params = MarketParams { open_interest_max_lots: 1 << 44, ..MarketParams::SOL };
        let mut exchange = Exchange::new(params, MARKETS, &[0; ACCOUNTS]);
        exchange.markets.0.iter_mut().for_each(|market| market.pool_atoms = 0);
        let state =
            State { exchange, booked: 0, vault: 0, pools: Pools::new(), transitions: Vec::new(), notes: Vec::new() };
        Self { state, calls: Vec::new(), reached: BTreeMap::new() }
    }

    /// Makes a call, all or nothing, and records what it changed.
    pub fn call(&mut self, name: &str, act: impl FnOnce(&mut State) -> Outcome<()>) {
        let mut after = self.state.clone();
        let result = act(&mut after);
        let (transitions, notes) = (std::mem::take(&mut after.transitions), std::mem::take(&mut after.notes));
        let (outcome, changed) = match result {
            Ok(()) => {
                let (before, now) = (self.state.figures(), after.figures());
                self.state = after;
                notes.into_iter().for_each(|note| *self.reached.entry(note.into()).or_default() += 1);
                let changes = now.into_iter().zip(before).filter(|(now, before)| now != before);
                ("taken", Some(changes.map(|(now, _)| now).collect()))
            }
            Err(Refusal::OfModel) => ("refused", None),
            Err(Refusal::Outside) => return,
        };
        *self.reached.entry(format!("{name} {outcome}")).or_default() += 1;
        self.calls.push(Call { transitions, changed });
    }
}

impl State {
    /// Notes a transition of the model that describes what the code does next.
    pub fn says(&mut self, transition: String) {
        self.transitions.push(transition);
    }

    /// Notes the end of an instruction for a leg as it is now (T-7). One that is locked for having netted is kept: the model is
    /// told nothing, for its legs may stay as long as they like.
    pub fn says_finished(&mut self, account: usize, market: usize) {
        let account_state = &self.exchange.accounts[account];
        let leg_slot = account_state.find_leg(market as u16);
        if !leg_slot.is_some_and(|slot| netting::is_locked(&account_state.legs[slot])) {
            self.says(format!("Finish {account} {market}"));
        }
    }

    /// Counts something that a call reached.
    pub fn note_if(&mut self, reached: bool, note: &'static str) {
        self.notes.extend(reached.then_some(note));
    }

    /// Runs something on one acted-on market.
    pub fn on<T>(
        &mut self,
        market: usize,
        act: impl FnOnce(&mut Acted<'_, Markets>, &mut [AccountState]) -> Outcome<T>,
    ) -> Outcome<T> {
        let exchange = &mut self.exchange;
        let mut changed = exchange.markets.0[market];
        let mut acted =
            Acted { market: &mut changed, market_index: market as u16, others: &exchange.markets, now: exchange.now };
        let result = act(&mut acted, &mut exchange.accounts)?;
        exchange.markets.0[market] = changed;
        Ok(result)
    }

    /// Every figure of the model, as the code has it.
    fn figures(&self) -> Figures {
        let mut figures = Figures::new();
        let mut add = |name: String, value: i128| figures.push((name, value));
        for (a, account) in self.exchange.accounts.iter().enumerate() {
            add(format!("(Capital {a})"), account.capital_atoms.into());
            for m in 0..MARKETS {
                let leg = account.find_leg(m as u16).map(|slot| account.legs[slot]);
                let leg = leg.unwrap_or(bytemuck::Zeroable::zeroed());
                add(format!("(Used {a} {m})"), leg.in_use.into());
                add(format!("(Lots {a} {m})"), leg.lots.into());
                add(format!("(Matured {a} {m})"), leg.claim_matured_atoms.into());
                add(format!("(Maturing {a} {m})"), leg.claim_maturing_atoms.into());
                add(format!("(Fresh {a} {m})"), leg.claim_fresh_atoms.into());
                add(format!("(Debt {a} {m})"), leg.debt_atoms.into());
            }
        }
        for (m, market) in self.exchange.markets.0.iter().enumerate() {
            add(format!("(Pool {m})"), market.pool_atoms.into());
            add(format!("(Reserve {m})"), market.reserve_atoms.into());
            add(format!("(FeesAccrued {m})"), market.fees_accrued_atoms.into());
            add(format!("(InsuranceAccrued {m})"), market.insurance_accrued_atoms.into());
            add(format!("(ClaimsTotal {m})"), market.claims_total_atoms.into());
            add(format!("(DebtsTotal {m})"), market.debts_total_atoms.into());
            add(format!("(Unfunded {m})"), market.unfunded_atoms.into());
            add(format!("(LongLots {m})"), market.long.open_lots.into());
            add(format!("(ShortLots {m})"), market.short.open_lots.into());
        }
        add("Insurance".into(), self.exchange.insurance.balance_atoms.into());
        add("Fees".into(), self.exchange.fees.into());
        add("Booked".into(), self.booked.into());
        add("Vault".into(), self.vault.into());
        figures
    }
}
