//! Owns the run of the real program on the inputs of a replay: price in, keepers at work, books checked, sample by sample.
//!
//! Every step of the scenario is a transaction of the program in an in-process bank: a published price, `refresh_market`,
//! then what keepers do (`keeping`). A second is 2.5 slots; the clock is the scenario's. Assumed: keepers look at
//! every account after every price, have ample capital, and sell what they take in the market at once; the backstop has
//! the capital of the settings and none besides.
//!
//! Identities are checked after every sample, previews after every transaction; every ten minutes what the keepers know is
//! compared with the bank.

mod books;
mod checks;
mod keeping;
mod listing;
mod opening;
mod tally;
#[cfg(test)]
mod tests;
mod warmup;

use std::collections::BTreeMap;

use anyhow::{ensure, Context, Result};
use breakwater_risk::{flow, tier::Tier as RiskTier, units::notional_ceil};

use self::{
    books::{Books, Who},
    keeping::Keeping,
    tally::usd,
    warmup::refused,
};
use crate::{
    format::usd as dollars,
    impact::Impact,
    inputs::Inputs,
    outcome::{BackstopRow, Outcome, Row, Series, Summary, Tier},
    path::Sample,
    progress::Progress,
};

/// What reports call it.
pub const NAME: &str = "breakwater";

/// Seconds between two comparisons of the books with the bank.
const AUDIT_EVERY_S: u64 = 600;

/// Runs the program through the scenario. Errors: what the bank refused that nothing should refuse, a preview that was not
/// kept, books that differ from the bank.
pub fn run(inputs: &Inputs, progress: &mut Progress) -> Result<Outcome> {
    let opened = opening::open(inputs).context("setting the exchange up")?;
    let mut replay = Replay::begin(inputs, Books::read(opened));
    for sample in &inputs.samples {
        let row = replay.step(sample)?;
        if let Some(broken) = replay.keeping.books.broken_identity() {
            progress.say(&format!("  identity broken at {} s: {broken}", sample.time_s));
            replay.identities_exact = false;
        }
        progress.observe(&row);
        replay.series.rows.push(row);
    }
    replay.finish()
}

struct Replay {
    keeping: Keeping,
    series: Series,
    identities_exact: bool,
    insurance_before_atoms: u64,
    backstop_before_atoms: u64,
    start: (u64, i64),
    initial_lots: Vec<i64>,
}

impl Replay {
    fn begin(inputs: &Inputs, books: Books) -> Self {
        let lots = (0..books.traders.len()).map(|trader| books.lots(Who::Trader(trader)));
        Self {
            series: Series::default(),
            identities_exact: true,
            insurance_before_atoms: books.insurance_with_accrued_atoms(),
            backstop_before_atoms: inputs.backstop_micro_usd,
            start: warmup::next_time(&books.stage),
            initial_lots: lots.collect(),
            keeping: Keeping::new(books, Impact::new(inputs.depth.clone())),
        }
    }

    /// Publishes a sample's price and lets the keepers work.
    fn step(&mut self, sample: &Sample) -> Result<Row> {
        let keeping = &mut self.keeping;
        let time_s = sample.time_s;
        let price = keeping.impact.price(sample.price, time_s);
        let (slot, unix) = self.start;
        let time = (slot + time_s * 5 / 2, unix.saturating_add_unsigned(time_s));
        keeping.books.refresh(time, price, sample.conf_ppm).with_context(|| format!("{time_s} s into the replay"))?;

        let (mut tiers, mut accounts_per_tier) = (Vec::new(), [0; 5]);
        for trader in 0..keeping.books.traders.len() {
            let tier = keeping.tier(Who::Trader(trader))?;
            let is_open = keeping.books.lots(Who::Trader(trader)) != 0;
            accounts_per_tier[shown(tier) as usize] += u32::from(is_open);
            tiers.push(tier);
        }
        keeping.attend(&tiers, time_s)?;
        ensure!(
            keeping.tally.mismatches == 0,
            "{time_s} s into the replay a transaction did not do what was previewed"
        );
        if time_s.is_multiple_of(AUDIT_EVERY_S) {
            ensure!(keeping.books.agree_with_bank(), "{time_s} s into the replay the books differ from the bank");
        }

        let (market, now, tally) = (keeping.books.state(), keeping.books.now(), &keeping.tally);
        let used = flow::utilisation(&market.flow, now.slot, market.params.flow_recovery_slots);
        let allowed = usd(market.depth.capacity_atoms);
        Ok(Row {
            time_s,
            recorded_usd: usd(sample.price),
            simulated_usd: usd(keeping.impact.price(sample.price, time_s)),
            depth_usd: Some(usd(market.depth.depth_atoms)),
            flow_used_usd: used.unsigned_abs() as f64 / (1_u64 << 32) as f64 * allowed,
            flow_allowed_usd: Some(allowed),
            accounts_per_tier,
            insurance_usd: usd(keeping.books.insurance_with_accrued_atoms()),
            backstop: backstop_row(keeping)?,
            took: tally.took(),
        })
    }

    fn finish(self) -> Result<Outcome> {
        let Keeping { books, tally, .. } = &self.keeping;
        ensure!(books.agree_with_bank(), "at the end the books differ from the bank");
        let insurance_change =
            i128::from(books.insurance_with_accrued_atoms()) - i128::from(self.insurance_before_atoms);
        let (backstop, took) = (backstop_row(&self.keeping)?, tally.took());
        let summary = Summary {
            engine: NAME.to_owned(),
            extra_fall_bp: self.series.extra_fall_bp(),
            liquidated: took.liquidated_usd,
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
            layers: tally.layers(),
        };
        let notes = self.notes();
        Ok(Outcome { summary, series: self.series, touched: self.keeping.tally.touched, notes })
    }

    /// Deficits of accounts that are not resolved at the last price.
    fn open_deficits_atoms(&self) -> Result<u64> {
        let books = &self.keeping.books;
        let backstop = books.backstop.iter().map(|_| Who::Backstop);
        let mut sum = 0;
        for who in (0..books.traders.len()).map(Who::Trader).chain(backstop) {
            sum += u64::try_from(-self.keeping.equity(who)?).unwrap_or(0);
        }
        Ok(sum)
    }

    fn notes(&self) -> Vec<String> {
        let Keeping { books, tally, .. } = &self.keeping;
        let is_reduced = |trader: &usize| {
            let lots = books.lots(Who::Trader(*trader));
            !tally.touched.contains(trader) && lots.unsigned_abs() < self.initial_lots[*trader].unsigned_abs()
        };
        let reduced = (0..books.traders.len()).filter(is_reduced).count();
        let mut notes = vec![
            format!(
                "{} slices, {} absorptions, {} sales of the backstop, {} deleveragings, {} bankruptcies resolved in {} \
                 transactions, each as its preview said",
                tally.slices,
                tally.absorptions,
                tally.unwindings,
                tally.deleveragings,
                tally.bankruptcies,
                tally.transactions
            ),
            format!("accounts that did not fail and were reduced by deleveraging: {reduced}"),
        ];
        let closed = tally.deleveraged_for.iter();
        let closed = closed.map(|(why, (count, atoms))| format!("{count} with {} {why}", dollars(usd(*atoms))));
        let closed: Vec<String> = closed.collect();
        if !closed.is_empty() {
            notes.push(format!("of those closed against the other side: {}", closed.join(", ")));
        }
        if !tally.waits.is_empty() {
            notes.push(format!(
                "times that a failing account was due and nothing could be done: {}; at longest for {} s",
                counted(&tally.waits),
                tally.longest_wait_s
            ));
        }
        if !tally.unsold.is_empty() {
            notes
                .push(format!("times that the backstop held something and could not sell: {}", counted(&tally.unsold)));
        }
        notes
    }
}

/// Reasons with their counts, as a phrase.
fn counted(reasons: &BTreeMap<String, u64>) -> String {
    let phrases: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} for {reason}")).collect();
    phrases.join(", ")
}

/// The backstop now, if there is one.
fn backstop_row(keeping: &Keeping) -> Result<Option<BackstopRow>> {
    let books = &keeping.books;
    if books.backstop.is_none() {
        return Ok(None);
    }
    let held = notional_ceil(books.lots(Who::Backstop).unsigned_abs(), books.state().mark).map_err(refused)?;
    Ok(Some(BackstopRow { worth_usd: keeping.equity(Who::Backstop)? as f64 / 1e6, holds_usd: usd(held) }))
}

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
