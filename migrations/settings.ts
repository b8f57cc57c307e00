// The settings of a deployment: exchange.toml with its market files, checked before anything is sent. What a parameter may be is
// said by `breakwater market check`; what is checked here is that each field can be read at all.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { PublicKey } from "@solana/web3.js";
import { parse } from "smol-toml";
import { z } from "zod";

export type Cluster = "localnet" | "devnet" | "mainnet";

/** Genesis hashes of the public clusters. */
const GENESIS: Record<string, Cluster> = {
  "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d": "mainnet",
  EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG: "devnet",
};
/** Receiver programs that an exchange has places for. */
export const RECEIVERS = 4;

const isAddress = (text: string): boolean => {
  try {
    return new PublicKey(text).toBase58() === text;
  } catch {
    return false;
  }
};
const address = z.string().refine(isAddress, "is no address");
const amount = z.string().regex(/^\d+(\.\d+)?$/, "is no amount");
const u32 = z.int().min(0).max(2 ** 32 - 1);
const distinct = (list: string[]): boolean => new Set(list).size === list.length;

const Settings = z.strictObject({
  creator: z.literal("").or(address),
  id: z.int().min(0).max(2 ** 16 - 1),
  receivers: z.array(address).min(1).max(RECEIVERS).refine(distinct, "names a program twice"),
  outflow_window_seconds: u32,
  outflow_limit_ppm: u32,
  outflow_guaranteed: amount,
  backstop_loss_line_ppm: u32,
  markets: z.array(z.string().min(1)).min(1).refine(distinct, "names a file twice"),
  market_seed: amount,
  market_bond: amount,
  venues: z.array(address).refine(distinct, "names a venue twice"),
  new_authority: z.literal("").or(address),
  quote_mint: z.strictObject({ localnet: z.literal("create").or(address), devnet: address, mainnet: address }),
});
export type Settings = z.infer<typeof Settings>;

/** A market file as `breakwater market check` has accepted it. */
export interface CheckedMarket {
  file: string;
  feed_id: string;
  lot_exponent: number;
  params_hex: string;
}

export const fail = (text: string): never => {
  throw new Error(text);
};

/** Reads settings. Throws with the name of each field that is missing, unknown or not what it must be. */
export function readSettings(file: string): Settings {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    return fail(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  const read = Settings.safeParse(content);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": "));
  return fail(`${file}: ${issues.join("; ")}`);
}

/** The markets of the settings, checked by the command-line tool: the rules are in one place. */
export function checkMarkets(settings: Settings, settingsFile: string): CheckedMarket[] {
  const files = settings.markets.map((file) => resolve(dirname(settingsFile), file));
  const tool = process.env.BREAKWATER_CLI;
  const [command, first] = tool ? [tool, []] : ["cargo", ["run", "--quiet", "--locked", "-p", "breakwater-cli", "--"]];
  let checked: CheckedMarket[];
  try {
    const options = { cwd: dirname(__dirname), encoding: "utf8" } as const;
    checked = JSON.parse(execFileSync(command, [...first, "market", "check", "--json", ...files], options));
  } catch (error) {
    // The tool has said on stderr what is wrong.
    return fail(`the market files were not accepted: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
  }
  checked = checked.map((market, place) => ({ ...market, file: settings.markets[place] ?? market.file }));
  for (const [place, market] of checked.entries()) {
    const twin = checked.slice(0, place).find((other) => other.feed_id === market.feed_id);
    if (twin) fail(`${twin.file} and ${market.file} are of one feed, ${market.feed_id}`);
  }
  return checked;
}

/** The cluster behind a URL by its genesis hash; an unknown one is a local chain only at a loopback address. */
export function clusterOf(genesis: string, url: string): Cluster {
  const known = GENESIS[genesis];
  if (known) return known;
  const { hostname } = new URL(url);
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
  if (isLoopback) return "localnet";
  return fail(`${url} is neither mainnet nor devnet (its genesis hash is ${genesis}), nor on this machine`);
}
