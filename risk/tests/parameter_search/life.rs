//! A life: markets with parameters of their own, a handful of accounts, a backstop, a fund, and what happens to them.

use crate::acts::{Act, State};
use crate::chance::Chance;
use crate::known;
use crate::money_support::Markets;
use breakwater_risk::backstop::BackstopState;
use breakwater_risk::fixed::PPM;
use breakwater_risk::insurance::FundState;
use breakwater_risk::shares::Holding;
use breakwater_risk::state::{AccountState, MarketState, Now};
use breakwater_risk::units::MAX_PRICE;
use breakwater_risk::{MarketParams, RiskError, RiskResult};
use bytemuck::Zeroable;
use std::collections::BTreeMap;

/// Cash that a market's creator pays in.
const SEED_ATOMS: u64 = 1_000_000;
/// Most capital of an account at its start.
const CAPITAL_MAX: u64 = 1 << 50;

/// A life under way.
pub struct Life {
    pub state: State,
    pub now: Now,
    pub chance: Chance,
    /// Last price published, by market.
    pub prices: Vec<u64>,
    /// Highest price that a feed shows, by market.
    pub highest: Vec<u64>,
    /// Steps for which a feed stays silent, by market.
    pub silent: Vec<u64>,
    /// Cash that came from outside, less what left.
    outside: i128,
    /// What was done and when, refusals included.
    pub acts: Vec<(u64, Act)>,
    /// Acts that went through.
    pub done: BTreeMap<String, u64>,
    /// The last refusal of every kind of act.
    pub refusals: BTreeMap<String, RiskError>,
}

impl Life {
    /// Lists the markets, gives each its first price, and pays capital in.
    pub fn begin(params: &[MarketParams], mut chance: Chance) -> Self {
        let now = Now { slot: 1_000, unix_timestamp: 1_760_000_000, last_restart_slot: 0 };
        let prices: Vec<u64> = params.iter().map(|params| known::first_price(params, &mut chance)).collect();
        let market = |params: &MarketParams| MarketState { pool_atoms: SEED_ATOMS, ..MarketState::new(*params) };
        let traders = chance.between(3, 6) as usize;
        let mut accounts = vec![AccountState::zeroed(); traders + 1];
        accounts[traders].backstop = 1;
        let loss_line_ppm = *chance.pick(&[10_000, 200_000, 900_000]);
        let state = State {
            markets: Markets(params.iter().map(market).collect()),
            accounts,
            backstop: BackstopState { loss_line_ppm, ..Zeroable::zeroed() },
            holding: Holding::zeroed(),
            insurance: FundState::zeroed(),
            fees: 0,
        };
        let outside = state.cash();
        let highest = prices.iter().map(|price| price.saturating_mul(known::MOST_RISE).min(MAX_PRICE)).collect();
        let silent = vec![0; prices.len()];
        let (acts, done, refusals) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let mut life = Self { state, now, chance, prices, highest, silent, outside, acts, done, refusals };
        life.fund(traders);
        (0..params.len()).for_each(|market| life.publish(market));
        life
    }

    fn fund(&mut self, traders: usize) {
        let least = self.state.markets.0.iter().map(|market| market.params.min_position_atoms).max().unwrap_or(1);
        for account in 0..traders {
            let atoms = self.chance.sized(least, CAPITAL_MAX.max(least));
            self.attempt(Act::Deposit { account, atoms }).expect("capital within its range");
        }
        if self.chance.percent(70) {
            let atoms = self.chance.sized(1_000_000, CAPITAL_MAX);
            self.attempt(Act::Stake { atoms }).expect("an empty backstop takes cash");
        }
        if self.chance.percent(50) {
            let atoms = self.chance.sized(1, CAPITAL_MAX);
            self.attempt(Act::Donate { atoms }).expect("a gift");
        }
    }

    /// Does something: all of it or, if it is refused, nothing.
    ///
    /// # Panics
    /// With an error that says that the engine is at fault, or when cash appears or vanishes.
    pub fn attempt(&mut self, act: Act) -> RiskResult<()> {
        self.acts.push((self.now.slot, act));
        let mut state = self.state.clone();
        match state.apply(act, &self.now) {
            Ok(came) => {
                self.outside += came;
                assert_eq!(state.cash(), self.outside, "cash is conserved by {act:?}");
                self.state = state;
                *self.done.entry(act.name()).or_default() += 1;
                Ok(())
            }
            Err(error) => {
                assert!(known::is_legitimate(&act, error), "{act:?} is refused with {error:?}");
                *self.done.entry(format!("REF {} {error:?}", act.name())).or_default() += 1;
                self.refusals.insert(act.name(), error);
                Err(error)
            }
        }
    }

    /// Time passes.
    pub fn pass(&mut self, slots: u64) {
        self.now.slot += slots;
        self.now.unix_timestamp += (slots * 2 / 5) as i64;
    }

    /// The market takes its feed's last price, published now, with a narrow confidence.
    pub fn publish(&mut self, market: usize) {
        let params = self.state.markets.0[market].params;
        let price = self.prices[market];
        let narrow = u64::from(params.confidence_ref_ppm.min(params.confidence_max_ppm));
        let confidence = (u128::from(price) * u128::from(narrow) / u128::from(PPM)) as u64;
        self.attempt(Act::Refresh { market, price, confidence, age_s: 0 }).expect("a new price is taken");
    }

    /// Places of the accounts that somebody owns.
    pub fn traders(&self) -> std::ops::Range<usize> {
        0..self.state.backstop_place()
    }

    /// Places of all accounts.
    pub fn holders(&self) -> std::ops::Range<usize> {
        0..self.state.accounts.len()
    }

    /// Places of the markets.
    pub fn markets(&self) -> std::ops::Range<usize> {
        0..self.prices.len()
    }

    /// Whole lots of an account in a market.
    pub fn lots(&self, account: usize, market: usize) -> i64 {
        let account = &self.state.accounts[account];
        let Some(slot) = account.find_leg(market as u16) else { return 0 };
        let value = breakwater_risk::leg::evaluate(&account.legs[slot], &self.state.markets.0[market], &self.now);
        value.expect("a leg has a value").lots
    }
}
