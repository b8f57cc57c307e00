//! One world in which every instruction succeeds: an exchange with accounts in every state, its double (`double.rs`), and a
//! third exchange that has nothing yet.

use crate::cast::Cast;
use anchor_lang::prelude::Pubkey;
use breakwater::{MAX_RECEIVERS, NOTICE_SECONDS};
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::MarketParams;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::bank::PYTH_RECEIVER;
use breakwater_tests::macros::{macro_feed, MINUTE_SLOTS};
use breakwater_tests::other::bare_beside;
use breakwater_tests::pools::LOSS_LINE_PPM;
use breakwater_tests::world::{sol_params, World, USD};
use breakwater_tests::Pool;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Lots of a position of $10 000 at $200, and of the small ones beside it.
pub const LOTS: u64 = 5_000_000;
const SMALL: u64 = LOTS / 10;
/// Market in which the backstop has room, the one in which it has none, the one with a matured profit, and the one that left
/// something unfunded.
pub const ROOMY: usize = 0;
pub const FULL: usize = 1;
pub const PROFITABLE: usize = 2;
pub const UNFUNDED: usize = 3;
/// All of them.
pub const MARKETS: [usize; 4] = [ROOMY, FULL, PROFITABLE, UNFUNDED];
/// Slots of the notice of governance and an hour.
const SLOTS_OF_A_NOTICE: u64 = (NOTICE_SECONDS as u64 + 3_600) * 5 / 2;
/// Slots of a step in which what a jump left of the volatility halves.
const SLOTS_OF_CALMING: u64 = 2_250;

/// Who asks to leave which pool: before the call that notes what is paid, and before the one that pays it.
pub const REQUESTS: [(&str, Pool); 4] =
    [("leaver", Pool::Insurance), ("leaver", Pool::Backstop), ("staker", Pool::Insurance), ("lp", Pool::Backstop)];

/// The world with all its exchanges, and all keys that sign.
pub struct Scene {
    pub world: World,
    pub cast: Cast,
    /// The exchange that becomes the double of the first.
    pub other: Pubkey,
    /// An exchange without backstop and macro index.
    pub bare: Pubkey,
    /// Pays for what is opened.
    pub sponsor: Keypair,
    /// Has no part in anything.
    pub stranger: Keypair,
    /// Signs for a venue.
    pub venue: Keypair,
    /// Is to become the authority.
    pub heir: Keypair,
    /// Receiver programs beside Pyth's: the one in force, and the one proposed.
    pub receivers: [Pubkey; 2],
    /// The sponsor's margin account, of an earlier layout.
    pub outdated: Pubkey,
}

impl Scene {
    /// Sets it.
    pub fn set() -> Self {
        let mut scene = Self::founded();
        scene.govern();
        scene.trade_and_move();
        scene.wait_for_calm();
        scene.fail();
        scene.fund_pools();
        scene.world.pass(MINUTE_SLOTS);
        // Twice, so that one price confirms the other.
        for market in MARKETS.into_iter().chain(MARKETS) {
            let price = scene.world.price(market);
            scene.world.pass(2);
            scene.world.quote(market, price, 300).expect("the price is accepted");
        }
        scene.world.pass(5);
        scene.enlist();
        scene
    }

    fn founded() -> Self {
        let mut world = World::new();
        let deep = sol_params();
        let full = MarketParams { backstop_max_atoms: deep.min_position_atoms, ..deep };
        for params in [deep, full, deep, deep] {
            world.list(&params, 200 * USD);
        }
        let mut world = world.with_backstop(LOSS_LINE_PPM, 1_000_000 * USD).with_macro_index(2);
        let [other, bare] = [1, 2].map(|id| bare_beside(&mut world, id));
        let [sponsor, stranger, venue, heir] = std::array::from_fn(|_| Keypair::new());
        for key in [&sponsor, &stranger, &venue, &heir] {
            world.stage.bank.fund(&key.pubkey(), 1_000_000_000_000);
        }
        let receivers = [Pubkey::new_unique(), Pubkey::new_unique()];
        let outdated = address::margin_account(&world.stage.exchange, &sponsor.pubkey(), 0);
        Self { world, cast: Cast::default(), other, bare, sponsor, stranger, venue, heir, receivers, outdated }
    }

    /// A second receiver is in force, and a third one due; so are a change of parameters and other feeds. The authority has named
    /// its heir.
    fn govern(&mut self) {
        let (exchange, authority) = (self.world.stage.exchange, self.world.stage.authority.pubkey());
        let set = |second: Pubkey| {
            let mut receivers = [Pubkey::default(); MAX_RECEIVERS];
            receivers[..2].copy_from_slice(&[PYTH_RECEIVER, second]);
            receivers
        };
        let propose = |second| build::propose_receivers(exchange, authority, set(second));
        self.world.send_as_authority(&[propose(self.receivers[0])]).expect("receivers are proposed");
        self.world.pass(SLOTS_OF_A_NOTICE);
        self.world.send(&[build::apply_receivers(exchange)], &[]).expect("receivers are applied");
        let params = sol_params();
        let wider = MarketParams { initial_base_ppm: params.initial_base_ppm + 1, ..params };
        self.world.propose_params(ROOMY, wider).expect("parameters are proposed");
        self.world.propose_macro_index(vec![macro_feed(2)]).expect("feeds are proposed");
        let venue = build::register_venue(exchange, authority, self.venue.pubkey());
        let heir = build::propose_authority(exchange, authority, self.heir.pubkey());
        let steps = [propose(self.receivers[1]), venue, heir];
        self.world.send_as_authority(&steps).expect("the authority's steps");
        self.world.pass(SLOTS_OF_A_NOTICE);
        self.world.calm(10);
    }

    /// Positions on both sides of a move: profit that matures, debts without cash, a ring of them, and a bankrupt.
    fn trade_and_move(&mut self) {
        let world = &mut self.world;
        for name in
            ["alice", "bob", "winner", "carol", "house", "ann", "ben", "bankrupt", "weak", "failing", "critical"]
        {
            world.trader(name, 100_000 * USD);
        }
        for name in ["maker", "keeper", "risky", "staker", "leaver", "idle"] {
            world.trader(name, 10_000_000 * USD);
        }
        world.twin("alice again", "alice", 1, 1_000 * USD);
        world.trader("nobody", 0);
        let fills = [
            ("alice", "bob", vec![ROOMY, FULL, PROFITABLE]),
            ("winner", "maker", vec![PROFITABLE]),
            ("carol", "house", vec![ROOMY, FULL]),
            ("ann", "ben", vec![ROOMY, FULL]),
            ("bankrupt", "maker", vec![FULL]),
        ];
        for (buyer, seller, markets) in fills {
            for market in markets {
                world.trade(market, buyer, seller, LOTS).expect("a fill at the mark");
            }
        }
        for (name, market) in [("bankrupt", ROOMY), ("bankrupt", PROFITABLE), ("winner", ROOMY), ("winner", FULL)] {
            world.trade(market, name, "maker", SMALL).expect("a fill at the mark");
        }
        for name in ["carol", "ann", "ben"] {
            world.leave_capital(name, 0, "maker");
        }
        world.publish_among(ROOMY, 210 * USD);
        world.publish_among(FULL, 190 * USD);
        world.publish_among(PROFITABLE, 210 * USD);
        for name in ["winner", "maker", "carol", "house", "ann", "ben"] {
            world.settle(name).expect("anybody is settled");
        }
    }

    /// Volatility falls back to what it was before the move, depth recovers, profit matures.
    fn wait_for_calm(&mut self) {
        for _ in 0..12 {
            self.world.calm(5);
            self.world.pass(SLOTS_OF_CALMING);
        }
        self.world.calm(3_000);
    }

    /// Accounts in every tier, and lots in the hands of the backstop.
    fn fail(&mut self) {
        let world = &mut self.world;
        world.set_derisk("risky", true).expect("an owner opts in");
        for (name, market, lots) in
            [("weak", ROOMY, LOTS), ("failing", ROOMY, LOTS), ("critical", FULL, LOTS), ("risky", ROOMY, 50 * LOTS)]
        {
            for place in [ROOMY, FULL, PROFITABLE] {
                let lots = if place == market { lots } else { SMALL };
                world.trade(place, name, "maker", lots).expect("a fill at the mark");
            }
        }
        for market in [ROOMY, FULL, PROFITABLE] {
            world.trade(market, "keeper", "maker", SMALL).expect("a fill at the mark");
        }
        world.give_inventory(ROOMY, "maker", LOTS);
        world.give_inventory(PROFITABLE, "maker", LOTS);
        world.calm(100);
        world.leave_capital("bankrupt", 0, "maker");
        for (name, market, part_ppm) in [
            ("weak", ROOMY, 400_000),
            ("failing", ROOMY, 800_000),
            ("critical", FULL, 200_000),
            ("risky", ROOMY, 1_020_000),
        ] {
            bring_to(world, name, market, part_ppm);
        }
    }

    /// Two stakes with a due request in either pool, and an empty one; fees and shares to sweep and to collect.
    fn fund_pools(&mut self) {
        let world = &mut self.world;
        world.open_stake("staker", Pool::Insurance).expect("a stake is opened");
        world.open_stake("nobody", Pool::Insurance).expect("a stake is opened");
        world.stake("staker", Pool::Insurance, 100_000 * USD).expect("the fund takes cash");
        for pool in [Pool::Insurance, Pool::Backstop] {
            world.open_stake("leaver", pool).expect("a stake is opened");
            world.stake("leaver", pool, 1_000 * USD).expect("either pool takes cash");
        }
        for (name, pool) in REQUESTS {
            let shares = world.stake_of(name, pool).state.shares;
            world.request_unstake(name, pool, shares / 2).expect("a request");
        }
        world.sweep(PROFITABLE).expect("anybody sweeps");
        world.pass(MINUTE_SLOTS);
        for minute in 0..2 {
            world.publish_macro(&[(0, (100 + minute) * USD), (1, 70 * USD)]).expect("the index takes prices");
            world.pass(MINUTE_SLOTS);
        }
    }
}

/// Leaves an account so much capital that its equity is this part of its maintenance margin, in ppm.
fn bring_to(world: &mut World, name: &str, market: usize, part_ppm: u64) {
    let health = world.health(name, market, Stance::Favour);
    let wanted = i128::from(health.maintenance()) * i128::from(part_ppm) / i128::from(PPM);
    let surplus = u64::try_from(health.equity() - wanted).expect("an account that is better off");
    world.move_capital(name, "maker", surplus);
}
