//! Owns what every engine is given: the same walk, the same accounts, the same market.

use anyhow::{ensure, Result};

use breakwater_risk::MarketParams;

use crate::{
    companions::{self, Companion},
    consents::{self, Consent},
    depth::TrueDepth,
    entrants::{self, Entrant},
    listing,
    lots::LotScale,
    path::{self, Sample},
    population::{self, Account, Census},
    scenario::Scenario,
};

/// Share of the open interest that the engine's depth may be (RISK section 5).
const DEPTH_SHARE_OF_OPEN_INTEREST: f64 = 0.02;
/// A depth in which every forced close drowns, USD.
const BOTTOMLESS_USD: f64 = 1e30;
/// Insurance at the beginning, as a share of the open interest, unless the user chooses.
pub const INSURANCE_SHARE: f64 = 0.01;
/// Capital of the backstop, as a share of the open interest, unless the user chooses (RISK section 5).
pub const BACKSTOP_SHARE: f64 = 0.08;
/// Most that one wallet of the replay can pay, micro-dollars.
const PURSE_MICRO_USD: u64 = crate::stage::WALLET_ATOMS;

/// What the user chooses beside the scenario.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Decides every random choice.
    pub seed: u64,
    /// Number of accounts.
    pub accounts: usize,
    /// Open interest of one side at the first price, USD.
    pub open_interest_usd: f64,
    /// Depth at 10 bp in calm, USD.
    pub calm_depth_usd: f64,
    /// Capital that liquidity providers give to the backstop, USD; 0 = there is none.
    pub backstop_usd: f64,
    /// Insurance at the beginning, USD.
    pub insurance_usd: f64,
    /// Seconds between two published prices, in [`path::STEPS_S`].
    pub step_s: u64,
    /// Number of those who come in the course of the replay and want a position.
    pub entrants: usize,
    /// Share of the traders whose accounts keepers may let take slices that bring them closer to flat, 0 to 1.
    pub willing_share: f64,
    /// Share of the traders that are opted in to predictive closes from the start, 0 to 1.
    pub opted_in_share: f64,
}

/// Switches of Breakwater's layers that are not parameters of a market; on unless a run turns them off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Controls {
    /// Whether there is a backstop where the inputs give it capital.
    pub backstop: bool,
    /// Whether keepers take slices; without, failing accounts wait for the lines of the backstop and of deleveraging.
    pub slices: bool,
    /// Whether the flow meter limits what is sold into the market; without, depth and footprints are counted as ever.
    pub flow_limited: bool,
    /// Whether the maintenance rate is damped; without, it follows the fast volatility at once.
    pub damped: bool,
    /// Whether keepers let willing accounts take what brings them closer to flat.
    pub netting: bool,
    /// Whether keepers close parts of accounts at risk before they fail; without, nobody is opted in.
    pub derisk: bool,
    /// Whether keepers register legs anew in the liquidation ladder, and measure the cascade ratios.
    pub ladder: bool,
    /// Whether the exchange has a macro index where the inputs have companions.
    pub macro_index: bool,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            backstop: true,
            slices: true,
            flow_limited: true,
            damped: true,
            netting: true,
            derisk: true,
            ladder: true,
            macro_index: true,
        }
    }
}

/// One replay, before any engine ran.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The recorded minutes.
    pub scenario: Scenario,
    /// The user's choices.
    pub settings: Settings,
    /// The walk through the minutes; never empty.
    pub samples: Vec<Sample>,
    /// The market's lot.
    pub scale: LotScale,
    /// The accounts; all entered at [`Inputs::entry_price`].
    pub accounts: Vec<Account>,
    /// What the market carries; each engine makes its own `Impact` of a clone.
    pub depth: TrueDepth,
    /// Capital of the backstop at the beginning, micro-dollars; 0 = there is none.
    pub backstop_micro_usd: u64,
    /// Insurance at the beginning, micro-dollars.
    pub insurance_micro_usd: u64,
    /// Parameters of Breakwater's market. The pure model takes any, the program only those that it validates.
    pub params: MarketParams,
    /// Breakwater's layers that are on.
    pub controls: Controls,
    /// Those who come in the course of the replay, in order of time.
    pub entrants: Vec<Entrant>,
    /// What the accounts have agreed to, in their order.
    pub consents: Vec<Consent>,
    /// Other markets whose prices are published too; they make up the macro index with the market's own.
    pub companions: Vec<Companion>,
}

impl Inputs {
    /// Prepares a replay; the error says which setting is out of range.
    pub fn new(scenario: Scenario, settings: Settings) -> Result<Self> {
        let step_s = settings.step_s;
        ensure!(
            path::STEPS_S.contains(&step_s),
            "the prices must be {} to {} seconds apart, not {step_s}",
            path::STEPS_S.start(),
            path::STEPS_S.end()
        );
        let price = scenario.first_price();
        let census = Census {
            seed: settings.seed,
            accounts: settings.accounts,
            open_interest_usd: settings.open_interest_usd,
            price,
            depth_usd: settings.calm_depth_usd.min(DEPTH_SHARE_OF_OPEN_INTEREST * settings.open_interest_usd),
        };
        let accounts = population::draw(&census)?;
        let length_s = scenario.end_unix_s().abs_diff(scenario.start_unix_s());
        Ok(Self {
            params: listing::params(&settings, &accounts),
            controls: Controls::default(),
            consents: consents::draw(settings.seed, accounts.len(), settings.willing_share, settings.opted_in_share)?,
            companions: Vec::new(),
            entrants: entrants::draw(settings.seed, settings.entrants, length_s, &accounts),
            accounts,
            samples: path::walk(&scenario.minutes, settings.step_s)?,
            scale: LotScale::at_listing(price),
            depth: TrueDepth::of(&scenario.minutes, settings.calm_depth_usd),
            backstop_micro_usd: purse("the backstop's capital", settings.backstop_usd)?,
            insurance_micro_usd: purse("the insurance", settings.insurance_usd)?,
            scenario,
            settings,
        })
    }

    /// The same replay with these other markets beside it. Errors: more than an index takes, one of another time.
    pub fn with_companions(self, others: &[Scenario]) -> Result<Self> {
        companions::check_count(others.len())?;
        let companions = others.iter().map(|other| Companion::of(other, &self.scenario));
        Ok(Self { companions: companions.collect::<Result<_>>()?, ..self })
    }

    /// The same replay in a market that no forced close moves: what the recorded path alone does.
    pub fn recorded_path_alone(&self) -> Self {
        Self { depth: TrueDepth::of(&[], BOTTOMLESS_USD), ..self.clone() }
    }

    /// Whether Breakwater has a backstop.
    pub fn has_backstop(&self) -> bool {
        self.controls.backstop && self.backstop_micro_usd > 0
    }

    /// Whether Breakwater's exchange has a macro index.
    pub fn has_macro_index(&self) -> bool {
        self.controls.macro_index && !self.companions.is_empty()
    }

    /// Price at which every account entered, micro-dollars per base token.
    pub fn entry_price(&self) -> u64 {
        self.scenario.first_price()
    }
}

/// An amount that somebody pays in at the beginning, micro-dollars.
fn purse(what: &str, usd: f64) -> Result<u64> {
    let most_usd = PURSE_MICRO_USD as f64 / 1e6;
    ensure!((0.0..=most_usd).contains(&usd), "{what} must be $0 to ${most_usd:.0}, not ${usd}");
    Ok((usd * 1e6) as u64)
}
