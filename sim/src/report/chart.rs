//! Owns the drawing of one plot as SVG. Assumes that colours which the page re-maps for dark screens are written as they
//! are here; text is left to the reader's fonts, none are needed to build or run.

use anyhow::{ensure, Result};
use plotters::prelude::*;

use super::axis::{Axis, Scale};
use crate::utc;

/// Axis labels; re-mapped by the page on dark screens.
pub(super) const INK: RGBColor = RGBColor(0x47, 0x55, 0x69);
/// Grid lines; re-mapped by the page on dark screens.
pub(super) const GRID: RGBColor = RGBColor(0xE2, 0xE8, 0xF0);
pub(super) const FONT_SIZE: u32 = 13;
const TIME_LABEL_WIDTH: u32 = 90;

/// How a curve is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// A line.
    Line,
    /// Filled down to the lower end of the axis, with a line on top.
    Filled,
    /// A band on top of the bands before it.
    Stacked,
}

/// One value over time.
pub struct Curve {
    /// Its colour.
    pub colour: RGBColor,
    /// How it is drawn.
    pub stroke: Stroke,
    /// (Unix seconds, value), in order of time; stacked curves share their times.
    pub points: Vec<(i64, f64)>,
}

/// A coloured rectangle behind the curves.
pub struct Cell {
    /// Its colour.
    pub colour: RGBColor,
    /// How strong the colour is, 0 … 1.
    pub strength: f64,
    /// From and to, Unix seconds.
    pub times: (i64, i64),
    /// From and to, on the vertical axis.
    pub values: (f64, f64),
}

/// What a plot shows.
pub struct Chart {
    /// Width and height, pixels at full size.
    pub size: (u32, u32),
    /// Vertical axis.
    pub scale: Scale,
    /// Writes a value of the vertical axis.
    pub label: fn(f64) -> String,
    /// Rectangles behind the curves; the curves span the time axis.
    pub cells: Vec<Cell>,
    /// Curves, the rearmost first.
    pub curves: Vec<Curve>,
}

impl Chart {
    /// Draws it; an SVG element.
    pub fn svg(&self) -> Result<String> {
        let bands: Vec<Band> = self.bands();
        let points = || bands.iter().flat_map(|band| &band.top);
        let times = || points().map(|(time, _)| *time);
        let (Some(from), Some(to)) = (times().min(), times().max()) else {
            return Ok(String::new());
        };
        ensure!(from < to, "a plot needs at least two moments");
        let spanned = self.cells.iter().flat_map(|cell| [cell.values.0, cell.values.1]);
        let values = || points().map(|(_, value)| *value).chain(spanned.clone());
        let low = values().fold(f64::MAX, f64::min);
        let high = values().fold(f64::MIN, f64::max);
        let time_axis = Axis::time(from, to, self.size.0 / TIME_LABEL_WIDTH);
        let value_axis = Axis::values(self.scale, low, high);
        let bottom = value_axis.start();

        let mut svg = String::new();
        let area = SVGBackend::with_string(&mut svg, self.size).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(6)
            .margin_right(18)
            .x_label_area_size(24)
            .y_label_area_size(72)
            .build_cartesian_2d(time_axis, value_axis)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(GRID)
            .axis_style(GRID)
            .label_style(("sans-serif", FONT_SIZE).into_font().color(&INK))
            .x_label_formatter(&|unix_s| utc::time_of_day(*unix_s as i64))
            .y_label_formatter(&|value| (self.label)(*value))
            .draw()?;
        chart.draw_series(self.cells.iter().map(|cell| {
            let corner = |time: i64, value: f64| (time.clamp(from, to) as f64, value);
            let corners = [corner(cell.times.0, cell.values.1), corner(cell.times.1, cell.values.0)];
            Rectangle::new(corners, cell.colour.mix(cell.strength).filled())
        }))?;
        for Band { curve, top, floor } in &bands {
            let colour = curve.colour;
            let line = || top.iter().map(placed);
            match curve.stroke {
                Stroke::Line => {
                    chart.draw_series(LineSeries::new(line(), colour.stroke_width(2)))?;
                }
                Stroke::Filled => {
                    let area = AreaSeries::new(line(), bottom, colour.mix(0.18));
                    chart.draw_series(area.border_style(colour.stroke_width(1)))?;
                }
                Stroke::Stacked => {
                    let outline: Vec<_> = line().chain(floor.iter().rev().map(placed)).collect();
                    chart.draw_series([Polygon::new(outline, colour.filled())])?;
                }
            }
        }
        drop(chart);
        area.present()?;
        drop(area);
        Ok(svg)
    }

    /// The curves with stacked ones lifted onto those before them.
    fn bands(&self) -> Vec<Band<'_>> {
        let mut floor: Vec<(i64, f64)> = Vec::new();
        let lifted = self.curves.iter().map(|curve| {
            if curve.stroke != Stroke::Stacked {
                let top = curve.points.clone();
                return Band { curve, top, floor: Vec::new() };
            }
            if floor.is_empty() {
                floor = curve.points.iter().map(|(time, _)| (*time, 0.0)).collect();
            }
            let pairs = curve.points.iter().zip(&floor);
            let top: Vec<_> = pairs.map(|((time, a), (_, b))| (*time, a + b)).collect();
            let floor = std::mem::replace(&mut floor, top.clone());
            Band { curve, top, floor }
        });
        lifted.collect()
    }
}

/// A curve as it is placed: its upper line, and for stacked ones its lower.
struct Band<'a> {
    curve: &'a Curve,
    top: Vec<(i64, f64)>,
    floor: Vec<(i64, f64)>,
}

fn placed((time, value): &(i64, f64)) -> (f64, f64) {
    (*time as f64, *value)
}
