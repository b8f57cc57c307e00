//! Owns what entrants of a replay get: each opens the largest position that the rules let him, or is refused.
//!
//! An entrant deposits, and tries ten times his collateral, then nine, down to once, at the mark, against a maker whose
//! capital is ample. He has an account from then on, refused or not, so that his place is the same in every run.

use std::collections::{BTreeMap, VecDeque};

use anyhow::{ensure, Result};
use breakwater_risk::{
    trade::Fill,
    units::{lots_floor, MAX_CAPITAL_ATOMS},
    RiskError, RiskResult,
};

use super::{
    backend::Backend,
    books::{Books, Role, Who},
    tally::usd,
    warmup::refused,
};
use crate::{entrants::Entrant, format::usd as dollars, population::Side, stage::WALLET_ATOMS};

/// Most that an entrant tries, times his collateral.
const LEVERAGE_MAX: u64 = 10;
/// The maker's capital, times the most that all entrants together may open: ample at any price.
const MAKER_CAPITAL: u64 = 4;

/// The entrants of a run.
pub struct Entering {
    coming: VecDeque<Entrant>,
    maker: Option<Who>,
    /// Those who got a position.
    pub opened: u64,
    /// What they opened, atoms, at the marks of those moments.
    pub notional_atoms: u64,
    refused: BTreeMap<String, u64>,
}

impl Entering {
    /// Opens the maker, if anybody is going to come.
    pub fn prepare(backend: &mut impl Backend, entrants: &[Entrant]) -> Result<Self> {
        let most = entrants.iter().map(|entrant| entrant.collateral_micro_usd).fold(0, u64::saturating_add);
        let capital = most.saturating_mul(LEVERAGE_MAX * MAKER_CAPITAL).min(WALLET_ATOMS).min(MAX_CAPITAL_ATOMS);
        let maker = match entrants {
            [] => None,
            _ => Some(backend.open_account(Role::Maker, capital)?),
        };
        Ok(Self {
            coming: entrants.iter().copied().collect(),
            maker,
            opened: 0,
            notional_atoms: 0,
            refused: BTreeMap::new(),
        })
    }

    /// Lets everybody in whose time has come.
    pub fn let_in(&mut self, backend: &mut impl Backend, time_s: u64) -> Result<()> {
        let Some(maker) = self.maker else {
            return Ok(());
        };
        while let Some(entrant) = self.coming.pop_front_if(|entrant| entrant.time_s <= time_s) {
            let who = backend.open_account(Role::Trader, entrant.collateral_micro_usd)?;
            let (buyer, seller) = match entrant.side {
                Side::Long => (who, maker),
                Side::Short => (maker, who),
            };
            match largest_fill(backend.books(), buyer, seller, entrant.collateral_micro_usd).map_err(refused)? {
                Ok(fill) => {
                    let traded = backend.settle_trade(buyer, seller, fill)?;
                    ensure!(traded.is_ok(), "a fill that was previewed is refused: {traded:?}");
                    self.opened += 1;
                    self.notional_atoms += traded.map_or(0, |report| report.notional_atoms);
                }
                Err(reason) => *self.refused.entry(format!("{reason:?}")).or_default() += 1,
            }
        }
        Ok(())
    }

    /// Those who have come.
    pub fn came(&self) -> u64 {
        self.opened + self.refused.values().sum::<u64>()
    }

    /// What became of them, a sentence; none without entrants.
    pub fn note(&self) -> Option<String> {
        self.maker?;
        let refused: Vec<String> = self.refused.iter().map(|(reason, count)| format!("{count} for {reason}")).collect();
        let refused = if refused.is_empty() { "nobody".to_owned() } else { refused.join(", ") };
        let (opened, notional) = (self.opened, dollars(usd(self.notional_atoms)));
        Some(format!("entrants that opened: {opened}, with {notional}; refused: {refused}"))
    }
}

/// The largest fill of whole multiples of the collateral that the rules let through, or why not even the smallest is.
fn largest_fill(books: &Books, buyer: Who, seller: Who, collateral_atoms: u64) -> RiskResult<Result<Fill, RiskError>> {
    let price = books.market.mark;
    let mut reason = RiskError::ZeroSize;
    for leverage in (1..=LEVERAGE_MAX).rev() {
        let lots = lots_floor(collateral_atoms.saturating_mul(leverage), price)?;
        let fill = Fill { lots, price };
        match books.preview_fill(buyer, seller, fill) {
            Ok(_) => return Ok(Ok(fill)),
            Err(refusal) => reason = refusal,
        }
    }
    Ok(Err(reason))
}
