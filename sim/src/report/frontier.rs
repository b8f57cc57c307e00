//! Owns the plot of a comparison: what closes push the price against what they cost the other side, a point for each variant.
//!
//! Down and to the left is better. A point grows with its bad debt and changes its colour: none, or some.

use anyhow::Result;
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    axis::{Axis, Scale},
    chart::{FONT_SIZE, GRID, INK},
};

const SIZE: (u32, u32) = (1_080, 560);
/// A variant without bad debt.
pub const CLEAN: RGBColor = RGBColor(0x16, 0xA3, 0x4A);
/// A variant with bad debt.
pub const INDEBTED: RGBColor = RGBColor(0xDC, 0x26, 0x26);
/// Bad debt, as a share of the open interest, below which a variant counts as without: a millionth.
const NO_DEBT_SHARE: f64 = 1e-6;
/// Radius without bad debt, pixels.
const RADIUS: f64 = 6.0;
/// What is added for bad debt of [`LARGE_DEBT_SHARE`], pixels.
const RADIUS_MORE: f64 = 14.0;
/// Bad debt, as a share of the open interest, from which a point grows no more: 1 %.
const LARGE_DEBT_SHARE: f64 = 0.01;
/// Where the plot begins, right of its labels, pixels.
const LEFT: i32 = 86;
/// Width of a letter and height of a line, pixels.
const LETTER: (i32, i32) = (8, 16);

/// A variant in the plot.
#[derive(Clone, Debug)]
pub struct Point {
    /// What stands beside it.
    pub name: String,
    /// Deleveraged, percent of the open interest.
    pub deleveraged_percent: f64,
    /// Extra fall, basis points, positive for a deeper fall.
    pub extra_fall_bp: f64,
    /// Bad debt as a share of the open interest.
    pub bad_debt_share: f64,
}

impl Point {
    fn colour(&self) -> RGBColor {
        if self.bad_debt_share > NO_DEBT_SHARE {
            INDEBTED
        } else {
            CLEAN
        }
    }

    /// What is added to it grows with the root of bad debt, so that small ones can be told apart.
    fn radius(&self) -> i32 {
        let part = (self.bad_debt_share / LARGE_DEBT_SHARE).clamp(0.0, 1.0);
        (RADIUS + RADIUS_MORE * part.sqrt()).round() as i32
    }
}

/// Draws it; an SVG element.
pub fn svg(points: &[Point]) -> Result<String> {
    let largest = |figure: fn(&Point) -> f64| points.iter().map(figure).fold(0.0, f64::max);
    let lowest = points.iter().map(|point| point.extra_fall_bp).fold(0.0, f64::min);
    let across = Axis::values(Scale::FromZero, 0.0, largest(|point| point.deleveraged_percent));
    let up = Axis::values(Scale::FromZero, lowest, largest(|point| point.extra_fall_bp));

    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .margin_right(40)
        .x_label_area_size(44)
        .y_label_area_size(72)
        .build_cartesian_2d(across, up)?;
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .axis_style(GRID)
        .label_style(("sans-serif", FONT_SIZE).into_font().color(&INK))
        .x_desc("deleveraged, % of the open interest")
        .y_desc("extra fall, bp")
        .x_label_formatter(&|percent| format!("{percent}"))
        .y_label_formatter(&|bp| format!("{bp}"))
        .draw()?;
    let mut labels = Labels::default();
    for point in points {
        let at = chart.as_coord_spec().translate(&(point.deleveraged_percent, point.extra_fall_bp));
        labels.keep_free(at, point.radius());
    }
    chart.draw_series(points.iter().map(|point| {
        let style = point.colour().mix(0.75).filled();
        Circle::new((point.deleveraged_percent, point.extra_fall_bp), point.radius(), style)
    }))?;
    let style = ("sans-serif", FONT_SIZE).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
    for point in points {
        let at = chart.as_coord_spec().translate(&(point.deleveraged_percent, point.extra_fall_bp));
        let spot = labels.place(at, point.radius(), &point.name);
        if (spot.1 - at.1).abs() > LETTER.1 {
            area.draw(&PathElement::new([at, (spot.0 - 3, spot.1)], INK.mix(0.4).stroke_width(1)))?;
        }
        area.draw(&Text::new(point.name.clone(), spot, style.clone()))?;
    }
    drop(chart);
    area.present()?;
    drop(area);
    Ok(svg)
}

/// Where names stand, so that none lies on another or on a point.
#[derive(Default)]
struct Labels {
    taken: Vec<Area>,
}

/// From and to, pixels.
type Area = ((i32, i32), (i32, i32));

impl Labels {
    fn keep_free(&mut self, (x, y): (i32, i32), radius: i32) {
        self.taken.push(((x - radius, y - radius), (x + radius, y + radius)));
    }

    /// The left middle of a name's place: right of its point, left of it, or one line after the other above and below.
    fn place(&mut self, (x, y): (i32, i32), radius: i32, name: &str) -> (i32, i32) {
        let width = LETTER.0 * name.chars().count() as i32;
        let (right, left) = (x + radius + 5, x - radius - 5 - width);
        let lines = (0..12).flat_map(|line| [-line, line]).map(|line| line * LETTER.1);
        let spots = lines.flat_map(|shift| [(right, y + shift), (left, y + shift)]);
        let fits = |spot: &(i32, i32)| {
            let area = area_of(*spot, width);
            let is_inside = area.0 .0 > LEFT && area.1 .0 < SIZE.0 as i32 && area.0 .1 > 0 && area.1 .1 < SIZE.1 as i32;
            is_inside && self.taken.iter().all(|taken| !overlaps(*taken, area))
        };
        let spot = spots.clone().find(fits).unwrap_or((right, y));
        self.taken.push(area_of(spot, width));
        spot
    }
}

fn area_of((x, y): (i32, i32), width: i32) -> Area {
    ((x, y - LETTER.1 / 2), (x + width, y + LETTER.1 / 2))
}

fn overlaps(one: Area, other: Area) -> bool {
    one.0 .0 < other.1 .0 && other.0 .0 < one.1 .0 && one.0 .1 < other.1 .1 && other.0 .1 < one.1 .1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(name: &str, deleveraged_percent: f64, extra_fall_bp: f64, bad_debt_share: f64) -> Point {
        Point { name: name.to_owned(), deleveraged_percent, extra_fall_bp, bad_debt_share }
    }

    #[test]
    fn every_variant_is_a_point_with_its_name() {
        let points = [point("one", 1.0, 20.0, 0.0), point("two", 1.0, 20.0, 0.01), point("three", 30.0, 400.0, 0.0)];
        let svg = svg(&points).unwrap();
        assert_eq!(svg.matches("<circle").count(), 3);
        for name in ["one", "two", "three"] {
            assert!(svg.contains(&format!("{name}\n")), "{name}");
        }
        let colour = |RGBColor(r, g, b): RGBColor| format!("fill=\"#{r:02X}{g:02X}{b:02X}\"");
        assert_eq!(svg.matches(&colour(INDEBTED)).count(), 1);
    }

    #[test]
    fn names_of_points_that_coincide_do_not_cover_each_other() {
        let mut labels = Labels::default();
        labels.keep_free((500, 300), 6);
        for name in ["breakwater", "without delay", "without breaker", "without damping", "without flow"] {
            labels.place((500, 300), 6, name);
        }
        for (place, one) in labels.taken.iter().enumerate() {
            assert!(labels.taken[place + 1..].iter().all(|other| !overlaps(*one, *other)));
        }
    }

    #[test]
    fn a_point_grows_with_its_bad_debt() {
        let radius = |share| point("", 0.0, 0.0, share).radius();
        assert_eq!([radius(0.0), radius(0.0025), radius(0.01), radius(1.0)], [6, 13, 20, 20]);
    }
}
