//! Owns the order in which keepers help failing accounts; [`acts`] owns the single acts.
//!
//! In a sample, first the bankrupt are resolved; then slices are taken, the best paid first, until the flow, the pace or the
//! targets end it; then the backstop takes who is below its line, or beyond the help of slices; then who is critical still
//! is deleveraged; then parts of accounts at risk are closed. At last the backstop sells what it may. Keepers are many and
//! fast: whatever may be done is done in the sample in which it becomes possible. What keepers take over they sell or buy in
//! the market at once, so it moves the price; what a willing account takes, what the backstop takes and what is deleveraged
//! moves nothing, what the backstop sells does when it is sold.

mod acts;
mod derisking;
mod netting;

use anyhow::Result;
use breakwater_risk::{tier::Tier as RiskTier, RiskError};

use self::netting::Willing;
use super::{backend::Backend, books::Who, tally::Tally, warmup::refused};
use crate::{impact::Impact, inputs::Controls};

/// Slices of one account in one sample, at most; below the backstop line nothing paces them.
const SLICES_PER_SAMPLE: u32 = 16;

/// The keepers at work.
pub struct Keeping<B> {
    /// What they act on.
    pub backend: B,
    /// What was done.
    pub tally: Tally,
    /// What it did to the price.
    pub impact: Impact,
    /// Layers that are on.
    pub controls: Controls,
    willing: Willing,
    next_keeper: usize,
}

impl<B: Backend> Keeping<B> {
    /// Keepers who have done nothing yet, and may use the accounts of these `willing` traders.
    pub fn new(backend: B, impact: Impact, controls: Controls, willing: Vec<usize>) -> Self {
        Self { backend, tally: Tally::default(), impact, controls, willing: Willing::new(willing), next_keeper: 0 }
    }

    /// Does what can be done for the traders that fail or are flagged, and for those that are `near` it.
    pub fn attend(&mut self, mut due: Vec<usize>, near: Vec<usize>, time_s: u64) -> Result<()> {
        for trader in due.clone() {
            self.resolve_if_bankrupt(Who::Trader(trader))?;
            self.settle_if_due(trader)?;
        }
        due.sort_by_cached_key(|trader| (std::cmp::Reverse(self.slice_reward(*trader)), *trader));
        let mut left = Vec::new();
        for trader in due {
            let slices = self.tally.slices;
            if let Some(reason) = self.slice_while_possible(trader, time_s)? {
                left.push((trader, reason, self.tally.slices > slices));
            }
        }
        for (trader, reason, is_sliced) in left {
            self.help_beyond_slices(trader, reason, is_sliced, time_s)?;
        }
        for trader in near {
            self.derisk_if_at_risk(trader, time_s)?;
        }
        self.tend_backstop(time_s)?;
        self.tally.end_waits(time_s);
        Ok(())
    }

    /// Takes slices of an account; returns why it ended if the account is failing still.
    fn slice_while_possible(&mut self, trader: usize, time_s: u64) -> Result<Option<RiskError>> {
        for _ in 0..SLICES_PER_SAMPLE {
            match self.slice(trader, time_s)? {
                None => {}
                Some(RiskError::Healthy | RiskError::NoSuchLeg) => {
                    self.flag_if_due(trader)?;
                    return Ok(None);
                }
                reason => return Ok(reason),
            }
        }
        Ok(Some(RiskError::NotDue))
    }

    /// Has the backstop take an account that slices did not help, or has it deleveraged; `reason` ended the slices.
    fn help_beyond_slices(&mut self, trader: usize, reason: RiskError, is_sliced: bool, time_s: u64) -> Result<()> {
        let refusal = self.absorb_if_possible(trader)?;
        // A leg for which the backstop has not room enough it takes in part; the rest may have to be deleveraged.
        let is_deleveraged = self.deleverage_if_possible(Who::Trader(trader), || stood_aside(refusal))?;
        if refusal.is_some() && !is_deleveraged {
            let books = self.backend.books();
            let is_due = books.account(Who::Trader(trader)).slice_due_slot <= books.now.slot;
            if is_due && !is_sliced {
                self.tally.wait(trader, waited_for(reason), time_s);
            }
            self.flag_if_due(trader)?;
        }
        Ok(())
    }

    /// Lets the backstop sell, or sees it out as anybody else where it fails itself.
    fn tend_backstop(&mut self, time_s: u64) -> Result<()> {
        if self.backend.books().backstop.is_none() {
            return Ok(());
        }
        if self.backend.books().tier(Who::Backstop).map_err(refused)? != RiskTier::Healthy {
            self.resolve_if_bankrupt(Who::Backstop)?;
            self.deleverage_if_possible(Who::Backstop, || "is the backstop".to_owned())?;
        }
        self.unwind_if_worthwhile(time_s)
    }
}

/// Why an account had to be deleveraged: what the backstop said.
fn stood_aside(refusal: Option<RiskError>) -> String {
    match refusal {
        None | Some(RiskError::BackstopFull) => "found the backstop full".to_owned(),
        Some(RiskError::NoBackstop) => "had no backstop".to_owned(),
        Some(RiskError::BackstopStandsAside) => "found the backstop standing aside".to_owned(),
        Some(RiskError::NegativeEquity) => "had nothing left to pay the backstop with".to_owned(),
        Some(other) => format!("met {other:?}"),
    }
}

/// What a failing account or the backstop waits for when the program refuses a slice and everything beyond, or a sale.
fn waited_for(reason: RiskError) -> String {
    match reason {
        RiskError::FlowExhausted => "the flow meter".to_owned(),
        RiskError::SliceUseless => "a lower line, no slice helping it".to_owned(),
        RiskError::HealthWorsened => "the favour of its last price to end, its equity being negative".to_owned(),
        RiskError::NotCalm => "calm".to_owned(),
        RiskError::ConfidenceTooWide => "a narrower confidence".to_owned(),
        other => format!("{other:?}"),
    }
}
