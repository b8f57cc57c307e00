//! Sends what is wrong, and looks at every account of the scene afterwards: a refusal changes none, and what goes through is
//! harmless by a rule or by the table.

use crate::attempts::{Attempt, Kind, REMAINING};
use crate::cast::{read, Cast};
use crate::harmless::{Effect, Harmless, HARMLESS};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater_sim::bank::Bank;
use breakwater_sim::stage::Sent;
use breakwater_tests::World;
use solana_account::Account;
use solana_keypair::Keypair;
use std::collections::BTreeMap;

/// Attempts after which every account is read from the bank anew, also those that no transaction named as writable.
const READ_ANEW: usize = 50;

/// What is known about the scene, and what was found out.
pub struct Judge {
    keys: Vec<Pubkey>,
    clean: Vec<Option<Account>>,
    /// Attempts and refusals by kind.
    pub tally: BTreeMap<Kind, (usize, usize)>,
    /// Substitutions that are harmless by the table.
    pub by_table: usize,
    /// Rows of the table that were met.
    pub met: Vec<&'static Harmless>,
    /// Substitutions that are harmless by a rule.
    pub by_rule: usize,
    /// What should have been refused.
    pub findings: Vec<String>,
    tried: usize,
}

impl Judge {
    /// Reads every account that the scene or an instruction names.
    pub fn new(bank: &Bank, cast: &Cast, cases: &[Instruction]) -> Self {
        let named = cases.iter().flat_map(|instruction| &instruction.accounts).map(|meta| meta.pubkey);
        let mut keys: Vec<Pubkey> = cast.members.iter().map(|member| member.key).chain(named).collect();
        keys.sort_unstable();
        keys.dedup();
        let clean = read(bank, &keys);
        let (tally, met, findings) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { keys, clean, tally, met, findings, by_rule: 0, by_table: 0, tried: 0 }
    }

    /// What the right instruction makes of all accounts; the scene is as before afterwards.
    pub fn outcome(&self, world: &mut World, cast: &Cast, name: &str, right: &Instruction) -> Vec<Option<Account>> {
        if let Err(refused) = send(&mut world.stage.bank, cast, right) {
            panic!("{name}: the right instruction is refused: {refused}");
        }
        let outcome = read(&world.stage.bank, &self.keys);
        assert!(outcome != self.clean, "{name} changes nothing");
        check(world);
        self.restore(&mut world.stage.bank, &outcome);
        outcome
    }

    /// Sends an attempt and judges what it does.
    pub fn judge(&mut self, world: &mut World, cast: &Cast, name: &str, attempt: &Attempt, right: &[Option<Account>]) {
        let mut before = self.clean.clone();
        if let Some((key, account)) = &attempt.written {
            world.stage.bank.restore(key, Some(account.clone()));
            if let Ok(place) = self.keys.binary_search(key) {
                before[place] = Some(account.clone());
            }
        }
        let sent = send(&mut world.stage.bank, cast, &attempt.instruction);
        self.tried += 1;
        if self.tried.is_multiple_of(READ_ANEW) {
            world.stage.bank.forget();
        }
        let after = read(&world.stage.bank, &self.keys);
        let (tried, refused) = self.tally.entry(attempt.kind).or_default();
        *tried += 1;
        *refused += usize::from(sent.is_err());
        let what = format!("{name}.{} {:?} {}", attempt.account, attempt.kind, attempt.with);
        match sent {
            Err(_) => assert!(after == before, "{what}: a refused instruction changed an account"),
            Ok(_) => self.accept(world, name, attempt, &what, (&after, right)),
        }
        if let Some((key, _)) = &attempt.written {
            let place = self.keys.binary_search(key).ok();
            world.stage.bank.restore(key, place.and_then(|place| self.clean[place].clone()));
        }
        self.restore(&mut world.stage.bank, &after);
    }

    /// What goes through has the outcome of the right instruction, or is one of its own.
    fn accept(
        &mut self,
        world: &World,
        name: &str,
        attempt: &Attempt,
        what: &str,
        (after, right): (&[Option<Account>], &[Option<Account>]),
    ) {
        let different = self.keys.iter().enumerate().find(|(place, key)| match &attempt.written {
            Some((written, account)) if written == *key => {
                !is_as_written(&after[*place], account, &right[*place], &self.clean[*place])
            }
            _ => after[*place] != right[*place],
        });
        let is_same = different.is_none();
        if is_harmless_by_rule(attempt) && is_same {
            self.by_rule += 1;
            return;
        }
        let row = HARMLESS.iter().find(|row| row.covers(name, attempt));
        match row {
            Some(row) if is_same || row.effect == Effect::Own => {
                if !is_same {
                    check(world);
                }
                self.by_table += 1;
                self.met.push(row);
            }
            _ => {
                let effect = different.map_or("the same outcome".to_owned(), |(key, _)| format!("another {key}"));
                self.findings.push(format!("{what}: went through, {effect}"));
            }
        }
    }

    fn restore(&self, bank: &mut Bank, after: &[Option<Account>]) {
        for (key, (after, clean)) in self.keys.iter().zip(after.iter().zip(&self.clean)) {
            if after != clean {
                bank.restore(key, clean.clone());
            }
        }
    }
}

/// Rules for all instructions: an account may be longer than this version knows, accounts that an instruction does not read
/// may follow, and the order of those that it finds by their bytes is free. Each is refused or has the outcome of the right
/// instruction.
fn is_harmless_by_rule(attempt: &Attempt) -> bool {
    let is_remaining = attempt.account == REMAINING;
    match attempt.kind {
        Kind::Longer => true,
        Kind::Surplus | Kind::Crowd | Kind::Shuffled => is_remaining,
        Kind::Swapped => is_remaining && attempt.with == REMAINING,
        _ => false,
    }
}

/// Whether an account that was cut or made longer is as the right instruction leaves it, but for what was cut or added:
/// untouched where that touches nothing, else the same bytes and zeros after them.
fn is_as_written(after: &Option<Account>, written: &Account, right: &Option<Account>, clean: &Option<Account>) -> bool {
    if right == clean {
        return after.as_ref() == Some(written);
    }
    let (Some(after), Some(right)) = (after, right) else { return after == right };
    let Some(tail) = after.data.strip_prefix(&right.data[..]) else { return false };
    (after.owner, after.lamports) == (right.owner, right.lamports) && tail.iter().all(|byte| *byte == 0)
}

/// Checks every identity, unless there is a market now that the world does not know.
fn check(world: &World) {
    if usize::from(world.stage.exchange_account().market_count) == world.stage.markets.len() {
        world.check();
    }
}

fn send(bank: &mut Bank, cast: &Cast, instruction: &Instruction) -> Sent {
    let signing = instruction.accounts.iter().filter(|meta| meta.is_signer);
    let keys: Vec<&Keypair> = signing.map(|meta| &cast.keys[&meta.pubkey]).collect();
    bank.send(std::slice::from_ref(instruction), &keys)
}
