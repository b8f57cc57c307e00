//! Netting: who nets, what it counts for, and that nobody nets the same lots twice (RISK section 1; spec U-4 … U-7).

mod money_support;

use breakwater_risk::fixed::PPM;
use breakwater_risk::flow::{self, FlowDirection};
use breakwater_risk::health::Stance;
use breakwater_risk::liquidation::{self, SliceReport};
use breakwater_risk::netting::FlowCharge;
use breakwater_risk::trade::{self, Fill};
use breakwater_risk::{MarketParams, RiskError, RiskResult};
use money_support::{pair, Exchange, DOLLAR, MARK};
use proptest::prelude::*;

/// The failing long, and who stands against it.
const WEAK: usize = 0;
const MAKER: usize = 1;
/// Short for a long time.
const OLD: usize = 2;
/// Long against it.
const OTHER: usize = 3;
/// Flat; of the same person as [`OLD`], where a test is about one.
const FRESH: usize = 4;
/// $40 000 at $200.
const LOTS: u64 = 20_000_000;
const TAU: u64 = MarketParams::SOL.flow_recovery_slots as u64;

/// A market that absorbs $10 000 of forced flow; WEAK is long and OLD short $40 000 for as long as it takes to net.
fn exchange() -> Exchange {
    scaled(1)
}

/// The same with a market and a WEAK that many times as large.
fn scaled(times: u64) -> Exchange {
    let mut exchange = Exchange::new(MarketParams::SOL, 1, &[100_000 * DOLLAR; 5]);
    exchange.market(0).depth.capacity_atoms = times * 10_000 * DOLLAR;
    exchange.trade(0, WEAK, MAKER, times * LOTS, MARK).unwrap();
    exchange.trade(0, OTHER, OLD, LOTS, MARK).unwrap();
    exchange.wait(TAU);
    exchange
}

/// A slice of WEAK, which has this part of what maintenance asks.
fn slice_at(exchange: &mut Exchange, keeper: usize, health_ppm: u64) -> RiskResult<SliceReport> {
    let required = exchange.health(WEAK, Stance::Favour, 0).maintenance();
    exchange.accounts[WEAK].capital_atoms = required * health_ppm / PPM;
    exchange.accounts[WEAK].slice_due_slot = 0;
    exchange.on(0, |acted, accounts| {
        let (account, keeper) = pair(accounts, WEAK, keeper);
        liquidation::liquidate(acted, account, keeper, u64::MAX)
    })
}

fn slice(exchange: &mut Exchange, keeper: usize) -> RiskResult<SliceReport> {
    slice_at(exchange, keeper, 700_000)
}

/// A venue's fill at the mark, with all its rules.
fn fill(exchange: &mut Exchange, buyer: usize, seller: usize, lots: u64) -> RiskResult<()> {
    exchange.on(0, |acted, accounts| {
        let (buyer, seller) = pair(accounts, buyer, seller);
        trade::settle_trade(acted, buyer, seller, Fill { lots, price: MARK }).map(|_| ())
    })
}

fn lots(exchange: &Exchange, account: usize) -> i64 {
    exchange.value(account, 0).lots
}

#[test]
fn taker_that_comes_closer_to_flat_is_charged_a_quarter_and_closes_what_the_flow_would_not_let() {
    let (mut fresh, mut netting) = (exchange(), exchange());
    let full = slice(&mut fresh, FRESH).unwrap();
    assert_eq!((full.flow_atoms, full.notional_atoms), (10_000 * DOLLAR, 10_000 * DOLLAR)); // all of the flow
    let before = netting.health(WEAK, Stance::Favour, 0).maintenance();
    let netted = slice(&mut netting, OLD).unwrap();
    assert_eq!(netted.flow_atoms, netted.notional_atoms.div_ceil(4));
    assert!(netted.notional_atoms > full.notional_atoms && netted.is_restored && !full.is_restored);
    assert_eq!(lots(&netting, OLD), -(LOTS as i64) - netted.closed_lots);
    assert!(netting.health(WEAK, Stance::Favour, 0).maintenance() < before);
    let used = -netting.market(0).flow.utilisation_q32;
    assert_eq!(used, (u128::from(netted.flow_atoms) << 32).div_ceil(10_000 * u128::from(DOLLAR)) as i64);
}

#[test]
fn young_lots_and_lots_on_the_same_side_do_not_net() {
    let mut exchange = exchange();
    fill(&mut exchange, OTHER, FRESH, LOTS).unwrap(); // FRESH is short now
    exchange.wait(TAU - 1);
    let young = slice(&mut exchange.clone(), FRESH).unwrap();
    assert_eq!(young.flow_atoms, young.notional_atoms);
    exchange.wait(1);
    let old = slice(&mut exchange.clone(), FRESH).unwrap();
    assert!(old.flow_atoms < old.notional_atoms);
    let same_side = slice(&mut exchange, OTHER).unwrap();
    assert_eq!(same_side.flow_atoms, same_side.notional_atoms);
}

#[test]
fn a_single_lot_added_makes_the_whole_leg_young() {
    let mut exchange = exchange();
    fill(&mut exchange, OTHER, OLD, 1).unwrap();
    let young = slice(&mut exchange, OLD).unwrap();
    assert_eq!(young.flow_atoms, young.notional_atoms);
}

#[test]
fn leg_that_netted_is_not_increased_for_the_recovery_time_by_any_fill() {
    let mut exchange = exchange();
    slice(&mut exchange, OLD).unwrap();
    let reopened = |exchange: &mut Exchange| fill(exchange, OTHER, OLD, 1_000_000);
    let crossed = |exchange: &mut Exchange| fill(exchange, OLD, MAKER, 2 * LOTS);
    exchange.wait(TAU - 1);
    assert_eq!(reopened(&mut exchange), Err(RiskError::NettingLocked));
    assert_eq!(crossed(&mut exchange), Err(RiskError::NettingLocked));
    fill(&mut exchange, OLD, OTHER, 1_000_000).unwrap(); // a reduction
    exchange.wait(1);
    reopened(&mut exchange.clone()).unwrap();
    crossed(&mut exchange).unwrap();
}

#[test]
fn closing_a_leg_that_netted_does_not_shed_its_lock_and_settling_frees_it_afterwards() {
    let mut exchange = exchange();
    slice(&mut exchange, OLD).unwrap();
    let left = lots(&exchange, OLD).unsigned_abs();
    fill(&mut exchange, OLD, OTHER, left).unwrap();
    exchange.wait(TAU - 1);
    exchange.settle(OLD);
    assert!(exchange.accounts[OLD].find_leg(0).is_some());
    assert_eq!(fill(&mut exchange, OTHER, OLD, 1_000_000), Err(RiskError::NettingLocked));
    exchange.wait(1);
    exchange.settle(OLD);
    assert_eq!(exchange.accounts[OLD].find_leg(0), None);
    fill(&mut exchange, OTHER, OLD, 1_000_000).unwrap();
}

#[test]
fn lots_passed_to_and_fro_between_two_accounts_of_one_person_gain_nothing() {
    let mut exchange = exchange();
    fill(&mut exchange, OLD, FRESH, LOTS).unwrap(); // the short goes to FRESH
    for keeper in [FRESH, OLD] {
        let report = slice(&mut exchange.clone(), keeper).unwrap();
        assert_eq!(report.flow_atoms, report.notional_atoms, "by {keeper}");
    }
    fill(&mut exchange, FRESH, OLD, LOTS).unwrap(); // and back
    for keeper in [FRESH, OLD] {
        let report = slice(&mut exchange.clone(), keeper).unwrap();
        assert_eq!(report.flow_atoms, report.notional_atoms, "by {keeper}");
    }
}

#[test]
fn account_with_old_lots_that_takes_more_than_them_is_charged_in_full() {
    let mut exchange = exchange();
    let kept = 2_000_000; // $4 000, less than the full slice of $10 000
    fill(&mut exchange, OLD, OTHER, LOTS - kept).unwrap();
    let report = slice(&mut exchange, OLD).unwrap();
    assert_eq!(report.flow_atoms, report.notional_atoms);
    assert!(lots(&exchange, OLD) > 0, "across");
}

#[test]
fn exhausted_flow_still_lets_a_netting_taker_in_once_there_is_a_quarter_of_a_smallest_position() {
    let mut exchange = exchange();
    let least = exchange.market(0).params.min_position_atoms;
    let used = 10_000 * DOLLAR - least / 4 - DOLLAR;
    let now = exchange.now;
    flow::record(exchange.market(0), FlowDirection::Sell, used, &now).unwrap();
    assert_eq!(slice(&mut exchange.clone(), FRESH), Err(RiskError::FlowExhausted));
    let report = slice(&mut exchange, OLD).unwrap();
    assert!(report.notional_atoms >= least && report.flow_atoms <= least / 4 + DOLLAR);
}

/// What a person with two accounts may try within a recovery time.
#[derive(Clone, Copy, Debug)]
enum Try {
    Pass { from: usize, lots: u64 },
    Market { account: usize, sells: bool, lots: u64 },
    Slice { keeper: usize, health_ppm: u64 },
    Wait(u64),
    Settle(usize),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let own = || prop_oneof![Just(OLD), Just(FRESH)];
    let lots = || prop_oneof![Just(LOTS), Just(LOTS / 2), 5_000..LOTS];
    let one = prop_oneof![
        2 => (own(), lots()).prop_map(|(from, lots)| Try::Pass { from, lots }),
        2 => (own(), any::<bool>(), lots()).prop_map(|(account, sells, lots)| Try::Market { account, sells, lots }),
        4 => (own(), 700_000u64..1_000_000).prop_map(|(keeper, health_ppm)| Try::Slice { keeper, health_ppm }),
        1 => (1u64..60).prop_map(Try::Wait),
        1 => own().prop_map(Try::Settle),
    ];
    prop::collection::vec(one, 1..40)
}

proptest! {
    #[test]
    fn within_the_recovery_time_no_more_is_netted_than_the_lots_that_were_old(tries in tries()) {
        let mut exchange = scaled(8); // there is more to net than lots to net with
        let (mut netted_lots, mut waited) = (0, 0);
        for attempt in tries {
            match attempt {
                Try::Pass { from, lots } => drop(fill(&mut exchange, from, OLD + FRESH - from, lots)),
                Try::Market { account, sells: true, lots } => drop(fill(&mut exchange, OTHER, account, lots)),
                Try::Market { account, sells: false, lots } => drop(fill(&mut exchange, account, MAKER, lots)),
                Try::Wait(slots) if waited + slots < TAU => {
                    waited += slots;
                    exchange.wait(slots);
                }
                Try::Wait(_) => {}
                Try::Settle(account) => exchange.settle(account),
                Try::Slice { keeper, health_ppm } => {
                    if lots(&exchange, WEAK) == 0 {
                        break;
                    }
                    let before = lots(&exchange, keeper);
                    let Ok(report) = slice_at(&mut exchange, keeper, health_ppm) else { continue };
                    if report.flow_atoms < report.notional_atoms {
                        prop_assert!(before < 0 && lots(&exchange, keeper) <= 0, "not closer to flat, or across");
                        netted_lots += report.closed_lots.unsigned_abs();
                    }
                }
            }
            prop_assert!(netted_lots <= LOTS, "{netted_lots} lots were netted");
            prop_assert!(exchange.market(0).flow.utilisation_q32.unsigned_abs() <= 2 << 32);
        }
    }

    #[test]
    fn charge_is_never_nothing_and_what_the_flow_carries_fits_it(atoms in 1u64..1 << 60, netting_ppm in 100_000u32..=1_000_000) {
        let charge = FlowCharge::netting(&MarketParams { netting_ppm, ..MarketParams::SOL });
        let charged = charge.of_ceil(atoms).unwrap();
        prop_assert!(charged >= 1 && charged <= atoms);
        prop_assert!(u128::from(charged) * 1_000_000 >= u128::from(atoms) * u128::from(netting_ppm));
        let carried = charge.stretch_floor(atoms).unwrap();
        prop_assert!(carried >= atoms && charge.of_ceil(carried).unwrap() <= atoms);
    }
}
