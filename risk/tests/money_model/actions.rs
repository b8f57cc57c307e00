//! Each operation as a transaction on the engine, and then on the model.

use crate::number::{atoms, float, magnitude, whole};
use crate::world::World;
use breakwater_risk::acted::Acted;
use breakwater_risk::backstop::BackstopState;
use breakwater_risk::health::{MarketLookup, Stance};
use breakwater_risk::shares::ShareLedger;
use breakwater_risk::state::AccountState;
use breakwater_risk::trade::{self, Fill};
use breakwater_risk::units::{SideName, MAX_PRICE};
use breakwater_risk::RiskResult;
use breakwater_risk::{absorb, cash, deleveraging, ladder, ledger, leg, liquidation, settle, unwind};
use bytemuck::Zeroable;

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
        stored.confirmation = crate::money_support::confirmed_at(mark, stored.publish_time);
        stored.ladder.mark_bucket = ladder::bucket_of(mark);
        self.note_price(market, mark);
        self.exact.move_mark(market, mark);
    }

    /// Time passes and every feed is alive.
    pub fn wait(&mut self, slots: u64) {
        let window = u64::from(self.params.profit_window_slots);
        let before = self.now.slot / window;
        let quarter = self.now.unix_timestamp / 21_600;
        self.now.slot += slots;
        self.now.unix_timestamp += (slots * 2 / 5) as i64;
        self.exact.pass_windows(self.now.slot / window - before);
        for (market, exact) in self.state.markets.0.iter_mut().zip(&mut self.exact.markets) {
            (market.mark_slot, market.publish_time) = (self.now.slot, self.now.unix_timestamp);
            market.confirmation = crate::money_support::confirmed_at(market.mark, market.publish_time);
            for _ in quarter..self.now.unix_timestamp / 21_600 {
                exact.draws.rotate_right(1);
                exact.draws[0] = atoms(0);
            }
            exact.is_young = self.now.unix_timestamp < market.draws_from;
        }
        for _ in quarter..self.now.unix_timestamp / 21_600 {
            self.exact.fund_draws.rotate_right(1);
            self.exact.fund_draws[0] = atoms(0);
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
        self.state.insurance.balance_atoms += amount;
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
        let markets = 0..self.state.markets.0.len();
        markets.clone().for_each(|market| self.compare_leg(account, market));
        self.transaction(|state, now| settle::settle_account(&mut state.accounts[account], &mut state.markets, now))
            .expect("any account can be settled at any time");
        markets.for_each(|market| self.slack += self.allowance(account, market));
        let lots = self.all_lots(account);
        self.exact.settle(account, &lots);
        self.follow_generations();
    }

    pub fn touch_alone(&mut self, account: usize, market: usize) -> RiskResult<()> {
        self.compare_leg(account, market);
        self.on_market(market, |acted, accounts| {
            let slot = touch(acted, &mut accounts[account])?;
            leg::finish(&mut accounts[account], slot, acted.market)
        })?;
        self.follow_touch(account, market, 0);
        self.follow_generations();
        Ok(())
    }

    /// Touches a leg and registers it anew in the ladder: for the model, a touch.
    pub fn register(&mut self, account: usize, market: usize) -> RiskResult<()> {
        self.compare_leg(account, market);
        self.on_market(market, |acted, accounts| ladder::touch(acted, &mut accounts[account]))?;
        self.follow_touch(account, market, 0);
        self.follow_generations();
        Ok(())
    }

    /// The model's touch, after the engine's: the leg keeps the lots that the engine left it, less what the operation
    /// went on to `add`. What the engine may have rounded enters the slack.
    pub fn follow_touch(&mut self, account: usize, market: usize, add: i64) {
        let lots = self.lots(account, market) - add;
        let exact = &self.exact.legs[account][market];
        let lost = float(&(magnitude(exact.lots.clone()) - whole(lots.unsigned_abs())));
        let most = 1.0 + exact.lot_allowance;
        assert!((-2.0..=most).contains(&lost), "a touch of {account} in {market} loses {lost} lots, allowed {most}");
        self.slack += self.allowance(account, market);
        self.exact.touch(account, market, lots);
    }

    /// A trade without margin rules: wilder than any venue's.
    pub fn trade(&mut self, market: usize, buyer: usize, seller: usize, lots: u64, price: u64) -> RiskResult<()> {
        [buyer, seller].into_iter().for_each(|account| self.compare_leg(account, market));
        self.on_market(market, |acted, accounts| {
            let (buying, selling) = pair(accounts, buyer, seller);
            let slots = [touch(acted, buying)?, touch(acted, selling)?];
            let signed = SideName::Long.signed(lots)?;
            acted.fill_leg(buying, slots[0], signed, price)?;
            acted.fill_leg(selling, slots[1], -signed, price)?;
            ledger::check_open_interest(acted.market)?;
            leg::finish(buying, slots[0], acted.market)?;
            leg::finish(selling, slots[1], acted.market)
        })?;
        self.follow_trade(market, [buyer, seller], lots, price);
        Ok(())
    }

    fn follow_trade(&mut self, market: usize, accounts: [usize; 2], lots: u64, price: u64) {
        self.note_price(market, price);
        let signed = i64::try_from(lots).expect("lots of a leg");
        for (account, lots) in accounts.into_iter().zip([signed, -signed]) {
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
        [buyer, seller].into_iter().for_each(|account| self.compare_leg(account, market));
        let report = self.on_market(market, |acted, accounts| {
            let (buying, selling) = pair(accounts, buyer, seller);
            trade::settle_trade(acted, buying, selling, fill)
        })?;
        self.follow_trade(market, [buyer, seller], fill.lots, fill.price);
        for (account, party) in [(buyer, report.buyer), (seller, report.seller)] {
            self.exact.capital[account] -= atoms(party.fee_atoms - party.fee_from_claims_atoms);
            self.exact.pay_from_claims(account, market, party.fee_from_claims_atoms);
        }
        Ok(())
    }

    pub fn liquidate(&mut self, market: usize, account: usize, keeper: usize) -> RiskResult<()> {
        [account, keeper].into_iter().for_each(|account| self.compare_leg(account, market));
        let report = self.on_market(market, |acted, accounts| {
            let (account, keeper) = pair(accounts, account, keeper);
            liquidation::liquidate(acted, account, keeper, u64::MAX)
        })?;
        assert_eq!(report.keeper_atoms + report.insurance_atoms, report.charge_atoms);
        let mark = self.state.markets.0[market].mark;
        let parties = if report.closed_lots < 0 { [keeper, account] } else { [account, keeper] };
        self.follow_trade(market, parties, report.closed_lots.unsigned_abs(), mark);
        self.exact.capital[account] -= atoms(report.charge_atoms);
        self.exact.capital[keeper] += atoms(report.keeper_atoms);
        Ok(())
    }

    /// Any account may be the one that takes over; its shares are worth what it is.
    pub fn absorb(&mut self, market: usize, account: usize, backstop: usize) -> RiskResult<()> {
        [account, backstop].into_iter().for_each(|account| self.compare_leg(account, market));
        let shares = ShareLedger { total: 1 << 40, generation: 0 };
        let mut state = BackstopState { shares, loss_line_ppm: 900_000, ..Zeroable::zeroed() };
        let report = self.on_market(market, |acted, accounts| {
            let (account, backstop) = pair(accounts, account, backstop);
            absorb::absorb(acted, account, &mut state, backstop)
        })?;
        let mark = self.state.markets.0[market].mark;
        let parties = if report.closed_lots < 0 { [backstop, account] } else { [account, backstop] };
        self.follow_trade(market, parties, report.closed_lots.unsigned_abs(), mark);
        self.exact.capital[account] -= atoms(report.charge_atoms);
        self.exact.capital[backstop] += atoms(report.charge_atoms - report.insurance_atoms);
        self.exact.hand_claim(market, account, backstop, report.claim_atoms);
        Ok(())
    }

    pub fn unwind(&mut self, market: usize, backstop: usize, keeper: usize) -> RiskResult<()> {
        [backstop, keeper].into_iter().for_each(|account| self.compare_leg(account, market));
        let report = self.on_market(market, |acted, accounts| {
            let (backstop, keeper) = pair(accounts, backstop, keeper);
            unwind::unwind(acted, backstop, keeper, u64::MAX, u64::MAX)
        })?;
        let mark = self.state.markets.0[market].mark;
        let parties = if report.closed_lots < 0 { [keeper, backstop] } else { [backstop, keeper] };
        self.follow_trade(market, parties, report.closed_lots.unsigned_abs(), mark);
        self.exact.capital[backstop] -= atoms(report.discount_atoms);
        self.exact.capital[keeper] += atoms(report.discount_atoms);
        Ok(())
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
            leg::finish(&mut accounts[account], slot, acted.market)
        })?;
        self.note_price(market, price);
        self.follow_touch(account, market, -closed);
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
            self.on_market(market, |acted, accounts| deleveraging::deleverage(acted, &mut accounts[account], None))?;
        self.follow_touch(account, market, report.closed_lots);
        self.exact.fill(account, market, report.closed_lots, report.price);
        self.exact.deleverage(market, other, report.closed_lots.unsigned_abs(), report.price, size_index);
        self.follow_generations();
        Ok(())
    }
}
