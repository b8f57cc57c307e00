//! Owns `breakwater-sim drive`: prices of a feed on a running local chain.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{ensure, Context, Result};
use clap::Args;

use crate::{
    format::price,
    live::LiveFeed,
    path::{self, Sample, CONF_FLOOR_PPM, STEPS_S},
    scenario::Scenario,
    utc,
};

/// Pyth's SOL/USD feed.
const SOL_FEED: &str = "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d";

/// What can be asked of a drive. The chain's clock counts, whatever its speed.
#[derive(Debug, Args)]
pub struct Drive {
    /// JSON-RPC of the chain.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8899")]
    rpc_url: String,
    /// Pyth feed id, 64 hexadecimal digits. Default: SOL/USD.
    #[arg(long, value_name = "HEX", default_value = SOL_FEED, value_parser = feed_id)]
    feed_id: FeedId,
    /// CSV or CSV.gz of minutes. Without it: SOL on 10 October 2025, which is built in.
    #[arg(long, value_name = "FILE", conflicts_with = "price")]
    prices: Option<PathBuf>,
    /// A price by hand in USD, instead of recorded minutes.
    #[arg(long, value_name = "USD")]
    price: Option<f64>,
    /// First minute to play, counted from the beginning of the record.
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "price")]
    from_minute: usize,
    /// Number of minutes to play. Default: to the end of the record.
    #[arg(long, value_name = "N", conflicts_with = "price")]
    minutes: Option<usize>,
    /// Seconds of the chain between two prices: 1 to 4.
    #[arg(long, value_name = "S", default_value_t = 2)]
    step: u64,
    /// Seconds of the chain for which the last price is published again; without it, until interrupted.
    #[arg(long, value_name = "S")]
    hold: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
struct FeedId([u8; 32]);

fn feed_id(text: &str) -> Result<FeedId, String> {
    let refusal = || "a feed id has 64 hexadecimal digits".to_owned();
    let digits = text.trim_start_matches("0x");
    if digits.len() != 64 || !digits.is_ascii() {
        return Err(refusal());
    }
    let mut id = [0; 32];
    for (place, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).map_err(|_| refusal())?;
    }
    Ok(FeedId(id))
}

impl Drive {
    /// Publishes until the record, and the time to hold, are over.
    pub fn run(&self) -> Result<()> {
        ensure!(STEPS_S.contains(&self.step), "--step must be {} to {}", STEPS_S.start(), STEPS_S.end());
        let samples = self.samples()?;
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(self.play(&samples))
    }

    fn samples(&self) -> Result<Vec<Sample>> {
        if let Some(usd) = self.price {
            let micro_usd = usd * 1e6;
            ensure!((1.0..9e15).contains(&micro_usd), "--price must be positive and below 9 billion USD");
            return Ok(vec![Sample { time_s: 0, price: micro_usd.round() as u64, conf_ppm: CONF_FLOOR_PPM as u32 }]);
        }
        let scenario = match &self.prices {
            Some(path) => Scenario::from_file(path)?,
            None => Scenario::sol_2025_10_10()?,
        };
        let length = scenario.minutes.len();
        let to = self.minutes.map_or(length, |minutes| self.from_minute.saturating_add(minutes).min(length));
        let minutes = scenario.minutes.get(self.from_minute..to).filter(|minutes| !minutes.is_empty());
        path::walk(minutes.with_context(|| format!("the record has {length} minutes"))?, self.step)
    }

    async fn play(&self, samples: &[Sample]) -> Result<()> {
        let feed = LiveFeed::connect(&self.rpc_url, self.feed_id.0).await?;
        let mut stdout = io::stdout();
        writeln!(stdout, "price account {}", feed.account)?;
        let start = feed.unix_timestamp().await?;
        for sample in samples {
            let now = feed.wait_until(start.saturating_add_unsigned(sample.time_s)).await?;
            feed.publish(sample.price, sample.conf_ppm.into()).await?;
            if sample.time_s % 60 == 0 {
                writeln!(stdout, "{}  {}", utc::time_of_day(now), price(sample.price as f64 / 1e6))?;
            }
        }
        let Some(last) = samples.last() else { return Ok(()) };
        writeln!(stdout, "holding {}", price(last.price as f64 / 1e6))?;
        let mut now = feed.unix_timestamp().await?;
        let end = self.hold.map_or(i64::MAX, |hold| now.saturating_add_unsigned(hold));
        while now < end {
            now = feed.wait_until(now.saturating_add_unsigned(self.step)).await?;
            feed.publish(last.price, last.conf_ppm.into()).await?;
        }
        Ok(())
    }
}
