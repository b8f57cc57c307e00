//! Owns the parameters of the market that is listed unless a run chooses others: those of SOL (RISK section 5), adapted to
//! the scenario.
//!
//! Changed, and nothing else: the depth of a calm market is the replay's, since it is a fact about the market and not a
//! choice of rules; the cap of the open interest is twice what the accounts hold; the backstop may hold as much as a side
//! holds, so that its capital decides; and the trading fee, which nobody owes once the accounts are open, is nothing, so
//! that the fund starts with the amount asked for, however small.

use anyhow::{bail, Context, Result};
use breakwater_risk::{units::MAX_OPEN_LOTS, MarketParams};

use crate::{
    inputs::Settings,
    lots::LotScale,
    population::{Account, Side},
};

/// The market's parameters for these accounts.
pub fn params(settings: &Settings, accounts: &[Account]) -> MarketParams {
    MarketParams {
        depth_base_atoms: (settings.calm_depth_usd * 1e6) as u64,
        open_interest_max_lots: side_lots(accounts).saturating_mul(2).min(MAX_OPEN_LOTS),
        backstop_max_atoms: (settings.open_interest_usd * 1e6) as u64,
        trade_fee_ppm: 0,
        ..MarketParams::SOL
    }
}

/// Refuses what the program would refuse; the error names the rule that is broken.
pub fn validate(params: &MarketParams) -> Result<()> {
    if let Err(issue) = params.validate() {
        bail!(
            "the market's parameters are refused: {} is {}, it must be {} to {}",
            issue.rule,
            issue.found,
            issue.least,
            issue.most
        );
    }
    Ok(())
}

/// Lots that all accounts of one side hold at the beginning.
pub fn side_lots(accounts: &[Account]) -> u64 {
    accounts.iter().filter(|account| account.side == Side::Long).map(|account| account.lots).sum()
}

/// Exponent of the market's lot as the program takes it.
pub fn lot_exponent(scale: LotScale) -> Result<i8> {
    i8::try_from(scale.exponent).context("the price is too small or too large for a market")
}
