//! Random states: three markets, ten accounts with positions, prices that move, capital that comes and goes.

use breakwater_risk::health::Stance;
use breakwater_risk::MarketParams;
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::Pool;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Markets of the world.
pub const MARKETS: usize = 3;
/// Feeds of the macro index.
pub const MACRO_FEEDS: u8 = 4;
/// Traders with positions.
const TRADERS: usize = 10;
/// What the backstop is funded with.
const BACKSTOP_ATOMS: u64 = 5_000_000 * USD;
/// Holds what the traders do not.
const RESERVE: &str = "reserve";

/// The world and what was compared in it.
pub struct States {
    pub world: World,
    pub rng: ChaCha8Rng,
    /// Calls that did what was previewed, by name.
    pub agreed: BTreeMap<&'static str, u32>,
    /// Calls refused as previewed, by name and error code.
    pub refused: BTreeMap<(&'static str, u32), u32>,
}

impl States {
    /// Three markets, one of them thin, one with funding; positions all over.
    pub fn new(seed: u64) -> Self {
        let mut world = World::new();
        // A breaker that seldom opens in two of them: while it is open, the backstop sells nothing.
        let deep = MarketParams { profit_window_slots: 25, breaker_band_ppm: 500_000, ..sol_params() };
        let breaker_band_ppm = sol_params().breaker_band_ppm;
        let thin = MarketParams { depth_base_atoms: deep.depth_base_atoms / 20, breaker_band_ppm, ..deep };
        let funded = MarketParams { funding_max_ppm: 500, ..deep };
        for (params, price) in [(deep, 200), (thin, 70), (funded, 5)] {
            world.list(&params, price * USD);
        }
        world.edit_exchange(|exchange| exchange.outflow_limits.guaranteed_atoms = 1 << 60); // margin alone limits here
        world.trader(RESERVE, 100_000_000 * USD);
        world.trader("keeper", 20_000_000 * USD);
        world.donate("keeper", 1_000_000 * USD).expect("a donation");
        let mut world = world.with_backstop(900_000, BACKSTOP_ATOMS).with_macro_index(MACRO_FEEDS);
        world.open_stake("lp", Pool::Insurance).expect("a stake");
        world.stake("lp", Pool::Insurance, 10_000 * USD).expect("the fund takes the cash");
        for number in 0..TRADERS {
            world.trader(&format!("trader {number}"), 200_000 * USD);
        }
        world.calm(400);
        let mut states =
            Self { world, rng: ChaCha8Rng::seed_from_u64(seed), agreed: BTreeMap::new(), refused: BTreeMap::new() };
        for _ in 0..40 {
            states.trade();
        }
        states
    }

    /// A random trader.
    pub fn any_trader(&mut self) -> String {
        format!("trader {}", self.rng.random_range(0..TRADERS))
    }

    /// Moves prices, trades, and sometimes lets time pass.
    pub fn shuffle(&mut self) {
        let market = self.rng.random_range(0..MARKETS);
        let price = self.world.price(market);
        let ppm = self.rng.random_range(940_000..=1_060_000);
        self.world.publish_among(market, (u128::from(price) * ppm / 1_000_000) as u64);
        if self.rng.random_range(0..4) == 0 {
            let (market, price) = (0, self.world.price(0));
            self.world.publish_among(market, price);
        }
        self.trade();
        if self.rng.random_range(0..12) == 0 {
            let slots = self.rng.random_range(1..60);
            self.world.pass(slots);
        }
    }

    /// A trade between two traders, by whom capital is topped up first where they are poor.
    fn trade(&mut self) {
        let (market, buyer, seller) = (self.rng.random_range(0..MARKETS), self.any_trader(), self.any_trader());
        if buyer == seller {
            return;
        }
        for name in [&buyer, &seller] {
            if self.world.account(name).state.capital_atoms < 50_000 * USD && self.rng.random() {
                self.set_capital(name, 200_000 * USD);
            }
        }
        let notional = self.rng.random_range(1_000..150_000) * USD;
        let lots = (u128::from(notional) * 1_000_000 / u128::from(self.world.mark(market))) as u64;
        let _ = self.world.trade(market, &buyer, &seller, lots); // many are refused
    }

    /// Gives a trader capital so that its equity is a part of what maintenance asks, in ppm. Returns whether there is
    /// such a capital: what the legs are worth may exceed or lack it.
    pub fn set_health(&mut self, name: &str, market: usize, part_ppm: i128) -> bool {
        let account = self.world.account(name);
        let slot = account.state.find_leg(self.world.stage.markets[market].index);
        if slot.is_none_or(|slot| account.state.legs[slot].lots == 0) {
            return false;
        }
        let health = self.world.health(name, market, Stance::Favour);
        let values = health.equity() - i128::from(account.state.capital_atoms);
        let wanted = i128::from(health.maintenance()) * part_ppm / 1_000_000 - values;
        let Ok(atoms) = u64::try_from(wanted) else { return false };
        self.set_capital(name, atoms);
        true
    }

    /// Gives the backstop enough capital, or little, or none, and lets it take legs in a market, or not.
    pub fn prepare_backstop(&mut self, market: usize) {
        let atoms = match self.rng.random_range(0..6) {
            0 => 0,
            1 => self.rng.random_range(0..100_000 * USD),
            _ => BACKSTOP_ATOMS,
        };
        let present = self.world.backstop().account.state.capital_atoms;
        self.world.edit_account(RESERVE, |account| {
            account.state.capital_atoms = account.state.capital_atoms + present - atoms;
        });
        self.world.edit_backstop_account(|account| account.state.capital_atoms = atoms);
        let most = if self.rng.random_range(0..5) < 2 { 0 } else { sol_params().backstop_max_atoms };
        self.world.edit_market(market, |market| market.state.params.backstop_max_atoms = most);
        self.world.check();
    }

    /// Makes every market calm.
    pub fn calm_down(&mut self) {
        for market in 0..MARKETS {
            self.world.edit_market(market, |market| {
                let statistics = &mut market.state.statistics;
                statistics.variance_slow = statistics.variance_slow.max(statistics.variance_fast);
            });
        }
    }

    /// Gives a trader capital, or takes it.
    pub fn set_capital(&mut self, name: &str, atoms: u64) {
        let present = self.world.account(name).state.capital_atoms;
        if atoms > present {
            self.world.move_capital(RESERVE, name, atoms - present);
        } else {
            self.world.move_capital(name, RESERVE, present - atoms);
        }
    }
}
