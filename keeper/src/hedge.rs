//! What becomes of the lots that a keeper takes over. A keeper with a venue of its own implements [`Hedge`] for it; without
//! one it holds what it took, within limits.

use anchor_lang::solana_program::instruction::Instruction;
use breakwater::MarginAccount;
use breakwater_sdk::view::used_legs;
use breakwater_sdk::MarketView;

/// A keeper's position in a market over all its accounts.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
    /// Market.
    pub market: &'a MarketView,
    /// Signed lots.
    pub lots: i64,
}

/// Decides how much may be taken, and brings the position back to flat.
pub trait Hedge: Send + Sync {
    /// Whether these lots (signed as the keeper would hold them) may be taken on top of a holding. Asked before every
    /// takeover; taking lots of the other side, up to flat, should always be allowed.
    fn may_take(&self, holding: &Holding<'_>, lots: i64) -> bool;

    /// Most lots that may be taken in a direction (+1 or −1), for takeovers whose size the keeper chooses.
    fn room_lots(&self, holding: &Holding<'_>, direction: i64) -> u64;

    /// Instructions that bring a holding nearer to flat, to be signed by the keeper; none = nothing to do, or no way.
    fn rebalance(&self, holding: &Holding<'_>) -> Vec<Instruction>;
}

/// Holds what it took and never more than a notional a market: no venue needed, and the default.
#[derive(Clone, Copy, Debug)]
pub struct HoldWithinLimits {
    /// Most notional in a market, quote atoms.
    pub max_notional_atoms: u64,
}

impl HoldWithinLimits {
    fn max_lots(&self, market: &MarketView) -> u64 {
        let mark = u128::from(market.market.state.mark);
        let micro = u128::from(self.max_notional_atoms) * 1_000_000;
        micro.checked_div(mark).map_or(0, |lots| u64::try_from(lots).unwrap_or(u64::MAX))
    }
}

impl Hedge for HoldWithinLimits {
    fn may_take(&self, holding: &Holding<'_>, lots: i64) -> bool {
        let after = holding.lots.saturating_add(lots).unsigned_abs();
        after <= self.max_lots(holding.market) || after <= holding.lots.unsigned_abs()
    }

    fn room_lots(&self, holding: &Holding<'_>, direction: i64) -> u64 {
        let max = i128::from(self.max_lots(holding.market));
        let room = max - i128::from(holding.lots) * i128::from(direction.signum());
        u64::try_from(room.max(0)).unwrap_or(u64::MAX)
    }

    fn rebalance(&self, _holding: &Holding<'_>) -> Vec<Instruction> {
        Vec::new()
    }
}

/// Signed lots in a market over accounts, as of each leg's last touch.
pub fn held_lots<'a>(accounts: impl Iterator<Item = &'a MarginAccount>, market_index: u16) -> i64 {
    let legs = accounts.flat_map(used_legs).filter(|leg| leg.market_index == market_index);
    legs.fold(0_i64, |sum, leg| sum.saturating_add(leg.lots))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn the_limit_counts_what_is_held_and_never_stands_in_the_way_of_flat() {
        let mut market = breakwater::Market::zeroed();
        market.state.mark = 2_000_000; // 2 atoms a lot
        let market = MarketView { key: Default::default(), market };
        let hedge = HoldWithinLimits { max_notional_atoms: 200 };
        let holding = |lots| Holding { market: &market, lots };
        assert!(hedge.may_take(&holding(40), 60));
        assert!(!hedge.may_take(&holding(40), 61));
        assert!(hedge.may_take(&holding(500), -1), "too much is held already: less is always allowed");
        assert!(!hedge.may_take(&holding(500), -1_001), "not to as much on the other side");
        assert_eq!(hedge.room_lots(&holding(40), 1), 60);
        assert_eq!(hedge.room_lots(&holding(40), -1), 140);
        assert_eq!(hedge.room_lots(&holding(500), 1), 0);
    }

    #[test]
    fn without_a_price_nothing_is_taken() {
        let market = MarketView { key: Default::default(), market: breakwater::Market::zeroed() };
        assert!(!HoldWithinLimits { max_notional_atoms: 200 }.may_take(&Holding { market: &market, lots: 0 }, 1));
    }
}
