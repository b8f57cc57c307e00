//! Owns how accounts end: who gets what is left, who bears a deficit.
//!
//! Assumed: a deficit is borne by whom the terms name, and the losses of nobody are the market's, which is not paid then.

use super::{
    exchange::Exchange,
    position::{share, Calm},
    terms::LossBearer,
};

impl Exchange {
    /// Ends what a rule did with an account: pays it out if it has no lots, else watches it at its new margin.
    pub fn settle(&mut self, place: usize) {
        self.has_moved = true;
        let position = &mut self.positions[place];
        self.calm[place] = Calm::of(position, self.scale, self.terms.maintenance_ppm);
        if position.lots > 0 {
            return;
        }
        self.open -= 1;
        let left = std::mem::take(&mut position.cash);
        match (self.terms.losses, &mut self.vault) {
            // An account that was reduced for others keeps its own.
            (LossBearer::Pool, Some(pool)) if self.touched.contains(&place) => {
                let borne = left.max(-pool.position.cash.max(0));
                pool.position.cash += borne;
                self.books.to_backstop += borne.max(0);
                self.bear((borne - left).max(0));
            }
            _ => {
                self.books.returned += left.max(0);
                self.bear((-left).max(0));
            }
        }
    }

    /// Finds who pays a deficit.
    fn bear(&mut self, deficit: i128) {
        let mut left = self.books.insure(deficit, deficit);
        if self.terms.losses == LossBearer::OpenLots && left > 0 {
            left -= self.charge_open_lots(left);
        }
        self.books.unfunded += left;
        self.books.market_quote -= left;
    }

    /// Charges an amount to all open lots pro rata; returns what was charged: all of it, or nothing if no lot is open.
    fn charge_open_lots(&mut self, amount: i128) -> i128 {
        let (mut amount_left, mut lots_left): (i128, u64) = (amount, self.positions.iter().map(|p| p.lots).sum());
        for (position, calm) in self.positions.iter_mut().zip(&mut self.calm).filter(|(p, _)| p.lots > 0) {
            let charged = share(amount_left, position.lots, lots_left);
            position.cash -= charged;
            *calm = Calm::of(position, self.scale, self.terms.maintenance_ppm);
            amount_left -= charged;
            lots_left -= position.lots;
        }
        self.books.lots_charged += amount - amount_left;
        amount - amount_left
    }
}
