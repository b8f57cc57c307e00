//! The world of a run: three markets, twenty accounts, one source of chance.

use crate::tally::{Kind, Tally};
use breakwater::MarginAccount;
use breakwater_risk::MarketParams;
use breakwater_sdk::{view, Snapshot};
use breakwater_sim::stage::Sent;
use breakwater_tests::world::{sol_params, World, USD};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Accounts of a run.
pub const ACCOUNTS: usize = 20;
/// First prices, micro-dollars per base token: lots of 10^-5 are worth a tenth of a cent or less, as DESIGN asks.
const PRICES: [u64; 3] = [200 * USD, 70 * USD, 5 * USD];

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
}

impl Run {
    /// Sets the stage: a deep market, one so thin that slices often cannot help, and one with funding.
    pub fn new(seed: u64) -> Self {
        let mut world = World::new();
        let deep = MarketParams { profit_window_slots: 50, ..sol_params() };
        let thin = MarketParams { depth_base_atoms: deep.depth_base_atoms / 50, social_max_ppm: 50_000, ..deep };
        let funded =
            MarketParams { funding_max_ppm: 500, insurance_event_ppm: 10_000, insurance_window_ppm: 20_000, ..deep };
        for (params, price) in [deep, thin, funded].iter().zip(PRICES) {
            world.list(params, price);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let names: Vec<String> = (0..ACCOUNTS).map(|number| format!("trader {number:02}")).collect();
        for name in &names {
            world.trader(name, rng.random_range(1_000..200_000) * USD);
        }
        world.calm(500);
        Self { world, rng, tally: Tally::default(), names }
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

    /// A random market.
    pub fn any_market(&mut self) -> usize {
        self.rng.random_range(0..PRICES.len())
    }

    /// Whether a chance of `percent` came up.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    /// Number of markets.
    pub fn markets(&self) -> std::ops::Range<usize> {
        0..PRICES.len()
    }

    /// All accounts from a random one on, with the markets as they are.
    pub fn survey(&mut self) -> (Snapshot, Vec<(String, MarginAccount)>) {
        let start = self.rng.random_range(0..self.names.len());
        let mut names = self.names.clone();
        names.rotate_left(start);
        let keys: Vec<_> = names.iter().map(|name| self.world.who(name).account).collect();
        let read = self.world.stage.bank.accounts(&keys).into_iter().flatten();
        let decoded = read.map(|account| view::margin_account(&account.data).expect("a margin account"));
        (self.world.stage.snapshot(), names.into_iter().zip(decoded).collect())
    }

    /// Publishes a price in one market; two seconds pass, in which the other markets now and then fall silent.
    pub fn publish(&mut self, market: usize, price_micro_usd: u64) {
        let price = price_micro_usd.clamp(PRICES[market] / 8, PRICES[market] * 8);
        let refreshed = if self.chance(90) {
            self.world.publish_among(market, price);
            PRICES.len()
        } else {
            self.world.publish(market, price);
            1
        };
        for _ in 0..refreshed {
            self.tally.note(Kind::Refresh);
        }
    }
}
