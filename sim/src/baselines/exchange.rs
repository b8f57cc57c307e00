//! Owns the exchange that every baseline runs on: accounts, market, insurance, vault, and what rules may do with them.
//!
//! Assumed: a close in the market is filled half-way between the price before and after its own impact, and the mark
//! follows at once; a charge reaches no further than equity unless it is said to.

use std::collections::BTreeSet;

use super::{
    books::Books,
    deleverage::Queue,
    part_ceil,
    position::{maintenance, Calm, Position},
    terms::{Fill, LossBearer, Payee, Standing, Terms},
    usd,
    vault::Vault,
};
use crate::{
    depth::TrueDepth, impact::Impact, inputs::Inputs, lots::LotScale, outcome::Tier, path::Sample, population::Account,
};

/// Most that an account opens in mid-run, times its collateral.
pub const LEVERAGE_MAX: u64 = 10;
/// Initial margin of accounts that open in mid-run, ppm of notional.
const INITIAL_PPM: i128 = 1_000_000 / LEVERAGE_MAX as i128;

/// The exchange in mid-run.
pub struct Exchange {
    pub(super) positions: Vec<Position>,
    pub(super) books: Books,
    pub(super) queue: Queue,
    /// Places of the failed accounts of which at least one lot was closed by force.
    pub(super) touched: BTreeSet<usize>,
    /// Places of the accounts that were reduced for others.
    pub(super) deleveraged: BTreeSet<usize>,
    pub(super) terms: Terms,
    pub(super) scale: LotScale,
    pub(super) calm: Vec<Calm>,
    pub(super) open: u32,
    pub(super) vault: Option<Vault>,
    pub(super) impact: Impact,
    depth: TrueDepth,
    pub(super) now: Sample,
    pub(super) price: u64,
    pub(super) has_moved: bool,
}

impl Exchange {
    /// The exchange before the first sample, with all accounts open at the entry price.
    pub fn new(terms: Terms, inputs: &Inputs) -> Self {
        let capital = i128::from(inputs.backstop_micro_usd);
        let has_vault = capital > 0 && (terms.vault_leverage > 0 || terms.losses == LossBearer::Pool);
        let mut books = Books::new(i128::from(inputs.insurance_micro_usd));
        books.deposited += if has_vault { capital } else { 0 };
        let mut exchange = Self {
            positions: Vec::new(),
            books,
            queue: Queue::default(),
            touched: BTreeSet::new(),
            deleveraged: BTreeSet::new(),
            terms,
            scale: inputs.scale,
            calm: Vec::new(),
            open: 0,
            vault: has_vault.then(|| Vault::new(capital, terms.vault_leverage)),
            impact: Impact::new(inputs.depth.clone()),
            depth: inputs.depth.clone(),
            now: Sample { time_s: 0, price: inputs.entry_price(), conf_ppm: 0 },
            price: inputs.entry_price(),
            has_moved: true,
        };
        for account in &inputs.accounts {
            exchange.open(account);
        }
        exchange
    }

    /// Lets an account enter at the mark of this moment, if it has the initial margin; returns whether it did. It is given
    /// the next place either way, so that places mean the same in every run.
    pub fn admit(&mut self, account: &Account) -> bool {
        let margin = part_ceil(self.worth(account.lots), INITIAL_PPM);
        let is_admitted = i128::from(account.collateral_micro_usd) >= margin;
        if is_admitted {
            self.open(account);
        } else {
            self.positions.push(Position::flat(0));
            self.calm.push(Calm::ALWAYS);
        }
        is_admitted
    }

    fn open(&mut self, account: &Account) {
        let position = Position {
            side: account.side,
            lots: account.lots,
            entry_worth: self.worth(account.lots),
            cash: i128::from(account.collateral_micro_usd),
        };
        self.has_moved = true;
        self.books.open(&position);
        self.calm.push(Calm::of(&position, self.scale, self.terms.maintenance_ppm));
        self.positions.push(position);
        self.open += u32::from(account.lots > 0);
    }

    /// Moves to a sample; returns who is below maintenance at its price, ascending, and how many accounts are in each tier.
    pub fn begin(&mut self, sample: &Sample) -> (Vec<usize>, [u32; 5]) {
        self.now = *sample;
        self.price = self.impact.price(sample.price, sample.time_s);
        let mut per_tier = [0; 5];
        let mut due = Vec::new();
        for (place, calm) in self.calm.iter().enumerate() {
            if calm.ends_at(self.price) {
                let tier = self.standing(place).tier();
                if tier != Tier::Healthy {
                    per_tier[tier as usize] += 1;
                    due.push(place);
                }
            }
        }
        per_tier[Tier::Healthy as usize] = self.open - due.len() as u32;
        (due, per_tier)
    }

    /// Ends the sample: the vault sells what it may.
    pub fn end(&mut self) {
        let (time_s, price) = (self.now.time_s, self.price);
        let depth_usd = self.depth.at(time_s);
        let Some(vault) = &mut self.vault else {
            return;
        };
        let (side, held) = (vault.position.side, self.scale.worth(vault.position.lots, i128::from(price)));
        let lots = vault.lots_to_sell(time_s, usd(held), depth_usd);
        if lots > 0 {
            let worth = self.trade(side.sign(), lots).worth;
            self.books.unwound += worth;
            if let Some(vault) = &mut self.vault {
                vault.position.reduce(lots, worth);
            }
        }
    }

    /// Seconds since the beginning of the scenario.
    pub fn time_s(&self) -> u64 {
        self.now.time_s
    }

    /// Worth of lots at the mark, micro-dollars.
    pub fn worth(&self, lots: u64) -> i128 {
        self.scale.worth(lots, i128::from(self.price))
    }

    /// Lots that an amount, micro-dollars, buys at the mark.
    pub fn lots_of_worth(&self, micro_usd: u64) -> u64 {
        self.scale.lots(micro_usd, self.price)
    }

    /// Cash and lots of the account at a place.
    pub fn position(&self, place: usize) -> Position {
        self.positions[place]
    }

    /// The account at the mark of this moment, which closes since the sample have moved.
    pub fn standing(&self, place: usize) -> Standing {
        let position = &self.positions[place];
        let notional = self.worth(position.lots);
        Standing {
            notional,
            equity: position.equity(notional),
            maintenance: maintenance(notional, self.terms.maintenance_ppm),
        }
    }

    /// The same to be changed; whoever changes an account or the vault goes through here, or ends in [`Self::settle`].
    pub(super) fn position_mut(&mut self, place: usize) -> &mut Position {
        self.has_moved = true;
        &mut self.positions[place]
    }

    /// Whether lots or money have moved since the last time that this was asked.
    pub fn take_moved(&mut self) -> bool {
        std::mem::take(&mut self.has_moved)
    }

    /// Lots that longs hold beyond those of shorts, over all accounts.
    pub fn skew_lots(&self) -> i128 {
        let vault = self.vault.iter().map(|vault| vault.position.signed_lots());
        -self.books.market_lots - vault.sum::<i128>()
    }

    /// The insurance fund, micro-dollars.
    pub fn insurance(&self) -> i128 {
        self.books.insurance
    }

    /// What a close in the market would be.
    pub fn preview(&self, place: usize, lots: u64) -> Fill {
        let at_mark = self.worth(lots);
        let signed = -self.positions[place].side.sign() as f64 * usd(at_mark);
        let after = self.impact.price_after(self.now.price, self.now.time_s, signed);
        Fill { worth: self.scale.worth(lots, i128::from(self.price.midpoint(after))), at_mark }
    }

    /// Closes lots of a failing account in the market; what it pays and the settling are up to the rule.
    pub fn close(&mut self, place: usize, lots: u64) -> Fill {
        self.touched.insert(place);
        let fill = self.trade(self.positions[place].side.sign(), lots);
        self.position_mut(place).reduce(lots, fill.worth);
        self.books.liquidated += fill.worth;
        fill
    }

    /// Lets the market take lots from a holder of this sign, and moves the price.
    fn trade(&mut self, sign: i128, lots: u64) -> Fill {
        self.has_moved = true;
        let (before, at_mark) = (self.price, self.worth(lots));
        self.impact.record(self.now.time_s, -sign as f64 * usd(at_mark));
        self.price = self.impact.price(self.now.price, self.now.time_s);
        let worth = self.scale.worth(lots, i128::from(before.midpoint(self.price)));
        self.books.market_takes(sign * i128::from(lots), sign * worth);
        Fill { worth, at_mark }
    }

    /// Charges an account as far as its equity at the mark reaches; returns what was charged.
    pub fn charge(&mut self, place: usize, amount: i128, payee: Payee) -> i128 {
        let charged = amount.min(self.standing(place).equity).max(0);
        self.charge_in_full(place, charged, payee);
        charged
    }

    /// Charges an account whatever its equity.
    pub fn charge_in_full(&mut self, place: usize, amount: i128, payee: Payee) {
        self.position_mut(place).cash -= amount;
        match payee {
            Payee::Insurance => {
                self.books.insurance += amount;
                self.books.charged += amount;
            }
            Payee::Keepers => self.books.keepers += amount,
        }
    }

    /// Lets insurance, which must have it, pay a loss into an account.
    pub fn insure(&mut self, place: usize, loss: i128) {
        let insured = loss - self.books.insure(loss, loss);
        self.position_mut(place).cash += insured;
    }

    /// Hands an account with all it has to the vault, at the mark; returns false if the vault cannot carry it.
    pub fn hand_to_vault(&mut self, place: usize) -> bool {
        let (failing, scale, price) = (self.positions[place], self.scale, i128::from(self.price));
        let Some(vault) = &mut self.vault else {
            return false;
        };
        if !vault.has_room(&failing, |lots| scale.worth(lots, price)) {
            return false;
        }
        let worth = scale.worth(failing.lots, price);
        let left = failing.equity(worth);
        vault.take(failing.side, failing.lots, worth, self.now.time_s);
        vault.position.cash += left;
        *self.position_mut(place) = Position::flat(0);
        self.books.to_backstop += left.max(0);
        self.books.absorbed += worth;
        self.touched.insert(place);
        self.settle(place);
        true
    }
}
