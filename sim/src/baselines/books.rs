//! Owns the pots of money beside the accounts and the vault, the sums of a run, and the identities between them.
//!
//! The market is a party: makers, arbitrageurs or a pool, who are the other side of whatever accounts and vault hold. What
//! is in a position counts at its entry, so every trade moves lots and worth from one party to another and makes neither.

use super::{position::Position, usd};
use crate::outcome::{Layers, Took};

/// Micro-dollars by place, lots by holder, and sums since the beginning.
#[derive(Debug, Default)]
pub struct Books {
    /// Everything that was ever paid in: collateral, insurance, capital of the backstop.
    pub deposited: i128,
    /// Returned to closed accounts.
    pub returned: i128,
    /// The insurance fund.
    pub insurance: i128,
    /// Insurance at the beginning.
    pub insurance_before: i128,
    /// Charges that keepers received.
    pub keepers: i128,
    /// Lots of the market, negative if short.
    pub market_lots: i128,
    /// What the market received less what it paid.
    pub market_quote: i128,
    /// Charges that insurance received.
    pub charged: i128,
    /// Charges and seized collateral that the vault received.
    pub to_backstop: i128,
    /// Losses of accounts beyond their collateral.
    pub deficits: i128,
    /// Of these: paid by insurance.
    pub insured: i128,
    /// Of these: charged to open lots.
    pub lots_charged: i128,
    /// Of these: the market was not paid.
    pub unfunded: i128,
    /// Notional closed into the market.
    pub liquidated: i128,
    /// Notional taken by the vault.
    pub absorbed: i128,
    /// Notional that the vault sold into the market.
    pub unwound: i128,
    /// Notional closed against the other side.
    pub deleveraged: i128,
}

impl Books {
    /// Books of a market that starts as the other side of nobody.
    pub fn new(insurance: i128) -> Self {
        Self { deposited: insurance, insurance, insurance_before: insurance, ..Self::default() }
    }

    /// The market becomes the other side of a position that is opened.
    pub fn open(&mut self, position: &Position) {
        self.deposited += position.cash;
        self.market_lots -= position.signed_lots();
        self.market_quote -= position.quote();
    }

    /// The market buys lots for their worth; both negative when it sells.
    pub fn market_takes(&mut self, signed_lots: i128, signed_worth: i128) {
        self.market_lots += signed_lots;
        self.market_quote -= signed_worth;
    }

    /// Pays a deficit as far as insurance reaches, and returns what is left of it.
    pub fn insure(&mut self, deficit: i128, most: i128) -> i128 {
        let insured = deficit.min(self.insurance).min(most);
        self.deficits += deficit;
        self.insured += insured;
        self.insurance -= insured;
        deficit - insured
    }

    /// What each layer took.
    pub fn took(&self) -> Took {
        Took {
            liquidated_usd: usd(self.liquidated),
            derisked_usd: 0.0,
            netted_usd: 0.0,
            absorbed_usd: usd(self.absorbed),
            unwound_usd: usd(self.unwound),
            deleveraged_usd: usd(self.deleveraged),
            insured_usd: usd(self.insured),
            shared_usd: usd(self.lots_charged + self.unfunded),
        }
    }

    /// What each layer gave and received.
    pub fn layers(&self) -> Layers {
        Layers {
            to_keepers: usd(self.keepers),
            to_backstop: usd(self.to_backstop),
            to_insurance: usd(self.charged),
            deficits: usd(self.deficits),
            insurance_paid: usd(self.insured),
            reserve_paid: 0.0, // peers have no such thing
            lots_charged: usd(self.lots_charged),
            unfunded: usd(self.unfunded),
            ..Layers::default()
        }
    }

    /// Whether nothing was made or lost. `positions`: all of them, the vault's among them.
    pub fn is_exact<'a>(&self, positions: impl Iterator<Item = &'a Position>) -> bool {
        let (mut worth, mut lots) = (0, 0);
        for position in positions {
            worth += position.cash + position.quote();
            lots += position.signed_lots();
        }
        self.deposited == worth + self.returned + self.insurance + self.keepers + self.market_quote
            && lots + self.market_lots == 0
            && self.deficits == self.insured + self.lots_charged + self.unfunded
            && self.insurance == self.insurance_before + self.charged - self.insured
            && self.insurance >= 0
    }
}
