//! `refresh_market`: the one room through which a price enters (spec P-10 … P-20).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, MarketRefreshed};
use crate::oracle;
use crate::state::{read_macro_view, Exchange, Market};
use anchor_lang::prelude::*;
use breakwater_risk::refresh;

/// Accounts of `refresh_market`. Anyone may call it.
#[derive(Accounts)]
pub struct RefreshMarket<'info> {
    /// Exchange: says which oracles are accepted.
    pub exchange: AccountLoader<'info, Exchange>,
    /// Market.
    #[account(mut, constraint = market.load()?.exchange == exchange.key() @ BreakwaterError::WrongExchange)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: owner, layout, feed and verification are checked in `oracle::read_price`.
    pub price_account: UncheckedAccount<'info>,
    /// CHECK: the exchange's macro index, by its address; an exchange without one has nothing there. One whose notice runs is not
    /// read.
    #[account(address = market.load()?.macro_index @ BreakwaterError::WrongMacroIndex)]
    pub macro_index: UncheckedAccount<'info>,
}

/// Reads the price. If it brings nothing new, succeeds and changes nothing. Reads the macro stress. Moves everything that
/// follows from the price: funding, mark, breaker, statistics, depth, flow capacity and the maintenance rate.
pub fn handle_refresh_market(ctx: Context<RefreshMarket>) -> Result<()> {
    let now = oracle::now()?;
    let exchange = ctx.accounts.exchange.load()?;
    let mut market = ctx.accounts.market.load_mut()?;
    let observation = oracle::read_price(&ctx.accounts.price_account, &exchange, &market)?;
    if !refresh::is_new(&market.state, &observation, &now) {
        return Ok(());
    }
    if let Some(view) = read_macro_view(&ctx.accounts.macro_index, now.unix_timestamp)? {
        market.state.macro_view = view;
    }
    let Some(report) = refresh::refresh(&mut market.state, &observation, &now).or_refuse()? else { return Ok(()) };
    emit!(MarketRefreshed {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        mark: report.mark,
        confidence: report.confidence,
        publish_time: observation.publish_time,
        depth_atoms: report.depth_atoms,
        capacity_atoms: report.capacity_atoms,
        maintenance_ppm: report.maintenance_ppm,
        funding_per_lot: report.funding,
        breaker_open_until_slot: report.breaker_open_until_slot,
    });
    Ok(())
}
