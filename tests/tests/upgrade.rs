//! The way to a build that adds a field: accounts written by the present program, the program replaced at its address by the next
//! one, and back. `tests/next` is that build: this source with a field more in margin accounts and markets. Always native: the bank
//! runs one or the other by a switch.

use anchor_lang::prelude::{AccountInfo, Pubkey};
use anchor_lang::solana_program::entrypoint::ProgramResult;
use breakwater::BreakwaterError;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::bank::{add_venue, with_one_lifetime, Bank};
use breakwater_sim::stage::{Sent, Stage};
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::{assert_refused, Pool};
use solana_keypair::Keypair;
use solana_program_test::processor;
use solana_signer::Signer;
use std::sync::atomic::{AtomicBool, Ordering};

/// Which build runs at the program's address. One test owns the switch.
static IS_UPGRADED: AtomicBool = AtomicBool::new(false);
/// Bytes that the next build adds.
const ADDED: usize = std::mem::size_of::<[u64; 4]>();
/// A position of about $10 000.
const LOTS: u64 = 5_000_000;

fn entry(program_id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    with_one_lifetime(accounts, |accounts| match IS_UPGRADED.load(Ordering::SeqCst) {
        false => breakwater::entry(program_id, accounts, data),
        true => breakwater_next::entry(program_id, accounts, data),
    })
}

/// Replaces the program at its address.
fn run_next(is_next: bool) {
    IS_UPGRADED.store(is_next, Ordering::SeqCst);
}

/// An exchange of the present build in which everything is in use: positions, a backstop with a position, stakes, a macro index.
fn lived_in() -> World {
    let bank = Bank::start_bare(|programs| {
        programs.prefer_bpf(false);
        programs.add_program("breakwater", breakwater::ID, processor!(entry));
        add_venue(programs);
    });
    let mut world = World::on(Stage::on(bank.expect("a bank")).expect("a stage"));
    world.list(&sol_params(), 200 * USD);
    let mut world = world.with_backstop(200_000, 100_000 * USD).with_macro_index(1);
    for name in ["alice", "bob", "weak"] {
        world.trader(name, 100_000 * USD);
    }
    world.open_stake("alice", Pool::Insurance).unwrap();
    world.stake("alice", Pool::Insurance, 1_000 * USD).unwrap();
    world.trade(0, "alice", "bob", LOTS).unwrap();
    world.trade(0, "weak", "bob", LOTS).unwrap();
    world.leave_capital("weak", 150 * USD, "bob");
    world.absorb("weak", 0).unwrap();
    world.publish(0, 201 * USD);
    world
}

fn extend(world: &mut World, payer: &Keypair, account: Pubkey) -> Sent {
    world.send(&[build::extend_account(payer.pubkey(), account)], &[payer])
}

/// Margin accounts and market of the world: what the next build's layouts are longer for.
fn outdated(world: &World) -> Vec<Pubkey> {
    let mut keys: Vec<_> = world.names().iter().map(|name| world.who(name).account).collect();
    keys.extend([address::backstop_account(&world.stage.exchange), world.stage.markets[0].key]);
    keys
}

/// What everybody would try first after the upgrade.
fn daily_business(world: &mut World) -> Vec<(&'static str, Sent)> {
    let price = world.price(0);
    world.pass(5);
    vec![
        ("deposit", world.deposit("alice", USD)),
        ("withdraw", world.withdraw("alice", USD)),
        ("settle", world.settle("alice")),
        ("trade", world.trade(0, "bob", "alice", LOTS / 2)),
        ("refresh", world.quote(0, price, 300)),
        ("flag", world.flag("alice", 0)),
        ("absorb", world.absorb("alice", 0)),
        ("deleverage", world.deleverage("alice", 0)),
        ("resolve", world.resolve("alice", 0)),
        ("sweep", world.sweep(0)),
        ("touch", world.touch("alice", 0)),
        ("close", world.close("weak")),
    ]
}

#[test]
fn accounts_survive_an_upgrade_that_adds_a_field_and_the_way_back() {
    let mut world = lived_in();
    let anybody = Keypair::new();
    world.stage.bank.fund(&anybody.pubkey(), 1_000_000_000);
    let keys = outdated(&world);
    let before: Vec<_> = keys.iter().map(|key| world.stage.bank.account(key).unwrap()).collect();
    let figures = (world.account("alice").state, world.market(0).state, world.stage.exchange_account().booked_atoms);

    run_next(true);
    // An account of the earlier layout is refused by the rule, and by nothing else.
    for (what, sent) in daily_business(&mut world) {
        let found = sent.err().and_then(|refused| code_of(&refused));
        assert_eq!(found, Some(code(BreakwaterError::AccountOutdated)), "{what}");
    }
    // Anybody extends them: the rent of the added bytes, zeroes, the version, and nothing else.
    for (key, old) in keys.iter().zip(&before) {
        let paid = world.stage.bank.account(&anybody.pubkey()).unwrap().lamports;
        extend(&mut world, &anybody, *key).unwrap();
        let new = world.stage.bank.account(key).unwrap();
        let layout = breakwater_next::Layout::of(&new.data).unwrap();
        assert_eq!((new.data.len(), layout.version_of(&new.data)), (old.data.len() + ADDED, 2));
        let mut expected = old.data.clone();
        expected.resize(new.data.len(), 0);
        expected[layout.version_offset] = 2;
        assert_eq!(new.data, expected);
        let charged = paid - world.stage.bank.account(&anybody.pubkey()).unwrap().lamports;
        assert_eq!(new.lamports, old.lamports + charged);
        assert!(new.lamports >= (128 + new.data.len() as u64) * 6_960, "exempt from rent");
        assert_refused(extend(&mut world, &anybody, *key), BreakwaterError::NothingToDo);
    }
    // What the next build did not change has the newest layout already.
    let exchange = world.stage.exchange;
    for key in [exchange, address::insurance(&exchange), address::backstop(&exchange), address::macro_index(&exchange)]
    {
        assert_refused(extend(&mut world, &anybody, key), BreakwaterError::NothingToDo);
    }
    let after = (world.account("alice").state, world.market(0).state, world.stage.exchange_account().booked_atoms);
    assert_eq!(after, figures, "every figure is as it was");

    // The next build trades, unwinds and pays with them.
    world.publish(0, 201 * USD);
    world.trade(0, "bob", "alice", LOTS / 2).unwrap();
    world.trader("carol", 10_000 * USD);
    assert_eq!(world.stage.bank.data(&world.who("carol").account).unwrap().len(), before[0].data.len() + ADDED);
    world.calm(2_000);
    world.withdraw("alice", 1_000 * USD).unwrap();

    // And so does the present one after a rollback: it reads accounts that are longer than it knows.
    run_next(false);
    world.publish(0, 201 * USD);
    assert_refused(extend(&mut world, &anybody, keys[0]), BreakwaterError::NothingToDo);
    world.unwind("carol", 0, u64::MAX).unwrap();
    world.trade(0, "bob", "alice", LOTS / 2).unwrap();
    world.trade(0, "bob", "carol", LOTS).unwrap();
    assert_eq!(world.market(0).state.long.open_lots, 0);
    for name in ["alice", "bob", "weak", "carol"] {
        world.settle(name).unwrap();
        for _ in 0..3 {
            world.calm(400);
            let _ = world.convert(name, 0, 0);
        }
        let capital = world.account(name).state.capital_atoms;
        if capital > 0 {
            // The outflow limit may make it wait for some windows of an hour.
            let is_paid = (0..48).any(|_| {
                let sent = world.withdraw(name, capital);
                if sent.is_err() {
                    world.pass(9_000);
                }
                sent.is_ok()
            });
            assert!(is_paid, "{name} cannot withdraw");
        }
        world.close(name).unwrap();
        assert!(world.stage.bank.account(&world.who(name).account).is_none(), "{name}'s rent went back");
    }
}
