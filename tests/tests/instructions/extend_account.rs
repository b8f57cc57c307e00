//! `extend_account`: from an earlier layout to the newest, by anyone (spec X-5). What a build that adds a field makes of it is
//! `tests/upgrade.rs`.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use breakwater::{BreakwaterError, Layout, LAYOUTS};
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::{venue_signer, Sent};
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::{assert_refused, Pool};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// One account of every type of the program.
fn one_of_each(world: &World) -> Vec<Pubkey> {
    let exchange = world.stage.exchange;
    let market = world.stage.markets[0].key;
    vec![
        world.who("alice").account,
        market,
        exchange,
        address::insurance(&exchange),
        address::backstop(&exchange),
        address::stake(&address::insurance(&exchange), &owner(world, "alice")),
        address::macro_index(&exchange),
        address::venue(&exchange, &venue_signer()),
        address::params_proposal(&market),
    ]
}

fn complete() -> World {
    let mut world = pair().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS).with_macro_index(1);
    world.open_stake("alice", Pool::Insurance).unwrap();
    let lower = MarketParams { open_interest_max_lots: sol_params().open_interest_max_lots - 1, ..sol_params() };
    world.propose_params(0, lower).unwrap();
    world
}

fn extend(world: &mut World, payer: &Keypair, account: Pubkey) -> Sent {
    world.send(&[build::extend_account(payer.pubkey(), account)], &[payer])
}

#[test]
fn accounts_are_created_with_the_newest_layout_and_need_no_extension() {
    let mut world = complete();
    let anybody = stranger(&mut world);
    let keys = one_of_each(&world);
    assert_eq!(keys.len(), LAYOUTS.len());
    for (key, layout) in keys.into_iter().zip(LAYOUTS) {
        let data = world.stage.bank.data(&key).unwrap();
        assert_eq!(Layout::of(&data), Some(&layout));
        assert_eq!((data.len(), data[layout.version_offset]), (layout.space, layout.version));
        assert_refused(extend(&mut world, &anybody, key), BreakwaterError::NothingToDo);
    }
}

#[test]
fn an_account_of_every_type_is_extended_by_anyone_who_pays_the_rent() {
    let mut world = complete();
    let anybody = stranger(&mut world);
    for (key, layout) in one_of_each(&world).into_iter().zip(LAYOUTS) {
        let whole = world.stage.bank.account(&key).unwrap();
        // As an earlier build would have left it: shorter, of version 0, with the rent of its length.
        let mut data = whole.data.clone();
        data[layout.version_offset] = 0;
        data.truncate(layout.space - 16);
        world.stage.bank.set_account(&key, breakwater::ID, data.clone());
        let rent = |bytes: usize| (128 + bytes as u64) * 6_960;
        let held = rent(data.len());
        world.stage.bank.set_lamports(&key, held);
        let before = world.stage.bank.account(&anybody.pubkey()).unwrap().lamports;
        let sent = world.stage.bank.send(&[build::extend_account(anybody.pubkey(), key)], &[&anybody]);
        sent.unwrap();
        let new = world.stage.bank.account(&key).unwrap();
        let mut expected = data;
        expected.resize(layout.space, 0);
        expected[layout.version_offset] = layout.version;
        assert_eq!((new.data, new.lamports, new.owner), (expected, rent(layout.space), breakwater::ID));
        let after = world.stage.bank.account(&anybody.pubkey()).unwrap().lamports;
        assert_eq!(before - after, rent(layout.space) - held);
        world.stage.bank.set_account(&key, breakwater::ID, whole.data);
    }
    world.check();
}

#[test]
fn an_account_whose_bytes_suffice_only_gets_the_version() {
    let mut world = complete();
    let anybody = stranger(&mut world);
    let key = world.who("alice").account;
    world.edit_account("alice", |account| account.version = 0);
    let before = world.stage.bank.account(&key).unwrap();
    extend(&mut world, &anybody, key).unwrap();
    let after = world.stage.bank.account(&key).unwrap();
    assert_eq!((after.data.len(), after.lamports), (before.data.len(), before.lamports));
    assert_eq!(world.account("alice").version, breakwater::MarginAccount::VERSION);
}

#[test]
fn extend_account_refuses_what_is_no_account_of_the_program() {
    let mut world = complete();
    let anybody = stranger(&mut world);
    let (garbage, foreign) = (Pubkey::new_unique(), Pubkey::new_unique());
    world.stage.bank.set_account(&garbage, breakwater::ID, vec![7; 64]);
    world.stage.bank.set_account(&foreign, Pubkey::new_unique(), world.stage.bank.data(&world.stage.exchange).unwrap());
    let wallet = world.who("alice").wallet;
    for key in [garbage, foreign, wallet, Pubkey::new_unique(), anybody.pubkey()] {
        assert_refused(extend(&mut world, &anybody, key), BreakwaterError::WrongAccountType);
    }
    let account = world.who("alice").account;
    let right = build::extend_account(anybody.pubkey(), account);
    assert_anchor(world.send(&[right.clone().unsigned(anybody.pubkey())], &[]), ErrorCode::AccountNotSigner);
    assert_anchor(world.send(&[right.readonly(account)], &[&anybody]), ErrorCode::ConstraintMut);
}

#[test]
fn an_earlier_layout_is_refused_by_name_wherever_it_is_passed() {
    let mut world = complete();
    let (market, alice) = (world.stage.markets[0].key, world.who("alice").account);
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    for key in [market, alice] {
        let whole = world.stage.bank.data(&key).unwrap();
        let instructions = [
            world.stage.fill_instruction(0, alice, world.who("bob").account, 1, world.mark(0)),
            build::settle_account(alice, &[market]),
            build::resolve_bankruptcy(world.stage.exchange, alice, &[market]),
            build::touch(market, alice, &[]),
            build::flag(market, alice, &[]),
        ];
        world.stage.bank.set_account(&key, breakwater::ID, whole[..whole.len() - 1].to_vec());
        for instruction in instructions {
            let sent = world.stage.bank.send(&[instruction], &[]);
            assert_refused(sent, BreakwaterError::AccountOutdated);
        }
        world.stage.bank.set_account(&key, breakwater::ID, whole);
    }
    // A fund, an index, a backstop and an exchange likewise.
    let (exchange, who) = (world.stage.exchange, world.who("alice").key.insecure_clone());
    let insurance = address::insurance(&exchange);
    for (key, instruction, signers) in [
        (exchange, build::open_account(exchange, world.stage.bank.payer().pubkey(), who.pubkey(), 7), vec![&who]),
        (insurance, build::sweep_market(exchange, market), vec![]),
        (address::macro_index(&exchange), build::refresh_market(exchange, market, Pubkey::new_unique()), vec![]),
        (address::backstop(&exchange), build::deleverage(exchange, market, alice, &[]), vec![]),
        (address::stake(&insurance, &who.pubkey()), build::close_stake(exchange, who.pubkey(), insurance), vec![&who]),
        (
            address::params_proposal(&market),
            build::apply_params(exchange, market, world.stage.authority.pubkey()),
            vec![],
        ),
    ] {
        let whole = world.stage.bank.data(&key).unwrap();
        world.stage.bank.set_account(&key, breakwater::ID, whole[..whole.len() - 1].to_vec());
        let sent = world.stage.bank.send(&[instruction], &signers);
        assert_refused(sent, BreakwaterError::AccountOutdated);
        world.stage.bank.set_account(&key, breakwater::ID, whole);
    }
    world.check();
}

#[test]
fn longer_accounts_of_a_later_build_serve_like_any_other() {
    let mut world = complete();
    world.trade(0, "alice", "bob", LOTS_10K).unwrap();
    for (key, layout) in one_of_each(&world).into_iter().zip(LAYOUTS) {
        let mut data = world.stage.bank.data(&key).unwrap();
        data.extend_from_slice(&[9; 24]);
        data[layout.version_offset] = layout.version + 1;
        world.stage.bank.set_account(&key, breakwater::ID, data);
    }
    world.publish(0, 200 * USD);
    world.apply_params(0).unwrap();
    world.stake("alice", Pool::Insurance, 10 * USD).unwrap();
    world.sweep(0).unwrap();
    world.settle("alice").unwrap();
    world.publish_macro(&[(0, 100 * USD)]).unwrap();
    world.trade(0, "bob", "alice", LOTS_10K).unwrap();
    let capital = world.account("alice").state.capital_atoms;
    world.withdraw("alice", capital).unwrap();
    world.settle("alice").unwrap();
    let data = world.stage.bank.data(&world.who("alice").account).unwrap();
    assert_eq!(&data[data.len() - 24..], [9; 24], "what a later build keeps there stays");
}
