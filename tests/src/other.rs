//! Other exchanges beside the one of a [`World`]: what belongs to them must not pass for its own.

use crate::pools::LOSS_LINE_PPM;
use crate::world::{sol_params, World, CONFIDENCE_PPM, LOT_EXPONENT, USD};
use anchor_lang::prelude::Pubkey;
use breakwater::InitializeExchangeArgs;
use breakwater_sdk::{address, instruction as build};
use breakwater_sim::stage::{venue_signer, Listed, Stage, Trader};
use solana_signer::Signer;

/// An exchange on terms of its own, without markets.
pub fn with_terms(args: InitializeExchangeArgs) -> World {
    let mut world = World::new();
    world.stage.exchange = address::exchange(args.id);
    found(&mut world.stage, args);
    world
}

/// Founds the stage's exchange, which must carry the id's address, and registers its venue.
fn found(stage: &mut Stage, args: InitializeExchangeArgs) {
    let (payer, authority) = (stage.bank.payer().pubkey(), stage.authority.pubkey());
    let initialize = build::initialize_exchange(payer, authority, stage.mint, anchor_spl::token::ID, args);
    let register = build::register_venue(stage.exchange, authority, venue_signer());
    stage.send_as_authority(&[initialize, register]).expect("the exchange is founded");
}

/// An exchange beside the world's own, under this id, with nothing but its venue. Returns its address.
pub fn bare_beside(world: &mut World, id: u16) -> Pubkey {
    let home = std::mem::replace(&mut world.stage.exchange, address::exchange(id));
    found(&mut world.stage, Stage::exchange_args(id));
    std::mem::replace(&mut world.stage.exchange, home)
}

/// A complete exchange of id 1 on the same mint, with the same authority and the same venue signer.
pub struct Other {
    /// Exchange.
    pub exchange: Pubkey,
    /// Its market.
    pub market: Listed,
    /// Its trader.
    pub trader: Trader,
}

impl Other {
    /// Founds it beside the world's own exchange: a market with a price, a trader with $1 000.
    pub fn beside(world: &mut World) -> Self {
        let stage = &mut world.stage;
        let (home, home_markets) = (stage.exchange, std::mem::take(&mut stage.markets));
        stage.exchange = address::exchange(1);
        found(stage, Stage::exchange_args(1));
        let market = stage.list_market(&sol_params(), LOT_EXPONENT).expect("the other market is listed");
        stage.publish(market, 200 * USD, CONFIDENCE_PPM).expect("the other price is accepted");
        let trader = stage.open_trader(1_000 * USD).expect("the other trader opens an account");
        let exchange = std::mem::replace(&mut stage.exchange, home);
        let market = std::mem::replace(&mut stage.markets, home_markets)[market];
        Self { exchange, market, trader }
    }

    /// Its vault.
    pub fn vault(&self) -> Pubkey {
        address::vault(&self.exchange)
    }

    /// Its insurance fund.
    pub fn insurance(&self) -> Pubkey {
        address::insurance(&self.exchange)
    }

    /// The registration of its venue.
    pub fn venue(&self) -> Pubkey {
        address::venue(&self.exchange, &venue_signer())
    }

    /// Creates its backstop and, for the owner of its trader, a stake in either of its pools.
    pub fn with_pools(self, world: &mut World) -> Self {
        let create = build::create_backstop(self.exchange, world.stage.authority.pubkey(), LOSS_LINE_PPM);
        world.send_as_authority(&[create]).expect("the pools are opened");
        let (payer, owner) = (world.stage.bank.payer().pubkey(), self.trader.key.pubkey());
        for pool in [self.insurance(), address::backstop(&self.exchange)] {
            let open = build::open_stake(self.exchange, payer, owner, pool);
            world.send(&[open], &[&self.trader.key]).expect("the pools are opened");
        }
        self
    }
}
