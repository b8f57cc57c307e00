import assert from "node:assert/strict";
import { test } from "node:test";
import { fromAtoms, fromLots, fromPrice, toAtoms, toLots, toPrice } from "../src/units.ts";

test("amounts go there and back", () => {
  for (const [text, atoms] of [["0", 0n], ["1.5", 1_500_000n], ["0.000001", 1n], ["12345678901234.567891", 12_345_678_901_234_567_891n]] as const) {
    assert.equal(toAtoms(text, 6), atoms);
    assert.equal(fromAtoms(atoms, 6), text);
  }
  assert.equal(fromAtoms(-1_500_000n, 6), "-1.5");
  assert.equal(fromAtoms(7n, 0), "7");
  assert.equal(toAtoms("1 000_000.25", 2), 100_000_025n);
});

test("what is no amount is refused", () => {
  for (const text of ["", "-1", "1.", ".5", "1e6", "0.0000001", "1,5"]) assert.throws(() => toAtoms(text, 6), RangeError, text);
});

test("a SOL lot is 10^-5 SOL and its price is in atoms per lot times a million", () => {
  assert.equal(toLots("-2.5", -5), -250_000n);
  assert.equal(fromLots(-250_000n, -5), "-2.5");
  assert.equal(toPrice("203.8", -5, 6), 2_038_000_000n);
  assert.equal(fromPrice(2_038_000_000n, -5, 6), "203.8");
});
