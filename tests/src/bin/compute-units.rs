//! Measures the compute units of every instruction on the on-chain binary and keeps docs/compute-units.md.
//!
//! `compute-units --write` writes the table, `compute-units --check` fails when a figure drifted by more than
//! [`TOLERANCE_PERCENT`]. Needs the binaries in `BPF_OUT_DIR` and `BREAKWATER_SBF=1`.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anyhow::{bail, ensure, Context as _, Result};
use breakwater::{ApproveVenueArgs, CreateMarketArgs};
use breakwater_risk::health::Stance;
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build, lookup};
use breakwater_sim::bank::{runs_on_sbf, Executed};
use breakwater_sim::stage::{venue_signer, Sent, Stage};
use breakwater_tests::macros::{macro_feed, MINUTE_SLOTS};
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::Pool;
use solana_keypair::Keypair;
use solana_signer::Signer as _;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Drift that is put down to another patch version of the compiler.
const TOLERANCE_PERCENT: u64 = 3;
/// Lots of one leg: about $20 000.
const LEG_LOTS: u64 = 10_000_000;
/// Loss line of the backstop.
const LOSS_LINE_PPM: u32 = 900_000;

/// One line of the table.
struct Row {
    instruction: &'static str,
    size: String,
    units: u64,
    goal: Option<u64>,
}

fn main() -> Result<()> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    ensure!(runs_on_sbf(), "set BREAKWATER_SBF=1 and BPF_OUT_DIR to the folder of the .so files");
    let rows = measure()?;
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/compute-units.md");
    match mode.as_str() {
        "--write" => std::fs::write(&path, render(&rows)).with_context(|| format!("cannot write {}", path.display())),
        "--check" => check(&rows, &std::fs::read_to_string(&path).context("docs/compute-units.md is missing")?),
        _ => bail!("say --write or --check"),
    }
}

/// Compute units that Breakwater itself used, as the runtime logged them.
fn units(sent: Sent) -> Result<u64> {
    let Executed { logs, .. } = sent?;
    let prefix = format!("Program {} consumed ", breakwater::ID);
    let line = logs.iter().rev().find_map(|line| line.strip_prefix(&prefix)).context("the log names no units")?;
    Ok(line.split(' ').next().unwrap_or_default().parse()?)
}

fn measure() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    governance_instructions(&mut rows)?;
    account_instructions(&mut rows)?;
    plain_instructions(&mut rows)?;
    debt_instructions(&mut rows)?;
    ring_instructions(&mut rows)?;
    pool_instructions(&mut rows)?;
    macro_instructions(&mut rows)?;
    for markets in [1, 8, usize::from(breakwater::MAX_MARKETS)] {
        insurance_instructions(&mut rows, markets)?;
    }
    for legs in [0, 1, 16] {
        backstop_instructions(&mut rows, legs)?;
    }
    for (legs, held) in [(1, 0), (4, 0), (8, 0), (16, 0), (1, 1), (1, 15), (16, 15)] {
        absorb_instructions(&mut rows, legs, held)?;
    }
    for legs in [1, 4, 8, 16] {
        leg_instructions(&mut rows, legs)?;
    }
    for legs in [1, 16] {
        failing_instructions(&mut rows, legs)?;
    }
    rows.sort_by(|a, b| (a.instruction, a.size.len(), &a.size).cmp(&(b.instruction, b.size.len(), &b.size)));
    Ok(rows)
}

fn row(instruction: &'static str, size: &str, units: u64, goal: Option<u64>) -> Row {
    Row { instruction, size: size.to_owned(), units, goal }
}

/// Instructions of an exchange's authority.
fn governance_instructions(rows: &mut Vec<Row>) -> Result<()> {
    let mut world = World::new();
    let (payer, authority) = (world.stage.bank.payer().pubkey(), world.stage.authority.pubkey());
    let (mint, exchange) = (world.stage.mint, world.stage.exchange);
    let tokens = world.stage.tokens(world.stage.treasury);
    let create = CreateMarketArgs {
        feed_id: [1; 32],
        legacy_price_account: Pubkey::default(),
        lot_exponent: -5,
        seed_atoms: USD,
        bond_atoms: USD,
        params: bytemuck::cast(sol_params()),
    };
    let mut receivers = Stage::exchange_args(0).receivers;
    receivers[1] = Pubkey::new_from_array([8; 32]);
    let second = Stage::exchange_args(1);
    for (name, instruction) in [
        ("initialize_exchange", build::initialize_exchange(payer, authority, mint, anchor_spl::token::ID, second)),
        ("create_market", build::create_market(exchange, authority, 0, tokens, create)),
        ("register_venue", build::register_venue(exchange, authority, Pubkey::new_from_array([9; 32]))),
        ("propose_receivers", build::propose_receivers(exchange, authority, receivers)),
        ("propose_authority", build::propose_authority(exchange, authority, authority)),
        ("accept_authority", build::accept_authority(exchange, authority)),
    ] {
        let key = world.stage.authority.insecure_clone();
        rows.push(row(name, "", units(world.stage.bank.send(&[instruction], &[&key]))?, None));
    }
    // The change of authority dropped the first proposal.
    let key = world.stage.authority.insecure_clone();
    world.stage.bank.send(&[build::propose_receivers(exchange, authority, receivers)], &[&key])?;
    let now = world.stage.time();
    world.stage.bank.set_clock(now.0 + 1, now.1 + breakwater::NOTICE_SECONDS);
    rows.push(row(
        "apply_receivers",
        "",
        units(world.stage.bank.send(&[build::apply_receivers(exchange)], &[]))?,
        None,
    ));
    params_instructions(rows)?;
    let revoke = build::revoke_receiver(exchange, authority, receivers[1]);
    rows.push(row("revoke_receiver", "", units(world.stage.bank.send(&[revoke], &[&key]))?, None));
    Ok(())
}

/// Instructions that change the parameters of a market.
fn params_instructions(rows: &mut Vec<Row>) -> Result<()> {
    let mut world = World::new();
    world.list(&sol_params(), 200 * USD);
    let params = MarketParams { initial_base_ppm: sol_params().initial_base_ppm + 1, ..sol_params() };
    // What waits costs more: it settles funding and the maintenance rate first.
    rows.push(row("propose_params", "", units(world.propose_params(0, params))?, None));
    rows.push(row("cancel_params", "", units(world.cancel_params(0))?, None));
    world.propose_params(0, params)?;
    let now = world.stage.time();
    world.stage.bank.set_clock(now.0 + 1, now.1 + breakwater::NOTICE_SECONDS);
    rows.push(row("apply_params", "", units(world.apply_params(0))?, None));
    Ok(())
}

/// Instructions of an account's owner.
fn account_instructions(rows: &mut Vec<Row>) -> Result<()> {
    let mut world = World::new();
    let (payer, exchange) = (world.stage.bank.payer().pubkey(), world.stage.exchange);
    // The same key in every run: the search for the account's address costs units by its bump.
    let key = Keypair::new_from_array([3; 32]);
    let owner = key.pubkey();
    let account = address::margin_account(&exchange, &owner, 1);
    let venue = address::venue(&exchange, &venue_signer());
    let limits = ApproveVenueArgs { max_notional_atoms: USD, max_cost_atoms: USD, expires_at: i64::MAX };
    for (name, instruction) in [
        ("open_account", build::open_account(exchange, payer, owner, 1)),
        ("set_delegate", build::set_delegate(owner, account, payer, u64::MAX)),
        ("approve_venue", build::approve_venue(owner, account, venue, limits)),
        ("revoke_venue", build::revoke_venue(owner, account, venue)),
        ("close_account", build::close_account(owner, account)),
    ] {
        rows.push(row(name, "", units(world.stage.bank.send(&[instruction], &[&key]))?, None));
    }
    Ok(())
}

/// A debt in one market and a claim in another: the account is wiped out in the first while it gains in the second.
fn debt_instructions(rows: &mut Vec<Row>) -> Result<()> {
    let mut world = World::new();
    for _ in 0..2 {
        world.list(&sol_params(), 200 * USD);
    }
    world.calm(3_000);
    world.trader("subject", 6_000 * USD);
    world.trader("maker", 1_000_000 * USD);
    world.trade(0, "subject", "maker", LEG_LOTS)?;
    world.trade(1, "maker", "subject", LEG_LOTS)?;
    for market in [0, 1] {
        world.publish(market, 130 * USD);
    }
    world.settle("maker")?;
    world.settle("subject")?;
    rows.push(row("pay_debt", "2 legs", units(world.pay_debt("subject", 1, 0))?, None));
    world.sweep(0)?;
    let key = world.stage.authority.insecure_clone();
    let tokens = world.stage.tokens(world.stage.treasury);
    let collect = build::collect_fees(world.stage.exchange, key.pubkey(), tokens);
    rows.push(row("collect_fees", "", units(world.send(&[collect], &[&key]))?, None));
    Ok(())
}

/// Two accounts without cash, each with a claim where the other one owes.
fn ring_instructions(rows: &mut Vec<Row>) -> Result<()> {
    let mut world = World::new();
    for _ in 0..2 {
        world.list(&sol_params(), 200 * USD);
    }
    for name in ["alice", "bob", "bank"] {
        world.trader(name, 100_000 * USD);
    }
    for market in [0, 1] {
        world.publish(market, 200 * USD);
        world.trade(market, "alice", "bob", LEG_LOTS)?;
    }
    for name in ["alice", "bob"] {
        world.leave_capital(name, 0, "bank");
    }
    world.publish(0, 220 * USD);
    world.publish(1, 180 * USD);
    let members = ["alice", "bob"].map(|name| world.who(name).account);
    let markets = [0, 1].map(|market| world.stage.markets[market].key);
    let ring = build::net_ring(&members, &markets).context("two members, two markets")?;
    rows.push(row("net_ring", "2 members", units(world.send(&[ring], &[]))?, None));
    Ok(())
}

/// Instructions whose cost does not depend on legs.
fn plain_instructions(rows: &mut Vec<Row>) -> Result<()> {
    let mut world = World::with_sol();
    world.trader("taker", 100_000 * USD);
    world.trader("maker", 100_000 * USD);
    rows.push(row("deposit", "no legs", units(world.deposit("taker", USD))?, Some(14_000)));
    rows.push(row("withdraw", "no legs", units(world.withdraw("taker", USD))?, Some(20_000)));
    rows.push(row("donate_insurance", "", units(world.donate("maker", 1_000 * USD))?, None));
    world.pass(10);
    world.stage.post(0, 199 * USD, 300);
    rows.push(row("refresh_market", "PriceUpdateV2", units(world.refresh(0))?, Some(12_000)));
    rows.push(row(
        "settle_trade",
        "opens 1 leg each",
        units(world.trade(0, "taker", "maker", LEG_LOTS))?,
        Some(40_000),
    ));
    rows.push(row("measure_cascade", "2 legs registered", units(world.measure_cascade(0))?, None));
    rows.push(row("sweep_market", "", units(world.sweep(0))?, None));
    world.publish(0, 210 * USD);
    world.settle("taker")?;
    world.settle("maker")?;
    world.calm(2_000);
    rows.push(row("convert_profit", "1 leg", units(world.convert("taker", 0, 0))?, None));
    Ok(())
}

/// Instructions of the macro index; those measured close a minute in which every feed had a return.
fn macro_instructions(rows: &mut Vec<Row>) -> Result<()> {
    for feeds in [1, 8] {
        let size = format!("{feeds} {}", if feeds == 1 { "feed" } else { "feeds" });
        let mut world = World::new();
        world.list(&sol_params(), 200 * USD);
        let create = units(world.create_macro_index((0..feeds).map(macro_feed).collect()))?;
        rows.push(row("create_macro_index", &size, create, None));
        let prices = |minute: u64| (0..feeds).map(|feed| (feed, (100 + minute) * USD)).collect::<Vec<_>>();
        for minute in 0..2 {
            world.publish_macro(&prices(minute))?;
            world.pass(MINUTE_SLOTS);
        }
        rows.push(row("refresh_macro", &size, units(world.publish_macro(&prices(2)))?, None));
        if feeds == 8 {
            world.stage.post(0, 199 * USD, 300);
            rows.push(row("refresh_market", "PriceUpdateV2, macro index", units(world.refresh(0))?, None));
        }
    }
    Ok(())
}

/// A world with as many markets as the subject has legs, each about $20 000 against the maker.
fn with_legs(legs: usize, capital_atoms: u64) -> Result<World> {
    let mut world = World::new();
    for _ in 0..legs {
        world.list(&sol_params(), 200 * USD);
    }
    world.calm(3_000);
    world.trader("subject", capital_atoms);
    world.trader("maker", 10_000_000 * USD);
    world.trader("keeper", 10_000_000 * USD);
    for market in 0..legs {
        world.trade(market, "subject", "maker", LEG_LOTS)?;
    }
    Ok(world)
}

/// Marks every market down twice, so that the previous mark no longer favours anybody.
fn fall(world: &mut World, legs: usize, price_micro_usd: u64) {
    for _ in 0..2 {
        world.pass(10);
        for market in (0..legs).rev() {
            world.stage.publish(market, price_micro_usd, 300).expect("the price is accepted");
        }
    }
}

/// Instructions by the number of legs of the account they act on.
fn leg_instructions(rows: &mut Vec<Row>, legs: usize) -> Result<()> {
    let size = format!("{legs} {}", if legs == 1 { "leg" } else { "legs" });
    let per_leg = 2_300 * USD;
    let mut world = with_legs(legs, per_leg * legs as u64)?;
    world.trade(0, "keeper", "maker", LEG_LOTS)?;
    let half = LEG_LOTS / 2;
    rows.push(row(
        "settle_trade",
        &format!("{size} each, reduces"),
        units(world.trade(0, "maker", "subject", half))?,
        None,
    ));
    rows.push(row("withdraw", &size, units(world.withdraw("maker", USD))?, None));
    world.trade(0, "subject", "maker", half)?;
    fall(&mut world, legs, 188 * USD);
    rows.push(row("touch", &size, units(world.touch("subject", 0))?, None));
    rows.push(row("flag", &size, units(world.flag("subject", 0))?, None));
    let goal = match legs {
        1 => Some(25_000),
        16 => Some(100_000),
        _ => None,
    };
    rows.push(row(
        "liquidate",
        &format!("{size}, keeper 1 leg"),
        units(world.liquidate("keeper", "subject", 0))?,
        goal,
    ));
    rows.push(row("settle_account", &size, units(world.settle("subject"))?, None));
    let mut world = with_legs(legs, per_leg * legs as u64)?;
    world.trade(0, "keeper", "maker", LEG_LOTS)?;
    let opted_in = units(world.set_derisk("subject", true))?;
    if legs == 1 {
        rows.push(row("set_derisk", "", opted_in, None));
    }
    let required = world.health("subject", 0, Stance::Favour).maintenance();
    world.leave_capital("subject", required / 100 * 102, "maker"); // within 2σ of maintenance
    rows.push(row("derisk", &format!("{size}, keeper 1 leg"), units(world.derisk("keeper", "subject", 0))?, None));
    Ok(())
}

/// Instructions on accounts that are beyond slices.
fn failing_instructions(rows: &mut Vec<Row>, legs: usize) -> Result<()> {
    let size = format!("{legs} {}", if legs == 1 { "leg" } else { "legs" });
    let mut world = with_legs(legs, 2_600 * USD * legs as u64)?;
    fall(&mut world, legs, 1_767 * USD / 10);
    rows.push(row("deleverage", &size, units(world.deleverage("subject", 0))?, Some(30_000).filter(|_| legs == 1)));
    let mut world = with_legs(legs, 2_600 * USD * legs as u64)?;
    world.donate("maker", 1_000 * USD)?;
    fall(&mut world, legs, 160 * USD);
    rows.push(row("resolve_bankruptcy", &size, units(world.resolve("subject", 0))?, None));
    Ok(())
}

/// Instructions that make the pools and the stakes in them.
fn pool_instructions(rows: &mut Vec<Row>) -> Result<()> {
    let mut world = World::new();
    let (payer, exchange) = (world.stage.bank.payer().pubkey(), world.stage.exchange);
    rows.push(row("create_backstop", "", units(world.stage.create_backstop(LOSS_LINE_PPM))?, None));
    // The same key in every run, as above.
    let key = Keypair::new_from_array([3; 32]);
    world.stage.bank.fund(&key.pubkey(), 1_000_000_000);
    for (pool, size) in [(Pool::Insurance, "insurance"), (Pool::Backstop, "backstop")] {
        let pool = world.pool(pool);
        for (name, instruction) in [
            ("open_stake", build::open_stake(exchange, payer, key.pubkey(), pool)),
            ("close_stake", build::close_stake(exchange, key.pubkey(), pool)),
        ] {
            rows.push(row(name, size, units(world.stage.bank.send(&[instruction], &[&key]))?, None));
        }
    }
    Ok(())
}

/// Into the insurance fund and out again, by the number of the exchange's markets.
fn insurance_instructions(rows: &mut Vec<Row>, markets: usize) -> Result<()> {
    let size = format!("{markets} {}", if markets == 1 { "market" } else { "markets" });
    let mut world = World::new();
    for _ in 0..markets {
        world.list(&sol_params(), 200 * USD);
    }
    for name in ["staker", "long", "short"] {
        world.trader(name, 1_000_000 * USD);
    }
    for market in 0..markets.min(16) {
        world.publish(market, 200 * USD);
        world.trade(market, "long", "short", LEG_LOTS)?;
    }
    world.calm(10);
    world.open_stake("staker", Pool::Insurance)?;
    let staked = units(world.stake("staker", Pool::Insurance, 1_000 * USD))?;
    if markets == 1 {
        rows.push(row("stake_insurance", "", staked, None));
    }
    let key = world.who("staker").key.insecure_clone();
    let (exchange, shares) = (world.stage.exchange, world.stake_of("staker", Pool::Insurance).state.shares);
    let (tokens, all) = (world.stage.tokens(world.who("staker").wallet), world.stage.all_markets());
    let request = build::request_unstake_insurance(exchange, key.pubkey(), shares, &all);
    rows.push(row("request_unstake_insurance", &size, units(send_wide(&mut world, request, &[&key]))?, None));
    world.make_due("staker", Pool::Insurance);
    let unstake = build::unstake_insurance(exchange, key.pubkey(), tokens, 0, &all);
    let first = units(send_wide(&mut world, unstake.clone(), &[&key]))?;
    rows.push(row("unstake_insurance", &format!("{size}, first call"), first, None));
    world.pass_to_second_call();
    rows.push(row("unstake_insurance", &size, units(send_wide(&mut world, unstake, &[&key]))?, None));
    Ok(())
}

/// Sends an instruction through a lookup table of its keys.
fn send_wide(world: &mut World, instruction: Instruction, signers: &[&Keypair]) -> Sent {
    let instructions = [instruction];
    let table = world.stage.bank.make_table(lookup::table_keys(&instructions));
    world.stage.bank.send_with_tables(&instructions, signers, &[table])
}

/// A world of markets at $200 in which the backstop holds a leg in each of the first `held`.
fn with_inventory(markets: usize, held: usize) -> World {
    let mut world = World::new();
    for _ in 0..markets {
        world.list(&sol_params(), 200 * USD);
    }
    world.calm(100);
    let mut world = world.with_backstop(LOSS_LINE_PPM, 10_000_000 * USD);
    for name in ["maker", "second maker", "keeper"] {
        world.trader(name, 50_000_000 * USD);
    }
    for market in 0..held {
        world.calm(10);
        world.give_inventory(market, "second maker", LEG_LOTS / 10);
    }
    world.calm(10);
    world
}

/// Into the backstop and out again, by the number of its legs.
fn backstop_instructions(rows: &mut Vec<Row>, legs: usize) -> Result<()> {
    let size = sized(legs);
    let mut world = with_inventory(legs.max(1), legs);
    rows.push(row("stake_backstop", &size, units(world.stake("lp", Pool::Backstop, 1_000 * USD))?, None));
    let shares = world.stake_of("lp", Pool::Backstop).state.shares;
    rows.push(row(
        "request_unstake_backstop",
        &size,
        units(world.request_unstake("lp", Pool::Backstop, shares / 2))?,
        None,
    ));
    world.make_due("lp", Pool::Backstop);
    let first = units(world.unstake("lp", Pool::Backstop))?;
    rows.push(row("unstake_backstop", &format!("{size}, first call"), first, None));
    world.pass_to_second_call();
    rows.push(row("unstake_backstop", &size, units(world.unstake("lp", Pool::Backstop))?, None));
    if legs > 0 {
        let size = format!("{size}, keeper opens 1");
        let (key, account) = (world.who("keeper").key.insecure_clone(), world.who("keeper").account);
        let others = world.stage.markets_with_backstop(&[]);
        let market = world.stage.markets[0].key;
        let unwind = build::unwind(world.stage.exchange, key.pubkey(), market, account, u64::MAX, &others);
        rows.push(row("unwind", &size, units(send_wide(&mut world, unwind, &[&key]))?, None));
    }
    Ok(())
}

/// A failing account and a backstop that holds `held` other legs: it absorbs; a full one is no obstacle to deleveraging.
fn absorb_instructions(rows: &mut Vec<Row>, legs: usize, held: usize) -> Result<()> {
    let holds = match held {
        0 => String::new(),
        held => format!(", backstop {}", sized(held)),
    };
    let size = format!("{}{holds}", sized(legs));
    let mut world = with_inventory(legs + held, held);
    world.trader("subject", 100_000 * USD * legs as u64);
    for market in held..held + legs {
        world.trade(market, "subject", "maker", LEG_LOTS)?;
    }
    let required = world.health("subject", held, Stance::Favour).maintenance();
    world.leave_capital("subject", required / 5, "maker");
    world.calm(10);
    let account = world.who("subject").account;
    let (market, others) = (world.stage.markets[held].key, world.stage.markets_with_backstop(&[account]));
    let before = world.stage.bank.data(&market).context("a market")?;
    let states = [account, address::backstop(&world.stage.exchange), address::backstop_account(&world.stage.exchange)]
        .map(|key| (key, world.stage.bank.data(&key).unwrap_or_default()));
    let absorb = build::absorb(world.stage.exchange, market, account, &others);
    rows.push(row("absorb", &size, units(send_wide(&mut world, absorb, &[]))?, None));
    if held == 0 && legs > 1 && legs < 16 {
        return Ok(());
    }
    // The same account again, before a backstop that is full.
    world.stage.bank.set_account(&market, breakwater::ID, before);
    for (key, data) in states {
        world.stage.bank.set_account(&key, breakwater::ID, data);
    }
    world.edit_market(held, |market| market.state.params.backstop_max_atoms = market.state.params.min_position_atoms);
    let deleverage = build::deleverage(world.stage.exchange, market, account, &others);
    let size = match held {
        0 => format!("{}, backstop full", sized(legs)),
        held => format!("{}, backstop full with {}", sized(legs), sized(held)),
    };
    let goal = Some(30_000).filter(|_| legs == 1 && held == 0);
    rows.push(row("deleverage", &size, units(send_wide(&mut world, deleverage, &[]))?, goal));
    Ok(())
}

/// "no legs", "1 leg", "16 legs".
fn sized(legs: usize) -> String {
    match legs {
        0 => "no legs".to_owned(),
        1 => "1 leg".to_owned(),
        legs => format!("{legs} legs"),
    }
}

const HEADER: &str = "# Compute units\n\n\
    Measured on the on-chain binary, Breakwater alone (without the venue that calls it and without compute-budget \
    instructions). Written by `cargo run -p breakwater-tests --bin compute-units -- --write`, checked in CI with \
    `--check`. A build by another compiler differs by a few per cent; leave 15 % plus 300 units of room.\n\n\
    | instruction | size | compute units | goal |\n|---|---|---:|---:|\n";

fn render(rows: &[Row]) -> String {
    let mut text = String::from(HEADER);
    for row in rows {
        let goal = row.goal.map(|goal| format!("≤ {goal}")).unwrap_or_default();
        writeln!(text, "| `{}` | {} | {} | {goal} |", row.instruction, row.size, row.units).expect("a string grows");
    }
    text
}

fn check(rows: &[Row], table: &str) -> Result<()> {
    let mut drifted = Vec::new();
    for row in rows {
        let prefix = format!("| `{}` | {} | ", row.instruction, row.size);
        let committed: Option<u64> = table
            .lines()
            .find_map(|line| line.strip_prefix(&prefix))
            .and_then(|rest| rest.split(' ').next()?.parse().ok());
        match committed {
            Some(units) if units.abs_diff(row.units) * 100 <= units * TOLERANCE_PERCENT => {}
            found => {
                drifted.push(format!("{} ({}): {} now, {found:?} in the table", row.instruction, row.size, row.units))
            }
        }
    }
    ensure!(
        drifted.is_empty(),
        "docs/compute-units.md has drifted; run --write and review the diff:\n{}",
        drifted.join("\n")
    );
    println!("{} rows of docs/compute-units.md hold", rows.len());
    Ok(())
}
