//! Owns the run of Breakwater on the inputs of a replay: price in, keepers at work, books checked, sample by sample.
//!
//! It acts on a [`Backend`]: the real program in an in-process bank (`program`), or the pure model of it (`model`), which
//! ends in the same state to the atom and takes a fraction of the time. Every step of the scenario is a published price,
//! `refresh_market`, then what keepers do (`keeping`). A second is 2.5 slots; the clock is the scenario's. Assumed: keepers
//! look at every account after every price, have ample capital, and sell what they take in the market at once; the backstop
//! has the capital of the settings and none besides.
//!
//! With the program, identities are checked after every sample, previews after every transaction, and every ten minutes what
//! the keepers know is compared with the bank; with the model, identities are checked every ten minutes.

mod backend;
mod books;
mod checks;
mod entering;
mod exit;
mod keeping;
mod ladder;
mod leaving;
mod macro_feeds;
mod model;
#[cfg(test)]
mod model_tests;
mod notes;
mod opening;
mod peaks;
mod program;
mod snapshot;
mod switched_off;
mod tally;
#[cfg(test)]
mod tests;
mod warmup;
mod watch;

use anyhow::{Context, Result};
use breakwater_risk::{flow, tier::Tier as RiskTier, units::notional_ceil};

pub use self::{
    backend::BackendKind,
    leaving::{Redeemed, Rest},
};
use self::{
    backend::{Backend, Time},
    books::{Books, Role, Who},
    entering::Entering,
    keeping::Keeping,
    ladder::Ladder,
    model::Model,
    peaks::Peaks,
    program::Program,
    tally::usd,
    warmup::refused,
    watch::{Sight, Watch},
};
use crate::{
    consents::Consent,
    impact::Impact,
    inputs::Inputs,
    outcome::{BackstopRow, Outcome, Row, Series, Summary, Tier},
    path::Sample,
    progress::Progress,
};

/// What reports call it.
pub const NAME: &str = "breakwater";

/// Seconds between two comparisons of the books with the backend.
const AUDIT_EVERY_S: u64 = 600;

/// Runs Breakwater through the scenario. Errors: what was refused that nothing should refuse, a preview that was not kept,
/// books that differ from the bank, parameters that the program does not take.
pub fn run(inputs: &Inputs, kind: BackendKind, progress: &mut Progress) -> Result<Outcome> {
    match kind {
        BackendKind::Program => run_program(inputs, progress),
        BackendKind::Model => run_model(inputs, progress),
    }
}

/// [`run`] with the real program.
pub fn run_program(inputs: &Inputs, progress: &mut Progress) -> Result<Outcome> {
    Ok(replay::<Program>(inputs, Sight::Everyone, progress)?.0)
}

/// [`run`] with the pure model.
pub fn run_model(inputs: &Inputs, progress: &mut Progress) -> Result<Outcome> {
    Ok(replay::<Model>(inputs, Sight::Suspects, progress)?.0)
}

/// Runs Breakwater through the scenario, with `insurance_atoms` (positive) of somebody's stake in the insurance fund, and then lets
/// everybody leave in a market that is calm again. Errors: those of [`run`].
pub fn run_and_leave(
    inputs: &Inputs,
    insurance_atoms: u64,
    kind: BackendKind,
    progress: &mut Progress,
) -> Result<(Outcome, Rest)> {
    match kind {
        BackendKind::Program => leaving::run::<Program>(inputs, insurance_atoms, Sight::Everyone, progress),
        BackendKind::Model => leaving::run::<Model>(inputs, insurance_atoms, Sight::Suspects, progress),
    }
}

/// Runs a backend through the scenario; returns the books at the end too.
fn replay<B: Backend>(inputs: &Inputs, sight: Sight, progress: &mut Progress) -> Result<(Outcome, Books)> {
    let backend = opening::open::<B>(inputs).context("setting the exchange up")?;
    let replay = play(Replay::begin(inputs, backend, sight)?, progress)?;
    let books = replay.keeping.backend.books().clone();
    Ok((replay.finish()?, books))
}

/// Takes a replay through all samples.
fn play<'a, B: Backend>(mut replay: Replay<'a, B>, progress: &mut Progress) -> Result<Replay<'a, B>> {
    let inputs = replay.inputs;
    for sample in &inputs.samples {
        let row = replay.step(sample)?;
        if sample.time_s.is_multiple_of(B::IDENTITIES_EVERY_S) {
            replay.check_identities(sample.time_s, progress);
        }
        progress.observe(&row);
        replay.series.rows.push(row);
    }
    replay.check_identities(inputs.samples.last().map_or(0, |sample| sample.time_s), progress);
    Ok(replay)
}

struct Replay<'a, B> {
    inputs: &'a Inputs,
    keeping: Keeping<B>,
    watch: Watch,
    entering: Entering,
    ladder: Ladder,
    peaks: Peaks,
    series: Series,
    identities_exact: bool,
    insurance_before_atoms: u64,
    backstop_before_atoms: u64,
    start: Time,
    initial_lots: Vec<i64>,
}

impl<'a, B: Backend> Replay<'a, B> {
    fn begin(inputs: &'a Inputs, mut backend: B, sight: Sight) -> Result<Self> {
        let entering = Entering::prepare(&mut backend, &inputs.entrants).context("the maker for entrants")?;
        let books = backend.books();
        let lots = (0..books.accounts(Role::Trader).len()).map(|trader| books.lots(Who::Trader(trader)));
        let controls = inputs.controls;
        let willing = |(place, consent): (usize, &Consent)| (controls.netting && consent.willing).then_some(place);
        let willing = inputs.consents.iter().enumerate().filter_map(willing).collect();
        Ok(Self {
            inputs,
            watch: Watch::new(sight, controls.derisk),
            entering,
            ladder: Ladder::default(),
            peaks: Peaks::default(),
            series: Series::default(),
            identities_exact: true,
            insurance_before_atoms: books.insurance_with_accrued_atoms(),
            backstop_before_atoms: if inputs.has_backstop() { inputs.backstop_micro_usd } else { 0 },
            start: warmup::next_time(&books.now),
            initial_lots: lots.collect(),
            keeping: Keeping::new(backend, Impact::new(inputs.depth.clone()), controls, willing),
        })
    }

    /// Publishes a sample's price, lets entrants in, and lets the keepers work.
    fn step(&mut self, sample: &Sample) -> Result<Row> {
        let keeping = &mut self.keeping;
        let time_s = sample.time_s;
        let price = keeping.impact.price(sample.price, time_s);
        let (slot, unix) = self.start;
        let time = (slot + time_s * 5 / 2, unix.saturating_add_unsigned(time_s));
        let moment = || format!("{time_s} s into the replay");
        let confidence_ppm = u64::from(sample.conf_ppm);
        if self.inputs.has_macro_index() && time_s.is_multiple_of(macro_feeds::REFRESH_EVERY_S) {
            let prices = macro_feeds::prices(self.inputs, time_s, price, confidence_ppm);
            keeping.backend.refresh_macro(time, &prices).with_context(moment)?;
        }
        keeping.backend.refresh(time, price, confidence_ppm).with_context(moment)?;
        if let Some(market) = switched_off::market(&keeping.controls, &keeping.backend.books().market) {
            keeping.backend.overwrite_market(&market).with_context(moment)?;
        }
        self.entering.let_in(&mut keeping.backend, time_s).with_context(moment)?;
        for trader in self.initial_lots.len()..keeping.backend.books().accounts(Role::Trader).len() {
            self.initial_lots.push(keeping.backend.books().lots(Who::Trader(trader)));
        }

        let seen = self.watch.look(keeping.backend.books_mut()).map_err(refused).with_context(moment)?;
        keeping.attend(seen.due, seen.near, time_s).with_context(moment)?;
        if self.inputs.controls.ladder {
            self.ladder.touch(&mut keeping.backend, &mut keeping.tally).with_context(moment)?;
            let shot = self.ladder.measure(&mut keeping.backend, self.inputs.scale, time_s).with_context(moment)?;
            self.series.ladder.extend(shot);
        }
        self.peaks.observe(keeping.backend.books(), self.inputs.settings.step_s);
        if time_s.is_multiple_of(AUDIT_EVERY_S) {
            keeping.backend.audit().with_context(moment)?;
        }
        let mut accounts_per_tier = [0; 5];
        for tier in TIERS {
            accounts_per_tier[shown(tier) as usize] = seen.open_by_tier[tier as usize];
        }
        self.row(sample, accounts_per_tier)
    }

    fn row(&self, sample: &Sample, accounts_per_tier: [u32; 5]) -> Result<Row> {
        let Keeping { backend, tally, impact, .. } = &self.keeping;
        let books = backend.books();
        let market = &books.market;
        let used = flow::utilisation(&market.flow, books.now.slot, market.params.flow_recovery_slots);
        let allowed = usd(market.depth.capacity_atoms);
        Ok(Row {
            time_s: sample.time_s,
            recorded_usd: usd(sample.price),
            simulated_usd: usd(impact.price(sample.price, sample.time_s)),
            depth_usd: Some(usd(market.depth.depth_atoms)),
            flow_used_usd: used.unsigned_abs() as f64 / (1_u64 << 32) as f64 * allowed,
            flow_allowed_usd: Some(allowed),
            accounts_per_tier,
            insurance_usd: usd(books.insurance_with_accrued_atoms()),
            backstop: backstop_row(books)?,
            took: tally.took(),
        })
    }

    fn check_identities(&mut self, time_s: u64, progress: &mut Progress) {
        if let Some(broken) = self.keeping.backend.books().broken_identity() {
            progress.say(&format!("  identity broken at {time_s} s: {broken}"));
            self.identities_exact = false;
        }
    }

    fn finish(&self) -> Result<Outcome> {
        let Keeping { backend, tally, .. } = &self.keeping;
        backend.audit().context("at the end")?;
        let books = backend.books();
        let insurance_change =
            i128::from(books.insurance_with_accrued_atoms()) - i128::from(self.insurance_before_atoms);
        let (backstop, took) = (backstop_row(books)?, tally.took());
        let summary = Summary {
            engine: NAME.to_owned(),
            extra_fall_bp: self.series.extra_fall_bp(),
            liquidated: took.liquidated_usd,
            derisked: took.derisked_usd,
            netted: took.netted_usd,
            absorbed: took.absorbed_usd,
            unwound: took.unwound_usd,
            deleveraged: took.deleveraged_usd,
            accounts_touched: tally.touched.len() as u64,
            accounts_cascaded: 0,
            bad_debt: usd(tally.shared_atoms() + self.open_deficits_atoms()?),
            backstop_result: backstop.map_or(0.0, |row| row.worth_usd - usd(self.backstop_before_atoms)),
            backstop_holds: backstop.map_or(0.0, |row| row.holds_usd),
            insurance_change: insurance_change as f64 / 1e6,
            identities_exact: self.identities_exact,
            entrants_came: self.entering.came(),
            entrants_opened: self.entering.opened,
            entrants_notional: usd(self.entering.notional_atoms),
            layers: tally.layers(),
            controls: tally.controls(&self.peaks),
        };
        let mut notes = notes::notes(tally, books, &self.initial_lots);
        notes.extend(self.entering.note());
        Ok(Outcome { summary, series: self.series.clone(), touched: tally.touched.clone(), notes })
    }

    /// Deficits of accounts that are not resolved at the last price.
    fn open_deficits_atoms(&self) -> Result<u64> {
        let books = self.keeping.backend.books();
        let backstop = books.backstop.iter().map(|_| Who::Backstop);
        let mut sum = 0;
        for who in (0..self.initial_lots.len()).map(Who::Trader).chain(backstop) {
            sum += u64::try_from(-books.equity(who).map_err(refused)?).unwrap_or(0);
        }
        Ok(sum)
    }
}

/// The backstop now, if there is one.
fn backstop_row(books: &Books) -> Result<Option<BackstopRow>> {
    if books.backstop.is_none() {
        return Ok(None);
    }
    let held = notional_ceil(books.lots(Who::Backstop).unsigned_abs(), books.market.mark).map_err(refused)?;
    Ok(Some(BackstopRow {
        worth_usd: books.equity(Who::Backstop).map_err(refused)? as f64 / 1e6,
        holds_usd: usd(held),
    }))
}

/// All tiers.
const TIERS: [RiskTier; 5] =
    [RiskTier::Healthy, RiskTier::Liquidating, RiskTier::Distressed, RiskTier::Critical, RiskTier::Bankrupt];

/// The tier as rows count it.
fn shown(tier: RiskTier) -> Tier {
    match tier {
        RiskTier::Healthy => Tier::Healthy,
        RiskTier::Liquidating => Tier::Liquidating,
        RiskTier::Distressed => Tier::Distressed,
        RiskTier::Critical => Tier::Critical,
        RiskTier::Bankrupt => Tier::Bankrupt,
    }
}
