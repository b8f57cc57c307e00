//! The layouts of the program's accounts: which type an account is of, and whether it has the newest layout (spec X-5).
//!
//! Fields are only ever added at the end of a type, with a higher version. An account may be longer than its type: a later build
//! extended it. A shorter one is refused until `extend_account` has brought it to the newest layout.

use crate::state::*;
use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use std::mem::offset_of;

/// Bytes of a discriminator.
const HEAD: usize = 8;

/// An account type of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Its discriminator.
    discriminator: u64,
    /// Bytes of an account of the newest layout, with its discriminator.
    pub space: usize,
    /// Newest version.
    pub version: u8,
    /// Where the version stands, from the start of the data.
    pub version_offset: usize,
}

/// Discriminator of a type, as a number.
const fn number_of(discriminator: &[u8]) -> u64 {
    let [a, b, c, d, e, f, g, h] = discriminator else { panic!("a discriminator has 8 bytes") };
    u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h])
}

macro_rules! layouts {
    ($($name:ident at $offset:expr),* $(,)?) => {
        /// Every account type, the most frequent first.
        pub const LAYOUTS: [Layout; [$(stringify!($name)),*].len()] = [$(Layout {
            discriminator: number_of($name::DISCRIMINATOR),
            space: $name::SPACE,
            version: $name::VERSION,
            version_offset: $offset,
        }),*];
    };
}

layouts! {
    MarginAccount at HEAD + offset_of!(MarginAccount, version),
    Market at HEAD + offset_of!(Market, version),
    Exchange at HEAD + offset_of!(Exchange, version),
    InsuranceFund at HEAD + offset_of!(InsuranceFund, version),
    Backstop at HEAD + offset_of!(Backstop, version),
    Stake at HEAD + offset_of!(Stake, version),
    MacroIndex at HEAD + offset_of!(MacroIndex, version),
    Venue at Venue::VERSION_OFFSET,
    ParamsProposal at ParamsProposal::VERSION_OFFSET,
}

impl Layout {
    /// The type of an account by its data; `None` for data of no type of the program.
    pub fn of(data: &[u8]) -> Option<&'static Self> {
        let head: [u8; HEAD] = data.get(..HEAD)?.try_into().ok()?;
        LAYOUTS.iter().find(|layout| layout.discriminator == u64::from_le_bytes(head))
    }

    /// Whether an account of this type has the newest layout, or one of a later build.
    pub fn is_newest(&self, data: &[u8]) -> bool {
        data.len() >= self.space && self.version_of(data) >= self.version
    }

    /// Version of an account of this type; 0 where it is cut off before it.
    pub fn version_of(&self, data: &[u8]) -> u8 {
        data.get(self.version_offset).copied().unwrap_or_default()
    }
}
