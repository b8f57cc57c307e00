//! Owns how the exchange comes to the first moment of the scenario: market, makers, warm-up, accounts, insurance, keepers.
//!
//! Two makers (more if a leg cannot hold the open interest) first trade the whole open interest between them; after the
//! warm-up every account takes its position over from a maker, at the entry price. So the accounts open at the margin of
//! a market that works, every lot is matched, the makers end flat, and the open interest never changes on the way. There
//! is no trading fee: everyone starts with his collateral to the atom. One liquidity provider gives the backstop its
//! capital, a donation gives the insurance fund its amount.

use anchor_lang::prelude::Pubkey;
use anyhow::{ensure, Context, Result};
use breakwater_risk::units::{notional_ceil, MAX_LEG_LOTS};
use breakwater_sdk::{address, instruction as build};
use solana_signer::Signer;

use super::{
    listing,
    warmup::{self, refused, Calm, STEP_S},
};
use crate::{
    inputs::Inputs,
    path::CONF_FLOOR_PPM,
    population::Side,
    stage::{Stage, Trader, START_SLOT, WALLET_ATOMS},
};

/// Keepers that share the work.
pub const KEEPERS: usize = 4;
/// Each keeper's capital, in open interests of one side: ample for all of it at any price.
const KEEPER_CAPITAL: f64 = 4.0;
/// Loss of a day at which the backstop stands aside, ppm of its worth: half. Its capital rule stops it earlier in a fall,
/// since it counts losses and no profits; the line keeps the other half from a day on which the rule's gap is too small.
const LOSS_LINE_PPM: u32 = 500_000;

/// An exchange at the first moment of a scenario.
pub struct Opened {
    /// The exchange.
    pub stage: Stage,
    /// Place of the market.
    pub market: usize,
    /// The accounts, in the order of the inputs.
    pub accounts: Vec<Pubkey>,
    /// The keepers.
    pub keepers: Vec<Trader>,
    /// The makers, flat.
    pub makers: Vec<Pubkey>,
}

/// Sets everything up; the clock stands one step before the scenario.
pub fn open(inputs: &Inputs) -> Result<Opened> {
    let params = listing::params(inputs)?;
    let price = inputs.entry_price();
    let mut stage = Stage::new()?;
    let before_s = (Calm::steps() + 2) * STEP_S;
    stage.bank.set_clock(START_SLOT, inputs.scenario.start_unix_s().saturating_sub_unsigned(before_s));
    let market = stage.list_market(&params, listing::lot_exponent(inputs)?)?;
    stage.publish(market, price, CONF_FLOOR_PPM)?;
    let mut makers = Makers::open(&mut stage, market, listing::side_lots(inputs)).context("the makers")?;
    warmup::warm_up(&mut stage, market, &Calm::around(price, params.sigma_ref_ppm))?;
    let (slot, unix) = warmup::next_time(&stage);
    stage.bank.set_clock(slot, unix);
    stage.publish(market, price, CONF_FLOOR_PPM)?;
    let mut accounts = Vec::with_capacity(inputs.accounts.len());
    for (number, account) in inputs.accounts.iter().enumerate() {
        let opened = makers.hand_over(&mut stage, account.side, account.lots, account.collateral_micro_usd);
        accounts.push(opened.with_context(|| format!("opening account {}", number + 1))?);
    }
    insure(&mut stage, inputs.insurance_micro_usd).context("the insurance fund")?;
    back(&mut stage, inputs.backstop_micro_usd).context("the backstop")?;
    let capital = ((inputs.settings.open_interest_usd * KEEPER_CAPITAL * 1e6) as u64).min(WALLET_ATOMS);
    let keepers: Result<Vec<Trader>> = (0..KEEPERS).map(|_| stage.open_trader(capital)).collect();
    Ok(Opened { stage, market, accounts, keepers: keepers.context("the keepers")?, makers: makers.accounts() })
}

/// Those who hold the open interest until the accounts take it over.
struct Makers {
    market: usize,
    long: Vec<Maker>,
    short: Vec<Maker>,
}

struct Maker {
    account: Pubkey,
    lots: u64,
}

impl Makers {
    /// Opens makers who hold `side_lots` on each side, with collateral for all of it.
    fn open(stage: &mut Stage, market: usize, side_lots: u64) -> Result<Self> {
        let state = stage.market(market).state;
        let mut makers = Self { market, long: Vec::new(), short: Vec::new() };
        let mut left = side_lots;
        while left > 0 {
            let lots = left.min(MAX_LEG_LOTS);
            let deposit = notional_ceil(lots, state.mark).map_err(refused)?.saturating_mul(2);
            let (long, short) = (stage.open_trader(deposit)?.account, stage.open_trader(deposit)?.account);
            stage.trade(market, long, short, lots, state.mark)?;
            makers.long.push(Maker { account: long, lots });
            makers.short.push(Maker { account: short, lots });
            left -= lots;
        }
        Ok(makers)
    }

    /// Opens an account with its collateral, and hands it `lots` of its side.
    fn hand_over(&mut self, stage: &mut Stage, side: Side, lots: u64, collateral: u64) -> Result<Pubkey> {
        let mark = stage.market(self.market).state.mark;
        let pieces = match side {
            Side::Long => take(&mut self.long, lots),
            Side::Short => take(&mut self.short, lots),
        };
        let account = stage.open_trader(collateral)?.account;
        for (maker, piece) in pieces {
            let (buyer, seller) = match side {
                Side::Long => (account, maker),
                Side::Short => (maker, account),
            };
            stage.trade(self.market, buyer, seller, piece, mark)?;
        }
        let capital = stage.account(&account).state.capital_atoms;
        ensure!(capital == collateral, "it has {capital} atoms of capital, not its collateral of {collateral}");
        Ok(account)
    }

    fn accounts(&self) -> Vec<Pubkey> {
        self.long.iter().chain(&self.short).map(|maker| maker.account).collect()
    }
}

/// Takes lots off the makers of one side, one after the other.
fn take(makers: &mut [Maker], lots: u64) -> Vec<(Pubkey, u64)> {
    let mut left = lots;
    let mut pieces = Vec::new();
    for maker in makers.iter_mut().filter(|maker| maker.lots > 0) {
        let piece = left.min(maker.lots);
        if piece > 0 {
            maker.lots -= piece;
            left -= piece;
            pieces.push((maker.account, piece));
        }
    }
    pieces
}

/// Donates the insurance fund its amount.
fn insure(stage: &mut Stage, atoms: u64) -> Result<()> {
    if atoms > 0 {
        let (donor, tokens) = (stage.authority.pubkey(), stage.tokens(stage.treasury));
        let donation = build::donate_insurance(stage.exchange, donor, tokens, atoms);
        stage.send_as_authority(&[donation])?;
    }
    Ok(())
}

/// Creates the backstop, and stakes its capital by one liquidity provider; nothing of both without capital.
fn back(stage: &mut Stage, atoms: u64) -> Result<()> {
    if atoms == 0 {
        return Ok(());
    }
    stage.create_backstop(LOSS_LINE_PPM)?;
    let provider = stage.open_trader(0)?;
    let (exchange, owner, payer) = (stage.exchange, provider.key.pubkey(), stage.bank.payer().pubkey());
    let stake = [
        build::open_stake(exchange, payer, owner, address::backstop(&exchange)),
        build::stake_backstop(exchange, owner, stage.tokens(provider.wallet), atoms, 0, &[]),
    ];
    stage.bank.send(&stake, &[&provider.key])?;
    Ok(())
}
