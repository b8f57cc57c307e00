//! The states of an account that [`crate::liveness`] walks through, and what every instruction says in each.

use crate::scene::{free_params, quick_world, with_whale, HALF_A_MILLION};
use breakwater::BreakwaterError::{self, *};
use breakwater_risk::health::Stance;
use breakwater_risk::liquidation::FLAG_SLOTS_MIN;
use breakwater_risk::shares::UNOWNED_SHARES_MIN;
use breakwater_risk::state::FlowMeter;
use breakwater_risk::tier::Tier;
use breakwater_risk::MarketParams;
use breakwater_tests::acts::BACKSTOP;
use breakwater_tests::world::{World, USD};

/// Capital of a backstop that can take everything here.
const DEEP_POCKETS: u64 = 10_000_000 * USD;
/// What `flag`, `liquidate`, `derisk`, `absorb`, `deleverage` and `resolve` say; `None` goes through.
pub type Answers = [Option<BreakwaterError>; 6];

/// A state of an account, in market 0.
pub struct State {
    /// Name.
    pub name: &'static str,
    /// Whose account.
    pub account: &'static str,
    /// Sets the scene.
    pub world: fn() -> World,
    /// What is said.
    pub answers: Answers,
    /// Its tier.
    pub tier: Tier,
}

fn with_backstop(params: &MarketParams) -> World {
    with_whale(quick_world(params)).with_backstop(500_000, DEEP_POCKETS)
}

/// So thin that closing costs what is left more than it frees; a quarter of the position.
fn useless_world(backstop_max_atoms: u64) -> World {
    let depth_base_atoms = free_params().depth_base_atoms / 8_000;
    let min_position_atoms = USD; // which a quarter of the flow of so little depth carries
    let params = MarketParams { depth_base_atoms, min_position_atoms, backstop_max_atoms, ..free_params() };
    let mut world = quick_world(&params);
    for (name, capital) in [("whale", 80_000), ("maker", 1_000_000), ("keeper", 1_000_000)] {
        world.trader(name, capital * USD);
    }
    world.trade(0, "whale", "maker", HALF_A_MILLION / 4).unwrap();
    world.with_backstop(500_000, DEEP_POCKETS)
}

/// A backstop that may hold less than an eighth of the position.
fn full_params() -> MarketParams {
    MarketParams { backstop_max_atoms: free_params().min_position_atoms, ..free_params() }
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
pub fn at_percent(mut world: World, percent: u64) -> World {
    let maintenance = world.health("whale", 0, Stance::Favour).maintenance();
    world.leave_capital("whale", maintenance / 100 * percent, "maker");
    world
}

/// A little above maintenance, and asked to be closed before it fails.
fn opted_in() -> World {
    let mut world = at_percent(with_backstop(&free_params()), 102);
    world.set_derisk("whale", true).unwrap();
    world
}

/// The whale owes more than it has.
fn bankrupt(mut world: World) -> World {
    world.leave_capital("whale", 1_000 * USD, "maker");
    world.fall_to(0, 190 * USD);
    world
}

/// The flow of sells is used up.
pub fn exhausted(mut world: World) -> World {
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

/// The whale was flagged so long ago that it does not count, and is above maintenance again, below its target.
fn lapsed() -> World {
    let mut world = at_percent(with_backstop(&free_params()), 80);
    let maintenance = world.health("whale", 0, Stance::Favour).maintenance();
    world.flag("whale", 0).unwrap();
    world.pass(FLAG_SLOTS_MIN + 10);
    let price = world.price(0);
    world.fall_to(0, price);
    world.move_capital("maker", "whale", maintenance / 4);
    world
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

/// Every state.
pub const STATES: [State; 23] = [
    State {
        name: "healthy",
        account: "whale",
        world: || with_backstop(&free_params()),
        answers: [
            Some(NothingToDo),
            Some(Healthy),
            Some(NotAtRisk),
            Some(NotDistressed),
            Some(NotCritical),
            Some(NotBankrupt),
        ],
        tier: Tier::Healthy,
    },
    State {
        name: "only claims",
        account: "whale",
        world: only_claims,
        answers: [Some(NothingToDo), Some(Healthy), Some(ZeroSize), Some(ZeroSize), Some(ZeroSize), Some(NotBankrupt)],
        tier: Tier::Healthy,
    },
    State {
        name: "at risk, and opted in",
        account: "whale",
        world: opted_in,
        answers: [Some(NothingToDo), Some(Healthy), None, Some(NotDistressed), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Healthy,
    },
    State {
        name: "recovered under a flag that lapsed",
        account: "whale",
        world: lapsed,
        answers: [None, Some(Healthy), Some(NotAtRisk), Some(NotDistressed), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Healthy,
    },
    State {
        name: "liquidating with flow",
        account: "whale",
        world: || at_percent(with_backstop(&free_params()), 80),
        answers: [None, None, Some(NotAtRisk), Some(NotDistressed), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "liquidating without flow",
        account: "whale",
        world: || exhausted(at_percent(with_backstop(&free_params()), 80)),
        answers: [
            None,
            Some(FlowExhausted),
            Some(NotAtRisk),
            Some(NotDistressed),
            Some(NotCritical),
            Some(NotBankrupt),
        ],
        tier: Tier::Liquidating,
    },
    State {
        name: "liquidating without flow since T_cap",
        account: "whale",
        world: || waited(at_percent(with_backstop(&free_params()), 80)),
        answers: [Some(NothingToDo), Some(FlowExhausted), Some(NotAtRisk), None, Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "no slice helps",
        account: "whale",
        world: || at_percent(useless_world(free_params().backstop_max_atoms), 80),
        answers: [None, Some(SliceUseless), Some(NotAtRisk), None, Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "no cash for the charge",
        account: "whale",
        world: cashless,
        answers: [None, None, Some(NotAtRisk), None, Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Liquidating,
    },
    State {
        name: "distressed, the backstop has room",
        account: "whale",
        world: || at_percent(with_backstop(&free_params()), 40),
        answers: [None, None, Some(NotAtRisk), None, Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, the backstop is full",
        account: "whale",
        world: || at_percent(with_backstop(&full_params()), 40),
        answers: [None, None, Some(NotAtRisk), Some(BackstopFull), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, full, and no slice helps",
        account: "whale",
        world: || at_percent(useless_world(5 * USD), 40),
        answers: [None, Some(SliceUseless), Some(NotAtRisk), Some(BackstopFull), None, Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, no backstop for this market",
        account: "whale",
        world: || at_percent(with_backstop(&unbacked_params()), 40),
        answers: [None, None, Some(NotAtRisk), Some(NoBackstop), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, the backstop stands aside",
        account: "whale",
        world: || at_percent(with_empty_backstop(), 40),
        answers: [None, None, Some(NotAtRisk), Some(BackstopStandsAside), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "distressed, the backstop is poor",
        account: "whale",
        world: || {
            at_percent(with_whale(quick_world(&free_params())).with_backstop(500_000, 2 * UNOWNED_SHARES_MIN), 40)
        },
        answers: [None, None, Some(NotAtRisk), Some(BackstopFull), Some(NotCritical), Some(NotBankrupt)],
        tier: Tier::Distressed,
    },
    State {
        name: "critical, the backstop has room",
        account: "whale",
        world: || at_percent(with_backstop(&free_params()), 15),
        answers: [None, None, Some(NotAtRisk), None, Some(BackstopFirst), Some(NotBankrupt)],
        tier: Tier::Critical,
    },
    State {
        name: "critical, the backstop is full",
        account: "whale",
        world: || at_percent(with_backstop(&full_params()), 15),
        answers: [None, None, Some(NotAtRisk), Some(BackstopFull), None, Some(NotBankrupt)],
        tier: Tier::Critical,
    },
    State {
        name: "bankrupt with lots",
        account: "whale",
        world: || bankrupt(with_backstop(&free_params())),
        answers: [None, Some(HealthWorsened), Some(NotAtRisk), Some(NegativeEquity), None, None],
        tier: Tier::Bankrupt,
    },
    State {
        name: "bankrupt without lots",
        account: "whale",
        world: resolved_lots,
        answers: [None, Some(SliceUseless), Some(ZeroSize), Some(ZeroSize), Some(ZeroSize), None],
        tier: Tier::Bankrupt,
    },
    State {
        name: "bankrupt beside a dead feed",
        account: "whale",
        world: beside_a_dead_feed,
        answers: [None, Some(HealthWorsened), Some(NotAtRisk), Some(NegativeEquity), None, None],
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
        answers: [
            Some(BackstopAccount),
            Some(BackstopAccount),
            Some(BackstopAccount),
            Some(BackstopAccount),
            Some(NotCritical),
            Some(NotBankrupt),
        ],
        tier: Tier::Critical,
    },
    State {
        name: "the backstop's own account, bankrupt",
        account: BACKSTOP,
        world: loaded_bankrupt,
        answers: [
            Some(BackstopAccount),
            Some(BackstopAccount),
            Some(BackstopAccount),
            Some(BackstopAccount),
            None,
            None,
        ],
        tier: Tier::Bankrupt,
    },
];
