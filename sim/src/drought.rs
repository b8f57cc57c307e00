//! Owns days without liquidity: a seeded fall in which the book carries its least depth all the time and nobody helps.
//!
//! The price loses three fifths within the days, in jumps of up to several percent within a minute and with partial rebounds; it is
//! volatile throughout. The true depth stands at its floor; the published confidence is so wide that the engine's depth is at its
//! floor as well and nobody may open anything, and in some stretches so wide that nothing may be liquidated. Only keepers act, nobody
//! enters, and no account is willing to net or opted in to predictive closes, whatever the settings say. Afterwards the market is calm, everybody leaves, and every claim of `Verdict` is checked.

mod path;

use anyhow::{ensure, Result};
use serde::Serialize;

use crate::{
    breakwater_engine::{self, BackendKind, Redeemed, Rest},
    depth::{TrueDepth, LOWEST_PART},
    format::usd,
    inputs::{Inputs, Settings},
    outcome::{Outcome, Row, Summary},
    progress::Progress,
};

/// Shortest and longest drought, hours.
pub const HOURS: std::ops::RangeInclusive<u64> = 1..=240;

/// Seconds within which the depth sinks to its floor; from then on it must stay there.
const LEAD_IN_S: u64 = 60;
/// What counts as the floor, as a factor of it: rounding.
const FLOOR_TOLERANCE: f64 = 1.001;

/// What a drought is like.
#[derive(Clone, Copy, Debug)]
pub struct Drought {
    /// The market. Its seed decides the path as well as the accounts; its insurance is what somebody stakes, positive.
    pub settings: Settings,
    /// Length, hours, in [`HOURS`].
    pub hours: u64,
}

impl Drought {
    /// What the engine is given. The error says which setting is out of range.
    pub fn inputs(&self) -> Result<Inputs> {
        ensure!(HOURS.contains(&self.hours), "a drought lasts 1 to 240 hours, not {}", self.hours);
        ensure!(
            self.settings.entrants == 0,
            "nobody enters a market in a drought, not even {}",
            self.settings.entrants
        );
        let stake = self.settings.insurance_usd;
        ensure!(stake >= 1.0, "somebody must stake at least $1 in the insurance fund of a drought, not ${stake}");
        let scenario = path::scenario(self.settings.seed, self.hours * 60);
        let mut inputs = Inputs::new(scenario, Settings { willing_share: 0.0, opted_in_share: 0.0, ..self.settings })?;
        inputs.insurance_micro_usd = 0; // staked by somebody who wants it back
        inputs.depth = TrueDepth::of(&[], self.settings.calm_depth_usd * LOWEST_PART);
        path::widen(&mut inputs.samples, self.settings.seed, &inputs.params);
        Ok(inputs)
    }

    /// Runs it. Errors: those of [`breakwater_engine::run_and_leave`].
    pub fn run(&self, kind: BackendKind, progress: &mut Progress) -> Result<Verdict> {
        let inputs = self.inputs()?;
        let insurance_atoms = (self.settings.insurance_usd * 1e6) as u64;
        let (outcome, rest) = breakwater_engine::run_and_leave(&inputs, insurance_atoms, kind, progress)?;
        Ok(Verdict::of(&inputs, outcome, rest, insurance_atoms))
    }
}

/// What a drought did, and whether the exchange came out of it whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Prices that were published.
    pub prices: usize,
    /// Lowest recorded price over the first.
    pub lowest_ratio: f64,
    /// Last recorded price over the first.
    pub last_ratio: f64,
    /// Share of the prices at which the confidence forbade liquidations.
    pub unconfident_share: f64,
    /// Share of the prices at which the engine's depth was at its floor: at most 1/42 of the calm depth.
    pub at_floor_share: f64,
    /// The figures of the days themselves.
    pub summary: Summary,
    /// Seconds of calm until the last account had left.
    pub leaving_s: u64,
    /// Accounts that left, keepers and makers included, and how.
    pub accounts: usize,
    /// How those who left closed their positions.
    pub closes: Closes,
    /// Withdrawn by traders, USD.
    pub traders_withdrew: f64,
    /// The stake in the backstop.
    pub backstop: Stake,
    /// The stake in the insurance fund.
    pub insurance: Stake,
    /// Losses that nobody paid to the very end, USD.
    pub unfunded: f64,
    /// In the vault at the end, USD, all of it explained by the books.
    pub vault: f64,
    /// Everything that is not as it should be, a sentence each.
    pub failures: Vec<String>,
    #[serde(skip)]
    notes: Vec<String>,
}

/// How those who left closed their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Closes {
    /// Fills among them.
    pub fills: u64,
    /// Purchases from the backstop.
    pub purchases: u64,
    /// Positions closed since nobody stood against them any more.
    pub remnants: u64,
}

/// A stake in a pool, USD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stake {
    /// What was put in.
    pub staked: f64,
    /// Its worth when it was asked back.
    pub worth: f64,
    /// What was paid.
    pub paid: f64,
}

impl Stake {
    fn of(staked_atoms: u64, redeemed: Redeemed) -> Self {
        Self { staked: dollars(staked_atoms), worth: dollars(redeemed.worth_atoms), paid: dollars(redeemed.paid_atoms) }
    }
}

impl Verdict {
    fn of(inputs: &Inputs, outcome: Outcome, rest: Rest, insurance_atoms: u64) -> Self {
        let Outcome { summary, series, notes, .. } = outcome;
        let prices = inputs.samples.len();
        let ratio = |price: u64| price as f64 / inputs.entry_price() as f64;
        let share = |count: usize| count as f64 / prices.max(1) as f64;
        let too_wide = inputs.params.confidence_liquidation_max_ppm;
        let recorded = || inputs.samples.iter().map(|sample| sample.price);
        // The engine's own floor moves with the open interest below this one, which is that of the whole calm depth.
        let depths = || series.rows.iter().filter_map(|row| row.depth_usd);
        let floor_usd = inputs.settings.calm_depth_usd * LOWEST_PART;
        let mut failures = rest.failures;
        if !summary.identities_exact {
            failures.push("an identity did not hold in the course of the days".to_owned());
        }
        let is_above = |row: &&Row| row.depth_usd.is_none_or(|depth| depth > floor_usd * FLOOR_TOLERANCE);
        let above = series.rows.iter().filter(|row| row.time_s >= LEAD_IN_S).filter(is_above).count();
        if above > 0 {
            failures.push(format!("the engine's depth was above its floor at {above} prices"));
        }
        Self {
            prices,
            lowest_ratio: ratio(recorded().min().unwrap_or_default()),
            last_ratio: ratio(recorded().next_back().unwrap_or_default()),
            unconfident_share: share(inputs.samples.iter().filter(|sample| sample.conf_ppm > too_wide).count()),
            at_floor_share: share(depths().filter(|depth| *depth <= floor_usd * FLOOR_TOLERANCE).count()),
            leaving_s: rest.seconds,
            accounts: rest.accounts,
            closes: Closes { fills: rest.fills, purchases: rest.purchases, remnants: rest.remnants },
            traders_withdrew: dollars(rest.traders_withdrew_atoms),
            backstop: Stake::of(inputs.backstop_micro_usd, rest.backstop),
            insurance: Stake::of(insurance_atoms, rest.insurance),
            unfunded: dollars(rest.unfunded_atoms),
            vault: dollars(rest.vault_atoms),
            summary,
            failures,
            notes,
        }
    }

    /// The verdict for people, a line for each fact.
    pub fn text(&self) -> String {
        let summary = &self.summary;
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let stake = |name: &str, Stake { staked, worth, paid }: Stake| {
            format!("{name}: staked {}, worth {} when asked back, paid {}", usd(staked), usd(worth), usd(paid))
        };
        let mut lines = vec![
            format!(
                "{} prices, the lowest at {} of the first, the last at {}",
                self.prices,
                percent(self.lowest_ratio),
                percent(self.last_ratio)
            ),
            format!(
                "the engine's depth was at its floor for {} of them, liquidations were forbidden by the confidence for {}",
                percent(self.at_floor_share),
                percent(self.unconfident_share)
            ),
            format!(
                "liquidated {}, absorbed {}, unwound {}, deleveraged {}, accounts touched {}",
                usd(summary.liquidated),
                usd(summary.absorbed),
                usd(summary.unwound),
                usd(summary.deleveraged),
                summary.accounts_touched
            ),
            format!(
                "deficits {}: paid by insurance {}, cut from claims {}, charged to lots {}, unfunded {}",
                usd(summary.layers.deficits),
                usd(summary.layers.insurance_paid),
                usd(summary.layers.claims_cut),
                usd(summary.layers.lots_charged),
                usd(summary.layers.unfunded)
            ),
        ];
        lines.extend(self.notes.iter().cloned());
        lines.extend([
            format!(
                "{} accounts left within {} minutes of calm: {} fills among them, {} purchases from the backstop, {} remnants; \
                 traders withdrew {}",
                self.accounts,
                self.leaving_s / 60,
                self.closes.fills,
                self.closes.purchases,
                self.closes.remnants,
                usd(self.traders_withdrew)
            ),
            stake("backstop", self.backstop),
            stake("insurance", self.insurance),
            format!("left unfunded {}, left in the vault {}", usd(self.unfunded), usd(self.vault)),
        ]);
        lines.extend(self.failures.iter().map(|failure| format!("FAILED: {failure}")));
        lines.join("\n")
    }
}

fn dollars(atoms: u64) -> f64 {
    atoms as f64 / 1e6
}

#[cfg(test)]
mod tests;
