//! Serves `/metrics` and `/healthz`.

use crate::metrics::Metrics;
use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::Router;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// When the chain was last read.
#[derive(Clone)]
pub struct Pulse {
    last: Arc<Mutex<Option<Instant>>>,
    longest: Duration,
}

impl Pulse {
    /// Silence longer than `longest` is ill health.
    pub fn new(longest: Duration) -> Self {
        Self { last: Arc::default(), longest }
    }

    /// The chain was read now.
    pub fn beat(&self) {
        *self.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(Instant::now());
    }

    /// Whether it was read lately.
    pub fn is_healthy(&self) -> bool {
        let last = *self.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        last.is_some_and(|last| last.elapsed() <= self.longest)
    }
}

/// Listens, and serves in the background. Errors: the address is taken or not this machine's.
pub async fn serve(listen: SocketAddr, metrics: Arc<Metrics>, pulse: Pulse) -> Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/metrics", get(metrics_text).with_state(metrics))
        .route("/healthz", get(health).with_state(pulse));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn metrics_text(State(metrics): State<Arc<Metrics>>) -> (StatusCode, String) {
    match metrics.text() {
        Ok(text) => (StatusCode::OK, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

async fn health(State(pulse): State<Pulse>) -> (StatusCode, &'static str) {
    if pulse.is_healthy() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the chain was not read lately\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn health_follows_the_readings_and_metrics_have_their_names() {
        let (metrics, pulse) = (Arc::new(Metrics::new().unwrap()), Pulse::new(Duration::from_millis(50)));
        let address = serve(SocketAddr::from(([127, 0, 0, 1], 0)), metrics.clone(), pulse.clone()).await.unwrap();
        let status = |path: &'static str| async move { reqwest::get(format!("http://{address}{path}")).await.unwrap() };
        assert_eq!(status("/healthz").await.status(), 503, "never read");
        pulse.beat();
        assert_eq!(status("/healthz").await.status(), 200);
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(status("/healthz").await.status(), 503, "not lately");
        metrics.acts.with_label_values(&["liquidate", "landed"]).inc();
        let text = status("/metrics").await.text().await.unwrap();
        assert!(text.contains("breakwater_keeper_acts_total{kind=\"liquidate\",outcome=\"landed\"} 1"), "{text}");
        let taken = serve(address, metrics, pulse).await.unwrap_err();
        assert!(taken.to_string().contains("cannot listen on"), "{taken}");
    }
}
