//! Owns the baseline "generation 1" (GMX, Jupiter, Adrena; PEERS): an account below maintenance margin is closed in full,
//! at once, at market, for a fee of 0.3 % of notional as far as its equity reaches.
//!
//! Assumed: the sample's price decides who is closed, in the order of the accounts; a pool is every trader's counterparty;
//! insurance receives the fees and pays bad debt as far as it reaches. There is no backstop, whatever the settings give to
//! others, and no deleveraging by profit factor.

use super::{
    exchange::Exchange,
    part_ceil,
    terms::{LossBearer, Payee, Terms},
    Rule, MAINTENANCE_PPM,
};
use crate::inputs::Inputs;

/// What a closed account pays, ppm of notional (PEERS: 0.2 to 0.3 %).
const FEE_PPM: i128 = 3_000;

/// The rule, which remembers nothing.
pub struct Generation1;

impl Rule for Generation1 {
    const NAME: &'static str = "generation 1";

    fn new(_inputs: &Inputs) -> Self {
        Self
    }

    fn terms(&self) -> Terms {
        Terms { maintenance_ppm: MAINTENANCE_PPM, vault_leverage: 0, losses: LossBearer::Market }
    }

    fn act(&mut self, exchange: &mut Exchange, due: &[usize]) {
        for &place in due {
            let fill = exchange.close(place, exchange.position(place).lots);
            exchange.charge(place, part_ceil(fill.worth, FEE_PPM), Payee::Insurance);
            exchange.settle(place);
        }
    }
}
