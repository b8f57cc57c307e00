//! The engine's state and the reference model side by side: transactions, and what is compared after each.

use crate::exact::ExactWorld;
use crate::identities;
use crate::money_support::Markets;
use crate::number::{atoms, float, float_atoms, magnitude, whole, zero, Exact};
use breakwater_risk::acted::Acted;
use breakwater_risk::insurance::{self, FundState};
use breakwater_risk::refresh::{self, PriceObservation};
use breakwater_risk::state::{AccountState, MarketState, Now};
use breakwater_risk::units::SideName;
use breakwater_risk::{leg, MarketParams, RiskResult};
use bytemuck::Zeroable;
use std::collections::BTreeMap;

/// The $1 that a market's creator pays in.
pub const SEED_ATOMS: u64 = 1_000_000;
/// What a transaction may round, atoms.
const ROUNDING: u64 = 30_000;
const START_SLOT: u64 = 1_000;
const START_TIME: i64 = 1_000_000_000;

/// What one transaction changes.
#[derive(Clone)]
pub struct State {
    pub markets: Markets,
    pub accounts: Vec<AccountState>,
    pub insurance: FundState,
    pub fees: u64,
}

/// Engine and model.
pub struct World {
    pub params: MarketParams,
    pub state: State,
    pub exact: ExactWorld,
    pub now: Now,
    /// Cash that came in from outside, less what left.
    pub outside: i128,
    /// What all roundings so far may add up to in any account, atoms.
    pub slack: f64,
    /// Highest price seen by market.
    highest: Vec<u64>,
    /// Generation of both sides by market, as far as the model has followed.
    followed: Vec<[u32; 2]>,
    /// How often each kind of event was reached.
    pub reached: BTreeMap<&'static str, u64>,
    /// What emptied markets no longer owe, by market.
    forgiven: Vec<Exact>,
    /// The last operation, for messages.
    pub last: String,
    /// Lowest residue seen over all markets, atoms.
    pub least_residue: f64,
}

impl World {
    /// Accounts without capital and markets that have taken their first price.
    pub fn new(params: MarketParams, accounts: usize, marks: &[u64]) -> Self {
        let now = Now { slot: START_SLOT, unix_timestamp: START_TIME, last_restart_slot: 0 };
        let market = |mark: &u64| {
            let mut market = MarketState::new(params);
            let observation =
                PriceObservation { price: *mark, confidence: 0, ema_confidence: 0, publish_time: START_TIME };
            refresh::refresh(&mut market, &observation, &now).expect("the first price is taken");
            market.pool_atoms = SEED_ATOMS;
            market
        };
        let accounts_state = vec![AccountState::zeroed(); accounts];
        let markets = Markets(marks.iter().map(market).collect());
        Self {
            params,
            state: State { markets, accounts: accounts_state, insurance: FundState::zeroed(), fees: 0 },
            exact: ExactWorld::new(accounts, marks, SEED_ATOMS),
            now,
            outside: i128::from(SEED_ATOMS) * marks.len() as i128,
            slack: 0.0,
            highest: marks.to_vec(),
            followed: vec![[0, 0]; marks.len()],
            forgiven: vec![zero(); marks.len()],
            reached: BTreeMap::new(),
            last: String::new(),
            least_residue: SEED_ATOMS as f64,
        }
    }

    /// Gives markets their bonds; the first one is listed now if `is_young`, and may draw later.
    pub fn list(&mut self, bonds: &[u64], is_young: bool) {
        let now = self.now;
        for (index, bond) in (0..self.state.markets.0.len()).zip(bonds) {
            let market = &mut self.state.markets.0[index];
            insurance::list(market, (SEED_ATOMS, *bond), &now);
            market.draws_from = if is_young && index == 0 { market.draws_from } else { 0 };
            self.exact.markets[index].reserve = atoms(*bond);
            self.exact.markets[index].is_young = market.is_young(now.unix_timestamp);
            self.outside += i128::from(*bond);
        }
    }

    /// Runs a transaction on the engine's state: all or nothing.
    pub fn transaction<T>(&mut self, act: impl FnOnce(&mut State, &Now) -> RiskResult<T>) -> RiskResult<T> {
        let mut state = self.state.clone();
        let result = act(&mut state, &self.now)?;
        for (index, (before, after)) in self.state.markets.0.iter().zip(&state.markets.0).enumerate() {
            if before.leg_count > 0 && after.leg_count == 0 {
                // An emptied market owes nobody: what it owed beyond its profit was never to be paid (T-7).
                let left = identities::residue(&self.state.accounts, before, index as u16);
                let forgiven = left - identities::residue(&state.accounts, after, index as u16);
                let owed = atoms(before.unfunded_atoms) + atoms(before.debts_total_atoms) + atoms(ROUNDING);
                assert!(forgiven <= owed, "an emptied market loses cash");
                self.forgiven[index] += forgiven;
            }
        }
        self.state = state;
        Ok(result)
    }

    /// Runs a transaction that changes one market and accounts.
    pub fn on_market<T>(
        &mut self,
        market: usize,
        act: impl FnOnce(&mut Acted<'_, Markets>, &mut [AccountState]) -> RiskResult<T>,
    ) -> RiskResult<T> {
        self.transaction(|state, now| {
            let mut changed = state.markets.0[market];
            let mut acted =
                Acted { market: &mut changed, market_index: market as u16, others: &state.markets, now: *now };
            let result = act(&mut acted, &mut state.accounts)?;
            state.markets.0[market] = changed;
            Ok(result)
        })
    }

    /// Counts an event.
    pub fn reach(&mut self, event: &'static str) {
        *self.reached.entry(event).or_default() += 1;
    }

    /// Whole lots of a leg as the engine sees them now, 0 without a leg.
    pub fn lots(&self, account: usize, market: usize) -> i64 {
        let account = &self.state.accounts[account];
        let Some(slot) = account.find_leg(market as u16) else { return 0 };
        leg::evaluate(&account.legs[slot], &self.state.markets.0[market], &self.now).expect("a leg has a worth").lots
    }

    /// Whole lots of all legs of an account, by market.
    pub fn all_lots(&self, account: usize) -> Vec<i64> {
        (0..self.state.markets.0.len()).map(|market| self.lots(account, market)).collect()
    }

    /// Compares a leg before it is touched: its pending PnL and its lots with the model's.
    pub fn compare_leg(&self, account: usize, market: usize) {
        let exact = &self.exact.legs[account][market];
        let worth = match self.state.accounts[account].find_leg(market as u16) {
            Some(slot) => {
                let leg = &self.state.accounts[account].legs[slot];
                leg::evaluate(leg, &self.state.markets.0[market], &self.now).expect("a leg has a worth")
            }
            None => leg::LegValue::default(),
        };
        let allowed = self.allowance(account, market);
        let gap = float_atoms(&(atoms(worth.pending) - &exact.pending));
        assert!(gap.abs() <= allowed, "pending of {account} in {market} differs by {gap}, allowed {allowed}");
        let lost = float(&(magnitude(exact.lots.clone()) - whole(worth.lots.unsigned_abs())));
        let most = 1.0 + exact.lot_allowance;
        assert!(
            (-1e-9..=most).contains(&lost),
            "a touch of {account} in {market} loses {lost} lots, allowed {most}, {}",
            self.last
        );
    }

    /// What the engine may have rounded on a leg since its last touch, atoms.
    pub fn allowance(&self, account: usize, market: usize) -> f64 {
        let leg = &self.exact.legs[account][market];
        leg.allowance + leg.lot_allowance * self.highest[market] as f64 / 1e6
    }

    /// Notes a price at which something was done.
    pub fn note_price(&mut self, market: usize, price: u64) {
        self.highest[market] = self.highest[market].max(price);
    }

    /// Takes over the whole lots that a generation's end leaves to the legs of a side, and that open lots without any
    /// leg end with the last leg.
    pub fn follow_generations(&mut self) {
        for market in 0..self.followed.len() {
            if self.state.markets.0[market].leg_count == 0 {
                let exact = &mut self.exact.markets[market];
                (exact.open_lots, exact.unfunded, exact.budget) = ([0, 0], zero(), zero());
            }
            for (side, name) in [SideName::Long, SideName::Short].into_iter().enumerate() {
                let generation = self.state.markets.0[market].side(name).generation;
                if std::mem::replace(&mut self.followed[market][side], generation) == generation {
                    continue;
                }
                let side = self.state.markets.0[market].side(name);
                let wiped = side.ended_size_index == 0;
                let behind = side.legs_behind > 0;
                self.reach("generation ended");
                if wiped {
                    self.reach("side wiped out");
                }
                if behind {
                    self.reach("legs left behind");
                }
                for account in 0..self.state.accounts.len() {
                    let lots = self.lots(account, market);
                    let leg = &mut self.exact.legs[account][market];
                    if leg.is_on(name) {
                        let lost = float(&(magnitude(leg.lots.clone()) - whole(lots.unsigned_abs())));
                        assert!(
                            lost <= 1.0 + leg.lot_allowance && lost >= -1e-9,
                            "a generation's end takes {lost} lots"
                        );
                        leg.lots = whole(lots);
                        leg.allowance += 1.0;
                    }
                }
            }
        }
    }

    /// Checks every identity and compares every account.
    pub fn verify(&mut self) {
        let State { markets, accounts, insurance, fees } = &self.state;
        let cash = identities::cash(accounts, &markets.0) + i128::from(insurance.balance_atoms) + i128::from(*fees);
        assert_eq!(cash, self.outside, "cash is conserved");
        for (index, market) in markets.0.iter().enumerate() {
            identities::check_sums(accounts, market, index as u16).unwrap();
            let residue = identities::residue(accounts, market, index as u16);
            assert!(residue >= zero(), "market {index} owes more than it holds: {}", float_atoms(&residue));
            self.least_residue = self.least_residue.min(float_atoms(&(residue + &self.forgiven[index])));
            let lots = [market.long.open_lots, market.short.open_lots].map(i128::from);
            assert_eq!(lots, self.exact.markets[index].open_lots, "open interest of market {index}");
        }
        for account in 0..self.state.accounts.len() {
            self.compare_account(account);
            (0..self.state.markets.0.len()).for_each(|market| self.compare_leg(account, market));
        }
    }

    fn compare_account(&self, account: usize) {
        let state = &self.state.accounts[account];
        let mut allowed = self.slack;
        let mut equity = Exact::from_integer(state.capital_atoms.into()) * whole(1_000_000);
        for leg in state.legs.iter().filter(|leg| leg.is_used()) {
            let market = usize::from(leg.market_index);
            let worth = identities::worth(leg, &self.state.markets.0[market]);
            equity += worth.pending + worth.claims - atoms(leg.debt_atoms);
            allowed += self.allowance(account, market);
        }
        let gap = float_atoms(&(equity - self.exact.equity(account)));
        assert!(
            gap.abs() <= allowed,
            "equity of {account} differs by {gap} atoms, allowed {allowed}, after {}",
            self.last
        );
    }
}
