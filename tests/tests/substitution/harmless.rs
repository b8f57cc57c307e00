//! What may go through, and why. A row that nothing meets any more fails the test.

use crate::attempts::{Attempt, Kind};

/// What an instruction with another account does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// To the last byte what the right one does.
    Same,
    /// It is a right instruction itself, for another account.
    Own,
}

/// A kind of substitution that is not refused, or not always.
#[derive(Debug, PartialEq, Eq)]
pub struct Harmless {
    instruction: &'static str,
    account: &'static str,
    kind: Kind,
    /// What it does.
    pub effect: Effect,
    reason: &'static str,
}

impl Harmless {
    /// Whether the row is about an attempt on an instruction.
    pub fn covers(&self, instruction: &str, attempt: &Attempt) -> bool {
        (self.instruction, self.account, self.kind) == (instruction, attempt.account.as_str(), attempt.kind)
    }
}

const PAYER: &str = "whoever signs may pay the rent";
const AUTHORITY_OF_BOTH: &str = "both exchanges have this authority";
const OWN_ACCOUNT: &str = "it is the signer's own account";
const OWN_TOKENS: &str = "it is the signer's own token account of the quote mint";
const OTHER_LEG: &str = "the account has a leg in the other market, too, with which the same may be done";
const ANY_OUTDATED: &str = "anyone extends any account of an earlier layout (X-5)";
const ONLY_NOTES: &str = "the first call only notes what the second one pays, and moves no tokens (O-16)";
const PADDED_PRICE: &str = "a price ends before its account does";

const fn row(
    instruction: &'static str,
    account: &'static str,
    kind: Kind,
    effect: Effect,
    reason: &'static str,
) -> Harmless {
    Harmless { instruction, account, kind, effect, reason }
}

/// All of them.
pub const HARMLESS: [Harmless; 61] = [
    row("accept_authority", "exchange", Kind::OtherExchange, Effect::Own, AUTHORITY_OF_BOTH),
    row("apply_receivers", "exchange", Kind::OtherExchange, Effect::Own, "anyone applies what is due anywhere (X-4)"),
    row("revoke_receiver", "exchange", Kind::OtherExchange, Effect::Own, AUTHORITY_OF_BOTH),
    row("close_account", "account", Kind::OtherExchange, Effect::Own, OWN_ACCOUNT),
    row("measure_cascade", "market", Kind::OtherExchange, Effect::Own, "anyone measures any market (U-16)"),
    row("initialize_exchange", "payer", Kind::OtherOwner, Effect::Own, PAYER),
    row("initialize_exchange", "payer", Kind::Twice, Effect::Own, PAYER),
    row("initialize_exchange", "quote_mint", Kind::OtherInstance, Effect::Own, "the founder chooses the mint"),
    row("propose_authority", "exchange", Kind::OtherExchange, Effect::Own, AUTHORITY_OF_BOTH),
    row("propose_receivers", "exchange", Kind::OtherExchange, Effect::Own, AUTHORITY_OF_BOTH),
    row("create_market", "source", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("open_account", "payer", Kind::OtherOwner, Effect::Own, PAYER),
    row("open_account", "payer", Kind::Twice, Effect::Own, PAYER),
    row("set_delegate", "account", Kind::OtherExchange, Effect::Own, OWN_ACCOUNT),
    row("approve_venue", "venue", Kind::OtherInstance, Effect::Own, "an owner approves any venue (V-3)"),
    row("set_derisk", "account", Kind::OtherExchange, Effect::Own, OWN_ACCOUNT),
    row("extend_account", "payer", Kind::OtherOwner, Effect::Own, PAYER),
    row("extend_account", "account", Kind::OtherExchange, Effect::Own, ANY_OUTDATED),
    row("extend_account", "account", Kind::OtherOwner, Effect::Own, ANY_OUTDATED),
    row(
        "extend_account",
        "account",
        Kind::Cut,
        Effect::Own,
        "what is shorter is extended by more (X-5); the program never shortens an account",
    ),
    row("deposit", "account", Kind::OtherInstance, Effect::Own, "anyone may deposit into any account (W-3)"),
    row("deposit", "account", Kind::OtherOwner, Effect::Own, "anyone may deposit into any account (W-3)"),
    row("deposit", "source", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("withdraw", "account", Kind::OtherInstance, Effect::Own, OWN_ACCOUNT),
    row("withdraw", "destination", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("donate_insurance", "source", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("donate_reserve", "market", Kind::OtherInstance, Effect::Own, "anyone gives to any market (I-6)"),
    row("donate_reserve", "source", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("cover_unfunded", "source", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("sweep_market", "market", Kind::OtherInstance, Effect::Own, "anyone sweeps any market (I-2)"),
    row("collect_fees", "destination", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row(
        "refresh_market",
        "price_account",
        Kind::OtherInstance,
        Effect::Same,
        "a price is that of its feed, whichever account carries it (P-10)",
    ),
    row("refresh_market", "price_account", Kind::Cut, Effect::Same, PADDED_PRICE),
    row(
        "refresh_market",
        "macro_index",
        Kind::Cut,
        Effect::Same,
        "what is no index counts as none (M-11); the program never shortens an account",
    ),
    row("refresh_macro", "remaining", Kind::Cut, Effect::Same, PADDED_PRICE),
    row(
        "refresh_macro",
        "remaining",
        Kind::Missing,
        Effect::Own,
        "one to eight prices, in several calls or in one (M-6)",
    ),
    row("settle_trade", "buyer", Kind::Swapped, Effect::Own, "the venue matches who buys and who sells"),
    row(
        "settle_trade",
        "market",
        Kind::Swapped,
        Effect::Own,
        "the fill is one in the other market, whose mark is the same",
    ),
    row("touch", "market", Kind::Swapped, Effect::Own, OTHER_LEG),
    row("touch", "account", Kind::OtherOwner, Effect::Own, "anyone touches any account (U-15)"),
    row("measure_cascade", "market", Kind::OtherInstance, Effect::Own, "anyone measures any market (U-16)"),
    row("convert_profit", "market", Kind::Swapped, Effect::Own, OTHER_LEG),
    row(
        "net_ring",
        "first",
        Kind::OtherOwner,
        Effect::Own,
        "another account without cash that waits for the same one (S-4)",
    ),
    row("settle_account", "account", Kind::OtherInstance, Effect::Own, "anyone settles any account (S-1)"),
    row("settle_account", "account", Kind::OtherOwner, Effect::Own, "anyone settles any account (S-1)"),
    row("flag", "market", Kind::Swapped, Effect::Same, "any market of the account with a fresh price serves (Q-2)"),
    row("flag", "account", Kind::OtherOwner, Effect::Own, "anyone flags any account that fails (Q-2)"),
    row("liquidate", "account", Kind::OtherOwner, Effect::Own, "a slice of another account that fails (Q-3)"),
    row("absorb", "market", Kind::Swapped, Effect::Own, OTHER_LEG),
    row("absorb", "account", Kind::OtherOwner, Effect::Own, "another account below the line of the backstop (O-6)"),
    row("deleverage", "account", Kind::OtherOwner, Effect::Own, "another critical account (D-1)"),
    row("open_stake", "payer", Kind::OtherOwner, Effect::Own, PAYER),
    row("stake_insurance", "source", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("unstake_insurance", "destination", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("unstake_insurance", "vault", Kind::Cut, Effect::Same, ONLY_NOTES),
    row("unstake_insurance", "token_program", Kind::OtherType, Effect::Same, ONLY_NOTES),
    row("stake_backstop", "source", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("unstake_backstop", "destination", Kind::OtherInstance, Effect::Own, OWN_TOKENS),
    row("unstake_backstop", "vault", Kind::Cut, Effect::Same, ONLY_NOTES),
    row("unstake_backstop", "token_program", Kind::OtherType, Effect::Same, ONLY_NOTES),
    row("unwind", "market", Kind::Swapped, Effect::Own, "the backstop holds lots in the other market, too (O-13)"),
];
