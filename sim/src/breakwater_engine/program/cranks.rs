//! Owns the transactions that keep the exchange's indicators: macro index and liquidation ladder.

use anchor_lang::prelude::Pubkey;
use anyhow::{ensure, Context, Result};
use breakwater::MacroFeedArgs;
use breakwater_risk::{
    ladder::{CascadeReport, Registration},
    macro_index::FeedTerms,
};
use breakwater_sdk::{
    instruction as build, ladder,
    preview::{self, PreviewError},
};
use solana_signer::Signer;

use super::{MacroSource, Program};
use crate::{
    breakwater_engine::{
        backend::{Attempt, Time},
        books::{Who, MARKET},
        checks,
        macro_feeds::FeedPrice,
        warmup::refused,
    },
    stage::Stage,
};

/// First byte of a companion's feed id.
const COMPANION_FEED: u8 = 0x40;

impl Program {
    pub(super) fn send_macro_index(&mut self, terms: &[FeedTerms]) -> Result<()> {
        let own = MacroSource { feed_id: self.listed().feed_id, price_account: self.listed().price_account };
        let companions = (COMPANION_FEED..).take(terms.len() - 1);
        let companions =
            companions.map(|byte| MacroSource { feed_id: [byte; 32], price_account: Pubkey::new_unique() });
        self.macro_sources = [own].into_iter().chain(companions).collect();
        let feeds = self.macro_sources.iter().zip(terms).map(|(source, terms)| MacroFeedArgs {
            feed_id: source.feed_id,
            legacy_price_account: Pubkey::default(),
            sigma_ref_ppm: terms.sigma_ref_ppm,
            confidence_ref_ppm: terms.confidence_ref_ppm,
            weight: terms.weight,
        });
        let authority = self.stage.authority.pubkey();
        let creation = build::create_macro_index(self.stage.exchange, authority, feeds.collect());
        // Markets read it from the first minute on.
        self.stage.a_while_ago(|stage| stage.send_as_authority(&[creation])).context("create_macro_index")?;
        self.reread(&[]);
        Ok(())
    }

    pub(super) fn send_macro_prices(&mut self, time: Time, prices: &[FeedPrice]) -> Result<()> {
        self.stage.bank.set_clock(time.0, time.1);
        let mut accounts = Vec::new();
        for FeedPrice { feed, price_micro_usd, confidence_ppm } in prices {
            let MacroSource { feed_id, price_account } = self.macro_sources[*feed];
            let published = Stage::pyth_price(feed_id, *price_micro_usd, *confidence_ppm, time.1);
            self.stage.bank.post_price(&price_account, &published);
            accounts.push(price_account);
        }
        let observed = prices.iter().map(|price| price.observation(time)).collect::<Result<Vec<_>, _>>();
        let observed = observed.map_err(refused)?;
        let previewed = preview::refresh_macro(&self.stage.snapshot(), &observed, &self.stage.bank.now())?;
        let previewed = previewed.context("refresh_macro brings nothing new")?;
        self.send(build::refresh_macro(self.stage.exchange, &accounts), &[])?;
        let view = self.books.macro_index.map(|index| index.view());
        ensure!(view == Some(previewed.view), "refresh_macro did not do what was previewed");
        Ok(())
    }

    pub(super) fn send_touch(&mut self, who: Who) -> Attempt<Option<Registration>> {
        let account = self.stage.account(&self.key(who));
        let previewed = ladder::touch(&self.stage.snapshot(), MARKET, &account, &self.books.now);
        let instruction = build::touch(self.listed().key, self.key(who), &[]);
        self.carry_out(previewed, instruction, (who, None), checks::touch)
    }

    pub(super) fn send_measurement(&mut self) -> Attempt<CascadeReport> {
        let report = match ladder::measure_cascade(&self.stage.snapshot(), MARKET, &self.books.now) {
            Ok(report) => report,
            Err(PreviewError(reason)) => return Ok(Err(reason)),
        };
        self.send(build::measure_cascade(self.listed().key), &[])?;
        let ladder = &self.books.market.ladder;
        let measured = (ladder.long_ratio_ppm, ladder.short_ratio_ppm);
        let is_as_previewed = measured == (report.long_ratio_ppm, report.short_ratio_ppm);
        ensure!(is_as_previewed, "measure_cascade did not do what was previewed");
        Ok(Ok(report))
    }
}
