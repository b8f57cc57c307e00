//! Owns which parameters a search may turn, and between which figures. The rates of maintenance and of initial margin stay: they
//! are what traders are promised.

use breakwater_risk::MarketParams;
use rand::Rng;
use serde_json::{json, Map, Value};

/// A parameter that may be turned.
pub struct Knob {
    /// Its name among the market's parameters.
    pub name: &'static str,
    /// Lowest and highest figure that is tried, > 0.
    pub range: (u32, u32),
    read: fn(&MarketParams) -> u32,
    write: fn(&mut MarketParams) -> &mut u32,
}

/// The parameter of a field, tried in a range.
macro_rules! knob {
    ($field:ident, $least:literal, $most:literal) => {
        Knob {
            name: stringify!($field),
            range: ($least, $most),
            read: |params| params.$field,
            write: |params| &mut params.$field,
        }
    };
}

/// All knobs.
pub const ALL: &[Knob] = &[
    knob!(move_min_ppm, 500, 10_000),
    knob!(move_max_ppm, 1_000, 20_000),
    knob!(flow_recovery_slots, 100, 6_000),
    knob!(netting_ppm, 100_000, 1_000_000),
    knob!(buffer_ppm, 20_000, 450_000),
    knob!(charge_max_ppm, 3_000, 25_000),
    knob!(backstop_line_ppm, 250_000, 515_000),
    knob!(deleverage_line_ppm, 150_000, 515_000),
    knob!(pace_cap_slots, 1, 150),
];

/// What the knobs stand at, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting(Vec<u32>);

impl Setting {
    /// What they stand at in these parameters.
    pub fn of(params: &MarketParams) -> Self {
        Self(ALL.iter().map(|knob| (knob.read)(params)).collect())
    }

    /// Draws a figure for every knob, all orders of magnitude of its range being equally likely.
    pub fn draw(random: &mut impl Rng) -> Self {
        let draw = |knob: &Knob| {
            let (least, most) = (f64::from(knob.range.0), f64::from(knob.range.1));
            (least * (most / least).powf(random.random::<f64>())).round() as u32
        };
        Self(ALL.iter().map(draw).collect())
    }

    /// Every knob alone turned up and down by a factor, as far as its range goes.
    pub fn around(&self, factor: f64) -> Vec<Self> {
        let turned = |place: usize, factor: f64| {
            let (least, most) = ALL[place].range;
            let mut setting = self.clone();
            setting.0[place] = ((f64::from(self.0[place]) * factor).round() as u32).clamp(least, most);
            setting
        };
        (0..ALL.len()).flat_map(|place| [turned(place, factor), turned(place, 1.0 / factor)]).collect()
    }

    /// These parameters with the knobs at this setting.
    pub fn applied_to(&self, params: &MarketParams) -> MarketParams {
        let mut params = *params;
        for (knob, figure) in ALL.iter().zip(&self.0) {
            *(knob.write)(&mut params) = *figure;
        }
        params
    }

    /// The figures, in the order of [`ALL`].
    pub fn figures(&self) -> &[u32] {
        &self.0
    }

    /// The figures by name.
    pub fn json(&self) -> Value {
        let figures = ALL.iter().zip(&self.0).map(|(knob, figure)| (knob.name.to_owned(), json!(figure)));
        figures.collect::<Map<_, _>>().into()
    }
}
