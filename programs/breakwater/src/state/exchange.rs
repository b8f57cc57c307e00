//! The exchange: who governs it, what it accepts, and the total of what it has booked.

use crate::constants::MAX_RECEIVERS;
use crate::errors::BreakwaterError;
use anchor_lang::prelude::*;
use breakwater_risk::outflow::{OutflowLimits, OutflowWindow};

/// An exchange: one quote mint, one vault, up to 65 535 markets. Read-only on the trading path. Its address is derived from its
/// creator and its id (spec X-1).
#[account(zero_copy)]
#[derive(Debug)]
pub struct Exchange {
    /// May list markets, register venues and collect fees. Moves no capital and no insurance.
    pub authority: Pubkey,
    /// Proposed next authority; default = none.
    pub pending_authority: Pubkey,
    /// Mint of the collateral.
    pub quote_mint: Pubkey,
    /// Token account that holds all cash.
    pub vault: Pubkey,
    /// Programs whose `PriceUpdateV2` accounts are accepted; default = unused place.
    pub receivers: [Pubkey; MAX_RECEIVERS],
    /// Proposed receivers; default = none.
    pub pending_receivers: [Pubkey; MAX_RECEIVERS],
    /// Program that owns accepted legacy push accounts; default = none are accepted.
    pub legacy_oracle: Pubkey,
    /// Cash booked: Σ capital + Σ pools + accrued shares + insurance + fees, atoms. ≤ the vault's balance.
    pub booked_atoms: u64,
    /// Swept trading fees, atoms.
    pub fees_atoms: u64,
    /// Limits of net outflow.
    pub outflow_limits: OutflowLimits,
    /// Outflow of the current window.
    pub outflow: OutflowWindow,
    /// Unix time from which the proposed receivers may be applied; 0 = no proposal.
    pub receivers_apply_at: i64,
    /// Number of events emitted for the exchange itself.
    pub sequence: u64,
    /// Number of times that the authority changed hands: a proposal of parameters holds for the term it was made in.
    pub term: u64,
    /// Key that created it, with which its address is derived; never changes.
    pub creator: Pubkey,
    /// Number of markets listed.
    pub market_count: u16,
    /// Its number among the exchanges of its creator.
    pub id: u16,
    /// Bump of this account.
    pub bump: u8,
    /// Bump of the vault.
    pub vault_bump: u8,
    /// Decimals of the quote mint.
    pub quote_decimals: u8,
    /// Markets listed with parameters for the backstop.
    pub backstopped_markets: u8,
    /// Version of the layout.
    pub version: u8,
    /// Zero.
    pub padding: [u8; 7],
}

impl Exchange {
    /// Bytes of the account, with its discriminator.
    pub const SPACE: usize = 8 + std::mem::size_of::<Self>();
    /// Newest version of the layout.
    pub const VERSION: u8 = 1;

    /// Whether a program's `PriceUpdateV2` accounts are accepted.
    pub fn accepts_receiver(&self, program: &Pubkey) -> bool {
        *program != Pubkey::default() && self.receivers.contains(program)
    }

    /// Books cash that leaves the vault. Errors: `Overflow`.
    pub fn book_out(&mut self, atoms: u64) -> Result<()> {
        self.booked_atoms = self.booked_atoms.checked_sub(atoms).ok_or(BreakwaterError::Overflow)?;
        Ok(())
    }

    /// Books cash that enters the vault. Errors: `Overflow`.
    pub fn book_in(&mut self, atoms: u64) -> Result<()> {
        self.booked_atoms = self.booked_atoms.checked_add(atoms).ok_or(BreakwaterError::Overflow)?;
        Ok(())
    }

    /// Number of the next event of the exchange.
    pub fn next_sequence(&mut self) -> u64 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }
}
