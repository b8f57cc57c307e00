//! What slices and predictive closes have in common: a keeper takes over lots of an account's leg, in the order enter, fill,
//! check, leave. How many lots, at which price and charge, is their own affair.

use crate::acted::{Acted, LotChange};
use crate::error::{RiskError, RiskResult};
use crate::flow;
use crate::health::{Health, HealthRatio, MarketLookup, Stance};
use crate::ladder;
use crate::ledger;
use crate::leg;
use crate::liquidation::{self, closing_direction};
use crate::netting::{self, FlowCharge};
use crate::refresh::{self, PriceUse};
use crate::state::AccountState;
use crate::units::{notional_ceil, SideName};

/// The account and its keeper, both touched and assessed.
pub(crate) struct Takeover {
    /// Health of the account, in its favour.
    pub health: Health,
    /// Lots of the leg that the keeper can net (U-5).
    pub cover_lots: u64,
    before: HealthRatio,
    position: SideName,
    leg_slot: usize,
    keeper_health: Health,
    keeper_slot: usize,
    keeper_adds_risk: bool,
    keeper_notional_max_atoms: u64,
}

/// What is taken over.
pub(crate) struct Close {
    /// Lots.
    pub lots: u64,
    /// Price of both fills, atoms per lot × 10^6.
    pub price: u64,
    /// What the lots count for in the flow meter.
    pub charge: FlowCharge,
}

/// What was taken over.
pub(crate) struct Closed {
    /// Signed lots closed on the account.
    pub signed_lots: i64,
    /// How the account's leg changed.
    pub change: LotChange,
    /// Notional at the mark, rounded up, atoms.
    pub notional_atoms: u64,
    /// What it counts for in the flow meter, atoms.
    pub flow_atoms: u64,
}

impl Takeover {
    /// Touches and assesses both; `keeper_notional_max_atoms` is what who signs for the keeper may hold after adding risk. Errors: `BackstopAccount`, those of a price that does not serve `purpose`, `NoSuchLeg`,
    /// `SettleFirst` (either account), `NoFreeLeg` (the keeper).
    pub fn enter<L: MarketLookup>(
        acted: &mut Acted<'_, L>,
        account: &mut AccountState,
        keeper: &mut AccountState,
        purpose: PriceUse,
        keeper_notional_max_atoms: u64,
    ) -> RiskResult<Self> {
        if account.is_backstop() {
            return Err(RiskError::BackstopAccount);
        }
        refresh::require_fresh_price(acted.market, &acted.now, purpose)?;
        account.find_leg(acted.market_index).ok_or(RiskError::NoSuchLeg)?;
        let mut health = acted.assess(account, Stance::Favour)?;
        let leg_slot = acted.touch(account, &mut health)?;
        let (before, position) = (health.ratio(), SideName::of(health.leg_in(acted.market_index)?.lots));
        let mut keeper_health = acted.assess(keeper, Stance::Against)?;
        let keeper_slot = acted.touch(keeper, &mut keeper_health)?;
        let cover_lots = netting::cover_lots(keeper.legs.get(keeper_slot).ok_or(RiskError::NoSuchLeg)?, position);
        Ok(Self {
            health,
            cover_lots,
            before,
            position,
            leg_slot,
            keeper_health,
            keeper_slot,
            keeper_adds_risk: false,
            keeper_notional_max_atoms,
        })
    }

    /// Moves the lots, and uses the flow meter. Errors: `NettingLocked` (the keeper), `FlowExhausted`, those of
    /// [`leg::set_lots`].
    pub fn fill<L: MarketLookup>(
        &mut self,
        acted: &mut Acted<'_, L>,
        account: &mut AccountState,
        keeper: &mut AccountState,
        close: &Close,
    ) -> RiskResult<Closed> {
        let taken_lots = self.position.signed(close.lots)?;
        let signed_lots = taken_lots.saturating_neg();
        let change = acted.fill_leg(account, self.leg_slot, signed_lots, close.price)?;
        self.keeper_adds_risk = acted.fill_leg(keeper, self.keeper_slot, taken_lots, close.price)?.increases_risk();
        ledger::check_open_interest(acted.market)?;
        let notional_atoms = notional_ceil(close.lots, acted.market.mark)?;
        let flow_atoms = close.charge.of_ceil(notional_atoms)?;
        flow::record(acted.market, closing_direction(taken_lots), flow_atoms, &acted.now)?;
        let keeper_leg = keeper.legs.get_mut(self.keeper_slot).ok_or(RiskError::NoSuchLeg)?;
        netting::note_taken(keeper_leg, close.charge, &acted.now);
        Ok(Closed { signed_lots, change, notional_atoms, flow_atoms })
    }

    /// Assesses both anew. Errors: `HealthWorsened` (H-7, the account); `InitialMargin` and `DelegateLimit`, a keeper that
    /// added risk.
    pub fn check<L: MarketLookup>(
        &mut self,
        acted: &Acted<'_, L>,
        account: &AccountState,
        keeper: &AccountState,
    ) -> RiskResult<()> {
        self.health.reassess(account, self.leg_slot, acted.market, &acted.now)?;
        self.health.require_not_worse_than(self.before)?;
        self.keeper_health.reassess(keeper, self.keeper_slot, acted.market, &acted.now)?;
        if self.keeper_adds_risk {
            liquidation::require_keeper_margin(&self.keeper_health)?;
            require_within_limit(&self.keeper_health, self.keeper_notional_max_atoms)?;
        }
        Ok(())
    }

    /// Registers both legs in the ladder (U-13) and ends the instruction for them (T-7).
    pub fn leave<L: MarketLookup>(
        self,
        acted: &mut Acted<'_, L>,
        account: &mut AccountState,
        keeper: &mut AccountState,
    ) -> RiskResult<()> {
        ladder::register(account, self.leg_slot, acted.market, &self.health)?;
        ladder::register(keeper, self.keeper_slot, acted.market, &self.keeper_health)?;
        leg::finish(account, self.leg_slot, acted.market)?;
        leg::finish(keeper, self.keeper_slot, acted.market)
    }
}

/// Refuses an account that holds more notional than who signs for it may leave it with after adding risk; `u64::MAX` is the owner's
/// limit. Errors: `DelegateLimit`. Rule A-3.
pub(crate) fn require_within_limit(health: &Health, notional_max_atoms: u64) -> RiskResult<()> {
    if notional_max_atoms != u64::MAX && health.notional() > notional_max_atoms {
        return Err(RiskError::DelegateLimit);
    }
    Ok(())
}
