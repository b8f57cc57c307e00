//! Who takes lots: an account, and the key that signs for it. What the account may take depends on both (spec ).

use anchor_lang::prelude::Pubkey;
use breakwater::MarginAccount;

/// An account that would take lots, with its signer.
#[derive(Clone, Copy, Debug)]
pub struct Taker<'a> {
    /// The account.
    pub account: &'a MarginAccount,
    /// Its owner, or its delegate.
    pub signer: Pubkey,
}

impl<'a> Taker<'a> {
    /// An account for which a key signs.
    pub fn signed_by(account: &'a MarginAccount, signer: &Pubkey) -> Self {
        Self { account, signer: *signer }
    }

    /// Whether the program lets it take lots of an account: the owners differ, and its signer does not act for that account, too.
    pub fn may_take_from(&self, account: &MarginAccount) -> bool {
        self.account.owner != account.owner && !account.is_operated_by(&self.signer)
    }

    /// Most notional that it may be left with after adding risk, atoms.
    pub(crate) fn notional_max_atoms(&self) -> u64 {
        self.account.notional_max_of(&self.signer)
    }
}

/// Signed by its owner.
impl<'a> From<&'a MarginAccount> for Taker<'a> {
    fn from(account: &'a MarginAccount) -> Self {
        Self { account, signer: account.owner }
    }
}
