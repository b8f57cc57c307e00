//! `settle_trade`: books a fill that a venue matched (spec F-1 … F-8, V-2).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, TradeSettled};
use crate::markets::MarketsRead;
use crate::oracle;
use crate::state::{MarginAccount, Market, Venue};
use anchor_lang::prelude::*;
use breakwater_risk::acted::Acted;
use breakwater_risk::trade::{self, Fill};

/// A fill.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct SettleTradeArgs {
    /// Lots that the buyer buys from the seller.
    pub lots: u64,
    /// Price, atoms per lot × 10^6.
    pub price: u64,
}

/// Accounts of `settle_trade`. Remaining: the markets of both accounts' other legs, read-only.
#[derive(Accounts)]
pub struct SettleTrade<'info> {
    /// The matching program's signer.
    pub venue_signer: Signer<'info>,
    /// Its registration at the market's exchange.
    #[account(
        constraint = venue.signer == venue_signer.key() @ BreakwaterError::WrongVenue,
        constraint = venue.exchange == market.load()?.exchange @ BreakwaterError::WrongVenue
    )]
    pub venue: Account<'info, Venue>,
    /// Market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Buyer.
    #[account(mut, constraint = buyer.load()?.exchange == venue.exchange @ BreakwaterError::WrongExchange)]
    pub buyer: AccountLoader<'info, MarginAccount>,
    /// Seller.
    #[account(mut, constraint = seller.load()?.exchange == venue.exchange @ BreakwaterError::WrongExchange)]
    pub seller: AccountLoader<'info, MarginAccount>,
}

/// 1. Refuses one account twice and two accounts of one owner. 2. Settles the fill. 3. Counts it toward both approvals of the venue.
pub fn handle_settle_trade<'info>(ctx: Context<'info, SettleTrade<'info>>, args: SettleTradeArgs) -> Result<()> {
    let now = oracle::now()?;
    let venue = ctx.accounts.venue.key();
    require_keys_neq!(ctx.accounts.buyer.key(), ctx.accounts.seller.key(), BreakwaterError::DuplicateAccount);
    let mut market = ctx.accounts.market.load_mut()?;
    let others = MarketsRead::load(ctx.remaining_accounts, &market.exchange)?;
    let mut buyer = ctx.accounts.buyer.load_mut()?;
    let mut seller = ctx.accounts.seller.load_mut()?;
    require_keys_neq!(buyer.owner, seller.owner, BreakwaterError::SameOwner);

    let market_index = market.index;
    let mut acted = Acted { market: &mut market.state, market_index, others: &others, now };
    let fill = Fill { lots: args.lots, price: args.price };
    let report = trade::settle_trade(&mut acted, &mut buyer.state, &mut seller.state, fill).or_refuse()?;
    let unix = now.unix_timestamp;
    buyer.use_approval(&venue, report.notional_atoms, report.buyer.cost_atoms, unix)?;
    seller.use_approval(&venue, report.notional_atoms, report.seller.cost_atoms, unix)?;

    emit!(TradeSettled {
        header: EventHeader::of_market(&mut market, ctx.accounts.market.key(), &now),
        venue,
        buyer: ctx.accounts.buyer.key(),
        seller: ctx.accounts.seller.key(),
        lots: args.lots,
        price: args.price,
        mark: market.state.mark,
        buyer_fee_atoms: report.buyer.fee_atoms,
        seller_fee_atoms: report.seller.fee_atoms,
        buyer_fee_from_claims_atoms: report.buyer.fee_from_claims_atoms,
        seller_fee_from_claims_atoms: report.seller.fee_from_claims_atoms,
        funding_per_lot: report.funding,
    });
    Ok(())
}
