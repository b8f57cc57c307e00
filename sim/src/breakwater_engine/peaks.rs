//! Owns the extremes of what a run's market showed, sample by sample.

use breakwater_risk::{breaker, fixed::PPM, units::SideName, Now};

use super::books::Books;

/// The extremes since the beginning.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peaks {
    /// Highest cascade ratio of either side, ppm.
    pub cascade_ratio_ppm: u32,
    /// Highest macro stress that the market read, ppm; 0 without an index.
    pub macro_stress_ppm: u64,
    /// Time in which the circuit breaker was open, seconds.
    pub breaker_open_s: u64,
}

impl Peaks {
    /// Takes in the market after a sample; the next comes `step_s` seconds later.
    pub fn observe(&mut self, books: &Books, step_s: u64) {
        let (market, now): (_, &Now) = (&books.market, &books.now);
        for side in [SideName::Long, SideName::Short] {
            self.cascade_ratio_ppm = self.cascade_ratio_ppm.max(market.ladder.ratio_ppm(side));
        }
        if books.macro_index.is_some() {
            self.macro_stress_ppm = self.macro_stress_ppm.max(market.macro_view.factor_ppm()).max(PPM);
        }
        if breaker::is_open(market, now) {
            self.breaker_open_s += step_s;
        }
    }
}
