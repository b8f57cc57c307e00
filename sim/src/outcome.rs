//! Owns what a run of any engine returns: figures in sum, and a row for every sample. All notional is in USD.

use std::collections::BTreeSet;

use serde::Serialize;

/// One engine's result on the scenario.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The figures in sum.
    pub summary: Summary,
    /// What happened, sample by sample.
    pub series: Series,
    /// Places, in the inputs, of the accounts that [`Summary::accounts_touched`] counts.
    pub touched: BTreeSet<usize>,
    /// What else is worth knowing about the run, a sentence each.
    pub notes: Vec<String>,
}

/// The figures of a run (RISK section 6).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Name of the engine.
    pub engine: String,
    /// Lowest simulated over lowest recorded price − 1, basis points; negative: forced closes deepened the fall.
    pub extra_fall_bp: f64,
    /// Notional closed into the market by force, USD, at the prices it was filled at.
    pub liquidated: f64,
    /// Notional of accounts at risk closed into the market before they failed, USD.
    pub derisked: f64,
    /// Notional that willing accounts took from failing accounts and from those at risk, USD; it moved no price.
    pub netted: f64,
    /// Notional taken off the market by a backstop, USD.
    pub absorbed: f64,
    /// Notional that the backstop sold into the market afterwards, USD.
    pub unwound: f64,
    /// Notional closed against the other side, USD (the deleveraged side counted once).
    pub deleveraged: f64,
    /// Accounts that failed and of which at least one lot was closed by force. Those on the other side of a deleveraging,
    /// which are reduced pro rata, all of them at once, are not counted.
    pub accounts_touched: u64,
    /// The cascade: those of them that would not have been touched, had forced closes left the recorded price alone.
    pub accounts_cascaded: u64,
    /// Losses that neither the loser nor insurance paid, USD, ≥ 0: the parts of resolved deficits that cut claims, were
    /// charged to open lots or stayed unfunded, and the deficits of accounts still open at the last price, the backstop's
    /// among them. Losses that a deleveraging price puts on the other side are not in it: Hyperliquid and dYdX deleverage at
    /// the bankruptcy price.
    pub bad_debt: f64,
    /// Worth of the backstop minus its capital at the beginning, USD; what it has not sold counts at the last price, without the
    /// cost of selling.
    pub backstop_result: f64,
    /// Notional that the backstop still holds at the last price, USD.
    pub backstop_holds: f64,
    /// Insurance at the end minus insurance at the beginning, USD.
    pub insurance_change: f64,
    /// Whether every identity of the engine's books held to the atom whenever it was checked: after every sample, with the pure
    /// model every ten minutes and at the end.
    pub identities_exact: bool,
    /// Those who came in the course of the run and wanted a position.
    pub entrants_came: u64,
    /// Of them: those who got one.
    pub entrants_opened: u64,
    /// What they opened, USD, at the marks of those moments.
    pub entrants_notional: f64,
    /// What each layer took and gave.
    pub layers: Layers,
    /// What else the controls did and saw.
    pub controls: ControlFigures,
}

/// What the controls of an engine did and saw besides what they closed; all 0 for an engine without them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ControlFigures {
    /// Slices and predictive closes that willing accounts took.
    pub nettings: u64,
    /// Predictive closes.
    pub derisk_closes: u64,
    /// What the distance of their prices to the mark cost the accounts, USD.
    pub derisk_cost: f64,
    /// Highest cascade ratio of either side after a sample, 1 = supercritical.
    pub cascade_ratio_max: f64,
    /// Highest macro stress that the market read, a factor of at least 1; 0 without an index.
    pub macro_stress_max: f64,
    /// Time in which the circuit breaker was open, seconds, counted by samples.
    pub breaker_open_s: u64,
}

/// Where the charges went and who bore the deficits of bankrupt accounts, USD, each ≥ 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Layers {
    /// Charges paid to keepers and to willing accounts.
    pub to_keepers: f64,
    /// Charges paid to the backstop, in cash and in claims.
    pub to_backstop: f64,
    /// Charges paid to insurance.
    pub to_insurance: f64,
    /// Discounts that the backstop gave to keepers.
    pub discounts: f64,
    /// Deficits of bankrupt accounts.
    pub deficits: f64,
    /// Of these: paid by insurance.
    pub insurance_paid: f64,
    /// Of these: paid by the reserves of the markets, before insurance.
    pub reserve_paid: f64,
    /// Of these: cut from the claims of the other side.
    pub claims_cut: f64,
    /// Of these: charged to the open lots of the other side.
    pub lots_charged: f64,
    /// Of these: borne by nobody yet.
    pub unfunded: f64,
}

/// The rows of a run, in order of time; one for each sample.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// The rows.
    pub rows: Vec<Row>,
    /// The liquidation ladder, at most once a minute; empty for an engine without one.
    pub ladder: Vec<LadderShot>,
}

/// The liquidation ladder at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LadderShot {
    /// Seconds since the beginning of the scenario.
    pub time_s: u64,
    /// Mark, USD per base token.
    pub mark_usd: f64,
    /// Longs: price in the middle of a bucket of 0.5 %, USD, with the notional that it would force to close, USD, > 0.
    pub long: Vec<(f64, f64)>,
    /// Shorts: the same.
    pub short: Vec<(f64, f64)>,
    /// Cascade ratios of longs and shorts at the last measurement, 1 = supercritical.
    pub ratios: [f64; 2],
}

/// The state after one sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Seconds since the beginning of the scenario.
    pub time_s: u64,
    /// Recorded price, USD per base token.
    pub recorded_usd: f64,
    /// Price with the impact of all forced flow up to and including this sample's, USD per base token.
    pub simulated_usd: f64,
    /// Depth at 10 bp that the engine acts on, USD; none if it looks at no depth.
    pub depth_usd: Option<f64>,
    /// Forced flow in the market that is not yet digested, by the engine's own meter if it has one, USD, ≥ 0.
    pub flow_used_usd: f64,
    /// The most that `flow_used_usd` may be at this moment, USD; none if nothing limits it.
    pub flow_allowed_usd: Option<f64>,
    /// Accounts with an open position by [`Tier`], as this sample's price found them, before anything was closed.
    pub accounts_per_tier: [u32; 5],
    /// Insurance, USD.
    pub insurance_usd: f64,
    /// The backstop; none where there is none.
    pub backstop: Option<BackstopRow>,
    /// What each layer took since the beginning.
    pub took: Took,
}

/// The backstop after one sample, USD.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackstopRow {
    /// Its worth at the marks.
    pub worth_usd: f64,
    /// Notional that it holds, ≥ 0.
    pub holds_usd: f64,
}

/// What each layer took in a stretch of time, USD, each ≥ 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Took {
    /// Notional closed into the market because an account failed.
    pub liquidated_usd: f64,
    /// Notional closed into the market before an account failed.
    pub derisked_usd: f64,
    /// Notional that willing accounts took.
    pub netted_usd: f64,
    /// Notional taken by a backstop.
    pub absorbed_usd: f64,
    /// Notional that the backstop sold into the market.
    pub unwound_usd: f64,
    /// Notional closed against the other side.
    pub deleveraged_usd: f64,
    /// Deficits that insurance paid.
    pub insured_usd: f64,
    /// Deficits that were shared by rule or stayed unpaid.
    pub shared_usd: f64,
}

impl Took {
    /// What the figures are called, in the order of [`Took::figures`].
    pub const NAMES: [&str; 8] = [
        "liquidated",
        "derisked",
        "netted",
        "absorbed",
        "unwound",
        "deleveraged",
        "paid by insurance",
        "shared or unpaid",
    ];

    /// The figures.
    pub fn figures(&self) -> [f64; 8] {
        [
            self.liquidated_usd,
            self.derisked_usd,
            self.netted_usd,
            self.absorbed_usd,
            self.unwound_usd,
            self.deleveraged_usd,
            self.insured_usd,
            self.shared_usd,
        ]
    }
}

impl Row {
    /// Accounts with an open position, as this sample's price found them.
    pub fn open_accounts(&self) -> u32 {
        self.accounts_per_tier.iter().sum()
    }

    /// How far forced flow has moved the price, basis points.
    pub fn moved_bp(&self) -> f64 {
        (self.simulated_usd / self.recorded_usd - 1.0) * 1e4
    }
}

impl Series {
    /// Lowest simulated over lowest recorded price − 1, basis points; 0 without rows.
    pub fn extra_fall_bp(&self) -> f64 {
        if self.rows.is_empty() {
            return 0.0;
        }
        let lowest = |price: fn(&Row) -> f64| self.rows.iter().map(price).fold(f64::MAX, f64::min);
        (lowest(|row| row.simulated_usd) / lowest(|row| row.recorded_usd) - 1.0) * 1e4
    }
}

/// Where an account stands by its health, maintenance equity over maintenance margin (RISK section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Health of 1 or more.
    Healthy,
    /// Below 1.
    Liquidating,
    /// Below ½.
    Distressed,
    /// Below ¼.
    Critical,
    /// Equity below zero.
    Bankrupt,
}

impl Tier {
    /// Names in the order of the tiers, and of [`Row::accounts_per_tier`].
    pub const NAMES: [&str; 5] = ["healthy", "liquidating", "distressed", "critical", "bankrupt"];

    /// The tier of an account; both figures in the same unit, `maintenance` ≥ 0.
    pub fn of(equity: i128, maintenance: i128) -> Self {
        match equity {
            ..0 => Self::Bankrupt,
            _ if equity >= maintenance => Self::Healthy,
            _ if 2 * equity >= maintenance => Self::Liquidating,
            _ if 4 * equity >= maintenance => Self::Distressed,
            _ => Self::Critical,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_follow_health() {
        let tiers = [100, 99, 50, 49, 25, 24, 0, -1].map(|equity| Tier::of(equity, 100));
        use Tier::*;
        assert_eq!(tiers, [Healthy, Liquidating, Liquidating, Distressed, Distressed, Critical, Critical, Bankrupt]);
        assert_eq!(Tier::NAMES[Bankrupt as usize], "bankrupt");
    }

    #[test]
    fn extra_fall_compares_the_lowest_prices() {
        let row = |recorded_usd, simulated_usd| Row {
            recorded_usd,
            simulated_usd,
            accounts_per_tier: [2, 1, 0, 0, 0],
            ..Row::default()
        };
        assert_eq!(Series::default().extra_fall_bp(), 0.0);
        let rows = vec![row(100.0, 100.0), row(80.0, 79.2), row(90.0, 72.0)];
        assert_eq!(rows[2].open_accounts(), 3);
        assert!((rows[2].moved_bp() + 2_000.0).abs() < 1e-9);
        assert!((Series { rows, ..Series::default() }.extra_fall_bp() + 1_000.0).abs() < 1e-9);
    }
}
