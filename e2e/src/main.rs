//! A crash on a local chain, with nothing but JSON-RPC between the parties: the real binary deployed, an exchange set up,
//! traders, two keepers, SOL of 10 October 2025 played fast, a keeper killed, the line to the node cut, and what must hold
//! afterwards. Prints each step with its time; any failure ends it with an error.

mod checks;
mod keepers;
mod process;
mod proxy;
mod tools;
mod traders;

use anchor_lang::prelude::Pubkey;
use anyhow::{ensure, Context, Result};
use breakwater_sdk::address;
use breakwater_sdk::rpc::read;
use clap::Parser;
use keepers::{Keeper, Line};
use process::{free_port, Process};
use proxy::Proxy;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_signer::Signer;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::process::Command;
use tools::{Cli, KeyFile, Tools};
use traders::{venue_signer, Bank};

/// Pairs of traders.
const PAIRS: u64 = 15;
/// The market of the run.
const SOL: u16 = 0;
/// Longest wait for a process to say something.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the line to the node stays cut.
const OUTAGE: Duration = Duration::from_secs(8);
/// A chain second, at worst, per second of the wall.
const MINUTE_S: i64 = 60;

/// Runs the crash.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    tools: Tools,
    /// The chain's seconds per second.
    #[arg(long, default_value_t = 10)]
    speed: u64,
    /// First minute of the record.
    #[arg(long, default_value_t = 0)]
    from_minute: i64,
    /// Minutes of the record.
    #[arg(long, default_value_t = 35)]
    minutes: i64,
    /// Keep logs and keys in this folder.
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// Prints a step with the time since the last one.
struct Clock(Instant, Instant);

impl Clock {
    fn step(&mut self, text: &str) {
        println!("{:7.1} s  {:6.1} s  {text}", self.0.elapsed().as_secs_f64(), self.1.elapsed().as_secs_f64());
        self.1 = Instant::now();
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match start(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn start(arguments: &Arguments) -> Result<()> {
    arguments.tools.check()?;
    let scratch = tempfile::tempdir()?;
    let folder = arguments.keep.clone().unwrap_or_else(|| scratch.path().to_owned());
    std::fs::create_dir_all(&folder)?;
    Run::new(arguments, &folder).await?.play().await
}

struct Run<'a> {
    arguments: &'a Arguments,
    folder: &'a Path,
    clock: Clock,
    chain: Process,
    rpc_port: u16,
    ws_port: u16,
    url: String,
    client: RpcClient,
    exchange: Pubkey,
    deployer: KeyFile,
    admin: Cli,
    prices_of_the_end: Option<Process>,
}

impl<'a> Run<'a> {
    /// Starts the chain.
    async fn new(arguments: &'a Arguments, folder: &'a Path) -> Result<Self> {
        let tools = &arguments.tools;
        let mut clock = Clock(Instant::now(), Instant::now());
        let (rpc_port, ws_port) = (free_port()?, free_port()?);
        let deployer = KeyFile::create(folder, "deployer")?;
        let mut command = Command::new(&tools.localnet);
        command.args(["--rpc-port", &rpc_port.to_string(), "--ws-port", &ws_port.to_string()]);
        command.args(["--speed", &arguments.speed.to_string()]);
        command.args(["--airdrop", &format!("{}=1000", deployer.key.pubkey())]);
        let mut chain = Process::start("chain", folder, &mut command)?;
        chain.wait_for_line("ready", PATIENCE).await?;
        clock.step("a local chain is ready");
        let url = format!("http://127.0.0.1:{rpc_port}");
        let client = breakwater_sdk::rpc::connect(url.clone());
        let admin = Cli::new(tools, &url, &deployer.path);
        let exchange = address::exchange(&deployer.key.pubkey(), 0);
        Ok(Self {
            arguments,
            folder,
            clock,
            chain,
            rpc_port,
            ws_port,
            url,
            client,
            exchange,
            deployer,
            admin,
            prices_of_the_end: None,
        })
    }

    async fn play(mut self) -> Result<()> {
        self.refuse_before_deployment().await?;
        self.deploy().await?;
        let mint = self.set_up().await?;
        let mut prices = self.drive(1)?;
        prices.wait_for_line("price account", PATIENCE).await?;
        self.refuse_after_deployment(&mint).await?;
        self.govern().await?;

        let (rpc, ws) = (Proxy::start(self.rpc_port).await?, Proxy::start(self.ws_port).await?);
        let line = Line { rpc_port: rpc.port, ws_port: ws.port, exchange: self.exchange };
        let mut keepers = Vec::new();
        for index in 0..2 {
            let bank = (&self.admin, self.url.as_str(), mint.as_str());
            let tools = &self.arguments.tools;
            keepers.push(Keeper::prepare(tools, self.folder, (index, 2), bank, &line).await?);
        }
        for keeper in &mut keepers {
            keeper.start(&self.arguments.tools, self.folder).await?;
        }
        self.clock.step("two keepers watch");
        self.wait_for_a_price().await?;
        let bank =
            Bank { client: &self.client, payer: &self.deployer.key, mint: mint.parse()?, exchange: self.exchange };
        bank.open_pairs(PAIRS, SOL).await?;
        let before = self.open_lots().await?;
        self.clock.step(&format!("{} traders hold {before} lots a side", 2 * PAIRS));

        prices.kill().await?;
        self.crash(&mut keepers, (&rpc, &ws)).await?;
        self.settle_down(&mut keepers, before).await?;
        for keeper in &mut keepers {
            let took = keeper.terminate().await?;
            self.clock.step(&format!("a keeper ended on SIGTERM in {:.1} s", took.as_secs_f64()));
        }
        self.chain.terminate(PATIENCE).await?;
        self.clock.step("the chain ended on SIGTERM; all is as it must be");
        Ok(())
    }

    async fn refuse_before_deployment(&mut self) -> Result<()> {
        let nobody = format!("http://127.0.0.1:{}", free_port()?);
        let lost = Cli::new(&self.arguments.tools, &nobody, &self.deployer.path);
        println!("           wrong URL: {}", lost.refusal(&["exchange", "show"], "no RPC node answers").await?);
        println!("           no program: {}", self.admin.refusal(&["exchange", "show"], "is not deployed").await?);
        self.clock.step("bad input is refused before there is a program");
        Ok(())
    }

    async fn deploy(&mut self) -> Result<()> {
        if !self.arguments.tools.without_node {
            let refusal = self.migrate("migrations/exchange.toml").await?;
            ensure!(refusal.contains("is not deployed"), "deploy.ts should say that there is no program:\n{refusal}");
            println!("           deploy.ts: {}", refusal.trim());
        }
        for (name, key) in
            [("breakwater", "breakwater-localnet"), ("breakwater_example_venue", "example-venue-localnet")]
        {
            let binary = self.arguments.tools.on_chain.join(format!("{name}.so")).display().to_string();
            let key = format!("migrations/keys/{key}.json");
            let buffer = self.folder.join(format!("{name}.buffer.json")).display().to_string();
            let deploy = ["program", "deploy", &binary, "--program-keypair", &key, "--buffer-keypair", &buffer];
            self.admin.run(&deploy).await?;
            self.clock.step(&format!("{name} is deployed over JSON-RPC, the binary that a cluster would get"));
            let again = self.admin.run(&deploy).await?;
            ensure!(again.contains("nothing"), "a second deployment should change nothing:\n{again}");
        }
        Ok(())
    }

    /// Creates the collateral, the exchange, its pools and its market. Returns the mint.
    async fn set_up(&mut self) -> Result<String> {
        let mint = if self.arguments.tools.without_node {
            self.create_by_cli().await?
        } else {
            self.create_by_script().await?
        };
        for arguments in [
            ["venue", "register", &venue_signer().to_string()],
            ["insurance", "stake", "100000"],
            ["backstop", "stake", "500000"],
        ] {
            self.admin.run(&arguments).await?;
        }
        self.clock.step("a venue is registered; insurance and backstop have capital");
        Ok(mint)
    }

    async fn create_by_cli(&mut self) -> Result<String> {
        let mint = KeyFile::create(self.folder, "mint")?;
        let (mint, mint_file) = (mint.key.pubkey().to_string(), mint.path.display().to_string());
        let deployer = self.deployer.key.pubkey().to_string();
        let admin = &self.admin;
        admin.run(&["dev", "create-mint", "--mint-keypair", &mint_file]).await?;
        admin.run(&["dev", "mint", &mint, &deployer, "10000000"]).await?;
        admin.run(&["exchange", "create", "--mint", &mint]).await?;
        admin.run(&["backstop", "create"]).await?;
        admin.run(&["market", "create", "--file", "migrations/markets/sol.toml"]).await?;
        self.clock.step("an exchange with the SOL market, by the command line");
        Ok(mint)
    }

    /// Runs deploy.ts twice, and with settings that it must refuse; then the tests of the TypeScript client.
    async fn create_by_script(&mut self) -> Result<String> {
        println!("{}", self.migrate("migrations/exchange.toml").await?.trim());
        self.clock.step("deploy.ts created the exchange with all its markets");
        let slot = self.client.get_slot().await?;
        let again = self.migrate("migrations/exchange.toml").await?;
        ensure!(again.contains("nothing to do"), "a second run should change nothing:\n{again}");
        self.clock.step(&format!("deploy.ts again, at slot {slot}: {}", again.lines().last().unwrap_or_default()));
        let view = read::exchange(&self.client, self.exchange).await?;
        let settings = std::fs::read_to_string("migrations/exchange.toml")?;
        let other = view.exchange.authority.to_string();
        let (good, bad) = (self.market_files("good", |text| text)?, self.market_files("bad", out_of_bounds)?);
        for (name, text, reason) in [
            ("bounds", settings.replace("\"markets/", &bad), "is not within"),
            (
                "mint",
                settings.replace("\"markets/", &good).replace("\"create\"", &format!("\"{other}\"")),
                "mint mismatch",
            ),
        ] {
            let file = self.folder.join(format!("{name}.toml"));
            std::fs::write(&file, text)?;
            let refusal = self.migrate(&file.display().to_string()).await?;
            ensure!(refusal.contains(reason), "deploy.ts should say {reason:?}:\n{refusal}");
            let sentence = refusal.lines().find(|line| line.contains(reason)).unwrap_or_default();
            println!("           deploy.ts: {sentence}");
        }
        let after = read::exchange(&self.client, self.exchange).await?;
        ensure!(after.exchange.sequence == view.exchange.sequence, "what is refused changes nothing");
        let tests = process::run(&mut self.arguments.tools.npm("test", &self.url, &self.deployer.path)?).await?;
        let counts = |name: &str| -> Vec<u64> {
            let lines = tests.lines().filter_map(|line| line.strip_prefix(&format!("# {name} ")));
            lines.filter_map(|count| count.parse().ok()).collect()
        };
        let (passed, left_out) = (counts("pass"), [counts("fail"), counts("skipped")].concat());
        ensure!(!passed.is_empty() && left_out.iter().all(|count| *count == 0), "{tests}");
        self.clock.step(&format!("the TypeScript tests, against this chain: {} passed", passed.iter().sum::<u64>()));
        Ok(view.exchange.quote_mint.to_string())
    }

    /// Writes changed copies of the market files into a folder of the run; returns how a settings file beside it begins to name one.
    fn market_files(&self, name: &str, change: fn(String) -> String) -> Result<String> {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder)?;
        for market in ["sol", "btc", "eth"] {
            let text = std::fs::read_to_string(format!("migrations/markets/{market}.toml"))?;
            std::fs::write(folder.join(format!("{market}.toml")), change(text))?;
        }
        Ok(format!("\"{name}/"))
    }

    /// What deploy.ts prints.
    async fn migrate(&self, settings: &str) -> Result<String> {
        let settings = std::path::absolute(settings)?;
        let mut command = self.arguments.tools.npm("migrate", &self.url, &self.deployer.path)?;
        Ok(process::outcome(command.env("BREAKWATER_EXCHANGE", settings)).await?.1)
    }

    /// Plays the record from its first minute of this run for so many minutes, then holds the price.
    fn drive(&self, minutes: i64) -> Result<Process> {
        let mut command = self.arguments.tools.command("breakwater-sim");
        command.args(["drive", "--rpc-url", &self.url]);
        command.args(["--from-minute", &self.arguments.from_minute.to_string(), "--minutes", &minutes.to_string()]);
        Process::start(&format!("prices-{minutes}"), self.folder, &mut command)
    }

    /// Lowers a market's cap at once; announces another change, which cannot be applied yet nor replaced unawares, and takes it
    /// back.
    async fn govern(&mut self) -> Result<()> {
        let listed = std::fs::read_to_string("migrations/markets/sol.toml")?;
        let tighter =
            listed.replace("open_interest_max_lots = 50_000_000_000", "open_interest_max_lots = 40_000_000_000");
        let other = tighter.replace("charge_max_ppm = 25_000", "charge_max_ppm = 24_000");
        for (name, text, said) in [("tighter", tighter, "is lowered"), ("other", other, "in 8 days")] {
            let file = self.folder.join(format!("{name}.toml"));
            std::fs::write(&file, text)?;
            let printed = self.admin.run(&["params", "propose", "0", "--file", &file.display().to_string()]).await?;
            ensure!(printed.contains(said), "params propose should say {said:?}:\n{printed}");
        }
        println!("           too early: {}", self.admin.refusal(&["params", "apply", "0"], "may be applied in").await?);
        let again = self.folder.join("other.toml").display().to_string();
        let mut propose = vec!["params", "propose", "0", "--file", again.as_str()];
        println!("           twice: {}", self.admin.refusal(&propose, "is proposed for market 0 already").await?);
        propose.push("--replace");
        self.admin.run(&propose).await?;
        self.admin.run(&["params", "cancel", "0"]).await?;
        let view = read::exchange(&self.client, self.exchange).await?;
        let params = view.snapshot.get(SOL).context("the market is listed")?.market.state.params;
        ensure!((params.open_interest_max_lots, params.charge_max_ppm) == (40_000_000_000, 25_000), "{params:?}");
        self.clock.step("the cap of the open interest was lowered at once, another charge only announced");
        Ok(())
    }

    async fn refuse_after_deployment(&mut self, mint: &str) -> Result<()> {
        let before = read::exchange(&self.client, self.exchange).await?.exchange.market_count;
        let stranger = KeyFile::create(self.folder, "stranger")?;
        let address = stranger.key.pubkey().to_string();
        self.admin.run(&["dev", "airdrop", &address, "10"]).await?;
        let other = Cli::new(&self.arguments.tools, &self.url, &stranger.path).at(self.exchange);
        let create = ["market", "create", "--file", "migrations/markets/sol.toml"];
        println!("           wrong key: {}", other.refusal(&create, "is not the exchange's authority").await?);
        let keyless = Cli::new(&self.arguments.tools, &self.url, &self.folder.join("nothing.json")).at(self.exchange);
        let refusal = keyless.refusal(&["account", "open"], "there is no keypair file").await;
        println!("           no key: {}", refusal?);
        let file = self.folder.join("bad.toml");
        let text = std::fs::read_to_string("migrations/markets/sol.toml")?;
        std::fs::write(&file, out_of_bounds(text))?;
        let file = file.display().to_string();
        let refusal = self.admin.refusal(&["market", "create", "--file", &file], "is not within").await?;
        println!("           out of bounds: {refusal}");
        let foreign = KeyFile::create(self.folder, "foreign-mint")?;
        let foreign_mint = foreign.key.pubkey().to_string();
        let foreign_file = foreign.path.display().to_string();
        other.run(&["dev", "create-mint", "--mint-keypair", &foreign_file]).await?;
        other.run(&["dev", "mint", &foreign_mint, &address, "5"]).await?;
        other.run(&["account", "open"]).await?;
        let token =
            anchor_spl::associated_token::get_associated_token_address(&stranger.key.pubkey(), &foreign.key.pubkey());
        let deposit = ["account", "deposit", "5", "--token-account", &token.to_string()];
        println!("           wrong mint: {}", other.refusal(&deposit, "mint mismatch").await?);
        let again = self.admin.refusal(&["exchange", "create", "--mint", mint], "exists").await?;
        println!("           a second exchange 0: {again}");
        let view = read::exchange(&self.client, self.exchange).await?;
        ensure!(view.exchange.market_count == before, "what is refused changes nothing");
        self.clock.step("bad input is refused afterwards, and changes nothing");
        Ok(())
    }

    async fn wait_for_a_price(&self) -> Result<()> {
        let started = Instant::now();
        loop {
            let view = read::exchange(&self.client, self.exchange).await?;
            if view.snapshot.get(SOL).is_some_and(|market| market.market.state.mark > 0) {
                return Ok(());
            }
            ensure!(started.elapsed() < PATIENCE, "no keeper refreshed the market");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn open_lots(&self) -> Result<u64> {
        let view = read::exchange(&self.client, self.exchange).await?;
        let market = view.snapshot.get(SOL).context("the market is listed")?;
        Ok(market.market.state.long.open_lots)
    }

    /// The crash, with everything that goes wrong meanwhile.
    async fn crash(&mut self, keepers: &mut [Keeper], (rpc, ws): (&Proxy, &Proxy)) -> Result<()> {
        let minutes = self.arguments.minutes;
        let start = read::now(&self.client).await?.unix_timestamp;
        let mut prices = self.drive(minutes)?;
        self.wait_until(start + minutes * MINUTE_S / 3).await?;
        keepers[0].kill().await?;
        self.clock.step("a third of the crash is over; one keeper is killed");
        self.wait_until(start + minutes * MINUTE_S / 2).await?;
        for proxy in [rpc, ws] {
            proxy.set_cut(true);
        }
        let ill = keepers[1].wait_for_health(503).await?;
        tokio::time::sleep(OUTAGE.saturating_sub(ill)).await;
        for proxy in [rpc, ws] {
            proxy.set_cut(false);
        }
        let recovery = keepers[1].wait_for_health(200).await?;
        keepers[1].assert_running()?;
        let text = format!(
            "the line was cut for {:.0} s; the other keeper was back {:.1} s after",
            OUTAGE.as_secs_f64(),
            recovery.as_secs_f64()
        );
        self.clock.step(&text);
        self.wait_until(start + minutes * MINUTE_S * 2 / 3).await?;
        keepers[0].start(&self.arguments.tools, self.folder).await?;
        self.clock.step("the killed keeper runs again, without any state");
        let limit = Duration::from_secs(600);
        prices.wait_for_line("holding", limit).await?;
        self.clock.step("the crash is over; its last price holds");
        // The price is held until the end of the run.
        self.prices_of_the_end = Some(prices);
        Ok(())
    }

    async fn wait_until(&self, unix_timestamp: i64) -> Result<()> {
        while read::now(&self.client).await?.unix_timestamp < unix_timestamp {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// What must hold in the end.
    async fn settle_down(&mut self, keepers: &mut [Keeper], before: u64) -> Result<()> {
        let owners: Vec<_> = keepers.iter().map(|keeper| keeper.key.key.pubkey()).collect();
        let under = checks::nothing_left_to_do(&self.client, self.exchange, &owners, PATIENCE).await?;
        self.clock
            .step(&format!("{under} accounts are under maintenance, none of which the rules allow to be acted on"));
        let after = self.open_lots().await?;
        for kind in ["refresh_market", "flag", "liquidate", "absorb", "unwind", "deleverage", "settle_account", "touch"]
        {
            let landed: Vec<_> = keepers.iter().map(|keeper| keeper.landed(self.folder, kind)).collect();
            println!("           {kind:<16} landed {landed:?}");
        }
        let liquidations: usize = keepers.iter().map(|keeper| keeper.landed(self.folder, "liquidate")).sum();
        ensure!(liquidations > 0, "a crash without a liquidation proves nothing");
        println!("           open interest {before} lots before, {after} after");
        for keeper in keepers.iter() {
            self.compare(keeper).await?;
        }
        self.clock.step("the keepers' metrics are the chain's figures");
        for keeper in keepers.iter() {
            let (plan, send) = (keeper.mean_ms("plan_seconds").await?, keeper.mean_ms("send_seconds").await?);
            println!("           plans took {plan:.1} ms in the mean, from reading to sending {send:.1} ms");
        }
        let verdict = self.admin.run(&["verify"]).await?;
        ensure!(verdict.contains("all identities hold"), "{verdict}");
        println!("{verdict}");
        self.clock.step("every identity of money is exact");
        Ok(())
    }

    /// Compares a keeper's metrics with the chain, until they agree while nothing changes.
    async fn compare(&self, keeper: &Keeper) -> Result<()> {
        let started = Instant::now();
        loop {
            let owner = keeper.key.key.pubkey();
            let chain = checks::holdings(&self.client, self.exchange, owner, SOL).await?;
            let metrics = (
                keeper.metric("inventory_lots{market=\"0\"}").await?,
                keeper.metric("capital_atoms").await?,
                keeper.metric("accounts").await?,
            );
            if chain == metrics {
                let (lots, capital, accounts) = chain;
                println!("           {owner}: {lots} lots, {capital} atoms, {accounts} accounts");
                return Ok(());
            }
            ensure!(started.elapsed() < PATIENCE, "metrics {metrics:?}, chain {chain:?}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

/// A market file with a maintenance rate that the program does not allow; that of SOL, the others have no such line.
fn out_of_bounds(text: String) -> String {
    text.replace("maintenance_base_ppm = 50_000", "maintenance_base_ppm = 500_000")
}
