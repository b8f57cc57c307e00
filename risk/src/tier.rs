//! Which tier of RISK section 3 an account is in, judged on one acted-on market (spec R-1).

use crate::error::RiskResult;
use crate::health::Health;
use crate::params::MarketParams;

/// How bad an account's state is. Tiers are cumulative: what a milder tier allows stays allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Health is at least 1 and no liquidation is under way.
    Healthy,
    /// Health is below 1, or a liquidation has not reached its target yet: slices.
    Liquidating,
    /// Health is below h_bs: the backstop's, and deleveraging where no slice helps.
    Distressed,
    /// Health is below h_adl: deleveraging.
    Critical,
    /// Equity is negative at the marks and with the benefit of the doubt.
    Bankrupt,
}

/// The account's tier. `health` is assessed in the account's favour, `params` are the acted-on market's. Rule R-1.
pub fn tier(health: &Health, is_flagged: bool, params: &MarketParams) -> RiskResult<Tier> {
    if health.equity() < 0 && health.equity_shifted() < 0 {
        return Ok(Tier::Bankrupt);
    }
    if health.is_below_line(u64::from(params.deleverage_line_ppm))? {
        return Ok(Tier::Critical);
    }
    if health.is_below_line(u64::from(params.backstop_line_ppm))? {
        return Ok(Tier::Distressed);
    }
    if health.is_liquidatable() || (is_flagged && !health.meets_target()) {
        return Ok(Tier::Liquidating);
    }
    Ok(Tier::Healthy)
}
