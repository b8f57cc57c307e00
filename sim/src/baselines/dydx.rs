//! Owns the baseline "dydx" (v4; PEERS): an account below maintenance margin is closed block by block, each time at most
//! 10 % of the position and $100 k, the whole if it fits. The order fills no worse than the fillable price,
//! `mark·(1 − 1.5·rate·(1 − equity/maintenance))` for a long. The fee is what the fill left above the bankruptcy price, at
//! most 1.5 %, to insurance; insurance pays what it lacks, at most $1 M an account and block. An account below zero is
//! deleveraged at its bankruptcy price.
//!
//! Assumed: a block a second; a block may always close $1 k (the genesis figure), or a position would never end; the spread of
//! 1.5 times the maintenance rate is the genesis figure; an order that would end beyond its limit, or whose loss insurance
//! cannot pay, does not fill at all; above zero it then waits, as the program does, which deleverages no account above
//! zero; the other side is deleveraged in turn. There is no backstop.

use super::{
    deleverage::Order,
    exchange::Exchange,
    part_ceil,
    position::share,
    terms::{LossBearer, Payee, Standing, Terms},
    Rule, MAINTENANCE_PPM,
};
use crate::{inputs::Inputs, outcome::Tier, population::Side};

/// Most of a position in a block: one part of so many.
const BLOCK_PART: u64 = 10;
/// Most notional of a position in a block, micro-dollars.
const BLOCK_MOST_MICRO_USD: i128 = 100_000_000_000;
/// Notional that a block may always close, micro-dollars.
const BLOCK_LEAST_MICRO_USD: i128 = 1_000_000_000;
/// Most that insurance pays for an account in a block, micro-dollars.
const INSURED_MOST_MICRO_USD: i128 = 1_000_000_000_000;
/// Highest fee, ppm of notional.
const FEE_PPM: i128 = 15_000;
/// Widest spread of the fillable price over the maintenance rate, ppm.
const SPREAD_PPM: i128 = 1_500_000;

/// The rule: how many blocks there are in a sample.
pub struct Dydx {
    blocks: u64,
}

impl Rule for Dydx {
    const NAME: &'static str = "dydx";

    fn new(inputs: &Inputs) -> Self {
        Self { blocks: inputs.settings.step_s }
    }

    fn terms(&self) -> Terms {
        Terms { maintenance_ppm: MAINTENANCE_PPM, vault_leverage: 0, losses: LossBearer::Market }
    }

    fn act(&mut self, exchange: &mut Exchange, due: &[usize]) {
        for _ in 0..self.blocks {
            for &place in due {
                let standing = exchange.standing(place);
                match standing.tier() {
                    Tier::Healthy => {}
                    Tier::Bankrupt => exchange.deleverage(place, Order::InTurn),
                    _ => liquidate(exchange, place, &standing),
                }
            }
        }
    }
}

/// Sends the order of one block, if it would be filled.
fn liquidate(exchange: &mut Exchange, place: usize, standing: &Standing) {
    let position = exchange.position(place);
    let lots = block_lots(position.lots, standing.notional);
    let preview = exchange.preview(place, lots);
    let sign = position.side.sign();
    let limit = fillable_worth(preview.at_mark, position.side, standing);
    let leftover = sign * (preview.worth - share(position.bankruptcy_worth(), lots, position.lots));
    let insured_most = exchange.insurance().min(INSURED_MOST_MICRO_USD);
    if sign * (preview.worth - limit) < 0 || -leftover > insured_most {
        return;
    }
    let fill = exchange.close(place, lots);
    if leftover >= 0 {
        exchange.charge(place, leftover.min(part_ceil(fill.worth, FEE_PPM)), Payee::Insurance);
    } else {
        exchange.insure(place, -leftover);
    }
    exchange.settle(place);
}

/// Lots of a position that one block may close.
fn block_lots(lots: u64, notional: i128) -> u64 {
    let within = |micro_usd: i128| {
        let part = i128::from(lots) * micro_usd / notional.max(1);
        u64::try_from(part).unwrap_or(u64::MAX)
    };
    let most = (lots / BLOCK_PART).max(within(BLOCK_LEAST_MICRO_USD)).min(within(BLOCK_MOST_MICRO_USD));
    lots.min(most.max(1))
}

/// What lots that are worth `at_mark` must fetch at least (a long) or may cost at most (a short).
fn fillable_worth(at_mark: i128, side: Side, standing: &Standing) -> i128 {
    let missing = (standing.maintenance - standing.equity).clamp(0, standing.maintenance);
    let widest = at_mark * MAINTENANCE_PPM / 1_000_000 * SPREAD_PPM / 1_000_000;
    at_mark - side.sign() * (widest * missing / standing.maintenance.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_closes_a_tenth_within_a_thousand_and_a_hundred_thousand_dollars() {
        let usd = |dollars: i128| dollars * 1_000_000;
        assert_eq!(block_lots(1_000, usd(500_000)), 100);
        assert_eq!(block_lots(1_000, usd(2_000_000)), 50);
        assert_eq!(block_lots(1_000, usd(5_000)), 200);
        assert_eq!(block_lots(1_000, usd(900)), 1_000);
        assert_eq!(block_lots(1, usd(5_000)), 1);
    }

    #[test]
    fn the_fillable_price_leaves_the_mark_as_equity_goes() {
        let standing = |equity| Standing { notional: 1_000_000, equity, maintenance: 62_500 };
        let worth = |side, equity| fillable_worth(1_000_000, side, &standing(equity));
        assert_eq!(worth(Side::Long, 62_500), 1_000_000);
        assert_eq!(worth(Side::Long, 31_250), 1_000_000 - 93_750 / 2);
        assert_eq!(worth(Side::Short, 0), 1_000_000 + 93_750);
        assert_eq!(worth(Side::Long, -5), 1_000_000 - 93_750);
    }
}
