//! FILTER. What is known to stop a market and is kept out of the search, each in one place: take a rule away here once the engine
//! has one of its own.

use crate::acts::Act;
use crate::chance::Chance;
use breakwater_risk::units::{MAX_LEG_LOTS, MAX_NOTIONAL_ATOMS};
use breakwater_risk::{MarketParams, RiskError};

/// First prices, price units: a feed with room on both sides (P-12 says nothing of a first price).
const FIRST_PRICES: (u64, u64) = (1 << 24, 1 << 36);
/// A price never rises above so many times the first one.
pub const MOST_RISE: u64 = 1_000;
/// Legs whose notional an account carries at the highest price.
const LEGS: u64 = 16;

/// E-4 allows 2^40 lots at 2^48: lots whose notional stays within its type at the highest price.
pub fn carried_lots(notional_atoms: u64, mark: u64, highest: u64) -> u64 {
    let at =
        |atoms: u64, price: u64| u64::try_from(u128::from(atoms) * 1_000_000 / u128::from(price)).unwrap_or(u64::MAX);
    let most = at(MAX_NOTIONAL_ATOMS / LEGS / 2, highest).min(MAX_LEG_LOTS / 2);
    at(notional_atoms, mark).min(most).max(1)
}

/// One lot worth more than a smallest position takes no new risk: a first price at which it is not.
pub fn first_price(params: &MarketParams, chance: &mut Chance) -> u64 {
    let most = u128::from(params.min_position_atoms) * 1_000_000;
    let most = u64::try_from(most).unwrap_or(u64::MAX).clamp(FIRST_PRICES.0, FIRST_PRICES.1);
    chance.sized(FIRST_PRICES.0, most)
}

/// P-2 lets `min_position_atoms` exceed what the cap of open interest allows.
pub fn with_room(params: MarketParams) -> MarketParams {
    let least = u128::from(params.min_position_atoms) * 8 * 1_000_000 / u128::from(FIRST_PRICES.0);
    let least = u64::try_from(least).unwrap_or(u64::MAX).min(1 << 44);
    MarketParams { open_interest_max_lots: params.open_interest_max_lots.max(least), ..params }
}

/// Whether an act may be refused so: never with an error that says that the engine is at fault.
pub fn is_legitimate(act: &Act, error: RiskError) -> bool {
    let is_fault = matches!(
        error,
        RiskError::Overflow | RiskError::DivisionByZero | RiskError::InvariantBroken | RiskError::OpenInterestUnequal
    );
    // Capital beyond E-4 is refused as overflow where it is paid in.
    let is_paid_in = matches!(act, Act::Deposit { .. } | Act::Donate { .. } | Act::Stake { .. });
    // A measurement overflows for ever where depth and least move are large.
    let is_measured = matches!(act, Act::Measure { .. });
    !is_fault || ((is_paid_in || is_measured) && error == RiskError::Overflow)
}
