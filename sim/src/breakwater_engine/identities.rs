//! Owns the identities of DESIGN section 4 as they are checked on decoded accounts after every sample.
//!
//! Values of legs are those of `leg::evaluate`, each rounded down, so a residue or an open interest that fails here fails
//! exactly too; what is exact to the atom is compared for equality.

use breakwater_risk::{leg, leg::LegValue, units::SideName};

use super::books::Books;

/// The first identity that does not hold, with its figures.
pub fn broken(books: &Books) -> Option<String> {
    let mut sums = Sums::default();
    let (market, now) = (books.state(), books.now());
    for seat in books.seats() {
        sums.capital += i128::from(seat.account.state.capital_atoms);
        for leg in seat.account.state.legs.iter().filter(|leg| leg.is_used()) {
            match leg::evaluate(leg, market, &now) {
                Ok(value) => sums.add(&value),
                Err(error) => return Some(format!("a leg cannot be valued: {error:?}")),
            }
        }
    }
    let exchange = books.stage.exchange_account();
    let wide = i128::from;
    let pools = wide(market.pool_atoms) + wide(market.insurance_accrued_atoms) + wide(market.fees_accrued_atoms);
    let placed = sums.capital + pools + wide(books.insurance_atoms) + wide(exchange.fees_atoms);
    let residue = wide(market.pool_atoms) + wide(market.unfunded_atoms) - (sums.pending + sums.claims - sums.debts);
    let rules = [
        ("vault ≥ booked", wide(books.vault_atoms()), wide(exchange.booked_atoms), Rule::AtLeast),
        ("booked = capital + pool + shares + insurance + fees", wide(exchange.booked_atoms), placed, Rule::Equal),
        ("long = short", wide(market.long.open_lots), wide(market.short.open_lots), Rule::Equal),
        ("residue ≥ 0", residue, 0, Rule::AtLeast),
        ("claims_total ≥ claims", wide(market.claims_total_atoms), sums.claims, Rule::AtLeast),
        ("debts_total = debts", wide(market.debts_total_atoms), sums.debts, Rule::Equal),
        ("open interest ≥ long lots", wide(market.long.open_lots), sums.long_lots, Rule::AtLeast),
        ("open interest ≥ short lots", wide(market.short.open_lots), sums.short_lots, Rule::AtLeast),
    ];
    let broken = rules.into_iter().find(|(_, left, right, rule)| !rule.holds(*left, *right));
    broken.map(|(name, left, right, _)| format!("{name}: {left} against {right}"))
}

enum Rule {
    Equal,
    AtLeast,
}

impl Rule {
    fn holds(&self, left: i128, right: i128) -> bool {
        match self {
            Self::Equal => left == right,
            Self::AtLeast => left >= right,
        }
    }
}

/// Sums over all accounts.
#[derive(Default)]
struct Sums {
    capital: i128,
    pending: i128,
    claims: i128,
    debts: i128,
    long_lots: i128,
    short_lots: i128,
}

impl Sums {
    fn add(&mut self, value: &LegValue) {
        let claims = value.claims;
        self.pending += value.pending;
        self.claims += i128::from(claims.matured) + i128::from(claims.maturing) + i128::from(claims.fresh);
        self.debts += i128::from(value.debt);
        match SideName::of(value.lots) {
            SideName::Long => self.long_lots += i128::from(value.lots),
            SideName::Short => self.short_lots -= i128::from(value.lots),
        }
    }
}
