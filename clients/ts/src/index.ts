// TypeScript client of Breakwater: the program's interface with its types, addresses and units. No formula of its own: what an
// account is worth, and what would happen to it, is said by `breakwater-sdk` and by the command line.

import { type AnchorProvider, Program } from "@anchor-lang/core";
import idl from "../../../idl/breakwater.json" with { type: "json" };
import type { Breakwater } from "./idl.ts";

export * from "./addresses.ts";
export * from "./send.ts";
export * from "./units.ts";
export type { Breakwater };

/** The interface as JSON. */
export const IDL = idl as unknown as Breakwater;

/** The program behind a provider. */
export const breakwater = (provider: AnchorProvider): Program<Breakwater> =>
  new Program<Breakwater>(IDL, provider);
