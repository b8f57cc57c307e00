//! `create_macro_index`: the feeds whose common wildness tightens an exchange's markets, after a notice (spec M-5, M-13).

use crate::constants::MACRO_SEED;
use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, MacroIndexCreated};
use crate::oracle;
use crate::refusals::vacant;
use crate::state::{Exchange, MacroIndex, MacroSource};
use anchor_lang::prelude::*;
use breakwater_risk::governance::Notice;
use breakwater_risk::macro_index::{self, FeedTerms, MACRO_FEEDS};

/// What a feed of the index is listed with.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct MacroFeedArgs {
    /// Pyth feed id.
    pub feed_id: [u8; 32],
    /// Legacy push account to accept too; default = none.
    pub legacy_price_account: Pubkey,
    /// σ_ref: calm volatility, ppm per √second; 15 … 5 000.
    pub sigma_ref_ppm: u32,
    /// c_ref: calm relative confidence, ppm; 50 … 10 000.
    pub confidence_ref_ppm: u32,
    /// Weight in the mean of the ratios, 1 … 100.
    pub weight: u32,
}

/// Accounts of `create_macro_index`.
#[derive(Accounts)]
pub struct CreateMacroIndex<'info> {
    /// Authority of the exchange; pays rent.
    #[account(mut)]
    pub authority: Signer<'info>,
    /// Exchange.
    #[account(mut, has_one = authority @ BreakwaterError::NotAuthority)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// The new index.
    #[account(
        init, payer = authority, space = vacant(macro_index, MacroIndex::SPACE, BreakwaterError::MacroIndexExists)?, seeds = [MACRO_SEED, exchange.key().as_ref()], bump
    )]
    pub macro_index: AccountLoader<'info, MacroIndex>,
    /// System program.
    pub system_program: Program<'info, System>,
}

/// Creates the index. Markets read it after the notice, in which it learns.
pub fn handle_create_macro_index(ctx: Context<CreateMacroIndex>, feeds: Vec<MacroFeedArgs>) -> Result<()> {
    let now = oracle::now()?;
    let (sources, terms) = read_feeds(&feeds)?;
    let (exchange_key, index_key) = (ctx.accounts.exchange.key(), ctx.accounts.macro_index.key());
    let mut index = ctx.accounts.macro_index.load_init()?;
    index.exchange = exchange_key;
    index.bump = ctx.bumps.macro_index;
    index.version = MacroIndex::VERSION;
    index.effective_at = now.unix_timestamp.saturating_add(Notice::Due.seconds());
    index.sources = sources;
    index.state.start(&terms).or_refuse()?;
    let effective_at = index.effective_at;
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    let header = EventHeader::of_exchange(&mut exchange, exchange_key, &now);
    emit!(MacroIndexCreated { header, macro_index: index_key, feeds, effective_at });
    Ok(())
}

/// Sources and terms of feeds, in their order. Errors: `MacroFeedsInvalid`.
pub fn read_feeds(feeds: &[MacroFeedArgs]) -> Result<([MacroSource; MACRO_FEEDS], Vec<FeedTerms>)> {
    require!(are_distinct(feeds), BreakwaterError::MacroFeedsInvalid);
    let terms: Vec<FeedTerms> = feeds.iter().map(MacroFeedArgs::terms).collect();
    macro_index::check_terms(&terms).or_refuse()?;
    let mut sources = [MacroSource::default(); MACRO_FEEDS];
    for (source, feed) in sources.iter_mut().zip(feeds) {
        *source = MacroSource { feed_id: feed.feed_id, legacy_price_account: feed.legacy_price_account };
    }
    Ok((sources, terms))
}

impl MacroFeedArgs {
    fn terms(&self) -> FeedTerms {
        let Self { sigma_ref_ppm, confidence_ref_ppm, weight, .. } = *self;
        FeedTerms { sigma_ref_ppm, confidence_ref_ppm, weight, reserved: 0 }
    }

    /// What a feed was listed with.
    pub fn new(source: &MacroSource, terms: &FeedTerms) -> Self {
        Self {
            feed_id: source.feed_id,
            legacy_price_account: source.legacy_price_account,
            sigma_ref_ppm: terms.sigma_ref_ppm,
            confidence_ref_ppm: terms.confidence_ref_ppm,
            weight: terms.weight,
        }
    }
}

/// Whether every feed has an id of its own, and a legacy account of its own where it has one.
fn are_distinct(feeds: &[MacroFeedArgs]) -> bool {
    feeds.iter().enumerate().all(|(place, feed)| {
        let is_apart = |other: &MacroFeedArgs| {
            other.feed_id != feed.feed_id
                && (other.legacy_price_account != feed.legacy_price_account
                    || feed.legacy_price_account == Pubkey::default())
        };
        feed.feed_id != [0; 32] && feeds.iter().take(place).all(is_apart)
    })
}
