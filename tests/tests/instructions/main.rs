//! Every instruction by itself: its good path, and each refusal with its exact error. `World::send` checks after
//! every transaction that the identities hold and that a refused one changed nothing.

mod accounts;
mod approvals;
mod convert_profit;
mod create_market;
mod deleverage;
mod deposit;
mod donate_sweep_collect;
mod error_codes;
mod events;
mod exchange;
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
mod support;
mod vault;
mod withdraw;
