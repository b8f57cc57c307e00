//! What the keeper counts, for Prometheus.

use anyhow::Result;
use prometheus::core::Collector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

/// The metrics; names begin with `breakwater_keeper_`.
pub struct Metrics {
    registry: Registry,
    /// Acts by kind and outcome.
    pub acts: IntCounterVec,
    /// Lamports paid for what landed.
    pub spent_lamports: IntCounter,
    /// Quote atoms that acts which landed were expected to gain.
    pub gained_atoms: IntCounter,
    /// Margin accounts known, the backstop's among them.
    pub accounts: IntGauge,
    /// Accounts that a reconciliation found changed, opened or closed unnoticed.
    pub missed: IntCounter,
    /// Signed lots held over the keeper's accounts, by market.
    pub inventory_lots: IntGaugeVec,
    /// Capital of the keeper's accounts, quote atoms.
    pub capital_atoms: IntGauge,
    /// Acts that would succeed now.
    pub planned: IntGauge,
    /// Transactions under way.
    pub in_flight: IntGauge,
    /// Slot of the last reading.
    pub slot: IntGauge,
    /// Readings that failed.
    pub read_errors: IntCounter,
    /// Connections of the subscription.
    pub subscriptions: IntCounter,
    /// Seconds that a plan takes.
    pub plan_seconds: Histogram,
    /// Seconds from the reading that an act was planned on to its transaction.
    pub send_seconds: Histogram,
}

/// Registers a metric. Errors: its name is none, or taken.
fn registered<M: Collector + Clone + 'static>(registry: &Registry, metric: prometheus::Result<M>) -> Result<M> {
    let metric = metric?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

impl Metrics {
    /// Registers all. Errors: none but a mistake in this file.
    pub fn new() -> Result<Self> {
        let registry = Registry::new_custom(Some("breakwater_keeper".to_owned()), None)?;
        let counter = |name: &str, help: &str| registered(&registry, IntCounter::new(name, help));
        let gauge = |name: &str, help: &str| registered(&registry, IntGauge::new(name, help));
        let seconds = |name: &str, help: &str| {
            let buckets = prometheus::exponential_buckets(0.001, 2.0, 14)?;
            registered(&registry, Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets)))
        };
        let acts = IntCounterVec::new(Opts::new("acts_total", "Acts by kind and outcome"), &["kind", "outcome"]);
        let inventory_lots = IntGaugeVec::new(Opts::new("inventory_lots", "Signed lots held"), &["market"]);
        Ok(Self {
            acts: registered(&registry, acts)?,
            inventory_lots: registered(&registry, inventory_lots)?,
            spent_lamports: counter("spent_lamports_total", "Lamports paid for what landed")?,
            gained_atoms: counter("gained_atoms_total", "Quote atoms that landed acts were expected to gain")?,
            accounts: gauge("accounts", "Margin accounts known")?,
            missed: counter("missed_total", "Changes that only a reconciliation found")?,
            capital_atoms: gauge("capital_atoms", "Capital of the keeper's accounts, quote atoms")?,
            planned: gauge("planned", "Acts that would succeed now")?,
            in_flight: gauge("in_flight", "Transactions under way")?,
            slot: gauge("slot", "Slot of the last reading")?,
            read_errors: counter("read_errors_total", "Readings of the chain that failed")?,
            subscriptions: counter("subscriptions_total", "Connections of the subscription")?,
            plan_seconds: seconds("plan_seconds", "Time that a plan takes")?,
            send_seconds: seconds("send_seconds", "From the reading to the transaction planned on it")?,
            registry,
        })
    }

    /// All of them in Prometheus' text format. Errors: none that can be met.
    pub fn text(&self) -> Result<String> {
        let mut buffer = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut buffer)?;
        Ok(String::from_utf8(buffer)?)
    }
}
