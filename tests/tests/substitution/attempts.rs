//! Everything that is put in the place of an account of a right instruction.

use crate::cast::{read, Cast, Class, Member, Side};
use crate::idl::{Idl, Named};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use breakwater_sim::bank::Bank;
use solana_account::Account;

/// Name of the accounts that the interface does not name.
pub const REMAINING: &str = "remaining";
/// At most so many accounts of one kind are tried in one place.
const MOST_ALIKE: usize = 10;
/// Remaining accounts of a crowd.
const CROWD: usize = 64;
/// Bytes by which an account is made longer.
const LONGER_BYTES: usize = 64;

/// How an instruction is made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The account of another exchange.
    OtherExchange,
    /// The account of another owner, or another key that signs.
    OtherOwner,
    /// Another account of the same type and owner.
    OtherInstance,
    /// An account of another type, or another program.
    OtherType,
    /// The same bytes, owned by another program.
    Forged,
    /// An address at which nothing is.
    Empty,
    /// The account with bytes missing at its end.
    Cut,
    /// The account with zeros appended.
    Longer,
    /// The account of another place of the instruction, which is thereby passed twice.
    Twice,
    /// The accounts of two places exchanged.
    Swapped,
    /// The key does not sign.
    Unsigned,
    /// The account is not writable.
    ReadOnly,
    /// The account is left out.
    Missing,
    /// One account more: a copy, one of another exchange, one of another type.
    Surplus,
    /// The remaining accounts in another order.
    Shuffled,
    /// As many copies of the last account as make 64 remaining ones.
    Crowd,
}

/// A wrong instruction.
pub struct Attempt {
    /// How it is wrong.
    pub kind: Kind,
    /// Which account is.
    pub account: String,
    /// With what, for messages.
    pub with: String,
    /// The instruction.
    pub instruction: Instruction,
    /// An account that is written past the program first.
    pub written: Option<(Pubkey, Account)>,
}

/// What attempts are made from.
pub struct Bench<'a> {
    cast: &'a Cast,
    idl: &'a Idl,
    classes: Vec<Option<Class>>,
}

/// The right instruction, and what stands in it.
struct Right<'a> {
    instruction: &'a Instruction,
    named: &'a Named,
    accounts: Vec<Option<Account>>,
}

impl<'a> Bench<'a> {
    /// For the accounts of a scene.
    pub fn new(cast: &'a Cast, idl: &'a Idl, bank: &Bank) -> Self {
        let keys: Vec<Pubkey> = cast.members.iter().map(|member| member.key).collect();
        let classes: Vec<_> = read(bank, &keys).iter().map(|account| account.as_ref().map(Class::of)).collect();
        for (name, discriminator) in &idl.types {
            for side in [Side::Home, Side::Foreign] {
                let mut members = cast.members.iter().zip(&classes);
                let is_one = |(member, class): (&Member, &Option<Class>)| {
                    member.side == side && class.as_ref().is_some_and(|class| class.is_type(discriminator))
                };
                assert!(members.any(is_one), "the scene has no {name} on the side {side:?}");
            }
        }
        Self { cast, idl, classes }
    }

    /// All attempts on a right instruction.
    pub fn attempts(&self, instruction: &Instruction, bank: &Bank) -> Vec<Attempt> {
        let keys: Vec<Pubkey> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
        let right = Right { instruction, named: self.idl.of(&instruction.data), accounts: read(bank, &keys) };
        let mut attempts = Vec::new();
        for place in 0..keys.len() {
            self.replace(&right, place, &mut attempts);
            self.rewrite(&right, place, &mut attempts);
            self.rearrange(&right, place, &mut attempts);
            self.take_away(&right, place, &mut attempts);
        }
        self.add(&right, &mut attempts);
        self.change_remaining(&right, &mut attempts);
        attempts
    }

    fn attempt(
        &self,
        right: &Right<'_>,
        kind: Kind,
        place: usize,
        with: String,
        mut instruction: Instruction,
    ) -> Attempt {
        for meta in &mut instruction.accounts {
            meta.is_signer &= self.cast.keys.contains_key(&meta.pubkey);
        }
        Attempt { kind, account: right.name(place), with, instruction, written: None }
    }

    fn replaced(&self, right: &Right<'_>, kind: Kind, place: usize, key: Pubkey) -> Attempt {
        let mut instruction = right.instruction.clone();
        instruction.accounts[place].pubkey = key;
        self.attempt(right, kind, place, key.to_string(), instruction)
    }

    /// Another account of the scene, another program, or nothing.
    fn replace(&self, right: &Right<'_>, place: usize, attempts: &mut Vec<Attempt>) {
        let present = &right.instruction.accounts[place].pubkey;
        let class = right.accounts[place].as_ref().map(Class::of);
        let owner = self.cast.member(present).and_then(|member| member.owner);
        let mut counts = [0; 4];
        // Those of the same owner first: only the rest of the checks tells them apart.
        let mut members: Vec<_> = self.cast.members.iter().zip(&self.classes).collect();
        members.sort_by_key(|(member, _)| member.owner != owner);
        let mut seen: Vec<(&Class, Side)> = Vec::new();
        for (member, other) in members.into_iter().filter(|(member, _)| member.key != *present) {
            let Some(other) = other else { continue };
            let kind = if class.as_ref() != Some(other) {
                if seen.contains(&(other, member.side)) {
                    continue;
                }
                seen.push((other, member.side));
                Kind::OtherType
            } else if member.side == Side::Foreign {
                Kind::OtherExchange
            } else if member.owner == owner {
                Kind::OtherInstance
            } else {
                Kind::OtherOwner
            };
            let most = if kind == Kind::OtherType { usize::MAX } else { MOST_ALIKE };
            if counts[kind as usize] < most {
                counts[kind as usize] += 1;
                attempts.push(self.replaced(right, kind, place, member.key));
            }
        }
        for program in self.cast.programs.iter().filter(|program| *program != present) {
            attempts.push(self.replaced(right, Kind::OtherType, place, *program));
        }
        attempts.push(self.replaced(right, Kind::Empty, place, Pubkey::new_unique()));
    }

    /// The same account with other bytes, or the same bytes as another account.
    fn rewrite(&self, right: &Right<'_>, place: usize, attempts: &mut Vec<Attempt>) {
        let key = right.instruction.accounts[place].pubkey;
        let Some(account) = &right.accounts[place] else { return };
        if account.data.is_empty() || account.executable {
            return;
        }
        let mut write = |kind, key, account: Account| {
            let mut attempt = self.replaced(right, kind, place, key);
            attempt.with = format!("{} bytes of {}", account.data.len(), account.owner);
            attempt.written = Some((key, account));
            attempts.push(attempt);
        };
        let forged = Account { owner: breakwater_test_venue::ID, ..account.clone() };
        write(Kind::Forged, Pubkey::new_unique(), forged);
        let length = account.data.len();
        for length in [length - 1, 8, 0, length + LONGER_BYTES] {
            let mut other = account.clone();
            other.data.resize(length, 0);
            write(if length > account.data.len() { Kind::Longer } else { Kind::Cut }, key, other);
        }
    }

    /// The account of another place, in place of this one or in exchange for it.
    fn rearrange(&self, right: &Right<'_>, place: usize, attempts: &mut Vec<Attempt>) {
        let metas = &right.instruction.accounts;
        for other in (0..metas.len()).filter(|other| metas[*other].pubkey != metas[place].pubkey) {
            let mut attempt = self.replaced(right, Kind::Twice, place, metas[other].pubkey);
            attempt.with = right.name(other);
            attempts.push(attempt);
            if other > place {
                let mut instruction = right.instruction.clone();
                instruction.accounts[place].pubkey = metas[other].pubkey;
                instruction.accounts[other].pubkey = metas[place].pubkey;
                attempts.push(self.attempt(right, Kind::Swapped, place, right.name(other), instruction));
            }
        }
    }

    /// The account without its signature or not writable, wherever it stands; or not passed at all.
    fn take_away(&self, right: &Right<'_>, place: usize, attempts: &mut Vec<Attempt>) {
        let meta = &right.instruction.accounts[place];
        let with_all = |change: fn(&mut AccountMeta)| {
            let mut instruction = right.instruction.clone();
            instruction.accounts.iter_mut().filter(|other| other.pubkey == meta.pubkey).for_each(change);
            instruction
        };
        if meta.is_signer {
            let instruction = with_all(|meta| meta.is_signer = false);
            attempts.push(self.attempt(right, Kind::Unsigned, place, String::new(), instruction));
        }
        if meta.is_writable {
            let instruction = with_all(|meta| meta.is_writable = false);
            attempts.push(self.attempt(right, Kind::ReadOnly, place, String::new(), instruction));
        }
        let mut instruction = right.instruction.clone();
        instruction.accounts.remove(place);
        attempts.push(self.attempt(right, Kind::Missing, place, String::new(), instruction));
    }

    /// One account too many, and a crowd.
    fn add(&self, right: &Right<'_>, attempts: &mut Vec<Attempt>) {
        let (instruction, named) = (right.instruction, right.named.accounts.len());
        let last = instruction.accounts.last().expect("an instruction names accounts");
        let as_last = |pubkey| AccountMeta { pubkey, is_signer: false, is_writable: last.is_writable };
        let mut extra: Vec<Pubkey> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
        extra.dedup();
        let mut seen: Vec<(&Class, Side)> = Vec::new();
        for (member, class) in self.cast.members.iter().zip(&self.classes) {
            let Some(class) = class else { continue };
            if !seen.contains(&(class, member.side)) {
                seen.push((class, member.side));
                extra.push(member.key);
            }
        }
        for key in extra {
            let mut more = instruction.clone();
            more.accounts.push(as_last(key));
            attempts.push(self.attempt(right, Kind::Surplus, usize::MAX, key.to_string(), more));
        }
        let mut crowd = instruction.clone();
        let missing = CROWD - (instruction.accounts.len() - named);
        crowd.accounts.extend((0..missing).map(|_| as_last(last.pubkey)));
        attempts.push(self.attempt(right, Kind::Crowd, usize::MAX, last.pubkey.to_string(), crowd));
    }

    /// The remaining accounts in another order, or none of them.
    fn change_remaining(&self, right: &Right<'_>, attempts: &mut Vec<Attempt>) {
        let named = right.named.accounts.len();
        let count = right.instruction.accounts.len() - named;
        if count > 1 {
            for turn in 1..count {
                let mut instruction = right.instruction.clone();
                instruction.accounts[named..].rotate_left(turn);
                attempts.push(self.attempt(
                    right,
                    Kind::Shuffled,
                    usize::MAX,
                    format!("turned by {turn}"),
                    instruction,
                ));
            }
            let mut instruction = right.instruction.clone();
            instruction.accounts[named..].reverse();
            attempts.push(self.attempt(right, Kind::Shuffled, usize::MAX, "reversed".to_owned(), instruction));
            let mut instruction = right.instruction.clone();
            instruction.accounts.truncate(named);
            attempts.push(self.attempt(right, Kind::Missing, usize::MAX, "all of them".to_owned(), instruction));
        }
    }
}

impl Right<'_> {
    /// Name of the account in a place.
    fn name(&self, place: usize) -> String {
        self.named.accounts.get(place).map_or(REMAINING.to_owned(), |slot| slot.name.clone())
    }
}
