//! The backstop of an exchange, and its reading by instructions that only ask what it could take.

use crate::errors::BreakwaterError;
use crate::state::MarginAccount;
use anchor_lang::prelude::*;
use breakwater_risk::backstop::BackstopState;
use std::cell::Ref;

/// Capital of liquidity providers that takes failing legs over. Cash and positions are the margin account that this
/// account owns: nobody can sign for it, so nothing but the instructions of the backstop moves them.
#[account(zero_copy)]
#[derive(Debug)]
pub struct Backstop {
    /// Exchange it serves.
    pub exchange: Pubkey,
    /// Its margin account.
    pub account: Pubkey,
    /// Shares and loss line.
    pub state: BackstopState,
    /// Bump of this account.
    pub bump: u8,
    /// Version of the layout.
    pub version: u8,
    /// Zero.
    pub padding: [u8; 6],
}

impl Backstop {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + std::mem::size_of::<Self>();
    /// Newest version of the layout.
    pub const VERSION: u8 = 1;
}

/// The backstop and its margin account, if the exchange has one. The caller has checked both addresses, which are
/// program-derived: what the program owns there is what it says.
#[allow(clippy::type_complexity)]
pub fn read_backstop<'a>(
    backstop: &'a AccountInfo<'_>,
    account: &'a AccountInfo<'_>,
) -> Result<Option<(Ref<'a, Backstop>, Ref<'a, MarginAccount>)>> {
    if *backstop.owner != crate::ID {
        return Ok(None);
    }
    let read = |info: &'a AccountInfo<'_>| info.try_borrow_data().map_err(|_| BreakwaterError::DuplicateAccount);
    let (backstop, account) = (read(backstop)?, read(account)?);
    let is_newest = backstop.len() >= Backstop::SPACE && account.len() >= MarginAccount::SPACE;
    require!(is_newest, BreakwaterError::AccountOutdated);
    let backstop = Ref::map(backstop, |data| bytemuck::from_bytes::<Backstop>(&data[8..Backstop::SPACE]));
    let account = Ref::map(account, |data| bytemuck::from_bytes::<MarginAccount>(&data[8..MarginAccount::SPACE]));
    Ok(Some((backstop, account)))
}
