//! Every instruction by itself: its good path, and each refusal with its exact error. `World::send` checks after
//! every transaction that the identities hold and that a refused one changed nothing.

mod absorb;
mod absorb_partly;
mod accounts;
mod approvals;
mod backstop_first;
mod backstop_stakes;
mod convert_profit;
mod create_backstop;
mod create_market;
mod deleverage;
mod deposit;
mod donate_sweep_collect;
mod error_codes;
mod events;
mod exchange;
mod insurance_stakes;
mod layout;
mod legacy_price;
mod liquidate;
mod mints;
mod net_ring;
mod outflow;
mod pay_debt;
mod receivers;
mod refresh;
mod resolve;
mod restart;
mod settle_account;
mod settle_trade;
mod settle_trade_accounts;
mod stakes;
mod support;
mod unwind;
mod vault;
mod withdraw;
