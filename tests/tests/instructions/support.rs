//! What the instruction tests share: quick worlds, a second exchange beside the first, and tampered instructions.

use anchor_lang::error::ErrorCode;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use breakwater::InitializeExchangeArgs;
use breakwater_risk::fixed::PPM;
use breakwater_risk::health::Stance;
use breakwater_risk::shares::COOLDOWN_SECONDS;
use breakwater_sdk::instruction::{self as build, Tokens};
use breakwater_sdk::{address, view};
use breakwater_sim::bank::PythPrice;
use breakwater_sim::stage::{venue_signer, Listed, Sent, Stage, Trader, PYTH_EXPONENT};
use breakwater_tests::assert_refused_with;
use breakwater_tests::other::found;
pub use breakwater_tests::pools::LOSS_LINE_PPM;
use breakwater_tests::world::{sol_params, World, CONFIDENCE_PPM, LOT_EXPONENT, USD};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Code of the token programs for an authority that is not the owner.
pub const TOKEN_OWNER_MISMATCH: u32 = 4;
/// Lots of about $10 000 at $200.
pub const LOTS_10K: u64 = 5_000_000;
/// What their liquidity provider puts in.
pub const BACKSTOP_ATOMS: u64 = 100_000 * USD;
/// Parts of maintenance, ppm: slices restore the account.
pub const FAILING: u64 = 800_000;
/// Below h_bs: the backstop takes the whole leg.
pub const DISTRESSED: u64 = 400_000;
/// Below h_adl: what the backstop does not take is deleveraged.
pub const CRITICAL_PART: u64 = 200_000;

/// A SOL market at $200 with one price: enough where depth does not matter.
pub fn quick() -> World {
    let mut world = World::new();
    world.list(&sol_params(), 200 * USD);
    world
}

/// [`quick`] with alice and bob, $100 000 each.
pub fn pair() -> World {
    let mut world = quick();
    world.trader("alice", 100_000 * USD);
    world.trader("bob", 100_000 * USD);
    world
}

/// An exchange on terms of its own, without markets.
pub fn with_terms(args: InitializeExchangeArgs) -> World {
    let mut world = World::new();
    world.stage.exchange = address::exchange(&world.stage.authority.pubkey(), args.id);
    found(&mut world.stage, args);
    world
}

/// [`quick`] with a backstop of $100 000 that stands aside at a loss of a fifth, "weak" long $10 000 against "maker", and
/// "keeper" without a position.
pub fn backed() -> World {
    with_weak(quick().with_backstop(LOSS_LINE_PPM, BACKSTOP_ATOMS))
}

/// "weak" long $10 000 against "maker" in the first market, $100 000 each, and "keeper" without a position.
pub fn with_weak(mut world: World) -> World {
    for name in ["weak", "maker", "keeper"] {
        world.trader(name, 100_000 * USD);
    }
    world.trade(0, "weak", "maker", LOTS_10K).unwrap();
    world
}

/// Leaves an account without open profit or loss this part of what maintenance asks, in ppm: it fails though no price
/// moves.
pub fn weaken(world: &mut World, name: &str, part_ppm: u64) {
    let required = world.health(name, 0, Stance::Favour).maintenance();
    world.leave_capital(name, required * part_ppm / PPM, "maker");
}

/// [`backed`] where the backstop has taken the leg of "weak".
pub fn holding() -> World {
    let mut world = backed();
    weaken(&mut world, "weak", DISTRESSED);
    world.absorb("weak", 0).unwrap();
    assert_eq!(world.inventory(0), i64::try_from(LOTS_10K).unwrap());
    world
}

/// Lets whole seconds pass.
pub fn pass_seconds(world: &mut World, seconds: i64) {
    world.pass(u64::try_from(seconds).unwrap() * 5 / 2);
}

/// Lets the cooldown of a request pass; the market's price is fresh after it.
pub fn cool_down(world: &mut World) {
    pass_seconds(world, COOLDOWN_SECONDS);
    let price = world.price(0);
    world.publish_among(0, price);
}

/// A complete exchange of id 1 on the same mint, with the same authority and the same venue signer.
pub struct Other {
    pub exchange: Pubkey,
    pub market: Listed,
    pub trader: Trader,
}

impl Other {
    /// Founds it beside the world's own exchange: a market with a price, a trader with $1 000.
    pub fn beside(world: &mut World) -> Self {
        let stage = &mut world.stage;
        let (home, home_markets) = (stage.exchange, std::mem::take(&mut stage.markets));
        stage.exchange = address::exchange(&stage.authority.pubkey(), 1);
        found(stage, Stage::exchange_args(1));
        let market = stage.list_market(&sol_params(), LOT_EXPONENT).expect("the other market is listed");
        stage.publish(market, 200 * USD, CONFIDENCE_PPM).expect("the other price is accepted");
        let trader = stage.open_trader(1_000 * USD).expect("the other trader opens an account");
        let exchange = std::mem::replace(&mut stage.exchange, home);
        let market = std::mem::replace(&mut stage.markets, home_markets)[market];
        Self { exchange, market, trader }
    }

    pub fn vault(&self) -> Pubkey {
        address::vault(&self.exchange)
    }

    pub fn insurance(&self) -> Pubkey {
        address::insurance(&self.exchange)
    }

    pub fn venue(&self) -> Pubkey {
        address::venue(&self.exchange, &venue_signer())
    }

    /// Creates its backstop and, for the owner of its trader, a stake in either of its pools.
    pub fn with_pools(self, world: &mut World) -> Self {
        let create = build::create_backstop(self.exchange, world.stage.authority.pubkey(), LOSS_LINE_PPM);
        world.send_as_authority(&[create]).unwrap();
        let (payer, owner) = (world.stage.bank.payer().pubkey(), self.trader.key.pubkey());
        for pool in [self.insurance(), address::backstop(&self.exchange)] {
            let open = build::open_stake(self.exchange, payer, owner, pool);
            world.send(&[open], &[&self.trader.key]).unwrap();
        }
        self
    }
}

/// Instructions with one thing wrong.
pub trait Tampered {
    /// Another key in place of one.
    fn swapped(self, from: Pubkey, to: Pubkey) -> Self;
    /// A key that does not sign.
    fn unsigned(self, key: Pubkey) -> Self;
    /// A key that is not writable.
    fn readonly(self, key: Pubkey) -> Self;
}

impl Tampered for Instruction {
    fn swapped(mut self, from: Pubkey, to: Pubkey) -> Self {
        let places: Vec<_> = self.accounts.iter_mut().filter(|meta| meta.pubkey == from).collect();
        assert!(!places.is_empty(), "the instruction does not name {from}");
        places.into_iter().for_each(|meta| meta.pubkey = to);
        self
    }

    fn unsigned(mut self, key: Pubkey) -> Self {
        self.accounts.iter_mut().filter(|meta| meta.pubkey == key).for_each(|meta| meta.is_signer = false);
        self
    }

    fn readonly(mut self, key: Pubkey) -> Self {
        self.accounts.iter_mut().filter(|meta| meta.pubkey == key).for_each(|meta| meta.is_writable = false);
        self
    }
}

/// Asserts a refusal by Anchor itself.
#[track_caller]
pub fn assert_anchor(sent: Sent, error: ErrorCode) {
    let name = format!("{error:?}");
    assert_refused_with(sent, error.into(), &name);
}

/// Owner key of a named trader.
pub fn owner(world: &World, name: &str) -> Pubkey {
    world.who(name).key.pubkey()
}

/// Token side of a named trader.
pub fn tokens(world: &World, name: &str) -> Tokens {
    world.stage.tokens(world.who(name).wallet)
}

/// Balance of a named trader's wallet.
pub fn wallet(world: &World, name: &str) -> u64 {
    world.stage.bank.token_balance(&world.who(name).wallet)
}

/// Balance of the vault.
pub fn vault_balance(world: &World) -> u64 {
    world.stage.bank.token_balance(&address::vault(&world.stage.exchange))
}

/// A key with lamports that means nothing to the exchange.
pub fn stranger(world: &mut World) -> Keypair {
    let key = Keypair::new();
    world.stage.bank.fund(&key.pubkey(), 1_000_000_000);
    key
}

/// A mint besides the quote mint, and a token account of it that `of` owns.
pub fn foreign_mint(world: &mut World, of: Pubkey) -> (Pubkey, Pubkey) {
    let (mint, wallet) = (Pubkey::new_unique(), Pubkey::new_unique());
    world.stage.bank.make_mint(&mint, 6);
    world.stage.bank.make_token_account(&wallet, &mint, &of, 1 << 40);
    (mint, wallet)
}

/// What Pyth would publish now for a market of the world.
pub fn observation(world: &World, market: usize, micro_usd: u64, confidence_ppm: u64) -> PythPrice {
    let price = micro_usd * 100;
    PythPrice {
        feed_id: world.stage.markets[market].feed_id,
        price: i64::try_from(price).unwrap(),
        confidence: price * confidence_ppm / 1_000_000,
        ema_confidence: price * confidence_ppm / 1_000_000,
        exponent: PYTH_EXPONENT,
        publish_time: world.stage.time().1,
    }
}

/// Writes an observation to the market's price account and refreshes.
pub fn refresh_with(world: &mut World, market: usize, price: &PythPrice) -> Sent {
    let key = world.stage.markets[market].price_account;
    world.stage.bank.post_price(&key, price);
    world.refresh(market)
}

/// A market of any exchange.
pub fn market_at(world: &World, key: &Pubkey) -> breakwater::Market {
    view::market(&world.stage.bank.data(key).unwrap_or_default()).expect("a market")
}

/// What a case of a table does to the world first.
pub type Prepare = fn(&mut World);
