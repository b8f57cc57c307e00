//! What happens in a life: prices move and feeds fail, people trade, anybody does what anybody may.

use crate::acts::Act;
use crate::known;
use crate::life::Life;
use breakwater_risk::fixed::PPM;

/// Relative moves of a price at once, ppm.
const JUMPS: [i64; 9] = [100_000, -100_000, -300_000, -500_000, 1_000_000, 10_000_000, -900_000, -990_000, -999_900];

impl Life {
    /// Lives for so many steps: first people open positions in calm, then anything happens.
    pub fn live(&mut self, steps: u64) {
        let opening = self.chance.between(2, 12);
        for _ in 0..opening {
            self.pass(5);
            self.markets().for_each(|market| self.publish(market));
            self.trade();
        }
        let pace = self.chance.sized(3, 3_000);
        for _ in 0..steps {
            self.weather(pace);
            self.move_prices();
            for _ in 0..self.chance.between(1, 5) {
                match self.chance.below(10) {
                    0..3 => self.trade(),
                    3..9 => self.help(),
                    _ => self.move_cash(),
                }
            }
        }
    }

    /// Time passes; now and then a feed falls silent, for a while or until it counts as dead, or the cluster restarts.
    fn weather(&mut self, pace: u64) {
        let slots = match self.chance.below(40) {
            0 => self.chance.between(20, 200),
            1 => 1_600,
            2 => self.chance.sized(1_000, 2_000_000),
            _ => self.chance.between(3, pace),
        };
        self.pass(slots);
        if self.chance.percent(3) {
            let market = self.chance.below(self.prices.len() as u64) as usize;
            self.silent[market] = self.chance.between(1, 12);
        }
        if self.chance.percent(1) {
            self.now.last_restart_slot = self.now.slot - 1;
        }
    }

    fn move_prices(&mut self) {
        for market in self.markets() {
            if self.silent[market] > 0 {
                self.silent[market] -= 1;
                continue;
            }
            let felt = i64::from(self.state.markets.0[market].params.maintenance_base_ppm) * 5 / 4;
            let ppm = match self.chance.below(20) {
                0 => *self.chance.pick(&JUMPS),
                1..6 => self.chance.between(0, 2 * felt.unsigned_abs()).cast_signed() - felt,
                _ => self.chance.between(0, 6_000).cast_signed() - 3_000,
            };
            let price = i128::from(self.prices[market]);
            let moved = price + price * i128::from(ppm) / 1_000_000;
            self.prices[market] = u64::try_from(moved).unwrap_or(1).clamp(1, self.highest[market]);
            self.observe(market);
        }
    }

    /// The market is offered the price with some confidence and age, sometimes ones that it does not take.
    fn observe(&mut self, market: usize) {
        let (params, price) = (self.state.markets.0[market].params, self.prices[market]);
        let widths = [
            0,
            params.confidence_ref_ppm.min(params.confidence_max_ppm),
            params.confidence_ref_ppm,
            params.confidence_max_ppm,
            params.confidence_max_ppm + 1,
            params.confidence_liquidation_max_ppm,
            params.confidence_liquidation_max_ppm + 1,
            900_000,
        ];
        let most = if self.chance.percent(15) { widths.len() } else { 2 };
        let width = u64::from(*self.chance.pick(&widths[..most]));
        let confidence = (u128::from(price) * u128::from(width) / u128::from(PPM)) as u64;
        let age = i64::from(params.price_age_max_s);
        let age_s = if self.chance.percent(10) { *self.chance.pick(&[-3, -2, 1, age, age + 1]) } else { 0 };
        let _ = self.attempt(Act::Refresh { market, price, confidence, age_s });
    }

    /// Two accounts trade near the mark, a size that the poorer of them can often carry.
    fn trade(&mut self) {
        let (market, buyer, seller) = (self.any_market(), self.any_trader(), self.any_trader());
        if buyer == seller {
            return;
        }
        let state = &self.state.markets.0[market];
        let (mark, params) = (state.mark, state.params);
        let poorer =
            [buyer, seller].map(|place| self.state.accounts[place].capital_atoms).into_iter().min().unwrap_or(0);
        let carried = u128::from(poorer) * 1_000_000 / u128::from(params.initial_base_ppm);
        let carried = u64::try_from(carried).unwrap_or(u64::MAX).max(1);
        let least = params.min_position_atoms;
        let notional = match self.chance.below(10) {
            0 => least,
            1 => self.chance.sized(1, carried),
            2 => carried,
            _ => self.chance.between(carried / 20, carried / 2).max(least + least / 8),
        };
        let lots = known::carried_lots(notional, mark, self.highest[market]);
        let room = params.open_interest_max_lots.saturating_sub(state.long.open_lots).max(1);
        let lots = match self.chance.below(8) {
            0 => self.lots(buyer, market).unsigned_abs().max(1),
            1 => self.lots(seller, market).unsigned_abs().max(1),
            2 => lots,
            _ => lots.min(room),
        };
        let most = params.fill_cost_max_ppm() - u64::from(params.trade_fee_ppm);
        let off_ppm = if self.chance.percent(70) { 0 } else { self.chance.between(0, most) };
        let distance = (u128::from(mark) * u128::from(off_ppm) / u128::from(PPM)) as u64;
        let price = if self.chance.percent(50) { mark - distance } else { mark + distance };
        let _ = self.attempt(Act::Trade { market, buyer, seller, lots, price });
    }

    /// Something that anybody may do, whether it is due or not; most often to somebody who has a position there.
    fn help(&mut self) {
        let (mut market, mut account) = (self.any_market(), self.any_holder());
        for _ in 0..6 {
            if self.state.accounts[account].find_leg(market as u16).is_some() {
                break;
            }
            (market, account) = (self.any_market(), self.any_holder());
        }
        let (other, keeper) = (self.any_market(), self.any_trader());
        let act = match self.chance.below(18) {
            0 => Act::Flag { market, account },
            1..4 if account != keeper => Act::Liquidate { market, account, keeper },
            4 if account != keeper => Act::Derisk { market, account, keeper },
            5 | 6 if account != self.state.backstop_place() => Act::Absorb { market, account },
            7 => Act::Deleverage { market, account },
            8 | 9 => Act::Resolve { market, account },
            10 => Act::Convert { market, account },
            11 => Act::Touch { market, account },
            12 => Act::Measure { market },
            13 => Act::Sweep { market },
            14 => Act::Unwind { market, keeper, lots: self.chance.sized(1, u64::MAX) },
            15 if market != other => Act::PayDebt { account, claim: market, debt: other },
            16 if market != other && account != keeper => {
                Act::NetRing { first: account, second: keeper, claim: market, debt: other }
            }
            _ => Act::Settle { account },
        };
        let _ = self.attempt(act);
    }

    /// Somebody pays in or out, opts in, stakes or leaves.
    fn move_cash(&mut self) {
        let account = self.any_trader();
        let capital = self.state.accounts[account].capital_atoms;
        let act = match self.chance.below(9) {
            0..3 if capital > 0 => Act::Withdraw { account, atoms: self.chance.sized(1, capital) },
            3 => Act::Deposit { account, atoms: self.chance.sized(1, 1 << 40) },
            4 => Act::Donate { atoms: self.chance.sized(1, 1 << 40) },
            5 => Act::Stake { atoms: self.chance.sized(1, 1 << 48) },
            6 => Act::Request { part: self.chance.between(1, 3) },
            7 => Act::Unstake,
            _ => Act::OptIn { account, is_in: self.chance.percent(80) },
        };
        let _ = self.attempt(act);
    }

    fn any_market(&mut self) -> usize {
        self.chance.below(self.prices.len() as u64) as usize
    }

    fn any_trader(&mut self) -> usize {
        self.chance.below(self.traders().end as u64) as usize
    }

    fn any_holder(&mut self) -> usize {
        self.chance.below(self.holders().end as u64) as usize
    }
}
