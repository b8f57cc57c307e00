//! Which quote mints an exchange accepts: Token-2022 mints without extensions that could tax or take the vault.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::token_2022::spl_token_2022::extension::{ExtensionType, StateWithExtensions};
use anchor_spl::token_2022::spl_token_2022::state::{Account, AccountState, Mint};
use anchor_spl::token_2022::ID as TOKEN_2022;
use breakwater::BreakwaterError;
use breakwater_sdk::instruction::{self as build, Tokens};
use breakwater_sdk::{address, view};
use breakwater_sim::stage::{Sent, Stage};
use breakwater_tests::assert_refused;
use breakwater_tests::world::{World, USD};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Bytes of a base account plus the account type: where the extensions of a mint begin.
const EXTENSIONS_AT: usize = 166;

/// Writes a Token-2022 mint of 6 decimals that carries the extensions, each with zeroed contents.
fn make_mint(world: &mut World, extensions: &[ExtensionType]) -> Pubkey {
    let mut data = vec![0; Mint::LEN];
    Mint::pack(Mint { decimals: 6, is_initialized: true, ..Mint::default() }, &mut data).unwrap();
    if !extensions.is_empty() {
        data.resize(EXTENSIONS_AT, 0);
        data[EXTENSIONS_AT - 1] = 1; // a mint
    }
    for extension in extensions {
        let alone = match extension {
            ExtensionType::TokenMetadata => EXTENSIONS_AT + 4 + 80, // variable: keys, empty strings, no entries
            sized => ExtensionType::try_calculate_account_len::<Mint>(&[*sized]).unwrap(),
        };
        let length = alone - EXTENSIONS_AT - 4;
        data.extend_from_slice(&(*extension as u16).to_le_bytes());
        data.extend_from_slice(&u16::try_from(length).unwrap().to_le_bytes());
        // Zeros, but for a default state that is one: frozen.
        let contents = if *extension == ExtensionType::DefaultAccountState { 2 } else { 0 };
        data.resize(data.len() + length, contents);
    }
    let mint = Pubkey::new_unique();
    world.stage.bank.set_account(&mint, TOKEN_2022, data);
    mint
}

fn initialize(world: &mut World, id: u16, mint: Pubkey) -> Sent {
    let (payer, authority) = (world.stage.bank.payer().pubkey(), world.stage.authority.pubkey());
    let instruction = build::initialize_exchange(payer, authority, mint, TOKEN_2022, Stage::exchange_args(id));
    world.send_as_authority(&[instruction])
}

#[test]
fn initialize_exchange_refuses_every_mint_extension_that_could_tax_or_take_the_vault() {
    let mut world = World::new();
    for extension in [
        ExtensionType::TransferFeeConfig,
        ExtensionType::TransferHook,
        ExtensionType::PermanentDelegate,
        ExtensionType::DefaultAccountState,
        ExtensionType::NonTransferable,
        ExtensionType::Pausable,
        ExtensionType::MintCloseAuthority,
        ExtensionType::ConfidentialTransferMint,
        ExtensionType::ConfidentialTransferFeeConfig,
        ExtensionType::ConfidentialMintBurn,
        ExtensionType::ScaledUiAmount,
    ] {
        let mint = make_mint(&mut world, &[extension]);
        assert_refused(initialize(&mut world, 1, mint), BreakwaterError::MintHasUnsafeExtension);
        let mint = make_mint(&mut world, &[ExtensionType::MetadataPointer, extension]);
        assert_refused(initialize(&mut world, 1, mint), BreakwaterError::MintHasUnsafeExtension);
    }
}

/// An interface that is older than Token-2022 does not know what an extension does: the mint is refused by the rule, not by a decoding
/// error.
#[test]
fn initialize_exchange_refuses_a_mint_extension_that_it_does_not_know_by_name() {
    let mut world = World::new();
    for number in [28_u16, 60_000] {
        let mint = make_mint(&mut world, &[ExtensionType::MetadataPointer]);
        let mut data = world.stage.bank.data(&mint).unwrap();
        data.extend_from_slice(&number.to_le_bytes());
        data.extend_from_slice(&8_u16.to_le_bytes());
        data.extend_from_slice(&[0; 8]);
        world.stage.bank.set_account(&mint, TOKEN_2022, data);
        assert_refused(initialize(&mut world, 1, mint), BreakwaterError::MintHasUnsafeExtension);
    }
}

#[test]
fn initialize_exchange_accepts_mints_with_harmless_extensions() {
    let mut world = World::new();
    let harmless = [
        vec![],
        vec![ExtensionType::MetadataPointer],
        vec![ExtensionType::MetadataPointer, ExtensionType::TokenMetadata],
        vec![ExtensionType::GroupPointer, ExtensionType::GroupMemberPointer],
        vec![ExtensionType::InterestBearingConfig],
    ];
    for (id, extensions) in (1..).zip(harmless) {
        let mint = make_mint(&mut world, &extensions);
        initialize(&mut world, id, mint).unwrap();
        let vault = world.stage.bank.account(&address::vault(&exchange_of(&world, id))).unwrap();
        assert_eq!(vault.owner, TOKEN_2022);
        let account = StateWithExtensions::<Account>::unpack(&vault.data).unwrap().base;
        assert_eq!((account.mint, account.owner), (mint, exchange_of(&world, id)));
        assert!(account.delegate.is_none() && account.close_authority.is_none());
    }
}

#[test]
fn a_token_2022_exchange_takes_deposits_and_pays_withdrawals() {
    let mut world = World::new();
    let mint = make_mint(&mut world, &[ExtensionType::MetadataPointer]);
    initialize(&mut world, 1, mint).unwrap();
    let (exchange, owner, wallet) = (exchange_of(&world, 1), Keypair::new(), Pubkey::new_unique());
    let state = AccountState::Initialized;
    let funded = Account { mint, owner: owner.pubkey(), amount: 100 * USD, state, ..Account::default() };
    let mut data = vec![0; Account::LEN];
    Account::pack(funded, &mut data).unwrap();
    world.stage.bank.set_account(&wallet, TOKEN_2022, data);

    let account = address::margin_account(&exchange, &owner.pubkey(), 0);
    let tokens = Tokens { quote_mint: mint, token_account: wallet, token_program: TOKEN_2022 };
    let payer = world.stage.bank.payer().pubkey();
    let deposit = build::deposit(exchange, owner.pubkey(), account, tokens, 70 * USD);
    world.send(&[build::open_account(exchange, payer, owner.pubkey(), 0), deposit], &[&owner]).unwrap();
    assert_eq!(balances(&world, &[wallet, address::vault(&exchange)]), [30 * USD, 70 * USD]);

    let withdraw = build::withdraw(exchange, owner.pubkey(), account, tokens, 50 * USD, &[]);
    world.send(&[withdraw], &[&owner]).unwrap();
    assert_eq!(balances(&world, &[wallet, address::vault(&exchange)]), [80 * USD, 20 * USD]);
    let booked = view::exchange(&world.stage.bank.data(&exchange).unwrap()).unwrap().booked_atoms;
    assert_eq!((booked, world.stage.account(&account).state.capital_atoms), (20 * USD, 20 * USD));
}

/// A token account with one extension of one byte that is switched on.
fn make_wallet(world: &mut World, mint: Pubkey, owner: Pubkey, extension: ExtensionType) -> Pubkey {
    let wallet = Pubkey::new_unique();
    let state = AccountState::Initialized;
    let mut data = vec![0; Account::LEN];
    Account::pack(Account { mint, owner, amount: 100 * USD, state, ..Account::default() }, &mut data).unwrap();
    data.push(2); // a token account
    data.extend_from_slice(&(extension as u16).to_le_bytes());
    data.extend_from_slice(&1_u16.to_le_bytes());
    data.push(1);
    world.stage.bank.set_account(&wallet, TOKEN_2022, data);
    wallet
}

#[test]
fn a_guarded_token_account_pays_nothing_and_one_that_demands_memos_receives_nothing() {
    let mut world = World::new();
    let mint = make_mint(&mut world, &[ExtensionType::MetadataPointer]);
    initialize(&mut world, 1, mint).unwrap();
    let (exchange, owner) = (exchange_of(&world, 1), Keypair::new());
    let account = address::margin_account(&exchange, &owner.pubkey(), 0);
    let payer = world.stage.bank.payer().pubkey();
    world.send(&[build::open_account(exchange, payer, owner.pubkey(), 0)], &[&owner]).unwrap();
    let guarded = make_wallet(&mut world, mint, owner.pubkey(), ExtensionType::CpiGuard);
    let with_memo = make_wallet(&mut world, mint, owner.pubkey(), ExtensionType::MemoTransfer);
    let side = |token_account| Tokens { quote_mint: mint, token_account, token_program: TOKEN_2022 };
    let deposit = |from| build::deposit(exchange, owner.pubkey(), account, side(from), 10 * USD);
    let withdraw = |to| build::withdraw(exchange, owner.pubkey(), account, side(to), USD, &[]);
    assert_refused(world.send(&[deposit(guarded)], &[&owner]), BreakwaterError::TokenAccountGuarded);
    world.send(&[deposit(with_memo)], &[&owner]).unwrap();
    assert_refused(world.send(&[withdraw(with_memo)], &[&owner]), BreakwaterError::MemoDemanded);
    world.send(&[withdraw(guarded)], &[&owner]).unwrap();
}

fn balances(world: &World, keys: &[Pubkey]) -> Vec<u64> {
    let amount = |key| {
        let data = world.stage.bank.data(key).unwrap();
        StateWithExtensions::<Account>::unpack(&data).unwrap().base.amount
    };
    keys.iter().map(amount).collect()
}

fn exchange_of(world: &World, id: u16) -> Pubkey {
    address::exchange(&world.stage.authority.pubkey(), id)
}
