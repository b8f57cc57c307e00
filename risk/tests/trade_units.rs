//! Single rules of health and of fills, with expectations as formulas.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::health::{Health, HealthRatio, NoMarkets, Stance};
use breakwater_risk::trade::{self, Fill, FillReport};
use breakwater_risk::{margin, MarketParams, RiskError, RiskResult};
use money_support::{pair, Exchange, DOLLAR, MARK};

const SOL: MarketParams = MarketParams::SOL;
const FREE: MarketParams = MarketParams { trade_fee_ppm: 0, ..SOL };
/// Price units of an atom.
const ATOM: u64 = 1_000_000;
/// $2 000 at the first mark.
const LOTS: u64 = 1_000_000;
const RICH: u64 = 1_000_000 * DOLLAR;

/// Account 0 buys from account 1.
fn fill(exchange: &mut Exchange, lots: u64, price: u64) -> RiskResult<FillReport> {
    exchange.on(0, |acted, accounts| {
        let (buyer, seller) = pair(accounts, 0, 1);
        trade::settle_trade(acted, buyer, seller, Fill { lots, price })
    })
}

/// Account 1 buys from account 0.
fn fill_back(exchange: &mut Exchange, lots: u64, price: u64) -> RiskResult<FillReport> {
    exchange.on(0, |acted, accounts| {
        let (seller, buyer) = pair(accounts, 0, 1);
        trade::settle_trade(acted, buyer, seller, Fill { lots, price })
    })
}

fn initial(exchange: &Exchange, lots: u64, mark: u64) -> u64 {
    let notional = lots * (mark / ATOM);
    (notional
        * margin::initial_rate_ppm(&exchange.markets.0[0], breakwater_risk::units::SideName::Long, notional).unwrap())
    .div_ceil(1_000_000)
}

#[test]
fn three_equities_count_a_profit_fully_up_to_its_own_margin_and_not_at_all() {
    let mut exchange = Exchange::new(SOL, 3, &[1_000 * DOLLAR, RICH]);
    for market in 0..3 {
        exchange.trade(market, 0, 1, LOTS, MARK).unwrap();
    }
    exchange.set_mark(0, MARK + 500 * ATOM); // more than its initial margin
    exchange.set_mark(1, MARK + ATOM);
    exchange.set_mark(2, MARK - 7 * ATOM);
    let profit = [500, 1, -7].map(|atoms| atoms * LOTS as i128);
    let capital = i128::from(1_000 * DOLLAR);
    for settled in [false, true] {
        if settled {
            exchange.settle(0);
        }
        let health = exchange.health(0, Stance::Against, 0);
        let own = i128::from(initial(&exchange, LOTS, MARK + 500 * ATOM));
        assert!(own < profit[0]);
        assert_eq!(health.equity(), capital + profit.iter().sum::<i128>());
        assert_eq!(health.equity_initial(), capital + own + profit[1] + profit[2]);
        assert_eq!(health.equity_withdraw(), capital + profit[2]);
        let marks = [MARK + 500 * ATOM, MARK + ATOM, MARK - 7 * ATOM];
        assert_eq!(health.initial(), marks.map(|mark| initial(&exchange, LOTS, mark)).iter().sum::<u64>());
    }
}

#[test]
fn profit_counts_without_its_part_of_what_the_market_left_unfunded() {
    let mut exchange = Exchange::new(SOL, 1, &[RICH, RICH, RICH]);
    exchange.trade(0, 0, 2, LOTS, MARK).unwrap();
    exchange.trade(0, 1, 2, 3 * LOTS, MARK).unwrap();
    exchange.set_mark(0, MARK + 10 * ATOM);
    let unfunded = LOTS; // a tenth of account 0's profit, a fortieth of all
    exchange.market(0).unfunded_atoms = unfunded;
    let counted = |exchange: &Exchange, account: usize| {
        exchange.health(account, Stance::Favour, 0).leg_in(0).unwrap().value_atoms
    };
    for settled in [None, Some(0), Some(1), Some(2)] {
        settled.into_iter().for_each(|account| exchange.settle(account));
        assert_eq!(counted(&exchange, 0), (10 * LOTS - unfunded / 4) as i64, "{settled:?}");
        assert_eq!(counted(&exchange, 1), (30 * LOTS - unfunded * 3 / 4) as i64, "{settled:?}");
    }
    assert_eq!(exchange.capital(2), RICH - 40 * LOTS); // losses count in full
}

#[test]
fn tier_test_moves_the_price_for_the_account_by_the_last_mark_and_confidence_up_to_an_eighth_of_maintenance() {
    let mut exchange = Exchange::new(SOL, 1, &[1_000 * DOLLAR, RICH]);
    exchange.trade(0, 0, 1, LOTS, MARK).unwrap();
    let cap = MARK / 1_000_000 * (exchange.health(0, Stance::Favour, 0).leg_in(0).unwrap().maintenance_ppm / 8);
    for (previous, confidence) in
        [(MARK, 3 * ATOM), (MARK + 9 * ATOM, ATOM), (MARK - 9 * ATOM, ATOM), (MARK, MARK / 60)]
    {
        let slot = exchange.now.slot;
        let market = exchange.market(0);
        (market.previous_mark, market.previous_slot, market.confidence) = (previous, slot - 24, confidence);
        let moved = |gap: u64| (LOTS * (gap + confidence).min(cap) / ATOM) as i128;
        let shift = |exchange: &Exchange, account: usize| {
            let health = exchange.health(account, Stance::Favour, 0);
            health.equity_shifted() - health.equity()
        };
        assert_eq!(shift(&exchange, 0), moved(previous.saturating_sub(MARK)));
        assert_eq!(shift(&exchange, 1), moved(MARK.saturating_sub(previous)));
        exchange.market(0).previous_slot -= 1; // too old to count
        assert_eq!(shift(&exchange, 0), moved(0));
    }
    // A confidence too wide for slices is not capped: only who fails with all of it is acted on.
    exchange.market(0).confidence = MARK / 10;
    let health = exchange.health(0, Stance::Favour, 0);
    assert_eq!(health.equity_shifted() - health.equity(), (LOTS * MARK / 10 / ATOM) as i128);
}

#[test]
fn health_compares_by_cross_products_with_the_rounding_of_every_leg() {
    let mut exchange = Exchange::new(SOL, 1, &[1_000 * DOLLAR, RICH]);
    exchange.trade(0, 0, 1, LOTS, MARK).unwrap();
    let health: Health = exchange.health(0, Stance::Favour, 0);
    let HealthRatio { equity_atoms, maintenance_atoms } = health.ratio();
    let slack = 1 + 2; // one leg
    let with = |more: i128| HealthRatio { equity_atoms: equity_atoms + more, maintenance_atoms };
    assert_eq!(health.require_not_worse_than(with(slack)), Ok(()));
    assert_eq!(health.require_not_worse_than(with(slack + 1)), Err(RiskError::HealthWorsened));
    assert_eq!(health.require_not_worse_than(HealthRatio { equity_atoms: -1, maintenance_atoms }), Ok(()));
}

#[test]
fn account_with_legs_in_markets_that_were_not_supplied_is_not_assessed() {
    let mut exchange = Exchange::new(SOL, 1, &[1_000 * DOLLAR, RICH]);
    exchange.trade(0, 0, 1, LOTS, MARK).unwrap();
    let assessed = Health::assess(&exchange.accounts[0], Stance::Favour, None, &NoMarkets, &exchange.now);
    assert_eq!(assessed, Err(RiskError::NoSuchMarket));
}

#[test]
fn fill_lies_within_half_the_maintenance_rate_of_the_mark_fees_included() {
    let room = u64::from(SOL.maintenance_base_ppm / 2 - SOL.trade_fee_ppm);
    let (most, least) = (MARK + MARK / 1_000_000 * room, MARK - MARK / 1_000_000 * room);
    let exchange = Exchange::new(SOL, 1, &[RICH, RICH]);
    for (price, allowed) in [(most, true), (most + 1, false), (least, true), (least - 1, false)] {
        let result = fill(&mut exchange.clone(), LOTS, price);
        assert_eq!(result.err(), if allowed { None } else { Some(RiskError::FillTooFar) }, "{price}");
    }
    assert_eq!(fill(&mut exchange.clone(), 0, MARK), Err(RiskError::ZeroSize));
    assert_eq!(fill(&mut exchange.clone(), 1, 0), Err(RiskError::PriceOutOfRange));
}

#[test]
fn fee_is_paid_in_cash_by_both_and_split_with_insurance() {
    let mut exchange = Exchange::new(SOL, 1, &[RICH, RICH]);
    let cash = exchange.cash();
    let report = fill(&mut exchange, LOTS, MARK + ATOM).unwrap();
    let fee = LOTS * 2_000 * u64::from(SOL.trade_fee_ppm) / 1_000_000;
    assert_eq!((report.buyer.fee_atoms, report.seller.fee_atoms), (fee, fee));
    assert_eq!((report.buyer.cost_atoms, report.seller.cost_atoms), (LOTS + fee, fee));
    assert_eq!((exchange.capital(0), exchange.capital(1)), (RICH - LOTS - fee, RICH - fee));
    assert_eq!(exchange.claim(1, 0), LOTS);
    let insurance = fee * u64::from(SOL.fee_insurance_share_ppm) / 1_000_000;
    let market = exchange.market(0);
    assert_eq!(market.insurance_accrued_atoms, 2 * insurance);
    assert_eq!(market.fees_accrued_atoms, 2 * (fee - insurance));
    assert_eq!(exchange.cash(), cash);
}

#[test]
fn added_risk_needs_initial_margin_and_a_fresh_price() {
    let needed = initial(&Exchange::new(FREE, 1, &[]), LOTS, MARK);
    let mut exchange = Exchange::new(FREE, 1, &[needed, RICH]);
    fill(&mut exchange.clone(), LOTS, MARK).unwrap();
    exchange.accounts[0].capital_atoms -= 1;
    assert_eq!(fill(&mut exchange.clone(), LOTS, MARK), Err(RiskError::InitialMargin));
    exchange.accounts[0].capital_atoms = RICH;
    exchange.now.unix_timestamp += i64::from(SOL.price_age_max_s) + 1;
    assert_eq!(fill(&mut exchange.clone(), LOTS, MARK), Err(RiskError::PriceStale));
    exchange.now.unix_timestamp -= 1;
    exchange.market(0).reduce_only_until_slot = exchange.now.slot + 1;
    assert_eq!(fill(&mut exchange.clone(), LOTS, MARK), Err(RiskError::ReduceOnly));
}

#[test]
fn both_may_reduce_at_any_age_of_the_price_and_while_the_market_is_reduce_only() {
    let mut exchange = Exchange::new(FREE, 1, &[RICH, RICH]);
    fill(&mut exchange, LOTS, MARK).unwrap();
    exchange.now.unix_timestamp += 86_400;
    exchange.market(0).reduce_only_until_slot = u64::MAX;
    fill_back(&mut exchange, LOTS, MARK).unwrap();
    assert_eq!(exchange.market(0).leg_count, 0);
}

#[test]
fn open_interest_is_capped_for_fills_that_raise_it_only() {
    let params = MarketParams { open_interest_max_lots: LOTS, ..FREE };
    let mut exchange = Exchange::new(params, 1, &[RICH, RICH]);
    assert_eq!(fill(&mut exchange, LOTS + 1, MARK), Err(RiskError::OpenInterestCap));
    fill(&mut exchange, LOTS, MARK).unwrap();
    exchange.market(0).params.open_interest_max_lots = 1;
    fill_back(&mut exchange, LOTS / 2, MARK).unwrap();
}

#[test]
fn position_below_the_least_is_not_opened_but_may_be_left_by_a_reduction() {
    let mut exchange = Exchange::new(FREE, 1, &[RICH, RICH]);
    let least = FREE.min_position_atoms / 2_000;
    assert_eq!(fill(&mut exchange, least - 1, MARK), Err(RiskError::PositionTooSmall));
    fill(&mut exchange, least, MARK).unwrap();
    fill_back(&mut exchange, least - 1, MARK).unwrap();
}

/// Account 0 long with health one half: equity is half of maintenance.
fn half_healthy() -> (Exchange, u64) {
    let mut exchange = Exchange::new(FREE, 1, &[0, RICH]);
    exchange.trade(0, 0, 1, LOTS, MARK).unwrap();
    let maintenance = exchange.health(0, Stance::Favour, 0).maintenance();
    exchange.accounts[0].capital_atoms = maintenance / 2;
    let rate = exchange.health(0, Stance::Favour, 0).leg_in(0).unwrap().maintenance_ppm;
    (exchange, rate / 2)
}

#[test]
fn account_below_initial_margin_sells_no_lower_than_the_zero_price() {
    let (exchange, zero_ppm) = half_healthy();
    let zero_ppm = zero_ppm.min(FREE.fill_cost_max_ppm());
    let price = |ppm: u64| MARK - MARK / 1_000_000 * ppm;
    fill_back(&mut exchange.clone(), LOTS / 2, price(zero_ppm)).unwrap();
    let further = fill_back(&mut exchange.clone(), LOTS / 2, price(zero_ppm + 1));
    assert_eq!(further, Err(RiskError::FillTooFar));
    fill_back(&mut exchange.clone(), LOTS, MARK + MARK / 100).unwrap(); // better than the mark is always fair
}

#[test]
fn zero_price_below_the_fill_limit_is_the_one_that_holds() {
    let (mut exchange, _) = half_healthy();
    exchange.accounts[0].capital_atoms /= 10; // health 5 %
    let health = exchange.health(0, Stance::Favour, 0);
    let rate = health.leg_in(0).unwrap().maintenance_ppm;
    let zero_ppm = (health.equity() * i128::from(rate) / i128::from(health.maintenance())) as u64;
    assert!(zero_ppm < FREE.fill_cost_max_ppm());
    let price = |ppm: u64| MARK - MARK / 1_000_000 * ppm;
    fill_back(&mut exchange.clone(), LOTS / 2, price(zero_ppm)).unwrap();
    let further = fill_back(&mut exchange.clone(), LOTS / 2, price(zero_ppm + 1));
    assert!(matches!(further, Err(RiskError::FillTooFar | RiskError::HealthWorsened)));
}

#[test]
fn account_with_negative_equity_cannot_trade() {
    let (mut exchange, _) = half_healthy();
    exchange.set_mark(0, MARK - 500 * ATOM);
    exchange.settle(0);
    assert!(exchange.health(0, Stance::Favour, 0).equity() < 0);
    let mark = exchange.market(0).mark;
    let result = fill_back(&mut exchange, LOTS, mark);
    assert!(matches!(result, Err(RiskError::NegativeEquity | RiskError::HealthWorsened)), "{result:?}");
}

#[test]
fn flip_books_a_loss_on_the_new_side_and_needs_initial_margin() {
    let mut exchange = Exchange::new(FREE, 1, &[RICH, RICH]);
    fill(&mut exchange, LOTS, MARK).unwrap();
    fill_back(&mut exchange, 2 * LOTS, MARK).unwrap();
    assert_eq!((exchange.value(0, 0).lots, exchange.value(1, 0).lots), (-(LOTS as i64), LOTS as i64));
    exchange.accounts[0].capital_atoms = 1;
    assert_eq!(fill(&mut exchange, 2 * LOTS, MARK), Err(RiskError::InitialMargin));
}
