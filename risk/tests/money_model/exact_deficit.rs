//! The reference model's conversions, debt payments and deficits.

use crate::exact::{slot_of, ExactMarket, ExactWorld};
use crate::number::{atoms, least, of_ppm, positive, share, zero, Exact};
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
}

impl ExactMarket {
    /// What the cap per window leaves for this market, of a fund of that size.
    fn left_of_window(&self, fund: &Exact, params: &MarketParams) -> Exact {
        left_of(fund, &self.draws, params.insurance_window_ppm)
    }

    /// Most that a fund of that size pays for this market: nothing while it is young.
    fn allowance(&self, fund: &Exact, params: &MarketParams) -> Exact {
        least(&self.event_cap(fund, params), &self.left_of_window(fund, params))
    }

    /// Its cap per event; nothing while it is young.
    fn event_cap(&self, fund: &Exact, params: &MarketParams) -> Exact {
        if self.is_young {
            return zero();
        }
        of_ppm(fund, params.insurance_event_ppm)
    }

    /// The reserve pays of a loss what it has.
    fn pay_from_reserve(&mut self, loss: &Exact) -> Exact {
        let paid = least(&positive(loss.clone()), &self.reserve);
        self.reserve -= &paid;
        self.pool += &paid;
        paid
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
    /// Pays the matured claim at `clamp((pool − debts)/claims, 0, 1)` and no more than its backed part; gives up the unfunded part of
    /// what is paid; what is left is fresh again.
    pub fn convert(&mut self, account: usize, market: usize) {
        let cash = positive(&self.markets[market].pool - self.debts(market));
        let total = self.claims(market);
        let matured = self.legs[account][market].claims[2].clone();
        let unbacked = self.unbacked(market, &matured);
        let backed = &matured - &unbacked;
        let by_cash = if cash >= total { matured.clone() } else { share(&matured, &cash, &total) };
        let paid = least(&by_cash, &backed);
        let given_up = share(&unbacked, &paid, &backed);
        let leg = &mut self.legs[account][market];
        leg.claims[2] = zero();
        leg.claims[0] += matured - &paid - &given_up;
        self.capital[account] += &paid;
        self.markets[market].unfunded -= given_up;
        self.markets[market].pool -= paid;
    }

    /// Spends an own claim, at most `wanted`: no more than its backed part, and than keeps the backed part of all other claims covered. The
    /// unfunded part of what is paid is given up.
    pub fn spend(&mut self, account: usize, market: usize, wanted: &Exact) -> Exact {
        let claim = self.legs[account][market].claim();
        let others = self.claims(market) - &claim;
        let unbacked = self.unbacked(market, &claim);
        let backed = &claim - &unbacked;
        let unfunded = positive(self.markets[market].unfunded.clone());
        let others_unbacked = least(&share(&others, &unfunded, &self.profit(market)), &others);
        let spare = positive(&self.markets[market].pool - (others - others_unbacked));
        let paid = least(wanted, &least(&backed, &spare));
        let given_up = share(&unbacked, &paid, &backed);
        self.legs[account][market].eat(&paid + &given_up);
        self.markets[market].unfunded -= given_up;
        self.markets[market].pool -= &paid;
        paid
    }

    /// An own claim pays a fee of whole atoms, which leaves the market.
    pub fn pay_from_claims(&mut self, account: usize, market: usize, fee: u64) {
        let paid = self.spend(account, market, &atoms(fee));
        let short = crate::number::float_atoms(&(atoms(fee) - paid));
        assert!(short <= 2.0, "a claim pays {short} atoms less than the engine took");
    }

    /// An own claim pays an own debt.
    pub fn pay_debt(&mut self, account: usize, claim_market: usize, debt_market: usize) -> Exact {
        let debt = self.legs[account][debt_market].debt.clone();
        let paid = self.spend(account, claim_market, &debt);
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

    /// Resolves a bankrupt account.
    pub fn resolve(&mut self, account: usize, params: &MarketParams, done: &Resolution) {
        self.settle(account, done.touched_lots);
        for &market in done.order {
            self.close_at_mark(account, market, done.size_index[market]);
        }
        for &debt_market in done.order {
            for &claim_market in done.order.iter().filter(|market| **market != debt_market) {
                if self.legs[account][debt_market].debt > zero() {
                    self.pay_debt(account, claim_market, debt_market);
                }
            }
        }
        self.give_up_worthless(account, done.order);
        let debts: Vec<Exact> = self.legs[account].iter().map(|leg| leg.debt.clone()).collect();
        let debts_total = debts.iter().fold(zero(), |sum, debt| sum + debt);
        let deficit = least(&positive(-self.equity(account)), &debts_total);
        let parts: Vec<Exact> = debts.iter().map(|debt| share(&deficit, debt, &debts_total)).collect();
        let reserved = self.markets.iter_mut().zip(&parts).map(|(market, part)| market.pay_from_reserve(part));
        let rest: Vec<Exact> = reserved.zip(&parts).map(|(paid, part)| part - paid).collect();
        let paid = self.insurance_parts(&rest, params);
        for &market in done.order {
            if parts[market] == zero() {
                continue;
            }
            self.legs[account][market].debt -= &parts[market];
            let dust = atoms(params.min_position_atoms / 1_000);
            let owed_before = self.markets[market].unfunded > dust;
            self.markets[market].unfunded += &rest[market] - &paid[market];
            if !owed_before && self.markets[market].unfunded > dust {
                self.markets[market].budget = self.markets[market].event_cap(&self.insurance, params);
            }
            if !done.uncut[market] {
                self.write_down(market);
            }
            if done.wiped[market] {
                self.wipe(market);
            }
        }
    }

    /// Cuts the claims of a market by their part of what is unfunded. Whether that is due is the engine's to say: a hundredth of open profit
    /// decides, which roundings may tip.
    fn write_down(&mut self, market: usize) {
        let claims = self.claims(market);
        let cut = least(&self.unbacked(market, &claims), &claims);
        self.cut(market, &(&claims - &cut));
        self.markets[market].unfunded -= cut;
    }

    /// Of an account with debts, a claim without any backed part.
    fn give_up_worthless(&mut self, account: usize, order: &[usize]) {
        if self.legs[account].iter().all(|leg| leg.debt == zero()) {
            return;
        }
        for &market in order {
            let claim = self.legs[account][market].claim();
            let backed = &claim - self.unbacked(market, &claim);
            if claim > zero() && backed < atoms(1) {
                self.legs[account][market].eat(claim.clone());
                self.markets[market].unfunded -= claim;
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

    /// Takes all claims of a market away.
    pub fn wipe(&mut self, market: usize) {
        self.cut(market, &zero());
    }

    /// Scales all claims of a market down to a total.
    fn cut(&mut self, market: usize, left: &Exact) {
        let total = self.claims(market);
        for claim in self.legs.iter_mut().flat_map(|legs| &mut legs[market].claims) {
            *claim = share(claim, left, &total);
        }
    }

    /// Fees in whole atoms leave the market, for its reserve too; the reserve pays what is unfunded, then insurance within its caps and the
    /// budget of this loss. Then claims are cut, where the engine cuts them.
    pub fn repay_unfunded(
        &mut self,
        market: usize,
        (from_fees, reserved): (u64, u64),
        cuts: bool,
        params: &MarketParams,
    ) {
        let fund = self.insurance.clone();
        let fund_left = left_of(&fund, &self.fund_draws, FUND_WINDOW_PPM);
        let index = market;
        let market = &mut self.markets[market];
        market.pool += atoms(from_fees);
        market.unfunded -= atoms(from_fees);
        let by_reserve = market.pay_from_reserve(&market.unfunded.clone());
        market.unfunded -= by_reserve;
        market.reserve += atoms(reserved);
        let allowed = least(&fund_left, &market.allowance(&fund, params));
        let paid = least(&positive(market.unfunded.clone()), &least(&market.budget, &allowed));
        market.draws[0] += &paid;
        self.fund_draws[0] += &paid;
        market.pool += &paid;
        market.unfunded -= &paid;
        self.insurance -= &paid;
        let left = market.event_cap(&self.insurance, params);
        market.budget = least(&(&market.budget - paid), &left);
        if cuts {
            self.write_down(index);
        }
    }
}
