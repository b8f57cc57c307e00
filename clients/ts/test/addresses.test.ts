import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PublicKey } from "@solana/web3.js";
import * as client from "../src/addresses.ts";

// Checked by sdk/tests/addresses.rs against the Rust SDK.
const golden = JSON.parse(readFileSync(new URL("addresses.json", import.meta.url), "utf8"));

test("addresses are those of the Rust SDK", () => {
  const owner = new PublicKey(golden.owner);
  const exchange = client.exchangeAddress(owner, 7);
  const derived = {
    owner: owner.toBase58(),
    program: client.PROGRAM_ID.toBase58(),
    exchange: exchange.toBase58(),
    vault: client.vaultAddress(exchange).toBase58(),
    insurance: client.insuranceAddress(exchange).toBase58(),
    backstop: client.backstopAddress(exchange).toBase58(),
    backstop_account: client.backstopAccountAddress(exchange).toBase58(),
    macro_index: client.macroIndexAddress(exchange).toBase58(),
    stake: client.stakeAddress(client.insuranceAddress(exchange), owner).toBase58(),
    market: client.marketAddress(exchange, 300).toBase58(),
    params_proposal: client.paramsProposalAddress(client.marketAddress(exchange, 300)).toBase58(),
    margin_account: client.marginAccountAddress(exchange, owner, 2).toBase58(),
    venue: client.venueAddress(exchange, owner).toBase58(),
    pyth_feed: client.pythFeedAddress(new Uint8Array(32).fill(7), 1).toBase58(),
    pyth_receiver: client.PYTH_RECEIVER.toBase58(),
  };
  assert.deepEqual(derived, golden);
});

test("an index beyond 16 bits is refused", () => {
  assert.throws(() => client.exchangeAddress(client.PROGRAM_ID, 65_536), RangeError);
});
