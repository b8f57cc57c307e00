//! The end of a life: feeds are back, and by acts that anybody may do, with cash from outside where somebody has to pay, every
//! position is closed, every claim converted or written down, every atom of capital withdrawn.

use crate::acts::Act;
use crate::life::Life;
use breakwater_risk::fixed::PPM;
use breakwater_risk::{breaker, refresh};

/// Rounds after which a life that is not at rest is stuck.
const ROUNDS: u64 = 60;
/// Sales of the backstop in one round, each after the meter emptied.
const SALES: u64 = 40_000;
/// Refreshes after which a market that was closed by a pause or a jump takes new risk.
const REFRESHES: u64 = 5_000;
/// Slots between two refreshes while time passes: a quarter of an hour.
const QUARTER_HOUR: u64 = 2_250;
/// Slots of two days: the insurance window, and the day's loss line of the backstop.
const TWO_DAYS: u64 = 432_000;
/// Slots from a request of the backstop's shares to the middle of the time in which it is paid.
const COOLDOWN: u64 = 1_600_000;
/// Slots from the first call of a request to a time at which the second one pays: an hour and a half.
const SECOND_CALL: u64 = 13_500;
/// Capital of whoever buys what is left.
const RICH: u64 = 1 << 55;

impl Life {
    /// Brings everything to rest. Errors: what is left, in words.
    pub fn come_to_rest(&mut self) -> Result<(), String> {
        self.silent.fill(0);
        for round in 0..ROUNDS {
            self.wait_for_calm();
            self.finish_failures();
            self.markets().for_each(|market| self.close_out(market));
            if round > 2 {
                self.bring_cash();
                self.markets().for_each(|market| self.sell_inventory(market));
            }
            self.repay();
            self.settle_and_convert();
            if self.is_at_rest() {
                return self.leave();
            }
        }
        Err(self.what_is_left())
    }

    /// Time passes until profits have matured and volatility has fallen, and the last prices are fresh.
    fn wait_for_calm(&mut self) {
        let windows = self.state.markets.0.iter().map(|market| u64::from(market.params.profit_window_slots));
        let mut left = 2 * windows.max().unwrap_or(0) + 4 * QUARTER_HOUR;
        while left > 0 {
            let step = left.clamp(1, QUARTER_HOUR.max(left / 8));
            self.pass(step.max(5));
            self.markets().for_each(|market| self.publish(market));
            left -= step;
        }
        // Depth follows a feed that is alive, and a breaker that the last jump opened closes.
        for _ in 0..40 {
            self.pass(5);
            self.markets().for_each(|market| self.publish(market));
        }
    }

    fn finish_failures(&mut self) {
        for account in self.holders() {
            let _ = self.attempt(Act::Settle { account });
            for market in self.markets() {
                let _ = self.attempt(Act::Resolve { market, account });
                let _ = self.attempt(Act::Flag { market, account });
                for keeper in self.traders().filter(|keeper| *keeper != account) {
                    let _ = self.attempt(Act::Liquidate { market, account, keeper });
                }
                if account != self.state.backstop_place() {
                    let _ = self.attempt(Act::Absorb { market, account });
                }
                let _ = self.attempt(Act::Deleverage { market, account });
            }
        }
    }

    /// Longs and shorts close against each other at the mark; who has nobody left on the other side is deleveraged.
    fn close_out(&mut self, market: usize) {
        let mark = self.state.markets.0[market].mark;
        for buyer in self.traders() {
            for seller in self.traders() {
                let (short, long) = (self.lots(buyer, market), self.lots(seller, market));
                if short < 0 && long > 0 {
                    let lots = short.unsigned_abs().min(long.unsigned_abs());
                    let _ = self.attempt(Act::Trade { market, buyer, seller, lots, price: mark });
                }
            }
        }
        for account in self.holders() {
            if self.lots(account, market) != 0 {
                let _ = self.attempt(Act::Deleverage { market, account });
            }
        }
    }

    /// Somebody rich opens an account's worth of capital in the first one: whoever else is there may be too poor to buy.
    fn bring_cash(&mut self) {
        let capital = self.state.accounts[0].capital_atoms;
        if capital < RICH {
            let _ = self.attempt(Act::Deposit { account: 0, atoms: RICH - capital });
        }
    }

    /// Prices come every two seconds until a market takes new risk: the pause before them may have closed it.
    fn open_to_risk(&mut self, market: usize) {
        for round in 0..REFRESHES {
            let state = &self.state.markets.0[market];
            let is_closed = refresh::is_reduce_only(state, &self.now) || breaker::is_open(state, &self.now);
            if round > 1 && !is_closed {
                return;
            }
            self.pass(5);
            self.markets().for_each(|market| self.publish(market));
        }
    }

    /// Somebody buys what the backstop holds, as much at a time as the meter allows, and closes it against the other side.
    fn sell_inventory(&mut self, market: usize) {
        let backstop = self.state.backstop_place();
        for _ in 0..SALES {
            if self.lots(backstop, market) == 0 {
                return;
            }
            let recovery = u64::from(self.state.markets.0[market].params.flow_recovery_slots);
            self.pass(recovery + 5);
            self.open_to_risk(market);
            let keepers = self.traders();
            let sold =
                keepers.into_iter().any(|keeper| self.attempt(Act::Unwind { market, keeper, lots: u64::MAX }).is_ok());
            self.close_out(market);
            if !sold {
                return;
            }
        }
    }

    /// Gives the fund so much that its caps allow the repayment of what a market left unfunded, then sweeps.
    fn repay(&mut self) {
        let unfunded: u64 = self.state.markets.0.iter().map(|market| market.unfunded_atoms).sum();
        if unfunded > 0 {
            self.pass(TWO_DAYS);
            self.markets().for_each(|market| self.publish(market));
        }
        for market in self.markets() {
            let state = &self.state.markets.0[market];
            let (missing, cap) = (state.unfunded_atoms, u64::from(state.params.insurance_event_ppm));
            let needed = u128::from(missing) * u128::from(PPM) / u128::from(cap.max(1)) * 2;
            let atoms =
                u64::try_from(needed).unwrap_or(u64::MAX).min(RICH).saturating_sub(self.state.insurance.balance_atoms);
            if missing > 0 && cap > 0 && atoms > 0 {
                let _ = self.attempt(Act::Donate { atoms });
            }
            let _ = self.attempt(Act::Sweep { market });
            // What the fund did not set aside for somebody gives, so that the market takes new risk again.
            let _ = self.attempt(Act::Cover { market });
        }
    }

    fn settle_and_convert(&mut self) {
        for account in self.holders() {
            let _ = self.attempt(Act::Settle { account });
            for market in self.markets() {
                for other in self.markets().filter(|other| *other != market) {
                    let _ = self.attempt(Act::PayDebt { account, claim: market, debt: other });
                    for second in self.holders().filter(|second| *second != account) {
                        let _ = self.attempt(Act::NetRing { first: account, second, claim: market, debt: other });
                    }
                }
                let _ = self.attempt(Act::Convert { market, account });
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        self.state.markets.0.iter().all(|market| {
            let lots = market.long.open_lots + market.short.open_lots;
            (market.leg_count, lots, market.claims_total_atoms, market.debts_total_atoms) == (0, 0, 0, 0)
        })
    }

    /// Every account withdraws all, and so do the stakers of the backstop.
    fn leave(&mut self) -> Result<(), String> {
        for account in self.traders() {
            let atoms = self.state.accounts[account].capital_atoms;
            if atoms > 0 && self.attempt(Act::Withdraw { account, atoms }).is_err() {
                return Err(format!("account {account} cannot withdraw its capital: {:?}", self.refusals));
            }
        }
        if self.state.holding.live_shares(&self.state.backstop.shares) > 0 {
            let asked = self.attempt(Act::Request { part: 1 });
            let mut left = asked.map(|_| ());
            // The first call notes the value, the second one pays.
            for wait in [COOLDOWN, SECOND_CALL] {
                self.pass(wait);
                self.markets().for_each(|market| self.publish(market));
                left = left.and_then(|()| self.attempt(Act::Unstake).map(|_| ()));
            }
            if left.is_err() {
                return Err(format!("the backstop's shares are not paid: {:?}", self.refusals));
            }
        }
        Ok(())
    }

    fn what_is_left(&self) -> String {
        let mut left = format!("not at rest after {ROUNDS} rounds; last refusals: {:?}", self.refusals);
        for (index, market) in self.state.markets.0.iter().enumerate() {
            left += &format!(
                "\nmarket {index}: mark {} pool {} claims {} debts {} unfunded {} open {} legs {} capacity {} caps {} {} fee {}",
                market.mark,
                market.pool_atoms,
                market.claims_total_atoms,
                market.debts_total_atoms,
                market.unfunded_atoms,
                market.long.open_lots,
                market.leg_count,
                market.depth.capacity_atoms,
                market.params.insurance_event_ppm,
                market.params.insurance_window_ppm,
                market.params.trade_fee_ppm
            );
        }
        for (place, account) in self.state.accounts.iter().enumerate() {
            left += &format!("\naccount {place}: capital {}", account.capital_atoms);
            for leg in account.legs.iter().filter(|leg| leg.is_used()) {
                left += &format!(
                    "\n  market {}: lots {} claims {} {} {} debt {}",
                    leg.market_index,
                    leg.lots,
                    leg.claim_fresh_atoms,
                    leg.claim_maturing_atoms,
                    leg.claim_matured_atoms,
                    leg.debt_atoms
                );
            }
        }
        left
    }
}
