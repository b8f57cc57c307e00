//! Owns what keepers act on: the real program, or the pure model of it. Everything above this trait exists once.

use anyhow::Result;
use breakwater_risk::{
    absorb::AbsorbReport,
    bankruptcy::BankruptcyReport,
    deleveraging::DeleverageReport,
    derisk::DeriskReport,
    ladder::{CascadeReport, Registration},
    liquidation::SliceReport,
    macro_index::FeedTerms,
    settle::SettlementReport,
    trade::{Fill, FillReport},
    unwind::UnwindReport,
    MarketParams, MarketState, RiskError,
};

use super::{
    books::{Books, Role, Who},
    macro_feeds::FeedPrice,
};

/// What a run acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendKind {
    /// The real program in an in-process bank; every transaction is compared with its preview.
    Program,
    /// The same functions of `breakwater_risk` on states in memory: fast, and free to take parameters that the program
    /// refuses.
    Model,
}

/// An act's report, or why the program refuses it. The outer error: the backend itself failed.
pub type Attempt<T> = Result<Result<T, RiskError>>;

/// Slot and unix time, seconds.
pub type Time = (u64, i64);

/// An exchange of one market that can be set up and acted on.
///
/// A refused act changes nothing. Traders, keepers and makers are counted in the order in which they were opened.
pub trait Backend: Sized {
    /// Seconds between two checks of the identities over all accounts; they are checked at the end too.
    const IDENTITIES_EVERY_S: u64;

    /// An exchange with one market, without price, at this time. Errors: parameters that the backend does not take.
    fn list(params: &MarketParams, lot_exponent: i8, time: Time) -> Result<Self>;

    /// The state of everything.
    fn books(&self) -> &Books;

    /// The state of everything, to take note of what changed.
    fn books_mut(&mut self) -> &mut Books;

    /// Puts a state of the market past the program in place of its own: for the warm-up, which a test compares, and for controls
    /// that a run switches off.
    fn overwrite_market(&mut self, state: &MarketState) -> Result<()>;

    /// Compares [`Backend::books`] with where they come from. Errors: they differ.
    fn audit(&self) -> Result<()>;

    /// Opens an account with a deposit, atoms; 0 = none.
    fn open_account(&mut self, role: Role, deposit_atoms: u64) -> Result<Who>;

    /// Gives to the insurance fund, atoms.
    fn donate_insurance(&mut self, atoms: u64) -> Result<()>;

    /// Creates the backstop, and stakes its capital by one liquidity provider, atoms.
    fn create_backstop(&mut self, loss_line_ppm: u32, capital_atoms: u64) -> Result<()>;

    /// Creates the macro index of these feeds, the market's own first.
    fn create_macro_index(&mut self, feeds: &[FeedTerms]) -> Result<()>;

    /// Makes a key of the keepers the delegate of a trader, so that they may let the account take slices.
    fn delegate_to_keepers(&mut self, trader: Who) -> Result<()>;

    /// Opts a trader's account in to predictive closes.
    fn opt_in(&mut self, trader: Who) -> Result<()>;

    /// Moves the clock, publishes prices of feeds of the macro index, and takes them into it.
    fn refresh_macro(&mut self, time: Time, prices: &[FeedPrice]) -> Result<()>;

    /// Moves the clock, publishes a price (micro-dollars per base token, confidence in ppm), and takes it into the market.
    fn refresh(&mut self, time: Time, price_micro_usd: u64, confidence_ppm: u64) -> Result<()>;

    /// `settle_trade` of a fill between two accounts.
    fn settle_trade(&mut self, buyer: Who, seller: Who, fill: Fill) -> Attempt<FillReport>;

    /// `settle_account`.
    fn settle_account(&mut self, who: Who) -> Attempt<SettlementReport>;

    /// `resolve_bankruptcy`.
    fn resolve_bankruptcy(&mut self, who: Who) -> Attempt<BankruptcyReport>;

    /// `liquidate`: a slice of an account that a keeper's account, or one that it operates, takes.
    fn liquidate(&mut self, who: Who, taker: Who) -> Attempt<SliceReport>;

    /// `derisk`: a part of an account at risk that a keeper's account, or one that it operates, takes.
    fn derisk(&mut self, who: Who, taker: Who) -> Attempt<DeriskReport>;

    /// `absorb`, by the backstop. Refused with `NoBackstop` where there is none.
    fn absorb(&mut self, who: Who) -> Attempt<AbsorbReport>;

    /// `deleverage`.
    fn deleverage(&mut self, who: Who) -> Attempt<DeleverageReport>;

    /// `unwind`: somebody buys what he may from the backstop, at most so many lots. Refused with `NoBackstop` where there is none.
    fn unwind(&mut self, buyer: Who, most_lots: u64) -> Attempt<UnwindReport>;

    /// `flag`: whether the account is flagged now.
    fn flag(&mut self, who: Who) -> Attempt<bool>;

    /// `touch`: where the account's leg is registered now.
    fn touch(&mut self, who: Who) -> Attempt<Option<Registration>>;

    /// `measure_cascade`.
    fn measure_cascade(&mut self) -> Attempt<CascadeReport>;
}
