//! PEERS, failures 4, 13, 14 and 15: missing configuration, the vault, restarts, self-dealing.

use crate::scene::{calm_world, free_params, thin_params, whale_world, HALF_A_MILLION};
use anchor_spl::token::spl_token;
use breakwater::{ApproveVenueArgs, BreakwaterError};
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::venue_signer;
use breakwater_tests::refusal::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};
use bytemuck::Zeroable;
use solana_signer::Signer;

#[test]
fn peers_04_a_limit_of_zero_allows_nothing() {
    let mut world = whale_world(&free_params());
    world.edit_exchange(|exchange| exchange.outflow_limits = Zeroable::zeroed());
    world.pass(9_000);
    let sent = world.withdraw("maker", 1);
    world.refused(sent, BreakwaterError::OutflowLimit);

    let (owner, account) = (world.who("whale").key.pubkey(), world.who("whale").account);
    let venue = address::venue(&world.stage.exchange, &venue_signer());
    let none = ApproveVenueArgs { max_notional_atoms: 0, max_cost_atoms: 0, expires_at: i64::MAX };
    world.send_as("whale", &[build::approve_venue(owner, account, venue, none)]).unwrap();
    world.calm(10);
    let sent = world.trade(0, "maker", "whale", 1_000);
    world.refused(sent, BreakwaterError::VenueLimit);
}

#[test]
fn peers_04_a_market_without_configuration_is_not_listed() {
    let mut world = World::new();
    let sent = world.stage.list_market(&MarketParams::zeroed(), -5);
    assert_refused(sent.map(|_| unreachable!("it was listed")), BreakwaterError::ParameterOutOfBounds);
    for zeroed in [
        MarketParams { depth_base_atoms: 0, ..sol_params() },
        MarketParams { flow_recovery_slots: 0, ..sol_params() },
        MarketParams { dutch_slots: 0, ..sol_params() },
        MarketParams { open_interest_max_lots: 0, ..sol_params() },
    ] {
        assert!(world.stage.list_market(&zeroed, -5).is_err());
    }
}

#[test]
fn peers_04_insurance_without_caps_pays_nothing() {
    let params = MarketParams { insurance_event_ppm: 0, insurance_window_ppm: 0, ..free_params() };
    let mut world = whale_world(&params);
    world.donate("maker", 500_000 * USD).unwrap();
    world.leave_capital("whale", 0, "maker");
    world.fall_to(0, 190 * USD);
    world.resolve("whale", 0).unwrap();
    assert_eq!(world.stage.insurance_account().state.balance_atoms, 500_000 * USD);
}

#[test]
fn peers_04_a_market_without_a_price_opens_nothing() {
    let mut world = calm_world(&free_params());
    for name in ["a", "b"] {
        world.trader(name, 10_000 * USD);
    }
    world.stage.list_market(&free_params(), -5).unwrap();
    let (buyer, seller) = (world.who("a").account, world.who("b").account);
    let fill = world.stage.fill_instruction(1, buyer, seller, 1_000, 2_000_000_000);
    let sent = world.stage.bank.send(&[fill], &[]);
    world.refused(sent, BreakwaterError::PriceOutOfRange);
}

#[test]
fn peers_13_nobody_but_the_exchange_has_power_over_the_vault() {
    let mut world = whale_world(&thin_params());
    world.fall_to(0, 170 * USD);
    let _ = world.liquidate("keeper", "whale", 0);
    world.withdraw("maker", 1_000 * USD).unwrap();
    let data = world.stage.bank.data(&address::vault(&world.stage.exchange)).unwrap();
    let vault = <spl_token::state::Account as anchor_lang::solana_program::program_pack::Pack>::unpack(&data).unwrap();
    assert_eq!(vault.owner, world.stage.exchange);
    assert!(vault.delegate.is_none() && vault.close_authority.is_none() && vault.delegated_amount == 0);
    assert_eq!(vault.state, spl_token::state::AccountState::Initialized);
    assert_eq!(vault.amount, world.stage.exchange_account().booked_atoms);
}

#[test]
fn peers_14_after_a_restart_old_prices_serve_nothing_and_risk_only_falls_until_the_grace_period_ends() {
    let mut world = whale_world(&free_params());
    world.leave_capital("whale", 5_000 * USD, "maker");
    let halted = world.stage.time().0;
    world.stage.bank.set_last_restart_slot(halted + 1);
    world.pass(2); // hours of wall-clock time may have gone by in these slots
    for sent in [world.liquidate("keeper", "whale", 0), world.deleverage("whale", 0), world.flag("whale", 0)] {
        world.refused(sent, BreakwaterError::PriceBeforeRestart);
    }
    let sent = world.trade(0, "keeper", "maker", 1_000_000);
    world.refused(sent, BreakwaterError::PriceBeforeRestart);
    world.trade(0, "maker", "keeper", 1_000).unwrap_err();
    let price = world.price(0);
    world.publish(0, price);
    let sent = world.trade(0, "keeper", "maker", 1_000_000);
    world.refused(sent, BreakwaterError::ReduceOnly);
    world.deleverage("whale", 0).unwrap();
    world.calm(u64::from(free_params().restart_grace_slots));
    world.trade(0, "keeper", "maker", 1_000_000).unwrap();
}

#[test]
fn peers_15_one_owner_deals_with_itself_neither_as_trader_nor_as_keeper() {
    let mut world = whale_world(&free_params());
    let (key, exchange) = (world.who("whale").key.insecure_clone(), world.stage.exchange);
    let (owner, first) = (key.pubkey(), world.who("whale").account);
    let second = address::margin_account(&exchange, &owner, 1);
    let venue = address::venue(&exchange, &venue_signer());
    let wide = ApproveVenueArgs { max_notional_atoms: u64::MAX, max_cost_atoms: u64::MAX, expires_at: i64::MAX };
    let payer = world.stage.bank.payer().pubkey();
    let open = [build::open_account(exchange, payer, owner, 1), build::approve_venue(owner, second, venue, wide)];
    world.stage.bank.send(&open, &[&key]).unwrap();

    let mark = world.mark(0);
    let fill = world.stage.fill_instruction(0, first, second, 1_000_000, mark);
    let sent = world.send(&[fill], &[]);
    world.refused(sent, BreakwaterError::SameOwner);
    let fill = world.stage.fill_instruction(0, first, first, 1_000_000, mark);
    assert!(world.send(&[fill], &[]).is_err(), "the same account passed twice");

    world.leave_capital("whale", 20_000 * USD, "maker");
    let market = world.stage.markets[0].key;
    let sent = world.send_as("whale", &[build::liquidate(owner, market, first, second, &[])]);
    world.refused(sent, BreakwaterError::SameOwner);
    let sent = world.send_as("whale", &[build::liquidate(owner, market, first, first, &[])]);
    assert!(sent.is_err());
    assert_eq!(world.lots("whale", 0), HALF_A_MILLION as i64);
}
