//! Keeper bot of Breakwater.
//!
//! Data flows one way: [`feed`] brings accounts and prices into the [`world`]; [`watch`] says which accounts matter;
//! [`plan`], which is pure, says what would succeed now and what it is worth; [`pick`] leaves what this keeper should do
//! among others; [`sender`] carries it out and reports back. [`run`] owns all state and is the only place that changes it, so
//! that nothing is locked and a restart loses nothing: whatever a keeper knows, it has read from the chain.

pub mod config;
pub mod feed;
pub mod hedge;
pub mod hermes;
pub mod http;
pub mod metrics;
pub mod pick;
pub mod plan;
pub mod price;
pub mod run;
pub mod sender;
pub mod table;
pub mod watch;
pub mod world;
