//! The keeper's loop: owns everything that is known and under way. Each turn it reads the exchange, plans, picks and hands
//! what it picked to tasks of their own; what those report, and what the feed brings, wakes the next turn.

use crate::config::{public_part, Config};
use crate::feed::{Feed, News};
use crate::hedge::{held_lots, Hedge};
use crate::http::{serve, Pulse};
use crate::metrics::Metrics;
use crate::pick::Picker;
use crate::plan::{Kind, Planner, LADDER_LOOKS};
use crate::price::Prices;
use crate::sender::{Done, Outcome, Sender};
use crate::world::World;
use anchor_lang::prelude::Pubkey;
use anyhow::{bail, Result};
use breakwater_sdk::rpc::read::{self, ExchangeView, ReadError};
use breakwater_sdk::rpc::read_keypair;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Room for what the feed brings while a turn lasts.
const NEWS_ROOM: usize = 65_536;
/// Longest wait, at the end, for transactions under way.
const FAREWELL: Duration = Duration::from_secs(20);
/// Shortest time between two turns, however often the keeper is woken.
const TURN_MIN: Duration = Duration::from_millis(50);

/// Everything that a keeper owns.
struct Keeper {
    config: Config,
    client: Arc<RpcClient>,
    prices: Prices,
    hedge: Box<dyn Hedge>,
    sender: Arc<Sender>,
    metrics: Arc<Metrics>,
    pulse: Pulse,
    picker: Picker,
    world: World,
    /// Where the looks at the ladders go on.
    ladder_from: Pubkey,
    /// When all margin accounts were last read; none = they must be now.
    reconciled: Option<Instant>,
    done: mpsc::UnboundedSender<Done>,
}

/// Runs a keeper until `shutdown`. Errors: what it needs is not there at the start; afterwards nothing ends it.
pub async fn run(config: Config, hedge: Box<dyn Hedge>, shutdown: impl Future<Output = ()>) -> Result<()> {
    let key = Arc::new(read_keypair(&config.keypair)?);
    let client = Arc::new(breakwater_sdk::rpc::connect(config.rpc_url.clone()));
    let exchange = config.exchange;
    let view = match read::exchange(&client, exchange).await {
        Ok(view) => view,
        Err(ReadError::Node(_)) => bail!("no RPC node answers at {}", public_part(&config.rpc_url)),
        Err(ReadError::Missing(_, _)) => bail!("there is no exchange at {exchange}"),
        Err(error) => return Err(error.into()),
    };
    let metrics = Arc::new(Metrics::new()?);
    let pulse = Pulse::new(Duration::from_secs(config.unhealthy_after_s));
    let prices = Prices::new(&config.price, &client).await?;
    let sender = Sender::new(client.clone(), key, &config, metrics.clone()).await?;
    let listen = serve(config.listen, metrics.clone(), pulse.clone()).await?;
    tracing::info!(
        keeper = %sender.address(), %exchange, node = public_part(&config.rpc_url), %listen,
        markets = view.snapshot.iter().count(), dry_run = config.dry_run, "started"
    );
    let (news_in, mut news) = mpsc::channel(NEWS_ROOM);
    let price_accounts = view.snapshot.iter().flat_map(|market| prices.accounts_of(&market.market)).collect();
    let feed = Feed { url: config.ws_url(), exchange, prices: price_accounts, metrics: metrics.clone() };
    tokio::spawn(feed.run(news_in));
    let (done_in, mut done) = mpsc::unbounded_channel();
    let mut keeper = Keeper {
        picker: Picker::new(config.partition.clone(), config.max_in_flight),
        world: World::new(view),
        ladder_from: Pubkey::default(),
        reconciled: None,
        done: done_in,
        sender: Arc::new(sender),
        client,
        prices,
        hedge,
        metrics,
        pulse,
        config,
    };
    tokio::pin!(shutdown);
    loop {
        keeper.turn().await;
        tokio::time::sleep(TURN_MIN).await;
        tokio::select! {
            () = &mut shutdown => break,
            () = tokio::time::sleep(keeper.config.poll()) => {}
            Some(update) = news.recv() => keeper.hear(update),
            Some(over) = done.recv() => keeper.close(over),
        }
        while let Ok(update) = news.try_recv() {
            keeper.hear(update);
        }
        while let Ok(over) = done.try_recv() {
            keeper.close(over);
        }
    }
    tracing::info!(in_flight = keeper.picker.in_flight(), "ending");
    let farewell = async {
        while keeper.picker.in_flight() > 0 {
            let Some(over) = done.recv().await else { break };
            keeper.close(over);
        }
    };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        tracing::warn!("transactions under way were left to their fate");
    }
    tracing::info!("ended");
    Ok(())
}

impl Keeper {
    /// One turn. What fails is logged and tried again in the next.
    async fn turn(&mut self) {
        if let Err(error) = self.try_turn().await {
            self.metrics.read_errors.inc();
            tracing::warn!(error = without_urls(&error), "the chain could not be read");
        }
    }

    async fn try_turn(&mut self) -> Result<()> {
        let read_at = Instant::now();
        self.world.view = read::exchange(&self.client, self.world.view.key).await?;
        self.learn_backstop();
        let is_due = |last: Instant| last.elapsed() >= Duration::from_secs(self.config.reconcile_s);
        if self.reconciled.is_none_or(is_due) {
            self.reconcile().await?;
        }
        self.pulse.beat();
        match self.prices.read(&self.client, &self.world.view).await {
            Ok(reading) => (self.world.quotes, self.world.macro_quotes) = (reading.quotes, reading.macro_quotes),
            Err(error) => tracing::warn!(error = without_urls(&error), "no prices"),
        }
        self.act(read_at);
        self.publish();
        Ok(())
    }

    /// The backstop's account comes with the exchange.
    fn learn_backstop(&mut self) {
        let ExchangeView { backstop: Some(backstop), now, .. } = &self.world.view else { return };
        let (account, slot) = (backstop.account, now.slot);
        self.world.learn(self.world.backstop_account(), account, slot);
    }

    /// Reads all margin accounts.
    async fn reconcile(&mut self) -> Result<()> {
        let slot = self.client.get_slot().await?;
        let all = read::margin_accounts(&self.client, self.world.view.key).await?;
        let is_first = self.reconciled.is_none();
        let missed = self.world.reconcile(all, slot);
        if !is_first {
            self.metrics.missed.inc_by(u64::try_from(missed).unwrap_or(u64::MAX));
        }
        self.reconciled = Some(Instant::now());
        let markets: Vec<_> = self.world.view.snapshot.iter().map(|market| market.key).collect();
        self.sender.update_price(&markets).await;
        tracing::debug!(accounts = self.world.account_count(), missed, "reconciled");
        Ok(())
    }

    /// Plans, picks, and begins what was picked.
    fn act(&mut self, read_at: Instant) {
        let timer = self.metrics.plan_seconds.start_timer();
        self.world.prepare_watch(read_at);
        let planner = Planner {
            world: &self.world,
            keeper: self.sender.address(),
            hedge: self.hedge.as_ref(),
            config: &self.config,
            now: self.world.view.now,
        };
        let plan = planner.plan(&self.ladder_from);
        timer.observe_duration();
        self.metrics.planned.set(i64::try_from(plan.len()).unwrap_or(i64::MAX));
        let last = self.world.accounts_after(&self.ladder_from).take(LADDER_LOOKS).last();
        self.ladder_from = last.map(|(key, _)| *key).unwrap_or_default();
        let snapshot = &self.world.view.snapshot;
        let picked = self.picker.pick(plan, Instant::now(), |index| snapshot.get(index).map(|market| market.key));
        for act in picked {
            let payer = self.sender.address();
            let refresh = act.refresh.and_then(|index| {
                let (quote, market) = (self.world.quotes.get(&index)?, snapshot.get(index)?);
                Some(quote.refresh(self.world.view.key, market.key, payer))
            });
            let refresh = match refresh.unwrap_or_else(|| Ok(Default::default())) {
                Ok(refresh) => refresh,
                Err(error) => {
                    let outcome = Outcome::Failed(format!("{error:#}"));
                    // The receiver lives as long as the loop that runs this.
                    let _ = self.done.send(Done { act, outcome, accounts: Vec::new() });
                    continue;
                }
            };
            let (sender, done) = (self.sender.clone(), self.done.clone());
            tokio::spawn(async move {
                let over = sender.carry_out(act, refresh, read_at).await;
                // Nobody listens any more only when the keeper has ended.
                let _ = done.send(over);
            });
        }
    }

    /// Sets the gauges.
    fn publish(&self) {
        let (metrics, world) = (&self.metrics, &self.world);
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        metrics.accounts.set(count(world.account_count()));
        metrics.in_flight.set(count(self.picker.in_flight()));
        metrics.slot.set(i64::try_from(world.view.now.slot).unwrap_or(i64::MAX));
        let own = world.operated_by(&self.sender.address());
        let capital = own.iter().fold(0_u64, |sum, (_, own)| sum.saturating_add(own.state.capital_atoms));
        metrics.capital_atoms.set(i64::try_from(capital).unwrap_or(i64::MAX));
        for market in world.view.snapshot.iter() {
            let index = market.market.index;
            let lots = held_lots(own.iter().map(|(_, account)| account), index);
            metrics.inventory_lots.with_label_values(&[index.to_string()]).set(lots);
        }
    }

    /// Takes in what the feed brings.
    fn hear(&mut self, news: News) {
        match news {
            News::Account(key, account, slot) => {
                self.world.learn(key, *account, slot);
            }
            News::Price => {}
            News::Connected => self.reconciled = None,
        }
    }

    /// Takes in how an act ended.
    fn close(&mut self, over: Done) {
        let Done { act, outcome, accounts } = over;
        for (key, account, slot) in accounts {
            self.world.learn(key, account, slot);
        }
        let snapshot = &self.world.view.snapshot;
        let is_done = matches!(outcome, Outcome::Landed(_));
        self.picker.release(&act, is_done, Instant::now(), |index| snapshot.get(index).map(|market| market.key));
        self.metrics.acts.with_label_values(&[act.kind.name(), outcome.name()]).inc();
        let (kind, subject, gain_atoms) = (act.kind.name(), act.subject, act.gain_atoms);
        if let (Kind::Touch, Outcome::Landed(_)) = (act.kind, &outcome) {
            self.world.note_touch(subject);
        }
        match outcome {
            Outcome::Landed(signature) => tracing::info!(kind, %subject, gain_atoms, %signature, "landed"),
            Outcome::Simulated => tracing::info!(kind, %subject, gain_atoms, "would land"),
            Outcome::Refused(reason) => tracing::info!(kind, %subject, reason, "refused"),
            Outcome::Failed(reason) => tracing::warn!(kind, %subject, reason = scrub(&reason), "failed"),
            Outcome::Unprofitable | Outcome::OverBudget => tracing::debug!(kind, %subject, outcome = outcome.name()),
        }
    }
}

/// An error's text without the URLs in it, which may hold keys.
pub fn without_urls(error: &anyhow::Error) -> String {
    scrub(&format!("{error:#}"))
}

fn scrub(text: &str) -> String {
    let word = |word: &str| match word.find("://") {
        None => word.to_owned(),
        Some(at) => {
            let start = word[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |place| place + 1);
            format!("{}{}", &word[..start], public_part(&word[start..]))
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_logged_without_what_urls_may_hide() {
        let text = "error sending request for url (https://node.example:8/key?x=y): refused";
        assert_eq!(scrub(text), "error sending request for url (https://node.example:8 refused");
    }
}
