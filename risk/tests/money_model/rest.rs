//! Bringing a world to rest: every position closed, every debt and claim settled, every atom of capital withdrawn.

use crate::number::atoms;
use crate::world::World;
use breakwater_risk::units::SideName;
use breakwater_risk::RiskError;

/// Rounds of conversions and debt payments after which a world must be at rest.
const ROUNDS: usize = 60;

impl World {
    /// Closes everything. Fails if something stays.
    pub fn come_to_rest(&mut self) {
        self.last = "coming to rest".into();
        self.wait(1);
        for market in 0..self.state.markets.0.len() {
            self.settle_everyone();
            self.close_by_trades(market);
            self.settle_everyone();
            self.close_remnants(market);
        }
        self.verify();
        for round in 0.. {
            self.resolve_everyone();
            self.last = "resolving everyone at rest".into();
            self.verify();
            self.fund_what_is_unfunded();
            self.pay_and_convert();
            self.last = "paying and converting at rest".into();
            self.verify();
            self.net_rings();
            self.last = "netting at rest".into();
            self.verify();
            if self.is_at_rest() {
                break;
            }
            assert!(round < ROUNDS, "not at rest after {ROUNDS} rounds: {}", self.what_is_left());
        }
        self.verify();
        for account in 0..self.state.accounts.len() {
            let capital = self.state.accounts[account].capital_atoms;
            if capital > 0 {
                assert_eq!(self.withdraw(account, 1_000_000), Ok(capital), "all capital of {account} can be withdrawn");
            }
        }
        self.verify();
    }

    fn settle_everyone(&mut self) {
        (0..self.state.accounts.len()).for_each(|account| self.settle(account));
    }

    /// Everybody with lots trades them away at the mark until one side has nobody left.
    fn close_by_trades(&mut self, market: usize) {
        loop {
            let holder = |side: SideName| {
                let lots = |account: &usize| self.lots(*account, market);
                (0..self.state.accounts.len()).find(|account| lots(account) != 0 && SideName::of(lots(account)) == side)
            };
            let (Some(long), Some(short)) = (holder(SideName::Long), holder(SideName::Short)) else { return };
            let lots = self.lots(long, market).min(-self.lots(short, market)).unsigned_abs();
            let mark = self.state.markets.0[market].mark;
            self.trade(market, short, long, lots, mark).expect("anyone may reduce");
        }
    }

    fn close_remnants(&mut self, market: usize) {
        for account in 0..self.state.accounts.len() {
            if self.lots(account, market) != 0 {
                self.deleverage_remnant(market, account).expect("a remnant can be closed");
                self.reach("remnant closed");
            }
        }
    }

    fn resolve_everyone(&mut self) {
        for account in 0..self.state.accounts.len() {
            self.settle(account);
            match self.resolve(account) {
                Ok(()) | Err(RiskError::NotBankrupt) => {}
                Err(error) => panic!("resolving {account} fails with {error:?}"),
            }
        }
    }

    /// Somebody donates what is missing to the fund, whose caps would otherwise spread it over days.
    fn fund_what_is_unfunded(&mut self) {
        for market in 0..self.state.markets.0.len() {
            let unfunded = self.state.markets.0[market].unfunded_atoms;
            if unfunded == 0 {
                continue;
            }
            self.outside += i128::from(unfunded);
            let stored = &mut self.state.markets.0[market];
            (stored.pool_atoms, stored.unfunded_atoms) = (stored.pool_atoms + unfunded, 0);
            let exact = &mut self.exact.markets[market];
            exact.pool += atoms(unfunded);
            exact.unfunded = &exact.unfunded - atoms(unfunded);
        }
    }

    fn pay_and_convert(&mut self) {
        let markets = self.state.markets.0.len();
        self.wait(2 * u64::from(self.params.profit_window_slots));
        for account in 0..self.state.accounts.len() {
            for (claim, debt) in (0..markets * markets).map(|n| (n / markets, n % markets)).filter(|(a, b)| a != b) {
                match self.pay_debt(account, claim, debt) {
                    Ok(_) | Err(RiskError::NoSuchLeg | RiskError::NothingToDo | RiskError::SettleFirst) => {}
                    Err(error) => panic!("paying a debt fails with {error:?}"),
                }
            }
            for market in 0..markets {
                match self.convert(account, market) {
                    Ok(_) | Err(RiskError::NoSuchLeg | RiskError::NothingToDo | RiskError::SettleFirst) => {}
                    Err(error) => panic!("converting fails with {error:?}"),
                }
            }
            self.settle(account);
        }
    }

    /// Nets every ring of two or three accounts that wait for each other's cash.
    fn net_rings(&mut self) {
        let markets = self.state.markets.0.len();
        let ends = |world: &Self, claim: usize, debt: usize| -> Vec<usize> {
            let has = |account: &usize| {
                let account = &world.state.accounts[*account];
                let leg = |market: usize| account.find_leg(market as u16).map(|slot| account.legs[slot]);
                let claims = leg(claim).is_some_and(|leg| breakwater_risk::claims::has_any(&leg));
                claims && leg(debt).is_some_and(|leg| leg.debt_atoms > 0)
            };
            (0..world.state.accounts.len()).filter(has).collect()
        };
        let pairs = (0..markets * markets).map(|n| vec![n / markets, n % markets]);
        let triples = (0..markets.pow(3)).map(|n| vec![n / markets / markets, n / markets % markets, n % markets]);
        for ring in pairs.chain(triples) {
            let distinct = (1..ring.len()).all(|i| !ring[..i].contains(&ring[i]));
            let links: Vec<Vec<usize>> =
                (0..ring.len()).map(|i| ends(self, ring[i], ring[(i + 1) % ring.len()])).collect();
            if !distinct || links.iter().any(Vec::is_empty) {
                continue;
            }
            let members: Vec<usize> = links.iter().map(|link| link[0]).collect();
            match self.net(&members, &ring) {
                Ok(_) => self.reach("netting at rest"),
                Err(RiskError::NoSuchLeg | RiskError::NothingToDo | RiskError::SettleFirst) => {}
                Err(error) => panic!("netting {members:?} fails with {error:?}"),
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        self.state.markets.0.iter().all(|market| {
            let lots = market.long.open_lots + market.short.open_lots;
            market.leg_count == 0 && lots == 0 && market.claims_total_atoms == 0 && market.debts_total_atoms == 0
        })
    }

    fn what_is_left(&self) -> String {
        let mut left = String::new();
        for (index, market) in self.state.markets.0.iter().enumerate() {
            left += &format!(
                "\nmarket {index}: pool {} claims {} debts {} unfunded {} open {} legs {}",
                market.pool_atoms,
                market.claims_total_atoms,
                market.debts_total_atoms,
                market.unfunded_atoms,
                market.long.open_lots,
                market.leg_count
            );
        }
        for (index, account) in self.state.accounts.iter().enumerate() {
            let equity = crate::number::float_atoms(&self.exact.equity(index));
            left += &format!("\naccount {index}: capital {} equity {equity}", account.capital_atoms);
            for leg in account.legs.iter().filter(|leg| leg.is_used()) {
                left += &format!("\n  {leg:?}");
            }
        }
        left
    }
}
