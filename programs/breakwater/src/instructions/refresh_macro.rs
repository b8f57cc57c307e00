//! `refresh_macro`: the one room through which prices enter the macro index (spec M-6).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, MacroPriceTaken, MacroRefreshed};
use crate::oracle;
use crate::state::{Exchange, MacroIndex};
use anchor_lang::prelude::*;
use breakwater_risk::macro_index::{FeedObservation, MacroReport, MACRO_FEEDS};

/// Accounts of `refresh_macro`. Anyone may call it. Remaining accounts: price accounts of one to eight of the feeds.
#[derive(Accounts)]
pub struct RefreshMacro<'info> {
    /// Exchange: says which oracles are accepted.
    pub exchange: AccountLoader<'info, Exchange>,
    /// Its macro index.
    #[account(mut, constraint = macro_index.load()?.exchange == exchange.key() @ BreakwaterError::WrongMacroIndex)]
    pub macro_index: AccountLoader<'info, MacroIndex>,
}

/// Reads the prices, closes the minutes that have passed and takes what is newer. If there is neither, succeeds and changes
/// nothing.
pub fn handle_refresh_macro<'info>(ctx: Context<'info, RefreshMacro<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let exchange = ctx.accounts.exchange.load()?;
    let mut index = ctx.accounts.macro_index.load_mut()?;
    let observations = observe(ctx.remaining_accounts, &exchange, &index)?;
    let Some(report) = index.state.refresh(&observations, &now).or_refuse()? else { return Ok(()) };
    emit!(MacroRefreshed {
        header: EventHeader::of_macro_index(&mut index, &now),
        minute: report.minute,
        ratio_ppm: report.ratio_ppm,
        stress_ppm: report.view.stress_ppm,
        correlation_ppm: report.view.correlation_ppm,
        prices: taken(&observations, &report),
    });
    Ok(())
}

/// Reads price accounts. Errors: `MacroFeedsInvalid` and those of [`oracle::read_feed`].
fn observe(infos: &[AccountInfo<'_>], exchange: &Exchange, index: &MacroIndex) -> Result<Vec<FeedObservation>> {
    require!(infos.len() <= MACRO_FEEDS, BreakwaterError::MacroFeedsInvalid);
    infos.iter().map(|info| oracle::read_feed(info, exchange, index)).collect()
}

/// The prices that were taken, for the event.
fn taken(observations: &[FeedObservation], report: &MacroReport) -> Vec<MacroPriceTaken> {
    let taken = observations.iter().filter(|one| report.has_taken(one.feed));
    taken
        .map(|FeedObservation { feed, price }| MacroPriceTaken {
            feed: *feed as u8, // below 8
            mantissa: price.mantissa,
            exponent: price.exponent,
            confidence_ppm: price.confidence_ppm,
            publish_time: price.publish_time,
        })
        .collect()
}
