//! Owns the look at all traders after every price: who is due, and how many stand in which tier.
//!
//! Health is exact and costs a fraction of a microsecond; a day has 21 600 prices and a market 10 000 traders. So a
//! [`Guard`] is kept for each: the value index of its side (RISK section 2, DESIGN section 4) up to which it is healthy for
//! certain, whatever else moves within an [`Envelope`]. Only who is not certainly healthy is assessed. The bound is never a
//! formula of its own: maintenance is that of `Health` on the envelope's worst market, value that of `leg::evaluate`.
//!
//! A guard is made anew when its account changed, all of them when the market left the envelope. What else can lower an
//! untouched account's equity moves the value index (price, funding, charges, deleveraging) or is counted as lost from the
//! beginning (claims, and the part of a profit that may be unfunded). Cascade ratio, macro stress and breaker touch initial
//! margin only; what netting and predictive closes change is changed in accounts that are taken note of.

#[cfg(test)]
mod tests;

use breakwater_risk::{
    depth, derisk,
    fixed::PPM,
    health::{Health, NoMarkets, Stance},
    ledger, leg,
    state::AccountState,
    tier::Tier,
    units::{SideName, MAX_PRICE},
    MarketState, Now, RiskResult,
};

use super::books::{Books, Role, Who, MARKET};

/// Atoms by which two valuations of the same leg may differ for rounding alone: two floors each, and one to spare.
const ROUNDING_ATOMS: i128 = 5;
/// Seconds after which guards are made anew though the market is within the envelope: what fell since makes them tighter.
const ENVELOPE_AGE_S: u64 = 3_600;

/// How the traders are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Every trader is assessed.
    Everyone,
    /// Only those who are not certainly healthy.
    Suspects,
}

/// What a look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Traders with a leg that are not healthy or are flagged, by place. Without a leg nothing can be done for anybody, not
    /// even the flag that a deleveraging left can be cleared.
    pub due: Vec<usize>,
    /// Healthy traders below their target that keepers might act on before they fail, by place; empty where nobody does.
    pub near: Vec<usize>,
    /// Traders with an open position, by [`Tier`].
    pub open_by_tier: [u32; 5],
}

impl Seen {
    fn add(&mut self, books: &Books, trader: usize, sees_near: bool) -> RiskResult<()> {
        let who = Who::Trader(trader);
        let account = books.account(who);
        if !has_leg(account) {
            return Ok(());
        }
        let (health, is_open) = (books.health(who)?, books.lots(who) != 0);
        let tier = books.tier_of(account, &health)?;
        self.open_by_tier[tier as usize] += u32::from(is_open);
        if tier != Tier::Healthy || account.flagged_slot != 0 {
            self.due.push(trader);
        } else if sees_near && is_open && !health.meets_target() {
            let capacity = depth::flow_capacity(&books.market, &books.now);
            let is_due = derisk::next_due_slot(account, &books.market) <= books.now.slot;
            if is_due && (account.derisk_since_slot != 0 || health.notional() > capacity) {
                self.near.push(trader);
            }
        }
        Ok(())
    }
}

fn has_leg(account: &AccountState) -> bool {
    account.legs.iter().any(|leg| leg.is_used())
}

/// The look at all traders.
pub struct Watch {
    sight: Sight,
    sees_near: bool,
    envelope: Option<Envelope>,
    guards: Vec<Guard>,
}

impl Watch {
    /// A watch that has seen nothing yet; `sees_near`: whether it looks for those who are near failing.
    pub fn new(sight: Sight, sees_near: bool) -> Self {
        Self { sight, sees_near, envelope: None, guards: Vec::new() }
    }

    /// Looks at all traders now; takes note of those that changed.
    pub fn look(&mut self, books: &mut Books) -> RiskResult<Seen> {
        let changed = books.take_changed_traders();
        let traders = books.accounts(Role::Trader);
        let mut seen = Seen::default();
        if self.sight == Sight::Everyone {
            for trader in 0..traders.len() {
                seen.add(books, trader, self.sees_near)?;
            }
            return Ok(seen);
        }
        let market = &books.market;
        match &self.envelope {
            Some(envelope) if envelope.holds(market) => {
                self.guards.resize(traders.len(), Guard::Suspect);
                for trader in changed {
                    self.guards[trader] = Guard::of(&traders[trader], market, envelope, &books.now)?;
                }
            }
            _ => {
                let envelope = self.envelope.insert(Envelope::around(market, self.sees_near));
                let guard = |account| Guard::of(account, market, envelope, &books.now);
                self.guards = traders.iter().map(guard).collect::<RiskResult<_>>()?;
            }
        }
        let long = ledger::value_index(&market.long, market.mark)?;
        let short = ledger::value_index(&market.short, market.mark)?;
        for (trader, guard) in self.guards.iter().enumerate() {
            match guard {
                Guard::Flat => {}
                Guard::Long { least } if long >= *least => seen.open_by_tier[Tier::Healthy as usize] += 1,
                Guard::Short { most } if short <= *most => seen.open_by_tier[Tier::Healthy as usize] += 1,
                _ => seen.add(books, trader, self.sees_near)?,
            }
        }
        Ok(seen)
    }
}

/// Until when an account is healthy for certain.
#[derive(Clone, Copy, Debug)]
enum Guard {
    /// It is not certain even now.
    Suspect,
    /// It has no position, and owes nothing that its cash does not cover.
    Flat,
    /// It is open and healthy while the long side's value index is at least this.
    Long { least: i128 },
    /// It is open and healthy while the short side's value index is at most this.
    Short { most: i128 },
}

impl Guard {
    fn of(account: &AccountState, market: &MarketState, envelope: &Envelope, now: &Now) -> RiskResult<Self> {
        if !has_leg(account) {
            return Ok(Self::Flat);
        }
        if account.flagged_slot != 0 {
            return Ok(Self::Suspect);
        }
        let (mut lots, mut net) = (0_i64, 0_i128);
        for leg in account.legs.iter().filter(|leg| leg.is_used()) {
            let value = leg::evaluate(leg, market, now)?;
            lots += value.lots;
            net += value.pending - i128::from(value.debt);
        }
        let capital = i128::from(account.capital_atoms);
        if lots == 0 {
            return Ok(if capital + net >= 0 { Self::Flat } else { Self::Suspect });
        }
        let missing = envelope.required(account, now)? - capital;
        // A profit that is needed counts without all that the market may have left unfunded.
        let needed = if missing > 0 { missing + i128::from(envelope.worst.unfunded_atoms) } else { missing };
        let spare = net - needed - ROUNDING_ATOMS;
        if spare < 0 || lots.unsigned_abs() == 1 {
            return Ok(Self::Suspect); // a single lot may be scaled away, and would not be open any more
        }
        let name = SideName::of(lots);
        let side = market.side(name);
        // Scaled lots are rounded down: what the leg gains and loses is that of less than one more.
        let per_lot = spare * i128::from(PPM) / (i128::from(lots.unsigned_abs()) + 1);
        let distance = per_lot.saturating_mul(i128::from(side.size_index));
        let present = ledger::value_index(side, market.mark)?;
        Ok(match name {
            SideName::Long => Self::Long { least: present.saturating_sub(distance) },
            SideName::Short => Self::Short { most: present.saturating_add(distance) },
        })
    }
}

/// The stretch of market states in which guards hold.
#[derive(Clone, Copy, Debug)]
struct Envelope {
    /// The state that asks for the most: highest mark and maintenance rate, least depth, most unfunded.
    worst: MarketState,
    least_mark: u64,
    least_size_index: (u64, u64),
    /// Whether guards hold only as far as the target, so that who is near failing is seen.
    is_to_target: bool,
}

impl Envelope {
    /// A stretch around a state: wide enough to last, narrow enough to make few suspects.
    fn around(market: &MarketState, is_to_target: bool) -> Self {
        let mut worst = *market;
        worst.mark = (market.mark + market.mark / 64).min(MAX_PRICE);
        worst.maintenance_q32 += market.maintenance_q32 / 64;
        worst.depth.inverse_root_slow += market.depth.inverse_root_slow / 32;
        worst.unfunded_atoms = market.unfunded_atoms.saturating_mul(2);
        Self {
            worst,
            least_mark: market.mark - market.mark / 32,
            least_size_index: (market.long.size_index.div_ceil(2), market.short.size_index.div_ceil(2)),
            is_to_target,
        }
    }

    /// What an account of these lots must have at most in order to be healthy, or to meet its target, atoms.
    fn required(&self, account: &AccountState, now: &Now) -> RiskResult<i128> {
        let health = Health::assess(account, Stance::Favour, Some((MARKET, &self.worst)), &NoMarkets, now)?;
        let params = &self.worst.params;
        let line = u64::from(params.backstop_line_ppm.max(params.deleverage_line_ppm)).max(PPM);
        let healthy = (i128::from(health.maintenance()) * i128::from(line)).div_euclid(i128::from(PPM)) + 1;
        Ok(if self.is_to_target { healthy.max(i128::from(health.target())) } else { healthy })
    }

    fn holds(&self, market: &MarketState) -> bool {
        // Without a rate or a depth a market asks for the most.
        let is_within = |figure: u64, worst: u64| worst == 0 || (figure != 0 && figure <= worst);
        let worst = &self.worst;
        (self.least_mark..=worst.mark).contains(&market.mark)
            && is_within(market.maintenance_q32, worst.maintenance_q32)
            && is_within(market.depth.inverse_root_slow, worst.depth.inverse_root_slow)
            && market.unfunded_atoms <= worst.unfunded_atoms
            && market.params == worst.params
            && (market.long.generation, market.short.generation) == (worst.long.generation, worst.short.generation)
            && market.long.size_index >= self.least_size_index.0
            && market.short.size_index >= self.least_size_index.1
            && market.publish_time.abs_diff(worst.publish_time) <= ENVELOPE_AGE_S
    }
}
