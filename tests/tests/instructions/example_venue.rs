//! The example venue (`examples/venue`), which knows Breakwater by its interface file only, on the real program.

use crate::support::*;
use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::{AccountInfo, Pubkey};
use anchor_lang::solana_program::entrypoint::ProgramResult;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::{system_program, AccountDeserialize, InstructionData, ToAccountMetas};
use breakwater::{ApproveVenueArgs, BreakwaterError};
use breakwater_example_venue::{self as venue, Quote, VenueError};
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::bank::{with_one_lifetime, Bank};
use breakwater_sim::stage::{Sent, Stage};
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::{assert_refused, assert_refused_with};
use solana_program_test::processor;
use solana_signer::Signer;

/// About $200.
const LOTS: u64 = 100_000;

fn entry(program: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    with_one_lifetime(accounts, |accounts| venue::entry(program, accounts, data))
}

fn signer() -> Pubkey {
    Pubkey::find_program_address(&[venue::SIGNER_SEED], &venue::ID).0
}

/// A SOL market, the venue registered, "maker" and "taker" with $100 000 each, who approved it.
fn stage() -> World {
    let add = |programs: &mut solana_program_test::ProgramTest| {
        programs.add_program("breakwater_example_venue", venue::ID, processor!(entry));
    };
    let bank = Bank::start_with(add).expect("a bank");
    let mut world = World::on(Stage::on(bank).expect("a stage"));
    world.list(&sol_params(), 200 * USD);
    let register = build::register_venue(world.stage.exchange, world.stage.authority.pubkey(), signer());
    world.send_as_authority(&[register]).unwrap();
    for name in ["maker", "taker"] {
        world.trader(name, 100_000 * USD);
        let limits = ApproveVenueArgs { max_notional_atoms: 10_000 * USD, max_cost_atoms: USD, expires_at: i64::MAX };
        let (key, account) = (owner(&world, name), world.who(name).account);
        world.stage.bank.fund(&key, 1_000_000_000);
        let approve = build::approve_venue(key, account, address::venue(&world.stage.exchange, &signer()), limits);
        world.send_as(name, &[approve]).unwrap();
    }
    world
}

fn call(accounts: impl ToAccountMetas, data: impl InstructionData) -> Instruction {
    Instruction { program_id: venue::ID, accounts: accounts.to_account_metas(None), data: data.data() }
}

fn quote_key(world: &World, name: &str, number: u16) -> Pubkey {
    let (account, market) = (world.who(name).account, world.stage.markets[0].key);
    let seeds: [&[u8]; 4] = [venue::QUOTE_SEED, account.as_ref(), market.as_ref(), &number.to_le_bytes()];
    Pubkey::find_program_address(&seeds, &venue::ID).0
}

fn post(world: &World, name: &str, number: u16, is_sell: bool, lots: u64, price: u64) -> Instruction {
    let accounts = venue::accounts::PostQuote {
        maker: owner(world, name),
        maker_account: world.who(name).account,
        market: world.stage.markets[0].key,
        quote: quote_key(world, name, number),
        system_program: system_program::ID,
    };
    call(accounts, venue::instruction::PostQuote { number, is_sell, lots, price })
}

fn take(world: &World, number: u16, lots: u64) -> Instruction {
    let accounts = venue::accounts::Take {
        taker: owner(world, "taker"),
        quote: quote_key(world, "maker", number),
        signer: signer(),
        venue: address::venue(&world.stage.exchange, &signer()),
        market: world.stage.markets[0].key,
        maker_account: world.who("maker").account,
        taker_account: world.who("taker").account,
        breakwater: breakwater::ID,
    };
    call(accounts, venue::instruction::Take { lots })
}

fn withdraw(world: &World, name: &str, number: u16) -> Instruction {
    let accounts =
        venue::accounts::WithdrawQuote { maker: owner(world, name), quote: quote_key(world, "maker", number) };
    call(accounts, venue::instruction::WithdrawQuote {})
}

fn lots_left(world: &World, number: u16) -> Option<u64> {
    let data = world.stage.bank.data(&quote_key(world, "maker", number)).filter(|data| !data.is_empty())?;
    Some(Quote::try_deserialize(&mut data.as_slice()).expect("a quote").lots)
}

#[track_caller]
fn assert_venue(sent: Sent, error: VenueError) {
    assert_refused_with(sent, error.into(), "an error of the venue");
}

#[test]
fn a_quote_is_taken_in_parts_and_each_is_settled_by_breakwater() {
    let mut world = stage();
    let mark = world.mark(0);
    world.send_as("maker", &[post(&world, "maker", 0, true, 3 * LOTS, mark)]).unwrap();
    world.send_as("taker", &[take(&world, 0, LOTS)]).unwrap();
    assert_eq!((world.lots("taker", 0), world.lots("maker", 0)), (100_000, -100_000));
    assert_eq!(lots_left(&world, 0), Some(2 * LOTS));
    world.send_as("taker", &[take(&world, 0, 2 * LOTS)]).unwrap();
    assert_eq!((world.lots("taker", 0), world.lots("maker", 0)), (300_000, -300_000));
    assert_venue(world.send_as("taker", &[take(&world, 0, 1)]), VenueError::NotThatMuch);

    // The other side: the maker buys back.
    world.send_as("maker", &[post(&world, "maker", 1, false, LOTS, mark)]).unwrap();
    world.send_as("taker", &[take(&world, 1, LOTS)]).unwrap();
    assert_eq!((world.lots("taker", 0), world.lots("maker", 0)), (200_000, -200_000));
    world.send_as("maker", &[withdraw(&world, "maker", 0)]).unwrap();
    assert_eq!(lots_left(&world, 0), None);
}

#[test]
fn quotes_are_refused_that_are_empty_or_of_somebody_elses_account() {
    let mut world = stage();
    let mark = world.mark(0);
    for (lots, price) in [(0, mark), (LOTS, 0)] {
        let empty = post(&world, "maker", 0, true, lots, price);
        assert_venue(world.send_as("maker", &[empty]), VenueError::EmptyQuote);
    }
    let foreign = post(&world, "maker", 0, true, LOTS, mark).swapped(owner(&world, "maker"), owner(&world, "taker"));
    assert_venue(world.send_as("taker", &[foreign]), VenueError::NotTheOwner);
    world.send_as("maker", &[post(&world, "maker", 0, true, LOTS, mark)]).unwrap();
    for lots in [0, LOTS + 1] {
        let wrong = take(&world, 0, lots);
        assert_venue(world.send_as("taker", &[wrong]), VenueError::NotThatMuch);
    }
    let foreign = take(&world, 0, LOTS).swapped(owner(&world, "taker"), owner(&world, "maker"));
    assert_venue(world.send_as("maker", &[foreign]), VenueError::NotTheOwner);
    let foreign = withdraw(&world, "taker", 0);
    assert_anchor(world.send_as("taker", &[foreign]), ErrorCode::ConstraintHasOne);
    assert_eq!(lots_left(&world, 0), Some(LOTS));
}

/// What Breakwater refuses undoes the venue's part, too.
#[test]
fn a_fill_that_breakwater_refuses_leaves_the_quote_as_it_was() {
    let mut world = stage();
    let mark = world.mark(0);
    world.send_as("maker", &[post(&world, "maker", 0, true, LOTS, mark / 100 * 110)]).unwrap();
    let far = take(&world, 0, LOTS);
    assert_refused(world.send_as("taker", &[far]), BreakwaterError::FillTooFar);
    assert_eq!(lots_left(&world, 0), Some(LOTS));

    let large = 100 * LOTS; // $20 000, twice what both approved
    world.send_as("maker", &[post(&world, "maker", 1, true, large, mark)]).unwrap();
    let beyond = take(&world, 1, large);
    assert_refused(world.send_as("taker", &[beyond]), BreakwaterError::VenueLimit);

    let (key, account) = (owner(&world, "maker"), world.who("maker").account);
    let revoke = build::revoke_venue(key, account, address::venue(&world.stage.exchange, &signer()));
    world.send_as("maker", &[revoke]).unwrap();
    let unapproved = take(&world, 1, LOTS);
    assert_refused(world.send_as("taker", &[unapproved]), BreakwaterError::VenueNotApproved);
    assert_eq!((world.lots("taker", 0), lots_left(&world, 1)), (0, Some(large)));
}

/// Accounts of the fill are those of the quote: no other market, no other maker.
#[test]
fn a_take_names_the_quotes_own_market_and_maker() {
    let mut world = stage();
    let mark = world.mark(0);
    world.list(&sol_params(), 100 * USD);
    world.send_as("maker", &[post(&world, "maker", 0, true, LOTS, mark)]).unwrap();
    let other = world.stage.markets[1].key;
    let elsewhere = take(&world, 0, LOTS).swapped(world.stage.markets[0].key, other);
    assert_anchor(world.send_as("taker", &[elsewhere]), ErrorCode::ConstraintHasOne);
    world.trader("third", 1_000 * USD);
    let account = world.who("third").account;
    let stolen = take(&world, 0, LOTS).swapped(world.who("maker").account, account);
    assert_anchor(world.send_as("taker", &[stolen]), ErrorCode::ConstraintHasOne);
    // An account with legs elsewhere needs their markets, as remaining accounts.
    world.trade(1, "taker", "third", LOTS).unwrap();
    let bare = take(&world, 0, LOTS);
    assert_refused(world.send_as("taker", std::slice::from_ref(&bare)), BreakwaterError::NoSuchMarket);
    let mut whole = bare;
    whole.accounts.push(AccountMeta::new_readonly(other, false));
    world.send_as("taker", &[whole]).unwrap();
}
