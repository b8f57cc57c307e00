//! Owns the leaving of those who staked in the backstop and in the insurance fund, the last of all.

use anyhow::Result;
use breakwater_risk::shares::{COOLDOWN_SECONDS, SECOND_CALL_MIN_SECONDS};

use super::{Leaving, Redeemed, PRICE_EVERY_S};
use crate::breakwater_engine::exit::{Exit, Pool};

impl<B: Exit> Leaving<'_, '_, B> {
    /// Both stakers ask for all they have, wait, call, wait again, and take it.
    pub(super) fn leave_pools(&mut self) -> Result<()> {
        let pools = [Pool::Backstop, Pool::Insurance].into_iter();
        let has_staker = |pool: &Pool| *pool == Pool::Insurance || self.books().backstop.is_some();
        let pools: Vec<Pool> = pools.filter(has_staker).collect();
        for pool in &pools {
            match self.backend().request_unstake(*pool)? {
                Ok(worth) => self.pool_mut(*pool).worth_atoms = worth,
                Err(reason) => self.fail(format!("the staker of {pool:?} cannot ask his stake back: {reason:?}")),
            }
        }
        for wait_s in [COOLDOWN_SECONDS, SECOND_CALL_MIN_SECONDS] {
            self.price_after(u64::try_from(wait_s)?)?;
            self.price_after(PRICE_EVERY_S)?;
            for pool in &pools {
                match self.backend().unstake(*pool)? {
                    Ok(step) => self.pool_mut(*pool).paid_atoms = step.paid_atoms(),
                    Err(reason) => self.fail(format!("the staker of {pool:?} cannot leave: {reason:?}")),
                }
            }
        }
        for pool in pools {
            let Redeemed { worth_atoms: worth, paid_atoms: paid } = *self.pool_mut(pool);
            if paid < worth && self.books().market.unfunded_atoms == 0 {
                self.fail(format!("the staker of {pool:?} was paid {paid} atoms of {worth}"));
            }
        }
        self.check_identities();
        Ok(())
    }

    fn pool_mut(&mut self, pool: Pool) -> &mut Redeemed {
        match pool {
            Pool::Backstop => &mut self.rest.backstop,
            Pool::Insurance => &mut self.rest.insurance,
        }
    }
}
