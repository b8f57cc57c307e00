//! `measure_cascade`: measures how forced closes would feed themselves, by anyone (spec U-16).

use crate::errors::OrRefuse;
use crate::events::{CascadeMeasured, EventHeader};
use crate::oracle;
use crate::state::Market;
use anchor_lang::prelude::*;
use breakwater_risk::ladder;

/// Accounts of `measure_cascade`. Anyone may call it.
#[derive(Accounts)]
pub struct MeasureCascade<'info> {
    /// Market with a fresh price.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

/// Measures both sides of the ladder against the depth of the moment.
pub fn handle_measure_cascade(ctx: Context<MeasureCascade>) -> Result<()> {
    let now = oracle::now()?;
    let mut market = ctx.accounts.market.load_mut()?;
    let report = ladder::measure(&mut market.state, &now).or_refuse()?;
    emit!(CascadeMeasured {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        long_ratio_ppm: report.long_ratio_ppm,
        short_ratio_ppm: report.short_ratio_ppm,
    });
    Ok(())
}
