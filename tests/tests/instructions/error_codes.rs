//! Every error code, pinned: codes are append-only, because clients match on them.

use anchor_lang::error::Error;
use breakwater::BreakwaterError;

/// The list, and a match over it without a wildcard: a variant without a line here does not compile.
macro_rules! codes {
    ($($name:ident = $code:literal),* $(,)?) => {
        const ALL: &[BreakwaterError] = &[$(BreakwaterError::$name),*];

        fn pinned(error: &BreakwaterError) -> u32 {
            match error {
                $(BreakwaterError::$name => $code),*
            }
        }
    };
}

// In the order of the codes. New ones are added at the end; none is ever moved or taken away.
codes! {
    Overflow = 6000,
    DivisionByZero = 6001,
    PriceOutOfRange = 6002,
    ZeroSize = 6003,
    LegTooLarge = 6004,
    OpenInterestCap = 6005,
    OpenInterestUnequal = 6006,
    PriceNotNewer = 6007,
    PriceTooOld = 6008,
    PriceFromFuture = 6009,
    PriceSameSlot = 6010,
    PriceStale = 6011,
    ConfidenceTooWide = 6012,
    PriceBeforeRestart = 6013,
    ParameterOutOfBounds = 6014,
    EnvelopeTooSmall = 6015,
    SettleFirst = 6016,
    NoFreeLeg = 6017,
    NoSuchLeg = 6018,
    NoSuchMarket = 6019,
    DebtOutstanding = 6020,
    SideExhausted = 6021,
    ReduceOnly = 6022,
    InitialMargin = 6023,
    HealthWorsened = 6024,
    FillTooFar = 6025,
    NegativeEquity = 6026,
    InsufficientCapital = 6027,
    Healthy = 6028,
    NotDue = 6029,
    WrongLeg = 6030,
    FlowExhausted = 6031,
    SliceUseless = 6032,
    NotCritical = 6033,
    NotBankrupt = 6034,
    RatioTooLow = 6035,
    NothingToDo = 6036,
    PositionTooSmall = 6037,
    OutflowLimit = 6038,
    InvariantBroken = 6039,
    WrongExchange = 6040,
    WrongMarketAccount = 6041,
    MarketNotWritable = 6042,
    MarketMissing = 6043,
    DuplicateAccount = 6044,
    SameOwner = 6045,
    NotAuthority = 6046,
    NotPendingAuthority = 6047,
    NotOwner = 6048,
    NotOperator = 6049,
    WrongMint = 6050,
    WrongVault = 6051,
    WrongDestination = 6052,
    MintHasUnsafeExtension = 6053,
    MintDecimals = 6054,
    NoReceiver = 6055,
    OutflowLimitAbsurd = 6056,
    WrongFeed = 6057,
    WrongOracle = 6058,
    PriceUnverified = 6059,
    PriceUnreadable = 6060,
    FeedIdZero = 6061,
    LotExponent = 6062,
    SeedTooSmall = 6063,
    TooManyMarkets = 6064,
    VenueNotApproved = 6065,
    VenueApprovalExpired = 6066,
    VenueLimit = 6067,
    TooManyApprovals = 6068,
    ApprovalInPast = 6069,
    AccountNotEmpty = 6070,
    AmountZero = 6071,
    SameMarket = 6072,
    WrongVenue = 6073,
    TimelockRunning = 6074,
    RingShape = 6075,
    WrongMarginAccount = 6076,
    AccountNotWritable = 6077,
    BackstopAccount = 6078,
    NotDistressed = 6079,
    NoBackstop = 6080,
    BackstopFull = 6081,
    BackstopStandsAside = 6082,
    BackstopFirst = 6083,
    NotCalm = 6084,
    StakeTooSmall = 6085,
    SharesBelowLeast = 6086,
    InsufficientShares = 6087,
    CooldownRunning = 6088,
    RequestLapsed = 6089,
    PaidBelowLeast = 6090,
    WrongPool = 6091,
    WrongStake = 6092,
    WrongBackstop = 6093,
    StakeNotEmpty = 6094,
    LossLineAbsurd = 6095,
    TooManyBackstoppedMarkets = 6096,
    BreakerOpen = 6097,
    NettingLocked = 6098,
    NotAtRisk = 6099,
    DeriskNotAllowed = 6100,
    MacroFeedsInvalid = 6101,
    MacroFeedUnknown = 6102,
    WrongMacroIndex = 6103,
    ParameterFixed = 6104,
    ProposalLapsed = 6105,
    ProposalOutdated = 6106,
    WrongProposer = 6107,
    PriceUnconfirmed = 6108,
    UncoveredLoss = 6109,
    DelegateLimit = 6110,
    ExchangeNotFound = 6111,
    MarketNotListed = 6112,
    AccountNotOpen = 6113,
    StakeNotOpen = 6114,
    BackstopNotCreated = 6115,
    MacroIndexNotCreated = 6116,
    VenueNotRegistered = 6117,
    NoProposal = 6118,
    ExchangeExists = 6119,
    AccountAlreadyOpen = 6120,
    StakeAlreadyOpen = 6121,
    BackstopExists = 6122,
    MacroIndexExists = 6123,
    VenueAlreadyRegistered = 6124,
    ProposalPending = 6125,
    WrongAccountType = 6126,
    WrongAddress = 6127,
    AccountOutdated = 6128,
    WrongTokenAccount = 6129,
    NotAMint = 6130,
    WrongTokenProgram = 6131,
    NotTokenOwner = 6132,
    InsufficientTokens = 6133,
    TokenAccountFrozen = 6134,
    VaultFrozen = 6135,
    TokenAccountGuarded = 6136,
    MemoDemanded = 6137,
    SecondCallTooEarly = 6138,
    ExitValueZero = 6139,
    BondTooSmall = 6140,
    FirstPriceOutOfRange = 6141,
    NoPositionFits = 6142,
}

#[test]
fn every_error_keeps_its_code_for_ever() {
    for (place, error) in (6_000..).zip(ALL) {
        assert_eq!((pinned(error), 6_000 + *error as u32), (place, place), "{error:?}");
    }
}

#[test]
fn every_error_says_in_a_sentence_which_rule_was_broken() {
    let mut seen = std::collections::BTreeSet::new();
    for error in ALL {
        let Error::AnchorError(shown) = Error::from(*error) else { panic!("{error:?} is no Anchor error") };
        assert_eq!(shown.error_code_number, pinned(error));
        assert!(shown.error_msg.contains(' '), "{error:?}: {}", shown.error_msg);
        assert!(seen.insert(shown.error_msg.clone()), "two errors say {:?}", shown.error_msg);
    }
}
