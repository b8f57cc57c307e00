// Against a chain with a deployed exchange: `BREAKWATER_RPC_URL` says where, `ANCHOR_WALLET` who created it, pays and holds the
// collateral.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AnchorProvider } from "@anchor-lang/core";
import { getAccount, getAssociatedTokenAddressSync, TOKEN_PROGRAM_ID } from "@solana/spl-token";
import { SystemProgram } from "@solana/web3.js";
import BN from "bn.js";
import * as client from "../src/index.ts";

const url = process.env.BREAKWATER_RPC_URL;
const skip = url ? false : "BREAKWATER_RPC_URL is not set";

const connect = () => AnchorProvider.local(url ?? "", { commitment: "confirmed" });

test("an account is opened, paid into, read, paid out and closed", { skip }, async () => {
  const provider = connect();
  const program = client.breakwater(provider);
  const owner = provider.wallet.publicKey;
  const exchange = client.exchangeAddress(owner, 0);
  const { quoteMint, marketCount, quoteDecimals } = await program.account.exchange.fetch(exchange);
  const subId = 40_000 + Math.floor(Math.random() * 20_000);
  const account = client.marginAccountAddress(exchange, owner, subId);
  const token = getAssociatedTokenAddressSync(quoteMint, owner);
  const vault = client.vaultAddress(exchange);
  const amount = client.toAtoms("12.345678", quoteDecimals);
  const before = (await getAccount(provider.connection, token, "confirmed")).amount;
  const transfer = { exchange, account, quoteMint, vault, tokenProgram: TOKEN_PROGRAM_ID };

  const open = program.methods
    .openAccount(subId)
    .accountsStrict({ payer: owner, owner, exchange, account, systemProgram: SystemProgram.programId });
  const deposit = program.methods
    .deposit(new BN(amount.toString()))
    .accountsStrict({ ...transfer, depositor: owner, source: token });
  await client.sendAndFollow(provider, [await open.instruction(), await deposit.instruction()]);

  const opened = await program.account.marginAccount.fetch(account, "confirmed");
  assert.equal(opened.state.capitalAtoms.toString(), amount.toString());
  assert.ok(opened.owner.equals(owner));
  assert.equal((await getAccount(provider.connection, token, "confirmed")).amount, before - amount);

  const first = await program.account.market.fetch(client.marketAddress(exchange, 0), "confirmed");
  assert.ok(marketCount >= 1 && first.state.params.maintenanceBasePpm > 0);

  const withdraw = program.methods
    .withdraw(new BN(amount.toString()))
    .accountsStrict({ ...transfer, owner, destination: token });
  const close = program.methods.closeAccount().accountsStrict({ owner, account });
  await client.sendAndFollow(provider, [await withdraw.instruction(), await close.instruction()]);
  assert.equal((await getAccount(provider.connection, token, "confirmed")).amount, before);
  assert.equal(await provider.connection.getAccountInfo(account), null);
});

test("the program's refusal comes with its name", { skip }, async () => {
  const provider = connect();
  const program = client.breakwater(provider);
  const pendingAuthority = provider.wallet.publicKey;
  const accept = program.methods.acceptAuthority().accountsStrict({ pendingAuthority, exchange: client.exchangeAddress(pendingAuthority, 0) });
  await assert.rejects(client.sendAndFollow(provider, [await accept.instruction()]), /NotPendingAuthority/);
});
