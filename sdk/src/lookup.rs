//! Address lookup tables: a transaction of 1232 bytes holds about 30 keys, an account may have legs in 16 markets.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use solana_address_lookup_table_interface::instruction as table;
use std::collections::BTreeSet;

/// Keys that a transaction carries without a table; beyond it, use one.
pub const MAX_KEYS_WITHOUT_TABLE: usize = 30;
/// Keys that one extension of a table takes within a transaction's size.
pub const KEYS_PER_EXTENSION: usize = 20;

/// The keys of a transaction's instructions, each once, with their programs.
pub fn distinct_keys(instructions: &[Instruction]) -> BTreeSet<Pubkey> {
    let programs = instructions.iter().map(|instruction| instruction.program_id);
    let accounts = instructions.iter().flat_map(|instruction| instruction.accounts.iter().map(|meta| meta.pubkey));
    programs.chain(accounts).collect()
}

/// Whether a transaction of these instructions needs a lookup table.
pub fn needs_table(instructions: &[Instruction]) -> bool {
    distinct_keys(instructions).len() > MAX_KEYS_WITHOUT_TABLE
}

/// The keys that may stand in a table: those that neither sign nor are programs.
pub fn table_keys(instructions: &[Instruction]) -> Vec<Pubkey> {
    let programs: BTreeSet<_> = instructions.iter().map(|instruction| instruction.program_id).collect();
    let metas = || instructions.iter().flat_map(|instruction| instruction.accounts.iter());
    let signers: BTreeSet<_> = metas().filter(|meta| meta.is_signer).map(|meta| meta.pubkey).collect();
    distinct_keys(instructions).into_iter().filter(|key| !programs.contains(key) && !signers.contains(key)).collect()
}

/// Instructions that create a table and fill it with `keys`, and the table's address. Each instruction fits a
/// transaction of its own; the table serves from the slot after the last one.
pub fn create_table(authority: Pubkey, payer: Pubkey, recent_slot: u64, keys: &[Pubkey]) -> (Vec<Instruction>, Pubkey) {
    let (create, address) = table::create_lookup_table(authority, payer, recent_slot);
    let extend = keys
        .chunks(KEYS_PER_EXTENSION)
        .map(|part| table::extend_lookup_table(address, authority, Some(payer), part.to_vec()));
    (std::iter::once(create).chain(extend).collect(), address)
}
