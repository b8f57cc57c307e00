//! Owns the end of a run in which everybody leaves: whether anyone is stuck, and what is left in the vault.
//!
//! The price stands still with a narrow confidence, keepers go on working, and in rounds everybody closes what he has: longs and
//! shorts against each other at the mark, then against the backstop as far as the flow meter lets it sell, then, where a side is
//! exhausted, as a remnant. Who has no position settles, converts what matured, and withdraws. At last the stakers of both pools
//! leave after their cooldown. Assumed: nobody is against leaving, since the question is whether the rules let him.

mod checks;
mod pools;
mod rest;

use anyhow::{bail, Context, Result};

pub use self::rest::{Redeemed, Rest};
use super::{
    books::{Books, Who},
    exit::Exit,
    opening, play,
    watch::Sight,
    Replay,
};
use crate::{
    inputs::Inputs,
    outcome::Outcome,
    path::{Sample, CONF_FLOOR_PPM},
    progress::Progress,
};

/// Rounds after which whoever is still there is stuck.
const ROUNDS: u64 = 200;
/// Seconds of a round: as long as profits need to mature in calm.
const ROUND_S: u64 = 300;
/// Seconds between two prices within a round.
const PRICE_EVERY_S: u64 = 4;

/// Runs a backend through the scenario and lets everybody leave.
pub fn run<B: Exit>(
    inputs: &Inputs,
    insurance_atoms: u64,
    sight: Sight,
    progress: &mut Progress,
) -> Result<(Outcome, Rest)> {
    let (outcome, rest, _) = run_to_rest::<B>(inputs, insurance_atoms, sight, progress)?;
    Ok((outcome, rest))
}

/// The same; returns the books at the end too.
fn run_to_rest<B: Exit>(
    inputs: &Inputs,
    insurance_atoms: u64,
    sight: Sight,
    progress: &mut Progress,
) -> Result<(Outcome, Rest, Books)> {
    let mut backend = opening::open::<B>(inputs).context("setting the exchange up")?;
    backend.stake_insurance(insurance_atoms).context("the stake in the insurance fund")?;
    let mut replay = play(Replay::begin(inputs, backend, sight)?, progress)?;
    let outcome = replay.finish()?;
    let Some(last) = inputs.samples.last() else { bail!("a scenario has prices") };
    let mut leaving =
        Leaving { replay: &mut replay, progress, time_s: last.time_s, price: last.price, rest: Rest::default() };
    leaving.everybody().context("while everybody leaves")?;
    let books = leaving.books().clone();
    Ok((outcome, leaving.rest, books))
}

struct Leaving<'a, 'i, B> {
    replay: &'a mut Replay<'i, B>,
    progress: &'a mut Progress,
    time_s: u64,
    price: u64,
    rest: Rest,
}

impl<B: Exit> Leaving<'_, '_, B> {
    fn everybody(&mut self) -> Result<()> {
        let start_s = self.time_s;
        self.rest.accounts = self.holders().len();
        for _ in 0..ROUNDS {
            self.wait_for_calm()?;
            self.settle()?;
            self.close_against_each_other()?;
            self.close_against_backstop()?;
            self.close_remnants()?;
            self.convert_and_withdraw()?;
            self.check_identities();
            if self.is_empty() {
                break;
            }
        }
        self.rest.seconds = self.time_s - start_s;
        let stuck = checks::stuck(self.books());
        self.rest.failures.extend(stuck);
        self.leave_pools()?;
        self.replay.keeping.backend.audit().context("at rest")?;
        self.check_rest()
    }

    fn books(&self) -> &Books {
        self.replay.keeping.backend.books()
    }

    fn backend(&mut self) -> &mut B {
        &mut self.replay.keeping.backend
    }

    fn holders(&self) -> Vec<Who> {
        checks::holders(self.books())
    }

    fn engaged(&self) -> Vec<Who> {
        checks::engaged(self.books())
    }

    fn wait_for_calm(&mut self) -> Result<()> {
        for _ in 0..ROUND_S / PRICE_EVERY_S {
            self.price_after(PRICE_EVERY_S)?;
        }
        Ok(())
    }

    /// The same price with a narrow confidence, some seconds later; keepers do what they can.
    fn price_after(&mut self, seconds: u64) -> Result<()> {
        self.time_s += seconds;
        let sample = Sample { time_s: self.time_s, price: self.price, conf_ppm: CONF_FLOOR_PPM as u32 };
        self.replay.step(&sample)?;
        Ok(())
    }

    fn settle(&mut self) -> Result<()> {
        for who in self.engaged() {
            if let Err(reason) = self.backend().settle_account(who)? {
                self.fail(format!("{who:?} cannot settle: {reason:?}"));
            }
        }
        Ok(())
    }

    /// The largest long sells to the largest short until a side has none left, or the pair is refused: then somebody fails first.
    fn close_against_each_other(&mut self) -> Result<()> {
        loop {
            let positions: Vec<(i64, Who)> =
                self.holders().into_iter().map(|who| (self.books().lots(who), who)).collect();
            let longest = positions.iter().max_by_key(|(lots, _)| *lots).filter(|(lots, _)| *lots > 0);
            let shortest = positions.iter().min_by_key(|(lots, _)| *lots).filter(|(lots, _)| *lots < 0);
            let (Some((long, seller)), Some((short, buyer))) = (longest, shortest) else {
                return Ok(());
            };
            let (lots, buyer, seller) = (long.unsigned_abs().min(short.unsigned_abs()), *buyer, *seller);
            if opening::trade_at_mark(self.backend(), buyer, seller, lots)?.is_err() {
                return Ok(());
            }
            self.rest.fills += 1;
        }
    }

    /// Who stands against the backstop buys from it what the auction sells.
    fn close_against_backstop(&mut self) -> Result<()> {
        if self.books().backstop.is_none() {
            return Ok(());
        }
        let held = self.books().lots(Who::Backstop);
        for who in self.holders() {
            let lots = self.books().lots(who);
            if lots.signum() * held.signum() >= 0 {
                continue;
            }
            // It sells no dust: who would leave it a lot that rounding left to nobody on the other side buys that one too.
            let own_lots = lots.unsigned_abs();
            if self.backend().unwind(who, own_lots)?.is_ok() || self.backend().unwind(who, u64::MAX)?.is_ok() {
                self.rest.purchases += 1;
            }
        }
        Ok(())
    }

    /// Who has nobody against him is closed at the mark.
    fn close_remnants(&mut self) -> Result<()> {
        let market = &self.books().market;
        if market.long.legs_current + market.long.legs_behind > 0
            && market.short.legs_current + market.short.legs_behind > 0
        {
            return Ok(());
        }
        for who in self.engaged() {
            if self.books().lots(who) != 0 && self.backend().deleverage(who)?.is_ok() {
                self.rest.remnants += 1;
            }
        }
        Ok(())
    }

    /// Sweeps, so that insurance repays what is unfunded; converts; and withdraws what is free of those without a position.
    fn convert_and_withdraw(&mut self) -> Result<()> {
        let _nothing_to_sweep = self.backend().sweep()?;
        for who in self.engaged() {
            let _not_matured = self.backend().convert_profit(who)?;
        }
        for who in self.holders() {
            let atoms = self.books().account(who).capital_atoms;
            if atoms == 0 || self.books().lots(who) != 0 {
                continue;
            }
            match self.backend().withdraw(who, atoms)? {
                Ok(()) if matches!(who, Who::Trader(_)) => self.rest.traders_withdrew_atoms += atoms,
                // Who withdrew nothing owes something that settles first; if he still does at the end, he is stuck.
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.engaged().is_empty() && self.holders().iter().all(|who| self.books().account(*who).capital_atoms == 0)
    }

    fn check_identities(&mut self) {
        let (time_s, progress) = (self.time_s, &mut *self.progress);
        self.replay.check_identities(time_s, progress);
        if let Some(broken) = self.books().broken_identity() {
            self.fail(format!("an identity is broken: {broken}"));
        }
    }

    fn check_rest(&mut self) -> Result<()> {
        let unrest = checks::unrest(self.books(), self.replay.open_deficits_atoms()?);
        self.rest.failures.extend(unrest);
        (self.rest.unfunded_atoms, self.rest.vault_atoms) =
            (self.books().market.unfunded_atoms, self.books().cash.vault_atoms);
        Ok(())
    }

    fn fail(&mut self, sentence: String) {
        self.rest.failures.push(sentence);
    }
}

#[cfg(test)]
mod tests;
