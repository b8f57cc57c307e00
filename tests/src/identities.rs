//! The identities of DESIGN section 4, read off the accounts as the chain stores them.

use breakwater::{Exchange, InsuranceFund, MarginAccount, Market};
use breakwater_risk::leg;
use breakwater_risk::Now;

/// Everything that money can be in.
pub struct Books<'a> {
    /// The exchange.
    pub exchange: &'a Exchange,
    /// Its insurance fund.
    pub insurance: &'a InsuranceFund,
    /// All its markets, by index.
    pub markets: &'a [Market],
    /// All its margin accounts.
    pub accounts: &'a [MarginAccount],
    /// Balance of the vault.
    pub vault_atoms: u64,
    /// The clock.
    pub now: Now,
}

impl Books<'_> {
    /// Checks every identity; panics with the figures of the one that is broken.
    pub fn check(&self) {
        self.check_cash();
        for market in self.markets {
            self.check_market(market);
        }
    }

    /// vault booked = Σ capital + Σ pools + accrued + insurance + fees; the vault holds at least that.
    fn check_cash(&self) {
        let capital: u64 = self.accounts.iter().map(|account| account.state.capital_atoms).sum();
        let markets: u64 = self
            .markets
            .iter()
            .map(|market| {
                market.state.pool_atoms + market.state.fees_accrued_atoms + market.state.insurance_accrued_atoms
            })
            .sum();
        let booked = capital + markets + self.insurance.balance_atoms + self.exchange.fees_atoms;
        assert_eq!(self.exchange.booked_atoms, booked, "booked = capital + markets + insurance + fees");
        assert!(self.vault_atoms >= booked, "the vault holds {} of {booked} booked", self.vault_atoms);
    }

    fn check_market(&self, market: &Market) {
        let state = &market.state;
        let (mut long, mut short, mut legs) = (0_u64, 0_u64, 0_u32);
        let (mut pending, mut claims, mut debts) = (0_i128, 0_u64, 0_u64);
        for leg in self.accounts.iter().flat_map(|account| &account.state.legs) {
            if !leg.is_used() || leg.market_index != market.index {
                continue;
            }
            let value = leg::evaluate(leg, state, &self.now).expect("a stored leg has a value");
            if value.lots >= 0 {
                long += value.lots.unsigned_abs();
            } else {
                short += value.lots.unsigned_abs();
            }
            legs += 1;
            pending += value.pending;
            claims += value.claims.total().expect("claims fit");
            debts += value.debt;
        }
        let index = market.index;
        assert_eq!(state.long.open_lots, state.short.open_lots, "market {index}: both sides are equal");
        assert!(state.long.open_lots >= long && state.short.open_lots >= short, "market {index}: open lots cover legs");
        assert_eq!(state.leg_count, legs, "market {index}: every leg is counted");
        assert_eq!(state.debts_total_atoms, debts, "market {index}: the sum of debts");
        assert!(state.claims_total_atoms >= claims, "market {index}: claims total");
        let backing = i128::from(state.pool_atoms) + i128::from(state.unfunded_atoms);
        let owed = pending + i128::from(claims) - i128::from(debts);
        assert!(
            backing >= owed,
            "market {index}: residue {} is negative; nobody owns {} long and {} short lots",
            backing - owed,
            state.long.open_lots - long,
            state.short.open_lots - short
        );
    }
}
