//! Liveness of accounts: in every state some instruction that anyone may send makes progress, or each says that there is
//! nothing to do; and doing what the SDK lists leads to rest (DESIGN section 6).

use crate::scene::{free_params, quick_world, with_whale, HALF_A_MILLION};
use breakwater::BreakwaterError::{self, *};
use breakwater_risk::flow;
use breakwater_risk::health::Stance;
use breakwater_risk::state::FlowMeter;
use breakwater_risk::tier::Tier;
use breakwater_risk::MarketParams;
use breakwater_sdk::actions::{self, Action};
use breakwater_sdk::preview;
use breakwater_tests::acts::BACKSTOP;
use breakwater_tests::assert_refused;
use breakwater_tests::refusal::{code, code_of};
use breakwater_tests::world::{World, USD};

/// Capital of a backstop that can take everything here.
const DEEP_POCKETS: u64 = 10_000_000 * USD;
/// Rounds in which an account must come to rest.
const ROUNDS: u32 = 400;

/// What `flag`, `liquidate`, `absorb`, `deleverage` and `resolve` say; `None` goes through.
type Answers = [Option<BreakwaterError>; 5];

/// A state of an account, in market 0.
struct State {
    name: &'static str,
    account: &'static str,
    world: fn() -> World,
    answers: Answers,
    tier: Tier,
}

fn with_backstop(params: &MarketParams) -> World {
    with_whale(quick_world(params)).with_backstop(500_000, DEEP_POCKETS)
}

/// So thin that closing costs what is left more than it frees; a quarter of the position.
fn useless_world(backstop_max_atoms: u64) -> World {
    let depth_base_atoms = free_params().depth_base_atoms / 3_000;
    let mut world = quick_world(&MarketParams { depth_base_atoms, backstop_max_atoms, ..free_params() });
    for (name, capital) in [("whale", 80_000), ("maker", 1_000_000), ("keeper", 1_000_000)] {
        world.trader(name, capital * USD);
    }
    world.trade(0, "whale", "maker", HALF_A_MILLION / 4).unwrap();
    world.with_backstop(500_000, DEEP_POCKETS)
}

/// A backstop that may hold less than a position.
fn full_params() -> MarketParams {
    MarketParams { backstop_max_atoms: 5 * USD, ..free_params() }
}

fn unbacked_params() -> MarketParams {
    MarketParams { backstop_max_atoms: 0, ..free_params() }
}

/// Without anything left it stands aside.
fn with_empty_backstop() -> World {
    let mut world = with_whale(quick_world(&free_params()));
    world.stage.create_backstop(500_000).unwrap();
    world
}

/// Leaves the whale `percent` of its maintenance as capital.
fn at_percent(mut world: World, percent: u64) -> World {
    let maintenance = world.health("whale", 0, Stance::Favour).maintenance();
    world.leave_capital("whale", maintenance / 100 * percent, "maker");
    world
}

/// The whale owes more than it has.
fn bankrupt(mut world: World) -> World {
    world.leave_capital("whale", 1_000 * USD, "maker");
    world.fall_to(0, 190 * USD);
    world
}

fn exhausted(mut world: World) -> World {
    let slot = world.stage.time().0;
    world.edit_market(0, |market| market.state.flow = FlowMeter { utilisation_q32: -(1 << 32), slot });
    world
}

/// The whale's flag has waited longer than T_cap for flow.
fn waited(mut world: World) -> World {
    world.flag("whale", 0).unwrap();
    world.pass(26);
    let price = world.price(0);
    world.fall_to(0, price);
    exhausted(world)
}

/// All that the whale has is a claim.
fn cashless() -> World {
    let mut world = with_backstop(&free_params());
    world.fall_to(0, 211 * USD);
    world.settle("whale").unwrap();
    world.leave_capital("whale", 0, "maker");
    world
}

/// The backstop holds the whale's position, and `atoms` of cash are left in it.
fn loaded(percent: u64) -> World {
    let mut world = at_percent(with_backstop(&free_params()), 40);
    world.absorb("whale", 0).unwrap();
    let maintenance = world.health(BACKSTOP, 0, Stance::Favour).maintenance();
    world.leave_capital(BACKSTOP, maintenance / 100 * percent, "maker");
    world
}

fn loaded_bankrupt() -> World {
    let mut world = loaded(1);
    world.fall_to(0, 190 * USD);
    world
}

/// A debt beyond everything, and no lots.
fn resolved_lots() -> World {
    let mut world = bankrupt(with_backstop(&free_params()));
    world.settle("whale").unwrap();
    world.deleverage("whale", 0).unwrap();
    world
}

fn only_claims() -> World {
    let mut world = with_backstop(&free_params());
    world.fall_to(0, 202 * USD);
    let lots = world.lots("whale", 0).unsigned_abs();
    world.trade(0, "maker", "whale", lots).unwrap();
    world.leave_capital("whale", 0, "maker");
    world
}

/// Bankrupt here, with a leg whose feed is dead.
fn beside_a_dead_feed() -> World {
    let mut world = with_backstop(&free_params());
    world.list(&free_params(), 50 * USD);
    world.trade(1, "whale", "maker", 1_000_000).unwrap();
    world.leave_capital("whale", 1_000 * USD, "maker");
    world.pass(1_600);
    world.fall_to(0, 190 * USD);
    world
}

const STATES: [State; 21] = [
    State {
        name: "healthy",
        account: "whale",
        world: || with_backstop(&free_params()),
        answers: [Some(NothingToDo), Some(Healthy), Some(NotDistressed), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Healthy,
    },
    State {
        name: "only claims",
        account: "whale",
        world: only_claims,
        answers: [Some(NothingToDo), Some(Healthy), Some(ZeroSize), Some(ZeroSize), Some(NotBankrupt)],
        tier: Tier::Healthy,
    },
    State {
        name: "liquidating with flow",
        account: "whale",
        world: || at_percent(with_backstop(&free_params()), 80),
        answers: [None, None, Some(NotDistressed), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "liquidating without flow",
        account: "whale",
        world: || exhausted(at_percent(with_backstop(&free_params()), 80)),
        answers: [None, Some(FlowExhausted), Some(NotDistressed), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "liquidating without flow since T_cap",
        account: "whale",
        world: || waited(at_percent(with_backstop(&free_params()), 80)),
        answers: [Some(NothingToDo), Some(FlowExhausted), None, Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "no slice helps",
        account: "whale",
        world: || at_percent(useless_world(free_params().backstop_max_atoms), 80),
        answers: [None, Some(SliceUseless), None, Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "no cash for the charge",
        account: "whale",
        world: cashless,
        answers: [None, None, None, Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "distressed, the backstop has room",
        account: "whale",
        world: || at_percent(with_backstop(&free_params()), 40),
        answers: [None, None, None, Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, the backstop is full",
        account: "whale",
        world: || at_percent(with_backstop(&full_params()), 40),
        answers: [None, None, Some(BackstopFull), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, full, and no slice helps",
        account: "whale",
        world: || at_percent(useless_world(5 * USD), 40),
        answers: [None, Some(SliceUseless), Some(BackstopFull), None, Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, no backstop for this market",
        account: "whale",
        world: || at_percent(with_backstop(&unbacked_params()), 40),
        answers: [None, None, Some(NoBackstop), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, the backstop stands aside",
        account: "whale",
        world: || at_percent(with_empty_backstop(), 40),
        answers: [None, None, Some(BackstopStandsAside), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, the backstop is poor",
        account: "whale",
        world: || at_percent(with_whale(quick_world(&free_params())).with_backstop(500_000, 2_000), 40),
        answers: [None, None, Some(BackstopFull), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "critical, the backstop has room",
        account: "whale",
        world: || at_percent(with_backstop(&free_params()), 15),
        answers: [None, None, None, Some(BackstopFirst), Some(NotBankrupt)],
        tier: Tier::Critical,
    },
    State {
        name: "critical, the backstop is full",
        account: "whale",
        world: || at_percent(with_backstop(&full_params()), 15),
        answers: [None, None, Some(BackstopFull), None, Some(NotBankrupt)],
        tier: Tier::Critical,
    },
    State {
        name: "bankrupt with lots",
        account: "whale",
        world: || bankrupt(with_backstop(&free_params())),
        answers: [None, Some(SettleFirst), Some(SettleFirst), Some(SettleFirst), None],
        tier: Tier::Bankrupt,
    },
    State {
        name: "bankrupt without lots",
        account: "whale",
        world: resolved_lots,
        answers: [None, Some(SliceUseless), Some(ZeroSize), Some(ZeroSize), None],
        tier: Tier::Bankrupt,
    },
    State {
        name: "bankrupt beside a dead feed",
        account: "whale",
        world: beside_a_dead_feed,
        answers: [None, Some(SettleFirst), Some(SettleFirst), Some(SettleFirst), None],
        tier: Tier::Bankrupt,
    },
    State {
        name: "the backstop's own account, distressed",
        account: BACKSTOP,
        world: || loaded(40),
        answers: [
            Some(BackstopAccount),
            Some(BackstopAccount),
            Some(BackstopAccount),
            Some(NotCritical),
            Some(NotBankrupt),
        ],
        tier: Tier::Distressed,
    },
    State {
        name: "the backstop's own account, critical",
        account: BACKSTOP,
        world: || loaded(15),
        answers: [Some(BackstopAccount), Some(BackstopAccount), Some(BackstopAccount), None, Some(NotBankrupt)],
        tier: Tier::Critical,
    },
    State {
        name: "the backstop's own account, bankrupt",
        account: BACKSTOP,
        world: loaded_bankrupt,
        answers: [Some(BackstopAccount), Some(BackstopAccount), Some(BackstopAccount), Some(SettleFirst), None],
        tier: Tier::Bankrupt,
    },
];

#[test]
fn in_every_state_of_an_account_something_makes_progress_or_says_that_nothing_is_to_do() {
    let mut wrong = Vec::new();
    for state in STATES {
        let mut world = (state.world)();
        let (sight, now) = (world.sight(), world.stage.bank.now());
        let tier = preview::tier(&sight.snapshot, &world.account(state.account), 0, &now).unwrap();
        let asked =
            [Action::Flag(0), Action::Liquidate(0), Action::Absorb(0), Action::Deleverage(0), Action::Resolve(0)];
        for (action, expected) in asked.into_iter().zip(state.answers) {
            let found = world.would(action, state.account, "keeper").err();
            let found_code = found.as_ref().map(|refused| code_of(refused).expect("a custom error"));
            if found_code != expected.map(code) {
                wrong.push(format!("{}: {action:?}: {found_code:?} instead of {expected:?}", state.name));
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
                    world.quote(market, world.price(market), breakwater_tests::world::CONFIDENCE_PPM).unwrap();
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
    let not_owned = anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram;
    assert_eq!(code_of(&absent), Some(not_owned as u32));
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
