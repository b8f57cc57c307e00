//! Every reason for which the program refuses. Codes are append-only; a test pins them.

use anchor_lang::error::ERROR_CODE_OFFSET;
use anchor_lang::prelude::*;
use breakwater_risk::RiskError;

/// Errors of the program: first those of `breakwater_risk`, then its own.
#[error_code]
#[derive(PartialEq, Eq, bytemuck::CheckedBitPattern)]
pub enum BreakwaterError {
    #[msg("A result does not fit its declared range")]
    Overflow,
    #[msg("A divisor is zero")]
    DivisionByZero,
    #[msg("A price must be positive and at most 2^45")]
    PriceOutOfRange,
    #[msg("A size is zero")]
    ZeroSize,
    #[msg("A leg may have at most 2^37 lots, the legs of an account 2^38, and a notional of 2^60 atoms")]
    LegTooLarge,
    #[msg("A side may have at most 2^38 lots, and no more than the market's own cap")]
    OpenInterestCap,
    #[msg("The open interest of the two sides differs")]
    OpenInterestUnequal,
    #[msg("No longer used: a price that is not newer than the market's is passed over")]
    PriceNotNewer,
    #[msg("A publish time is older than the limit")]
    PriceTooOld,
    #[msg("A publish time may be at most 15 s ahead of the clock")]
    PriceFromFuture,
    #[msg("No longer used: a second price in a slot is passed over")]
    PriceSameSlot,
    #[msg("The market has no price that is fresh enough for this use")]
    PriceStale,
    #[msg("Published confidence is too wide for this use")]
    ConfidenceTooWide,
    #[msg("Prices from before a cluster restart are not used")]
    PriceBeforeRestart,
    #[msg("A parameter is outside its hard bounds")]
    ParameterOutOfBounds,
    #[msg("The parameters do not cover the declared worst move")]
    EnvelopeTooSmall,
    #[msg("The leg may not be touched alone: losses exceed capital. Settle the account first")]
    SettleFirst,
    #[msg("The account has no free leg")]
    NoFreeLeg,
    #[msg("The account has no leg in this market")]
    NoSuchLeg,
    #[msg("A market of one of the account's legs was not supplied")]
    NoSuchMarket,
    #[msg("The account holds a debt in this market, which blocks new risk there")]
    DebtOutstanding,
    #[msg("Nothing is opened on a side that is nearly wiped out until its earlier legs are settled")]
    SideExhausted,
    #[msg("The market takes no new risk: it has no price, a restart is recent, one lot is too coarse, or it owes too much")]
    ReduceOnly,
    #[msg("Initial margin is not met")]
    InitialMargin,
    #[msg("An account below initial margin may not lose health by a trade")]
    HealthWorsened,
    #[msg("The fill is too far from the mark")]
    FillTooFar,
    #[msg("The account's maintenance equity is negative")]
    NegativeEquity,
    #[msg("Capital is not sufficient")]
    InsufficientCapital,
    #[msg("The account is not liquidatable")]
    Healthy,
    #[msg("The next slice is not due yet")]
    NotDue,
    #[msg("Another leg relieves the account more")]
    WrongLeg,
    #[msg("The flow meter leaves no room for a slice now")]
    FlowExhausted,
    #[msg("Every lot closed costs the rest more than it frees: no slice helps")]
    SliceUseless,
    #[msg("The account is not critical: a milder tier can act")]
    NotCritical,
    #[msg("The account is not bankrupt")]
    NotBankrupt,
    #[msg("The conversion ratio is below the caller's minimum")]
    RatioTooLow,
    #[msg("Nothing to do: the call would change nothing")]
    NothingToDo,
    #[msg("The position left would be smaller than the market's minimum")]
    PositionTooSmall,
    #[msg("The outflow limit of this window is used up")]
    OutflowLimit,
    #[msg("An invariant of the money model does not hold. Never expected")]
    InvariantBroken,
    #[msg("The account belongs to another exchange")]
    WrongExchange,
    #[msg("The account is not a market of this program")]
    WrongMarketAccount,
    #[msg("The market must be writable here")]
    MarketNotWritable,
    #[msg("At least one market must be passed")]
    MarketMissing,
    #[msg("An account was passed twice")]
    DuplicateAccount,
    #[msg("Both sides belong to one owner, or who signs for the taker also acts for the other side")]
    SameOwner,
    #[msg("Only the authority of the exchange may do this")]
    NotAuthority,
    #[msg("Only the proposed authority may accept")]
    NotPendingAuthority,
    #[msg("Only the owner of the account may do this")]
    NotOwner,
    #[msg("Only the owner or the delegate of the account may do this")]
    NotOperator,
    #[msg("The token account or mint is not of the exchange's quote mint")]
    WrongMint,
    #[msg("The vault is not the exchange's")]
    WrongVault,
    #[msg("The destination must belong to the owner of the account")]
    WrongDestination,
    #[msg("The mint has an extension that could take or tax the vault (transfer fee, hook, permanent delegate, default state or the like), or one that this build does not know")]
    MintHasUnsafeExtension,
    #[msg("The quote mint must have 2 to 9 decimals")]
    MintDecimals,
    #[msg("An exchange needs at least one Pyth receiver program")]
    NoReceiver,
    #[msg("The outflow window must be 60 s to 7 days and its share at most 100 %")]
    OutflowLimitAbsurd,
    #[msg("The price is of another feed")]
    WrongFeed,
    #[msg("The price account is owned by a program that this exchange does not accept")]
    WrongOracle,
    #[msg("The price update is not fully verified")]
    PriceUnverified,
    #[msg("The price account cannot be read")]
    PriceUnreadable,
    #[msg("A market needs a feed id")]
    FeedIdZero,
    #[msg("The lot exponent must be -18 to 3")]
    LotExponent,
    #[msg("The market's seed must be at least one quote unit")]
    SeedTooSmall,
    #[msg("An exchange lists at most 48 markets")]
    TooManyMarkets,
    #[msg("The account has not approved this venue")]
    VenueNotApproved,
    #[msg("The account's approval of this venue has expired")]
    VenueApprovalExpired,
    #[msg("The venue's limit for this account and window is used up")]
    VenueLimit,
    #[msg("An account approves at most 4 venues")]
    TooManyApprovals,
    #[msg("The approval must expire in the future")]
    ApprovalInPast,
    #[msg("The account still holds capital or legs")]
    AccountNotEmpty,
    #[msg("The amount must not be zero")]
    AmountZero,
    #[msg("A debt is paid from another market's claim")]
    SameMarket,
    #[msg("The venue account is not of this exchange and signer")]
    WrongVenue,
    #[msg("The timelock of this change is still running")]
    TimelockRunning,
    #[msg("A ring has at least two members and one market for each")]
    RingShape,
    #[msg("The account is not a margin account of this program")]
    WrongMarginAccount,
    #[msg("The margin account must be writable here")]
    AccountNotWritable,
    #[msg("The backstop's account is not liquidated, absorbed or traded")]
    BackstopAccount,
    #[msg("The account is not distressed: slices can act")]
    NotDistressed,
    #[msg("The market has no backstop: no parameters for one, or it was listed less than eight days ago")]
    NoBackstop,
    #[msg("The backstop has no room: its capital rule, its cap in this market, or its legs")]
    BackstopFull,
    #[msg("The backstop stands aside: it lost more than its line since the day began, or cannot pay its losses")]
    BackstopStandsAside,
    #[msg("The backstop can take the leg: absorb comes before deleveraging")]
    BackstopFirst,
    #[msg("The market is not calm: its fast volatility exceeds 1.5 times the slow one")]
    NotCalm,
    #[msg("What is put in buys no share")]
    StakeTooSmall,
    #[msg("Fewer shares would be issued than the caller accepts")]
    SharesBelowLeast,
    #[msg("The holder has fewer shares than that")]
    InsufficientShares,
    #[msg("The cooldown of the request has not passed")]
    CooldownRunning,
    #[msg("The request was not redeemed in time")]
    RequestLapsed,
    #[msg("Less would be paid than the holder accepts")]
    PaidBelowLeast,
    #[msg("The account is neither an insurance fund nor a backstop of this program")]
    WrongPool,
    #[msg("The stake is of another pool")]
    WrongStake,
    #[msg("The account is not the backstop's")]
    WrongBackstop,
    #[msg("The stake still holds shares")]
    StakeNotEmpty,
    #[msg("The loss line must be 1 % to 90 %")]
    LossLineAbsurd,
    #[msg("The backstop serves at most 16 markets: one for each of its legs")]
    TooManyBackstoppedMarkets,
    #[msg("The circuit breaker is open: risk may not be increased until its pause ends")]
    BreakerOpen,
    #[msg("The leg netted a slice less than the flow's recovery time ago and may not be increased yet")]
    NettingLocked,
    #[msg("The account is not at risk: in liquidation, at its target, or farther from maintenance than the price moves within the horizon")]
    NotAtRisk,
    #[msg("The account has not opted in to predictive closes and its position is not larger than the flow capacity")]
    DeriskNotAllowed,
    #[msg("A macro index has one to eight distinct feeds, each within its bounds")]
    MacroFeedsInvalid,
    #[msg("The price is of no feed of the macro index")]
    MacroFeedUnknown,
    #[msg("The account is not the macro index of this exchange")]
    WrongMacroIndex,
    #[msg("The profit window, and whether a market has a backstop, are fixed when it is listed")]
    ParameterFixed,
    #[msg("The proposal was not applied in time: propose anew")]
    ProposalLapsed,
    #[msg("The authority changed since this proposal was made: propose anew")]
    ProposalOutdated,
    #[msg("The rent of a proposal returns to the authority that made it")]
    WrongProposer,
    #[msg("What cannot be undone needs two accepted prices, published 2 s to 30 s apart: it waits for the next one")]
    PriceUnconfirmed,
    #[msg("The market has an uncovered loss: it takes new risk again once fees, insurance or gifts have repaid it")]
    UncoveredLoss,
    #[msg("A delegate adds risk only up to the notional that the owner allows it")]
    DelegateLimit,
    #[msg("There is no exchange at this address: an exchange is found by its creator and its id")]
    ExchangeNotFound,
    #[msg("There is no market at this address: the exchange has not listed one of this index")]
    MarketNotListed,
    #[msg("The margin account is not open: its owner opens it first")]
    AccountNotOpen,
    #[msg("The stake is not open: its owner opens it before putting anything in")]
    StakeNotOpen,
    #[msg("The exchange has no backstop: its authority creates it first")]
    BackstopNotCreated,
    #[msg("The exchange has no macro index: its authority creates it first")]
    MacroIndexNotCreated,
    #[msg("The signer is not registered as a venue of this exchange: the authority registers it first")]
    VenueNotRegistered,
    #[msg("The market has no proposal of parameters to apply or take back")]
    NoProposal,
    #[msg("The creator has an exchange of this id already")]
    ExchangeExists,
    #[msg("The owner has opened this sub-account already")]
    AccountAlreadyOpen,
    #[msg("The owner has opened a stake in this pool already")]
    StakeAlreadyOpen,
    #[msg("The exchange has its backstop already")]
    BackstopExists,
    #[msg("The exchange has its macro index already")]
    MacroIndexExists,
    #[msg("The signer is registered as a venue of this exchange already")]
    VenueAlreadyRegistered,
    #[msg("The market has a proposal already: it is applied or taken back before another is made")]
    ProposalPending,
    #[msg("The account is of another program or another type than its place asks for")]
    WrongAccountType,
    #[msg("The account is not at the address that the program derives for it")]
    WrongAddress,
    #[msg("The account has an earlier layout: anyone brings it to the newest by extend_account")]
    AccountOutdated,
    #[msg("The account is not a token account of either token program")]
    WrongTokenAccount,
    #[msg("The account is not a mint of either token program")]
    NotAMint,
    #[msg("The token program is not the one that the mint belongs to")]
    WrongTokenProgram,
    #[msg("The tokens belong to somebody else: the signer must own the token account or be its delegate")]
    NotTokenOwner,
    #[msg("The token account holds less than the amount, or allows its delegate less")]
    InsufficientTokens,
    #[msg("The mint's freeze authority has frozen the token account: it neither pays nor receives until it is thawed")]
    TokenAccountFrozen,
    #[msg("The mint's freeze authority has frozen the vault: no cash enters or leaves until it is thawed, all else goes on")]
    VaultFrozen,
    #[msg("The token account is guarded against transfers by programs: its owner disables the CPI guard or uses another account")]
    TokenAccountGuarded,
    #[msg("The token account demands a memo with every transfer, and the vault pays without: its owner uses another account")]
    MemoDemanded,
    #[msg("The next call of this request is not due: a second call pays one to three hours after the first, a new first call is taken a day after the last")]
    SecondCallTooEarly,
    #[msg("What its markets may still take leaves nothing of this pool to those who leave now: call again when they are calm")]
    ExitValueZero,
    #[msg("The bond of a market must be at least one quote unit")]
    BondTooSmall,
    #[msg("The first price of a market must lie within 2^24 and 2^40: list it with another lot exponent")]
    FirstPriceOutOfRange,
    #[msg("No position would fit: one lot may be worth at most the smallest position, and half the cap of the open interest no less")]
    NoPositionFits,
}

impl BreakwaterError {
    /// The error of a code that a client was given; `None` for a code that this build does not know.
    pub fn from_code(code: u32) -> Option<Self> {
        bytemuck::checked::try_cast(code.checked_sub(ERROR_CODE_OFFSET)?).ok()
    }
}

impl From<RiskError> for BreakwaterError {
    fn from(error: RiskError) -> Self {
        match error {
            RiskError::Overflow => Self::Overflow,
            RiskError::DivisionByZero => Self::DivisionByZero,
            RiskError::PriceOutOfRange => Self::PriceOutOfRange,
            RiskError::ZeroSize => Self::ZeroSize,
            RiskError::LegTooLarge => Self::LegTooLarge,
            RiskError::OpenInterestCap => Self::OpenInterestCap,
            RiskError::OpenInterestUnequal => Self::OpenInterestUnequal,
            RiskError::PriceNotNewer => Self::PriceNotNewer,
            RiskError::PriceTooOld => Self::PriceTooOld,
            RiskError::PriceFromFuture => Self::PriceFromFuture,
            RiskError::PriceSameSlot => Self::PriceSameSlot,
            RiskError::PriceStale => Self::PriceStale,
            RiskError::ConfidenceTooWide => Self::ConfidenceTooWide,
            RiskError::PriceBeforeRestart => Self::PriceBeforeRestart,
            RiskError::ParameterOutOfBounds => Self::ParameterOutOfBounds,
            RiskError::EnvelopeTooSmall => Self::EnvelopeTooSmall,
            RiskError::SettleFirst => Self::SettleFirst,
            RiskError::NoFreeLeg => Self::NoFreeLeg,
            RiskError::NoSuchLeg => Self::NoSuchLeg,
            RiskError::NoSuchMarket => Self::NoSuchMarket,
            RiskError::DebtOutstanding => Self::DebtOutstanding,
            RiskError::SideExhausted => Self::SideExhausted,
            RiskError::ReduceOnly => Self::ReduceOnly,
            RiskError::InitialMargin => Self::InitialMargin,
            RiskError::HealthWorsened => Self::HealthWorsened,
            RiskError::FillTooFar => Self::FillTooFar,
            RiskError::NegativeEquity => Self::NegativeEquity,
            RiskError::InsufficientCapital => Self::InsufficientCapital,
            RiskError::Healthy => Self::Healthy,
            RiskError::NotDue => Self::NotDue,
            RiskError::WrongLeg => Self::WrongLeg,
            RiskError::FlowExhausted => Self::FlowExhausted,
            RiskError::SliceUseless => Self::SliceUseless,
            RiskError::NotCritical => Self::NotCritical,
            RiskError::NotBankrupt => Self::NotBankrupt,
            RiskError::RatioTooLow => Self::RatioTooLow,
            RiskError::NothingToDo => Self::NothingToDo,
            RiskError::PositionTooSmall => Self::PositionTooSmall,
            RiskError::OutflowLimit => Self::OutflowLimit,
            RiskError::InvariantBroken => Self::InvariantBroken,
            RiskError::BackstopAccount => Self::BackstopAccount,
            RiskError::NotDistressed => Self::NotDistressed,
            RiskError::NoBackstop => Self::NoBackstop,
            RiskError::BackstopFull => Self::BackstopFull,
            RiskError::BackstopStandsAside => Self::BackstopStandsAside,
            RiskError::BackstopFirst => Self::BackstopFirst,
            RiskError::NotCalm => Self::NotCalm,
            RiskError::StakeTooSmall => Self::StakeTooSmall,
            RiskError::SharesBelowLeast => Self::SharesBelowLeast,
            RiskError::InsufficientShares => Self::InsufficientShares,
            RiskError::CooldownRunning => Self::CooldownRunning,
            RiskError::RequestLapsed => Self::RequestLapsed,
            RiskError::PaidBelowLeast => Self::PaidBelowLeast,
            RiskError::BreakerOpen => Self::BreakerOpen,
            RiskError::NettingLocked => Self::NettingLocked,
            RiskError::NotAtRisk => Self::NotAtRisk,
            RiskError::DeriskNotAllowed => Self::DeriskNotAllowed,
            RiskError::MacroFeedsInvalid => Self::MacroFeedsInvalid,
            RiskError::MacroFeedUnknown => Self::MacroFeedUnknown,
            RiskError::ParameterFixed => Self::ParameterFixed,
            RiskError::TimelockRunning => Self::TimelockRunning,
            RiskError::ProposalLapsed => Self::ProposalLapsed,
            RiskError::PriceUnconfirmed => Self::PriceUnconfirmed,
            RiskError::UncoveredLoss => Self::UncoveredLoss,
            RiskError::DelegateLimit => Self::DelegateLimit,
            RiskError::SecondCallTooEarly => Self::SecondCallTooEarly,
            RiskError::ExitValueZero => Self::ExitValueZero,
            RiskError::FirstPriceOutOfRange => Self::FirstPriceOutOfRange,
            RiskError::NoPositionFits => Self::NoPositionFits,
        }
    }
}

/// Turns a refusal of `breakwater_risk` into the program's error.
pub trait OrRefuse<T> {
    /// The value, or the program's error of the same name.
    fn or_refuse(self) -> Result<T>;
}

impl<T> OrRefuse<T> for breakwater_risk::RiskResult<T> {
    fn or_refuse(self) -> Result<T> {
        self.map_err(|error| BreakwaterError::from(error).into())
    }
}
