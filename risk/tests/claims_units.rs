//! Single rules of claims: how they grow, mature, are cut and convert, with expectations as formulas.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::unwrap_used)]

mod money_support;

use breakwater_risk::claims::{self, Claims};
use breakwater_risk::state::{Leg, MarketState, Now};
use breakwater_risk::units::{SideName, CLAIM_INDEX_MIN, CLAIM_INDEX_ONE};
use breakwater_risk::{leg, MarketParams, RiskError};
use bytemuck::Zeroable;
use money_support::{Exchange, DOLLAR, MARK, SEED};

const SOL: MarketParams = MarketParams::SOL;
const WINDOW: u64 = SOL.profit_window_slots as u64;
const START: Now = Now { slot: 0, unix_timestamp: 0, last_restart_slot: 0 };

/// Account 0 long and account 1 short 100 lots, both rich.
fn opened() -> Exchange {
    let mut exchange = Exchange::new(SOL, 1, &[1_000 * DOLLAR, 1_000 * DOLLAR]);
    exchange.trade(0, 0, 1, 100, MARK).unwrap();
    exchange
}

#[test]
fn loss_eats_claims_freshest_first_then_capital_then_is_debt() {
    let mut claims = Claims { matured: 5, maturing: 7, fresh: 11 };
    assert_eq!(claims.eat(20), Ok(20));
    assert_eq!(claims, Claims { matured: 3, maturing: 0, fresh: 0 });
    assert_eq!(claims.eat(20), Ok(3));

    let mut exchange = opened();
    exchange.accounts[0].capital_atoms = 50;
    exchange.set_mark(0, MARK + 1_000_000); // 1 atom a lot
    exchange.settle(0);
    assert_eq!(exchange.claim(0, 0), 100);
    exchange.set_mark(0, MARK - 1_000_000);
    exchange.settle(0);
    assert_eq!((exchange.claim(0, 0), exchange.capital(0), exchange.leg(0, 0).debt_atoms), (0, 0, 200 - 100 - 50));
    assert_eq!(exchange.market(0).pool_atoms, SEED + 50);
    exchange.set_mark(0, MARK);
    exchange.settle(0);
    assert_eq!((exchange.claim(0, 0), exchange.leg(0, 0).debt_atoms), (100 - 50, 0));
}

#[test]
fn claims_mature_after_one_to_two_windows_whenever_they_are_looked_at() {
    let mut exchange = opened();
    exchange.wait(WINDOW - exchange.now.slot % WINDOW + WINDOW - 1); // the last slot of a window
    exchange.set_mark(0, MARK + 1_000_000);
    exchange.settle(0);
    assert_eq!(exchange.value(0, 0).claims, Claims { fresh: 100, ..Claims::default() });
    exchange.wait(1);
    assert_eq!(exchange.value(0, 0).claims, Claims { maturing: 100, ..Claims::default() });
    let mut often = exchange.clone();
    often.settle(0);
    for exchange in [&mut exchange, &mut often] {
        exchange.wait(WINDOW - 1);
        assert_eq!(exchange.value(0, 0).claims.matured, 0);
        exchange.wait(1);
        assert_eq!(exchange.value(0, 0).claims.matured, 100);
    }
}

fn with_claims(total: u64, index: u64) -> (MarketState, Leg) {
    let mut market = MarketState::new(SOL);
    (market.claims_total_atoms, market.claim_index) = (total, index);
    let leg = Leg { in_use: 1, claim_matured_atoms: total, claim_index0: index, ..Leg::zeroed() };
    (market, leg)
}

#[test]
fn cut_lowers_all_claims_by_the_same_part_and_the_total_stays_above_their_sum() {
    let (mut market, leg) = with_claims(1_000, CLAIM_INDEX_ONE);
    claims::cut(&mut market, 333).unwrap();
    let index = (u128::from(CLAIM_INDEX_ONE) * 667 / 1_000) as u64;
    assert_eq!(market.claim_index, index);
    let exact = 1_000.0 * index as f64 / CLAIM_INDEX_ONE as f64;
    assert_eq!(market.claims_total_atoms, exact.ceil() as u64);
    assert_eq!(claims::current(&leg, &market, &START).unwrap().matured, exact.floor() as u64);
}

#[test]
fn cut_of_everything_wipes_and_later_claims_are_whole() {
    let (mut market, mut leg) = with_claims(1_000, CLAIM_INDEX_ONE);
    claims::cut(&mut market, 1_000).unwrap();
    assert_eq!((market.claims_total_atoms, market.claim_index, market.claim_generation), (0, CLAIM_INDEX_ONE, 1));
    assert_eq!(claims::current(&leg, &market, &START), Ok(Claims::default()));
    leg::realise_pending(&mut leg, &mut market, &START).unwrap();
    leg::book_pnl(&mut leg, &mut market, 7, SideName::Long).unwrap();
    assert_eq!(claims::current(&leg, &market, &START).unwrap().total(), Ok(7));
}

#[test]
fn worn_claim_index_is_never_a_reason_to_wipe_claims_for_a_small_deficit() {
    let total = 1_000_000 * DOLLAR;
    let (mut market, _) = with_claims(total, CLAIM_INDEX_MIN);
    assert_eq!(claims::can_cut(&market, 1), Ok(false));
    assert_eq!(claims::can_cut(&market, total / 2), Ok(true));
    assert_eq!(claims::can_cut(&market, total), Ok(true));
    market.unfunded_atoms = 5;
    assert_eq!(claims::write_down(&mut market), Ok(0));
    assert_eq!((market.claims_total_atoms, market.unfunded_atoms), (total, 5));
}

#[test]
fn conversion_pays_what_the_pool_can_after_debts_and_the_rest_waits_again() {
    let mut exchange = opened();
    exchange.set_mark(0, MARK + 10_000_000); // 10 atoms a lot
    exchange.accounts[1].capital_atoms = 400; // of 1 000 lost
    exchange.settle(0);
    exchange.settle(1);
    exchange.market(0).pool_atoms -= SEED;
    exchange.wait(2 * WINDOW);
    let backed = 400_u64.saturating_sub(600);
    assert_eq!(backed, 0); // what is owed is counted as lost until it is paid
    exchange.accounts[1].capital_atoms = 300;
    exchange.settle(1);
    let ratio = |pool: u64, debts: u64| (pool - debts, 1_000); // claims 1 000
    let (paid, claims) = ratio(700, 300);
    let too_much = (paid * 1_000_000 / claims + 1) as u32;
    assert_eq!(exchange.convert(0, 0, too_much), Err(RiskError::RatioTooLow));
    let report = exchange.convert(0, 0, too_much - 1).unwrap();
    assert_eq!((report.matured_atoms, report.paid_atoms), (1_000, paid));
    assert_eq!(exchange.value(0, 0).claims, Claims { fresh: 1_000 - paid, ..Claims::default() });
    assert_eq!(exchange.capital(0), 1_000 * DOLLAR + paid);
    assert_eq!(exchange.convert(0, 0, 0), Err(RiskError::NothingToDo));
}
