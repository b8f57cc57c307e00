//! Owns the words between a rule and the exchange: terms, how an account stands, what a close fetched, who is paid.

use crate::outcome::Tier;

/// Who bears what insurance does not pay of a deficit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossBearer {
    /// The other side in the market.
    Market,
    /// The open lots of all accounts, pro rata.
    OpenLots,
    /// A pool with the capital of the backstop, before insurance; in return it keeps what is left of closed accounts.
    Pool,
}

/// What the exchange must know of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// An account whose equity is below this is due, ppm of notional.
    pub maintenance_ppm: i128,
    /// Most notional over equity of a vault with the capital of the backstop; 0: there is no vault that takes positions.
    pub vault_leverage: i128,
    /// Who bears deficits.
    pub losses: LossBearer,
}

/// An account at the mark, micro-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Worth of the open lots, ≥ 0.
    pub notional: i128,
    /// Cash and unrealised profit.
    pub equity: i128,
    /// Maintenance margin, ≥ 0.
    pub maintenance: i128,
}

impl Standing {
    /// The tier that reports show.
    pub fn tier(&self) -> Tier {
        Tier::of(self.equity, self.maintenance)
    }
}

/// A close in the market, micro-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// What the lots fetched.
    pub worth: i128,
    /// What they were worth at the mark before.
    pub at_mark: i128,
}

/// Who receives a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payee {
    /// The insurance fund.
    Insurance,
    /// Whoever liquidates.
    Keepers,
}
