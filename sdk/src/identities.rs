//! Owns the identities of DESIGN section 4, checked on the states of all accounts: after every transaction of the
//! integration tests, and throughout a replay.
//!
//! Values of legs are those of `leg::evaluate`, each rounded down, so what fails here fails exactly too; what is exact to
//! the atom is compared for equality.

use breakwater_risk::state::{Ladder, OpenSums};
use breakwater_risk::units::{SideName, LADDER_BUCKETS};
use breakwater_risk::{leg, open_profit, AccountState, MarketState, Now};

/// Everything of an exchange that money can be in.
pub struct Ledger<'a> {
    /// Cash booked in all, atoms.
    pub booked_atoms: u64,
    /// Swept trading fees, atoms.
    pub fees_atoms: u64,
    /// Balance of its insurance fund, atoms.
    pub insurance_atoms: u64,
    /// All its markets, with their indices.
    pub markets: &'a [(u16, &'a MarketState)],
    /// All its margin accounts.
    pub accounts: &'a [&'a AccountState],
    /// Balance of the vault, atoms.
    pub vault_atoms: u64,
    /// The clock.
    pub now: Now,
}

impl Ledger<'_> {
    /// The first identity that does not hold, with its figures.
    pub fn broken(&self) -> Option<String> {
        self.broken_cash()
            .or_else(|| self.markets.iter().find_map(|(index, market)| self.broken_market(*index, market)))
    }

    /// booked = Σ capital + Σ pools + Σ reserves + accrued + insurance + fees; the vault holds at least that.
    fn broken_cash(&self) -> Option<String> {
        let capital: i128 = self.accounts.iter().map(|account| i128::from(account.capital_atoms)).sum();
        let markets: i128 = self
            .markets
            .iter()
            .flat_map(|(_, state)| {
                [state.pool_atoms, state.reserve_atoms, state.fees_accrued_atoms, state.insurance_accrued_atoms]
            })
            .map(i128::from)
            .sum();
        let booked = i128::from(self.booked_atoms);
        let placed = capital + markets + i128::from(self.insurance_atoms) + i128::from(self.fees_atoms);
        first_broken(&[
            ("booked = capital + pools + reserves + shares + insurance + fees", booked, Is::Equal, placed),
            ("vault ≥ booked", i128::from(self.vault_atoms), Is::AtLeast, booked),
        ])
    }

    fn broken_market(&self, index: u16, state: &MarketState) -> Option<String> {
        let wide = |figure: u64| i128::from(figure);
        let mut sums = Sums::default();
        for leg in self.accounts.iter().flat_map(|account| &account.legs) {
            if leg.is_used() && leg.market_index == index {
                if let Err(error) = sums.add(leg, state, &self.now) {
                    return Some(format!("market {index}: a leg has no value: {error:?}"));
                }
            }
        }
        let backing = wide(state.pool_atoms) + wide(state.unfunded_atoms);
        let owed = sums.pending + sums.claims - sums.debts;
        let broken = first_broken(&[
            ("long = short", wide(state.long.open_lots), Is::Equal, wide(state.short.open_lots)),
            ("open interest ≥ long lots", wide(state.long.open_lots), Is::AtLeast, sums.long_lots),
            ("open interest ≥ short lots", wide(state.short.open_lots), Is::AtLeast, sums.short_lots),
            ("every leg is counted", i128::from(state.leg_count), Is::Equal, sums.legs),
            ("debts_total = debts", wide(state.debts_total_atoms), Is::Equal, sums.debts),
            ("claims_total ≥ claims", wide(state.claims_total_atoms), Is::AtLeast, sums.claims),
            ("pool + unfunded ≥ pending + claims − debts", backing, Is::AtLeast, owed),
        ]);
        let broken = broken.or_else(|| sums.ladder.broken(&state.ladder)).or_else(|| sums.open.broken(state));
        let broken = broken.or_else(|| broken_residue(state, sums.legs));
        broken.map(|what| format!("market {index}: {what}"))
    }
}

/// How the two sides of an identity compare.
#[derive(Clone, Copy)]
enum Is {
    Equal,
    AtLeast,
}

fn first_broken(rules: &[(&str, i128, Is, i128)]) -> Option<String> {
    let broken = rules.iter().find(|(_, left, is, right)| match is {
        Is::Equal => left != right,
        Is::AtLeast => left < right,
    });
    broken.map(|(name, left, _, right)| format!("{name}: {left} against {right}"))
}

/// Sums over the legs in one market.
#[derive(Default)]
struct Sums {
    legs: i128,
    pending: i128,
    claims: i128,
    debts: i128,
    long_lots: i128,
    short_lots: i128,
    ladder: LadderSums,
    open: OpenProfits,
}

impl Sums {
    fn add(&mut self, leg: &breakwater_risk::Leg, market: &MarketState, now: &Now) -> breakwater_risk::RiskResult<()> {
        let value = leg::evaluate(leg, market, now)?;
        self.legs += 1;
        self.pending += value.pending;
        self.claims += i128::from(value.claims.total()?);
        self.debts += i128::from(value.debt);
        self.ladder.add(leg);
        self.open.add(leg, market)?;
        match SideName::of(value.lots) {
            SideName::Long => self.long_lots += i128::from(value.lots),
            SideName::Short => self.short_lots -= i128::from(value.lots),
        }
        Ok(())
    }
}

/// J-4 by the market's own figures: at least nothing, up to what the sums round and one lot of each side without an owner (T-8).
fn broken_residue(state: &MarketState, legs: i128) -> Option<String> {
    match open_profit::residue(state) {
        Ok(residue) => {
            let rounding = legs + 2 * i128::from(state.mark.div_ceil(1_000_000));
            first_broken(&[("residue ≥ 0, but for rounding", residue, Is::AtLeast, -rounding)])
        }
        Err(error) => Some(format!("the residue has no value: {error:?}")),
    }
}

/// Weight and basis that the legs with lots of one market add up to, long and short.
#[derive(Default)]
struct OpenProfits {
    open: [(i128, i128); 2],
    behind: [(i128, i128); 2],
}

impl OpenProfits {
    fn add(&mut self, leg: &breakwater_risk::Leg, market: &MarketState) -> breakwater_risk::RiskResult<()> {
        if leg.lots == 0 {
            return Ok(());
        }
        let (name, (weight, basis)) = (SideName::of(leg.lots), open_profit::part_of(leg)?);
        let sums = match market.side(name).generation == leg.generation {
            true => &mut self.open,
            false => &mut self.behind,
        };
        let sum = match name {
            SideName::Long => &mut sums[0],
            SideName::Short => &mut sums[1],
        };
        *sum = (sum.0 + weight, sum.1 + basis);
        Ok(())
    }

    /// L-8: each side keeps exactly what its legs add up to.
    fn broken(&self, state: &MarketState) -> Option<String> {
        let of = |sums: &OpenSums| (sums.weight.get(), sums.basis.get());
        let sides = [
            ("open long", of(&state.long.open), self.open[0]),
            ("open short", of(&state.short.open), self.open[1]),
            ("long behind", of(&state.long.behind), self.behind[0]),
            ("short behind", of(&state.short.behind), self.behind[1]),
        ];
        let (name, stored, legs) = sides.into_iter().find(|(_, stored, legs)| stored != legs)?;
        Some(format!("profit sums of {name} = legs: {stored:?} against {legs:?}"))
    }
}

/// What the legs in one market stand with in its ladder, atoms; their side is that of the stored lots.
struct LadderSums {
    long: [u64; LADDER_BUCKETS],
    short: [u64; LADDER_BUCKETS],
    without_lots: u64,
}

impl Default for LadderSums {
    fn default() -> Self {
        Self { long: [0; LADDER_BUCKETS], short: [0; LADDER_BUCKETS], without_lots: 0 }
    }
}

impl LadderSums {
    fn add(&mut self, leg: &breakwater_risk::Leg) {
        let sums = match SideName::of(leg.lots) {
            SideName::Long => &mut self.long,
            SideName::Short => &mut self.short,
        };
        sums[usize::from(leg.ladder_bucket) % LADDER_BUCKETS] += leg.ladder_atoms;
        if leg.lots == 0 {
            self.without_lots += leg.ladder_atoms;
        }
    }

    /// J-6: every bucket holds what its legs stand with; a leg without lots stands nowhere.
    fn broken(&self, ladder: &Ladder) -> Option<String> {
        if self.without_lots > 0 {
            return Some(format!("legs without lots stand in the ladder with {} atoms", self.without_lots));
        }
        let sides = [("long", &self.long, &ladder.long_atoms), ("short", &self.short, &ladder.short_atoms)];
        sides.into_iter().find_map(|(name, legs, stored)| {
            let place = (0..LADDER_BUCKETS).find(|place| legs[*place] != stored[*place])?;
            Some(format!("{name} ladder = legs in bucket {place}: {} against {}", stored[place], legs[place]))
        })
    }
}
