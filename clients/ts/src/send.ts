// Sends a transaction and follows it by its status, not by a subscription: a node that confirms faster than it takes a
// subscription would be waited for in vain.

import type { AnchorProvider } from "@anchor-lang/core";
import { type Signer, Transaction, type TransactionInstruction } from "@solana/web3.js";

/** Milliseconds between two looks at a transaction's status. */
const LOOK_EVERY_MS = 250;

/** Sends instructions signed by the provider's wallet and `signers`; returns the signature once it is confirmed. Throws if the
 * simulation or the transaction fails, or if its blockhash expires without it: then nothing was changed. */
export async function sendAndFollow(
  provider: AnchorProvider,
  instructions: TransactionInstruction[],
  signers: Signer[] = [],
): Promise<string> {
  const { connection, wallet } = provider;
  const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash("confirmed");
  const transaction = new Transaction({ feePayer: wallet.publicKey, blockhash, lastValidBlockHeight }).add(...instructions);
  if (signers.length > 0) transaction.partialSign(...signers);
  const signed = await wallet.signTransaction(transaction);
  const signature = await connection.sendRawTransaction(signed.serialize(), { preflightCommitment: "confirmed" });
  for (;;) {
    const { value } = await connection.getSignatureStatus(signature);
    if (value?.err) throw new Error(`transaction ${signature} failed: ${JSON.stringify(value.err)}`);
    if (value?.confirmationStatus === "confirmed" || value?.confirmationStatus === "finalized") return signature;
    if (!value && !(await connection.isBlockhashValid(blockhash, { commitment: "processed" })).value) {
      throw new Error(`transaction ${signature} did not land before its blockhash expired; nothing was changed by it`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
