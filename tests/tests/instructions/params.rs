//! `propose_params`, `apply_params`, `cancel_params` (PEERS 11: no instant change of the terms under which people hold).

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use breakwater::{BreakwaterError, NOTICE_SECONDS, PROPOSAL_LIFE_SECONDS};
use breakwater_risk::params::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{sol_params, World, USD};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Needs no notice.
fn tighter() -> MarketParams {
    let listed = sol_params();
    MarketParams { open_interest_max_lots: LOTS_10K, ..listed }
}

/// Closes sooner: not to be had without notice.
fn harsher() -> MarketParams {
    let listed = sol_params();
    MarketParams { maintenance_base_ppm: listed.maintenance_base_ppm + 1_000, ..listed }
}

fn params(world: &World) -> MarketParams {
    world.market(0).state.params
}

/// Lamports of a key.
fn lamports(world: &World, key: &Pubkey) -> u64 {
    world.stage.bank.account(key).map_or(0, |account| account.lamports)
}

#[test]
fn a_lower_cap_of_the_open_interest_is_in_force_within_one_transaction_and_costs_nothing() {
    let mut world = pair();
    let (exchange, authority) = (world.stage.exchange, world.stage.authority.pubkey());
    let (market, before) = (world.stage.markets[0].key, lamports(&world, &authority));
    let propose = build::propose_params(exchange, authority, market, tighter());
    world.send_as_authority(&[propose, build::apply_params(exchange, market, authority)]).unwrap();
    assert_eq!(params(&world), tighter());
    assert!(world.proposal(0).is_none());
    assert_eq!(lamports(&world, &authority), before, "the rent is back");
    assert_refused(world.trade(0, "alice", "bob", LOTS_10K + 1), BreakwaterError::OpenInterestCap);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
}

#[test]
fn all_else_waits_until_everybody_could_leave_and_is_then_applied_by_anyone() {
    let mut world = quick();
    world.propose_params(0, harsher()).unwrap();
    let (proposal, now) = (world.proposal(0).unwrap(), world.stage.time().1);
    assert_eq!((proposal.market, proposal.proposer), (world.stage.markets[0].key, world.stage.authority.pubkey()));
    assert_eq!(proposal.apply_at, now + NOTICE_SECONDS);
    assert_eq!(bytemuck::cast::<_, MarketParams>(proposal.to), harsher());
    assert_eq!(params(&world), sol_params());
    pass_seconds(&mut world, NOTICE_SECONDS - 2);
    assert_refused(world.apply_params(0), BreakwaterError::TimelockRunning);
    pass_seconds(&mut world, 2);
    let (before, authority) = (world.market(0), world.stage.authority.pubkey());
    let rent = lamports(&world, &authority);
    world.apply_params(0).unwrap();
    assert_eq!(params(&world), harsher());
    assert!(lamports(&world, &authority) > rent, "the rent went back to who paid it");
    let after = world.market(0);
    assert_eq!((after.state.mark, after.state.pool_atoms), (before.state.mark, before.state.pool_atoms));
    assert_eq!(after.state.params.maintenance_base_ppm, harsher().maintenance_base_ppm);
    assert_refused(world.apply_params(0), BreakwaterError::NoProposal);
}

/// What waited is not what steps: a raised base reaches nobody at once (M-4).
#[test]
fn a_raised_maintenance_rate_still_rises_in_steps() {
    let mut world = with_weak(quick());
    let raised = MarketParams { maintenance_base_ppm: 60_000, ..sol_params() };
    world.propose_params(0, raised).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS);
    world.publish(0, 200 * USD);
    let before = world.market(0).state.maintenance_q32;
    world.apply_params(0).unwrap();
    assert_eq!(world.market(0).state.maintenance_q32, before);
    world.publish(0, 200 * USD);
    let after = world.market(0).state.maintenance_q32;
    let an_hour = u64::from(raised.maintenance_step_ppm) << 32;
    assert!(after >= before && after - before <= an_hour / 1_000, "a few seconds' step, not a jump");
}

/// Charges and fills are bounded by the lowest rate, so it may not outrun the one applied, 6.25 % here.
#[test]
fn the_base_of_maintenance_never_exceeds_the_applied_rate() {
    let mut world = quick();
    let raised = MarketParams { maintenance_base_ppm: 64_000, initial_base_ppm: 120_000, ..sol_params() };
    world.propose_params(0, raised).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS);
    world.publish(0, 200 * USD);
    assert_refused(world.apply_params(0), BreakwaterError::EnvelopeTooSmall);
    world.cancel_params(0).unwrap();
    world.propose_params(0, MarketParams { maintenance_base_ppm: 62_000, ..raised }).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS);
    world.apply_params(0).unwrap();
}

#[test]
fn a_second_proposal_takes_the_place_of_one_that_was_taken_back_and_waits_anew() {
    let mut world = quick();
    world.propose_params(0, harsher()).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS - 100);
    let other = MarketParams { charge_max_ppm: 20_000, ..sol_params() };
    for params in [other, harsher(), tighter()] {
        assert_refused(world.propose_params(0, params), BreakwaterError::ProposalPending);
    }
    world.cancel_params(0).unwrap();
    world.propose_params(0, other).unwrap();
    pass_seconds(&mut world, 200);
    assert_refused(world.apply_params(0), BreakwaterError::TimelockRunning);
    pass_seconds(&mut world, NOTICE_SECONDS);
    world.apply_params(0).unwrap();
    assert_eq!(params(&world), other);
}

#[test]
fn a_forgotten_proposal_lapses() {
    let mut world = quick();
    world.propose_params(0, harsher()).unwrap();
    pass_seconds(&mut world, NOTICE_SECONDS + PROPOSAL_LIFE_SECONDS + 2);
    assert_refused(world.apply_params(0), BreakwaterError::ProposalLapsed);
    world.cancel_params(0).unwrap();
    world.propose_params(0, harsher()).unwrap();
    assert_refused(world.apply_params(0), BreakwaterError::TimelockRunning);
}

#[test]
fn a_proposal_is_taken_back_by_the_authority() {
    let mut world = quick();
    let before = lamports(&world, &world.stage.authority.pubkey());
    assert_refused(world.cancel_params(0), BreakwaterError::NoProposal);
    world.propose_params(0, harsher()).unwrap();
    world.cancel_params(0).unwrap();
    assert!(world.proposal(0).is_none());
    assert_eq!(lamports(&world, &world.stage.authority.pubkey()), before);
    pass_seconds(&mut world, NOTICE_SECONDS);
    assert_refused(world.apply_params(0), BreakwaterError::NoProposal);
}

#[test]
fn proposals_keep_every_bound_and_leave_what_is_fixed() {
    let mut world = quick().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS);
    let listed = sol_params();
    for (to, error) in [
        (listed, BreakwaterError::NothingToDo),
        (MarketParams { maintenance_base_ppm: 0, ..listed }, BreakwaterError::ParameterOutOfBounds),
        (MarketParams { open_interest_max_lots: 0, ..listed }, BreakwaterError::ParameterOutOfBounds),
        (MarketParams { reserved: [0, 0, 0, 0, 1], ..listed }, BreakwaterError::ParameterOutOfBounds),
        (MarketParams { worst_move_ppm: 25_000, ..listed }, BreakwaterError::EnvelopeTooSmall),
        (
            MarketParams { profit_window_slots: listed.profit_window_slots + 1, ..listed },
            BreakwaterError::ParameterFixed,
        ),
        (MarketParams { backstop_max_atoms: 0, ..listed }, BreakwaterError::ParameterFixed),
    ] {
        assert_refused(world.propose_params(0, to), error);
    }
    assert_eq!(params(&world), listed);
}

/// A proposal of a program that had wider bounds: the bounds of the program that applies it count.
#[test]
fn bounds_are_checked_again_when_a_proposal_is_applied() {
    let mut world = quick();
    world.propose_params(0, harsher()).unwrap();
    let key = address::params_proposal(&world.stage.markets[0].key);
    let mut data = world.stage.bank.data(&key).unwrap();
    let wide = MarketParams { maintenance_base_ppm: 0, ..sol_params() };
    let to = 8 + 32 + 32;
    data[to..to + std::mem::size_of::<MarketParams>()].copy_from_slice(bytemuck::bytes_of(&wide));
    world.stage.bank.set_account(&key, breakwater::ID, data);
    pass_seconds(&mut world, NOTICE_SECONDS);
    assert_refused(world.apply_params(0), BreakwaterError::ParameterOutOfBounds);
}

#[test]
fn parameters_are_governed_by_the_authority_of_the_markets_own_exchange() {
    let mut world = quick();
    let other = Other::beside(&mut world);
    world.list(&sol_params(), 200 * USD);
    let (exchange, authority, market) =
        (world.stage.exchange, world.stage.authority.pubkey(), world.stage.markets[0].key);
    let thief = stranger(&mut world);
    let key = thief.pubkey();
    let propose = |exchange, authority| build::propose_params(exchange, authority, market, tighter());
    assert_refused(world.send(&[propose(exchange, key)], &[&thief]), BreakwaterError::NotAuthority);
    assert_refused(world.send_as_authority(&[propose(other.exchange, authority)]), BreakwaterError::WrongExchange);
    let unsigned = propose(exchange, authority).unsigned(authority);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);

    world.propose_params(0, harsher()).unwrap();
    let cancel = |exchange, authority, proposer| build::cancel_params(exchange, authority, market, proposer);
    assert_refused(world.send(&[cancel(exchange, key, authority)], &[&thief]), BreakwaterError::NotAuthority);
    let elsewhere = cancel(other.exchange, authority, authority);
    assert_refused(world.send_as_authority(&[elsewhere]), BreakwaterError::WrongExchange);
    let unsigned = cancel(exchange, authority, authority).unsigned(authority);
    assert_anchor(world.send(&[unsigned], &[]), ErrorCode::AccountNotSigner);
    pass_seconds(&mut world, NOTICE_SECONDS);
    let apply = build::apply_params(other.exchange, market, authority);
    assert_refused(world.send(&[apply], &[]), BreakwaterError::WrongExchange);
    // The proposal of one market serves no other, and its rent goes to nobody else.
    let second = world.stage.markets[1].key;
    let elsewhere = build::apply_params(exchange, market, authority).swapped(market, second);
    assert_refused(world.send(&[elsewhere], &[]), BreakwaterError::WrongAddress);
    assert_refused(world.send(&[build::apply_params(exchange, market, key)], &[]), BreakwaterError::WrongProposer);
    let cancel = build::cancel_params(exchange, authority, market, key);
    assert_refused(world.send_as_authority(&[cancel]), BreakwaterError::WrongProposer);
    let readonly = build::apply_params(exchange, market, authority).readonly(market);
    assert_anchor(world.send(&[readonly], &[]), ErrorCode::ConstraintMut);
    world.apply_params(0).unwrap();
}

/// The authority goes from one key to another.
fn hand_over(world: &mut World, from: &Keypair, to: &Keypair) {
    let exchange = world.stage.exchange;
    world.send(&[build::propose_authority(exchange, from.pubkey(), to.pubkey())], &[from]).unwrap();
    world.send(&[build::accept_authority(exchange, to.pubkey())], &[to]).unwrap();
}

/// It was said to be void, so it stays void, whoever is the authority again.
#[test]
fn a_proposal_does_not_come_back_with_its_authority() {
    let mut world = quick();
    world.propose_params(0, harsher()).unwrap();
    let (first, second) = (world.stage.authority.insecure_clone(), Keypair::new());
    hand_over(&mut world, &first, &second);
    hand_over(&mut world, &second, &first);
    pass_seconds(&mut world, NOTICE_SECONDS);
    assert_refused(world.apply_params(0), BreakwaterError::ProposalOutdated);
    world.cancel_params(0).unwrap();
}

/// Who reads the documents counts on eight and fourteen days, and stakers on more than their own wait.
#[test]
fn the_times_of_governance_are_as_documented() {
    assert_eq!((NOTICE_SECONDS, PROPOSAL_LIFE_SECONDS), (8 * 86_400, 14 * 86_400));
    assert_eq!(NOTICE_SECONDS, breakwater_risk::shares::COOLDOWN_SECONDS + 86_400);
}

/// A cap below what is open asks nothing of who holds: they close and change hands, and nobody adds.
#[test]
fn a_cap_below_the_open_interest_binds_growth_only() {
    let mut world = pair();
    world.trade(0, "alice", "bob", 2 * LOTS_10K).unwrap();
    world.propose_params(0, tighter()).unwrap();
    world.apply_params(0).unwrap();
    assert_refused(world.trade(0, "alice", "bob", 1), BreakwaterError::OpenInterestCap);
    world.trade(0, "bob", "alice", LOTS_10K / 2).unwrap();
    world.trade(0, "bob", "alice", LOTS_10K * 3 / 2).unwrap();
}

#[test]
fn what_an_authority_proposed_holds_no_longer_than_it_is_the_authority() {
    let mut world = quick();
    world.propose_params(0, harsher()).unwrap();
    let (old, new) = (world.stage.authority.insecure_clone(), stranger(&mut world));
    hand_over(&mut world, &old, &new);
    assert_refused(world.cancel_params(0), BreakwaterError::NotAuthority);
    world.stage.authority = new.insecure_clone();
    pass_seconds(&mut world, NOTICE_SECONDS);
    assert_refused(world.apply_params(0), BreakwaterError::ProposalOutdated);
    assert_refused(world.propose_params(0, tighter()), BreakwaterError::ProposalPending);
    let (before, paid) = (lamports(&world, &old.pubkey()), lamports(&world, &new.pubkey()));
    world.cancel_params(0).unwrap();
    assert!(lamports(&world, &old.pubkey()) > before, "who paid the rent has it back");
    assert_eq!(lamports(&world, &new.pubkey()), paid);
    world.propose_params(0, tighter()).unwrap();
    assert_eq!(world.proposal(0).unwrap().proposer, new.pubkey());
    world.apply_params(0).unwrap();
    assert_eq!(params(&world), tighter());
}
