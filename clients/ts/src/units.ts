// Exact conversion between what people read and what the program stores. No figure passes a floating-point number.

/** Prices are quote atoms per lot times this. */
export const PRICE_SCALE = 1_000_000n;

/** Atoms of a decimal text: `toAtoms("1.5", 6) = 1500000n`. Throws on anything that is no number or has more digits. */
export function toAtoms(text: string, decimals: number): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text.replaceAll(/[ _]/g, ""));
  if (!match) throw new RangeError(`${text} is no amount`);
  const [, whole = "0", fraction = ""] = match;
  if (fraction.length > decimals) throw new RangeError(`${text} has more than ${decimals} decimals`);
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

/** The decimal text of atoms, without trailing zeros: `fromAtoms(1500000n, 6) = "1.5"`. */
export function fromAtoms(atoms: bigint, decimals: number): string {
  const [sign, digits] = atoms < 0n ? ["-", (-atoms).toString()] : ["", atoms.toString()];
  const padded = digits.padStart(decimals + 1, "0");
  const whole = padded.slice(0, padded.length - decimals);
  const fraction = decimals === 0 ? "" : padded.slice(-decimals).replace(/0+$/, "");
  return sign + whole + (fraction === "" ? "" : `.${fraction}`);
}

/** Lots of a decimal number of base tokens; a lot is 10^lotExponent of them, the exponent not above 0. */
export function toLots(text: string, lotExponent: number): bigint {
  const [sign, size] = text.startsWith("-") ? [-1n, text.slice(1)] : [1n, text];
  return sign * toAtoms(size, -lotExponent);
}

/** The decimal number of base tokens of lots. */
export function fromLots(lots: bigint, lotExponent: number): string {
  return fromAtoms(lots, -lotExponent);
}

/** The program's price (quote atoms per lot × 10^6) of a decimal price per base token. Throws where it is not exact. */
export function toPrice(text: string, lotExponent: number, quoteDecimals: number): bigint {
  // price = text · 10^quoteDecimals · 10^lotExponent · 10^6
  return toAtoms(text, quoteDecimals + lotExponent + 6);
}

/** The decimal price per base token of the program's price. */
export function fromPrice(price: bigint, lotExponent: number, quoteDecimals: number): string {
  return fromAtoms(price, quoteDecimals + lotExponent + 6);
}
