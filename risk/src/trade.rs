//! A fill between two accounts, submitted by a venue (DESIGN section 4, "Fills"; spec F-1 … F-8).

use crate::acted::{Acted, LotChange};
use crate::breaker;
use crate::charge;
use crate::claims;
use crate::error::{RiskError, RiskResult};
use crate::fixed::{add, mul, mul_div_floor, mul_ppm_ceil, mul_ppm_floor, saturate, sub, PPM};
use crate::funding;
use crate::health::{Health, HealthRatio, MarketLookup, Stance};
use crate::ladder;
use crate::ledger;
use crate::leg;
use crate::liquidation;
use crate::refresh::{self, PriceUse};
use crate::state::{AccountState, MarketState};
use crate::units::{notional_ceil, notional_floor, SideName, MAX_NOTIONAL_ATOMS};

/// A fill as the venue matched it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Lots bought by the buyer from the seller.
    pub lots: u64,
    /// Price, atoms per lot × 10^6.
    pub price: u64,
}

/// What the fill did to one of its two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartyReport {
    /// Lots before and after, and the off-mark result.
    pub change: LotChange,
    /// Fee charged, atoms.
    pub fee_atoms: u64,
    /// Part of it that own claims paid, because there was no cash, atoms.
    pub fee_from_claims_atoms: u64,
    /// Off-mark cost plus fee, atoms: counts toward the venue's limit.
    pub cost_atoms: u64,
}

/// What a fill did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillReport {
    /// Notional at the mark, rounded up, atoms.
    pub notional_atoms: u64,
    /// The buyer.
    pub buyer: PartyReport,
    /// The seller.
    pub seller: PartyReport,
    /// Funding accrued before it, atoms per lot × 10^6; positive when longs pay.
    pub funding: i64,
}

/// Settles a fill: accrues funding by the rate before it, touches both legs, moves the lots at the mark, books the distance of
/// the price, charges fees, then checks both accounts and the market's caps.
///
/// Errors: `ZeroSize`, `PriceOutOfRange`, `FillTooFar`, `PriceStale` and its kin, `ReduceOnly`, `UncoveredLoss` and `BreakerOpen` when
/// somebody adds risk, `InitialMargin`, `HealthWorsened`, `NegativeEquity`, `OpenInterestCap`, `PositionTooSmall`.
pub fn settle_trade<L: MarketLookup>(
    acted: &mut Acted<'_, L>,
    buyer: &mut AccountState,
    seller: &mut AccountState,
    fill: Fill,
) -> RiskResult<FillReport> {
    check_fill(acted.market, fill)?;
    let funding = funding::accrue(acted.market, acted.now.unix_timestamp)?;
    let signed_lots = SideName::Long.signed(fill.lots)?;
    let mut buyer_party = Party::enter(acted, buyer)?;
    let mut seller_party = Party::enter(acted, seller)?;
    let open_before = acted.market.long.open_lots;

    let buyer_change = acted.fill_leg(buyer, buyer_party.leg_slot, signed_lots, fill.price)?;
    let seller_change = acted.fill_leg(seller, seller_party.leg_slot, signed_lots.saturating_neg(), fill.price)?;
    ledger::check_open_interest(acted.market)?;
    let open_after = acted.market.long.open_lots;
    if open_after > open_before && open_after > open_interest_cap_lots(acted.market)? {
        return Err(RiskError::OpenInterestCap);
    }

    let buyer = buyer_party.leave(acted, buyer, buyer_change, fill)?;
    let seller = seller_party.leave(acted, seller, seller_change, fill)?;
    let fees_atoms = crate::fixed::add(buyer.fee_atoms, seller.fee_atoms)?;
    funding::record_fill(acted.market, fill.price, notional_floor(fill.lots, acted.market.mark)?, fees_atoms)?;
    Ok(FillReport { notional_atoms: notional_ceil(fill.lots, acted.market.mark)?, buyer, seller, funding })
}

/// F-8: most lots to which the open interest may grow, the market's cap over its macro stress, rounded down (RISK section 2).
/// Rule M-11.
fn open_interest_cap_lots(market: &MarketState) -> RiskResult<u64> {
    mul_div_floor(market.params.open_interest_max_lots, PPM, market.macro_view.factor_ppm())
}

/// F-2: the price lies within half the lowest maintenance rate of the mark, fees included. Rule F-1, F-2.
fn check_fill(market: &MarketState, fill: Fill) -> RiskResult<()> {
    if fill.lots == 0 {
        return Err(RiskError::ZeroSize);
    }
    if fill.price == 0 || fill.price > crate::units::MAX_PRICE || market.mark == 0 {
        return Err(RiskError::PriceOutOfRange);
    }
    let distance_ppm = distance_ppm_ceil(market.mark, fill.price)?;
    let cost = distance_ppm.saturating_add(u64::from(market.params.trade_fee_ppm));
    if cost > market.params.fill_cost_max_ppm() {
        return Err(RiskError::FillTooFar);
    }
    Ok(())
}

/// `⌈|x − mark|·10^6/mark⌉`, saturating.
fn distance_ppm_ceil(mark: u64, price: u64) -> RiskResult<u64> {
    Ok(saturate(crate::fixed::div_ceil(mul(mark.abs_diff(price), PPM), mark)?))
}

/// One account of a fill, with its health before.
struct Party {
    leg_slot: usize,
    before: HealthRatio,
    zero_price_ppm: u64,
    health: Health,
}

impl Party {
    fn enter<L: MarketLookup>(acted: &mut Acted<'_, L>, account: &mut AccountState) -> RiskResult<Self> {
        let mut health = acted.assess(account, Stance::Against)?;
        let leg_slot = acted.touch(account, &mut health)?;
        let before = health.ratio();
        let rate_ppm = health.leg_in_slot(leg_slot)?.maintenance_ppm;
        let zero_price_ppm = charge::zero_price_ppm(before.equity_atoms, before.maintenance_atoms, rate_ppm)?;
        Ok(Self { leg_slot, before, zero_price_ppm, health })
    }

    fn leave<L: MarketLookup>(
        &mut self,
        acted: &mut Acted<'_, L>,
        account: &mut AccountState,
        change: LotChange,
        fill: Fill,
    ) -> RiskResult<PartyReport> {
        let (fee_atoms, fee_from_claims_atoms) = charge_fee(acted.market, account, self.leg_slot, fill)?;
        let after = &mut self.health;
        after.reassess(account, self.leg_slot, acted.market, &acted.now)?;
        if change.increases_risk() {
            refresh::require_fresh_price(acted.market, &acted.now, PriceUse::Risk)?;
            refresh::require_open_to_risk(acted.market, &acted.now)?;
            breaker::require_closed(acted.market, &acted.now)?;
            if after.leg_in(acted.market_index)?.notional_atoms < acted.market.params.min_position_atoms {
                return Err(RiskError::PositionTooSmall);
            }
            if after.notional() > MAX_NOTIONAL_ATOMS {
                return Err(RiskError::LegTooLarge);
            }
            after.require_initial()?;
        } else if after.require_initial().is_err() {
            self.require_fair_reduction(acted.market, change, fill)?;
        }
        if self.health.equity() < 0 {
            return Err(RiskError::NegativeEquity);
        }
        if self.health.meets_target() {
            liquidation::clear_flag(account);
        }
        ladder::register(account, self.leg_slot, acted.market, &self.health)?;
        leg::finish(account, self.leg_slot, acted.market)?;
        let cost_atoms = add(change.cost_atoms()?, fee_atoms)?;
        Ok(PartyReport { change, fee_atoms, fee_from_claims_atoms, cost_atoms })
    }

    /// F-6: below initial margin, a reduction may not lower health nor be priced beyond the zero price.
    fn require_fair_reduction(&self, market: &MarketState, change: LotChange, fill: Fill) -> RiskResult<()> {
        self.health.require_not_worse_than(self.before)?;
        if change.booked_atoms < 0 && distance_ppm_ceil(market.mark, fill.price)? > self.zero_price_ppm {
            return Err(RiskError::FillTooFar);
        }
        Ok(())
    }
}

/// F-4: the fee in cash, and where that does not suffice out of the own claims of this market, as far as the pool can pay for them;
/// insurance's share accrues apart. Returns what was paid, and what of it claims paid.
fn charge_fee(
    market: &mut MarketState,
    account: &mut AccountState,
    leg_slot: usize,
    fill: Fill,
) -> RiskResult<(u64, u64)> {
    let fee = mul_ppm_ceil(notional_ceil(fill.lots, market.mark)?, u64::from(market.params.trade_fee_ppm))?;
    let cash = fee.min(account.capital_atoms);
    account.capital_atoms = sub(account.capital_atoms, cash)?;
    let from_claims = match sub(fee, cash)? {
        0 => 0,
        missing => claims::spend(account.legs.get_mut(leg_slot).ok_or(RiskError::NoSuchLeg)?, market, missing)?,
    };
    let paid = add(cash, from_claims)?;
    let insurance = mul_ppm_floor(paid, u64::from(market.params.fee_insurance_share_ppm))?;
    market.insurance_accrued_atoms = add(market.insurance_accrued_atoms, insurance)?;
    market.fees_accrued_atoms = add(market.fees_accrued_atoms, sub(paid, insurance)?)?;
    Ok((paid, from_claims))
}
