//! `approve_venue`, `revoke_venue`: what a venue may settle for an account (spec V-2, V-3).

use crate::errors::BreakwaterError;
use crate::events::{EventHeader, VenueApprovalChanged};
use crate::instructions::OwnerOnly;
use crate::oracle;
use crate::state::{MarginAccount, Venue, VenueApproval};
use anchor_lang::prelude::*;

/// Limits of an approval.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct ApproveVenueArgs {
    /// Most notional per day, atoms. Zero allows nothing.
    pub max_notional_atoms: u64,
    /// Most cost (off-mark loss + fees) per day, atoms. Zero allows only fills without cost.
    pub max_cost_atoms: u64,
    /// Unix time from which the approval is void.
    pub expires_at: i64,
}

/// Accounts of `approve_venue`.
#[derive(Accounts)]
pub struct ApproveVenue<'info> {
    /// Owner.
    pub owner: Signer<'info>,
    /// The owner's account.
    #[account(mut, has_one = owner @ BreakwaterError::NotOwner)]
    pub account: AccountLoader<'info, MarginAccount>,
    /// Venue of the same exchange.
    #[account(constraint = venue.exchange == account.load()?.exchange @ BreakwaterError::WrongExchange)]
    pub venue: Account<'info, Venue>,
}

/// Approves a venue, or replaces its limits. What the present window has used stays used.
pub fn handle_approve_venue(ctx: Context<ApproveVenue>, args: ApproveVenueArgs) -> Result<()> {
    let now = oracle::now()?;
    require_gt!(args.expires_at, now.unix_timestamp, BreakwaterError::ApprovalInPast);
    let venue = ctx.accounts.venue.key();
    let mut account = ctx.accounts.account.load_mut()?;
    let known = account.find_approval(&venue).map(|approval| *approval).unwrap_or_default();
    let place = match account.approvals.iter().position(|approval| approval.venue == venue) {
        Some(place) => place,
        None => account
            .approvals
            .iter()
            .position(|approval| approval.venue == Pubkey::default())
            .ok_or(BreakwaterError::TooManyApprovals)?,
    };
    account.approvals[place] = VenueApproval {
        venue,
        max_notional_atoms: args.max_notional_atoms,
        max_cost_atoms: args.max_cost_atoms,
        expires_at: args.expires_at,
        ..known
    };
    emit_change(&mut account, ctx.accounts.account.key(), venue, &args)
}

/// Takes an approval back, at once.
pub fn handle_revoke_venue(ctx: Context<OwnerOnly>, venue: Pubkey) -> Result<()> {
    require_keys_neq!(venue, Pubkey::default(), BreakwaterError::VenueNotApproved);
    let mut account = ctx.accounts.account.load_mut()?;
    *account.find_approval(&venue).ok_or(BreakwaterError::VenueNotApproved)? = VenueApproval::default();
    let nothing = ApproveVenueArgs { max_notional_atoms: 0, max_cost_atoms: 0, expires_at: 0 };
    emit_change(&mut account, ctx.accounts.account.key(), venue, &nothing)
}

fn emit_change(account: &mut MarginAccount, key: Pubkey, venue: Pubkey, args: &ApproveVenueArgs) -> Result<()> {
    emit!(VenueApprovalChanged {
        header: EventHeader::of_account(account, &oracle::now()?),
        account: key,
        venue,
        max_notional_atoms: args.max_notional_atoms,
        max_cost_atoms: args.max_cost_atoms,
        expires_at: args.expires_at,
    });
    Ok(())
}
