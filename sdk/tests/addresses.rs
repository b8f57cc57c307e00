//! The addresses that the TypeScript client is tested against are those of this SDK.

use anchor_lang::prelude::Pubkey;
use breakwater_sdk::address;
use std::collections::BTreeMap;

#[test]
fn the_golden_addresses_of_the_typescript_client_are_these() {
    let owner = Pubkey::new_from_array([3; 32]);
    let exchange = address::exchange(&owner, 7);
    let derived = BTreeMap::from([
        ("owner", owner),
        ("program", breakwater::ID),
        ("exchange", exchange),
        ("vault", address::vault(&exchange)),
        ("insurance", address::insurance(&exchange)),
        ("backstop", address::backstop(&exchange)),
        ("backstop_account", address::backstop_account(&exchange)),
        ("macro_index", address::macro_index(&exchange)),
        ("stake", address::stake(&address::insurance(&exchange), &owner)),
        ("market", address::market(&exchange, 300)),
        ("params_proposal", address::params_proposal(&address::market(&exchange, 300))),
        ("margin_account", address::margin_account(&exchange, &owner, 2)),
        ("venue", address::venue(&exchange, &owner)),
        ("pyth_feed", address::pyth_feed(1, &[7; 32])),
        ("pyth_receiver", address::PYTH_RECEIVER),
    ]);
    let lines: Vec<_> = derived.iter().map(|(name, key)| format!("  \"{name}\": \"{key}\"")).collect();
    let text = format!("{{\n{}\n}}\n", lines.join(",\n"));
    let committed = include_str!("../../clients/ts/test/addresses.json");
    assert_eq!(committed, text, "clients/ts/test/addresses.json should be:\n{text}");
}
