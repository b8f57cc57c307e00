//! Owns which plots the report has, and what each of them says.

use anyhow::Result;
use plotters::style::RGBColor;

use super::{
    axis::Scale,
    chart::{Cell, Chart, Curve, Stroke},
    escaped, heat_map,
};
use crate::{
    format::{basis_points, price, usd},
    inputs::Inputs,
    outcome::{Outcome, Row, Tier},
};

pub(super) const FULL: (u32, u32) = (1_080, 320);
const HALF: (u32, u32) = (560, 260);
/// A plot keeps about so many moments, each with the extremes around it.
const MOMENTS: usize = 400;

/// The recorded price and the true depth; re-mapped by the page on dark screens.
pub(super) const RECORDED: RGBColor = RGBColor(0x0F, 0x17, 0x2A);
const ENGINES: [RGBColor; 6] = [
    RGBColor(0x02, 0x84, 0xC7),
    RGBColor(0xF9, 0x73, 0x16),
    RGBColor(0x16, 0xA3, 0x4A),
    RGBColor(0xA8, 0x55, 0xF7),
    RGBColor(0xDB, 0x27, 0x77),
    RGBColor(0x85, 0x6A, 0x1D),
];
const TIERS: [RGBColor; 5] = [
    RGBColor(0x94, 0xC9, 0xA9),
    RGBColor(0xFA, 0xCC, 0x15),
    RGBColor(0xFB, 0x92, 0x3C),
    RGBColor(0xEF, 0x44, 0x44),
    RGBColor(0x9D, 0x17, 0x4D),
];
const LAYERS: [(&str, RGBColor); 3] = [
    ("liquidated", RGBColor(0x38, 0xBD, 0xF8)),
    ("absorbed", RGBColor(0x14, 0xB8, 0xA6)),
    ("deleveraged", RGBColor(0xE8, 0x79, 0xB9)),
];

/// One plot with its words.
pub struct Panel {
    pub(super) title: String,
    pub(super) reading: &'static str,
    pub(super) legend: Vec<(String, RGBColor)>,
    pub(super) is_wide: bool,
    pub(super) svg: String,
}

impl Panel {
    /// The panel as an HTML figure.
    pub fn html(&self) -> String {
        let class = if self.is_wide { "wide" } else { "half" };
        let title = escaped(&self.title);
        let legend: String = self
            .legend
            .iter()
            .map(|(name, RGBColor(r, g, b))| {
                let colour = format!("#{r:02X}{g:02X}{b:02X}");
                format!(
                    "<span><svg class=\"key\" viewBox=\"0 0 10 10\"><rect width=\"10\" height=\"10\" rx=\"2\" \
                     fill=\"{colour}\"/></svg>{}</span>",
                    escaped(name)
                )
            })
            .collect();
        format!(
            "<figure class=\"{class}\" aria-label=\"{title}\">\n<figcaption><h2>{title}</h2><p>{}</p>\
             <p class=\"legend\">{legend}</p></figcaption>\n{}</figure>\n",
            self.reading, self.svg
        )
    }
}

/// All panels in order.
pub fn all(inputs: &Inputs, outcomes: &[Outcome]) -> Result<Vec<Panel>> {
    let plot = Plot::new(inputs, outcomes);
    let mut panels = vec![plot.price()?, plot.push()?, plot.depth()?, plot.insurance()?];
    for run in plot.runs.iter().filter(|run| run.rows.iter().any(|row| row.backstop.is_some())) {
        panels.push(plot.backstop(run)?);
    }
    for kind in [Plot::flow, Plot::tiers, Plot::layers] {
        for run in &plot.runs {
            panels.push(kind(&plot, run)?);
        }
    }
    for outcome in outcomes {
        let start_unix_s = inputs.scenario.start_unix_s();
        panels.extend(heat_map::panels(&outcome.summary.engine, start_unix_s, &outcome.series.ladder)?);
    }
    Ok(panels)
}

/// What is plotted: the thinned rows of every engine.
struct Plot<'a> {
    inputs: &'a Inputs,
    runs: Vec<Run<'a>>,
}

struct Run<'a> {
    engine: &'a str,
    colour: RGBColor,
    rows: Vec<&'a Row>,
}

impl<'a> Plot<'a> {
    fn new(inputs: &'a Inputs, outcomes: &'a [Outcome]) -> Self {
        let runs = outcomes
            .iter()
            .zip(ENGINES.iter().cycle())
            .map(|(outcome, colour)| Run {
                engine: &outcome.summary.engine,
                colour: *colour,
                rows: thinned(&outcome.series.rows),
            })
            .collect();
        Self { inputs, runs }
    }

    fn curve(&self, run: &Run, colour: RGBColor, stroke: Stroke, value: impl Fn(&Row) -> Option<f64>) -> Curve {
        let start = self.inputs.scenario.start_unix_s();
        let point = |row: &&Row| Some((start + row.time_s as i64, value(row)?));
        Curve { colour, stroke, points: run.rows.iter().filter_map(point).collect() }
    }

    /// A line of every engine that has the value.
    fn engines(&self, value: impl Fn(&Row) -> Option<f64>) -> Named {
        let line = |run| self.curve(run, run.colour, Stroke::Line, &value);
        self.runs
            .iter()
            .map(|run| (run.engine.to_owned(), line(run)))
            .filter(|(_, curve)| !curve.points.is_empty())
            .collect()
    }

    /// A line that does not depend on the engine.
    fn recorded(&self, name: &str, value: impl Fn(&Row) -> Option<f64>) -> Named {
        let line = |run| self.curve(run, RECORDED, Stroke::Line, &value);
        let first = self.runs.first().into_iter();
        first.map(|run| (name.to_owned(), line(run))).collect()
    }

    fn price(&self) -> Result<Panel> {
        let mut curves = self.engines(|row| Some(row.simulated_usd));
        curves.reverse();
        curves.extend(self.recorded("recorded", |row| Some(row.recorded_usd)));
        let reading = "What the market did, and what it would have done with each engine’s forced closes in it. USD.";
        panel("Price", reading, (FULL, Scale::Span, price), curves)
    }

    fn push(&self) -> Result<Panel> {
        let curves = self.engines(|row| Some(row.moved_bp()));
        let reading = "How far forced closes held the price away from the recorded one.";
        panel("Price moved by forced closes", reading, (FULL, Scale::FromZero, basis_points), curves)
    }

    fn depth(&self) -> Result<Panel> {
        let depth = &self.inputs.depth;
        let mut curves = self.recorded("the market’s", |row| Some(depth.at(row.time_s)));
        curves.extend(self.engines(|row| row.depth_usd));
        let reading =
            "Notional that moves the price by 10 bp: what the book carries, and what an engine infers from the \
                       oracle, if it looks. Logarithmic.";
        panel("Depth", reading, (HALF, Scale::Log, usd), curves)
    }

    fn insurance(&self) -> Result<Panel> {
        let curves = self.engines(|row| Some(row.insurance_usd));
        let reading = "Fees and penalties in, losses of bankrupt accounts out.";
        panel("Insurance fund", reading, (HALF, Scale::FromZero, usd), curves)
    }

    /// The backstop of an engine that has one.
    fn backstop(&self, run: &Run) -> Result<Panel> {
        let holds = self.curve(run, LAYERS[1].1, Stroke::Filled, |row| Some(row.backstop?.holds_usd));
        let worth = self.curve(run, run.colour, Stroke::Line, |row| Some(row.backstop?.worth_usd));
        let reading = "What it holds at the mark, and what it is worth: capital and the value of its positions.";
        let title = format!("Backstop · {}", run.engine);
        let curves = vec![("holds".to_owned(), holds), ("is worth".to_owned(), worth)];
        panel(&title, reading, (FULL, Scale::FromZero, usd), curves)
    }

    fn flow(&self, run: &Run) -> Result<Panel> {
        let allowed = self.curve(run, LAYERS[1].1, Stroke::Filled, |row| row.flow_allowed_usd);
        let is_limited = !allowed.points.is_empty();
        let used = self.curve(run, run.colour, Stroke::Line, |row| Some(row.flow_used_usd));
        let mut curves = vec![("allowed".to_owned(), allowed), ("used".to_owned(), used)];
        curves.retain(|(_, curve)| !curve.points.is_empty());
        let reading = if is_limited {
            "Forced flow that the market has not digested yet, against the most the engine permits at that moment. \
             Logarithmic."
        } else {
            "Forced flow that the market has not digested yet (decayed over 4 minutes). Nothing limits it. \
             Logarithmic."
        };
        let title = format!("Flow used and allowed · {}", run.engine);
        panel(&title, reading, (HALF, Scale::Log, usd), curves)
    }

    fn tiers(&self, run: &Run) -> Result<Panel> {
        // The gravest tier at the bottom, where a single account can be seen.
        let curves = (0..Tier::NAMES.len()).rev().map(|tier| {
            let count = |row: &Row| Some(f64::from(row.accounts_per_tier[tier]));
            let band = self.curve(run, TIERS[tier], Stroke::Stacked, count);
            (Tier::NAMES[tier].to_owned(), band)
        });
        let title = format!("Accounts per tier · {}", run.engine);
        let reading = "Accounts with an open position, by health; what is missing has been closed.";
        panel(&title, reading, (HALF, Scale::FromZero, |count| format!("{count:.0}")), curves.collect())
    }

    fn layers(&self, run: &Run) -> Result<Panel> {
        let took: [fn(&Row) -> f64; 3] =
            [|row| row.took.liquidated_usd, |row| row.took.absorbed_usd, |row| row.took.deleveraged_usd];
        let curves = LAYERS.into_iter().zip(took).map(|((name, colour), took)| {
            let band = self.curve(run, colour, Stroke::Stacked, |row| Some(took(row)));
            (name.to_owned(), band)
        });
        let title = format!("What each layer took · {}", run.engine);
        let reading =
            "Notional since the beginning: closed into the market, taken by the backstop, closed against the \
                       other side.";
        panel(&title, reading, (HALF, Scale::FromZero, usd), curves.collect())
    }
}

/// Curves with the names that the legend gives them.
pub(super) type Named = Vec<(String, Curve)>;

pub(super) type Look = ((u32, u32), Scale, fn(f64) -> String);

fn panel(title: &str, reading: &'static str, look: Look, curves: Named) -> Result<Panel> {
    panel_with_cells(title, reading, look, curves, (Vec::new(), Vec::new()))
}

/// A panel with rectangles behind its curves, and what the legend says of them.
pub(super) fn panel_with_cells(
    title: &str,
    reading: &'static str,
    (size, scale, label): Look,
    curves: Named,
    (cells, mut legend): (Vec<Cell>, Vec<(String, RGBColor)>),
) -> Result<Panel> {
    legend.extend(curves.iter().map(|(name, curve)| (name.clone(), curve.colour)));
    let curves = curves.into_iter().map(|(_, curve)| curve).collect();
    let svg = Chart { size, scale, label, cells, curves }.svg()?;
    Ok(Panel { title: title.to_owned(), reading, legend, is_wide: size == FULL, svg })
}

/// Few enough rows to draw: around each moment those with the lowest price, the highest, and the most accounts in
/// trouble; also the first and the last.
fn thinned(rows: &[Row]) -> Vec<&Row> {
    let width = rows.len().div_ceil(MOMENTS).max(1);
    let price = |index: &usize| rows[*index].simulated_usd;
    let in_trouble = |index: &usize| rows[*index].accounts_per_tier[1..].iter().sum::<u32>();
    let mut kept: Vec<usize> = (0..rows.len())
        .step_by(width)
        .flat_map(|start| {
            let around = || start..(start + width).min(rows.len());
            let lowest = around().min_by(|a, b| price(a).total_cmp(&price(b)));
            let highest = around().max_by(|a, b| price(a).total_cmp(&price(b)));
            let worst = around().max_by_key(in_trouble);
            [lowest, highest, worst].into_iter().flatten()
        })
        .collect();
    if let Some(last) = rows.len().checked_sub(1) {
        kept.extend([0, last]);
    }
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|index| &rows[index]).collect()
}
