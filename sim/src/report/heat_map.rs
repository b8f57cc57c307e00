//! Owns the picture of a liquidation ladder over time: what would be forced at which price, and the cascade ratios.
//! Hidden for engines without a ladder.

use anyhow::Result;
use plotters::style::RGBColor;

use super::{
    axis::Scale,
    chart::{Cell, Curve, Stroke},
    panels::{panel_with_cells, Named, Panel, FULL, RECORDED},
};
use crate::{format::price, outcome::LadderShot};

const LONGS: RGBColor = RGBColor(0xEA, 0x58, 0x0C);
const SHORTS: RGBColor = RGBColor(0x25, 0x63, 0xEB);
/// Most columns; of more shots every second, third, … is drawn.
const COLUMNS: usize = 120;
/// Shades that notional is told apart by.
const SHADES: f64 = 5.0;
/// Half the height of a bucket as a factor on its price.
const HALF_BUCKET: f64 = 1.002_5;
/// Ratios above are drawn here.
const RATIO_MAX: f64 = 4.0;

/// The heat map and the ratios of an engine; none with fewer than two shots.
pub fn panels(engine: &str, start_unix_s: i64, shots: &[LadderShot]) -> Result<Vec<Panel>> {
    if shots.len() < 2 {
        return Ok(Vec::new());
    }
    let shots: Vec<&LadderShot> = shots.iter().step_by(shots.len().div_ceil(COLUMNS)).collect();
    let line = |colour, value: &dyn Fn(&LadderShot) -> f64| Curve {
        colour,
        stroke: Stroke::Line,
        points: shots.iter().map(|shot| (start_unix_s + shot.time_s as i64, value(shot))).collect(),
    };
    let legend = vec![("longs".to_owned(), LONGS), ("shorts".to_owned(), SHORTS)];
    let mark: Named = vec![("mark".to_owned(), line(RECORDED, &|shot| shot.mark_usd))];
    let map = panel_with_cells(
        &format!("Liquidation ladder · {engine}"),
        "Notional that a price would force to close, by its trigger: the stronger the colour, the more of it. USD.",
        (FULL, Scale::Span, price),
        mark,
        (cells(start_unix_s, &shots), legend),
    )?;
    let ratio = |side: usize| move |shot: &LadderShot| shot.ratios[side].min(RATIO_MAX);
    let ratios: Named = vec![
        ("supercritical from here".to_owned(), line(RECORDED, &|_| 1.0)),
        ("longs".to_owned(), line(LONGS, &ratio(0))),
        ("shorts".to_owned(), line(SHORTS, &ratio(1))),
    ];
    let measured = panel_with_cells(
        &format!("Cascade ratio · {engine}"),
        "Forced notional near the price over what the book takes on the way to it; from 1 on closes feed themselves. \
         Cut off at 4.",
        (FULL, Scale::FromZero, |ratio| format!("{ratio:.1}")),
        ratios,
        (Vec::new(), Vec::new()),
    )?;
    Ok(vec![map, measured])
}

/// A column for every shot, up to the next one; neighbouring buckets of one shade are one cell.
fn cells(start_unix_s: i64, shots: &[&LadderShot]) -> Vec<Cell> {
    let all = shots.iter().flat_map(|shot| shot.long.iter().chain(&shot.short));
    let most = all.map(|(_, forced)| *forced).fold(0.0, f64::max);
    let ends = shots.iter().skip(1).map(|shot| shot.time_s);
    let columns = shots.iter().zip(ends).flat_map(|(shot, end_s)| {
        let times = (start_unix_s + shot.time_s as i64, start_unix_s + end_s as i64);
        let side = move |colour, bands: Vec<Band>| {
            bands.into_iter().map(move |Band { shade, values }| Cell {
                colour,
                strength: shade / SHADES,
                times,
                values,
            })
        };
        side(LONGS, bands(&shot.long, most)).chain(side(SHORTS, bands(&shot.short, most)))
    });
    columns.collect()
}

/// Prices between which forced notional has one shade.
#[derive(Debug, PartialEq)]
struct Band {
    /// 1 … [`SHADES`].
    shade: f64,
    /// From and to, USD.
    values: (f64, f64),
}

/// The bands of a ladder's side. Shades grow with the root of notional, so that little is seen beside much.
fn bands(buckets: &[(f64, f64)], most: f64) -> Vec<Band> {
    let mut sorted = buckets.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut bands: Vec<Band> = Vec::new();
    for (middle, forced) in sorted {
        let (from, to) = (middle / HALF_BUCKET, middle * HALF_BUCKET);
        let shade = ((forced / most).sqrt() * SHADES).ceil().clamp(1.0, SHADES);
        match bands.last_mut() {
            // Neighbours touch but for rounding: half a bucket tells them from a gap.
            Some(last) if last.shade == shade && from < last.values.1 * HALF_BUCKET => last.values.1 = to,
            _ => bands.push(Band { shade, values: (from, to) }),
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A price that falls by a percent a minute toward longs that stand at $80.
    fn shots(minutes: u64) -> Vec<LadderShot> {
        let shot = |minute: u64| LadderShot {
            time_s: minute * 60,
            mark_usd: 100.0 - minute as f64 / 10.0,
            long: vec![(80.0, 4_000.0), (80.4, 4_000.0), (70.0, 40.0)],
            short: vec![(120.0, 1_000.0)],
            ratios: [minute as f64, 0.1],
        };
        (0..minutes).map(shot).collect()
    }

    #[test]
    fn neighbouring_buckets_of_one_shade_are_one_cell() {
        let found = bands(&[(80.4, 4_000.0), (80.0, 4_000.0), (70.0, 40.0)], 4_000.0);
        let expected = [
            Band { shade: 1.0, values: (70.0 / 1.002_5, 70.0 * 1.002_5) },
            Band { shade: 5.0, values: (80.0 / 1.002_5, 80.4 * 1.002_5) },
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn cells_fill_the_time_between_shots_and_are_as_strong_as_their_notional() {
        let shots = shots(3);
        let cells = cells(1_000, &shots.iter().collect::<Vec<_>>());
        assert_eq!(cells.len(), 2 * 3); // two columns of two bands of longs and one of shorts
        assert_eq!((cells[0].times, cells[3].times), ((1_000, 1_060), (1_060, 1_120)));
        let of = |colour| -> Vec<f64> {
            cells.iter().filter(|cell| cell.colour == colour).map(|cell| cell.strength).collect()
        };
        assert_eq!((of(LONGS), of(SHORTS)), (vec![0.2, 1.0, 0.2, 1.0], vec![0.6, 0.6]));
    }

    #[test]
    fn the_map_shows_ladder_and_price_and_stays_small_over_a_day() {
        let html =
            |minutes| -> String { panels("breakwater", 0, &shots(minutes)).unwrap().iter().map(Panel::html).collect() };
        let day = html(1_440);
        assert!(day.contains("Liquidation ladder · breakwater") && day.contains("Cascade ratio · breakwater"));
        assert_eq!(day.matches("<svg").count(), 2 + 3 + 3, "two plots and the keys of their legends");
        assert!(day.matches("#EA580C").count() > 200 && day.matches("#2563EB").count() > 100);
        assert!(day.len() < 200_000, "{}", day.len());
        assert_eq!(html(1), "");
    }
}
