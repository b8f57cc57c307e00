//! The double of the exchange: every account of the program once more, at the address that it would have there, with the same
//! bytes but for the addresses. What tells it from the first is nothing but to which exchange it belongs.
//!
//! Written past the program: the same people have the same positions there, which fail alike.

use crate::cast::{read, Side};
use crate::enlist::CUT_BYTES;
use crate::scene::Scene;
use anchor_lang::prelude::Pubkey;
use breakwater_sdk::{address, view};
use breakwater_sim::stage::venue_signer;
use solana_account::Account;
use solana_signer::Signer;

impl Scene {
    /// Writes and lists it.
    pub fn double(&mut self) {
        let keys: Vec<Pubkey> = self.cast.members.iter().map(|member| member.key).collect();
        let accounts = read(&self.world.stage.bank, &keys);
        let mut pairs = self.of_the_exchange();
        for account in accounts.iter().flatten() {
            pairs.extend(self.of_an_owner(account, &pairs));
        }
        let members: Vec<_> = self.cast.members.iter().copied().zip(accounts).collect();
        for (member, account) in members {
            let Some((_, there)) = pairs.iter().find(|(here, _)| *here == member.key) else { continue };
            let mut account = account.expect("an account of the exchange");
            replace_keys(&mut account.data, &pairs);
            self.world.stage.bank.restore(there, Some(account));
            let owner =
                member.owner.map(|owner| pairs.iter().find(|(here, _)| *here == owner).map_or(owner, |pair| pair.1));
            self.cast.foreign(*there, owner);
        }
        let lacking = self.cast.members.iter().filter(|member| member.side == Side::Foreign).count();
        assert_eq!(lacking, pairs.len(), "every account is doubled");
        self.cast.foreign(self.bare, None);
        self.cast.foreign(address::vault(&self.bare), Some(self.bare));
        self.cast.foreign(address::insurance(&self.bare), None);
    }

    /// Addresses here and there of what there is once for an exchange, a market or a venue.
    fn of_the_exchange(&self) -> Vec<(Pubkey, Pubkey)> {
        let (here, there) = (self.world.stage.exchange, self.other);
        let singles =
            [address::vault, address::insurance, address::backstop, address::backstop_account, address::macro_index];
        let mut pairs = vec![(here, there)];
        pairs.extend(singles.map(|derive| (derive(&here), derive(&there))));
        for market in &self.world.stage.markets {
            let key = address::market(&there, market.index);
            pairs.push((market.key, key));
            let proposals = [market.key, key].map(|market| address::params_proposal(&market));
            if self.cast.member(&proposals[0]).is_some() {
                pairs.push((proposals[0], proposals[1]));
            }
        }
        let venues = [venue_signer(), self.venue.pubkey()];
        pairs.extend(venues.map(|signer| (address::venue(&here, &signer), address::venue(&there, &signer))));
        pairs
    }

    /// Addresses here and there of a margin account or a stake.
    fn of_an_owner(&self, account: &Account, pairs: &[(Pubkey, Pubkey)]) -> Option<(Pubkey, Pubkey)> {
        if account.owner != breakwater::ID {
            return None;
        }
        let (here, there) = (self.world.stage.exchange, self.other);
        // An account of an earlier layout lacks its last bytes.
        let whole = [&account.data[..], &[0; CUT_BYTES]].concat();
        let pair = if let Ok(account) = view::margin_account(&whole) {
            [here, there].map(|at| address::margin_account(&at, &account.owner, account.sub_id))
        } else if let Ok(stake) = view::stake(&whole) {
            let (_, pool) = pairs.iter().find(|(here, _)| *here == stake.pool)?;
            [stake.pool, *pool].map(|pool| address::stake(&pool, &stake.owner))
        } else {
            return None;
        };
        // The backstop's account is derived from the backstop, whose address differs there.
        pairs.iter().all(|(here, _)| *here != pair[0]).then_some((pair[0], pair[1]))
    }
}

/// Puts the second address of a pair wherever the first one stands.
fn replace_keys(data: &mut [u8], pairs: &[(Pubkey, Pubkey)]) {
    for start in 0..data.len().saturating_sub(31) {
        let window = &mut data[start..start + 32];
        if let Some((_, there)) = pairs.iter().find(|(here, _)| here.as_ref() == window) {
            window.copy_from_slice(there.as_ref());
        }
    }
}
