//! Every instruction of the program, as it succeeds in the scene: built by the SDK.

use crate::scene::{Scene, FULL, LOTS, PROFITABLE, ROOMY, UNFUNDED};
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::{ApproveVenueArgs, CreateMarketArgs, SettleTradeArgs, MAX_RECEIVERS};
use breakwater_risk::MarketParams;
use breakwater_sdk::actions::Action;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::bank::PYTH_RECEIVER;
use breakwater_sim::stage::{venue_signer, Stage};
use breakwater_tests::macros::{macro_feed, macro_price_account};
use breakwater_tests::pools::LOSS_LINE_PPM;
use breakwater_tests::world::{sol_params, LOT_EXPONENT, USD};
use breakwater_tests::Pool;
use solana_signer::Signer;

const LIMITS: ApproveVenueArgs =
    ApproveVenueArgs { max_notional_atoms: USD, max_cost_atoms: USD, expires_at: i64::MAX };

impl Scene {
    /// All of them, at least one for every instruction.
    pub fn cases(&self) -> Vec<Instruction> {
        let groups = [
            self.governance(),
            self.macro_index(),
            self.parameters(),
            self.accounts(),
            self.money(),
            self.markets(),
            self.profit_and_debt(),
            self.failures(),
            self.insurance(),
            self.backstop(),
        ];
        groups.into_iter().flatten().collect()
    }

    fn governance(&self) -> Vec<Instruction> {
        let (exchange, authority) = (self.world.stage.exchange, self.world.stage.authority.pubkey());
        let (mint, program) = (self.world.stage.mint, anchor_spl::token::ID);
        let mut receivers = [Pubkey::default(); MAX_RECEIVERS];
        receivers[0] = PYTH_RECEIVER;
        let (sponsor, heir) = (self.sponsor.pubkey(), self.heir.pubkey());
        vec![
            build::initialize_exchange(sponsor, heir, mint, program, Stage::exchange_args(3)),
            build::propose_authority(exchange, authority, self.stranger.pubkey()),
            build::accept_authority(exchange, heir),
            build::propose_receivers(exchange, authority, receivers),
            build::apply_receivers(exchange),
            build::revoke_receiver(exchange, authority, self.receivers[0]),
            build::register_venue(exchange, authority, self.stranger.pubkey()),
            build::create_backstop(self.bare, authority, LOSS_LINE_PPM),
        ]
    }

    fn macro_index(&self) -> Vec<Instruction> {
        let (exchange, authority) = (self.world.stage.exchange, self.world.stage.authority.pubkey());
        vec![
            build::create_macro_index(self.bare, authority, vec![macro_feed(0)]),
            build::propose_macro_index(exchange, authority, vec![macro_feed(3)]),
            build::apply_macro_index(exchange),
            build::cancel_macro_index(exchange, authority),
        ]
    }

    fn parameters(&self) -> Vec<Instruction> {
        let (exchange, authority) = (self.world.stage.exchange, self.world.stage.authority.pubkey());
        let args = CreateMarketArgs {
            feed_id: [1; 32],
            legacy_price_account: Pubkey::default(),
            lot_exponent: LOT_EXPONENT,
            seed_atoms: USD,
            bond_atoms: USD,
            params: bytemuck::cast(sol_params()),
        };
        let index = u16::try_from(self.world.stage.markets.len()).expect("a few markets");
        let tokens = self.world.stage.tokens(self.world.stage.treasury);
        let lower = MarketParams { open_interest_max_lots: 1 << 40, ..self.world.market(FULL).state.params };
        vec![
            build::create_market(exchange, authority, index, tokens, args),
            build::propose_params(exchange, authority, self.market(FULL), lower),
            build::apply_params(exchange, self.market(ROOMY), authority),
            build::cancel_params(exchange, authority, self.market(ROOMY), authority),
        ]
    }

    fn accounts(&self) -> Vec<Instruction> {
        let exchange = self.world.stage.exchange;
        let (owner, account) = (self.owner("idle"), self.account("idle"));
        let venues = [self.venue.pubkey(), venue_signer()].map(|key| address::venue(&exchange, &key));
        vec![
            build::open_account(exchange, self.sponsor.pubkey(), self.stranger.pubkey(), 0),
            build::close_account(self.owner("nobody"), self.account("nobody")),
            build::set_delegate(owner, account, self.stranger.pubkey(), USD),
            build::approve_venue(owner, account, venues[0], LIMITS),
            build::revoke_venue(owner, account, venues[1]),
            build::set_derisk(owner, account, true),
            build::extend_account(self.sponsor.pubkey(), self.outdated),
        ]
    }

    fn money(&self) -> Vec<Instruction> {
        let stage = &self.world.stage;
        let (exchange, authority) = (stage.exchange, stage.authority.pubkey());
        let (owner, account) = (self.owner("alice"), self.account("alice"));
        let tokens = stage.tokens(self.world.who("alice").wallet);
        let markets = stage.markets_of(&[account]);
        vec![
            build::deposit(exchange, owner, account, tokens, 100 * USD),
            build::withdraw(exchange, owner, account, tokens, 100 * USD, &markets),
            build::donate_insurance(exchange, owner, tokens, 100 * USD),
            build::donate_reserve(exchange, owner, self.market(ROOMY), tokens, 100 * USD),
            build::cover_unfunded(exchange, owner, self.market(UNFUNDED), tokens, 100 * USD),
            build::sweep_market(exchange, self.market(ROOMY)),
            build::collect_fees(exchange, authority, stage.tokens(stage.treasury)),
        ]
    }

    fn markets(&self) -> Vec<Instruction> {
        let stage = &self.world.stage;
        let market = stage.markets[ROOMY];
        let parties = (self.account("alice"), self.account("bob"));
        let others = stage.markets_of(&[parties.0, parties.1]);
        let fill = SettleTradeArgs { lots: LOTS / 10, price: self.world.mark(ROOMY) };
        let feeds = [0, 1].map(macro_price_account);
        vec![
            build::refresh_market(stage.exchange, market.key, market.price_account),
            build::refresh_macro(stage.exchange, &feeds),
            build::settle_trade(stage.exchange, self.venue.pubkey(), market.key, parties, fill, &others),
            self.world.touch_instruction("alice", ROOMY),
            build::measure_cascade(market.key),
        ]
    }

    fn profit_and_debt(&self) -> Vec<Instruction> {
        let account = self.account("winner");
        let others = self.world.stage.markets_of(&[account]);
        let (roomy, full) = (self.market(ROOMY), self.market(FULL));
        let members = [self.account("ann"), self.account("ben")];
        vec![
            build::convert_profit(self.owner("winner"), self.market(PROFITABLE), account, 0, &others),
            build::pay_debt(self.account("carol"), roomy, full),
            build::net_ring(&members, &[roomy, full]).expect("two members and two markets"),
            self.act(Action::Settle, "alice"),
        ]
    }

    /// What is done to an account; the keeper takes what is taken.
    fn act(&self, action: Action, name: &str) -> Instruction {
        self.world.instruction_of(action, name, "keeper")
    }

    fn failures(&self) -> Vec<Instruction> {
        let [roomy, full] = [ROOMY, FULL].map(|place| self.world.stage.markets[place].index);
        vec![
            self.act(Action::Flag(roomy), "failing"),
            self.act(Action::Liquidate(roomy), "failing"),
            self.act(Action::Derisk(roomy), "risky"),
            self.act(Action::Absorb(roomy), "weak"),
            self.act(Action::Deleverage(full), "critical"),
            self.act(Action::Resolve(full), "bankrupt"),
        ]
    }

    fn insurance(&self) -> Vec<Instruction> {
        let stage = &self.world.stage;
        let (exchange, all) = (stage.exchange, stage.all_markets());
        let (owner, tokens) = (self.owner("staker"), stage.tokens(self.world.who("staker").wallet));
        let (leaver, wallet) = (self.owner("leaver"), stage.tokens(self.world.who("leaver").wallet));
        let nobody = self.owner("nobody");
        vec![
            build::open_stake(exchange, self.sponsor.pubkey(), nobody, self.world.pool(Pool::Backstop)),
            build::close_stake(exchange, nobody, self.world.pool(Pool::Insurance)),
            build::stake_insurance(exchange, owner, tokens, 1_000 * USD, 0, &all),
            build::request_unstake_insurance(exchange, owner, 1_000_000, &all),
            build::unstake_insurance(exchange, leaver, wallet, 0, &all),
            build::unstake_insurance(exchange, owner, tokens, 0, &all),
        ]
    }

    fn backstop(&self) -> Vec<Instruction> {
        let stage = &self.world.stage;
        let (exchange, held) = (stage.exchange, stage.markets_with_backstop(&[]));
        let (owner, tokens) = (self.owner("lp"), stage.tokens(self.world.who("lp").wallet));
        let (leaver, wallet) = (self.owner("leaver"), stage.tokens(self.world.who("leaver").wallet));
        let (keeper, account) = (self.owner("keeper"), self.account("keeper"));
        let others = stage.markets_with_backstop(&[account]);
        vec![
            build::stake_backstop(exchange, owner, tokens, 1_000 * USD, 0, &held),
            build::request_unstake_backstop(exchange, owner, 1_000_000, &held),
            build::unstake_backstop(exchange, leaver, wallet, 0, &held),
            build::unstake_backstop(exchange, owner, tokens, 0, &held),
            build::unwind(exchange, keeper, self.market(ROOMY), account, LOTS / 2, &others),
        ]
    }
}
