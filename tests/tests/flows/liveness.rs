//! Liveness of accounts: in every state some instruction that anyone may send makes progress, or each says that there is
//! nothing to do; and doing what the SDK lists leads to rest (DESIGN section 6).

use crate::liveness_states::{at_percent, exhausted, STATES};
use crate::scene::{free_params, quick_world, with_whale};
use breakwater::BreakwaterError::{self, NotBankrupt, NothingToDo};
use breakwater_risk::flow;
use breakwater_risk::tier::Tier;
use breakwater_sdk::actions::{self, Action};
use breakwater_sdk::preview;
use breakwater_tests::acts::BACKSTOP;
use breakwater_tests::assert_refused;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::{World, CONFIDENCE_PPM, USD};

/// Rounds in which an account must come to rest.
const ROUNDS: u32 = 400;

#[test]
fn in_every_state_of_an_account_something_makes_progress_or_says_that_nothing_is_to_do() {
    let mut wrong = Vec::new();
    for state in STATES {
        let mut world = (state.world)();
        let (sight, now) = (world.sight(), world.stage.bank.now());
        let tier = preview::tier(&sight.snapshot, &world.account(state.account), 0, &now).unwrap();
        let (account, taker) = (world.account(state.account), world.account("keeper"));
        let refusals = actions::refusals(&sight.around(Some(&taker)), &account, 0, &now);
        for ((action, refusal), expected) in refusals.into_iter().zip(state.answers) {
            let found = world.would(action, state.account, "keeper").err();
            let found = found.as_ref().map(|refused| code_of(refused).expect("a custom error"));
            if (found, refusal.map(BreakwaterError::from).map(code)) != (expected.map(code), expected.map(code)) {
                wrong.push(format!("{}: {action:?}: {found:?}, {refusal:?} instead of {expected:?}", state.name));
            }
        }
        if tier != state.tier {
            wrong.push(format!("{}: {tier:?} instead of {:?}", state.name, state.tier));
        }
        come_to_rest(&mut world, state.name, state.account);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Does what the SDK lists, and lets keepers buy what the backstop holds, until nothing is due.
fn come_to_rest(world: &mut World, state: &str, name: &str) {
    for _ in 0..ROUNDS {
        let (sight, account, taker) = (world.sight(), world.account(name), world.account("keeper"));
        let now = world.stage.bank.now();
        let standing = actions::standing(&sight.around(Some(&taker)), &account, &now).unwrap();
        // Whose last leg was closed stays flagged until the flag lapses: nothing is left to act on.
        let is_flat = !account.state.legs.iter().any(|leg| leg.is_used());
        if is_flat || (standing.tier == Tier::Healthy && account.state.flagged_slot == 0 && !owes(&account)) {
            return;
        }
        match standing.actions.last() {
            Some(action) => drop(world.act(*action, name, "keeper").unwrap()),
            None if name == BACKSTOP && world.unwind("keeper", 0, u64::MAX).is_ok() => {}
            None => {
                world.pass(20);
                for market in 0..world.stage.markets.len() {
                    world.quote(market, world.price(market), CONFIDENCE_PPM).unwrap();
                }
            }
        }
    }
    let (sight, account, now) = (world.sight(), world.account(name), world.stage.bank.now());
    let refusals = actions::refusals(&sight.around(Some(&world.account("keeper"))), &account, 0, &now);
    let leg = account.state.legs[0];
    panic!("{state}: {name} does not come to rest: {refusals:?}, {} lots, debt {}", leg.lots, leg.debt_atoms);
}

fn owes(account: &breakwater::MarginAccount) -> bool {
    account.state.legs.iter().any(|leg| leg.debt_atoms > 0)
}

#[test]
fn without_a_backstop_distressed_accounts_are_sliced_and_critical_ones_deleveraged() {
    let mut world = at_percent(with_whale(quick_world(&free_params())), 40);
    world.would(Action::Liquidate(0), "whale", "keeper").unwrap();
    let absent = world.would(Action::Absorb(0), "whale", "keeper").unwrap_err();
    assert_eq!(code_of(&absent), Some(code(BreakwaterError::BackstopNotCreated)));
    let mut world = at_percent(with_whale(quick_world(&free_params())), 15);
    world.deleverage("whale", 0).unwrap();
    assert_eq!(world.lots("whale", 0), 0);
}

#[test]
fn who_waits_for_another_markets_losers_can_pay_once_anyone_settles_them() {
    let mut world = crate::scene::two_markets();
    for name in ["waiting", "loser", "winner"] {
        world.trader(name, 100_000 * USD);
    }
    world.trade(0, "waiting", "loser", 5_000_000).unwrap();
    world.trade(1, "waiting", "winner", 10_000_000).unwrap();
    world.leave_capital("waiting", 0, "winner");
    world.fall_to(0, 220 * USD); // a claim of $1 000
    world.publish_among(1, 45 * USD);
    world.publish_among(1, 45 * USD); // a debt of $500
    world.settle("waiting").unwrap();
    while world.pay_debt("waiting", 0, 1).is_ok() {} // what the pool's seed can spare
    assert_refused(world.pay_debt("waiting", 0, 1), NothingToDo);
    let refused = world.would(Action::Resolve(0), "waiting", "winner").unwrap_err();
    assert_eq!(code_of(&refused), Some(code(NotBankrupt)));
    world.settle("loser").unwrap();
    world.pay_debt("waiting", 0, 1).unwrap();
    assert!(!owes(&world.account("waiting")));
}

#[test]
fn flow_comes_back_by_itself() {
    let mut world = exhausted(with_whale(quick_world(&free_params())));
    let left = |world: &World| {
        let (state, now) = (world.market(0).state, world.stage.bank.now());
        flow::available(&state, flow::FlowDirection::Sell, &now).unwrap()
    };
    assert_eq!(left(&world), 0);
    world.calm(600);
    assert_eq!(left(&world), world.market(0).state.depth.capacity_atoms);
}
