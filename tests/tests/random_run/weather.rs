//! What traders cannot help: prices, feeds that fall silent, spreads that widen, keepers that vanish, time.

use crate::run::{Run, PRICES};
use crate::tally::Kind;
use breakwater::NOTICE_SECONDS;
use breakwater_tests::world::CONFIDENCE_PPM;
use rand::Rng;

/// Slots after which a feed that fell silent is dead: a little more than 600 s.
const SLOTS_OF_A_DEAD_FEED: u64 = 1_600;
/// Slots of the notice of governance and a bit: who asked to leave a pool before it may leave in it.
pub const SLOTS_OF_A_NOTICE: u64 = NOTICE_SECONDS.cast_unsigned() * 5 / 2 + 10;

/// What is missing, until which step.
#[derive(Default)]
pub struct Weather {
    /// Steps so far.
    step: u64,
    /// Nobody does chores before this step.
    keepers_away_until: u64,
    /// Confidence is too wide for slices and new risk before this step: no depth.
    storm_until: u64,
    /// A market whose feed is silent, and the step until which it is.
    silent: Option<(usize, u64)>,
}

impl Weather {
    /// Whether keepers are about.
    pub fn has_keepers(&self) -> bool {
        self.step >= self.keepers_away_until
    }

    fn is_silent(&self, market: usize) -> bool {
        self.silent.is_some_and(|(silent, until)| silent == market && self.step < until)
    }
}

impl Run {
    /// A step passes; now and then something goes missing for a stretch, or a long time passes.
    pub fn weather(&mut self) {
        self.weather.step += 1;
        let step = self.weather.step;
        match self.rng.random_range(0..3_000) {
            0..7 => self.weather.keepers_away_until = step + self.rng.random_range(30..120),
            7..13 => self.weather.storm_until = step + self.rng.random_range(20..80),
            13..18 => {
                self.weather.silent = Some((self.any_market(), step + self.rng.random_range(20..100)));
                if self.chance(50) {
                    self.world.pass(SLOTS_OF_A_DEAD_FEED);
                    self.refresh_all();
                }
            }
            18..19 => {
                let (slot, _) = self.world.stage.time();
                self.world.stage.bank.set_last_restart_slot(slot);
            }
            19..51 => {
                let slots = self.rng.random_range(100..2_250);
                self.world.pass(slots);
                self.refresh_all();
            }
            51..56 => self.wait_for_cooldown(),
            _ => {}
        }
    }

    /// Prices move: mostly a little, at times by up to 60 % at once, in one market or in all of them alike.
    pub fn move_prices(&mut self) {
        let most = match self.rng.random_range(0..120) {
            0..2 => 600_000,
            2..6 => 300_000,
            6..20 => 100_000,
            _ => 10_000,
        };
        let ppm = self.rng.random_range(-most..=most);
        let moving = if self.chance(30) { self.markets() } else { self.one_market() };
        for market in moving {
            self.shift_price(market, ppm);
        }
    }

    fn one_market(&mut self) -> std::ops::Range<usize> {
        let market = self.any_market();
        market..market + 1
    }

    fn shift_price(&mut self, market: usize, ppm: i64) {
        let price = i128::from(self.world.price(market));
        let moved = price + price * i128::from(ppm) / 1_000_000;
        self.publish(market, u64::try_from(moved).expect("a price"));
    }

    /// Publishes a price in one market; two seconds pass, in which the other markets now and then are not refreshed.
    pub fn publish(&mut self, market: usize, price_micro_usd: u64) {
        let price = price_micro_usd.clamp(PRICES[market] / 8, PRICES[market] * 8);
        self.world.pass(5);
        let is_among_others = self.chance(80);
        for place in self.markets() {
            if place == market {
                self.quote(place, price);
            } else if is_among_others {
                self.quote(place, self.world.price(place));
            }
        }
    }

    /// Two seconds later every feed that is alive publishes its last price again.
    pub fn refresh_all(&mut self) {
        self.world.pass(5);
        for market in self.markets() {
            self.quote(market, self.world.price(market));
        }
    }

    fn quote(&mut self, market: usize, price_micro_usd: u64) {
        if self.weather.is_silent(market) {
            return;
        }
        let is_storm = self.weather.step < self.weather.storm_until;
        let confidence = if is_storm { self.rng.random_range(25_000..60_000) } else { CONFIDENCE_PPM };
        let sent = self.world.quote(market, price_micro_usd, confidence);
        assert!(self.count(Kind::Refresh, sent), "a new price is refused");
    }

    /// Every feed is back, with narrow spreads; keepers too.
    pub fn clear_up(&mut self) {
        self.weather = Weather::default();
    }

    /// Time passes in `steps` of a quarter of an hour with prices that stand still: calm returns.
    pub fn wait_for_calm(&mut self, steps: u32) {
        for _ in 0..steps {
            self.world.pass(2_250);
            self.refresh_all();
            self.refresh_all(); // what cannot be undone waits for a second price
        }
    }
}
