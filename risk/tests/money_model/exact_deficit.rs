//! The reference model's conversions, debt payments and deficits.

use crate::exact::{slot_of, ExactMarket, ExactWorld};
use crate::number::{atoms, least, of_ppm, positive, share, whole, zero, Exact};
use breakwater_risk::units::SideName;
use breakwater_risk::MarketParams;

/// What the engine did that the rules leave to it.
pub struct Resolution<'a> {
    /// Whole lots that each leg kept when it was touched, by market.
    pub touched_lots: &'a [i64],
    /// Markets in the order of the account's legs.
    pub order: &'a [usize],
    /// Whether the claims of a market were wiped, by market.
    pub wiped: &'a [bool],
    /// Whether the claims of a market were left alone, by market.
    pub uncut: &'a [bool],
    /// Size index of both sides before, by market.
    pub size_index: &'a [[u64; 2]],
    /// What roundings so far may have changed in the deficit, atoms.
    pub slack: f64,
}

impl ExactMarket {
    /// What the cap per window leaves for this market, of a fund of that size.
    fn left_of_window(&self, fund: &Exact, params: &MarketParams) -> Exact {
        left_of(fund, &self.draws, params.insurance_window_ppm)
    }

    /// Most that a fund of that size pays for this market: nothing while it is young.
    fn allowance(&self, fund: &Exact, params: &MarketParams) -> Exact {
        if self.is_young {
            return zero();
        }
        least(&of_ppm(fund, params.insurance_event_ppm), &self.left_of_window(fund, params))
    }

    /// The reserve pays of a loss what it has.
    fn pay_from_reserve(&mut self, loss: &Exact) -> Exact {
        let paid = least(&positive(loss.clone()), &self.reserve);
        self.reserve -= &paid;
        self.pool += &paid;
        paid
    }

    /// Leaves an amount unfunded; for good, if the market is young.
    fn leave_unfunded(&mut self, amount: Exact) {
        if self.is_young {
            self.uninsured = least(&self.uninsured, &positive(self.unfunded.clone())) + &amount;
        }
        self.unfunded += amount;
    }
}

/// What a cap per window leaves of a fund that was drawn on.
fn left_of(fund: &Exact, draws: &[Exact; 5], cap_ppm: u32) -> Exact {
    let drawn = draws.iter().fold(zero(), |sum, draw| sum + draw);
    positive(of_ppm(&(fund + &drawn), cap_ppm) - drawn)
}

/// All markets together draw half of the fund in a window.
const FUND_WINDOW_PPM: u32 = 500_000;

impl ExactWorld {
    /// Pays the matured claim at `clamp((pool − debts)/claims, 0, 1)`; what is not paid is fresh again.
    pub fn convert(&mut self, account: usize, market: usize) {
        let backed = positive(&self.markets[market].pool - self.debts(market));
        let total = self.claims(market);
        let leg = &mut self.legs[account][market];
        let matured = std::mem::replace(&mut leg.claims[2], zero());
        let paid = if backed >= total { matured.clone() } else { share(&matured, &backed, &total) };
        leg.claims[0] += matured - &paid;
        self.capital[account] += &paid;
        self.markets[market].pool -= paid;
    }

    /// An own claim pays an own debt, at most `pool + claim − claims`.
    pub fn pay_debt(&mut self, account: usize, claim_market: usize, debt_market: usize) -> Exact {
        let claim = self.legs[account][claim_market].claim();
        let pool = self.markets[claim_market].pool.clone();
        let spare = positive(&pool + &claim - self.claims(claim_market));
        let paid = least(&least(&spare, &pool), &least(&claim, &self.legs[account][debt_market].debt));
        self.legs[account][claim_market].eat(paid.clone());
        self.markets[claim_market].pool -= &paid;
        self.legs[account][debt_market].debt -= &paid;
        self.markets[debt_market].pool += &paid;
        paid
    }

    /// A ring of accounts, each with a claim in its market and a debt in the next one's, nets the least of them.
    pub fn net(&mut self, accounts: &[usize], ring: &[usize]) {
        let next = |i: usize| ring[(i + 1) % ring.len()];
        let least_of = |netted: Exact, i: usize| {
            let legs = &self.legs[accounts[i]];
            least(&netted, &least(&legs[ring[i]].claim(), &legs[next(i)].debt))
        };
        let netted = (0..ring.len()).fold(atoms(u64::MAX), least_of);
        for (i, account) in accounts.iter().enumerate() {
            self.legs[*account][ring[i]].eat(netted.clone());
            self.legs[*account][next(i)].debt -= &netted;
        }
    }

    /// Resolves a bankrupt account (DESIGN section 4, "What a deficit does").
    pub fn resolve(&mut self, account: usize, params: &MarketParams, done: &Resolution) {
        self.settle(account, done.touched_lots);
        for &market in done.order {
            self.close_at_mark(account, market, done.size_index[market]);
        }
        for &market in done.order {
            let (claim, total) = (self.legs[account][market].claim(), self.claims(market));
            let unfunded = positive(self.markets[market].unfunded.clone());
            let forfeited = least(&least(&claim, &unfunded), &share(&claim, &unfunded, &total));
            self.legs[account][market].eat(forfeited.clone());
            self.markets[market].unfunded -= forfeited;
        }
        for &debt_market in done.order {
            for &claim_market in done.order.iter().filter(|market| **market != debt_market) {
                self.pay_debt(account, claim_market, debt_market);
            }
        }
        let debts: Vec<Exact> = self.legs[account].iter().map(|leg| leg.debt.clone()).collect();
        let debts_total = debts.iter().fold(zero(), |sum, debt| sum + debt);
        let deficit = least(&positive(-self.equity(account)), &debts_total);
        let parts: Vec<Exact> = debts.iter().map(|debt| share(&deficit, debt, &debts_total)).collect();
        let reserved = self.markets.iter_mut().zip(&parts).map(|(market, part)| market.pay_from_reserve(part));
        let rest: Vec<Exact> = reserved.zip(&parts).map(|(paid, part)| part - paid).collect();
        let paid = self.insurance_parts(&rest, params);
        for market in 0..parts.len() {
            self.legs[account][market].debt -= &parts[market];
            let side = self.legs[account][market].debt_side.opposite();
            self.share_deficit(market, side, &rest[market] - &paid[market], params, done);
            if done.wiped[market] {
                self.cut(market, &zero());
            }
        }
    }

    fn close_at_mark(&mut self, account: usize, market: usize, size_index: [u64; 2]) {
        let lots = self.legs[account][market].lots.to_integer();
        let lots = i64::try_from(lots).expect("lots of a touched leg");
        if lots == 0 {
            return;
        }
        let mark = self.markets[market].mark;
        self.fill(account, market, -lots, mark);
        let other = SideName::of(lots).opposite();
        self.deleverage(market, other, lots.unsigned_abs(), mark, size_index[slot_of(other)]);
    }

    /// What insurance pays to each market: within the caps per event and per window, scaled down to what the fund may pay in all.
    fn insurance_parts(&mut self, parts: &[Exact], params: &MarketParams) -> Vec<Exact> {
        let fund = self.insurance.clone();
        let asks = parts.iter().zip(&self.markets).map(|(part, market)| least(part, &market.allowance(&fund, params)));
        let asks: Vec<Exact> = asks.collect();
        let asked = asks.iter().fold(zero(), |sum, ask| sum + ask);
        let paying = least(&asked, &left_of(&fund, &self.fund_draws, FUND_WINDOW_PPM));
        let paid: Vec<Exact> = asks.iter().map(|ask| share(&paying, ask, &asked)).collect();
        for (market, paid) in self.markets.iter_mut().zip(&paid) {
            market.draws[0] += paid;
            self.fund_draws[0] += paid;
            market.pool += paid;
            self.insurance -= paid;
        }
        paid
    }

    /// Claims bear up to all of themselves, open lots of a side up to `max_social` of their notional, in proportion.
    fn share_deficit(
        &mut self,
        market: usize,
        side: SideName,
        amount: Exact,
        params: &MarketParams,
        done: &Resolution,
    ) {
        let amount = positive(amount);
        let open = whole(self.markets[market].open_lots[slot_of(side)]);
        let by_claims = self.claims(market);
        let by_lots = of_ppm(&(&open * whole(self.markets[market].mark)), params.social_max_ppm);
        let capacity = &by_claims + &by_lots;
        let borne = least(&amount, &capacity);
        let cut = share(&borne, &by_claims, &capacity);
        let charged = &borne - &cut;
        let unfunded = if done.uncut[market] { amount - &charged } else { amount - borne };
        if !done.uncut[market] {
            self.cut(market, &(&by_claims - cut));
        }
        for leg in self.legs.iter_mut().map(|legs| &mut legs[market]).filter(|leg| leg.is_on(side)) {
            let lots = crate::number::magnitude(leg.lots.clone());
            leg.allowance += done.slack;
            leg.pending -= share(&lots, &charged, &open);
        }
        self.markets[market].leave_unfunded(unfunded);
    }

    /// Lets every leg differ by what the engine may have rounded in a charge.
    pub fn allow_charge(&mut self) {
        for leg in self.legs.iter_mut().flatten() {
            leg.allowance += crate::number::float(&leg.lots).abs() / 1e6 + 3.0;
        }
    }

    /// Scales all claims of a market down to a total.
    fn cut(&mut self, market: usize, left: &Exact) {
        let total = self.claims(market);
        for claim in self.legs.iter_mut().flat_map(|legs| &mut legs[market].claims) {
            *claim = share(claim, left, &total);
        }
    }

    /// Fees in whole atoms leave the market, for its reserve too; the reserve pays what is unfunded, then insurance within its caps.
    pub fn repay_unfunded(&mut self, market: usize, (from_fees, reserved): (u64, u64), params: &MarketParams) {
        let fund = self.insurance.clone();
        let fund_left = left_of(&fund, &self.fund_draws, FUND_WINDOW_PPM);
        let market = &mut self.markets[market];
        market.pool += atoms(from_fees);
        market.unfunded -= atoms(from_fees);
        let by_reserve = market.pay_from_reserve(&market.unfunded.clone());
        market.unfunded -= by_reserve;
        market.reserve += atoms(reserved);
        let insured = positive(&market.unfunded - &market.uninsured);
        let paid = least(&insured, &least(&fund_left, &market.allowance(&fund, params)));
        market.draws[0] += &paid;
        self.fund_draws[0] += &paid;
        market.pool += &paid;
        market.unfunded -= &paid;
        market.uninsured = least(&market.uninsured, &positive(market.unfunded.clone()));
        self.insurance -= paid;
    }
}
