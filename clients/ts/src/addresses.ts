// Program-derived addresses, as `breakwater-sdk` derives them (sdk/src/address.rs); a test compares the two.

import { PublicKey } from "@solana/web3.js";
import idl from "../../../idl/breakwater.json" with { type: "json" };

/** The program. */
export const PROGRAM_ID = new PublicKey(idl.address);
/** Pyth's receiver, which owns verified price updates: the one deployed since August 2026. */
export const PYTH_RECEIVER = new PublicKey("rec2HHDDnjLfj4kE7VyEtFA1HPGQLK33259532cRyHp");
/** Pyth's push oracle, which writes sponsored feeds to accounts at fixed addresses. */
export const PYTH_PUSH_ORACLE = new PublicKey("pyt2F414BA6dPttK6RddPZUdHfapoBN24GL5wbrPCou");

const u16 = (value: number): Buffer => {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new RangeError(`${value} is not within 0 and 65535`);
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};

const derive = (seeds: Buffer[], program = PROGRAM_ID): PublicKey =>
  PublicKey.findProgramAddressSync(seeds, program)[0];

const seed = (name: string, ...keys: PublicKey[]): Buffer[] => [Buffer.from(name), ...keys.map((key) => key.toBuffer())];

/** The exchange of a creator's id. */
export const exchangeAddress = (creator: PublicKey, id: number) => derive([...seed("exchange", creator), u16(id)]);
/** The vault of an exchange. */
export const vaultAddress = (exchange: PublicKey) => derive(seed("vault", exchange));
/** The insurance fund of an exchange. */
export const insuranceAddress = (exchange: PublicKey) => derive(seed("insurance", exchange));
/** The backstop of an exchange. */
export const backstopAddress = (exchange: PublicKey) => derive(seed("backstop", exchange));
/** The margin account of an exchange's backstop. */
export const backstopAccountAddress = (exchange: PublicKey) =>
  marginAccountAddress(exchange, backstopAddress(exchange), 0);
/** The macro index of an exchange. */
export const macroIndexAddress = (exchange: PublicKey) => derive(seed("macro", exchange));
/** An owner's stake in a pool: the insurance fund or the backstop. */
export const stakeAddress = (pool: PublicKey, owner: PublicKey) => derive(seed("stake", pool, owner));
/** The proposal to change a market's parameters. */
export const paramsProposalAddress = (market: PublicKey) => derive(seed("params", market));
/** The market of an index. */
export const marketAddress = (exchange: PublicKey, index: number) => derive([...seed("market", exchange), u16(index)]);
/** The margin account of an owner's sub-account. */
export const marginAccountAddress = (exchange: PublicKey, owner: PublicKey, subId: number) =>
  derive([...seed("margin", exchange, owner), u16(subId)]);
/** The registration of a matching program's signer. */
export const venueAddress = (exchange: PublicKey, signer: PublicKey) => derive(seed("venue", exchange, signer));
/** The account that carries a Pyth feed, of one of the push oracle's shards; sponsored feeds are in shard 0. */
export const pythFeedAddress = (feedId: Uint8Array, shard = 0) =>
  derive([u16(shard), Buffer.from(feedId)], PYTH_PUSH_ORACLE);
