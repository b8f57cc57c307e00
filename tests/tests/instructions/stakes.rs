//! `open_stake`, `close_stake`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::BreakwaterError;
use breakwater_risk::shares::{Holding, UNOWNED_SHARES_MIN};
use breakwater_sdk::{address, instruction as build, view};
use breakwater_tests::world::{World, USD};
use breakwater_tests::{assert_refused, Pool};
use bytemuck::Zeroable;
use solana_signer::Signer;

const POOLS: [Pool; 2] = [Pool::Insurance, Pool::Backstop];

/// Alice and bob, an insurance fund and a backstop without shares.
fn pools() -> World {
    let mut world = pair();
    world.stage.create_backstop(LOSS_LINE_PPM).unwrap();
    world
}

fn open(world: &World, pool: Pubkey) -> Instruction {
    build::open_stake(world.stage.exchange, world.stage.bank.payer().pubkey(), owner(world, "alice"), pool)
}

fn close(world: &World, pool: Pool) -> Instruction {
    build::close_stake(world.stage.exchange, owner(world, "alice"), world.pool(pool))
}

#[test]
fn a_stake_opens_without_shares_and_its_rent_goes_back_to_the_owner() {
    let mut world = pools();
    for pool in POOLS {
        let sequence = world.stage.exchange_account().sequence;
        world.open_stake("alice", pool).unwrap();
        let stake = world.stake_of("alice", pool);
        assert_eq!((stake.pool, stake.owner), (world.pool(pool), owner(&world, "alice")));
        assert_eq!(stake.state, Holding::zeroed());
        let (key, alice) = (address::stake(&stake.pool, &stake.owner), stake.owner);
        let lamports = |world: &World, key| world.stage.bank.account(key).map_or(0, |account| account.lamports);
        let (rent, had) = (lamports(&world, &key), lamports(&world, &alice));
        assert!(rent > 0);
        world.close_stake("alice", pool).unwrap();
        assert_eq!((lamports(&world, &key), lamports(&world, &alice)), (0, had + rent));
        assert_eq!(world.stage.exchange_account().sequence, sequence + 2);
    }
}

#[test]
fn open_stake_refuses_a_second_one_an_absent_signature_and_another_address() {
    let mut world = pools();
    for pool in POOLS {
        world.open_stake("alice", pool).unwrap();
        assert_refused(world.open_stake("alice", pool), BreakwaterError::StakeAlreadyOpen);
        let (bob, key) = (owner(&world, "bob"), world.pool(pool));
        let instruction = build::open_stake(world.stage.exchange, world.stage.bank.payer().pubkey(), bob, key);
        assert_anchor(world.send(&[instruction.clone().unsigned(bob)], &[]), ErrorCode::AccountNotSigner);
        let elsewhere = instruction.swapped(address::stake(&key, &bob), Pubkey::new_unique());
        assert_refused(world.send_as("bob", &[elsewhere]), BreakwaterError::WrongAddress);
    }
}

#[test]
fn open_stake_refuses_what_is_no_pool_and_pools_of_another_exchange() {
    let mut world = pools();
    let other = Other::beside(&mut world).with_pools(&mut world);
    let no_pools = [
        world.stage.markets[0].key,
        world.stage.exchange,
        world.who("bob").account,
        address::backstop_account(&world.stage.exchange),
        address::vault(&world.stage.exchange),
        owner(&world, "bob"),
        Pubkey::new_unique(),
    ];
    for key in no_pools {
        let instruction = open(&world, key);
        assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongPool);
    }
    for key in [other.insurance(), address::backstop(&other.exchange)] {
        let instruction = open(&world, key);
        assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongExchange);
    }
}

#[test]
fn open_stake_refuses_a_backstop_that_does_not_exist_yet() {
    let mut world = pair();
    let instruction = open(&world, world.pool(Pool::Backstop));
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::BackstopNotCreated);
    let instruction = open(&world, anchor_lang::prelude::Pubkey::new_unique());
    assert_refused(world.send_as("alice", &[instruction]), BreakwaterError::WrongPool);
}

#[test]
fn close_stake_refuses_a_stake_with_shares_until_they_are_void() {
    let mut world = pools();
    for pool in POOLS {
        world.open_stake("alice", pool).unwrap();
        world.stake("alice", pool, 100 * USD).unwrap();
        assert_refused(world.close_stake("alice", pool), BreakwaterError::StakeNotEmpty);
        match pool {
            Pool::Insurance => world.lose_insurance(100 * USD, "alice"),
            Pool::Backstop => world.leave_backstop_capital(0, "alice"),
        }
        assert_refused(world.close_stake("alice", pool), BreakwaterError::StakeNotEmpty);
        // Somebody starts the next generation: the shares of this one will never be worth anything.
        world.open_stake("bob", pool).unwrap();
        world.stake("bob", pool, 100 * USD).unwrap();
        world.close_stake("alice", pool).unwrap();
        assert_refused(world.close_stake("bob", pool), BreakwaterError::StakeNotEmpty);
    }
}

#[test]
fn close_stake_refuses_shares_that_were_divided_until_none_is_left() {
    let mut world = pools();
    let shares = 1_000 * USD;
    for pool in POOLS {
        world.open_stake("alice", pool).unwrap();
        world.stake("alice", pool, shares).unwrap();
        let lost = shares - (shares >> 10) + 1;
        match pool {
            Pool::Insurance => world.lose_insurance(lost, "alice"),
            Pool::Backstop => world.leave_backstop_capital(shares - lost, "alice"),
        }
        world.open_stake("bob", pool).unwrap();
        world.stake("bob", pool, 100 * USD).unwrap();
        let ledger = match pool {
            Pool::Insurance => world.fund().state.shares,
            Pool::Backstop => world.backstop().backstop.state.shares,
        };
        assert_eq!(ledger.generation, 1);
        let live = world.stake_of("alice", pool).state.live_shares(&ledger);
        assert_eq!(live, (shares - UNOWNED_SHARES_MIN) >> 10);
        assert_refused(world.close_stake("alice", pool), BreakwaterError::StakeNotEmpty);
        // Fewer than 1 024 are none after a division.
        world.edit_stake("alice", pool, |stake| stake.state.shares = 1_023);
        world.close_stake("alice", pool).unwrap();
    }
}

#[test]
fn close_stake_is_for_its_owner_and_names_its_own_pool() {
    let mut world = pools();
    let other = Other::beside(&mut world).with_pools(&mut world);
    for pool in POOLS {
        world.open_stake("alice", pool).unwrap();
    }
    let (alice, bob) = (owner(&world, "alice"), owner(&world, "bob"));
    for (pool, wrong) in [(Pool::Insurance, Pool::Backstop), (Pool::Backstop, Pool::Insurance)] {
        let right = close(&world, pool);
        let stolen = right.clone().swapped(alice, bob);
        assert_refused(world.send_as("bob", &[stolen]), BreakwaterError::NotOwner);
        assert_anchor(world.send(&[right.clone().unsigned(alice)], &[]), ErrorCode::AccountNotSigner);
        let swapped = right.clone().swapped(world.pool(pool), world.pool(wrong));
        assert_refused(world.send_as("alice", &[swapped]), BreakwaterError::WrongStake);
        // A pool of one exchange is not closed in the name of another.
        let elsewhere = right.swapped(world.stage.exchange, other.exchange);
        assert_refused(world.send_as("alice", &[elsewhere]), BreakwaterError::WrongExchange);
    }
    let key = address::stake(&world.pool(Pool::Insurance), &alice);
    assert!(view::stake(&world.stage.bank.data(&key).unwrap()).is_ok());
}
