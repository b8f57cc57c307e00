//! The one list of reasons for which a formula or a transition refuses.
//!
//! Each variant names one broken rule; the program maps it to an Anchor error of the same name.

/// Why a formula or a transition of this crate refused its input. State may be half changed when it is
/// returned: callers work on a copy or rely on the transaction being rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskError {
    /// A result does not fit its declared range.
    Overflow,
    /// A divisor is zero.
    DivisionByZero,
    /// A price is not positive or above 2^45.
    PriceOutOfRange,
    /// A size is zero.
    ZeroSize,
    /// A leg would exceed 2^37 lots, or the legs of an account 2^38.
    LegTooLarge,
    /// A side would exceed 2^38 lots or the market's own cap.
    OpenInterestCap,
    /// The open interest of the two sides differs.
    OpenInterestUnequal,
    /// No longer used: a price that is not newer than the market's is passed over (P-14).
    PriceNotNewer,
    /// A publish time is older than the limit.
    PriceTooOld,
    /// A publish time is more than 15 s ahead of the clock.
    PriceFromFuture,
    /// No longer used: a second price in a slot is passed over (P-14).
    PriceSameSlot,
    /// The market has no price that is fresh enough for this use.
    PriceStale,
    /// Published confidence is too wide for this use.
    ConfidenceTooWide,
    /// Prices from before a cluster restart are not used.
    PriceBeforeRestart,
    /// A parameter is outside its hard bounds, see [`crate::params::ParamIssue`].
    ParameterOutOfBounds,
    /// The parameters do not cover the declared worst move.
    EnvelopeTooSmall,
    /// The leg may not be touched alone: losses exceed capital. Settle the account first.
    SettleFirst,
    /// The account has no free leg.
    NoFreeLeg,
    /// The account has no leg in this market.
    NoSuchLeg,
    /// A market of one of the account's legs was not supplied.
    NoSuchMarket,
    /// The account holds a debt in this market, which blocks new risk there.
    DebtOutstanding,
    /// Nothing is opened on a side that is nearly wiped out until its earlier legs are settled.
    SideExhausted,
    /// The market takes no new risk: it has no price, a restart is recent, one lot is too coarse, or it owes too much (P-18).
    ReduceOnly,
    /// Initial margin is not met.
    InitialMargin,
    /// An account below initial margin may not lose health by a trade.
    HealthWorsened,
    /// The fill is too far from the mark.
    FillTooFar,
    /// The account's maintenance equity is negative.
    NegativeEquity,
    /// Capital is not sufficient.
    InsufficientCapital,
    /// The account is not liquidatable.
    Healthy,
    /// The next slice is not due yet.
    NotDue,
    /// Another leg relieves the account more.
    WrongLeg,
    /// The flow meter leaves no room for a slice now.
    FlowExhausted,
    /// Every lot closed costs the rest more than it frees: no slice helps.
    SliceUseless,
    /// The account is not critical: a milder tier can act.
    NotCritical,
    /// The account is not bankrupt.
    NotBankrupt,
    /// The conversion ratio is below the caller's minimum.
    RatioTooLow,
    /// Nothing to do: the call would change nothing.
    NothingToDo,
    /// The position left would be smaller than the market's minimum.
    PositionTooSmall,
    /// The outflow limit of this window is used up.
    OutflowLimit,
    /// An invariant of the money model does not hold. Never expected.
    InvariantBroken,
    /// The backstop's account is not liquidated, absorbed or traded.
    BackstopAccount,
    /// The account is not distressed: slices can act.
    NotDistressed,
    /// The market has no backstop, or no parameters for one.
    NoBackstop,
    /// The backstop has no room: its capital rule, its cap in this market, or its legs.
    BackstopFull,
    /// The backstop stands aside: it lost more than its line since the day began, or cannot pay its losses.
    BackstopStandsAside,
    /// The backstop can take the leg: absorb comes before deleveraging.
    BackstopFirst,
    /// The market is not calm: its fast volatility exceeds 1.5 times the slow one.
    NotCalm,
    /// What is put in buys no share.
    StakeTooSmall,
    /// Fewer shares would be issued than the caller accepts.
    SharesBelowLeast,
    /// The holder has fewer shares than that.
    InsufficientShares,
    /// The cooldown of the request has not passed.
    CooldownRunning,
    /// The request was not redeemed in time.
    RequestLapsed,
    /// Less would be paid than the holder accepts.
    PaidBelowLeast,
    /// The circuit breaker is open: risk may not be increased until its pause ends.
    BreakerOpen,
    /// The leg netted a slice less than the flow's recovery time ago and may not be increased yet.
    NettingLocked,
    /// The account is not at risk: in liquidation, at its target, or farther from maintenance than the price moves within the horizon.
    NotAtRisk,
    /// The account has not opted in to predictive closes and its position is not larger than the flow capacity.
    DeriskNotAllowed,
    /// A macro index has one to eight distinct feeds, each within its bounds.
    MacroFeedsInvalid,
    /// The price is of no feed of the macro index.
    MacroFeedUnknown,
    /// The parameter is fixed when a market is listed: the profit window, and whether it has a backstop.
    ParameterFixed,
    /// The notice of a proposal has not passed.
    TimelockRunning,
    /// The proposal was not applied in time.
    ProposalLapsed,
    /// An act that cannot be undone waits for a second accepted price, 2 s to 30 s from the last.
    PriceUnconfirmed,
    /// The market owes more than dust to the profits it has: it takes no new risk until that is repaid.
    UncoveredLoss,
    /// A delegate adds risk only up to the notional that the owner allows it.
    DelegateLimit,
    /// Leaving a pool takes two calls: the first one notes the value, the second one is not due yet.
    SecondCallTooEarly,
    /// The pool has cash, but what its markets may still take leaves nothing to those who leave now.
    ExitValueZero,
    /// The first price of a market lies within 2^24 … 2^40: another lot exponent puts it there.
    FirstPriceOutOfRange,
    /// No position fits: one lot is worth more than the smallest position, or half the cap of the open interest less.
    NoPositionFits,
}

/// Result of this crate.
pub type RiskResult<T> = Result<T, RiskError>;
