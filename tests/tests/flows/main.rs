//! What the program does in sequence: liquidation, profit, deleveraging, bankruptcy. One binary; refusals of single
//! instructions are in `instructions`.

mod abuse;
mod bankruptcy;
mod charges;
mod constant_cost;
mod deleveraging;
mod derisk_abuse;
mod feeds;
mod flow_meter;
mod funding;
mod keepers;
mod lagging;
mod leaving;
mod listing;
mod liveness;
mod liveness_pools;
mod liveness_states;
mod macro_crash;
mod many_markets;
mod mass_failure;
mod outflow;
mod peers_cadence;
mod peers_failures;
mod peers_safety;
mod played;
mod pools;
mod pools_losses;
mod profit;
mod scene;
mod settling;
mod sixteen_legs;
mod slices;
