//! The cascade simulator: replays recorded crashes minute by minute, lets forced closes push the price back, and
//! measures what each engine did to the market, to its accounts and to its insurance.
//!
//! `minutes` → `scenario` → `path` give the recorded price; `population` and `entrants` the accounts; `depth` and `impact` the market's
//! answer to forced flow. An engine (`breakwater_engine`, `baselines`) turns `inputs::Inputs` into an `outcome::Outcome`; `compare` runs many of
//! them, with `controls` on and off, `tune` searches for parameters, `drought` asks whether
//! everybody can leave after the worst days; `report` and `cli` show it. Floats are allowed here: this is the measuring instrument, not the engine.

pub mod bank;
pub mod baselines;
pub mod breakwater_engine;
pub mod cli;
pub mod companions;
pub mod compare;
pub mod consents;
pub mod controls;
pub mod depth;
pub mod drought;
pub mod engines;
pub mod entrants;
pub mod format;
pub mod impact;
pub mod inputs;
pub mod listing;
pub mod live;
pub mod lots;
pub mod minutes;
pub mod outcome;
pub mod path;
pub mod population;
pub mod progress;
pub mod report;
pub mod scenario;
pub mod stage;
pub mod streams;
pub mod table;
pub mod tune;
pub mod utc;
