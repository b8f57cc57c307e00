//! The world of a run: five markets and a sixth that is listed on the way, thirty accounts, the stakers of two pools, one source of chance.

use crate::cranks::MACRO_FEEDS;
use crate::tally::{Kind, Tally};
use crate::weather::Weather;
use breakwater::MarginAccount;
use breakwater_risk::MarketParams;
use breakwater_sdk::view;
use breakwater_sim::stage::Sent;
use breakwater_tests::acts::{Sight, BACKSTOP};
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::Pool;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Accounts of a run besides those of the stakers.
pub const ACCOUNTS: usize = 30;
/// Stakers of each pool.
const STAKERS: usize = 3;
/// First prices, micro-dollars per base token: lots of 10^-5 are worth a tenth of a cent or less, as DESIGN asks.
pub const PRICES: [u64; 6] = [200 * USD, 70 * USD, 5 * USD, 30 * USD, 120 * USD, 50 * USD];
/// Markets that are there from the start.
const MARKETS_AT_FIRST: usize = 5;

/// A run under way.
pub struct Run {
    /// The world.
    pub world: World,
    /// Chance.
    pub rng: ChaCha8Rng,
    /// What happened so far.
    pub tally: Tally,
    /// Names of the accounts that are still open.
    pub names: Vec<String>,
    /// Names of the stakers, each with its pool.
    pub stakers: Vec<(String, Pool)>,
    /// Feeds and keepers that are missing.
    pub weather: Weather,
}

/// A deep market, a thin one, one with funding and little insurance, one without depth to speak of and without the
/// backstop, one of which the backstop may hold little, and a late one like the first.
pub fn markets() -> [MarketParams; 6] {
    let deep = MarketParams {
        profit_window_slots: 50,
        restart_grace_slots: 40,
        backstop_max_atoms: 2_000_000 * USD,
        backstop_gap_ppm: 100_000,
        ..sol_params()
    };
    let thin = MarketParams { depth_base_atoms: deep.depth_base_atoms / 50, backstop_max_atoms: 200_000 * USD, ..deep };
    let funded = MarketParams {
        funding_max_ppm: 500,
        insurance_event_ppm: 10_000,
        insurance_window_ppm: 20_000,
        backstop_gap_ppm: 200_000,
        ..deep
    };
    let void = MarketParams { depth_base_atoms: 4 * USD, min_position_atoms: 1_000, backstop_max_atoms: 0, ..deep };
    let capped = MarketParams { backstop_max_atoms: 20_000 * USD, ..thin };
    [deep, thin, funded, void, capped, deep]
}

impl Run {
    /// Sets the stage.
    pub fn new(seed: u64) -> Self {
        let mut world = World::new();
        world.stage.create_backstop(900_000).expect("the backstop is created");
        for (params, price) in markets().iter().zip(PRICES).take(MARKETS_AT_FIRST) {
            world.list(params, price);
        }
        let mut world = world.with_macro_index(MACRO_FEEDS);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let names: Vec<String> = (0..ACCOUNTS).map(|number| format!("trader {number:02}")).collect();
        for name in &names {
            world.trader(name, rng.random_range(1_000..200_000) * USD);
        }
        let pools = [(Pool::Insurance, "staker"), (Pool::Backstop, "provider")];
        let stakers = pools.map(|(pool, who)| (0..STAKERS).map(move |number| (format!("{who} {number}"), pool)));
        let stakers: Vec<_> = stakers.into_iter().flatten().collect();
        for (name, _) in &stakers {
            world.trader(name, 0);
        }
        let mut run = Self { world, rng, tally: Tally::default(), names, stakers, weather: Weather::default() };
        for (name, pool) in run.stakers.clone() {
            let sent = run.world.open_stake(&name, pool);
            run.count(Kind::OpenStake, sent);
            run.stake(&name, pool);
        }
        run.world.calm(500);
        run
    }

    /// Counts a transaction. Returns whether it went through.
    #[track_caller]
    pub fn count(&mut self, kind: Kind, sent: Sent) -> bool {
        self.tally.count(kind, &sent)
    }

    /// A random name.
    pub fn any_name(&mut self) -> String {
        let place = self.rng.random_range(0..self.names.len());
        self.names[place].clone()
    }

    /// A random name that is not `name`.
    pub fn any_name_but(&mut self, name: &str) -> String {
        loop {
            let other = self.any_name();
            if other != name {
                return other;
            }
        }
    }

    /// A random market.
    pub fn any_market(&mut self) -> usize {
        let count = self.markets().len();
        self.rng.random_range(0..count)
    }

    /// Whether a chance of `percent` came up.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    /// Markets that are listed.
    pub fn markets(&self) -> std::ops::Range<usize> {
        0..self.world.stage.markets.len()
    }

    /// All accounts from a random one on and the backstop's, with the exchange as it is.
    pub fn survey(&mut self) -> (Sight, Vec<(String, MarginAccount)>) {
        let mut names = self.names.clone();
        names.push(BACKSTOP.to_owned());
        let start = self.rng.random_range(0..names.len());
        names.rotate_left(start);
        let keys: Vec<_> = names.iter().map(|name| self.world.address_of(name)).collect();
        let read = self.world.stage.bank.accounts(&keys).into_iter().flatten();
        let decoded = read.map(|account| view::margin_account(&account.data).expect("a margin account"));
        (self.world.sight(), names.into_iter().zip(decoded).collect())
    }
}
