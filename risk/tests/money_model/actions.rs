//! Each operation as a transaction on the engine, and then on the model.

use crate::exact_deficit::Resolution;
use crate::number::atoms;
use crate::world::World;
use breakwater_risk::acted::Acted;
use breakwater_risk::health::{MarketLookup, Stance};
use breakwater_risk::state::AccountState;
use breakwater_risk::trade::{self, Fill};
use breakwater_risk::units::{SideName, MAX_PRICE};
use breakwater_risk::{bankruptcy, cash, claims, deleveraging, ledger, leg, liquidation, settle};
use breakwater_risk::{RiskError, RiskResult};

/// Lowest and highest mark of a run, price units: lots of $0.00005 to $0.03.
const MARKS: (u64, u64) = (50_000_000, 30_000_000_000);

/// Two different accounts.
pub fn pair(accounts: &mut [AccountState], a: usize, b: usize) -> (&mut AccountState, &mut AccountState) {
    assert_ne!(a, b);
    let (low, high) = accounts.split_at_mut(a.max(b));
    if a < b {
        (&mut low[a], &mut high[0])
    } else {
        (&mut high[0], &mut low[b])
    }
}

/// Touches a leg if it may be touched alone.
fn touch<L: MarketLookup>(acted: &mut Acted<'_, L>, account: &mut AccountState) -> RiskResult<usize> {
    let mut health = acted.assess(account, Stance::Against)?;
    acted.touch(account, &mut health)
}

impl World {
    /// A price `ppm` away from a price, within the range of a run.
    pub fn price_off(&self, market: usize, ppm: i32) -> u64 {
        let mark = i128::from(self.state.markets.0[market].mark);
        let price = mark + mark * i128::from(ppm) / 1_000_000;
        (price as u64).clamp(1, MAX_PRICE)
    }

    pub fn move_mark(&mut self, market: usize, ppm: i32) {
        let mark = self.price_off(market, ppm).clamp(MARKS.0, MARKS.1);
        let stored = &mut self.state.markets.0[market];
        (stored.mark, stored.previous_mark) = (mark, mark);
        self.note_price(market, mark);
        self.exact.move_mark(market, mark);
    }

    /// Time passes and every feed is alive.
    pub fn wait(&mut self, slots: u64) {
        let window = u64::from(self.params.profit_window_slots);
        let before = self.now.slot / window;
        let day = self.now.unix_timestamp / 86_400;
        self.now.slot += slots;
        self.now.unix_timestamp += (slots * 2 / 5) as i64;
        self.exact.pass_windows(self.now.slot / window - before);
        for (market, exact) in self.state.markets.0.iter_mut().zip(&mut self.exact.markets) {
            (market.mark_slot, market.publish_time) = (self.now.slot, self.now.unix_timestamp);
            if self.now.unix_timestamp / 86_400 != day {
                exact.drawn = atoms(0);
            }
        }
    }

    pub fn fund(&mut self, market: usize, ppm: i32) -> RiskResult<()> {
        let per_lot = (i128::from(self.state.markets.0[market].mark) * i128::from(ppm) / 1_000_000) as i64;
        ledger::accrue_funding(&mut self.state.markets.0[market], per_lot)?;
        self.exact.fund(market, per_lot);
        Ok(())
    }

    pub fn deposit(&mut self, account: usize, amount: u64) {
        self.state.accounts[account].capital_atoms += amount;
        self.exact.capital[account] += atoms(amount);
        self.outside += i128::from(amount);
    }

    pub fn donate(&mut self, amount: u64) {
        self.state.insurance += amount;
        self.exact.insurance += atoms(amount);
        self.outside += i128::from(amount);
    }

    /// Withdraws a part of what may be withdrawn.
    pub fn withdraw(&mut self, account: usize, ppm: u32) -> RiskResult<u64> {
        let amount = self.transaction(|state, now| {
            let most = cash::withdrawable_atoms(&state.accounts[account], &state.markets, now)?;
            let amount = (u128::from(most) * u128::from(ppm) / 1_000_000) as u64;
            cash::withdraw(&mut state.accounts[account], amount, &state.markets, now)?;
            Ok(amount)
        })?;
        self.exact.capital[account] -= atoms(amount);
        self.outside -= i128::from(amount);
        Ok(amount)
    }

    pub fn settle(&mut self, account: usize) {
        let lots = self.all_lots(account);
        (0..lots.len()).for_each(|market| self.compare_leg(account, market));
        self.transaction(|state, now| settle::settle_account(&mut state.accounts[account], &mut state.markets, now))
            .expect("any account can be settled at any time");
        (0..lots.len()).for_each(|market| self.slack += self.allowance(account, market));
        self.exact.settle(account, &lots);
        self.follow_generations();
    }

    pub fn touch_alone(&mut self, account: usize, market: usize) -> RiskResult<()> {
        let lots = self.lots(account, market);
        self.compare_leg(account, market);
        self.on_market(market, |acted, accounts| {
            let slot = touch(acted, &mut accounts[account])?;
            leg::release_if_empty(&mut accounts[account], slot, acted.market)
        })?;
        self.follow_touch(account, market, lots);
        Ok(())
    }

    /// The model's touch; what the engine may have rounded in its own enters the slack.
    fn follow_touch(&mut self, account: usize, market: usize, lots: i64) {
        self.slack += self.allowance(account, market);
        self.exact.touch(account, market, lots);
    }

    /// A trade without margin rules: wilder than any venue's.
    pub fn trade(&mut self, market: usize, buyer: usize, seller: usize, lots: u64, price: u64) -> RiskResult<()> {
        let touched = [self.lots(buyer, market), self.lots(seller, market)];
        [buyer, seller].into_iter().for_each(|account| self.compare_leg(account, market));
        self.on_market(market, |acted, accounts| {
            let (buying, selling) = pair(accounts, buyer, seller);
            let slots = [touch(acted, buying)?, touch(acted, selling)?];
            let signed = SideName::Long.signed(lots)?;
            acted.fill_leg(buying, slots[0], signed, price)?;
            acted.fill_leg(selling, slots[1], -signed, price)?;
            ledger::check_open_interest(acted.market)?;
            leg::release_if_empty(buying, slots[0], acted.market)?;
            leg::release_if_empty(selling, slots[1], acted.market)
        })?;
        self.follow_trade(market, [buyer, seller], touched, lots, price);
        Ok(())
    }

    fn follow_trade(&mut self, market: usize, accounts: [usize; 2], touched: [i64; 2], lots: u64, price: u64) {
        self.note_price(market, price);
        let signed = i64::try_from(lots).expect("lots of a leg");
        for (account, lots) in accounts.into_iter().zip(touched) {
            self.follow_touch(account, market, lots);
        }
        for (account, lots) in accounts.into_iter().zip([signed, -signed]) {
            self.exact.fill(account, market, lots, price);
        }
        self.slack += 2.0;
        self.follow_generations();
    }

    /// A trade by all the rules of a venue.
    pub fn venue_trade(&mut self, market: usize, buyer: usize, seller: usize, fill: Fill) -> RiskResult<()> {
        let touched = [self.lots(buyer, market), self.lots(seller, market)];
        [buyer, seller].into_iter().for_each(|account| self.compare_leg(account, market));
        let report = self.on_market(market, |acted, accounts| {
            let (buying, selling) = pair(accounts, buyer, seller);
            trade::settle_trade(acted, buying, selling, fill)
        })?;
        self.follow_trade(market, [buyer, seller], touched, fill.lots, fill.price);
        self.exact.capital[buyer] -= atoms(report.buyer.fee_atoms);
        self.exact.capital[seller] -= atoms(report.seller.fee_atoms);
        Ok(())
    }

    pub fn liquidate(&mut self, market: usize, account: usize, keeper: usize) -> RiskResult<()> {
        let touched = [self.lots(account, market), self.lots(keeper, market)];
        [account, keeper].into_iter().for_each(|account| self.compare_leg(account, market));
        let report = self.on_market(market, |acted, accounts| {
            let (account, keeper) = pair(accounts, account, keeper);
            liquidation::liquidate(acted, account, keeper)
        })?;
        assert_eq!(report.keeper_atoms + report.insurance_atoms, report.charge_atoms);
        let mark = self.state.markets.0[market].mark;
        let (parties, lots) = if report.closed_lots < 0 {
            ([keeper, account], [touched[1], touched[0]])
        } else {
            ([account, keeper], touched)
        };
        self.follow_trade(market, parties, lots, report.closed_lots.unsigned_abs(), mark);
        self.exact.capital[account] -= atoms(report.charge_atoms);
        self.exact.capital[keeper] += atoms(report.keeper_atoms);
        Ok(())
    }

    pub fn convert(&mut self, account: usize, market: usize) -> RiskResult<u64> {
        let lots = self.lots(account, market);
        self.compare_leg(account, market);
        let report =
            self.on_market(market, |acted, accounts| claims::convert_profit(acted, &mut accounts[account], 0))?;
        self.follow_touch(account, market, lots);
        self.exact.convert(account, market);
        self.slack += 2.0;
        Ok(report.paid_atoms)
    }

    pub fn pay_debt(&mut self, account: usize, claim_market: usize, debt_market: usize) -> RiskResult<u64> {
        let legs = [claim_market, debt_market].map(|market| (market, self.lots(account, market)));
        legs.iter().for_each(|(market, _)| self.compare_leg(account, *market));
        let paid = self.transaction(|state, now| {
            let (claim, debt) = (claim_market as u16, debt_market as u16);
            settle::pay_debt(&mut state.accounts[account], claim, debt, &mut state.markets, now)
        })?;
        for (market, lots) in legs {
            self.follow_touch(account, market, lots);
        }
        self.exact.pay_debt(account, claim_market, debt_market);
        Ok(paid)
    }

    /// Closes part of a touched leg against the other side, at any price.
    pub fn deleverage(&mut self, market: usize, account: usize, lots: u64, price: u64) -> RiskResult<()> {
        let touched = self.lots(account, market);
        self.compare_leg(account, market);
        let lots = lots.min(touched.unsigned_abs());
        let other = SideName::of(touched).opposite();
        let closed = SideName::of(touched).signed(lots)?;
        let size_index = self.state.markets.0[market].side(other).size_index;
        self.on_market(market, |acted, accounts| {
            let slot = touch(acted, &mut accounts[account])?;
            acted.fill_leg(&mut accounts[account], slot, -closed, price)?;
            ledger::deleverage(acted.market.side_mut(other), lots, price)?;
            ledger::check_open_interest(acted.market)?;
            leg::release_if_empty(&mut accounts[account], slot, acted.market)?;
            ledger::end_generations(acted.market)
        })?;
        self.note_price(market, price);
        self.follow_touch(account, market, touched);
        self.exact.fill(account, market, -closed, price);
        self.exact.deleverage(market, other, lots, price, size_index);
        self.follow_generations();
        Ok(())
    }

    /// The engine's own deleveraging of a leg whose other side has nobody left.
    pub fn deleverage_remnant(&mut self, market: usize, account: usize) -> RiskResult<()> {
        let touched = self.lots(account, market);
        let other = SideName::of(touched).opposite();
        let size_index = self.state.markets.0[market].side(other).size_index;
        self.compare_leg(account, market);
        let report =
            self.on_market(market, |acted, accounts| deleveraging::deleverage(acted, &mut accounts[account]))?;
        self.follow_touch(account, market, touched);
        self.exact.fill(account, market, report.closed_lots, report.price);
        self.exact.deleverage(market, other, touched.unsigned_abs(), report.price, size_index);
        self.follow_generations();
        Ok(())
    }

    pub fn resolve(&mut self, account: usize) -> RiskResult<()> {
        let touched = self.all_lots(account);
        let legs = self.state.accounts[account].legs.iter().filter(|leg| leg.is_used());
        let order: Vec<usize> = legs.map(|leg| usize::from(leg.market_index)).collect();
        let acted = order.iter().copied().find(|market| touched[*market] != 0).or(order.first().copied());
        let acted = acted.ok_or(RiskError::NotBankrupt)?;
        let before = self.state.markets.0.clone();
        (0..touched.len()).for_each(|market| self.compare_leg(account, market));
        self.transaction(|state, now| {
            let account = &mut state.accounts[account];
            bankruptcy::resolve_bankruptcy(account, &mut state.markets, acted as u16, &mut state.insurance, now)
        })?;
        let after = &self.state.markets.0;
        let wiped = before.iter().zip(after).map(|(a, b)| a.claim_generation != b.claim_generation);
        let wiped: Vec<bool> = wiped.collect();
        let size_index: Vec<[u64; 2]> =
            before.iter().map(|market| [market.long.size_index, market.short.size_index]).collect();
        for market in &before {
            self.slack += 20.0 + market.claims_total_atoms as f64 / market.claim_index as f64 * 2.0;
        }
        (0..touched.len()).for_each(|market| self.slack += self.allowance(account, market));
        let done = Resolution { touched_lots: &touched, order: &order, wiped: &wiped, size_index: &size_index };
        self.exact.resolve(account, &self.params.clone(), &done);
        self.follow_generations();
        Ok(())
    }

    pub fn sweep(&mut self, market: usize) -> RiskResult<()> {
        let report = self.transaction(|state, now| {
            bankruptcy::sweep(&mut state.markets.0[market], &mut state.insurance, &mut state.fees, now)
        })?;
        self.exact.insurance += atoms(report.insurance_atoms);
        self.exact.repay_unfunded(market, report.repaid_from_fees_atoms, &self.params.clone());
        self.slack += 2.0;
        Ok(())
    }
}
