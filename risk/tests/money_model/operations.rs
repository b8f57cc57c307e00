//! Random operations and how they reach the world.

use crate::world::World;
use breakwater_risk::trade::Fill;
use breakwater_risk::units::SideName;
use breakwater_risk::{RiskError, RiskResult};
use proptest::prelude::*;

/// An operation; indices are taken modulo what the world has.
#[derive(Clone, Debug)]
pub enum Operation {
    Deposit {
        account: u8,
        atoms: u64,
    },
    Withdraw {
        account: u8,
        ppm: u32,
    },
    Move {
        market: u8,
        ppm: i32,
    },
    Wait {
        slots: u64,
    },
    Fund {
        market: u8,
        ppm: i32,
    },
    Trade {
        market: u8,
        buyer: u8,
        seller: u8,
        lots: u64,
        off_ppm: i32,
    },
    VenueTrade {
        market: u8,
        buyer: u8,
        seller: u8,
        lots: u64,
        off_ppm: i32,
    },
    Settle {
        account: u8,
    },
    Touch {
        account: u8,
        market: u8,
    },
    Register {
        account: u8,
        market: u8,
    },
    Convert {
        account: u8,
        market: u8,
    },
    PayDebt {
        account: u8,
        claim: u8,
        debt: u8,
    },
    Net {
        first: u8,
        second: u8,
        claim: u8,
        debt: u8,
    },
    Deleverage {
        market: u8,
        account: u8,
        ppm: u32,
        off_ppm: i32,
    },
    /// Every leg of a side is closed against the other side.
    Collapse {
        market: u8,
        short: bool,
    },
    /// Opens lots and deleverages all but a few of them, several times: the size index wears down.
    Grind {
        market: u8,
        buyer: u8,
        seller: u8,
        lots: u64,
        leave: u64,
        times: u8,
    },
    Resolve {
        account: u8,
    },
    Liquidate {
        market: u8,
        account: u8,
        keeper: u8,
    },
    Absorb {
        market: u8,
        account: u8,
        backstop: u8,
    },
    Unwind {
        market: u8,
        backstop: u8,
        keeper: u8,
    },
    Sweep {
        market: u8,
    },
    Donate {
        atoms: u64,
    },
}

fn lots() -> impl Strategy<Value = u64> {
    prop_oneof![1..10_u64, 1..100_000_u64, 1_000_000..10_000_000_000_u64]
}

/// One operation, weighted so that runs reach profits, debts, deficits and worn indices.
pub fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let id = || 0..240_u8;
    let near = || -25_000..25_000_i32;
    prop_oneof![
        4 => (id(), prop_oneof![1..1_000_000_u64, 1..5_000_000_000_000_u64])
            .prop_map(|(account, atoms)| Deposit { account, atoms }),
        1 => (id(), 1..1_000_001_u32).prop_map(|(account, ppm)| Withdraw { account, ppm }),
        10 => (id(), prop_oneof![-20_000..20_000_i32, -500_000..500_000_i32])
            .prop_map(|(market, ppm)| Move { market, ppm }),
        4 => prop_oneof![1..50_u64, 200..2_000_u64].prop_map(|slots| Wait { slots }),
        2 => (id(), -10_000..10_000_i32).prop_map(|(market, ppm)| Fund { market, ppm }),
        14 => (id(), id(), id(), lots(), near())
            .prop_map(|(market, buyer, seller, lots, off_ppm)| Trade { market, buyer, seller, lots, off_ppm }),
        6 => (id(), id(), id(), lots(), near())
            .prop_map(|(market, buyer, seller, lots, off_ppm)| VenueTrade { market, buyer, seller, lots, off_ppm }),
        6 => id().prop_map(|account| Settle { account }),
        5 => (id(), id()).prop_map(|(account, market)| Touch { account, market }),
        5 => (id(), id()).prop_map(|(account, market)| Register { account, market }),
        6 => (id(), id()).prop_map(|(account, market)| Convert { account, market }),
        4 => (id(), id(), id()).prop_map(|(account, claim, debt)| PayDebt { account, claim, debt }),
        1 => (id(), id(), id(), id()).prop_map(|(first, second, claim, debt)| Net { first, second, claim, debt }),
        6 => (id(), id(), prop_oneof![1..1_000_000_u32, Just(1_000_000_u32)], -100_000..100_000_i32)
            .prop_map(|(market, account, ppm, off_ppm)| Deleverage { market, account, ppm, off_ppm }),
        1 => (id(), any::<bool>()).prop_map(|(market, short)| Collapse { market, short }),
        2 => (id(), id(), id(), 1_000_000_000..10_000_000_000_u64, 0..1_000_u64, 1..4_u8).prop_map(
            |(market, buyer, seller, lots, leave, times)| Grind { market, buyer, seller, lots, leave, times }
        ),
        6 => id().prop_map(|account| Resolve { account }),
        3 => (id(), id(), id()).prop_map(|(market, account, keeper)| Liquidate { market, account, keeper }),
        4 => (id(), id(), id()).prop_map(|(market, account, backstop)| Absorb { market, account, backstop }),
        2 => (id(), id(), id()).prop_map(|(market, backstop, keeper)| Unwind { market, backstop, keeper }),
        2 => id().prop_map(|market| Sweep { market }),
        1 => (1..100_000_000_000_u64).prop_map(|atoms| Donate { atoms }),
    ]
}

impl Operation {
    /// Name of the event that this operation is when it succeeds; others are not counted.
    fn name(&self) -> &'static str {
        match self {
            Operation::Withdraw { .. } => "withdrawal",
            Operation::Trade { .. } => "trade",
            Operation::VenueTrade { .. } => "venue trade",
            Operation::Touch { .. } => "touch alone",
            Operation::Register { .. } => "registration",
            Operation::Convert { .. } => "conversion",
            Operation::PayDebt { .. } => "debt payment",
            Operation::Net { .. } => "netting",
            Operation::Deleverage { .. } => "deleveraging",
            Operation::Collapse { .. } => "collapse",
            Operation::Grind { .. } => "grind",
            Operation::Resolve { .. } => "resolution",
            Operation::Liquidate { .. } => "slice",
            Operation::Absorb { .. } => "absorption",
            Operation::Unwind { .. } => "unwinding",
            Operation::Sweep { .. } => "sweep",
            _ => "other",
        }
    }
}

/// Reasons for which an operation may be refused. Anything else is a failure of the engine.
fn is_refusal(error: RiskError) -> bool {
    use RiskError::*;
    !matches!(error, Overflow | DivisionByZero | InvariantBroken | OpenInterestUnequal | NoSuchMarket)
}

impl World {
    /// Applies an operation, then checks everything.
    pub fn apply(&mut self, operation: &Operation) {
        match self.act(operation) {
            Ok(()) => self.reach(operation.name()),
            Err(error) => assert!(is_refusal(error), "{operation:?} fails with {error:?}"),
        }
        self.last = format!("{operation:?}");
        self.verify();
    }

    fn act(&mut self, operation: &Operation) -> RiskResult<()> {
        use Operation::*;
        let accounts = self.state.accounts.len();
        let id = |n: u8| usize::from(n) % accounts;
        let other = |n: u8, than: u8| (id(than) + 1 + usize::from(n) % (accounts - 1)) % accounts;
        let markets = self.state.markets.0.len();
        let of = |n: u8| usize::from(n) % markets;
        match *operation {
            Deposit { account, atoms } => self.deposit(id(account), atoms),
            Withdraw { account, ppm } => self.withdraw(id(account), ppm).map(|_| ())?,
            Move { market, ppm } => self.move_mark(of(market), ppm),
            Wait { slots } => self.wait(slots),
            Fund { market, ppm } => self.fund(of(market), ppm)?,
            Trade { market, buyer, seller, lots, off_ppm } => {
                let price = self.price_off(of(market), off_ppm);
                self.trade_settled(of(market), id(buyer), other(seller, buyer), lots, price)?;
            }
            VenueTrade { market, buyer, seller, lots, off_ppm } => {
                let fill = Fill { lots, price: self.price_off(of(market), off_ppm) };
                self.venue_trade(of(market), id(buyer), other(seller, buyer), fill)?;
            }
            Settle { account } => self.settle(id(account)),
            Touch { account, market } => self.touch_alone(id(account), of(market))?,
            Register { account, market } => self.register(id(account), of(market))?,
            Convert { account, market } => self.convert(id(account), of(market)).map(|_| ())?,
            PayDebt { account, claim, debt } if of(claim) != of(debt) => {
                self.pay_debt(id(account), of(claim), of(debt))?;
            }
            PayDebt { .. } => {}
            Net { first, second, claim, debt } => {
                self.net(&[id(first), other(second, first)], &[of(claim), of(debt)]).map(|_| ())?;
            }
            Deleverage { market, account, ppm, off_ppm } => {
                let lots = self.lots(id(account), of(market)).unsigned_abs();
                let lots = (u128::from(lots) * u128::from(ppm)).div_ceil(1_000_000) as u64;
                let price = self.price_off(of(market), off_ppm);
                self.deleverage_settled(of(market), id(account), lots, price)?;
            }
            Collapse { market, short } => self.collapse(of(market), short)?,
            Grind { market, buyer, seller, lots, leave, times } => {
                for _ in 0..times {
                    self.grind(of(market), [id(buyer), other(seller, buyer)], lots, leave)?;
                }
            }
            Resolve { account } => self.resolve(id(account))?,
            Liquidate { market, account, keeper } => self.liquidate(of(market), id(account), other(keeper, account))?,
            Absorb { market, account, backstop } => self.absorb(of(market), id(account), other(backstop, account))?,
            Unwind { market, backstop, keeper } => self.unwind(of(market), id(backstop), other(keeper, backstop))?,
            Sweep { market } => self.sweep(of(market))?,
            Donate { atoms } => self.donate(atoms),
        }
        Ok(())
    }

    fn trade_settled(&mut self, market: usize, buyer: usize, seller: usize, lots: u64, price: u64) -> RiskResult<()> {
        self.settle(buyer);
        self.settle(seller);
        self.trade(market, buyer, seller, lots, price)
    }

    fn deleverage_settled(&mut self, market: usize, account: usize, lots: u64, price: u64) -> RiskResult<()> {
        self.settle(account);
        self.deleverage(market, account, lots, price)
    }

    fn collapse(&mut self, market: usize, short: bool) -> RiskResult<()> {
        let mark = self.state.markets.0[market].mark;
        for account in 0..self.state.accounts.len() {
            let lots = self.lots(account, market);
            if lots != 0 && (lots < 0) == short {
                self.deleverage_settled(market, account, lots.unsigned_abs(), mark)?;
            }
        }
        Ok(())
    }

    /// The two accounts open lots; then those of one close against all but `leave` lots of the other side.
    fn grind(&mut self, market: usize, [buyer, seller]: [usize; 2], lots: u64, leave: u64) -> RiskResult<()> {
        let mark = self.state.markets.0[market].mark;
        self.trade_settled(market, buyer, seller, lots, mark)?;
        let open = self.state.markets.0[market].side(SideName::Long).open_lots;
        let closed = self.lots(seller, market).unsigned_abs().min(open.saturating_sub(leave)).max(1);
        self.deleverage_settled(market, seller, closed, mark)?;
        Ok(())
    }
}
