//! A margin account: owner, delegate and venue approvals, around the money state of `breakwater_risk`.

use crate::constants::{APPROVAL_WINDOW_SECONDS, MAX_APPROVALS};
use crate::errors::BreakwaterError;
use anchor_lang::prelude::*;
use breakwater_risk::AccountState;

/// A cross-margin account with up to 16 legs.
#[account(zero_copy)]
#[derive(Debug)]
pub struct MarginAccount {
    /// Exchange it belongs to.
    pub exchange: Pubkey,
    /// Owner: withdraws, approves, delegates.
    pub owner: Pubkey,
    /// May take slices and convert profit for the owner; default = nobody.
    pub delegate: Pubkey,
    /// Venues that may settle trades of this account.
    pub approvals: [VenueApproval; MAX_APPROVALS],
    /// Number of events emitted for this account.
    pub sequence: u64,
    /// Most notional that the delegate may leave the account with after adding risk, atoms; 0 = it only reduces.
    pub delegate_notional_max_atoms: u64,
    /// Sub-account number of the owner.
    pub sub_id: u16,
    /// Bump of this account.
    pub bump: u8,
    /// Version of the layout.
    pub version: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Capital, legs, liquidation.
    pub state: AccountState,
    /// What the next layout adds: only in the build that tests the way there (tests/next).
    #[cfg(feature = "next-layout")]
    pub next: [u64; 4],
}

/// DESIGN section 3: at most 3 KB.
const _: () = assert!(MarginAccount::SPACE <= 3_072);

/// What an account lets a venue do per window. A zero limit allows nothing.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct VenueApproval {
    /// The venue's account; default = unused place.
    pub venue: Pubkey,
    /// Most notional per window, atoms.
    pub max_notional_atoms: u64,
    /// Most cost (off-mark loss + fees) per window, atoms.
    pub max_cost_atoms: u64,
    /// Unix time from which the approval is void.
    pub expires_at: i64,
    /// Window (unix seconds / 86 400) of the two figures below.
    pub window: i64,
    /// Notional used in this window, atoms.
    pub used_notional_atoms: u64,
    /// Cost used in this window, atoms.
    pub used_cost_atoms: u64,
}

impl MarginAccount {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + std::mem::size_of::<Self>();
    /// Newest version of the layout.
    pub const VERSION: u8 = if cfg!(feature = "next-layout") { 2 } else { 1 };

    /// Whether `signer` may act for the owner.
    pub fn is_operated_by(&self, signer: &Pubkey) -> bool {
        *signer == self.owner || (self.delegate != Pubkey::default() && *signer == self.delegate)
    }

    /// Most notional that `signer`, who may act for the owner, may leave the account with after adding risk (spec A-3). Unit: atoms;
    /// no limit for the owner.
    pub fn notional_max_of(&self, signer: &Pubkey) -> u64 {
        if *signer == self.owner {
            u64::MAX
        } else {
            self.delegate_notional_max_atoms
        }
    }

    /// Number of the next event of this account.
    pub fn next_sequence(&mut self) -> u64 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    /// Place of a venue's approval.
    pub fn find_approval(&mut self, venue: &Pubkey) -> Option<&mut VenueApproval> {
        self.approvals.iter_mut().find(|approval| approval.venue == *venue)
    }

    /// Counts a fill toward a venue's approval (spec V-2).
    /// Errors: `VenueNotApproved`, `VenueApprovalExpired`, `VenueLimit`.
    pub fn use_approval(&mut self, venue: &Pubkey, notional: u64, cost: u64, unix_timestamp: i64) -> Result<()> {
        let approval = self.find_approval(venue).ok_or(BreakwaterError::VenueNotApproved)?;
        approval.use_up(notional, cost, unix_timestamp)
    }
}

impl VenueApproval {
    fn use_up(&mut self, notional: u64, cost: u64, unix_timestamp: i64) -> Result<()> {
        require_gt!(self.expires_at, unix_timestamp, BreakwaterError::VenueApprovalExpired);
        let window = unix_timestamp.div_euclid(APPROVAL_WINDOW_SECONDS);
        if self.window != window {
            self.window = window;
            self.used_notional_atoms = 0;
            self.used_cost_atoms = 0;
        }
        self.used_notional_atoms = self.used_notional_atoms.saturating_add(notional);
        self.used_cost_atoms = self.used_cost_atoms.saturating_add(cost);
        require_gte!(self.max_notional_atoms, self.used_notional_atoms, BreakwaterError::VenueLimit);
        require_gte!(self.max_cost_atoms, self.used_cost_atoms, BreakwaterError::VenueLimit);
        Ok(())
    }
}
