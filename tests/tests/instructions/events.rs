//! Events of every instruction, decoded from the log. Natively logs carry no events (BUILD, trap 5): these tests do
//! nothing there and say so; run them with `BREAKWATER_SBF=1`.

use crate::support::*;
use anchor_lang::prelude::Pubkey;
use anchor_lang::{AnchorDeserialize, Discriminator};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use breakwater::events::*;
use breakwater::ApproveVenueArgs;
use breakwater_risk::shares::{COOLDOWN_SECONDS, SECOND_CALL_MAX_SECONDS, SECOND_CALL_MIN_SECONDS, UNOWNED_SHARES_MIN};
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::bank::runs_on_sbf;
use breakwater_sim::stage::{venue_signer, Sent};
use breakwater_tests::macros::{macro_feed, MINUTE_SLOTS};
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::Pool;
use solana_signer::Signer;

/// Whether events can be seen; says so when not.
fn events_are_logged() -> bool {
    if !runs_on_sbf() {
        println!("skipped: natively, logs carry no events");
    }
    runs_on_sbf()
}

/// The one event of type `E` in a transaction's log.
#[track_caller]
fn only<E: AnchorDeserialize + Discriminator>(sent: Sent) -> E {
    let logs = sent.unwrap().logs;
    let mut found: Vec<E> = logs
        .iter()
        .filter_map(|line| line.strip_prefix("Program data: "))
        .map(|data| BASE64_STANDARD.decode(data).expect("base64"))
        .filter(|data| data.starts_with(E::DISCRIMINATOR))
        .map(|data| E::try_from_slice(&data[8..]).expect("an event of this type, whole"))
        .collect();
    assert_eq!(found.len(), 1, "one event of this type in:\n{}", logs.join("\n"));
    found.remove(0)
}

/// Checks slot, time, exchange, market and sequence of a header.
#[track_caller]
fn check(world: &World, header: &EventHeader, market: Option<usize>, sequence: u64) {
    let (slot, unix_timestamp) = world.stage.time();
    let market = market.map_or(Pubkey::default(), |market| world.stage.markets[market].key);
    let exchange = world.stage.exchange;
    assert_eq!(*header, EventHeader { slot, unix_timestamp, exchange, market, sequence });
}

#[track_caller]
fn check_account(world: &World, header: &EventHeader, name: &str) {
    check(world, header, None, world.account(name).sequence);
}

#[track_caller]
fn check_exchange(world: &World, header: &EventHeader) {
    check(world, header, None, world.stage.exchange_account().sequence);
}

#[track_caller]
fn check_market(world: &World, header: &EventHeader, market: usize) {
    check(world, header, Some(market), world.market(market).sequence);
}

#[test]
fn governance_is_told_in_events_of_the_exchange() {
    if !events_are_logged() {
        return;
    }
    let mut world = World::new();
    let (exchange, authority, next) = (world.stage.exchange, world.stage.authority.pubkey(), Pubkey::new_unique());
    let event: AuthorityChanged = only(world.send_as_authority(&[build::propose_authority(exchange, authority, next)]));
    check_exchange(&world, &event.header);
    assert_eq!((event.authority, event.pending_authority), (authority, next));

    let event: VenueRegistered = only(world.send_as_authority(&[build::register_venue(exchange, authority, next)]));
    check_exchange(&world, &event.header);
    assert_eq!((event.venue, event.signer), (address::venue(&exchange, &next), next));

    let receivers = world.stage.exchange_account().receivers;
    let propose = build::propose_receivers(exchange, authority, receivers);
    let event: ReceiversChanged = only(world.send_as_authority(&[propose]));
    check_exchange(&world, &event.header);
    assert_eq!((event.receivers, event.pending_receivers), (receivers, receivers));

    let args = breakwater_sim::stage::Stage::exchange_args(7);
    let payer = world.stage.bank.payer().pubkey();
    let (mint, program) = (world.stage.mint, anchor_spl::token::ID);
    let instruction = build::initialize_exchange(payer, authority, mint, program, args.clone());
    let event: ExchangeInitialized = only(world.send_as_authority(&[instruction]));
    assert_eq!((event.header.exchange, event.header.sequence), (address::exchange(&authority, 7), 1));
    assert_eq!((event.authority, event.quote_mint, event.receivers), (authority, mint, args.receivers));
}

#[test]
fn a_listing_is_told_with_all_that_the_market_was_listed_with() {
    if !events_are_logged() {
        return;
    }
    let mut world = World::new();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let params = bytemuck::cast(sol_params());
    let args = breakwater::CreateMarketArgs {
        feed_id: [3; 32],
        legacy_price_account: Pubkey::new_unique(),
        lot_exponent: -4,
        seed_atoms: 2 * USD,
        bond_atoms: 3 * USD,
        params,
    };
    let tokens = world.stage.tokens(world.stage.treasury);
    let instruction = build::create_market(exchange, authority, 0, tokens, args.clone());
    let event: MarketCreated = only(world.stage.send_as_authority(&[instruction]));
    assert_eq!((event.header.market, event.header.sequence), (address::market(&exchange, 0), 1));
    assert_eq!((event.index, event.feed_id, event.seed_atoms), (0, [3; 32], 2 * USD));
    let (now, notice) = (event.header.unix_timestamp, breakwater::NOTICE_SECONDS);
    assert_eq!((event.bond_atoms, event.draws_from), (3 * USD, now + notice));
    assert_eq!((event.legacy_price_account, event.lot_exponent), (args.legacy_price_account, -4));
    assert_eq!(event.params, params);
}

#[test]
fn a_change_of_parameters_is_told_from_its_proposal_to_its_end() {
    if !events_are_logged() {
        return;
    }
    let mut world = quick();
    let listed = sol_params();
    let tighter = breakwater_risk::MarketParams { open_interest_max_lots: listed.open_interest_max_lots - 1, ..listed };
    let event: ParamsProposed = only(world.propose_params(0, tighter));
    check_market(&world, &event.header, 0);
    assert_eq!((event.params, event.apply_at), (bytemuck::cast(tighter), world.stage.time().1));
    let event: ParamsCancelled = only(world.cancel_params(0));
    check_market(&world, &event.header, 0);
    assert_eq!(event.params, bytemuck::cast::<_, [u8; breakwater_risk::params::MARKET_PARAMS_BYTES]>(tighter));
    world.propose_params(0, tighter).unwrap();
    let event: ParamsApplied = only(world.apply_params(0));
    check_market(&world, &event.header, 0);
    assert_eq!((event.params, event.funding_per_lot), (bytemuck::cast(tighter), 0));
    assert_eq!(event.maintenance_q32, world.market(0).state.maintenance_q32);
}

#[test]
fn the_life_of_an_account_is_told_in_its_own_sequence() {
    if !events_are_logged() {
        return;
    }
    let mut world = pair();
    let (exchange, alice, account) = (world.stage.exchange, owner(&world, "alice"), world.who("alice").account);
    let payer = world.stage.bank.payer().pubkey();
    let event: AccountOpened = only(world.send_as("alice", &[build::open_account(exchange, payer, alice, 5)]));
    check(&world, &event.header, None, 1);
    let second = address::margin_account(&exchange, &alice, 5);
    assert_eq!((event.account, event.owner, event.sub_id), (second, alice, 5));
    let event: AccountClosed = only(world.send_as("alice", &[build::close_account(alice, second)]));
    check(&world, &event.header, None, 2);
    assert_eq!((event.account, event.owner), (second, alice));

    let event: DelegateSet = only(world.send_as("alice", &[build::set_delegate(alice, account, payer, u64::MAX)]));
    check_account(&world, &event.header, "alice");
    assert_eq!((event.account, event.delegate), (account, payer));

    let venue = address::venue(&exchange, &venue_signer());
    let args = ApproveVenueArgs { max_notional_atoms: 1, max_cost_atoms: 2, expires_at: i64::MAX };
    let approve = build::approve_venue(alice, account, venue, args);
    let event: VenueApprovalChanged = only(world.send_as("alice", &[approve]));
    check_account(&world, &event.header, "alice");
    assert_eq!((event.max_notional_atoms, event.max_cost_atoms, event.expires_at), (1, 2, i64::MAX));
    let event: VenueApprovalChanged = only(world.send_as("alice", &[build::revoke_venue(alice, account, venue)]));
    check_account(&world, &event.header, "alice");
    assert_eq!((event.venue, event.max_notional_atoms, event.max_cost_atoms, event.expires_at), (venue, 0, 0, 0));
}

#[test]
fn cash_movements_are_told_with_the_balance_after() {
    if !events_are_logged() {
        return;
    }
    let mut world = pair();
    let event: Deposited = only(world.deposit("alice", 7));
    check_account(&world, &event.header, "alice");
    assert_eq!((event.amount_atoms, event.capital_atoms), (7, 100_000 * USD + 7));
    let event: Withdrawn = only(world.withdraw("alice", 5));
    check_account(&world, &event.header, "alice");
    assert_eq!((event.amount_atoms, event.capital_atoms), (5, 100_000 * USD + 2));
    let event: InsuranceDonated = only(world.donate("alice", 3));
    check_exchange(&world, &event.header);
    assert_eq!((event.donor, event.amount_atoms, event.balance_atoms), (owner(&world, "alice"), 3, 3));
}

#[test]
fn prices_trades_and_fees_are_told_in_the_sequence_of_the_market() {
    if !events_are_logged() {
        return;
    }
    let mut world = pair();
    world.pass(5);
    world.stage.post(0, 201 * USD, 300);
    let event: MarketRefreshed = only(world.refresh(0));
    check_market(&world, &event.header, 0);
    let state = world.market(0).state;
    assert_eq!((event.mark, event.confidence, event.publish_time), (state.mark, state.confidence, state.publish_time));
    assert_eq!((event.depth_atoms, event.capacity_atoms), (state.depth.depth_atoms, state.depth.capacity_atoms));
    assert_eq!(event.maintenance_ppm, state.maintenance_q32.div_ceil(1 << 32));
    assert_eq!(event.breaker_open_until_slot, state.breaker.open_until_slot);

    let price = world.mark(0) + 1_000;
    let event: TradeSettled = only(world.trade_at(0, "alice", "bob", LOTS_10K, price));
    check_market(&world, &event.header, 0);
    assert_eq!((event.buyer, event.seller), (world.who("alice").account, world.who("bob").account));
    assert_eq!((event.lots, event.price, event.mark), (LOTS_10K, price, world.mark(0)));
    assert_eq!(event.funding_per_lot, 0, "funding is off");
    let fees = world.market(0).state.fees_accrued_atoms + world.market(0).state.insurance_accrued_atoms;
    assert_eq!(event.buyer_fee_atoms + event.seller_fee_atoms, fees);

    let event: MarketSwept = only(world.sweep(0));
    check_market(&world, &event.header, 0);
    assert_eq!(event.fees_atoms + event.insurance_atoms, fees);
    let event: FeesCollected = only(world.collect_fees());
    check_exchange(&world, &event.header);
    assert!(event.amount_atoms > 0 && event.amount_atoms < fees);
}

#[test]
fn settlements_and_conversions_are_told_with_what_they_moved() {
    if !events_are_logged() {
        return;
    }
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.publish(0, 210 * USD);
    let event: AccountSettled = only(world.settle("bob"));
    check_account(&world, &event.header, "bob");
    let moved = 500 * USD;
    assert_eq!((event.realised_atoms, event.paid_atoms, event.debt_atoms), (-(moved as i64), moved, 0));
    world.settle("alice").unwrap();
    world.calm(1_510);
    let event: ProfitConverted = only(world.convert("alice", 0, 0));
    check_market(&world, &event.header, 0);
    assert_eq!((event.matured_atoms, event.paid_atoms), (moved, moved));
}

#[test]
fn liquidations_are_told_with_size_charge_and_pace() {
    if !events_are_logged() {
        return;
    }
    let mut world = World::with_sol();
    world.trader("whale", 80_000 * USD);
    world.trader("maker", 1_000_000 * USD);
    world.trader("keeper", 1_000_000 * USD);
    world.trade(0, "whale", "maker", 250_000_000).unwrap();
    world.fall_to(0, 178 * USD);
    let event: Flagged = only(world.flag("whale", 0));
    check_account(&world, &event.header, "whale");
    assert_eq!((event.acted_market, event.is_flagged), (world.stage.markets[0].key, true));

    let before = (world.lots("whale", 0), world.account("keeper").state.capital_atoms);
    let event: SliceLiquidated = only(world.liquidate("keeper", "whale", 0));
    check_market(&world, &event.header, 0);
    assert_eq!((event.account, event.keeper), (world.who("whale").account, world.who("keeper").account));
    assert_eq!((event.closed_lots, event.mark), (world.lots("whale", 0) - before.0, world.mark(0)));
    assert_eq!(event.charge_atoms, event.keeper_atoms + event.insurance_atoms);
    assert_eq!(event.keeper_atoms, world.account("keeper").state.capital_atoms - before.1);
    let account = world.account("whale").state;
    assert_eq!((event.next_due_slot, event.is_restored), (account.slice_due_slot, account.flagged_slot == 0));
    let closed = breakwater_risk::units::notional_ceil(event.closed_lots.unsigned_abs(), event.mark).unwrap();
    assert_eq!(event.flow_atoms, closed, "the keeper had nothing to net");
}

#[test]
fn predictive_closes_are_told_with_their_price_and_who_chose_them() {
    if !events_are_logged() {
        return;
    }
    let mut world = with_weak(World::with_sol());
    let event: DeriskSet = only(world.set_derisk("weak", true));
    check_account(&world, &event.header, "weak");
    assert_eq!((event.account, event.since_slot), (world.who("weak").account, world.stage.time().0));

    weaken(&mut world, "weak", 1_020_000);
    let (lots, capital) = (world.lots("weak", 0), world.account("weak").state.capital_atoms);
    let event: AccountDerisked = only(world.derisk("keeper", "weak", 0));
    check_market(&world, &event.header, 0);
    assert_eq!((event.account, event.keeper), (world.who("weak").account, world.who("keeper").account));
    assert_eq!((event.closed_lots, event.mark), (world.lots("weak", 0) - lots, world.mark(0)));
    assert_eq!(event.price, event.mark - (event.mark * 500).div_ceil(1_000_000));
    let account = world.account("weak").state;
    assert_eq!(event.cost_atoms, capital - account.capital_atoms);
    assert_eq!(event.next_due_slot, account.derisked_slot + u64::from(sol_params().pace_cap_slots));
}

#[test]
fn deleveragings_and_bankruptcies_are_told_with_who_bore_what() {
    if !events_are_logged() {
        return;
    }
    let mut world = World::with_sol();
    world.trader("weak", 2_500 * USD);
    world.trader("maker", 100_000 * USD);
    world.trade(0, "weak", "maker", LOTS_10K).unwrap();
    world.fall_to(0, 151_500_000);
    let event: Deleveraged = only(world.deleverage("weak", 0));
    check_market(&world, &event.header, 0);
    assert_eq!((event.account, event.closed_lots), (world.who("weak").account, -(LOTS_10K as i64)));
    assert!(event.price < event.mark && event.mark == world.mark(0), "at the zero price");

    world.trader("ruined", 2_500 * USD);
    world.donate("maker", 100 * USD).unwrap();
    world.calm(3_500); // until the breaker closes
    world.trade(0, "ruined", "maker", LOTS_10K).unwrap();
    world.fall_to(0, 80 * USD);
    let fund = world.fund().state.balance_atoms + world.market(0).state.insurance_accrued_atoms;
    let event: BankruptcyResolved = only(world.resolve("ruined", 0));
    check_account(&world, &event.header, "ruined");
    assert!(event.deficit_atoms > 0);
    assert_eq!(event.deficit_atoms, event.reserve_atoms + event.insurance_atoms + event.unfunded_atoms);
    assert_eq!(event.reserve_atoms, USD, "the bond");
    assert_eq!(event.insurance_atoms, fund / 4, "a quarter of the fund");
}

#[test]
fn a_debt_paid_by_a_claim_is_told_in_the_market_of_the_debt() {
    if !events_are_logged() {
        return;
    }
    let mut world = crate::pay_debt::indebted();
    let debt = world.account("carol").state.legs[1].debt_atoms;
    let event: DebtPaid = only(world.pay_debt("carol", 0, 1));
    check_market(&world, &event.header, 1);
    assert_eq!((event.claim_market, event.paid_atoms), (world.stage.markets[0].key, debt));
}

#[test]
fn the_life_of_a_pool_is_told_with_its_shares() {
    if !events_are_logged() {
        return;
    }
    let mut world = pair();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let create = build::create_backstop(exchange, authority, LOSS_LINE_PPM);
    let event: BackstopCreated = only(world.send_as_authority(&[create]));
    check_exchange(&world, &event.header);
    let (backstop, account) = (address::backstop(&exchange), address::backstop_account(&exchange));
    assert_eq!((event.backstop, event.account, event.loss_line_ppm), (backstop, account, LOSS_LINE_PPM));

    for pool in [Pool::Insurance, Pool::Backstop] {
        let (key, alice) = (world.pool(pool), owner(&world, "alice"));
        let event: StakeOpened = only(world.open_stake("alice", pool));
        check_exchange(&world, &event.header);
        assert_eq!((event.pool, event.owner), (key, alice));

        let event: Staked = only(world.stake("alice", pool, USD));
        check_exchange(&world, &event.header);
        assert_eq!((event.pool, event.owner, event.amount_atoms), (key, alice, USD));
        assert_eq!((event.shares, event.total_shares), (USD - UNOWNED_SHARES_MIN, USD));

        let shares = event.shares;
        let event: UnstakeRequested = only(world.request_unstake("alice", pool, shares));
        check_exchange(&world, &event.header);
        assert_eq!((event.pool, event.owner, event.shares, event.value_atoms), (key, alice, shares, shares));
        assert_eq!(event.redeemable_at, world.stage.time().1 + COOLDOWN_SECONDS);
        let event: UnstakeRequested = only(world.request_unstake("alice", pool, 0));
        assert_eq!((event.shares, event.value_atoms, event.redeemable_at), (0, 0, 0));

        world.request_unstake("alice", pool, shares).unwrap();
        cool_down(&mut world);
        let event: UnstakeNoted = only(world.unstake("alice", pool));
        check_exchange(&world, &event.header);
        assert_eq!((event.pool, event.owner, event.noted_atoms), (key, alice, shares));
        let noted_at = world.stage.time().1;
        assert_eq!(event.payable_from, noted_at + SECOND_CALL_MIN_SECONDS);
        assert_eq!(event.payable_until, noted_at + SECOND_CALL_MAX_SECONDS);
        world.pass_to_second_call();
        let event: Unstaked = only(world.unstake("alice", pool));
        check_exchange(&world, &event.header);
        assert_eq!((event.pool, event.owner), (key, alice));
        assert_eq!((event.burned_shares, event.paid_atoms, event.total_shares), (shares, shares, UNOWNED_SHARES_MIN));

        let event: StakeClosed = only(world.close_stake("alice", pool));
        check_exchange(&world, &event.header);
        assert_eq!((event.pool, event.owner), (key, alice));
    }
}

#[test]
fn what_the_backstop_takes_and_sells_is_told_in_the_sequence_of_the_market() {
    if !events_are_logged() {
        return;
    }
    let mut world = backed();
    weaken(&mut world, "weak", DISTRESSED);
    let (weak, had) = (world.account("weak").state.capital_atoms, world.backstop().account.state.capital_atoms);
    let event: LegAbsorbed = only(world.absorb("weak", 0));
    check_market(&world, &event.header, 0);
    assert_eq!((event.account, event.mark), (world.who("weak").account, world.mark(0)));
    assert_eq!((event.closed_lots, event.claim_atoms), (-(LOTS_10K as i64), 0));
    assert_eq!(event.charge_atoms, weak - world.account("weak").state.capital_atoms);
    let earned = world.backstop().account.state.capital_atoms - had;
    assert_eq!(event.insurance_atoms, event.charge_atoms - earned);
    assert!(event.is_restored);

    world.pass(3); // some way into the auction
    let before = world.account("keeper").state.capital_atoms;
    let event: InventoryUnwound = only(world.unwind("keeper", 0, LOTS_10K));
    check_market(&world, &event.header, 0);
    assert_eq!((event.keeper, event.mark), (world.who("keeper").account, world.mark(0)));
    assert_eq!(event.closed_lots, world.inventory(0) - LOTS_10K as i64);
    assert_eq!(event.discount_atoms, world.account("keeper").state.capital_atoms - before);
}

#[test]
fn registrations_and_measurements_are_told_in_the_sequence_of_the_market() {
    if !events_are_logged() {
        return;
    }
    let mut world = pair();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    world.deposit("alice", 1_000 * USD).unwrap();
    let event: LegRegistered = only(world.touch("alice", 0));
    check_market(&world, &event.header, 0);
    let leg = world.leg("alice", 0);
    assert_eq!(event.account, world.who("alice").account);
    assert_eq!((event.bucket, event.forced_atoms), (leg.ladder_bucket, leg.ladder_atoms));
    assert_eq!(event.mark_bucket, world.market(0).state.ladder.mark_bucket);
    let event: CascadeMeasured = only(world.measure_cascade(0));
    check_market(&world, &event.header, 0);
    let ladder = world.market(0).state.ladder;
    assert_eq!((event.long_ratio_ppm, event.short_ratio_ppm), (ladder.long_ratio_ppm, ladder.short_ratio_ppm));
    assert!(event.long_ratio_ppm > 0);
}

#[test]
fn a_macro_index_is_told_with_its_feeds_and_every_price_it_takes() {
    if !events_are_logged() {
        return;
    }
    let mut world = quick();
    let feeds: Vec<_> = (0..2).map(macro_feed).collect();
    let event: MacroIndexCreated = only(world.create_macro_index(feeds.clone()));
    check_exchange(&world, &event.header);
    assert_eq!((event.macro_index, event.feeds), (address::macro_index(&world.stage.exchange), feeds));
    assert_eq!(event.effective_at, world.stage.time().1 + breakwater::NOTICE_SECONDS);
    for sequence in 1..4 {
        let event: MacroRefreshed = only(world.publish_macro(&[(1, 100 * USD)]));
        check(&world, &event.header, None, sequence);
        let state = world.macro_index().state;
        assert_eq!((event.minute, event.stress_ppm), (state.minute, state.stress_ppm));
        assert_eq!((event.correlation_ppm, event.ratio_ppm), (state.correlation_ppm, state.feeds[1].ratio_ppm));
        let last = state.feeds[1].last;
        let taken = MacroPriceTaken {
            feed: 1,
            mantissa: last.mantissa,
            exponent: last.exponent,
            confidence_ppm: last.confidence_ppm,
            publish_time: last.publish_time,
        };
        assert_eq!(event.prices, [taken]);
        world.pass(MINUTE_SLOTS);
    }
}
