//! The reference model of DESIGN section 4 in exact numbers: no index, no generation, no pro-rata by telescoping.
//! Every operation on a side or on the claims of a market loops over all legs.
//!
//! It takes over from the engine only what the rules leave to rounding: how many whole lots a touched leg keeps, and
//! fees and charges in whole atoms. It never calls the engine's ledger.

use crate::number::{atoms, least, positive, share, whole, zero, Exact};
use breakwater_risk::units::SideName;

/// A leg.
#[derive(Clone, Debug)]
pub struct ExactLeg {
    /// Signed lots with their fraction.
    pub lots: Exact,
    /// Side of the lots at the last touch: deleveraging may have closed them all since.
    pub side: SideName,
    /// PnL since the last touch.
    pub pending: Exact,
    /// Claims: fresh, maturing, matured.
    pub claims: [Exact; 3],
    /// Debt.
    pub debt: Exact,
    /// Side on which the debt was made.
    pub debt_side: SideName,
    /// What the engine may round since the last touch, atoms.
    pub allowance: f64,
    /// Lots that its size index may have missed since the last touch: one unit of it per deleveraging.
    pub lot_allowance: f64,
}

/// Roundings of a touch, atoms: PnL over at most two generations, three claims, a share of capital.
const TOUCH_ALLOWANCE: f64 = 6.0;

impl ExactLeg {
    fn new() -> Self {
        let claims = [zero(), zero(), zero()];
        Self {
            lots: zero(),
            side: SideName::Long,
            pending: zero(),
            claims,
            debt: zero(),
            debt_side: SideName::Long,
            allowance: TOUCH_ALLOWANCE,
            lot_allowance: 0.0,
        }
    }

    /// Sum of the claims.
    pub fn claim(&self) -> Exact {
        self.claims.iter().fold(zero(), |sum, part| sum + part)
    }

    /// Net value.
    pub fn value(&self) -> Exact {
        &self.pending + self.claim() - &self.debt
    }

    /// Whether the leg has lots on a side.
    pub fn is_on(&self, side: SideName) -> bool {
        match side {
            SideName::Long => self.lots > zero(),
            SideName::Short => self.lots < zero(),
        }
    }

    /// Takes up to `amount` off the claims, freshest first; returns what is left of the amount.
    pub fn eat(&mut self, amount: Exact) -> Exact {
        let mut left = amount;
        for claim in &mut self.claims {
            let part = least(&left, claim);
            *claim -= &part;
            left -= part;
        }
        left
    }

    /// A gain repays debt, then is a fresh claim; a loss eats claims, then is debt.
    fn book(&mut self, amount: Exact, side: SideName) {
        if amount >= zero() {
            let repaid = least(&amount, &self.debt);
            self.debt -= &repaid;
            self.claims[0] += amount - repaid;
            return;
        }
        let debt = self.eat(-amount);
        if debt > zero() {
            self.debt += debt;
            self.debt_side = side;
        }
    }
}

/// A market.
#[derive(Clone, Debug)]
pub struct ExactMarket {
    /// Mark, price units.
    pub mark: u64,
    /// Cash.
    pub pool: Exact,
    /// Deficit that nobody could bear.
    pub unfunded: Exact,
    /// Open lots long and short, whole.
    pub open_lots: [i128; 2],
    /// Insurance drawn in the present quarter day and the four before, in this order.
    pub draws: [Exact; 5],
    /// What insurance may still pay toward the present unfunded loss.
    pub budget: Exact,
    /// First-loss reserve.
    pub reserve: Exact,
    /// Whether it may not draw yet.
    pub is_young: bool,
}

/// All accounts and markets.
#[derive(Clone, Debug)]
pub struct ExactWorld {
    /// Markets.
    pub markets: Vec<ExactMarket>,
    /// Capital by account.
    pub capital: Vec<Exact>,
    /// Legs by account and market.
    pub legs: Vec<Vec<ExactLeg>>,
    /// Insurance fund.
    pub insurance: Exact,
    /// What all markets drew from it in the present quarter day and the four before, in this order.
    pub fund_draws: [Exact; 5],
}

/// Index of a side in a pair.
pub fn slot_of(side: SideName) -> usize {
    usize::from(side == SideName::Short)
}

impl ExactWorld {
    /// Accounts without capital, markets with a mark and a seed.
    pub fn new(accounts: usize, marks: &[u64], seed_atoms: u64) -> Self {
        let market = |mark: &u64| ExactMarket {
            mark: *mark,
            pool: atoms(seed_atoms),
            unfunded: zero(),
            open_lots: [0, 0],
            draws: std::array::from_fn(|_| zero()),
            budget: zero(),
            reserve: zero(),
            is_young: false,
        };
        Self {
            markets: marks.iter().map(market).collect(),
            capital: vec![zero(); accounts],
            legs: vec![vec![ExactLeg::new(); marks.len()]; accounts],
            insurance: zero(),
            fund_draws: std::array::from_fn(|_| zero()),
        }
    }

    /// Maintenance equity.
    pub fn equity(&self, account: usize) -> Exact {
        self.legs[account].iter().fold(self.capital[account].clone(), |sum, leg| sum + leg.value())
    }

    /// Σ claims of a market.
    pub fn claims(&self, market: usize) -> Exact {
        self.legs.iter().fold(zero(), |sum, legs| sum + legs[market].claim())
    }

    /// Open profit of a side: the PnL since their last touch of all legs that stand on it, winners and losers netted, at least zero.
    pub fn open_profit(&self, market: usize, side: SideName) -> Exact {
        let legs = self.legs.iter().map(|legs| &legs[market]).filter(|leg| leg.side == side);
        positive(legs.fold(zero(), |sum, leg| sum + &leg.pending))
    }

    /// All profit of a market, settled and open.
    pub fn profit(&self, market: usize) -> Exact {
        self.claims(market) + self.open_profit(market, SideName::Long) + self.open_profit(market, SideName::Short)
    }

    /// What of a profit its market left unfunded, pro rata over all profit.
    pub fn unbacked(&self, market: usize, profit: &Exact) -> Exact {
        let unfunded = positive(self.markets[market].unfunded.clone());
        let part = share(profit, &unfunded, &self.profit(market));
        least(&part, &least(profit, &unfunded))
    }

    /// Σ debts of a market.
    pub fn debts(&self, market: usize) -> Exact {
        self.legs.iter().fold(zero(), |sum, legs| sum + &legs[market].debt)
    }

    fn legs_of(&mut self, market: usize) -> impl Iterator<Item = &mut ExactLeg> {
        self.legs.iter_mut().map(move |legs| &mut legs[market])
    }

    /// Moves the mark: every leg's pending follows.
    pub fn move_mark(&mut self, market: usize, mark: u64) {
        let change = whole(i128::from(mark) - i128::from(self.markets[market].mark));
        self.markets[market].mark = mark;
        for leg in self.legs_of(market).filter(|leg| leg.lots != zero()) {
            leg.pending += &leg.lots * &change;
        }
    }

    /// Funding: longs pay `per_lot` price units to shorts.
    pub fn fund(&mut self, market: usize, per_lot: i64) {
        let per_lot = whole(per_lot);
        for leg in self.legs_of(market).filter(|leg| leg.lots != zero()) {
            leg.pending -= &leg.lots * &per_lot;
        }
    }

    /// Windows passed: fresh becomes maturing, maturing becomes matured.
    pub fn pass_windows(&mut self, windows: u64) {
        for leg in self.legs.iter_mut().flatten() {
            for _ in 0..windows.min(2) {
                let maturing = std::mem::replace(&mut leg.claims[1], zero());
                leg.claims[2] += maturing;
                leg.claims.swap(0, 1);
            }
        }
    }

    /// Realises a leg, which keeps `lots` whole lots.
    pub fn realise(&mut self, account: usize, market: usize, lots: i64) {
        let leg = &mut self.legs[account][market];
        let pending = std::mem::replace(&mut leg.pending, zero());
        leg.book(pending, leg.side);
        leg.lots = whole(lots);
        (leg.allowance, leg.lot_allowance) = (TOUCH_ALLOWANCE, 0.0);
    }

    /// Pays a leg's debt out of capital, as far as either goes.
    pub fn pay_in_cash(&mut self, account: usize, market: usize) {
        let paid = least(&positive(self.capital[account].clone()), &self.legs[account][market].debt);
        self.move_cash(account, market, &paid);
    }

    fn move_cash(&mut self, account: usize, market: usize, paid: &Exact) {
        self.capital[account] -= paid;
        self.legs[account][market].debt -= paid;
        self.markets[market].pool += paid;
    }

    /// Touches a leg alone.
    pub fn touch(&mut self, account: usize, market: usize, lots: i64) {
        self.realise(account, market, lots);
        self.pay_in_cash(account, market);
    }

    /// Touches all legs and spreads capital over the debts pro rata.
    pub fn settle(&mut self, account: usize, lots: &[i64]) {
        for (market, lots) in lots.iter().enumerate() {
            self.realise(account, market, *lots);
        }
        let debts = self.legs[account].iter().fold(zero(), |sum, leg| sum + &leg.debt);
        let paying = least(&positive(self.capital[account].clone()), &debts);
        for market in 0..lots.len() {
            let part = share(&paying, &self.legs[account][market].debt.clone(), &debts);
            self.move_cash(account, market, &part);
        }
    }

    /// Buys signed lots at a price; the distance to the mark is booked, capital pays a loss at once.
    pub fn fill(&mut self, account: usize, market: usize, signed_lots: i64, price: u64) {
        let distance = whole(i128::from(self.markets[market].mark) - i128::from(price));
        let leg = &mut self.legs[account][market];
        let before = leg.lots.clone();
        leg.lots += whole(signed_lots);
        let after = leg.lots.clone();
        if after != zero() {
            leg.side = if after < zero() { SideName::Short } else { SideName::Long };
        }
        leg.book(whole(signed_lots) * distance, leg.side);
        for (side, sign) in [(0, 1), (1, -1)] {
            let open = |lots: &Exact| positive(lots * whole(sign)).to_integer();
            let change = i128::try_from(open(&after) - open(&before)).expect("lots fit 128 bits");
            self.markets[market].open_lots[side] += change;
        }
        self.pay_in_cash(account, market);
    }

    /// Hands a claim of one account's leg to another's, where it repays debt first.
    pub fn hand_claim(&mut self, market: usize, from: usize, to: usize, amount: u64) {
        let left = self.legs[from][market].eat(atoms(amount));
        assert!(left <= atoms(1), "the claim handed over is there");
        let to = &mut self.legs[to][market];
        to.book(atoms(amount), to.side);
    }

    /// Closes `lots` of a side at a price, each leg by the same part.
    pub fn deleverage(&mut self, market: usize, side: SideName, lots: u64, price: u64, size_index: u64) {
        let open = self.markets[market].open_lots[slot_of(side)];
        self.markets[market].open_lots[slot_of(side)] = open - i128::from(lots);
        let distance = whole(i128::from(price) - i128::from(self.markets[market].mark));
        for leg in self.legs_of(market).filter(|leg| leg.is_on(side)) {
            leg.lot_allowance += 2.0 * crate::number::float(&leg.lots).abs() / (size_index.max(1) as f64);
            let sold = share(&leg.lots, &whole(lots), &whole(open));
            leg.pending += &sold * &distance;
            leg.lots -= sold;
        }
    }
}
