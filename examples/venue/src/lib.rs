//! A venue to start from. Makers post quotes, takers take them whole or in part, and Breakwater settles each fill: it checks
//! both margins and both approvals, and moves lots and cash. This program holds no money and knows no margin.
//!
//! It is built against nothing but `idl/breakwater.json`. What a real venue adds: an order book instead of single quotes, and
//! a limit on how far a quote may lie from the mark, so that a maker's stale quote is not settled at their cost.

use anchor_lang::prelude::*;

declare_program!(breakwater);
// Cargo builds this program anew when the interface file changes.
const _: &str = include_str!("../../../idl/breakwater.json");
declare_id!("ANDxXWzYxhXRB8N86oKrvatLjhHFe1JQMUpmC9x2zzGy");

use breakwater::accounts::{MarginAccount, Market, Venue};
use breakwater::cpi::accounts::SettleTrade;
use breakwater::program::Breakwater;
use breakwater::types::SettleTradeArgs;

/// Seed of the PDA that signs for this venue; an exchange's authority registers it.
pub const SIGNER_SEED: &[u8] = b"signer";
/// Seed of quotes, before the maker's margin account, the market and the quote's number.
pub const QUOTE_SEED: &[u8] = b"quote";

#[program]
pub mod breakwater_example_venue {
    use super::*;

    /// Posts a quote. Its maker must have approved this venue at Breakwater, or nobody can take it.
    pub fn post_quote(ctx: Context<PostQuote>, number: u16, is_sell: bool, lots: u64, price: u64) -> Result<()> {
        require!(lots > 0 && price > 0, VenueError::EmptyQuote);
        let maker = ctx.accounts.maker_account.load()?.owner;
        require_keys_eq!(maker, ctx.accounts.maker.key(), VenueError::NotTheOwner);
        ctx.accounts.quote.set_inner(Quote {
            maker,
            maker_account: ctx.accounts.maker_account.key(),
            market: ctx.accounts.market.key(),
            lots,
            price,
            number,
            is_sell,
            bump: ctx.bumps.quote,
        });
        Ok(())
    }

    /// Takes lots of a quote. Remaining accounts: the markets of both accounts' other legs.
    pub fn take<'info>(ctx: Context<'info, Take<'info>>, lots: u64) -> Result<()> {
        let taker = ctx.accounts.taker_account.load()?.owner;
        require_keys_eq!(taker, ctx.accounts.taker.key(), VenueError::NotTheOwner);
        let quote = &mut ctx.accounts.quote;
        quote.lots = quote.lots.checked_sub(lots).filter(|_| lots > 0).ok_or(VenueError::NotThatMuch)?;
        let (maker, taker) =
            (ctx.accounts.maker_account.to_account_info(), ctx.accounts.taker_account.to_account_info());
        let (buyer, seller) = if quote.is_sell { (taker, maker) } else { (maker, taker) };
        let accounts = SettleTrade {
            venue_signer: ctx.accounts.signer.to_account_info(),
            venue: ctx.accounts.venue.to_account_info(),
            market: ctx.accounts.market.to_account_info(),
            buyer,
            seller,
        };
        let seeds: &[&[u8]] = &[SIGNER_SEED, &[ctx.bumps.signer]];
        let signers = &[seeds];
        let call = CpiContext::new_with_signer(ctx.accounts.breakwater.key(), accounts, signers)
            .with_remaining_accounts(ctx.remaining_accounts.to_vec());
        breakwater::cpi::settle_trade(call, SettleTradeArgs { lots, price: quote.price })
    }

    /// Takes a quote back.
    pub fn withdraw_quote(_ctx: Context<WithdrawQuote>) -> Result<()> {
        Ok(())
    }
}

/// An offer to trade at a price.
#[account]
#[derive(InitSpace)]
pub struct Quote {
    /// Who posted it.
    pub maker: Pubkey,
    /// Their margin account at Breakwater.
    pub maker_account: Pubkey,
    /// Market.
    pub market: Pubkey,
    /// Lots left.
    pub lots: u64,
    /// Price, quote atoms per lot × 10^6.
    pub price: u64,
    /// Number among the maker's quotes in this market.
    pub number: u16,
    /// Whether the maker sells.
    pub is_sell: bool,
    /// Bump of this account.
    pub bump: u8,
}

/// Accounts of `post_quote`.
#[derive(Accounts)]
#[instruction(number: u16)]
pub struct PostQuote<'info> {
    /// Owner of the margin account.
    #[account(mut)]
    pub maker: Signer<'info>,
    /// The maker's margin account.
    pub maker_account: AccountLoader<'info, MarginAccount>,
    /// Market.
    pub market: AccountLoader<'info, Market>,
    /// The quote.
    #[account(
        init, payer = maker, space = 8 + Quote::INIT_SPACE,
        seeds = [QUOTE_SEED, maker_account.key().as_ref(), market.key().as_ref(), &number.to_le_bytes()], bump
    )]
    pub quote: Account<'info, Quote>,
    /// Makes the account.
    pub system_program: Program<'info, System>,
}

/// Accounts of `take`.
#[derive(Accounts)]
pub struct Take<'info> {
    /// Owner of the taker's margin account.
    pub taker: Signer<'info>,
    /// The quote.
    #[account(mut, has_one = maker_account, has_one = market)]
    pub quote: Account<'info, Quote>,
    /// CHECK: this venue's signer, which Breakwater knows by its registration.
    #[account(seeds = [SIGNER_SEED], bump)]
    pub signer: UncheckedAccount<'info>,
    /// This venue's registration at the exchange.
    pub venue: Account<'info, Venue>,
    /// Market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Margin account of the maker.
    #[account(mut)]
    pub maker_account: AccountLoader<'info, MarginAccount>,
    /// Margin account of the taker.
    #[account(mut)]
    pub taker_account: AccountLoader<'info, MarginAccount>,
    /// Breakwater.
    pub breakwater: Program<'info, Breakwater>,
}

/// Accounts of `withdraw_quote`.
#[derive(Accounts)]
pub struct WithdrawQuote<'info> {
    /// Who posted it.
    #[account(mut)]
    pub maker: Signer<'info>,
    /// The quote; its rent returns to the maker.
    #[account(mut, has_one = maker, close = maker)]
    pub quote: Account<'info, Quote>,
}

/// Why this venue refuses.
#[error_code]
pub enum VenueError {
    /// A quote without lots or without a price.
    #[msg("A quote needs lots and a price.")]
    EmptyQuote,
    /// The margin account is another owner's.
    #[msg("The margin account belongs to another owner.")]
    NotTheOwner,
    /// More than the quote has left, or nothing.
    #[msg("The quote has fewer lots left, or none were asked for.")]
    NotThatMuch,
}
