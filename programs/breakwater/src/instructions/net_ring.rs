//! `net_ring`: accounts that wait for each other's cash net their claims and debts around a ring, by anyone (spec S-4).

use crate::errors::{BreakwaterError, OrRefuse};
use crate::events::{EventHeader, RingNetted};
use crate::markets::{load_margin_account, MarketsWrite};
use crate::oracle;
use crate::state::MarginAccount;
use anchor_lang::prelude::*;
use breakwater_risk::settle;

/// Accounts of `net_ring`. Remaining: the other members, then one market per member, all writable: member i has a
/// claim in market i and a debt in the market after it, the last one in the first.
#[derive(Accounts)]
pub struct NetRing<'info> {
    /// First member.
    #[account(mut)]
    pub first: AccountLoader<'info, MarginAccount>,
}

/// Touches the legs, then lowers every claim and every debt of the ring by the least of them. No cash moves.
pub fn handle_net_ring<'info>(ctx: Context<'info, NetRing<'info>>) -> Result<()> {
    let now = oracle::now()?;
    let infos = ctx.remaining_accounts;
    require!(infos.len() >= 3 && infos.len() % 2 == 1, BreakwaterError::RingShape);
    let (members, markets) = infos.split_at(infos.len() / 2);
    let mut first = ctx.accounts.first.load_mut()?;
    let mut others =
        members.iter().map(|info| load_margin_account(info, &first.exchange)).collect::<Result<Vec<_>>>()?;
    let mut markets = MarketsWrite::load(markets, &first.exchange)?;
    let ring = markets.indices();

    let mut states: Vec<_> =
        std::iter::once(&mut first.state).chain(others.iter_mut().map(|member| &mut member.state)).collect();
    let netted_atoms = settle::net_ring(&mut states, &ring, &mut markets, &now).or_refuse()?;
    emit!(RingNetted {
        header: EventHeader::of_account(&mut first, &now),
        first: ctx.accounts.first.key(),
        members: u8::try_from(ring.len()).map_err(|_| BreakwaterError::RingShape)?,
        netted_atoms,
    });
    Ok(())
}
