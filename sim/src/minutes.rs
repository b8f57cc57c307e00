//! Owns the reading of one-minute candles from CSV or CSV.gz, and every complaint about such a file.
//!
//! Assumes comma-separated columns, one candle a line, `#` for comments; Binance's klines (with or without header), or
//! any file whose header names open_time, open, high, low, close and quote_volume. What is returned is sound: minutes
//! without gap, prices positive and exact, low ≤ open, close ≤ high.

mod decimal;
#[cfg(test)]
mod tests;

use std::{fs, io::Read, path::Path};

use anyhow::{anyhow, bail, ensure, Context, Result};
use flate2::read::MultiGzDecoder;

use crate::utc::date_time;

/// Length of a candle, milliseconds.
pub const MINUTE_MS: i64 = 60_000;

/// One candle. Prices in micro-dollars per base token, positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minute {
    /// Beginning of the minute, Unix milliseconds.
    pub open_time_ms: i64,
    /// First price.
    pub open: u64,
    /// Highest price.
    pub high: u64,
    /// Lowest price.
    pub low: u64,
    /// Last price.
    pub close: u64,
    /// Traded in the minute, USD, ≥ 0.
    pub quote_volume_usd: f64,
}

/// Reads a CSV or gzipped CSV file of minutes. The error is one sentence with the file, the line and the reason.
pub fn load(path: &Path) -> Result<Vec<Minute>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    text(bytes).and_then(|text| parse(&text)).with_context(|| path.display().to_string())
}

/// Reads the text of a CSV file of minutes. The error is one sentence with the line and the reason.
pub fn parse(text: &str) -> Result<Vec<Minute>> {
    let mut columns = None;
    let mut minutes: Vec<Minute> = Vec::new();
    for (index, content) in text.lines().enumerate() {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let at_line = || format!("line {}", index + 1);
        let fields: Vec<&str> = content.split(',').map(|field| field.trim().trim_matches('"').trim()).collect();
        let Some(columns) = &columns else {
            let found = Columns::find(&fields).with_context(at_line)?;
            if !is_header(&fields) {
                minutes.push(found.minute(&fields).with_context(at_line)?);
            }
            columns = Some(found);
            continue;
        };
        let minute = columns.minute(&fields).with_context(at_line)?;
        if let Some(previous) = minutes.last() {
            check_follows(previous, &minute).with_context(at_line)?;
        }
        minutes.push(minute);
    }
    ensure!(!minutes.is_empty(), "the file holds no minutes");
    Ok(minutes)
}

/// The text of a file that may be gzipped (recognised by its content, not its name).
fn text(bytes: Vec<u8>) -> Result<String> {
    let bytes = match bytes.as_slice() {
        [0x1f, 0x8b, ..] => {
            let mut plain = Vec::new();
            MultiGzDecoder::new(bytes.as_slice())
                .read_to_end(&mut plain)
                .map_err(|error| anyhow!("the gzip file is damaged ({error})"))?;
            plain
        }
        [b'P', b'K', 3, 4, ..] => bail!("this is a zip archive; unpack the CSV file in it first"),
        _ => bytes,
    };
    let text =
        String::from_utf8(bytes).map_err(|_| anyhow!("this is not a text file, a CSV of minutes is expected"))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Where each figure stands in a line.
struct Columns {
    open_time: usize,
    open: usize,
    high: usize,
    low: usize,
    close: usize,
    quote_volume: usize,
    width: usize,
}

impl Columns {
    /// Recognises the columns by the first line: by its names, or by their number if it has none.
    fn find(fields: &[&str]) -> Result<Self> {
        if is_header(fields) {
            return Self::named(fields);
        }
        let quote_volume = match fields.len() {
            6 => 5,
            11 | 12 => 7,
            width => bail!(
                "a file without header must have 6 columns (open_time, open, high, low, close, quote_volume) or \
                 Binance's 11 or 12, this one has {width}"
            ),
        };
        Ok(Self { open_time: 0, open: 1, high: 2, low: 3, close: 4, quote_volume, width: fields.len() })
    }

    fn named(header: &[&str]) -> Result<Self> {
        let names: Vec<String> = header.iter().map(|name| name.to_lowercase().replace(' ', "_")).collect();
        let find = |accepted: &[&str]| {
            names.iter().position(|name| accepted.contains(&name.as_str())).ok_or_else(|| {
                let found: String = header.join(",").chars().take(100).collect();
                anyhow!("the header has no column {}: `{found}`", accepted[0])
            })
        };
        Ok(Self {
            open_time: find(&["open_time", "open_time_ms"])?,
            open: find(&["open"])?,
            high: find(&["high"])?,
            low: find(&["low"])?,
            close: find(&["close"])?,
            quote_volume: find(&["quote_volume", "quote_volume_usdt", "quote_asset_volume"])?,
            width: header.len(),
        })
    }

    /// Reads one line and checks it on its own.
    fn minute(&self, fields: &[&str]) -> Result<Minute> {
        ensure!(fields.len() == self.width, "{} columns where the first line has {}", fields.len(), self.width);
        let price = |name, column: usize| {
            decimal::positive_micros(fields[column])
                .map_err(|why| anyhow!("the {name} price `{}` {why}", fields[column]))
        };
        let minute = Minute {
            open_time_ms: open_time_ms(fields[self.open_time])?,
            open: price("open", self.open)?,
            high: price("high", self.high)?,
            low: price("low", self.low)?,
            close: price("close", self.close)?,
            quote_volume_usd: volume(fields[self.quote_volume])?,
        };
        let (low, high) = (fields[self.low], fields[self.high]);
        ensure!(minute.low <= minute.high, "the low {low} is above the high {high}");
        for (name, column, value) in [("open", self.open, minute.open), ("close", self.close, minute.close)] {
            ensure!(
                (minute.low..=minute.high).contains(&value),
                "the {name} {} is outside of low {low} to high {high}",
                fields[column]
            );
        }
        Ok(minute)
    }
}

/// A line is a header unless it begins with a number.
fn is_header(fields: &[&str]) -> bool {
    !fields[0].starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
}

/// Unix time in seconds, milliseconds or microseconds, told apart by magnitude (1973 to 5138 in each).
fn open_time_ms(field: &str) -> Result<i64> {
    match field.parse::<i64>() {
        Ok(seconds @ 100_000_000..100_000_000_000) => Ok(seconds * 1_000),
        Ok(milliseconds @ 100_000_000_000..100_000_000_000_000) => Ok(milliseconds),
        Ok(microseconds @ 100_000_000_000_000..100_000_000_000_000_000) => Ok(microseconds / 1_000),
        _ => bail!("the open time `{field}` is not a Unix time in seconds, milliseconds or microseconds"),
    }
}

fn volume(field: &str) -> Result<f64> {
    match field.parse::<f64>() {
        Ok(volume) if volume.is_finite() && volume >= 0.0 => Ok(volume),
        _ => bail!("the quote volume `{field}` is not a number of at least zero"),
    }
}

fn check_follows(previous: &Minute, minute: &Minute) -> Result<()> {
    let name = |minute: &Minute| date_time(minute.open_time_ms / 1_000);
    let (before, now) = (name(previous), name(minute));
    match minute.open_time_ms - previous.open_time_ms {
        MINUTE_MS => Ok(()),
        0 => bail!("the minute {now} is there twice"),
        ..0 => bail!("time goes back, {now} comes after {before}"),
        step if step % MINUTE_MS == 0 => {
            bail!("a gap: {now} comes after {before}, minutes missing between them: {}", step / MINUTE_MS - 1)
        }
        step => bail!("{now} comes {} s after the line before, one minute is expected", step as f64 / 1e3),
    }
}
