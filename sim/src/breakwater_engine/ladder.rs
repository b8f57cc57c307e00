//! Owns what keepers do for the liquidation ladder, and its pictures.
//!
//! Registrations age by what moves triggers and forced notional: maintenance, depth, funding. After every price keepers look
//! at the next [`LOOKS`] traders in turn and touch those whose registration is off; every minute they measure the cascade
//! ratios. Keepers' own legs are not looked at: their capital is ample, and each slice registers them.

use anyhow::Result;
use breakwater_risk::units::SideName;
use breakwater_sdk::ladder::{self, LadderView, Trigger};

use super::{
    backend::Backend,
    books::{Books, Role, Who, MARKET},
    tally::{usd, Tally},
    warmup::refused,
};
use crate::{lots::LotScale, minutes::MINUTE_MS, outcome::LadderShot};

/// Traders with a position that are looked at in a sample, at most.
const LOOKS: usize = 32;
/// Seconds between two measurements.
const MEASURE_EVERY_S: u64 = MINUTE_MS as u64 / 1_000;

/// The round of the keepers who look after the ladder.
#[derive(Default)]
pub struct Ladder {
    next: usize,
}

impl Ladder {
    /// Touches what is off among the next traders.
    pub fn touch(&mut self, backend: &mut impl Backend, tally: &mut Tally) -> Result<()> {
        for trader in self.off(backend.books()) {
            if backend.touch(Who::Trader(trader))?.is_ok() {
                tally.acts += 1;
            }
        }
        Ok(())
    }

    /// The next traders in turn whose registration is off.
    fn off(&mut self, books: &Books) -> Vec<usize> {
        let (count, snapshot) = (books.accounts(Role::Trader).len(), books.snapshot());
        let (mut off, mut looks) = (Vec::new(), 0);
        for _ in 0..count {
            if looks == LOOKS {
                break;
            }
            let trader = self.next % count;
            self.next = trader + 1;
            let who = Who::Trader(trader);
            if books.account(who).legs.iter().all(|leg| leg.lots == 0) {
                continue;
            }
            looks += 1;
            if ladder::is_off(&snapshot, MARKET, &books.margin_account(who), &books.now).unwrap_or(false) {
                off.push(trader);
            }
        }
        off
    }

    /// Measures the cascade ratios once a minute; the ladder as it is then.
    pub fn measure(&self, backend: &mut impl Backend, scale: LotScale, time_s: u64) -> Result<Option<LadderShot>> {
        if !time_s.is_multiple_of(MEASURE_EVERY_S) || backend.measure_cascade()?.is_err() {
            return Ok(None);
        }
        let books = backend.books();
        let view = ladder::view(&books.snapshot(), MARKET).map_err(|error| refused(error.0))?;
        Ok(Some(shot(&view, books, scale, time_s)))
    }
}

fn shot(view: &LadderView, books: &Books, scale: LotScale, time_s: u64) -> LadderShot {
    let side = |triggers: &[Trigger]| {
        let middle = |trigger: &Trigger| {
            let (from, to) = (base_usd(trigger.from_price, scale), base_usd(trigger.to_price, scale));
            ((from * to).sqrt(), usd(trigger.atoms))
        };
        triggers.iter().map(middle).collect()
    };
    let ladder = &books.market.ladder;
    LadderShot {
        time_s,
        mark_usd: base_usd(books.market.mark, scale),
        long: side(&view.long),
        short: side(&view.short),
        ratios: [SideName::Long, SideName::Short].map(|side| f64::from(ladder.ratio_ppm(side)) / 1e6),
    }
}

/// A price of the program, atoms per lot × 10^6, as USD per base token.
fn base_usd(price: u64, scale: LotScale) -> f64 {
    price as f64 / 1e12 / 10_f64.powi(scale.exponent)
}
