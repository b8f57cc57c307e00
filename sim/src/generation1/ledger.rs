//! Owns the baseline's books: where every micro-dollar went. Assumes that a position is settled once, in full.

use super::usd;
use crate::outcome::Layers;

/// Micro-dollars by place; what came in is always somewhere.
pub struct Ledger {
    /// Everything that was ever deposited: collateral and insurance.
    deposited: i128,
    /// Collateral of the accounts that are still open.
    collateral: i128,
    /// Returned to closed accounts.
    returned: i128,
    /// Net receipts of the pool that is every trader's counterparty.
    pool: i128,
    /// Profits minus losses of all closed positions.
    profits: i128,
    /// The insurance fund.
    pub insurance: i128,
    /// Losses that nobody paid.
    pub bad_debt: i128,
    /// Fees that insurance received.
    charged: i128,
    /// Losses that insurance paid.
    pub insured: i128,
}

impl Ledger {
    /// Books at the beginning.
    pub fn new(collateral: i128, insurance: i128) -> Self {
        let deposited = collateral + insurance;
        let (returned, pool, profits, bad_debt, charged, insured) = (0, 0, 0, 0, 0, 0);
        Self { deposited, collateral, returned, pool, profits, insurance, bad_debt, charged, insured }
    }

    /// Settles a closed account; `fee` is charged only as far as equity reaches.
    pub fn settle(&mut self, collateral: i128, profit: i128, fee: i128) {
        let equity = collateral + profit;
        let owed = (-equity).max(0);
        let insured = owed.min(self.insurance);
        let charged = fee.min(equity.max(0));
        self.collateral -= collateral;
        self.profits += profit;
        self.pool -= profit + owed - insured;
        self.insurance += charged - insured;
        self.returned += equity.max(0) - charged;
        self.bad_debt += owed - insured;
        self.charged += charged;
        self.insured += insured;
    }

    /// What each layer took and gave: there are only insurance and the pool.
    pub fn layers(&self) -> Layers {
        Layers {
            to_insurance: usd(self.charged),
            deficits: usd(self.insured + self.bad_debt),
            insurance_paid: usd(self.insured),
            unfunded: usd(self.bad_debt),
            ..Layers::default()
        }
    }

    /// Whether nothing was made or lost: deposits are all there, and the pool misses exactly the bad debt.
    pub fn is_exact(&self) -> bool {
        self.deposited == self.collateral + self.returned + self.pool + self.insurance
            && self.pool == -self.profits - self.bad_debt
            && self.insurance >= 0
    }
}
