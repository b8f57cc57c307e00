//! Every refusal is a sentence about the rule: what a user sees who forgot a step, and that no instruction answers with a code of the
//! framework to accounts that are missing or foreign (spec X-6).

use crate::support::*;
use anchor_lang::prelude::{AccountMeta, Pubkey};
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{BreakwaterError, CreateMarketArgs};
use breakwater_risk::MarketParams;
use breakwater_sdk::address;
use breakwater_sdk::instruction::{self as build, Tokens};
use breakwater_sdk::refusal::Refusal;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::{sol_params, World, USD};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// First and last code of the program's own errors.
const OWN_CODES: std::ops::RangeInclusive<u32> = 6_000..=6_999;
/// Zeros that suffice as arguments of any instruction.
const ARGUMENT_BYTES: usize = 1_024;

fn signers_of<'a>(instruction: &Instruction, keys: &[&'a Keypair]) -> Vec<&'a Keypair> {
    let signs = |key: &Keypair| instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == key.pubkey());
    keys.iter().copied().filter(|key| signs(key)).collect()
}

/// Sends each instruction and asserts the program's own error and, through the SDK, its sentence.
fn assert_each(world: &mut World, cases: Vec<(&str, Instruction, BreakwaterError)>) {
    let keys = [world.who("alice").key.insecure_clone(), world.stage.authority.insecure_clone()];
    for (what, instruction, error) in cases {
        let signers = signers_of(&instruction, &keys.each_ref());
        let refused = world.send(&[instruction], &signers).expect_err(what);
        assert_eq!(code_of(&refused), Some(code(error)), "{what}: {refused}");
        let told = Refusal { error: refused.error.clone(), logs: vec![], programs: vec![breakwater::ID; 3] }.reason();
        assert_eq!((told.sentence, told.name), (error.to_string(), Some(error.name())), "{what}");
    }
}

#[test]
fn what_a_user_sees_who_forgot_a_step() {
    let mut world = pair();
    let (exchange, alice, own) = (world.stage.exchange, owner(&world, "alice"), tokens(&world, "alice"));
    let (authority, account, market) =
        (world.stage.authority.pubkey(), world.who("alice").account, world.stage.markets[0].key);
    let (payer, all) = (world.stage.bank.payer().pubkey(), world.stage.all_markets());
    let (missing, nowhere) = (address::margin_account(&exchange, &alice, 9), Pubkey::new_unique());
    let (bobs, no_tokens) = (tokens(&world, "bob"), Tokens { token_account: alice, ..own });
    let listed = CreateMarketArgs {
        feed_id: [1; 32],
        legacy_price_account: Pubkey::default(),
        lot_exponent: -5,
        seed_atoms: USD,
        params: bytemuck::cast(sol_params()),
    };
    let deposit = |account, tokens, atoms| build::deposit(exchange, alice, account, tokens, atoms);
    use BreakwaterError as E;
    let cases = vec![
        ("deposit into an account that is not open", deposit(missing, own, USD), E::AccountNotOpen),
        ("deposit into what is no margin account", deposit(market, own, USD), E::WrongMarginAccount),
        ("deposit from what is no token account", deposit(account, no_tokens, USD), E::WrongTokenAccount),
        ("deposit somebody else's tokens", deposit(account, bobs, USD), E::NotTokenOwner),
        ("deposit more than there is", deposit(account, own, wallet(&world, "alice") + 1), E::InsufficientTokens),
        ("use an exchange that is not there", build::open_account(nowhere, payer, alice, 3), E::ExchangeNotFound),
        ("use a market that is not there", build::touch(nowhere, account, &[]), E::MarketNotListed),
        ("name an account where a market is expected", build::touch(account, account, &[]), E::WrongMarketAccount),
        ("open an account twice", build::open_account(exchange, payer, alice, 0), E::AccountAlreadyOpen),
        ("stake without a stake", build::stake_insurance(exchange, alice, own, USD, 0, &all), E::StakeNotOpen),
        ("stake in no backstop", build::stake_backstop(exchange, alice, own, USD, 0, &[]), E::BackstopNotCreated),
        (
            "open a stake in no backstop",
            build::open_stake(exchange, payer, alice, address::backstop(&exchange)),
            E::BackstopNotCreated,
        ),
        ("absorb without a backstop", build::absorb(exchange, market, account, &[]), E::BackstopNotCreated),
        ("refresh no macro index", build::refresh_macro(exchange, &[]), E::MacroIndexNotCreated),
        ("apply no proposal", build::apply_params(exchange, market, authority), E::NoProposal),
        ("list with tokens of another", build::create_market(exchange, authority, 1, bobs, listed), E::NotTokenOwner),
        ("withdraw to somebody else", build::withdraw(exchange, alice, account, bobs, USD, &all), E::WrongDestination),
    ];
    assert_each(&mut world, cases);
    let changed = MarketParams { initial_base_ppm: sol_params().initial_base_ppm + 1, ..sol_params() };
    world.propose_params(0, changed).unwrap();
    let again =
        build::propose_params(exchange, authority, market, MarketParams { charge_max_ppm: 20_000, ..sol_params() });
    assert_each(&mut world, vec![("propose twice", again, E::ProposalPending)]);
}

/// Accounts that an instruction of the interface file takes: `of` says which key stands in a place without an address of its own.
fn instruction_of(interface: &serde_json::Value, mut of: impl FnMut(bool) -> Pubkey) -> Instruction {
    let bytes = |value: &serde_json::Value| u8::try_from(value.as_u64().unwrap()).unwrap();
    let mut data: Vec<u8> = interface["discriminator"].as_array().unwrap().iter().map(bytes).collect();
    data.resize(data.len() + ARGUMENT_BYTES, 0);
    let accounts = interface["accounts"].as_array().unwrap().iter().map(|account| {
        let is = |what: &str| account[what].as_bool().unwrap_or_default();
        match account["address"].as_str() {
            Some(address) => AccountMeta::new_readonly(address.parse().unwrap(), false),
            None => AccountMeta { pubkey: of(is("signer")), is_signer: is("signer"), is_writable: is("writable") },
        }
    });
    Instruction { program_id: breakwater::ID, accounts: accounts.collect(), data }
}

/// Instructions that are not told apart by one account that is missing: without any, each answers by a rule.
#[test]
fn no_instruction_answers_missing_or_foreign_accounts_with_a_code_of_the_framework() {
    let mut world = pair();
    let interface: serde_json::Value = serde_json::from_str(include_str!("../../../idl/breakwater.json")).unwrap();
    let instructions = interface["instructions"].as_array().unwrap();
    assert!(instructions.len() > 45);
    let foreign: Vec<_> = (0..9).map(|_| Pubkey::new_unique()).collect();
    for key in &foreign {
        world.stage.bank.set_account(key, breakwater_test_venue::ID, vec![7; 400]);
    }
    let keys: Vec<_> = (0..2).map(|_| stranger(&mut world)).collect();
    for one in instructions {
        for is_foreign in [false, true] {
            let (mut signers, mut others) = (keys.iter(), foreign.iter());
            let instruction = instruction_of(one, |is_signer| match (is_signer, is_foreign) {
                (true, _) => signers.next().unwrap().pubkey(),
                (false, true) => *others.next().unwrap(),
                (false, false) => Pubkey::new_unique(),
            });
            let who = signers_of(&instruction, &keys.iter().collect::<Vec<_>>());
            let refused = world.stage.bank.send(&[instruction], &who).expect_err("nothing is there");
            let found = code_of(&refused);
            assert!(found.is_some_and(|code| OWN_CODES.contains(&code)), "{}: {refused}", one["name"]);
        }
    }
}
