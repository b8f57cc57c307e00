//! Settling an account over several markets, and paying debts with claims.

use crate::scene::{capital, free_params, HALF_A_MILLION};
use breakwater::BreakwaterError;
use breakwater_tests::world::{World, USD};

/// "trader" holds signed lots in three markets at $200 each, against "maker".
fn three_legs(lots: [i64; 3]) -> World {
    let mut world = World::new();
    for _ in 0..3 {
        world.list(&free_params(), 200 * USD);
    }
    world.calm(500);
    world.trader("trader", 500_000 * USD);
    world.trader("maker", 3_000_000 * USD);
    for (market, lots) in lots.into_iter().enumerate() {
        let (buyer, seller) = if lots > 0 { ("trader", "maker") } else { ("maker", "trader") };
        if lots != 0 {
            world.trade(market, buyer, seller, lots.unsigned_abs()).unwrap();
        }
    }
    world
}

fn shift_all(world: &mut World, price: u64) {
    for market in 0..3 {
        world.publish_among(market, price);
    }
}

fn debts(world: &World) -> [u64; 3] {
    [0, 1, 2].map(|market| world.market(market).state.debts_total_atoms)
}

#[test]
fn settling_spreads_capital_over_the_debts_pro_rata() {
    let million = 100_000_000; // lots worth $200 000
    let mut world = three_legs([million, 2 * million, 4 * million]);
    world.leave_capital("trader", 7_000 * USD, "maker");
    let pools = [0, 1, 2].map(|market| world.market(market).state.pool_atoms);
    shift_all(&mut world, 190 * USD); // losses of $10 000, $20 000, $40 000
    world.settle("trader").unwrap();
    assert_eq!(capital(&world, "trader"), 0);
    assert_eq!(debts(&world), [9_000 * USD, 18_000 * USD, 36_000 * USD]);
    for (market, paid) in [1_000, 2_000, 4_000].into_iter().enumerate() {
        assert_eq!(world.market(market).state.pool_atoms, pools[market] + paid * USD);
    }
}

#[test]
fn a_losing_leg_is_not_touched_alone_beside_another_while_losses_exceed_capital() {
    let mut world = three_legs([HALF_A_MILLION as i64, HALF_A_MILLION as i64, 0]);
    world.leave_capital("trader", 20_000 * USD, "maker");
    shift_all(&mut world, 190 * USD); // −$25 000 twice
    let sent = world.trade(0, "maker", "trader", 1_000_000);
    world.refused(sent, BreakwaterError::SettleFirst);
    world.settle("trader").unwrap();
    assert_eq!(debts(&world), [15_000 * USD, 15_000 * USD, 0]);
}

#[test]
fn the_only_losing_leg_is_touched_alone_as_its_capital_can_go_nowhere_else() {
    let mut world = three_legs([HALF_A_MILLION as i64, -(HALF_A_MILLION as i64), 0]);
    world.leave_capital("trader", 20_000 * USD, "maker");
    shift_all(&mut world, 190 * USD); // −$25 000 and +$25 000
    world.touch("trader", 0).unwrap();
    assert_eq!(debts(&world)[0], 5_000 * USD);
}

#[test]
fn a_claim_in_one_market_pays_the_debt_in_another_as_far_as_its_losers_have_paid() {
    let mut world = three_legs([HALF_A_MILLION as i64, -(HALF_A_MILLION as i64), 0]);
    world.leave_capital("trader", 20_000 * USD, "maker");
    shift_all(&mut world, 190 * USD);
    let sent = world.pay_debt("trader", 1, 0);
    world.refused(sent, BreakwaterError::SettleFirst); // cash pays before claims
    world.settle("trader").unwrap();
    world.pay_debt("trader", 1, 0).unwrap();
    assert_eq!(debts(&world)[0], 4_999 * USD, "the pool held its seed of $1");
    let sent = world.pay_debt("trader", 1, 0);
    world.refused(sent, BreakwaterError::NothingToDo);
    world.settle("maker").unwrap();
    let pools = [0, 1].map(|market| world.market(market).state.pool_atoms);
    world.pay_debt("trader", 1, 0).unwrap();
    assert_eq!(debts(&world), [0; 3]);
    let paid = 4_999 * USD;
    assert_eq!(world.market(0).state.pool_atoms, pools[0] + paid);
    assert_eq!(world.market(1).state.pool_atoms, pools[1] - paid);
    assert_eq!(world.market(1).state.claims_total_atoms, 20_000 * USD);
}
