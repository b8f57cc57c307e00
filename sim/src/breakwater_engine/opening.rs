//! Owns how the exchange comes to the first moment of the scenario: market, makers, warm-up, accounts, insurance, keepers.
//!
//! Two makers (more if a leg cannot hold the open interest) first trade the whole open interest between them; after the
//! warm-up every account takes its position over from a maker, at the entry price. So the accounts open at the margin of
//! a market that works, every lot is matched, the makers end flat, and the open interest never changes on the way. There
//! is no trading fee unless a run chooses one: everyone starts with his collateral to the atom. One liquidity provider gives
//! the backstop its capital, a donation gives the insurance fund its amount. It is the same for every backend.

use anyhow::{bail, Context, Result};
use breakwater_risk::{
    trade::{Fill, FillReport},
    units::{notional_ceil, MAX_LEG_LOTS},
};

use super::{
    backend::{Attempt, Backend},
    books::{Role, Who},
    macro_feeds,
    warmup::{self, refused, Calm, STEP_S},
};
use crate::{
    inputs::Inputs,
    listing,
    path::CONF_FLOOR_PPM,
    population::Side,
    stage::{START_SLOT, WALLET_ATOMS},
};

/// Keepers that share the work.
pub const KEEPERS: usize = 4;
/// Each keeper's capital, in open interests of one side: ample for all of it at any price.
const KEEPER_CAPITAL: f64 = 4.0;
/// Loss of a day at which the backstop stands aside, ppm of its worth: half. Its capital rule stops it earlier in a fall,
/// since it counts losses and no profits; the line keeps the other half from a day on which the rule's gap is too small.
const LOSS_LINE_PPM: u32 = 500_000;

/// Sets everything up; the clock stands one step before the scenario.
pub fn open<B: Backend>(inputs: &Inputs) -> Result<B> {
    let (params, price, lot_exponent) = (&inputs.params, inputs.entry_price(), listing::lot_exponent(inputs.scale)?);
    let before_s = (Calm::steps() + 2) * STEP_S;
    let start = (START_SLOT, inputs.scenario.start_unix_s().saturating_sub_unsigned(before_s));
    let mut backend = B::list(params, lot_exponent, start)?;
    backend.refresh(start, price, CONF_FLOOR_PPM)?;
    let side_lots = listing::side_lots(&inputs.accounts);
    let mut makers = Makers::open(&mut backend, side_lots).context("the makers")?;
    let next = warmup::warm_up(&mut backend, lot_exponent, &Calm::around(price, params.sigma_ref_ppm))?;
    backend.refresh(next, price, CONF_FLOOR_PPM)?;
    for (number, account) in inputs.accounts.iter().enumerate() {
        makers
            .hand_over(&mut backend, account.side, account.lots, account.collateral_micro_usd)
            .with_context(|| format!("opening account {}", number + 1))?;
    }
    if inputs.insurance_micro_usd > 0 {
        backend.donate_insurance(inputs.insurance_micro_usd).context("the insurance fund")?;
    }
    if inputs.has_backstop() {
        backend.create_backstop(LOSS_LINE_PPM, inputs.backstop_micro_usd).context("the backstop")?;
    }
    let capital = ((inputs.settings.open_interest_usd * KEEPER_CAPITAL * 1e6) as u64).min(WALLET_ATOMS);
    for _ in 0..KEEPERS {
        backend.open_account(Role::Keeper, capital).context("the keepers")?;
    }
    take_consents(&mut backend, inputs).context("what the traders agree to")?;
    if inputs.has_macro_index() {
        backend.create_macro_index(&macro_feeds::terms(inputs)).context("the macro index")?;
    }
    Ok(backend)
}

/// Has the traders delegate and opt in who agreed to it, as far as the controls use it.
fn take_consents(backend: &mut impl Backend, inputs: &Inputs) -> Result<()> {
    for (trader, consent) in inputs.consents.iter().enumerate() {
        if inputs.controls.netting && consent.willing {
            backend.delegate_to_keepers(Who::Trader(trader))?;
        }
        if inputs.controls.derisk && consent.opted_in {
            backend.opt_in(Who::Trader(trader))?;
        }
    }
    Ok(())
}

/// Those who hold the open interest until the accounts take it over.
struct Makers {
    long: Vec<Maker>,
    short: Vec<Maker>,
}

struct Maker {
    who: Who,
    lots: u64,
}

impl Makers {
    /// Opens makers who hold `side_lots` on each side, with collateral for all of it.
    fn open(backend: &mut impl Backend, side_lots: u64) -> Result<Self> {
        let mut makers = Self { long: Vec::new(), short: Vec::new() };
        let mut left = side_lots;
        while left > 0 {
            let lots = left.min(MAX_LEG_LOTS);
            let deposit = notional_ceil(lots, backend.books().market.mark).map_err(refused)?.saturating_mul(2);
            let long = backend.open_account(Role::Maker, deposit)?;
            let short = backend.open_account(Role::Maker, deposit)?;
            done(trade_at_mark(backend, long, short, lots))?;
            makers.long.push(Maker { who: long, lots });
            makers.short.push(Maker { who: short, lots });
            left -= lots;
        }
        Ok(makers)
    }

    /// Opens an account with its collateral, and hands it `lots` of its side.
    fn hand_over(&mut self, backend: &mut impl Backend, side: Side, lots: u64, collateral: u64) -> Result<()> {
        let pieces = match side {
            Side::Long => take(&mut self.long, lots),
            Side::Short => take(&mut self.short, lots),
        };
        let account = backend.open_account(Role::Trader, collateral)?;
        for (maker, piece) in pieces {
            let (buyer, seller) = match side {
                Side::Long => (account, maker),
                Side::Short => (maker, account),
            };
            done(trade_at_mark(backend, buyer, seller, piece))?;
        }
        Ok(())
    }
}

/// Takes lots off the makers of one side, one after the other.
fn take(makers: &mut [Maker], lots: u64) -> Vec<(Who, u64)> {
    let mut left = lots;
    let mut pieces = Vec::new();
    for maker in makers.iter_mut().filter(|maker| maker.lots > 0) {
        let piece = left.min(maker.lots);
        if piece > 0 {
            maker.lots -= piece;
            left -= piece;
            pieces.push((maker.who, piece));
        }
    }
    pieces
}

/// A fill at the mark.
pub fn trade_at_mark(backend: &mut impl Backend, buyer: Who, seller: Who, lots: u64) -> Attempt<FillReport> {
    let price = backend.books().market.mark;
    backend.settle_trade(buyer, seller, Fill { lots, price })
}

/// An act that nothing should refuse.
fn done<T>(attempt: Attempt<T>) -> Result<T> {
    match attempt? {
        Ok(report) => Ok(report),
        Err(reason) => bail!("the program refuses: {reason:?}"),
    }
}
