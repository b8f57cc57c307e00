//! Owns the state of the exchange as the keepers know it: plain states, whichever backend keeps them.
//!
//! In the pure model they are the exchange itself; for the real program they are a copy, read again after every transaction
//! that may have changed them. Every reading of a keeper runs the function that the program runs, on these states.

use breakwater_risk::{
    acted::Acted,
    backstop::BackstopState,
    derisk::{self, DeriskReport},
    health::{Health, MarketLookup, MarketLookupMut, NoMarkets, Stance},
    insurance::FundState,
    leg, liquidation,
    liquidation::SliceReport,
    macro_index::MacroIndexState,
    state::AccountState,
    tier::{self, Tier},
    trade::{self, Fill, FillReport},
    unwind::{self, UnwindReport},
    MarketState, Now, RiskError, RiskResult,
};

use breakwater_sdk::identities::Ledger;

/// Index of the one market.
pub const MARKET: u16 = 0;

/// What an account is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Those whom the replay is about.
    Trader,
    /// Those who take slices and what the backstop sells.
    Keeper,
    /// Those who are the other side while others open their positions.
    Maker,
}

/// Whose account; the number is its place among those of its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A trader: first those of the inputs, in their order.
    Trader(usize),
    /// A keeper.
    Keeper(usize),
    /// A maker.
    Maker(usize),
    /// The backstop.
    Backstop,
}

/// The backstop and its margin account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backstop {
    /// Shares and loss line.
    pub state: BackstopState,
    /// Cash and positions.
    pub account: AccountState,
}

/// The cash of the exchange, atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cash {
    /// Booked in all.
    pub booked_atoms: u64,
    /// Swept trading fees.
    pub fees_atoms: u64,
    /// In the vault; at least what is booked.
    pub vault_atoms: u64,
}

/// The state of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books {
    /// The market.
    pub market: MarketState,
    /// The backstop, if there is one.
    pub backstop: Option<Backstop>,
    /// The macro index, if there is one.
    pub macro_index: Option<MacroIndexState>,
    /// The insurance fund.
    pub fund: FundState,
    /// The cash.
    pub cash: Cash,
    /// The clock.
    pub now: Now,
    traders: Vec<AccountState>,
    keepers: Vec<AccountState>,
    makers: Vec<AccountState>,
    changed_traders: Vec<usize>,
}

impl Books {
    /// An exchange of one market without accounts.
    pub fn new(market: MarketState, fund: FundState, now: Now) -> Self {
        let (traders, keepers, makers) = (Vec::new(), Vec::new(), Vec::new());
        let cash = Cash::default();
        Self {
            market,
            backstop: None,
            macro_index: None,
            fund,
            cash,
            now,
            traders,
            keepers,
            makers,
            changed_traders: Vec::new(),
        }
    }

    /// Takes in a new account; says where.
    pub fn open(&mut self, role: Role, account: AccountState) -> Who {
        let (accounts, who): (_, fn(usize) -> Who) = match role {
            Role::Trader => (&mut self.traders, Who::Trader),
            Role::Keeper => (&mut self.keepers, Who::Keeper),
            Role::Maker => (&mut self.makers, Who::Maker),
        };
        accounts.push(account);
        let who = who(accounts.len() - 1);
        self.note_change(who);
        who
    }

    /// Accounts of a role.
    pub fn accounts(&self, role: Role) -> &[AccountState] {
        match role {
            Role::Trader => &self.traders,
            Role::Keeper => &self.keepers,
            Role::Maker => &self.makers,
        }
    }

    /// An account.
    ///
    /// # Panics
    /// For the backstop where there is none.
    pub fn account(&self, who: Who) -> &AccountState {
        match who {
            Who::Trader(place) => &self.traders[place],
            Who::Keeper(place) => &self.keepers[place],
            Who::Maker(place) => &self.makers[place],
            Who::Backstop => &self.backstop.as_ref().expect("there is a backstop").account,
        }
    }

    /// Replaces an account's state.
    ///
    /// # Panics
    /// For the backstop where there is none.
    pub fn put(&mut self, who: Who, account: AccountState) {
        let place = match who {
            Who::Trader(place) => &mut self.traders[place],
            Who::Keeper(place) => &mut self.keepers[place],
            Who::Maker(place) => &mut self.makers[place],
            Who::Backstop => &mut self.backstop.as_mut().expect("there is a backstop").account,
        };
        *place = account;
        self.note_change(who);
    }

    fn note_change(&mut self, who: Who) {
        if let Who::Trader(place) = who {
            self.changed_traders.push(place);
        }
    }

    /// Places of the traders whose state was replaced since the last call; some may be named twice.
    pub fn take_changed_traders(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.changed_traders)
    }

    /// Effective signed lots of an account.
    pub fn lots(&self, who: Who) -> i64 {
        lots_of(self.account(who), &self.market, &self.now)
    }

    /// Health in favour of the account.
    pub fn health(&self, who: Who) -> RiskResult<Health> {
        Health::assess(self.account(who), Stance::Favour, Some((MARKET, &self.market)), &NoMarkets, &self.now)
    }

    /// The tier of an account now.
    pub fn tier(&self, who: Who) -> RiskResult<Tier> {
        self.tier_of(self.account(who), &self.health(who)?)
    }

    /// The tier of an account now, by its health.
    pub fn tier_of(&self, account: &AccountState, health: &Health) -> RiskResult<Tier> {
        let is_flagged = liquidation::is_in_liquidation(account, &self.market, &self.now);
        tier::tier(health, is_flagged, &self.market.params)
    }

    /// Equity of an account at the mark, atoms.
    pub fn equity(&self, who: Who) -> RiskResult<i128> {
        Ok(self.health(who)?.equity())
    }

    /// Insurance: the fund and the market's share that is still to be swept, atoms.
    pub fn insurance_with_accrued_atoms(&self) -> u64 {
        self.fund.balance_atoms + self.market.insurance_accrued_atoms
    }

    /// The slice that a keeper would take of an account now; nothing changes.
    pub fn preview_slice(&self, who: Who, keeper: Who) -> RiskResult<SliceReport> {
        self.preview_on_two(who, keeper, |acted, account, keeper| {
            liquidation::liquidate(acted, account, keeper, u64::MAX)
        })
    }

    /// The part of an account at risk that a taker would get now; nothing changes.
    pub fn preview_derisk(&self, who: Who, taker: Who) -> RiskResult<DeriskReport> {
        self.preview_on_two(who, taker, |acted, account, taker| derisk::derisk(acted, account, taker, u64::MAX))
    }

    /// What a keeper would buy from the backstop now; nothing changes.
    ///
    /// # Panics
    /// Where there is no backstop.
    pub fn preview_unwind(&self, keeper: Who) -> RiskResult<UnwindReport> {
        self.preview_on_two(Who::Backstop, keeper, |acted, seller, buyer| {
            unwind::unwind(acted, seller, buyer, u64::MAX, u64::MAX)
        })
    }

    fn preview_on_two<T>(
        &self,
        who: Who,
        taker: Who,
        formula: impl FnOnce(&mut Acted<'_, NoMarkets>, &mut AccountState, &mut AccountState) -> RiskResult<T>,
    ) -> RiskResult<T> {
        let (mut market, mut account, mut taker) = (self.market, *self.account(who), *self.account(taker));
        let mut acted = Acted { market: &mut market, market_index: MARKET, others: &NoMarkets, now: self.now };
        formula(&mut acted, &mut account, &mut taker)
    }

    /// What a fill would do now, with the states of market, buyer and seller after it; nothing changes.
    pub fn preview_fill(&self, buyer: Who, seller: Who, fill: Fill) -> RiskResult<(FillReport, FillStates)> {
        let (mut market, mut buyer, mut seller) = (self.market, *self.account(buyer), *self.account(seller));
        let mut acted = Acted { market: &mut market, market_index: MARKET, others: &NoMarkets, now: self.now };
        let report = trade::settle_trade(&mut acted, &mut buyer, &mut seller, fill)?;
        Ok((report, FillStates { market, buyer, seller }))
    }

    /// The first identity of DESIGN section 4 that does not hold, with its figures.
    pub fn broken_identity(&self) -> Option<String> {
        let backstop = self.backstop.iter().map(|backstop| &backstop.account);
        let accounts = [&self.traders, &self.keepers, &self.makers].into_iter().flatten();
        Ledger {
            booked_atoms: self.cash.booked_atoms,
            fees_atoms: self.cash.fees_atoms,
            insurance_atoms: self.fund.balance_atoms,
            markets: &[(MARKET, &self.market)],
            accounts: &accounts.chain(backstop).collect::<Vec<_>>(),
            vault_atoms: self.cash.vault_atoms,
            now: self.now,
        }
        .broken()
    }
}

/// What a fill leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillStates {
    /// The market.
    pub market: MarketState,
    /// The buyer.
    pub buyer: AccountState,
    /// The seller.
    pub seller: AccountState,
}

/// Effective signed lots of an account in the one market.
pub fn lots_of(account: &AccountState, market: &MarketState, now: &Now) -> i64 {
    let legs = account.legs.iter().filter(|leg| leg.is_used());
    legs.filter_map(|leg| leg::evaluate(leg, market, now).ok()).map(|value| value.lots).sum()
}

/// The one market, where a formula looks markets up.
pub struct OneMarket(pub MarketState);

impl MarketLookup for OneMarket {
    fn market(&self, market_index: u16) -> RiskResult<&MarketState> {
        if market_index == MARKET {
            Ok(&self.0)
        } else {
            Err(RiskError::NoSuchMarket)
        }
    }
}

impl MarketLookupMut for OneMarket {
    fn market_mut(&mut self, market_index: u16) -> RiskResult<&mut MarketState> {
        if market_index == MARKET {
            Ok(&mut self.0)
        } else {
            Err(RiskError::NoSuchMarket)
        }
    }
}
