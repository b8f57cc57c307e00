//! Events: one header each, and enough to rebuild the state off-chain.

use anchor_lang::prelude::*;

/// What every event begins with.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct EventHeader {
    /// Slot.
    pub slot: u64,
    /// Clock's unix timestamp, seconds.
    pub unix_timestamp: i64,
    /// Exchange.
    pub exchange: Pubkey,
    /// Market, or default where the event concerns none.
    pub market: Pubkey,
    /// Number of the event in its sequence: of the market if it names one, else of the account, the macro index
    /// or the exchange.
    pub sequence: u64,
}

/// An exchange was created.
#[event]
pub struct ExchangeInitialized {
    /// Header.
    pub header: EventHeader,
    /// Its authority.
    pub authority: Pubkey,
    /// Quote mint.
    pub quote_mint: Pubkey,
    /// Pyth receiver programs accepted; default = unused place.
    pub receivers: [Pubkey; crate::constants::MAX_RECEIVERS],
    /// Owner of accepted legacy push accounts; default = none.
    pub legacy_oracle: Pubkey,
    /// Length of the outflow window, seconds.
    pub outflow_window_seconds: u32,
    /// Share of the booked cash that may leave per window, ppm.
    pub outflow_limit_ppm: u32,
    /// What each account may withdraw per window, atoms.
    pub outflow_guaranteed_atoms: u64,
}

/// The authority was proposed or accepted.
#[event]
pub struct AuthorityChanged {
    /// Header.
    pub header: EventHeader,
    /// Authority now.
    pub authority: Pubkey,
    /// Proposed next authority; default = none.
    pub pending_authority: Pubkey,
}

/// The accepted receivers changed, or a change was proposed.
#[event]
pub struct ReceiversChanged {
    /// Header.
    pub header: EventHeader,
    /// Accepted now.
    pub receivers: [Pubkey; crate::constants::MAX_RECEIVERS],
    /// Proposed; default = none.
    pub pending_receivers: [Pubkey; crate::constants::MAX_RECEIVERS],
    /// Unix time from which the proposal may be applied; 0 = none.
    pub apply_at: i64,
}

/// A market was listed.
#[event]
pub struct MarketCreated {
    /// Header.
    pub header: EventHeader,
    /// Index in the exchange.
    pub index: u16,
    /// Pyth feed id.
    pub feed_id: [u8; 32],
    /// Legacy push account accepted too; default = none.
    pub legacy_price_account: Pubkey,
    /// A lot is 10^this base tokens.
    pub lot_exponent: i8,
    /// The bytes of `breakwater_risk::MarketParams`.
    pub params: [u8; breakwater_risk::params::MARKET_PARAMS_BYTES],
    /// Seed paid into the pool, atoms.
    pub seed_atoms: u64,
    /// Bond paid into the reserve, atoms.
    pub bond_atoms: u64,
    /// Unix time from which it may draw on the insurance fund and the backstop may take its legs.
    pub draws_from: i64,
}

/// Parameters were proposed for a market.
#[event]
pub struct ParamsProposed {
    /// Header.
    pub header: EventHeader,
    /// The bytes of `breakwater_risk::MarketParams`.
    pub params: [u8; breakwater_risk::params::MARKET_PARAMS_BYTES],
    /// Unix time from which they may be applied.
    pub apply_at: i64,
}

/// A market's parameters changed.
#[event]
pub struct ParamsApplied {
    /// Header.
    pub header: EventHeader,
    /// The bytes of `breakwater_risk::MarketParams`.
    pub params: [u8; breakwater_risk::params::MARKET_PARAMS_BYTES],
    /// Funding accrued until now by the old parameters, atoms per lot × 10^6; positive when longs paid.
    pub funding_per_lot: i64,
    /// Maintenance rate applied now, stepped by the old parameters; 2^-32 ppm.
    pub maintenance_q32: u64,
}

/// A proposal of parameters was taken back.
#[event]
pub struct ParamsCancelled {
    /// Header.
    pub header: EventHeader,
    /// What had been proposed: the bytes of `breakwater_risk::MarketParams`.
    pub params: [u8; breakwater_risk::params::MARKET_PARAMS_BYTES],
}

/// A venue was registered.
#[event]
pub struct VenueRegistered {
    /// Header.
    pub header: EventHeader,
    /// The venue's account.
    pub venue: Pubkey,
    /// The matching program's signer.
    pub signer: Pubkey,
}

/// A margin account was opened.
#[event]
pub struct AccountOpened {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Owner.
    pub owner: Pubkey,
    /// Sub-account number.
    pub sub_id: u16,
}

/// A margin account was closed.
#[event]
pub struct AccountClosed {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Owner.
    pub owner: Pubkey,
}

/// A delegate was set.
#[event]
pub struct DelegateSet {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Delegate; default = nobody.
    pub delegate: Pubkey,
    /// Most notional that it may leave the account with after adding risk, atoms.
    pub notional_max_atoms: u64,
}

/// A venue was approved, or its approval revoked (limits of zero).
#[event]
pub struct VenueApprovalChanged {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Venue.
    pub venue: Pubkey,
    /// Most notional per day, atoms.
    pub max_notional_atoms: u64,
    /// Most cost per day, atoms.
    pub max_cost_atoms: u64,
    /// Unix time from which it is void.
    pub expires_at: i64,
}

/// Collateral came in.
#[event]
pub struct Deposited {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Atoms.
    pub amount_atoms: u64,
    /// Capital after.
    pub capital_atoms: u64,
}

/// Capital went out.
#[event]
pub struct Withdrawn {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Atoms.
    pub amount_atoms: u64,
    /// Capital after.
    pub capital_atoms: u64,
}

/// A market took a price.
#[event]
pub struct MarketRefreshed {
    /// Header.
    pub header: EventHeader,
    /// Mark, atoms per lot × 10^6.
    pub mark: u64,
    /// Confidence, same unit.
    pub confidence: u64,
    /// Publish time, seconds.
    pub publish_time: i64,
    /// Depth D(10 bp), atoms.
    pub depth_atoms: u64,
    /// Flow capacity, atoms.
    pub capacity_atoms: u64,
    /// Applied maintenance rate, ppm, rounded up.
    pub maintenance_ppm: u64,
    /// Funding accrued, atoms per lot × 10^6.
    pub funding_per_lot: i64,
    /// Slot before which risk may not be increased: the circuit breaker; 0 = it never opened.
    pub breaker_open_until_slot: u64,
}

/// A fill was settled.
#[event]
pub struct TradeSettled {
    /// Header.
    pub header: EventHeader,
    /// Venue.
    pub venue: Pubkey,
    /// Buyer's account.
    pub buyer: Pubkey,
    /// Seller's account.
    pub seller: Pubkey,
    /// Lots.
    pub lots: u64,
    /// Price of the fill.
    pub price: u64,
    /// Mark it was booked at.
    pub mark: u64,
    /// Fee of the buyer, atoms.
    pub buyer_fee_atoms: u64,
    /// Fee of the seller, atoms.
    pub seller_fee_atoms: u64,
    /// Part of the buyer's fee that its claims paid, atoms.
    pub buyer_fee_from_claims_atoms: u64,
    /// Part of the seller's fee that its claims paid, atoms.
    pub seller_fee_from_claims_atoms: u64,
    /// Funding accrued before the fill, atoms per lot × 10^6; positive when longs pay.
    pub funding_per_lot: i64,
}

/// All legs of an account were settled.
#[event]
pub struct AccountSettled {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// PnL realised, atoms.
    pub realised_atoms: i64,
    /// Capital that went to pools, atoms.
    pub paid_atoms: u64,
    /// Debt left, atoms.
    pub debt_atoms: u64,
}

/// Matured profit became capital.
#[event]
pub struct ProfitConverted {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Matured claim before, atoms.
    pub matured_atoms: u64,
    /// Paid, atoms.
    pub paid_atoms: u64,
    /// Given up with it, atoms: what the market left unfunded of what was paid.
    pub given_up_atoms: u64,
}

/// A claim in one market paid a debt in another.
#[event]
pub struct DebtPaid {
    /// Header: the market of the debt.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Market of the claim.
    pub claim_market: Pubkey,
    /// Atoms.
    pub paid_atoms: u64,
}

/// A ring of claims and debts was netted.
#[event]
pub struct RingNetted {
    /// Header.
    pub header: EventHeader,
    /// First member; the others are in the instruction.
    pub first: Pubkey,
    /// Number of members.
    pub members: u8,
    /// Taken off every claim and every debt of the ring, atoms.
    pub netted_atoms: u64,
}

/// An account entered or left liquidation.
#[event]
pub struct Flagged {
    /// Header.
    pub header: EventHeader,
    /// Market whose fresh price was used.
    pub acted_market: Pubkey,
    /// Account.
    pub account: Pubkey,
    /// Whether it is flagged now.
    pub is_flagged: bool,
}

/// A slice was closed.
#[event]
pub struct SliceLiquidated {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Keeper's account.
    pub keeper: Pubkey,
    /// Signed lots closed on the account.
    pub closed_lots: i64,
    /// Mark.
    pub mark: u64,
    /// Charge, atoms.
    pub charge_atoms: u64,
    /// Keeper's part, atoms.
    pub keeper_atoms: u64,
    /// Insurance's part, atoms.
    pub insurance_atoms: u64,
    /// What the slice counts for in the flow meter, atoms; less than its notional if the keeper netted it.
    pub flow_atoms: u64,
    /// Slot from which the next slice may be taken.
    pub next_due_slot: u64,
    /// Whether the account left liquidation.
    pub is_restored: bool,
}

/// A leg was closed against the other side.
#[event]
pub struct Deleveraged {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Signed lots closed on the account; the other side closed as many.
    pub closed_lots: i64,
    /// Price.
    pub price: u64,
    /// Mark.
    pub mark: u64,
}

/// A bankrupt account was resolved.
#[event]
pub struct BankruptcyResolved {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Written off, atoms.
    pub deficit_atoms: u64,
    /// Paid by the reserves of its markets, atoms.
    pub reserve_atoms: u64,
    /// Paid by insurance, atoms.
    pub insurance_atoms: u64,
    /// Left to the profit of the debts' markets, atoms.
    pub unfunded_atoms: u64,
    /// Cut from claims for that, atoms.
    pub claims_atoms: u64,
    /// Own claims that paid own debts, atoms.
    pub own_claims_atoms: u64,
}

/// A resolution wrote debt off in a market.
#[event]
pub struct DebtWrittenOff {
    /// Header.
    pub header: EventHeader,
    /// Account that was resolved.
    pub account: Pubkey,
    /// Debt written off, atoms.
    pub debt_atoms: u64,
    /// Paid of it by the market's reserve, atoms.
    pub reserve_atoms: u64,
    /// Paid of it by insurance, atoms; the rest was added to what the market left unfunded.
    pub insurance_atoms: u64,
    /// Cut from claims then, atoms.
    pub claims_atoms: u64,
    /// What the market leaves unfunded now, atoms.
    pub unfunded_atoms: u64,
}

/// Somebody gave toward what a market left unfunded.
#[event]
pub struct UnfundedCovered {
    /// Header.
    pub header: EventHeader,
    /// Who.
    pub donor: Pubkey,
    /// Atoms.
    pub amount_atoms: u64,
    /// What the market leaves unfunded now, atoms.
    pub unfunded_atoms: u64,
}

/// Somebody gave to the insurance fund.
#[event]
pub struct InsuranceDonated {
    /// Header.
    pub header: EventHeader,
    /// Who.
    pub donor: Pubkey,
    /// Atoms.
    pub amount_atoms: u64,
    /// Balance after.
    pub balance_atoms: u64,
}

/// The backstop of the exchange was created.
#[event]
pub struct BackstopCreated {
    /// Header.
    pub header: EventHeader,
    /// Backstop.
    pub backstop: Pubkey,
    /// Its margin account.
    pub account: Pubkey,
    /// Part of a day's reference at whose loss it stands aside.
    pub loss_line_ppm: u32,
}

/// Somebody gave to a market's reserve.
#[event]
pub struct ReserveDonated {
    /// Header.
    pub header: EventHeader,
    /// Giver.
    pub donor: Pubkey,
    /// Atoms.
    pub amount_atoms: u64,
    /// Reserve after, atoms.
    pub reserve_atoms: u64,
}

/// A stake was opened.
#[event]
pub struct StakeOpened {
    /// Header.
    pub header: EventHeader,
    /// The insurance fund or the backstop.
    pub pool: Pubkey,
    /// Owner.
    pub owner: Pubkey,
}

/// A stake was closed.
#[event]
pub struct StakeClosed {
    /// Header.
    pub header: EventHeader,
    /// The insurance fund or the backstop.
    pub pool: Pubkey,
    /// Owner.
    pub owner: Pubkey,
}

/// Cash came into a pool for shares.
#[event]
pub struct Staked {
    /// Header.
    pub header: EventHeader,
    /// The insurance fund or the backstop.
    pub pool: Pubkey,
    /// Owner.
    pub owner: Pubkey,
    /// Atoms.
    pub amount_atoms: u64,
    /// Shares issued to the owner.
    pub shares: u64,
    /// Shares of the pool after.
    pub total_shares: u64,
}

/// Shares were asked back, or a request was taken back (no shares).
#[event]
pub struct UnstakeRequested {
    /// Header.
    pub header: EventHeader,
    /// The insurance fund or the backstop.
    pub pool: Pubkey,
    /// Owner.
    pub owner: Pubkey,
    /// Shares.
    pub shares: u64,
    /// What they are worth now, atoms: the most they are paid.
    pub value_atoms: u64,
    /// Unix time from which they are paid.
    pub redeemable_at: i64,
}

/// A first call noted what requested shares are worth, or a call after it lowered that.
#[event]
pub struct UnstakeNoted {
    /// Header.
    pub header: EventHeader,
    /// The insurance fund or the backstop.
    pub pool: Pubkey,
    /// Owner.
    pub owner: Pubkey,
    /// What the requested shares are worth, atoms: the most that the second call pays.
    pub noted_atoms: u64,
    /// Unix time from which the second call pays.
    pub payable_from: i64,
    /// Unix time up to which it does.
    pub payable_until: i64,
}

/// A request was paid.
#[event]
pub struct Unstaked {
    /// Header.
    pub header: EventHeader,
    /// The insurance fund or the backstop.
    pub pool: Pubkey,
    /// Owner.
    pub owner: Pubkey,
    /// Shares given up.
    pub burned_shares: u64,
    /// Paid, atoms.
    pub paid_atoms: u64,
    /// Shares of the pool after.
    pub total_shares: u64,
}

/// The backstop took a leg over, or a part of it.
#[event]
pub struct LegAbsorbed {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Signed lots closed on the account; the backstop took them.
    pub closed_lots: i64,
    /// Mark.
    pub mark: u64,
    /// Charge in cash, atoms.
    pub charge_atoms: u64,
    /// Charge paid with the leg's own claim, atoms.
    pub claim_atoms: u64,
    /// Insurance's part of the cash, atoms.
    pub insurance_atoms: u64,
    /// Whether the account left liquidation.
    pub is_restored: bool,
}

/// A keeper bought from the backstop.
#[event]
pub struct InventoryUnwound {
    /// Header.
    pub header: EventHeader,
    /// Keeper's account.
    pub keeper: Pubkey,
    /// Signed lots closed on the backstop's account; the keeper took them.
    pub closed_lots: i64,
    /// Mark.
    pub mark: u64,
    /// Discount that the backstop paid, atoms.
    pub discount_atoms: u64,
    /// What the sale counts for in the flow meter, atoms; less than its notional if the keeper netted it.
    pub flow_atoms: u64,
}

/// A market's accrued shares were swept.
#[event]
pub struct MarketSwept {
    /// Header.
    pub header: EventHeader,
    /// To insurance, atoms.
    pub insurance_atoms: u64,
    /// To the exchange's fees, atoms.
    pub fees_atoms: u64,
    /// To the market's reserve, atoms.
    pub reserved_atoms: u64,
    /// Unfunded repaid from fees, atoms.
    pub repaid_from_fees_atoms: u64,
    /// Unfunded repaid from the reserve, atoms.
    pub repaid_from_reserve_atoms: u64,
    /// Unfunded repaid from insurance, atoms.
    pub repaid_from_insurance_atoms: u64,
    /// Unfunded cut from claims, atoms.
    pub claims_cut_atoms: u64,
}

/// Trading fees were paid out.
#[event]
pub struct FeesCollected {
    /// Header.
    pub header: EventHeader,
    /// Atoms.
    pub amount_atoms: u64,
}

/// A leg was registered anew in the liquidation ladder.
#[event]
pub struct LegRegistered {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Bucket number of its trigger price; 0 for a leg without lots.
    pub bucket: u16,
    /// Forced notional, atoms; 0 for a leg without lots.
    pub forced_atoms: u64,
    /// Bucket number of the mark.
    pub mark_bucket: u16,
}

/// The cascade ratios of a market were measured.
#[event]
pub struct CascadeMeasured {
    /// Header.
    pub header: EventHeader,
    /// Cascade ratio of the longs, ppm, saturating.
    pub long_ratio_ppm: u32,
    /// Cascade ratio of the shorts, ppm, saturating.
    pub short_ratio_ppm: u32,
}

/// A macro index was created.
#[event]
pub struct MacroIndexCreated {
    /// Header.
    pub header: EventHeader,
    /// The index.
    pub macro_index: Pubkey,
    /// Its feeds, in their order.
    pub feeds: Vec<crate::instructions::MacroFeedArgs>,
    /// Unix time from which markets read it.
    pub effective_at: i64,
}

/// Other feeds were proposed for a macro index.
#[event]
pub struct MacroIndexProposed {
    /// Header; counts the events of the index.
    pub header: EventHeader,
    /// The feeds, in their order.
    pub feeds: Vec<crate::instructions::MacroFeedArgs>,
    /// Unix time from which they may be applied.
    pub apply_at: i64,
}

/// A macro index has the proposed feeds now, and knows nothing of the earlier ones.
#[event]
pub struct MacroIndexReplaced {
    /// Header; counts the events of the index.
    pub header: EventHeader,
    /// The feeds, in their order.
    pub feeds: Vec<crate::instructions::MacroFeedArgs>,
}

/// A proposal of other feeds was taken back.
#[event]
pub struct MacroIndexProposalCancelled {
    /// Header; counts the events of the index.
    pub header: EventHeader,
}

/// A macro index took prices, or closed a minute.
#[event]
pub struct MacroRefreshed {
    /// Header; counts the events of the index.
    pub header: EventHeader,
    /// Open minute now, unix seconds / 60.
    pub minute: i64,
    /// Weighted mean of the feeds' ratios, ppm.
    pub ratio_ppm: u32,
    /// Stress as a factor, ppm.
    pub stress_ppm: u32,
    /// Implied correlation, ppm.
    pub correlation_ppm: u32,
    /// Prices taken.
    pub prices: Vec<MacroPriceTaken>,
}

/// A price that a macro index took.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct MacroPriceTaken {
    /// Place of the feed in the index.
    pub feed: u8,
    /// Ten digits of the price.
    pub mantissa: u64,
    /// Decimal exponent of the mantissa.
    pub exponent: i32,
    /// Relative confidence, ppm.
    pub confidence_ppm: u32,
    /// Pyth publish time, seconds.
    pub publish_time: i64,
}

/// An account was opted in to predictive closes, or out.
#[event]
pub struct DeriskSet {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Slot since which it is opted in; 0 = not.
    pub since_slot: u64,
}

/// A part of the leg of an account at risk was closed.
#[event]
pub struct AccountDerisked {
    /// Header.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Keeper's account.
    pub keeper: Pubkey,
    /// Signed lots closed on the account; the keeper took them.
    pub closed_lots: i64,
    /// Price, atoms per lot × 10^6.
    pub price: u64,
    /// Mark.
    pub mark: u64,
    /// What the close counts for in the flow meter, atoms.
    pub flow_atoms: u64,
    /// What the distance of the price to the mark cost the account, atoms.
    pub cost_atoms: u64,
    /// Slot from which the account may be acted on again.
    pub next_due_slot: u64,
}

impl AccountSettled {
    /// The event of a settlement; counts it. Errors: `Overflow`.
    pub fn of(
        key: Pubkey,
        account: &mut crate::state::MarginAccount,
        report: &breakwater_risk::settle::SettlementReport,
        now: &breakwater_risk::Now,
    ) -> Result<Self> {
        Ok(Self {
            header: EventHeader::of_account(account, now),
            account: key,
            realised_atoms: i64::try_from(report.realised_atoms).map_err(|_| crate::BreakwaterError::Overflow)?,
            paid_atoms: report.paid_atoms,
            debt_atoms: report.debt_atoms,
        })
    }
}

impl MarketSwept {
    /// The event of a sweep.
    pub fn of(header: EventHeader, report: &breakwater_risk::insurance::SweepReport) -> Self {
        Self {
            header,
            insurance_atoms: report.insurance_atoms,
            fees_atoms: report.fees_atoms,
            reserved_atoms: report.reserved_atoms,
            repaid_from_fees_atoms: report.repaid.fees_atoms,
            repaid_from_reserve_atoms: report.repaid.reserve_atoms,
            repaid_from_insurance_atoms: report.repaid.insurance_atoms,
            claims_cut_atoms: report.claims_cut_atoms,
        }
    }
}

/// An account was brought to the newest layout of its type.
#[event]
pub struct AccountExtended {
    /// Header; it names no exchange, and the event is counted in no sequence.
    pub header: EventHeader,
    /// Account.
    pub account: Pubkey,
    /// Who paid for the added bytes.
    pub payer: Pubkey,
    /// Version before.
    pub from_version: u8,
    /// Version now.
    pub version: u8,
    /// Length before, bytes.
    pub from_bytes: u32,
    /// Length now, bytes.
    pub bytes: u32,
}

impl EventHeader {
    /// Header of an event that belongs to no sequence: it changes no figure of any exchange.
    pub fn unnumbered(now: &breakwater_risk::Now) -> Self {
        Self::without_market(Pubkey::default(), 0, now)
    }

    /// Header of an event of a market; counts it.
    pub fn of_market(market: &mut crate::state::Market, key: Pubkey, now: &breakwater_risk::Now) -> Self {
        let sequence = market.next_sequence();
        Self { slot: now.slot, unix_timestamp: now.unix_timestamp, exchange: market.exchange, market: key, sequence }
    }

    /// Header of an event of an account that concerns no single market; counts it.
    pub fn of_account(account: &mut crate::state::MarginAccount, now: &breakwater_risk::Now) -> Self {
        let sequence = account.next_sequence();
        Self::without_market(account.exchange, sequence, now)
    }

    /// Header of an event of the exchange itself; counts it.
    pub fn of_exchange(exchange: &mut crate::state::Exchange, key: Pubkey, now: &breakwater_risk::Now) -> Self {
        let sequence = exchange.next_sequence();
        Self::without_market(key, sequence, now)
    }

    /// Header of an event of a macro index; counts it.
    pub fn of_macro_index(index: &mut crate::state::MacroIndex, now: &breakwater_risk::Now) -> Self {
        let sequence = index.next_sequence();
        Self::without_market(index.exchange, sequence, now)
    }

    fn without_market(exchange: Pubkey, sequence: u64, now: &breakwater_risk::Now) -> Self {
        let (slot, unix_timestamp) = (now.slot, now.unix_timestamp);
        Self { slot, unix_timestamp, exchange, market: Pubkey::default(), sequence }
    }
}
