//! The identities of DESIGN section 4, computed from the stored integers alone: fields, not functions of the engine.

use crate::number::{atoms, float_atoms, share, whole, zero, Exact};
use breakwater_risk::state::{AccountState, Leg, MarketState, Side};
use breakwater_risk::units::{CLAIM_INDEX_ONE, LADDER_BUCKETS, SIZE_INDEX_ONE};

/// A leg in exact numbers: pending and claims as money, effective lots as a fraction.
pub struct Worth {
    pub pending: Exact,
    pub claims: Exact,
    pub lots: Exact,
}

fn side_of<'a>(market: &'a MarketState, leg: &Leg) -> &'a Side {
    if leg.lots < 0 {
        &market.short
    } else {
        &market.long
    }
}

fn value_index(size_index: u64, price: u64, cash_index: i128) -> Exact {
    whole(size_index) * whole(price) + whole(cash_index)
}

/// What a leg is worth by its stored indices, before any rounding but that of whole lots at a generation's end.
pub fn worth(leg: &Leg, market: &MarketState) -> Worth {
    let mut claims = zero();
    if leg.claim_generation == market.claim_generation && leg.claim_index0 > 0 {
        let stored = leg.claim_matured_atoms + leg.claim_maturing_atoms + leg.claim_fresh_atoms;
        claims = share(&atoms(stored), &whole(market.claim_index), &whole(leg.claim_index0));
    }
    if leg.lots == 0 {
        return Worth { pending: zero(), claims, lots: zero() };
    }
    let side = side_of(market, leg);
    let (mut lots, mut size0) = (whole(leg.lots), whole(leg.size_index0));
    let mut value0 = whole(leg.value_index0.get());
    let mut pending = zero();
    if leg.generation != side.generation {
        let ended = value_index(side.ended_size_index, side.ended_mark, side.ended_cash_index.get());
        pending = share(&lots, &(ended - value0), &size0);
        lots = share(&lots, &whole(side.ended_size_index), &size0).trunc();
        (size0, value0) = (whole(SIZE_INDEX_ONE), whole(SIZE_INDEX_ONE) * whole(side.ended_mark));
    }
    let value = value_index(side.size_index, market.mark, side.cash_index.get());
    pending += share(&lots, &(value - value0), &size0);
    let lots = share(&lots, &whole(side.size_index), &size0);
    Worth { pending, claims, lots }
}

/// `pool + unfunded − (Σ pending + Σ claims − Σ debts)`.
pub fn residue(accounts: &[AccountState], market: &MarketState, market_index: u16) -> Exact {
    let mut residue = atoms(market.pool_atoms) + atoms(market.unfunded_atoms);
    for leg in legs_in(accounts, market_index) {
        let worth = worth(leg, market);
        residue -= worth.pending + worth.claims - atoms(leg.debt_atoms);
    }
    residue
}

/// Lots counted as open on a side that no leg has.
pub fn unowned_lots(accounts: &[AccountState], market: &MarketState, market_index: u16) -> [Exact; 2] {
    let mut unowned = [whole(market.long.open_lots), whole(market.short.open_lots)];
    for leg in legs_in(accounts, market_index) {
        let lots = worth(leg, market).lots;
        if lots > zero() {
            unowned[0] -= lots;
        } else {
            unowned[1] += lots;
        }
    }
    unowned
}

fn legs_in(accounts: &[AccountState], market_index: u16) -> impl Iterator<Item = &Leg> {
    let legs = accounts.iter().flat_map(|account| account.legs.iter());
    legs.filter(move |leg| leg.in_use != 0 && leg.market_index == market_index)
}

/// Checks sums, bounds and counters of one market.
pub fn check_sums(accounts: &[AccountState], market: &MarketState, market_index: u16) -> Result<(), String> {
    let legs: Vec<&Leg> = legs_in(accounts, market_index).collect();
    let ensure = |holds: bool, rule: &str| if holds { Ok(()) } else { Err(format!("{market_index}: {rule}")) };
    ensure(market.long.open_lots == market.short.open_lots, "open interest is equal")?;
    for (unowned, name) in unowned_lots(accounts, market, market_index).iter().zip(["long", "short"]) {
        ensure(*unowned >= zero(), &format!("open lots cover the legs: {name}, {}", float_atoms(unowned)))?;
    }
    let debts: u64 = legs.iter().map(|leg| leg.debt_atoms).sum();
    ensure(debts == market.debts_total_atoms, "debts are summed exactly")?;
    let claims = legs.iter().fold(zero(), |sum, leg| sum + worth(leg, market).claims);
    ensure(atoms(market.claims_total_atoms) >= claims, "the total covers all claims")?;
    ensure(legs.len() == market.leg_count as usize, "legs are counted")?;
    for (side, sign) in [(&market.long, 1), (&market.short, -1)] {
        let on = legs.iter().filter(|leg| leg.lots.signum() == sign);
        let (current, behind): (Vec<&Leg>, Vec<&Leg>) = on.partition(|leg| leg.generation == side.generation);
        ensure(current.len() == side.legs_current as usize, "legs of this generation are counted")?;
        ensure(behind.len() == side.legs_behind as usize, "legs of the last generation are counted")?;
    }
    check_ladder(&legs, market).map_err(|rule| format!("{market_index}: {rule}"))?;
    for leg in legs {
        let claims = leg.claim_matured_atoms + leg.claim_maturing_atoms + leg.claim_fresh_atoms;
        ensure(claims == 0 || leg.debt_atoms == 0, "no leg has both claim and debt")?;
    }
    ensure(market.claim_index <= CLAIM_INDEX_ONE, "the claim index only falls")
}

/// The ladder holds what its legs stand with, bucket by bucket; a leg without lots stands nowhere.
fn check_ladder(legs: &[&Leg], market: &MarketState) -> Result<(), String> {
    let (mut long, mut short) = ([0_u64; LADDER_BUCKETS], [0_u64; LADDER_BUCKETS]);
    for leg in legs {
        if leg.lots == 0 && leg.ladder_atoms != 0 {
            return Err("a leg without lots stands in the ladder".into());
        }
        let sums = if leg.lots < 0 { &mut short } else { &mut long };
        sums[usize::from(leg.ladder_bucket) % LADDER_BUCKETS] += leg.ladder_atoms;
    }
    match (long == market.ladder.long_atoms, short == market.ladder.short_atoms) {
        (true, true) => Ok(()),
        (is_long, is_short) => Err(format!("the ladder sums its legs: long {is_long}, short {is_short}")),
    }
}

/// Cash booked by accounts and markets.
pub fn cash(accounts: &[AccountState], markets: &[MarketState]) -> i128 {
    let capital: i128 = accounts.iter().map(|account| i128::from(account.capital_atoms)).sum();
    let of = |market: &MarketState| {
        [market.pool_atoms, market.reserve_atoms, market.fees_accrued_atoms, market.insurance_accrued_atoms]
    };
    capital + markets.iter().flat_map(of).map(i128::from).sum::<i128>()
}
