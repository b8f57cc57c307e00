//! Owns the axes of a plot: what they span and where their labels stand.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// Steps between labels of a time axis, minutes.
const TIME_STEPS: [i64; 13] = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 360, 720, 1_440];

/// How values are placed on the vertical axis.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Linear, over what the values span.
    Span,
    /// Linear, zero included.
    FromZero,
    /// Logarithmic, in whole decades, at most four; values below lie on the lowest line.
    Log,
}

/// A range with its labels.
pub struct Axis {
    range: Range<f64>,
    labels: Vec<f64>,
    is_log: bool,
}

impl Axis {
    /// From one moment (Unix seconds) to another, with at most `labels` round times.
    pub fn time(from: i64, to: i64, labels: u32) -> Self {
        let labels = i64::from(labels);
        let fits = |step: &i64| (to - from) / 60 / step <= labels;
        let whole_days = ((to - from) / 86_400 / labels + 1) * 1_440;
        let step_s = TIME_STEPS.into_iter().find(fits).unwrap_or(whole_days) * 60;
        let first = from + (-from).rem_euclid(step_s);
        let labels = (first..=to).step_by(step_s as usize);
        Self { range: from as f64..to as f64, labels: labels.map(|unix_s| unix_s as f64).collect(), is_log: false }
    }

    /// Around values from `low` to `high`.
    pub fn values(scale: Scale, low: f64, high: f64) -> Self {
        match scale {
            Scale::Span => Self::linear(low, high),
            Scale::FromZero => Self::linear(low.min(0.0), high.max(0.0)),
            Scale::Log => Self::decades(low, high),
        }
    }

    /// Round labels, and ends that lie on labels.
    fn linear(low: f64, high: f64) -> Self {
        let span = (high - low).max(high.abs() * 1e-3).max(1e-6);
        let rough = span / 4.0;
        let decade = 10_f64.powf(rough.log10().floor());
        let round = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * decade);
        let step = round.into_iter().find(|s| *s >= rough).unwrap_or(rough);
        let (first, last) = ((low / step).floor(), ((low + span) / step).ceil());
        Self {
            range: first * step..last * step,
            labels: (first as i64..=last as i64).map(|i| i as f64 * step).collect(),
            is_log: false,
        }
    }

    /// Whole decades around positive values.
    fn decades(low: f64, high: f64) -> Self {
        let last = high.max(10.0).log10().ceil() as i32;
        let first = (low.max(1.0).log10().floor() as i32).clamp(last - 4, last - 1);
        let power = |exponent| 10_f64.powi(exponent);
        Self { range: power(first)..power(last), labels: (first..=last).map(power).collect(), is_log: true }
    }

    /// The lower end.
    pub fn start(&self) -> f64 {
        self.range.start
    }

    fn share(&self, value: f64) -> f64 {
        let Range { start, end } = self.range;
        if self.is_log {
            (value.max(start) / start).ln() / (end / start).ln()
        } else {
            (value - start) / (end - start)
        }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        from + (self.share(*value) * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.labels.clone()
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_labels_are_round_and_enclose_the_values() {
        let axis = Axis::values(Scale::Span, 141.28, 203.8);
        assert_eq!(axis.labels, [140.0, 160.0, 180.0, 200.0, 220.0]);
        let axis = Axis::values(Scale::FromZero, -423.0, -3.0);
        assert_eq!(axis.labels.first(), Some(&-600.0));
        assert_eq!(axis.labels.last(), Some(&0.0));
        assert_eq!(Axis::values(Scale::FromZero, 0.0, 0.0).start(), 0.0);
    }

    #[test]
    fn decades_enclose_the_values() {
        let axis = Axis::values(Scale::Log, 20_000.0, 840_000.0);
        assert_eq!(axis.labels, [1e4, 1e5, 1e6]);
        assert_eq!(axis.map(&1e5, (0, 100)), 50);
        assert_eq!(axis.map(&0.0, (0, 100)), 0);
        assert_eq!(Axis::values(Scale::Log, 0.0, 2e7).labels, [1e4, 1e5, 1e6, 1e7, 1e8]);
        assert_eq!(Axis::values(Scale::Log, 0.0, 0.0).labels, [1.0, 10.0]);
    }

    #[test]
    fn times_are_round() {
        let start = 1_760_129_700;
        let axis = Axis::time(start, start + 96 * 60, 10);
        let minutes = axis.labels.iter().map(|label| *label as i64 / 60 % 60);
        assert_eq!(minutes.collect::<Vec<_>>(), [0, 10, 20, 30, 40, 50, 0, 10, 20, 30]);
        let month = Axis::time(start, start + 30 * 86_400, 10);
        assert!(month.labels.len() <= 11);
    }
}
