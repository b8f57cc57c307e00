//! Owns what forced flow does to the recorded price (RISK section 6), one instance for each run.
//!
//! Square-root impact per slice would punish slicing by itself, so impact is a function of the *decayed cumulative* forced
//! flow, counted in depths of the moment: `f += x/D_true`, `price = recorded · (1 + 10 bp · (0.58·√f_fast + 0.42·√f_slow))`,
//! √ signed, x positive for a forced buy and negative for a forced sell. f_fast decays with 240 s, f_slow with a day.
//! Assumes that the caller's time never goes back.

use crate::depth::TrueDepth;

/// Decay time of the part that retraces, seconds.
const FAST_TAU_S: f64 = 240.0;
/// Decay time of the part that stays, seconds.
const SLOW_TAU_S: f64 = 86_400.0;
/// Share of the impact that retraces (PEERS, market facts).
const FAST_SHARE: f64 = 0.58;
/// Relative price move of one depth.
const MOVE_PER_ROOT_DEPTH: f64 = 0.001;

/// The price impact of one engine's forced flow.
#[derive(Clone, Debug)]
pub struct Impact {
    depth: TrueDepth,
    fast: Decaying,
    slow: Decaying,
    recent_usd: Decaying,
}

impl Impact {
    /// No flow yet, in a market of this depth.
    pub fn new(depth: TrueDepth) -> Self {
        Self {
            depth,
            fast: Decaying::new(FAST_TAU_S),
            slow: Decaying::new(SLOW_TAU_S),
            recent_usd: Decaying::new(FAST_TAU_S),
        }
    }

    /// Books a forced trade in the market: USD, negative for a sell, positive for a buy.
    pub fn record(&mut self, seconds: u64, signed_notional_usd: f64) {
        let depths = signed_notional_usd / self.depth.at(seconds);
        self.fast.add(seconds, depths);
        self.slow.add(seconds, depths);
        self.recent_usd.add(seconds, signed_notional_usd);
    }

    /// The recorded price (micro-dollars) as forced flow has moved it; at least 1.
    pub fn price(&self, recorded_micro_usd: u64, seconds: u64) -> u64 {
        self.price_after(recorded_micro_usd, seconds, 0.0)
    }

    /// The same price if this forced trade (USD, negative for a sell) came on top.
    pub fn price_after(&self, recorded_micro_usd: u64, seconds: u64, signed_notional_usd: f64) -> u64 {
        let depths = signed_notional_usd / self.depth.at(seconds);
        let fast = signed_root(self.fast.at(seconds) + depths);
        let slow = signed_root(self.slow.at(seconds) + depths);
        let moved = MOVE_PER_ROOT_DEPTH * (FAST_SHARE * fast + (1.0 - FAST_SHARE) * slow);
        (recorded_micro_usd as f64 * (1.0 + moved)).round().max(1.0) as u64
    }

    /// Net forced flow that the market has not digested yet: USD, decayed with 240 s, negative for sells.
    pub fn recent_flow_usd(&self, seconds: u64) -> f64 {
        self.recent_usd.at(seconds)
    }
}

fn signed_root(value: f64) -> f64 {
    value.signum() * value.abs().sqrt()
}

/// A sum that decays exponentially.
#[derive(Clone, Debug)]
struct Decaying {
    tau_s: f64,
    value: f64,
    as_of_s: u64,
}

impl Decaying {
    fn new(tau_s: f64) -> Self {
        Self { tau_s, value: 0.0, as_of_s: 0 }
    }

    fn at(&self, seconds: u64) -> f64 {
        let age_s = seconds.saturating_sub(self.as_of_s);
        self.value * (-(age_s as f64) / self.tau_s).exp()
    }

    fn add(&mut self, seconds: u64, amount: f64) {
        self.value = self.at(seconds) + amount;
        self.as_of_s = self.as_of_s.max(seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: u64 = 200_000_000_000;
    const DEPTH_USD: f64 = 100_000.0;

    fn impact() -> Impact {
        Impact::new(TrueDepth::of(&[], DEPTH_USD))
    }

    fn moved_bp(impact: &Impact, seconds: u64) -> f64 {
        (impact.price(PRICE, seconds) as f64 / PRICE as f64 - 1.0) * 1e4
    }

    fn assert_near(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
    }

    #[test]
    fn no_flow_leaves_the_recorded_price() {
        assert_eq!(impact().price(PRICE, 1_000), PRICE);
    }

    #[test]
    fn one_depth_moves_ten_basis_points_and_four_twenty() {
        let mut impact = impact();
        impact.record(0, -DEPTH_USD);
        assert_near(moved_bp(&impact, 0), -10.0);
        let foreseen = impact.price_after(PRICE, 0, -3.0 * DEPTH_USD);
        impact.record(0, -3.0 * DEPTH_USD);
        assert_near(moved_bp(&impact, 0), -20.0);
        assert_eq!(impact.price(PRICE, 0), foreseen);
    }

    #[test]
    fn slicing_neither_helps_nor_hurts_apart_from_decay() {
        let (mut whole, mut sliced, mut spread) = (impact(), impact(), impact());
        whole.record(100, -50.0 * DEPTH_USD);
        for slice in 0..50 {
            sliced.record(100, -DEPTH_USD);
            spread.record(slice * 2, -DEPTH_USD);
        }
        assert_near(moved_bp(&sliced, 100), moved_bp(&whole, 100));

        let fast: f64 = (0..50).map(|slice| (-(100.0 - 2.0 * slice as f64) / FAST_TAU_S).exp()).sum();
        let slow: f64 = (0..50).map(|slice| (-(100.0 - 2.0 * slice as f64) / SLOW_TAU_S).exp()).sum();
        assert_near(moved_bp(&spread, 100), -10.0 * (FAST_SHARE * fast.sqrt() + (1.0 - FAST_SHARE) * slow.sqrt()));
    }

    #[test]
    fn most_of_it_decays_and_the_rest_stays() {
        let mut impact = impact();
        impact.record(0, -DEPTH_USD);
        let later = |seconds: f64| {
            FAST_SHARE * (-seconds / FAST_TAU_S / 2.0).exp() + (1.0 - FAST_SHARE) * (-seconds / SLOW_TAU_S / 2.0).exp()
        };
        for seconds in [60, 300, 900, 3_600] {
            assert_near(moved_bp(&impact, seconds), -10.0 * later(seconds as f64));
        }
        assert_near(impact.recent_flow_usd(240), -DEPTH_USD * (-1.0_f64).exp());
    }

    #[test]
    fn buys_mirror_sells_and_pay_for_them() {
        let (mut sold, mut bought) = (impact(), impact());
        sold.record(0, -7.0 * DEPTH_USD);
        bought.record(0, 7.0 * DEPTH_USD);
        assert_near(moved_bp(&sold, 60), -moved_bp(&bought, 60));
        sold.record(0, 7.0 * DEPTH_USD);
        assert_eq!(sold.price(PRICE, 60), PRICE);
    }
}
